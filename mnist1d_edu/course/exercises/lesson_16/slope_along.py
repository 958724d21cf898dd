"""16.slope_along: the slope of a function along a direction, measured (UDL 7.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def slope_along(f, y, direction, h):
    return (f(y + h * direction) - f(y - h * direction)) / (2 * h)


def valleys(rng: np.random.RandomState) -> list[tuple]:
    """f, y, direction, h: a square to read, then functions that are curved and uneven."""
    def square(y):
        return (y**2).sum() + y.sum() ** 3

    def waves(y):
        return np.sin(y).sum() + (y[0] * y[-1]).sum() ** 2

    return [(square, np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]]), 0.5),
            (waves, rng.randn(4, 2), rng.randn(4, 2) + 0.5, 0.1),
            (square, rng.randn(3, 2), 3 * rng.randn(3, 2), 0.05)]


# ---- what students write
def moves_y_itself(f, y, direction, h):
    y += h * direction
    above = f(y)
    y -= 2 * h * direction
    return (above - f(y)) / (2 * h)


def along_a_unit(f, y, direction, h):
    return slope_along(f, y, direction / np.linalg.norm(direction), h)


# ---- other right answers
def two_halves(f, y, direction, h):
    return 0.5 * ((f(y + h * direction) - f(y)) / h + (f(y) - f(y - h * direction)) / h)


def copies(f, y, direction, h):
    above, below = y.copy(), y.copy()
    above += h * direction
    below -= h * direction
    return (f(above) - f(below)) / h / 2


EXERCISE = Exercise(
    "16.slope_along", "Your own finite differences", slope_along, probes=valleys,
    drive=lambda answer, *arguments: np.asarray(answer(*arguments), float),
    hints=(
        "Go h times the direction forwards, and as far back, and see how f differs.",
        "`(f(y + h * direction) - f(y - h * direction)) / (2 * h)`",
    ),
    mistakes={
        "you went forwards only: go back as far too, and the error of the curvature cancels":
            lambda f, y, direction, h: (f(y + h * direction) - f(y)) / h,
        "you went back only: go forwards as far too, and the error of the curvature cancels":
            lambda f, y, direction, h: (f(y) - f(y - h * direction)) / h,
        "the two places are 2h apart: divide by 2h":
            lambda f, y, direction, h: 2 * slope_along(f, y, direction, h),
        "this is the difference: divide it by 2h":
            lambda f, y, direction, h: 2 * h * slope_along(f, y, direction, h),
        "you multiplied by h where you should divide: / (2 * h), with the brackets":
            lambda f, y, direction, h: h * h * slope_along(f, y, direction, h),
        "you have the sign wrong: forwards minus back":
            lambda f, y, direction, h: -slope_along(f, y, direction, h),
        "you moved every coordinate by h: move by h times the direction":
            lambda f, y, direction, h: (f(y + h) - f(y - h)) / (2 * h),
        "you moved by the whole direction: move by h times it":
            lambda f, y, direction, h: (f(y + direction) - f(y - direction)) / (2 * h),
        "you shortened the direction to length 1: take it as it is, so that the result can be "
        "compared with (gradient * direction).sum()": along_a_unit,
        "your result is right, but you moved y itself, and it is not where it was: make a new "
        "array": moves_y_itself,
    },
    variants={"the mean of both sides": two_halves, "copies": copies},
)
