"""Lesson 03: going downhill, from one step to Adam with a schedule (UDL 6)."""

from __future__ import annotations

import math

import numpy as np

from mnist1d_edu.course.exercise import exercise


def _steps(rng: np.random.RandomState) -> list[tuple]:
    """p, g of one shape, and a learning rate: (D,), then (S, P), then single precision."""
    return [(np.array([1.0, -2.0, 5.0]), np.array([10.0, -20.0, 0.5]), 0.1),
            (rng.randn(2, 3), rng.randn(2, 3), 0.3),
            (rng.randn(4).astype(np.float32), rng.randn(4).astype(np.float32), 2.0)]


@exercise(
    "03.sgd_step", "One step downhill", probes=_steps,
    hints=(
        "The gradient points where the loss *grows* fastest. How far you go the other way is the "
        "gradient times the learning rate.",
        "`p -= ...` writes into the array that the caller gave you. `p - ...` makes a new one.",
    ))
def sgd_step(p, g, lr):
    return p - lr * g


@sgd_step.mistake("you walk uphill: the gradient points to where the loss grows, so subtract it")
def _(p, g, lr):
    return p + lr * g


@sgd_step.mistake("the numbers are right, but `p -= ...` changes the caller's array as well, and "
                  "whoever kept the old point has lost it: return a new array, `p - ...`")
def _(p, g, lr):
    p -= lr * g
    return p


@sgd_step.mistake("the learning rate is missing: how far you go is lr times the gradient")
def _(p, g, lr):
    return p - g


@sgd_step.mistake("you returned the step alone: the new point is p minus the step")
def _(p, g, lr):
    return lr * g


@sgd_step.mistake("you returned the step alone, with its sign: add it to p for the new point")
def _(p, g, lr):
    return -lr * g


@sgd_step.mistake("you normalised the gradient: a step is to be long where it is steep, and short "
                  "where it is flat")
def _(p, g, lr):
    return p - lr * g / np.linalg.norm(g)


@sgd_step.mistake("you used the signs of the gradient alone: its size says how steep it is (Adam "
                  "comes close to this, later)")
def _(p, g, lr):
    return p - lr * np.sign(g)


@sgd_step.mistake("your brackets are amiss: (p − lr)·g is not p − lr·g")
def _(p, g, lr):
    return (p - lr) * g


@sgd_step.mistake("you divided by the learning rate: a smaller one is to make a smaller step")
def _(p, g, lr):
    return p - g / lr


@sgd_step.variant("np.add, with the sign in the learning rate")
def _(p, g, lr):
    return np.add(p, -lr * g)


@sgd_step.variant("in place, on a copy")
def _(p, g, lr):
    p = p.copy()
    p -= lr * g
    return p


@sgd_step.variant("a loop, in double precision")
def _(p, g, lr):
    out = np.zeros(p.shape)
    for index in np.ndindex(p.shape):
        out[index] = p[index] - lr * g[index]
    return out


def _sizes(rng: np.random.RandomState) -> list[tuple]:
    """n, batch_size and a seed: without and with a short last batch, and one batch of all."""
    return [(12, 4, 1), (23, 5, 2), (30, 30, 3), (41, 100, 4), (20, 1, 5)]


def _two_epochs(answer, n, batch_size, seed):
    """The batches of two epochs, one after the other from one stream, as lists of arrays; then
    those of the first again, from a stream of the same seed."""
    rng = np.random.RandomState(seed)
    return [[np.asarray(batch) for batch in answer(n, batch_size, stream)]
            for stream in (rng, rng, np.random.RandomState(seed))]


def _any_order(got, want) -> bool:
    """Whether `got` is a right draw, though not the reference's: the rest is held by the musts."""
    return (len(got) == len(want)
            and all(all(b.ndim == 1 and b.dtype.kind in "iu" for b in g)
                    and [len(b) for b in g] == [len(b) for b in w]
                    for g, w in zip(got, want, strict=True)))


@exercise(
    "03.minibatches", "Every example once, a hundred at a time", points=2, probes=_sizes,
    drive=_two_epochs, same=_any_order,
    hints=(
        "`rng.permutation(n)` is the numbers from 0 to n − 1 in random order. Shuffle once, then "
        "cut the list into pieces.",
        "The pieces begin at 0, batch_size, 2·batch_size, ...: `range(0, n, batch_size)`. A slice "
        "that reaches beyond the end stops at the end, so the last batch may be short.",
        "`order = rng.permutation(n)`, and then the list of `order[start:start + batch_size]`.",
    ))
def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start:start + batch_size] for start in range(0, n, batch_size)]


@minibatches.mistake("you did not shuffle: the batches come in file order, the same in each epoch")
def _(n, batch_size, rng):
    order = np.arange(n)
    return [order[start:start + batch_size] for start in range(0, n, batch_size)]


@minibatches.mistake("you left out the last, short batch: when batch_size does not divide n, the "
                     "rest makes a smaller batch, or some examples are never seen")
def _(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start:start + batch_size]
            for start in range(0, n - batch_size + 1, batch_size)]


@minibatches.mistake("you drew each batch by itself: some examples come twice in an epoch, and "
                     "others not at all. Shuffle once, then cut")
def _(n, batch_size, rng):
    return [rng.permutation(n)[:len(range(start, min(start + batch_size, n)))]
            for start in range(0, n, batch_size)]


@minibatches.mistake("you drew the examples with replacement: some come twice in an epoch, and "
                     "others not at all. A permutation has each exactly once")
def _(n, batch_size, rng):
    return [rng.randint(0, n, min(batch_size, n - start)) for start in range(0, n, batch_size)]


@minibatches.mistake("you seed a stream of your own inside, so that every epoch has the same "
                     "order: draw from the `rng` that you are given")
def _(n, batch_size, rng):
    order = np.random.RandomState(0).permutation(n)
    return [order[start:start + batch_size] for start in range(0, n, batch_size)]


@minibatches.mistake("you return one batch: return the list of all batches of an epoch")
def _(n, batch_size, rng):
    return [rng.permutation(n)[:batch_size]]


@minibatches.mistake("you shuffled the batches, and not the examples: the same examples are always "
                     "together, and their neighbours in the file with them")
def _(n, batch_size, rng):
    parts = [np.arange(start, min(start + batch_size, n)) for start in range(0, n, batch_size)]
    return [parts[i] for i in rng.permutation(len(parts))]


@minibatches.mistake("your batches are of about equal size (np.array_split): all are to have "
                     "batch_size examples, and only the last may be shorter")
def _(n, batch_size, rng):
    return np.array_split(rng.permutation(n), -(-n // batch_size))


@minibatches.mistake("your pieces overlap: the next batch begins where the last one ended, so go "
                     "on by batch_size, not by 1")
def _(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start:start + batch_size] for start in range(n)]


@minibatches.must("in an epoch, every example from 0 to n − 1 must come exactly once")
def _(result, n, batch_size, seed):
    return all((np.sort(np.concatenate(epoch)) == np.arange(n)).all() for epoch in result)


@minibatches.must("the examples must be shuffled, and anew in each epoch, with the `rng` given")
def _(result, n, batch_size, seed):
    first, second = (np.concatenate(epoch) for epoch in result[:2])
    in_order = np.arange(n)
    return not any((a == b).all() for a, b in ((first, second), (first, in_order),
                                               (second, in_order)))


@minibatches.must("a stream of the same seed must give the same batches again, or no run can be "
                  "repeated: draw from the `rng` that you are given, not from np.random")
def _(result, n, batch_size, seed):
    return all((a == b).all() for a, b in zip(result[0], result[2], strict=True))


@minibatches.must("no batch may be just a piece of the file in order: shuffle the examples, not "
                  "only the batches")
def _(result, n, batch_size, seed):
    batches = [b for epoch in result for b in epoch if len(b) > 1]
    return not batches or not all((np.diff(np.sort(b)) == 1).all() for b in batches) or \
        batch_size >= n


@minibatches.variant("shuffling in place")
def _(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return [order[start:start + batch_size] for start in range(0, n, batch_size)]


@minibatches.variant("a generator")
def _(n, batch_size, rng):
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start:start + batch_size]


@minibatches.variant("np.split, on the order of random numbers")
def _(n, batch_size, rng):
    return np.split(rng.rand(n).argsort(), range(batch_size, n, batch_size))


@minibatches.variant("lists, taken from a list")
def _(n, batch_size, rng):
    order, batches = list(rng.choice(n, n, replace=False)), []
    while order:
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


def _rolling(rng: np.random.RandomState) -> list[tuple]:
    """p, g, m of one shape, lr and beta; also a first step (m = 0), and no momentum."""
    return [(np.array([1.0, 2.0]), np.array([10.0, -4.0]), np.array([2.0, 6.0]), 0.1, 0.5),
            (rng.randn(3), rng.randn(3), np.zeros(3), 0.2, 0.9),
            (rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3), 0.3, 0.9),
            (rng.randn(4), rng.randn(4), rng.randn(4), 0.7, 0.0)]


@exercise(
    "03.momentum_step", "A ball that keeps rolling", points=2, probes=_rolling,
    hints=(
        "Two lines. First the momentum: beta times what it was, plus the gradient. Then the step: "
        "along the momentum, not along the gradient.",
        "Use the *new* momentum for the step, and return both: `(p, m)`.",
        "`m = beta * m + g`, then `p - lr * m`.",
    ))
def momentum_step(p, g, m, lr, beta):
    m = beta * m + g
    return p - lr * m, m


@momentum_step.mistake("you stepped along the *old* momentum: it does not know about this "
                       "gradient yet. First bring m up to date, then use it")
def _(p, g, m, lr, beta):
    return p - lr * m, beta * m + g


@momentum_step.mistake("this is the book's form, with (1 − beta) before the gradient: a running "
                       "mean. Here, as in PyTorch, it is a running sum, m = beta·m + g, with steps "
                       "1 / (1 − beta) times as long")
def _(p, g, m, lr, beta):
    m = beta * m + (1 - beta) * g
    return p - lr * m, m


@momentum_step.mistake("beta and (1 − beta) are swapped: with beta = 0.9 most of the old momentum "
                       "is to be kept")
def _(p, g, m, lr, beta):
    m = (1 - beta) * m + beta * g
    return p - lr * m, m


@momentum_step.mistake("you put the learning rate into the momentum: the step is the same as long "
                       "as lr is, but m must be a sum of gradients, m = beta·m + g, so that a "
                       "schedule can change lr at once")
def _(p, g, m, lr, beta):
    m = beta * m + lr * g
    return p - m, m


@momentum_step.mistake("your m has the learning rate in it, and its sign turned (m = beta·m − "
                       "lr·g, then p + m): the path is the same as long as lr is, but m must be a "
                       "sum of gradients, so that a schedule can change lr at once")
def _(p, g, m, lr, beta):
    m = beta * m - lr * g
    return p + m, m


@momentum_step.mistake("this is Nesterov's momentum, which looks one step ahead: the plain one "
                       "steps along m itself")
def _(p, g, m, lr, beta):
    m = beta * m + g
    return p - lr * (g + beta * m), m


@momentum_step.mistake("you brought m up to date, and then stepped along the gradient alone: the "
                       "momentum is what carries you")
def _(p, g, m, lr, beta):
    return p - lr * g, beta * m + g


@momentum_step.mistake("you returned (m, p): first the new point, then the momentum")
def _(p, g, m, lr, beta):
    m = beta * m + g
    return m, p - lr * m


@momentum_step.mistake("you returned the new point alone: the next call needs m, so return (p, m)")
def _(p, g, m, lr, beta):
    return p - lr * (beta * m + g)


@momentum_step.mistake("you returned the old momentum: the next step would know nothing about this "
                       "one")
def _(p, g, m, lr, beta):
    return p - lr * (beta * m + g), m


@momentum_step.mistake("you walk uphill: m sums up gradients, which point to where the loss grows, "
                       "so subtract it")
def _(p, g, m, lr, beta):
    m = beta * m + g
    return p + lr * m, m


@momentum_step.mistake("the numbers are right, but you changed the caller's arrays in place (`*=`, "
                       "`+=`, `-=`): make new ones")
def _(p, g, m, lr, beta):
    m *= beta
    m += g
    p -= lr * m
    return p, m


@momentum_step.variant("the step as one expression")
def _(p, g, m, lr, beta):
    return p - lr * g - lr * beta * m, g + m * beta


@momentum_step.variant("in place, on copies; a list; single precision")
def _(p, g, m, lr, beta):
    m = np.array(m, np.float32)
    m *= beta
    m += g
    return [(p - lr * m).astype(np.float32), m]


def _adapting(rng: np.random.RandomState) -> list[tuple]:
    """p, g, m, v, t, lr, beta1, beta2, eps: a first step, a second, a late one; one with a
    gradient of 0, and one where eps counts."""
    zeros = np.zeros(3)
    return [(np.array([1.0, 2.0, 3.0]), np.array([10.0, -0.01, 0.0]), zeros, zeros.copy(), 1,
             0.1, 0.9, 0.999, 1e-8),
            (rng.randn(3), rng.randn(3), rng.randn(3), rng.rand(3), 2, 0.3, 0.8, 0.9, 1e-8),
            (rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3), rng.rand(2, 3), 20, 0.01, 0.9,
             0.99, 1e-8),
            (rng.randn(4), rng.randn(4), rng.randn(4), rng.rand(4), 3, 0.5, 0.5, 0.6, 0.1)]


def _adam(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@exercise(
    "03.adam_step", "A step for each weight: Adam", points=3, probes=_adapting,
    hints=(
        "Four lines: bring m up to date (with g), bring v up to date (with g²), correct both for "
        "their start, step. Return m and v as they are *before* the correction.",
        "The correction divides m by 1 − beta1**t and v by 1 − beta2**t; t is 1 in the first "
        "step. There m̂ is the gradient itself, and v̂ its square.",
        "`m_hat = m / (1 - beta1**t)`, the same for v, and then "
        "`p - lr * m_hat / (np.sqrt(v_hat) + eps)`.",
    ))
def adam_step(p, g, m, v, t, lr, beta1, beta2, eps):
    return _adam(p, g, m, v, t, lr, beta1, beta2, eps)


@adam_step.mistake("the correction for the start is missing: m and v begin at 0 and are too small "
                   "at first, v much more so. Divide them by 1 − beta1**t and 1 − beta2**t")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return p - lr * m / (np.sqrt(v) + eps), m, v


@adam_step.mistake("you returned the *corrected* m and v: the next step would correct them again. "
                   "The correction is for this step only, so give it names of its own")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = (beta1 * m + (1 - beta1) * g) / (1 - beta1**t)
    v = (beta2 * v + (1 - beta2) * g**2) / (1 - beta2**t)
    return p - lr * m / (np.sqrt(v) + eps), m, v


@adam_step.mistake("your count is one ahead: t is 1 in the first step already, so the powers are "
                   "beta1**t and beta2**t")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    _, m_new, v_new = _adam(p, g, m, v, t, lr, beta1, beta2, eps)
    new, _, _ = _adam(p, g, m, v, t + 1, lr, beta1, beta2, eps)
    return new, m_new, v_new


@adam_step.mistake("your count is one behind: t is 1 in the first step, and with beta**(t − 1) you "
                   "divide by 1 − 1 = 0 there")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    return _adam(p, g, m, v, t - 1.0, lr, beta1, beta2, eps)


@adam_step.mistake("`beta * t` is not `beta**t`: the corrections are with powers, 1 − beta1**t and "
                   "1 − beta2**t")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return p - lr * (m / (1 - beta1 * t)) / (np.sqrt(v / (1 - beta2 * t)) + eps), m, v


@adam_step.mistake("the corrections lack their powers: 1 − beta is right in the first step only, "
                   "later it is 1 − beta**t, which goes to 1")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return p - lr * (m / (1 - beta1)) / (np.sqrt(v / (1 - beta2)) + eps), m, v


@adam_step.mistake("you divided by v̂ and not by its root: only the root has the gradient's unit, "
                   "so that the step has the size of lr")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return p - lr * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps), m, v


@adam_step.mistake("eps is inside your root: it belongs beside it, sqrt(v̂) + eps")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return p - lr * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t) + eps), m, v


@adam_step.mistake("eps is missing: a weight whose slope has always been 0 would divide 0 by 0, "
                   "and become nan")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    return _adam(p, g, m, v, t, lr, beta1, beta2, 0.0)


@adam_step.mistake("v must run over the *squares* of the gradient: with g itself its root may not "
                   "exist")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.mistake("beta1 and beta2 are swapped: beta1 belongs to m, beta2 to v")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    return _adam(p, g, m, v, t, lr, beta2, beta1, eps)


@adam_step.mistake("the factors (1 − beta) before g and g² are missing: m and v are running "
                   "*means* here, and the corrections count on that")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + g
    v = beta2 * v + g**2
    return p - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.mistake("you stepped along the gradient and not along m̂: Adam divides the *momentum* "
                   "by the root")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    _, m, v = _adam(p, g, m, v, t, lr, beta1, beta2, eps)
    return p - lr * g / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@adam_step.mistake("you walk uphill: subtract the step")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    new, m, v = _adam(p, g, m, v, t, lr, beta1, beta2, eps)
    return 2 * p - new, m, v


@adam_step.mistake("you returned the new point alone: the next call needs m and v too, so return "
                   "(p, m, v)")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    return _adam(p, g, m, v, t, lr, beta1, beta2, eps)[0]


@adam_step.mistake("the numbers are right, but you changed the caller's arrays in place (`*=`, "
                   "`+=`, `-=`): make new ones")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    new, new_m, new_v = _adam(p, g, m, v, t, lr, beta1, beta2, eps)
    p[...], m[...], v[...] = new, new_m, new_v
    return p, m, v


@adam_step.variant("both corrections as one factor")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g * g - v)
    root = math.sqrt(1 - beta2**t)
    return p - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), m, v


@adam_step.variant("in place, on copies; a list")
def _(p, g, m, v, t, lr, beta1, beta2, eps):
    m, v = m.copy(), v.copy()
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * np.square(g)
    step = m / (1 - beta1**t)
    step /= (v / (1 - beta2**t)) ** 0.5 + eps
    return [p - lr * step, m, v]


def _clock(rng: np.random.RandomState) -> list[tuple]:
    """step, steps, lr, warmup: first and last of the warm-up, the turn, the middle, the end."""
    return [(step, 20, 0.5, 4) for step in (0, 1, 3, 4, 8, 12, 19, 20)] + [
        (1, 10, 2.0, 0), (5, 10, 2.0, 0), (70, 100, 0.1, 10)]


@exercise(
    "03.warmup_cosine", "A learning rate that rises and falls", probes=_clock,
    hints=(
        "Two cases. While `step < warmup` the rate rises in equal parts: after the first step of "
        "4 it is a quarter. Afterwards only the steps *after* the warm-up count.",
        "How far through the rest are you? `part = (step - warmup) / (steps - warmup)` goes from "
        "0 to 1; 1 + cos(π·part) goes from 2 to 0.",
        "`lr * (step + 1) / warmup`, and then `lr * (1 + np.cos(np.pi * part)) / 2`.",
    ))
def warmup_cosine(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


@warmup_cosine.mistake("your warm-up begins with a rate of 0, and the first step is lost: steps "
                       "count from 0, so the share is (step + 1) / warmup")
def _(step, steps, lr, warmup):
    return lr * step / warmup if step < warmup else warmup_cosine(step, steps, lr, warmup)


@warmup_cosine.mistake("your cosine has begun before the warm-up ended, so the rate jumps there: "
                       "count the steps from the warm-up on, (step − warmup) / (steps − warmup)")
def _(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos(math.pi * step / steps)) / 2


@warmup_cosine.mistake("your cosine does not end at 0: after the warm-up there are only "
                       "steps − warmup steps left, divide by these")
def _(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos(math.pi * (step - warmup) / steps)) / 2


@warmup_cosine.mistake("your rate is twice too large after the warm-up: 1 + cos goes from 2 to 0, "
                       "so halve it")
def _(step, steps, lr, warmup):
    rate = warmup_cosine(step, steps, lr, warmup)
    return rate if step < warmup else 2 * rate


@warmup_cosine.mistake("the cosine alone goes from 1 to −1, and a negative rate walks uphill: take "
                       "(1 + cos) / 2")
def _(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * math.cos(math.pi * (step - warmup) / (steps - warmup))


@warmup_cosine.mistake("π is missing: the cosine falls from 1 to −1 while its argument goes from 0 "
                       "to π, and yours only goes to 1")
def _(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (1 + math.cos((step - warmup) / (steps - warmup))) / 2


@warmup_cosine.mistake("there is no warm-up: during the first `warmup` steps the rate is to rise "
                       "from lr / warmup to lr")
def _(step, steps, lr, warmup):
    return lr * (1 + math.cos(math.pi * step / steps)) / 2


@warmup_cosine.mistake("after the warm-up your rate stays: it is to fall to 0 along half a cosine")
def _(step, steps, lr, warmup):
    return lr * (step + 1) / warmup if step < warmup else lr


@warmup_cosine.mistake("your rate falls along a straight line: it is to follow half a cosine, slow "
                       "at first, and slow again at the end")
def _(step, steps, lr, warmup):
    if step < warmup:
        return lr * (step + 1) / warmup
    return lr * (steps - step) / (steps - warmup)


@warmup_cosine.must("the rate may neither be negative nor exceed lr")
def _(result, step, steps, lr, warmup):
    return -1e-9 <= result <= lr + 1e-9


@warmup_cosine.variant("with NumPy, through the square of half the angle")
def _(step, steps, lr, warmup):
    if step >= warmup:
        return lr * np.cos(np.pi / 2 * (step - warmup) / (steps - warmup)) ** 2
    return (step + 1) * (lr / warmup)


@warmup_cosine.variant("single precision")
def _(step, steps, lr, warmup):
    return np.float32(warmup_cosine(step, steps, lr, warmup))
