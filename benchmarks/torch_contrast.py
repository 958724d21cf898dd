"""Self-supervised training in PyTorch: SimCLR as it is usually written, without evaluations."""

from __future__ import annotations

import itertools

import torch
from torch import nn
from torch.nn import functional

from mnist1d_edu.data import get_dataset_args, make_dataset

from .rows import BATCH, PROJECTOR
from .torch_models import Cnn, tensors

TEMPERATURE = 0.5


class Encoder(Cnn):
    """The benchmark's CNN, with a projector in place of its classifier."""

    def __init__(self):
        super().__init__()
        widths = (125, *PROJECTOR)
        layers = [layer for pair in itertools.pairwise(widths)
                  for layer in (nn.Linear(*pair), nn.ReLU())]
        self.linear = nn.Sequential(*layers[:-1])


def view(x):
    """Each signal moved along by 0 to 9 places, plus a line and a constant."""
    n, length = x.shape
    start = torch.randint(10, (n, 1))
    moved = x.gather(1, (torch.arange(length) - start) % length)
    line = torch.arange(length) - (length - 1) / 2
    return moved + 0.04 * torch.randn(n, 1) * line + 0.3 * torch.randn(n, 1)


def info_nce(z, partner):
    """The mean cross-entropy of finding each view's partner."""
    z = functional.normalize(z, dim=1)
    logits = (z @ z.T / TEMPERATURE).fill_diagonal_(-torch.inf)
    return functional.cross_entropy(logits, partner)


def contrast_round():
    """A function that trains anew."""
    x = tensors(make_dataset(get_dataset_args()))[0]
    partner = torch.arange(2 * BATCH).roll(BATCH)

    def train(steps: int) -> list[float]:
        model, losses = Encoder(), []
        optimizer = torch.optim.Adam(model.parameters(), 1e-2)
        while len(losses) < steps:
            for rows in torch.randperm(len(x)).split(BATCH)[:steps - len(losses)]:
                both = torch.cat([view(x[rows]), view(x[rows])])
                loss = info_nce(model(both), partner)
                losses.append(loss.item())
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return losses

    return train
