"""What an autograder zip for otter-grader (Gradescope) uses: a plugin that judges the answers
before otter executes the notebook, and gives it one with the marks to execute in its place."""

from __future__ import annotations

import json

import nbformat
from otter.plugins import AbstractOtterPlugin

from mnist1d_edu.course.verdict import Verdict
from mnist1d_edu.grading import marking

NAME = "mnist1d_edu_marks"      # of the only thing that the tests look at


class Judge(AbstractOtterPlugin):
    """plugin_config: lesson, secret, personal (whether each student has probes of her own)."""

    def before_execution(self, submission):
        lesson = self.plugin_config["lesson"]
        cells = [(number, cell.source) for number, cell in enumerate(submission.cells, 1)
                 if cell.cell_type == "code"]
        try:
            found = {m.name: m.verdict for m in marking.marks(
                lesson, cells, self.plugin_config["secret"], self._student())}
        except ValueError as error:
            found = dict.fromkeys(marking.expressions(lesson),
                                  Verdict("wrong", str(error), "error"))
        told = {name: [verdict.state, verdict.line(name)] for name, verdict in found.items()}
        notebook = nbformat.v4.new_notebook(metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}})
        notebook.cells = [nbformat.v4.new_code_cell(
            f"import json\n{NAME} = json.loads({json.dumps(told)!r})")]
        return notebook

    def _student(self) -> str | None:
        """Whose submission this is, as Gradescope says."""
        if not self.plugin_config.get("personal"):
            return None
        users = self.submission_metadata.get("users") or [{}]
        return users[0].get("sid") or users[0].get("email")
