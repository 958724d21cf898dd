"""13.margins: by how much the right class wins (UDL 20.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def margins(logits, y):
    rows = np.arange(len(y))
    others = logits.copy()
    others[rows, y] = -np.inf
    return logits[rows, y] - others.max(axis=1)


def batches(rng: np.random.RandomState) -> list[tuple]:
    """logits (N, C), y (N,): one example that is right by 2, one that is wrong; then more."""
    return [(np.array([[5.0, 3.0, -4.0]]), np.array([0])),
            (np.array([[5.0, 3.0, -4.0], [1.0, -2.0, 0.5]]), np.array([1, 2])),
            (3 * rng.randn(7, 4), rng.randint(0, 4, 7)),
            (3 * rng.randn(5, 10) - 8, rng.randint(0, 10, 5))]


# ---- what students write
def probabilities(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def from_the_best_of_all(logits, y):
    return logits[np.arange(len(y)), y] - logits.max(axis=1)


def best_and_second(logits, y):
    ranked = np.sort(logits, axis=1)
    return ranked[:, -1] - ranked[:, -2]


def from_the_mean_of_the_others(logits, y):
    right = logits[np.arange(len(y)), y]
    return right - (logits.sum(axis=1) - right) / (logits.shape[1] - 1)


def from_the_second(logits, y):
    return logits[np.arange(len(y)), y] - np.sort(logits, axis=1)[:, -2]


def zero_for_the_right_class(logits, y):
    others = logits.copy()
    others[np.arange(len(y)), y] = 0
    return logits[np.arange(len(y)), y] - others.max(axis=1)


def in_place(logits, y):
    rows = np.arange(len(y))
    right = logits[rows, y]
    logits[rows, y] = -np.inf
    return right - logits.max(axis=1)


def of_all_rows(logits, y):
    others = np.array([np.delete(row, label).max() for row, label in zip(logits, y, strict=True)])
    return logits[:, y] - others


# ---- other right answers
def loop(logits, y):
    return np.array([row[label] - np.delete(row, label).max()
                     for row, label in zip(logits, y, strict=True)])


def masked(logits, y):
    right = np.arange(logits.shape[1]) == y[:, None]
    return (np.where(right, logits, -np.inf).max(axis=1)
            - np.where(right, -np.inf, logits).max(axis=1))


EXERCISE = Exercise(
    "13.margins", "By how much the right class wins", margins, probes=batches,
    hints=(
        "Two numbers for each example: the logit of its label, and the largest of all the others. "
        "How do you leave one column out of a maximum?",
        "`logits[np.arange(len(y)), y]` is the logit of the label in each row.",
        "Copy the logits, write `-np.inf` where the label is, and take the maximum of each row.",
    ),
    mistakes={
        "the maximum includes the right class itself, so no margin is above 0: take the best of "
        "the other classes": from_the_best_of_all,
        "you took the best logit less the second best, whatever the label is: where the net is "
        "wrong the margin must be negative": best_and_second,
        "your margin is right where the net is right; elsewhere the best of the other classes is "
        "not the second best of all": from_the_second,
        "you subtracted the mean of the other classes: subtract the largest of them":
            from_the_mean_of_the_others,
        "your margins have the wrong sign: they are positive where the net is right":
            lambda logits, y: -margins(logits, y),
        "these are margins of probabilities: take the logits as they are":
            lambda logits, y: margins(probabilities(logits), y),
        "you took the absolute value: where the net is wrong the margin is negative":
            lambda logits, y: abs(margins(logits, y)),
        "this is the logit of the right class alone: subtract the best of the others":
            lambda logits, y: logits[np.arange(len(y)), y],
        "you took the right class out by setting its logit to 0, which may be larger than all "
        "others: use -np.inf": zero_for_the_right_class,
        "your result is right, but you wrote -np.inf into the logits that were given: change a "
        "copy": in_place,
        "logits[:, y] takes the columns y from every row: each row needs its own label's column, "
        "logits[np.arange(len(y)), y]": of_all_rows,
        "this is the mean margin: one for each example is wanted":
            codings(lambda logits, y: margins(logits, y).mean(),
                    lambda logits, y: margins(logits, y).mean(keepdims=True)),
    },
    musts={
        "the margin must be positive exactly where the label has the largest logit":
            lambda result, logits, y: ((result > 0) == (logits.argmax(axis=1) == y)).all(),
    },
    variants={"a loop over the rows": loop, "two maxima with np.where": masked},
)
