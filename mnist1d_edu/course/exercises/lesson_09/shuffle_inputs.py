"""09.shuffle_inputs: one shuffling for all signals (UDL 10.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def shuffle_inputs(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[:, order], x_test[:, order], order


def inputs(rng: np.random.RandomState) -> list[tuple]:
    """Training signals (N, L), test signals (M, L), a seed; N and M both below and above L."""
    return [(np.arange(12.0).reshape(2, 6), np.arange(6.0, 0, -1).reshape(1, 6), rng.randint(1000)),
            (rng.randn(15, 12), rng.randn(14, 12), rng.randint(1000))]


def drawn(answer, x, x_test, seed):
    """The results, and whether the same stream gives the same order and another stream another."""
    spare = [(x.copy(), x_test.copy()) for _ in range(2)]
    first = answer(x, x_test, np.random.RandomState(seed))
    if not isinstance(first, (tuple, list)) or len(first) != 3:
        return first
    again, other = (answer(*given, np.random.RandomState(s))[2]
                    for given, s in zip(spare, (seed, seed + 1), strict=True))
    return (*first, np.array_equal(first[2], again)
            and (len(again) < 10 or not np.array_equal(first[2], other)))


def same_form(got, want) -> bool:
    """Any draw will do; the properties say whether it is consistent."""
    return (isinstance(got, (tuple, list)) and len(got) == 4
            and all(np.shape(g) == np.shape(w) for g, w in zip(got, want, strict=True)))


# ---- what students write
def two_orders(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[:, order], x_test[:, rng.permutation(x.shape[1])], order


def training_only(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[:, order], x_test, order


def an_order_for_each_signal(x, x_test, rng):
    orders = [rng.permutation(x.shape[1]) for _ in range(len(x) + len(x_test))]
    rows = np.array([row[order] for row, order in zip([*x, *x_test], orders, strict=True)])
    return rows[:len(x)], rows[len(x):], orders[0]


def signals_shuffled(x, x_test, rng):
    order = rng.permutation(len(x))
    return x[order], x_test[rng.permutation(len(x_test))], order


def rows_picked(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[order], x_test[order], order


def in_place(x, x_test, rng):
    order = np.arange(x.shape[1])
    rng.shuffle(order)
    x[:], x_test[:] = x[:, order], x_test[:, order]
    return x, x_test, order


def places_drawn_anew(x, x_test, rng):
    order = rng.randint(0, x.shape[1], x.shape[1])
    return x[:, order], x_test[:, order], order


# ---- other right answers
def sorted_random_numbers(x, x_test, rng):
    order = np.argsort(rng.rand(x.shape[1]))
    return x.T[order].T, np.take(x_test, order, axis=1), order


def shuffled_positions(x, x_test, rng):
    order = np.arange(x.shape[1])
    rng.shuffle(order)
    return x.astype(np.float32)[:, order], x_test.astype(np.float32)[:, order], order


EXERCISE = Exercise(
    "09.shuffle_inputs", "One shuffling for all signals", shuffle_inputs, probes=inputs, points=2,
    drive=drawn, same=same_form,
    hints=(
        "Draw one order of the L positions, `rng.permutation(L)`. How often do you have to draw?",
        "`x[order]` picks *rows*. The positions lie along axis 1: `x[:, order]`.",
        "Draw once, use it twice: `x[:, order]`, `x_test[:, order]`, and return `order` as well.",
    ),
    mistakes={
        "you drew one order for the training and another for the test signals: what a model learns "
        "about position 7 would be asked for at another place. Draw once, use it for both":
            two_orders,
        "you shuffled the training signals only: the test signals need the same order":
            training_only,
        "every signal got an order of its own: then no position means anything any more. One "
        "order serves all signals":
            an_order_for_each_signal,
        "you shuffled the signals among each other (axis 0), so that they no longer belong to "
        "their labels: it is the positions, axis 1, that change places":
            signals_shuffled,
        "`x[order]` picks rows, that is signals: the positions lie along axis 1, `x[:, order]`":
            rows_picked,
        "`rng.shuffle` works in place, and on axis 0: what you were given is changed. Draw an "
        "order with rng.permutation and index with it":
            in_place,
        "you drew random places, some of them twice and others never: a permutation has "
        "each position exactly once":
            places_drawn_anew,
    },
    parts=("x", "x_test", "order"),
    musts={
        "the same rng must give the same order, and another rng another one: draw from the `rng` "
        "that you are given":
            lambda result, *_: result[3],
        "the order must be drawn at random: too many neighbours are neighbours still":
            lambda result, *_: len(result[2]) < 10 or (np.abs(np.diff(result[2])) == 1).sum() < 6,
        "the order must have each position from 0 to L − 1 exactly once":
            lambda result, x, *_: np.array_equal(np.sort(result[2]), np.arange(x.shape[1])),
        "column j of the shuffled x must be column order[j] of x":
            lambda result, x, x_test, seed: np.allclose(result[0], x[:, result[2]]),
        "column j of the shuffled x_test must be column order[j] of x_test: "
        "the same order for both":
            lambda result, x, x_test, seed: np.allclose(result[1], x_test[:, result[2]]),
        "the positions must change places: they are still in order":
            lambda result, x, x_test, seed: not np.array_equal(result[2], np.arange(x.shape[1])),
    },
    variants={
        "sorting random numbers, on the transposed signals": sorted_random_numbers,
        "shuffling an array of positions in place, in single precision": shuffled_positions,
    },
)
