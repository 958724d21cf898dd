"""01.add_noise: correlated noise where the signal is 0, independent noise everywhere."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_01.streams import (
    drive_with,
    in_double_precision,
    stream,
)
from mnist1d_edu.transform import smooth


def add_noise(x, corr_scale, iid_scale, rng):
    correlated = corr_scale * smooth(rng.randn(len(x)))
    independent = iid_scale * rng.randn(len(x))
    return np.where(x == 0, correlated, x) + independent


def partly_zero(rng: np.random.RandomState) -> list[tuple]:
    """x (L,) with exact zeros, corr_scale, iid_scale, rng: each noise alone, then both."""
    x = rng.randn(30)
    x[4:20] = 0
    tiny = np.zeros(24)
    tiny[:12] = 1e-8
    return [(np.array([1.0, 0.0, 0.0, -2.0]), 0.5, 0.0, stream(rng)),
            (np.array([1.0, 0.0, 0.0, -2.0]), 0.0, 0.5, stream(rng)),
            (x, 0.25, 0.02, stream(rng)), (tiny, 0.25, 0.02, stream(rng))]


# ---- what must hold
def as_many_draws(result, x, corr_scale, iid_scale, rng):
    rng.randn(2 * len(x))
    return result.following == rng.random_sample()


# ---- what students write
def correlated(x, scale, rng):
    return scale * smooth(rng.randn(len(x)))


def white(x, scale, rng):
    return scale * rng.randn(len(x))


def filled(x, noise):
    return np.where(x == 0, noise, x)


def digit_replaced(x, corr, iid, rng):
    return np.where(x == 0, x, correlated(x, corr, rng)) + white(x, iid, rng)


def one_draw_for_both(x, corr, iid, rng):
    draw = rng.randn(len(x))
    return filled(x, corr * smooth(draw)) + iid * draw


def whole_signal_smoothed(x, corr, iid, rng):
    return smooth(filled(x, white(x, corr, rng))) + white(x, iid, rng)


def nearly_zero_taken_for_zero(x, corr, iid, rng):
    return np.where(np.isclose(x, 0), correlated(x, corr, rng), x) + white(x, iid, rng)


def zeros_filled_too_late(x, corr, iid, rng):
    noise = correlated(x, corr, rng)
    return filled(x + white(x, iid, rng), noise)


def independent_drawn_and_added_first(x, corr, iid, rng):
    x = x + white(x, iid, rng)
    return filled(x, correlated(x, corr, rng))


def uniform_noise(x, corr, iid, rng):
    noise = corr * smooth(rng.random_sample(len(x)))
    return filled(x, noise) + iid * rng.random_sample(len(x))


def global_generator(x, corr, iid, rng):
    return filled(x, correlated(x, corr, np.random)) + white(x, iid, np.random)


def scale_as_variance(x, corr, iid, rng):
    return filled(x, correlated(x, corr**0.5, rng)) + white(x, iid**0.5, rng)


# ---- other right answers
def both_draws_at_once(x, corr_scale, iid_scale, rng):
    first, second = rng.normal(size=(2, len(x)))
    return np.where(x != 0, x, smooth(corr_scale * first)) + second * iid_scale


def in_place_on_a_copy(x, corr_scale, iid_scale, rng):
    out = x.copy()
    zero = x == 0
    out[zero] += (corr_scale * smooth(rng.randn(len(x))))[zero]
    out += iid_scale * rng.randn(len(x))
    return out


def scipys_filter(x, corr_scale, iid_scale, rng):
    from scipy.ndimage import gaussian_filter
    correlated = gaussian_filter(rng.normal(0, corr_scale, len(x)), 2)
    return np.where(x == 0, correlated, x) + rng.normal(0, iid_scale, len(x))


EXERCISE = Exercise(
    "01.add_noise", "Two kinds of noise", add_noise, points=2, probes=partly_zero,
    drive=drive_with("x", "corr_scale", "iid_scale", "rng"),
    hints=(
        "Draw `rng.randn(len(x))` twice: the first for the correlated noise, the second for the "
        "independent one. Smooth and scale only the first; scale the second.",
        "`np.where(condition, a, b)` takes from a where the condition holds, else from b. The "
        "condition is that x is exactly 0.",
        "`correlated = corr_scale * smooth(rng.randn(len(x)))`, then "
        "`independent = iid_scale * rng.randn(len(x))`, and "
        "`np.where(x == 0, correlated, x) + independent`.",
    ),
    mistakes={
        "you drew the independent noise first: the recipe draws the correlated noise first, and "
        "drawing in another order gives another dataset":
            lambda x, corr, iid, rng: white(x, iid, rng) + filled(x, correlated(x, corr, rng)),
        "you added the correlated noise everywhere, even on the digit: it only fills the places "
        "where the signal is exactly 0":
            lambda x, corr, iid, rng: x + correlated(x, corr, rng) + white(x, iid, rng),
        "the places are the wrong way round: you replaced the digit by noise, and left the zeros "
        "as they were. np.where takes its second argument where the condition holds":
            digit_replaced,
        "you used one and the same draw for both kinds of noise: draw twice, or they rise and fall "
        "together":
            one_draw_for_both,
        "you did not smooth the correlated noise: neighbours are as independent as everywhere else":
            lambda x, corr, iid, rng: filled(x, white(x, corr, rng)) + white(x, iid, rng),
        "you smoothed the whole signal, the digit included: smooth the noise alone, before it "
        "meets the signal":
            whole_signal_smoothed,
        "the independent noise is missing where the digit is: it is added everywhere":
            lambda x, corr, iid, rng: filled(x, correlated(x, corr, rng) + white(x, iid, rng)),
        "np.isclose takes the digit's own numbers near 0 for zeros: only what is exactly 0, "
        "x == 0, is to be filled":
            nearly_zero_taken_for_zero,
        "you added the independent noise before you looked for zeros: by then nothing is exactly 0 "
        "any more. Fill the zeros first":
            zeros_filled_too_late,
        "you drew and added the independent noise first: by then nothing is exactly 0 any more. "
        "Draw the correlated noise first, and fill the zeros before all else":
            independent_drawn_and_added_first,
        "rng.random_sample gives uniform numbers from 0 to 1, which only push upwards: noise is "
        "normal here, around 0, from rng.randn":
            uniform_noise,
        "you drew from NumPy's global generator, np.random: draw from the `rng` that you are "
        "given, and the result depends on it alone":
            global_generator,
        "a scale is a standard deviation, not a variance: multiply by it, without a square root":
            scale_as_variance,
    },
    musts={
        "draw 2 * len(x) normal numbers from rng, even where a scale is 0 or a draw is not used: "
        "the stream must advance equally far for every signal":
            as_many_draws,
        "keep double precision (float64): in single precision it would be another dataset, with "
        "another fingerprint":
            in_double_precision,
    },
    variants={
        "both draws at once, and rng.normal": both_draws_at_once,
        "in place, on a copy": in_place_on_a_copy,
        "SciPy's filter": scipys_filter,
    },
)
