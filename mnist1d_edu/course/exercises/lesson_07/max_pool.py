"""07.max_pool: the largest of each group of neighbours (UDL 10.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def max_pool(x, size):
    groups = x.shape[2] // size
    return x[:, :, :groups * size].reshape(*x.shape[:2], groups, size).max(axis=3)


def maps(rng: np.random.RandomState) -> list[tuple]:
    """x (N, C, L) of both signs, and sizes: with a remainder, and one that takes all of L."""
    return [(np.array([[[1.0, 3.0, -5.0, -2.0, 9.0]]]), 2), (rng.randn(2, 3, 12) - 1, 4),
            (rng.randn(3, 2, 7), 3), (rng.randn(2, 4, 5) - 1, 5), (rng.randn(2, 3, 4), 1)]


def cut(x, size):
    """The groups, (N, C, L // size, size)."""
    return x[:, :, :x.shape[2] // size * size].reshape(*x.shape[:2], -1, size)


# ---- what students write
def groups_interleaved(x, size):
    kept = x[:, :, :x.shape[2] // size * size]
    return kept.reshape(*x.shape[:2], size, -1).max(axis=2)


def remainder_kept(x, size):
    return np.stack([x[:, :, s:s + size].max(axis=2) for s in range(0, x.shape[2], size)], axis=2)


def one_step_at_a_time(x, size):
    return np.lib.stride_tricks.sliding_window_view(x, size, axis=2).max(axis=3)


def started_at_zero(x, size):
    return np.maximum(max_pool(x, size), 0)


def farthest_from_zero(x, size):
    groups = cut(x, size)
    place = np.abs(groups).argmax(axis=3)
    return np.take_along_axis(groups, place[..., None], axis=3)[..., 0]


# ---- other right answers
def loop_over_groups(x, size):
    starts = range(0, x.shape[2] - size + 1, size)
    return np.stack([x[:, :, s:s + size].max(axis=2) for s in starts], axis=2)


def maximum_of_strided_copies(x, size):
    kept = x[:, :, :x.shape[2] // size * size]
    out = kept[:, :, ::size].copy()
    for k in range(1, size):
        np.maximum(out, kept[:, :, k::size], out=out)
    return out.astype(np.float32)


def plain_numbers(x, size):
    out = np.full((*x.shape[:2], x.shape[2] // size), -np.inf)
    for n, c, p in np.ndindex(out.shape):
        for k in range(size):
            out[n, c, p] = max(out[n, c, p], x[n, c, p * size + k])
    return out


EXERCISE = Exercise(
    "07.max_pool", "The largest of each group of neighbours", max_pool, probes=maps, points=2,
    hints=(
        "Groups begin at 0, size, 2 * size, ... How many fit completely into L positions?",
        "A loop over the groups is fine: `x[:, :, s:s + size].max(axis=2)` is (N, C) for the group "
        "that begins at s; `np.stack(..., axis=2)` puts the groups side by side.",
        "Without a loop: cut the remainder off, reshape to (N, C, groups, size), and take the "
        "maximum along the last axis.",
    ),
    mistakes={
        "you took the mean of each group: that is mean pooling; take the largest":
            lambda x, size: cut(x, size).mean(axis=3),
        "you took one fixed number of each group, which is a stride and no pooling: take "
        "the largest": codings(
            lambda x, size: cut(x, size)[..., 0], lambda x, size: cut(x, size)[..., -1]),
        "your groups overlap: they begin at 0, size, 2 * size, ...": one_step_at_a_time,
        "your groups are not neighbours: reshape to (..., groups, size), with size last, so that "
        "a group is `size` numbers in a row": groups_interleaved,
        "you pooled over the channels too: each channel keeps its own maximum":
            lambda x, size: cut(x, size).max(axis=(1, 3)),
        "you pooled over the channels: groups lie along the last axis, the positions":
            lambda x, size: x.max(axis=1),
        "you kept the rest at the end, a group that is not complete: leave it out": remainder_kept,
        "your maximum starts from 0, so that no group of negative numbers can answer: begin with "
        "the group's first number, or with -np.inf": started_at_zero,
        "you compared absolute values: the largest number is meant, not the one farthest from 0":
            codings(farthest_from_zero, lambda x, size: np.abs(cut(x, size)).max(axis=3)),
        "you took the smallest of each group: take the largest":
            lambda x, size: cut(x, size).min(axis=3),
        "you say *where* in its group the largest number is: give the number itself, with max":
            lambda x, size: cut(x, size).argmax(axis=3),
    },
    musts={
        "(N, C, L) becomes (N, C, L // size)":
            lambda result, x, size: np.shape(result) == (*x.shape[:2], x.shape[2] // size),
    },
    variants={
        "a loop over the groups": loop_over_groups,
        "the maximum of strided copies, in single precision": maximum_of_strided_copies,
        "loops over plain numbers": plain_numbers,
    },
)
