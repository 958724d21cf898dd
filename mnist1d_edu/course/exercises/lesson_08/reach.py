"""08.reach: how far back in time a gradient reaches."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_08.rnn_step import rnn_step
from mnist1d_edu.course.exercises.lesson_08.run import run


def reach(g, states, weight_hh, steps):
    lengths = [lengths_of(g).mean()]
    for t in range(len(states) - 1, len(states) - 1 - steps, -1):
        g = (g * (1 - states[t] ** 2)) @ weight_hh
        lengths.append(lengths_of(g).mean())
    return np.array(lengths)


def lengths_of(g):
    """The length of each example's cotangent."""
    return np.sqrt((g**2).sum(axis=1))


def readings(rng: np.random.RandomState) -> list[tuple]:
    """(g, states, weight_hh, steps), the states made by `run` with `rnn_step`; the last time, back
    to the state after the first value."""
    found = []
    for n, time, size, steps in ((1, 3, 2, 1), (4, 9, 3, 5), (2, 7, 3, 6)):
        weights = [rng.randn(size, 1), rng.randn(size, size), 0.3 * rng.randn(size)]
        states = run(lambda x_t, h, w=weights: rnn_step(x_t, h, *w), rng.randn(n, time, 1),
                     np.zeros((n, size)))
        found.append((rng.randn(n, size), states, weights[1], steps))
    return found


def as_array(reach, g, states, weight_hh, steps):
    """The lengths may come as a list."""
    lengths = reach(g, states, weight_hh, steps)
    return np.array(lengths) if isinstance(lengths, (list, tuple)) else lengths


# ---- what students write
def walk(g, states, weight_hh, steps, *, slope=lambda states, t: 1 - states[t] ** 2,
         measure=lambda g: lengths_of(g).mean(), order=None, chained=True):
    """The reference, with places where a mistake can sit."""
    last, first = len(states) - 1, g
    lengths = [measure(g)]
    for t in order(last, steps) if order else range(last, last - steps, -1):
        g = ((g if chained else first) * slope(states, t)) @ weight_hh
        lengths.append(measure(g))
    return np.array(lengths)


def measured_one_step_late(g, states, weight_hh, steps):
    return np.append(reach(g, states, weight_hh, steps)[1:],
                     reach(g, states, weight_hh, steps)[-1])


def slope_after_the_product(g, states, weight_hh, steps):
    lengths = [lengths_of(g).mean()]
    for t in range(len(states) - 1, len(states) - 1 - steps, -1):
        g = (g @ weight_hh) * (1 - states[t] ** 2)
        lengths.append(lengths_of(g).mean())
    return np.array(lengths)


# ---- other right answers
def indices_from_the_end(g, states, weight_hh, steps):
    lengths = []
    for back in range(steps + 1):
        lengths.append(np.mean([np.linalg.norm(row) for row in g]))
        g = g * (1 - states[-1 - back] * states[-1 - back]) @ weight_hh
    return lengths


def einsum(g, states, weight_hh, steps):
    lengths, g = np.zeros(steps + 1, np.float32), g.astype(np.float32)
    for i in range(steps + 1):
        lengths[i] = np.linalg.norm(g, axis=1).mean()
        if i < steps:
            g = np.einsum("no,oh->nh", g * (1 - states[len(states) - 1 - i] ** 2), weight_hh)
    return lengths


EXERCISE = Exercise(
    "08.reach", "How far back a gradient reaches", reach, probes=readings, points=2,
    drive=as_array,
    hints=(
        "Measure first: the length of each row of g, and the mean of these lengths. Then take one "
        "step back, from the last state to the one before, and measure again.",
        "One step back from states[t]: through the tanh, whose slope there is 1 - states[t]**2, "
        "then through `h @ weight_hh.T`, so `g = (g * (1 - states[t]**2)) @ weight_hh`.",
        "`np.linalg.norm(g, axis=1).mean()` measures; `for t in range(T - 1, T - 1 - steps, -1)` "
        "walks back.",
    ),
    mistakes={
        "you left the tanh out: in each step the cotangent is multiplied by its slope, "
        "1 - states[t]**2, before weight_hh": partial(walk, slope=lambda states, t: 1.0),
        "you took the tanh's slope one state too early: from states[t] the way leads through the "
        "tanh that made states[t]":
            partial(walk, slope=lambda states, t: 1 - states[t - 1] ** 2),
        "you multiplied by weight_hh before the slope: the tanh was applied last in the step, so "
        "the cotangent passes it first": slope_after_the_product,
        "in the backward pass it is weight_hh without the transpose: the forward pass had "
        "h @ weight_hh.T": lambda g, states, w, steps: reach(g, states, w.T, steps),
        "you walked forward, from the first state: a cotangent goes from the last state to the "
        "ones before it": codings(
            partial(walk, order=lambda last, steps: range(steps)),
            partial(walk, order=lambda last, steps: range(1, steps + 1))),
        "each of your steps starts from the g that you were given: hand the result of one step on "
        "to the next": partial(walk, chained=False),
        "you measured the length of the whole batch: take the length of each example (axis 1), "
        "and then the mean": partial(walk, measure=np.linalg.norm),
        "you averaged the cotangents first: they point in all directions and cancel. Take the "
        "length of each, then the mean":
            partial(walk, measure=lambda g: np.linalg.norm(g.mean(axis=0))),
        "these are squared lengths: take the root of each sum of squares before the mean":
            partial(walk, measure=lambda g: (g**2).sum(axis=1).mean()),
        "you added the lengths of the examples: take their mean":
            partial(walk, measure=lambda g: lengths_of(g).sum()),
        "you summed along axis 0, over the examples: an example's cotangent is a row, so the "
        "length runs along axis 1":
            partial(walk, measure=lambda g: np.sqrt((g**2).sum(axis=0)).mean()),
        "the first number is the length before any step back: measure first, then step":
            codings(lambda *given: reach(*given)[1:], measured_one_step_late),
        "one step is missing: 0, 1, ..., steps are steps + 1 numbers":
            lambda *given: reach(*given)[:-1],
    },
    variants={
        "indices from the end, a list": indices_from_the_end,
        "einsum, in single precision": einsum,
    },
)
