"""15.neighbour_share: do neighbouring inputs survive together?"""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def neighbour_share(mask):
    return (mask[:, :-1] * mask[:, 1:]).mean()


def first_layers(rng: np.random.RandomState) -> list[tuple]:
    """Masks (H, D), never square."""
    return [(np.array([[1.0, 1, 0, 1], [0, 0, 1, 1]]),),
            (np.array([[0.0, 1, 1, 1, 0], [1, 0, 1, 1, 1]]),),
            ((rng.random_sample((12, 7)) < 0.4) * 1.0,),
            ((rng.random_sample((30, 9)) < 0.6) * 1.0,)]


# ---- other right answers
def two_loops(mask):
    units, inputs = mask.shape
    both = sum(1 for h in range(units) for d in range(inputs - 1) if mask[h, d] and mask[h, d + 1])
    return both / (units * (inputs - 1))


def logical_and(mask):
    kept = mask.astype(bool)
    return (kept[:, 1:] & kept[:, :-1]).mean()


EXERCISE = Exercise(
    "15.neighbour_share", "Do neighbours survive together?", neighbour_share, probes=first_layers,
    hints=(
        "Input d and input d+1 are neighbours, for d from 0 to D-2. So each unit has D-1 pairs. "
        "Two slices of the mask hold the left and the right partners.",
        "`mask[:, :-1]` are the left partners, `mask[:, 1:]` the right ones. A product of zeros "
        "and ones is 1 only where both are 1; then take the mean.",
    ),
    mistakes={
        "you paired each unit with the next unit: neighbours are inputs here, along the last axis":
            lambda mask: (mask[:-1] * mask[1:]).mean(),
        "you paired the last input with the first (np.roll goes round in a circle): a unit has "
        "D - 1 pairs of neighbours, so use two slices":
            lambda mask: (mask * np.roll(mask, 1, axis=1)).mean(),
        "you counted the pairs: divide by how many there could be, D - 1 for each unit":
            lambda mask: (mask[:, :-1] * mask[:, 1:]).sum(),
        "you divided by the number of inputs, D: a unit has only D - 1 pairs of neighbours":
            lambda mask: (mask[:, :-1] * mask[:, 1:]).sum() / mask.size,
        "you counted pairs of which at least one survives: both have to":
            lambda mask: np.maximum(mask[:, :-1], mask[:, 1:]).mean(),
        "you counted pairs that are equal, and two zeros are equal too: count "
        "those where both are 1":
            lambda mask: (mask[:, :-1] == mask[:, 1:]).mean(),
        "you divided by the number of inputs that survive: the share is one of *all* pairs, those "
        "that lost a partner among them":
            lambda mask: (mask[:, :-1] * mask[:, 1:]).sum() / mask.sum(),
        "you divided by the number of pairs whose left partner survives: the "
        "share is one of *all* pairs":
            lambda mask: (mask[:, :-1] * mask[:, 1:]).sum() / mask[:, :-1].sum(),
        "you gave one share for each unit: average over the units too":
            lambda mask: (mask[:, :-1] * mask[:, 1:]).mean(axis=1),
        "you compared places that are two apart: neighbours are one apart":
            lambda mask: (mask[:, :-2] * mask[:, 2:]).mean(),
        "you laid the rows end to end, and the last input of a unit became the neighbour of the "
        "next unit's first: pair within each row":
            lambda mask: (mask.ravel()[:-1] * mask.ravel()[1:]).mean(),
    },
    musts={
        "the share must lie between 0 and 1": lambda result, mask: 0 <= result <= 1,
    },
    variants={
        "two loops": two_loops,
        "einsum": lambda mask: np.einsum("hd,hd->", mask[:, 1:], mask[:, :-1]) / mask[:, 1:].size,
        "a minimum, in single precision":
            lambda mask: np.minimum(mask[:, 1:], mask[:, :-1]).astype(np.float32).mean(),
        "logical and": logical_and,
    },
)
