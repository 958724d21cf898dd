"""01.pad: a random number of zeros after the signal."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_01.streams import (
    Stream,
    drive_with,
    in_double_precision,
    one_uniform_number_drawn,
    stream,
)


def pad(x, low, high, rng):
    p = low + int(rng.random_sample() * (high - low + 1))
    return np.concatenate([x, np.zeros(p)])


def paddings(rng: np.random.RandomState) -> list[tuple]:
    """x, low, high, rng: the last fraction of u counts, so several draws; a fixed p; real sizes."""
    return [(np.array([1.0, 2.0, 3.0]), 1, 4, Stream(seed)) for seed in range(6)] + [
        (rng.randn(4), 3, 3, stream(rng)), (rng.randn(5), 0, 9, stream(rng)),
        *((rng.randn(12), 36, 60, stream(rng)) for _ in range(6))]


# ---- what students write
def drawn(low, high, rng):
    return low + int(rng.random_sample() * (high - low + 1))


def high_never_drawn(x, low, high, rng):
    return np.concatenate([x, np.zeros(low + int(rng.random_sample() * (high - low)))])


def rounded(x, low, high, rng):
    return np.concatenate([x, np.zeros(round(low + rng.random_sample() * (high - low)))])


# ---- other right answers
def with_np_pad(x, low, high, rng):
    return np.pad(x, (0, low + int(np.floor((high - low + 1) * rng.rand()))))


def zeros_filled(x, low, high, rng):
    out = np.zeros(len(x) + low + int(rng.uniform() * (high + 1 - low)))
    out[:len(x)] = x
    return out


EXERCISE = Exercise(
    "01.pad", "A random number of zeros", pad, probes=paddings,
    drive=drive_with("x", "low", "high", "rng"),
    hints=(
        "There are high − low + 1 whole numbers from low to high. Draw u with "
        "`rng.random_sample()`, stretch it to that many, and cut the decimals off with `int`.",
        "`p = low + int(rng.random_sample() * (high - low + 1))`; then `np.zeros(p)` and "
        "`np.concatenate`, which takes a *list* of arrays.",
    ),
    mistakes={
        "your p never comes out as `high`: u is always below 1, so u * (high - low) is cut to at "
        "most high - low - 1. There are high - low + 1 whole numbers to choose from":
            high_never_drawn,
        "rounding makes the first and the last number half as likely as the others: stretch u over "
        "high - low + 1 numbers, and cut the decimals off with int":
            rounded,
        "your zeros come before the signal: they belong after it":
            lambda x, low, high, rng: np.concatenate([np.zeros(drawn(low, high, rng)), x]),
        "rng.randint is just as random, but it takes other numbers from the stream than the recipe "
        "says: draw one uniform number with rng.random_sample(), or no later draw will agree with "
        "the published dataset":
            lambda x, low, high, rng: np.concatenate([x, np.zeros(rng.randint(low, high + 1))]),
        "rng.randint(low, high) never gives `high`, and takes other numbers from the stream than "
        "the recipe says: draw one uniform number with rng.random_sample()":
            lambda x, low, high, rng: np.concatenate([x, np.zeros(rng.randint(low, high))]),
        "you always add the same number of zeros, `high`: how many is to be left to chance":
            lambda x, low, high, rng: np.concatenate([x, np.zeros(high)]),
        "you drew from NumPy's global generator, np.random, which any other code may have advanced "
        "or seeded: draw from the `rng` that you are given, and the result depends on it alone":
            lambda x, low, high, rng: np.append(x, np.zeros(drawn(low, high, np.random))),
        "you fill up *to* p numbers: p zeros are added, however long the signal is":
            lambda x, low, high, rng: np.append(x, [0.0] * (drawn(low, high, rng) - len(x))),
    },
    musts={
        "draw exactly one number from rng, with rng.random_sample()": one_uniform_number_drawn,
        "keep double precision (float64): in single precision it would be another dataset, with "
        "another fingerprint":
            in_double_precision,
    },
    variants={
        "np.pad and floor": with_np_pad,
        "an array of zeros, filled": zeros_filled,
    },
)
