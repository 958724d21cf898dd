"""08.rnn_step: one step of a plain recurrent net."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def rnn_step(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + h @ weight_hh.T + bias)


def steps(rng: np.random.RandomState) -> list[tuple]:
    """(x, h, weight_ih, weight_hh, bias): one example of two units first, then unequal sizes."""
    small = (np.array([[1.0]]), np.array([[0.5, -1.0]]), np.array([[0.5], [-0.25]]),
             np.array([[0.0, 1.0], [0.5, 0.25]]), np.array([0.25, -0.5]))
    return [small, *((rng.randn(n, i), rng.randn(n, h), rng.randn(h, i), rng.randn(h, h),
                      rng.randn(h)) for n, i, h in ((4, 2, 3), (2, 5, 4)))]


# ---- other right answers
def einsum(x, h, weight_ih, weight_hh, bias):
    return np.tanh(bias + np.einsum("ni,oi->no", x, weight_ih)
                   + np.einsum("nh,oh->no", h, weight_hh))


def one_product(x, h, weight_ih, weight_hh, bias):
    both, weights = np.hstack([x, h]), np.hstack([weight_ih, weight_hh])
    return np.tanh(both @ weights.T + bias).astype(np.float32)


EXERCISE = Exercise(
    "08.rnn_step", "One step of a recurrent net", rnn_step, probes=steps,
    hints=(
        "Two linear layers are added, one that sees the value and one that sees the memory. Lesson "
        "02's linear layer was z @ weight.T + bias.",
        "x @ weight_ih.T is (N, H), and h @ weight_hh.T too. Add both and the bias, "
        "and take tanh of the sum.",
    ),
    mistakes={
        "your state is not squashed: take tanh of the whole sum, or the state can grow without end":
            lambda x, h, w_ih, w_hh, bias: x @ w_ih.T + h @ w_hh.T + bias,
        "your step has no memory: h, the state before, has to come in through weight_hh":
            lambda x, h, w_ih, w_hh, bias: np.tanh(x @ w_ih.T + bias),
        "you wrote h @ weight_hh: the matrix is square, so NumPy does not complain, but its rows "
        "belong to the new state's units, so it is h @ weight_hh.T":
            lambda x, h, w_ih, w_hh, bias: np.tanh(x @ w_ih.T + h @ w_hh + bias),
        "you added the bias outside the tanh: it moves the sum, so it belongs inside":
            lambda x, h, w_ih, w_hh, bias: np.tanh(x @ w_ih.T + h @ w_hh.T) + bias,
        "you forgot the bias": lambda x, h, w_ih, w_hh, bias: np.tanh(x @ w_ih.T + h @ w_hh.T),
        "you took the tanh of the two parts one by one: add them first, the "
        "unit sees only their sum":
            lambda x, h, w_ih, w_hh, bias: np.tanh(x @ w_ih.T + bias) + np.tanh(h @ w_hh.T),
        "the weights are stored as (out, in): transpose them, x @ weight_ih.T":
            lambda x, h, w_ih, w_hh, bias: np.tanh(x @ w_ih + h @ w_hh.T + bias),
    },
    musts={
        "a state must lie between -1 and 1: it comes out of a tanh":
            lambda result, *arguments: (np.abs(result) <= 1).all(),
    },
    variants={
        "einsum": einsum,
        "one product with both, side by side, in single precision": one_product,
    },
)
