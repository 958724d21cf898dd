"""The PyTorch outer step of the notebook "Metalearning an activation function".

A training run of an MLP on one tape, and the gradient of its last losses with respect to the net
that is its activation, computed at every hidden unit of every example. 301 steps take some 12 GB
so, more than many a machine has: the row has fewer, and says how long each takes.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from mnist1d_edu.experiments import metalearn_activation as metalearn


def activation_outer_steps():
    """A function that takes one outer step over so many inner ones."""
    examples = metalearn.dataset()
    params = metalearn.CURVE.init(np.random.RandomState(0))

    def train(steps: int):
        start, batches = metalearn.training(0, steps, examples)
        return outer_step(params, start, batches)

    return train


def outer_step(params: dict, start: dict, batches: list[tuple]) -> tuple[float, list[np.ndarray]]:
    """The mean of the last losses, and its gradients with respect to the curve's parameters."""
    curve = [torch.tensor(value, requires_grad=True) for value in params.values()]
    weights = [torch.tensor(value, requires_grad=True) for value in start.values()]
    squares, losses = [torch.ones_like(w) for w in weights], []
    for batch in batches:
        loss = inner_loss(weights, curve, *(torch.from_numpy(part) for part in batch))
        slopes = torch.autograd.grad(loss, weights, create_graph=True)
        squares = [metalearn.ALPHA * v + (1 - metalearn.ALPHA) * g**2
                   for v, g in zip(squares, slopes, strict=True)]
        weights = [w - metalearn.RATE * g / (torch.sqrt(v) + 1e-8)
                   for w, v, g in zip(weights, squares, slopes, strict=True)]
        losses.append(loss)
    counted = torch.tensor(metalearn.last_steps(len(batches)), dtype=torch.float32)
    outer = (torch.stack(losses) * counted).sum()
    return outer.item(), [slope.numpy() for slope in torch.autograd.grad(outer, curve)]


def inner_loss(weights, curve, x, labels, noise, inner_noise):
    w1, b1, w2, b2 = weights
    z = functional.linear(x, w1, b1)
    units = torch.tanh(functional.linear(z.reshape(-1, 1), *curve[:2])) + inner_noise
    offset = functional.linear(units, *curve[2:]).reshape(z.shape)
    h = functional.elu(z) + metalearn.OFFSET * offset + noise
    return functional.cross_entropy(functional.linear(h, w2, b2), labels)
