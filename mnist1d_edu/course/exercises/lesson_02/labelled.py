"""Scores with labels, and the label's place in them."""

from __future__ import annotations

import numpy as np


def labelled(rng: np.random.RandomState) -> list[tuple]:
    """Scores (N, K) and labels (N,), the labels not all different; no large scores."""
    return [(np.log([[1.0, 3.0]]), np.array([0])),
            (rng.randn(4, 3), np.array([2, 0, 1, 0])),
            (2 * rng.randn(6, 10) - 1, np.array([3, 9, 3, 0, 1, 7]))]


def at_labels(table, labels):
    """From a table (N, K), the entry of each example's label: (N,)."""
    return table[np.arange(len(labels)), labels]


def one_hot(scores, labels):
    """1 in the column of each example's label, else 0: (N, K)."""
    return np.eye(scores.shape[1])[labels]
