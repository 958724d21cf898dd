"""05.hessian_vector: a gradient of a gradient."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_05.backward import backward
from mnist1d_edu.course.exercises.lesson_05.newest_first import newest_first
from mnist1d_edu.course.exercises.lesson_05.tensor import Tensor


def hessian_vector(f, x, v):
    t = Tensor(x)
    [slope] = grad(f(t), [t])
    return grad((slope * v).sum(), [t])[0].data


def grad(y, xs):
    found = backward(newest_first(y), Tensor(np.ones(y.shape)))
    return [found[x.number] for x in xs]


def cubes(x):
    return (x * x * x).sum()


def bowl(x):
    """A quadratic whose Hessian is neither diagonal nor constant in its rows."""
    matrix = np.arange(x.shape[0]**2).reshape(x.shape[0], -1) % 5 + np.eye(x.shape[0])
    return (x.reshape((1, -1)) @ x.lift(matrix) @ x.reshape((-1, 1))).sum()


def log_of_exps(x):
    return x.exp().sum().log()


def curved(rng: np.random.RandomState) -> list[tuple]:
    """f, x (N,), v (N,): a cube, then functions whose Hessian is not diagonal."""
    return [(cubes, np.array([2.0]), np.array([5.0])), (bowl, rng.randn(2), rng.randn(2)),
            (log_of_exps, rng.randn(4), rng.randn(4)), (bowl, rng.randn(3), rng.randn(3))]


# ---- what students write
def gradient(f, t):
    return grad(f(t), [t])[0]


def again(f, x, number):
    """The gradient of number(gradient)."""
    t = Tensor(x)
    return grad(number(gradient(f, t)), [t])[0].data


# ---- other right answers
def whole_hessian(f, x, v):
    rows = []
    for i in range(len(x)):
        t = Tensor(x)
        [slope] = grad(f(t), [t])
        rows.append(grad((slope * np.eye(len(x))[i]).sum(), [t])[0].data)
    return np.array(rows) @ v


def v_as_a_tensor(f, x, v):
    t, direction = Tensor(x), Tensor(v)
    [slope] = grad(f(t), [t])
    return grad((direction * slope).sum(), [t, direction])[0].data


EXERCISE = Exercise(
    "05.hessian_vector", "The Hessian times a vector", hessian_vector, points=2, probes=curved,
    hints=(
        "The gradient is a tensor that was recorded like any other. So you may compute with it, "
        "and call grad a second time.",
        "H v is the gradient of the number (gradient · v), with v held fixed: sum_j v_j df/dx_j, "
        "differentiated with respect to x_i, is sum_j H_ij v_j.",
        "t = Tensor(x); [slope] = grad(f(t), [t]); then grad((slope * v).sum(), [t]), and the "
        ".data of what comes out.",
    ),
    mistakes={
        "this is the gradient: differentiate (gradient · v) once more":
            lambda f, x, v: gradient(f, Tensor(x)).data,
        "this is gradient times v: take its sum, one number, and differentiate that once more":
            lambda f, x, v: gradient(f, Tensor(x)).data * v,
        "this is gradient · v, the slope in the direction v: differentiate it once more with "
        "respect to x":
            lambda f, x, v: (gradient(f, Tensor(x)).data * v).sum(),
        "you differentiated the sum of the gradient, which is the Hessian times a vector of ones: "
        "multiply the gradient by v first":
            lambda f, x, v: again(f, x, lambda slope: slope.sum()),
        "v comes in too late: multiply the *gradient* by v, before you differentiate again. The "
        "rows' sums of H times v are not H v":
            lambda f, x, v: again(f, x, lambda slope: slope.sum()) * v,
        "your gradient was cut out of the graph by .data, so the second grad finds no path from it "
        "to x (KeyError): go on with the tensor itself":
            lambda f, x, v: again(f, x, lambda slope: (Tensor(slope.data) * v).sum()),
    },
    variants={
        "the whole Hessian, row by row, then its product with v": whole_hessian,
        "v as a tensor of its own": v_as_a_tensor,
    },
)
