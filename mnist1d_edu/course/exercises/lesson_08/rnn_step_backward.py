"""08.rnn_step_backward: the backward pass of one recurrent step."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_08.rnn_step import rnn_step, steps


def rnn_step_backward(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


def steps_back(rng: np.random.RandomState) -> list[tuple]:
    """(g, x, h, new, weight_ih, weight_hh), with `new` made by the step itself."""
    return [(rng.randint(-3, 4, h.shape) + 0.5, x, h, rnn_step(x, h, *weights), *weights[:2])
            for x, h, *weights in steps(rng)]


# ---- what students write
def with_slope(slope):
    """A backward pass that takes slope(h, new) for the slope of tanh."""
    def rnn_step_backward(g, x, h, new, weight_ih, weight_hh):
        g_a = g * slope(h, new)
        return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)
    return rnn_step_backward


def state_transposed(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh.T, g_a.T @ x, g_a.T @ h, g_a.sum(axis=0)


def weights_without_tanh(g, x, h, new, weight_ih, weight_hh):
    return (g * (1 - new**2)) @ weight_hh, g.T @ x, g.T @ h, g.sum(axis=0)


def state_after_for_before(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ new, g_a.sum(axis=0)


def weights_transposed(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, x.T @ g_a, h.T @ g_a, g_a.sum(axis=0)


def bias_averaged(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a.mean(axis=0)


def bias_not_summed(g, x, h, new, weight_ih, weight_hh):
    g_a = g * (1 - new**2)
    return g_a @ weight_hh, g_a.T @ x, g_a.T @ h, g_a


# ---- other right answers
def einsum(g, x, h, new, weight_ih, weight_hh):
    g_a = g - g * new * new
    return (np.einsum("no,oh->nh", g_a, weight_hh), np.einsum("no,ni->oi", g_a, x),
            np.einsum("no,nh->oh", g_a, h), np.einsum("no->o", g_a))


def example_by_example(g, x, h, new, weight_ih, weight_hh):
    rows = g * (1 - new**2)
    return (np.array([weight_hh.T @ row for row in rows]),
            sum(np.outer(row, value) for row, value in zip(rows, x, strict=True)),
            sum(np.outer(row, state) for row, state in zip(rows, h, strict=True)), sum(rows))


EXERCISE = Exercise(
    "08.rnn_step_backward", "Back through one step", rnn_step_backward, probes=steps_back,
    points=2,
    parts=("g_h", "g_weight_ih", "g_weight_hh", "g_bias"),
    hints=(
        "First through the tanh, then through the linear layers of lesson 04. The slope of tanh at "
        "a is 1 - tanh(a)**2; which of the arguments is tanh(a) already?",
        "With g_a = g * (1 - new**2): the state before came in as h @ weight_hh.T, just as the "
        "input of lesson 04's linear layer did. So did x, with weight_ih.",
        "g_h = g_a @ weight_hh; g_weight_ih = g_a.T @ x; g_weight_hh = g_a.T @ h; g_bias sums "
        "g_a over the examples.",
    ),
    mistakes={
        "you left the tanh out: what comes back through it is multiplied by its slope, 1 - new**2":
            with_slope(lambda h, new: 1),
        "you took the tanh's slope at the state before: it belongs to the state "
        "that came out, 1 - new**2":
            with_slope(lambda h, new: 1 - h**2),
        "you took tanh of `new` once more: new is the tanh's output already, and "
        "the slope is 1 - new**2":
            with_slope(lambda h, new: 1 - np.tanh(new) ** 2),
        "you squared the whole bracket: the slope of tanh is 1 - new**2, only new is squared":
            with_slope(lambda h, new: (1 - new) ** 2),
        "that is the slope of the sigmoid: tanh has 1 - new**2":
            with_slope(lambda h, new: new * (1 - new)),
        "in the backward pass it is weight_hh without the transpose: the forward pass had "
        "h @ weight_hh.T (a square matrix never complains)":
            state_transposed,
        "your weight gradients use g as it came in: it has to go back through the "
        "tanh first, for them too":
            weights_without_tanh,
        "weight_hh met the state *before* this step, h: its gradient is g_a.T @ h, not g_a.T @ new":
            state_after_for_before,
        "your weight gradients are transposed: each has the shape of its weight, "
        "(out, in), so g_a.T comes first":
            weights_transposed,
        "the bias is added in every example: sum its gradient over the examples; a mean "
        "divides once too often":
            bias_averaged,
        "the bias has shape (H,): sum over the examples, its gradient must not have "
        "a row for each of them":
            bias_not_summed,
    },
    variants={
        "einsum": einsum,
        "example by example": example_by_example,
    },
)
