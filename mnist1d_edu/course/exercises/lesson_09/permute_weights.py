"""09.permute_weights: the same answers on shuffled signals (UDL 10.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def permute_weights(weight, order):
    return weight[:, order]


def layers(rng: np.random.RandomState) -> list[tuple]:
    """Weights (H, L) and an order (L,) that is not its own inverse; H above and below L."""
    return [(np.array([[1.0, 2.0, 3.0]]), np.array([1, 2, 0])),
            (rng.randn(9, 5), np.array([3, 0, 4, 1, 2])),
            (rng.randn(4, 7), np.array([2, 5, 0, 6, 1, 3, 4]))]


# ---- what students write
def written_into_the_argument(weight, order):
    weight[:] = weight[:, order]
    return weight


# ---- what must hold
def same_answers(result, weight, order):
    x = np.arange(1.0, 1 + len(order)) ** 2
    return np.allclose(result @ x[order], weight @ x)


# ---- other right answers
def column_by_column(weight, order):
    return np.stack([weight[:, place] for place in order], axis=1).astype(np.float32)


EXERCISE = Exercise(
    "09.permute_weights", "The same answers on shuffled signals", permute_weights, probes=layers,
    hints=(
        "A unit computes the sum over i of `weight[h, i] * x[i]`. Column j of the shuffled signals "
        "is column `order[j]` of the old ones: which weight does it need?",
        "Position j of the shuffled signal needs `weight[:, order[j]]`, for all j at once.",
    ),
    mistakes={
        "this is the inverse order: column j of the shuffled signals is column order[j] of the old "
        "ones, so it needs the weights that stood in column order[j]":
            lambda weight, order: weight[:, np.argsort(order)],
        "you permuted the rows, which are the hidden units: a weight's position in "
        "the signal is its column":
            lambda weight, order: weight[order],
        "the weights are still in the old order: the layer would multiply each value by the "
        "weight of another position":
            lambda weight, order: weight.copy(),
        "your weights are right, but transposed: keep (H, L)":
            lambda weight, order: weight[:, order].T,
        "your weights are right, but you wrote them into the array that you "
        "were given: make a new one":
            written_into_the_argument,
    },
    musts={
        "the layer must give on shuffled signals what it gave on the ordered ones": same_answers,
    },
    variants={
        "a product with a permutation matrix":
            lambda weight, order: weight @ np.eye(len(order))[:, order],
        "column by column, in single precision": column_by_column,
    },
)
