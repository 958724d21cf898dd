"""02.scores_gradient: the slope of the loss along each score (UDL 5.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_02.labelled import labelled, one_hot
from mnist1d_edu.course.exercises.lesson_02.softmax import softmax


def scores_gradient(scores, labels):
    return (softmax(scores) - one_hot(scores, labels)) / len(labels)


def with_large_scores(rng: np.random.RandomState) -> list[tuple]:
    """Scores and labels, and a batch where a careless exp overflows."""
    return [*labelled(rng),
            (np.array([[1000.0, 0.0, 999.0], [-1000.0, 3.0, 2.0]]), np.array([2, 1]))]


# ---- what students write
def all_labels_columns(scores, labels):
    p = softmax(scores)
    p[:, labels] -= 1
    return p / len(labels)


# ---- other right answers
def subtracted_at_the_labels(scores, labels):
    p = softmax(scores)
    p[np.arange(len(p)), labels] -= 1
    p /= len(p)
    return p


def loop_in_single_precision(scores, labels):
    g = np.zeros(scores.shape, np.float32)
    for n, (row, label) in enumerate(zip(scores, labels, strict=True)):
        e = np.exp(row - row.max())
        g[n] = e / e.sum()
        g[n, label] -= 1
    return g / len(scores)


EXERCISE = Exercise(
    "02.scores_gradient", "How the loss changes with each score", scores_gradient, points=2,
    probes=with_large_scores,
    hints=(
        "For one example L = log(sum of e^s_j) − s_y. Take the two terms one at a time: along s_k, "
        "the slope of log u is 1/u times the slope of u, and of the sum u only one term has s_k in "
        "it. What stands there is something that `probabilities` computes.",
        "The other term, −s_y, has a slope along one score alone, the right class's. And the loss "
        "is the *mean* over N examples, each of which has only its own row to move: what does that "
        "do to a row's slopes?",
        "p_k − 1 for the right class, p_k for the others, all over N: `g = probabilities(scores)`, "
        "then `g[np.arange(N), labels] -= 1`, then divide by N.",
    ),
    mistakes={
        "you did not divide by the number of examples: the loss is a mean, and each example moves "
        "it by one N-th":
            lambda scores, labels: softmax(scores) - one_hot(scores, labels),
        "your sign is the wrong way round: raising the *right* score lowers the loss, so its "
        "slope, p − 1, is negative":
            lambda scores, labels: (one_hot(scores, labels) - softmax(scores)) / len(labels),
        "`p[:, labels] -= 1` subtracts 1 in the columns of *all* labels, in every row: each row "
        "has one right class, `p[np.arange(N), labels]`":
            all_labels_columns,
        "you subtracted 1 from every probability: only the right class's slope is p − 1, the "
        "others' is p":
            lambda scores, labels: (softmax(scores) - 1) / len(labels),
        "you took the scores where the probabilities belong: the slope along a score is its "
        "softmax, minus 1 for the right class":
            lambda scores, labels: (scores - one_hot(scores, labels)) / len(labels),
        "these are the probabilities over N: the 1 of the right class is still to be subtracted":
            lambda scores, labels: softmax(scores) / len(labels),
        "you divided by N·K: the loss is a mean over the N examples, and a sum over the classes":
            lambda scores, labels: (softmax(scores) - one_hot(scores, labels)) / scores.size,
        "your array has slopes for the right classes alone: raising a *wrong* score raises the "
        "loss, and its slope is p":
            lambda scores, labels: (softmax(scores) - 1) * one_hot(scores, labels) / len(labels),
        "you divided by the number of classes: the loss is a mean over the N examples":
            lambda scores, labels: (softmax(scores) - one_hot(scores, labels)) / scores.shape[1],
        "you *set* the right class's slope to −1: subtract 1 from its probability":
            lambda scores, labels: np.where(
                one_hot(scores, labels) > 0, -1, softmax(scores)) / len(labels),
        "you subtracted 1 from each row's largest probability: subtract it from the right class's, "
        "which is not always the largest":
            lambda scores, labels: (softmax(scores) - one_hot(scores, scores.argmax(axis=1))) / len(
                labels),
    },
    musts={
        "each row must sum to 0: raising all scores of an example together changes nothing":
            lambda result, scores, labels: np.allclose(result.sum(axis=1), 0, atol=1e-4),
    },
    variants={
        "subtracting at the labels": subtracted_at_the_labels,
        "a loop over the examples, single precision": loop_in_single_precision,
    },
)
