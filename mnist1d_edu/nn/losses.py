"""Losses: from a model's outputs and what they should be to a mean over the batch. UDL 5."""

from __future__ import annotations

from typing import Any

import numpy as np

from mnist1d_edu import engine, fused
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
