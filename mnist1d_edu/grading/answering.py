"""The process that runs one answer of one student: it gets her code cells, the name of the answer
and the seeds of the probes, and tells in lines of JSON what came out. It finds no verdict.

    {"said": ["wrong", "..."]}      there is no answer to try, and why
    {"ready": true}                 her cells have been run, and the answer is there
    {"batch": ["0", [...]]}         the outcomes of a batch of probes, see `course/recorded.py`

The order matters: probes are made while the course's exercise is whole; then its answers are made
unusable and the process is closed (`sealed.py`); only then is anything run that a student wrote.
"""

from __future__ import annotations

import json
import linecache
import os
import re
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path

from mnist1d_edu import course
from mnist1d_edu.arguments import one_line
from mnist1d_edu.course import evidence, guard, needed, registry, runner, verdict
from mnist1d_edu.course.borrowed import SENTENCE
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.grading import sealed, wire
from mnist1d_edu.threads import one_thread

MEMORY, WRITTEN_FILE = 2**31, 2**24     # bytes: beyond what the process has at its start; a file
TIMED = re.compile(r"\A\s*%%(?:time|timeit|capture|prun)\b[^\n]*\n")


def main(work: str) -> None:
    """Read the task from standard input, and tell the outcomes on standard output."""
    task = json.loads(sys.stdin.buffer.readline())
    tell = runner.teller()
    try:
        answer(task, Path(work), tell)
    finally:
        os._exit(0)     # whatever threads a cell has left running


def answer(task: dict, work: Path, tell: Callable) -> None:
    """task: exercise, expression (what the lesson's check is given), cells (number, source), seeds
    (of the batches "0" and "2"), seconds (for all probes of a check), right (the names of the
    exercises whose answers are right)."""
    exercise = registry.find(task["exercise"])
    run = exercise.drive or (lambda answer, *given: answer(*given))
    statements, broken = _statements(task)
    _load_others(task["cells"])
    given = _given(exercise, task["seeds"])
    for arguments in evidence.made(exercise, task["seeds"]["0"]):   # all that it imports is there
        guard.run(lambda given: exercise.run(exercise.reference, given), arguments, 10.0)
    seconds = task["seconds"]
    del task["seeds"], arguments    # what her code does not find, she cannot tell
    one_thread()
    hers = types.ModuleType("__main__")
    _set_scene(hers, exercise, set(task["right"]))
    sealed.seal_reference(exercise)
    runner.limit(_memory_now() + MEMORY, WRITTEN_FILE)
    sealed.close(work)
    said = broken or _run_cells(statements, hers)
    try:
        found = eval(task["expression"], hers.__dict__)
    except BaseException as error:
        return tell(said=["wrong", said or f"{task['expression']} is not there: "
                          f"{_told(error)}"])
    seen = verdict.at_first_sight(exercise, found)
    if seen is not None:
        return tell(said=[seen.state, said if said and seen.state == "open" else seen.sentence])
    tell(ready=True)
    for name, probes in given.items():
        outcomes = _outcomes(run, found, probes, seconds)
        if name == "0" and any(sealed.is_refusal(o.error) for o in outcomes):
            return tell(said=["wrong", SENTENCE])
        tell(batch=[name, [wire.encoded_outcome(o, _own_line(found, o)) for o in outcomes]])
    return None


def _statements(task: dict) -> tuple[list[needed.Statement], str]:
    """The statements that the answer needs, and what is wrong with a cell that cannot be read."""
    everything, broken = [], ""
    for number, source in task["cells"]:
        name = f"<ipython-cell-{number}>"
        source = TIMED.sub("\n", source)
        try:
            everything += runner.statements_of(source, number, name)[0]
        except runner.BROKEN as error:
            if re.search(rf"\b{re.escape(task['expression'])}\b", source):
                broken = f"cell {number} fails: {_told(error)}"
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    wanted = f"check({task['exercise']!r}, {task['expression']})"
    last = needed.statements(wanted, 0, "<check>")
    return needed.needed([s for s in everything if not s.checks] + last)[:-1], broken


def _load_others(cells: list) -> None:
    """The exercises of other lessons that her cells name, which `use` may want."""
    for number in set(re.findall(r"""["'](\d\d)\.\w+["']""", "\n".join(s for _, s in cells))):
        if number in registry.lesson_numbers():
            registry.exercises(number)


def _given(exercise: Exercise, seeds: dict[str, list[int]]) -> dict[str, list[tuple]]:
    """The arguments of all probes of each batch: while the exercise is whole."""
    given = {name: evidence.made(exercise, of) for name, of in seeds.items()}
    for name, cut in exercise.stages:
        given[name] = [cut(*arguments) for arguments in evidence.made(exercise, seeds["2"])]
    return given


def _set_scene(hers: types.ModuleType, graded: Exercise, right: set[str]) -> None:
    """What her cells find: `use` that never gives the answer that is being graded, a `check` that
    says nothing, and no notebook."""
    def use(name: str, answer):
        if name == graded.name:
            return answer if verdict.attempted(answer) else sealed.stand_in(graded)
        return answer if name in right else registry.find(name).reference

    course.use, course.check, course.hint = use, lambda *_: None, lambda *_: None
    vars(hers).update(display=lambda *_, **__: None, get_ipython=_NoNotebook)
    sys.modules["__main__"] = hers
    sys.stdout = sys.stderr = runner.Lines(lambda *_: None)


class _NoNotebook:
    """For magics: does nothing, whatever it is told."""

    def __getattr__(self, name: str):
        return lambda *_, **__: None


def _run_cells(statements: list[needed.Statement], hers: types.ModuleType) -> str:
    """Run them; what is wrong with the last cell that fails, or nothing."""
    failed, said = set(), ""
    for statement in statements:
        if statement.cell in failed:
            continue
        try:
            exec(statement.code, hers.__dict__)
        except BaseException as error:
            failed.add(statement.cell)
            said = SENTENCE if sealed.is_refusal(error) else \
                f"cell {statement.cell} fails: {_told(error)}"
    return said


def _outcomes(run: Callable, answer, probes: list[tuple], seconds: float) -> list[guard.Outcome]:
    """As `evidence.outcomes`, on arguments that are made already."""
    found, end = [], time.monotonic() + seconds
    for arguments in probes:
        left = max(end - time.monotonic(), 0.01)
        found.append(guard.run(lambda given: run(answer, *given), arguments, left))
        if found[-1].timed_out:
            break
    return found


def _own_line(answer, outcome: guard.Outcome) -> str:
    return verdict.own_line(answer, outcome.error) if outcome.error is not None else ""


def _told(error: BaseException) -> str:
    try:
        return one_line(f"{type(error).__name__}: {error}")
    except Exception:
        return type(error).__name__


def _memory_now() -> int:
    """Bytes of address space that this process has now (0 where the system does not say)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
