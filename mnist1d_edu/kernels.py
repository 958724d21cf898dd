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

from collections.abc import Callable

import numpy as np

Rule = Callable[[np.ndarray], np.ndarray]
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
    places = labels.astype(np.intp, copy=False) * n + (replicas + np.arange(n))  # in memory
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
    *lead, n, channels, length = x.shape
    out = x.swapaxes(-3, -2).swapaxes(-2, -1).reshape(*lead, channels * length, n)
    return columns(out), (lambda g: g.reshape(x.shape),)


def unfold(x: np.ndarray, kernel_size: int, stride: int = 1, padding: int = 0
           ) -> tuple[np.ndarray, tuple[Rule]]:
    """The windows of x, one in each row; its rule adds them to the places that they came from."""
    length = x.shape[-1]
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


def conv1d(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int = 1, padding: int = 0
           ) -> tuple[np.ndarray, tuple[Rule, Rule, Rule]]:
    """Each window times the kernels. A channel of ones carries the bias, as the weight that the
    first tap has for it."""
    *lead, n_out, n_in, taps = weight.shape
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
        products = np.add.reduce(windows @ columns(frame(g)[1]), axis=-3)
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
    """The states of a gated recurrent unit. Arrays are (time, ..., features, n): a gate is then one
    block of memory, and time steps follow each other. A row of ones carries the biases."""
    size, steps, n = weight_hh.shape[-1], x.shape[-2], x.shape[-3]
    lead = np.broadcast_shapes(x.shape[:-3], weight_hh.shape[:-2])
    x = x.reshape((1,) * (len(lead) + 3 - x.ndim) + x.shape)  # time must come before every lead
    inputs = block(np.ones_like, x, (steps, *x.shape[:-3], x.shape[-1] + 1, n))
    inputs[..., :-1, :] = columns(np.moveaxis(x, -2, 0))
    # sigmoid(a) = (1 + tanh(a/2)) / 2: the rows of r and z are halved in the weights
    half = np.where(np.arange(3 * size) < 2 * size, 0.5, 1).astype(x.dtype)[:, None]
    w_in = half * np.concatenate([weight_ih, bias_ih[..., None]], -1)
    w_state = half * np.concatenate([weight_hh, bias_hh[..., None]], -1)
    gi = block(np.empty_like, x, (steps, *lead, 3 * size, n))
    np.matmul(w_in, inputs, out=gi)
    gh = np.empty_like(gi)
    states = block(np.ones_like, x, (steps + 1, *lead, size + 1, n))
    h = states[..., :-1, :]
    h[0] = 0
    # views of all time steps, made once: in the loop a slice costs as much as a small operation
    rz_all, r, z, c = (gi[..., a * size:b * size, :] for a, b in ((0, 2), (0, 1), (1, 2), (2, 3)))
    rz_from_state, c_from_state = gh[..., :2 * size, :], gh[..., 2 * size:, :]
    for t in range(steps):
        np.matmul(w_state, states[t], out=gh[t])
        rz, new, later = rz_all[t], c[t], h[t + 1]
        rz += rz_from_state[t]
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        np.multiply(r[t], c_from_state[t], out=later)
        new += later
        np.tanh(new, out=new)
        np.subtract(h[t], new, out=later)
        later *= z[t]
        later += new
    through_time = once(lambda g: gru_backward(g, r, z, c, c_from_state, states, weight_hh))

    @once
    def to_input_side(g):  # weights and bias together, as they stand beside the row of ones
        return np.add.reduce(through_time(g)[0] @ columns(inputs), axis=0)

    @once
    def to_state_side(g):
        return np.add.reduce(through_time(g)[1] @ columns(states[:-1]), axis=0)

    def to_x(g):
        d_x = columns(weight_ih) @ through_time(g)[0]  # (time, ..., in, n)
        return np.moveaxis(columns(d_x), 0, -2)

    return np.moveaxis(h[1:], (0, -2), (-2, -1)), (
        to_x, lambda g: to_input_side(g)[..., :-1], lambda g: to_state_side(g)[..., :-1],
        lambda g: to_input_side(g)[..., -1], lambda g: to_state_side(g)[..., -1])


def gru_backward(g, r, z, c, c_from_state, states, weight_hh) -> tuple[np.ndarray, np.ndarray]:
    """Back through time. g: (..., n, time, h) -> the cotangents of what the gates get from the
    input and from the state, at every time step: both (time, ..., 3 h, n)."""
    size = r.shape[-2]
    g = np.moveaxis(g, -2, 0).swapaxes(-1, -2)
    # the factors that do not depend on what comes from later steps, for all time steps at once
    to_z = (states[:-1, ..., :-1, :] - c) * (z * (1 - z))
    to_c = (1 - z) * (1 - c * c)
    to_r = c_from_state * (r * (1 - r))
    from_state = block(np.empty_like, r, (*r.shape[:-2], 3 * size, r.shape[-1]))
    d_r, d_z, d_new = (from_state[..., i * size:(i + 1) * size, :] for i in range(3))
    d_c = np.empty_like(to_c)
    back = columns(weight_hh).copy()
    d_h = block(np.zeros_like, r, r.shape[1:])
    product = np.empty_like(d_h)
    for t in reversed(range(len(g))):
        d_h += g[t]
        np.multiply(d_h, to_z[t], out=d_z[t])
        np.multiply(d_h, to_c[t], out=d_c[t])
        np.multiply(d_c[t], to_r[t], out=d_r[t])
        np.multiply(d_c[t], r[t], out=d_new[t])
        d_h *= z[t]
        np.matmul(back, from_state[t], out=product)
        d_h += product
    from_input = from_state.copy()
    from_input[..., 2 * size:, :] = d_c
    return from_input, from_state
