"""14.changes_between: how often a net changes its answer between two signals (UDL 8.4)."""

from __future__ import annotations

import itertools

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def changes_between(predict, start, end, points):
    labels = [predict((1 - t) * start + t * end) for t in np.linspace(0, 1, points)]
    return (np.diff(labels, axis=0) != 0).sum(axis=0)


def stripes(x):
    """Stands for a net: digits from 0 to 9 in stripes across the plane, none beside its next."""
    return (3 * np.floor(x @ np.arange(1.0, 1 + x.shape[-1])) % 10).astype(int)


def by_distance(x):
    """Stands for a net: rings around the origin, where a digit comes again."""
    return np.floor(2 * np.linalg.norm(x, axis=-1)).astype(int) % 3


def walks(rng: np.random.RandomState) -> list[tuple]:
    """predict, start and end (M, D), points: one line along an axis first; then several, with ends
    that carry the same digit, and numbers of points and lines that differ."""
    return [(stripes, np.array([[0.2]]), np.array([[3.4]]), 5),
            (by_distance, np.array([[-1.3, 0.1], [0.1, 0.2]]),
             np.array([[1.4, 0.2], [0.3, 0.1]]), 7),
            (stripes, rng.randn(4, 3), rng.randn(4, 3), 6),
            (by_distance, 2 * rng.randn(9, 2), 2 * rng.randn(9, 2), 21)]


# ---- what students write
def walk(predict, start, end, points, *, ts=lambda points: np.linspace(0, 1, points),
         count=lambda labels: (np.diff(labels, axis=0) != 0).sum(axis=0)):
    """The reference, with places where a mistake can sit; count takes labels (points, M)."""
    return count(np.array([predict((1 - t) * start + t * end) for t in ts(points)]))


def counting(count):
    """The walk, with the labels (points, M) counted in another way."""
    return lambda *given: walk(*given, count=count)


def stepping(ts):
    """The walk, at other places; ts(points) from 0 to 1."""
    return lambda *given: walk(*given, ts=ts)


def lines_and_points_mixed(predict, start, end, points):
    t = np.linspace(0, 1, points)[:, None, None]
    labels = predict(((1 - t) * start + t * end).reshape(-1, start.shape[1]))
    return (np.diff(labels.reshape(len(start), points), axis=1) != 0).sum(axis=1)


def from_line_to_line(labels):
    return (np.diff(labels, axis=1) != 0).sum(axis=1)


# ---- other right answers
def all_points_in_one_batch(predict, start, end, points):
    t = np.linspace(0, 1, points)[:, None, None]
    walks = (1 - t) * start + t * end
    labels = np.asarray(predict(walks.reshape(-1, start.shape[1]))).reshape(points, len(start))
    return np.count_nonzero(labels[1:] != labels[:-1], axis=0)


def line_by_line(predict, start, end, points):
    found = []
    for one, other in zip(start, end, strict=True):
        line = np.array([one + (other - one) * k / (points - 1) for k in range(points)])
        labels, changes = predict(line), 0
        for before, after in itertools.pairwise(labels):
            changes += int(before != after)
        found.append(changes)
    return np.array(found)


def counter_kept_on_the_way(predict, start, end, points):
    last, changes = predict(start), np.zeros(len(start), int)
    for k in range(1, points):
        t = k / (points - 1)
        now = predict(start * (1 - t) + end * t)
        changes += now != last
        last = now
    return changes


EXERCISE = Exercise(
    "14.changes_between", "From one signal to another", changes_between, probes=walks, points=2,
    hints=(
        "A point of the walk is `(1 - t) * start + t * end`, for t from 0 to 1; with arrays of "
        "shape (M, D) that is one point of each of the M walks at once. "
        "`np.linspace(0, 1, points)` has both ends.",
        "Collect the labels of all points in an array of shape (points, M). The answer changes "
        "where a label differs from the one before it, along the first axis.",
        "`(np.diff(labels, axis=0) != 0).sum(axis=0)` counts them for each walk.",
    ),
    mistakes={
        "your walk stops before its end: t must reach 1, as np.linspace(0, 1, points) does":
            codings(stepping(lambda points: np.linspace(0, 1, points, endpoint=False)),
                    stepping(lambda points: np.linspace(0, 1, points)[:-1])),
        "you took one point too many: `points` points, both ends counted, are points - 1 steps":
            stepping(lambda points: np.linspace(0, 1, points + 1)),
        "your walk does not begin at its start: t must be 0 at the first point":
            stepping(lambda points: np.linspace(0, 1, points)[1:]),
        "you compared with the label at the start: a change is a label that differs from the one "
        "just before it":
            counting(lambda labels: (labels != labels[0]).sum(axis=0)),
        "you counted the different labels on the way: one that comes again is a change as well":
            codings(counting(lambda labels: np.array([len(set(line)) - 1 for line in labels.T])),
                    counting(lambda labels: np.array([len(set(line)) for line in labels.T]))),
        "you compared the two ends only: count the changes on the way":
            counting(lambda labels: (labels[0] != labels[-1]).astype(int)),
        "you added up by how much the labels differ: from 2 to 9 is one change, not seven":
            counting(lambda labels: np.abs(np.diff(labels, axis=0)).sum(axis=0)),
        "you added up the differences of the labels: count where a difference is not 0":
            counting(lambda labels: np.diff(labels, axis=0).sum(axis=0)),
        "you counted where the label stays the same":
            counting(lambda labels: (np.diff(labels, axis=0) == 0).sum(axis=0)),
        "you counted changes from one walk to the next: go along the points of the same walk":
            counting(from_line_to_line),
        "your points and walks got mixed up in a reshape: the array of all points is "
        "(points, M, D), so the labels are (points, M), not (M, points)":
            lines_and_points_mixed,
        "this is the number of changes of all walks together: each walk has its own, shape (M,)":
            counting(lambda labels: (np.diff(labels, axis=0) != 0).sum()),
        "this is a mean over the walks: each walk has its own number of changes, shape (M,)":
            counting(lambda labels: (np.diff(labels, axis=0) != 0).sum(axis=0).mean()),
        "this is the proportion of steps with a change: the number of changes is asked for":
            counting(lambda labels: (np.diff(labels, axis=0) != 0).mean(axis=0)),
    },
    musts={
        "a walk with so many points has at most points - 1 changes":
            lambda result, predict, start, end, points: (result < points).all(),
    },
    variants={
        "all points in one batch": all_points_in_one_batch,
        "walk by walk, in loops": line_by_line,
        "a counter kept on the way": counter_kept_on_the_way,
    },
)
