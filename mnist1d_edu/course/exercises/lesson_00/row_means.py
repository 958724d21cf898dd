"""00.row_means: a mean along one axis."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_00.signals import signals


def row_means(x):
    return x.mean(axis=1)


EXERCISE = Exercise(
    "00.row_means", "The mean of each signal", row_means, probes=signals,
    hints=(
        "`x` has shape (N, L): axis 0 counts the signals, axis 1 runs along one signal. `np.mean` "
        "and the method `x.mean` take the axis that is to disappear.",
        "Of shape (N, L) only (N,) is to be left: axis 1 disappears, `x.mean(axis=...)`.",
    ),
    mistakes={
        "you averaged over the signals: axis 0 is gone and one number per position is left. The "
        "mean of each signal runs along axis 1":
            lambda x: x.mean(axis=0),
        "you took the mean of all the numbers at once: name the axis that is to disappear, and one "
        "mean per signal is left":
            lambda x: x.mean(),
        "you added each signal up, and did not divide by its length, x.shape[1]":
            lambda x: x.sum(axis=1),
        "you divided by the number of signals, x.shape[0]: a signal has x.shape[1] values":
            lambda x: x.sum(axis=1) / len(x),
        "your means are right, but they are in a column of shape (N, 1): this exercise asks for "
        "shape (N,), so leave out keepdims":
            lambda x: x.mean(axis=1, keepdims=True),
        "you divided by one less than a signal's length: that belongs to estimates of a spread, a "
        "mean divides by x.shape[1]":
            lambda x: x.sum(axis=1) / (x.shape[1] - 1),
        "this is the median, the value in the middle: the mean is the sum divided by the length":
            lambda x: np.median(x, axis=1),
        "this is the mean of the first signal alone: every signal has its own":
            codings(lambda x: x[0].mean(), lambda x: np.full(len(x), x[0].mean())),
        "you averaged the lowest and the highest value: the mean takes all values of a signal":
            lambda x: (x.min(axis=1) + x.max(axis=1)) / 2,
    },
    variants={
        "a loop over the signals": lambda x: np.array([sum(row) / len(row) for row in x]),
        "a product with a vector of equal weights":
            lambda x: x @ np.full(x.shape[1], 1 / x.shape[1]),
        "single precision": lambda x: x.astype(np.float32).mean(axis=1),
    },
)
