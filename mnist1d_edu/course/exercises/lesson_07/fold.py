"""07.fold: rows of windows are added back onto the signal; the backward pass of unfold."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def fold(rows, length, kernel_size, stride, padding):
    n, positions, width = rows.shape
    padded = np.zeros((n, width // kernel_size, length + 2 * padding), rows.dtype)
    for p in range(positions):
        start = p * stride
        padded[:, :, start:start + kernel_size] += rows[:, p].reshape(n, -1, kernel_size)
    return padded[:, :, padding:padding + length]


def rows_of_windows(rng: np.random.RandomState) -> list[tuple]:
    """rows (N, positions, C * K), length, kernel_size, stride, padding: windows that overlap, that
    leave gaps, and that leave the end of the signal unseen."""
    return [(np.array([[[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]]), 4, 2, 1, 0),
            (rng.randn(2, 3, 3), 8, 3, 2, 0), (rng.randn(3, 5, 6), 9, 3, 2, 1),
            (rng.randn(2, 8, 8), 7, 4, 1, 2), (rng.randn(2, 4, 6), 10, 2, 3, 1)]


# ---- what students write
def with_places(write, place=lambda p, stride: p * stride, cut=None):
    """A fold that puts `write(what is there, a window)` at place(p, stride), and cuts its way."""
    def fold(rows, length, kernel_size, stride, padding):
        n, positions, width = rows.shape
        padded = np.zeros((n, width // kernel_size, length + 2 * padding), rows.dtype)
        for p in range(positions):
            part = slice(place(p, stride), place(p, stride) + kernel_size)
            padded[:, :, part] = write(padded[:, :, part], rows[:, p].reshape(n, -1, kernel_size))
        return (cut or slice_both_ends)(padded, length, padding)
    return fold


def slice_both_ends(padded, length, padding):
    return padded[:, :, padding:padding + length]


def add(there, window):
    return there + window


def averaged(rows, length, kernel_size, stride, padding):
    how = (length, kernel_size, stride, padding)
    return fold(rows, *how) / np.maximum(fold(np.ones_like(rows), *how), 1)


def tap_by_tap(rows, length, kernel_size, stride, padding):
    n, positions, width = rows.shape
    mixed = rows.reshape(n, positions, kernel_size, -1).swapaxes(2, 3).reshape(n, positions, width)
    return fold(mixed, length, kernel_size, stride, padding)


def length_from_the_windows(rows, length, kernel_size, stride, padding):
    seen = (rows.shape[1] - 1) * stride + kernel_size - 2 * padding
    return fold(rows, min(length, seen), kernel_size, stride, padding)


def one_example_for_all(rows, *how):
    return fold(rows.sum(axis=0, keepdims=True), *how)


# ---- other right answers
def one_tap_at_a_time(rows, length, kernel_size, stride, padding):
    n, positions, _ = rows.shape
    taps = rows.reshape(n, positions, -1, kernel_size).transpose(0, 2, 1, 3)
    padded = np.zeros((n, taps.shape[1], length + 2 * padding), np.float32)
    for k in range(kernel_size):
        padded[:, :, k:k + stride * (positions - 1) + 1:stride] += taps[..., k]
    return padded[:, :, padding:length + padding]


def add_at_an_array_of_indices(rows, length, kernel_size, stride, padding):
    n, positions, _ = rows.shape
    places = stride * np.arange(positions)[:, None] + np.arange(kernel_size)
    windows = rows.reshape(n, positions, -1, kernel_size).swapaxes(1, 2)
    padded = np.zeros((n, windows.shape[1], length + 2 * padding))
    np.add.at(padded, (slice(None), slice(None), places), windows)
    return padded[:, :, padding:padding + length]


def plain_numbers_without_padding(rows, length, kernel_size, stride, padding):
    n, _, width = rows.shape
    out = np.zeros((n, width // kernel_size, length))
    for i, p, j in np.ndindex(rows.shape):
        c, k = divmod(j, kernel_size)
        place = p * stride + k - padding
        if 0 <= place < length:
            out[i, c, place] += rows[i, p, j]
    return out


EXERCISE = Exercise(
    "07.fold", "Windows added back onto the signal", fold, probes=rows_of_windows, points=2,
    hints=(
        "Begin with zeros for the *padded* signal, (N, C, length + 2 * padding). How many channels "
        "are there, if a row has C * kernel_size numbers?",
        "Row p of all signals is `rows[:, p]`, (N, C * K). Reshape it to (N, C, K): it was copied "
        "from the places start to start + K with start = p * stride, and is added there, `+=`.",
        "After the loop, cut the padding off: `padded[:, :, padding:padding + length]`.",
    ),
    mistakes={
        "where windows overlap, you keep only one window's number: a place that several windows "
        "saw gets the sum of theirs, so add (`+=`; with an array of indices, np.add.at)": codings(
            with_places(lambda there, window: window),
            with_places(lambda there, window: np.where(there == 0, window, there))),
        "you divide by the number of windows that saw a place: cotangents are summed, "
        "never averaged (fold is the transpose of unfold, not its inverse)": averaged,
        "you put row p at place p: its window begins at p * stride":
            with_places(add, lambda p, stride: p),
        "your result still has the padding: cut it off at both ends":
            with_places(add, cut=lambda padded, length, padding: padded),
        "you cut the padding off at the wrong place: position 0 of the signal comes after "
        "`padding` zeros, so keep padded[:, :, padding:padding + length]": codings(
            with_places(add, cut=lambda padded, length, padding: padded[:, :, :length]),
            with_places(add, cut=lambda padded, length, padding: padded[:, :, 2 * padding:])),
        "you read the rows tap by tap: in a row stand the taps of channel 0, then those of "
        "channel 1, so reshape it to (N, C, kernel_size)": tap_by_tap,
        "you took the length from the windows: where no window reaches the end of the signal, "
        "its last places get 0, and your result is too short": length_from_the_windows,
        "you added the signals of the batch together: each has rows of its own":
            one_example_for_all,
        "your axes are (N, length, channels): channels come first, (N, C, length)":
            lambda *given: fold(*given).swapaxes(1, 2),
    },
    musts={
        "the result must have as many positions as the signal, `length`":
            lambda result, rows, length, *how: result.shape[2] == length,
    },
    variants={
        "one tap at a time, in single precision, as the package folds": one_tap_at_a_time,
        "np.add.at with an array of indices": add_at_an_array_of_indices,
        "loops over plain numbers, no padding": plain_numbers_without_padding,
    },
)
