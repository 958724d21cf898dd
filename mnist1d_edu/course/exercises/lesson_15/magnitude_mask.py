"""15.magnitude_mask: which weights to keep (UDL 20.2.7)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def magnitude_mask(weight, share):
    return keep_largest(weight, np.abs(weight), int(share * weight.size))


def keep_largest(weight, scores, count):
    """Zeros for the `count` smallest scores."""
    mask = np.ones(weight.size)
    mask[np.argsort(scores, axis=None, kind="stable")[:count]] = 0
    return mask.reshape(weight.shape)


def weights(rng: np.random.RandomState) -> list[tuple]:
    """Weights of any shape and shares: whole numbers of weights first, one layer with zeros
    already; then a number that is not whole, and several weights that are equally large."""
    pruned = rng.randn(6, 4) * (rng.permutation(24).reshape(6, 4) >= 8)
    equal = rng.choice([-2.0, -1.0, 1.0, 2.0, 3.0], (6, 5))
    return [(np.array([[3.0, -1.0], [0.5, -2.0]]), 0.25), (rng.randn(8, 4), 0.0),
            (rng.randn(8, 4) + 0.3, 0.75), (pruned, 0.5), (rng.randn(3, 5, 4), 0.25),
            (rng.randn(5, 7), 0.65), (equal, 0.2)]


def of_equals_the_first(answer, weight, share):
    """The mask as numbers. Of weights that are equally large any may go: it is made the first."""
    given = np.abs(weight)
    mask = answer(weight, share)
    if not isinstance(mask, np.ndarray) or mask.shape != weight.shape:
        return mask
    mask = mask.astype(float) if mask.dtype == bool else mask.copy()
    for size in np.unique(given):
        mask[given == size] = np.sort(mask[given == size])
    return mask


# ---- what students write
def row_by_row(weight, share):
    rows = weight.reshape(-1, weight.shape[-1])
    return np.stack([magnitude_mask(row, share) for row in rows]).reshape(weight.shape)


def of_those_left(weight, share):
    zeros = (weight == 0).sum()
    return keep_largest(weight, np.abs(weight), zeros + int(share * (weight.size - zeros)))


def threshold_goes_too(weight, share):
    return np.abs(weight) > np.sort(np.abs(weight), axis=None)[int(share * weight.size)]


def threshold_keeps_equals(weight, share):
    return np.abs(weight) >= np.sort(np.abs(weight), axis=None)[int(share * weight.size)]


def rounded(weight, share):
    return keep_largest(weight, np.abs(weight), round(share * weight.size))


def weights_zeroed(weight, share):
    mask = magnitude_mask(weight, share)
    weight *= mask
    return mask


# ---- what must hold
def zeros_and_ones(result, weight, share):
    return result.shape == weight.shape and np.isin(result, (0, 1)).all()


# ---- other right answers
def argpartition(weight, share):
    count, mask = int(share * weight.size), np.ones(weight.shape, int)
    if count:
        mask.flat[np.argpartition(np.abs(weight), count - 1, axis=None)[:count]] = 0
    return mask


def by_rank(weight, share):
    ranks = np.abs(weight).ravel().argsort().argsort()
    return (ranks >= int(share * weight.size)).reshape(weight.shape)


def loop(weight, share):
    mask = np.ones_like(weight)
    sizes = sorted((abs(weight[place]), place) for place in np.ndindex(weight.shape))
    for _, place in sizes[:int(share * weight.size)]:
        mask[place] = 0
    return mask


EXERCISE = Exercise(
    "15.magnitude_mask", "Which weights to keep", magnitude_mask, probes=weights,
    drive=of_equals_the_first,
    hints=(
        "Forget the shape for a moment: `np.abs(weight).ravel()` is one long row of sizes. Which "
        "places of it hold the smallest?",
        "`np.argsort` of that row gives the places from the smallest size to the largest; the "
        "first `int(share * weight.size)` of them must go.",
        "Begin with `np.ones(weight.size)`, set those places to 0, and give the result the shape "
        "of weight with `.reshape(weight.shape)`.",
    ),
    mistakes={
        "you pruned the most negative weights: size is what counts, and -3 is a large weight, so "
        "compare np.abs(weight)":
            lambda weight, share: keep_largest(weight, weight, int(share * weight.size)),
        "your mask has its ones where the weights are to go: 1 means that a weight stays":
            lambda weight, share: 1 - magnitude_mask(weight, share),
        "you pruned the largest weights: it is the smallest that the net will miss least":
            lambda weight, share: keep_largest(weight, -np.abs(weight), int(share * weight.size)),
        "`share` is how much goes, not how much stays":
            lambda weight, share: magnitude_mask(weight, 1 - share),
        "these are the pruned weights: return the mask, a 1 for each weight that stays and "
        "a 0 for each that goes":
            lambda weight, share: weight * magnitude_mask(weight, share),
        "you compared with a fraction of the largest weight, and how many fall below that is left "
        "to chance: `share` is a fraction of the *number* of weights, so sort them":
            lambda weight, share: (np.abs(weight) >= share * np.abs(weight).max()).astype(float),
        "you pruned the same proportion of each row: compare all weights of the layer with each "
        "other, so that a unit may keep many or lose all":
            row_by_row,
        "you took a proportion of the weights that are not 0 yet: `share` counts all weights of "
        "the layer, those pruned before among them":
            of_those_left,
        "you keep only what is larger than the threshold, and the weight at the threshold goes as "
        "well, one too many; and where several are equally large a threshold cannot count: take "
        "places (np.argsort), int(share * weight.size) of them":
            codings(threshold_goes_too, lambda weight, share: (
                np.abs(weight) > np.quantile(np.abs(weight), share))),
        "where several weights are equally large, a threshold keeps them all, and too few go: take "
        "places (np.argsort), int(share * weight.size) of them":
            threshold_keeps_equals,
        "a quantile lies between two weights and does not count: take places (np.argsort), "
        "int(share * weight.size) of them":
            lambda weight, share: 1 * (np.abs(weight) >= np.quantile(np.abs(weight), share)),
        "you rounded to the nearest number of weights: int cuts off":
            codings(rounded, lambda weight, share: keep_largest(
                weight, np.abs(weight), int(np.ceil(share * weight.size)))),
        "you wrote zeros into the weights you were given: they are to stay as they are, so build "
        "the mask in an array of its own":
            weights_zeroed,
        "your mask is one long row: give it the shape of weight":
            lambda weight, share: magnitude_mask(weight, share).ravel(),
    },
    musts={
        "the mask must have the shape of weight, and nothing but zeros and ones": zeros_and_ones,
        "int(share * weight.size) weights must go":
            lambda result, weight, share: (result == 0).sum() == int(share * weight.size),
    },
    variants={
        "argpartition, integers": argpartition,
        "the ranks, and True for what stays": by_rank,
        "a loop": loop,
    },
)
