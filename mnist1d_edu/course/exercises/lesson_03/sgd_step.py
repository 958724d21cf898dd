"""03.sgd_step: one step of gradient descent (UDL 6.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def sgd_step(p, g, lr):
    return p - lr * g


def points_and_gradients(rng: np.random.RandomState) -> list[tuple]:
    """p, g of one shape, and a learning rate: (D,), then (S, P), then single precision."""
    return [(np.array([1.0, -2.0, 5.0]), np.array([10.0, -20.0, 0.5]), 0.1),
            (rng.randn(2, 3), rng.randn(2, 3), 0.3),
            (rng.randn(4).astype(np.float32), rng.randn(4).astype(np.float32), 2.0)]


# ---- what students write
def in_place(p, g, lr):
    p -= lr * g
    return p


# ---- other right answers
def in_place_on_a_copy(p, g, lr):
    p = p.copy()
    p -= lr * g
    return p


def loop_in_double_precision(p, g, lr):
    out = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        out[index] = p[index] - lr * g[index]
    return out


EXERCISE = Exercise(
    "03.sgd_step", "One step downhill", sgd_step, probes=points_and_gradients,
    hints=(
        "The gradient points where the loss *grows* fastest. How far you go the other way is the "
        "gradient times the learning rate.",
        "`p -= ...` writes into the array that the caller gave you. `p - ...` makes a new one.",
    ),
    mistakes={
        "you walk uphill: the gradient points to where the loss grows, so subtract it":
            lambda p, g, lr: p + lr * g,
        "the numbers are right, but `p -= ...` changes the caller's array as well, and whoever "
        "kept the old point has lost it: return a new array, `p - ...`":
            in_place,
        "the learning rate is missing: how far you go is lr times the gradient":
            lambda p, g, lr: p - g,
        "you returned the step alone: the new point is p minus the step": lambda p, g, lr: lr * g,
        "you returned the step alone, with its sign: add it to p for the new point":
            lambda p, g, lr: -lr * g,
        "you normalised the gradient: a step should be long where it is steep, and short where it "
        "is flat":
            lambda p, g, lr: p - lr * g / np.linalg.norm(g),
        "you used the signs of the gradient alone: its size says how steep it is (Adam comes close "
        "to this, later)":
            lambda p, g, lr: p - lr * np.sign(g),
        "your brackets are in the wrong place: (p − lr)·g is not p − lr·g":
            lambda p, g, lr: (p - lr) * g,
        "you divided by the learning rate: a smaller one should make a smaller step":
            lambda p, g, lr: p - g / lr,
        "p is moved by a multiple of itself: take lr times the gradient from it, and nothing else":
            lambda p, g, lr: p - lr * p * g,
        "every parameter has its own slope: you moved all of them by the mean one":
            lambda p, g, lr: p - lr * np.mean(g),
        "you multiplied p by the learning rate as well: only the gradient is, p - lr·g":
            lambda p, g, lr: lr * (p - g),
    },
    variants={
        "np.add, with the sign in the learning rate": lambda p, g, lr: np.add(p, -lr * g),
        "in place, on a copy": in_place_on_a_copy,
        "a loop, in double precision": loop_in_double_precision,
    },
)
