"""09.class_accuracies: how many of each digit are recognised."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def class_accuracies(matrix):
    with np.errstate(invalid="ignore"):
        return 100 * np.diag(matrix) / matrix.sum(axis=1)


def matrices(rng: np.random.RandomState) -> list[tuple]:
    """A confusion matrix (classes, classes); the last has a class without a signal."""
    empty_row = rng.randint(1, 9, (4, 4))
    empty_row[2] = 0
    return [(np.array([[2, 0], [1, 3]]),), (rng.randint(1, 20, (10, 10)),), (empty_row,)]


# ---- other right answers
def loop(matrix):
    return np.array([100 * row[k] / row.sum() if row.any() else np.nan
                     for k, row in enumerate(matrix)])


def diagonal_of_fractions(matrix):
    return 100 * (matrix / matrix.sum(axis=1, keepdims=True)).astype(np.float32).diagonal()


EXERCISE = Exercise(
    "09.class_accuracies", "How many of each digit are recognised", class_accuracies,
    probes=matrices,
    hints=(
        "Of the signals that *are* a 4, how many were called 4? Row 4 holds them all.",
        "The right ones stand on the diagonal, `np.diag(matrix)`; how many there are of each is "
        "the sum of its row, `matrix.sum(axis=1)`.",
        "0 / 0 gives nan, which is what is asked for; `with np.errstate(invalid=\"ignore\"):` "
        "keeps NumPy from warning about it.",
    ),
    mistakes={
        "you divided by the sums of the columns: that says how far an answer can be trusted "
        "(the precision). How many of a class are recognised is a fraction of its row":
            lambda matrix: 100 * np.diag(matrix) / matrix.sum(axis=0),
        "these are fractions from 0 to 1: multiply them by 100 for percent":
            lambda matrix: np.diag(matrix) / matrix.sum(axis=1),
        "you divided by the number of all signals: each class has its own, the sum of its row":
            lambda matrix: 100 * np.diag(matrix) / matrix.sum(),
        "this is the accuracy over all classes together: give one number per class":
            lambda matrix: 100 * np.trace(matrix) / matrix.sum(),
        "these are the percentages of mistakes: the right answers stand on the diagonal":
            lambda matrix: 100 - 100 * np.diag(matrix) / matrix.sum(axis=1),
        "a class without a signal has no accuracy: leave it nan, for 0 would say that all of "
        "its signals were missed":
            lambda matrix: 100 * np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1),
        "you divided every cell by the sum of its row: of that matrix, the diagonal is asked "
        "for, one number per class":
            lambda matrix: 100 * matrix / matrix.sum(axis=1, keepdims=True),
        "these are the counts: what percentage are they of all signals of that digit, the sum of "
        "its row?":
            lambda matrix: np.diag(matrix),
        "you left out the digits that do not occur, and the others move up: leave nan in their "
        "place":
            lambda matrix: class_accuracies(matrix)[matrix.sum(axis=1) > 0],
        "you divided by the wrong answers alone: divide by all of that digit, the sum of its row":
            lambda matrix: 100 * np.diag(matrix) / (matrix.sum(axis=1) - np.diag(matrix)),
    },
    variants={
        "a loop": loop,
        "the diagonal of the matrix of fractions, in single precision": diagonal_of_fractions,
    },
)
