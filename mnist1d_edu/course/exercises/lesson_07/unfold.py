"""07.unfold: every window a row."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_07.windows import output_length, windows_of


def unfold(x, kernel_size, stride, padding):
    windows = windows_of(x, kernel_size, stride, padding).transpose(0, 2, 1, 3)
    return windows.reshape(*windows.shape[:2], -1)


def channels(rng: np.random.RandomState) -> list[tuple]:
    """x (N, C, L), kernel_size, stride, padding."""
    return [(np.array([[[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]]]), 3, 1, 0),
            (rng.randint(1, 10, (2, 1, 6)) * 1.0, 2, 2, 1), (rng.randn(2, 3, 9), 3, 2, 1),
            (rng.randn(3, 2, 8), 4, 3, 2), (rng.randn(2, 2, 7), 2, 1, 0)]


# ---- what students write
def reshaped_as_it_stood(x, kernel_size, stride, padding):
    windows = windows_of(x, kernel_size, stride, padding)
    return windows.reshape(len(x), windows.shape[2], -1)


def tap_by_tap(x, kernel_size, stride, padding):
    windows = windows_of(x, kernel_size, stride, padding).transpose(0, 2, 3, 1)
    return windows.reshape(*windows.shape[:2], -1)


def moved_on_by_1(x, kernel_size, stride, padding):
    positions = output_length(x.shape[2], kernel_size, stride, padding)
    return unfold(x, kernel_size, 1, padding)[:, :positions]


# ---- other right answers
def loop_over_positions(x, kernel_size, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    starts = range(0, padded.shape[2] - kernel_size + 1, stride)
    return np.stack([padded[:, :, s:s + kernel_size].reshape(len(x), -1) for s in starts], axis=1)


def array_of_indices(x, kernel_size, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    positions = output_length(x.shape[2], kernel_size, stride, padding)
    index = stride * np.arange(positions)[:, None] + np.arange(kernel_size)
    return np.concatenate([padded[:, c][:, index] for c in range(x.shape[1])], axis=2)


EXERCISE = Exercise(
    "07.unfold", "Every window a row", unfold, probes=channels, points=2,
    hints=(
        "Pad as before. The window at p, `padded[:, :, start:start + kernel_size]`, has shape "
        "(N, C, K) for all signals at once; flattened it is (N, C * K): row p of each signal.",
        "Make a list of these rows, one for each p, and put them side by side with "
        "`np.stack(..., axis=1)`. One loop over the positions is fine: they are few.",
        "Without any loop: `np.lib.stride_tricks.sliding_window_view(padded, kernel_size, "
        "axis=-1)[:, :, ::stride]` is (N, C, positions, K). Move the axes to (N, positions, C, "
        "K) *before* you reshape.",
    ),
    mistakes={
        "you reshaped (N, C, positions, K) as it stood: that scrambles the numbers. Move the "
        "positions before the channels first, with transpose":
            reshaped_as_it_stood,
        "your rows go tap by tap: they must go channel by channel, the taps of one channel side by "
        "side, as in weight.reshape(O, C * K)":
            tap_by_tap,
        "your windows stand in columns, (N, C * K, positions): here each is a "
        "row, (N, positions, C * K)":
            lambda *given: unfold(*given).swapaxes(1, 2),
        "your window moves on by 1 each time: window p begins at p * stride": moved_on_by_1,
        "you left the stride out: window p begins at p * stride, so that there are fewer windows":
            lambda x, kernel_size, stride, padding: unfold(x, kernel_size, 1, padding),
        "you left the padding out: put `padding` zeros at both ends of each signal first":
            lambda x, kernel_size, stride, padding: unfold(x, kernel_size, stride, 0),
        "you kept channels and taps as two axes: flatten the last two, so that "
        "a row has C * K numbers":
            lambda *given: windows_of(*given).transpose(0, 2, 1, 3),
    },
    variants={
        "a loop over the positions": loop_over_positions,
        "an array of indices": array_of_indices,
        "single precision": lambda x, *how: unfold(x.astype(np.float32), *how),
    },
)
