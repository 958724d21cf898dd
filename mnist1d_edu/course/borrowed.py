"""Whether an answer is the course's own: what `use` gave, the registry's reference, or a function
that calls either. A grader does not accept these as the student's.

Only this exercise's reference and other right answers count; that an answer calls an earlier
exercise's, which `use` gave, is as it should be.
"""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Iterator

from mnist1d_edu.course import guard
from mnist1d_edu.course.evidence import probes
from mnist1d_edu.course.exercise import Exercise

SENTENCE = ("this is the course's own answer, or calls it: where it is graded, the answer must be "
            "your own")
EXERCISES = "mnist1d_edu.course.exercises"


def is_borrowed(exercise: Exercise, answer) -> bool:
    """Whether an answer comes from the course, or runs the course's on one of the probes."""
    if exercise.kind == "value" or not callable(answer):
        return False
    own = {id(code): code for entry in (exercise.reference, *(a for _, a in exercise.variants))
           for code in _codes(entry)}
    if _is_of_the_course(answer) or any(id(code) in own for code in _codes(answer)):
        return True
    for arguments in probes(exercise):
        watch = _Watch(own)
        outcome = guard.run(lambda given, w=watch: w.run(exercise, answer, given), arguments,
                            exercise.seconds)
        if watch.seen or outcome.timed_out:
            return watch.seen
    return False


class _Watch:
    """Notes whether any of these code objects is run; by identity, for equal code may be hers."""

    def __init__(self, own: dict[int, types.CodeType]):
        self.own, self.seen = own, False

    def run(self, exercise: Exercise, answer, arguments: tuple):
        before = sys.getprofile()
        sys.setprofile(self._on_call)
        try:
            return exercise.run(answer, arguments)
        finally:
            sys.setprofile(before)

    def _on_call(self, frame, event: str, argument) -> None:
        if event == "call" and id(frame.f_code) in self.own:
            self.seen = True


def _is_of_the_course(answer) -> bool:
    plain = _unwrapped(answer)
    return str(getattr(plain, "__module__", "")).startswith(EXERCISES)


def _unwrapped(answer):
    while isinstance(answer, (functools.partial, types.MethodType)):
        answer = answer.func if isinstance(answer, functools.partial) else answer.__func__
    return inspect.unwrap(answer) if callable(answer) else answer


def _codes(answer) -> Iterator[types.CodeType]:
    """The code of a function, or of a class's own methods."""
    answer = _unwrapped(answer)
    if isinstance(answer, types.FunctionType):
        yield answer.__code__
    elif isinstance(answer, type):
        for member in vars(answer).values():
            member = getattr(member, "fget", None) or getattr(member, "__func__", member)
            if isinstance(member, types.FunctionType):
                yield member.__code__
