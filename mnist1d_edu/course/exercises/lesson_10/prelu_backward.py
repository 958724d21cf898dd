"""10.prelu_backward: the backward pass of the PReLU (UDL 3.5, 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def prelu_backward(g, x, slope):
    return np.where(x > 0, g, g * slope), np.array([(g * np.minimum(x, 0)).sum()])


def batches(rng: np.random.RandomState) -> list[tuple]:
    """g and x (N, H), slope (1,): first two numbers to read, then more of both signs and a 0."""
    x = rng.randn(4, 3)
    x[1, 2] = 0
    return [(np.array([[2.0, 3.0]]), np.array([[5.0, -7.0]]), np.array([0.25])),
            (rng.randn(4, 3), x, np.array([0.1])),
            (rng.randn(2, 5), rng.randn(2, 5), np.array([-0.5]))]


# ---- what students write
def with_slope(d_slope):
    """The right cotangent of x, with that of the slope from d_slope(g, x, slope)."""
    return lambda g, x, slope: (prelu_backward(g, x, slope)[0], d_slope(g, x, slope))


def with_x(d_x):
    """The right cotangent of the slope, with that of x from d_x(g, x, slope)."""
    return lambda g, x, slope: (d_x(g, x, slope), prelu_backward(g, x, slope)[1])


def in_place(g, x, slope):
    d_slope = prelu_backward(g, x, slope)[1]
    g[x <= 0] *= slope
    return g, d_slope


# ---- other right answers
def loops(g, x, slope):
    d_x, d_slope = np.zeros_like(g), np.zeros(1)
    for i in np.ndindex(x.shape):
        if x[i] > 0:
            d_x[i] = g[i]
        else:
            d_x[i] = g[i] * slope[0]
            d_slope[0] += g[i] * x[i]
    return d_x, d_slope


def masks(g, x, slope):
    negative = x <= 0
    return g * (~negative + slope * negative), np.sum(g[negative] * x[negative], keepdims=True)


EXERCISE = Exercise(
    "10.prelu_backward", "Through the PReLU", prelu_backward, probes=batches, points=2,
    parts=("cotangent of x", "cotangent of slope"),
    hints=(
        "Where x > 0 the output is x, elsewhere it is slope * x. Differentiate each with respect "
        "to x, then with respect to the slope.",
        "One slope serves every number of every example. What is used many times collects a "
        "cotangent from each of its uses: their sum.",
        "`d_x = np.where(x > 0, g, slope * g)`; the slope's is the sum of g * x over the places "
        "where x is not positive, in an array of shape (1,).",
    ),
    mistakes={
        "this is the ReLU's backward pass: where x is negative, slope * g comes through":
            with_x(lambda g, x, slope: g * (x > 0)),
        "you exchanged the sides: where x is positive, g comes through unchanged, elsewhere "
        "slope * g":
            with_x(lambda g, x, slope: np.where(x > 0, g * slope, g)),
        "this is the PReLU's slope alone: multiply it by the cotangent g":
            with_x(lambda g, x, slope: np.where(x > 0, 1.0, slope) + 0 * g),
        "you ran x through the PReLU: the cotangent of x is g, or slope * g where x is negative":
            with_x(lambda g, x, slope: np.where(x > 0, x, slope * x)),
        "you decided by the sign of g: what came through in the forward pass was decided by x":
            codings(with_x(lambda g, x, slope: np.where(g > 0, g, g * slope)),
                    lambda g, x, slope: (np.where(g > 0, g, g * slope),
                                         np.array([(x * np.minimum(g, 0)).sum()]))),
        "your slope collects the positive side: the slope is used only where x is negative":
            with_slope(lambda g, x, slope: np.array([(g * np.maximum(x, 0)).sum()])),
        "your slope collects every place: it is used only where x is negative":
            with_slope(lambda g, x, slope: np.array([(g * x).sum()])),
        "the slope's cotangent has a factor slope too many: slope * x differentiated with respect "
        "to slope is x":
            with_slope(lambda g, x, slope: slope * (g * np.minimum(x, 0)).sum()),
        "your slope collects g alone: it was multiplied by x, so each place gives g * x":
            with_slope(lambda g, x, slope: np.array([g[x <= 0].sum()])),
        "your slope collects x alone: each place gives g * x":
            with_slope(lambda g, x, slope: np.array([np.minimum(x, 0).sum()])),
        "the slope's cotangent is a sum over all places; you took their mean":
            codings(with_slope(lambda g, x, slope: np.array([(g * np.minimum(x, 0)).mean()])),
                    with_slope(lambda g, x, slope: np.array([(g * x)[x <= 0].mean()]))),
        "you divided the slope's cotangent by the number of examples: g holds that factor already":
            with_slope(lambda g, x, slope: np.array([(g * np.minimum(x, 0)).sum() / len(x)])),
        "you have a cotangent of the slope for each place: one slope serves them all, so add them "
        "up":
            with_slope(lambda g, x, slope: g * np.minimum(x, 0)),
        "you have a cotangent of the slope for each unit: one slope serves all units too, so add "
        "up everything":
            with_slope(lambda g, x, slope: (g * np.minimum(x, 0)).sum(axis=0)),
        "your result is right, but you wrote it into g itself, which another branch of the net may "
        "still need: make a new array": in_place,
    },
    variants={"loops": loops, "masks": masks},
)
