"""15.magnitude_mask: which weights to keep (UDL 20.2.7)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def magnitude_mask(weight, share):
    return keep_largest(weight, np.abs(weight), int(share * weight.size))


def keep_largest(weight, scores, count):
    """Zeros for the `count` smallest scores."""
    mask = np.ones(weight.size)
    mask[np.argsort(scores, axis=None, kind="stable")[:count]] = 0
    return mask.reshape(weight.shape)


def weights(rng: np.random.RandomState) -> list[tuple]:
    """Weights (H, D) and shares; one has zeros already, and one share is of no whole number."""
    pruned = rng.randn(6, 4) * (rng.permutation(24).reshape(6, 4) >= 8)
    return [(np.array([[3.0, -1.0], [0.5, -2.0]]), 0.25), (rng.randn(8, 4), 0.0),
            (rng.randn(8, 4) + 0.3, 0.75), (pruned, 0.5), (rng.randn(3, 5, 4), 0.25),
            (rng.randn(5, 3), 0.5)]


def as_numbers(answer, weight, share):
    """What the answer gives; True and False count as 1 and 0."""
    result = answer(weight, share)
    is_bool = isinstance(result, np.ndarray) and result.dtype == bool
    return result.astype(float) if is_bool else result


# ---- what students write
def row_by_row(weight, share):
    rows = weight.reshape(-1, weight.shape[-1])
    return np.stack([magnitude_mask(row, share) for row in rows]).reshape(weight.shape)


def of_those_left(weight, share):
    zeros = (weight == 0).sum()
    return keep_largest(weight, np.abs(weight), zeros + int(share * (weight.size - zeros)))


def threshold_goes_too(weight, share):
    return np.abs(weight) > np.sort(np.abs(weight), axis=None)[int(share * weight.size)]


def weights_zeroed(weight, share):
    mask = magnitude_mask(weight, share)
    weight *= mask
    return mask


# ---- what must hold
def zeros_and_ones(result, weight, share):
    return result.shape == weight.shape and np.isin(result, (0, 1)).all()


# ---- other right answers
def by_threshold(weight, share):
    return np.abs(weight) >= np.sort(np.abs(weight), axis=None)[int(share * weight.size)]


def by_rank(weight, share):
    ranks = np.abs(weight).ravel().argsort().argsort()
    return (ranks >= int(share * weight.size)).reshape(weight.shape).astype(np.float32)


def loop(weight, share):
    mask = np.ones_like(weight)
    sizes = sorted((abs(weight[place]), place) for place in np.ndindex(weight.shape))
    for _, place in sizes[:int(share * weight.size)]:
        mask[place] = 0
    return mask


EXERCISE = Exercise(
    "15.magnitude_mask", "Which weights to keep", magnitude_mask, probes=weights, drive=as_numbers,
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
        "share is how much goes, not how much stays":
            lambda weight, share: magnitude_mask(weight, 1 - share),
        "these are the pruned weights: return the mask, a 1 for each weight that stays and "
        "a 0 for each that goes":
            lambda weight, share: weight * magnitude_mask(weight, share),
        "you compared with a share of the largest weight, and how many fall below that is left to "
        "chance: share is a share of the *number* of weights, so sort them":
            lambda weight, share: (np.abs(weight) >= share * np.abs(weight).max()).astype(float),
        "you pruned the same share of each row: compare all weights of the layer with each other, "
        "so that a unit may keep many or lose all":
            row_by_row,
        "you took a share of the weights that are not 0 yet: share counts all weights of the "
        "layer, those pruned before among them":
            of_those_left,
        "you keep only what is larger than the threshold, and the weight at the threshold goes as "
        "well, one too many: keep it with >=":
            threshold_goes_too,
        "with share 0 your mask drops the smallest weight, which is the threshold "
        "itself: keep it with >=":
            lambda weight, share: np.abs(weight) > np.quantile(np.abs(weight), share),
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
        "a threshold, and True for what stays": by_threshold,
        "a quantile":
            lambda weight, share: 1 * (np.abs(weight) >= np.quantile(np.abs(weight), share)),
        "the ranks": by_rank,
        "a loop": loop,
    },
)
