"""06.he_weight: He's initialisation, variance 2/fan_in (UDL 7.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def he_weight(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_in)


def layers(rng: np.random.RandomState) -> list[tuple]:
    """(seed, fan_in, fan_out): one to read, then two that are large enough for statistics."""
    return [(1, 2, 3), (rng.randint(9), 300, 120), (rng.randint(9), 40, 250)]


def drawn_twice(answer, seed, fan_in, fan_out):
    """The weights, and whether the same seed gives the same ones and another seed others."""
    first, again, other = (np.asarray(answer(np.random.RandomState(s), fan_in, fan_out))
                           for s in (seed, seed, seed + 1))
    return first, np.array_equal(first, again), not np.array_equal(first, other)


def same_but_for_the_draw(got, want):
    return np.shape(got[0]) == np.shape(want[0]) and got[1:] == want[1:]


# ---- what students write
def without_the_2(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(1 / fan_in)


def fan_out_for_fan_in(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_out)


def glorot(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / (fan_in + fan_out))


def in_by_out(rng, fan_in, fan_out):
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)


def uniform_too_narrow(rng, fan_in, fan_out):
    bound = np.sqrt(2 / fan_in)
    return rng.uniform(-bound, bound, (fan_out, fan_in))


def uniform_of_the_same_variance(rng, fan_in, fan_out):
    bound = np.sqrt(6 / fan_in)
    return rng.uniform(-bound, bound, (fan_out, fan_in))


def global_stream(rng, fan_in, fan_out):
    return np.random.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_in)


# ---- what must hold
def mean_is_0(result, seed, fan_in, fan_out):
    weight = result[0]
    return weight.size < 1000 or abs(weight.mean()) < 6 * np.sqrt(2 / fan_in / weight.size)


def variance_is_2_over_fan_in(result, seed, fan_in, fan_out):
    weight = result[0]
    return weight.size < 1000 or abs(weight.var() * fan_in / 2 - 1) < 0.1


def numbers_are_normal(result, seed, fan_in, fan_out):
    """By the mean fourth power over the squared variance: 3 for normal numbers, 1.8 for uniform."""
    weight = result[0]
    return weight.size < 1000 or abs((weight**4).mean() / weight.var()**2 - 3) < 0.6


# ---- other right answers
def scaled_by_rng_normal(rng, fan_in, fan_out):
    return rng.normal(0.0, (2 / fan_in) ** 0.5, size=(fan_out, fan_in))


def transposed_in_single_precision(rng, fan_in, fan_out):
    return (rng.randn(fan_in, fan_out).T * np.sqrt(2 / fan_in)).astype(np.float32)


EXERCISE = Exercise(
    "06.he_weight", "He's initialisation", he_weight, probes=layers, drive=drawn_twice,
    same=same_but_for_the_draw,
    parts=("weight",),
    hints=(
        "The variance is to be 2/fan_in. What is the standard deviation then, and what happens to "
        "the variance of a random number when you multiply the number by a constant?",
        "`rng.standard_normal((rows, columns))` has variance 1. Multiplying by s makes it s².",
        "`rng.standard_normal((fan_out, fan_in))`, times the square root of `2 / fan_in`.",
    ),
    mistakes={
        "your numbers are uniform, with the right variance: draw normal ones, as is asked":
            uniform_of_the_same_variance,
        "your standard deviation is 2/fan_in: that is to be the variance, so take its square root":
            lambda rng, fan_in, fan_out: rng.standard_normal((fan_out, fan_in)) * (2 / fan_in),
        "your variance is 1/fan_in: that would do without the ReLU, which throws half of the "
        "signal away; hence the 2":
            without_the_2,
        "you divided by fan_out: each unit adds up fan_in numbers, so it is fan_in that decides "
        "how large the sum gets":
            fan_out_for_fan_in,
        "this is Glorot's variance, 2/(fan_in + fan_out), made for tanh: He's is 2/fan_in": glorot,
        "your weights have shape (fan_in, fan_out): as in the lessons before, each row belongs to "
        "one output, (fan_out, fan_in)":
            in_by_out,
        "uniform numbers between -s and s have variance s²/3, not s²: draw normal ones, or widen "
        "the interval by the square root of 3":
            uniform_too_narrow,
        "`rand` draws between 0 and 1, so that all your weights are positive: draw from "
        "`standard_normal`, which has mean 0":
            lambda rng, fan_in, fan_out: rng.rand(fan_out, fan_in) * np.sqrt(2 / fan_in),
        "you draw from NumPy's global stream: draw from the `rng` you are given, so that the same "
        "seed gives the same network again":
            global_stream,
        "all your weights are 0: then no signal gets through, and all units get the same gradient "
        "and stay equal for ever; draw them at random":
            lambda rng, fan_in, fan_out: np.zeros((fan_out, fan_in)),
    },
    musts={
        "the same rng must give the same weights, and another one others: draw from the `rng` you "
        "are given, and from nothing else":
            lambda result, seed, fan_in, fan_out: result[1] and result[2],
        "the weights must have mean 0": mean_is_0,
        "the variance of the weights must be 2/fan_in": variance_is_2_over_fan_in,
        "the weights must be normal numbers: yours have the right variance, but are distributed "
        "otherwise": numbers_are_normal,
    },
    variants={
        "scale given to rng.normal": scaled_by_rng_normal,
        "drawn the other way round, and single precision": transposed_in_single_precision,
    },
)
