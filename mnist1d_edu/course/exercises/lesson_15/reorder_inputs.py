"""15.reorder_inputs: the same shuffle for all signals."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def reorder_inputs(data, order):
    return {**data, "x": data["x"][:, order], "x_test": data["x_test"][:, order]}


def datasets(rng: np.random.RandomState) -> list[tuple]:
    """A dataset and an order of its inputs that is not its own inverse."""
    def make(n, m, inputs):
        return {"x": rng.randint(-9, 10, (n, inputs)) * 1.0, "y": rng.randint(0, 10, n),
                "x_test": rng.randint(-9, 10, (m, inputs)) * 1.0, "y_test": rng.randint(0, 10, m)}
    return [(make(4, 3, 3), np.array([1, 2, 0])),
            (make(9, 6, 5), np.array([3, 0, 4, 1, 2])), (make(20, 12, 8), rng.permutation(8))]


# ---- what students write
def given_dict_changed(data, order):
    data["x"], data["x_test"] = data["x"][:, order], data["x_test"][:, order]
    return data


# ---- what must hold
def values_stay(result, data, order):
    return all((np.sort(result[name], 1) == np.sort(data[name], 1)).all()
               for name in ("x", "x_test"))


def labels_stay(result, data, order):
    return all((result[name] == data[name]).all() for name in ("y", "y_test"))


# ---- other right answers
def dict_written_out(data, order):
    return {"x": np.take(data["x"], order, axis=1), "y": data["y"],
            "x_test": np.take(data["x_test"], order, axis=-1), "y_test": data["y_test"]}


def signal_by_signal(data, order):
    new = dict(data)
    for name in ("x", "x_test"):
        new[name] = np.stack([signal[list(order)] for signal in data[name]])
    return new


def permutation_matrix(data, order):
    matrix = np.eye(len(order))[order].T
    return {**data, "x": data["x"] @ matrix, "x_test": data["x_test"] @ matrix}


EXERCISE = Exercise(
    "15.reorder_inputs", "The same shuffle for all", reorder_inputs, probes=datasets,
    hints=(
        "Each column of x is one input. Place i of every new signal is to hold input `order[i]` of "
        "the old one, in training and in test. What does `x[:, order]` do?",
        "`x[order]` picks rows (signals), `x[:, order]` picks columns (inputs). The labels stay.",
        "Make a new dict: `{**data, \"x\": ..., \"x_test\": ...}` leaves the old one alone.",
    ),
    mistakes={
        "you left the test signals in their old order: a net that learned one order is "
        "then asked in another one":
            lambda data, order: {**data, "x": data["x"][:, order]},
        "you reordered the signals, not the inputs: the first axis counts examples, the "
        "second runs along a signal":
            lambda data, order: {**data, "x": data["x"][order], "x_test": data["x_test"][order]},
        "you moved input i to place order[i]; what is asked for is the other direction: place i "
        "takes input order[i]: x[:, order]":
            lambda data, order: reorder_inputs(data, np.argsort(order)),
        "you changed the dict that you were given, and the old order is lost: make a new dict":
            given_dict_changed,
        "the labels are gone: the new dict needs y and y_test as well; "
        "{**data, ...} takes them over":
            lambda data, order: {"x": data["x"][:, order], "x_test": data["x_test"][:, order]},
        "you reversed the signals: use the order that you are given":
            lambda data, order: reorder_inputs(data, np.arange(len(order))[::-1]),
        "you returned the arrays only: return a dict like data":
            lambda data, order: (data["x"][:, order], data["x_test"][:, order]),
    },
    musts={
        "each signal must keep its own values, in another order": values_stay,
        "the labels must stay as they are": labels_stay,
    },
    variants={
        "np.take, and a dict written out": dict_written_out,
        "signal by signal, on a copy": signal_by_signal,
        "a product with a permutation matrix": permutation_matrix,
    },
)
