"""04.relu_backward: the ReLU's backward pass (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def relu_backward(g, a):
    return g * (a > 0)


def preactivations(rng: np.random.RandomState) -> list[tuple]:
    """g, a of one shape: both signs of each, and some a that are exactly 0."""
    return [(np.array([[5.0, -7.0, 11.0, -2.0]]), np.array([[2.0, 3.0, -1.0, 0.0]])),
            (rng.randn(3, 5), rng.randn(3, 5)), (rng.randn(2, 4), rng.randn(2, 4).round())]


# ---- what students write
def in_place(g, a):
    g[a <= 0] = 0
    return g


# ---- other right answers
def in_place_on_a_copy(g, a):
    g = g.copy()
    g[a <= 0] = 0
    return g


EXERCISE = Exercise(
    "04.relu_backward", "Back through the ReLU", relu_backward, points=1, probes=preactivations,
    hints=(
        "Where a was positive, relu(a) = a: how much does the output change when a does? And where "
        "a was negative?",
        "The slope is 1 where a > 0 and 0 elsewhere. `a > 0` is an array of True and False, which "
        "multiply like 1 and 0.",
    ),
    mistakes={
        "this is the ReLU's slope alone: multiply the cotangent g by it (chain rule)":
            lambda g, a: 1.0 * (a > 0),
        "you put g itself through a ReLU: what decides is the sign of a, which went through it in "
        "the forward pass":
            lambda g, a: np.maximum(g, 0),
        "you multiplied g by relu(a): it is the slope, 0 or 1, that g is multiplied by":
            lambda g, a: g * np.maximum(a, 0),
        "you let g through where a was negative, and stopped it where a was positive: it is the "
        "other way round":
            lambda g, a: g * (a < 0),
        "right but for a = 0: in this course (and in PyTorch) the slope there is 0, so ask for "
        "a > 0, not a >= 0":
            lambda g, a: g * (a >= 0),
        "your result is right, but you wrote it into g itself, which another branch of the net may "
        "still need: make a new array":
            in_place,
    },
    musts={
        "the result must be 0 wherever a was negative":
            lambda result, g, a: (result[a < 0] == 0).all(),
        "where a was positive, g must go through unchanged":
            lambda result, g, a: np.allclose(result[a > 0], g[a > 0], atol=1e-5),
    },
    variants={
        "np.where": lambda g, a: np.where(a > 0, g, 0),
        "in place, on a copy": in_place_on_a_copy,
    },
)
