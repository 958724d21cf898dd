"""19.fair: each function at the rate that suits it, chosen on other data (UDL 8.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def fair(validation, test):
    best = validation.mean(axis=2).argmax(axis=1)
    return test[np.arange(len(test)), best]


def accuracies(rng: np.random.RandomState) -> list[tuple]:
    """validation (F, R, V), test (F, R, T): two functions and rates to read, then more, where the
    seed with the highest accuracy, the first seed and the test would all choose otherwise."""
    small = (np.array([[[50.0, 52.0], [49.0, 56.0]], [[40.0, 42.0], [30.0, 39.0]]]),
             np.array([[[60.0], [55.0]], [[41.0], [48.0]]]))
    some = []
    for functions, rates, seeds, tests in ((3, 4, 5, 2), (4, 3, 6, 3), (5, 4, 3, 4)):
        some.append((rng.uniform(20, 80, (functions, rates, seeds)),
                     rng.uniform(20, 80, (functions, rates, tests))))
    return [small, *some]


def at(choose):
    """The test accuracies at the rates, (F,), that `choose` finds."""
    return lambda validation, test: test[np.arange(len(test)), choose(validation, test)]


EXERCISE = Exercise(
    "19.fair", "A fair comparison", fair, probes=accuracies,
    hints=(
        "For each function: the mean of the validation accuracies over the seeds, then the rate "
        "at which it is highest. The test accuracies only come in afterwards.",
        "`best = validation.mean(axis=2).argmax(axis=1)` is one rate for each function; "
        "`test[np.arange(len(test)), best]` pairs the two.",
    ),
    mistakes={
        "you chose the rates by the test accuracies, which are then no test: choose by validation":
            at(lambda validation, test: test.mean(axis=2).argmax(axis=1)),
        "one rate for all functions favours those that it suits: each has its own best":
            codings(at(lambda validation, test: np.full(
                        len(test), validation.mean(axis=(0, 2)).argmax())),
                    at(lambda validation, test: np.full(
                        len(test), validation.mean(axis=2).argmax(axis=1)[0]))),
        "you took the best rate of each test seed, which is a choice by the test":
            lambda validation, test: test.max(axis=1),
        "you took the mean over the rates: choose one rate for each function":
            lambda validation, test: test.mean(axis=1),
        "you chose by the luckiest seed: take the mean of the validation accuracies over the seeds":
            at(lambda validation, test: validation.max(axis=2).argmax(axis=1)),
        "one validation seed decides alone: take the mean over all of them":
            codings(at(lambda validation, test: validation[:, :, 0].argmax(axis=1)),
                    at(lambda validation, test: validation[:, :, -1].argmax(axis=1))),
        "you took the worst rate: accuracies are best where they are highest":
            at(lambda validation, test: validation.mean(axis=2).argmin(axis=1)),
        "these are the validation accuracies, which the choice has made look better than they are":
            lambda validation, test: validation[
                np.arange(len(test)), validation.mean(axis=2).argmax(axis=1)],
        "you returned the means: return the accuracy of each test seed, (F, T)":
            lambda validation, test: fair(validation, test).mean(axis=1),
        "`test[:, best]` takes all of the best rates for each function: pair each with its own":
            lambda validation, test: test[:, validation.mean(axis=2).argmax(axis=1)],
        "you chose by the spread over the seeds: the mean accuracy decides":
            codings(at(lambda validation, test: validation.std(axis=2).argmax(axis=1)),
                    at(lambda validation, test: validation.std(axis=2).argmin(axis=1))),
    },
    variants={
        "a loop": lambda validation, test: np.array(
            [t[v.mean(axis=1).argmax()] for v, t in zip(validation, test, strict=True)]),
        "take_along_axis": lambda validation, test: np.take_along_axis(
            test, validation.sum(axis=2).argmax(axis=1)[:, None, None], axis=1)[:, 0],
    },
)
