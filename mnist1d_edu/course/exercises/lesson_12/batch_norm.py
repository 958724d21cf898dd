"""12.batch_norm: batch normalisation in training (UDL 11.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def batch_norm(x, scale, shift, eps):
    return scale * standardised(x, eps) + shift


def standardised(x, eps):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def batches(rng: np.random.RandomState) -> list[tuple]:
    """x (N, D), scale (D,), shift (D,), eps: to read, then sizes unlike, a feature that is the same
    in all examples, and a batch of one."""
    small = np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([1.0, 2.0]), np.array([0.0, 0.5]), 0.25
    constant = 5 * rng.randn(4, 3) + 3
    constant[:, 1] = 7
    return [small, (3 * rng.randn(6, 4) + 2, rng.randn(4), rng.randn(4), 0.01),
            (constant, rng.randn(3), rng.randn(3), 0.1),
            (rng.randn(1, 3), rng.randn(3), rng.randn(3), 1e-3),
            (0.05 * rng.randn(5, 5) - 1, rng.randn(5), rng.randn(5), 0.001)]


# ---- what students write
def by(make):
    """scale * make(x, eps) + shift, with no warning where it divides by 0."""
    def answer(x, scale, shift, eps):
        with np.errstate(all="ignore"):
            return scale * make(x, eps) + shift
    return answer


def over_the_features(x, eps):
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + eps)


def unbiased(x, eps):
    return (x - x.mean(axis=0)) / np.sqrt(((x - x.mean(axis=0))**2).sum(axis=0)
                                          / (len(x) - 1) + eps)


def scale_of_all(x, scale, shift, eps):
    return scale * (standardised(x, eps) + shift)


# ---- other right answers
def in_words(x, scale, shift, eps):
    centred = x - x.sum(axis=0) / len(x)
    return centred * (np.mean(centred**2, axis=0) + eps)**-0.5 * scale + shift


def column_by_column(x, scale, shift, eps):
    out = np.zeros_like(x)
    for d, column in enumerate(x.T):
        deviation = np.sqrt(np.var(column) + eps)
        out[:, d] = (column - np.mean(column)) / deviation * scale[d] + shift[d]
    return out


EXERCISE = Exercise(
    "12.batch_norm", "Batch normalisation", batch_norm, probes=batches,
    hints=(
        "Each feature has a mean and a variance of its own, over the examples of the batch: axis "
        "0.",
        "`x.var(axis=0)` divides by N, which is what is wanted here. eps goes under the root, "
        "beside the variance.",
    ),
    mistakes={
        "you normalised each example over its features, which is layer normalisation: batch "
        "normalisation goes over the examples, axis 0": by(over_the_features),
        "you took one mean and one variance of everything: each feature has its own, over axis 0":
            by(lambda x, eps: (x - x.mean()) / np.sqrt(x.var() + eps)),
        "your variance divides by N - 1: in training it is the mean over the batch, divided by N":
            by(unbiased),
        "you added eps to the deviation: it goes under the root, beside the variance":
            by(lambda x, eps: (x - x.mean(axis=0)) / (x.std(axis=0) + eps)),
        "the root is missing: divide by the deviation, the root of the variance":
            by(lambda x, eps: (x - x.mean(axis=0)) / (x.var(axis=0) + eps)),
        "eps is missing: without it a feature that is the same in all examples gives 0 / 0":
            by(lambda x, eps: (x - x.mean(axis=0)) / x.std(axis=0)),
        "the shift is missing": lambda x, scale, shift, eps: scale * standardised(x, eps),
        "the scale is missing": lambda x, scale, shift, eps: standardised(x, eps) + shift,
        "you did not subtract the mean": by(lambda x, eps: x / np.sqrt(x.var(axis=0) + eps)),
        "you did not divide by the deviation": by(lambda x, eps: x - x.mean(axis=0)),
        "the scale multiplies the shift too: the shift is added last": scale_of_all,
        "scale and shift are exchanged":
            lambda x, scale, shift, eps: shift * standardised(x, eps) + scale,
        "you divided by the root mean square of x: subtract the mean before you square":
            codings(by(lambda x, eps: x / np.sqrt((x**2).mean(axis=0) + eps)),
                    by(lambda x, eps: (x - x.mean(axis=0))
                       / np.sqrt((x**2).mean(axis=0) + eps))),
    },
    variants={"from the definition": in_words, "column by column": column_by_column},
)
