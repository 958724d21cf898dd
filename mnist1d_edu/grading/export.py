"""`mnist1d-edu export`: the lessons as nbgrader and otter-grader take them."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

import mnist1d_edu
from mnist1d_edu.course import build, notebooks, registry
from mnist1d_edu.grading import lessons, personal
from mnist1d_edu.grading.folders import SECRET, Folder

if TYPE_CHECKING:
    from nbformat import NotebookNode

NEEDS = {"nbgrader": ("nbgrader", "grade"), "otter": ("otter", "gradescope")}

CONFIG = '''"""nbgrader's configuration for this course; add what your site needs below."""

from pathlib import Path

from mnist1d_edu.grading import for_nbgrader

c = get_config()  # noqa: F821
for_nbgrader.configure(c, Path(__file__).parent{personal})
'''

NBGRADER = """# The course, for nbgrader

Made by `mnist1d-edu export nbgrader`. Work in this folder, with the environment activated in which
`mnist1d-edu[grade]` is installed (nbgrader starts `alembic`, which it looks for on the PATH).

    nbgrader generate_assignment {first}
    # hand out release/{first}/{first}.ipynb; collect to submitted/STUDENT/{first}/{first}.ipynb
    nbgrader autograde {first}
    nbgrader generate_feedback {first}
    nbgrader export

* `source/` has the solutions, `release/` what students get. Nothing in `release/` tells the inputs
  that grading tries besides the visible ones: they follow from `{secret}`, which is yours alone.
  Keep the whole folder where no student can read it.
* Grading executes no notebook. Each answer is run in a process of its own, with limits on time and
  memory, and the verdict is found outside of it. A submission that cannot be read is logged, and
  gets no points.
* Exporting again brings a newer version of the course, and leaves alone what you have changed.
"""

OTTER = """# The course, for Gradescope (otter-grader)

Made by `mnist1d-edu export otter`: for each lesson the notebook that you hand out, and its
autograder.

Three clicks in Gradescope, once a lesson:

1. **Create Assignment → Programming Assignment**, with the points of the lesson ({points}).
2. **Configure Autograder → Select Autograder (.zip)**: `LESSON/autograder.zip`.
3. **Update Autograder**; when it is built, **Test Autograder** with a notebook.

Students upload the notebook alone. Here, without Gradescope:

    otter run -a {first}/autograder.zip -o results {first}/{first}.ipynb

The zips hold the secret of the hidden inputs (from `{secret}`): keep them from students. The
autograder installs `{package}` with pip.
"""

TEST = '''OK_FORMAT = False

from otter.test_files import test_case

name = "{name}"
points = {points}


@test_case(points={points}, hidden=False)
def test_answer(env):
    state, line = env["mnist1d_edu_marks"]["{name}"]
    assert state == "ok", line
'''


def export(tool: str, folder: str, names: list[str], own: bool = False,
           package: str | None = None) -> list[str]:
    """Write the named lessons (none: all) into `folder` for "nbgrader" or "otter"; a line a file.

    own: each student has data of her own (`personal.py`). package: what an otter autograder
    installs with pip, or a wheel to put into it (default: this version of the course). Raises
    ValueError for a folder that this did not make, a lesson that is not there, a missing extra.
    """
    module, extra = NEEDS[tool]
    if importlib.util.find_spec(module) is None:
        raise ValueError(f'{module} is not installed: pip install "mnist1d-edu[{extra}]"')
    paths = lessons.chosen(names, notebooks.solutions_dir())
    target = Folder(folder, f"export {tool}")
    if tool == "nbgrader":
        return _nbgrader(paths, target, own)
    return _otter(paths, target, own, package or f"mnist1d-edu=={mnist1d_edu.__version__}")


def _nbgrader(paths: list[Path], target: Folder, own: bool) -> list[str]:
    target.secret()
    said = [target.write("nbgrader_config.py", CONFIG.format(
        personal=", personal=True" if own else "")),
        target.write("README.md", NBGRADER.format(first=paths[0].stem, secret=SECRET))]
    for path in paths:
        notebook = _notebook(path, own)
        said.append(target.write(f"source/{path.stem}/{path.name}", notebooks.written(notebook)))
    return said


def _otter(paths: list[Path], target: Folder, own: bool, package: str) -> list[str]:
    secret = target.secret()
    points = ", ".join(f"{p.stem[:2]}: {sum(e.points for e in _exercises(p))}" for p in paths)
    said = [target.write("README.md", OTTER.format(first=paths[0].stem, secret=SECRET,
                                                   points=points, package=package))]
    for path in tqdm(paths, desc="exporting", unit="lesson", delay=1, leave=False):
        student = build.student_version(_notebook(path, own), path.name)
        said.append(target.write(f"{path.stem}/{path.name}", notebooks.written(student)))
        said.append(target.write(f"{path.stem}/autograder.zip", _zip(path, secret, own, package)))
    return said


def _notebook(path: Path, own: bool) -> NotebookNode:
    """A solution without outputs, as nbgrader's source."""
    notebook = build.prepared(notebooks.read(path), path.name)
    return personal.personalised(notebook, path.name[:2]) if own else notebook


def _exercises(path: Path) -> list:
    return list(registry.exercises(path.name[:2]).values())


def _zip(path: Path, secret: str, own: bool, package: str) -> bytes:
    """An autograder as `otter generate` makes it; its files in an order and with dates that make
    two of the same content the same."""
    wheel = Path(package) if package.endswith(".whl") else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "tests").mkdir()
        for i, exercise in enumerate(_exercises(path), 1):
            name = f"{i:02}_{exercise.name.partition('.')[2]}.py"
            (folder / "tests" / name).write_text(TEST.format(
                name=exercise.name, points=exercise.points), encoding="utf-8")
        config = {"show_all_public": True, "plugins": [{"mnist1d_edu.grading.for_otter.Judge": {
            "lesson": path.name[:2], "secret": secret, "personal": own}}]}
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        files = []
        if wheel:
            (folder / wheel.name).write_bytes(wheel.read_bytes())
            files = [wheel.name]
            package = f"mnist1d-edu @ file:///autograder/source/files/{wheel.name}"
        (folder / "needs.txt").write_text(package + "\n", encoding="utf-8")
        root = Path(mnist1d_edu.__file__).parents[1]
        paths = [str(root), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        ran = subprocess.run(
            [sys.executable, "-m", "otter", "generate", "-t", "tests", "-c", "config.json", "-r",
             "needs.txt", "--no-environment", "-o", "autograder.zip", *files], cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in paths if p)},
            capture_output=True, text=True, check=False)
        if ran.returncode:
            raise ValueError(f"otter generate failed: {(ran.stderr or ran.stdout).strip()[-300:]}")
        return _plain(folder / "autograder.zip")


def _plain(path: Path) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for about in sorted(old.infolist(), key=lambda i: i.filename):
            plain = zipfile.ZipInfo(about.filename, (2020, 1, 1, 0, 0, 0))
            plain.external_attr, plain.compress_type = about.external_attr, zipfile.ZIP_DEFLATED
            new.writestr(plain, old.read(about))
    return file.getvalue()
