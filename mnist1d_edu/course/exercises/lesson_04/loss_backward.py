"""04.loss_backward: the backward pass of softmax and cross-entropy."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def loss_backward(logits, labels):
    return (softmax(logits) - one_hot(logits, labels)) / len(logits)


def softmax(logits):
    exps = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def one_hot(logits, labels):
    return np.eye(logits.shape[1])[labels]


def scored_batches(rng: np.random.RandomState) -> list[tuple]:
    """logits (N, C), labels (N,): three ordinary batches, one where a careless exp overflows,
    one where clipping changes the probabilities and the last class is nobody's label."""
    return [(np.array([[0.0, 1.0, 0.0], [2.0, 0.0, -1.0]]), np.array([2, 0])),
            (rng.randn(4, 3), np.array([0, 2, 2, 1])),
            (3 * rng.randn(5, 10), rng.randint(0, 10, 5)),
            (np.array([[1000.0, 0.0], [-1000.0, 1.0], [3.0, 2.0]]), np.array([1, 1, 0])),
            (np.array([[1000.0, 999.0, 0.0], [2.0, 1.0, -1000.0]]), np.array([1, 0]))]


# ---- what students write
def one_sum_for_the_batch(logits, labels):
    exps = np.exp(logits)
    return (exps / exps.sum() - one_hot(logits, labels)) / len(logits)


def all_labels_columns(logits, labels):
    p = softmax(logits)
    p[:, labels] -= 1
    return p / len(logits)


def exp_overflows(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (p - one_hot(logits, labels)) / len(logits)


# ---- other right answers
def by_indexing(logits, labels):
    p = softmax(logits)
    p[np.arange(len(p)), labels] -= 1
    p /= len(p)
    return p


def example_by_example(logits, labels):
    rows = []
    for row, label in zip(logits.astype(np.float32), labels, strict=True):
        p = softmax(row)
        p[label] -= 1
        rows.append(p / np.float32(len(logits)))
    return np.array(rows)


EXERCISE = Exercise(
    "04.loss_backward", "Back through softmax and cross-entropy", loss_backward, points=2,
    probes=scored_batches,
    rtol=1e-4, atol=1e-6,  # a float64 one-hot makes a float32 answer look double
    hints=(
        "You met this in lesson 02: for one example the gradient is p - t, where p are the softmax "
        "probabilities and t is 1 at the right class and 0 elsewhere.",
        "The loss is the mean over N examples, so each of them counts 1/N. For p subtract each "
        "row's maximum before np.exp: nothing overflows then.",
        "In each row n exactly one element loses 1, that of column labels[n]: "
        "p[np.arange(N), labels] -= 1. Then divide by N.",
    ),
    mistakes={
        "this is the gradient of the sum of the losses: for their mean divide by the number of "
        "examples N":
            lambda logits, labels: softmax(logits) - one_hot(logits, labels),
        "these are the probabilities alone: the right class of each example loses 1 (p - t)":
            lambda logits, labels: softmax(logits) / len(logits),
        "your gradient points the wrong way: it is p - t. Raising the right class's logit lowers "
        "the loss, so that element is negative":
            lambda logits, labels: (one_hot(logits, labels) - softmax(logits)) / len(logits),
        "you divided by the number of examples times the number of classes: each example has one "
        "loss, so divide by N only":
            lambda logits, labels: (softmax(logits) - one_hot(logits, labels)) / logits.size,
        "your probabilities sum to 1 down the batch: softmax runs over the classes, the last axis":
            lambda logits, labels: (softmax(logits.T).T - one_hot(logits, labels)) / len(logits),
        "your probabilities sum to 1 over the whole batch: each example has its own sum, along the "
        "last axis, with keepdims=True":
            one_sum_for_the_batch,
        "p[:, labels] -= 1 takes 1 from these columns in *every* row: name the rows too, "
        "p[np.arange(N), labels]":
            all_labels_columns,
        "right until a logit is large: np.exp(1000) overflows. Subtract each row's maximum first, "
        "which changes no probability":
            exp_overflows,
        "this is the loss: its gradient has one number for every logit, (N, C)":
            lambda logits, labels: -np.log(softmax(logits)[np.arange(len(logits)), labels]).mean(),
    },
    musts={
        "every row of the gradient must sum to 0: adding the same number to all logits of an "
        "example changes no probability":
            lambda result, logits, labels: np.allclose(result.sum(axis=1), 0, atol=1e-5),
    },
    variants={
        "by indexing, in place on its own array": by_indexing,
        "example by example, in single precision": example_by_example,
    },
)
