"""05.hessian_vector: a gradient of a gradient."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_05.backward import backward
from mnist1d_edu.course.exercises.lesson_05.leading import leading
from mnist1d_edu.course.exercises.lesson_05.newest_first import newest_first
from mnist1d_edu.course.exercises.lesson_05.recorded import tensors_of


def hessian_vector(f, x, v):
    [slope] = grad(f(x), [x])
    [product] = grad((slope * v).sum(), [x])
    return product


def grad(y, xs):
    """As the notebook has it, for tensors of any class."""
    nodes = newest_first(y)
    found = backward(nodes, type(y)(np.ones(y.shape)), leading(nodes, {x.number for x in xs}))
    for i, x in enumerate(xs):
        if x.number not in found:
            raise ValueError(f"xs[{i}] has no influence on y")
    return [found[x.number] for x in xs]


def drive(answer, f, x, v):
    result = answer(f, tensors_of(answer)(x), v)
    if isinstance(result, (list, tuple)):
        return "a list"
    return {"H v": result.data} if hasattr(result, "parents") else result


def cubes(x):
    return (x * x * x).sum()


def bowl(x):
    """A quadratic whose Hessian is neither diagonal nor constant in its rows."""
    matrix = np.arange(x.shape[0]**2).reshape(x.shape[0], -1) % 5 + np.eye(x.shape[0])
    return (x.reshape((1, -1)) @ x.lift(matrix) @ x.reshape((-1, 1))).sum()


def log_of_exps(x):
    return x.exp().sum().log()


def curved(rng: np.random.RandomState) -> list[tuple]:
    """f, x, v of one shape: a cube, then functions whose Hessian is not diagonal; one takes a
    matrix."""
    return [(cubes, np.array([2.0]), np.array([5.0])), (bowl, rng.randn(2), rng.randn(2)),
            (log_of_exps, rng.randn(4), rng.randn(4)), (bowl, rng.randn(3), rng.randn(3)),
            (log_of_exps, rng.randn(2, 3), rng.randn(2, 3))]


# ---- what students write
def gradient(f, x):
    return grad(f(x), [x])[0]


def again(f, x, number):
    """The gradient of number(gradient)."""
    return grad(number(gradient(f, x)), [x])[0]


def one_sided(f, x, v):
    ahead = type(x)(x.data + 1e-4 * v)
    return (gradient(f, ahead) - gradient(f, x).data) * 1e4


# ---- other right answers
def a_matrix_product(f, x, v):
    n = x.data.size
    flat = gradient(f, x).reshape((1, n))
    return grad((flat @ type(x)(v.reshape(n, 1).astype(x.data.dtype))).sum(), [x])[0]


def v_as_a_tensor(f, x, v):
    direction = type(x)(v)
    [slope] = grad(f(x), [x])
    return grad((direction * slope).sum(), [x, direction])[0]


def own_tensor(f, x, v):
    t = type(x)(x.data)
    return again(f, t, lambda slope: (slope * v).sum())


EXERCISE = Exercise(
    "05.hessian_vector", "The Hessian times a vector", hessian_vector, points=2, probes=curved,
    drive=drive,
    hints=(
        "The gradient is a tensor that was recorded like any other. So you may compute with it, "
        "and call grad a second time.",
        "H v is the gradient of the number (gradient · v), with v held fixed: sum_j v_j df/dx_j, "
        "differentiated with respect to x_i, is sum_j H_ij v_j.",
        "[slope] = grad(f(x), [x]); then grad((slope * v).sum(), [x]), which is a list of one "
        "tensor.",
    ),
    mistakes={
        "this is the gradient: differentiate (gradient · v) once more":
            lambda f, x, v: gradient(f, x),
        "this is gradient times v: take its sum, one number, and differentiate that once more":
            lambda f, x, v: gradient(f, x) * v,
        "this is gradient · v, the slope in the direction v: differentiate it once more with "
        "respect to x":
            lambda f, x, v: (gradient(f, x) * v).sum(),
        "you differentiated the sum of the gradient, which is the Hessian times a vector of ones: "
        "multiply the gradient by v first":
            lambda f, x, v: again(f, x, lambda slope: slope.sum()),
        "v comes in too late: multiply the *gradient* by v, before you differentiate again. The "
        "rows' sums of H times v are not H v":
            lambda f, x, v: again(f, x, lambda slope: slope.sum()) * v,
        "you multiplied by v twice: the gradient of (gradient · v) is H v already":
            lambda f, x, v: again(f, x, lambda slope: (slope * v).sum()) * v,
        "you differentiated at v: f and its derivatives belong at x, and v is only the direction":
            codings(lambda f, x, v: hessian_vector(f, type(x)(v), v),
                    lambda f, x, v: hessian_vector(f, type(x)(v), x.data)),
        "this is v · H v, one number: H v is the gradient of (gradient · v), a vector":
            lambda f, x, v: (hessian_vector(f, x, v) * v).sum(),
        "your gradient was cut out of the graph by .data, so the second grad finds no path from it "
        "to x: go on with the tensor itself":
            lambda f, x, v: again(f, x, lambda slope: (type(x)(slope.data) * v).sum()),
        "this is a finite difference, right to a few digits: differentiate (gradient · v) with "
        "grad, which is exact":
            one_sided,
        "grad returns a list, with a tensor for each of xs: return the first": lambda f, x, v: grad(
            (gradient(f, x) * v).sum(), [x]),
        "return the tensor, not its .data: it can be differentiated once more":
            lambda f, x, v: hessian_vector(f, x, v).data,
    },
    variants={
        "gradient · v as a product of matrices": a_matrix_product,
        "v as a tensor of its own": v_as_a_tensor,
        "a tensor of its own at the same place": own_tensor,
    },
)
