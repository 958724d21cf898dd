"""15.random_mask: as many weights as the ticket has, at random (UDL 20.2.7)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_15.magnitude_mask import as_numbers


def random_mask(mask, rng):
    return rng.permutation(mask.ravel()).reshape(mask.shape)


def masks(rng: np.random.RandomState) -> list[tuple]:
    """A mask (H, D), a seed of a stream: whole rows first, then whole columns, then scattered."""
    rows, columns = np.zeros((30, 20)), np.zeros((20, 30))
    rows[:12], columns[:, 21:] = 1, 1
    scattered = (rng.permutation(600) < 60).reshape(30, 20) * 1.0
    return [(mask, int(rng.randint(10_000))) for mask in (rows, columns, scattered)]


def random_masks(answer, mask, seed):
    """The mask, and whether the same seed gives the same one and another seed another."""
    spare = mask.copy(), mask.copy()
    drawn, again, other = (as_numbers(answer, given, np.random.RandomState(s))
                           for given, s in zip((mask, *spare), (seed, seed, seed + 1), strict=True))
    return drawn, np.array_equal(drawn, again), not np.array_equal(drawn, other)


def any_mask(got, want) -> bool:
    """Any draw will do; whether it is the right kind of draw, the properties say."""
    mask = got[0]
    return (isinstance(mask, np.ndarray) and mask.shape == want[0].shape
            and mask.dtype.kind in "fiu")


# ---- what students write
def given_mask_shuffled(mask, rng):
    flat = mask.reshape(-1)
    rng.shuffle(flat)
    return mask


# ---- what must hold
def no_whole_rows_or_columns(result, mask, seed):
    return not any((result[0].mean(axis) == 1).any() for axis in (0, 1))


def no_row_or_column_far_too_full(result, mask, seed):
    return all(result[0].mean(axis).max() < mask.mean() + 0.5 for axis in (0, 1))


# ---- other right answers
def places_drawn(mask, rng):
    out = np.zeros(mask.size)
    out[rng.choice(mask.size, int(mask.sum()), replace=False)] = 1
    return out.reshape(mask.shape)


def random_scores(mask, rng):
    scores = rng.standard_normal(mask.size)
    return (scores.argsort().argsort() < mask.sum()).reshape(mask.shape)


def copy_shuffled_in_place(mask, rng):
    flat = mask.flatten()
    rng.shuffle(flat)
    return flat.reshape(mask.shape).astype(np.float32)


EXERCISE = Exercise(
    "15.random_mask", "The same number, at random", random_mask, probes=masks, drive=random_masks,
    same=any_mask,
    parts=("mask",),
    hints=(
        "The number of ones is to stay exactly what it is; only their places are to be random. "
        "That is a shuffle, not a coin for each weight.",
        "`rng.permutation(a)` of an array with two axes shuffles its rows and leaves each row as "
        "it is. What if the array had one axis only?",
        "`rng.permutation(mask.ravel())` is a shuffled long row; reshape it to `mask.shape`.",
    ),
    mistakes={
        "you shuffled the rows, and each row is still what it was: permutation moves along the "
        "first axis only, so make the mask one long row first":
            lambda mask, rng: rng.permutation(mask),
        "you shuffled the columns, and each column is still what it was: make the mask one long "
        "row, shuffle that, and reshape":
            lambda mask, rng: rng.permutation(mask.T).T,
        "you shuffled each row by itself, so each unit keeps as many weights as before: shuffle "
        "all places of the layer together, as one long row":
            lambda mask, rng: np.array([rng.permutation(row) for row in mask]),
        "you tossed a coin for each weight, so the number of ones is right only on average: keep "
        "it exactly, by shuffling the mask that you are given":
            lambda mask, rng: (rng.random_sample(mask.shape) < mask.mean()).astype(float),
        "you shuffled the mask that you were given, and the ticket itself is lost: shuffle a copy":
            given_mask_shuffled,
        "you returned the mask as it is: put its ones at random places":
            lambda mask, rng: mask.copy(),
        "you draw from NumPy's global stream: draw from the `rng` you are given, so that the same "
        "seed gives the same mask again":
            lambda mask, rng: np.random.permutation(mask.ravel()).reshape(mask.shape),
        "your mask is one long row: give it the shape of the other":
            lambda mask, rng: rng.permutation(mask.ravel()),
    },
    musts={
        "there must be nothing but zeros and ones":
            lambda result, mask, seed: np.isin(result[0], (0, 1)).all(),
        "the number of ones must be exactly that of the mask you were given":
            lambda result, mask, seed: result[0].sum() == mask.sum(),
        "all places must have the same chance of a 1: here whole rows or columns stayed together":
            no_whole_rows_or_columns,
        "all places must have the same chance of a 1: some rows or columns got far too many":
            no_row_or_column_far_too_full,
        "the same rng must give the same mask again, and another rng another one: draw from the "
        "`rng` you are given, and from nothing else":
            lambda result, mask, seed: result[1] and result[2],
    },
    variants={
        "places drawn without repetition": places_drawn,
        "random scores, the best of them kept, as True": random_scores,
        "shuffled in place, on a copy": copy_shuffled_in_place,
    },
)
