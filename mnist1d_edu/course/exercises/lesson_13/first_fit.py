"""13.first_fit: the step at which all training examples are right (UDL 20.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def first_fit(steps, accuracy):
    right = accuracy >= 100
    return np.where(right.any(axis=0), steps[right.argmax(axis=0)], np.nan)


def runs(rng: np.random.RandomState) -> list[tuple]:
    """steps (E,), accuracy (E, S) in percent: one net to read, one that never fits, one that falls
    back again, one that is right from the start; then more."""
    steps = np.array([0, 20, 40, 60])
    many = np.sort(rng.randint(90, 101, (9, 6)), axis=0).astype(float)
    many[-1, :3] = 100
    many[-1, 3] = 99.9
    return [(steps, np.array([[10.0], [70.0], [100.0], [100.0]])),
            (steps, np.array([[10.0, 9.0], [99.9, 30.0], [98.0, 60.0], [97.0, 80.0]])),
            (steps, np.array([[10.0, 8.0, 100.0], [100.0, 9.0, 100.0], [99.9, 40.0, 100.0],
                              [100.0, 100.0, 100.0]])),
            (np.arange(9) * 50, many)]


# ---- what students write
def places(steps, accuracy):
    right = accuracy >= 100
    return np.where(right.any(axis=0), right.argmax(axis=0), np.nan)


def never_is_zero(steps, accuracy):
    return steps[(accuracy >= 100).argmax(axis=0)].astype(float)


def best_of_each(steps, accuracy):
    return steps[accuracy.argmax(axis=0)].astype(float)


def never_is_the_last(steps, accuracy):
    found = first_fit(steps, accuracy)
    return np.where(np.isnan(found), steps[-1], found)


def nearly_all(steps, accuracy):
    right = accuracy > 99
    return np.where(right.any(axis=0), steps[right.argmax(axis=0)], np.nan)


def last_that_is_right(steps, accuracy):
    right = accuracy >= 100
    last = len(steps) - 1 - right[::-1].argmax(axis=0)
    return np.where(right.any(axis=0), steps[last], np.nan)


def for_good(steps, accuracy):
    right = np.logical_and.accumulate((accuracy >= 100)[::-1], axis=0)[::-1]
    return np.where(right.any(axis=0), steps[right.argmax(axis=0)], np.nan)


def of_the_mean(steps, accuracy):
    right = accuracy.mean(axis=1) >= 100
    step = steps[right.argmax()] if right.any() else np.nan
    return np.full(accuracy.shape[1], step, float)


def along_the_seeds(steps, accuracy):
    right = (accuracy >= 100).any(axis=1)
    return np.where(right, steps, np.nan)


def as_a_proportion(steps, accuracy):
    right = accuracy >= 1
    return np.where(right.any(axis=0), steps[right.argmax(axis=0)], np.nan)


# ---- other right answers
def loop(steps, accuracy):
    found = []
    for column in accuracy.T:
        right = np.flatnonzero(column == 100)
        found.append(float(steps[right[0]]) if len(right) else float("nan"))
    return np.array(found)


def smallest(steps, accuracy):
    waits = np.where(accuracy >= 100, steps[:, None], np.inf).min(axis=0)
    waits[np.isinf(waits)] = np.nan
    return waits


EXERCISE = Exercise(
    "13.first_fit", "The step at which all are right", first_fit, probes=runs,
    hints=(
        "Make a table of true and false: at which evaluation does which net have all right? Then "
        "look for the first true in each column.",
        "`right.argmax(axis=0)` is the place of the first true in each column, but also 0 where "
        "there is none: ask `right.any(axis=0)`.",
        "`np.where(right.any(axis=0), steps[right.argmax(axis=0)], np.nan)`",
    ),
    mistakes={
        "this is the place in the list of evaluations: look up its step, steps[place]": places,
        "a net that never has all right would be told to fit at step 0: argmax finds the first "
        "place also where nothing is true, so answer np.nan there": never_is_zero,
        "this is the step of the best accuracy, also where it is below 100 %: answer np.nan for a "
        "net that never has all right": best_of_each,
        "for a net that never has all right you answer the last step: you don't know when it "
        "would, so answer np.nan": never_is_the_last,
        "nearly all is not all: the accuracy must reach 100": nearly_all,
        "this is the last evaluation at which all are right: the first is wanted":
            last_that_is_right,
        "you waited until all are right for good: the first time counts, also if the net falls "
        "back later": for_good,
        "you averaged the nets first: each column is a net with a step of its own": of_the_mean,
        "you looked along the nets instead of along the evaluations: the result has one number for "
        "each net, so use axis=0": along_the_seeds,
        "accuracy is in percent: all right is 100, not 1": as_a_proportion,
    },
    variants={"a loop over the nets": loop, "the smallest step that is right": smallest},
)
