"""02.numeric_gradient: the gradient by finite differences (UDL 7.2, notebook 7.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def numeric_gradient(f, x, step=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x.copy()
        moved[index] = x[index] + step
        above = f(moved)
        moved[index] = x[index] - step
        slopes[index] = (above - f(moved)) / (2 * step)
    return slopes


def sum_of_squares(x):
    return float((x**2).sum())


def mixed(x):
    """A sum in which neighbours feel each other, with a third derivative."""
    return float((x**3).sum() + (x.ravel()[:-1] * x.ravel()[1:]).sum())


def functions(rng: np.random.RandomState) -> list[tuple]:
    """f, x, step: two squares to do by hand, then a cubic, where the differences are not exact."""
    return [(sum_of_squares, np.array([3.0]), 0.1), (sum_of_squares, np.array([1.0, -2.0]), 0.5),
            (mixed, rng.randn(2, 3), 0.1), (mixed, rng.randn(5), 0.01)]


# ---- what students write
def differences(f, x, up, down):
    """(f(x + up) - f(x + down)) / (up - down) in each element."""
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += up
        below[index] += down
        slopes[index] = (f(above) - f(below)) / (up - down)
    return slopes


def moved_stays_moved(f, x, step=1e-5):
    slopes, above, below = np.zeros(x.shape), x.copy(), x.copy()
    for index in np.ndindex(x.shape):
        above[index] += step
        below[index] -= step
        slopes[index] = (f(above) - f(below)) / (2 * step)
    return slopes


def no_copy(f, x, step=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        moved = x
        moved[index] += step
        above = f(moved)
        moved[index] -= 2 * step
        slopes[index] = (above - f(moved)) / (2 * step)
    return slopes


def moved_and_put_back(f, x, step=1e-5):
    slopes = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += step
        above = f(x)
        x[index] -= 2 * step
        slopes[index] = (above - f(x)) / (2 * step)
        x[index] += step
    return slopes


def rows_moved(f, x, step):
    slopes = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.copy(), x.copy()
        above[i] += step
        below[i] -= step
        slopes[i] = (f(above) - f(below)) / (2 * step)
    return slopes


# ---- other right answers
def flat_directions(f, x, step=1e-5):
    directions = np.eye(x.size).reshape(x.size, *x.shape) * step
    return np.array([(f(x + d) - f(x - d)) / (2 * step) for d in directions]).reshape(x.shape)


EXERCISE = Exercise(
    "02.numeric_gradient", "The gradient by finite differences", numeric_gradient, points=2,
    probes=functions,
    hints=(
        "One element at a time: for index in np.ndindex(x.shape) walks over all of them, whatever "
        "the shape of x. How often must f be called for each?",
        "Make a fresh copy of x for each value that you need, and change a single element of it: "
        "moved = x.copy(), then moved[index] += step.",
        "slopes[index] = (f(moved up) - f(moved down)) / (2 * step), in an array "
        "slopes = np.zeros(x.shape).",
    ),
    mistakes={
        "you compare f(x + step) with f(x): take the central difference, "
        "f(x + step) - f(x - step), whose error is much smaller":
            lambda f, x, step: differences(f, x, step, 0),
        "your slopes are twice as large as they should be: from x - step to x + step it is "
        "2 * step, so divide by that":
            lambda f, x, step: 2 * differences(f, x, step, -step),
        "your slopes have the wrong sign: the value at x + step comes first, then subtract the one "
        "at x - step":
            lambda f, x, step: -differences(f, x, step, -step),
        "x + step moves all elements at once, and one number comes out: move one element at a "
        "time, with the others left where they are":
            lambda f, x, step: (f(x + step) - f(x - step)) / (2 * step),
        "an element that you moved stays moved while you try the next ones: start each element "
        "from a fresh x.copy()":
            moved_stays_moved,
        "moved = x makes no copy: both names refer to the same array, so x itself is moved, and "
        "never put back. Write x.copy()":
            no_copy,
        "your slopes are right, but adding the step and taking it away again leaves x changed in "
        "its last digit: work on a copy":
            moved_and_put_back,
        "your step is written in: use the argument `step`":
            lambda f, x, step=1e-5: numeric_gradient(f, x, 1e-5),
        "you moved whole rows at once: move one element at a time":
            rows_moved,
    },
    variants={
        "two copies per element": lambda f, x, step=1e-5: differences(f, x, step, -step),
        "one flat direction at a time": flat_directions,
    },
)
