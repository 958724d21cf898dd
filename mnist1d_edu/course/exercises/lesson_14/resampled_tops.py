"""14.resampled_tops: how sure the place of the peak is (UDL 8.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_14.peak import peak


def resampled_tops(errors, picks):
    return np.array([peak(errors[:, row].mean(axis=1))[1] for row in picks])


def resamples(rng: np.random.RandomState) -> list[tuple]:
    """errors (W, S), picks (B, S): every seed once first, then one seed only, then any."""
    def bumps(n_widths, seeds):
        values = 60 + 8 * rng.randn(n_widths, seeds)
        values[0] = 99
        return values
    tops = np.array([[70.0, 70.0, 70.0], [50.0, 50.0, 53.0], [58.0, 51.0, 50.0],
                     [49.0, 57.0, 66.0], [40.0, 40.0, 41.0]])
    return [(tops, np.array([[0, 1, 2]])), (tops, np.array([[0, 0, 0], [2, 2, 2], [1, 0, 0]])),
            (bumps(7, 4), rng.randint(0, 4, (9, 4))), (bumps(9, 3), rng.randint(0, 3, (6, 3)))]


# ---- what students write
def by_row(found):
    """What found(errors[:, row]) is, for each row of picks."""
    return lambda errors, picks: np.array([found(errors[:, row]) for row in picks])


# ---- other right answers
def by_counts(errors, picks):
    seeds = np.arange(errors.shape[1])
    counts = (picks[:, :, None] == seeds).sum(axis=1)
    means = counts @ errors.T / errors.shape[1]
    return np.array([peak(curve)[1] for curve in means])


def all_curves_at_once(errors, picks):
    means = errors[:, picks].mean(axis=2)
    return (means - np.minimum.accumulate(means, axis=0)).argmax(axis=0)


EXERCISE = Exercise(
    "14.resampled_tops", "How sure is the place of the peak", resampled_tops, probes=resamples,
    hints=(
        "A row of `picks` names S seeds, some of them twice. `errors[:, row]` has their columns; "
        "what is the mean over them?",
        "For each row: `curve = errors[:, row].mean(axis=1)`, and then the top of that curve, by "
        "your function of exercise 5.",
        "`np.array([find_peak(errors[:, row].mean(axis=1))[1] for row in picks])`",
    ),
    mistakes={
        "you took the largest value of each curve: the narrowest net may be the worst, so use your "
        "function of exercise 5":
            by_row(lambda picked: picked.mean(axis=1).argmax()),
        "you gave the lowest place before the peak: `top` is the second of the three places":
            by_row(lambda picked: peak(picked.mean(axis=1))[0]),
        "you gave all three places: only the top of each curve is asked for, shape (B,)":
            by_row(lambda picked: peak(picked.mean(axis=1))),
        "you picked rows of `errors`, which are widths: the seeds are its columns, errors[:, row]":
            lambda errors, picks: np.array([peak(errors[row].mean(axis=0))[1] for row in picks]),
        "you averaged over the widths: average over the seeds, axis 1, so that one value "
        "for each width is left":
            by_row(lambda picked: peak(picked.mean(axis=0))[1]),
        "you took each picked seed once, however often it was picked: one that was "
        "picked twice counts twice":
            lambda errors, picks: resampled_tops(errors, [np.unique(row) for row in picks]),
        "you averaged over all the seeds each time: take the seeds that the row of picks names":
            lambda errors, picks: np.array([peak(errors.mean(axis=1))[1] for _ in picks]),
        "you used the first picked seed only: average over all the seeds of the row":
            by_row(lambda picked: peak(picked[:, 0])[1]),
        "you took the median over the seeds: the mean is asked for, as in the "
        "curve that you looked at":
            by_row(lambda picked: peak(np.median(picked, axis=1))[1]),
    },
    musts={
        "one place for each row of picks is asked for, shape (B,)":
            lambda result, errors, picks: np.shape(result) == (len(picks),),
    },
    variants={
        "by counting how often each seed was picked": by_counts,
        "all curves at once": all_curves_at_once,
    },
)
