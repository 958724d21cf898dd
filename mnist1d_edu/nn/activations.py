"""Activation functions, from tensor to tensor of the same shape. UDL 3.5, figure 3.13."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu import engine, kernels
from mnist1d_edu.boundary import explained
from mnist1d_edu.engine import Operand, Tensor, as_tensor, sigmoid, tanh
from mnist1d_edu.fused import fuse, relu

__all__ = ["elu", "prelu", "relu", "sigmoid", "silu", "softplus", "tanh"]


@partial(fuse, kernel=kernels.prelu, inputs=2)
def prelu(x: Operand, slope: Operand) -> Tensor:
    """x where positive, slope * x elsewhere (also at 0, as in PyTorch)."""
    x = as_tensor(x)
    positive = x > 0
    return engine.where(positive, x, 0.0) + engine.where(positive, 0.0, x) * slope


@explained
def elu(x: Operand, alpha: float = 1.0) -> Tensor:
    """x where positive, alpha (exp(x) - 1) elsewhere."""
    x = as_tensor(x)
    positive = x > 0
    return engine.where(positive, x, (engine.exp(engine.where(positive, 0.0, x)) - 1) * alpha)


@explained
def silu(x: Operand) -> Tensor:
    """x sigmoid(x), also called swish."""
    x = as_tensor(x)
    return x * sigmoid(x)


@explained
def softplus(x: Operand) -> Tensor:
    """log(1 + exp(x)) = log(exp(x) + exp(0)), without overflow."""
    x = as_tensor(x)
    return engine.logsumexp(engine.stack([x, np.zeros_like(x.data)], axis=-1))
