"""05.Recorder: a tensor that remembers what it was made from (UDL 7.4)."""

from __future__ import annotations

import itertools

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


class Recorder:
    """As the notebook has it."""

    made = itertools.count()
    __array_ufunc__ = None

    def __init__(self, data, parents=()):
        data = np.asarray(data)
        self.data = data if data.dtype.kind == "f" else data.astype(float)
        self.parents, self.number = tuple(parents), next(self.made)

    shape = property(lambda self: self.data.shape)

    def record(self, data, *parents):
        return type(self)(data, parents)

    def lift(self, other):
        return other if isinstance(other, type(self)) else \
            type(self)(np.asarray(other, self.data.dtype))

    def __add__(self, other):
        other = self.lift(other)
        return self.record(self.data + other.data,
                           (self, lambda g, out: g), (other, lambda g, out: g))

    def __mul__(self, other):
        other = self.lift(other)
        return self.record(self.data * other.data,
                           (self, lambda g, out: g * other), (other, lambda g, out: g * self))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + self.lift(other) * -1

    def __rsub__(self, other):
        return self * -1 + other

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other


def drive(answer, operation, a, b, g):
    from mnist1d_edu.course.exercises.lesson_05.recorded import tried
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
    """The reference with another + or *: functions of (a, b), or rules (for_a, for_b) of
    (g, a, b)."""
    methods = {}
    if add:
        methods["__add__"] = lambda self, other: add(self, self.lift(other))
    if multiply:
        methods["__mul__"] = lambda self, other: multiply(self, self.lift(other))
    return type("Recorder", (Recorder,), methods)


def added(for_a, for_b):
    return lambda a, b: a.record(a.data + b.data, (a, lambda g, out: for_a(g, a, b)),
                                 (b, lambda g, out: for_b(g, a, b)))


def multiplied(for_a, for_b):
    return lambda a, b: a.record(a.data * b.data, (a, lambda g, out: for_a(g, a, b)),
                                 (b, lambda g, out: for_b(g, a, b)))


def right_product(a, b):
    return multiplied(lambda g, a, b: g * b, lambda g, a, b: g * a)(a, b)


# ---- other right answers
class NamedRules(Recorder):
    def __mul__(self, other):
        other = self.lift(other)

        def for_self(g, out):
            return other * g

        def for_other(g, out):
            return self * g
        return type(self)(other.data * self.data, ((self, for_self), (other, for_other)))


EXERCISE = Exercise(
    "05.Recorder", "A tensor that remembers", Recorder, points=2, probes=pairs, drive=drive,
    hints=(
        "Two things in each method: the value, from self.data and other.data, and for each of the "
        "two inputs a pair (input, rule).",
        "A rule is a function of g, the cotangent of the result, and of the result itself, which "
        "plus and times don't need. For a + b it is lambda g, out: g, twice. For a * b, what is "
        "d(a b)/da?",
        "self.record(self.data * other.data, (self, lambda g, out: g * other), (other, "
        "lambda g, out: ...)). In the rules use the tensors, not their .data.",
    ),
    mistakes={
        "a * b: each input gets the other's value, d(ab)/da = b. You gave each its own":
            having(multiply=multiplied(lambda g, a, b: g * a, lambda g, a, b: g * b)),
        "a * b: your rules are those of a + b. The slope in a is b, so a gets g * b":
            having(multiply=multiplied(lambda g, a, b: g, lambda g, a, b: g)),
        "a + b: your rules are those of a * b. The slope is 1 in both inputs, so each gets g":
            having(add=added(lambda g, a, b: g * b, lambda g, a, b: g * a)),
        "a + b: your rules return the inputs. The slope is 1 in both, so each gets the cotangent g":
            codings(having(add=added(lambda g, a, b: a, lambda g, a, b: b)),
                    having(add=added(lambda g, a, b: b, lambda g, a, b: a))),
        "a * b: your rules leave out g: they give the slope, and the chain rule multiplies it by "
        "the cotangent that comes in":
            having(multiply=multiplied(lambda g, a, b: b, lambda g, a, b: a)),
        "a * b: right numbers, but your rules compute with .data, so nothing is recorded and there "
        "can be no gradient of a gradient. Multiply the tensors: g * other":
            codings(
                having(multiply=multiplied(lambda g, a, b: a.record(g.data * b.data),
                                           lambda g, a, b: a.record(g.data * a.data))),
                having(multiply=multiplied(lambda g, a, b: g * b.data, lambda g, a, b: g * a.data)),
                having(multiply=multiplied(lambda g, a, b: b * g.data,
                                           lambda g, a, b: a * g.data))),
        "a + b: right numbers, but your rules take g.data out of the tape, and there can be no "
        "gradient of a gradient through this plus: hand on g itself":
            having(add=added(lambda g, a, b: a.record(g.data), lambda g, a, b: a.record(g.data))),
        "the values are right, but the results have no parents: give record a pair (input, rule) "
        "for each input":
            codings(having(add=lambda a, b: a.record(a.data + b.data),
                           multiply=lambda a, b: a.record(a.data * b.data)),
                    having(add=lambda a, b: a.record(a.data + b.data)),
                    having(multiply=lambda a, b: a.record(a.data * b.data))),
        "only self is recorded: other needs its pair (other, rule) as well":
            codings(
                having(add=lambda a, b: a.record(a.data + b.data, (a, lambda g, out: g)),
                       multiply=lambda a, b: a.record(a.data * b.data, (a, lambda g, out: g * b))),
                having(add=lambda a, b: a.record(a.data + b.data, (a, lambda g, out: g))),
                having(multiply=lambda a, b: a.record(a.data * b.data,
                                                      (a, lambda g, out: g * b)))),
        "you return a plain array, which remembers nothing: return self.record(value, pairs...)":
            having(add=lambda a, b: a.data + b.data, multiply=lambda a, b: a.data * b.data),
        "right, but your results are always of the class Recorder, and a class that inherits from "
        "it would lose its own methods: make them with self.record":
            having(add=lambda a, b: Recorder(
                       a.data + b.data, [(a, lambda g, out: g), (b, lambda g, out: g)]),
                   multiply=lambda a, b: Recorder(
                       a.data * b.data, [(a, lambda g, out: g * b), (b, lambda g, out: g * a)])),
        "the second part of a pair must be a function of g and out (lambda g, out: ...), to be "
        "called in the backward pass; yours is a tensor or takes another number of arguments":
            codings(having(add=lambda a, b: a.record(a.data + b.data, (a, a), (b, b)),
                           multiply=lambda a, b: a.record(a.data * b.data, (a, b), (b, a))),
                    having(add=lambda a, b: a.record(a.data + b.data, (a, lambda g: g),
                                                     (b, lambda g: g)),
                           multiply=lambda a, b: a.record(a.data * b.data, (a, lambda g: g * b),
                                                          (b, lambda g: g * a)))),
        "a * b: the slope in a is b, and not the product: your rules use out":
            having(multiply=multiplied(lambda g, a, b: g * a * b, lambda g, a, b: g * a * b)),
    },
    variants={
        "parents in the other order":
            having(multiply=lambda a, b: a.record(a.data * b.data, (b, lambda g, out: a * g),
                                                  (a, lambda g, out: b * g))),
        "parents and rules with names, through the class": NamedRules,
        "one rule for both inputs of plus":
            having(add=lambda a, b: (lambda rule: a.record(b.data + a.data, (a, rule), (b, rule)))(
                lambda g, out: g), multiply=right_product),
    },
)
