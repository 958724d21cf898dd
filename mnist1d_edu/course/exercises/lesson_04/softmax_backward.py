"""04.softmax_backward: the backward pass of a softmax, whatever comes after it (UDL 7.4, 5.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_02.softmax import softmax


def softmax_backward(g, p):
    return p * (g - (g * p).sum(axis=1, keepdims=True))


def cotangents(rng: np.random.RandomState) -> list[tuple]:
    """g (N, C) and probabilities p (N, C): one example to do by hand, then several."""
    return [(np.array([[1.0, 0.0, 2.0]]), np.array([[0.5, 0.25, 0.25]])),
            *((rng.randn(n, c), softmax(2 * rng.randn(n, c)))
              for n, c in ((3, 2), (4, 5), (2, 10)))]


# ---- what students write
def jacobian(p):
    """The slopes of one example's probabilities along its logits, (C, C)."""
    return np.diag(p) - np.outer(p, p)


def softmax_again(g, p):
    return softmax_backward(g, softmax(p))


def in_place(g, p):
    g -= (g * p).sum(axis=1, keepdims=True)
    return p * g


def jacobian_of_the_last(g, p):
    return g @ jacobian(p[-1])


def sums_not_kept(g, p):
    return p * (g - (g * p).sum(axis=1))


# ---- other right answers
def with_jacobians(g, p):
    return np.array([jacobian(row) @ cotangent for row, cotangent in zip(p, g, strict=True)])


def loops_in_single_precision(g, p):
    out = np.zeros(p.shape, np.float32)
    for n, k in np.ndindex(p.shape):
        for j in range(p.shape[1]):
            out[n, k] += g[n, j] * p[n, j] * ((j == k) - p[n, k])
    return out


EXERCISE = Exercise(
    "04.softmax_backward", "Back through the softmax", softmax_backward, points=2,
    probes=cotangents,
    hints=(
        "Raise s_k alone. p_k = e^s_k / S grows for its own sake (the numerator), and *all* p_j "
        "shrink because S grows. By how much does each?",
        "dp_j/ds_k = p_j ([j = k] − p_k). The cotangent of s_k adds up over all ways: "
        "sum over j of g_j p_j ([j = k] − p_k). Split the bracket into its two parts.",
        "`p * (g - (g * p).sum(axis=1, keepdims=True))`.",
    ),
    mistakes={
        "you kept each probability's own score only: raising one score lowers all the *other* "
        "probabilities of its example, since they share the sum":
            codings(lambda g, p: g * p, lambda g, p: g * p * (1 - p)),
        "the sum runs over the classes of one example, the last axis: the examples of a batch do "
        "not share anything":
            codings(lambda g, p: p * (g - (g * p).sum(axis=0)),
                    lambda g, p: p * (g - (g * p).sum())),
        "sums of shape (N,) do not line up with the rows of (N, C): keep the axis, keepdims=True":
            sums_not_kept,
        "you subtracted the sum of g: in the sum each g_j is weighted by its probability, g_j p_j":
            lambda g, p: p * (g - g.sum(axis=1, keepdims=True)),
        "you took a mean over the classes: the cotangents of all ways add up":
            lambda g, p: p * (g - (g * p).mean(axis=1, keepdims=True)),
        "you added the second part: a larger score makes the sum S larger, and the probabilities "
        "smaller, so it is subtracted":
            lambda g, p: p * (g + (g * p).sum(axis=1, keepdims=True)),
        "the factor p in front is missing: a score whose probability is 0 can change nothing":
            lambda g, p: g - (g * p).sum(axis=1, keepdims=True),
        "your result is minus what it should be: p_k itself grows with s_k":
            lambda g, p: -softmax_backward(g, p),
        "p holds the probabilities already: you put it through a softmax once more":
            softmax_again,
        "p − t was the gradient of softmax *and* cross-entropy together. Here anything may come "
        "after the softmax, and what it says is in g":
            codings(lambda g, p: p - g, lambda g, p: p * g - p),
        "you divided by the number of examples: that mean belongs to the loss, which has put 1/N "
        "into g already":
            lambda g, p: softmax_backward(g, p) / len(p),
        "one example's slopes are used for all: each row has probabilities of its own":
            jacobian_of_the_last,
        "your result is right, but you wrote into g, which whoever called you may still need: make "
        "a new array":
            in_place,
    },
    musts={
        "each row must sum to 0: adding the same number to all logits of an example changes no "
        "probability":
            lambda result, g, p: np.allclose(result.sum(axis=1), 0, atol=1e-5),
    },
    variants={
        "with the matrix of slopes of each example": with_jacobians,
        "three loops, single precision": loops_in_single_precision,
    },
)
