"""10.adam_step: Adam with an L2 penalty, with weight decay, or with both (UDL 9.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def adam_step(p, g, m, v, step, lr, l2, decay):
    g = g + l2 * p
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = m / (1 - 0.9**(step + 1)), v / (1 - 0.999**(step + 1))
    return p - lr * decay * p - lr * m_hat / (np.sqrt(v_hat) + 1e-8), m, v


def steps(rng: np.random.RandomState) -> list[tuple]:
    """p, g, m, v of one shape, step, lr, l2, decay: decay alone, the penalty alone, both."""
    def four(*shape):
        return rng.randn(*shape), rng.randn(*shape), rng.randn(*shape), rng.rand(*shape)

    return [(np.array([2.0]), np.array([0.5]), np.array([0.0]), np.array([0.0]), 0, 0.1, 0.0, 0.3),
            (np.array([2.0, -3.0]), np.array([0.5, 0.1]), np.array([0.2, -0.1]),
             np.array([0.3, 0.4]), 1, 0.1, 0.5, 0.0),
            (*four(4), 3, 0.05, 0.2, 0.4), (*four(2, 3), 7, 0.2, 0.7, 0.1)]


# ---- what students write
def penalty_in_m_alone(p, g, m, v, step, lr, l2, decay):
    _, new_m, _ = adam_step(p, g, m, v, step, lr, l2, decay)
    v = 0.999 * v + 0.001 * g**2
    m_hat, v_hat = new_m / (1 - 0.9**(step + 1)), v / (1 - 0.999**(step + 1))
    return p - lr * decay * p - lr * m_hat / (np.sqrt(v_hat) + 1e-8), new_m, v


def decay_of_the_new_weight(p, g, m, v, step, lr, l2, decay):
    p, m, v = adam_step(p, g, m, v, step, lr, l2, 0)
    return p - lr * decay * p, m, v


def uncorrected(p, g, m, v, step, lr, l2, decay):
    _, m, v = adam_step(p, g, m, v, step, lr, l2, decay)
    return p - lr * decay * p - lr * m / (np.sqrt(v) + 1e-8), m, v


def from_step_zero(p, g, m, v, step, lr, l2, decay):
    _, m, v = adam_step(p, g, m, v, step, lr, l2, decay)
    with np.errstate(all="ignore"):
        m_hat, v_hat = m / np.float64(1 - 0.9**step), v / np.float64(1 - 0.999**step)
        return p - lr * decay * p - lr * m_hat / (np.sqrt(v_hat) + 1e-8), m, v


def decay_of_a_shrunk_weight_in_the_penalty(p, g, m, v, step, lr, l2, decay):
    shrunk = p - lr * decay * p
    return adam_step(shrunk, g, m, v, step, lr, l2, 0)


def corrected_memories_kept(p, g, m, v, step, lr, l2, decay):
    p, m, v = adam_step(p, g, m, v, step, lr, l2, decay)
    return p, m / (1 - 0.9**(step + 1)), v / (1 - 0.999**(step + 1))


def penalty_for_its_gradient(p, g, m, v, step, lr, l2, decay):
    new_p, m, v = adam_step(p, g + l2 / 2 * p**2, m, v, step, lr, 0, 0)
    return new_p - lr * decay * p, m, v


# ---- other right answers
def shrunk_first(p, g, m, v, step, lr, l2, decay):
    gradient = g + l2 * p
    p = p * (1 - lr * decay)
    return adam_step(p, gradient, m, v, step, lr, 0, 0)


def one_factor(p, g, m, v, step, lr, l2, decay):
    gradient = np.add(g, np.multiply(l2, p))
    m = m + (1 - 0.9) * (gradient - m)
    v = v + (1 - 0.999) * (gradient * gradient - v)
    root = np.sqrt(1 - 0.999**(step + 1))
    move = m / (np.sqrt(v) + 1e-8 * root) * (root / (1 - 0.9**(step + 1)))
    return p - lr * (move + decay * p), m, v


EXERCISE = Exercise(
    "10.adam_step", "Adam with a penalty, and with decay", adam_step, probes=steps, points=2,
    parts=("p", "m", "v"),
    hints=(
        "The penalty l2 / 2 * (sum of p**2) is part of the loss. What is its gradient? Add it to g "
        "before anything else, so that m and v see it.",
        "The decay is no part of the gradient: lr * decay * p is subtracted from the old p beside "
        "Adam's own step, and never reaches m or v.",
        "`m_hat = m / (1 - 0.9**(step + 1))`, and v_hat in the same way with 0.999: the first step "
        "has step = 0.",
    ),
    mistakes={
        "you put the decay into the gradient, where Adam divides it by the root of v like the "
        "rest: decay acts on the weight itself":
            lambda p, g, m, v, step, lr, l2, decay:
                adam_step(p, g, m, v, step, lr, l2 + decay, 0),
        "you took the penalty off the weight itself: its gradient l2 * p belongs to g, and goes "
        "through m and v":
            lambda p, g, m, v, step, lr, l2, decay:
                adam_step(p, g, m, v, step, lr, 0, l2 + decay),
        "you exchanged the two: l2 * p is added to the gradient, lr * decay * p is taken off the "
        "weight":
            lambda p, g, m, v, step, lr, l2, decay: adam_step(p, g, m, v, step, lr, decay, l2),
        "v sees the gradient without the penalty: add l2 * p to g first, then compute both m and v":
            penalty_in_m_alone,
        "you decayed by decay * p, whatever the learning rate: it is lr * decay * p":
            lambda p, g, m, v, step, lr, l2, decay:
                adam_step(p, g, m, v, step, lr, l2, decay / lr),
        "your decay has the wrong sign: the weight grows":
            lambda p, g, m, v, step, lr, l2, decay: adam_step(p, g, m, v, step, lr, l2, -decay),
        "your penalty has the wrong sign: the gradient of l2 / 2 * p**2 is + l2 * p":
            lambda p, g, m, v, step, lr, l2, decay: adam_step(p, g, m, v, step, lr, -l2, decay),
        "your penalty's gradient is 2 * l2 * p: the penalty has a factor 1/2, so it is l2 * p":
            lambda p, g, m, v, step, lr, l2, decay: adam_step(p, g, m, v, step, lr, 2 * l2, decay),
        "you decayed the weight after Adam's step: lr * decay * p is taken of the old p":
            decay_of_the_new_weight,
        "your penalty sees a weight that has decayed already: take both from the old p":
            decay_of_a_shrunk_weight_in_the_penalty,
        "you left out the correction for the start: divide m by 1 - 0.9**(step + 1), and v in the "
        "same way": uncorrected,
        "you return m and v with their corrections, which the next step would correct again: "
        "return them as they were before": corrected_memories_kept,
        "you added the penalty itself to the gradient: add its gradient, l2 * p":
            penalty_for_its_gradient,
        "your correction counts from 0, where it divides by 0: use step + 1": from_step_zero,
    },
    variants={"the weight shrunk first": shrunk_first, "another order of arithmetic": one_factor},
)
