"""07.conv1d_backward: the backward pass of a convolutional layer (UDL 10.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_07.conv1d import conv1d
from mnist1d_edu.course.exercises.lesson_07.fold import fold
from mnist1d_edu.course.exercises.lesson_07.unfold import unfold


def conv1d_backward(g, x, weight, stride, padding):
    n_out, _, taps = weight.shape
    rows = unfold(x, taps, stride, padding)
    d_weight = np.einsum("nop,npr->or", g, rows).reshape(weight.shape)
    d_rows = g.swapaxes(1, 2) @ weight.reshape(n_out, -1)
    return fold(d_rows, x.shape[2], taps, stride, padding), d_weight, g.sum(axis=(0, 2))


def cotangents(rng: np.random.RandomState) -> list[tuple]:
    """g (N, O, positions), x (N, C, L), weight (O, C, K), stride, padding."""
    return [(np.array([[[1.0, 10.0, 100.0]]]), np.array([[[1.0, 2.0, 4.0, 8.0]]]),
             np.array([[[3.0, 5.0]]]), 1, 0),
            (rng.randn(2, 2, 3), rng.randn(2, 1, 8), rng.randn(2, 1, 3), 2, 0),
            (rng.randn(3, 4, 5), rng.randn(3, 2, 9), rng.randn(4, 2, 3), 2, 1),
            (rng.randn(2, 3, 8), rng.randn(2, 2, 7), rng.randn(3, 2, 4), 1, 2)]


# ---- what students write
def with_bias(d_bias):
    """The right gradients, but for the bias's, which is d_bias(g)."""
    return lambda g, *rest: (*conv1d_backward(g, *rest)[:2], d_bias(g))


def overlaps_overwritten(g, x, weight, stride, padding):
    _, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    d_rows = g.swapaxes(1, 2) @ weight.reshape(len(weight), -1)
    padded = np.pad(np.zeros(x.shape), ((0, 0), (0, 0), (padding, padding)))
    for p in range(g.shape[2]):
        padded[:, :, p * stride:p * stride + weight.shape[2]] = \
            d_rows[:, p].reshape(*x.shape[:2], -1)
    return padded[:, :, padding:padding + x.shape[2]], d_weight, d_bias


def padding_kept(g, x, weight, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    return conv1d_backward(g, padded, weight, stride, 0)


def padding_cut_at_one_end(g, x, weight, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    d_x, d_weight, d_bias = conv1d_backward(g, padded, weight, stride, 0)
    return d_x[:, :, :x.shape[2]], d_weight, d_bias


def rows_added_at_p(g, x, weight, stride, padding):
    _, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    d_rows = g.swapaxes(1, 2) @ weight.reshape(len(weight), -1)
    return fold(d_rows, x.shape[2], weight.shape[2], 1, padding), d_weight, d_bias


def kernel_flipped(g, x, weight, stride, padding):
    d_x = conv1d_backward(g, x, weight[:, :, ::-1], stride, padding)[0]
    return d_x, *conv1d_backward(g, x, weight, stride, padding)[1:]


def weight_averaged(g, x, weight, stride, padding):
    d_x, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    return d_x, d_weight / len(x), d_bias


def weight_and_bias_averaged(g, x, weight, stride, padding):
    d_x, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    return d_x, d_weight / len(x), d_bias / len(x)


def weight_left_flat(g, x, weight, stride, padding):
    d_x, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    return d_x, d_weight.reshape(len(weight), -1), d_bias


# ---- other right answers
def loops(g, x, weight, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    d_padded, d_weight, d_bias = np.zeros_like(padded), np.zeros(weight.shape), np.zeros(len(g[0]))
    for n, o, p in np.ndindex(g.shape):
        part = slice(p * stride, p * stride + weight.shape[2])
        d_padded[n, :, part] += g[n, o, p] * weight[o]
        d_weight[o] += g[n, o, p] * padded[n, :, part]
        d_bias[o] += g[n, o, p]
    return d_padded[:, :, padding:padding + x.shape[2]], d_weight, d_bias


def tap_by_tap(g, x, weight, stride, padding):
    positions = g.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    d_padded, d_weight = np.zeros_like(padded), np.zeros(weight.shape)
    for k in range(weight.shape[2]):
        part = slice(k, k + stride * (positions - 1) + 1, stride)
        d_padded[:, :, part] += weight[:, :, k].T @ g
        d_weight[:, :, k] = (g @ padded[:, :, part].swapaxes(1, 2)).sum(axis=0)
    return d_padded[:, :, padding:padding + x.shape[2]], d_weight, g.sum(axis=2).sum(axis=0)


def flipped_kernel_over_g(g, x, weight, stride, padding):
    taps, length = weight.shape[2], x.shape[2] + 2 * padding
    spread = np.zeros((*g.shape[:2], length + taps - 1))
    spread[:, :, taps - 1:taps - 1 + stride * (g.shape[2] - 1) + 1:stride] = g
    flipped = weight[:, :, ::-1].swapaxes(0, 1)
    d_x = conv1d(spread, flipped, np.zeros(len(flipped)), 1, 0)[:, :, padding:length - padding]
    return d_x, *conv1d_backward(g, x, weight, stride, padding)[1:]


def list_in_single_precision(g, x, weight, stride, padding):
    return [np.asarray(d, np.float32) for d in conv1d_backward(g, x, weight, stride, padding)]


EXERCISE = Exercise(
    "07.conv1d_backward", "The layer backwards", conv1d_backward, probes=cotangents, points=3,
    parts=("cotangent of x", "cotangent of weight", "cotangent of bias"),
    hints=(
        "Forward it was rows @ W^T + bias, with rows from `unfold` and W = weight.reshape(O, -1). "
        "You know the backward pass of that from lesson 04. Bring g to (N, positions, O) first.",
        "bias: sum g over signals *and* positions. weight: sum over both of g times the row, "
        "`np.einsum(\"nop,npr->or\", g, rows)`, brought to weight's shape.",
        "x: `g.swapaxes(1, 2) @ W` is (N, positions, C * K), the cotangents of the rows. Your fold "
        "adds them back onto x.",
    ),
    mistakes={
        "where windows overlap, your gradient of x keeps only the last window's contribution: a "
        "number that several windows saw gets the sum of theirs (`+=`)":
            overlaps_overwritten,
        "your gradient of x still has the padding: cut it off at both ends, so "
        "that it has the shape of x":
            padding_kept,
        "you cut the padding off at one end only: position 0 of x comes after `padding` zeros, so "
        "keep padded[:, :, padding:padding + L]":
            padding_cut_at_one_end,
        "you added row p of the gradient of x at position p: its window begins at p * stride":
            rows_added_at_p,
        "you flipped the kernel in the gradient of x: adding each row back to where it came from "
        "does that by itself, so leave the weight as it is":
            kernel_flipped,
        "your gradient of the weight is the mean over the batch: the loss has "
        "divided by N already, so sum":
            weight_averaged,
        "your gradients of weight and bias are means over the batch: the loss has "
        "divided by N already, so sum":
            weight_and_bias_averaged,
        "your gradient of the weight has shape (O, C * K): bring it to the weight's own shape":
            weight_left_flat,
        "you summed the gradient of the bias over the signals only: the same bias was added at "
        "every position, so sum over positions too":
            with_bias(lambda g: g.sum(axis=0)),
        "you summed the gradient of the bias over the positions only: sum over the signals too":
            with_bias(lambda g: g.sum(axis=2)),
        "you summed the gradient of the bias over everything: each output channel has a bias of "
        "its own, so keep axis 1":
            with_bias(lambda g: g.sum()),
    },
    musts={
        "the gradient of x must have the shape of x":
            lambda result, g, x, weight, stride, padding: result[0].shape == x.shape,
    },
    variants={
        "loops over everything": loops,
        "tap by tap, as the package folds": tap_by_tap,
        "the flipped kernel over a spread-out, padded g": flipped_kernel_over_g,
        "single precision, as a list": list_in_single_precision,
    },
)
