"""From an answer to a verdict: run it on the probes, compare, and find the sentence that helps.

A wrong answer is told, in this order: that it does not finish; the mistake, relation or slip that
explains it (`diagnosis`); what it raised; a wrong type, shape, dtype or NaN; the first property
that fails; the first value that differs. The last four name the smallest probe.
"""

from __future__ import annotations

import dis
import inspect
import linecache
import traceback
import types
from dataclasses import dataclass

from mnist1d_edu import arguments
from mnist1d_edu.course.compare import same_content, shown, with_article
from mnist1d_edu.course.diagnosis import diagnose
from mnist1d_edu.course.evidence import Evidence, broken_must, collect, differs, probes
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.recorded import Recorded

__all__ = ["OK", "OPEN", "Verdict", "at_first_sight", "attempted", "judge", "own_line", "probes"]


@dataclass(frozen=True)
class Verdict:
    """state is "ok", "wrong" or "open" (not attempted yet); the sentence says what is wrong.

    told, of a wrong answer: "mistake" (a sentence written for it), "relation" (to the right
    result, or to a right answer with one slip), "property", "error", "form" or "value".
    """

    state: str
    sentence: str = ""
    told: str = ""

    def line(self, name: str) -> str:
        """The one line that `check` prints."""
        mark = {"ok": "[ok]", "wrong": "[x]", "open": "[ ]"}[self.state]
        return f"{mark} {self.unmarked(name)}"

    def unmarked(self, name: str) -> str:
        """The line without its mark."""
        return f"{name}: {self.sentence}" if self.sentence else name


OPEN, OK = Verdict("open", "not attempted yet"), Verdict("ok")


def judge(exercise: Exercise, answer) -> Verdict:
    """The verdict on a student's answer, or on what is `Recorded` of it. Runs it, with the time
    limit of the exercise."""
    if not isinstance(exercise, Exercise):
        raise TypeError(f"exercise must be an Exercise; got {arguments.shown(exercise)}")
    if not isinstance(answer, Recorded) and (seen := at_first_sight(exercise, answer)):
        return seen
    evidence = collect(exercise, answer)
    got = evidence.got
    if isinstance(got[0].error, NotImplementedError):
        return OPEN
    if got[-1].timed_out:
        given = _given(exercise, probes(exercise)[len(got) - 1])
        return _wrong(f"it does not come to an end: stopped after {exercise.seconds:g} s{given}",
                      "error")
    if not evidence.wrong:
        return OK
    found = diagnose(exercise, answer)
    return _wrong(found.sentence, found.told) if found else _plainly_told(evidence)


def at_first_sight(exercise: Exercise, answer) -> Verdict | None:
    """The verdict on what is no answer or of the wrong kind, without running it."""
    if not attempted(answer):
        return OPEN
    if exercise.kind != "value" and not callable(answer):
        kind = with_article(type(answer).__name__)
        return _wrong(f"this is {kind}, not a {exercise.kind}: give check the {exercise.kind} "
                      "itself, without calling it", "form")
    return None


def _wrong(sentence: str, told: str) -> Verdict:
    return Verdict("wrong", _one_line(sentence), told)


def attempted(answer) -> bool:
    """Whether there is an answer at all: not None, not `...`, not a function with an empty body."""
    if answer is None or answer is Ellipsis:
        return False
    try:
        code = answer.__code__
    except Exception:   # it has none, or raises whatever it likes
        return True
    if not isinstance(code, types.CodeType):
        return True
    empty = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}
    constants = set(code.co_consts) - {getattr(answer, "__doc__", None), None, Ellipsis}
    return bool(constants) or any(i.opname not in empty for i in dis.get_instructions(code))


def _plainly_told(evidence: Evidence) -> Verdict:
    """The verdict on a wrong answer that nothing explains: what came out, and what should have."""
    exercise, first = evidence.exercise, evidence.wrong[0]
    outcome, expected = evidence.got[first], evidence.want[first]
    given = _given(exercise, probes(exercise)[first])
    if outcome.error is not None:
        return _wrong(_error_told(evidence.answer, outcome.error) + given, "error")
    if expected.error is not None:
        kind = type(expected.error).__name__
        return _wrong(f"it must raise {kind}, and returned {shown(outcome.value)}{given}", "value")
    found = differs(exercise, outcome.value, expected.value)
    if found and outcome.value is None:
        return _wrong(found + given, "mistake")
    if found and found.in_form:
        return _wrong(found + given, "form")
    must = broken_must(evidence, first)
    if must:
        return _wrong(must + given + (f": {found}" if found else _result(outcome.value)),
                      "property")
    if found:
        return _wrong(found + given, "value")
    return _wrong(_mutation_told(evidence, first), "mistake")


def _result(value) -> str:
    text = shown(value)
    return "" if text.startswith(("a ", "an ")) else f": your result is {text}"


def _mutation_told(evidence: Evidence, probe: int) -> str:
    exercise, got, want = evidence.exercise, evidence.got[probe], evidence.want[probe]
    fresh = probes(exercise)[probe]
    names = exercise.argument_names()
    right = "" if evidence.cells else "your result is right, but "
    for i, (mine, theirs, before) in enumerate(
            zip(got.arguments, want.arguments, fresh, strict=True)):
        if same_content(mine, theirs):
            continue
        name = names[i] if i < len(names) else f"number {i + 1}"
        if same_content(theirs, before):
            return f"{right}the argument {name} is changed on the way: work on a copy of it"
        return f"{right}the argument {name} is not as it must be afterwards"
    raise AssertionError("called for an outcome whose arguments are right")


def _error_told(answer, error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return "it calls exit, which would end the notebook: return the result instead"
    if isinstance(error, RecursionError):
        return "it calls itself without end (RecursionError)"
    message = str(error)
    if "memoryview" in message:
        message = message.replace("memoryview", "raw memory") + (
            " (the `.data` of an array is its raw memory; that of a tensor is its array)")
    text = f"it raises {type(error).__name__}" + (f": {message}" if message else "")
    line = error.own_line if isinstance(answer, Recorded) else own_line(answer, error)
    return f"{_one_line(text, 200)}{line}"


def own_line(answer, error: BaseException) -> str:
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
    """" for x = [1, 2]": the probe's arguments by name; nothing of those that cannot be shown."""
    names = exercise.argument_names()
    parts = []
    for name, value in zip(names, arguments, strict=False):
        text = shown(value, 40)
        if text.startswith(("an array of", "an integer array of")):
            parts.append(f"{name} of shape {value.shape}")
        elif not text.startswith(("a ", "an ")):
            parts.append(f"{name} = {text}")
    return f" for {', '.join(parts)}" if parts else ""


def _one_line(text: str, limit: int = 400) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= limit else text[:limit - 1] + "…"
