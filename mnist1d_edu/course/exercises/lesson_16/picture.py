"""What the exercises on the picture share: probes of affinities with points, and q."""

from __future__ import annotations

import numpy as np


def pictures(rng: np.random.RandomState) -> list[tuple]:
    """p (N, N), y (N, 2): three points to read, the last two no neighbours; then more, near
    together and far apart."""
    first = np.array([[0, 2, 1], [2, 0, 0], [1, 0, 0]]) / 6
    return [(first, np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])),
            (some_affinities(rng, 5), rng.randn(5, 2)),
            (some_affinities(rng, 7), 4 * rng.randn(7, 2))]


def some_affinities(rng, n: int) -> np.ndarray:
    """Symmetric affinities (n, n) with sum 1, a few of them 0."""
    p = np.triu(rng.rand(n, n) + 0.1, 1)
    p[0, n - 1] = 0
    p = p + p.T
    return p / p.sum()


def weights(y) -> np.ndarray:
    """w_ij = 1 / (1 + |y_i - y_j|²), 0 on the diagonal."""
    w = 1 / (1 + ((y[:, np.newaxis] - y) ** 2).sum(axis=-1))
    np.fill_diagonal(w, 0)
    return w
