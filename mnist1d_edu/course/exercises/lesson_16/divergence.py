"""16.divergence: how far a picture is from the affinities (UDL appendix C.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_16.picture import pictures, weights


def divergence(p, y):
    w = weights(y)
    return between(p, w / w.sum())


def between(p, q):
    """KL(p || q), over the pairs whose p is not 0."""
    pairs = p > 0
    return (p[pairs] * np.log(p[pairs] / q[pairs])).sum()


# ---- what students write
def of_weights(make):
    """The divergence with other weights: make(squared distances) -> w, without its diagonal."""
    def divergence(p, y):
        w = make(((y[:, np.newaxis] - y) ** 2).sum(axis=-1))
        np.fill_diagonal(w, 0)
        return between(p, w / w.sum())
    return divergence


def with_the_diagonal(p, y):
    w = weights(y) + np.eye(len(y))
    return between(p, w / w.sum())


def row_by_row(p, y):
    w = weights(y)
    return between(p, w / w.sum(axis=1, keepdims=True))


def nan_at_zero(p, y):
    w = weights(y)
    with np.errstate(all="ignore"):
        return (p * np.log(p / (w / w.sum()))).sum()


def the_other_way_round(p, y):
    w = weights(y)
    q = w / w.sum()
    pairs = p > 0
    return (q[pairs] * np.log(q[pairs] / p[pairs])).sum()


def cross_entropy(p, y):
    w = weights(y)
    pairs = p > 0
    return -(p[pairs] * np.log((w / w.sum())[pairs])).sum()


# ---- other right answers
def loops(p, y):
    n, total, w = len(y), 0.0, {}
    for i in range(n):
        for j in range(n):
            if i != j:
                w[i, j] = 1 / (1 + np.dot(y[i] - y[j], y[i] - y[j]))
    z = sum(w.values())
    for (i, j), value in w.items():
        if p[i, j] > 0:
            total += p[i, j] * (np.log(p[i, j]) - np.log(value / z))
    return total


def with_a_tiny_number(p, y):
    w = weights(y)
    q = w / w.sum()
    return np.sum(p * np.log((p + 1e-300) / (q + 1e-300)))


EXERCISE = Exercise(
    "16.divergence", "What the picture gets wrong", divergence, probes=pictures,
    drive=lambda answer, p, y: np.asarray(answer(p, y), float),
    hints=(
        "Three steps: the weights w of all pairs, 0 on the diagonal; q = w divided by the sum of "
        "the whole table; the sum of p log(p / q).",
        "`y[:, np.newaxis] - y` has the differences of all pairs, (N, N, 2). `np.fill_diagonal(w, "
        "0)` strikes out the pairs of a point with itself.",
        "Where p is 0 the term is 0, but NumPy makes nan of it: sum over `p > 0` only.",
    ),
    mistakes={
        "your w counts each point as its own neighbour: set the diagonal to 0 before you sum":
            with_the_diagonal,
        "you normalised each row by itself: q is one distribution over all pairs, so divide by the "
        "sum of the whole table": row_by_row,
        "where p is 0, 0 * log 0 makes nan: such a pair adds nothing, so leave it out":
            nan_at_zero,
        "you have the two the other way round: it is p log(p / q), which punishes neighbours that "
        "are drawn far apart": the_other_way_round,
        "this is minus what is asked for: log(p / q), not log(q / p)":
            lambda p, y: -divergence(p, y),
        "these are the weights of a normal distribution, as among the data: in the picture w is "
        "1 / (1 + squared distance)": of_weights(lambda squares: np.exp(-squares)),
        "you forgot to square the distance: w is 1 / (1 + squared distance)":
            of_weights(lambda squares: 1 / (1 + np.sqrt(squares))),
        "you left out the 1: w is 1 / (1 + squared distance)":
            of_weights(lambda squares: 1 / np.where(squares > 0, squares, 1)),
        "this is the cross-entropy -sum p log q: divide q into p, or subtract p's own entropy":
            cross_entropy,
        "you took the mean over the pairs: sum them":
            lambda p, y: divergence(p, y) / p.size,
        "you counted in bits, with np.log2: use np.log":
            lambda p, y: divergence(p, y) / np.log(2),
        "you counted each pair once: i, j and j, i are both in the sum":
            lambda p, y: divergence(p, y) / 2,
    },
    musts={"a divergence is never negative": lambda result, p, y: result >= -1e-12},
    variants={"loops": loops, "a tiny number in the logarithm": with_a_tiny_number},
)
