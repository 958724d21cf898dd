"""A step of many replicas, some of them at a time.

One step for all replicas saves Python's time, as long as the arrays are small. Where a single
replica's arrays fill the cache, those of ten do not fit, and every operation waits for memory. So
the first step is written down for one replica, and as many go together as make arrays of about
`TOGETHER` bytes. How many they are changes nothing in what each computes, but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np

from mnist1d_edu.layout import Layout
from mnist1d_edu.program import Memory
from mnist1d_edu.replay import Replay

TOGETHER = 100_000  # bytes that a call writes, on average: found by trial


class Groups:
    """A step of all replicas: results (S, ...) of the whole from those of groups.

    step_of: from the masks of some replicas to their step, as `Replay` takes it. own: for each of
    its inputs, whether it has a part for every replica or is shared. into: which of the results
    are written into the memory of the layout.
    """

    def __init__(self, step_of: Callable[[dict], Callable], layout: Layout,
                 own: tuple[bool, ...], into: Collection[str] = ()):
        self.step_of, self.layout, self.own, self.into = step_of, layout, own, set(into)
        self.parts: list[tuple[slice, Replay]] = []

    def __call__(self, *inputs: np.ndarray) -> dict[str, np.ndarray]:
        """The results that are not in the layout's memory, for each replica."""
        if not self.parts:
            self.parts = self.divided(inputs)
        results = [replay(*self.of(some, inputs)) for some, replay in self.parts]
        if len(results) == 1:
            return results[0]
        return {name: np.concatenate([one[name] for one in results])
                for name in results[0].keys() - self.into}

    def of(self, some: slice, inputs) -> list[np.ndarray]:
        """The inputs of some replicas."""
        return [value[some] if own else value
                for value, own in zip(inputs, self.own, strict=True)]

    def divided(self, inputs) -> list[tuple[slice, Replay]]:
        """The replicas in groups of nearly equal size: a last one of a single replica would take as
        many calls as one of ten."""
        count = len(self.layout.seeds)
        number = round(count / self.together(inputs)) if count > 1 else 1
        together = -(-count // max(1, number))
        memory = Memory()  # which the groups use in turn
        groups = []
        for start in range(0, count, together):
            some = slice(start, start + together)
            fixed, into, masks = self.layout.replicas(some)
            into = {name: target for name, target in into.items() if name in self.into}
            groups.append((some, Replay(self.step_of(masks), fixed, into, memory)))
        return groups

    def together(self, inputs) -> int:
        """About how many replicas go together; all, if a step cannot be written down."""
        first = slice(0, 1)
        fixed, _, masks = self.layout.replicas(first)
        alone = Replay(self.step_of(masks), fixed)
        alone(*self.of(first, inputs))
        if alone.program is None:
            return len(self.layout.seeds)
        return max(1, round(TOGETHER / max(1, alone.program.bytes_a_call())))
