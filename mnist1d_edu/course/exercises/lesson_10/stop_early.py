"""10.stop_early: early stopping with patience (UDL 9.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def stop_early(accuracies, patience):
    best = 0
    for i in range(1, len(accuracies)):
        if accuracies[i] > accuracies[best]:
            best = i
        elif i - best >= patience:
            return best, i
    return best, len(accuracies) - 1


def curves(rng: np.random.RandomState) -> list[tuple]:
    """accuracies (E,), patience: a rise and a fall, ties, a late rise behind a dip, no stop."""
    return [([50.0, 60.0, 58.0, 59.0], 2), ([10.0, 30.0, 30.0, 29.0, 31.0, 28.0], 2),
            ([10.0, 40.0, 35.0, 45.0, 39.0, 41.0, 44.0, 90.0], 3),
            ([10.0, 20.0, 19.0, 30.0, 29.0, 40.0, 39.0], 2), ([50.0, 40.0, 30.0, 20.0], 1),
            ([30.0], 1), ([20.0, 50.0, 30.0, 40.0, 49.0, 48.0, 70.0], 4),
            (list(np.arange(8.0) + rng.rand(8)), 1),
            ([20.0, 60.0, 50.0, 55.0, 61.0, 40.0, 45.0, 50.0, 99.0, 10.0], 3)]


# ---- what students write
def walk(better, wait=lambda patience: patience, reset=True, stop=lambda best, i: (best, i)):
    """The loop with a counter; better(accuracies, i, best) decides what an improvement is."""
    def answer(accuracies, patience):
        best, bad = 0, 0
        for i in range(1, len(accuracies)):
            if better(accuracies, i, best):
                best, bad = i, 0 if reset else bad
            else:
                bad += 1
                if bad >= wait(patience):
                    return stop(best, i)
        return stop(best, len(accuracies) - 1)
    return answer


def above_the_best(accuracies, i, best):
    return accuracies[i] > accuracies[best]


def best_in_sight_of_the_future(accuracies, patience):
    return int(np.argmax(accuracies)), stop_early(accuracies, patience)[1]


def accuracy_for_index(accuracies, patience):
    best, last = stop_early(accuracies, patience)
    return accuracies[best], last


def fallen_from_the_one_before(accuracies, patience):
    best, bad = 0, 0
    for i in range(1, len(accuracies)):
        best = i if accuracies[i] > accuracies[best] else best
        bad = 0 if accuracies[i] > accuracies[i - 1] else bad + 1
        if bad >= patience:
            return best, i
    return best, len(accuracies) - 1


# ---- other right answers
def with_numpy(accuracies, patience):
    accuracies = np.asarray(accuracies)
    for end in range(len(accuracies)):
        best = int(np.argmax(accuracies[:end + 1]))
        if end - best >= patience:
            return [best, end]
    return [best, len(accuracies) - 1]


EXERCISE = Exercise(
    "10.stop_early", "Early stopping", stop_early, probes=curves, points=2,
    parts=("best evaluation", "last evaluation"),
    hints=(
        "Walk through the evaluations in order and remember the index of the best so far. At each "
        "one, either it is better than that, or the wait grows.",
        "`i - best` is the number of evaluations since the best. Stop at i as soon as it reaches "
        "patience; if it never does, the last evaluation ends the training.",
        "An equal accuracy is no improvement: compare with >.",
    ),
    mistakes={
        "you stop one evaluation too late: stop at the one at which patience evaluations have gone "
        "by since the best":
            walk(above_the_best, lambda patience: patience + 1),
        "you stop one evaluation too early: the evaluation after the best is number 1 of the wait":
            walk(above_the_best, lambda patience: patience - 1),
        "you took an equal accuracy for an improvement: only a higher one ends the wait":
            walk(lambda accuracies, i, best: accuracies[i] >= accuracies[best]),
        "your wait is not set back to 0 by an improvement: patience counts evaluations in a row":
            walk(above_the_best, reset=False),
        "you compare with the evaluation before: what counts is whether the best so far is beaten":
            codings(walk(lambda accuracies, i, best: accuracies[i] > accuracies[i - 1]),
                    fallen_from_the_one_before),
        "you took the best of the whole curve: when training stops, the evaluations after that "
        "have not happened": best_in_sight_of_the_future,
        "you return the evaluation at which training stops twice: the first of the two is the best "
        "one": walk(above_the_best, stop=lambda best, i: (i, i)),
        "you exchanged the two: first the best evaluation, then the one at which training stops":
            walk(above_the_best, stop=lambda best, i: (i, best)),
        "you return the best accuracy: its index is asked for": accuracy_for_index,
        "your last index is one too many: it is the number of evaluations made, and the index "
        "counts from 0": walk(above_the_best, stop=lambda best, i: (best, i + 1)),
        "you never stop: return as soon as patience evaluations have gone by since the best":
            lambda accuracies, patience: (int(np.argmax(accuracies)), len(accuracies) - 1),
    },
    variants={"a counter": walk(above_the_best), "argmax of what has been seen": with_numpy},
)
