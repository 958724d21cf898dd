"""Whether a right answer is so slow that the cells after it would crawl.

Its processor time on the probes of a check is measured beside the reference's. The probes are
small: an answer that takes a quarter of a second for them, and many times as long as the reference,
is no ordinary loop.
"""

from __future__ import annotations

import time

from mnist1d_edu.course.evidence import outcomes, probes
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.verdict import Verdict, judge

TIMES = 10          # as long as the reference
SECONDS = 0.25      # on all probes together


def judge_with_pace(exercise: Exercise, answer) -> Verdict:
    """`judge`; the sentence of a right answer says that it is slow, if it is."""
    verdict = judge(exercise, answer)
    if verdict.state != "ok":
        return verdict
    taken = _seconds(exercise, answer)
    if taken >= SECONDS:    # once more: nobody is refused for a busy machine
        taken = min(taken, _seconds(exercise, answer))
    if taken < SECONDS:
        return verdict
    times = taken / max(_seconds(exercise, exercise.reference), 1e-6)
    if times < TIMES:
        return verdict
    return Verdict("ok", f"it takes about {float(f'{times:.1g}'):,.0f} times as long")


def _seconds(exercise: Exercise, answer) -> float:
    """Processor time on all probes, which other programs hardly change."""
    given = probes(exercise)
    began = time.process_time()
    outcomes(exercise, answer, given)
    return time.process_time() - began
