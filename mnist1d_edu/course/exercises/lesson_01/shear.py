"""01.shear: a line of random slope subtracted."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_01.streams import (
    Stream,
    drive_with,
    in_double_precision,
    one_uniform_number_drawn,
    stream,
)


def shear(x, scale, rng):
    return x - scale * (rng.random_sample() - 0.5) * np.linspace(-0.5, 0.5, len(x))


def slopes(rng: np.random.RandomState) -> list[tuple]:
    """x (L,), scale, rng: zeros, a short signal, then the real size and one of another length."""
    return [(np.zeros(3), 1.0, Stream(0)),
            (np.array([1.0, 2.0, 4.0, 8.0]), 2.0, Stream(1)),
            (rng.randn(72), 0.75, stream(rng)), (rng.randn(5), 0.75, stream(rng))]


# ---- what students write
def line(x, end=0.5):
    return np.linspace(-end, end, len(x))


def tilt(scale, rng):
    return scale * (rng.random_sample() - 0.5)


# ---- other right answers
def loop(x, scale, rng):
    slope = rng.uniform(-0.5, 0.5) * scale
    return np.array([v - slope * (i / (len(x) - 1) - 0.5) for i, v in enumerate(x)])


EXERCISE = Exercise(
    "01.shear", "Tilt it", shear, probes=slopes, drive=drive_with("x", "scale", "rng"),
    hints=(
        "First the tilt: one uniform number u lies in [0, 1), so u − ½ is as often negative as "
        "positive. Times scale.",
        "`tilt = scale * (rng.random_sample() - 0.5)`; the line of tilt 1 is "
        "`np.linspace(-0.5, 0.5, len(x))`. Subtract tilt times line.",
    ),
    mistakes={
        "you added the line: the recipe subtracts it. Both are equally random, but only one gives "
        "the published dataset":
            lambda x, scale, rng: x + tilt(scale, rng) * line(x),
        "all your signals tilt the same way: u is never negative, so take u − ½":
            lambda x, scale, rng: x - scale * rng.random_sample() * line(x),
        "your line runs from 0 to 1 and lifts the whole signal as well: it is to run from −½ to ½, "
        "so that its middle stays":
            lambda x, scale, rng: x - tilt(scale, rng) * np.linspace(0, 1, len(x)),
        "your line runs from −1 to 1 and is twice as steep as it should be: let it run from −½ to "
        "½":
            lambda x, scale, rng: x - tilt(scale, rng) * line(x, 1),
        "you multiplied the signal by the line: subtract the line instead":
            lambda x, scale, rng: x * tilt(scale, rng) * line(x),
        "you subtract the same number everywhere, which moves the signal down or up: to tilt it, "
        "subtract a line":
            lambda x, scale, rng: x - scale * (rng.random_sample() - 0.5),
        "you drew from NumPy's global generator, np.random: draw from the `rng` that you are "
        "given, and the result depends on it alone":
            lambda x, scale, rng: x - tilt(scale, np.random) * line(x),
        "you drew one number for each sample, which is noise: one tilt for the whole signal":
            lambda x, scale, rng: x - scale * (rng.random_sample(len(x)) - 0.5) * line(x),
    },
    musts={
        "draw exactly one number from rng, with rng.random_sample()": one_uniform_number_drawn,
        "keep double precision (float64): in single precision it would be another dataset, with "
        "another fingerprint":
            in_double_precision,
    },
    variants={
        "the other way round, twice":
            lambda x, scale, rng: x + np.linspace(0.5, -0.5, len(x)) * (rng.rand() - 0.5) * scale,
        "a loop": loop,
    },
)
