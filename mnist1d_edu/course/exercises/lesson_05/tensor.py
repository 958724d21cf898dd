"""05.Tensor: more operations, and the rule of each (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_05.recorded import tried
from mnist1d_edu.course.exercises.lesson_05.recorder import Recorder


class Tensor(Recorder):
    """As the notebook has it."""

    T = property(lambda self: self.record(self.data.T, (self, lambda g: g.T)))

    def reshape(self, shape):
        return self.record(self.data.reshape(shape), (self, lambda g: g.reshape(self.shape)))

    def __pow__(self, n):
        return self.record(self.data**n, (self, lambda g: g * (self**(n - 1) * n)))

    def __truediv__(self, other):
        return self * self.lift(other)**-1

    def __matmul__(self, other):
        return self.record(self.data @ other.data,
                           (self, lambda g: g @ other.T), (other, lambda g: self.T @ g))

    def relu(self):
        return self.record(np.maximum(self.data, 0), (self, lambda g: g * (self.data > 0)))

    def exp(self):
        out = self.record(np.exp(self.data), (self, lambda g: g * out))
        return out

    def log(self):
        return self.record(np.log(self.data), (self, lambda g: g / self))

    def sum(self, axis=None, keepdims=False):
        kept = self.data.sum(axis=axis, keepdims=True).shape
        return self.record(
            self.data.sum(axis=axis, keepdims=keepdims),
            (self, lambda g: g.reshape(kept) * np.ones(self.shape, self.data.dtype)))


def drive(answer, operation, a, b, g):
    x, y, g = answer(a), answer(b), answer(g)
    if operation == "matmul":
        return tried(x @ y, {"a": x, "b": y}, g, {"a": ["b"], "b": ["a"]})
    results = {"relu": lambda: x.relu(), "exp": lambda: x.exp(), "log": lambda: x.log(),
               "sum": lambda: x.sum(), "sum, axis=0": lambda: x.sum(axis=0),
               "sum, axis=1": lambda: x.sum(axis=1),
               "sum, axis=1, keepdims": lambda: x.sum(axis=1, keepdims=True)}
    curved = {"a": ["a"]} if operation in ("exp", "log") else {}
    return tried(results[operation](), {"a": x}, g, curved)


def operations(rng: np.random.RandomState) -> list[tuple]:
    """operation, a, b (only matmul uses it) and the result's cotangent g."""
    small = np.array([[1.0, -2.0], [4.0, 3.0]])
    other = np.array([[2.0, 1.0], [-1.0, 5.0]])
    g = np.array([[3.0, -1.0], [0.5, 2.0]])
    return [("matmul", small, other, g),
            ("matmul", rng.randn(3, 4), rng.randn(4, 2), rng.randn(3, 2)),
            ("relu", small - 1, other, g), ("exp", small, other, g), ("log", small**2, other, g),
            ("sum", small, other, np.array(3.0)), ("sum, axis=0", small, other, g[0]),
            ("sum, axis=1", small, other, g[0]),
            ("sum, axis=1, keepdims", rng.randn(2, 3), other, rng.randn(2, 1)),
            ("sum, axis=1", rng.randn(2, 3), other, rng.randn(2))]


# ---- what students write
def having(**methods):
    """The reference with other methods."""
    return type("Tensor", (Tensor,), methods)


def matmul(left, right):
    """`@` with the rules left(g, a, b) and right(g, a, b)."""
    return lambda self, other: self.record(
        self.data @ other.data, (self, lambda g: left(g, self, other)),
        (other, lambda g: right(g, self, other)))


def elementwise(function, rule):
    """A method whose value is function(data) and whose rule is rule(x, g)."""
    return lambda self: self.record(function(self.data), (self, lambda g: rule(self, g)))


def relu(rule):
    return elementwise(lambda data: np.maximum(data, 0), rule)


def exp(rule):
    return elementwise(np.exp, rule)


def log(rule):
    return elementwise(np.log, rule)


def summed(rule, use_axis=True):
    """A sum whose rule is rule(x, g, kept), with the shape `kept` of the sum with keepdims."""
    def method(self, axis=None, keepdims=False):
        axis = axis if use_axis else None
        kept = self.data.sum(axis=axis, keepdims=True).shape
        return self.record(self.data.sum(axis=axis, keepdims=keepdims),
                           (self, lambda g: rule(self, g, kept)))
    return method


def spread(x, g, kept):
    """The right rule of a sum."""
    return g.reshape(kept) * np.ones(x.shape)


EXERCISE = Exercise(
    "05.Tensor", "More operations and their rules", Tensor, points=3, probes=operations,
    drive=drive,
    hints=(
        "matmul and relu are lesson 04's backward functions, in tensors: g @ other.T and "
        "self.T @ g; g times 0 or 1, as self.data > 0 says.",
        "The slope of exp is exp, so its rule multiplies g by the *result*, a tensor: "
        "out = self.record(..., (self, lambda g: g * out)). The slope of log is 1/self: g / self.",
        "sum: every element gets the cotangent of the sum it went into. Give g the summed axes "
        "back with length 1, g.reshape(kept), then multiply by np.ones(self.shape).",
    ),
    mistakes={
        "matmul: the transposes are missing. As in lesson 04, let the shapes lead you: "
        "g @ other.T, and self.T @ g":
            having(__matmul__=matmul(lambda g, a, b: g @ b, lambda g, a, b: a @ g)),
        "matmul: your products are in the wrong order: self gets g @ other.T, other gets "
        "self.T @ g":
            having(__matmul__=matmul(lambda g, a, b: b.T @ g, lambda g, a, b: g @ a.T)),
        "matmul: right numbers, but your rules compute with .data, so nothing is recorded and "
        "there can be no gradient of a gradient":
            having(__matmul__=matmul(lambda g, a, b: a.record(g.data @ b.data.T),
                                     lambda g, a, b: a.record(a.data.T @ g.data))),
        "relu: you put g through a ReLU; what decides is the sign of self.data":
            having(relu=relu(lambda x, g: g.relu())),
        "relu: a Tensor cannot be compared with a number. Compare self.data > 0, which is a plain "
        "array":
            having(relu=relu(lambda x, g: g * (x > 0))),
        "exp: right numbers, but np.exp(self.data) in the rule is a constant to the engine, so the "
        "second derivative would be 0: multiply by the result, a tensor":
            having(exp=exp(lambda x, g: g * np.exp(x.data))),
        "exp: the slope of exp is exp itself, so multiply g by the result, not by self":
            having(exp=exp(lambda x, g: g * x)),
        "log: the slope of log is 1/x: divide g by self, do not multiply":
            having(log=log(lambda x, g: g * x)),
        "log: right numbers, but dividing by self.data makes the slope a constant to the engine: "
        "divide by self":
            having(log=log(lambda x, g: g / x.data)),
        "sum: the rule passes g on in the shape of the sum: every element of self gets it, so the "
        "cotangent must have the shape of self":
            having(sum=summed(lambda x, g, kept: g)),
        "sum over axis 1: g of shape (N,) is laid along the last axis. Put the summed axis back "
        "with length 1 first, g.reshape(kept)":
            having(sum=summed(lambda x, g, kept: g * np.ones(x.shape))),
        "sum ignores its axis: pass axis (and keepdims) on to NumPy's sum":
            having(sum=summed(spread, use_axis=False)),
        "sum is not a mean: every element gets the whole cotangent, not a part of it":
            having(sum=summed(
                lambda x, g, kept: spread(x, g, kept) * (np.prod(kept) / x.data.size))),
    },
    variants={
        "exp computed once more in its rule, log by a power":
            having(exp=exp(lambda x, g: g * x.exp()), log=log(lambda x, g: x**-1 * g)),
        "sum's rule adds zeros of the right shape":
            having(sum=summed(lambda x, g, kept: g.reshape(kept) + np.zeros(x.shape))),
    },
)
