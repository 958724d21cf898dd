"""01.translate: the signal moved to a random place, on a ring."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_01.streams import (
    Stream,
    drive_with,
    in_double_precision,
    stream,
)


def translate(x, max_translation, rng):
    return np.roll(x, rng.randint(max_translation))


def shifts(rng: np.random.RandomState) -> list[tuple]:
    """x (L,), max_translation, rng."""
    return [(np.array([1.0, 2.0, 3.0]), 1, Stream(0))] + [
        (np.array([1.0, 2.0, 3.0, 4.0]), 3, Stream(seed)) for seed in range(5)] + [
        (rng.randn(72), 48, stream(rng)) for _ in range(3)]


# ---- what must hold
def one_number_drawn(result, x, max_translation, rng):
    rng.randint(max_translation)
    return result.following == rng.random_sample()


# ---- what students write
def zeros_come_in(x, max_translation, rng):
    k = rng.randint(max_translation)
    return np.concatenate([np.zeros(k), x[:len(x) - k]])


# ---- other right answers
def two_pieces(x, max_translation, rng):
    cut = len(x) - rng.randint(0, max_translation)
    return np.concatenate([x[cut:], x[:cut]])


def indices_on_a_ring(x, max_translation, rng):
    return x[(np.arange(len(x)) - rng.randint(max_translation)) % len(x)]


EXERCISE = Exercise(
    "01.translate", "To a random place", translate, probes=shifts,
    drive=drive_with("x", "max_translation", "rng"),
    hints=(
        "`rng.randint(n)` draws one of the n whole numbers 0 to n − 1. What leaves the array on "
        "the right comes back on the left: NumPy has a function for that.",
        "`np.roll(x, k)` moves to the right for a positive k.",
    ),
    mistakes={
        "your signal moves to the left: np.roll goes right for a positive number":
            lambda x, max_translation, rng: np.roll(x, -rng.randint(max_translation)),
        "zeros come in on the left, and what leaves on the right is lost: let it come back in on "
        "the left, as on a ring":
            zeros_come_in,
        "your k goes up to max_translation itself: it is one of 0, ..., max_translation - 1, and "
        "randint never reaches its upper limit":
            lambda x, max_translation, rng: np.roll(x, rng.randint(max_translation + 1)),
        "your k is never 0: a digit may also stay where it is, so k is one of 0, ..., "
        "max_translation - 1":
            lambda x, max_translation, rng: np.roll(x, rng.randint(1, max_translation)),
        "you drew from NumPy's global generator, np.random: draw from the `rng` that you are "
        "given, and the result depends on it alone":
            lambda x, max_translation, rng: np.roll(x, np.random.randint(max_translation)),
        "a uniform number cut to a whole one is just as random, but takes other numbers from the "
        "stream than the recipe says: use rng.randint":
            lambda x, max_translation, rng: np.roll(x, int(rng.random_sample() * max_translation)),
        "you always move by max_translation: that is how many places there are, and chance must "
        "choose one of them":
            lambda x, max_translation, rng: np.roll(x, max_translation),
        "you shuffle the samples: the signal keeps its form, and only moves":
            lambda x, max_translation, rng: rng.permutation(x),
    },
    musts={
        "draw exactly one whole number from rng, with rng.randint(max_translation), and nothing "
        "else":
            one_number_drawn,
        "keep double precision (float64): in single precision it would be another dataset, with "
        "another fingerprint":
            in_double_precision,
    },
    variants={
        "choice": lambda x, max_translation, rng: np.roll(x, rng.choice(max_translation)),
        "two pieces": two_pieces,
        "indices on a ring": indices_on_a_ring,
    },
)
