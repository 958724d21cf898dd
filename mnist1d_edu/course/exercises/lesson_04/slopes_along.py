"""04.slopes_along: a gradient checked along one direction (UDL notebook 7.2)."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def slopes_along(f, params, gradient, direction, step=1e-5):
    above = f({name: params[name] + step * direction[name] for name in params})
    below = f({name: params[name] - step * direction[name] for name in params})
    return (above - below) / (2 * step), along(gradient, direction)


def along(gradient, direction):
    """The sum of all products, a number."""
    return sum((gradient[name] * direction[name]).sum() for name in gradient)


def mixed(params):
    """A number that feels every element, with a third derivative, and arrays that feel each
    other."""
    sums = [value.sum() for value in params.values()]
    return float(sum((value**3).sum() for value in params.values()) + sums[0] * sums[-1]
                 + 2 * sums[0])


def settings(rng: np.random.RandomState) -> list[tuple]:
    """f, params, gradient, direction, step: one array to read, then several of unlike shapes. The
    gradient is any: the two slopes need not agree."""
    def one(step, **shapes):
        params, gradient, direction = ({name: rng.randn(*shape) for name, shape in shapes.items()}
                                       for _ in range(3))
        return mixed, params, gradient, direction, step
    return [(mixed, {"a": np.array([1.0, 2.0])}, {"a": np.array([3.0, 10.0])},
             {"a": np.array([1.0, -1.0])}, 0.5),
            one(0.1, a=(2, 3), b=(2,)), one(0.01, a=(3, 2), b=(3,), c=(4, 3)), one(0.2, b=(5,))]


def drive(answer, f, params, gradient, direction, step):
    """Both numbers; the argument `step` by its place."""
    found = answer(f, params, gradient, direction, step)
    return tuple(map(float, found)) if isinstance(found, tuple | list) else found


# ---- what students write
def differing(f, params, gradient, direction, step, *, up=1, down=-1, by=None, way="direction",
              name=None):
    """The reference, with other steps, another divisor or direction, or one array moved alone."""
    move = {"direction": direction, "gradient": gradient,
            "ones": {k: np.ones_like(v) for k, v in params.items()}}[way]
    moved = list(params) if name is None else [list(params)[name]]

    def at(h):
        return f({k: v + h * move[k] if k in moved else v for k, v in params.items()})
    return ((at(up * step) - at(down * step)) / ((up - down if by is None else by) * step),
            along(gradient, direction))


def with_product(f, params, gradient, direction, step, *, product):
    return slopes_along(f, params, gradient, direction, step)[0], product(gradient, direction)


def of_last_array(gradient, direction):
    return [(gradient[name] * direction[name]).sum() for name in gradient][-1]


def mean_of_products(gradient, direction):
    return sum((gradient[name] * direction[name]).mean() for name in gradient)


def length(gradient, direction):
    return np.sqrt(along(gradient, gradient))


def over_length(gradient, direction):
    return along(gradient, direction) / np.sqrt(along(direction, direction))


def along_a_unit_direction(f, params, gradient, direction, step):
    size = np.sqrt(along(direction, direction))
    unit = {name: move / size for name, move in direction.items()}
    return slopes_along(f, params, gradient, unit, step)


def in_place(f, params, gradient, direction, step):
    for name in params:
        params[name] += step * direction[name]
    above = f(params)
    for name in params:
        params[name] -= 2 * step * direction[name]
    return (above - f(params)) / (2 * step), along(gradient, direction)


def in_place_and_put_back(f, params, gradient, direction, step):
    for name in params:
        params[name] += step * direction[name]
    above = f(params)
    for name in params:
        params[name] -= 2 * step * direction[name]
    below = f(params)
    for name in params:
        params[name] += step * direction[name]
    return (above - below) / (2 * step), along(gradient, direction)


def dict_copied_only(f, params, gradient, direction, step):
    up, down = dict(params), dict(params)
    for name in params:
        up[name] += step * direction[name]
        down[name] -= step * direction[name]
    return (f(up) - f(down)) / (2 * step), along(gradient, direction)


def brackets_missing(f, params, gradient, direction, step):
    above = f({name: params[name] + step * direction[name] for name in params})
    below = f({name: params[name] - step * direction[name] for name in params})
    return above - below / (2 * step), along(gradient, direction)


# ---- other right answers
def copies(f, params, gradient, direction, step=1e-5):
    values = []
    for sign in (1, -1):
        moved = {name: value.copy() for name, value in params.items()}
        for name in moved:
            moved[name] += sign * step * direction[name]
        values.append(f(moved))
    by_gradient = np.concatenate([gradient[name].ravel() for name in params]) @ np.concatenate(
        [direction[name].ravel() for name in params])
    return [(values[0] - values[1]) / step / 2, by_gradient]


def with_vdot(f, params, gradient, direction, step=1e-5):
    def at(h):
        return f({name: params[name] + h * move for name, move in direction.items()})
    return (at(step) - at(-step)) / (2 * step), sum(map(np.vdot, gradient.values(),
                                                        direction.values()))


EXERCISE = Exercise(
    "04.slopes_along", "A gradient, checked along one direction", slopes_along, points=2,
    probes=settings, drive=drive, parts=("slope by steps", "slope by the gradient"),
    hints=(
        "Move *all* parameters at once, each by step times its own direction: "
        "`{name: params[name] + step * direction[name] for name in params}` is a new dict of new "
        "arrays.",
        "If parameter i moves by d_i, the loss changes by about g_i d_i; all of these add up. So "
        "the slope by the gradient is the sum of all products gradient · direction, over all "
        "arrays.",
        "`(f(up) - f(down)) / (2 * step)`, and `sum((gradient[name] * direction[name]).sum() for "
        "name in params)`.",
    ),
    mistakes={
        "you compare f at a step forward with f where you are: take one step forward and one back, "
        "f(params + step·direction) − f(params − step·direction), over 2·step":
            partial(differing, down=0),
        "from one step back to one step forward it is 2 · step: divide by that, not by step":
            partial(differing, by=1),
        "your slope by steps has the wrong sign: the value a step forward comes first":
            partial(differing, by=-2),
        "you moved along the gradient: move along `direction`":
            partial(differing, way="gradient"),
        "you moved every parameter by the same step: each moves by step times its own element of "
        "`direction`":
            partial(differing, way="ones"),
        "you moved one array alone: all parameters move together, then f is called":
            codings(partial(differing, name=-1), partial(differing, name=0)),
        "a missing bracket: f(down) alone is divided by 2 · step; it is (f(up) − f(down)) / "
        "(2 · step)":
            brackets_missing,
        "the step is written in: use the argument `step`":
            lambda f, params, gradient, direction, step: slopes_along(
                f, params, gradient, direction),
        "the dict is a copy, but the arrays in it are the same ones, and += writes into them: make "
        "new arrays, params[name] + step * direction[name]":
            dict_copied_only,
        "you moved the arrays of params themselves, and did not put them back: make new arrays, "
        "params[name] + step * direction[name]":
            in_place,
        "your slopes are right, but you changed the arrays of params on the way, and adding and "
        "taking away leaves a rounding error: make new ones":
            in_place_and_put_back,
        "in the slope by the gradient only one array counts: add up over all of them":
            partial(with_product, product=of_last_array),
        "you took the mean of the products: every parameter's part counts in full, so add up":
            partial(with_product, product=mean_of_products),
        "this is the length of the gradient, its slope in the steepest direction: you want the "
        "slope along `direction`, the sum of all products of the two":
            partial(with_product, product=length),
        "you divided the products by the length of `direction`: the steps that you compare with "
        "were made with its full length":
            partial(with_product, product=over_length),
        "the two are right, but in the other order: first the slope by steps":
            lambda *given: slopes_along(*given)[::-1],
        "you return the slope by steps alone: return both, it and the one by the gradient":
            lambda *given: slopes_along(*given)[0],
        "you scaled the direction to length 1: take it as it is given, in both slopes":
            along_a_unit_direction,
    },
    variants={
        "copies, moved in place; a list": copies,
        "a function of the step; np.vdot": with_vdot,
    },
)
