"""06.interval: the mean of several runs, and how well it is known."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def interval(values, t):
    return values.mean(), t * values.std(ddof=1) / np.sqrt(len(values))


def scores(rng: np.random.RandomState) -> list[tuple]:
    """values (n,) and the t that belongs to 95 % for so many."""
    return [(np.array([1.0, 3.0]), 12.7), (np.array([60.0, 66, 63]), 4.3),
            (rng.normal(65, 1.5, 10), 2.26)]


# ---- what students write
def both_ends(values, t):
    mean, half = interval(values, t)
    return mean - half, mean + half


# ---- other right answers
def sums_written_out(values, t):
    n = len(values)
    mean = sum(values) / n
    return mean, t * (sum((v - mean) ** 2 for v in values) / (n - 1) / n) ** 0.5


def root_of_the_variance(values, t):
    return np.mean(values), np.sqrt(t**2 * np.var(values, ddof=1) / values.size)


EXERCISE = Exercise(
    "06.interval", "The mean, and how well it is known", interval, probes=scores,
    parts=("mean", "half-width"),
    hints=(
        "First the standard deviation s of the runs, with the squares divided by n - 1. Then ask: "
        "how much does a *mean* of n such runs vary?",
        "A mean of n independent runs varies √n times less than a single run: "
        "s/√n, the standard error.",
        "`t * values.std(ddof=1) / np.sqrt(len(values))`",
    ),
    mistakes={
        "you divided the squares by n: for a sample it is n - 1, `ddof=1`, or the "
        "spread comes out too small":
            lambda values, t: (values.mean(), t * values.std() / np.sqrt(len(values))),
        "this is how far single runs spread: their *mean* varies √n times less":
            lambda values, t: (values.mean(), t * values.std(ddof=1)),
        "you divided by n instead of √n: it is the variance of a mean that falls like 1/n; its "
        "standard deviation falls like 1/√n":
            lambda values, t: (values.mean(), t * values.std(ddof=1) / len(values)),
        "this is the standard error: multiply it by t to get the half-width of the interval":
            lambda values, t: (values.mean(), values.std(ddof=1) / np.sqrt(len(values))),
        "1.96 is the factor for very many runs: with a few, the standard deviation itself is "
        "uncertain, so take the `t` that you are given":
            lambda values, t: (values.mean(), 1.96 * values.std(ddof=1) / np.sqrt(len(values))),
        "this is the full width of the interval: half of it goes to each side of the mean":
            lambda values, t: (values.mean(), 2 * t * values.std(ddof=1) / np.sqrt(len(values))),
        "you used the variance: take its square root, the standard deviation":
            lambda values, t: (values.mean(), t * values.var(ddof=1) / np.sqrt(len(values))),
        "these are the two ends of the interval: return the mean and the half-width": both_ends,
        "n − 1 belongs in the standard deviation alone: the standard error is s over the root of n":
            lambda values, t: (values.mean(), t * values.std(ddof=1) / np.sqrt(len(values) - 1)),
    },
    variants={
        "sums written out": sums_written_out,
        "the square root of the mean's variance": root_of_the_variance,
    },
)
