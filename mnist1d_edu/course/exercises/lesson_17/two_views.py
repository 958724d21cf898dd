"""17.two_views: two augmented views of each signal, in neighbouring rows (UDL 9.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def two_views(x, shift, slope, offset):
    n, length = x.shape
    places = (np.arange(length) - shift[:, :, np.newaxis]) % length
    moved = x[np.arange(n)[:, np.newaxis, np.newaxis], places]
    line = np.arange(length) - (length - 1) / 2
    views = moved + slope[:, :, np.newaxis] * line + offset[:, :, np.newaxis]
    return views.reshape(2 * n, length)


def batches(rng: np.random.RandomState) -> list[tuple]:
    """x (N, L), and shift, slope, offset (N, 2): a signal to read, then more."""
    return [(np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[0, 1]]), np.array([[0.0, 2.0]]),
             np.array([[10.0, 100.0]])),
            *((rng.randn(n, length), rng.randint(length, size=(n, 2)), rng.randn(n, 2),
               rng.randn(n, 2)) for n, length in ((2, 4), (3, 5), (5, 8)))]


# ---- what students write
def arranged(x, shift, slope, offset):
    """The views as (N, 2, L)."""
    return two_views(x, shift, slope, offset).reshape(len(x), 2, -1)


def first_views_first(x, shift, slope, offset):
    return np.concatenate([arranged(x, shift, slope, offset)[:, 0],
                           arranged(x, shift, slope, offset)[:, 1]])


def the_same_twice(x, shift, slope, offset):
    return np.repeat(arranged(x, shift, slope, offset)[:, 0], 2, axis=0)


def second_is_the_original(x, shift, slope, offset):
    return np.stack([arranged(x, shift, slope, offset)[:, 0], x], axis=1).reshape(2 * len(x), -1)


def second_made_of_the_first(x, shift, slope, offset):
    first = arranged(x, shift, slope, offset)[:, 0]
    second = arranged(first, shift, slope, offset)[:, 1]
    return np.stack([first, second], axis=1).reshape(2 * len(x), -1)


def line_from(start):
    def answer(x, shift, slope, offset):
        line = np.arange(x.shape[1]) - start(x.shape[1])
        found = arranged(x, shift, 0 * slope, offset) + slope[:, :, None] * line
        return found.reshape(2 * len(x), -1)
    return answer


def line_shifted_too(x, shift, slope, offset):
    tilted = arranged(x, 0 * shift, slope, offset)
    return np.stack([np.roll(row, by) for row, by in zip(
        tilted.reshape(-1, x.shape[1]), shift.ravel(), strict=True)])


def zeros_come_in(x, shift, slope, offset):
    moved = np.zeros((len(x), 2, x.shape[1]))
    for i, k in np.ndindex(*shift.shape):
        moved[i, k, shift[i, k]:] = x[i, :x.shape[1] - shift[i, k]]
    lines = two_views(0 * x, shift, slope, offset)
    return moved.reshape(lines.shape) + lines


def in_place(x, shift, slope, offset):
    found = two_views(x, shift, slope, offset)
    x[:] = found[::2]
    return found


# ---- other right answers
def loop_of_rolls(x, shift, slope, offset):
    middle, rows = (x.shape[1] - 1) / 2, []
    for i in range(len(x)):
        for view in range(2):
            line = slope[i, view] * (np.arange(x.shape[1]) - middle)
            rows.append(np.roll(x[i], shift[i, view]) + line + offset[i, view])
    return np.array(rows)


def every_other_row(x, shift, slope, offset):
    views = np.empty((2 * len(x), x.shape[1]))
    for view in range(2):
        places = (np.arange(x.shape[1])[None] - shift[:, view, None]) % x.shape[1]
        views[view::2] = np.take_along_axis(x, places, axis=1) + offset[:, view, None]
    line = np.linspace(-0.5, 0.5, x.shape[1]) * (x.shape[1] - 1)
    return views + slope.reshape(-1, 1) * line


EXERCISE = Exercise(
    "17.two_views", "Two views of each signal", two_views, probes=batches, points=2,
    hints=(
        "A loop will do: for each signal i and each view k, `np.roll(x[i], shift[i, k])`, plus a "
        "line, plus `offset[i, k]`.",
        "The line is slope * (place - middle), where the middle of the places 0 to L - 1 is "
        "(L - 1) / 2. Add it after the shift.",
        "Append the rows in the order signal 0 view 0, signal 0 view 1, signal 1 view 0, ...",
    ),
    mistakes={
        "all first views come first and then all second ones: the two views of a signal must be "
        "neighbours, rows 2i and 2i + 1": first_views_first,
        "both views of a signal are the same: each has a shift, a slope and an offset of its own":
            the_same_twice,
        "the second view is the signal as it was: it has a shift, a slope and an offset of its own":
            second_is_the_original,
        "you made the second view from the first: make both from the signal":
            second_made_of_the_first,
        "the two views of each signal are exchanged: view k, in row 2i + k, has shift[i, k]":
            lambda x, shift, slope, offset: two_views(
                x, shift[:, ::-1], slope[:, ::-1], offset[:, ::-1]),
        "you moved the signals to the left: a shift of 1 brings the number from place 0 to place 1":
            lambda x, shift, slope, offset: two_views(x, -shift, slope, offset),
        "zeros come in where a signal has moved away: what leaves at the right end comes in again "
        "at the left": zeros_come_in,
        "your line is 0 at the left end: it must be 0 in the middle, at (L - 1) / 2":
            line_from(lambda length: 0),
        "your line is 0 half a place beside the middle: the places 0 to L - 1 have their middle at "
        "(L - 1) / 2": line_from(lambda length: length / 2),
        "you shifted the line too, which then has a jump in it: add the line after the shift":
            line_shifted_too,
        "you forgot the line: add slope * (place - middle)":
            lambda x, shift, slope, offset: two_views(x, shift, 0 * slope, offset),
        "you forgot the offset: add it to the whole view":
            lambda x, shift, slope, offset: two_views(x, shift, slope, 0 * offset),
        "you forgot the shift: move each view by shift[i, k] places":
            lambda x, shift, slope, offset: two_views(x, 0 * shift, slope, offset),
        "your views are right, but the result has three axes: it must have shape (2N, L)": arranged,
        "your result is right, but you wrote a view into x, the training data: make a new array":
            in_place,
    },
    variants={"a loop of np.roll": loop_of_rolls, "every other row": every_other_row},
)
