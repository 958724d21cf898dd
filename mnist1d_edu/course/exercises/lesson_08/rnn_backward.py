"""08.rnn_backward: backpropagation through time."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_08.rnn_step import rnn_step
from mnist1d_edu.course.exercises.lesson_08.rnn_step_backward import rnn_step_backward
from mnist1d_edu.course.exercises.lesson_08.run import run


def rnn_backward(g, x, states, h, weight_ih, weight_hh):
    sums, g_h = None, 0.0
    for t in range(x.shape[1] - 1, -1, -1):
        before = states[t - 1] if t else h
        g_h, *new = rnn_step_backward(g[:, t] + g_h, x[:, t], before, states[t], weight_ih,
                                      weight_hh)
        sums = new if sums is None else [a + b for a, b in zip(sums, new, strict=True)]
    return tuple(sums)


def sequences(rng: np.random.RandomState) -> list[tuple]:
    """(g, x, states, h, weight_ih, weight_hh), the states made by `run` with `rnn_step`."""
    found = []
    for n, time, inputs, size in ((1, 2, 1, 2), (3, 4, 2, 2), (2, 16, 1, 3)):
        weights = [0.8 * rng.randn(size, inputs), 0.8 * rng.randn(size, size), rng.randn(size)]
        x, h = rng.randn(n, time, inputs), rng.randn(n, size)
        states = run(lambda x_t, h_t, w=weights: rnn_step(x_t, h_t, *w), x, h)
        found.append((rng.randn(n, time, size), x, states, h, *weights[:2]))
    return found


# ---- what students write
def through_time(g, x, states, h, weight_ih, weight_hh, *, carry=1.0, every=True, wraps=False,
                 after=False):
    """The reference, with places where a mistake can sit."""
    sums, g_h = None, 0.0
    last = x.shape[1] - 1
    for t in range(last, -1, -1):
        before = states[t] if after else states[t - 1] if t or wraps else h
        here = g[:, t] if every or t == last else 0.0
        g_h, *new = rnn_step_backward(here + carry * g_h, x[:, t], before, states[t], weight_ih,
                                      weight_hh)
        sums = new if sums is None else [a + b for a, b in zip(sums, new, strict=True)]
    return tuple(sums)


def one_step_only(g, x, states, h, weight_ih, weight_hh):
    g_h = 0.0
    for t in reversed(range(x.shape[1])):
        g_h, *new = rnn_step_backward(g[:, t] + g_h, x[:, t], states[t - 1] if t else h, states[t],
                                      weight_ih, weight_hh)
    return tuple(new)


def forward_in_time(g, x, states, h, weight_ih, weight_hh):
    sums, g_h = None, 0.0
    for t in range(x.shape[1]):
        g_h, *new = rnn_step_backward(g[:, t] + g_h, x[:, t], states[t - 1] if t else h, states[t],
                                      weight_ih, weight_hh)
        sums = new if sums is None else [a + b for a, b in zip(sums, new, strict=True)]
    return tuple(sums)


def stopped_too_early(g, x, states, h, weight_ih, weight_hh):
    return rnn_backward(g[:, 1:], x[:, 1:], states[1:], states[0], weight_ih, weight_hh)


def a_few_steps_only(g, x, states, h, weight_ih, weight_hh, steps=10):
    late = max(0, x.shape[1] - steps)
    before = states[late - 1] if late else h
    return rnn_backward(g[:, late:], x[:, late:], states[late:], before, weight_ih, weight_hh)


def bias_from_g_itself(g, x, states, h, weight_ih, weight_hh):
    return *rnn_backward(g, x, states, h, weight_ih, weight_hh)[:2], g.sum(axis=(0, 1))


def start_state_too(g, x, states, h, weight_ih, weight_hh):
    g_h = 0.0
    for t in reversed(range(x.shape[1])):
        g_h, *_ = rnn_step_backward(g[:, t] + g_h, x[:, t], states[t - 1] if t else h, states[t],
                                    weight_ih, weight_hh)
    return (g_h, *rnn_backward(g, x, states, h, weight_ih, weight_hh))


# ---- other right answers
def all_cotangents_first(g, x, states, h, weight_ih, weight_hh):
    after = np.stack(states, axis=1)
    before = np.concatenate([h[:, None], after[:, :-1]], axis=1)
    g_a = np.zeros_like(after)
    g_h = np.zeros_like(h)
    for t in range(x.shape[1] - 1, -1, -1):
        g_a[:, t] = (g[:, t] + g_h) * (1 - after[:, t] ** 2)
        g_h = g_a[:, t] @ weight_hh
    return (np.einsum("nto,nti->oi", g_a, x), np.einsum("nto,nth->oh", g_a, before),
            g_a.sum(axis=(0, 1)))


def added_in_place(g, x, states, h, weight_ih, weight_hh):
    sums = [np.zeros_like(weight_ih), np.zeros_like(weight_hh), np.zeros(len(weight_hh))]
    g_h = np.zeros_like(h)
    before = [h, *states[:-1]]
    for t in reversed(range(len(states))):
        g_h, *new = rnn_step_backward(g[:, t] + g_h, x[:, t], before[t], states[t], weight_ih,
                                      weight_hh)
        for total, part in zip(sums, new, strict=True):
            total += part
    return sums


EXERCISE = Exercise(
    "08.rnn_backward", "Backpropagation through time", rnn_backward, probes=sequences, points=3,
    hints=(
        "Walk from the last step to the first. states[t] feels the loss twice: directly, through "
        "g[:, t], and through the next step, which handed its g_h back. Lesson 04: a fork adds.",
        "The state before step t is states[t - 1], but for t = 0 it is h: in Python states[-1] "
        "is the *last* one. And the three gradients add up over the steps, for the weights are "
        "used in every one of them.",
        "g_h = 0; for t in reversed(range(T)): g_h, *new = step_bwd(g[:, t] + g_h, x[:, t], "
        "before, states[t], weight_ih, weight_hh); then add `new` to what you have.",
    ),
    mistakes={
        "no step hears of the steps after it: what step_bwd returns first, g_h, has to be added to "
        "g[:, t] of the step before":
            partial(through_time, carry=0.0),
        "only the last state's own cotangent comes in: every state is looked at by the loss, so "
        "add g[:, t] in every step":
            partial(through_time, every=False),
        "for t = 0 you took states[t - 1], which in Python is the *last* state: before the "
        "first step the state was h":
            partial(through_time, wraps=True),
        "step_bwd wants the state before *and* the one after: you gave it states[t] for both; "
        "before step t it was states[t - 1]":
            partial(through_time, after=True),
        "you return the gradients of one step, the last that you came to: the same weights work in "
        "every step, so add the gradients up":
            one_step_only,
        "you walk forward in time: a state's cotangent is complete only when the step after it has "
        "handed back its part, so begin at the end":
            forward_in_time,
        "you go back only a few steps: that is truncated backpropagation, a saving for sequences "
        "of thousands of values; here go back to the first": a_few_steps_only,
        "your bias gradient sums g as it came in: it has to go back through the tanh and through "
        "the later steps, as step_bwd does": bias_from_g_itself,
        "you stop too early: step 0 used the weights as well, with h as the state before":
            stopped_too_early,
        "you averaged over the steps: what is used several times gets the sum":
            lambda g, x, *rest: tuple(part / x.shape[1] for part in rnn_backward(g, x, *rest)),
        "you return g_h of the first step too: three gradients are asked for, of weight_ih, "
        "weight_hh and the bias":
            start_state_too,
    },
    variants={
        "all cotangents first, then the sums in one product": all_cotangents_first,
        "zeros that are added to in place, returned as a list": added_in_place,
    },
)
