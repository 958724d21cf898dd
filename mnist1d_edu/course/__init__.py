"""The course's frame: what a lesson's notebook imports.

    check("04.relu_backward", relu_backward)            one line: not yet, what is wrong, or ok
    relu_bwd = use("04.relu_backward", relu_backward)   yours if it is right, else the course's
    hint("04.relu_backward", 2)                         the second, more telling hint

Importing it changes nothing outside itself.
"""

from __future__ import annotations

import os

from mnist1d_edu import arguments
from mnist1d_edu.course import registry
from mnist1d_edu.course.apart import judged
from mnist1d_edu.course.borrowed import SENTENCE, is_borrowed
from mnist1d_edu.course.lines import show
from mnist1d_edu.course.pace import judge_with_pace
from mnist1d_edu.course.verdict import OK, Verdict
from mnist1d_edu.threads import one_thread

__all__ = ["check", "hint", "use"]

# Decided once, here: what a student's code does to the environment later changes nothing.
GRADED = any(os.environ.get(name) for name in ("NBGRADER_EXECUTION", "MNIST1D_EDU_STRICT"))


def check(name: str, answer) -> None:
    """Show one line on `answer`: `[ ]` not attempted yet, `[x]` and what is wrong, or `[ok]`; in a
    notebook with the signs ○, ✗ and ✓.

    Never raises in a lesson. In a grader (NBGRADER_EXECUTION or MNIST1D_EDU_STRICT was set when
    this module was imported) an answer that is not right, or that is the course's own, raises
    AssertionError with that line. Returns nothing: nbgrader would take a number as partial credit.
    """
    try:
        exercise = registry.find(name)
    except (ValueError, TypeError) as error:
        verdict = Verdict("wrong", str(error), "form")
    else:
        with one_thread():
            verdict = judged(exercise, answer)
        if GRADED and verdict.state == "ok" and is_borrowed(exercise, answer):
            verdict = Verdict("wrong", SENTENCE, "form")
    line = verdict.line(name)
    if GRADED and verdict.state != "ok":
        raise AssertionError(line)
    show(line, verdict.state, verdict.unmarked(name))


def use(name: str, answer):
    """The student's answer if it is right, else the course's, and one line says why: there is none
    yet, it is wrong, or it is so slow that the next cells would crawl.

    Her own name is never rebound: a grader still finds what she wrote.
    """
    exercise = registry.find(name)
    with one_thread():
        verdict = judged(exercise, answer, judge_with_pace)
    if verdict == OK:
        return answer
    slow = f": yours is right, but {verdict.sentence}, and the next cells would crawl"
    why = {"open": " until you have written yours", "wrong": " until yours is right", "ok": slow}
    told = f"using the course's {name}{why[verdict.state]}"
    show(told, "told", told)
    return exercise.reference


def hint(name: str, level: int = 1) -> None:
    """Show a hint; a higher level says more."""
    hints = registry.find(name).hints
    level = arguments.integer("level", level, 1, len(hints))
    told = f"hint {level} of {len(hints)}: {hints[level - 1]}"
    show(told, "told", told)
