"""14.expected_changed: how many labels really change (UDL 8.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def expected_changed(n, p, classes):
    return n * p * (classes - 1) / classes


def noises(rng: np.random.RandomState) -> list[tuple]:
    """n, p, classes."""
    return [(10, 0.5, 2), (1000, 0.2, 4), (5 * int(rng.randint(100, 180)) + 2, 0.3, 3)]


EXERCISE = Exercise(
    "14.expected_changed", "How many labels really change", expected_changed, probes=noises,
    hints=(
        "A label changes if two things happen: it is drawn anew, and the new digit is another one. "
        "Multiply the two probabilities.",
        "Among `classes` equally likely values one is the old value. What proportion is left?",
    ),
    mistakes={
        "you counted every label that is drawn anew: some of them draw the "
        "label that they had before":
            lambda n, p, classes: n * p,
        "you took ten classes for granted: the chance of drawing a value other than the old "
        "one depends on `classes`":
            lambda n, p, classes: 0.9 * n * p,
        "you counted the labels that draw their old value again: it is the "
        "others that are asked for":
            lambda n, p, classes: n * p / classes,
        "the old value is one of *all* the classes: its chance is "
        "1 / classes, not 1 / (classes - 1)":
            lambda n, p, classes: n * p * (1 - 1 / (classes - 1)),
        "you left out the number of labels: this is the probability for one":
            lambda n, p, classes: p * (classes - 1) / classes,
        "you counted the labels that stay: subtract from n, or ask for those that change":
            lambda n, p, classes: n * (1 - p * (classes - 1) / classes),
        "you rounded to a whole number: an expected number is a mean, and need not be whole":
            lambda n, p, classes: int(n * p * (classes - 1) / classes),
    },
    variants={
        "drawn anew, minus those that fall back": lambda n, p, classes: n * p - n * p / classes,
        "summed label by label": lambda n, p, classes: sum(p * (1 - 1 / classes) for _ in range(n)),
    },
)
