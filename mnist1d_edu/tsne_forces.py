"""The two halves of t-SNE's gradient, fast: `tsne.gradient` says what they mean.

Attraction is a sum over the pairs of neighbours alone: arrays of one number a pair. Repulsion is a
sum over all pairs. For some thousand points `repulsion` does it by matrix products, in N² steps.
`interpolated_repulsion` puts the points on a grid, where the sum is a convolution and takes a few
Fourier transforms, however many points there are. That is the idea of FIt-SNE (Linderman and
others, "Fast interpolation-based t-SNE for improved visualization of single-cell RNA-seq data",
2019); the splines are those of particle-mesh methods for charges (Essmann and others, 1995).
"""

from __future__ import annotations

import functools

import numpy as np
import scipy.fft
from scipy import sparse

CELL = 0.5       # the widest mesh of the grid; the kernel 1 / (1 + d²) is about 1 wide
CELLS = 40       # at least so many across a small picture
_NODES = 4       # of the grid, in each direction, that share a point's charge
_BLOCK = 2**19   # pairs at once in the sum over all: 4 MB, so that they stay in the cache


class Attraction:
    """The pull of neighbours, for symmetric affinities p (a sparse array (N, N) that sums to 1)."""

    def __init__(self, p: sparse.csr_array):
        half = sparse.triu(p, k=1, format="csr")  # a pair pulls at both ends alike
        self.p = half.data.astype(np.float32)
        self.rows = np.repeat(np.arange(p.shape[0]), np.diff(half.indptr))
        self.columns = half.indices.astype(np.intp)  # `take` would make it so at every call
        self.pull = sparse.csr_array((self.p.copy(), half.indices, half.indptr), shape=p.shape)
        self.entropy = 2 * float(half.data @ np.log(half.data))

    def __call__(self, y: np.ndarray) -> np.ndarray:
        """sum over j of p_ij w_ij (y_i - y_j), w_ij = 1 / (1 + |y_i - y_j|²): (N, 2)."""
        y = (y - y.mean(axis=0)).astype(np.float32)
        np.divide(self.p, self._one_and_squares(y), out=self.pull.data)
        both = np.column_stack([y, np.ones(len(y), np.float32)])
        there, back = self.pull @ both, self.pull.T @ both
        total = (there + back)[:, 2:]
        return (y * total - there[:, :2] - back[:, :2]).astype(np.float64)

    def divergence(self, y: np.ndarray, z: float) -> float:
        """KL(p || q) in nats, of q_ij = w_ij / z: sum p log p - sum p log w + log z."""
        logs = np.log(self._one_and_squares(y).astype(np.float64))
        return self.entropy + 2 * float(self.p @ logs) + np.log(z)

    def _one_and_squares(self, y):
        """1 + |y_i - y_j|² of each pair."""
        total = np.ones_like(self.p)
        for column in np.ascontiguousarray(y.T):
            apart = column.take(self.rows)
            apart -= column.take(self.columns)
            apart *= apart
            total += apart
        return total


def repulsion(y: np.ndarray) -> tuple[np.ndarray, float]:
    """sum over j of w_ij² (y_i - y_j), (N, 2), and z, the sum of w_ij over all pairs i ≠ j."""
    n, z = len(y), 0.0
    y = y - y.mean(axis=0)
    ones, squares = np.ones((n, 1)), (y**2).sum(axis=1, keepdims=True)
    left = np.hstack([-2 * y, squares + 1, ones])  # its product with right is 1 + |y_i - y_j|²
    right = np.hstack([y, ones, squares]).T
    forces, charges = np.empty_like(y), np.hstack([y, ones])
    for start in range(0, n, max(1, _BLOCK // n)):
        block = slice(start, start + max(1, _BLOCK // n))
        w = left[block] @ right
        np.reciprocal(w, out=w)
        z += w.sum()
        w *= w
        sums = w @ charges
        forces[block] = y[block] * sums[:, 2:] - sums[:, :2]
    return forces, z - n  # of each pair i, i the w is 1


def interpolated_repulsion(y: np.ndarray) -> tuple[np.ndarray, float]:
    """What `repulsion` does, to a few percent of a force; z to a part in a thousand.

    Each point's charge is shared among the sixteen nodes around it by weights of a cubic spline,
    the charges of the nodes are convolved with the kernels w, w² dx, w² dy, and the sums are read
    off at the points by the same weights.
    """
    low, span = y.min(axis=0), max(np.ptp(y, axis=0).max(), 1e-12)
    cell = CELL / 2 ** max(0, int(np.ceil(np.log2(CELL * CELLS / span))))
    size = scipy.fft.next_fast_len(2 * (int(span / cell) + 2 * _NODES), real=True)
    n = size // 2
    place = (y - low) / cell + 1
    first = place.astype(np.int64)  # the node before the point
    along = _spline(place - first)  # (N, 2, nodes)
    weights = (along[:, 0, :, None] * along[:, 1, None, :]).reshape(len(y), -1)
    steps = np.arange(_NODES) - 1
    nodes = (first @ [n, 1])[:, None] + (steps[:, None] * n + steps).ravel()
    charges = np.bincount(nodes.ravel(), weights.ravel(), n * n).reshape(n, n)
    fields = _convolved(charges, cell, size).reshape(3, -1)
    w, *forces = (np.einsum("nk,nk->n", field.take(nodes), weights) for field in fields)
    return np.column_stack(forces), float(w.sum() - len(y))


def _spline(t: np.ndarray) -> np.ndarray:
    """The cubic B-spline's values at the nodes -1, 0, 1, 2, for points at t from 0 to 1."""
    back = 1 - t
    return np.stack([back**3, 4 - 6 * t**2 + 3 * t**3, 4 - 6 * back**2 + 3 * back**3, t**3],
                    axis=-1) / 6


def _convolved(charges: np.ndarray, cell: float, size: int) -> np.ndarray:
    """Charges (n, n) with each kernel: (3, n, n). Rows that are zero, or not asked for, are not
    transformed."""
    n = len(charges)
    rows = scipy.fft.rfft(charges.astype(np.float32), size, axis=1)
    spectrum = scipy.fft.fft(rows, size, axis=0)
    back = scipy.fft.ifft(spectrum * _kernels(cell, size), axis=1, overwrite_x=True)[:, :n]
    return scipy.fft.irfft(back, size, axis=2, overwrite_x=True)[:, :, :n]


@functools.lru_cache(maxsize=4)
def _kernels(cell: float, size: int) -> np.ndarray:
    """The transforms of w, w² dx and w² dy on a grid that goes round: (3, size, size // 2 + 1).

    They are divided by what two splines do to a wave, one on the way to the grid and one on the
    way back, so that between two nodes the result is the kernel itself.
    """
    steps = np.arange(size)
    apart = cell * np.where(steps < size / 2, steps, steps - size)
    w = 1 / (1 + apart[:, None] ** 2 + apart**2)
    kernels = np.stack([w, w**2 * apart[:, None], w**2 * apart])
    wave = (2 + np.cos(2 * np.pi * steps / size)) / 3
    both = (wave[:, None] * wave[:size // 2 + 1]) ** 2
    return (scipy.fft.rfft2(kernels) / both).astype(np.complex64)
