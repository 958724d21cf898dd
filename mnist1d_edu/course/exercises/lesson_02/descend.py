"""02.descend: gradient descent for the linear classifier (UDL 6.1)."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_02.parameter_gradients import parameter_gradients
from mnist1d_edu.course.exercises.lesson_02.scores_gradient import scores_gradient


def descend(x, labels, weight, bias, rate, steps):
    path = [(weight, bias)]
    for _ in range(steps):
        weight_slopes, bias_slopes = slopes(x, labels, weight, bias)
        weight = weight - rate * weight_slopes
        bias = bias - rate * bias_slopes
        path.append((weight, bias))
    return path


def slopes(x, labels, weight, bias):
    """The gradient of the mean cross-entropy: weight's, bias's."""
    return parameter_gradients(x, scores_gradient(x @ weight.T + bias, labels))


def classifiers(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D), labels (N,), weight (K, D), bias (K,), rate, steps: one step, then more."""
    def one(n, d, k, rate, steps):
        return (rng.randn(n, d), rng.permutation(np.arange(n) % k), rng.randn(k, d), rng.randn(k),
                rate, steps)
    return [one(4, 2, 3, 0.5, 1), one(5, 3, 2, 0.3, 3), one(7, 4, 3, 0.8, 5)]


def drive(answer, x, labels, weight, bias, rate, steps):
    """The weights and the biases along the path."""
    weights, biases = zip(*answer(x, labels, weight, bias, rate, steps), strict=True)
    return np.array(weights), np.array(biases)


# ---- what students write
def walk(x, labels, weight, bias, rate, steps, *, sign=-1, moved=(1, 1), gradient=slopes,
         from_the_start=False):
    """The reference, with places where a mistake can sit."""
    path, first = [(weight, bias)], (weight, bias)
    for _ in range(steps):
        found = gradient(x, labels, weight, bias)
        start = first if from_the_start else (weight, bias)
        weight, bias = (p + sign * rate * m * g
                        for p, m, g in zip(start, moved, found, strict=True))
        path.append((weight, bias))
    return path


def rate_left_out(x, labels, weight, bias, rate, steps, *, parts):
    return walk(x, labels, weight, bias, rate, steps,
                moved=[1 / rate if part in parts else 1 for part in ("weight", "bias")])


def in_place(x, labels, weight, bias, rate, steps, *, first=lambda a: a):
    weight, bias = first(weight), first(bias)
    path = [(weight, bias)]
    for _ in range(steps):
        weight_slopes, bias_slopes = slopes(x, labels, weight, bias)
        weight -= rate * weight_slopes
        bias -= rate * bias_slopes
        path.append((weight, bias))
    return path


def slopes_of_the_start(x, labels, weight, bias, rate, steps):
    found = slopes(x, labels, weight, bias)
    return walk(x, labels, weight, bias, rate, steps, gradient=lambda *now: found)


def bias_after_weight(x, labels, weight, bias, rate, steps):
    path = [(weight, bias)]
    for _ in range(steps):
        weight = weight - rate * slopes(x, labels, weight, bias)[0]
        bias = bias - rate * slopes(x, labels, weight, bias)[1]
        path.append((weight, bias))
    return path


def one_example_a_step(x, labels, weight, bias, rate, steps):
    path = [(weight, bias)]
    for i in range(steps):
        n = [i % len(x)]
        path += walk(x[n], labels[n], *path[-1], rate, 1)[1:]
    return path


def divided_by_n_again(x, labels, weight, bias, rate, steps):
    return descend(x, labels, weight, bias, rate / len(x), steps)


def returned_in_the_loop(x, labels, weight, bias, rate, steps):
    return descend(x, labels, weight, bias, rate, 1)


def the_end_alone(x, labels, weight, bias, rate, steps):
    return descend(x, labels, weight, bias, rate, steps)[-1]


# ---- other right answers
def copies_kept(x, labels, weight, bias, rate, steps):
    weight, bias = weight.copy(), bias.copy()
    path = [(weight.copy(), bias.copy())]
    for _ in range(steps):
        weight_slopes, bias_slopes = slopes(x, labels, weight, bias)
        weight -= rate * weight_slopes
        bias -= rate * bias_slopes
        path.append((weight.copy(), bias.copy()))
    return path


def again(x, labels, weight, bias, rate, steps):
    if steps == 0:
        return [[weight, bias]]
    weight_slopes, bias_slopes = slopes(x, labels, weight, bias)
    return [[weight, bias], *again(x, labels, weight - rate * weight_slopes,
                                   bias - rate * bias_slopes, rate, steps - 1)]


EXERCISE = Exercise(
    "02.descend", "Down the slope, step by step", descend, points=2, probes=classifiers,
    drive=drive, parts=("weights along the path", "biases along the path"),
    hints=(
        "One step: the scores of all examples with the weights as they are *now*, the slopes along "
        "the scores, the slopes along weight and bias, and then both move.",
        "`weight = weight - rate * ...` makes a new array; `weight -= rate * ...` writes into the "
        "old one, which the caller still has, and which is in your path already.",
        "`path = [(weight, bias)]`; then `steps` times: `g = slopes_of_scores(score(x, weight, "
        "bias), labels)`, `weight_slopes, bias_slopes = slopes_of(x, g)`, the two new arrays, and "
        "`path.append((weight, bias))`.",
    ),
    mistakes={
        "you walk uphill: the slopes point to where the loss grows, so subtract them":
            partial(walk, sign=1),
        "every entry of your path is one and the same array, the last: `-=` writes into the array "
        "that the path and the caller hold. Make new ones, weight = weight - ...":
            codings(in_place, partial(in_place, first=np.copy)),
        "you computed the slopes once, before the loop: after a step they are others, so compute "
        "them anew, from the weights as they are now":
            slopes_of_the_start,
        "the start is missing from your path: it has steps + 1 entries, and the first is "
        "(weight, bias) as they were given":
            lambda *given: descend(*given)[1:],
        "the end is missing from your path: it has steps + 1 entries, and the last is where the "
        "last step led":
            lambda *given: descend(*given)[:-1],
        "the bias stays where it was: it has a slope, too, and takes a step like the weights":
            partial(walk, moved=(1, 0)),
        "the weights stay where they were: only your bias takes a step":
            partial(walk, moved=(0, 1)),
        "you moved the weights, and computed the bias's slopes after that: both slopes belong to "
        "the same place, so compute them together, and then move both":
            bias_after_weight,
        "each of your steps begins at the start again: go on from where the last one ended":
            partial(walk, from_the_start=True),
        "you divided by the number of examples once more: the slopes are those of the *mean* "
        "already":
            divided_by_n_again,
        "your steps are too long by 1/rate: multiply the slopes by `rate`":
            partial(rate_left_out, parts=("weight", "bias")),
        "your bias moves by the slope itself: multiply by `rate` as for the weights":
            partial(rate_left_out, parts=("bias",)),
        "each of your steps looks at one example: here each looks at all of x":
            one_example_a_step,
        "you stop after the first step: is the `return` inside the loop?":
            returned_in_the_loop,
        "you return the last weight and bias alone: return the path, a list of pairs "
        "(weight, bias)":
            the_end_alone,
    },
    variants={
        "in place, with copies kept": copies_kept,
        "a function that calls itself, lists for pairs": again,
    },
)
