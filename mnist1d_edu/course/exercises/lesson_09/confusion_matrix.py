"""09.confusion_matrix: which digit is taken for which."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def confusion_matrix(true, predicted, classes):
    matrix = np.zeros((classes, classes), int)
    np.add.at(matrix, (true, predicted), 1)
    return matrix


def answers(rng: np.random.RandomState) -> list[tuple]:
    """Right and predicted labels (N,), and the number of classes; in the last, no 8 and no 9."""
    return [(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 1]), 3),
            (rng.randint(0, 5, 40), rng.randint(0, 5, 40), 5),
            (rng.randint(0, 8, 60), rng.randint(0, 8, 60), 10)]


def counted(answer, true, predicted, classes):
    """Counts may come as floats."""
    result = answer(true, predicted, classes)
    if isinstance(result, np.ndarray) and result.dtype.kind == "f" and (result % 1 == 0).all():
        return result.astype(int)
    return result


# ---- what students write
def counted_once(true, predicted, classes):
    matrix = np.zeros((classes, classes), int)
    matrix[true, predicted] += 1
    return matrix


def rows_divided(true, predicted, classes):
    matrix = confusion_matrix(true, predicted, classes)
    return matrix / matrix.sum(axis=1, keepdims=True)


def mistakes_only(true, predicted, classes):
    matrix = confusion_matrix(true, predicted, classes)
    return matrix - np.diag(np.diag(matrix))


def as_large_as_the_labels(true, predicted, classes):
    return confusion_matrix(true, predicted, 1 + max(true.max(), predicted.max()))


# ---- other right answers
def loop(true, predicted, classes):
    matrix = np.zeros((classes, classes), int)
    for t, p in zip(true, predicted, strict=True):
        matrix[t, p] += 1
    return matrix


def numbers_of_two_digits(true, predicted, classes):
    return np.bincount(classes * true + predicted, minlength=classes**2).reshape(classes, classes)


EXERCISE = Exercise(
    "09.confusion_matrix", "Which digit is taken for which", confusion_matrix, probes=answers,
    drive=counted,
    hints=(
        "Begin with `np.zeros((classes, classes), int)`, and add 1 to one cell for each pair of a "
        "true and a predicted label. Which of the two chooses the row?",
        "A loop over `zip(true, predicted)` with `matrix[t, p] += 1` is fine. Without a loop: "
        "`np.add.at(matrix, (true, predicted), 1)`, which counts repeated pairs, too.",
    ),
    mistakes={
        "your matrix is the wrong way round: the true label chooses the row, the "
        "predicted one the column":
            lambda true, predicted, classes: confusion_matrix(predicted, true, classes),
        "`matrix[true, predicted] += 1` with whole arrays reads first and writes afterwards, so a "
        "pair that occurs several times counts once: loop, or use np.add.at":
            counted_once,
        "you divided each row by its sum (an empty one gives nan): what is asked "
        "for here are the counts":
            rows_divided,
        "these are fractions of all answers: what is asked for here are the counts":
            lambda true, predicted, classes: confusion_matrix(true, predicted, classes) / len(true),
        "you counted the right answers only: the mistakes belong off the diagonal":
            lambda *given: np.diag(np.diag(confusion_matrix(*given))),
        "you counted the mistakes only: the right answers belong on the diagonal": mistakes_only,
        "your matrix is as large as the largest label you saw; it has a row and a column for each "
        "of the classes, even for one that does not occur":
            as_large_as_the_labels,
        "the digits begin with 0, and so do rows and columns: true and predicted are the indices "
        "as they are":
            lambda true, predicted, classes: confusion_matrix(true + 1, predicted + 1, classes + 1),
        "each answer counts twice, at [true, predicted] and at [predicted, true]: once is enough":
            lambda true, predicted, classes: confusion_matrix(true, predicted, classes)
            + confusion_matrix(predicted, true, classes),
    },
    musts={
        "the matrix has `classes` rows and `classes` columns":
            lambda result, true, predicted, classes: np.shape(result) == (classes, classes),
        "every answer counts once, so the sum over the matrix is their number":
            lambda result, true, predicted, classes: np.sum(result) == len(true),
    },
    variants={
        "a loop": loop,
        "counting numbers of two digits": numbers_of_two_digits,
        "a product of one-hot rows, in floats":
            lambda true, predicted, classes: np.eye(classes)[true].T @ np.eye(classes)[predicted],
    },
)
