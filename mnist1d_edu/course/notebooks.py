"""Where the lessons are, how a notebook is run, and its form without outputs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mnist1d_edu.files import read_whole

if TYPE_CHECKING:
    from nbformat import NotebookNode

LESSON_FILE = re.compile(r"(\d\d)_\w+\.ipynb")
PACKAGE = Path(__file__).parents[1]
STUB = 'raise NotImplementedError("your code here")'  # stands where an answer will
LARGEST = 2**26     # bytes of a notebook, with its outputs

# The first code cell of each lesson, and the tag by which it is known. Plain Python and not `%pip`:
# graders and `check` read cells without IPython.
INSTALL_TAG = "installs-the-course"
INSTALL = """\
# Opened alone, say in Colab, a lesson installs the course here.
# Where the course is installed, this does nothing.
from importlib.util import find_spec

if find_spec("mnist1d_edu") is None:
    import subprocess
    import sys

    course = "mnist1d-edu[course]"
    print(f"installing the course (pip install {course}), which takes a minute or two")
    done = subprocess.run([sys.executable, "-m", "pip", "install", "-q", course], check=False)
    if done.returncode:
        raise RuntimeError(f"pip could not install {course}: is this machine online? If you have "
                           "the project's files: pip install 'FOLDER[course]'")"""

# What a kernel runs under. Small products are slower on two threads than on one, and a figure
# belongs in the notebook whatever the person's own settings say.
ENVIRONMENT = {
    "TQDM_DISABLE": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


def lessons_dir() -> Path:
    """The folder of the students' notebooks: in the installed package, or in the source checkout.

    Raises FileNotFoundError if there is neither.
    """
    for folder in (PACKAGE / "lessons", PACKAGE.parent / "lessons"):
        if any(folder.glob("[0-9][0-9]_*.ipynb")):
            return folder
    raise FileNotFoundError(f"no lessons beside {PACKAGE}: the installation is not complete")


def solutions_dir() -> Path:
    """The folder of the solutions, which only a source checkout has."""
    folder = PACKAGE.parent / "solutions"
    if not folder.is_dir():
        raise FileNotFoundError("solutions are in the project's source checkout only")
    return folder


def lesson_files(folder: Path) -> list[Path]:
    """The notebooks named NN_topic.ipynb in a folder, in order."""
    return sorted(p for p in Path(folder).glob("*.ipynb") if LESSON_FILE.fullmatch(p.name))


def read(path: Path) -> NotebookNode:
    """A notebook; ValueError naming the file if it is none, OSError if it is no regular file."""
    import nbformat
    content = read_whole(path, LARGEST)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")     # a cell without an id is no matter here
            return nbformat.reads(content.decode("utf-8"), as_version=4)
    except Exception:   # of json, jsonschema and nbformat, a dozen sorts
        raise ValueError(f"{Path(path).name} is not a notebook that can be read") from None


def code_cells(path: Path) -> list[tuple[int, str]]:
    """The number (from 1, counting all cells) and the source of each code cell of a notebook.

    Raises as `read` does. Without nbformat, whose import takes longer than a lesson's checks.
    """
    content = read_whole(path, LARGEST)
    try:
        notebook = json.loads(content)
        if notebook["nbformat"] != 4:
            raise ValueError
        return [(number, "".join(cell["source"]))
                for number, cell in enumerate(notebook["cells"], 1) if cell["cell_type"] == "code"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError(f"{Path(path).name} is not a notebook that can be read") from None


def installs(cell: Mapping) -> bool:
    """Whether this is the cell that installs the course."""
    return INSTALL_TAG in cell["metadata"].get("tags", ())


def written(notebook: NotebookNode) -> str:
    """A notebook as the text of its file."""
    import nbformat
    return nbformat.writes(notebook) + "\n"


def cleared(notebook: NotebookNode) -> NotebookNode:
    """A copy without outputs and execution counts."""
    import nbformat
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return copy


def run(notebook: NotebookNode, folder: Path, *, cell_seconds: float = 300,
        total_seconds: float = 900) -> None:
    """Run a notebook in `folder`, in place, so that a failing run leaves the outputs until then.

    Raises nbclient's CellExecutionError, CellTimeoutError and DeadKernelError.
    """
    from nbclient import NotebookClient
    end = time.monotonic() + total_seconds
    with _environment():
        NotebookClient(
            notebook, kernel_name="python3", record_timing=False,
            coalesce_streams=True, extra_arguments=["--log-level=ERROR"],
            resources={"metadata": {"path": str(folder)}},
            timeout_func=lambda cell: max(1, min(cell_seconds, end - time.monotonic())),
        ).execute()


@contextlib.contextmanager
def _environment():
    before = {name: os.environ.get(name) for name in ENVIRONMENT}
    os.environ.update(ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
