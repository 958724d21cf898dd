"""18.step_backward: back through one step of gradient descent (UDL 6.1, 7.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def step_backward(g, slope, curve, lr):
    return g - lr * curve(g), -np.sum(g * slope)


def steps(rng: np.random.RandomState) -> list[tuple]:
    """g, slope, curve, lr: two numbers to read, then a vector and a matrix of parameters."""
    def curve_of(hessian):
        return lambda v: (hessian @ np.ravel(v)).reshape(np.shape(v))

    def symmetric(n):
        half = rng.randn(n, n)
        return half + half.T

    return [(np.array([1.0, 2.0]), np.array([3.0, 10.0]),
             curve_of(np.array([[2.0, 1.0], [1.0, -4.0]])), 0.1),
            (rng.randn(5), rng.randn(5), curve_of(symmetric(5)), 0.3),
            (rng.randn(3, 4), rng.randn(3, 4), curve_of(symmetric(12)), 0.7)]


# ---- what students write
def other(of_w=lambda g, slope, curve, lr: g - lr * curve(g),
          of_lr=lambda g, slope, curve, lr: -np.sum(g * slope)):
    """The reference with another part."""
    return lambda *given: (of_w(*given), of_lr(*given))


def with_the_new_cotangent(g, slope, curve, lr):
    g_w = g - lr * curve(g)
    return g_w, -np.sum(g_w * slope)


# ---- other right answers
def in_steps(g, slope, curve, lr):
    g_w = g.copy()
    g_w -= lr * np.asarray(curve(g))
    return g_w, -float(np.dot(np.ravel(g), np.ravel(slope)))


EXERCISE = Exercise(
    "18.step_backward", "Back through one step", step_backward, probes=steps, points=2,
    parts=("cotangent of w", "cotangent of lr"),
    drive=lambda answer, g, slope, curve, lr: tuple(answer(g, slope, curve, lr)),
    hints=(
        "Move each input a little and see how new = w - lr * slope moves. If lr moves by d, new "
        "moves by -d * slope. If w moves by dw, new moves by dw, and slope moves by H dw.",
        "So new moves by dw - lr H dw. Backwards it is the same with g in the place of dw, since H "
        "is symmetric: g - lr * curve(g).",
        "lr is one number that every element of new depends on: add up what they hand back, "
        "`-np.sum(g * slope)`.",
    ),
    mistakes={
        "the second way from w to new is missing: w changes the gradient too, which is where the "
        "second derivatives come in": other(lambda g, slope, curve, lr: g),
        "the first way from w to new is missing: new = w - ... contains w itself, so g comes back "
        "as it is, and the curvature's part is subtracted from it":
            other(lambda g, slope, curve, lr: -lr * curve(g)),
        "in the cotangent of w the curvature has the wrong sign: the step is subtracted":
            other(lambda g, slope, curve, lr: g + lr * curve(g)),
        "in the cotangent of w the learning rate is missing in front of the curvature":
            other(lambda g, slope, curve, lr: g - curve(g)),
        "you took the curvature along the gradient: what comes back through the gradient is g, so "
        "it is curve(g)": other(lambda g, slope, curve, lr: g - lr * curve(slope)),
        "your cotangent of w is a step of descent, g - lr * slope: it is the gradient of slope "
        "that is needed here, curve(g)": other(lambda g, slope, curve, lr: g - lr * slope),
        "the curvature is multiplied by g once more: curve(g) is H times g already":
            other(lambda g, slope, curve, lr: g - lr * curve(g) * g),
        "the cotangent of lr has the wrong sign: new falls when lr grows along the gradient":
            other(of_lr=lambda g, slope, curve, lr: np.sum(g * slope)),
        "lr is one number that all elements of new depend on: its cotangent is the sum over them":
            other(of_lr=lambda g, slope, curve, lr: -g * slope),
        "add up what all elements of new hand back to lr: you took the mean":
            other(of_lr=lambda g, slope, curve, lr: -np.mean(g * slope)),
        "the cotangent of lr leaves out g: the chain rule multiplies -slope by the cotangent that "
        "comes in": other(of_lr=lambda g, slope, curve, lr: -np.sum(slope)),
        "the cotangent of lr leaves out the gradient: if lr moves by d, new moves by -d * slope":
            other(of_lr=lambda g, slope, curve, lr: -np.sum(g)),
        "the derivative of lr * slope with respect to lr is slope: there is no lr in it any more":
            other(of_lr=lambda g, slope, curve, lr: -lr * np.sum(g * slope)),
        "lr gets its cotangent from new, so from g itself: you used the cotangent of w, which is "
        "one step further back": with_the_new_cotangent,
        "for matrices g and slope, g * slope summed over all elements is meant, not a matrix "
        "product": other(of_lr=lambda g, slope, curve, lr: -np.dot(g.T, slope)),
        "the cotangent of w comes first, then that of lr":
            lambda *given: step_backward(*given)[::-1],
    },
    variants={
        "in steps, with a dot product": in_steps,
        "the curvature of a scaled vector, a list":
            lambda g, slope, curve, lr: [g + curve(-lr * g), -np.vdot(g, slope)],
        "einsum": lambda g, slope, curve, lr: (
            g - curve(g) * lr, -np.einsum("i,i->", g.ravel(), slope.ravel())),
    },
)
