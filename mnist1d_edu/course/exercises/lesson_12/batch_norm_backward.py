"""12.batch_norm_backward: the backward pass of batch normalisation (UDL 11.4, 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_12.batch_norm import standardised


def batch_norm_backward(g, x, scale, eps):
    z, d_z = standardised(x, eps), g * scale
    d_x = (d_z - d_z.mean(axis=0) - z * (d_z * z).mean(axis=0)) / deviation(x, eps)
    return d_x, (g * z).sum(axis=0), g.sum(axis=0)


def deviation(x, eps):
    return np.sqrt(x.var(axis=0) + eps)


def cotangents(rng: np.random.RandomState) -> list[tuple]:
    """g (N, D), x (N, D), scale (D,), eps: to read, then sizes unlike and a batch of one."""
    small = np.array([[10.0], [20.0], [60.0]]), np.array([[1.0], [2.0], [6.0]])
    return [(*small, np.array([2.0]), 0.5),
            *((rng.randn(n, d), 2 * rng.randn(n, d) + 1, rng.randn(d), eps)
              for n, d, eps in ((5, 3, 0.1), (4, 4, 0.5), (1, 3, 0.2), (3, 6, 0.01)))]


# ---- what students write
def with_input(make):
    """Right but for d_x, which is make(d_z, z, x, the deviation, eps)."""
    def answer(g, x, scale, eps):
        _, d_scale, d_shift = batch_norm_backward(g, x, scale, eps)
        return make(g * scale, standardised(x, eps), x, deviation(x, eps), eps), d_scale, d_shift
    return answer


def with_parameters(make_scale, make_shift=lambda g, z, x: g.sum(axis=0)):
    """Right but for d_scale = make_scale(g, z, x) and d_shift."""
    def answer(g, x, scale, eps):
        d_x = batch_norm_backward(g, x, scale, eps)[0]
        given = g, standardised(x, eps), x
        return d_x, make_scale(*given), make_shift(*given)
    return answer


def without_scale(g, x, scale, eps):
    return (batch_norm_backward(g, x, np.ones_like(scale), eps)[0],
            *batch_norm_backward(g, x, scale, eps)[1:])


def reordered(*order):
    return lambda *given: tuple(batch_norm_backward(*given)[k] for k in order)


def right_scale(g, z, x):
    return (g * z).sum(axis=0)


# ---- other right answers
def node_by_node(g, x, scale, eps):
    n, centred = len(x), x - x.mean(axis=0)
    var = (centred**2).mean(axis=0)
    d_z = g * scale
    d_var = (d_z * centred).sum(axis=0) * -0.5 * (var + eps)**-1.5
    d_centred = d_z / np.sqrt(var + eps) + d_var * 2 * centred / n
    return (d_centred - d_centred.sum(axis=0) / n,
            (g * centred / np.sqrt(var + eps)).sum(axis=0), g.sum(axis=0))


def n_in_front(g, x, scale, eps):
    n, z = len(x), standardised(x, eps)
    d_shift, d_scale = g.sum(axis=0), np.einsum("nd,nd->d", g, z)
    d_x = scale / (n * deviation(x, eps)) * (n * g - d_shift - z * d_scale)
    return [d_x, d_scale, d_shift]


EXERCISE = Exercise(
    "12.batch_norm_backward", "Batch normalisation, backwards", batch_norm_backward, points=3,
    probes=cotangents, parts=("d_x", "d_scale", "d_shift"),
    hints=(
        "Begin with the easy ones: y = scale * z + shift, and one scale and one shift serve all "
        "examples. So d_shift sums g over axis 0, and d_scale sums g * z. z gets d_z = g * scale.",
        "x reaches z in three ways: directly, through the mean, and through the deviation. The "
        "second takes away the mean of d_z, the third takes away z * mean(d_z * z); everything is "
        "divided by the deviation.",
        "`d_x = (d_z - d_z.mean(axis=0) - z * (d_z * z).mean(axis=0)) / deviation`.",
    ),
    mistakes={
        "d_x: the mean and the deviation depend on x as well: you treated both as constants":
            with_input(lambda d, z, x, s, eps: d / s),
        "d_x: the deviation depends on x as well: you treated it as a constant":
            with_input(lambda d, z, x, s, eps: (d - d.mean(axis=0)) / s),
        "d_x: the mean depends on x as well: you treated it as a constant":
            with_input(lambda d, z, x, s, eps: (d - z * (d * z).mean(axis=0)) / s),
        "d_x is missing the scale: z gets g * scale": without_scale,
        "d_x: the division by the deviation is missing":
            with_input(lambda d, z, x, s, eps: d - d.mean(axis=0) - z * (d * z).mean(axis=0)),
        "d_x: you divided by the variance: divide by the deviation, its root":
            with_input(lambda d, z, x, s, eps: (d - d.mean(axis=0)
                                                - z * (d * z).mean(axis=0)) / s**2),
        "d_x: you took sums over the batch where the means belong, the 1/N of the mean and of the "
        "variance":
            with_input(lambda d, z, x, s, eps: (d - d.sum(axis=0) - z * (d * z).sum(axis=0)) / s),
        "d_x: what comes back through the deviation has the other sign":
            with_input(lambda d, z, x, s, eps: (d - d.mean(axis=0)
                                                + z * (d * z).mean(axis=0)) / s),
        "d_x: what comes back through the mean has the other sign":
            with_input(lambda d, z, x, s, eps: (d + d.mean(axis=0)
                                                - z * (d * z).mean(axis=0)) / s),
        "d_x: the deviation's part is multiplied by z at its end: z * mean(d_z * z)":
            with_input(lambda d, z, x, s, eps: (d - d.mean(axis=0) - (d * z).mean(axis=0)) / s),
        "d_x: the deviation's part has x in place of z":
            codings(with_input(lambda d, z, x, s, eps: (d - d.mean(axis=0)
                                                        - x * (d * x).mean(axis=0)) / s),
                    with_input(lambda d, z, x, s, eps: (d - d.mean(axis=0)
                                                        - x * (d * z).mean(axis=0)) / s),
                    with_input(lambda d, z, x, s, eps: (d - d.mean(axis=0)
                                                        - z * (d * x).mean(axis=0)) / s)),
        "d_scale: scale multiplies z, not x: sum g * z": with_parameters(
            lambda g, z, x: (g * x).sum(axis=0)),
        "d_scale and d_shift are averaged: the cotangents of all examples add up": codings(
            with_parameters(lambda g, z, x: (g * z).mean(axis=0), lambda g, z, x: g.mean(axis=0)),
            with_parameters(lambda g, z, x: (g * z).mean(axis=0)),
            with_parameters(right_scale, lambda g, z, x: g.mean(axis=0))),
        "d_scale and d_shift still have the axis of the examples: sum over it, axis 0": codings(
            with_parameters(lambda g, z, x: g * z, lambda g, z, x: g)),
        "d_scale and d_shift are single numbers: each feature has its own, so sum over axis 0":
            with_parameters(lambda g, z, x: (g * z).sum(), lambda g, z, x: g.sum()),
        "your three are right, but in another order: return d_x, d_scale, d_shift":
            codings(reordered(0, 2, 1), reordered(1, 2, 0), reordered(2, 1, 0), reordered(1, 0, 2),
                    reordered(2, 0, 1)),
    },
    variants={"node by node": node_by_node, "N in front": n_in_front},
)
