"""16.gradient: how each point of the picture should move."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_16.picture import pictures, weights


def gradient(p, y):
    w = weights(y)
    return forces(4 * (p - w / w.sum()) * w, y)


def forces(strength, y):
    """sum over j of strength_ij (y_i - y_j)."""
    return (strength[:, :, np.newaxis] * (y[:, np.newaxis] - y)).sum(axis=1)


# ---- what students write
def without_the_weight(p, y):
    w = weights(y)
    return forces(4 * (p - w / w.sum()), y)


def weight_twice(p, y):
    w = weights(y)
    return forces(4 * (p - w / w.sum()) * w**2, y)


def attraction_alone(p, y):
    return forces(4 * p * weights(y), y)


def repulsion_alone(p, y):
    w = weights(y)
    return forces(-4 * w**2 / w.sum(), y)


def q_row_by_row(p, y):
    w = weights(y)
    return forces(4 * (p - w / w.sum(axis=1, keepdims=True)) * w, y)


def diagonal_in_q(p, y):
    w = weights(y)
    return forces(4 * (p - w / (w.sum() + len(y))) * w, y)


def q_not_normalised(p, y):
    w = weights(y)
    return forces(4 * (p - w) * w, y)


def root_of_the_distance(p, y):
    w = 1 / (1 + np.sqrt(((y[:, np.newaxis] - y) ** 2).sum(axis=-1)))
    np.fill_diagonal(w, 0)
    return forces(4 * (p - w / w.sum()) * w, y)


# ---- other right answers
def loops(p, y):
    n, w = len(y), weights(y)
    q, found = w / w.sum(), np.zeros((len(y), 2))
    for i in range(n):
        for j in range(n):
            found[i] += 4 * (p[i, j] - q[i, j]) * (y[i] - y[j]) * w[i, j]
    return found


def by_products(p, y):
    w = weights(y)
    strength = 4 * (p - w / w.sum()) * w
    return strength.sum(axis=1, keepdims=True) * y - strength @ y


EXERCISE = Exercise(
    "16.gradient", "How each point should move", gradient, probes=pictures, points=2,
    hints=(
        "Make the table `4 * (p - q) * w` first, (N, N): how strongly each pair pulls. Then sum "
        "its rows times the differences y_i - y_j.",
        "`strength[:, :, np.newaxis] * (y[:, np.newaxis] - y)` is (N, N, 2), i along the first "
        "axis, j along the second: sum over axis 1.",
    ),
    mistakes={
        "you left out the factor w: far pairs must pull less. (Without it, this is the gradient of "
        "SNE, where the picture too has normal distributions.)": without_the_weight,
        "you have the factor w twice": weight_twice,
        "you go uphill: y_i - y_j, not y_j - y_i, or the sum over the other axis":
            lambda p, y: -gradient(p, y),
        "you left out the repulsion: it is p - q, not p alone": attraction_alone,
        "you left out the attraction: it is p - q, not q alone": repulsion_alone,
        "you normalised q row by row: divide w by the sum of the whole table": q_row_by_row,
        "your q counts each point as its own neighbour: set the diagonal of w to 0 before you sum":
            diagonal_in_q,
        "you did not normalise q: divide w by its sum": q_not_normalised,
        "you forgot to square the distance: w is 1 / (1 + squared distance)": root_of_the_distance,
        "you left out the factor 4: y_i is in the pairs i, j and j, i, and the square gives "
        "another 2": lambda p, y: gradient(p, y) / 4,
        "your factor is 2 where it must be 4: y_i is in the pairs i, j and j, i":
            lambda p, y: gradient(p, y) / 2,
        "you took the mean over j: sum over it": lambda p, y: gradient(p, y) / len(y),
    },
    musts={"the forces must cancel: the gradient's sum over the points must be 0":
           lambda result, p, y: np.allclose(result.sum(axis=0), 0, atol=1e-9)},
    variants={"loops": loops, "matrix products": by_products},
)
