"""Finite differences against the engine's gradients, to first and second order.

Lesson 02 writes the simplest form of this, lesson 04 one for large nets; UDL 7.4 and notebook 7.2.
All in float64: there a central difference with step 1e-6 is right to about nine digits, in float32
to about three.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mnist1d_edu import engine
from mnist1d_edu.arguments import finite_array, function, integer, real, shown
from mnist1d_edu.engine import Tensor, grad


def check_gradients(f: Callable, *arrays: Any, order: int = 1, step: float = 1e-6,
                    tolerance: float = 1e-5) -> None:
    """Raise AssertionError unless grad agrees with central differences in every element.

    f: from tensors to one Tensor of any shape. arrays: its inputs, made float64. order: 2 checks
    the gradient of the gradient as well (of its projection on fixed random numbers, which sees
    every element of the Hessian). tolerance: the largest admissible error, relative to the largest
    gradient of that input (or to 1/1000, if that is larger, for finite differences have an error of
    rounding): a gradient that is wrong by 0.1 % does not pass.

    >>> check_gradients(lambda a, b: engine.tanh(a * b), np.array([0.5, -1.0]), np.array([2.0]))
    """
    function("f", f)
    integer("order", order, 1, 2)
    step, tolerance = real("step", step, above=0), real("tolerance", tolerance, low=0)
    arrays = _copies(arrays)
    weights = np.random.RandomState(0)
    projection = weights.uniform(0.5, 1.5, np.shape(f(*map(Tensor, arrays)).data))

    def scalar(*tensors):  # a random projection: one number that feels every output
        return (f(*tensors) * projection).sum()

    _compare(scalar, arrays, step, tolerance, "gradient")
    if order == 2:
        directions = [weights.uniform(0.5, 1.5, a.shape) for a in arrays]

        def slope(*tensors):
            slopes = grad(scalar(*tensors), tensors, create_graph=True)
            parts = [(g * d).sum() for g, d in zip(slopes, directions, strict=True)]
            # the sum of the squares of the inputs keeps every input influential
            return engine.stack(parts).sum() + sum((t * t).sum() for t in tensors)
        _compare(slope, arrays, step, tolerance, "second gradient")


def numeric_gradient(f: Callable, arrays: Sequence[np.ndarray], which: int, step: float = 1e-6
                     ) -> np.ndarray:
    """(f(x + step) - f(x - step)) / (2 step) for every element of arrays[which]; f gives a number.
    """
    function("f", f)
    if not isinstance(arrays, (list, tuple)) or not arrays:
        raise TypeError(f"arrays must be a list of one array or more; got {shown(arrays)}")
    arrays, step = _copies(arrays), real("step", step, above=0)
    slopes = np.zeros_like(arrays[integer("which", which, 0, len(arrays) - 1)])
    for index in np.ndindex(slopes.shape):
        values = []
        for change in (step, -step):
            moved = [a.copy() for a in arrays]
            moved[which][index] += change
            values.append(float(f(*moved)))
        slopes[index] = (values[0] - values[1]) / (2 * step)
    return slopes


def _copies(arrays) -> tuple[np.ndarray, ...]:
    return tuple(np.array(finite_array(f"arrays[{i}]", a), dtype=np.float64)
                 for i, a in enumerate(arrays))


def _compare(f, arrays, step, tolerance, name) -> None:
    tensors = [Tensor(a) for a in arrays]
    analytic = grad(f(*tensors), tensors)
    for which, g in enumerate(analytic):
        numeric = numeric_gradient(lambda *moved: f(*map(Tensor, moved)).data, arrays, which, step)
        scale = max(1e-3, np.abs(numeric).max(initial=0.0))
        error = np.abs(g.data - numeric)
        # written so that a NaN fails
        if not (error <= tolerance * scale).all():
            worst = tuple(int(i) for i in np.unravel_index(np.argmax(error), error.shape))
            raise AssertionError(
                f"{name} of input {which} at {worst}: the engine says {g.data[worst]:.9g}, "
                f"finite differences say {numeric[worst]:.9g}")
