"""HIPS autograd: the gradient of the MLP's loss, and of a chain of small operations."""

from __future__ import annotations

import time

import autograd.numpy as np
from autograd import grad

from .tasks import CHAIN, chain_input, mlp_batch


def prepare(row: str, repeats: int, seeds: int):
    """A function that computes `repeats` gradients and returns the seconds of one."""
    if row == "chain":
        gradient, point = grad(chain), chain_input()
    else:
        params, x, y = mlp_batch()
        gradient, point = grad(lambda p: mlp_loss(p, x, y)), params

    def run() -> float:
        start = time.perf_counter()
        for _ in range(repeats):
            gradient(point)
        return (time.perf_counter() - start) / repeats

    return run


def chain(x):
    y = x
    for _ in range(CHAIN):
        y = np.tanh(y * 0.9 + 0.1)
    return np.sum(y)


def mlp_loss(p, x, y):
    h = np.maximum(x @ p["linear1.weight"].T + p["linear1.bias"], 0)
    h = h + np.maximum(h @ p["linear2.weight"].T + p["linear2.bias"], 0)
    logits = h @ p["linear3.weight"].T + p["linear3.bias"]
    logits = logits - np.max(logits, axis=1, keepdims=True)
    log_sum = np.log(np.sum(np.exp(logits), axis=1))
    return np.mean(log_sum - logits[np.arange(len(y)), y])
