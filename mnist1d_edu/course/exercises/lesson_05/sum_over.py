"""05.sum_over: the sum over an axis, or over all (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_05.recorded import tensors_of, tried


def sum_over(x, axis=None, keepdims=False):
    kept = x.data.sum(axis=axis, keepdims=True).shape
    ones = np.ones(x.shape, x.data.dtype)
    return x.record(x.data.sum(axis=axis, keepdims=keepdims),
                    (x, lambda g, out: g.reshape(kept) * ones))


def drive(answer, x, axis, keepdims, g):
    kind = tensors_of(answer)
    t = kind(x)
    return tried(answer(t, axis, keepdims), {"x": t}, kind(g), {})


def sums(rng: np.random.RandomState) -> list[tuple]:
    """x, axis, keepdims and the result's cotangent g."""
    small = np.array([[1.0, -2.0], [4.0, 3.0]])
    return [(small, None, False, np.array(3.0)), (small, 0, False, np.array([3.0, -1.0])),
            (small, 1, False, np.array([3.0, -1.0])),
            (rng.randn(2, 3), 1, True, rng.randn(2, 1)),
            (rng.randn(2, 3), 1, False, rng.randn(2)),
            (rng.randn(2, 3), None, True, rng.randn(1, 1)),
            (rng.randn(2, 3), 0, False, rng.randn(3))]


# ---- what students write
def with_rule(rule, use_axis=True, use_keepdims=True):
    """A sum whose rule is rule(x, g, kept), with the shape `kept` of the sum with keepdims."""
    def summed(x, axis=None, keepdims=False):
        axis = axis if use_axis else None
        kept = x.data.sum(axis=axis, keepdims=True).shape
        return x.record(x.data.sum(axis=axis, keepdims=keepdims and use_keepdims),
                        (x, lambda g, out: rule(x, g, kept)))
    return summed


def spread(x, g, kept):
    """The right rule."""
    return g.reshape(kept) * np.ones(x.shape)


def spread_data(x, g, kept):
    return x.record(np.broadcast_to(g.data.reshape(kept), x.shape))


EXERCISE = Exercise(
    "05.sum_over", "The sum over an axis", sum_over, points=1, probes=sums, drive=drive,
    hints=(
        "What does one element of x do to the sum that it goes into? Its slope is 1. So every "
        "element gets the cotangent of its sum.",
        "g has the shape of the result, and must get the shape of x. First put the summed axes "
        "back with length 1, g.reshape(kept); then broadcasting can stretch it.",
        "(x, lambda g, out: g.reshape(kept) * np.ones(x.shape, x.data.dtype)).",
    ),
    mistakes={
        "the rule passes g on in the shape of the sum: every element of x gets it, so the "
        "cotangent must have the shape of x":
            codings(with_rule(lambda x, g, kept: g),
                    with_rule(lambda x, g, kept: g.reshape(kept))),
        "over axis 1: g of shape (N,) is laid along the last axis. Put the summed axis back with "
        "length 1 first, g.reshape(kept)":
            with_rule(lambda x, g, kept: g * np.ones(x.shape)),
        "your sum ignores its axis: pass axis (and keepdims) on to NumPy's sum":
            with_rule(spread, use_axis=False),
        "your sum ignores keepdims: pass it on to NumPy's sum":
            with_rule(spread, use_keepdims=False),
        "a sum is not a mean: every element gets the whole cotangent, not a part of it":
            codings(
                with_rule(lambda x, g, kept: spread(x, g, kept) * (np.prod(kept) / x.data.size)),
                with_rule(lambda x, g, kept: spread(x, g, kept) * (1 / x.data.size))),
        "your rule multiplies g by x: the slope of a sum is 1, whatever the elements are":
            with_rule(lambda x, g, kept: g.reshape(kept) * x),
        "right numbers, but g.data takes the cotangent out of the tape, and there can be no "
        "gradient of a gradient: work on the tensor g":
            with_rule(spread_data),
        "your rule returns ones: the slope is 1, and the chain rule multiplies it by the cotangent "
        "that comes in":
            with_rule(lambda x, g, kept: x.record(np.ones(x.shape))),
        "a rule is called as rule(g, out): yours must take two arguments":
            lambda x, axis=None, keepdims=False: x.record(
                x.data.sum(axis=axis, keepdims=keepdims), (x, lambda g: g)),
    },
    variants={
        "zeros of the right shape added":
            with_rule(lambda x, g, kept: g.reshape(kept) + np.zeros(x.shape)),
        "ones as a tensor":
            with_rule(lambda x, g, kept: x.lift(np.ones(x.shape)) * g.reshape(kept)),
    },
)
