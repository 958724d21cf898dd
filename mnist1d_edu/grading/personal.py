"""`--personal`: lessons in which each student has data of her own, and probes of her own.

A cell with her id stands at the top; from it follows the seed of every default dataset of the
lesson (`course/personal.py`). What the lesson asserts of the course's own data is told where hers
disagree. What this prevents and what not: docs/instructors.md.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mnist1d_edu.course import notebooks
from mnist1d_edu.course.personal import OPEN

if TYPE_CHECKING:
    from nbformat import NotebookNode

DEFAULT = re.compile(r"\bmake_dataset\(\)")
CELL = f'''from mnist1d_edu.course.personal import holds, seed_of

STUDENT = "{OPEN}"
MY_DATA = {{"seed": seed_of(STUDENT)}}  # so figures and numbers are yours alone'''


PUBLISHED = {"01"}      # lessons whose subject is the published dataset itself


def secret_of(secret: str | None, student: str | None) -> str | None:
    """The secret from which a grader's probes are made; another one for each student, if named."""
    return f"{secret or ''}/{student.strip().casefold()}" if student else secret


def personalised(notebook: NotebookNode, lesson: str) -> NotebookNode:
    """A copy of a lesson's notebook with the student's cell, where it uses the default dataset;
    else the notebook itself. lesson: its number, such as "04"."""
    import nbformat
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    if lesson in PUBLISHED or not any(DEFAULT.search(c.source) for c in cells):
        return notebook
    notebook = nbformat.from_dict(notebook)
    first = next(i for i, c in enumerate(notebook.cells)
                 if c.cell_type == "code" and not notebooks.installs(c))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = _told(DEFAULT.sub("make_dataset(MY_DATA)", cell.source))
    cell = nbformat.v4.new_code_cell(CELL)
    cell.id = notebook.cells[first].id + "-mine"
    notebook.cells.insert(first, cell)
    return notebook


def _told(source: str) -> str:
    """A cell's source with `holds(claim, ...)` for every `assert claim` outside of functions."""
    if "assert" not in source or "### BEGIN SOLUTION" in source:
        return source
    tree = ast.parse(source)
    inside = {id(n) for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.Lambda))
              for n in ast.walk(f)}
    lines = source.split("\n")
    for node in sorted((n for n in ast.walk(tree) if isinstance(n, ast.Assert)),
                       key=lambda n: -n.lineno):
        before = lines[node.lineno - 1].encode()[:node.col_offset].decode()
        if id(node) not in inside and not before.strip():
            claim = ast.unparse(node.test)
            lines[node.lineno - 1:node.end_lineno] = [f"{before}holds({claim}, {claim!r})"]
    return "\n".join(lines)
