"""02.parameter_gradients: from the scores' slopes to those of weight and bias."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def parameter_gradients(x, g):
    return g.T @ x, g.sum(axis=0)


def cotangents(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D) and the slopes of the scores g (N, K), all three sizes different."""
    return [(np.array([[1.0, 10.0], [2.0, 30.0], [0.0, 1.0]]), np.array([[1.0], [-1.0], [3.0]])),
            (rng.randn(4, 3), rng.randn(4, 2)), (rng.randn(6, 5), rng.randn(6, 10))]


# ---- other right answers
def loop_in_single_precision(x, g):
    weight = np.zeros((g.shape[1], x.shape[1]), np.float32)
    for signal, slopes in zip(x, g, strict=True):
        weight += np.outer(slopes, signal)
    return [weight, sum(g).astype(np.float32)]


EXERCISE = Exercise(
    "02.parameter_gradients", "From the scores back to the weights", parameter_gradients, points=2,
    probes=cotangents,
    parts=("gradient of weight", "gradient of bias"),
    hints=(
        "`weight[k, d]` enters score k of every example n, multiplied by `x[n, d]`. So its slope "
        "is the sum over n of `g[n, k] * x[n, d]`: a product of which two matrices?",
        "The result has the shape of `weight`, (K, D); the axis that is summed is N. "
        "(K, N) @ (N, D) does it. `bias[k]` enters score k of every example with factor 1.",
    ),
    mistakes={
        "your gradient of weight is transposed, (D, K): it must have the shape of weight, (K, D), "
        "so that the one can be subtracted from the other":
            lambda x, g: (x.T @ g, g.sum(axis=0)),
        "you averaged over the examples, but g is the slope of a *mean* already: the 1/N is in it, "
        "so only add up":
            lambda x, g: (g.T @ x / len(x), g.mean(axis=0)),
        "you averaged g for the bias: the 1/N is in g already, so add up over the examples":
            lambda x, g: (g.T @ x, g.mean(axis=0)),
        "you divided the gradient of weight by N once more: the 1/N is in g already":
            lambda x, g: (g.T @ x / len(x), g.sum(axis=0)),
        "you summed g over the classes: each class has its own bias, and what disappears is the "
        "axis of the examples, axis 0":
            lambda x, g: (g.T @ x, g.sum(axis=1)),
        "the gradient of the bias must have the bias's shape (K,), and not (1, K): leave keepdims "
        "out":
            lambda x, g: (g.T @ x, g.sum(axis=0, keepdims=True)),
        "the parts are swapped: first the gradient of weight, then that of bias":
            lambda x, g: (g.sum(axis=0), g.T @ x),
        "you summed over the examples before you multiplied: each example's slope belongs with its "
        "own signal":
            lambda x, g: (np.outer(g.sum(axis=0), x.sum(axis=0)), g.sum(axis=0)),
        "you returned the gradient of weight alone: return both, `(weight's, bias's)`":
            lambda x, g: g.T @ x,
    },
    variants={
        "einsum": lambda x, g: (np.einsum("nk,nd->kd", g, x), np.einsum("nk->k", g)),
        "a loop over the examples, single precision, as a list": loop_in_single_precision,
        "transposed at the end": lambda x, g: ((x.T @ g).T, np.ones(len(g)) @ g),
    },
)
