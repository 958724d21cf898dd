"""06.three_scores: accuracy at the last step, at the best by validation, at the best by test."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def three_scores(val, test):
    seeds = np.arange(test.shape[1])
    return test[-1], test[val.argmax(axis=0), seeds], test.max(axis=0)


def curves(rng: np.random.RandomState) -> list[tuple]:
    """Accuracies (E, S) in tenths, with ties; the best step differs by seed and by split."""
    val = np.array([[50.0, 58], [61, 60], [60, 64], [61, 63]])
    test = np.array([[48.0, 66], [59, 62], [63, 61], [57, 60]])
    return [(val, test), *((rng.randint(500, 560, shape) / 10, rng.randint(500, 560, shape) / 10)
                           for shape in ((5, 3), (9, 4), (40, 5)))]


# ---- what students write
def swapped(val, test):
    last, by_val, by_test = three_scores(val, test)
    return last, by_test, by_val


def along_the_seeds(val, test):
    return (test[-1], test[np.arange(len(test)), val.argmax(axis=1)], test.max(axis=1))


def latest_of_equals(val, test):
    steps = len(val) - 1 - val[::-1].argmax(axis=0)
    return test[-1], test[steps, np.arange(test.shape[1])], test.max(axis=0)


def steps_themselves(val, test):
    last = np.full(test.shape[1], len(test) - 1)
    return last, val.argmax(axis=0), test.argmax(axis=0)


# ---- other right answers
def loop_over_seeds(val, test):
    rows = [(t[-1], t[list(v).index(max(v))], max(t)) for v, t in zip(val.T, test.T, strict=True)]
    return tuple(np.array(rows).T)


def take_along_axis(val, test):
    test = test.astype(np.float32)
    chosen = np.take_along_axis(test, val.argmax(axis=0)[None], axis=0)[0]
    return test[-1].copy(), chosen, np.amax(test, 0)


EXERCISE = Exercise(
    "06.three_scores", "Last step, best by validation, best by test", three_scores, probes=curves,
    points=2,
    parts=("score at the last step", "score by validation", "score by test"),
    hints=(
        "All three results are *test* accuracies, one for each seed (column). They differ "
        "in who chooses the step.",
        "`val.argmax(axis=0)` is the best step of each seed by validation, of shape (S,). Now pick "
        "test[step of seed k, k] for each k.",
        "`test[val.argmax(axis=0), np.arange(test.shape[1])]`: two index arrays go side by side.",
    ),
    mistakes={
        "your second result is the best *validation* accuracy itself: validation chooses the step, "
        "but what you report is the test accuracy there":
            lambda val, test: (test[-1], val.max(axis=0), test.max(axis=0)),
        "you chose the step with the test accuracy in your second result too: "
        "there, only `val` may choose":
            lambda val, test: (test[-1], test.max(axis=0), test.max(axis=0)),
        "your second and third results are swapped: last, by validation, by test": swapped,
        "your maximum runs along the seeds: axis 0 counts the steps, and each seed "
        "(column) has its own best one":
            along_the_seeds,
        "`test[steps]` with an index of shape (S,) picks whole rows, so (S, S) comes out: index "
        "the seeds too, with `np.arange(S)`":
            lambda val, test: (test[-1], test[val.argmax(axis=0)], test.max(axis=0)),
        "argmax without an axis counts through the whole flattened array: with axis=0 each seed "
        "gets the row of its own best step":
            lambda val, test: (test[-1], test[val.argmax()], test.max(axis=0)),
        "you chose one step for all seeds, by the mean over them: each seed is a run of its own, "
        "and stops at its own step":
            lambda val, test: (test[-1], test[val.mean(axis=1).argmax()], test.max(axis=0)),
        "your second result takes the latest of several equally good steps: take the "
        "earliest, as argmax does":
            latest_of_equals,
        "these are the numbers of the steps: return the test accuracies at them": steps_themselves,
    },
    musts={
        "no choice of a step may beat the best step by test":
            lambda result, val, test: all((part <= result[2] + 1e-4).all() for part in result),
    },
    variants={
        "a loop over the seeds": loop_over_seeds,
        "take_along_axis, single precision": take_along_axis,
    },
)
