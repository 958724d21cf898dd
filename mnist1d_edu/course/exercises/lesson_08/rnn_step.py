"""What several exercises of lesson 08 share: one step of a plain recurrent net."""

from __future__ import annotations

import numpy as np


def rnn_step(x, h, weight_ih, weight_hh, bias):
    return np.tanh(x @ weight_ih.T + h @ weight_hh.T + bias)


def steps(rng: np.random.RandomState) -> list[tuple]:
    """(x, h, weight_ih, weight_hh, bias): one example of two units first, then unequal sizes."""
    small = (np.array([[1.0]]), np.array([[0.5, -1.0]]), np.array([[0.5], [-0.25]]),
             np.array([[0.0, 1.0], [0.5, 0.25]]), np.array([0.25, -0.5]))
    return [small, *((rng.randn(n, i), rng.randn(n, h), rng.randn(h, i), rng.randn(h, h),
                      rng.randn(h)) for n, i, h in ((4, 2, 3), (2, 5, 4)))]
