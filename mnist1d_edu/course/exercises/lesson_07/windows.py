"""What several exercises of lesson 07 share: windows, a layer in one line, layers to try it on."""

from __future__ import annotations

import numpy as np


def output_length(length, kernel_size, stride, padding):
    """How many windows fit."""
    return (length + 2 * padding - kernel_size) // stride + 1


def windows_of(x, kernel_size, stride, padding):
    """All windows of x (N, C, L), zeros beyond its ends: (N, C, positions, kernel_size)."""
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    views = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=-1)
    return views[:, :, ::stride]


def layer(x, weight, bias, stride, padding):
    """The whole layer in one line: (N, O, positions)."""
    windows = windows_of(x, weight.shape[2], stride, padding)
    return np.einsum("ncpk,ock->nop", windows, weight) + bias[:, None]


def layers(rng: np.random.RandomState) -> list[tuple]:
    """x (N, C, L), weight (O, C, K), bias (O,), stride, padding: the simplest layer first."""
    return [(np.array([[[1.0, 2.0, 4.0, 8.0]]]), np.array([[[1.0, 10.0]]]), np.array([0.5]), 1, 0),
            (rng.randint(-4, 5, (1, 2, 6)) * 1.0, rng.randint(-3, 4, (3, 2, 3)) * 1.0,
             np.array([1.0, 20.0, -300.0]), 1, 0),
            (rng.randn(2, 1, 8), rng.randn(2, 1, 3), rng.randn(2), 2, 0),
            (3 + rng.randn(3, 2, 9), rng.randn(4, 2, 3), rng.randn(4), 2, 1),
            (3 + rng.randn(2, 3, 7), rng.randn(2, 3, 4), rng.randn(2), 1, 2)]
