"""An answer that has been run in another process, as its outcomes: the judge takes it for the
answer (see `grading/apart.py`)."""

from __future__ import annotations

from mnist1d_edu.course.guard import Outcome


class Recorded:
    """The outcomes of an answer by what it was run on.

    batches: "0" the probes of a check, "2" two times as many more, and the name of each stage the
    probes of "2" cut to it. An outcome's error has `own_line`, where in the answer it happened.
    """

    def __init__(self, batches: dict[str, list[Outcome]]):
        self.batches = batches

    def outcomes(self, more: int) -> list[Outcome]:
        """What the answer did with `probes(exercise, more)`."""
        return self.batches[str(more)]

    def at_stage(self, name: str, probe: int) -> Outcome:
        """What it did with one probe where all after the stage was left out."""
        return self.batches[name][probe]
