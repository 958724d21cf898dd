"""15.paired: a difference between two conditions, seed by seed (UDL 20.2.7)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def paired(one, other, t):
    differences = one - other
    return differences.mean(), t * differences.std(ddof=1) / np.sqrt(len(differences))


def scores(rng: np.random.RandomState) -> list[tuple]:
    """one, other (S,): accuracies of the same seeds, and Student's t for so many."""
    seeds = rng.normal(62, 4, 8)
    return [(np.array([64.0, 70.0]), np.array([63.0, 65.0]), 12.7),
            (np.array([60.0, 58.0, 66.0]), np.array([62.0, 61.0, 65.0]), 4.3),
            (seeds + rng.normal(1, 0.5, 8), seeds, 2.36), (rng.normal(50, 3, 5), seeds[:5], 2.78)]


# ---- what students write
def as_if_unpaired(one, other, t):
    variance = one.var(ddof=1) + other.var(ddof=1)
    return one.mean() - other.mean(), t * np.sqrt(variance / len(one))


def intervals_added(one, other, t):
    spread = one.std(ddof=1) + other.std(ddof=1)
    return one.mean() - other.mean(), t * spread / np.sqrt(len(one))


def intervals_subtracted(one, other, t):
    spread = one.std(ddof=1) - other.std(ddof=1)
    return one.mean() - other.mean(), t * abs(spread) / np.sqrt(len(one))


def spread_of_the_first(one, other, t):
    return one.mean() - other.mean(), t * one.std(ddof=1) / np.sqrt(len(one))


def all_pooled(one, other, t):
    both = np.concatenate([one, other])
    return one.mean() - other.mean(), t * both.std(ddof=1) / np.sqrt(len(both))


def absolute_differences(one, other, t):
    return paired(np.abs(one - other), 0, t)


def both_ends(one, other, t):
    mean, half = paired(one, other, t)
    return mean - half, mean + half


def sorted_first(one, other, t):
    return paired(np.sort(one), np.sort(other), t)


# ---- other right answers
def sums_written_out(one, other, t):
    differences = [a - b for a, b in zip(one, other, strict=True)]
    n, mean = len(differences), sum(differences) / len(differences)
    return mean, t * (sum((d - mean) ** 2 for d in differences) / (n - 1) / n) ** 0.5


def from_the_covariance(one, other, t):
    both = np.cov(one, other)
    variance = both[0, 0] + both[1, 1] - 2 * both[0, 1]
    return one.mean() - other.mean(), t * np.sqrt(variance / one.size)


EXERCISE = Exercise(
    "15.paired", "A difference, seed by seed", paired, probes=scores,
    hints=(
        "First make one number of each seed: its difference. From then on it is the interval of "
        "lesson 06, for the mean of S numbers.",
        "`d = one - other` has one entry for each seed. Its mean varies √S times less than a "
        "single difference, whose standard deviation is `d.std(ddof=1)`.",
        "`t * d.std(ddof=1) / np.sqrt(len(d))` is the half-width.",
    ),
    mistakes={
        "you added the variances of the two conditions, as if their seeds had nothing to do with "
        "each other: take the differences first, and the spread of those":
            as_if_unpaired,
        "you added the spreads of the two conditions: take the differences first, seed by seed, "
        "and the spread of those":
            intervals_added,
        "you subtracted the spreads of the two conditions: take the differences first, seed by "
        "seed, and the spread of those":
            intervals_subtracted,
        "this is how well the mean of `one` is known: what is asked for is the spread of the "
        "differences":
            spread_of_the_first,
        "you put both conditions into one heap: take the differences first, seed by seed, and the "
        "spread of those":
            all_pooled,
        "you sorted before subtracting, so the differences no longer belong to one seed each":
            sorted_first,
        "you took absolute values: a difference may be negative, and its sign is what you want to "
        "know":
            absolute_differences,
        "your difference is the wrong way round: `one` minus `other`":
            lambda one, other, t: paired(other, one, t),
        "you divided the squares by n: for a sample it is n - 1, `ddof=1`":
            lambda one, other, t: ((one - other).mean(),
                                   t * (one - other).std() / np.sqrt(len(one))),
        "this is how far single differences spread: their *mean* varies √n times less":
            lambda one, other, t: ((one - other).mean(), t * (one - other).std(ddof=1)),
        "you divided by n instead of √n: it is the variance of a mean that falls like 1/n":
            lambda one, other, t: ((one - other).mean(),
                                   t * (one - other).std(ddof=1) / len(one)),
        "this is the standard error: multiply it by t to get the half-width of the interval":
            lambda one, other, t: paired(one, other, 1),
        "1.96 is the factor for very many seeds: take the `t` that you are given":
            lambda one, other, t: paired(one, other, 1.96),
        "this is the full width of the interval: half of it goes to each side of the mean":
            lambda one, other, t: paired(one, other, 2 * t),
        "these are the two ends of the interval: return the mean and the half-width": both_ends,
    },
    variants={
        "sums written out": sums_written_out,
        "from the covariance of the two": from_the_covariance,
    },
)
