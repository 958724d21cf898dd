"""t-SNE: a picture in which the neighbours of each point are, as far as possible, its own.

Van der Maaten and Hinton, "Visualizing data using t-SNE" (2008). Each point i gives every other a
probability of being its neighbour, p_j|i, from a normal distribution around it; its width is such
that i has `perplexity` neighbours, so to speak (`conditional`). Symmetrised, these are the
affinities p_ij. In the picture the same is done with Student's distribution: q_ij is 1 / (1 + d²)
divided by the sum over all pairs. The points of the picture go down the gradient of KL(p || q),
sum p_ij log(p_ij / q_ij): neighbours attract each other, and all points repel each other.

`gradient` says what that means, and `tsne_forces` computes it fast; a test holds them equal.
Lesson 16 builds all of it.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import sparse
from tqdm.auto import tqdm

from mnist1d_edu.arguments import finite_array, integer, one_of, real
from mnist1d_edu.neighbours import nearest
from mnist1d_edu.tsne_forces import Attraction, interpolated_repulsion, repulsion

EXACT_UP_TO = 1000   # points for which all pairs are no slower than the grid, measured
NEIGHBOURS = 3       # times the perplexity: beyond them p_j|i is next to nothing
EARLY_MOMENTUM, MOMENTUM = 0.5, 0.8
LONGEST_STEP = 5.0   # of a point, so that none is thrown out of the picture
_BISECTIONS = 60
_RECORD_EVERY = 50


@dataclasses.dataclass(frozen=True)
class Embedding:
    """A finished picture: points y (N, 2), and kl (R,), the divergence in nats after each of the
    steps (R,), from the plain affinities p, in the exaggerated phase too."""

    y: np.ndarray
    steps: np.ndarray
    kl: np.ndarray


def tsne(x: np.ndarray, perplexity: float = 30, *, steps: int = 750, early: int = 250,
         exaggeration: float = 12, learning_rate: float | None = None,
         start: np.ndarray | None = None, method: str = "auto", progress: bool = True
         ) -> Embedding:
    """The picture of the points x (N, D).

    early: for so many of the `steps` the affinities are multiplied by `exaggeration`, so that
    clusters can pass through each other while they are small. learning_rate: N / exaggeration
    unless given, four times the length of a plain step a gradient. start: (N, 2), `pca_start(x)`
    unless given; there is no other chance in it. method: "exact", or "interpolated" (the repulsion
    on a grid), or "auto": exact up to `EXACT_UP_TO` points.
    """
    x = _table(x)
    early, steps = integer("early", early, low=0), integer("steps", steps, low=0)
    exaggeration = real("exaggeration", exaggeration, above=0)
    one_of("method", method, ("auto", "exact", "interpolated"))
    exact = method == "exact" or (method == "auto" and len(x) <= EXACT_UP_TO)
    y = pca_start(x) if start is None else finite_array("start", start).astype(np.float64)
    if y.shape != (len(x), 2):
        raise ValueError(f"start must have shape {(len(x), 2)}; got {y.shape}")
    rate = len(x) / exaggeration if learning_rate is None else learning_rate
    rate = real("learning_rate", rate, above=0)
    pull = Attraction(affinities(x, perplexity))
    push = repulsion if exact else interpolated_repulsion
    velocity, gains, recorded = np.zeros_like(y), np.ones_like(y), []
    for step in tqdm(range(steps + 1), delay=2, disable=not progress, desc="t-SNE"):
        force, z = push(y)
        if step % _RECORD_EVERY == 0 or step == steps:
            recorded.append((step, pull.divergence(y, z)))
        if step == steps:
            break
        slope = 4 * ((exaggeration if step < early else 1) * pull(y) - force / z)
        momentum = EARLY_MOMENTUM if step < early else MOMENTUM
        velocity, gains = _next_velocity(velocity, gains, slope, momentum, rate)
        y = y + velocity
        y -= y.mean(axis=0)
    return Embedding(y, *map(np.array, zip(*recorded, strict=True)))


def affinities(x: np.ndarray, perplexity: float, neighbours: int | None = None
               ) -> sparse.csr_array:
    """p_ij = (p_j|i + p_i|j) / 2N for the points x (N, D): sparse (N, N), symmetric, with sum 1.

    neighbours: how many of each point's nearest have a p_j|i that is not 0; three times the
    perplexity unless given, all with N - 1.
    """
    x = _table(x)
    perplexity = real("perplexity", perplexity, low=1)
    most = len(x) - 1
    if neighbours is None:
        neighbours = min(most, int(np.ceil(NEIGHBOURS * perplexity)))
    neighbours = integer("neighbours", neighbours, low=2, high=most)
    if perplexity >= neighbours:
        raise ValueError(f"perplexity must be less than the number of neighbours, {neighbours}; "
                         f"got {perplexity:g}")
    distances, found = nearest(x, neighbours)
    p = conditional(distances**2, perplexity)
    ends = np.arange(0, p.size + 1, neighbours)
    one_way = sparse.csr_array((p.ravel(), found.ravel(), ends), shape=(len(x), len(x)))
    p = (one_way + one_way.T) / (2 * len(x))
    p.sort_indices()
    return p.tocsr()


def conditional(squares: np.ndarray, perplexity: float) -> np.ndarray:
    """p_j|i for the squared distances (N, K) from each point i to others: (N, K), rows of sum 1.

    p_j|i is proportional to exp(-b_i d_ij²). The entropy of a row falls as b_i grows, so bisection
    finds the b_i at which 2^entropy (in bits) is the perplexity.
    """
    near = squares - squares.min(axis=1, keepdims=True)  # the largest exponential is then 1
    scale = near.mean(axis=1, keepdims=True)
    near = near / np.where(scale > 0, scale, 1)
    low, high = np.full((len(near), 1), -50.0), np.full((len(near), 1), 50.0)  # of log2 of b_i
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        b = 2.0**middle
        weights = np.exp(-b * near)
        total = weights.sum(axis=1, keepdims=True)
        entropy = np.log(total) + b * (weights * near).sum(axis=1, keepdims=True) / total
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return weights / total


def gradient(p: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """The gradient of KL(p || q) by the points y (N, 2) of the picture, (N, 2), and the KL in nats.

    p: (N, N), symmetric, zero on the diagonal, with sum 1. The derivative by y_i is
    4 sum over j of (p_ij - q_ij) w_ij (y_i - y_j), w_ij = 1 / (1 + |y_i - y_j|²).
    """
    apart = y[:, np.newaxis] - y
    w = 1 / (1 + (apart**2).sum(axis=-1))
    np.fill_diagonal(w, 0)
    q = w / w.sum()
    pairs = p > 0
    kl = (p[pairs] * np.log(p[pairs] / q[pairs])).sum()
    return 4 * (((p - q) * w)[:, :, np.newaxis] * apart).sum(axis=1), float(kl)


def pca_start(x: np.ndarray) -> np.ndarray:
    """The points x (N, D) along their two directions of largest variance, so small that the
    deviation along the first is 0.0001: (N, 2). Of each direction's two signs, that for which its
    largest coordinate is positive."""
    centred = _table(x) - x.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, :-3:-1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    y = centred @ axes
    y = np.hstack([y, np.zeros((len(y), 2 - y.shape[1]))])
    return y * 1e-4 / max(y[:, 0].std(), np.finfo(float).tiny)


def _next_velocity(velocity, gains, slope, momentum, rate):
    """Momentum, with a rate of each coordinate's own: it grows while the coordinate keeps going
    downhill, and shrinks where it has overshot (delta-bar-delta, Jacobs 1988)."""
    downhill = (slope > 0) != (velocity > 0)
    gains = np.maximum(0.01, np.where(downhill, gains + 0.2, gains * 0.8))
    velocity = momentum * velocity - rate * gains * slope
    length = np.linalg.norm(velocity, axis=1, keepdims=True)
    return velocity / np.maximum(1, length / LONGEST_STEP), gains


def _table(x):
    x = finite_array("x", x).astype(np.float64, copy=False)
    if x.ndim != 2 or len(x) < 4 or not x.shape[1]:
        raise ValueError(f"x must be an array (N, D) of at least 4 points; got shape {x.shape}")
    return x
