"""18.unrolled: a run of training on one tape (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.engine import Tensor, grad, stack


def unrolled(params, lr, batches, loss):
    return walk(params, lr, batches, loss)


def walk(params, lr, batches, loss, *, slopes_of=lambda slope: slope, rate=lambda lr: lr,
         kept=lambda p: p, mean=True, after=False, record=True, sign=-1.0, always=None,
         value_of=lambda value: value, from_start=False, each=None):
    """The reference, with places where a mistake can sit."""
    total, first, values = 0.0, params, []
    for batch in batches:
        batch = batch if always is None else batches[always]
        value = loss(params, *batch)
        slopes = grad(value, list(params.values()), create_graph=record)
        begin = first if from_start else params
        params = {name: kept(p + slopes_of(slope) * rate(lr) * sign)
                  for (name, p), slope in zip(begin.items(), slopes, strict=True)}
        values.append(value_of(loss(params, *batch) if after else value))
    for value in values:
        total = total + value
    if each is not None:
        return each(values)
    return total / len(batches) if mean else total


def drive(answer, start, lr, batches):
    """The mean loss, its derivative and its second derivative with respect to the rate."""
    params, rate = {name: Tensor(value) for name, value in start.items()}, Tensor(lr)
    given = dict(params)
    result = answer(params, rate, batches, cubic)
    untouched = list(params) == list(given) and all(params[name] is given[name] for name in given)
    found = {"the dict params is as it was": untouched}
    if not isinstance(result, Tensor):
        return found | {"what kind of thing you return": type(result).__name__}
    found["mean loss"] = result.data
    if result.shape != ():
        return found
    try:
        [slope] = grad(result, [rate], create_graph=True)
        [second] = grad(slope, [rate])
    except ValueError:  # the rate has no influence
        return found | {"derivative with respect to lr": 0.0}
    return found | {"derivative with respect to lr": slope.data, "second derivative": second.data}


def cubic(params, x, y):
    """A loss with second derivatives that vary."""
    error = x @ params["a"] + params["b"] * params["b"] - y
    return (error * error).mean() + (params["a"] ** 4).sum() * 0.1


def runs(rng: np.random.RandomState) -> list[tuple]:
    """The parameters at the start, the rate, the batches: two steps to read, then more."""
    def batch(n, k):
        return rng.randn(n, k), rng.randn(n)

    return [({"a": np.array([1.0]), "b": np.array([2.0])}, 0.1,
             [(np.array([[1.0]]), np.array([0.0])), (np.array([[2.0]]), np.array([1.0]))]),
            ({"a": 0.5 * rng.randn(3), "b": rng.randn(1)}, 0.05, [batch(4, 3) for _ in range(3)]),
            ({"a": 0.5 * rng.randn(2), "b": rng.randn(1)}, 0.08, [batch(5, 2) for _ in range(5)])]


# ---- what students write
def varied(**changes):
    return lambda *given: walk(*given, **changes)


def in_place(params, lr, batches, loss):
    total = 0.0
    for batch in batches:
        value = loss(params, *batch)
        slopes = grad(value, list(params.values()), create_graph=True)
        for name, slope in zip(list(params), slopes, strict=True):
            params[name] = params[name] - lr * slope
        total = total + value
    return total / len(batches)


def alone(tensor):
    """The same values, cut off from the tape."""
    return Tensor(tensor.data)


# ---- other right answers
def again(params, lr, batches, loss):
    value = loss(params, *batches[0])
    if len(batches) == 1:
        return value
    slopes = grad(value, list(params.values()), create_graph=True)
    params = {name: p - lr * g for (name, p), g in zip(params.items(), slopes, strict=True)}
    share = (len(batches) - 1) / len(batches)
    return value * (1 / len(batches)) + again(params, lr, batches[1:], loss) * share


EXERCISE = Exercise(
    "18.unrolled", "Unroll a run of training", unrolled, probes=runs, points=2, drive=drive,
    hints=(
        "In each step: the loss at the parameters as they are, its gradients with "
        "`create_graph=True`, and a new dict of parameters, p - lr * gradient, all Tensors.",
        "`slopes = grad(value, list(params.values()), create_graph=True)` has the gradients in "
        "the order of the dict. Nothing may be taken out of its tensor with .data or float().",
        "`params = {name: p - lr * slope for (name, p), slope in zip(params.items(), slopes)}`, "
        "and at the end the sum of the losses over len(batches).",
    ),
    mistakes={
        "the mean loss is right, but its derivative leaves out how the gradients themselves "
        "change: ask for them with create_graph=True, and use them as Tensors, without .data":
            codings(varied(record=False), varied(slopes_of=lambda slope: slope.data),
                    varied(slopes_of=alone)),
        "the mean loss is right, but lr has no influence on it: in the update use lr itself, not "
        "lr.data, and hand p - lr * slope on as it is, not in a new Tensor":
            codings(varied(rate=lambda lr: lr.data), varied(rate=float), varied(kept=alone)),
        "the losses must stay Tensors: float(value) or value.data cannot be differentiated":
            codings(varied(value_of=float), varied(value_of=lambda value: value.data)),
        "this is the sum of the losses: asked for is their mean": varied(mean=False),
        "this is the loss of the last step alone: asked for is the mean over all steps":
            varied(each=lambda values: values[-1]),
        "this is the loss of the first step alone: asked for is the mean over all steps":
            varied(each=lambda values: values[0]),
        "you return all losses: asked for is their mean, one number": codings(
            varied(each=list), varied(each=stack)),
        "your losses are those after the updates: take each before its update":
            varied(after=True),
        "you go uphill: subtract lr times the gradient": varied(sign=1.0),
        "all your steps use the first batch: each step has its own": varied(always=0),
        "all your steps use the last batch: each step has its own": varied(always=-1),
        "each of your steps begins at the start: go on from where the last one ended":
            varied(from_start=True),
        "right, but you changed the dict params that was given: make a new one": in_place,
    },
    musts={
        "the dict params must be as it was":
            lambda found, *given: found["the dict params is as it was"],
    },
    variants={
        "stacked": varied(each=lambda values: stack(values).mean()),
        "a function that calls itself": again,
        "a copy of the dict, changed":
            lambda params, lr, batches, loss: in_place(dict(params), lr, batches, loss),
    },
)
