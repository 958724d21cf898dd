"""02.linear: a score for each class."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_02.softmax import softmax


def linear(x, weight, bias):
    return x @ weight.T + bias


def inputs(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D), weight (K, D), bias (K,): one example, then K = N, K = D, the real sizes."""
    return [(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [0.0, 3.0], [2.0, -1.0]]),
             np.array([10.0, 20.0, 30.0])),
            (rng.randn(3, 4), rng.randn(3, 4), rng.randn(3)),
            (rng.randn(5, 3), rng.randn(3, 3), rng.randn(3)),
            (rng.randn(7, 40), rng.randn(10, 40), rng.randn(10))]


# ---- other right answers
def two_loops(x, weight, bias):
    return np.array([[sum(u * v for u, v in zip(row, w, strict=True)) + b
                      for w, b in zip(weight, bias, strict=True)] for row in x])


def in_place_in_single_precision(x, weight, bias):
    out = (weight.astype(np.float32) @ x.T.astype(np.float32)).T
    out += bias.astype(np.float32)
    return out


EXERCISE = Exercise(
    "02.linear", "Ten scores for each signal", linear, probes=inputs,
    hints=(
        "`out[n, k]` is the sum over d of `x[n, d] * weight[k, d]`, and then `bias[k]`. In a "
        "product `A @ B` the last axis of A is summed with the first of B: which of the two arrays "
        "has its D in the wrong place?",
        "`weight` has shape (K, D) and its transpose `weight.T` has (D, K): (N, D) @ (D, K) is "
        "(N, K). A bias of shape (K,) is stretched over the rows by itself.",
    ),
    mistakes={
        "`x @ weight` multiplies (N, D) by (K, D): the axes that are summed must both be D. Each "
        "class has its weights in a row, so transpose weight":
            lambda x, weight, bias: x @ weight + bias,
        "you left the bias out: every class has one number that is added whatever the signal is":
            lambda x, weight, bias: x @ weight.T,
        "your scores are the wrong way round, (K, N): the first axis counts the examples, so x "
        "comes first in the product":
            lambda x, weight, bias: weight @ x.T + bias[:, None],
        "reshape does not transpose: it pours the numbers, in the order in which they stand, into "
        "another shape, and mixes the classes' weights. `.T` swaps the axes":
            lambda x, weight, bias: x @ weight.reshape(weight.shape[::-1]) + bias,
        "you gave each *example* a bias: shape (K, 1) lies along the first axis. There is one bias "
        "per class, and (K,) lines up with the last axis as it is":
            lambda x, weight, bias: x @ weight.T + bias[:, None],
        "you have already gone on to probabilities: the scores themselves are wanted, which may be "
        "any numbers, even negative ones":
            lambda x, weight, bias: softmax(x @ weight.T + bias),
        "you add the bias once for each of the D products: once to their sum is enough":
            lambda x, weight, bias: x @ weight.T + x.shape[1] * bias,
    },
    variants={
        "two loops": two_loops,
        "einsum": lambda x, weight, bias: np.einsum("nd,kd->nk", x, weight) + bias[None, :],
        "single precision, in place on its own array": in_place_in_single_precision,
        "the bias as one more weight, of an input that is always 1":
            lambda x, weight, bias: np.c_[x, np.ones(len(x))] @ np.c_[weight, bias].T,
    },
)
