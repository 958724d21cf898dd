"""Lesson 07: convolution, with loops, as unfold and a matrix product, and backwards (UDL 10.2)."""

from __future__ import annotations

import math

import numpy as np

from mnist1d_edu.course.exercise import exercise


def _windows(x, kernel_size, stride, padding):
    """All windows of x (N, C, L), zeros beyond its ends: (N, C, positions, kernel_size)."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=-1)
    return views[:, :, ::stride]


def _sums(windows, weight):
    return np.einsum("ncpk,ock->nop", windows, weight)


# ---------------------------------------------------------------------------- one channel


def _signal_and_kernel(rng: np.random.RandomState) -> list[tuple]:
    return [(np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.0, 10.0])),
            (rng.randint(-5, 6, 7) * 1.0, np.array([1.0, -2.0, 4.0])),
            (rng.randn(40), rng.randn(5))]


@exercise(
    "07.slide", "Slide a kernel along a signal", probes=_signal_and_kernel,
    hints=(
        "The window that begins at position p holds x[p], x[p + 1], ..., K numbers in all. Where "
        "does the last window begin that still fits?",
        "There are L - K + 1 windows. The window at p is `x[p:p + K]`; multiply it by `w`, "
        "element by element, and add up.",
        "`np.array([(x[p:p + K] * w).sum() for p in range(L - K + 1)])`, with L and K the two "
        "lengths.",
    ))
def slide(x, w):
    return np.array([(x[p:p + len(w)] * w).sum() for p in range(len(x) - len(w) + 1)])


@slide.mistake("you turned the kernel round, as np.convolve does: in deep learning tap k meets "
               "x[p + k], with both running to the right")
def _(x, w):
    return np.convolve(x, w, "valid")


@slide.mistake("you missed the last window: windows begin at 0, 1, ..., L - K, which are L - K + 1 "
               "of them")
def _(x, w):
    return slide(x, w)[:-1]


@slide.mistake("your output is as long as the input, with zeros made up beyond its ends: keep only "
               "the L - K + 1 windows that fit in the signal")
def _(x, w):
    return np.convolve(x, w[::-1], "same")


@slide.mistake("you let the kernel hang over both ends: keep only the L - K + 1 windows that fit "
               "in the signal")
def _(x, w):
    return np.convolve(x, w[::-1], "full")


@slide.mistake("your windows run round the end and begin again at x[0]: the last one begins at "
               "L - K")
def _(x, w):
    return sum(tap * np.roll(x, -k) for k, tap in enumerate(w))


@slide.mistake("your windows lie side by side: move on by one position each time, not by K, so "
               "that they overlap")
def _(x, w):
    return slide(x, w)[::len(w)]


@slide.mistake("you averaged over the window: add the products up, and do not divide by K")
def _(x, w):
    return slide(x, w) / len(w)


@slide.mistake("you multiplied each window by the kernel, but did not add the products up: one "
               "number per window is to be left")
def _(x, w):
    return np.lib.stride_tricks.sliding_window_view(x, len(w)) * w


@slide.variant("np.correlate")
def _(x, w):
    return np.correlate(x, w, "valid")


@slide.variant("a sum of shifted copies of the signal")
def _(x, w):
    positions = len(x) - len(w) + 1
    return sum(tap * x[k:k + positions] for k, tap in enumerate(w))


@slide.variant("two loops over plain numbers, single precision")
def _(x, w):
    out = np.zeros(len(x) - len(w) + 1, np.float32)
    for p in range(len(out)):
        for k in range(len(w)):
            out[p] += x[p + k] * w[k]
    return out


@slide.variant("every window as a row, and a matrix product")
def _(x, w):
    return np.lib.stride_tricks.sliding_window_view(x, len(w)) @ w


# ---------------------------------------------------------------------------- output length


def _settings(rng: np.random.RandomState) -> list[tuple]:
    return [(5, 3, 1, 0), (6, 3, 2, 0), (5, 2, 1, 1), (40, 5, 2, 1), (19, 3, 2, 1), (10, 3, 2, 1),
            (7, 7, 1, 0), (9, 4, 3, 2), *((int(rng.randint(9, 50)), 4, 3, 2) for _ in range(4))]


@exercise(
    "07.output_length", "How many windows fit", probes=_settings,
    hints=(
        "Padding makes the signal longer, on both sides. The last window begins at the padded "
        "length minus the kernel's.",
        "Windows begin at 0, stride, 2 stride, ... How many whole strides lie between 0 and the "
        "last place where a window may begin? One more window than strides.",
        "`(length + 2 * padding - kernel_size) // stride + 1`",
    ))
def output_length(length, kernel_size, stride, padding):
    return (length + 2 * padding - kernel_size) // stride + 1


@output_length.mistake("you counted the steps between windows: there is one window more than "
                       "steps, so add 1")
def _(length, kernel_size, stride, padding):
    return (length + 2 * padding - kernel_size) // stride


@output_length.mistake("you padded one end only: the zeros stand on both sides, 2 * padding in all")
def _(length, kernel_size, stride, padding):
    return (length + padding - kernel_size) // stride + 1


@output_length.mistake("you left the padding out: the kernel slides along length + 2 * padding "
                       "numbers")
def _(length, kernel_size, stride, padding):
    return (length - kernel_size) // stride + 1


@output_length.mistake("you rounded up: a last step that would carry the window over the end is "
                       "not taken, so round down")
def _(length, kernel_size, stride, padding):
    return -(-(length + 2 * padding - kernel_size) // stride) + 1


@output_length.mistake("you added the 1 before dividing: divide the way the window can go by the "
                       "stride, then add the first window")
def _(length, kernel_size, stride, padding):
    return (length + 2 * padding - kernel_size + 1) // stride


@output_length.mistake("you left the stride out: with stride s only every s-th window is taken")
def _(length, kernel_size, stride, padding):
    return length + 2 * padding - kernel_size + 1


@output_length.mistake("a number of windows is a whole number: divide with //, which rounds down")
def _(length, kernel_size, stride, padding):
    return (length + 2 * padding - kernel_size) / stride + 1


@output_length.variant("counting the beginnings")
def _(length, kernel_size, stride, padding):
    return len(range(0, length + 2 * padding - kernel_size + 1, stride))


@output_length.variant("math.floor")
def _(length, kernel_size, stride, padding):
    return math.floor((length + 2 * padding - kernel_size) / stride + 1)


@output_length.variant("rounding up the other count")
def _(length, kernel_size, stride, padding):
    return math.ceil((length + 2 * padding - kernel_size + 1) / stride)


# ---------------------------------------------------------------------------- with loops


def _layers(rng: np.random.RandomState) -> list[tuple]:
    """x (N, C, L), weight (O, C, K), bias (O,), stride, padding: the simplest layer first."""
    return [(np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[1.0, 10.0]]]), np.array([0.5]), 1, 0),
            (rng.randint(-4, 5, (1, 2, 6)) * 1.0, rng.randint(-3, 4, (3, 2, 3)) * 1.0,
             np.array([1.0, 20.0, -300.0]), 1, 0),
            (rng.randn(2, 1, 8), rng.randn(2, 1, 3), rng.randn(2), 2, 0),
            (3 + rng.randn(3, 2, 9), rng.randn(4, 2, 3), rng.randn(4), 2, 1),
            (3 + rng.randn(2, 3, 7), rng.randn(2, 3, 4), rng.randn(2), 1, 2)]


@exercise(
    "07.conv1d_loops", "A convolutional layer, with loops", points=2, probes=_layers,
    hints=(
        "Pad first: `np.pad(x, ((0, 0), (0, 0), (padding, padding)))` leaves signals and channels "
        "alone and puts zeros at both ends. Then make an array of zeros (N, O, positions) to fill.",
        "Three loops are enough, over n, o and p. The window at p begins at `p * stride` and spans "
        "*all* input channels: `padded[n, :, start:start + K]` has shape (C, K), and so has "
        "`weight[o]`.",
        "`out[n, o, p] = (padded[n, :, start:start + K] * weight[o]).sum() + bias[o]`",
    ))
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


def _layer(x, weight, bias, stride, padding, windows=_windows):
    """The layer in one line; mistakes give it other windows."""
    return _sums(windows(x, weight.shape[2], stride, padding), weight) + bias[:, None]


@conv1d_loops.mistake("you left the bias out: each output channel o has one number bias[o] to add")
def _(x, weight, bias, stride, padding):
    return _layer(x, weight, 0 * bias, stride, padding)


@conv1d_loops.mistake("you added the bias once for each input channel: add bias[o] once, when the "
                      "sum over channels and taps is complete")
def _(x, weight, bias, stride, padding):
    return _layer(x, weight, weight.shape[1] * bias, stride, padding)


@conv1d_loops.mistake("you added the bias once for each product: add bias[o] once, when the sum "
                      "over channels and taps is complete")
def _(x, weight, bias, stride, padding):
    return _layer(x, weight, weight[0].size * bias, stride, padding)


@conv1d_loops.mistake("your window moves on by 1 each time: window p begins at p * stride")
def _(x, weight, bias, stride, padding):
    positions = output_length(x.shape[2], weight.shape[2], stride, padding)
    return _layer(x, weight, bias, 1, padding)[:, :, :positions]


@conv1d_loops.mistake("you padded by repeating the value at each end: pad with zeros")
def _(x, weight, bias, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)), "edge")
    return _layer(padded, weight, bias, stride, 0)


@conv1d_loops.mistake("your zeros all stand after the signal: `padding` of them belong before it, "
                      "so that window 0 begins `padding` positions before x[0]")
def _(x, weight, bias, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding)))
    return _layer(padded, weight, bias, stride, 0)


@conv1d_loops.mistake("you left the padding out: put `padding` zeros at both ends of each signal "
                      "first")
def _(x, weight, bias, stride, padding):
    return _layer(x, weight, bias, stride, 0)


@conv1d_loops.mistake("you turned the kernels round: tap k meets the value k places *right* of "
                      "the window's beginning")
def _(x, weight, bias, stride, padding):
    return _layer(x, weight[:, :, ::-1], bias, stride, padding)


@conv1d_loops.mistake("only the last input channel is left in your sum: add to it for each channel "
                      "(`+=`) instead of setting it anew")
def _(x, weight, bias, stride, padding):
    return _layer(x[:, -1:], weight[:, -1:], bias, stride, padding)


@conv1d_loops.mistake("you used the first input channel only: each output sums over *all* "
                      "input channels")
def _(x, weight, bias, stride, padding):
    return _layer(x[:, :1], weight[:, :1], bias, stride, padding)


@conv1d_loops.mistake("your axes are (N, positions, channels): channels come before positions, "
                      "(N, O, positions)")
def _(x, weight, bias, stride, padding):
    return _layer(x, weight, bias, stride, padding).swapaxes(1, 2)


@conv1d_loops.variant("six loops over plain numbers, no padded copy")
def _(x, weight, bias, stride, padding):
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


@conv1d_loops.variant("slide, channel by channel")
def _(x, weight, bias, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    return np.array([[sum(slide(signal, taps) for signal, taps in zip(channels, kernel, strict=True)
                          )[::stride] + b
                      for kernel, b in zip(weight, bias, strict=True)] for channels in padded])


@conv1d_loops.variant("einsum, single precision")
def _(x, weight, bias, stride, padding):
    return _layer(x.astype(np.float32), weight.astype(np.float32), bias, stride,
                  padding).astype(np.float32)


# ---------------------------------------------------------------------------- unfold


def _channels(rng: np.random.RandomState) -> list[tuple]:
    """x (N, C, L), kernel_size, stride, padding."""
    return [(np.array([[[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]]]), 3, 1, 0),
            (rng.randint(1, 10, (2, 1, 6)) * 1.0, 2, 2, 1), (rng.randn(2, 3, 9), 3, 2, 1),
            (rng.randn(3, 2, 8), 4, 3, 2), (rng.randn(2, 2, 7), 2, 1, 0)]


@exercise(
    "07.unfold", "Every window a row", points=2, probes=_channels,
    hints=(
        "Pad as before. The window at p, `padded[:, :, start:start + kernel_size]`, has shape "
        "(N, C, K) for all signals at once; flattened it is (N, C * K): row p of each signal.",
        "Make a list of these rows, one for each p, and put them side by side with "
        "`np.stack(..., axis=1)`. One loop over the positions is fine: they are few.",
        "Without any loop: `np.lib.stride_tricks.sliding_window_view(padded, kernel_size, "
        "axis=-1)[:, :, ::stride]` is (N, C, positions, K). Move the axes to (N, positions, C, K) "
        "*before* you reshape.",
    ))
def unfold(x, kernel_size, stride, padding):
    windows = _windows(x, kernel_size, stride, padding).transpose(0, 2, 1, 3)
    return windows.reshape(*windows.shape[:2], -1)


@unfold.mistake("you reshaped (N, C, positions, K) as it stood: that deals the numbers out anew. "
                "Move the positions before the channels first, with transpose")
def _(x, kernel_size, stride, padding):
    windows = _windows(x, kernel_size, stride, padding)
    return windows.reshape(len(x), windows.shape[2], -1)


@unfold.mistake("your rows go tap by tap: they are to go channel by channel, the taps of one "
                "channel side by side, as in weight.reshape(O, C * K)")
def _(x, kernel_size, stride, padding):
    windows = _windows(x, kernel_size, stride, padding).transpose(0, 2, 3, 1)
    return windows.reshape(*windows.shape[:2], -1)


@unfold.mistake("your windows stand in columns, (N, C * K, positions): here each is a row, "
                "(N, positions, C * K)")
def _(x, kernel_size, stride, padding):
    return unfold(x, kernel_size, stride, padding).swapaxes(1, 2)


@unfold.mistake("your window moves on by 1 each time: window p begins at p * stride")
def _(x, kernel_size, stride, padding):
    positions = output_length(x.shape[2], kernel_size, stride, padding)
    return unfold(x, kernel_size, 1, padding)[:, :positions]


@unfold.mistake("you left the stride out: window p begins at p * stride, so that there are fewer "
                "windows")
def _(x, kernel_size, stride, padding):
    return unfold(x, kernel_size, 1, padding)


@unfold.mistake("you left the padding out: put `padding` zeros at both ends of each signal first")
def _(x, kernel_size, stride, padding):
    return unfold(x, kernel_size, stride, 0)


@unfold.mistake("you kept channels and taps as two axes: flatten the last two, so that a row has "
                "C * K numbers")
def _(x, kernel_size, stride, padding):
    return _windows(x, kernel_size, stride, padding).transpose(0, 2, 1, 3)


@unfold.variant("a loop over the positions")
def _(x, kernel_size, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    starts = range(0, padded.shape[2] - kernel_size + 1, stride)
    return np.stack([padded[:, :, s:s + kernel_size].reshape(len(x), -1) for s in starts], axis=1)


@unfold.variant("an array of indices")
def _(x, kernel_size, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    positions = output_length(x.shape[2], kernel_size, stride, padding)
    index = stride * np.arange(positions)[:, None] + np.arange(kernel_size)
    return np.concatenate([padded[:, c][:, index] for c in range(x.shape[1])], axis=2)


@unfold.variant("single precision")
def _(x, kernel_size, stride, padding):
    return unfold(x.astype(np.float32), kernel_size, stride, padding)


# ---------------------------------------------------------------------------- one matrix product


@exercise(
    "07.conv1d", "The layer as one matrix product", points=2, probes=_layers,
    hints=(
        "`unfold` gives rows (N, positions, C * K). Each output channel's kernel `weight[o]` is "
        "(C, K): flattened, a vector of C * K numbers too. Output o at position p is the scalar "
        "product of the two.",
        "`weight.reshape(O, C * K)` holds one kernel a row. Transposed, (C * K, O), it fits behind "
        "the rows: the product is (N, positions, O).",
        "Add the bias while the channels are the last axis, then `swapaxes(1, 2)`.",
    ))
def conv1d(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return (rows @ weight.reshape(len(weight), -1).T + bias).swapaxes(1, 2)


def _product(x, weight, stride, padding):
    """What the layer is before the bias, (N, positions, O)."""
    return conv1d(x, weight, np.zeros(len(weight)), stride, padding).swapaxes(1, 2)


@conv1d.mistake("your axes are (N, positions, channels): swap the last two at the end")
def _(x, weight, bias, stride, padding):
    return _product(x, weight, stride, padding) + bias


@conv1d.mistake("you brought (N, positions, O) into shape with reshape, which deals the numbers "
                "out anew: an axis is moved with swapaxes or transpose")
def _(x, weight, bias, stride, padding):
    out = _product(x, weight, stride, padding) + bias
    return out.reshape(len(x), len(weight), -1)


@conv1d.mistake("you reshaped the weight straight to (C * K, O), which deals its numbers out anew: "
                "reshape to (O, C * K), one kernel a row, then transpose")
def _(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return (rows @ weight.reshape(-1, len(weight)) + bias).swapaxes(1, 2)


@conv1d.mistake("weight.T is (K, C, O): flattened it goes tap by tap, but your rows go channel by "
                "channel. Reshape to (O, C * K) first, then transpose")
def _(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return (rows @ weight.T.reshape(-1, len(weight)) + bias).swapaxes(1, 2)


@conv1d.mistake("you left the bias out: each output channel has one number to add")
def _(x, weight, bias, stride, padding):
    return _product(x, weight, stride, padding).swapaxes(1, 2)


@conv1d.mistake("you left the padding out: hand it on to unfold")
def _(x, weight, bias, stride, padding):
    return conv1d(x, weight, bias, stride, 0)


@conv1d.mistake("you left the stride out: hand it on to unfold")
def _(x, weight, bias, stride, padding):
    return conv1d(x, weight, bias, 1, padding)


@conv1d.variant("einsum")
def _(x, weight, bias, stride, padding):
    return _layer(x, weight, bias, stride, padding)


@conv1d.variant("the product the other way round, which needs no swap at the end")
def _(x, weight, bias, stride, padding):
    rows = unfold(x, weight.shape[2], stride, padding)
    return weight.reshape(len(weight), -1) @ rows.swapaxes(1, 2) + bias[:, np.newaxis]


@conv1d.variant("loops")
def _(x, weight, bias, stride, padding):
    return conv1d_loops(x, weight, bias, stride, padding)


@conv1d.variant("single precision, on an array of its own")
def _(x, weight, bias, stride, padding):
    rows = unfold(x.astype(np.float32), weight.shape[2], stride, padding)
    out = rows @ weight.astype(np.float32).reshape(len(weight), -1).T
    out += bias.astype(np.float32)
    return out.swapaxes(1, 2)


# ---------------------------------------------------------------------------- backwards


def _cotangents(rng: np.random.RandomState) -> list[tuple]:
    """g (N, O, positions), x (N, C, L), weight (O, C, K), stride, padding."""
    return [(np.array([[[1.0, 10.0, 100.0]]]), np.array([[[1.0, 2.0, 4.0, 8.0]]]),
             np.array([[[3.0, 5.0]]]), 1, 0),
            (rng.randn(2, 2, 3), rng.randn(2, 1, 8), rng.randn(2, 1, 3), 2, 0),
            (rng.randn(3, 4, 5), rng.randn(3, 2, 9), rng.randn(4, 2, 3), 2, 1),
            (rng.randn(2, 3, 8), rng.randn(2, 2, 7), rng.randn(3, 2, 4), 1, 2)]


@exercise(
    "07.conv1d_backward", "The layer backwards", points=3, probes=_cotangents,
    hints=(
        "Forward it was rows @ W^T + bias, with rows from `unfold` and W = weight.reshape(O, -1). "
        "You know the backward pass of that from lesson 04. Bring g to (N, positions, O) first.",
        "bias: sum g over signals *and* positions. weight: sum over both of g times the row, "
        "`np.einsum(\"nop,npr->or\", g, rows)`, brought to weight's shape.",
        "x: `g_rows = g.swapaxes(1, 2) @ W` is (N, positions, C * K): what each copied number gets "
        "back. Add row p, reshaped to (N, C, K), onto its place: `padded[:, :, s:s + K] += ...` "
        "with s = p * stride. At the end cut the padding off.",
    ))
def conv1d_backward(g, x, weight, stride, padding):
    n_out, _, taps = weight.shape
    rows = unfold(x, taps, stride, padding)
    d_weight = np.einsum("nop,npr->or", g, rows).reshape(weight.shape)
    d_rows = g.swapaxes(1, 2) @ weight.reshape(n_out, -1)
    return _fold(d_rows, x.shape, taps, stride, padding), d_weight, g.sum(axis=(0, 2))


def _fold(rows, shape, taps, stride, padding):
    n, n_in, length = shape
    padded = np.zeros((n, n_in, length + 2 * padding), rows.dtype)
    for p in range(rows.shape[1]):
        start = p * stride
        padded[:, :, start:start + taps] += rows[:, p].reshape(n, n_in, taps)
    return padded[:, :, padding:padding + length]


@conv1d_backward.mistake("where windows overlap, your gradient of x keeps the last share only: a "
                         "number that several windows saw gets the sum of their shares (`+=`)")
def _(g, x, weight, stride, padding):
    _, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    d_rows = g.swapaxes(1, 2) @ weight.reshape(len(weight), -1)
    padded = np.pad(np.zeros(x.shape), ((0, 0), (0, 0), (padding, padding)))
    for p in range(g.shape[2]):
        padded[:, :, p * stride:p * stride + weight.shape[2]] = \
            d_rows[:, p].reshape(*x.shape[:2], -1)
    return padded[:, :, padding:padding + x.shape[2]], d_weight, d_bias


@conv1d_backward.mistake("your gradient of x still has the padding: cut it off at both ends, so "
                         "that it has the shape of x")
def _(g, x, weight, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    return conv1d_backward(g, padded, weight, stride, 0)


@conv1d_backward.mistake("you cut the padding off at one end only: position 0 of x stands behind "
                         "`padding` zeros, so keep padded[:, :, padding:padding + L]")
def _(g, x, weight, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    d_x, d_weight, d_bias = conv1d_backward(g, padded, weight, stride, 0)
    return d_x[:, :, :x.shape[2]], d_weight, d_bias


@conv1d_backward.mistake("you added row p of the gradient of x at position p: its window begins at "
                         "p * stride")
def _(g, x, weight, stride, padding):
    _, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    d_rows = g.swapaxes(1, 2) @ weight.reshape(len(weight), -1)
    return _fold(d_rows, x.shape, weight.shape[2], 1, padding), d_weight, d_bias


@conv1d_backward.mistake("you turned the kernel round in the gradient of x: adding each row back "
                         "to where it came from does that by itself, so leave the weight as it is")
def _(g, x, weight, stride, padding):
    d_x = conv1d_backward(g, x, weight[:, :, ::-1], stride, padding)[0]
    return d_x, *conv1d_backward(g, x, weight, stride, padding)[1:]


@conv1d_backward.mistake("your gradient of the weight is the mean over the batch: the one who made "
                         "g divided already, so sum")
def _(g, x, weight, stride, padding):
    d_x, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    return d_x, d_weight / len(x), d_bias


@conv1d_backward.mistake("your gradients of weight and bias are means over the batch: the one who "
                         "made g divided already, so sum")
def _(g, x, weight, stride, padding):
    d_x, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    return d_x, d_weight / len(x), d_bias / len(x)


@conv1d_backward.mistake("your gradient of the weight has shape (O, C * K): bring it to the "
                         "weight's own shape")
def _(g, x, weight, stride, padding):
    d_x, d_weight, d_bias = conv1d_backward(g, x, weight, stride, padding)
    return d_x, d_weight.reshape(len(weight), -1), d_bias


@conv1d_backward.mistake("you summed the gradient of the bias over the signals only: the same bias "
                         "was added at every position, so sum over positions too")
def _(g, x, weight, stride, padding):
    return *conv1d_backward(g, x, weight, stride, padding)[:2], g.sum(axis=0)


@conv1d_backward.mistake("you summed the gradient of the bias over the positions only: sum over "
                         "the signals too")
def _(g, x, weight, stride, padding):
    return *conv1d_backward(g, x, weight, stride, padding)[:2], g.sum(axis=2)


@conv1d_backward.mistake("you summed the gradient of the bias over everything: each output channel "
                         "has a bias of its own, so keep axis 1")
def _(g, x, weight, stride, padding):
    return *conv1d_backward(g, x, weight, stride, padding)[:2], g.sum()


@conv1d_backward.must("the gradient of x must have the shape of x")
def _(result, g, x, weight, stride, padding):
    return result[0].shape == x.shape


@conv1d_backward.variant("loops over everything")
def _(g, x, weight, stride, padding):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    d_padded, d_weight, d_bias = np.zeros_like(padded), np.zeros(weight.shape), np.zeros(len(g[0]))
    for n, o, p in np.ndindex(g.shape):
        part = slice(p * stride, p * stride + weight.shape[2])
        d_padded[n, :, part] += g[n, o, p] * weight[o]
        d_weight[o] += g[n, o, p] * padded[n, :, part]
        d_bias[o] += g[n, o, p]
    return d_padded[:, :, padding:padding + x.shape[2]], d_weight, d_bias


@conv1d_backward.variant("tap by tap, as the package folds")
def _(g, x, weight, stride, padding):
    positions = g.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    d_padded, d_weight = np.zeros_like(padded), np.zeros(weight.shape)
    for k in range(weight.shape[2]):
        part = slice(k, k + stride * (positions - 1) + 1, stride)
        d_padded[:, :, part] += weight[:, :, k].T @ g
        d_weight[:, :, k] = (g @ padded[:, :, part].swapaxes(1, 2)).sum(axis=0)
    return d_padded[:, :, padding:padding + x.shape[2]], d_weight, g.sum(axis=2).sum(axis=0)


@conv1d_backward.variant("the turned kernel over a spread-out, padded g")
def _(g, x, weight, stride, padding):
    taps, length = weight.shape[2], x.shape[2] + 2 * padding
    spread = np.zeros((*g.shape[:2], length + taps - 1))
    spread[:, :, taps - 1:taps - 1 + stride * (g.shape[2] - 1) + 1:stride] = g
    turned = weight[:, :, ::-1].swapaxes(0, 1)
    d_x = conv1d(spread, turned, np.zeros(len(turned)), 1, 0)[:, :, padding:padding + x.shape[2]]
    return d_x, *conv1d_backward(g, x, weight, stride, padding)[1:]


@conv1d_backward.variant("single precision, as a list")
def _(g, x, weight, stride, padding):
    return [np.asarray(d, np.float32) for d in conv1d_backward(g, x, weight, stride, padding)]
