"""nbgrader takes the notebooks as they are: its release of a solution is the lesson."""

from __future__ import annotations

import copy

import pytest

pytest.importorskip("nbgrader", reason="nbgrader (extra 'grade') is not installed")

import nbformat
from jsonschema import ValidationError
from nbgrader.preprocessors import CheckCellMetadata, ClearSolutions
from traitlets.config import Config

from mnist1d_edu.course import notebooks

NAMES = sorted(path.name for path in notebooks.solutions_dir().glob("[0-9][0-9]_*.ipynb"))
CONFIG = Config({"ClearSolutions": {
    "code_stub": {"python": 'raise NotImplementedError("your code here")'}}})


def read(folder, name):
    return nbformat.read(folder / name, as_version=4)


@pytest.mark.parametrize("name", NAMES)
def test_the_release_has_the_functions_of_the_lesson(name):
    """Stubs of values (`name = ...`) are our own: nbgrader has one stub for all cells."""
    solution, lesson = (read(notebooks.solutions_dir(), name), read(notebooks.lessons_dir(), name))
    CheckCellMetadata(config=CONFIG).preprocess(copy.deepcopy(solution), {})
    released, _ = ClearSolutions(config=CONFIG).preprocess(solution, {})
    assert [cell.id for cell in released.cells] == [cell.id for cell in lesson.cells]
    compared = 0
    for ours, theirs in zip(lesson.cells, released.cells, strict=True):
        if ours.cell_type == "code" and "= ..." not in ours.source:
            assert ours.source == theirs.source
            compared += "raise NotImplementedError" in ours.source
    assert compared >= 2


def test_the_check_of_metadata_can_fail():
    notebook = read(notebooks.solutions_dir(), NAMES[0])
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    graded[1].metadata.nbgrader.grade_id = graded[0].metadata.nbgrader.grade_id
    with pytest.raises(ValidationError, match="metadata may be corrupted"):
        CheckCellMetadata(config=CONFIG).preprocess(notebook, {})
