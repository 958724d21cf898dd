"""05.tanh: a rule that uses the result (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_05.recorded import tensors_of, tried


def tanh(x):
    return x.record(np.tanh(x.data), (x, lambda g, out: g * (1 - out * out)))


def drive(answer, x, g):
    kind = tensors_of(answer)
    t = kind(x)
    return tried(answer(t), {"x": t}, kind(g), {"x": ["x"]})


def places(rng: np.random.RandomState) -> list[tuple]:
    """x and the result's cotangent g, of one shape."""
    return [(np.array([0.5]), np.array([3.0])), (rng.randn(2, 3), rng.randn(2, 3)),
            (np.array([-20.0, 20.0, 0.0]), np.array([1.0, 2.0, 3.0]))]


# ---- what students write
def with_rule(rule, value=np.tanh):
    """tanh with rule(g, x, out)."""
    return lambda x: x.record(value(x.data), (x, lambda g, out: rule(g, x, out)))


def holds_its_result(x):
    out = x.record(np.tanh(x.data), (x, lambda g, _: g * (1 - out * out)))
    return out


def value_of_x(g, x, out):
    return g * (1 - np.tanh(x.data) ** 2)


EXERCISE = Exercise(
    "05.tanh", "A rule that uses the result", tanh, points=1, probes=places, drive=drive,
    hints=(
        "The value is np.tanh(x.data). The slope of tanh is 1 - tanh², and tanh is what you have "
        "computed already: the rule is handed it as out.",
        "x.record(np.tanh(x.data), (x, lambda g, out: ...)), with g times the slope, in tensors. "
        "out * out is its square.",
    ),
    mistakes={
        "the slope of tanh is 1 - tanh², and you squared x, not the result: use out":
            with_rule(lambda g, x, out: g * (1 - x * x)),
        "the slope of tanh is 1 - tanh²: you left out the square":
            with_rule(lambda g, x, out: g * (1 - out)),
        "the slope of tanh is 1 - tanh², not tanh² - 1: the sign of the cotangent is turned":
            with_rule(lambda g, x, out: g * (out * out - 1)),
        "you multiply g by tanh itself: multiply it by the slope, 1 - out * out":
            with_rule(lambda g, x, out: g * out),
        "that is the slope of the sigmoid, s (1 - s): the slope of tanh is 1 - out * out":
            with_rule(lambda g, x, out: g * (out * (1 - out))),
        "your rule leaves out g: it gives the slope, and the chain rule multiplies it by the "
        "cotangent that comes in":
            with_rule(lambda g, x, out: 1 - out * out),
        "your rule puts the cotangent g through tanh: multiply g by the slope at x, 1 - out * out":
            with_rule(lambda g, x, out: g * (1 - g * g)),
        "right numbers, but your rule computes the slope with .data, a constant to the engine, and "
        "so the second derivative would be 0: compute with the tensor out":
            codings(with_rule(lambda g, x, out: g * (1 - out.data * out.data)),
                    with_rule(value_of_x),
                    with_rule(lambda g, x, out: x.record(g.data * (1 - out.data**2)))),
        "right numbers, but g.data takes the cotangent out of the tape: multiply the tensor g":
            with_rule(lambda g, x, out: (1 - out * out) * g.data),
        "the result has no parents: give record the pair (x, rule)":
            lambda x: x.record(np.tanh(x.data)),
        "a rule is called as rule(g, out): yours must take two arguments":
            lambda x: x.record(np.tanh(x.data), (x, lambda g: g)),
    },
    variants={
        "the square as a power": with_rule(lambda g, x, out: g * (1 - out**2)),
        "tanh computed once more": with_rule(lambda g, x, out: g * (1 - tanh(x)**2)),
        "its own result in the closure": holds_its_result,
        "g minus a product": with_rule(lambda g, x, out: g - g * out * out),
        "from exponentials": with_rule(
            lambda g, x, out: g * (1 - out * out),
            value=lambda data: 1 - 2 / (np.exp(2 * data) + 1)),
    },
)
