"""Metalearning in PyTorch: gradients through training as the original notebook takes them."""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy, linear

from mnist1d_edu.data import get_dataset_args, make_dataset

from .rows import METALEARNED_BATCH, METALEARNED_STEPS
from .torch_models import tensors


def outer_steps():
    """A function that takes so many steps of descent on the learning rate, from 0.15."""
    x, y, *_ = tensors(make_dataset(get_dataset_args()))
    batches = [(x[i:i + METALEARNED_BATCH], y[i:i + METALEARNED_BATCH]) for i in
               (METALEARNED_BATCH * step % len(x) for step in range(METALEARNED_STEPS))]
    torch.manual_seed(0)
    layers = torch.nn.Linear(40, 50), torch.nn.Linear(50, 10)
    start = [p.detach().requires_grad_() for layer in layers for p in (layer.weight, layer.bias)]

    def train(outer_steps: int) -> float:
        rate = torch.tensor(0.15)
        for _ in range(outer_steps):
            rate = rate.detach().requires_grad_()
            slope, = torch.autograd.grad(mean_loss(rate, start, batches), rate)
            rate = rate - 0.3 * slope
        return float(rate.detach())

    return train


def mean_loss(rate, params, batches):
    """The mean loss over a run of SGD at this rate, with its graph."""
    losses = []
    for x, y in batches:
        hidden = torch.tanh(linear(x, params[0], params[1]))
        losses.append(cross_entropy(linear(hidden, params[2], params[3]), y))
        slopes = torch.autograd.grad(losses[-1], params, create_graph=True)
        params = [p - rate * g for p, g in zip(params, slopes, strict=True)]
    return torch.stack(losses).mean()
