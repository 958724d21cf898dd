"""19.walk_back: the gradient through many steps, with few of their states in memory (UDL 7.4)."""

from __future__ import annotations

import math
import weakref
from typing import ClassVar

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def walk_back(forward, backward, state, steps, g, every):
    kept = {}
    for k in range(steps):
        if k % every == 0:
            kept[k] = state
        state = forward(state, k)
    total = 0.0
    for first in reversed(range(0, steps, every)):
        last = min(first + every, steps)
        states = [kept.pop(first)]
        for k in range(first, last - 1):
            states.append(forward(states[-1], k))
        for k in reversed(range(first, last)):
            g, part = backward(g, states.pop(), k)
            total = total + part
    return g, total


class State:
    """What a step leaves: numbers that only forward and backward may look at."""

    alive: ClassVar[weakref.WeakSet] = weakref.WeakSet()

    def __init__(self, value):
        self.value = value
        State.alive.add(self)


class Chain:
    """Steps state -> tanh(matrix state + k theta), of which each knows its number."""

    def __init__(self, matrix, theta):
        self.matrix, self.theta, self.calls, self.most = matrix, theta, 0, 0

    def value(self, state, k):
        return np.tanh(self.matrix @ state.value + (k + 1) * self.theta)

    def forward(self, state, k):
        self.calls += 1
        after = State(self.value(state, k))
        self.most = max(self.most, len(State.alive))
        return after

    def backward(self, g, state, k):
        g = g * (1 - self.value(state, k)**2)
        return self.matrix.T @ g, (k + 1) * g


def drive(answer, matrix, theta, start, steps, g, every):
    """What came back, and whether memory and work were kept small."""
    chain = Chain(matrix, theta)
    State.alive = weakref.WeakSet()
    to_start, total = answer(chain.forward, chain.backward, State(start), steps, g, every)
    room = math.ceil(steps / every) + every + 2
    return {"cotangent of the first state": to_start, "gradient": total,
            "few states kept": chain.most <= room, "few steps computed": chain.calls <= 2 * steps}


def chains(rng: np.random.RandomState) -> list[tuple]:
    """matrix, theta, the first state, steps, g, every: two steps to read, then more; steps is not
    always a multiple of every."""
    def some(steps, every, size):
        return (rng.randn(size, size), 0.1 * rng.randn(size), rng.randn(size), steps,
                rng.randn(size), every)

    return [(np.array([[0.5]]), np.array([0.25]), np.array([1.0]), 2, np.array([10.0]), 1),
            some(24, 5, 3), some(30, 6, 2), some(40, 3, 3), some(5, 8, 2)]


def segmented(order=reversed, whole=False, number=lambda first, k: k, given=0, hand_on=True,
              add=True, first_of=lambda kept, first: kept.pop(first)):
    """An answer that goes wrong in one of these ways."""
    def answer(forward, backward, state, steps, g, every):
        kept = {}
        for k in range(steps):
            if k % every == 0:
                kept[k] = state
            state = forward(state, k)
        total, to_state = 0.0, g
        for first in order(range(0, steps - every + 1 if whole else steps, every)):
            last = min(first + every, steps)
            states = [first_of(kept, first)]
            for k in range(first, last - 1 + given):
                states.append(forward(states[-1], number(first, k)))
            for k in reversed(range(first, last)):
                to_state, part = backward(to_state if hand_on else g, states[k - first + given],
                                          number(first, k))
                total = total + part if add else part
        return to_state, total
    return answer


# ---- what students write
def keeps_all(forward, backward, state, steps, g, every):
    states = [state]
    for k in range(steps):
        states.append(forward(states[-1], k))
    total = 0.0
    for k in reversed(range(steps)):
        g, part = backward(g, states[k], k)
        total = total + part
    return g, total


def from_the_beginning(forward, backward, state, steps, g, every):
    total = 0.0
    for k in reversed(range(steps)):
        now = state
        for j in range(k):
            now = forward(now, j)
        g, part = backward(g, now, k)
        total = total + part
    return g, total


def from_the_checkpoint(forward, backward, state, steps, g, every):
    kept = {}
    for k in range(steps):
        if k % every == 0:
            kept[k] = state
        state = forward(state, k)
    total = 0.0
    for k in reversed(range(steps)):
        first = k - k % every
        now = kept[first]
        for j in range(first, k):
            now = forward(now, j)
        g, part = backward(g, now, k)
        total = total + part
    return g, total


def mean_of_parts(forward, backward, state, steps, g, every):
    g, total = walk_back(forward, backward, state, steps, g, every)
    return g, total / steps


def swapped(forward, backward, state, steps, g, every):
    return walk_back(forward, backward, state, steps, g, every)[::-1]


def upwards(forward, backward, state, steps, g, every):
    kept = {}
    for k in range(steps):
        if k % every == 0:
            kept[k] = state
        state = forward(state, k)
    total = 0.0
    for first in reversed(range(0, steps, every)):
        last = min(first + every, steps)
        states = [kept.pop(first)]
        for k in range(first, last - 1):
            states.append(forward(states[-1], k))
        for k in range(first, last):
            g, part = backward(g, states[k - first], k)
            total = total + part
    return g, total


# ---- other right answers
def by_segments(forward, backward, state, steps, g, every):
    def go(state, first, g):
        last, now, total = min(first + every, steps), state, 0.0
        if last < steps:
            for k in range(first, last):
                now = forward(now, k)
            g, total = go(now, last, g)
        states = [state]
        for k in range(first, last - 1):
            states.append(forward(states[-1], k))
        for k in range(last - 1, first - 1, -1):
            g, part = backward(g, states.pop(), k)
            total = total + part
        return g, total
    return go(state, 0, g)


def a_list(forward, backward, state, steps, g, every):
    checkpoints = []
    for k in range(steps):
        if k % every == 0:
            checkpoints.append(state)
        state = forward(state, k)
    total, end = 0.0, steps
    while checkpoints:
        begin = (len(checkpoints) - 1) * every
        inside = [checkpoints.pop()]
        for k in range(begin, end - 1):
            inside.append(forward(inside[-1], k))
        for k in range(end - 1, begin - 1, -1):
            g, part = backward(g, inside[k - begin], k)
            total += part
        end = begin
    return g, total


EXERCISE = Exercise(
    "19.walk_back", "Back through many steps", walk_back, probes=chains, points=3, drive=drive,
    hints=(
        "Two loops. The way there computes all steps and keeps, in a dict, the state before step k "
        "where `k % every == 0`. The way back takes the segments from the last to the first.",
        "In a segment from `first` to `last = min(first + every, steps)`: compute the states "
        "before each of its steps from the checkpoint; then, from its last step to its first, "
        "`g, part = backward(g, states.pop(), k)`, and add up the parts.",
    ),
    mistakes={
        "your gradient is right, but you kept all states: keep every `every`-th, and compute the "
        "others again, a segment at a time": keeps_all,
        "your gradient is right, but you compute all steps from the beginning for each state: "
        "begin at the checkpoint before it": from_the_beginning,
        "your gradient is right, but you compute the steps of a segment anew for each of its "
        "states: compute them once, and keep them for as long as you are in the segment":
            from_the_checkpoint,
        "backward wants the state before step k: you gave it the one after it": segmented(given=1),
        "the parts of all steps add up: you kept only the last": segmented(add=False),
        "steps is not always a multiple of every: the last, shorter segment is missing":
            segmented(whole=True),
        "each step hands its cotangent on to the one before it: you began with the same g each "
        "time": segmented(hand_on=False),
        "forward and backward want the number of the step in the whole run: yours counts from the "
        "beginning of the segment": segmented(number=lambda first, k: k - first),
        "the way back goes from the last segment to the first": segmented(order=iter),
        "the parts of the steps add up: you took their mean": mean_of_parts,
        "each segment begins at its own checkpoint: yours all begin at the first":
            segmented(first_of=lambda kept, first: kept[0]),
        "the cotangent of the first state comes first, then the gradient": swapped,
        "within a segment, too, the way back goes from its last step to its first": upwards,
    },
    musts={
        "the gradient must be the sum of what backward gives for each step":
            lambda outputs, matrix, *_: np.shape(outputs["gradient"]) == (len(matrix),),
    },
    variants={"by segments, calling itself": by_segments, "a list of checkpoints": a_list},
)
