"""05.unbroadcast: a cotangent summed back to the shape of what was broadcast."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_05.recorded import leads_to, tensors_of


def unbroadcast(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


def drive(answer, g, shape):
    tensor = tensors_of(answer)(g)
    result = answer(tensor, shape)
    if not hasattr(result, "parents"):
        return result
    return {"cotangent": result.data, "recorded": leads_to(result, tensor)}


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


def on_data(g, shape):
    data = g.data
    for _ in range(data.ndim - len(shape)):
        data = data.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            data = data.sum(axis=axis, keepdims=True)
    return data


def first_copy(g, shape):
    data = g.data
    while data.ndim > len(shape):
        data = data[0]
    for axis, n in enumerate(shape):
        if n == 1:
            data = data.take([0], axis=axis)
    return g.record(data)


# ---- other right answers
def reshaped_at_the_end(g, shape):
    extra = len(g.shape) - len(shape)
    for axis, n in enumerate((1,) * extra + tuple(shape)):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g.reshape(shape)


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
        "right numbers, but you summed g.data: nothing is recorded, and there can be no gradient "
        "of a gradient. Use the method g.sum(axis=...)":
            lambda g, shape: g.record(on_data(g, shape)),
        "you return a plain array: a cotangent is a tensor, and g.sum(axis=...) makes one":
            on_data,
        "you took the first of the copies: what is used several times gets the sum": first_copy,
        "you summed the last axes away: broadcasting lines shapes up from the right, so the new "
        "axes are in front, axis 0":
            last_axes_summed,
    },
    variants={
        "all axes kept, then a reshape": reshaped_at_the_end,
        "only what was really stretched": only_what_was_stretched,
    },
)
