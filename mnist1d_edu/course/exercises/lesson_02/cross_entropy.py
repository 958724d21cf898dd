"""02.cross_entropy: the mean surprise at the right classes (UDL 5.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_02.labelled import at_labels, labelled, one_hot
from mnist1d_edu.course.exercises.lesson_02.softmax import softmax


def cross_entropy(scores, labels):
    return -at_labels(log_softmax(scores), labels).mean()


def log_softmax(scores):
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def labelled_extreme(rng: np.random.RandomState) -> list[tuple]:
    """Also a batch in which a probability underflows, and one in which exp overflows."""
    return [*labelled(rng),
            (np.array([[-800.0, 0.0, 0.0], [1.0, 0.0, 2.0]]), np.array([0, 2])),
            (np.array([[1000.0, 0.0, 0.0], [0.0, 5.0, 900.0], [1.0, 0.0, 2.0]]),
             np.array([1, 2, 0]))]


# ---- what must hold
def worst_errors_cost_enough(result, scores, labels):
    gaps = scores.max(axis=1) - at_labels(scores, labels)
    return np.abs(scores).max() < 100 or np.all(result >= gaps.mean() * (1 - 1e-4))


# ---- what students write
def exp_overflows_to_nan(scores, labels):
    e = np.exp(scores)
    return -np.log(at_labels(e / e.sum(axis=1, keepdims=True), labels)).mean()


def exp_overflows_to_inf(scores, labels):
    return (np.log(np.exp(scores).sum(axis=1)) - at_labels(scores, labels)).mean()


# ---- other right answers
def loop_over_examples(scores, labels):
    total = 0.0
    for row, label in zip(scores, labels, strict=True):
        total += row.max() + np.log(sum(np.exp(row - row.max()))) - row[label]
    return total / len(labels)


def zeros_and_ones(scores, labels):
    return -(one_hot(scores, labels) * log_softmax(scores)).sum() / len(scores)


def with_logaddexp(scores, labels):
    return float(np.mean(np.logaddexp.reduce(scores, axis=1) - at_labels(scores, labels)))


EXERCISE = Exercise(
    "02.cross_entropy", "How surprised the model is", cross_entropy, points=2,
    probes=labelled_extreme, rtol=1e-11, atol=1e-12,
    hints=(
        "You need, in each row n, the entry `labels[n]`: give two lists of places, "
        "`table[np.arange(N), labels]`. Then a minus sign and the mean.",
        "A probability can be so small that it is stored as 0, and its logarithm is −inf. Do not "
        "compute the probability: log(exp(s_y) / sum exp(s_k)) = s_y − log(sum exp(s_k)).",
        "`shifted = scores - scores.max(axis=1, keepdims=True)`; "
        "`log_sum = np.log(np.exp(shifted).sum(axis=1))`; the loss is the mean of `log_sum` minus "
        "the labels' entries of `shifted`.",
    ),
    mistakes={
        "a probability that underflows to 0 has the logarithm −inf: do not take the log of the "
        "softmax, but write log(exp(s_y) / sum) as s_y − log(sum), with the row's largest score "
        "subtracted first":
            lambda scores, labels: -np.log(at_labels(softmax(scores), labels)).mean(),
        "exp of a large score overflows, and nan comes out: subtract from each row its largest "
        "score before exp":
            exp_overflows_to_nan,
        "exp of a large score overflows, and inf comes out: subtract from each row its largest "
        "score before exp, and add it again outside the logarithm":
            exp_overflows_to_inf,
        "a small number inside the logarithm (1e-12, say) hides the −inf, and caps the loss of the "
        "worst errors: no example could cost more than about 28. Compute the logarithm from the "
        "scores, and nothing needs hiding":
            lambda scores, labels: -np.log(at_labels(softmax(scores), labels) + 1e-12).mean(),
        "you added the examples' losses up: take their mean, so that the loss does not grow with "
        "the number of examples":
            lambda scores, labels: -at_labels(log_softmax(scores), labels).sum(),
        "the minus sign is missing: the logarithm of a probability is negative, and a loss must be "
        "large where the model is wrong":
            lambda scores, labels: -cross_entropy(scores, labels),
        "`table[:, labels]` takes for every example the columns of *all* labels, (N, N) numbers: "
        "to go along rows and labels together, index with `table[np.arange(N), labels]`":
            lambda scores, labels: -log_softmax(scores)[:, labels].mean(),
        "you added the examples' losses up where their mean is wanted; and a probability that "
        "underflows to 0 has the logarithm −inf, so take the logarithm from the scores, "
        "s_y − log(sum)":
            lambda scores, labels: -np.log(at_labels(softmax(scores), labels)).sum(),
        "`p[:, labels]` takes for every example the columns of *all* labels: index with "
        "`p[np.arange(N), labels]`. And a probability that underflows to 0 has the logarithm −inf: "
        "take the logarithm from the scores, s_y − log(sum)":
            lambda scores, labels: -np.log(softmax(scores)[:, labels]).mean(),
        "you took the mean over all N·K numbers of the table, most of them 0: add up over the "
        "classes, and divide by the number of examples N":
            lambda scores, labels: cross_entropy(scores, labels) / scores.shape[1],
        "the logarithm is missing: this is one minus the probability of the right class, which is "
        "not the surprise":
            lambda scores, labels: (1 - at_labels(softmax(scores), labels)).mean(),
        "you only took the right classes' scores: the log-sum-exp of all scores is missing, "
        "without which raising every score would look like learning":
            lambda scores, labels: -at_labels(scores, labels).mean(),
        "your loss is right to seven digits only: float32 has no more, and the check of a gradient "
        "by small steps needs them. Compute in the precision of the scores":
            lambda scores, labels: cross_entropy(scores.astype(np.float32), labels),
        "you return one loss per example, (N,): take their mean":
            lambda scores, labels: -at_labels(log_softmax(scores), labels),
    },
    musts={
        "the loss may not be negative": lambda result, scores, labels: np.all(result >= -1e-6),
        "the worst errors must cost what they should: a small number inside the logarithm, or "
        "clipping, hides the −inf and caps the loss, so compute the logarithm from the scores, "
        "s_y − log(sum)":
            worst_errors_cost_enough,
    },
    variants={
        "a loop over the examples": loop_over_examples,
        "with a table of zeros and ones": zeros_and_ones,
        "logaddexp": with_logaddexp,
    },
)
