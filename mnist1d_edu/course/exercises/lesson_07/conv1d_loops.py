"""07.conv1d_loops: a convolutional layer, with loops (UDL 10.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_07.windows import layer, layers, output_length


def conv1d_loops(x, weight, bias, stride, padding):
    n_out, _, taps = weight.shape
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    positions = output_length(x.shape[2], taps, stride, padding)
    out = np.zeros((len(x), n_out, positions))
    for n in range(len(x)):
        for o in range(n_out):
            for p in range(positions):
                window = padded[n, :, p * stride:p * stride + taps]
                out[n, o, p] = (window * weight[o]).sum() + bias[o]
    return out


# ---- what students write
def moved_on_by_1(x, weight, bias, stride, padding):
    positions = output_length(x.shape[2], weight.shape[2], stride, padding)
    return layer(x, weight, bias, 1, padding)[:, :, :positions]


def edges_repeated(x, weight, bias, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)), "edge")
    return layer(padded, weight, bias, stride, 0)


def zeros_all_at_the_end(x, weight, bias, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding)))
    return layer(padded, weight, bias, stride, 0)


# ---- other right answers
def six_loops(x, weight, bias, stride, padding):
    (n_batch, n_in, length), (n_out, _, taps) = x.shape, weight.shape
    positions = output_length(length, taps, stride, padding)
    out = np.zeros((n_batch, n_out, positions))
    for n in range(n_batch):
        for o in range(n_out):
            for p in range(positions):
                out[n, o, p] = bias[o]
                for c in range(n_in):
                    for k in range(taps):
                        place = p * stride + k - padding
                        if 0 <= place < length:
                            out[n, o, p] += weight[o, c, k] * x[n, c, place]
    return out


def channel_by_channel(x, weight, bias, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    return np.array([[sum(np.correlate(signal, taps, "valid") for signal, taps
                          in zip(channels, kernel, strict=True))[::stride] + b
                      for kernel, b in zip(weight, bias, strict=True)] for channels in padded])


def einsum(x, weight, bias, stride, padding):
    return layer(x.astype(np.float32), weight.astype(np.float32), bias, stride,
                  padding).astype(np.float32)


EXERCISE = Exercise(
    "07.conv1d_loops", "A convolutional layer, with loops", conv1d_loops, probes=layers, points=2,
    hints=(
        "Pad first: `np.pad(x, ((0, 0), (0, 0), (padding, padding)))` leaves signals and channels "
        "alone and puts zeros at both ends. Then make an array of zeros (N, O, positions) to fill.",
        "Three loops are enough, over n, o and p. The window at p begins at `p * stride` "
        "and spans *all* input channels: `padded[n, :, start:start + K]` has shape (C, K), "
        "and so has `weight[o]`.",
        "`out[n, o, p] = (padded[n, :, start:start + K] * weight[o]).sum() + bias[o]`",
    ),
    mistakes={
        "you left the bias out: each output channel o has one number bias[o] to add":
            lambda x, weight, bias, *how: layer(x, weight, 0 * bias, *how),
        "you added the bias once for each input channel: add bias[o] once, when the sum over "
        "channels and taps is complete":
            lambda x, weight, bias, *how: layer(x, weight, weight.shape[1] * bias, *how),
        "you added the bias once for each product: add bias[o] once, when the sum over "
        "channels and taps is complete":
            lambda x, weight, bias, *how: layer(x, weight, weight[0].size * bias, *how),
        "your window moves on by 1 each time: window p begins at p * stride": moved_on_by_1,
        "you padded by repeating the value at each end: pad with zeros": edges_repeated,
        "your zeros all come after the signal: `padding` of them belong before it, so that window "
        "0 begins `padding` positions before x[0]":
            zeros_all_at_the_end,
        "you left the padding out: put `padding` zeros at both ends of each signal first":
            lambda x, weight, bias, stride, padding: layer(x, weight, bias, stride, 0),
        "you flipped the kernels: tap k meets the value k places *right* of the window's beginning":
            lambda x, weight, bias, *how: layer(x, weight[:, :, ::-1], bias, *how),
        "only the last input channel is left in your sum: add to it for each channel (`+=`) "
        "instead of overwriting it":
            lambda x, weight, bias, *how: layer(x[:, -1:], weight[:, -1:], bias, *how),
        "you used the first input channel only: each output sums over *all* input channels":
            lambda x, weight, bias, *how: layer(x[:, :1], weight[:, :1], bias, *how),
        "you left the last window out: windows begin at 0, stride, ... as long as they fit, "
        "(L + 2 * padding - K) // stride + 1 of them":
            lambda *given: layer(*given)[:, :, :-1],
        "your axes are (N, positions, channels): channels come before positions, (N, O, positions)":
            lambda *given: layer(*given).swapaxes(1, 2),
    },
    variants={
        "six loops over plain numbers, no padded copy": six_loops,
        "np.correlate, channel by channel": channel_by_channel,
        "einsum, single precision": einsum,
    },
)
