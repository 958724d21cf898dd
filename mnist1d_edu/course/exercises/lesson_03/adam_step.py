"""03.adam_step: a step size for each weight (UDL 6.4)."""

from __future__ import annotations

import math

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def adam_step(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return p - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def adapting(rng: np.random.RandomState) -> list[tuple]:
    """p, g, m, v, t, lr, beta1, beta2, eps: a first step, a second, a late one; one with a
    gradient of 0, and one where eps counts."""
    zeros = np.zeros(3)
    return [(np.array([1.0, 2.0, 3.0]), np.array([10.0, -0.01, 0.0]), zeros, zeros.copy(), 1,
             0.1, 0.9, 0.999, 1e-8),
            (rng.randn(3), rng.randn(3), rng.randn(3), rng.rand(3), 2, 0.3, 0.8, 0.9, 1e-8),
            (rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3), rng.rand(2, 3), 20, 0.01, 0.9,
             0.99, 1e-8),
            (rng.randn(4), rng.randn(4), rng.randn(4), rng.rand(4), 3, 0.5, 0.5, 0.6, 0.1)]


# ---- what students write
def means(g, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def not_corrected(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * m / (np.sqrt(v) + eps), m, v


def corrected_returned(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    m, v = m / (1 - beta1**t), v / (1 - beta2**t)
    return p - lr * m / (np.sqrt(v) + eps), m, v


def product_for_power(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * (m / (1 - beta1 * t)) / (np.sqrt(v / (1 - beta2 * t)) + eps), m, v


def no_root(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps), m, v


def eps_inside_the_root(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t) + eps), m, v


def gradient_not_squared(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def betas_swapped(p, g, m, v, t, lr, beta1, beta2, eps):
    return adam_step(p, g, m, v, t, lr, beta2, beta1, eps)


def sums_for_means(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + g
    v = beta2 * v + g**2
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def corrections_swapped(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * (m / (1 - beta2**t)) / (np.sqrt(v / (1 - beta1**t)) + eps), m, v


def momentum_squared(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def multiplied_by_the_corrections(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * (m * (1 - beta1**t)) / (np.sqrt(v * (1 - beta2**t)) + eps), m, v


def along_the_gradient(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = means(g, m, v, beta1, beta2)
    return p - lr * g / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def uphill(p, *rest):
    new, m, v = adam_step(p, *rest)
    return 2 * p - new, m, v


def in_place(p, g, m, v, *rest):
    p[...], m[...], v[...] = adam_step(p, g, m, v, *rest)
    return p, m, v


# ---- other right answers
def one_factor(p, g, m, v, t, lr, beta1, beta2, eps):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g * g - v)
    root = math.sqrt(1 - beta2**t)
    return p - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), m, v


def in_place_on_copies(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = m.copy(), v.copy()
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * np.square(g)
    step = m / (1 - beta1**t)
    step /= (v / (1 - beta2**t)) ** 0.5 + eps
    return [p - lr * step, m, v]


EXERCISE = Exercise(
    "03.adam_step", "A step for each weight: Adam", adam_step, points=3, probes=adapting,
    parts=("p", "m", "v"),
    hints=(
        "Four lines: bring m up to date (with g), bring v up to date (with g²), correct both for "
        "their start, step. Return m and v as they are *before* the correction.",
        "The correction divides m by 1 − beta1**t and v by 1 − beta2**t; t is 1 in the first step. "
        "There m̂ is the gradient itself, and v̂ its square.",
        "`m_hat = m / (1 - beta1**t)`, the same for v, and then "
        "`p - lr * m_hat / (np.sqrt(v_hat) + eps)`.",
    ),
    mistakes={
        "the correction for the start is missing: m and v begin at 0 and are too small at first, v "
        "much more so. Divide them by 1 − beta1**t and 1 − beta2**t":
            not_corrected,
        "you returned the *corrected* m and v: the next step would correct them again. The "
        "correction is for this step only, so give it names of its own":
            corrected_returned,
        "your count is one ahead: t is 1 in the first step already, so the powers are beta1**t and "
        "beta2**t":
            lambda p, g, m, v, t, *rest: adam_step(p, g, m, v, t + 1, *rest),
        "your count is one behind: t is 1 in the first step, and with beta**(t − 1) you divide by "
        "1 − 1 = 0 there":
            lambda p, g, m, v, t, *rest: adam_step(p, g, m, v, t - 1.0, *rest),
        "`beta * t` is not `beta**t`: the corrections use powers, 1 − beta1**t and 1 − beta2**t":
            product_for_power,
        "the corrections lack their powers: 1 − beta is right in the first step only, later it is "
        "1 − beta**t, which goes to 1":
            lambda p, g, m, v, t, *rest: adam_step(p, g, m, v, 1, *rest),
        "you divided by v̂ and not by its root: only the root has the gradient's unit, so that the "
        "step has the size of lr":
            no_root,
        "eps is inside your root: it belongs outside, sqrt(v̂) + eps": eps_inside_the_root,
        "eps is missing: a weight whose slope has always been 0 would divide 0 by 0, and become "
        "nan":
            lambda *given: adam_step(*given[:-1], 0.0),
        "v must be a mean of the *squares* of the gradient: with g itself its root may not exist":
            gradient_not_squared,
        "beta1 and beta2 are swapped: beta1 belongs to m, beta2 to v":
            betas_swapped,
        "the factors (1 − beta) before g and g² are missing: m and v are running *means* here, and "
        "the corrections rely on that":
            sums_for_means,
        "you stepped along the gradient and not along m̂: Adam divides the *momentum* by the root":
            along_the_gradient,
        "you walk uphill: subtract the step": uphill,
        "you returned the new point alone: the next call needs m and v too, so return (p, m, v)":
            lambda *given: adam_step(*given)[0],
        "the numbers are right, but you changed the caller's arrays in place (`*=`, `+=`, `-=`): "
        "make new ones":
            in_place,
        "the two corrections have changed places: m is divided by 1 − beta1**t, v by 1 − beta2**t":
            corrections_swapped,
        "v is a mean of the squares of the *gradient*: you squared m":
            momentum_squared,
        "the corrections go the wrong way: m and v are too small at first, so *divide* them by "
        "1 − beta**t":
            multiplied_by_the_corrections,
    },
    variants={
        "both corrections as one factor": one_factor,
        "in place, on copies; a list": in_place_on_copies,
    },
)
