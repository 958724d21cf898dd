"""12.residual: a residual block, forward (UDL 11.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def residual(x, weight, bias):
    return x + np.maximum(x, 0) @ weight.T + bias


def blocks(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D), weight (D, D), bias (D,): one example to read, then more."""
    return [(np.array([[3.0, -2.0]]), np.array([[1.0, 5.0], [10.0, 7.0]]), np.array([0.5, 0.25])),
            *((rng.randn(n, d), rng.randn(d, d), rng.randn(d)) for n, d in ((4, 3), (3, 5)))]


# ---- what students write
def rectified_shortcut(x, weight, bias):
    return residual(np.maximum(x, 0), weight, bias)


def activation_last(x, weight, bias):
    return x + np.maximum(x @ weight.T + bias, 0)


def activation_after_the_sum(x, weight, bias):
    return np.maximum(x + x @ weight.T + bias, 0)


def sum_then_activation(x, weight, bias):
    return np.maximum(residual(x, weight, bias), 0)


# ---- other right answers
def one_by_one(x, weight, bias):
    return np.array([row + weight @ np.where(row > 0, row, 0) + bias for row in x])


def added_in_place(x, weight, bias):
    out = np.einsum("ni,oi->no", x * (x > 0), weight)
    out += bias
    out += x
    return out


EXERCISE = Exercise(
    "12.residual", "A residual block", residual, probes=blocks,
    hints=(
        "The block adds something to x. What it adds comes from a ReLU first and a linear layer "
        "after it.",
        "The linear layer is the one of lesson 02: `h @ weight.T + bias`, here with "
        "`h = np.maximum(x, 0)`. What is added to it is x itself, with its negative numbers.",
    ),
    mistakes={
        "the shortcut is missing: the block returns x plus what its layer makes":
            lambda x, weight, bias: np.maximum(x, 0) @ weight.T + bias,
        "your shortcut carries the rectified x: x itself is added, with its negative numbers":
            rectified_shortcut,
        "you added what the layer made to itself: x is to be added":
            lambda x, weight, bias: 2 * (np.maximum(x, 0) @ weight.T + bias),
        "your ReLU follows the layer: here it comes before it, so that the block can also "
        "subtract": activation_last,
        "your ReLU follows the sum: here it comes before the layer, and nothing stands on the "
        "shortcut": codings(activation_after_the_sum, sum_then_activation),
        "the ReLU is missing": lambda x, weight, bias: x + x @ weight.T + bias,
        "the bias is missing": lambda x, weight, bias: x + np.maximum(x, 0) @ weight.T,
        "weight is (out, in): multiply by its transpose":
            lambda x, weight, bias: x + np.maximum(x, 0) @ weight + bias,
        "you subtracted x: the block adds it":
            codings(lambda x, weight, bias: np.maximum(x, 0) @ weight.T + bias - x,
                    lambda x, weight, bias: x - np.maximum(x, 0) @ weight.T - bias),
        "you multiplied by x: the block adds it":
            lambda x, weight, bias: x * (np.maximum(x, 0) @ weight.T + bias),
    },
    variants={"one example after the other": one_by_one, "added in place": added_in_place},
)
