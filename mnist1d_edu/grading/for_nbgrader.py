"""What an exported course's `nbgrader_config.py` uses: nbgrader's own steps, with two in place of
its ones that fit the course.

* `Stubs` for ClearSolutions: the release is the lesson, with a stub for each name of an answer.
* `Judge` for Execute: nothing in a submission is executed in a kernel. Each answer is run in a
  process of its own (`apart.py`), and the verdict is the output of its check cell.
"""

from __future__ import annotations

from pathlib import Path

from nbformat.v4 import new_output
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    DeduplicateIds,
    Execute,
    LimitOutput,
    LockCells,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)
from traitlets import Bool, Unicode

from mnist1d_edu.course import build, registry
from mnist1d_edu.course.verdict import Verdict
from mnist1d_edu.files import read_whole
from mnist1d_edu.grading import folders, marking

MARK = "-"      # of an exercise's name in nbgrader's ids, where the course has a dot


def configure(c, folder: str, personal: bool = False) -> None:
    """Set up nbgrader for the course in `folder`; c: its configuration."""
    c.CourseDirectory.course_id = "mnist1d-edu"
    c.CourseDirectory.root = str(folder)
    c.GenerateAssignment.preprocessors = [
        LockCells, Stubs, ClearOutput, CheckCellMetadata, ComputeChecksums, SaveCells,
        ClearHiddenTests, ClearMarkScheme, ComputeChecksums, CheckCellMetadata]
    c.Autograde.sanitize_preprocessors = [
        ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        Judge, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]
    c.OverwriteCells.add_missing_cells = True
    c.Judge.secret_file = str(Path(folder) / folders.SECRET)
    c.Judge.personal = personal
    c.Judge.timeout = 300       # seconds a cell: for assignments that are not the course's


class Stubs(ClearSolutions):
    """The student's version of a cell, as `mnist1d-edu build` makes it."""

    def preprocess(self, nb, resources):
        for cell in nb.cells:
            if cell.cell_type == "code" and build.BEGIN in cell.source:
                cell.source = build.stubbed(cell.source)
        return nb, resources


class Judge(Execute):
    """Finds the verdict on each answer of a lesson, and puts it under the answer's check.

    An assignment that is no lesson of the course is executed as nbgrader does it.
    """

    secret_file = Unicode("", help="a file with the secret of the hidden probes").tag(config=True)
    personal = Bool(False, help="whether each student has probes of her own").tag(config=True)

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        lesson = about["notebook"][:2]
        checks = {cell.metadata.nbgrader.grade_id.replace(MARK, ".", 1): cell
                  for cell in nb.cells if cell.metadata.get("nbgrader", {}).get("grade")}
        if lesson not in registry.lesson_numbers() or not checks.keys() <= set(
                registry.exercises(lesson)):
            return super().preprocess(nb, resources)
        cells = [(number, cell.source) for number, cell in enumerate(nb.cells, 1)
                 if cell.cell_type == "code"]
        secret = read_whole(self.secret_file, 1000).decode().strip() if self.secret_file else None
        student = about["student"] if self.personal else None
        try:
            found = {mark.name: mark.verdict
                     for mark in marking.marks(lesson, cells, secret, student)}
        except ValueError as error:
            found = dict.fromkeys(checks, Verdict("wrong", str(error), "error"))
        for name, cell in checks.items():
            cell.outputs = [_output(found[name].state, found[name].line(name))]
        return nb, resources


def _output(state: str, line: str):
    """What nbgrader scores: an error gets nothing, and printed text all points."""
    if state == "ok":
        return new_output("stream", name="stdout", text=line + "\n")
    return new_output("error", ename="AssertionError", evalue=line, traceback=[line])


__all__ = ["Judge", "Stubs", "configure"]
