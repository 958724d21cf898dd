"""The calls of a recorded step (replay.py), made ready to run again and again.

Four passes over the list of calls, none of which changes a bit of the results:

* calls that nothing needs are left out;
* what does not depend on the inputs is computed once;
* results are computed where they shall be, not copied there;
* memory is used again as soon as nobody reads it any more, so that a step works in the cache.

A *block* is a piece of memory that one array owns; the arrays of the calls are views of blocks.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np


class Changed(Exception):
    """A guard has another value than when the step was recorded."""


@dataclass(frozen=True)
class Guard:
    """Raises `Changed` unless a method of an array returns what it returned."""

    method: Callable
    arguments: tuple
    value: object

    def __call__(self, source: np.ndarray) -> None:
        if self.method(source, *self.arguments) != self.value:
            raise Changed


@dataclass
class Call:
    """One call: reads and writes are the arrays among its arguments; `updates` says that what is
    written may be read too, or written in part only."""

    function: Callable
    arguments: tuple
    named: dict
    reads: list[np.ndarray]
    writes: list[np.ndarray]
    updates: bool = False

    def moved(self, move: Callable) -> Call:
        """The same call on other memory; move: array -> array."""
        return Call(self.function, _mapped(self.arguments, move), _mapped(self.named, move),
                    _mapped(self.reads, move), _mapped(self.writes, move), self.updates)


@dataclass
class Memory:
    """What programs work in that never run at the same time.

    free: memory that anyone may write to. lasting: blocks of which some elements are the same at
    every run, such as the zeros of a frame, each with marks of the elements that a run writes.
    """

    free: list[np.ndarray] = field(default_factory=list)
    lasting: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    def taken(self, size: int) -> np.ndarray:
        """Memory of this size: the last that fits and is not much too large, or new."""
        for i in range(len(self.free) - 1, -1, -1):
            if size <= self.free[i].nbytes <= 2 * size + 4096:
                return self.free.pop(i)
        return np.empty(max(size, 1), np.uint8)

    def alike(self, memory: np.ndarray, written: np.ndarray) -> np.ndarray:
        """A block in which the same elements are written, and the others have the same bits: one
        of another program, if there is one, else this."""
        size = memory.itemsize
        mine = memory.reshape(-1).view(np.uint8).reshape(-1, size)[~written[::size]]
        for other, marks in self.lasting:
            if other.dtype == memory.dtype and np.array_equal(marks, written):
                theirs = other.reshape(-1).view(np.uint8).reshape(-1, size)[~written[::size]]
                if np.array_equal(mine, theirs):
                    return other
        self.lasting.append((memory, written))
        return memory


class Program:
    """A recorded step.

    inputs: the memory that a run copies its inputs to. results: the arrays that hold what the step
    returned. given: the starts of the blocks that others own. memory: what this program and others
    work in.
    """

    def __init__(self, calls: list[Call], inputs: list[np.ndarray],
                 results: dict[str, np.ndarray], given: set[int], memory: Memory):
        self.inputs = inputs
        kept = _needed(calls, list(results.values()), given)
        kept = _without_constants(kept, given)
        kept = _in_place_of_copies(kept, given)
        self.calls, move = _shared_memory(kept, list(results.values()), given, memory)
        self.results = {name: move(value) for name, value in results.items()}
        self.ready = [(functools.partial(c.function, **c.named) if c.named else c.function,
                       c.arguments) for c in self.calls]

    def bytes_a_call(self) -> float:
        """How much memory a call writes, on average."""
        written = sum(array.nbytes for call in self.calls for array in call.writes)
        return written / max(1, len(self.calls))

    def fits(self, inputs: Sequence[np.ndarray]) -> bool:
        """Whether these inputs have the recorded shapes and dtypes."""
        return all(a.shape == b.shape and a.dtype == b.dtype
                   for a, b in zip(inputs, self.inputs, strict=True))

    def run(self, inputs: Sequence[np.ndarray]) -> bool:
        """Do the step again; False if a guard has another value now."""
        for memory, value in zip(self.inputs, inputs, strict=True):
            np.copyto(memory, value)
        try:
            for function, arguments in self.ready:
                function(*arguments)
        except Changed:
            return False
        return True


# ---------------------------------------------------------------------------- the passes


def _needed(calls: list[Call], results: list[np.ndarray], given: set[int]) -> list[Call]:
    """The calls that the results, a guard or the memory of others depend on."""
    live = given | {block(a) for a in results}
    kept = []
    for call in reversed(calls):
        writes = {block(a) for a in call.writes}
        if isinstance(call.function, Guard) or writes & live:
            live |= {block(a) for a in call.reads} | (writes if call.updates else set())
            kept.append(call)
    return kept[::-1]


def _without_constants(calls: list[Call], given: set[int]) -> list[Call]:
    """The calls that must be made at every run. The others were made while recording, and what they
    wrote is still there."""
    varying, before = set(given), -1
    while before != len(varying):
        before = len(varying)
        for call in calls:
            if any(block(a) in varying for a in call.reads):
                varying |= {block(a) for a in call.writes}
    constant = [c for c in calls if c.writes and not any(block(a) in varying for a in c.reads)
                and not isinstance(c.function, Guard)]
    touching = _touching(calls)
    gone: set[int] = set()
    for call in constant:
        target = block(call.writes[0])
        if target not in varying or _survives(
                call, [c for c in touching[target] if id(c) not in gone]):
            gone.add(id(call))
    return [c for c in calls if id(c) not in gone]


def _touching(calls: list[Call]) -> dict[int, list[Call]]:
    """For each block the calls that read or write it, in their order."""
    found: dict[int, list[Call]] = {}
    for call in calls:
        for home in {block(a) for a in (*call.reads, *call.writes)}:
            found.setdefault(home, []).append(call)
    return found


def _survives(constant: Call, touching: list[Call]) -> bool:
    """Whether what a constant call writes into a block is still there at the next run, wherever it
    is read: then nobody else writes to that place. touching: the calls that touch the block."""
    if constant.updates or len(constant.writes) != 1:
        return False
    home = whole(constant.writes[0])
    others = np.zeros(home.nbytes, bool)  # a byte for each byte of the block
    for call in touching:
        if call is not constant:
            for array in call.writes:
                _shadow(array, home, others)[...] = True
    mine = np.zeros(home.nbytes, bool)
    for call in touching:
        for array in (*call.reads, *(call.writes if call.updates else ())):
            seen = _shadow(array, home, mine)
            if (seen & _shadow(array, home, others)).any():
                return False
        for array in call.writes:
            _shadow(array, home, mine)[...] = call is constant
    return True


def _shadow(array: np.ndarray, home: np.ndarray, marks: np.ndarray):
    """The marks of an array's elements, of their first bytes; none if it is of another block."""
    if block(array) != start_of(home):
        return np.empty(0, bool)
    offset = array.__array_interface__["data"][0] - start_of(home)
    return np.ndarray(array.shape, bool, marks, offset, array.strides)


def _in_place_of_copies(calls: list[Call], given: set[int]) -> list[Call]:
    """Where a whole block is copied to memory of others, let it be there from the beginning."""
    read = {block(a) for c in calls for a in c.reads}
    moves: dict[int, np.ndarray] = {}
    kept = []
    for call in calls:
        if call.function is np.copyto and len(call.reads) == 1 and not call.updates:
            source, target = call.reads[0], call.writes[0]
            home = whole(source)
            free = block(source) not in given and block(source) not in moves
            if (free and block(target) in given and block(target) not in read
                    and source.dtype == target.dtype and source.flags.c_contiguous
                    and target.flags.c_contiguous and home.nbytes == source.nbytes > 0):
                moves[block(source)] = target
                continue
        kept.append(call)

    def move(array: np.ndarray) -> np.ndarray:
        target = moves.get(block(array))
        return array if target is None else _rebased(array, target)
    return [c.moved(move) for c in kept] if moves else kept


def _shared_memory(calls: list[Call], results: list[np.ndarray], given: set[int],
                   memory: Memory) -> tuple[list[Call], Callable]:
    """The calls on less memory: a new block takes the memory of one that is not read any more, the
    latest first, since that is in the cache. A block of which a part outlives a run keeps its own,
    or has one with another program where that part is the same."""
    first: dict[int, int] = {}  # block -> the call that writes it first
    last: dict[int, int] = {}  # block -> the last call that touches it
    homes: dict[int, np.ndarray] = {}
    touching = _touching(calls)
    for i, call in enumerate(calls):
        written = {block(w) for w in call.writes}
        for array in (*call.writes, *call.reads):
            home = block(array)
            homes[home] = whole(array)
            first.setdefault(home, i if home in written else -1)
            last[home] = i
    kept = {home for home in homes
            if first[home] < 0 or not _rewritten(home, homes[home], touching[home])}
    place: dict[int, np.ndarray] = {}
    for home in kept - given - {block(a) for a in results}:
        marks = _written(homes[home], touching[home])
        if marks is not None:
            place[home] = memory.alike(homes[home], marks)
    kept |= given | {block(a) for a in results}
    ends: list[list[int]] = [[] for _ in calls]
    for home, i in last.items():
        if home not in kept:
            ends[i].append(home)
    for i, call in enumerate(calls):
        ending = ends[i]
        for home in dict.fromkeys(block(a) for a in call.writes):
            if home in kept or first[home] != i:
                continue
            heir = next((h for h in ending if h in place and _may_overwrite(call, h, homes)), None)
            if heir is not None:
                ending.remove(heir)
                place[home] = place[heir]
            else:
                place[home] = memory.taken(homes[home].nbytes)
        memory.free.extend(place[h] for h in ending if h in place)

    def move(array: np.ndarray) -> np.ndarray:
        target = place.get(block(array))
        return array if target is None else _rebased(array, target)
    return [c.moved(move) for c in calls], move


def _rewritten(home: int, memory: np.ndarray, touching: list[Call]) -> bool:
    """Whether a run writes every element of a block before it reads it: nothing in it must last.
    touching: the calls that read or write the block."""
    if len(touching) and not touching[0].updates and any(
            block(w) == home and w.nbytes == memory.nbytes for w in touching[0].writes):
        return True
    written = np.zeros(memory.nbytes, bool)
    for call in touching:
        for array in (*call.reads, *(call.writes if call.updates else ())):
            if not _shadow(array, memory, written).all():
                return False
        for array in call.writes:
            _shadow(array, memory, written)[...] = True
    return True


def _written(memory: np.ndarray, touching: list[Call]) -> np.ndarray | None:
    """Marks of the elements of a block that a run writes; None if one of them is read before, or
    if not all elements are of one size."""
    arrays = [a for call in touching for a in (*call.reads, *call.writes) if block(a) ==
              start_of(memory)]
    if not memory.flags.c_contiguous or {a.itemsize for a in arrays} != {memory.itemsize}:
        return None
    before, written = np.zeros(memory.nbytes, bool), np.zeros(memory.nbytes, bool)
    for call in touching:
        for array in (*call.reads, *(call.writes if call.updates else ())):
            _shadow(array, memory, before)[...] |= ~_shadow(array, memory, written)
        for array in call.writes:
            _shadow(array, memory, written)[...] = True
    return None if (before & written).any() else written


def _may_overwrite(call: Call, home: int, homes: dict[int, np.ndarray]) -> bool:
    """Whether an elementwise call may write its result over an input that ends with it."""
    if not isinstance(call.function, np.ufunc) or call.function is np.matmul:
        return False
    [target] = call.writes
    mine = [a for a in call.reads if block(a) == home]
    return (whole(target).nbytes == homes[home].nbytes
            and all(a.shape == target.shape and a.strides == target.strides
                    and a.dtype == target.dtype for a in mine))


# ---------------------------------------------------------------------------- memory


def whole(array: np.ndarray) -> np.ndarray:
    """The array that owns the memory of a view."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def start_of(array: np.ndarray) -> int:
    """The address at which the memory of an array begins."""
    return np.lib.array_utils.byte_bounds(array)[0]


def block(array: np.ndarray) -> int:
    """The block that an array is a view of, by its start."""
    return start_of(whole(array))


def _rebased(array: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The view of `target` that `array` is of its own block."""
    offset = array.__array_interface__["data"][0] - block(array)
    return np.ndarray(array.shape, array.dtype, target, offset, array.strides)


def _mapped(value, move: Callable):
    """Arguments with every array in them moved."""
    if isinstance(value, np.ndarray):
        return move(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_mapped(v, move) for v in value)
    if isinstance(value, dict):
        return {name: _mapped(v, move) for name, v in value.items()}
    return value
