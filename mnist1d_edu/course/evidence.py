"""What is known about a wrong answer: on which probes it is wrong, and in which parts.

A result is compared part by part: the elements of a tuple, the values under a dict's keys. A
`Cell` is one wrong part on one probe. Diagnosis is about cells alone: where an answer is right, it
says nothing.
"""

from __future__ import annotations

import contextlib
import copy
import os
import time
import types
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np

from mnist1d_edu.course import guard
from mnist1d_edu.course.compare import (
    MISSING,
    Difference,
    agree,
    difference,
    pairs,
    same_content,
)
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.guard import Outcome
from mnist1d_edu.course.recorded import Recorded

# Read once: what a student's code does to the environment later changes nothing.
SECRET = os.environ.get("MNIST1D_EDU_SECRET")


@dataclass(frozen=True)
class Cell:
    """One part of one probe that came out wrong."""

    probe: int
    part: tuple
    got: object
    want: object


@dataclass
class Evidence:
    """An answer's outcomes beside the reference's, and what of them is wrong.

    more: how many times as many probes were tried as a check tries
    wrong: the numbers of the probes whose outcome is wrong, rising
    cells: the wrong parts; none for a probe with an error or one where only a property fails
    begun: the processor's time when it was collected
    """

    exercise: Exercise
    answer: object
    got: list[Outcome]
    want: list[Outcome]
    more: int = 0
    wrong: list[int] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    begun: float = field(default_factory=time.process_time)
    _stock: dict[int, list[tuple]] = field(default_factory=dict)

    def arguments(self) -> list[tuple]:
        """The arguments of all probes as they were, newly made."""
        return probes(self.exercise, self.more)

    def fresh(self, probe: int) -> tuple:
        """One probe's arguments, newly made: a copy of plain data, else one of those that are in
        stock from the last time all probes were made."""
        if not self._stock.get(probe):
            for i, arguments in enumerate(self.arguments()):
                self._stock.setdefault(i, []).append(arguments)
        if _plain(self._stock[probe][0]):
            return copy.deepcopy(self._stock[probe][0])
        return self._stock[probe].pop()

    def parts(self) -> list[tuple]:
        """The parts that are wrong on some probe, in the order of the result: elements of a tuple
        or values of a dict where all results have the same ones, else the whole as one."""
        keys = [list(dict.fromkeys(p[:1] for p in pairs(o.value, o.value)))
                for o in self.want if o.error is None]
        apart = keys and all(k == keys[0] for k in keys) and not any(
            isinstance(o.value, list) for o in self.want)
        wrong = {self._part_of(cell.part, apart) for cell in self.cells}
        return [part for part in (keys[0] if apart else [()]) if part in wrong] or [()]

    def all_parts_wrong(self) -> bool:
        """Whether no part of the result is right everywhere."""
        value = next((o.value for o in self.want if o.error is None), None)
        return self.parts() == [()] or len(self.parts()) == len(
            {path[:1] for path in pairs(value, value)})

    def of(self, part: tuple) -> list[Cell]:
        """The wrong cells of one part."""
        return [cell for cell in self.cells if cell.part[:len(part)] == part]

    def leaves(self, value, probe: int, part: tuple) -> dict[tuple, object]:
        """What a result has in one part, by path."""
        return {path: pair[0] for path, pair in pairs(value, self.want[probe].value).items()
                if path[:len(part)] == part}

    @staticmethod
    def _part_of(path: tuple, apart: bool) -> tuple:
        return path[:1] if apart else ()

    def all_in_cells(self) -> bool:
        """Whether cells are all that is wrong: no error, no property, no changed argument."""
        return {cell.probe for cell in self.cells} == set(self.wrong)


def probes(exercise: Exercise, more: int = 0) -> list[tuple]:
    """New arguments for every call, equal each time. Where a grader has set MNIST1D_EDU_SECRET,
    as many again that nobody can have seen; `more` times as many after these."""
    return made(exercise, seeds(exercise, more))


def seeds(exercise: Exercise, more: int = 0) -> list[int]:
    """The seeds from which the probes of a check are made."""
    first = zlib.crc32(exercise.name.encode())
    found = [first]
    if SECRET:
        text = exercise.name + SECRET
        found.append(int.from_bytes(sha256(text.encode()).digest()[:4], "little"))
    return found + [(first + 1 + i) % 2**32 for i in range(more)]


def made(exercise: Exercise, from_seeds: list[int]) -> list[tuple]:
    """The probes of these seeds, newly made."""
    return [arguments for seed in from_seeds
            for arguments in exercise.probes(np.random.RandomState(seed))]


@contextlib.contextmanager
def hidden(secret: str | None) -> Iterator[None]:
    """Within it, checks use this secret, or none, in place of the environment's."""
    global SECRET
    before, SECRET = SECRET, secret
    try:
        yield
    finally:
        SECRET = before


def outcomes(exercise: Exercise, answer, given: list[tuple], times: float = 1) -> list[Outcome]:
    """What `answer` does with each of the arguments; the list ends early at a time-out. times: how
    many times the exercise's seconds it may take."""
    found, end = [], time.monotonic() + times * exercise.seconds
    for arguments in given:
        seconds = max(end - time.monotonic(), 0.01)
        found.append(guard.run(lambda given: exercise.run(answer, given), arguments, seconds))
        if found[-1].timed_out:
            break
    return found


def collect(exercise: Exercise, answer, more: int = 0) -> Evidence:
    """Run answer and reference, and compare outcome by outcome; after a time-out, as far as they
    go."""
    got = answer.outcomes(more) if isinstance(answer, Recorded) else \
        outcomes(exercise, answer, probes(exercise, more))
    # the reference ends: only a machine that stands still could keep it from that
    want = outcomes(exercise, exercise.reference, probes(exercise, more)[:len(got)], times=20)
    found = Evidence(exercise, answer, got, want, more)
    for i, (mine, right) in enumerate(zip(got, want, strict=True)):
        if mine.error is not None or right.error is not None:
            if type(mine.error) is not type(right.error):
                found.wrong.append(i)
            continue
        cells = _cells(exercise, mine.value, right.value, i)
        found.cells += cells
        if (cells or broken_must(found, i) is not None
                or not same_content(mine.arguments, right.arguments)):
            found.wrong.append(i)
    return found


def broken_must(evidence: Evidence, probe: int) -> str | None:
    """The first property that does not hold on this probe, or that cannot be tried there."""
    value = evidence.got[probe].value
    for sentence, holds in evidence.exercise.musts:
        tried = guard.run(lambda given, holds=holds: holds(value, *given),
                          evidence.fresh(probe), 1.0)
        if tried.error is not None or not tried.value:
            return sentence
    return None


def differs(exercise: Exercise, got, want) -> Difference | None:
    """A Difference, or None where the exercise's own comparison or the standard one is content."""
    if agree(got, want, exercise.rtol, exercise.atol):
        return None
    found = difference(got, want, exercise.rtol, exercise.atol, exercise.name_of_part)
    if found and exercise.same is not None:
        tried = guard.run(lambda _: exercise.same(got, want), (), 1.0)
        if tried.error is None and tried.value:  # on a nonsense result it may raise: not the same
            return None
    return found


def equal(exercise: Exercise, one, other) -> bool:
    """Whether two parts are the same within the exercise's tolerance."""
    if one is MISSING or other is MISSING:
        return one is other
    return agree(one, other, exercise.rtol, exercise.atol)


def _cells(exercise: Exercise, got, want, probe: int) -> list[Cell]:
    if not differs(exercise, got, want):
        return []
    return [Cell(probe, part, mine, right) for part, (mine, right) in pairs(got, want).items()
            if not equal(exercise, mine, right)] or [Cell(probe, (), got, want)]


def _plain(value) -> bool:
    """Whether a deep copy of this is as good as a new one."""
    if isinstance(value, (tuple, list)):
        return all(map(_plain, value))
    if isinstance(value, dict):
        return all(map(_plain, value.values()))
    if isinstance(value, types.FunctionType):
        return value.__closure__ is None   # it has no memory
    return value is None or isinstance(
        value, (bool, int, float, complex, str, np.ndarray, np.generic, np.random.RandomState))
