"""The PyTorch loops of the original notebooks on double descent and on lottery tickets.

Double descent: a DataLoader shuffles a TensorDataset, and the whole data are evaluated at the end.
Lottery tickets: each layer multiplies all its parameters, as one vector, with its mask and writes
them back, at every forward pass; the loop is that of the benchmark.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from mnist1d_edu.data import get_dataset_args, make_dataset
from mnist1d_edu.experiments import double_descent

from . import torch_models
from .rows import BATCH, DESCENT_WIDTHS, LOTTERY_EVAL_EVERY, LOTTERY_HIDDEN
from .torch_models import tensors


def one_width(row: str):
    """A function that trains one width on the noisy labels, then evaluates it."""
    data = tensors(double_descent.examples("noise"))
    width = DESCENT_WIDTHS[row]
    build = {"descent-mlp": lambda: plain_mlp(width),
             "descent-cnn": lambda: torch_models.Cnn(width)}[row]

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


class MaskedMlp(torch_models.Mlp):
    """The benchmark's MLP with masked layers."""

    def __init__(self, hidden: int):
        super().__init__(hidden)
        self.linear1, self.linear2, self.linear3 = (
            MaskedLinear(40, hidden), MaskedLinear(hidden, hidden), MaskedLinear(hidden, 10))


def lottery_round():
    """A function that prunes half of the weights, then trains."""
    data = tensors(make_dataset(get_dataset_args()))

    def train(steps: int) -> list[tuple]:
        model = MaskedMlp(LOTTERY_HIDDEN)
        for layer in (model.linear1, model.linear2, model.linear3):
            layer.prune(0.5)
        return torch_models.train(model, *data, steps=steps, rate=2e-2,
                                eval_every=LOTTERY_EVAL_EVERY)

    return train
