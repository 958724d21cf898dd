"""09.autocorrelation: how much values that are `lag` apart know of each other."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def autocorrelation(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


def signals(rng: np.random.RandomState) -> list[tuple]:
    """Signals (N, L) whose mean is not 0 and differs by signal, and lags, 0 among them."""
    smooth = np.cumsum(rng.randn(6, 12), axis=1) + 3 * rng.rand(6, 1)
    return [(np.array([[1.0, 2.0, 4.0, 3.0], [2.0, 0.0, 1.0, 5.0]]), 1), (smooth, 2), (smooth, 0),
            (smooth, 5)]


# ---- what students write
def one_long_line(x, lag):
    flat = x.ravel()
    return np.corrcoef(flat[:flat.size - lag], flat[lag:])[0, 1]


def covariance(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    return ((first - first.mean()) * (second - second.mean())).mean()


def means_not_subtracted(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    return (first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum())


def time_series_form(x, lag):
    centred = x - x.mean()
    return (centred[:, :x.shape[1] - lag] * centred[:, lag:]).sum() / (centred**2).sum()


# ---- other right answers
def written_out(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    first, second = first - first.mean(), second - second.mean()
    return (first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum())


def loops_over_pairs(x, lag):
    pairs = [(row[i], row[i + lag]) for row in x for i in range(len(row) - lag)]
    return np.corrcoef(np.array(pairs).T)[0, 1]


def standard_scores(x, lag):
    first, second = (part.astype(np.float32) for part in (x[:, :x.shape[1] - lag], x[:, lag:]))
    scores = [(part - part.mean()) / part.std() for part in (first, second)]
    return (scores[0] * scores[1]).mean()


EXERCISE = Exercise(
    "09.autocorrelation", "How much values that are `lag` apart know of each other",
    autocorrelation, probes=signals, points=2,
    hints=(
        "Make two arrays of the same shape, so that `a[n, i]` and `b[n, i]` are the two values of "
        "a pair: all columns but the last `lag`, and all but the first `lag`.",
        "`x[:, :-lag]` is empty where lag is 0. `x[:, :x.shape[1] - lag]` always works.",
        "`np.corrcoef(a.ravel(), b.ravel())` gives a matrix of 2 x 2; the correlation "
        "of a with b is `[0, 1]`.",
    ),
    mistakes={
        "for lag 0 you fail: x[:, :-0] is x[:, :0], which is empty. Write x[:, :x.shape[1] - lag]":
            lambda x, lag: np.corrcoef(x[:, :-lag].ravel(), x[:, lag:].ravel())[0, 1],
        "you wrapped around: np.roll pairs the end of a signal with its beginning. Cut off `lag` "
        "columns at either side instead":
            lambda x, lag: np.corrcoef(x.ravel(), np.roll(x, lag, axis=1).ravel())[0, 1],
        "you made one long line first and shifted then, so that the end of each signal is paired "
        "with the beginning of the next: shift along axis 1 first, ravel afterwards":
            one_long_line,
        "you shifted along axis 0, so that you compare different signals: the "
        "positions lie along axis 1":
            lambda x, lag: np.corrcoef(x[:len(x) - lag].ravel(), x[lag:].ravel())[0, 1],
        "this is the covariance: divide it by both standard deviations (np.corrcoef does)":
            covariance,
        "you did not subtract the means first: two values that are only both large "
        "would count as related":
            means_not_subtracted,
        "np.corrcoef gives all four correlations of two things: the one of the first "
        "with the second is [0, 1]":
            lambda x, lag: np.corrcoef(x[:, :x.shape[1] - lag].ravel(), x[:, lag:].ravel()),
        "you averaged the correlations of the single signals: here all pairs of all signals "
        "go into one correlation":
            lambda x, lag: np.mean([autocorrelation(row[np.newaxis], lag) for row in x]),
        "you used mean and spread of *all* values (the form of time-series books): here it is the "
        "plain correlation of the pairs, each side with its own":
            time_series_form,
        "this is the covariance: the correlation is that divided by both standard deviations, "
        "np.corrcoef":
            lambda x, lag: np.cov(x[:, :x.shape[1] - lag].ravel(), x[:, lag:].ravel())[0, 1],
        "this is the mean of the products: take the means off first, and divide by the standard "
        "deviations, or let np.corrcoef do it":
            lambda x, lag: (x[:, :x.shape[1] - lag] * x[:, lag:]).mean(),
        "np.corrcoef took each signal as a variable: flatten both arrays, so that all pairs count "
        "together":
            lambda x, lag: np.corrcoef(x[:, :x.shape[1] - lag], x[:, lag:])[0, 1],
    },
    musts={
        "a correlation lies between −1 and 1":
            lambda result, x, lag: -1 - 1e-9 <= result <= 1 + 1e-9,
    },
    variants={
        "written out": written_out,
        "loops over the pairs": loops_over_pairs,
        "standard scores, in single precision": standard_scores,
    },
)
