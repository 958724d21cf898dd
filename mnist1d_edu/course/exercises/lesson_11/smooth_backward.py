"""11.smooth_backward: the backward passes of mean and of L2 pooling (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_11.max_backward import spread
from mnist1d_edu.course.exercises.lesson_11.pool import windows_of


def smooth_backward(g, x, size, kind):
    windows, g = windows_of(x, size), g[..., np.newaxis]
    if kind == "mean":
        return spread(g / size * np.ones_like(windows), x)
    norm = np.sqrt((windows**2).sum(axis=-1, keepdims=True))
    return spread(g * windows / np.where(norm > 0, norm, 1), x)


def cotangents(rng: np.random.RandomState) -> list[tuple]:
    """g (N, C, L // size), x (N, C, L), size, kind: to read, with windows of zeros, and more."""
    small = np.array([[[10.0, 100.0]]]), np.array([[[3.0, -4.0, 5.0, 12.0, 7.0]]]), 2
    zeros = rng.randn(2, 2, 9)
    zeros[0, 1, 3:6] = 0
    return [(*small, kind) for kind in ("mean", "l2")] + [
        (rng.randn(*shape), x, size, kind) for kind in ("mean", "l2") for shape, x, size in
        (((2, 3, 4), rng.randn(2, 3, 8), 2), ((2, 2, 3), zeros.copy(), 3),
         ((3, 1, 2), rng.randn(3, 1, 11), 5))]


# ---- what students write
def with_mean(mean):
    """Right for L2; for the mean, mean(g, windows, size)."""
    def answer(g, x, size, kind):
        if kind == "l2":
            return smooth_backward(g, x, size, kind)
        return spread(mean(g[..., np.newaxis], windows_of(x, size), size), x)
    return answer


def with_norm(norm):
    """Right for the mean; for L2, norm(g, windows, the norms with 1 for 0)."""
    def answer(g, x, size, kind):
        if kind == "mean":
            return smooth_backward(g, x, size, kind)
        windows = windows_of(x, size)
        norms = np.sqrt((windows**2).sum(axis=-1, keepdims=True))
        return spread(norm(g[..., np.newaxis], windows, np.where(norms > 0, norms, 1)), x)
    return answer


def nan_at_zero(g, x, size, kind):
    if kind == "mean":
        return smooth_backward(g, x, size, kind)
    windows = windows_of(x, size)
    with np.errstate(all="ignore"):
        return spread(g[..., np.newaxis] * windows
                      / np.sqrt((windows**2).sum(axis=-1, keepdims=True)), x)


def norm_of_the_channel(g, x, size, kind):
    if kind == "mean":
        return smooth_backward(g, x, size, kind)
    return spread(g[..., np.newaxis] * windows_of(x, size)
                  / np.sqrt((x**2).sum(axis=-1))[..., np.newaxis, np.newaxis], x)


def cut(g, x, size, kind):
    return smooth_backward(g, x, size, kind)[..., :g.shape[-1] * size]


def leftover_kept(g, x, size, kind):
    d_x = smooth_backward(g, x, size, kind)
    used = g.shape[-1] * size
    if used < x.shape[-1] and kind == "mean":
        d_x[..., used:] = g[..., -1:] / size
    return d_x


# ---- other right answers
def loops(g, x, size, kind):
    d_x = np.zeros_like(x)
    for n, c, p in np.ndindex(g.shape):
        part = slice(p * size, (p + 1) * size)
        norm = np.linalg.norm(x[n, c, part])
        if kind == "mean":
            d_x[n, c, part] = g[n, c, p] / size
        elif norm > 0:
            d_x[n, c, part] = g[n, c, p] * x[n, c, part] / norm
    return d_x


def repeated(g, x, size, kind):
    used = g.shape[-1] * size
    if kind == "mean":
        d_x = np.repeat(g, size, axis=-1) / size
    else:
        norm = np.repeat(np.linalg.norm(windows_of(x, size), axis=-1), size, axis=-1)
        d_x = np.repeat(g, size, axis=-1) * x[..., :used]
        d_x = np.divide(d_x, norm, out=np.zeros_like(d_x), where=norm > 0)
    return np.pad(d_x, ((0, 0), (0, 0), (0, x.shape[-1] - used)))


EXERCISE = Exercise(
    "11.smooth_backward", "Mean and L2 pooling, backwards", smooth_backward, probes=cotangents,
    points=2,
    hints=(
        "The mean depends on each of its `size` numbers with the slope 1 / size, so each gets "
        "g / size.",
        "Differentiate the root of the sum of squares with respect to x: the 2 of the square and "
        "the 1/2 of the root cancel, and x / norm is left.",
        "Where the norm is 0 all numbers of the window are 0, and x / norm is 0 / 0: give 0 "
        "there, with `np.where(norm > 0, norm, 1)` below the line.",
    ),
    mistakes={
        "your mean passes all of g to every number: each has a part of 1 / size in the mean":
            with_mean(lambda g, w, size: g * np.ones_like(w)),
        "your mean divides by the number of windows: the mean was over size numbers":
            with_mean(lambda g, w, size: g / w.shape[-2] * np.ones_like(w)),
        "your mean multiplies by x: the slope of a mean is 1 / size, whatever the numbers are":
            with_mean(lambda g, w, size: g * w / size),
        "your mean passes g to the first number of each window alone: all of them are in the mean":
            with_mean(lambda g, w, size: g * (np.arange(size) == 0) * np.ones_like(w)),
        "your L2 pooling is missing the division by the norm":
            with_norm(lambda g, w, norm: g * w),
        "your L2 pooling has a factor 2 too many: it cancels with the root's 1/2":
            with_norm(lambda g, w, norm: 2 * g * w / norm),
        "your L2 pooling is missing a factor 2: the square brings one, and it cancels with the "
        "root's 1/2":
            with_norm(lambda g, w, norm: 0.5 * g * w / norm),
        "your L2 pooling divides by the squared norm: the slope is x / norm":
            with_norm(lambda g, w, norm: g * w / norm**2),
        "your L2 pooling is missing the number itself: the slope is x / norm":
            with_norm(lambda g, w, norm: g / norm * np.ones_like(w)),
        "your L2 pooling loses the signs: the slope is x / norm, negative where x is":
            with_norm(lambda g, w, norm: g * np.abs(w) / norm),
        "your L2 pooling gives NaN where a window is all zeros, as it often is after a ReLU: give "
        "0 there": nan_at_zero,
        "you divided by the norm of the whole channel: each window has a norm of its own":
            norm_of_the_channel,
        "your result is shorter than x: positions that no window took get a cotangent of 0": cut,
        "a position that no window took gets a cotangent of 0": leftover_kept,
        "you exchanged the two kinds":
            lambda g, x, size, kind: smooth_backward(g, x, size,
                                                     "l2" if kind == "mean" else "mean"),
    },
    variants={"loops": loops, "np.repeat": repeated},
)
