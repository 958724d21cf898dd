"""20.fgsm: one step of the input up the loss (UDL 20.4.6; Goodfellow and others, 2015)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu import engine
from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.engine import Tensor, grad


def fgsm(loss, x, epsilon):
    x = Tensor(x)
    [slope] = grad(loss(x), [x])
    return x.data + epsilon * np.sign(slope.data)


def losses(rng: np.random.RandomState) -> list[tuple]:
    """loss, x (N, L), epsilon: a parabola to read, then losses with slopes of both signs and very
    different sizes, one of which is flat at some places."""
    weight, other = rng.randn(3, 4), 3 * rng.randn(2, 5)

    def parabola(x):
        return (x * x).sum()

    def curved(x):
        return (engine.exp(x * weight) * weight).sum()

    def flat_in_places(x):
        return (engine.relu(x + 0.5) * other).mean()

    return [(parabola, np.array([[2.0, -1.0]]), 0.5), (curved, rng.randn(3, 4), 0.1),
            (flat_in_places, np.array([[1.0, -2.0, 0.3, -1.5, 2.0], [-3.0, 0.7, 1.1, 0.2, -0.9]]),
             0.25)]


# ---- what students write
def _slope(loss, x):
    x = Tensor(x)
    return grad(loss(x), [x])[0].data


def scaled_by_the_largest(loss, x, epsilon):
    slope = _slope(loss, x)
    return x + epsilon * slope / np.abs(slope).max()


def in_place(loss, x, epsilon):
    slope = _slope(loss, x)
    x += epsilon * np.sign(slope)
    return x


def flat_places_too(loss, x, epsilon):
    return x + epsilon * np.where(_slope(loss, x) >= 0, 1.0, -1.0)


def flat_places_down(loss, x, epsilon):
    return x + epsilon * np.where(_slope(loss, x) > 0, 1.0, -1.0)


def of_unit_length(loss, x, epsilon):
    slope = _slope(loss, x)
    return x + epsilon * slope / np.linalg.norm(slope)


def of_unit_length_by_signal(loss, x, epsilon):
    slope = _slope(loss, x)
    return x + epsilon * slope / np.linalg.norm(slope, axis=1, keepdims=True)


def largest_place_only(loss, x, epsilon):
    slope = _slope(loss, x)
    most = np.abs(slope) == np.abs(slope).max(axis=1, keepdims=True)
    return x + epsilon * np.sign(slope) * most


# ---- other right answers
def by_value_and_grad(loss, x, epsilon):
    _, slope = engine.value_and_grad(loss)(x)
    return x + epsilon * ((slope > 0).astype(float) - (slope < 0))


EXERCISE = Exercise(
    "20.fgsm", "The direction that harms most", fgsm, probes=losses, points=2,
    hints=(
        "You know gradients with respect to parameters. The engine does not care what a tensor "
        "means: make one of the signals, and ask for the gradient of the loss with respect to it.",
        "`x = Tensor(x)`, then `[slope] = grad(loss(x), [x])`; slope is a Tensor with the shape of "
        "x, and slope.data its numbers.",
        "Of all changes of at most epsilon at each place, the one that raises a linear loss most "
        "takes epsilon everywhere, with the sign of the slope: `x.data + epsilon * "
        "np.sign(slope.data)`.",
    ),
    mistakes={
        "you went down the loss: this change makes the net more certain of the right answer, and "
        "you want it to be wrong":
            lambda loss, x, epsilon: x - epsilon * np.sign(_slope(loss, x)),
        "you added the slope itself: take its sign, so that every place moves by epsilon":
            lambda loss, x, epsilon: x + epsilon * _slope(loss, x),
        "you gave the change the length epsilon: here each *place* may move by epsilon, so take "
        "the sign of the slope":
            codings(of_unit_length, of_unit_length_by_signal),
        "this is the change alone: add it to the signals":
            lambda loss, x, epsilon: epsilon * np.sign(_slope(loss, x)),
        "you left epsilon out: each place moves by 1":
            lambda loss, x, epsilon: x + np.sign(_slope(loss, x)),
        "you took the sign of the signals: it is the sign of the slope that says which way harms":
            lambda loss, x, epsilon: x + epsilon * np.sign(x),
        "your signs are of x times the slope: take those of the slope alone":
            lambda loss, x, epsilon: x + epsilon * np.sign(x * _slope(loss, x)),
        "you scaled the signals: the change is added to them, whatever their size":
            lambda loss, x, epsilon: x * (1 + epsilon * np.sign(_slope(loss, x))),
        "every place moves up: where the slope is negative, down is what harms":
            lambda loss, x, epsilon: x + epsilon * np.abs(np.sign(_slope(loss, x))),
        "where the slope is 0 nothing is gained by moving, and the signal should stay as it is: "
        "`np.sign` gives 0 there":
            codings(flat_places_too, flat_places_down),
        "only the place with the steepest slope moves: all places may": largest_place_only,
        "your result is right, but you wrote it into x itself, so the clean signals are lost: make "
        "a new array":
            in_place,
        "you scaled the slope so that its largest element is 1: every place moves by epsilon, so "
        "take the sign":
            scaled_by_the_largest,
    },
    variants={"by value_and_grad, the sign by hand": by_value_and_grad},
)
