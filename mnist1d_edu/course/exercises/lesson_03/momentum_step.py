"""03.momentum_step: a ball that keeps rolling (UDL 6.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def momentum_step(p, g, m, lr, beta):
    m = beta * m + g
    return p - lr * m, m


def rolling(rng: np.random.RandomState) -> list[tuple]:
    """p, g, m of one shape, lr and beta; also a first step (m = 0), and no momentum."""
    return [(np.array([1.0, 2.0]), np.array([10.0, -4.0]), np.array([2.0, 6.0]), 0.1, 0.5),
            (rng.randn(3), rng.randn(3), np.zeros(3), 0.2, 0.9),
            (rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3), 0.3, 0.9),
            (rng.randn(4), rng.randn(4), rng.randn(4), 0.7, 0.0)]


# ---- what students write
def running_mean(p, g, m, lr, beta):
    m = beta * m + (1 - beta) * g
    return p - lr * m, m


def betas_swapped(p, g, m, lr, beta):
    m = (1 - beta) * m + beta * g
    return p - lr * m, m


def lr_in_momentum(p, g, m, lr, beta):
    m = beta * m + lr * g
    return p - m, m


def lr_in_momentum_sign_turned(p, g, m, lr, beta):
    m = beta * m - lr * g
    return p + m, m


def nesterov(p, g, m, lr, beta):
    m = beta * m + g
    return p - lr * (g + beta * m), m


def momentum_returned_first(p, g, m, lr, beta):
    m = beta * m + g
    return m, p - lr * m


def uphill(p, g, m, lr, beta):
    m = beta * m + g
    return p + lr * m, m


def in_place(p, g, m, lr, beta):
    m *= beta
    m += g
    p -= lr * m
    return p, m


# ---- other right answers
def in_place_on_copies(p, g, m, lr, beta):
    m = np.array(m, np.float32)
    m *= beta
    m += g
    return [(p - lr * m).astype(np.float32), m]


EXERCISE = Exercise(
    "03.momentum_step", "A ball that keeps rolling", momentum_step, points=2, probes=rolling,
    parts=("p", "m"),
    hints=(
        "Two lines. First the momentum: beta times what it was, plus the gradient. Then the step: "
        "along the momentum, not along the gradient.",
        "Use the *new* momentum for the step, and return both: `(p, m)`.",
        "`m = beta * m + g`, then `p - lr * m`.",
    ),
    mistakes={
        "you stepped along the *old* momentum: it does not know about this gradient yet. First "
        "bring m up to date, then use it":
            lambda p, g, m, lr, beta: (p - lr * m, beta * m + g),
        "this is the book's form, with (1 − beta) before the gradient: a running mean. Here, as in "
        "PyTorch, it is a running sum, m = beta·m + g, with steps 1 / (1 − beta) times as long":
            running_mean,
        "beta and (1 − beta) are swapped: with beta = 0.9 most of the old momentum is to be kept":
            betas_swapped,
        "you put the learning rate into the momentum: while lr is constant the steps are the same, "
        "but m must be a sum of gradients, m = beta·m + g, so that a schedule can change lr at "
        "once":
            lr_in_momentum,
        "your m has the learning rate in it, and its sign reversed "
        "(m = beta·m − lr·g, then p + m): while lr is constant the path is the same, but m must be "
        "a sum of gradients, so that a schedule can change lr at once":
            lr_in_momentum_sign_turned,
        "this is Nesterov's momentum, which looks one step ahead: the plain one steps along m "
        "itself":
            nesterov,
        "you brought m up to date, and then stepped along the gradient alone: the momentum is what "
        "carries you":
            lambda p, g, m, lr, beta: (p - lr * g, beta * m + g),
        "you returned (m, p): first the new point, then the momentum": momentum_returned_first,
        "you returned the new point alone: the next call needs m, so return (p, m)":
            lambda p, g, m, lr, beta: p - lr * (beta * m + g),
        "you returned the old momentum: the next step would know nothing about this one":
            lambda p, g, m, lr, beta: (p - lr * (beta * m + g), m),
        "you walk uphill: m sums up gradients, which point to where the loss grows, so subtract it":
            uphill,
        "the numbers are right, but you changed the caller's arrays in place (`*=`, `+=`, `-=`): "
        "make new ones":
            in_place,
    },
    variants={
        "the step as one expression":
            lambda p, g, m, lr, beta: (p - lr * g - lr * beta * m, g + m * beta),
        "in place, on copies; a list; single precision": in_place_on_copies,
    },
)
