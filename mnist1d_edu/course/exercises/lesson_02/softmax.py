"""02.softmax: from scores to probabilities (UDL 5.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def softmax(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def score_batches(rng: np.random.RandomState) -> list[tuple]:
    """Scores (N, K): small, ordinary, and three batches where a careless exp overflows, in the last
    also one of scores from which the row's mean or minimum is subtracted."""
    return [(np.log([[1.0, 3.0]]),), (rng.randn(4, 3),), (3 * rng.randn(2, 5) + 4,),
            (np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 999.0]]),),
            (np.array([[-2000.0, -2001.0], [700.0, 710.0], [3.0, 1.0]]),),
            (np.array([[0.0, 0.0, 0.0, 2000.0]]),)]


# ---- what students write
def over(scores, axis):
    """The softmax over another axis."""
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def exp_overflows(scores):
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)


def columns_sum_to_one_and_exp_overflows(scores):
    e = np.exp(scores)
    return e / e.sum(axis=0)


def all_sum_to_one_and_exp_overflows(scores):
    e = np.exp(scores)
    return e / e.sum()


def largest_of_the_batch(scores):
    e = np.exp(scores - scores.max())
    return e / e.sum(axis=1, keepdims=True)


def largest_of_the_column(scores):
    e = np.exp(scores - scores.max(axis=0))
    return e / e.sum(axis=1, keepdims=True)


def axes_not_kept(scores):
    e = np.exp(scores - scores.max(axis=1))
    return e / e.sum(axis=1)


def subtracted_after_exp(scores):
    moved = np.exp(scores) - scores.max(axis=1, keepdims=True)
    return moved / moved.sum(axis=1, keepdims=True)


def over_sum_of_scores(scores):
    return np.exp(scores) / scores.sum(axis=1, keepdims=True)


def over_sum_of_shifted_scores(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.exp(shifted) / shifted.sum(axis=1, keepdims=True)


# ---- other right answers
def loop_over_rows(scores):
    rows = []
    for row in scores:
        e = np.exp(row - max(row))
        rows.append(e / sum(e))
    return np.array(rows)


def through_the_log_sum_exp(scores):
    top = scores.max(1)
    log_sum = top + np.log(np.exp(scores - top[:, None]).sum(1))
    return np.exp(scores - log_sum[:, None])


def in_place_in_single_precision(scores):
    e = scores.astype(np.float32)
    e -= e.max(axis=1, keepdims=True)
    np.exp(e, out=e)
    e /= e.sum(axis=1, keepdims=True)
    return e


def transposed(scores):
    e = np.exp(scores.T - scores.T.max(axis=0))
    return (e / e.sum(axis=0)).T


EXERCISE = Exercise(
    "02.softmax", "From scores to probabilities", softmax, probes=score_batches,
    hints=(
        "Three steps: exp of every score, the sum of each *row*, and a division. The sums must "
        "keep their axis (`keepdims=True`) to line up with the rows.",
        "exp(1000) is too large for a number, and comes out as inf. Adding one constant to all "
        "scores of a row changes nothing (why?), so subtract the largest score of the row first.",
        "`shifted = scores - scores.max(axis=1, keepdims=True)`, then `e = np.exp(shifted)`, then "
        "divide `e` by its sums over axis 1.",
    ),
    mistakes={
        "you subtracted each row's smallest score, or its mean: another can still be too large for "
        "exp. Subtract the largest":
            codings(lambda scores: exp_overflows(scores - scores.min(axis=1, keepdims=True)),
                    lambda scores: exp_overflows(scores - scores.mean(axis=1, keepdims=True))),
        "it is right for small scores, but exp of a large one overflows to inf, and inf / inf is "
        "nan: subtract from each row its largest score first, which leaves the probabilities as "
        "they are":
            exp_overflows,
        "your columns sum to 1, and not your rows: the probabilities of one example's classes "
        "belong together, and the classes are axis 1":
            lambda scores: over(scores, axis=0),
        "your columns sum to 1, and not your rows (the classes are axis 1); and where a score is "
        "large, exp overflows: subtract the largest score of each row first":
            columns_sum_to_one_and_exp_overflows,
        "all your numbers together sum to 1: each row is to sum to 1 by itself, so give the sum an "
        "axis, and keep it":
            lambda scores: over(scores, axis=None),
        "all your numbers together sum to 1, but each row is to sum to 1 by itself: give the sum "
        "an axis; and where a score is large, exp overflows: subtract the largest score of each "
        "row first":
            all_sum_to_one_and_exp_overflows,
        "you subtracted the largest score of the whole batch: a row whose scores are all far below "
        "it becomes 0 / 0. Every row has its own largest score":
            largest_of_the_batch,
        "you subtracted each *column's* largest score: that shifts the classes against each other. "
        "Only a shift that is the same for a whole row changes nothing":
            largest_of_the_column,
        "you divided the scores by their sum: without exp first, negative scores give negative "
        "probabilities":
            lambda scores: scores / scores.sum(axis=1, keepdims=True),
        "sums of shape (N,) do not line up with the rows of (N, K): keep the axis that you reduce, "
        "with keepdims=True, in the maximum and in the sum":
            axes_not_kept,
        "this is the logarithm of the probabilities: the probabilities themselves are wanted here":
            lambda scores: np.log(softmax(scores)),
        "you subtracted the largest after exp, where it changes the proportions: subtract it from "
        "the scores, before exp":
            subtracted_after_exp,
        "you divided by the sum of the scores: divide by the sum of their exponentials":
            codings(over_sum_of_scores, over_sum_of_shifted_scores),
    },
    musts={
        "each row must sum to 1":
            lambda result, scores: np.allclose(result.sum(axis=1), 1, atol=1e-4),
        "no probability may be negative": lambda result, scores: (result >= 0).all(),
    },
    variants={
        "a loop over the rows": loop_over_rows,
        "through the log-sum-exp": through_the_log_sum_exp,
        "single precision, in place on a copy": in_place_in_single_precision,
        "transposed": transposed,
    },
)
