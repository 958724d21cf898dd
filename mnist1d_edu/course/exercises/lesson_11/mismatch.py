"""11.mismatch: how far a function is from following a shift, or from ignoring it (UDL 10.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def mismatch(f, x, shift, out_shift):
    moved = f(np.roll(x, shift, axis=-1))
    return np.abs(moved - np.roll(f(x), out_shift, axis=-1)).mean()


def functions(rng: np.random.RandomState) -> list[tuple]:
    """f, x (N, L), shift, out_shift: functions that follow a shift, half follow it, and do not."""
    x, y = rng.randn(3, 6), rng.randn(2, 9)
    return [(unchanged, np.array([[1.0, 2.0, 4.0, 8.0]]), 1, 0), (doubled, x, 2, 2),
            (every_other, x, 2, 1), (times_the_place, x, 1, 3), (largest_of_all, x, 3, 0),
            (running_sum, y, -2, 1), (mean_of_the_batch, y, 4, 2)]


def unchanged(x):
    return x


def doubled(x):
    return 2 * x


def every_other(x):
    return x[:, ::2]


def times_the_place(x):
    return x * np.arange(x.shape[1])


def largest_of_all(x):
    return x.max(axis=-1, keepdims=True)


def running_sum(x):
    return np.cumsum(x, axis=-1)


def mean_of_the_batch(x):
    return x.mean(axis=0)


# ---- what students write
def signed(f, x, shift, out_shift):
    return (f(np.roll(x, shift, axis=-1)) - np.roll(f(x), out_shift, axis=-1)).mean()


def squared(f, x, shift, out_shift):
    return ((f(np.roll(x, shift, axis=-1)) - np.roll(f(x), out_shift, axis=-1))**2).mean()


def summed(f, x, shift, out_shift):
    return np.abs(f(np.roll(x, shift, axis=-1)) - np.roll(f(x), out_shift, axis=-1)).sum()


def largest(f, x, shift, out_shift):
    return np.abs(f(np.roll(x, shift, axis=-1)) - np.roll(f(x), out_shift, axis=-1)).max()


def rolled_flat(f, x, shift, out_shift):
    return np.abs(f(np.roll(x, shift)) - np.roll(f(x), out_shift)).mean()


def rolled_over_the_batch(f, x, shift, out_shift):
    moved = f(np.roll(x, shift, axis=0))
    return np.abs(moved - np.roll(f(x), out_shift, axis=0)).mean()


def absolute_of_the_mean(f, x, shift, out_shift):
    return abs(signed(f, x, shift, out_shift))


# ---- other right answers
def by_indices(f, x, shift, out_shift):
    moved = f(x[:, (np.arange(x.shape[1]) - shift) % x.shape[1]])
    still = f(x)
    still = still[..., (np.arange(still.shape[-1]) - out_shift) % still.shape[-1]]
    return float(np.mean(np.abs(moved - still)))


def undone(f, x, shift, out_shift):
    back = np.roll(f(np.roll(x, shift, axis=-1)), -out_shift, axis=-1)
    return np.mean(abs(f(x) - back))


EXERCISE = Exercise(
    "11.mismatch", "Does it follow, or ignore?", mismatch, probes=functions, points=1,
    hints=(
        "Two arrays are compared: f of the shifted signals, and f of the signals, shifted "
        "afterwards.",
        "`np.roll(x, shift, axis=-1)` shifts each signal; without an axis, np.roll runs over the "
        "ends of the rows.",
    ),
    mistakes={
        "your differences cancel: take their absolute values before the mean":
            codings(signed, absolute_of_the_mean),
        "you squared the differences: their absolute values are asked for": squared,
        "you summed: the mean over all numbers of the output is asked for": summed,
        "you took the largest difference: the mean is asked for": largest,
        "you shifted the output by shift: it is to be shifted by out_shift, which may be another":
            lambda f, x, shift, out_shift: mismatch(f, x, shift, shift),
        "you did not shift the output: f(x) is to be shifted by out_shift":
            lambda f, x, shift, out_shift: mismatch(f, x, shift, 0),
        "you did not shift the input: f is to be given the signals, shifted by shift":
            lambda f, x, shift, out_shift: mismatch(f, x, 0, out_shift),
        "you shifted the input to the left: np.roll(x, shift) moves it to the right":
            lambda f, x, shift, out_shift: mismatch(f, x, -shift, out_shift),
        "you shifted the output to the left: np.roll(..., out_shift) moves it to the right":
            lambda f, x, shift, out_shift: mismatch(f, x, shift, -out_shift),
        "your np.roll has no axis, and runs from one signal into the next: axis=-1": rolled_flat,
        "you shifted along the batch: the positions are the last axis": rolled_over_the_batch,
    },
    variants={"indices": by_indices, "the shift undone": undone},
)
