"""14.peak: where a curve rises, and how far it falls (UDL 8.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def peak(curve):
    top = int((curve - np.minimum.accumulate(curve)).argmax())
    return int(curve[:top + 1].argmin()), top, top + int(curve[top:].argmin())


def curves(rng: np.random.RandomState) -> list[tuple]:
    """Error curves (W,): down, up and down; a bump higher than the start; two bumps; only down; a
    bump that is followed by a small rise; two dips before the peak; equal values everywhere."""
    return [(np.array([70.0, 55.0, 60.0, 40.0]),), (np.array([5.0, 3.0, 8.0, 6.0, 7.0]),),
            (np.array([90.0, 60.0, 64.0, 50.0, 59.0, 45.0, 47.0]),),
            (np.array([9.0, 7.0, 4.0, 1.0]),),
            (np.array([60.0, 52.0, 50.0, 53.0, 57.0, 56.0, 41.0, 44.0]),),
            (np.array([80.0, 70.0, 71.0, 30.0, 50.0, 44.0]),),
            (np.array([60.0, 50.0, 55.0, 48.0, 70.0, 40.0]),),
            (np.array([50.0, 30.0, 30.0, 60.0, 60.0, 20.0, 20.0]),)]


# ---- what students write
def around(curve, top):
    """The lowest places before and after a given top."""
    return int(curve[:top + 1].argmin()), int(top), int(top + curve[top:].argmin())


def after_counts_from_top(curve):
    before, top, after = peak(curve)
    return before, top, after - top


def lowest_of_all(curve):
    _, top, after = peak(curve)
    return int(curve.argmin()), top, after


def rise_from_the_first(curve):
    _, top, after = peak(curve)
    return 0, top, after


def last_place_for_after(curve):
    before, top, _ = peak(curve)
    return before, top, len(curve) - 1


def first_bump(curve):
    inner = [i for i in range(1, len(curve) - 1) if curve[i - 1] < curve[i] > curve[i + 1]]
    return around(curve, inner[0] if inner else 0)


def first_dip(curve):
    _, top, after = peak(curve)
    dips = [i for i in range(top) if curve[i + 1] > curve[i]]
    return dips[0] if dips else top, top, after


def last_of_equals(curve):
    back = curve[::-1]
    _, top, _ = peak(curve)
    return (top - int(curve[:top + 1][::-1].argmin()), top,
            len(curve) - 1 - int(back[:len(curve) - top].argmin()))


def farthest_fall(curve):
    to_come = np.minimum.accumulate(curve[::-1])[::-1]
    return around(curve, (curve - to_come).argmax())


# ---- other right answers
def every_pair(curve):
    rises = [(curve[j] - curve[i], -j, -i) for j in range(len(curve)) for i in range(j + 1)]
    _, top, before = max(rises)
    return -before, -top, -top + int(np.argmin(curve[-top:]))


EXERCISE = Exercise(
    "14.peak", "Where a curve rises, and how far it falls", peak, probes=curves, points=2,
    parts=("before", "top", "after"),
    hints=(
        "The curve begins high, so its largest value may be the first one, which is no peak. Ask "
        "of each place: how far does it lie above the lowest value up to here?",
        "`np.minimum.accumulate(curve)` is the lowest value up to each place. Where is `curve` "
        "minus that the largest?",
        "`before = curve[:top + 1].argmin()`; after the peak, `curve[top:].argmin()` counts "
        "from `top`, so add `top`.",
    ),
    mistakes={
        "you took the largest value of all: the narrowest net may be the worst, and that is no "
        "peak. Look for the place that lies highest above what came before it":
            lambda curve: around(curve, curve.argmax()),
        "your last place counts from the peak: add top, so that it counts from the "
        "beginning of the curve":
            after_counts_from_top,
        "`before` must come before the peak: the lowest value of the whole curve may come after it":
            lowest_of_all,
        "you measured the rise from the first place: the curve falls first, so measure from its "
        "lowest place before the peak":
            rise_from_the_first,
        "your `before` is the first place from which the curve rises: a lower one may follow, so "
        "take the lowest before the peak":
            first_dip,
        "where several places are equally low you took the last of them: take the first, as argmin "
        "does":
            last_of_equals,
        "you took the last place for `after`: take the lowest one after the peak":
            last_place_for_after,
        "you took the largest single step up: a rise may take several steps, so compare each place "
        "with the lowest one before it":
            lambda curve: around(curve, 1 + np.diff(curve).argmax()),
        "you took the first place that is higher than its neighbours: a small bump may come before "
        "the peak, so take the place with the highest rise":
            first_bump,
        "you took the place from which the curve falls farthest: at the left end it falls without "
        "having risen. Look for the highest rise":
            farthest_fall,
        "these are the values of the curve: what is asked for are the places, as whole numbers":
            lambda curve: tuple(float(curve[i]) for i in peak(curve)),
    },
    musts={
        "the three places must be in order: before, top, after":
            lambda result, curve: list(result) == sorted(result),
    },
    variants={
        "every pair of places": every_pair,
        "a list of NumPy integers":
            lambda curve: [np.int64(place) for place in peak(curve.astype(np.float32))],
    },
)
