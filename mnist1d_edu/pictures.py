"""How true a picture of data is, and what it shows: neighbours kept, trustworthiness, clusters.

Lesson 16 and the experiment `tsne` judge pictures by these, since the eye finds clusters anywhere.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu.arguments import finite_array, integer, real
from mnist1d_edu.neighbours import nearest

_BLOCK = 2**20  # distances at once


def neighbours_kept(x: np.ndarray, y: np.ndarray, k: int = 10) -> float:
    """Percent of the k nearest neighbours of each point among the data x (N, D) that are among its
    k nearest in the picture y (N, 2) too."""
    x, y = _pair(x, y)
    before, after = nearest(x, k)[1], nearest(y, k)[1]
    return float(100 * (before[:, :, None] == after[:, None, :]).sum() / before.size)


def trustworthiness(x: np.ndarray, y: np.ndarray, k: int = 10) -> float:
    """1 if the k nearest of each point in the picture y (N, 2) are its k nearest in the data
    x (N, D); less, the farther down in the order of the data's neighbours they are; about 1/2 for
    a picture of random points.

    1 - 2 / (N k (2N - 3k - 1)) times the sum of rank - k over the neighbours of the picture with
    rank > k (Venna and Kaski 2001; scikit-learn's has the same value). k < N / 2.
    """
    x, y = _pair(x, y)
    n = len(x)
    k = integer("k", k, low=1, high=(n - 1) // 2)
    x = x - x.mean(axis=0)
    shown, sizes = nearest(y, k)[1], (x**2).sum(axis=1)
    rows, too_far = max(1, _BLOCK // n), 0
    for start in range(0, n, rows):
        block = np.arange(start, min(start + rows, n))
        squares = sizes - 2 * (x[block] @ x.T)
        squares[np.arange(len(block)), block] = np.inf  # no neighbour of itself
        for column in shown[block].T:
            own = np.take_along_axis(squares, column[:, None], 1)
            rank = (squares < own).sum(axis=1) + 1
            too_far += np.maximum(0, rank - k).sum()
    return float(1 - 2 * too_far / (n * k * (2 * n - 3 * k - 1)))


def clusters(y: np.ndarray, k: int | None = None, valley: float = 1.5, least: float = 0.01
             ) -> np.ndarray:
    """The number of each point's cluster in the picture y (N, 2), the largest first; -1 in none.

    Density is that of the k nearest, a hundredth of all points but at least 30 unless given. Each
    point climbs to its densest neighbour until it is on a peak. Two peaks are of one cluster if the
    highest pass between them is more than 1 / `valley` as dense as the lower peak (Chazal and
    others, "Persistence-based clustering", 2013). What is smaller than the proportion `least` of
    all points is no cluster. No labels are used, and nobody has to say how many clusters there are.
    """
    y = finite_array("y", y)
    valley = real("valley", valley, low=1)
    distances, near = nearest(y, max(30, len(y) // 100) if k is None else k)
    density = -2 * np.log(np.maximum(distances[:, -1], np.finfo(float).tiny))  # its logarithm
    order = np.argsort(-density, kind="stable")
    place = np.argsort(order)  # 0 for the densest point
    peak = np.full(len(y), -1)

    def top(i):
        while peak[i] != i:
            peak[i] = peak[peak[i]]
            i = peak[i]
        return i

    for i in order:
        higher = near[i][place[near[i]] < place[i]]
        if not len(higher):
            peak[i] = i
            continue
        peak[i] = top(higher[place[higher].argmin()])
        for j in higher:
            low, high = sorted((top(i), top(j)), key=density.__getitem__)
            if low != high and density[low] - density[i] < np.log(valley):
                peak[low] = high
    tops = np.array([top(i) for i in range(len(y))])
    names, counts = np.unique(tops, return_counts=True)
    large = names[np.argsort(-counts, kind="stable")][:(counts >= least * len(y)).sum()]
    return np.where(np.isin(tops, large), (tops[:, None] == large).argmax(axis=1), -1)


def purity(found: np.ndarray, labels: np.ndarray) -> float:
    """Percent of the points of clusters (found >= 0) whose label is the most frequent of their
    cluster. found: (N,), as from `clusters`; labels: (N,) integers from 0."""
    found, labels = np.asarray(found), np.asarray(labels)
    if found.shape != labels.shape or (found < 0).all():
        raise ValueError("found and labels must be of one length, with a point in some cluster; "
                         f"got shapes {found.shape} and {labels.shape}")
    right = sum(np.bincount(labels[found == each]).max() for each in range(found.max() + 1))
    return float(100 * right / (found >= 0).sum())


def _pair(x, y):
    x, y = finite_array("x", x), finite_array("y", y)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        raise ValueError("x and y must be arrays (N, D) and (N, 2) of as many points; got shapes "
                         f"{x.shape} and {y.shape}")
    return x.astype(np.float64), y.astype(np.float64)
