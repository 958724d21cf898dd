"""Losses: from a model's outputs and what they should be to a mean over the batch. UDL 5."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnist1d_edu import engine, fused
from mnist1d_edu.arguments import real
from mnist1d_edu.boundary import explained
from mnist1d_edu.checks import in_range
from mnist1d_edu.engine import Operand, Tensor, as_tensor


def cross_entropy(logits: Operand, labels: Any) -> Tensor:
    """-log softmax(logits)[label], the mean over the batch. Lesson 02; UDL 5.5 to 5.7.

    logits: (N, C) or (S, N, C); labels: integers (N,) or (S, N) from 0 to C - 1 -> () or (S,).
    """
    return fused.softmax_cross_entropy(logits, labels)


@explained
def mse(outputs: Operand, targets: Operand) -> Tensor:
    """The mean squared difference over batch and outputs. UDL 5.3.

    outputs: (N, C) or (S, N, C); targets: the same shape without S, or integer labels (N,), which
    stand for one-hot rows -> () or (S,).
    """
    outputs, targets = as_tensor(outputs), np.asanyarray(targets)
    if targets.ndim < outputs.ndim and targets.dtype.kind in "iu":
        in_range(targets, outputs.shape[-1], f"targets for outputs of shape {outputs.shape}")
        targets = (targets[..., None] == np.arange(outputs.shape[-1])).astype(outputs.dtype)
    if targets.shape[-2:] != outputs.shape[-2:]:
        raise ValueError(f"targets must have the shape of outputs, {outputs.shape}; got "
                         f"{targets.shape}")
    difference = outputs - targets.astype(outputs.dtype)
    return engine.mean(difference * difference, axis=(-2, -1))


@explained
def info_nce(views: Operand, temperature: float = 0.5) -> Tensor:
    """How badly each view finds its partner among all the others: SimCLR's loss (Chen and others
    2020, arXiv 2002.05709, equation 1). Lesson 17; UDL 9.3.

    views: (2N, D) or (S, 2N, D); rows 2i and 2i + 1 come from the same signal -> () or (S,). Each
    row, divided by its length, is compared with all others by their inner products. These
    similarities, divided by the temperature, are the logits of a classification among 2N - 1, and
    the partner is the right answer. ValueError if the number of rows is not even.
    """
    views, temperature = as_tensor(views), real("temperature", temperature, above=0)
    if views.ndim not in (2, 3) or views.shape[-2] % 2 or not views.size:
        raise ValueError("views must have shape (2N, D) or (S, 2N, D), two rows for each signal; "
                         f"got {views.shape}")
    lengths = engine.sqrt(engine.sum(views * views, axis=-1, keepdims=True) + 1e-8)
    rows = views / lengths
    logits = (rows @ engine.swapaxes(rows, -1, -2)) * (1 / temperature)
    number = np.arange(views.shape[-2])
    logits = engine.where(number[:, None] == number, -1e9, logits)  # no view answers itself
    return fused.softmax_cross_entropy(logits, number ^ 1)
