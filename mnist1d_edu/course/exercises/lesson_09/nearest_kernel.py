"""09.nearest_kernel: the convolution that comes nearest to a linear layer (UDL 10.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings
from mnist1d_edu.course.exercises.lesson_09.conv_matrix import conv_matrix


def nearest_kernel(matrix, size, stride, padding):
    channels, places, length = matrix.shape
    kernel = np.zeros((channels, size))
    for k in range(size):
        met = [(p, p * stride + k - padding) for p in range(places)
               if 0 <= p * stride + k - padding < length]
        kernel[:, k] = np.mean([matrix[:, p, i] for p, i in met], axis=0)
    return kernel


def matrices(rng: np.random.RandomState) -> list[tuple]:
    """Matrices (C, P, L) of any numbers, and one that is a convolution; so padded that some of the
    kernel's numbers hang over the end."""
    def free(channels, size, length, stride, padding):
        return rng.randn(channels, (length + 2 * padding - size) // stride + 1, length)
    return [(np.array([[[1.0, 2, 9, 9], [9, 3, 6, 9], [9, 9, 5, 4]]]), 2, 1, 0),
            (free(2, 3, 6, 1, 1), 3, 1, 1), (free(3, 5, 12, 2, 1), 5, 2, 1),
            (free(2, 4, 9, 3, 2), 4, 3, 2), (conv_matrix(rng.randn(2, 3), 8, 2, 1), 3, 2, 1)]


def _met(matrix, k, stride, padding):
    """What stands where the kernel's number k meets the signal: (C, places inside)."""
    _, places, length = matrix.shape
    return np.stack([matrix[:, p, p * stride + k - padding] for p in range(places)
                     if 0 <= p * stride + k - padding < length], axis=1)


def _each(take):
    """An answer that makes a kernel's number of what stands where it meets the signal."""
    return lambda matrix, size, stride, padding: np.stack(
        [take(_met(matrix, k, stride, padding), matrix) for k in range(size)], axis=1)


# ---- what students write
def modulo(matrix, size, stride, padding):
    _, places, length = matrix.shape
    return np.stack([np.mean([matrix[:, p, (p * stride + k - padding) % length]
                              for p in range(places)], axis=0) for k in range(size)], axis=1)


def negative_ones_counted(matrix, size, stride, padding):
    _, places, length = matrix.shape
    return np.stack([np.mean([matrix[:, p, i] for p in range(places)
                              if (i := p * stride + k - padding) < length], axis=0)
                     for k in range(size)], axis=1)


def clipped(matrix, size, stride, padding):
    _, places, length = matrix.shape
    return np.stack([np.mean([matrix[:, p, np.clip(p * stride + k - padding, 0, length - 1)]
                              for p in range(places)], axis=0) for k in range(size)], axis=1)


def padding_forgotten(matrix, size, stride, padding):
    return nearest_kernel(matrix, size, stride, 0)


def stride_forgotten(matrix, size, stride, padding):
    return nearest_kernel(matrix, size, 1, padding)


def whole_windows_only(matrix, size, stride, padding):
    _, places, length = matrix.shape
    inside = [p for p in range(places) if 0 <= p * stride - padding <= length - size]
    return np.mean([matrix[:, p, p * stride - padding:p * stride - padding + size]
                    for p in inside], axis=0)


def of_the_middle_place(matrix, size, stride, padding):
    p = matrix.shape[1] // 2
    return matrix[:, p, p * stride - padding:p * stride - padding + size].copy()


# ---- other right answers
def sums_and_counts(matrix, size, stride, padding):
    channels, places, length = matrix.shape
    total, count = np.zeros((channels, size)), np.zeros(size)
    for p in range(places):
        for k in range(size):
            i = p * stride + k - padding
            if i >= 0 and i < length:
                total[:, k] += matrix[:, p, i]
                count[k] += 1
    return total / count


def least_squares(matrix, size, stride, padding):
    channels, _, length = matrix.shape
    basis = conv_matrix(np.eye(size), length, stride, padding).reshape(size, -1)
    return np.linalg.lstsq(basis.T, matrix.reshape(channels, -1).T, rcond=None)[0].T


def padded_with_nan(matrix, size, stride, padding):
    wide = np.pad(matrix, ((0, 0), (0, 0), (padding, padding)), constant_values=np.nan)
    return np.nanmean([wide[:, p, p * stride:p * stride + size]
                       for p in range(matrix.shape[1])], axis=0)


EXERCISE = Exercise(
    "09.nearest_kernel", "The convolution that comes nearest to a linear layer", nearest_kernel,
    probes=matrices, points=2,
    hints=(
        "All places share the number k of the kernel. Which entries of the matrix would it be "
        "written to, by your conv_matrix? They have different values now: which one number is "
        "nearest to all of them?",
        "The number with the least sum of squared differences to several values is their mean.",
        "For each k: collect matrix[:, p, p * stride + k - padding] over the places p for which "
        "that position lies in the signal, and take the mean over p.",
    ),
    mistakes={
        "these are sums over the places: the number nearest to all of them is their mean":
            _each(lambda met, matrix: met.sum(axis=1)),
        "you divided by the number of all places: where the kernel's number hangs over the end of "
        "the signal it meets nothing, and counts for nothing":
            _each(lambda met, matrix: met.sum(axis=1) / matrix.shape[1]),
        "a position outside of the signal comes in again at its other end: leave it out": codings(
            modulo, negative_ones_counted),
        "a position outside of the signal is no value at its edge: leave it out": clipped,
        "you left the padding out: number k meets position p * stride + k - padding":
            padding_forgotten,
        "you left the stride out: number k meets position p * stride + k - padding":
            stride_forgotten,
        "you took the first place alone: the kernel has to serve all places as well as one can":
            codings(_each(lambda met, matrix: met[:, 0]),
                    lambda matrix, size, stride, padding: matrix[:, 0, :size]),
        "you took the last place alone: the kernel has to serve all places as well as one can":
            _each(lambda met, matrix: met[:, -1]),
        "this is the median of the places: the sum of *squares* is least at the mean":
            _each(lambda met, matrix: np.median(met, axis=1)),
        "you took only the places where the whole kernel lies in the signal: one that hangs over "
        "an end still says something about its other numbers": whole_windows_only,
        "the kernel moves: its number k meets position p * stride + k - padding, another one at "
        "each place p": lambda matrix, size, *_: matrix.mean(axis=1)[:, :size],
        "all channels are averaged into one: each has a kernel of its own":
            lambda *given: np.repeat(nearest_kernel(*given).mean(axis=0, keepdims=True),
                                     len(given[0]), axis=0),
        "your kernels are transposed: (C, size) is asked for":
            lambda *given: nearest_kernel(*given).T,
        "your kernels are turned around: its first number meets the leftmost value":
            lambda *given: nearest_kernel(*given)[:, ::-1],
        "you averaged over the positions that a place sees: average over the places, each number "
        "of the kernel by itself": lambda *given: np.repeat(
            nearest_kernel(*given).mean(axis=1, keepdims=True), given[1], axis=1),
        "you copied one row, the numbers that one place asks for: the kernel serves all places, "
        "and is nearest to what they ask for on average":
            of_the_middle_place,
    },
    musts={
        "there is a kernel of `size` numbers for each channel: (C, size)":
            lambda result, matrix, size, *_: np.shape(result) == (len(matrix), size),
    },
    variants={
        "sums and counts": sums_and_counts,
        "least squares": least_squares,
        "a matrix padded with nan": padded_with_nan,
        "in single precision": lambda matrix, size, stride, padding: nearest_kernel(
            matrix.astype(np.float32), size, stride, padding).astype(np.float32),
    },
)
