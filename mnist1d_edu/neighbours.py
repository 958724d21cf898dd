"""The nearest neighbours of points, exactly, by Euclidean distance.

In a few dimensions SciPy's k-d tree leaves most points unseen. In many it has to look at nearly
all of them one by one, and all distances at once, by a matrix product, are faster (measured: from
about ten dimensions on).
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from mnist1d_edu.arguments import finite_array, integer

TREE_DIMENSIONS = 10  # the most for which a tree is used
_BLOCK = 2**22  # distances at once: 32 MB


def nearest(points: np.ndarray, k: int, queries: np.ndarray | None = None
            ) -> tuple[np.ndarray, np.ndarray]:
    """The k points nearest to each query, the nearest first: distances and indices, both (Q, k).

    points: (N, D). queries: (Q, D), or None for the points themselves, each without itself.
    """
    points = _table("points", points)
    asked = points if queries is None else _table("queries", queries)
    if asked.shape[1] != points.shape[1]:
        raise ValueError(f"queries must have the points' {points.shape[1]} columns; got "
                         f"{asked.shape[1]}")
    alone = queries is None
    k = integer("k", k, low=1, high=len(points) - alone)
    search = _by_tree if points.shape[1] <= TREE_DIMENSIONS else _by_products
    distances, found = search(points, k + alone, asked)
    return _without_itself(distances, found) if alone else (distances, found)


def _by_tree(points, k, queries):
    distances, found = cKDTree(points).query(queries, k)
    return distances.reshape(-1, k), found.reshape(-1, k)


def _by_products(points, k, queries):
    """By |a - b|² = |a|² - 2 a·b + |b|², a block of queries at a time."""
    centre = points.mean(axis=0)  # far from the origin the squares would swallow the differences
    points, queries = points - centre, queries - centre
    squares, rows = np.einsum("nd,nd->n", points, points), max(1, _BLOCK // len(points))
    found = np.concatenate([
        _smallest(squares - 2 * (queries[i:i + rows] @ points.T), k)
        for i in range(0, len(queries), rows)])
    # the differences themselves once more, for those alone: in the sum above digits are lost
    distances = np.stack([np.linalg.norm(queries - points[column], axis=1) for column in found.T],
                         axis=1)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(distances, order, 1), np.take_along_axis(found, order, 1)


def _smallest(rows, k):
    return np.argpartition(rows, k - 1, axis=1)[:, :k]


def _without_itself(distances, found):
    """Each row without its own number; of a point that has k twins, which may have displaced it,
    without the last."""
    own = found == np.arange(len(found))[:, None]
    own[~own.any(axis=1), -1] = True
    return tuple(table[~own].reshape(len(found), -1) for table in (distances, found))


def _table(name, value):
    array = finite_array(name, value)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"{name} must be an array (N, D) of at least one row and column; got "
                         f"shape {array.shape}")
    return array.astype(np.float64, copy=False)
