"""The hot spots of training once more, on arrays alone: see engine.py for what they mean.

Each kernel has the name of the operation in engine.py that it computes, takes the arrays of its
inputs, and returns `(out, rules)`: the result, and for each input a function from the cotangent of
the result to that of the input, both arrays. A rule may answer in the shape that broadcasting gave
its input. fused.py makes operations of them; tests hold both forms equal.

One convention runs through this file: *memory holds the examples last*. The axes are in their usual
order to the outside, (..., n, features) or (..., n, channels, length), but a result lies in memory
as (..., features, n) or (..., length, channels, n), and `swapaxes` shows it in the usual order. So
a layer is the product of its weights with a matrix whose columns are examples; sums over classes
or gates add whole rows; and some positions of a signal with all their channels, the window of a
convolution, are one block of memory, a matrix (taps * channels, n) that nobody needs to copy.
Inputs may lie in memory in any order.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

Rule = Callable[[np.ndarray], np.ndarray]
_MANY_ROWS = 48  # from here on a product is faster if its right side is copied into order first
LOWEST = -50.0  # exp of less is lost beside 1, and would make subnormal numbers further back


def once(f: Callable) -> Callable:
    """f, computed once for the several rules of an operation that need f(g) for the same g."""
    memory: list = []

    def remembered(g):
        if not memory or memory[0] is not g:
            memory[:] = g, f(g)
        return memory[1]
    return remembered


def block(make: Callable, like: np.ndarray, shape: tuple) -> np.ndarray:
    """New memory of this shape in C order, with like's dtype; make: np.zeros_like, for example."""
    return make(like, shape=shape, order="C")


def columns(x: np.ndarray) -> np.ndarray:
    """The last two axes exchanged: a view."""
    return x.swapaxes(-1, -2)


def relu(x: np.ndarray) -> tuple[np.ndarray, tuple[Rule]]:
    """max(x, 0), as a clip: a maximum with one number takes twice as long."""
    out = x.clip(0, np.inf) if x.dtype.kind == "f" else np.maximum(x, 0)

    def to_x(g):
        through = (out > 0).astype(g.dtype)  # a product of floats with booleans takes longer
        through *= g
        return through
    return out, (to_x,)


def prelu(x: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, tuple[Rule, Rule]]:
    """x where positive, slope * x elsewhere: x times a factor, which the way back needs again."""
    positive = (x > 0).astype(x.dtype)
    factor = (1 - positive) * slope
    factor += positive
    return x * factor, (lambda g: g * factor, lambda g: dot(g, x.clip(-np.inf, 0), slope.shape))


def dot(a: np.ndarray, b: np.ndarray, shape: tuple) -> np.ndarray:
    """a * b, summed over the last axes as far as they are 1 in `shape`, if these are several."""
    shape = (1,) * (a.ndim - len(shape)) + shape
    lead = max((i + 1 for i, n in enumerate(shape) if n > 1), default=0)
    if a.ndim - lead < 2 or a.shape != b.shape:
        return a * b
    order = (*range(lead), *reversed(range(lead, a.ndim)))  # as the convention has them in memory
    rows, others = (one.transpose(order).reshape(*a.shape[:lead], 1, -1) for one in (a, b))
    return (rows @ columns(others)).reshape(*a.shape[:lead], *shape[lead:])


def linear(x: np.ndarray, weight: np.ndarray, bias: np.ndarray
           ) -> tuple[np.ndarray, tuple[Rule, Rule, Rule]]:
    """x W^T + b, computed as (W x^T)^T."""
    out = product(weight, columns(x))
    out += bias[..., None]
    ones = np.ones(x.shape[-2], x.dtype)
    return columns(out), (lambda g: columns(columns(weight) @ columns(g)),
                          lambda g: product(columns(g), x), lambda g: columns(g) @ ones)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a @ b. Where all replicas of `a` meet the same matrix b, their rows are one tall matrix."""
    if a.ndim > 2 and b.ndim == 2 and a.flags.c_contiguous:
        return (a.reshape(-1, a.shape[-1]) @ b).reshape(*a.shape[:-1], b.shape[-1])
    return a @ b


def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray
                          ) -> tuple[np.ndarray, tuple[Rule]]:
    """-log softmax(logits)[label], the mean over the batch. Classes are rows."""
    *lead, n, classes = logits.shape
    rows = columns(logits)
    shifted = np.subtract(rows, np.maximum.reduce(rows, axis=-2, keepdims=True), order="C")
    exps = np.exp(np.maximum(shifted, LOWEST))
    totals = np.add.reduce(exps, axis=-2, keepdims=True)
    replicas = np.arange(int(np.prod(lead))).reshape(*lead, 1) * (n * classes)
    rows_of_labels = np.asanyarray(labels).astype(np.intp, copy=False) * n
    places = rows_of_labels + (replicas + np.arange(n))  # in memory
    losses = np.log(totals[..., 0, :]) - shifted.take(places)

    def to_logits(g):
        delta = exps / totals
        delta.put(places, delta.take(places) - 1)
        delta *= (g / n)[..., None, None]
        return columns(delta)
    return np.add.reduce(losses, axis=-1) / n, (to_logits,)


# ---------------------------------------------------------------------------- convolution


def flatten(x: np.ndarray) -> tuple[np.ndarray, tuple[Rule]]:
    """The last two axes as one."""
    *lead, channels, length = x.shape
    rules = (lambda g: g.reshape(x.shape),)
    if not lead:
        return x.reshape(channels * length), rules
    out = x.swapaxes(-3, -2).swapaxes(-2, -1).reshape(*lead[:-1], channels * length, lead[-1])
    return columns(out), rules


def unfold(x: np.ndarray, kernel_size: int, stride: int = 1, padding: int = 0
           ) -> tuple[np.ndarray, tuple[Rule]]:
    """The windows of x, one in each row; its rule adds them to the places that they came from."""
    length, kernel_size = x.shape[-1], int(kernel_size)
    stride, padding = int(stride), int(padding)  # NumPy's small integers would overflow
    if x.ndim == 2:
        windows, (to_x,) = unfold(x[None], kernel_size, stride, padding)
        return windows[0], (lambda g: to_x(g[None])[0],)
    windows = sliding(framed(x, padding, padding)[0], kernel_size, stride)
    return columns(windows.swapaxes(-1, -3)), (
        lambda g: fold(g, length, kernel_size, stride, padding),)


def fold(g: np.ndarray, length: int, kernel_size: int, stride: int, padding: int) -> np.ndarray:
    """Rows of windows (..., n, positions, kernel_size * channels), added up to signals (..., n,
    channels, length)."""
    windows = columns(g).swapaxes(-1, -3)
    *lead, positions, width, n = windows.shape
    taps = windows.reshape(*lead, positions, kernel_size, width // kernel_size, n)
    signal = block(np.zeros_like, g, (*lead, length + 2 * padding, width // kernel_size, n))
    for tap in range(kernel_size):
        places = slice(tap, tap + stride * (positions - 1) + 1, stride)
        signal[..., places, :, :] += taps[..., tap, :, :]
    return signal[..., padding:padding + length, :, :].swapaxes(-1, -3)


def max_pool1d(x: np.ndarray, kernel_size: int, stride: int) -> tuple[np.ndarray, tuple[Rule]]:
    """The maximum of each window; equal maxima share the gradient."""
    if x.ndim == 2:
        out, (single,) = max_pool1d(x[None], kernel_size, stride)
        return out[0], (lambda g: single(g[None])[0],)
    signal = x.swapaxes(-1, -3)
    width, stride = int(kernel_size), int(stride)  # NumPy's small integers would overflow
    positions = (x.shape[-1] - width) // stride + 1
    places = [slice(tap, tap + stride * (positions - 1) + 1, stride) for tap in range(width)]
    taps = [signal[..., place, :, :] for place in places]
    out = functools.reduce(np.maximum, taps)

    def to_x(g):
        chosen = [(tap == out).astype(g.dtype) for tap in taps]
        share = g.swapaxes(-1, -3) / functools.reduce(np.add, chosen)
        back = block(np.zeros_like, g, signal.shape)
        for place, one in zip(places, chosen, strict=True):
            if stride >= width:  # no window sees what another sees
                np.multiply(one, share, out=back[..., place, :, :])
            else:
                back[..., place, :, :] += one * share
        return back.swapaxes(-1, -3)
    return out.swapaxes(-1, -3), (to_x,)


def conv1d(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0
           ) -> tuple[np.ndarray, tuple[Rule, Rule, Rule]]:
    """Each window times the kernels. A channel of ones carries the bias, as the weight that the
    first tap has for it."""
    *lead, n_out, n_in, taps = weight.shape
    stride, padding = int(stride), int(padding)  # NumPy's small integers would overflow
    windows = sliding(framed(x, padding, padding, ones=True)[0], taps, stride)
    kernels = block(np.zeros_like, weight, (*lead, 1, taps, n_in + 1, n_out))
    kernels[..., 0, :, :n_in, :] = weight.swapaxes(-1, -3)
    kernels[..., 0, 0, n_in, :] = bias
    out = columns(kernels.reshape(*lead, 1, -1, n_out)) @ windows
    # zeros around the cotangent, as far as the windows of its own convolution reach (`spread`)
    before = -(-taps // stride) - 1
    after = max(0, (x.shape[-1] + padding - 1) // stride + 1 - out.shape[-3])
    frame = once(lambda g: framed(g, before, after))

    @once
    def to_kernels(g):
        turned = columns(frame(g)[1])
        if windows.shape[-2] > _MANY_ROWS:
            turned = turned.copy()
        products = np.add.reduce(windows @ turned, axis=-3)
        return products.reshape(*products.shape[:-2], taps, n_in + 1, n_out)

    def to_x(g):
        signal = spread(frame(g)[0], weight, stride)
        return signal[..., padding:padding + x.shape[-1], :, :].swapaxes(-1, -3)

    return out.swapaxes(-1, -3), (to_x,
                                  lambda g: to_kernels(g)[..., :n_in, :].swapaxes(-1, -3),
                                  lambda g: to_kernels(g)[..., 0, n_in, :])


def framed(x: np.ndarray, before: int, after: int, ones: bool = False
           ) -> tuple[np.ndarray, np.ndarray]:
    """x (..., n, channels, length) among zeros, (..., before + length + after, channels, n), and
    the part of it that is x. ones: with one more channel, of ones."""
    signal = x.swapaxes(-1, -3)
    *lead, length, channels, n = signal.shape
    whole = block(np.zeros_like, x, (*lead, before + length + after, channels + ones, n))
    if ones:
        whole[..., channels, :] = 1
    inside = whole[..., before:before + length, :channels, :]
    inside[...] = signal
    return whole, inside


def sliding(signal: np.ndarray, kernel_size: int, stride: int) -> np.ndarray:
    """All windows of a signal (..., length, channels, n), a view (..., positions, kernel_size *
    channels, n)."""
    *lead, length, channels, n = signal.shape
    *steps, step, channel, item = signal.strides
    return np.ndarray.__new__(
        type(signal), (*lead, (length - kernel_size) // stride + 1, kernel_size * channels, n),
        signal.dtype, signal, strides=(*steps, step * stride, channel, item))


def spread(g: np.ndarray, weight: np.ndarray, stride: int) -> np.ndarray:
    """The transposed convolution: every position spreads its values, times the kernels, over the
    places that its window saw. UDL 10.4.

    g: (..., before + positions + after, out, n), with before = ceil(taps / stride) - 1
    -> (..., stride * positions, in, n).

    Place stride * u + r got tap r + stride * i from position u - i. So this is a convolution of g,
    with all taps of one remainder r in a kernel, and `stride` such kernels side by side.
    """
    *lead, n_out, n_in, taps = weight.shape
    each = -(-taps // stride)
    kernels = block(np.zeros_like, weight, (*lead, 1, each, n_out, stride, n_in))
    for i in range(each):
        some = columns(weight[..., stride * i:stride * (i + 1)])
        kernels[..., 0, each - 1 - i, :, :some.shape[-2], :] = some
    kernels = columns(kernels.reshape(*lead, 1, each * n_out, stride * n_in))
    signal = kernels @ sliding(g, each, 1)
    return signal.reshape(*signal.shape[:-3], -1, n_in, g.shape[-1])


# ---------------------------------------------------------------------------- recurrence


def gru(x: np.ndarray, weight_ih: np.ndarray, weight_hh: np.ndarray, bias_ih: np.ndarray,
        bias_hh: np.ndarray) -> tuple[np.ndarray, tuple[Rule, ...]]:
    """The states of a gated recurrent unit.

    Arrays are (time, ..., rows, n): a gate is then one block of memory, and time steps follow each
    other. Below a state stand a row of ones and the input of its step, so one product with one
    matrix gives all gates, as four blocks of rows: r, z, c as far as the input decides it, and m,
    the part of c that comes from the state.
    """
    size, steps, n = weight_hh.shape[-1], x.shape[-2], x.shape[-3]
    lead = np.broadcast_shapes(x.shape[:-3], weight_hh.shape[:-2])
    x = x.reshape((1,) * (len(lead) + 3 - x.ndim) + x.shape)  # time must come before every lead
    weight = gru_matrix(weight_ih, weight_hh, bias_ih, bias_hh)
    # sigmoid(a) = (1 + tanh(a/2)) / 2: the rows of r and z are halved
    halved = weight * np.where(np.arange(4 * size) < 2 * size, 0.5, 1).astype(x.dtype)[:, None]
    states = block(np.ones_like, x, (steps + 1, *lead, size + 1 + x.shape[-1], n))
    states[:-1, ..., size + 1:, :] = columns(np.moveaxis(x, -2, 0))
    h = states[..., :size, :]
    h[0] = 0
    gates = block(np.empty_like, x, (steps, *lead, 4 * size, n))
    # views of all time steps, made once: in the loop a slice costs as much as a small operation
    rz_all, r, z, c, m = (gates[..., a * size:b * size, :]
                          for a, b in ((0, 2), (0, 1), (1, 2), (2, 3), (3, 4)))
    for t in range(steps):
        np.matmul(halved, states[t], out=gates[t])
        rz, new, later = rz_all[t], c[t], h[t + 1]
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        np.multiply(r[t], m[t], out=later)
        new += later
        np.tanh(new, out=new)
        np.subtract(h[t], new, out=later)
        later *= z[t]
        later += new
    to_gates = once(lambda g: gru_backward(g, gates, h, weight[..., :size]))

    @once
    def to_weight(g):
        return np.add.reduce(to_gates(g) @ columns(states[:-1]), axis=0)

    def state_side(product):  # r, z and m
        return np.concatenate([product[..., :2 * size, :], product[..., 3 * size:, :]], axis=-2)

    def to_x(g):
        d_x = columns(weight_ih) @ to_gates(g)[..., :3 * size, :]  # (time, ..., in, n)
        return np.moveaxis(columns(d_x), 0, -2)

    return np.moveaxis(h[1:], (0, -2), (-2, -1)), (
        to_x, lambda g: to_weight(g)[..., :3 * size, size + 1:],
        lambda g: state_side(to_weight(g)[..., :size]),
        lambda g: to_weight(g)[..., :3 * size, size],
        lambda g: state_side(to_weight(g)[..., size:size + 1])[..., 0])


def gru_matrix(weight_ih, weight_hh, bias_ih, bias_hh) -> np.ndarray:
    """All weights and biases as one matrix (..., 4 h, h + 1 + in)."""
    *lead, _, size = weight_hh.shape
    whole = block(np.zeros_like, weight_hh, (*lead, 4 * size, size + 1 + weight_ih.shape[-1]))
    whole[..., :3 * size, size + 1:] = weight_ih
    whole[..., :3 * size, size] = bias_ih
    whole[..., :2 * size, :size] = weight_hh[..., :2 * size, :]
    whole[..., :2 * size, size] += bias_hh[..., :2 * size]
    whole[..., 3 * size:, :size] = weight_hh[..., 2 * size:, :]
    whole[..., 3 * size:, size] = bias_hh[..., 2 * size:]
    return whole


def gru_backward(g, gates, h, weight) -> np.ndarray:
    """Back through time. g: (..., n, time, h) -> the cotangents of what the gates were before their
    tanh or sigmoid, at every time step, (time, ..., 4 h, n). weight: (..., 4 h, h)."""
    steps, *lead, rows, n = gates.shape
    size = rows // 4
    g = np.moveaxis(g, -2, 0).swapaxes(-1, -2)
    rz, (r, z, c, m) = gates[..., :2 * size, :], (gates[..., i * size:(i + 1) * size, :]
                                                  for i in range(4))
    # the factors that do not depend on what comes from later steps, for all time steps at once
    left = 1 - rz
    slopes = rz * left
    of_h = block(np.empty_like, gates, (steps, *lead, 2, size, n))  # d_h times it: for z, c
    of_c = block(np.empty_like, gates, (steps, *lead, 2, size, n))  # d_c times it: for r, m
    to_z, to_c = of_h[..., 0, :, :], of_h[..., 1, :, :]
    np.subtract(h[:-1], c, out=to_z)
    to_z *= slopes[..., size:, :]
    np.multiply(c, c, out=to_c)
    np.subtract(1, to_c, out=to_c)
    to_c *= left[..., size:, :]
    np.multiply(m, slopes[..., :size, :], out=of_c[..., 0, :, :])
    of_c[..., 1, :, :] = r
    found = block(np.empty_like, gates, (steps, *lead, 4, size, n))
    for_zc, for_rm = found[..., 1:3, :, :], found[..., 0::3, :, :]
    d_c = found[..., 2:3, :, :]
    every = found.reshape(steps, *lead, rows, n)
    back = columns(weight).copy()
    d_h = block(np.zeros_like, gates, (*lead, size, n))
    wide, product = d_h[..., None, :, :], np.empty_like(d_h)
    for t in reversed(range(steps)):
        d_h += g[t]
        np.multiply(wide, of_h[t], out=for_zc[t])
        np.multiply(d_c[t], of_c[t], out=for_rm[t])
        d_h *= z[t]
        np.matmul(back, every[t], out=product)
        d_h += product
    return every
