"""`mnist1d-edu build`: from solutions/NN_topic.ipynb to lessons/NN_topic.ipynb, both executed.

The builder writes all that an author would get wrong by hand: the students' stubs, the cell that
installs the course, cell ids, nbgrader's metadata, one form of metadata and outputs. A second build
changes nothing, except where a changed notebook was measured anew.
"""

from __future__ import annotations

import ast
import base64
import io
import json
import re
from collections import Counter
from pathlib import Path

from nbformat import NotebookNode
from PIL import Image
from tqdm.auto import tqdm

from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.files import write_whole

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
CHECK = re.compile(r"""^check\(\s*["']([^"']+)["']""", re.MULTILINE)
CHECK_IMPORT = "from mnist1d_edu.course import check"
MEASURED = re.compile("\u2248.*")
LARGEST = 400_000


def build(names: list[str], lessons: Path, solutions: Path) -> list[str]:
    """Build the named lessons ("04" or "04_topic"; none: all); a line on each.

    Raises ValueError naming the notebook and the cell when a solution is not in order: a cell that
    fails or prints to stderr, an exercise without a check, a file above 400 kB.
    """
    bar = tqdm(chosen(names, solutions), desc="building", unit="lesson", delay=2, leave=False)
    return [_build_one(path, lessons / path.name) for path in bar]


def drifted(names: list[str], lessons: Path, solutions: Path) -> list[str]:
    """What is not as `build` would write it, a line each; nothing is run or written."""
    lines = []
    for path in chosen(names, solutions):
        solution = notebooks.read(path)
        lesson = lessons / path.name
        if written_form(prepared(solution, path.name)) != written_form(solution):
            lines.append(f"solutions/{path.name} is not as build leaves it: build it")
        if not lesson.exists():
            lines.append(f"lessons/{path.name} is missing: build it")
        elif written_form(student_version(solution, path.name)) != written_form(
                notebooks.read(lesson)):
            lines.append(f"lessons/{path.name} has drifted from its solution: build it")
    names_built = {p.name for p in chosen([], solutions)}
    lines += [f"lessons/{p.name} has no solution" for p in notebooks.lesson_files(lessons)
              if p.name not in names_built and not names]
    return lines


def chosen(names: list[str], solutions: Path) -> list[Path]:
    """The solutions of these names; ValueError for one that is not there."""
    files = notebooks.lesson_files(solutions)
    if not names:
        return files
    found = []
    for name in names:
        stem = Path(name).name.removesuffix(".ipynb")
        match = [p for p in files if stem in (p.stem, p.stem[:2])]
        if not match:
            raise ValueError(f"lesson is {name!r}; it must be one of "
                             f"{', '.join(p.stem for p in files) or 'none yet'}")
        found += match
    return found


def prepared(notebook: NotebookNode, file_name: str) -> NotebookNode:
    """The solution without outputs, in normal form: ids by position, metadata by content."""
    notebook = notebooks.cleared(notebook)
    number = file_name[:2]
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.cells = _with_install(notebook.cells)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"{number}-{i:03d}"
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": tags} if tags else {}
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n"))
    _mark_for_graders(notebook, file_name)
    return notebook


def _with_install(cells: list[NotebookNode]) -> list[NotebookNode]:
    """Cells that are not empty, and before all other code the one that installs the course."""
    from nbformat.v4 import new_code_cell
    cells = [cell for cell in cells if cell.source.strip() and not notebooks.installs(cell)]
    first = next((i for i, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    cell = new_code_cell(notebooks.INSTALL, metadata={"tags": [notebooks.INSTALL_TAG]})
    return [*cells[:first], cell, *cells[first:]]


def student_version(solution: NotebookNode, file_name: str) -> NotebookNode:
    """The lesson without outputs: each solution a stub."""
    lesson = prepared(solution, file_name)
    for cell in lesson.cells:
        if BEGIN in cell.source:
            cell.source = stubbed(cell.source)
    return lesson


def stubbed(source: str) -> str:
    """A cell's source with every solution region replaced by a stub at its indent.

    >>> print(stubbed("def f(x):\\n    ### BEGIN SOLUTION\\n    return 2\\n    ### END SOLUTION"))
    def f(x):
        raise NotImplementedError("your code here")
    >>> print(stubbed("### BEGIN SOLUTION\\nrate = 0.1\\n### END SOLUTION"))
    rate = ...  # your answer here
    """
    kept, region, indent = [], None, ""
    for line in source.split("\n"):
        if line.strip() == BEGIN:
            if region is not None:
                raise ValueError(f"a second {BEGIN} before {END}")
            region, indent = [], line[:len(line) - len(line.lstrip())]
        elif line.strip() == END:
            if region is None:
                raise ValueError(f"{END} without {BEGIN}")
            kept += [indent + notebooks.STUB] if indent else _named_stubs(region)
            region = None
        elif region is not None:
            region.append(line)
        else:
            kept.append(line)
    if region is not None:
        raise ValueError(f"{BEGIN} without {END}")
    return "\n".join(kept)


def written_form(notebook: NotebookNode) -> str:
    """The text of a notebook without its outputs, to compare two."""
    return notebooks.written(notebooks.cleared(notebook))


def _named_stubs(region: list[str]) -> list[str]:
    """For a solution that is not in a function: each name it assigns, still to be given."""
    names = []
    for statement in ast.parse("\n".join(region)).body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
            raise ValueError(f"a solution at indent 0 may only assign names, and has "
                             f"`{ast.unparse(statement).splitlines()[0]}`")
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        names += [n.id for t in targets for n in ast.walk(t)
                  if isinstance(n, ast.Name) and n.id not in names]
    return [f"{name} = ...  # your answer here" for name in names]


def _mark_for_graders(notebook: NotebookNode, file_name: str) -> None:
    """nbgrader's metadata, schema 3: solution cells from their marks, checks locked with points."""
    exercises = _exercises_of(file_name)
    checked, waiting = [], []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        found = CHECK.findall(cell.source)
        if BEGIN in cell.source:
            waiting.append(cell)
        if not found:
            continue
        name = _only_check(cell, found, exercises, file_name)
        checked.append(name)
        identity = name.replace(".", "-")
        for i, answer in enumerate(waiting):
            suffix = "-answer" + (f"-{i + 1}" if i else "")
            answer.metadata.nbgrader = _grader_cell(identity + suffix, solution=True)
        waiting = []
        cell.metadata.nbgrader = _grader_cell(identity, points=exercises[name].points)
    if waiting:
        raise ValueError(f"{file_name}: no check follows the solution\n{waiting[0].source}")
    twice = [name for name, count in Counter(checked).items() if count > 1]
    missing = [name for name in exercises if name not in checked]
    if twice or missing:
        raise ValueError(f"{file_name}: " + (f"{twice[0]} is checked twice" if twice else
                                             f"exercise {missing[0]} has no check cell"))


def _exercises_of(file_name: str) -> dict:
    number = file_name[:2]
    return registry.exercises(number) if number in registry.lesson_numbers() else {}


def _only_check(cell: NotebookNode, found: list[str], exercises: dict, file_name: str) -> str:
    """The name of the exercise that this cell checks, and nothing else is in the cell."""
    name = found[0]
    if name not in exercises:
        raise ValueError(f"{file_name} checks {name!r}, which is no exercise of its lesson")
    body = ast.parse(cell.source).body
    if len(body) != 2 or ast.unparse(body[0]) != CHECK_IMPORT:
        raise ValueError(f"{file_name}: the check of {name} must stand alone in its cell, "
                         f"after the line `{CHECK_IMPORT}`")
    return name


def _grader_cell(identity: str, *, solution: bool = False, points: int | None = None) -> dict:
    marks = {"grade": points is not None, "grade_id": identity, "locked": points is not None,
             "schema_version": 3, "solution": solution, "task": False}
    return marks if points is None else marks | {"points": points}


def _build_one(source: Path, target: Path) -> str:
    solution = notebooks.read(source)
    try:
        new_solution = prepared(solution, source.name)
        new_lesson = student_version(solution, source.name)
    except SyntaxError as error:
        raise ValueError(f"{source.name}: {error}") from None
    changed = []
    for path, notebook, old in ((source, new_solution, solution), (
            target, new_lesson, notebooks.read(target) if target.exists() else None)):
        _run(notebook, path)
        text = notebooks.written(keep_measured(notebook, old))
        if len(text.encode()) > LARGEST:
            raise ValueError(f"{path.parent.name}/{path.name} has {len(text.encode()):,} bytes; "
                             f"it may have {LARGEST:,}: make its figures smaller")
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text)
            changed.append(path.parent.name)
    return f"{source.stem}: " + (f"wrote {' and '.join(changed)}" if changed else "unchanged")


def _run(notebook: NotebookNode, path: Path) -> None:
    """Run a notebook for the record: no errors, nothing on stderr, no metadata of the run."""
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    path.parent.mkdir(parents=True, exist_ok=True)
    where = f"{path.parent.name}/{path.name}"
    try:
        notebooks.run(notebook, path.parent)
    except CellExecutionError as error:
        raise ValueError(f"{where}: a cell fails\n{error}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise ValueError(f"{where}: {str(error).splitlines()[0]}") from None
    notebook.metadata = {key: notebook.metadata[key] for key in ("kernelspec",)} | {
        "language_info": {"name": "python"}}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"{where}: a cell prints to stderr\n{cell.source}\n{output.text}")
            if "metadata" in output:
                output.metadata = _alternative_texts(output)
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = smaller(output.data["image/png"])


def smaller(picture: str) -> str:
    """A PNG (in base64) in at most 256 colours, which takes a third of the space and which no eye
    tells from it: so many has a drawing with smooth lines. A moving picture stays as it is."""
    image = Image.open(io.BytesIO(base64.b64decode(picture)))
    if getattr(image, "is_animated", False):
        return picture
    opaque = Image.new("RGB", image.size, "white")
    opaque.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    file = io.BytesIO()
    opaque.quantize(256, kmeans=3, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


def _alternative_texts(output: NotebookNode) -> dict:
    """What is kept of an output's metadata: the alternative text of each picture."""
    return {kind: {"alt": about["alt"]} for kind, about in output.get("metadata", {}).items()
            if kind.startswith("image/") and "alt" in about}


def keep_measured(new: NotebookNode, old: NotebookNode | None) -> NotebookNode:
    """`new`, with the outputs of `old` in each cell where only measured parts differ.

    That holds for a notebook whose code is the same: after a change all outputs are new.
    """
    def code(notebook):
        return [cell for cell in notebook.cells if cell.cell_type == "code"]

    if old is None or [c.source for c in code(new)] != [c.source for c in code(old)]:
        return new
    for cell, before in zip(code(new), code(old), strict=True):
        if _unmeasured(cell.outputs) == _unmeasured(before.outputs):
            cell.outputs = before.outputs
    return new


def _unmeasured(outputs: list) -> str:
    """Outputs and alternative texts, without what follows the mark ≈ on a line; no pixels."""
    kept = []
    for output in outputs:
        data = {kind: content for kind, content in output.get("data", {}).items()
                if not kind.startswith("image/")}
        images = sorted(kind for kind in output.get("data", {}) if kind.startswith("image/"))
        alternatives = [about["alt"] for about in _alternative_texts(output).values()]
        text = [MEASURED.sub("\u2248", str(content)) for content in (
            output.get("text", ""), *(data[kind] for kind in sorted(data)), *alternatives)]
        kept.append([output.output_type, output.get("name"), images, sorted(data), text])
    return json.dumps(kept)
