"""06.split: setting validation data aside (UDL 8.5)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def split(x, y, n_val, rng):
    order = rng.permutation(len(x))
    return parts_of(x, y, order[n_val:], order[:n_val])


def parts_of(x, y, train, val):
    return {"x": x[train], "y": y[train], "x_val": x[val], "y_val": y[val]}


def labelled(rng: np.random.RandomState) -> list[tuple]:
    """Signals whose first value is their number and whose second their label, sorted by label."""
    def one(n, size, n_val):
        y = np.sort(rng.randint(0, 10, n))
        x = np.concatenate([np.arange(n)[:, None] + 0.0, y[:, None], rng.randn(n, size)], axis=1)
        return x, y, n_val, rng.randint(99)
    return [one(8, 0, 3), one(40, 1, 10), one(60, 2, 40)]


def split_twice(answer, x, y, n_val, seed):
    first, again, other = (answer(x, y, n_val, np.random.RandomState(s))
                           for s in (seed, seed, seed + 1))
    if not isinstance(first, dict) or set(first) != {"x", "y", "x_val", "y_val"}:
        return first, True, True
    return first, *(all(np.array_equal(first[k], o[k]) for k in first) for o in (again, other))


def same_but_for_the_choice(got, want):
    """Same names and shapes, and as reproducible; which examples were drawn does not matter."""
    return (isinstance(got[0], dict) and got[0].keys() == want[0].keys() and got[1:] == want[1:]
            and all(np.shape(got[0][k]) == np.shape(want[0][k]) for k in want[0]))


# ---- what students write
def two_orders(x, y, n_val, rng):
    one, two = rng.permutation(len(x)), rng.permutation(len(y))
    return {"x": x[one[n_val:]], "y": y[two[n_val:]], "x_val": x[one[:n_val]],
            "y_val": y[two[:n_val]]}


def last_unshuffled(x, y, n_val, rng):
    cut = len(x) - n_val
    return parts_of(x, y, np.arange(cut), np.arange(cut, len(x)))


def parts_swapped(x, y, n_val, rng):
    order = rng.permutation(len(x))
    return parts_of(x, y, order[:n_val], order[n_val:])


def with_replacement(x, y, n_val, rng):
    return parts_of(x, y, rng.choice(len(x), len(x) - n_val), rng.choice(len(x), n_val))


def global_stream(x, y, n_val, rng):
    order = np.random.permutation(len(x))
    return parts_of(x, y, order[n_val:], order[:n_val])


# ---- what must hold
def labels_stay_with_signals(result, x, y, n_val, seed):
    parts = result[0]
    return all((parts["x" + s][:, 1] == parts["y" + s]).all() for s in ("", "_val"))


def each_in_one_part(result, x, y, n_val, seed):
    numbers = np.concatenate([result[0]["x"][:, 0], result[0]["x_val"][:, 0]])
    return np.array_equal(np.sort(numbers), np.arange(len(x)))


def random_and_reproducible(result, x, y, n_val, seed):
    chosen = np.sort(result[0]["x_val"][:, 0])
    in_a_row = chosen[-1] - chosen[0] == n_val - 1
    return result[1] and not result[2] and (len(x) < 20 or not in_a_row)


# ---- other right answers
def boolean_mask(x, y, n_val, rng):
    aside = np.zeros(len(x), bool)
    aside[rng.choice(len(x), n_val, replace=False)] = True
    return parts_of(x, y, ~aside, aside)


def end_of_the_order(x, y, n_val, rng):
    order = np.arange(len(x))
    rng.shuffle(order)
    train, val = np.split(order, [len(x) - n_val])
    return parts_of(x, y, train, val)


EXERCISE = Exercise(
    "06.split", "Setting validation data aside", split, probes=labelled, drive=split_twice,
    same=same_but_for_the_choice,
    parts=("result",),
    hints=(
        "Shuffle the *numbers* of the examples, 0 to N - 1, once. Some of the numbers are for "
        "validation, and the rest for training.",
        "`order = rng.permutation(len(x))`. `x[order[:n_val]]` picks n_val signals, and "
        "`y[order[:n_val]]` their labels.",
        "Training gets `order[n_val:]`, for x and y alike.",
    ),
    mistakes={
        "you shuffled x and y separately, so that labels no longer belong to their signals: make "
        "one order, and use it for both":
            two_orders,
        "your training data are still all N examples, those for validation among them: leave these "
        "out, or validation measures memory":
            lambda x, y, n_val, rng: parts_of(x, y, slice(None), rng.permutation(len(x))[:n_val]),
        "you took the first n_val examples without shuffling: data often come sorted, and then "
        "some classes would be missing":
            lambda x, y, n_val, rng: parts_of(x, y, np.arange(n_val, len(x)), np.arange(n_val)),
        "you took the last n_val examples without shuffling: data often come sorted, and then some "
        "classes would be missing":
            last_unshuffled,
        "the two parts are swapped: n_val examples are for validation, and the rest for training":
            parts_swapped,
        "you drew with replacement, so that some examples come twice and others not at all: "
        "shuffle all numbers with `rng.permutation`, and cut":
            with_replacement,
        "you draw from NumPy's global stream: draw from the `rng` you are given, so that the same "
        "seed gives the same split again":
            global_stream,
    },
    musts={
        "each label must stay with its signal: use the same order for x and y":
            labels_stay_with_signals,
        "each example must be in exactly one of the two parts": each_in_one_part,
        "the choice must be random, and the same for the same rng": random_and_reproducible,
    },
    variants={
        "a mask, drawn without replacement": boolean_mask,
        "the end of the order": end_of_the_order,
    },
)
