"""16.neighbour_row: probabilities of neighbours with a perplexity that is asked for."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def neighbour_row(squares, perplexity):
    near = squares - squares.min()
    low, high = 1e-9, 1e9
    for _ in range(80):
        b = np.sqrt(low * high)
        weights = np.exp(-b * near)
        p = weights / weights.sum()
        some = p[p > 0]
        if 2 ** -(some * np.log2(some)).sum() > perplexity:
            low = b
        else:
            high = b
    return p


def distances(rng: np.random.RandomState) -> list[tuple]:
    """squares (K,), perplexity: three points to read; near and far ones, of several scales; last,
    all of them far away."""
    return [(np.array([1.0, 2.0, 4.0]), 2.0),
            (5 * rng.rand(9) + 0.5, 3.5),
            (400 * rng.rand(12) + 30, 2.5),
            (0.001 * rng.rand(10) + 0.002, 4.0),
            (3000 + 2 * rng.rand(8), 3.0)]


# ---- what students write
def searched(squares, perplexity, *, effective=None, near=None, start=(1e-9, 1e9), halvings=80,
             weigh=lambda near, b: np.exp(-b * near), swapped=False):
    """The search with one thing done otherwise."""
    near = squares - squares.min() if near is None else near
    low, high = start
    for _ in range(halvings):
        b = np.sqrt(low * high)
        weights = weigh(near, b)
        with np.errstate(all="ignore"):
            p = weights / weights.sum()
            some = p[p > 0]
            bits = -(some * np.log2(some)).sum()
            wide = (2**bits if effective is None else effective(p, bits)) > perplexity
        if wide != swapped:
            low = b
        else:
            high = b
    return p


def unshifted(squares, perplexity):
    return searched(squares, perplexity, near=squares)


def between_0_and_1(squares, perplexity):
    near = squares - squares.min()
    low, high = 0.0, 1.0
    for _ in range(80):
        b = (low + high) / 2
        p = np.exp(-b * near) / np.exp(-b * near).sum()
        if 2 ** -(p * np.log2(np.maximum(p, 1e-300))).sum() > perplexity:
            low = b
        else:
            high = b
    return p


def unnormalised(squares, perplexity):
    p = neighbour_row(squares, perplexity)
    return p / p.max()


# ---- other right answers
def by_width(squares, perplexity):
    low, high = 1e-4, 1e4
    for _ in range(100):
        sigma = np.sqrt(low * high)
        weights = np.exp(-(squares - squares.min()) / (2 * sigma**2))
        p = weights / weights.sum()
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum()
        if np.exp(entropy) > perplexity:
            high = sigma
        else:
            low = sigma
    return p


def doubling(squares, perplexity):
    near = squares - squares.min()

    def row(b):
        weights = np.exp(-b * near)
        p = weights / weights.sum()
        return p, np.exp(-(p * np.log(p + 1e-300)).sum())

    low, high, b = 0.0, np.inf, 1.0
    for _ in range(200):
        p, effective = row(b)
        if abs(effective - perplexity) < 1e-7:
            break
        low, high = (b, high) if effective > perplexity else (low, b)
        b = 2 * b if high == np.inf else (low + high) / 2
    return p


EXERCISE = Exercise(
    "16.neighbour_row", "The perplexity search", neighbour_row, probes=distances, points=2,
    rtol=1e-3, atol=1e-6,
    hints=(
        "Begin with a large interval for b, such as 1e-9 to 1e9. In each round try the b in its "
        "middle, and keep the half in which the right one must be. A larger b makes the "
        "perplexity smaller.",
        "The middle of so wide an interval is `np.sqrt(low * high)`; eighty rounds are plenty. "
        "Subtract the least square before `np.exp`: it cancels in the quotient.",
        "`some = p[p > 0]`, then the perplexity of p is `2 ** -(some * np.log2(some)).sum()`. If "
        "it is larger than asked for, b was too small: `low = b`.",
    ),
    mistakes={
        "where all others are far away, each np.exp(-b * squares) is 0 and the quotient nan: "
        "subtract the least square first, which changes no probability": unshifted,
        "your search goes the wrong way and ends at the edge: a larger b makes the perplexity "
        "smaller, so if the perplexity is too large, b must grow":
            lambda squares, perplexity: searched(squares, perplexity, swapped=True),
        "you took the entropy in nats (np.log) to the power of 2: with np.log2 it is 2 ** entropy, "
        "with np.log np.exp(entropy)":
            lambda squares, perplexity: searched(squares, perplexity, effective=lambda p, bits:
                                                 2 ** (bits * np.log(2))),
        "you compared the entropy itself with the perplexity: the perplexity is 2 ** entropy":
            lambda squares, perplexity: searched(squares, perplexity,
                                                 effective=lambda p, bits: bits),
        "you searched between 0 and 1 only, and where the squares are small b must be larger: "
        "begin with a wider interval, or double b until it is too large": between_0_and_1,
        "your probabilities do not sum to 1: divide the weights by their sum": unnormalised,
        "you used the distances: the exponent is -b times their squares":
            lambda squares, perplexity: searched(np.sqrt(squares), perplexity),
        "you stopped the search too soon: the perplexity is not yet what was asked for":
            lambda squares, perplexity: searched(squares, perplexity, halvings=12),
        "you did not search for b: with b = 1 each point has as many neighbours as its "
        "surroundings happen to give":
            lambda squares, perplexity: searched(squares, perplexity, start=(1.0, 1.0)),
        "your probabilities are equal: b stayed at 0, or you divided the perplexity among all":
            lambda squares, perplexity: np.full(len(squares), 1 / len(squares)),
        "you gave all to the nearest: b grew without end, so the comparison never turned":
            lambda squares, perplexity: 1.0 * (squares == squares.min()),
    },
    musts={
        "the probabilities must sum to 1": lambda p, squares, perplexity: abs(p.sum() - 1) < 1e-6,
        "a nearer point must have the larger probability": lambda p, squares, perplexity:
            (np.diff(p[np.argsort(squares)]) <= 1e-12).all(),
        "2 to the power of the entropy (in bits) must be the perplexity":
            lambda p, squares, perplexity:
            abs(2 ** -(p * np.log2(np.maximum(p, 1e-300))).sum() / perplexity - 1) < 0.01,
    },
    variants={"a width sigma in place of b": by_width, "doubling, then halving": doubling},
)
