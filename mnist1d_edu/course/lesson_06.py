"""Lesson 06: deep nets that train, and what they learn (UDL 7.5, 8)."""

from __future__ import annotations

import itertools

import numpy as np

from mnist1d_edu.course.exercise import exercise

# ------------------------------------------------------------------ He's initialisation


def _layers(rng: np.random.RandomState) -> list[tuple]:
    return [(1, 2, 3), (rng.randint(9), 300, 120), (rng.randint(9), 40, 250)]


def _drawn_twice(answer, seed, fan_in, fan_out):
    """The weights, and whether the same seed gives the same ones and another seed others."""
    first, again, other = (np.asarray(answer(np.random.RandomState(s), fan_in, fan_out))
                           for s in (seed, seed, seed + 1))
    return first, np.array_equal(first, again), not np.array_equal(first, other)


def _same_but_for_the_draw(got, want):
    return np.shape(got[0]) == np.shape(want[0]) and got[1:] == want[1:]


@exercise(
    "06.he_weight", "He's initialisation", probes=_layers, drive=_drawn_twice,
    same=_same_but_for_the_draw,
    hints=(
        "The variance is to be 2/fan_in. What is the standard deviation then, and what happens to "
        "the variance of a random number when you multiply the number by a constant?",
        "`rng.standard_normal((rows, columns))` has variance 1. Multiplying by s makes it s².",
        "`rng.standard_normal((fan_out, fan_in))`, times the square root of `2 / fan_in`.",
    ))
def he_weight(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_in)


@he_weight.mistake("your standard deviation is 2/fan_in: that is to be the variance, so take its "
                   "square root")
def _(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * (2 / fan_in)


@he_weight.mistake("your variance is 1/fan_in: that would do without the ReLU, which throws half "
                   "of the signal away; hence the 2")
def _(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(1 / fan_in)


@he_weight.mistake("you divided by fan_out: each unit adds up fan_in numbers, so it is fan_in that "
                   "decides how large the sum gets")
def _(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_out)


@he_weight.mistake("this is Glorot's variance, 2/(fan_in + fan_out), made for tanh: He's is "
                   "2/fan_in")
def _(rng, fan_in, fan_out):
    return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / (fan_in + fan_out))


@he_weight.mistake("your weights have shape (fan_in, fan_out): as in the lessons before, each row "
                   "belongs to one output, (fan_out, fan_in)")
def _(rng, fan_in, fan_out):
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)


@he_weight.mistake("uniform numbers between -s and s have variance s²/3, not s²: draw normal ones, "
                   "or widen the interval by the square root of 3")
def _(rng, fan_in, fan_out):
    bound = np.sqrt(2 / fan_in)
    return rng.uniform(-bound, bound, (fan_out, fan_in))


@he_weight.mistake("`rand` draws between 0 and 1, so that all your weights are positive: draw from "
                   "`standard_normal`, which has mean 0")
def _(rng, fan_in, fan_out):
    return rng.rand(fan_out, fan_in) * np.sqrt(2 / fan_in)


@he_weight.mistake("you draw from NumPy's global stream: draw from the `rng` you are given, so "
                   "that the same seed gives the same network again")
def _(rng, fan_in, fan_out):
    return np.random.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_in)


@he_weight.mistake("all your weights are 0: then no signal gets through, and all units get the "
                   "same gradient and stay equal for ever; draw them at random")
def _(rng, fan_in, fan_out):
    return np.zeros((fan_out, fan_in))


@he_weight.must("the same rng must give the same weights, and another one others: draw from the "
                "`rng` you are given, and from nothing else")
def _(result, seed, fan_in, fan_out):
    return result[1] and result[2]


@he_weight.must("the weights must have mean 0")
def _(result, seed, fan_in, fan_out):
    weight = result[0]
    return weight.size < 1000 or abs(weight.mean()) < 6 * np.sqrt(2 / fan_in / weight.size)


@he_weight.must("the variance of the weights must be 2/fan_in")
def _(result, seed, fan_in, fan_out):
    weight = result[0]
    return weight.size < 1000 or abs(weight.var() * fan_in / 2 - 1) < 0.1


@he_weight.variant("scale given to rng.normal")
def _(rng, fan_in, fan_out):
    return rng.normal(0.0, (2 / fan_in) ** 0.5, size=(fan_out, fan_in))


@he_weight.variant("drawn the other way round, and single precision")
def _(rng, fan_in, fan_out):
    return (rng.randn(fan_in, fan_out).T * np.sqrt(2 / fan_in)).astype(np.float32)


@he_weight.variant("uniform with the same variance")
def _(rng, fan_in, fan_out):
    bound = np.sqrt(6 / fan_in)
    return rng.uniform(-bound, bound, (fan_out, fan_in))


# ------------------------------------------------------------------ the signal by depth


def _stacks(rng: np.random.RandomState) -> list[tuple]:
    """Weights of a chain of layers, a batch and a cotangent; no two layers of one width."""
    def stack(n, *sizes):
        weights = [0.3 + rng.randn(o, i) for i, o in itertools.pairwise(sizes)]
        return weights, rng.randn(n, sizes[0]) - 0.5, rng.randn(n, sizes[-1]) + 0.2
    return [([np.array([[1.0, 2.0]]), np.array([[-1.0], [3.0]])], np.array([[1.0, 1], [-2.0, 0]]),
             np.array([[1.0, 0], [2.0, 5.0]])), stack(4, 3, 5, 2, 6), stack(8, 6, 4, 7, 3, 5)]


def _forward_backward(weights, x, g, *, ahead=lambda a: a, measure=np.var, mask=None,
                      first=lambda x: x, rectify=True, before=lambda g, a: g):
    """The reference, with places where a mistake can sit."""
    h, kept, forward = first(x), [], []
    for weight in weights:
        a = h @ weight.T
        kept.append(a)
        forward.append(measure(ahead(a)))
        h = np.maximum(a, 0) if rectify else a
    backward = [measure(g)]
    for k in range(len(weights) - 1, 0, -1):
        g = before(g, kept[k]) @ weights[k]
        g = g * (kept[k - 1] > 0) if mask is None else mask(g, kept, k)
        backward.insert(0, measure(g))
    return np.array(forward), np.array(backward)


@exercise(
    "06.by_depth", "The size of the signal, layer by layer", points=2, probes=_stacks,
    hints=(
        "Forward is a loop over `weights`: a = h @ weight.T, keep a, h = relu(a). The first h is "
        "x itself.",
        "Backward starts with g, the cotangent of the last a. To come from one a to the one "
        "before, go back through the linear layer (lesson 04: `g @ weight`), then through the ReLU "
        "between the two.",
        "Coming from layer k to k - 1: `g = (g @ weights[k]) * (a[k - 1] > 0)`. Collect the "
        "variances and reverse the list at the end.",
    ))
def by_depth(weights, x, g):
    return _forward_backward(weights, x, g)


@by_depth.mistake("your forward variances are those of h, after the ReLU: take the ones of a, "
                  "before it")
def _(weights, x, g):
    return _forward_backward(weights, x, g, ahead=lambda a: np.maximum(a, 0))


@by_depth.mistake("you left the ReLU out between the layers on the way forward")
def _(weights, x, g):
    return _forward_backward(weights, x, g, rectify=False)


@by_depth.mistake("you sent x through a ReLU before the first layer: the first layer gets x as it "
                  "is")
def _(weights, x, g):
    return _forward_backward(weights, x, g, first=lambda x: np.maximum(x, 0))


@by_depth.mistake("these are standard deviations: the variance is their square, `np.var`")
def _(weights, x, g):
    return _forward_backward(weights, x, g, measure=np.std)


@by_depth.mistake("these are means of the squares: for the variance, the mean is taken away first, "
                  "`np.var`")
def _(weights, x, g):
    return _forward_backward(weights, x, g, measure=lambda v: (v**2).mean())


@by_depth.mistake("you took a variance over the batch for each unit, and the mean of those: take "
                  "one over all the numbers of a layer")
def _(weights, x, g):
    return _forward_backward(weights, x, g, measure=lambda v: v.var(axis=0).mean())


@by_depth.mistake("your forward variances are right, but on the way back you left out the ReLU: "
                  "where a was not positive, nothing comes back")
def _(weights, x, g):
    return _forward_backward(weights, x, g, mask=lambda g, kept, k: g)


@by_depth.mistake("your forward variances are right, but on the way back you applied a ReLU to the "
                  "cotangent: what counts is where *a* was positive, not g")
def _(weights, x, g):
    return _forward_backward(weights, x, g, mask=lambda g, kept, k: np.maximum(g, 0))


@by_depth.mistake("on the way back your ReLU stands one layer too far on: g is the cotangent of a "
                  "itself, so go through the weight first, then through the ReLU of the a before")
def _(weights, x, g):
    return _forward_backward(weights, x, g, before=lambda g, a: g * (a > 0),
                             mask=lambda g, kept, k: g)


@by_depth.mistake("your backward variances are right, but stand in the order in which you found "
                  "them: the first of them belongs to the first layer, so reverse the list")
def _(weights, x, g):
    forward, backward = _forward_backward(weights, x, g)
    return forward, backward[::-1]


@by_depth.variant("recursion")
def _(weights, x, g):
    def through(k, h):
        a = h @ weights[k].T
        if k == len(weights) - 1:
            return [a.var()], [g.var()], g
        forward, backward, g_next = through(k + 1, np.where(a > 0, a, 0))
        g_a = np.where(a > 0, g_next @ weights[k + 1], 0)
        return [a.var(), *forward], [g_a.var(), *backward], g_a
    forward, backward, _ = through(0, x)
    return np.array(forward), np.array(backward)


@by_depth.variant("einsum, single precision, and the mask from h")
def _(weights, x, g):
    hs, forward, backward = [np.asarray(x, np.float32)], [], [np.var(g)]
    for weight in weights:
        a = np.einsum("ni,oi->no", hs[-1], weight)
        forward.append(np.mean((a - a.mean()) ** 2))
        hs.append(np.maximum(a, 0))
    for weight, h in zip(weights[:0:-1], hs[-2:0:-1], strict=True):
        g = np.einsum("no,oi->ni", g, weight) * np.sign(h)
        backward.append(np.var(g))
    return np.array(forward, np.float32), np.array(backward[::-1], np.float32)


# ------------------------------------------------------------------ the training loop


def _record(params, x, y):
    """A stand-in for a training step: its result tells which examples came, and in which order."""
    return 0.5 * params + (x.sum(axis=1) * (1 + y)).sum()


def _as_is(params):
    """A stand-in for an evaluation."""
    return params


def _runs(rng: np.random.RandomState) -> list[tuple]:
    def one(n, steps, batch_size, eval_every):
        return (_record, _as_is, 1.0, rng.randint(1, 9, (n, 2)) * 1.0, rng.randint(0, 4, n), steps,
                batch_size, eval_every)
    return [one(4, 3, 2, 1), one(6, 7, 2, 3), one(12, 8, 4, 4), one(10, 13, 5, 6)]


def _trained(answer, update, evaluate, params, x, y, steps, batch_size, eval_every):
    params, at, values = answer(update, evaluate, params, x, y, steps, batch_size, eval_every)
    return params, np.asarray(at), np.asarray(values)


def _loop(update, evaluate, params, x, y, steps, batch_size, eval_every, *, start=None, keep=True,
          due=lambda step, steps, every: step % every == 0 or step == steps):
    """The reference, with places where a mistake can sit."""
    start = start or (lambda step: step * batch_size % len(x))
    at, values = [], []
    for step in range(steps + 1):
        if due(step, steps, eval_every):
            at.append(step)
            values.append(evaluate(params))
        if step < steps:
            i = start(step)
            new = update(params, x[i:i + batch_size], y[i:i + batch_size])
            params = new if keep else params
    return params, at, values


@exercise(
    "06.train", "A training loop that keeps a record", points=2, probes=_runs, drive=_trained,
    hints=(
        "Two things take turns: evaluating, when it is due, and a step. How often at most, and at "
        "least, is each of them done?",
        "The batch of step s begins at example s * batch_size, and at the end of the data it "
        "begins again at 0: `% len(x)`.",
        "Loop over `range(steps + 1)`. First ask whether an evaluation is due: "
        "`step % eval_every == 0 or step == steps`. Then do the step, unless step == steps.",
    ))
def train(update, evaluate, params, x, y, steps, batch_size, eval_every):
    return _loop(update, evaluate, params, x, y, steps, batch_size, eval_every)


@train.mistake("every step gets the same batch, the first: step s begins at example "
               "s * batch_size")
def _(*given):
    return _loop(*given, start=lambda step: 0)


@train.mistake("your batches overlap: each begins one example after the one before, and not "
               "batch_size after it")
def _(*given):
    return _loop(*given, start=lambda step: step % len(given[3]))


@train.mistake("after one pass through the data your batches are empty, for a slice beyond the end "
               "of an array raises no error: begin again at the first example, with "
               "`% len(x)`")
def _(*given):
    return _loop(*given, start=lambda step: step * given[6])


@train.mistake("your first batch is the second one: step 0 begins at example 0")
def _(*given):
    return _loop(*given, start=lambda step: (step + 1) * given[6] % len(given[3]))


@train.mistake("you call `update` but do not keep what it returns, so nothing is ever learned: "
               "params = update(...)")
def _(*given):
    return _loop(*given, keep=False)


@train.mistake("the evaluation before the first step is missing, with params as they are given: it "
               "shows where the training began")
def _(*given):
    return _loop(*given, due=lambda step, steps, every: step and (
        step % every == 0 or step == steps))


@train.mistake("the evaluation after the last step is missing: without it, the record ends before "
               "the parameters that you return")
def _(update, evaluate, params, x, y, steps, *rest):
    params, at, values = _loop(update, evaluate, params, x, y, steps, *rest)
    return params, at[:-1], values[:-1]


@train.mistake("the evaluation after the last step is missing when eval_every does not divide "
               "steps: evaluate there in any case")
def _(*given):
    return _loop(*given, due=lambda step, steps, every: step % every == 0)


@train.mistake("after the last step you evaluate twice when eval_every divides steps: once is "
               "enough")
def _(*given):
    params, at, values = _loop(*given)
    if given[5] % given[7] == 0:
        at, values = [*at, at[-1]], [*values, values[-1]]
    return params, at, values


@train.mistake("you do one step too many: steps 0 to `steps` are `steps` + 1, and the last number "
               "is only for the evaluation")
def _(update, evaluate, params, x, y, steps, batch_size, eval_every):
    params, at, values = _loop(update, evaluate, params, x, y, steps, batch_size, eval_every)
    i = steps * batch_size % len(x)
    return update(params, x[i:i + batch_size], y[i:i + batch_size]), at, values


def _late(update, evaluate, params, x, y, steps, batch_size, eval_every, last):
    at, values = [], []
    for step in range(steps):
        i = step * batch_size % len(x)
        params = update(params, x[i:i + batch_size], y[i:i + batch_size])
        if step % eval_every == 0 or step == last:
            at.append(step)
            values.append(evaluate(params))
    return params, at, values


@train.mistake("your record is one step late: what it calls step s was evaluated after s + 1 "
               "updates; evaluate first, then do the step, and once more after the last one")
def _(*given):
    return _late(*given, last=None)


@train.mistake("you evaluate after the step: what your record calls step s has seen s + 1 updates, "
               "and where the training began is missing; evaluate first, then do the step")
def _(*given):
    return _late(*given, last=given[5] - 1)


@train.variant("evaluating after each step, with a counter")
def _(update, evaluate, params, x, y, steps, batch_size, eval_every):
    at, values, place = [0], [evaluate(params)], 0
    for done in range(1, steps + 1):
        params = update(params, x[place:place + batch_size], y[place:place + batch_size])
        place = 0 if place + batch_size == len(x) else place + batch_size
        if done % eval_every == 0 or done == steps:
            at.append(done)
            values.append(evaluate(params))
    return params, at, values


@train.variant("batches cut beforehand")
def _(update, evaluate, params, x, y, steps, batch_size, eval_every):
    count = len(x) // batch_size
    xs, ys = np.split(x, count), np.split(y, count)
    at = sorted({*range(0, steps, eval_every), steps})
    values = []
    for begin, end in itertools.pairwise([0, *at]):
        for step in range(begin, end):
            params = update(params, xs[step % count], ys[step % count])
        values.append(evaluate(params))
    return params, np.array(at), np.array(values)


@train.variant("rows chosen by their numbers")
def _(update, evaluate, params, x, y, steps, batch_size, eval_every):
    at, values = [], []
    for step in range(steps):
        if step % eval_every == 0:
            at += [step]
            values += [evaluate(params)]
        rows = (step * batch_size + np.arange(batch_size)) % len(x)
        params = update(params, x[rows], y[rows])
    return params, [*at, steps], [*values, evaluate(params)]


# ------------------------------------------------------------------ validation data


def _labelled(rng: np.random.RandomState) -> list[tuple]:
    """Signals whose first value is their number and whose second their label, sorted by label."""
    def one(n, size, n_val):
        y = np.sort(rng.randint(0, 10, n))
        x = np.concatenate([np.arange(n)[:, None] + 0.0, y[:, None], rng.randn(n, size)], axis=1)
        return x, y, n_val, rng.randint(99)
    return [one(8, 0, 3), one(40, 1, 10), one(60, 2, 40)]


def _split_twice(answer, x, y, n_val, seed):
    first, again, other = (answer(x, y, n_val, np.random.RandomState(s))
                           for s in (seed, seed, seed + 1))
    if not isinstance(first, dict) or set(first) != {"x", "y", "x_val", "y_val"}:
        return first, True, True
    return first, *(all(np.array_equal(first[k], o[k]) for k in first) for o in (again, other))


def _same_but_for_the_choice(got, want):
    """Same names and shapes, and as reproducible; which examples were drawn does not matter."""
    return (isinstance(got[0], dict) and got[0].keys() == want[0].keys() and got[1:] == want[1:]
            and all(np.shape(got[0][k]) == np.shape(want[0][k]) for k in want[0]))


def _parts(x, y, train, val):
    return {"x": x[train], "y": y[train], "x_val": x[val], "y_val": y[val]}


@exercise(
    "06.split", "Setting validation data aside", probes=_labelled, drive=_split_twice,
    same=_same_but_for_the_choice,
    hints=(
        "Shuffle the *numbers* of the examples, 0 to N - 1, once. Some of the numbers are for "
        "validation, and the rest for training.",
        "`order = rng.permutation(len(x))`. `x[order[:n_val]]` picks n_val signals, and "
        "`y[order[:n_val]]` their labels.",
        "Training gets `order[n_val:]`, for x and y alike.",
    ))
def split(x, y, n_val, rng):
    order = rng.permutation(len(x))
    return _parts(x, y, order[n_val:], order[:n_val])


@split.mistake("you shuffled x and y separately, so that labels no longer belong to their signals: "
               "make one order, and use it for both")
def _(x, y, n_val, rng):
    one, two = rng.permutation(len(x)), rng.permutation(len(y))
    return {"x": x[one[n_val:]], "y": y[two[n_val:]], "x_val": x[one[:n_val]],
            "y_val": y[two[:n_val]]}


@split.mistake("your training data are still all N examples, those for validation among them: "
               "leave these out, or validation measures memory")
def _(x, y, n_val, rng):
    return _parts(x, y, np.arange(len(x)), rng.permutation(len(x))[:n_val])


@split.mistake("you took the first n_val examples without shuffling: data often come sorted, and "
               "then some classes would be missing")
def _(x, y, n_val, rng):
    return _parts(x, y, np.arange(n_val, len(x)), np.arange(n_val))


@split.mistake("you took the last n_val examples without shuffling: data often come sorted, and "
               "then some classes would be missing")
def _(x, y, n_val, rng):
    cut = len(x) - n_val
    return _parts(x, y, np.arange(cut), np.arange(cut, len(x)))


@split.mistake("the two parts are swapped: n_val examples are for validation, and the rest for "
               "training")
def _(x, y, n_val, rng):
    order = rng.permutation(len(x))
    return _parts(x, y, order[:n_val], order[n_val:])


@split.mistake("you drew with replacement, so that some examples come twice and others not at all: "
               "shuffle all numbers with `rng.permutation`, and cut")
def _(x, y, n_val, rng):
    return _parts(x, y, rng.choice(len(x), len(x) - n_val), rng.choice(len(x), n_val))


@split.mistake("you draw from NumPy's global stream: draw from the `rng` you are given, so that "
               "the same seed gives the same split again")
def _(x, y, n_val, rng):
    order = np.random.permutation(len(x))
    return _parts(x, y, order[n_val:], order[:n_val])


@split.must("each label must stay with its signal: use the same order for x and y")
def _(result, x, y, n_val, seed):
    parts = result[0]
    return all((parts["x" + s][:, 1] == parts["y" + s]).all() for s in ("", "_val"))


@split.must("each example must be in exactly one of the two parts")
def _(result, x, y, n_val, seed):
    numbers = np.concatenate([result[0]["x"][:, 0], result[0]["x_val"][:, 0]])
    return np.array_equal(np.sort(numbers), np.arange(len(x)))


@split.must("the choice must be random, and the same for the same rng")
def _(result, x, y, n_val, seed):
    chosen = np.sort(result[0]["x_val"][:, 0])
    in_a_row = chosen[-1] - chosen[0] == n_val - 1
    return result[1] and not result[2] and (len(x) < 20 or not in_a_row)


@split.variant("a mask, drawn without replacement")
def _(x, y, n_val, rng):
    aside = np.zeros(len(x), bool)
    aside[rng.choice(len(x), n_val, replace=False)] = True
    return _parts(x, y, ~aside, aside)


@split.variant("the end of the order")
def _(x, y, n_val, rng):
    order = np.arange(len(x))
    rng.shuffle(order)
    train, val = np.split(order, [len(x) - n_val])
    return _parts(x, y, train, val)


# ------------------------------------------------------------------ three ways to report


def _curves(rng: np.random.RandomState) -> list[tuple]:
    """Accuracies (E, S) in tenths, with ties; the best step differs by seed and by split."""
    val = np.array([[50.0, 58], [61, 60], [60, 64], [61, 63]])
    test = np.array([[48.0, 66], [59, 62], [63, 61], [57, 60]])
    return [(val, test), *((rng.randint(500, 560, shape) / 10, rng.randint(500, 560, shape) / 10)
                           for shape in ((5, 3), (9, 4), (40, 5)))]


@exercise(
    "06.three_scores", "Last step, best by validation, best by test", points=2, probes=_curves,
    hints=(
        "All three results are *test* accuracies, one for each seed (column). They differ in who "
        "chooses the step.",
        "`val.argmax(axis=0)` is the best step of each seed by validation, of shape (S,). Now pick "
        "test[step of seed k, k] for each k.",
        "`test[val.argmax(axis=0), np.arange(test.shape[1])]`: two index arrays go side by side.",
    ))
def three_scores(val, test):
    seeds = np.arange(test.shape[1])
    return test[-1], test[val.argmax(axis=0), seeds], test.max(axis=0)


@three_scores.mistake("your second result is the best *validation* accuracy itself: validation "
                      "chooses the step, but what you report is the test accuracy there")
def _(val, test):
    return test[-1], val.max(axis=0), test.max(axis=0)


@three_scores.mistake("you chose the step with the test accuracy in your second result too: there, "
                      "only `val` may choose")
def _(val, test):
    return test[-1], test.max(axis=0), test.max(axis=0)


@three_scores.mistake("your second and third results are swapped: last, by validation, by test")
def _(val, test):
    last, by_val, by_test = three_scores(val, test)
    return last, by_test, by_val


@three_scores.mistake("your maximum runs along the seeds: axis 0 counts the steps, and each seed "
                      "(column) has its own best one")
def _(val, test):
    return (test[-1], test[np.arange(len(test)), val.argmax(axis=1)], test.max(axis=1))


@three_scores.mistake("`test[steps]` with an index of shape (S,) picks whole rows, so (S, S) comes "
                      "out: index the seeds too, with `np.arange(S)`")
def _(val, test):
    return test[-1], test[val.argmax(axis=0)], test.max(axis=0)


@three_scores.mistake("argmax without an axis counts through the whole flattened array: with "
                      "axis=0 each seed gets the row of its own best step")
def _(val, test):
    return test[-1], test[val.argmax()], test.max(axis=0)


@three_scores.mistake("you chose one step for all seeds, by the mean over them: each seed is a run "
                      "of its own, and stops at its own step")
def _(val, test):
    return test[-1], test[val.mean(axis=1).argmax()], test.max(axis=0)


@three_scores.mistake("your second result takes the latest of several equally good steps: take the "
                      "earliest, as argmax does")
def _(val, test):
    steps = len(val) - 1 - val[::-1].argmax(axis=0)
    return test[-1], test[steps, np.arange(test.shape[1])], test.max(axis=0)


@three_scores.mistake("these are the numbers of the steps: return the test accuracies at them")
def _(val, test):
    last = np.full(test.shape[1], len(test) - 1)
    return last, val.argmax(axis=0), test.argmax(axis=0)


@three_scores.must("no choice of a step may beat the best step by test")
def _(result, val, test):
    return all((part <= result[2] + 1e-4).all() for part in result)


@three_scores.variant("a loop over the seeds")
def _(val, test):
    rows = [(t[-1], t[list(v).index(max(v))], max(t)) for v, t in zip(val.T, test.T, strict=True)]
    return tuple(np.array(rows).T)


@three_scores.variant("take_along_axis, single precision")
def _(val, test):
    test = test.astype(np.float32)
    chosen = np.take_along_axis(test, val.argmax(axis=0)[None], axis=0)[0]
    return test[-1].copy(), chosen, np.amax(test, 0)


# ------------------------------------------------------------------ mean and confidence


def _scores(rng: np.random.RandomState) -> list[tuple]:
    return [(np.array([1.0, 3.0]), 12.7), (np.array([60.0, 66, 63]), 4.3),
            (rng.normal(65, 1.5, 10), 2.26)]


@exercise(
    "06.interval", "The mean, and how well it is known", probes=_scores,
    hints=(
        "First the standard deviation s of the runs, with the squares divided by n - 1. Then ask: "
        "how much does a *mean* of n such runs vary?",
        "A mean of n independent runs varies √n times less than a single run: s/√n, the standard "
        "error.",
        "`t * values.std(ddof=1) / np.sqrt(len(values))`",
    ))
def interval(values, t):
    return values.mean(), t * values.std(ddof=1) / np.sqrt(len(values))


@interval.mistake("you divided the squares by n: for a sample it is n - 1, `ddof=1`, or the spread "
                  "comes out too small")
def _(values, t):
    return values.mean(), t * values.std() / np.sqrt(len(values))


@interval.mistake("this is how far single runs spread: their *mean* varies √n times less")
def _(values, t):
    return values.mean(), t * values.std(ddof=1)


@interval.mistake("you divided by n instead of √n: it is the variance of a mean that falls like "
                  "1/n, and its deviation like 1/√n")
def _(values, t):
    return values.mean(), t * values.std(ddof=1) / len(values)


@interval.mistake("this is the standard error: multiply it by t to get the half-width of the "
                  "interval")
def _(values, t):
    return values.mean(), values.std(ddof=1) / np.sqrt(len(values))


@interval.mistake("1.96 is the factor for very many runs: with a few, the standard deviation "
                  "itself is uncertain, so take the `t` that you are given")
def _(values, t):
    return values.mean(), 1.96 * values.std(ddof=1) / np.sqrt(len(values))


@interval.mistake("this is the full width of the interval: the half of it goes to each side of the "
                  "mean")
def _(values, t):
    return values.mean(), 2 * t * values.std(ddof=1) / np.sqrt(len(values))


@interval.mistake("you used the variance: take its square root, the standard deviation")
def _(values, t):
    return values.mean(), t * values.var(ddof=1) / np.sqrt(len(values))


@interval.mistake("these are the two ends of the interval: return the mean and the half-width")
def _(values, t):
    mean, half = interval(values, t)
    return mean - half, mean + half


@interval.variant("sums written out")
def _(values, t):
    n = len(values)
    mean = sum(values) / n
    return mean, t * (sum((v - mean) ** 2 for v in values) / (n - 1) / n) ** 0.5


@interval.variant("the variance of the mean, rooted")
def _(values, t):
    return np.mean(values), np.sqrt(t**2 * np.var(values, ddof=1) / values.size)
