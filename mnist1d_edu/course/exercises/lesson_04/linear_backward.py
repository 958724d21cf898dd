"""04.linear_backward: the linear layer's backward pass (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def linear_backward(g, x, weight):
    return g @ weight, g.T @ x, g.sum(axis=0)


def linear_layers(rng: np.random.RandomState) -> list[tuple]:
    """g (N, out), x (N, in), weight (out, in): one with all sizes 2, then all three unlike."""
    square = np.array([[1.0, 0.0], [2.0, -1.0]]), np.array([[1.0, 2.0], [-3.0, 5.0]]), \
        np.array([[1.0, -2.0], [4.0, 3.0]])
    return [square, *((rng.randn(n, o), rng.randn(n, i), rng.randn(o, i))
                      for n, i, o in ((3, 4, 2), (6, 2, 5)))]


# ---- what students write
def single_precision(g, x, weight):
    g, x, weight = (a.astype(np.float32) for a in (g, x, weight))
    return g @ weight, (x.T @ g).T, np.ones(len(g), np.float32) @ g


# ---- other right answers
def with_einsum(g, x, weight):
    return (np.einsum("no,oi->ni", g, weight), np.einsum("no,ni->oi", g, x),
            np.einsum("no->o", g))


def example_by_example(g, x, weight):
    g_x, g_weight, g_bias = np.zeros_like(x), np.zeros_like(weight), np.zeros(len(weight))
    for n in range(len(g)):
        g_x[n] = weight.T @ g[n]
        g_weight += np.outer(g[n], x[n])
        g_bias += g[n]
    return [g_x, g_weight, g_bias]


EXERCISE = Exercise(
    "04.linear_backward", "Back through a linear layer", linear_backward, points=2,
    probes=linear_layers, rtol=1e-10, atol=1e-12,
    parts=("g_x", "g_weight", "g_bias"),
    hints=(
        "Let the shapes lead you. A gradient has the shape of the thing that it belongs to: from g "
        "(N, out) and weight (out, in), how do you get (N, in)?",
        "For one example, a_o = sum_i W_oi x_i + b_o. So x_i reaches a_o with the factor W_oi, and "
        "W_oi reaches a_o with the factor x_i, in every example n: sum over n.",
        "g_x = g @ weight; g_weight = g.T @ x; the bias is added to every example, so g_bias sums "
        "g over the examples, axis 0.",
    ),
    mistakes={
        "g_x: forward the layer multiplies by weight.T, so backward it multiplies by weight "
        "itself, not by its transpose":
            lambda g, x, weight: (g @ weight.T, g.T @ x, g.sum(axis=0)),
        "g_weight is transposed, (in, out): it must have the shape of weight, (out, in)":
            lambda g, x, weight: (g @ weight, x.T @ g, g.sum(axis=0)),
        "g_bias still has the axis of the examples: the one bias serves all of them, so their "
        "cotangents add up, over axis 0":
            lambda g, x, weight: (g @ weight, g.T @ x, g),
        "g_bias is a single number: every output has a bias of its own, so sum over the examples "
        "only, axis 0":
            lambda g, x, weight: (g @ weight, g.T @ x, g.sum()),
        "g_bias is summed over the outputs: sum over the examples, axis 0":
            lambda g, x, weight: (g @ weight, g.T @ x, g.sum(axis=1)),
        "g_bias is averaged: here cotangents are only added up. The mean over the batch belongs to "
        "the loss, which has put 1/N into g already":
            lambda g, x, weight: (g @ weight, g.T @ x, g.mean(axis=0)),
        "you divided by the number of examples: that mean belongs to the loss, which has put 1/N "
        "into g already":
            lambda g, x, weight: (g @ weight, g.T @ x / len(x), g.mean(axis=0)),
        "g_bias has shape (1, out): a bias has shape (out,), so leave keepdims out":
            lambda g, x, weight: (g @ weight, g.T @ x, g.sum(axis=0, keepdims=True)),
        "your three gradients are right, but in another order: return g_x, g_weight, g_bias":
            codings(lambda g, x, weight: (g.T @ x, g.sum(axis=0), g @ weight),
                    lambda g, x, weight: (g.T @ x, g @ weight, g.sum(axis=0)),
                    lambda g, x, weight: (g @ weight, g.sum(axis=0), g.T @ x),
                    lambda g, x, weight: (g.sum(axis=0), g @ weight, g.T @ x),
                    lambda g, x, weight: (g.sum(axis=0), g.T @ x, g @ weight)),
        "your numbers are right to seven digits only: float32 has no more, and checks by small "
        "steps need sixteen. Compute in the precision of what you are given":
            single_precision,
    },
    variants={
        "einsum": with_einsum,
        "one example after the other": example_by_example,
    },
)
