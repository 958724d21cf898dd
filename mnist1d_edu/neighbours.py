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
_BLOCK = 2**20  # distances at once: 8 MB
_LOST = 1e-6    # of |a|² + |b|²: below it, |a - b|² is computed from a - b


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
    sizes = (points**2).sum(axis=1)
    rows = max(1, _BLOCK // len(points))
    blocks = [_by_product(points, sizes, k, queries[i:i + rows])
              for i in range(0, len(queries), rows)]
    return tuple(np.concatenate(part) for part in zip(*blocks, strict=True))


def _by_product(points, sizes, k, queries):
    squares = queries @ points.T
    squares *= -2
    squares += sizes
    found = np.argpartition(squares, k - 1, axis=1)[:, :k]
    own = (queries**2).sum(axis=1, keepdims=True)
    near = np.take_along_axis(squares, found, 1) + own
    # where two points nearly coincide, the digits that are left are too few
    query, column = np.nonzero(near < _LOST * (own + sizes[found]))
    near[query, column] = ((queries[query] - points[found[query, column]]) ** 2).sum(axis=1)
    order = np.argsort(near, axis=1, kind="stable")
    return np.sqrt(np.take_along_axis(near, order, 1)), np.take_along_axis(found, order, 1)


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
