"""18.Dual: numbers that carry their slope, forward mode (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


class Dual:
    """As the notebook has it."""

    __array_ufunc__ = None

    def __init__(self, value, slope=0.0):
        self.value = np.asarray(value, float)
        self.slope = np.zeros(self.value.shape) + slope

    def lift(self, other):
        return other if isinstance(other, type(self)) else type(self)(other)

    def __add__(self, other):
        other = self.lift(other)
        return type(self)(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = self.lift(other)
        return type(self)(self.value * other.value,
                          self.slope * other.value + self.value * other.slope)

    def __truediv__(self, other):
        other = self.lift(other)
        value = self.value / other.value
        return type(self)(value, (self.slope - value * other.slope) / other.value)

    def __matmul__(self, other):
        other = self.lift(other)
        return type(self)(self.value @ other.value,
                          self.slope @ other.value + self.value @ other.slope)

    def tanh(self):
        value = np.tanh(self.value)
        return type(self)(value, (1 - value**2) * self.slope)


OPERATIONS = {"a + b": lambda a, b: a + b, "a * b": lambda a, b: a * b,
              "a / b": lambda a, b: a / b, "a @ b": lambda a, b: a @ b,
              "tanh of a": lambda a, b: a.tanh()}


def drive(answer, operation, a, slope_of_a, b, slope_of_b):
    """Value and slope of an operation; b without a slope is a plain array or number."""
    kind = type("Number", (answer,), {})
    result = OPERATIONS[operation](
        kind(a, slope_of_a), b if slope_of_b is None else kind(b, slope_of_b))
    if not isinstance(result, answer):
        return {"what kind of thing you return": type(result).__name__}
    return {f"value of {operation}": result.value, f"slope of {operation}": result.slope,
            "has the class of its inputs": isinstance(result, kind)}


def pairs(rng: np.random.RandomState) -> list[tuple]:
    """operation, a, its slope, b, its slope (None: b is a constant)."""
    two, five = np.array([2.0]), np.array([5.0])
    small = [("a * b", two, np.array([1.0]), five, np.array([10.0])),
             ("a / b", np.array([6.0]), np.array([1.0]), two, np.array([0.5])),
             ("a @ b", np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]]), np.array([[3.0], [4.0]]),
              np.array([[0.0], [10.0]])),
             ("tanh of a", np.array([0.5, -1.0]), np.array([1.0, 3.0]), 0.0, None)]

    def above(*shape):
        return 1 + rng.uniform(0, 1, shape)

    return [*small, ("a + b", rng.randn(2, 3), rng.randn(2, 3), rng.randn(3), rng.randn(3)),
            *((name, rng.randn(2, 3), rng.randn(2, 3), above(*shape), rng.randn(*shape))
              for name in ("a * b", "a / b") for shape in ((2, 3), (2, 1), (3,))),
            ("a * b", rng.randn(2, 3), rng.randn(2, 3), 2.5, None),
            ("a / b", rng.randn(2, 3), rng.randn(2, 3), 2.5, None),
            ("a @ b", rng.randn(2, 3), rng.randn(2, 3), rng.randn(3, 4), rng.randn(3, 4)),
            ("a @ b", rng.randn(3, 3), rng.randn(3, 3), rng.randn(3, 3), rng.randn(3, 3)),
            ("a @ b", rng.randn(2, 3), rng.randn(2, 3), rng.randn(3, 2), None),
            ("tanh of a", rng.randn(2, 3), rng.randn(2, 3), 0.0, None)]


# ---- what students write
def having(**slopes):
    """The reference with other slopes: mul, div, matmul of (a, b), tanh of a."""
    names = {"mul": ("__mul__", np.multiply), "div": ("__truediv__", np.divide),
             "matmul": ("__matmul__", np.matmul)}
    methods = {}
    for short, slope in slopes.items():
        if short == "tanh":
            methods["tanh"] = lambda self, slope=slope: type(self)(np.tanh(self.value), slope(self))
            continue
        name, value = names[short]

        def method(self, other, slope=slope, value=value):
            other = self.lift(other)
            return type(self)(value(self.value, other.value), slope(self, other))
        methods[name] = method
    return type("Dual", (Dual,), methods)


def all_of(make):
    """The reference with other results in all four methods: make(self, value, slope)."""
    def changed(name):
        right = getattr(Dual, name)

        def method(self, *other):
            result = right(self, *other)
            return make(self, result.value, result.slope)
        return method
    return type("Dual", (Dual,), {name: changed(name) for name in
                                  ("__mul__", "__truediv__", "__matmul__", "tanh")})


def only(name, make):
    """The same in one method."""
    return type("Dual", (Dual,), {name: getattr(all_of(make), name)})


def plain(self, value, slope):
    """Of the student's own class, whatever inherits from it."""
    return type(self).__base__(value, slope)


def values_alone(self, value, slope):
    return type(self)(value)


# ---- other right answers
class BySchool(Dual):
    def __truediv__(self, other):
        other = self.lift(other)
        above = self.slope * other.value - self.value * other.slope
        return type(self)(self.value / other.value, above / other.value**2)

    def tanh(self):
        return type(self)(np.tanh(self.value), self.slope / np.cosh(self.value)**2)


class ByInverse(Dual):
    def __truediv__(self, other):
        other = self.lift(other)
        return self * type(self)(1 / other.value, -other.slope / other.value**2)

    def __matmul__(self, other):
        other = self.lift(other)
        return self.__class__(np.dot(self.value, other.value),
                              np.dot(self.value, other.slope) + np.dot(self.slope, other.value))


EXERCISE = Exercise(
    "18.Dual", "Numbers with a slope", Dual, probes=pairs, points=3, drive=drive,
    hints=(
        "Each method makes two arrays: the value from the values, as if there were no slopes, and "
        "the slope by a rule of calculus: product, quotient, chain.",
        "Product: slope of a times b, plus a times slope of b. For matrices the same, in this "
        "order. Quotient q = a / b: (slope of a - q times slope of b) / b.",
        "tanh: its derivative 1 - tanh², times the slope of its input. A plain number is lifted "
        "first and has the slope 0.",
    ),
    mistakes={
        "a * b: you multiplied the slopes. The product rule has two parts, slope of a times b, "
        "plus a times slope of b": having(mul=lambda a, b: a.slope * b.slope),
        "a * b: you added the slopes, as in a sum. Each is multiplied by the other's value first":
            having(mul=lambda a, b: a.slope + b.slope),
        "a * b: one part of the product rule is missing: slope of a times b, plus a times slope of "
        "b": codings(having(mul=lambda a, b: a.slope * b.value),
                     having(mul=lambda a, b: a.value * b.slope)),
        "a * b: each slope is multiplied by the other's value, not by its own": having(
            mul=lambda a, b: a.slope * a.value + b.slope * b.value),
        "a * b: the two parts of the product rule are added, not subtracted": codings(
            having(mul=lambda a, b: a.slope * b.value - a.value * b.slope),
            having(mul=lambda a, b: a.value * b.slope - a.slope * b.value)),
        "a @ b: you multiplied the slopes. As for numbers there are two parts: slope of a @ b, "
        "plus a @ slope of b": codings(
            having(matmul=lambda a, b: a.slope @ b.slope),
            having(matmul=lambda a, b: (a.slope * b.slope).sum())),
        "a @ b: one part of the product rule is missing: slope of a @ b, plus a @ slope of b":
            codings(having(matmul=lambda a, b: a.slope @ b.value),
                    having(matmul=lambda a, b: a.value @ b.slope)),
        "a @ b: the order of the factors matters. What was on the left stays there: a @ slope of "
        "b": codings(having(matmul=lambda a, b: a.slope @ b.value + b.slope @ a.value),
                     having(matmul=lambda a, b: b.value @ a.slope + a.value @ b.slope),
                     having(matmul=lambda a, b: b.value @ a.slope + b.slope @ a.value)),
        "a / b: you divided the slopes. Use the quotient rule: (slope of a - a / b times slope of "
        "b) / b": having(div=lambda a, b: a.slope / b.slope),
        "a / b: b has a slope too. Use the quotient rule: (slope of a - a / b times slope of b) / "
        "b": having(div=lambda a, b: a.slope / b.value),
        "a / b: a larger b makes the quotient smaller, so the part with the slope of b is "
        "subtracted": having(
            div=lambda a, b: (a.slope * b.value + a.value * b.slope) / b.value**2),
        "a / b: the sign is the wrong way round: slope of a times b comes first, the other is "
        "subtracted": having(
            div=lambda a, b: (a.value * b.slope - a.slope * b.value) / b.value**2),
        "a / b: in the quotient rule the denominator is squared": having(
            div=lambda a, b: (a.slope * b.value - a.value * b.slope) / b.value),
        "a / b: only the part with the slope of b is divided twice by b: (slope of a) / b, and "
        "a times slope of b over b squared": having(
            div=lambda a, b: (a.slope - a.value * b.slope) / b.value**2),
        "tanh: this is the derivative alone. The chain rule multiplies it by the slope of the "
        "input": having(tanh=lambda a: 1 - np.tanh(a.value)**2),
        "tanh: the derivative is 1 minus the square of the result, tanh(value)**2: you squared the "
        "input": having(tanh=lambda a: (1 - a.value**2) * a.slope),
        "tanh: the derivative is 1 minus the square of the result: you left out the square":
            having(tanh=lambda a: (1 - np.tanh(a.value)) * a.slope),
        "tanh: the slope is not the tanh of a slope: multiply the slope of the input by "
        "1 - tanh(value)**2": having(tanh=lambda a: np.tanh(a.slope)),
        "tanh: the slope of the input came through unchanged: multiply it by 1 - tanh(value)**2":
            having(tanh=lambda a: a.slope),
        "the values are right, but your results have no slope: it is the second argument":
            codings(all_of(values_alone), *(only(name, values_alone) for name in
                                            ("__mul__", "__truediv__", "__matmul__", "tanh"))),
        "right, but your results are of the class Dual whatever their inputs are, and a class that "
        "inherits from it would lose its methods: make them with type(self)(value, slope)":
            codings(all_of(plain), *(only(name, plain) for name in
                                     ("__mul__", "__truediv__", "__matmul__", "tanh"))),
        "return one thing, a dual number: type(self)(value, slope)":
            codings(*(f(lambda self, value, slope: (value, slope)) for f in (
                all_of, *(lambda make, name=name: only(name, make) for name in
                          ("__mul__", "__truediv__", "__matmul__", "tanh"))))),
    },
    variants={
        "the rules of school, and 1 / cosh squared": BySchool,
        "the quotient as a product with the inverse": ByInverse,
    },
)
