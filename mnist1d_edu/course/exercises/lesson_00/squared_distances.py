"""00.squared_distances: all pairs at once, by broadcasting over three axes."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def squared_distances(a, b):
    return ((a[:, np.newaxis, :] - b[np.newaxis, :, :]) ** 2).sum(axis=2)


def two_batches(rng: np.random.RandomState) -> list[tuple]:
    """a (N, L), b (M, L): one small enough to read, then N = M, then N and M unlike."""
    return [(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [1.0, 0.0]])),
            (rng.randint(-3, 4, (3, 2)) * 1.0, rng.randint(-3, 4, (3, 2)) * 1.0),
            (rng.randn(6, 40), rng.randn(4, 40))]


# ---- other right answers
def two_loops(a, b):
    return np.array([[sum((p - q) ** 2 for p, q in zip(u, v, strict=True)) for v in b] for u in a])


EXERCISE = Exercise(
    "00.squared_distances", "The distance of every signal to every other", squared_distances,
    points=2, probes=two_batches,
    hints=(
        "`out[i, j]` is the sum over k of `(a[i, k] - b[j, k])**2`: three indices, so make an "
        "array with three axes (N, M, L) and sum the last one away.",
        "`a[:, np.newaxis, :]` has shape (N, 1, L) and `b[np.newaxis, :, :]` has (1, M, L). "
        "Broadcasting stretches both axes of length 1 when you subtract.",
        "`difference = a[:, np.newaxis, :] - b[np.newaxis, :, :]`, then square it and sum over "
        "axis 2.",
    ),
    mistakes={
        "these are the distances themselves: leave the square root out":
            lambda a, b: np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2)),
        "your array is the wrong way round, (M, N): the signals of `a` count the rows, so `a` gets "
        "the new axis in the middle, (N, 1, L)":
            lambda a, b: ((b[:, None] - a[None]) ** 2).sum(axis=2),
        "you compared `a` with `b` row by row: each signal of `a` has a distance to *every* signal "
        "of `b`, so that (N, M) numbers come out":
            lambda a, b: ((a - b) ** 2).sum(axis=1),
        "you added up the absolute differences: square them instead":
            lambda a, b: np.abs(a[:, None] - b[None]).sum(axis=2),
        "you averaged over the positions: the squared distance is their sum":
            lambda a, b: ((a[:, None] - b[None]) ** 2).mean(axis=2),
        "you summed first and squared afterwards, so that differences of opposite sign cancel: "
        "square first":
            lambda a, b: (a[:, None] - b[None]).sum(axis=2) ** 2,
        "only the last position counts: in your loop, add each squared difference to what is there "
        "already (+=), do not put it in its place (=)":
            lambda a, b: (a[:, None, -1] - b[None, :, -1]) ** 2,
        "the square of a difference is a² + b² − 2ab: you added the product":
            lambda a, b: (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) + 2 * a @ b.T,
        "the product a @ b.T is a likeness, not a distance: it grows with the signals' heights":
            lambda a, b: a @ b.T,
        "you summed over the wrong axis: what disappears is the last, along the signals":
            lambda a, b: ((a[:, None] - b[None]) ** 2).sum(axis=1),
    },
    musts={
        "no squared distance may be negative": lambda result, a, b: (result >= -1e-9).all(),
    },
    variants={
        "two loops": two_loops,
        "|a|² + |b|² − 2ab, which needs no third axis":
            lambda a, b: (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T,
    },
)
