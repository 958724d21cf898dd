"""11.max_backward: the backward pass of max pooling (UDL 10.4.1, 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_11.pool import windows_of


def max_backward(g, x, size):
    windows = windows_of(x, size)
    chosen = windows == windows.max(axis=-1, keepdims=True)
    return spread(g[..., np.newaxis] * chosen / chosen.sum(axis=-1, keepdims=True), x)


def spread(windows, x):
    """Windows (N, C, count, size) laid out in a row again, with zeros where x has more."""
    d_x = np.zeros(x.shape)
    flat = windows.reshape(*windows.shape[:2], -1)
    d_x[..., :flat.shape[-1]] = flat
    return d_x


def cotangents(rng: np.random.RandomState) -> list[tuple]:
    """g (N, C, L // size), x (N, C, L), size: a signal to read, ties as after a ReLU, more."""
    after_relu = np.maximum(rng.randn(2, 2, 12), 0)
    after_relu[0, 0, :4] = 0
    return [(np.array([[[10.0, 100.0]]]), np.array([[[1.0, 3.0, 9.0, 2.0, 5.0]]]), 2),
            (np.array([[[10.0, 100.0]]]), np.array([[[3.0, 3.0, -2.0, -1.0]]]), 2),
            (rng.randn(2, 3, 4), rng.randn(2, 3, 8) - 0.3, 2),
            (rng.randn(2, 2, 4), after_relu, 3), (rng.randn(3, 1, 3), rng.randn(3, 1, 11), 3)]


# ---- what students write
def to(choose):
    """g where choose(windows) is 1, in each window."""
    return lambda g, x, size: spread(g[..., np.newaxis] * choose(windows_of(x, size)), x)


def one_place(windows, places):
    return places[..., np.newaxis] == np.arange(windows.shape[-1])


def largest(windows):
    return windows == windows.max(axis=-1, keepdims=True)


def last_of_the_largest(windows):
    return one_place(windows, windows.shape[-1] - 1 - windows[..., ::-1].argmax(axis=-1))


def of_the_whole_signal(g, x, size):
    chosen = x == x.max(axis=-1, keepdims=True)
    return spread(g[..., np.newaxis] * windows_of(chosen, size), x)


def cut(g, x, size):
    return max_backward(g, x, size)[..., :g.shape[-1] * size]


def next_window_too(g, x, size):
    d_x = max_backward(g, x, size)
    d_x[..., g.shape[-1] * size:] = g[..., -1:]
    return d_x


# ---- other right answers
def loops(g, x, size):
    d_x = np.zeros_like(x)
    for n, c, p in np.ndindex(g.shape):
        window = x[n, c, p * size:(p + 1) * size]
        places = np.flatnonzero(window == window.max())
        d_x[n, c, p * size + places] += g[n, c, p] / len(places)
    return d_x


def repeated(g, x, size):
    used = g.shape[-1] * size
    top = np.repeat(windows_of(x, size).max(axis=-1), size, axis=-1)
    chosen = (x[..., :used] == top) * 1.0
    share = np.repeat(g / windows_of(chosen, size).sum(axis=-1), size, axis=-1)
    return np.pad(chosen * share, ((0, 0), (0, 0), (0, x.shape[-1] - used)))


EXERCISE = Exercise(
    "11.max_backward", "Max pooling, backwards", max_backward, probes=cotangents, points=2,
    hints=(
        "The largest number of a window is the only one that the output depends on: it gets all of "
        "g, the others get 0.",
        "`chosen = windows == windows.max(axis=-1, keepdims=True)`, with the windows of exercise "
        "1, is True at the largest. Divide by the number of True in a window.",
        "Write `g[..., np.newaxis] * chosen / chosen.sum(...)` back into zeros of x's shape: the "
        "positions that were left out stay 0.",
    ),
    mistakes={
        "each of several equal maxima gets all of g: they share it, g / (how many)": to(largest),
        "only the first of several equal maxima gets something: they share g equally":
            to(lambda w: one_place(w, w.argmax(axis=-1))),
        "only the last of several equal maxima gets something: they share g equally":
            to(last_of_the_largest),
        "you gave g to every number of the window: only the largest one decided the output":
            to(np.ones_like),
        "you shared g among all numbers of the window, which is the mean's backward pass: only the "
        "largest one decided the output": to(lambda w: np.ones_like(w) / w.shape[-1]),
        "you gave g to the smallest number of each window":
            to(lambda w: one_place(w, w.argmin(axis=-1))),
        "you looked for the largest number of the whole signal: each window has one of its own":
            of_the_whole_signal,
        "you multiplied by the number itself: the slope of max is 1 at the largest number":
            codings(to(lambda w: w * largest(w) / largest(w).sum(axis=-1, keepdims=True)),
                    to(lambda w: w * largest(w))),
        "this marks the largest numbers alone: multiply by the cotangent g":
            codings(lambda g, x, size: max_backward(np.ones_like(g), x, size),
                    lambda g, x, size: to(largest)(np.ones_like(g), x, size)),
        "your result is shorter than x: positions that no window took get a cotangent of 0": cut,
        "a position that no window took gets a cotangent of 0": next_window_too,
        "you gave g to the first number of each window, as in striding: the largest one decided "
        "the output": to(lambda w: one_place(w, np.zeros(w.shape[:-1], int))),
    },
    variants={"loops": loops, "np.repeat": repeated},
)
