"""00.standardise: each signal with mean 0 and standard deviation 1, by broadcasting."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_00.signals import signals


def standardise(x):
    return (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)


def with_whole_numbers(rng: np.random.RandomState) -> list[tuple]:
    """Signals, and some of integers, in whose own dtype the result has no room."""
    return [*signals(rng), (np.array([[4, 1, 7, -2, 3], [0, 9, -9, 2, 5]]),)]


# ---- other right answers
def new_axis_written_out(x):
    centred = x - x.mean(axis=1)[:, np.newaxis]
    return centred / np.sqrt((centred**2).mean(axis=1))[:, None]


def in_place_on_a_copy(x):
    x = x.astype(float)
    x -= x.mean(axis=1, keepdims=True)
    x /= x.std(axis=1, keepdims=True)
    return x


EXERCISE = Exercise(
    "00.standardise", "Every signal with mean 0 and standard deviation 1", standardise,
    probes=with_whole_numbers,
    hints=(
        "Subtract from each signal its own mean, then divide by its own standard deviation "
        "(`x.std`). A row of (N, L) and its mean must line up.",
        "A mean of shape (N,) is laid along the *last* axis of (N, L). `keepdims=True` keeps the "
        "averaged axis with length 1; the shape (N, 1) is stretched along each row.",
        "`mean = x.mean(axis=1, keepdims=True)`, the same for `x.std`, and a line with both.",
    ),
    mistakes={
        "you standardised each position over the signals (axis 0): here each signal gets its own "
        "mean and deviation, along axis 1":
            lambda x: (x - x.mean(axis=0)) / x.std(axis=0),
        "you used one mean and one deviation for the whole batch: each signal has its own, along "
        "axis 1":
            lambda x: (x - x.mean()) / x.std(),
        "your signals have mean 0, but you did not divide them by their standard deviation":
            lambda x: x - x.mean(axis=1, keepdims=True),
        "you divided by the variance: it is the standard deviation, its square root, that brings "
        "the spread to 1":
            lambda x: (x - x.mean(axis=1, keepdims=True)) / x.var(axis=1, keepdims=True),
        "a mean of shape (N,) is laid along the last axis of (N, L): keep the averaged axis with "
        "keepdims=True, and (N, 1) is stretched along each row":
            lambda x: (x - x.mean(axis=1)) / x.std(axis=1),
        "you divided before you subtracted the mean: division binds more tightly than subtraction, "
        "so put the subtraction in brackets":
            lambda x: x - x.mean(axis=1, keepdims=True) / x.std(axis=1, keepdims=True),
    },
    musts={
        "the mean of each signal must come out as 0":
            lambda result, x: np.allclose(result.mean(axis=1), 0, atol=1e-4),
        "the standard deviation of each signal must come out as 1 (NumPy's default, which divides "
        "by L and not L - 1)":
            lambda result, x: np.allclose(result.std(axis=1), 1, atol=1e-4),
    },
    variants={
        "with the new axis written out": new_axis_written_out,
        "in place, on a copy": in_place_on_a_copy,
        "transposed, so that the last axis counts the signals":
            lambda x: ((x.T - x.mean(axis=1)) / x.std(axis=1)).T,
    },
)
