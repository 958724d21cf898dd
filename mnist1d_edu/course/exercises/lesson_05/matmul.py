"""05.matmul: the matrix product and its two rules (UDL 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_05.recorded import tensors_of, tried


def matmul(a, b):
    return a.record(a.data @ b.data,
                    (a, lambda g, out: g @ b.T), (b, lambda g, out: a.T @ g))


def drive(answer, a, b, g):
    kind = tensors_of(answer)
    a, b = kind(a), kind(b)
    return tried(answer(a, b), {"a": a, "b": b}, kind(g), {"a": ["b"], "b": ["a"]})


def matrices(rng: np.random.RandomState) -> list[tuple]:
    """a (n, k), b (k, m) and the result's cotangent g (n, m): one square, then others."""
    return [(np.array([[1.0, -2.0], [4.0, 3.0]]), np.array([[2.0, 1.0], [-1.0, 5.0]]),
             np.array([[3.0, -1.0], [0.5, 2.0]])),
            *((rng.randn(n, k), rng.randn(k, m), rng.randn(n, m))
              for n, k, m in ((3, 4, 2), (1, 3, 3)))]


# ---- what students write
def with_rules(of_a, of_b):
    """The product with rules of (g, a, b)."""
    return lambda a, b: a.record(a.data @ b.data, (a, lambda g, out: of_a(g, a, b)),
                                 (b, lambda g, out: of_b(g, a, b)))


EXERCISE = Exercise(
    "05.matmul", "The matrix product", matmul, points=1, probes=matrices, drive=drive,
    hints=(
        "You had both rules in lesson 04: they are matrix products of g with the other input, "
        "transposed.",
        "The cotangent of a has the shape (n, k) of a. g is (n, m) and b is (k, m).T away from "
        "it: which product of the two has that shape?",
        "(a, lambda g, out: g @ b.T), (b, lambda g, out: a.T @ g).",
    ),
    mistakes={
        "the transposes are missing. As in lesson 04, let the shapes lead you: g @ b.T, and "
        "a.T @ g":
            with_rules(lambda g, a, b: g @ b, lambda g, a, b: a @ g),
        "the products are in the wrong order: a gets g @ b.T, b gets a.T @ g":
            with_rules(lambda g, a, b: b.T @ g, lambda g, a, b: g @ a.T),
        "the cotangent of b is transposed: a.T @ g has its shape (k, m), g.T @ a has not":
            with_rules(lambda g, a, b: g @ b.T, lambda g, a, b: g.T @ a),
        "the two rules are exchanged: a's cotangent comes from b, and b's from a":
            with_rules(lambda g, a, b: a.T @ g, lambda g, a, b: g @ b.T),
        "those are the rules of `*`, element by element: a matrix product needs matrix products":
            with_rules(lambda g, a, b: g * b, lambda g, a, b: g * a),
        "right numbers, but your rules compute with .data, so nothing is recorded and there can "
        "be no gradient of a gradient":
            codings(
                with_rules(lambda g, a, b: a.record(g.data @ b.data.T),
                           lambda g, a, b: a.record(a.data.T @ g.data)),
                with_rules(lambda g, a, b: matmul(g, b.record(b.data.T)),
                           lambda g, a, b: matmul(a.record(a.data.T), g))),
        "your rules give arrays: compute with the tensors themselves, g @ b.T, so that what a rule "
        "returns is a tensor again":
            with_rules(lambda g, a, b: g.data @ b.data.T, lambda g, a, b: a.data.T @ g.data),
        "you return a plain array, which remembers nothing: return a.record(value, pairs...)":
            lambda a, b: a.data @ b.data,
        "only a is recorded: b needs its pair (b, rule) as well":
            lambda a, b: a.record(a.data @ b.data, (a, lambda g, out: g @ b.T)),
        "a rule is called as rule(g, out): yours must take two arguments":
            lambda a, b: a.record(a.data @ b.data, (a, lambda g: g @ b.T), (b, lambda g: a.T @ g)),
    },
    variants={
        "np.dot, and rules with the whole product transposed":
            lambda a, b: a.record(np.dot(a.data, b.data), (a, lambda g, out: (b @ g.T).T),
                                  (b, lambda g, out: (g.T @ a).T)),
        "parents in the other order":
            lambda a, b: a.record(np.matmul(a.data, b.data), (b, lambda g, out: a.T @ g),
                                  (a, lambda g, out: g @ b.T)),
    },
)
