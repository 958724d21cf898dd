"""02.accuracy: the percentage of right predictions."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_02.labelled import at_labels
from mnist1d_edu.course.exercises.lesson_02.softmax import softmax


def accuracy(scores, labels):
    return 100 * np.mean(scores.argmax(axis=1) == labels)


def scored(rng: np.random.RandomState) -> list[tuple]:
    """Scores (N, K) and labels: two of three right, then all, then some of twenty."""
    scores = rng.randn(20, 10)
    labels = np.where(rng.rand(20) < 0.5, scores.argmax(axis=1), rng.randint(0, 10, 20))
    return [(np.array([[9.0, 1.0, 0.0], [0.0, 1.0, 3.0], [2.0, 4.0, 0.0]]), np.array([0, 1, 1])),
            (np.array([[-3.0, -1.0, -2.0], [0.1, 0.0, 0.4]]), np.array([1, 2])),
            (scores, labels)]


# ---- other right answers
def loop(scores, labels):
    right = 0
    for row, label in zip(scores, labels, strict=True):
        right += list(row).index(max(row)) == label
    return 100.0 * right / len(labels)


def through_probabilities(scores, labels):
    return np.float32(100) * (softmax(scores).argmax(-1) == labels).mean(dtype=np.float32)


EXERCISE = Exercise(
    "02.accuracy", "How many are right, in percent", accuracy, probes=scored,
    hints=(
        "The prediction for an example is the class with the largest score: `argmax`, along the "
        "axis of the classes. Comparing with `labels` gives True and False.",
        "The mean of an array of True and False is the proportion of True. Percent means times "
        "100.",
    ),
    mistakes={
        "this is a proportion between 0 and 1: for percent, multiply it by 100":
            lambda scores, labels: np.mean(scores.argmax(axis=1) == labels),
        "this is the number of right answers: divide by N, and multiply by 100":
            lambda scores, labels: np.sum(scores.argmax(axis=1) == labels),
        "you compared the largest *score* with the label: `max` gives the score, `argmax` the "
        "class that has it":
            lambda scores, labels: 100 * np.mean(scores.max(axis=1) == labels),
        "this is the error rate: count where prediction and label agree":
            lambda scores, labels: 100 * np.mean(scores.argmax(axis=1) != labels),
        "this is the mean probability of the right class: accuracy counts an example as right or "
        "wrong, however sure the model is":
            lambda scores, labels: 100 * at_labels(softmax(scores), labels).mean(),
        "you took the class with the *smallest* score: argmax, not argmin":
            lambda scores, labels: 100 * np.mean(scores.argmin(axis=1) == labels),
        "without an axis, argmax gives one place in the whole table: give it the axis of the "
        "classes, axis 1":
            lambda scores, labels: 100 * np.mean(scores.argmax() == labels),
    },
    musts={
        "the accuracy must lie between 0 and 100":
            lambda result, scores, labels: 0 <= result <= 100,
    },
    variants={
        "a loop": loop,
        "through the probabilities, in single precision": through_probabilities,
    },
)
