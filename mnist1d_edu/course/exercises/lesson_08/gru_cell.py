"""08.gru_cell: the GRU's cell (Cho and others, 2014, in the form that PyTorch computes)."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.engine import Tensor, grad, linear, sigmoid, tanh


def gru_cell(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_c, h_r, h_z, h_c = blocks(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return (1 - z) * tanh(x_c + r * h_c) + z * h


def blocks(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """The three blocks from the input and the three from the state."""
    return *thirds(linear(x, weight_ih, bias_ih)), *thirds(linear(h, weight_hh, bias_hh))


def thirds(a):
    """The columns for r, for z and for c."""
    size = a.shape[-1] // 3
    return a[:, :size], a[:, size:2 * size], a[:, 2 * size:]


def cells(rng: np.random.RandomState) -> list[tuple]:
    """(x, h, weight_ih, weight_hh, bias_ih, bias_hh): one unit first."""
    return [tuple(rng.randn(*shape) for shape in
                  ((n, i), (n, h), (3 * h, i), (3 * h, h), (3 * h,), (3 * h,)))
            for n, i, h in ((1, 1, 1), (4, 2, 3), (2, 1, 4))]


def new_state_and_gradients(gru_cell, x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    """Run a cell on tensors: the new state, and what comes back to x and h."""
    tensors = [Tensor(a) for a in (x, h, weight_ih, weight_hh, bias_ih, bias_hh)]
    try:
        new = gru_cell(*tensors)
    except TypeError as error:
        if "ufunc" not in str(error):
            raise
        told = TypeError("a NumPy function was given a tensor; take the engine's sigmoid and tanh")
        raise told.with_traceback(error.__traceback__) from error
    if not isinstance(new, Tensor):
        return new
    pull = np.cos(np.arange(new.size)).reshape(new.shape)
    return new.data, *(g.data for g in grad(new, tensors[:2], cotangent=Tensor(pull)))


# ---- what students write
def cell(x, h, *weights, gate=sigmoid, candidate=lambda x_c, r, h_c: tanh(x_c + r * h_c),
         mixture=lambda z, c, h: (1 - z) * c + z * h):
    """The reference, with places where a mistake can sit."""
    x_r, x_z, x_c, h_r, h_z, h_c = blocks(x, h, *weights)
    r, z = gate(x_r + h_r), gate(x_z + h_z)
    return mixture(z, candidate(x_c, r, h_c), h)


def gates_swapped(x, h, *weights):
    x_z, x_r, x_c, h_z, h_r, h_c = blocks(x, h, *weights)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return (1 - z) * tanh(x_c + r * h_c) + z * h


def reset_before_the_product(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_c, h_r, h_z, _ = blocks(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    r, z, size = sigmoid(x_r + h_r), sigmoid(x_z + h_z), h.shape[1]
    h_c = linear(r * h, weight_hh[2 * size:], bias_hh[2 * size:])
    return (1 - z) * tanh(x_c + h_c) + z * h


def bias_outside_the_reset(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    x_r, x_z, x_c, h_r, h_z, h_c = blocks(x, h, weight_ih, weight_hh, bias_ih, bias_hh)
    r, z, b = sigmoid(x_r + h_r), sigmoid(x_z + h_z), bias_hh[2 * h.shape[1]:]
    return (1 - z) * tanh(x_c + r * (h_c - b) + b) + z * h


def cut_along_the_examples(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    size = h.shape[1]
    a, b = linear(x, weight_ih, bias_ih), linear(h, weight_hh, bias_hh)
    r, z = sigmoid(a[:size] + b[:size]), sigmoid(a[size:2 * size] + b[size:2 * size])
    return (1 - z) * tanh(a[2 * size:] + r * b[2 * size:]) + z * h


# ---- other right answers
def blocks_of_the_weights(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    size = h.shape[1]
    rows = [slice(k * size, (k + 1) * size) for k in range(3)]
    from_x = [x @ weight_ih[k].T + bias_ih[k] for k in rows]
    from_h = [h @ weight_hh[k].T + bias_hh[k] for k in rows]
    r, z = (sigmoid(from_x[k] + from_h[k]) for k in (0, 1))
    c = tanh(from_x[2] + r * from_h[2])
    return c + z * (h - c)


def both_gates_at_once(x, h, weight_ih, weight_hh, bias_ih, bias_hh):
    size = h.shape[-1]
    a, b = linear(x, weight_ih, bias_ih), linear(h, weight_hh, bias_hh)
    gates = sigmoid(a[..., :2 * size] + b[..., :2 * size])
    r, z = gates[..., :size], gates[..., size:]
    return z * h + (1 - z) * tanh(a[..., 2 * size:] + r * b[..., 2 * size:])


EXERCISE = Exercise(
    "08.gru_cell", "The GRU's cell", gru_cell, probes=cells, points=3,
    drive=new_state_and_gradients,
    parts=("new state", "cotangent of x", "cotangent of h"),
    hints=(
        "Make two blocks of shape (N, 3H): linear(x, weight_ih, bias_ih) and "
        "linear(h, weight_hh, bias_hh). Each holds the parts for r, z and c, H "
        "columns each, in this order.",
        "With H = h.shape[1]: a[:, :H] is the part for r, a[:, H:2 * H] for z, a[:, 2 * H:] for c. "
        "r and z take the sigmoid of the sum of both parts; in c, r multiplies the state's part.",
        "c = tanh(a[:, 2 * H:] + r * b[:, 2 * H:]), and the new state is (1 - z) * c + z * h.",
    ),
    mistakes={
        "your update gate works the wrong way round: where z is 1 the old state stays, "
        "(1 - z) * c + z * h (papers differ here; we follow PyTorch)":
            partial(cell, mixture=lambda z, c, h: z * c + (1 - z) * h),
        "you swapped the gates: the first H rows of the weights belong to the reset gate r, the "
        "next H to the update gate z":
            gates_swapped,
        "you reset the state *before* the matrix product, as Cho and others wrote it in 2014; "
        "PyTorch resets after it: r * (W_hc h + b_hc)":
            reset_before_the_product,
        "the state's bias of the candidate is multiplied by r as well: r * (W_hc h + b_hc), with "
        "the bias inside the brackets":
            bias_outside_the_reset,
        "your reset gate does nothing: r multiplies the state's part of the candidate":
            partial(cell, candidate=lambda x_c, r, h_c: tanh(x_c + h_c)),
        "r multiplies the whole candidate's sum: it resets only what comes from the state; the "
        "new value always gets in":
            partial(cell, candidate=lambda x_c, r, h_c: tanh(r * (x_c + h_c))),
        "you took the sigmoid for the candidate c: c is a state, between -1 and 1, and takes tanh; "
        "only the two gates take the sigmoid":
            partial(cell, candidate=lambda x_c, r, h_c: sigmoid(x_c + r * h_c)),
        "you took tanh for the gates: a gate is a number between 0 and 1, so it takes the sigmoid":
            partial(cell, gate=tanh),
        "you return the candidate: the new state is a mixture of it and the old "
        "state, (1 - z) * c + z * h":
            partial(cell, mixture=lambda z, c, h: c),
        "you left bias_hh out: the state's three blocks have a bias of their own":
            lambda *given: gru_cell(*given[:-1], 0.0 * given[-1]),
        "your numbers are right, but they come from NumPy, so the engine records nothing and "
        "cannot train the cell: leave the tensors as they are, without .data":
            lambda *given: gru_cell(*given).data,
        "you cut along the examples: the three blocks stand side by side, in the columns a[:, :H], "
        "a[:, H:2 * H] and a[:, 2 * H:]":
            cut_along_the_examples,
        "the gates are not squeezed: r and z are sigmoids, between 0 and 1":
            partial(cell, gate=lambda a: a),
    },
    variants={
        "matrix products, with the blocks cut out of the weights": blocks_of_the_weights,
        "both gates in one sigmoid": both_gates_at_once,
    },
)
