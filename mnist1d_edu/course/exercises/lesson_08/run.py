"""08.run: read a sequence, step by step, from the left or from the right."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.engine import Tensor


def run(step, x, h, reverse=False):
    order = range(x.shape[1])
    states = [None] * len(order)
    for t in reversed(order) if reverse else order:
        states[t] = h = step(x[:, t], h)
    return states


def leaky_sum(x, h):
    """Half of what was there, and the new value on top."""
    return 0.5 * h + x[:, :1]


def twisted(x, h):
    """A step that mixes the units, and in which the order matters."""
    return np.tanh(1.5 * h[:, ::-1] - 0.5 * h**2 + x[:, :1] + 0.25)


def readings(rng: np.random.RandomState) -> list[tuple]:
    """(step, x, h, reverse, kind): (N, T) = (1, 3) first; no batch is as long as its sequence; the
    last ones as the engine's tensors, which later cells of the lesson hand over."""
    ramp = np.array([[[1.0], [2.0], [4.0]]])
    return [(leaky_sum, ramp, np.array([[8.0]]), False, "arrays"),
            (leaky_sum, ramp, np.array([[8.0]]), True, "arrays"),
            (twisted, rng.randn(2, 5, 3), rng.randn(2, 4), False, "arrays"),
            (twisted, rng.randn(4, 3, 1), rng.randn(4, 2), True, "arrays"),
            (leaky_sum, rng.randn(2, 4, 1), rng.randn(2, 1), False, "tensors"),
            (leaky_sum, rng.randn(3, 2, 1), rng.randn(3, 1), True, "tensors")]


def states(run, step, x, h, reverse, kind):
    """What run returns, a list of tensors as a list of their arrays."""
    if kind == "arrays":
        return run(step, x, h, reverse)
    found = run(step, Tensor(x), Tensor(h), reverse)
    if isinstance(found, (list, tuple)):
        return [h.data if isinstance(h, Tensor) else "not a tensor" for h in found]
    return found.data if isinstance(found, Tensor) else found


# ---- what students write
def in_the_order_of_reading(step, x, h, reverse=False):
    states = []
    for t in range(x.shape[1]):
        h = step(x[:, -1 - t if reverse else t], h)
        states.append(h)
    return states


def reversed_afterwards(step, x, h, reverse=False):
    states = run(step, x, h)
    return states[::-1] if reverse else states


def along_the_examples(step, x, h, reverse=False):
    states = [None] * len(x)
    for t in reversed(range(len(x))) if reverse else range(len(x)):
        states[t] = h = step(x[t], h)
    return states


def time_axis_kept(step, x, h, reverse=False):
    return run(lambda x_t, h_t: step(x_t[:, np.newaxis], h_t), x, h, reverse)


def last_state_only(step, x, h, reverse=False):
    return run(step, x, h, reverse)[0 if reverse else -1]


def zeros_filled(step, x, h, reverse=False):
    states = np.zeros((x.shape[1], *h.shape))
    for t in reversed(range(x.shape[1])) if reverse else range(x.shape[1]):
        states[t] = h = step(x[:, t], h)
    return states


def zeros_filled_as_a_list(step, x, h, reverse=False):
    return list(zeros_filled(step, x, h, reverse))


def axes_swapped_first(step, x, h, reverse=False):
    return run(step, np.swapaxes(np.swapaxes(x, 0, 1), 0, 1), h, reverse)


def last_value_left_out(step, x, h, reverse=False):
    return run(step, x[:, 1:] if reverse else x[:, :-1], h, reverse)


def start_state_first(step, x, h, reverse=False):
    states = run(step, x, h, reverse)
    return [*states, h] if reverse else [h, *states]


# ---- other right answers
def mirrored(step, x, h, reverse=False):
    states = []
    if reverse:
        x = x[:, ::-1]
    for t in range(x.shape[1]):
        states.append(step(x[:, t], states[-1] if states else h))
    return states[::-1] if reverse else states


def recursion(step, x, h, reverse=False):
    def rest(positions, h):
        if not positions:
            return {}
        new = step(x[:, positions[0]], h)
        return {positions[0]: new, **rest(positions[1:], new)}

    order = [*range(x.shape[1])]
    states = rest(order[::-1] if reverse else order, h)
    return [states[t] for t in order]


EXERCISE = Exercise(
    "08.run", "Read a sequence, step by step", run, probes=readings, points=2, drive=states,
    hints=(
        "One loop over t, and a variable h that is replaced in each round: h = step(x[:, t], h). "
        "Which t come first if reverse is True?",
        "range(T) counts up and reversed(range(T)) counts down, with T = x.shape[1]. Reading from "
        "the right, the first state belongs to the last position.",
        "Begin with states = [None] * T, and put each new h into states[t].",
    ),
    mistakes={
        "reading from the right, your states are in the order of reading: states[t] must be the "
        "one after reading x[:, t], so that both directions line up":
            in_the_order_of_reading,
        "you always read from left to right: with reverse=True begin at the last value":
            lambda step, x, h, reverse=False: run(step, x, h),
        "with reverse=True you reversed the finished states, but still read from left to right: it "
        "is the reading that must begin at the end":
            reversed_afterwards,
        "every step gets the start state: hand the new state on, h = step(x[:, t], h)":
            lambda step, x, h, reverse=False: [step(x[:, t], h) for t in range(x.shape[1])],
        "you walk along the first axis, which counts the examples: time is axis 1, so read x[:, t]":
            along_the_examples,
        "x[:, t:t + 1] keeps the time axis, with length 1: the step wants "
        "x[:, t], of shape (N, in)":
            time_axis_kept,
        "you return only the last state: return all of them, one for each position":
            last_state_only,
        "your list begins with the start state: it must hold T states, one after each value read":
            start_state_first,
        "you joined the states into one array: return the plain list, so that the function also "
        "works for the engine's tensors, which np.stack and np.zeros do not know":
            lambda step, x, h, reverse=False: np.stack(run(step, x, h, reverse), axis=1),
        "you joined the states into one array, with time in front: return the plain list": codings(
            lambda step, x, h, reverse=False: np.stack(run(step, x, h, reverse)), zeros_filled),
        "it works for arrays, but not for the engine's tensors, which NumPy's functions and arrays "
        "of zeros do not know: take x[:, t], and collect the states in a plain list":
            codings(zeros_filled_as_a_list, axes_swapped_first),
        "one value is never read: range(T) runs from 0 to T - 1, all of which are needed":
            last_value_left_out,
        "you start from zeros: start from the state h that you are given":
            lambda step, x, h, reverse=False: run(step, x, np.zeros_like(h), reverse),
    },
    variants={
        "the mirrored sequence, with the states mirrored back": mirrored,
        "a recursion": recursion,
    },
)
