"""03.warmup_cosine: a learning rate that rises, then falls along half a cosine."""

from __future__ import annotations

import math

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def warmup_cosine(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


def clock(rng: np.random.RandomState) -> list[tuple]:
    """step, steps, lr, warmup: first and last of the warm-up, the turn, the middle, the end."""
    return [(step, 20, 0.5, 4) for step in (0, 1, 3, 4, 8, 12, 19, 20)] + [
        (1, 10, 2.0, 0), (5, 10, 2.0, 0), (5, 100, 0.1, 10), (70, 100, 0.1, 10)]


# ---- what students write
def first_rate_zero(step, steps, lr, warmup):
    return lr * step / warmup if step < warmup else warmup_cosine(step, steps, lr, warmup)


def cosine_begun_early(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos(math.pi * step / steps)) / 2


def cosine_ends_late(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos(math.pi * (step - warmup) / steps)) / 2


def not_halved(step, steps, lr, warmup):
    rate = warmup_cosine(step, steps, lr, warmup)
    return rate if step < warmup else 2 * rate


def cosine_alone(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * math.cos(math.pi * (step - warmup) / (steps - warmup))


def pi_missing(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos((step - warmup) / (steps - warmup))) / 2


def one_step_more(step, steps, lr, warmup):
    return lr * (step + 1) / (warmup + 1) if step < warmup else warmup_cosine(
        step, steps, lr, warmup)


def quarter_of_a_cosine(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * math.cos(math.pi / 2 * (step - warmup) / (steps - warmup))


def straight_line(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (steps - step) / (steps - warmup)


# ---- other right answers
def half_the_angle(step, steps, lr, warmup):
    if step >= warmup:
        return lr * np.cos(np.pi / 2 * (step - warmup) / (steps - warmup)) ** 2
    return (step + 1) * (lr / warmup)


EXERCISE = Exercise(
    "03.warmup_cosine", "A learning rate that rises and falls", warmup_cosine, probes=clock,
    hints=(
        "Two cases. While `step < warmup` the rate rises in equal parts: after the first step of 4 "
        "it is a quarter. Afterwards only the steps *after* the warm-up count.",
        "How far through the rest are you? `part = (step - warmup) / (steps - warmup)` goes from 0 "
        "to 1; 1 + cos(π·part) goes from 2 to 0.",
        "`lr * (step + 1) / warmup`, and then `lr * (1 + np.cos(np.pi * part)) / 2`.",
    ),
    mistakes={
        "your warm-up begins with a rate of 0, and the first step is lost: steps count from 0, so "
        "the factor is (step + 1) / warmup":
            first_rate_zero,
        "your cosine has begun before the warm-up ended, so the rate jumps there: count the steps "
        "from the warm-up on, (step − warmup) / (steps − warmup)":
            cosine_begun_early,
        "your cosine does not end at 0: after the warm-up there are only steps − warmup steps "
        "left, so divide by these":
            cosine_ends_late,
        "your rate is twice as large as it should be after the warm-up: 1 + cos goes from 2 to 0, "
        "so halve it":
            not_halved,
        "the cosine alone goes from 1 to −1, and a negative rate walks uphill: take (1 + cos) / 2":
            cosine_alone,
        "π is missing: the cosine falls from 1 to −1 while its argument goes from 0 to π, and "
        "yours only goes to 1":
            pi_missing,
        "there is no warm-up: during the first `warmup` steps the rate is to rise from lr / warmup "
        "to lr":
            lambda step, steps, lr, warmup: lr * (1 + math.cos(math.pi * step / steps)) / 2,
        "after the warm-up your rate stays constant: it must fall to 0 along half a cosine":
            lambda step, steps, lr, warmup: lr * (step + 1) / warmup if step < warmup else lr,
        "your rate falls along a straight line: it is to follow half a cosine, slow at first, and "
        "slow again at the end":
            straight_line,
        "your warm-up is one step too long: the rate is lr in step warmup − 1 already, so the "
        "factor is (step + 1) / warmup":
            one_step_more,
        "you took a quarter of a cosine, which is steepest at the end: half a cosine, "
        "(1 + cos(π·part)) / 2, ends as gently as it begins":
            quarter_of_a_cosine,
    },
    musts={
        "the rate may neither be negative nor exceed lr":
            lambda result, step, steps, lr, warmup: -1e-9 <= result <= lr + 1e-9,
    },
    variants={
        "with NumPy, through the square of half the angle": half_the_angle,
        "single precision":
            lambda step, steps, lr, warmup: np.float32(warmup_cosine(step, steps, lr, warmup)),
    },
)
