"""16.affinities: symmetric probabilities of all pairs."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_16.neighbour_row import neighbour_row


def affinities(x, perplexity):
    p = one_way(x, perplexity)
    return (p + p.T) / (2 * len(x))


def one_way(x, perplexity):
    """p_j|i in row i."""
    n = len(x)
    p = np.zeros((n, n))
    for i in range(n):
        others = np.arange(n) != i
        p[i, others] = neighbour_row(((x[others] - x[i]) ** 2).sum(axis=1), perplexity)
    return p


def points(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D), perplexity: four points to read, one of them an outsider; then more."""
    return [(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [6.0, 5.0]]), 2.0),
            (rng.randn(7, 3) * [1, 3, 0.5], 3.0), (rng.randn(6, 4) + 10, 2.5)]


# ---- what students write
def with_itself(x, perplexity):
    p = np.array([neighbour_row(((x - point) ** 2).sum(axis=1), perplexity) for point in x])
    return (p + p.T) / (2 * len(x))


def itself_struck_out_later(x, perplexity):
    p = np.array([neighbour_row(((x - point) ** 2).sum(axis=1), perplexity) for point in x])
    np.fill_diagonal(p, 0)
    return (p + p.T) / (2 * len(x))


def distances_not_squared(x, perplexity):
    p, n = np.zeros((len(x), len(x))), len(x)
    for i in range(n):
        others = np.arange(n) != i
        p[i, others] = neighbour_row(np.linalg.norm(x[others] - x[i], axis=1), perplexity)
    return (p + p.T) / (2 * n)


# ---- other right answers
def whole_table(x, perplexity):
    squares = ((x[:, np.newaxis] - x) ** 2).sum(axis=-1)
    p = np.zeros_like(squares)
    for i, row in enumerate(squares):
        p[i] = np.insert(neighbour_row(np.delete(row, i), perplexity), i, 0)
    p = p + p.T
    return p / p.sum()


def pair_by_pair(x, perplexity):
    p, n = one_way(x, perplexity), len(x)
    return np.array([[(p[i, j] + p[j, i]) / 2 / n for j in range(n)] for i in range(n)])


EXERCISE = Exercise(
    "16.affinities", "Affinities of all pairs", affinities, probes=points, rtol=1e-3, atol=1e-6,
    hints=(
        "For each i, the squared distances to all others, without i itself, go into `row_of`; its "
        "result is row i of a table, with a 0 at i.",
        "`others = np.arange(n) != i` selects all but i, on both sides: `p[i, others] = ...`. At "
        "the end, `(p + p.T) / (2 * n)`.",
    ),
    mistakes={
        "you let each point be its own neighbour, at distance 0: leave it out before the search":
            with_itself,
        "each point took part in its own search and was struck out afterwards, so the perplexity "
        "is shared with it: leave it out before": itself_struck_out_later,
        "you did not make it symmetric: add the transposed table":
            lambda x, perplexity: one_way(x, perplexity) / len(x),
        "your table sums to 2: divide by 2N, for each pair has two parts":
            lambda x, perplexity: 2 * affinities(x, perplexity),
        "your table does not sum to 1: divide by 2N":
            lambda x, perplexity: 2 * len(x) * affinities(x, perplexity),
        "your table sums to N: divide by 2N, not by 2":
            lambda x, perplexity: len(x) * affinities(x, perplexity),
        "these are the one-way probabilities p_j|i: make them symmetric and divide by 2N":
            one_way,
        "you gave row_of the distances: it takes their squares": distances_not_squared,
        "you multiplied the two directions: add them": lambda x, perplexity:
            one_way(x, perplexity) * one_way(x, perplexity).T,
        "you took the larger of the two directions: take their mean, so that an outsider, whom "
        "nobody chooses, is still held by those that it chooses": lambda x, perplexity:
            np.maximum(one_way(x, perplexity), one_way(x, perplexity).T) / len(x),
    },
    musts={
        "the table must be symmetric": lambda p, x, perplexity: np.allclose(p, p.T),
        "no point is its own neighbour: the diagonal must be 0":
            lambda p, x, perplexity: (np.diag(p) == 0).all(),
        "all affinities together must sum to 1": lambda p, x, perplexity: abs(p.sum() - 1) < 1e-6,
    },
    variants={"the whole table of squares at once": whole_table, "pair by pair": pair_by_pair},
)
