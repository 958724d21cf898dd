"""19.net_in_net: a small net as the activation function of another (UDL 3.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu import engine, nn
from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.engine import Tensor, grad


def net_in_net(z, w, b, v, d):
    units = engine.tanh(z[..., None] * w + b)
    return nn.elu(z) + 0.2 * (engine.matmul(units, v) + d)


def drive(answer, z, w, b, v, d):
    """The result, and the cotangents of all five when the result's is cos(0), cos(1), ..."""
    leaves = {name: Tensor(array) for name, array in zip("zwbvd", (z, w, b, v, d), strict=True)}
    result = answer(*leaves.values())
    if not isinstance(result, Tensor):
        return {"result": np.asarray(result)}
    g = np.cos(np.arange(result.size)).reshape(result.shape)
    found = grad(engine.sum(result * g), leaves.values())
    return {"result": result.data} | {f"cotangent of {name}": part.data
                                      for name, part in zip(leaves, found, strict=True)}


def units(rng: np.random.RandomState) -> list[tuple]:
    """z (N, H), w, b, v (K,), d (1,): one number to read, then more of both signs."""
    return [(np.array([[-1.0]]), np.array([2.0, 1.0]), np.array([0.5, -1.0]),
             np.array([3.0, 5.0]), np.array([0.25])),
            (rng.randn(3, 4), *rng.randn(3, 5), rng.randn(1)),
            (2 * rng.randn(2, 3), *rng.randn(3, 6), rng.randn(1))]


def offset(z, w, b, v, d):
    return 0.2 * (engine.matmul(engine.tanh(z[..., None] * w + b), v) + d)


# ---- what students write
def tanh_last(z, w, b, v, d):
    return nn.elu(z) + 0.2 * engine.tanh(engine.matmul(z[..., None] * w + b, v) + d)


def tanh_before_d(z, w, b, v, d):
    return nn.elu(z) + 0.2 * (engine.tanh(engine.matmul(z[..., None] * w + b, v)) + d)


def tanh_on_both(z, w, b, v, d):
    hidden = engine.tanh(z[..., None] * w + b)
    return nn.elu(z) + 0.2 * engine.tanh(engine.matmul(hidden, v) + d)


# ---- other right answers
def unit_by_unit(z, w, b, v, d):
    total = d
    for k in range(len(w)):
        total = total + v[k] * engine.tanh(w[k] * z + b[k])
    return nn.elu(z) + 0.2 * total


def as_a_column(z, w, b, v, d):
    column = z.reshape(-1, 1)
    hidden = engine.tanh(engine.linear(column, w.reshape(-1, 1), b))
    return nn.elu(z) + engine.linear(hidden, v.reshape(1, -1), d).reshape(z.shape) * 0.2


EXERCISE = Exercise(
    "19.net_in_net", "A net inside a net", net_in_net, probes=units, drive=drive, points=2,
    hints=(
        "Each of the N H numbers of z is an input of its own to the small net. `z[..., None]` has "
        "shape (N, H, 1), and times w, which is (K,), it has shape (N, H, K).",
        "`units = engine.tanh(z[..., None] * w + b)`; then engine.matmul(units, v) has shape "
        "(N, H) again. Add d, multiply by 0.2, add nn.elu(z).",
    ),
    mistakes={
        "the factor 0.2 is missing: the small net's output is multiplied by it":
            lambda z, w, b, v, d: nn.elu(z) + 5 * offset(z, w, b, v, d),
        "what the small net gives is added to ELU(z): you left that out":
            codings(offset, lambda z, w, b, v, d: 5 * offset(z, w, b, v, d)),
        "d belongs to the small net: it is multiplied by 0.2 as well":
            lambda z, w, b, v, d: nn.elu(z) + offset(z, w, b, v, 0 * d) + d,
        "the hidden units of the small net have no tanh":
            lambda z, w, b, v, d: nn.elu(z) + 0.2 * (
                engine.matmul(z[..., None] * w + b, v) + d),
        "the tanh is at the hidden units, before v: yours is at the output of the small net":
            tanh_last,
        "the output of the small net is linear: there is a tanh too many": tanh_on_both,
        "the small net's output is added to ELU(z), not to ReLU(z)":
            lambda z, w, b, v, d: nn.relu(z) + offset(z, w, b, v, d),
        "the hidden units are added up, each times its v: you took their mean":
            lambda z, w, b, v, d: nn.elu(z) + 0.2 * (
                (engine.tanh(z[..., None] * w + b) * v).mean(axis=-1) + d),
        "the hidden units have a bias b: you left it out":
            lambda z, w, b, v, d: nn.elu(z) + offset(z, w, 0 * b, v, d),
        "the small net has a bias d at its output: you left it out":
            lambda z, w, b, v, d: nn.elu(z) + offset(z, w, b, v, 0 * d),
        "ELU(z) is outside the bracket: only the small net's output is multiplied by 0.2":
            lambda z, w, b, v, d: 0.2 * nn.elu(z) + offset(z, w, b, v, d),
        "nothing flows back to z through the small net: you took z.data, which the tape does not "
        "know":
            lambda z, w, b, v, d: nn.elu(z) + offset(Tensor(z.data), w, b, v, d),
        "nothing flows back to z through ELU: you took z.data, which the tape does not know":
            lambda z, w, b, v, d: nn.elu(Tensor(z.data)) + offset(z, w, b, v, d),
        "the small net looks at z: you gave it ELU(z)":
            lambda z, w, b, v, d: nn.elu(z) + offset(nn.elu(z), w, b, v, d),
        "ELU is applied to z alone, and the small net's output is added after it":
            lambda z, w, b, v, d: nn.elu(z + offset(z, w, b, v, d)),
        "you subtracted the small net's output: add it":
            lambda z, w, b, v, d: nn.elu(z) - offset(z, w, b, v, d),
        "a hidden unit's bias is added after its weight has multiplied z: w·z + b, not w·(z + b)":
            lambda z, w, b, v, d: nn.elu(z) + offset(z, w, w * b, v, d),
        "the tanh is at the hidden units: you put it around what comes out of them, before d":
            tanh_before_d,
    },
    variants={"unit by unit": unit_by_unit, "z as a column": as_a_column},
)
