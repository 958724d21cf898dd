"""14.threshold: from where on a net fits its training labels (UDL 8.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def threshold(widths, errors, limit):
    above = np.flatnonzero(errors >= limit)
    first = above[-1] + 1 if len(above) else 0
    return int(widths[first]) if first < len(widths) else None


def sweeps(rng: np.random.RandomState) -> list[tuple]:
    """widths (W,), training errors (W,), limit: the limit crossed once; crossed and left again;
    never reached 0; never crossed; below it from the start; below at the start and not at the end.
    """
    return [(np.array([2, 5, 9]), np.array([40.0, 3.0, 0.0]), 1.0),
            (np.array([3, 6, 12, 24, 50]), np.array([50.0, 0.5, 2.0, 0.4, 0.0]), 1.0),
            (np.array([4, 8, 16, 30]), np.array([30.0, 6.0, 4.5, 0.2]), 5.0),
            (np.array([4, 8, 16]), np.array([30.0, 12.0, 2.0]), 1.0),
            (np.array([7, 11, 13]), np.array([0.9, 0.2, 0.5]), 1.0),
            (np.array([7, 11, 13]), np.array([0.9, 0.2, 1.5]), 1.0),
            (np.array([4, 9]), np.array([3.0, 1.0]), 1.0)]


# ---- what students write
def first_below(widths, errors, limit):
    below = np.flatnonzero(errors < limit)
    return int(widths[below[0]]) if len(below) else None


def place_for_width(widths, errors, limit):
    found = threshold(widths, errors, limit)
    return None if found is None else int(np.flatnonzero(widths == found)[0])


def last_above(widths, errors, limit):
    above = np.flatnonzero(errors >= limit)
    return int(widths[above[-1]]) if len(above) else None


def widest_for_none(widths, errors, limit):
    found = threshold(widths, errors, limit)
    return int(widths[-1]) if found is None else found


def first_zero(widths, errors, limit):
    zero = np.flatnonzero(errors == 0)
    return int(widths[zero[0]]) if len(zero) else None


# ---- other right answers
def backwards(widths, errors, limit):
    found = None
    for width, error in zip(widths[::-1], errors[::-1], strict=True):
        if error >= limit:
            break
        found = int(width)
    return found


def largest_to_come(widths, errors, limit):
    to_come = np.maximum.accumulate(errors[::-1])[::-1]
    fits = widths[to_come < limit]
    return fits[0] if fits.size else None


EXERCISE = Exercise(
    "14.threshold", "From where on a net fits its training labels", threshold, probes=sweeps,
    hints=(
        "Go through the widths from the *last* one backwards. When do you have to stop?",
        "The threshold comes right after the last width whose error is not below the limit. If "
        "that is the last width of all, there is none: return None.",
        "`above = np.flatnonzero(errors >= limit)`: if it is empty, the first width is the "
        "threshold; else the place is `above[-1] + 1`, if there is such a place.",
    ),
    mistakes={
        "you took the first width whose error is below the limit, but a wider net is above it "
        "again: from the threshold on it must *stay* below":
            first_below,
        "you took the first width whose error is below the limit: from the threshold on it must "
        "*stay* below, and where there is none, return None":
            lambda widths, errors, limit: widths[errors < limit][0],
        "you gave the place in the array: look the width up there, widths[...]": place_for_width,
        "you gave the last width that does not fit yet: the threshold is the next one": last_above,
        "where the training error never stays below the limit there is no threshold: return "
        "None, not the widest net":
            widest_for_none,
        "you gave the width with the smallest training error: what is asked for is the first one "
        "from which on the error stays below the limit":
            lambda widths, errors, limit: int(widths[np.argmin(errors)]),
        "you waited for an error of exactly 0: below the limit is enough": first_zero,
        "an error that is equal to the limit is not below it":
            lambda widths, errors, limit: threshold(widths, errors, np.nextafter(limit, np.inf)),
    },
    variants={
        "backwards, in a loop": backwards,
        "the largest error still to come": largest_to_come,
    },
)
