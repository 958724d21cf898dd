"""01.stretch: the same curve at more points, or at fewer."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_01.streams import in_double_precision


def stretch(x, length):
    return np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(x)), x)


def lengths(rng: np.random.RandomState) -> list[tuple]:
    """x (L,), length: longer, shorter, the same, real sizes."""
    return [(np.array([0.0, 2.0, 3.0]), 5), (np.array([1.0, 5.0]), 4), (rng.randn(7), 3),
            (rng.randn(6), 6), (rng.randn(61), 72), (rng.randn(72), 40)]


# ---- what students write
def nearest_sample(x, length):
    places = np.linspace(0, len(x) - 1, length)
    return x[np.round(places).astype(int)]


def end_left_out(x, length):
    return np.interp(np.linspace(0, 1, length, endpoint=False), np.linspace(0, 1, len(x)), x)


# ---- other right answers
def interpolated_by_hand(x, length):
    places = np.arange(length) * (len(x) - 1) / (length - 1)
    left = np.minimum(places.astype(int), len(x) - 2)
    part = places - left
    return (1 - part) * x[left] + part * x[left + 1]


def loop(x, length):
    times = np.linspace(0, 1, len(x))
    return np.array([np.interp(t, times, x) for t in np.linspace(0, 1, length)])


EXERCISE = Exercise(
    "01.stretch", "The same curve with more points, or fewer", stretch, probes=lengths,
    hints=(
        "Give the old samples the times 0 to 1, evenly spaced (`np.linspace`), and the new ones "
        "too, only as many as are wanted. `np.interp` reads a curve off in between.",
        "`np.interp(new_times, old_times, x)`: first where you want to know the curve, then where "
        "you know it, then what it is there.",
    ),
    mistakes={
        "you take the nearest sample, which makes steps: between two samples follow the straight "
        "line that joins them":
            nearest_sample,
        "you cut the times down to whole numbers and take the sample there, which makes steps: "
        "between two samples follow the straight line that joins them":
            lambda x, length: x[np.linspace(0, len(x) - 1, length).astype(int)],
        "your last new time falls short of the last old one: both grids run from the first sample "
        "to the last, ends included (leave endpoint=False out)":
            end_left_out,
        "np.arange(length) / length ends before 1: both grids run from the first sample to the "
        "last, ends included. np.linspace(0, 1, length) does that":
            lambda x, length: np.interp(np.arange(length) / length, np.arange(len(x)) / len(x), x),
        "your new times run on past the last old one, where np.interp only repeats the last value: "
        "the first time is that of the first sample, the last that of the last, and the others lie "
        "evenly between":
            lambda x, length: np.interp(np.arange(length), np.arange(len(x)), x),
        "np.resize starts the signal again when it is used up: the whole curve is to be drawn out "
        "to the new length, once":
            lambda x, length: np.resize(x, length),
        "you gave np.interp its arguments in another order: first the new times, then the old "
        "times, then the values at the old times":
            lambda x, length: np.interp(np.linspace(0, 1, len(x)), np.linspace(0, 1, length), x),
    },
    musts={
        "keep double precision (float64): in single precision it would be another dataset, with "
        "another fingerprint":
            in_double_precision,
    },
    variants={
        "by hand": interpolated_by_hand,
        "other units of time":
            lambda x, length: np.interp(np.linspace(0, len(x) - 1, length), np.arange(len(x)), x),
        "a loop": loop,
    },
)
