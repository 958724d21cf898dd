"""05.Recorder: a tensor that remembers what it was made from (UDL 7.4)."""

from __future__ import annotations

import itertools

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_05.recorded import tried


class Recorder:
    """As the notebook has it."""

    __array_ufunc__ = None
    made = itertools.count()

    def __init__(self, data, parents=()):
        self.data, self.parents = np.asarray(data), list(parents)
        self.number = next(self.made)

    shape = property(lambda self: self.data.shape)

    def record(self, data, *parents):
        return type(self)(data, parents)

    def lift(self, other):
        return other if isinstance(other, type(self)) else \
            type(self)(np.asarray(other, self.data.dtype))

    def __add__(self, other):
        other = self.lift(other)
        return self.record(self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __mul__(self, other):
        other = self.lift(other)
        return self.record(self.data * other.data,
                           (self, lambda g: g * other), (other, lambda g: g * self))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + self.lift(other) * -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other


def drive(answer, operation, a, b, g):
    kind = type("Tensor", (answer,), {})
    x, y = kind(a), kind(b)
    if operation == "square":
        result, inputs, curved = x * x, {"a": x}, {"a": ["a"]}
    elif operation == "add":
        result, inputs, curved = x + y, {"a": x, "b": y}, {}
    else:
        result, inputs, curved = x * y, {"a": x, "b": y}, {"a": ["b"], "b": ["a"]}
    told = tried(result, inputs, kind(g), curved)
    return told | {"has the class of its inputs": isinstance(result, kind)}


def pairs(rng: np.random.RandomState) -> list[tuple]:
    """operation, a, b and the result's cotangent g, all of one shape."""
    return [("add", np.array([2.0]), np.array([5.0]), np.array([3.0])),
            ("multiply", np.array([2.0]), np.array([5.0]), np.array([3.0])),
            ("add", rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3)),
            ("multiply", rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3)),
            ("square", rng.randn(4), rng.randn(4), rng.randn(4))]


# ---- what students write
def having(add=None, multiply=None):
    """The reference with another + or *."""
    methods = {}
    if add:
        methods["__add__"] = lambda self, other: add(self, self.lift(other))
    if multiply:
        methods["__mul__"] = lambda self, other: multiply(self, self.lift(other))
    return type("Recorder", (Recorder,), methods)


def product(a, b, *parents):
    return a.record(a.data * b.data, *parents)


# ---- other right answers
class NamedRules(Recorder):
    def __mul__(self, other):
        other = self.lift(other)

        def for_self(g):
            return other * g

        def for_other(g):
            return self * g
        return type(self)(other.data * self.data, ((self, for_self), (other, for_other)))


EXERCISE = Exercise(
    "05.Recorder", "A tensor that remembers", Recorder, points=2, probes=pairs, drive=drive,
    hints=(
        "Two things in each method: the value, from self.data and other.data, and for each of the "
        "two inputs a pair (input, rule).",
        "A rule is a function of g, the cotangent of the result. For a + b it is lambda g: g, "
        "twice. For a * b, what is d(a b)/da?",
        "self.record(self.data * other.data, (self, lambda g: g * other), (other, lambda g: ...)). "
        "In the rules use the tensors, not their .data.",
    ),
    mistakes={
        "a * b: each input gets the other's value, d(ab)/da = b. You gave each its own":
            having(multiply=lambda a, b: product(a, b, (a, lambda g: g * a), (b, lambda g: g * b))),
        "a * b: your rules are those of a + b. The slope in a is b, so a gets g * b":
            having(multiply=lambda a, b: product(a, b, (a, lambda g: g), (b, lambda g: g))),
        "a * b: your rules leave out g: they give the slope, and the chain rule multiplies it by "
        "the cotangent that comes in":
            having(multiply=lambda a, b: product(a, b, (a, lambda g: b), (b, lambda g: a))),
        "a * b: right numbers, but your rules compute with .data, so nothing is recorded and there "
        "can be no gradient of a gradient. Multiply the tensors: g * other":
            having(multiply=lambda a, b: product(a, b, (a, lambda g: a.record(g.data * b.data)),
                                                 (b, lambda g: a.record(g.data * a.data)))),
        "the values are right, but the results have no parents: give record a pair (input, rule) "
        "for each input":
            having(add=lambda a, b: a.record(a.data + b.data),
                   multiply=lambda a, b: product(a, b)),
        "only self is recorded: other needs its pair (other, rule) as well":
            having(add=lambda a, b: a.record(a.data + b.data, (a, lambda g: g)),
                   multiply=lambda a, b: product(a, b, (a, lambda g: g * b))),
        "you return a plain array, which remembers nothing: return self.record(value, pairs...)":
            having(add=lambda a, b: a.data + b.data, multiply=lambda a, b: a.data * b.data),
        "right, but your results are always of the class Recorder, and a class that inherits from "
        "it would lose its own methods: make them with self.record":
            having(add=lambda a, b: Recorder(a.data + b.data, [(a, lambda g: g), (b, lambda g: g)]),
                   multiply=lambda a, b: Recorder(
                       a.data * b.data, [(a, lambda g: g * b), (b, lambda g: g * a)])),
        "the second part of a pair must be a function of g (lambda g: ...), to be called in the "
        "backward pass; yours is a tensor":
            having(add=lambda a, b: a.record(a.data + b.data, (a, a), (b, b)),
                   multiply=lambda a, b: product(a, b, (a, b), (b, a))),
    },
    variants={
        "parents in the other order":
            having(multiply=lambda a, b: product(a, b, (b, lambda g: a * g), (a, lambda g: b * g))),
        "a tuple of parents, and rules with names": NamedRules,
    },
)
