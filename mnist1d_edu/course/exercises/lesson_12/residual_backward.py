"""12.residual_backward: the cotangent of a residual block's input (UDL 11.2, 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def residual_backward(g, x, weight):
    return g + (g @ weight) * (x > 0)


def cotangents(rng: np.random.RandomState) -> list[tuple]:
    """g (N, D), x (N, D), weight (D, D): one example to read, then more, one with zeros."""
    small = np.array([[10.0, 100.0]]), np.array([[3.0, -2.0]]), np.array([[1.0, 5.0], [2.0, 7.0]])
    some = rng.randn(4, 3)
    some[1] = 0
    return [small, (rng.randn(4, 3), some, rng.randn(3, 3)),
            (rng.randn(2, 5), rng.randn(2, 5), rng.randn(5, 5))]


# ---- other right answers
def in_steps(g, x, weight):
    d_x = np.einsum("no,oi->ni", g, weight)
    d_x[x <= 0] = 0
    return d_x + g


def one_by_one(g, x, weight):
    return np.stack([row + np.where(at > 0, weight.T @ row, 0)
                     for row, at in zip(g, x, strict=True)])


EXERCISE = Exercise(
    "12.residual_backward", "A residual block, backwards", residual_backward, probes=cotangents,
    hints=(
        "x reaches the output in two ways. The cotangents that come back on the two add up.",
        "Along the shortcut g comes back as it is. Through the layer it is multiplied by weight "
        "(lesson 04), and then by 0 where the ReLU had a negative number, `x > 0`.",
    ),
    mistakes={
        "what comes back along the shortcut is missing: add g":
            lambda g, x, weight: (g @ weight) * (x > 0),
        "what comes back through the layer is missing": lambda g, x, weight: g.copy(),
        "you masked the shortcut too: no ReLU stands on it":
            codings(lambda g, x, weight: (g + g @ weight) * (x > 0),
                    lambda g, x, weight: g * (x > 0) + (g @ weight) * (x > 0)),
        "the ReLU is missing: what comes back through the layer is 0 where x was negative":
            lambda g, x, weight: g + g @ weight,
        "forward the layer multiplies by weight.T, so backward by weight":
            lambda g, x, weight: g + (g @ weight.T) * (x > 0),
        "your mask looks at g: the ReLU let through what was positive in x":
            lambda g, x, weight: g + (g @ weight) * (g > 0),
        "your mask comes before the layer: backward the ReLU, which was first, comes last":
            lambda g, x, weight: g + (g * (x > 0)) @ weight,
        "the slope of the shortcut is 1, and 1 times g is g: add g, not 1":
            lambda g, x, weight: 1 + (g @ weight) * (x > 0),
        "the two ways add up: you multiplied them":
            lambda g, x, weight: g * (g @ weight) * (x > 0),
        "you multiplied by the rectified x: the slope of a ReLU is 1 or 0":
            lambda g, x, weight: g + (g @ weight) * np.maximum(x, 0),
        "the shortcut brings back the cotangent g: you added x":
            lambda g, x, weight: x + (g @ weight) * (x > 0),
        "at x = 0 and below the ReLU lets nothing through: your mask is of the negative ones":
            lambda g, x, weight: g + (g @ weight) * (x < 0),
    },
    variants={"in steps": in_steps, "one example after the other": one_by_one},
)
