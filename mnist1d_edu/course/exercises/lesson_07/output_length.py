"""07.output_length: how many windows fit (UDL 10.2)."""

from __future__ import annotations

import math

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def output_length(length, kernel_size, stride, padding):
    return (length + 2 * padding - kernel_size) // stride + 1


def settings(rng: np.random.RandomState) -> list[tuple]:
    """length, kernel_size, stride, padding; in some, a last step would not fit."""
    return [(5, 3, 1, 0), (6, 3, 2, 0), (5, 2, 1, 1), (40, 5, 2, 1), (19, 3, 2, 1), (10, 3, 2, 1),
            (7, 7, 1, 0), (9, 4, 3, 2), *((int(rng.randint(9, 50)), 4, 3, 2) for _ in range(4))]


# ---- other right answers
def beginnings_counted(length, kernel_size, stride, padding):
    return len(range(0, length + 2 * padding - kernel_size + 1, stride))


def rounded_down(length, kernel_size, stride, padding):
    return math.floor((length + 2 * padding - kernel_size) / stride + 1)


def rounded_up(length, kernel_size, stride, padding):
    return math.ceil((length + 2 * padding - kernel_size + 1) / stride)


EXERCISE = Exercise(
    "07.output_length", "How many windows fit", output_length, probes=settings,
    hints=(
        "Padding makes the signal longer, on both sides. The last window begins at the padded "
        "length minus the kernel's.",
        "Windows begin at 0, stride, 2 stride, ... How many whole strides lie between 0 and the "
        "last place where a window may begin? One more window than strides.",
        "`(length + 2 * padding - kernel_size) // stride + 1`",
    ),
    mistakes={
        "you counted the steps between windows: there is one window more than steps, so add 1":
            lambda length, kernel, stride, padding: (length + 2 * padding - kernel) // stride,
        "you padded one end only: there are zeros on both sides, 2 * padding in all":
            lambda length, kernel, stride, padding: (length + padding - kernel) // stride + 1,
        "you left the padding out: the kernel slides along length + 2 * padding numbers":
            lambda length, kernel, stride, padding: (length - kernel) // stride + 1,
        "you rounded up: a last step that would carry the window past the end is "
        "not taken, so round down":
            lambda length, kernel, stride, padding: 1 - (kernel - length - 2 * padding) // stride,
        "you added the 1 before dividing: divide the distance that the window can travel by the "
        "stride, then count the first window too":
            lambda length, kernel, stride, padding: (length + 2 * padding - kernel + 1) // stride,
        "you left the stride out: with stride s only every s-th window is taken":
            lambda length, kernel, stride, padding: length + 2 * padding - kernel + 1,
        "a number of windows is a whole number: divide with //, which rounds down":
            lambda length, kernel, stride, padding: (length + 2 * padding - kernel) / stride + 1,
    },
    variants={
        "counting the beginnings": beginnings_counted,
        "math.floor": rounded_down,
        "rounding up the other count": rounded_up,
    },
)
