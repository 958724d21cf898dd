"""08.clip: shorten a gradient that is too long."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def clip(grads, limit):
    norm = norm_of_all(grads)
    return scaled(grads, limit / norm) if norm > limit else dict(grads)


def norm_of_all(grads):
    return np.sqrt(sum((g**2).sum() for g in grads.values()))


def scaled(grads, factor):
    return {name: g * factor for name, g in grads.items()}


def gradients(rng: np.random.RandomState) -> list[tuple]:
    """(grads, limit): norm 5 with limit 1, within the limit, mixed shapes on both sides, all 0."""
    steep = {"w": np.array([3.0]), "b": np.array([4.0])}
    mixed = {"weight": rng.randn(3, 2), "bias": 0.1 * rng.randn(3)}
    return [(steep, 1.0), (steep, 10.0), (mixed, 0.8), (mixed, 50.0),
            ({"a": np.array([0.3, -0.2]), "b": np.array([[0.6]])}, 0.5),
            ({"weight": np.zeros((2, 2)), "bias": np.zeros(2)}, 1.0)]


# ---- what students write
def a_norm_for_each_array(grads, limit):
    return {name: g * min(1.0, limit / np.sqrt((g**2).sum())) for name, g in grads.items()}


def norms_added(grads, limit):
    return scaled(grads, min(1.0, limit / sum(np.sqrt((g**2).sum()) for g in grads.values())))


def largest_element(grads, limit):
    return scaled(grads, min(1.0, limit / max(np.abs(g).max() for g in grads.values())))


def to_length_1(grads, limit):
    norm = norm_of_all(grads)
    return scaled(grads, 1 / norm) if norm > limit else dict(grads)


def divided_by_zero(grads, limit):
    norm = norm_of_all(grads)
    return {name: g / norm * min(norm, limit) for name, g in grads.items()}


# ---- other right answers
def norm_of_the_flat_vector(grads, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()]))
    if norm <= limit:
        return grads
    return {name: limit * g / norm for name, g in grads.items()}


EXERCISE = Exercise(
    "08.clip", "Shorten a gradient that is too long", clip, probes=gradients, rtol=1e-5,
    hints=(
        "All gradients together are one long vector. Its length is the root of the sum of *all* "
        "squares, over every array of the dictionary.",
        "If that norm is larger than the limit, multiply every array by limit / norm. Otherwise "
        "leave them as they are.",
    ),
    mistakes={
        "where all gradients are 0 you divide 0 by 0: leave a gradient within the limit as it is":
            divided_by_zero,
        "you clipped each element by itself: that changes the direction of the vector; multiply "
        "all of them by one and the same factor":
            lambda grads, limit: {name: np.clip(g, -limit, limit) for name, g in grads.items()},
        "you gave each array its own norm: they are one vector together, with one norm and one "
        "factor, or the step points elsewhere":
            a_norm_for_each_array,
        "you bring every gradient to the limit, short ones too: those within the "
        "limit stay as they are":
            lambda grads, limit: scaled(grads, limit / norm_of_all(grads)),
        "your norm lacks its root: it is the square root of the sum of the squares":
            lambda grads, limit: scaled(grads, min(1.0, limit / norm_of_all(grads) ** 2)),
        "you added up the norms of the arrays: add up their squares, and take the "
        "root of all at the end":
            norms_added,
        "you measured the largest element: the norm is the root of the sum of all squares":
            largest_element,
        "you divide by the norm, which makes the length 1: multiply by the limit as well":
            to_length_1,
        "it is the other way round: shorten the gradient where its norm is *larger* than the limit":
            lambda grads, limit: scaled(grads, max(1.0, limit / norm_of_all(grads))),
    },
    musts={
        "the norm of all gradients together may not exceed the limit":
            lambda result, grads, limit: norm_of_all(result) <= limit * (1 + 1e-4),
    },
    variants={
        "an if, and np.linalg.norm of the flat vector": norm_of_the_flat_vector,
        "PyTorch's way, with a small number in the denominator":
            lambda grads, limit: scaled(grads, min(1.0, limit / (norm_of_all(grads) + 1e-6))),
    },
)
