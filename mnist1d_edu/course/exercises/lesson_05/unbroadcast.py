"""05.unbroadcast: a cotangent summed back to the shape of what was broadcast."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_05.tensor import Tensor


def unbroadcast(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


def drive(answer, g, shape):
    result = answer(Tensor(g), shape)
    if result is not None and not isinstance(result, Tensor):
        raise TypeError(f"the result is of type {type(result).__name__}, and must be a tensor: "
                        "use g.sum, which records, and not g.data")
    return None if result is None else result.data


def broadcasts(rng: np.random.RandomState) -> list[tuple]:
    """g and the shape it is to have: new axes, stretched axes, both, and neither."""
    return [*((np.array([[1.0, 2.0], [5.0, 9.0]]), shape) for shape in ((2,), (2, 1), ())),
            (rng.randn(2, 3), (2, 3)),
            (rng.randn(4, 3), (1, 3)), (rng.randn(2, 3, 4), (3, 1)), (rng.randn(2, 3), (1, 1)),
            (rng.randn(2, 1, 4), (1, 1))]


# ---- what students write
def new_axes_only(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=0)
    return g


def stretched_axes_only(g, shape):
    extra = len(g.shape) - len(shape)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis + extra, keepdims=True)
    return g


def axes_not_kept(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=0)
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            g = g.sum(axis=axis)
    return g


def averaged(g, shape):
    right = unbroadcast(g, shape)
    return right * (right.data.size / g.data.size)


def numpys_sum(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = np.sum(g, axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = np.sum(g, axis=axis, keepdims=True)
    return g


def last_axes_summed(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=len(g.shape) - 1)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


# ---- other right answers
def one_sum(g, shape):
    extra = len(g.shape) - len(shape)
    axes = (*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1))
    return g.sum(axis=axes).reshape(shape) if axes else g


def only_what_was_stretched(g, shape):
    while len(g.shape) > len(shape):
        g = g.sum(axis=0)
    for axis in range(len(shape)):
        if g.shape[axis] != shape[axis]:
            g = g.sum(axis=axis, keepdims=True)
    return g


EXERCISE = Exercise(
    "05.unbroadcast", "Broadcasting undone", unbroadcast, points=2, probes=broadcasts,
    drive=drive,
    hints=(
        "Shapes line up from the right. Two things may have happened to an input: new axes in "
        "front of it, and axes of length 1 that were stretched.",
        "First sum away the axes in front, g.sum(axis=0), as many times as g has more axes than "
        "shape. Then go through shape: where it says 1, sum over that axis with keepdims=True.",
        "for _ in range(len(g.shape) - len(shape)): g = g.sum(axis=0). Then for axis, n in "
        "enumerate(shape): if n == 1: g = g.sum(axis=axis, keepdims=True).",
    ),
    mistakes={
        "new axes in front are summed, but an axis of length 1 that was stretched is not: sum over "
        "it too, with keepdims=True":
            new_axes_only,
        "stretched axes are summed, but the new axes in front are still there: sum over axis 0 as "
        "many times as g has more axes than shape":
            stretched_axes_only,
        "a stretched axis has vanished: it has length 1 in shape, so sum over it with "
        "keepdims=True":
            axes_not_kept,
        "the copies' cotangents are added up, not averaged: what is used several times gets the "
        "sum":
            averaged,
        "reshape can only rearrange elements: there are more in g than in shape, and they must be "
        "added up":
            lambda g, shape: g.reshape(shape),
        "np.sum knows nothing of tensors: use the method, g.sum(axis=...), which records what it "
        "does":
            numpys_sum,
        "you summed the last axes away: broadcasting lines shapes up from the right, so the new "
        "axes are in front, axis 0":
            last_axes_summed,
    },
    variants={
        "all axes in one sum, then a reshape": one_sum,
        "only what was really stretched": only_what_was_stretched,
    },
)
