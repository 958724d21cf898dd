"""13.descend: gradient descent on the whole training set (UDL 6.1, 20.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def descend(loss_and_gradients, params, lr, steps):
    losses = []
    for _ in range(steps):
        loss, gradients = loss_and_gradients(params)
        losses.append(float(loss))
        params = {name: params[name] - lr * gradients[name] for name in params}
    return params, losses


def valleys(rng: np.random.RandomState) -> list[tuple]:
    """A loss of two parameters that depend on each other, their start, lr, steps: one step to
    read, then more, with arrays of several shapes."""
    def loss_and_gradients(p):
        far = p["a"].sum() - 2 * p["b"]
        return ((far**2).sum() + (p["a"]**2).sum(),
                {"a": 2 * p["a"] + 2 * far.sum() * np.ones_like(p["a"]), "b": -4 * far})

    return [(loss_and_gradients, {"a": np.array([1.0]), "b": np.array([3.0])}, 0.125, 1),
            (loss_and_gradients, {"a": rng.randn(3), "b": rng.randn(2)}, 0.03, 4),
            (loss_and_gradients, {"a": rng.randn(2, 2), "b": rng.randn(3)}, 0.02, 7)]


# ---- what students write
def in_place(loss_and_gradients, params, lr, steps):
    losses = []
    for _ in range(steps):
        loss, gradients = loss_and_gradients(params)
        losses.append(float(loss))
        for name in params:
            params[name] -= lr * gradients[name]
    return params, losses


def last_loss_alone(loss_and_gradients, params, lr, steps):
    params, losses = descend(loss_and_gradients, params, lr, steps)
    return params, losses[-1]


def gradient_of_the_start(loss_and_gradients, params, lr, steps):
    losses, (_, gradients) = [], loss_and_gradients(params)
    for _ in range(steps):
        losses.append(float(loss_and_gradients(params)[0]))
        params = {name: params[name] - lr * gradients[name] for name in params}
    return params, losses


def one_after_the_other(loss_and_gradients, params, lr, steps):
    params, losses = dict(params), []
    for _ in range(steps):
        losses.append(float(loss_and_gradients(params)[0]))
        for name in params:
            params[name] = params[name] - lr * loss_and_gradients(params)[1][name]
    return params, losses


def loss_after_the_step(loss_and_gradients, params, lr, steps):
    found, losses = descend(loss_and_gradients, params, lr, steps)
    return found, [*losses[1:], float(loss_and_gradients(found)[0])]


def one_loss_more(loss_and_gradients, params, lr, steps):
    found, losses = descend(loss_and_gradients, params, lr, steps)
    return found, [*losses, float(loss_and_gradients(found)[0])]


def from_the_start_each_time(loss_and_gradients, params, lr, steps):
    losses, found = [], params
    for _ in range(steps):
        loss, gradients = loss_and_gradients(found)
        losses.append(float(loss))
        found = {name: params[name] - lr * gradients[name] for name in params}
    return found, losses


def first_parameter_alone(loss_and_gradients, params, lr, steps):
    losses, params = [], dict(params)
    first = next(iter(params))
    for _ in range(steps):
        loss, gradients = loss_and_gradients(params)
        losses.append(float(loss))
        params[first] = params[first] - lr * gradients[first]
    return params, losses


# ---- other right answers
def copies(loss_and_gradients, params, lr, steps):
    params = {name: value.copy() for name, value in params.items()}
    losses = np.zeros(steps)
    for step in range(steps):
        losses[step], gradients = loss_and_gradients(params)
        for name, gradient in gradients.items():
            params[name] -= lr * gradient
    return params, list(losses)


def again(loss_and_gradients, params, lr, steps):
    if not steps:
        return params, []
    loss, gradients = loss_and_gradients(params)
    moved = {name: value - lr * gradients[name] for name, value in params.items()}
    end, losses = again(loss_and_gradients, moved, lr, steps - 1)
    return end, [float(loss), *losses]


EXERCISE = Exercise(
    "13.descend", "Descent with all examples", descend, probes=valleys, points=2,
    drive=lambda answer, *arguments: tuple(
        kind(part) for kind, part in zip((dict, np.array), answer(*arguments), strict=True)),
    hints=(
        "A step: ask for the loss and the gradients at the parameters as they are now, note the "
        "loss, then make a new dict of parameters.",
        "`params = {name: params[name] - lr * gradients[name] for name in params}` makes new "
        "arrays and leaves those that were given alone.",
    ),
    mistakes={
        "your result is right, but you changed the arrays that were given, and the net's start is "
        "lost: make new ones": in_place,
        "you go uphill: subtract lr times the gradient":
            lambda f, params, lr, steps: descend(f, params, -lr, steps),
        "you computed the gradients once, at the start: compute them anew at each step, where the "
        "parameters are now": gradient_of_the_start,
        "you computed new gradients after each parameter: all parameters move at once, by "
        "gradients from the same place": one_after_the_other,
        "you noted the losses after the steps: note each before its step, at the parameters that "
        "the gradients were computed at": loss_after_the_step,
        "you noted one loss too many: one for each step, before it": one_loss_more,
        "each of your steps begins at the start again: go on from where the last one ended":
            from_the_start_each_time,
        "only the first parameter moves: move each one": first_parameter_alone,
        "you made one step only: make `steps` of them":
            lambda f, params, lr, steps: descend(f, params, lr, 1),
        "you made one step too few": lambda f, params, lr, steps: descend(f, params, lr, steps - 1),
        "you moved by the gradient itself: multiply it by lr":
            lambda f, params, lr, steps: descend(f, params, 1, steps),
        "you kept the last loss alone: return the list of all of them, one for each step":
            last_loss_alone,
    },
    variants={"copies, changed in place": copies, "a function that calls itself": again},
)
