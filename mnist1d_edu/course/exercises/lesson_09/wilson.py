"""09.wilson: Wilson's interval for the true accuracy."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def wilson(right, n, z):
    p, shrink = right / n, 1 + z**2 / n
    middle = (p + z**2 / (2 * n)) / shrink
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / shrink
    return middle - half, middle + half


def scores(rng: np.random.RandomState) -> list[tuple]:
    """Right answers, questions, z: also all right and none right."""
    return [(3, 4, 1.0), (19, 20, 1.96), (383, 400, 1.96), (20, 20, 1.96), (0, 7, 1.645)]


# ---- what students write
def wald(right, n, z):
    p = right / n
    half = z * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def middle_and_half(right, n, z):
    low, high = wilson(right, n, z)
    return (low + high) / 2, (high - low) / 2


def wald_cut_off(right, n, z):
    low, high = wald(right, n, z)
    return max(low, 0.0), min(high, 1.0)


def around_p(right, n, z):
    low, high = wilson(right, n, z)
    p, half = right / n, (high - low) / 2
    return p - half, p + half


def not_divided(right, n, z):
    low, high = wilson(right, n, z)
    return low * (1 + z**2 / n), high * (1 + z**2 / n)


def root_without_its_second_term(right, n, z):
    p, shrink = right / n, 1 + z**2 / n
    middle, half = (p + z**2 / (2 * n)) / shrink, z * np.sqrt(p * (1 - p) / n) / shrink
    return middle - half, middle + half


def root_without_z(right, n, z):
    low, high = wilson(right, n, z)
    middle, half = (low + high) / 2, (high - low) / 2
    return middle - half / z, middle + half / z


def middle_too_high(right, n, z):
    low, high = wilson(right, n, z)
    shift = z**2 / (2 * n) / (1 + z**2 / n)
    return low + shift, high + shift


def in_percent(right, n, z):
    low, high = wilson(right, n, z)
    return 100 * low, 100 * high


# ---- other right answers
def in_counts(right, n, z):
    middle = (right + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(right * (n - right) / n + z**2 / 4)
    return [middle - half, middle + half]


def quadratic_equation(right, n, z):
    p = right / n
    return tuple(np.sort(np.roots([1 + z**2 / n, -(2 * p + z**2 / n), p**2]).real))


EXERCISE = Exercise(
    "09.wilson", "An interval for the true accuracy", wilson, probes=scores, points=2,
    parts=("low", "high"),
    hints=(
        "Compute three things, each in a line of its own: the proportion p = right / n, the middle "
        "of the interval, and half of its width. Then return middle − half and middle + half.",
        "With `shrink = 1 + z**2 / n`, the middle is `(p + z**2 / (2 * n)) / shrink`.",
        "Half the width is `z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / shrink`.",
    ),
    mistakes={
        "this is the textbook's p ± z √(p(1 − p)/n): with 20 of 20 right its width is 0, as if you "
        "could never err. Wilson's has a shifted middle and another width":
            wald,
        "this is the textbook's interval cut off at 0 and 1: where all are right it still has no "
        "width. Wilson's never leaves 0 to 1 by itself":
            wald_cut_off,
        "your width is right, but the interval stands around p: its middle is pulled towards 1/2, "
        "(p + z²/2n) / (1 + z²/n)":
            around_p,
        "you did not divide by 1 + z²/n: middle and width both need it": not_divided,
        "under your root, z²/(4n²) is missing: without it the width is 0 "
        "where all answers are right":
            root_without_its_second_term,
        "the root has to be multiplied by z: 1.96 of such standard deviations make 95 %":
            root_without_z,
        "in the middle it is z²/(2n): you added z²/n, and the interval moves up too far":
            middle_too_high,
        "your interval is in percent: give proportions, from 0 to 1": in_percent,
        "your interval is the wrong way round: the lower end comes first":
            lambda right, n, z: wilson(right, n, z)[::-1],
        "you returned the middle and the half of the width: return the two ends, middle − half and "
        "middle + half":
            middle_and_half,
    },
    musts={
        "the proportion right / n must lie inside":
            lambda result, right, n, z: result[0] - 1e-9 <= right / n <= result[1] + 1e-9,
        "an accuracy cannot be below 0 or above 1":
            lambda result, right, n, z: result[0] >= -1e-9 and result[1] <= 1 + 1e-9,
    },
    variants={
        "in counts": in_counts,
        "the two roots of the quadratic equation": quadratic_equation,
    },
)
