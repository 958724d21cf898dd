"""09.conv_matrix: the linear layer that a convolution is (UDL 10.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def conv_matrix(kernel, length, stride, padding):
    channels, size = kernel.shape
    places = (length + 2 * padding - size) // stride + 1
    matrix = np.zeros((channels, places, length))
    for p in range(places):
        for k in range(size):
            i = p * stride + k - padding
            if 0 <= i < length:
                matrix[:, p, i] = kernel[:, k]
    return matrix


def kernels(rng: np.random.RandomState) -> list[tuple]:
    """Kernels (C, K) without symmetry, with strides and paddings that leave values over or not."""
    return [(np.array([[1.0, 2.0, 3.0]]), 5, 1, 0), (rng.randn(2, 3), 7, 2, 1),
            (rng.randn(3, 5), 12, 2, 1), (rng.randn(2, 4), 9, 3, 2), (rng.randn(4, 3), 8, 1, 1)]


# ---- what students write
def flipped(kernel, length, stride, padding):
    return conv_matrix(kernel[:, ::-1], length, stride, padding)


def no_padding(kernel, length, stride, padding):
    return conv_matrix(kernel, length, stride, 0)


def unpadded_places(kernel, length, stride, padding):
    places = (length - kernel.shape[1]) // stride + 1
    return conv_matrix(kernel, length, stride, padding)[:, :places]


def columns_of_the_padding(kernel, length, stride, padding):
    return conv_matrix(kernel, length + 2 * padding, stride, 0)


def wrapped(kernel, length, stride, padding):
    matrix = np.zeros_like(conv_matrix(kernel, length, stride, padding))
    for p in range(matrix.shape[1]):
        for k in range(kernel.shape[1]):
            matrix[:, p, (p * stride + k - padding) % length] = kernel[:, k]
    return matrix


def negative_ones_wrapped(kernel, length, stride, padding):
    matrix = np.zeros_like(conv_matrix(kernel, length, stride, padding))
    for p in range(matrix.shape[1]):
        for k in range(kernel.shape[1]):
            i = p * stride + k - padding
            if i < length:
                matrix[:, p, i] = kernel[:, k]
    return matrix


def one_place_short(kernel, length, stride, padding):
    return conv_matrix(kernel, length, stride, padding)[:, :-1]


def padding_added(kernel, length, stride, padding):
    matrix = np.zeros_like(conv_matrix(kernel, length, stride, padding))
    for p in range(matrix.shape[1]):
        for k in range(kernel.shape[1]):
            i = p * stride + k + padding
            if 0 <= i < length:
                matrix[:, p, i] = kernel[:, k]
    return matrix


def stride_forgotten_in_the_index(kernel, length, stride, padding):
    places = (length + 2 * padding - kernel.shape[1]) // stride + 1
    return conv_matrix(kernel, length, 1, padding)[:, :places]


# ---- other right answers
def cut_out(kernel, length, stride, padding):
    """Write whole kernels into a matrix with the padding's columns, and cut those off."""
    channels, size = kernel.shape
    places = (length + 2 * padding - size) // stride + 1
    wide = np.zeros((channels, places, length + 2 * padding), np.float32)
    for p in range(places):
        wide[:, p, p * stride:p * stride + size] = kernel
    return wide[:, :, padding:padding + length]


def unit_signals(kernel, length, stride, padding):
    """Column i is what the convolution makes of the signal that is 1 at i and 0 elsewhere."""
    size = kernel.shape[1]
    x = np.pad(np.eye(length), ((0, 0), (padding, padding)))
    places = range(0, x.shape[1] - size + 1, stride)
    return np.stack([x[:, s:s + size] @ kernel.T for s in places]).transpose(2, 0, 1)


def looked_up(kernel, length, stride, padding):
    size = kernel.shape[1]
    places = (length + 2 * padding - size) // stride + 1
    tap = np.arange(length) + padding - stride * np.arange(places)[:, np.newaxis]
    return np.where((tap >= 0) & (tap < size), kernel[:, np.clip(tap, 0, size - 1)], 0)


EXERCISE = Exercise(
    "09.conv_matrix", "The linear layer that a convolution is", conv_matrix, probes=kernels,
    points=2,
    hints=(
        "How many places does the kernel have? Those of lesson 07: `(length + 2 * padding - size) "
        "// stride + 1`. Begin with zeros of shape (C, places, length).",
        "At place p, number k of the kernel meets position p * stride + k of the *padded* signal. "
        "Which position of the signal itself is that?",
        "`i = p * stride + k - padding`. Where i lies outside of the signal the kernel meets a "
        "padded zero: there is no column for it, so leave it out.",
    ),
    mistakes={
        "your kernels are turned around: the kernel's first number meets the leftmost value, as in "
        "lesson 07": flipped,
        "you left the padding out: the first place begins `padding` positions before the signal":
            no_padding,
        "there are more places: the padding counts on both sides, (length + 2 * padding - size) // "
        "stride + 1": unpadded_places,
        "your columns are the positions of the padded signal: the matrix multiplies the signal "
        "itself, so cut `padding` columns off at either side": columns_of_the_padding,
        "what hangs over one end of the signal comes in at the other: it meets a padded zero, so "
        "it belongs nowhere": wrapped,
        "where the kernel begins before the signal your index is negative, and Python then counts "
        "from the end: leave those out": negative_ones_wrapped,
        "the last place is missing: mind the + 1 in the number of places": codings(
            one_place_short,
            lambda kernel, length, stride, padding: conv_matrix(
                kernel, length, stride, padding)[:, :(length + 2 * padding - kernel.shape[1])
                                                 // stride]),
        "the padding shifts the kernel to the left, to smaller positions: subtract it":
            padding_added,
        "from one place to the next the kernel moves by `stride` positions, not by one": codings(
            stride_forgotten_in_the_index,
            lambda kernel, length, stride, padding: conv_matrix(kernel, length, 1, padding)),
        "the first two axes are the wrong way round: channels come first, then places":
            lambda *given: conv_matrix(*given).swapaxes(0, 1),
        "each row is transposed: the last axis has the positions of the signal":
            lambda *given: conv_matrix(*given).swapaxes(1, 2),
        "your matrix is flat: keep the axes apart, (C, places, length)":
            lambda *given: (m := conv_matrix(*given)).reshape(-1, m.shape[2]),
        "every channel has the first one's kernel": lambda kernel, *given: np.repeat(
            conv_matrix(kernel[:1], *given), len(kernel), axis=0),
    },
    musts={
        "the matrix has a row for each channel and place, and a column for each position: "
        "(C, places, length)":
            lambda result, kernel, length, stride, padding: np.shape(result) == (
                len(kernel), (length + 2 * padding - kernel.shape[1]) // stride + 1, length),
    },
    variants={
        "whole kernels in a wider matrix, in single precision": cut_out,
        "the convolution of unit signals": unit_signals,
        "the kernel's number looked up for each place and position": looked_up,
    },
)
