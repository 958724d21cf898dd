"""06.train: a training loop that keeps a record."""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def train(update, evaluate, params, x, y, steps, batch_size, eval_every):
    at, values = [], []
    for step in range(steps + 1):
        if step % eval_every == 0 or step == steps:
            at.append(step)
            values.append(evaluate(params))
        if step < steps:
            i = step * batch_size % len(x)
            params = update(params, x[i:i + batch_size], y[i:i + batch_size])
    return params, at, values


def record(params, x, y):
    """A stand-in for a training step: its result tells which examples came, and in which order."""
    return 0.5 * params + (x.sum(axis=1) * (1 + y)).sum()


def as_is(params):
    """A stand-in for an evaluation."""
    return params


def runs(rng: np.random.RandomState) -> list[tuple]:
    """All arguments; more than one pass, and eval_every that divides steps and that does not."""
    def one(n, steps, batch_size, eval_every):
        return (record, as_is, 1.0, rng.randint(1, 9, (n, 2)) * 1.0, rng.randint(0, 4, n), steps,
                batch_size, eval_every)
    return [one(4, 3, 2, 1), one(6, 7, 2, 3), one(12, 8, 4, 4), one(10, 13, 5, 6)]


def trained(answer, update, evaluate, params, x, y, steps, batch_size, eval_every):
    params, at, values = answer(update, evaluate, params, x, y, steps, batch_size, eval_every)
    return params, np.asarray(at), np.asarray(values)


# ---- what students write
def loop(update, evaluate, params, x, y, steps, batch_size, eval_every, *,
         start=lambda step, n, batch_size: step * batch_size % n, keep=True,
         due=lambda step, steps, every: step % every == 0 or step == steps):
    """The reference, with places where a mistake can sit."""
    at, values = [], []
    for step in range(steps + 1):
        if due(step, steps, eval_every):
            at.append(step)
            values.append(evaluate(params))
        if step < steps:
            i = start(step, len(x), batch_size)
            new = update(params, x[i:i + batch_size], y[i:i + batch_size])
            params = new if keep else params
    return params, at, values


def evaluated_late(update, evaluate, params, x, y, steps, batch_size, eval_every, *, last):
    at, values = [], []
    for step in range(steps):
        i = step * batch_size % len(x)
        params = update(params, x[i:i + batch_size], y[i:i + batch_size])
        if step % eval_every == 0 or (last and step == steps - 1):
            at.append(step)
            values.append(evaluate(params))
    return params, at, values


def no_last_evaluation(update, evaluate, params, x, y, steps, *rest):
    params, at, values = train(update, evaluate, params, x, y, steps, *rest)
    return params, at[:-1], values[:-1]


def last_evaluated_twice(*given):
    params, at, values = train(*given)
    if given[5] % given[7] == 0:
        at, values = [*at, at[-1]], [*values, values[-1]]
    return params, at, values


def one_step_too_many(update, evaluate, params, x, y, steps, batch_size, eval_every):
    params, at, values = train(update, evaluate, params, x, y, steps, batch_size, eval_every)
    i = steps * batch_size % len(x)
    return update(params, x[i:i + batch_size], y[i:i + batch_size]), at, values


# ---- other right answers
def evaluating_after_each_step(update, evaluate, params, x, y, steps, batch_size, eval_every):
    at, values, place = [0], [evaluate(params)], 0
    for done in range(1, steps + 1):
        params = update(params, x[place:place + batch_size], y[place:place + batch_size])
        place = 0 if place + batch_size == len(x) else place + batch_size
        if done % eval_every == 0 or done == steps:
            at.append(done)
            values.append(evaluate(params))
    return params, at, values


def batches_cut_beforehand(update, evaluate, params, x, y, steps, batch_size, eval_every):
    count = len(x) // batch_size
    xs, ys = np.split(x, count), np.split(y, count)
    at = sorted({*range(0, steps, eval_every), steps})
    values = []
    for begin, end in itertools.pairwise([0, *at]):
        for step in range(begin, end):
            params = update(params, xs[step % count], ys[step % count])
        values.append(evaluate(params))
    return params, np.array(at), np.array(values)


def rows_by_number(update, evaluate, params, x, y, steps, batch_size, eval_every):
    at, values = [], []
    for step in range(steps):
        if step % eval_every == 0:
            at += [step]
            values += [evaluate(params)]
        rows = (step * batch_size + np.arange(batch_size)) % len(x)
        params = update(params, x[rows], y[rows])
    return params, [*at, steps], [*values, evaluate(params)]


EXERCISE = Exercise(
    "06.train", "A training loop that keeps a record", train, probes=runs, points=2, drive=trained,
    parts=("params", "list of steps", "list of values"),
    hints=(
        "Two things take turns: evaluating, when it is due, and a step. How often at most, and at "
        "least, is each of them done?",
        "The batch of step s begins at example s * batch_size, and at the end of the data it "
        "begins again at 0: `% len(x)`.",
        "Loop over `range(steps + 1)`. First ask whether an evaluation is due: "
        "`step % eval_every == 0 or step == steps`. Then do the step, unless step == steps.",
    ),
    mistakes={
        "every step gets the same batch, the first: step s begins at example s * batch_size":
            partial(loop, start=lambda step, n, batch_size: 0),
        "your batches overlap: each begins one example after the one before, and "
        "not batch_size after it":
            partial(loop, start=lambda step, n, batch_size: step % n),
        "after one pass through the data your batches are empty, for a slice beyond the end of an "
        "array raises no error: begin again at the first example, with `% len(x)`":
            partial(loop, start=lambda step, n, batch_size: step * batch_size),
        "your first batch is the second one: step 0 begins at example 0":
            partial(loop, start=lambda step, n, batch_size: (step + 1) * batch_size % n),
        "you call `update` but do not keep what it returns, so nothing is ever "
        "learned: params = update(...)":
            partial(loop, keep=False),
        "the evaluation before the first step is missing, with params as they are given: it shows "
        "where the training began":
            partial(loop, due=lambda s, steps, every: s and (s % every == 0 or s == steps)),
        "the evaluation after the last step is missing: without it, the record ends before the "
        "parameters that you return":
            no_last_evaluation,
        "the evaluation after the last step is missing when eval_every does not divide steps: "
        "evaluate there in any case":
            partial(loop, due=lambda step, steps, every: step % every == 0),
        "after the last step you evaluate twice when eval_every divides steps: once is enough":
            last_evaluated_twice,
        "you do one step too many: steps 0 to `steps` are `steps` + 1, and the last number is "
        "only for the evaluation":
            one_step_too_many,
        "your record is one step late: what it calls step s was evaluated after s + 1 updates; "
        "evaluate first, then do the step, and once more after the last one":
            partial(evaluated_late, last=False),
        "you evaluate after the step: what your record calls step s has seen s + 1 updates, and "
        "where the training began is missing; evaluate first, then do the step":
            partial(evaluated_late, last=True),
    },
    variants={
        "evaluating after each step, with a counter": evaluating_after_each_step,
        "batches cut beforehand": batches_cut_beforehand,
        "rows chosen by their numbers": rows_by_number,
    },
)
