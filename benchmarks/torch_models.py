"""The PyTorch models and the training loop of the original notebooks, costs included.

Those costs are `loss.item()` at every step, evaluation with gradients recorded, and an accuracy
that Python's `sum` adds up entry by entry. Their deep copies of the model are left out.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .rows import BATCH, EVAL_EVERY


class Logistic(nn.Module):
    """One linear layer."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(40, 10)

    def forward(self, x):
        return self.linear(x)


class Mlp(nn.Module):
    """40 - hidden - hidden - 10 with a skip connection around the second hidden layer."""

    def __init__(self, hidden=100):
        super().__init__()
        self.linear1 = nn.Linear(40, hidden)
        self.linear2 = nn.Linear(hidden, hidden)
        self.linear3 = nn.Linear(hidden, 10)

    def forward(self, x):
        h = torch.relu(self.linear1(x))
        return self.linear3(h + torch.relu(self.linear2(h)))


class Cnn(nn.Module):
    """Three strided convolutions (lengths 40, 19, 10, 5), then a linear classifier."""

    def __init__(self, channels=25):
        super().__init__()
        self.conv1 = nn.Conv1d(1, channels, 5, stride=2, padding=1)
        self.conv2 = nn.Conv1d(channels, channels, 3, stride=2, padding=1)
        self.conv3 = nn.Conv1d(channels, channels, 3, stride=2, padding=1)
        self.linear = nn.Linear(5 * channels, 10)

    def forward(self, x):
        h = x[:, None]
        for conv in (self.conv1, self.conv2, self.conv3):
            h = torch.relu(conv(h))
        return self.linear(h.flatten(1))


class Pooled(nn.Module):
    """Two convolutions, each followed by the maximum of pairs, then a linear classifier."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv1d(1, channels, 3, padding=1)
        self.conv2 = nn.Conv1d(channels, channels, 3, padding=1)
        self.linear = nn.Linear(10 * channels, 10)

    def forward(self, x):
        h = x[:, None]
        for conv in (self.conv1, self.conv2):
            h = functional.max_pool1d(torch.relu(conv(h)), 2)
        return self.linear(h.flatten(1))


class PReluCnn(Cnn):
    """The CNN with a PReLU after each convolution."""

    def __init__(self, channels):
        super().__init__(channels)
        self.act1, self.act2, self.act3 = nn.PReLU(), nn.PReLU(), nn.PReLU()

    def forward(self, x):
        h = self.act1(self.conv1(x[:, None]))
        h = self.act2(self.conv2(h))
        return self.linear(self.act3(self.conv3(h)).flatten(1))


class Gru(nn.Module):
    """A bidirectional GRU; all its outputs, time before features, go to a linear classifier."""

    def __init__(self, hidden=6):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True, bidirectional=True)
        self.linear = nn.Linear(40 * 2 * hidden, 10)

    def forward(self, x):
        h0 = x.new_zeros(2, len(x), self.gru.hidden_size)
        return self.linear(self.gru(x[..., None], h0)[0].flatten(1))


def train(model, x, y, x_test, y_test, steps: int, rate: float = 1e-2,
          eval_every: int = EVAL_EVERY, decay: float = 0) -> list[tuple]:
    """Adam over batches in file order; test loss, training and test accuracy at each evaluation."""
    optimizer = torch.optim.Adam(model.parameters(), rate, weight_decay=decay)
    losses, history = [], []
    for step in range(steps + 1):  # the original makes one step more than it says
        first = step * BATCH % len(x)
        loss = functional.cross_entropy(model(x[first:first + BATCH]), y[first:first + BATCH])
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if step % eval_every == 0:
            test_loss = functional.cross_entropy(model(x_test), y_test).item()
            history.append((test_loss, accuracy(model, x, y), accuracy(model, x_test, y_test)))
    return history


def accuracy(model, x, y) -> float:
    """Percent right, added up as the original does."""
    answers = model(x).argmax(-1).cpu().numpy()
    truth = y.cpu().numpy().astype(np.float32)
    return 100 * sum(answers == truth) / len(truth)


def tensors(data: dict) -> list[torch.Tensor]:
    """x, y, x_test and y_test of a dataset."""
    return [torch.tensor(data[key], dtype=dtype) for key, dtype in
            (("x", torch.float32), ("y", torch.long),
             ("x_test", torch.float32), ("y_test", torch.long))]
