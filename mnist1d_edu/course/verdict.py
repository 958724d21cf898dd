"""From an answer to a verdict: run it on the probes, compare, and find the sentence that helps.

A wrong answer is told, in this order: that it does not finish; the sentence of the mistake that
behaves the same on every probe; what it raised; a wrong type, shape, dtype or NaN; the first
property that fails; the first value that differs. All but the mistakes name the smallest probe.
"""

from __future__ import annotations

import dis
import hashlib
import inspect
import linecache
import os
import time
import traceback
import zlib
from dataclasses import dataclass

import numpy as np

from mnist1d_edu.course import guard
from mnist1d_edu.course.compare import difference, same_content, shown
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.guard import Outcome

SECRET = "MNIST1D_EDU_SECRET"


@dataclass(frozen=True)
class Verdict:
    """state is "ok", "wrong" or "open" (not attempted yet); the sentence says what is wrong."""

    state: str
    sentence: str = ""

    def line(self, name: str) -> str:
        """The one line that `check` prints."""
        mark = {"ok": "[ok]", "wrong": "[x]", "open": "[ ]"}[self.state]
        return f"{mark} {name}" + (f": {self.sentence}" if self.sentence else "")


OPEN = Verdict("open", "not attempted yet")


def judge(exercise: Exercise, answer) -> Verdict:
    """The verdict on a student's answer. Runs it, with the time limit of the exercise."""
    if not attempted(answer):
        return OPEN
    if exercise.kind != "value" and not callable(answer):
        return Verdict("wrong", f"this is a {type(answer).__name__}, not a {exercise.kind}: give "
                                f"check the {exercise.kind} itself, without calling it")
    got = outcomes(exercise, answer)
    if isinstance(got[0].error, NotImplementedError):
        return OPEN
    want = outcomes(exercise, exercise.reference)
    first = next((i for i in range(len(want))
                  if i >= len(got) or _fault(exercise, got[i], want[i], i)), None)
    if first is None:
        return Verdict("ok")
    if not got[-1].timed_out:
        for sentence, mistake in exercise.mistakes:
            if behaves_like(exercise, mistake, got):
                return Verdict("wrong", _one_line(sentence))
    return Verdict("wrong", _one_line(_told(exercise, answer, got, want, first)))


def attempted(answer) -> bool:
    """Whether there is an answer at all: not None, not `...`, not a function with an empty body."""
    if answer is None or answer is Ellipsis:
        return False
    code = getattr(answer, "__code__", None)
    if code is None:
        return True
    empty = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}
    constants = set(code.co_consts) - {getattr(answer, "__doc__", None), None, Ellipsis}
    return bool(constants) or any(i.opname not in empty for i in dis.get_instructions(code))


def probes(exercise: Exercise) -> list[tuple]:
    """New arguments for every call, equal each time. Where a grader sets MNIST1D_EDU_SECRET,
    as many again that nobody can have seen."""
    seeds = [zlib.crc32(exercise.name.encode())]
    if os.environ.get(SECRET):
        text = exercise.name + os.environ[SECRET]
        seeds.append(int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little"))
    return [arguments for seed in seeds
            for arguments in exercise.probes(np.random.RandomState(seed))]


def outcomes(exercise: Exercise, answer) -> list[Outcome]:
    """What `answer` does on each probe; the list ends early at a time-out."""
    found, end = [], time.monotonic() + exercise.seconds
    for arguments in probes(exercise):
        seconds = max(end - time.monotonic(), 0.01)
        found.append(guard.run(lambda given: exercise.run(answer, given), arguments, seconds))
        if found[-1].timed_out:
            break
    return found


def behaves_like(exercise: Exercise, mistake, got: list[Outcome]) -> bool:
    """Whether a known mistake does on every probe what the answer did."""
    for arguments, outcome in zip(probes(exercise), got, strict=True):
        twin = guard.run(lambda given: exercise.run(mistake, given), arguments, exercise.seconds)
        if twin.error is not None or outcome.error is not None:
            if type(twin.error) is not type(outcome.error):
                return False
        elif (difference(outcome.value, twin.value, exercise.rtol, exercise.atol)
              or not same_content(outcome.arguments, twin.arguments)):
            return False
    return True


def _fault(exercise: Exercise, got: Outcome, want: Outcome, probe: int) -> bool:
    """Whether this outcome is wrong."""
    if got.error is not None or want.error is not None:
        return type(got.error) is not type(want.error)
    if _differs(exercise, got.value, want.value):
        return True
    return (_broken_must(exercise, got.value, probe) is not None
            or not same_content(got.arguments, want.arguments))


def _differs(exercise: Exercise, got, want):
    """A Difference, or None where the exercise's own comparison or the standard one is content."""
    found = difference(got, want, exercise.rtol, exercise.atol)
    if found and exercise.same is not None:
        tried = guard.run(lambda _: exercise.same(got, want), (), 1.0)
        if tried.error is None and tried.value:  # on a nonsense result it may raise: not the same
            return None
    return found


def _broken_must(exercise: Exercise, value, probe: int) -> str | None:
    """The first property that does not hold for this value, or on which it cannot be tried."""
    if not exercise.musts:
        return None
    for sentence, holds in exercise.musts:
        arguments = probes(exercise)[probe]
        tried = guard.run(lambda given, holds=holds: holds(value, *given), arguments, 1.0)
        if tried.error is not None or not tried.value:
            return sentence
    return None


def _told(exercise: Exercise, answer, got: list[Outcome], want: list[Outcome], first: int) -> str:
    """The sentence for a wrong answer that is no known mistake."""
    outcome, expected = got[first], want[first]
    given = _given(exercise, probes(exercise)[first])
    if outcome.timed_out:
        return f"it does not come to an end: stopped after {exercise.seconds:g} s{given}"
    if outcome.error is not None:
        return _error_told(answer, outcome.error) + given
    if expected.error is not None:
        kind = type(expected.error).__name__
        return f"it must raise {kind}, and returned {shown(outcome.value)}{given}"
    found = _differs(exercise, outcome.value, expected.value)
    if found and found.in_form:
        return found + given
    must = _broken_must(exercise, outcome.value, first)
    if must:
        return must + given + (f": {found}" if found else f": your result is "
                                                         f"{shown(outcome.value)}")
    if found:
        return found + given
    return _mutation_told(exercise, outcome, expected, first)


def _mutation_told(exercise: Exercise, got: Outcome, want: Outcome, probe: int) -> str:
    fresh = probes(exercise)[probe]
    names = exercise.argument_names()
    for i, (mine, theirs, before) in enumerate(
            zip(got.arguments, want.arguments, fresh, strict=True)):
        if same_content(mine, theirs):
            continue
        name = names[i] if i < len(names) else f"number {i + 1}"
        if same_content(theirs, before):
            return (f"your result is right, but the argument {name} is changed on the way: "
                    f"work on a copy of it")
        return f"your result is right, but the argument {name} is not as it must be afterwards"
    raise AssertionError("called for an outcome whose arguments are right")


def _error_told(answer, error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "it calls exit, which would end the notebook: return the result instead"
    if isinstance(error, RecursionError):
        return "it calls itself without end (RecursionError)"
    message = str(error)
    text = f"it raises {type(error).__name__}" + (f": {message}" if message else "")
    line = _own_line(answer, error)
    return f"{_one_line(text, 200)}{line}"


def _own_line(answer, error: BaseException) -> str:
    """" (line 3: `x = y`)", the last line of the student's own code that the error went through."""
    code = getattr(inspect.unwrap(answer), "__code__", None) if callable(answer) else None
    if code is None:
        methods = [m for m in vars(answer).values() if inspect.isfunction(m)] \
            if isinstance(answer, type) else []
        code = methods[0].__code__ if methods else None
    own = code.co_filename if code else None
    line = ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        path = frame.f_code.co_filename
        if path == own or "ipykernel_" in path or path.startswith("<ipython"):
            source = linecache.getline(path, number).strip()
            line = f" (line {number}" + (f": `{_one_line(source, 60)}`)" if source else ")")
    return line


def _given(exercise: Exercise, arguments: tuple) -> str:
    """" for x = [1, 2]": the probe's arguments by name."""
    names = exercise.argument_names()
    parts = []
    for i, value in enumerate(arguments):
        name = names[i] if i < len(names) else f"argument {i + 1}"
        text = shown(value, 40)
        parts.append(f"{name} of shape {value.shape}" if text.startswith("an array of")
                     else f"{name} = {text}")
    return f" for {', '.join(parts)}" if parts else ""


def _one_line(text: str, limit: int = 400) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= limit else text[:limit - 1] + "…"
