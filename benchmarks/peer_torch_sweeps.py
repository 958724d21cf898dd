"""PyTorch: the loops of the original notebooks on double descent and on lottery tickets.

Double descent: a DataLoader shuffles a TensorDataset, and the whole data are evaluated at the end.
Lottery tickets: each layer multiplies all its parameters, as one vector, with its mask and writes
them back, at every forward pass; the loop is that of the benchmark.
"""

from __future__ import annotations

import time

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from mnist1d_edu.data import get_dataset_args, make_dataset
from mnist1d_edu.experiments import double_descent

from . import peer_torch
from .rows import BATCH, DESCENT_WIDTHS, LOTTERY_EVAL_EVERY, LOTTERY_HIDDEN


def prepare(row: str, steps: int):
    """A function that trains the row's model anew and returns the seconds of a step."""
    train = lottery_round() if row == "lottery" else one_width(row)
    train(BATCH)  # a few steps, so that no round pays for first calls

    def run() -> float:
        start = time.perf_counter()
        train(steps)
        return (time.perf_counter() - start) / steps

    return run


def one_width(row: str):
    """Train one width on the noisy labels, then evaluate it."""
    data = tensors(double_descent.examples("noise"))
    width = DESCENT_WIDTHS[row]
    build = {"descent-mlp": lambda: plain_mlp(width),
             "descent-cnn": lambda: peer_torch.Cnn(width)}[row]

    def train(steps: int) -> list[tuple[float, float]]:
        return descend(build(), *data, epochs=max(1, steps * BATCH // len(data[0])))

    return train


def plain_mlp(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(40, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(),
                         nn.Linear(width, 10))


def descend(model, x, y, x_test, y_test, epochs: int) -> list[tuple[float, float]]:
    """SGD with momentum over shuffled batches; loss and error in percent on both sets."""
    loader = DataLoader(TensorDataset(x, y), batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    for _ in range(epochs):
        for batch, labels in loader:
            optimizer.zero_grad()
            functional.cross_entropy(model(batch), labels).backward()
            optimizer.step()
    answers = [(model(inputs), labels) for inputs, labels in ((x, y), (x_test, y_test))]
    return [(functional.cross_entropy(logits, labels).item(),
             100 * (logits.argmax(1) != labels).float().mean().item())
            for logits, labels in answers]


class MaskedLinear(nn.Module):
    """A linear layer that masks weight and bias, as one vector, whenever it is applied."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.mask = torch.ones(inputs * outputs + outputs)

    def prune(self, share: float) -> None:
        """Mask the share of the parameters that is least in magnitude."""
        magnitudes = self.vector().abs()
        self.mask[torch.sort(magnitudes)[1][:int(share * len(magnitudes))]] = 0

    def vector(self):
        return torch.cat([p.flatten() for p in self.linear.parameters()])

    def forward(self, x):
        masked, start = self.mask * self.vector(), 0
        for parameter in self.linear.parameters():
            parameter.data = masked[start:start + parameter.numel()].view_as(parameter).data
            start += parameter.numel()
        return self.linear(x)


class MaskedMlp(peer_torch.Mlp):
    """The benchmark's MLP with masked layers."""

    def __init__(self, hidden: int):
        super().__init__(hidden)
        self.linear1, self.linear2, self.linear3 = (
            MaskedLinear(40, hidden), MaskedLinear(hidden, hidden), MaskedLinear(hidden, 10))


def lottery_round():
    """Prune half of the weights, then train."""
    data = tensors(make_dataset(get_dataset_args()))

    def train(steps: int) -> list[tuple]:
        model = MaskedMlp(LOTTERY_HIDDEN)
        for layer in (model.linear1, model.linear2, model.linear3):
            layer.prune(0.5)
        return peer_torch.train(model, *data, steps=steps, rate=2e-2,
                                eval_every=LOTTERY_EVAL_EVERY)

    return train


def tensors(data: dict) -> list[torch.Tensor]:
    return [torch.tensor(data[key], dtype=dtype) for key, dtype in
            (("x", torch.float32), ("y", torch.long),
             ("x_test", torch.float32), ("y_test", torch.long))]
