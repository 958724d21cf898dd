"""10.augment: every signal of a batch changed in its own way (UDL 9.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def augment(x, shift, factor, slope):
    n, length = x.shape
    places = (np.arange(length) - shift[:, np.newaxis]) % length
    moved = x[np.arange(n)[:, np.newaxis], places]
    line = np.arange(length) - (length - 1) / 2
    return moved * factor[:, np.newaxis] + slope[:, np.newaxis] * line


def batches(rng: np.random.RandomState) -> list[tuple]:
    """x (N, L), and shift, factor, slope (N,): a signal to read, then more."""
    return [(np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([1]), np.array([10.0]), np.array([2.0])),
            (rng.randn(3, 5), np.array([0, 4, 2]), rng.rand(3) + 0.5, rng.randn(3)),
            (rng.randn(4, 4), np.array([3, 1, 0, 2]), rng.rand(4) + 0.5, rng.randn(4)),
            (rng.randn(6, 9), rng.randint(9, size=6), rng.rand(6) + 0.5, np.zeros(6))]


# ---- what students write
def line_from_the_left(x, shift, factor, slope):
    return augment(x, shift, factor, 0 * slope) + slope[:, None] * np.arange(x.shape[1])


def line_from_half_the_length(x, shift, factor, slope):
    line = np.arange(x.shape[1]) - x.shape[1] / 2
    return augment(x, shift, factor, 0 * slope) + slope[:, None] * line


def line_from_minus_one_to_one(x, shift, factor, slope):
    return augment(x, shift, factor, 0 * slope) + slope[:, None] * np.linspace(-1, 1, x.shape[1])


def line_scaled_too(x, shift, factor, slope):
    line = np.arange(x.shape[1]) - (x.shape[1] - 1) / 2
    return (augment(x, shift, np.ones(len(x)), 0 * slope) + slope[:, None] * line) * factor[:, None]


def line_shifted_too(x, shift, factor, slope):
    line = np.arange(x.shape[1]) - (x.shape[1] - 1) / 2
    tilted = x * factor[:, None] + slope[:, None] * line
    return augment(tilted, shift, np.ones(len(x)), 0 * slope)


def zeros_come_in(x, shift, factor, slope):
    moved = np.zeros_like(x)
    for i, by in enumerate(shift):
        moved[i, by:] = x[i, :x.shape[1] - by]
    return augment(moved, 0 * shift, factor, slope)


def along_the_batch(x, shift, factor, slope):
    return augment(np.roll(x, shift[0], axis=0), 0 * shift, factor, slope)


def in_place(x, shift, factor, slope):
    x[:] = augment(x, shift, factor, slope)
    return x


# ---- other right answers
def loop_of_rolls(x, shift, factor, slope):
    line = np.linspace(-1, 1, x.shape[1]) * (x.shape[1] - 1) / 2
    return np.array([a * np.roll(signal, by) + b * line
                     for signal, by, a, b in zip(x, shift, factor, slope, strict=True)])


def take_along_axis(x, shift, factor, slope):
    places = (np.arange(x.shape[1])[None] - shift[:, None]) % x.shape[1]
    out = np.take_along_axis(x, places, axis=1)
    out *= factor[:, None]
    out += slope[:, None] * (np.arange(x.shape[1]) - np.arange(x.shape[1]).mean())
    return out


EXERCISE = Exercise(
    "10.augment", "A batch that changes", augment, probes=batches, points=2,
    hints=(
        "`np.roll(signal, 3)` moves one signal by 3 places. Each signal of the batch has a number "
        "of its own: a loop will do.",
        "factor has shape (N,): `factor[:, np.newaxis]`, of shape (N, 1), multiplies each signal "
        "by its own number.",
        "The line is slope * (place - middle), where the middle of the places 0 to L - 1 is "
        "(L - 1) / 2. Add it last: it is neither shifted nor scaled.",
    ),
    mistakes={
        "you moved every signal by the first one's shift: each has its own":
            codings(lambda x, shift, *rest: augment(x, 0 * shift + shift[0], *rest),
                    lambda x, shift, *rest: augment(np.roll(x, shift[0], 1), 0 * shift, *rest)),
        "you moved the signals to the left: a shift of 1 brings the number from place 0 to place 1":
            lambda x, shift, *rest: augment(x, -shift, *rest),
        "you moved whole signals to other places in the batch: shift along axis 1":
            along_the_batch,
        "zeros come in where a signal has moved away: what leaves at the right end comes in again "
        "at the left": zeros_come_in,
        "you scaled every signal by the first one's factor: each has its own":
            lambda x, shift, factor, slope: augment(x, shift, 0 * factor + factor[0], slope),
        "you tilted every signal by the first one's slope: each has its own":
            lambda x, shift, factor, slope: augment(x, shift, factor, 0 * slope + slope[0]),
        "your line is 0 at the left end: it must be 0 in the middle, at (L - 1) / 2":
            line_from_the_left,
        "your line is 0 half a place beside the middle: the places 0 to L - 1 have their middle at "
        "(L - 1) / 2": line_from_half_the_length,
        "your line goes from -1 to 1: slope is the rise from one place to the next":
            line_from_minus_one_to_one,
        "you scaled the line too: first shift, then multiply by the factor, then add the line":
            line_scaled_too,
        "you shifted the line too, which then has a jump in it: add the line last":
            line_shifted_too,
        "you forgot the line: add slope * (place - middle)":
            lambda x, shift, factor, slope: augment(x, shift, factor, 0 * slope),
        "you added the factor: multiply by it":
            lambda x, shift, factor, slope: augment(x, shift, 0 * factor + 1, slope)
                + factor[:, np.newaxis],
        "your result is right, but you wrote it into x, the training data, which would change for "
        "good: make a new array": in_place,
    },
    variants={"a loop of np.roll": loop_of_rolls, "np.take_along_axis": take_along_axis},
)
