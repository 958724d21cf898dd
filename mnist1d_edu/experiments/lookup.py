"""A function of one number, looked up in a table instead of computed: cubic pieces, and gradients.

A small net from one number to one number, applied to every unit of every layer, is computed
millions of times though it draws a single curve. `cubics` fits a cubic to each interval between the
nodes of an even grid from its values there, and `lookup` finds the piece of each input and
evaluates it. Both are operations as those of engine.py are: gradients of every order flow to the
inputs and to the values at the nodes, and so back into the net that computed them. What is learned
is then the table's function, which differs from the net's by a few millionths. Lesson 19.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu import engine
from mnist1d_edu.engine import Operand, Tensor, as_tensor, record

REACH = 64  # the table spans -REACH to REACH; in its end pieces and beyond, it is constant
PER_UNIT = 64  # intervals for each unit of the input
PIECES = 2 * REACH * PER_UNIT
# Powers of the distance from the left end of an interval (rows) from the values at the four nodes
# around it: the cubic with the value at each end and there the slope between both neighbours.
_FROM_VALUES = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])


def nodes(dtype=np.float32) -> np.ndarray:
    """Where `cubics` wants the values: the ends of all intervals, and one node beyond each end."""
    return (np.arange(-1, PIECES + 2) / PER_UNIT - REACH).astype(dtype)


def cubics(values: Operand) -> Tensor:
    """The values at `nodes()`, (PIECES + 3,), as coefficients (4, PIECES) of powers of the distance
    from the left end of each interval, in intervals."""
    values = as_tensor(values)
    if values.shape != (PIECES + 3,):
        raise ValueError(f"values must have shape {(PIECES + 3,)}, one for each of nodes(); got "
                         f"{values.shape}")
    around = engine.stack([values[k:k + PIECES] for k in range(4)])
    constant = np.ones((4, PIECES), values.dtype)
    constant[1:, [0, -1]] = 0
    return engine.matmul(_FROM_VALUES.astype(values.dtype), around) * constant


def lookup(pieces: Operand, x: Operand) -> Tensor:
    """The function that `pieces`, (powers, PIECES), describe, at each element of x."""
    pieces, x = as_tensor(pieces), as_tensor(x)
    interval, distance = place(x.data)
    return record(evaluate([np.take(row, interval) for row in pieces.data], distance),
                  (pieces, lambda g, out: spread(g, x, len(pieces))),
                  (x, lambda g, out: g * lookup(slopes(pieces), x)))


def slopes(pieces: Tensor) -> Tensor:
    """The pieces of the derivative."""
    powers = np.arange(1, len(pieces), dtype=pieces.dtype)[:, None]
    return pieces[1:] * (powers * pieces.dtype.type(PER_UNIT))


def spread(g: Operand, x: Operand, powers: int) -> Tensor:
    """The cotangent of the pieces, (powers, PIECES), of a lookup at x with the cotangent g."""
    g, x = as_tensor(g), as_tensor(x)
    interval, distance = place(x.data)
    weights = [g.data]
    for _ in range(powers - 1):
        weights.append(weights[-1] * distance)
    return record(sums(interval, weights).astype(g.dtype),
                  (g, lambda h, out: lookup(h, x)),
                  (x, lambda h, out: g * lookup(slopes(h), x)))


# ---------------------------------------------------------------------------- on arrays


def place(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each element the number of its interval, and how far into it it is (0 to 1, but in the
    first and the last, which hold all that lies beyond the table)."""
    scaled = x * x.dtype.type(PER_UNIT)  # exact: a power of two
    first = np.clip(np.floor(scaled), -REACH * PER_UNIT, REACH * PER_UNIT - 1)
    return first.astype(np.intp) + REACH * PER_UNIT, scaled - first


def evaluate(coefficients: list[np.ndarray], distance: np.ndarray) -> np.ndarray:
    """The polynomials with these coefficients, the lowest power first, by Horner's rule."""
    result = coefficients[-1] * distance
    for coefficient in coefficients[-2:0:-1]:
        result += coefficient
        result *= distance
    result += coefficients[0]
    return result


def sums(interval: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """For each of the weights its sum over the elements in each interval: (weights, PIECES)."""
    return np.stack([np.bincount(interval.ravel(), weight.ravel(), PIECES) for weight in weights])
