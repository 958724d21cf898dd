"""15.expected_pairs: a null model of a mask, which has all but the inputs' choice of each other."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def expected_pairs(mask):
    kept, popularity = mask.sum(axis=1), mask.sum(axis=0)
    shares = np.outer(popularity, popularity)
    np.fill_diagonal(shares, 0)
    return (kept * (kept - 1)).sum() * shares / shares.sum()


def first_layers(rng: np.random.RandomState) -> list[tuple]:
    """Masks (H, D), never square, floats: two units first; units with very different numbers of
    inputs, and inputs of very different popularity; one unit without any input."""
    def mask(units, inputs, full=1.0):
        share = np.outer(rng.uniform(0.2, full, units), rng.uniform(0.2, full, inputs))
        return (rng.random_sample((units, inputs)) < share) * 1.0
    some = mask(12, 7)
    some[3] = 0
    return [(np.array([[1.0, 1, 0], [1, 1, 1]]),), (np.array([[1.0, 0, 1, 1], [0, 0, 1, 1]]),),
            (some,), (mask(9, 14),)]


# ---- what students write
def spread(mask, *, shares=np.outer, total=lambda kept: (kept * (kept - 1)).sum(),
           no_pairs=np.fill_diagonal):
    """The reference, with places where a mistake can sit."""
    kept, popularity = mask.sum(axis=1), mask.sum(axis=0)
    of_pairs = shares(popularity, popularity)
    no_pairs(of_pairs, 0)
    return total(kept) * of_pairs / of_pairs.sum()


def diagonal_left(of_pairs, zero):
    pass


def diagonal_removed_too_late(mask):
    result = spread(mask, no_pairs=diagonal_left)
    np.fill_diagonal(result, 0)
    return result


def found_pairs(mask):
    together = mask.T @ mask
    np.fill_diagonal(together, 0)
    return together


def independent_inputs(mask):
    chances = mask.mean(axis=0)
    result = len(mask) * np.outer(chances, chances)
    np.fill_diagonal(result, 0)
    return result


def with_shares(total):
    """spread with another number of pairs to be spread; total(kept) says how many."""
    return lambda mask: spread(mask, total=total)


# ---- other right answers
def pair_by_pair(mask):
    kept, popularity = mask.sum(1), mask.sum(0)
    inputs = mask.shape[1]
    pairs = sum(k * (k - 1) for k in kept)
    weights = [[popularity[i] * popularity[j] if i != j else 0.0 for j in range(inputs)]
               for i in range(inputs)]
    return np.array(weights) * pairs / sum(map(sum, weights))


def pairs_counted_in_the_mask(mask):
    together = mask.T @ mask
    c = np.diag(together).astype(np.float32)
    off = 1 - np.eye(len(c), dtype=np.float32)
    return (together * off).sum() * c[:, None] * c * off / ((c[:, None] * c) * off).sum()


EXERCISE = Exercise(
    "15.expected_pairs", "What would be left to chance", expected_pairs, probes=first_layers,
    points=2,
    hints=(
        "Two counts are all that the model may know: how many inputs each unit keeps (a sum along "
        "one axis of the mask), and how many units keep each input (along the other). How many "
        "pairs (i, j) with i ≠ j does a unit with k inputs have?",
        "A unit with k inputs has k (k - 1) pairs, for (i, j) and (j, i) are both counted. The "
        "sum over the units is what you spread. The weights are `np.outer(c, c)` with zeros on "
        "the diagonal: an input is no pair with itself.",
        "`weights = np.outer(c, c)`, `np.fill_diagonal(weights, 0)`; the result is the number of "
        "pairs times `weights / weights.sum()`.",
    ),
    mistakes={
        "you left an input to be paired with itself: set the diagonal of the weights to 0":
            lambda mask: spread(mask, no_pairs=diagonal_left),
        "you set the diagonal to 0 after dividing, so that what stood there is lost: set it to 0 "
        "first, and then divide by the sum":
            diagonal_removed_too_late,
        "a unit with k inputs has k (k - 1) pairs, not k²: no input is a pair with itself":
            with_shares(lambda kept: (kept**2).sum()),
        "you counted each pair once, but your matrix has it twice, at (i, j) and at (j, i): a unit "
        "with k inputs has k (k - 1) of them":
            with_shares(lambda kept: (kept * (kept - 1) / 2).sum()),
        "you spread the number of weights: what is to be spread is the number of pairs, "
        "k (k - 1) for a unit with k inputs":
            with_shares(lambda kept: kept.sum()),
        "you took the mean over the units: the pairs of all units together are to be spread":
            with_shares(lambda kept: (kept * (kept - 1)).mean()),
        "you counted the pairs of one unit that keeps all the weights: each unit has pairs among "
        "its own inputs only, so k (k - 1) for each, and then the sum":
            with_shares(lambda kept: kept.sum() * (kept.sum() - 1)),
        "your numbers sum to 1: multiply them by how many pairs there are":
            with_shares(lambda kept: 1.0),
        "you gave every pair of inputs the same chance: a pair's weight is the product of its two "
        "inputs' popularity":
            lambda mask: spread(mask, shares=lambda a, b: np.ones((len(a), len(b)))),
        "you added the popularity of the two inputs: a pair's weight is their product":
            lambda mask: spread(mask, shares=lambda a, b: np.add.outer(a, b)),
        "these are the pairs that the mask has: what is asked for is how many it would have by "
        "units' numbers and inputs' popularity alone":
            found_pairs,
        "you made every unit alike: a unit that keeps many inputs has far more pairs than its "
        "proportion of weights, so count k (k - 1) for each unit":
            independent_inputs,
        "your matrix has a row for each unit: rows and columns are inputs, so popularity is the "
        "sum over the units, axis 0":
            lambda mask: expected_pairs(mask.T),
    },
    musts={
        "the result must be symmetric, with zeros on its diagonal":
            lambda result, mask: (np.allclose(result, result.T)
                                  and not np.diagonal(result).any()),
        "all pairs together must be as many as the mask has":
            lambda result, mask: np.isclose(
                result.sum(), (mask.sum(axis=1) * (mask.sum(axis=1) - 1)).sum()),
    },
    variants={
        "pair by pair": pair_by_pair,
        "pairs counted in mask.T @ mask, single precision": pairs_counted_in_the_mask,
    },
)
