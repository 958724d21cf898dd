"""The MLP's training step in plain NumPy: what is left when nothing decides, allocates or records.

Forward pass, cross-entropy, backward pass and Adam, written out for this one model, every buffer
made once. `fit` is held against it: what a step of `fit` takes more is the price of its engine.
A test holds both to the same numbers.
"""

from __future__ import annotations

import math

import numpy as np

from mnist1d_edu import nn

from .rows import BATCH
from .tasks import few_examples, steps_timed

RATE, BETA1, BETA2, EPS = 1e-2, 0.9, 0.999, 1e-8


def prepare(row: str, steps: int, seeds: int):
    """A function that trains anew and returns the seconds of a step of one run."""
    data = few_examples()

    def train(steps: int) -> None:
        net = ByHand(data, seeds)
        for _ in range(steps):
            net.step()

    return steps_timed(train, steps, seeds)


class ByHand:
    """40-100-100-10 with a skip connection, for one seed or, with a leading axis, for several."""

    def __init__(self, data: dict, seeds: int = 1):
        self.x = data["x"].astype(np.float32)
        self.one_hot = np.eye(10, dtype=np.float32)[data["y"]]
        self.done = 0
        self._lay_out(nn.mlp(), seeds)
        lead = (seeds,) if seeds > 1 else ()
        self.hidden1, self.hidden2, self.sum, self.slope1, self.slope2, self.back = (
            np.empty((*lead, BATCH, 100), np.float32) for _ in range(6))
        self.active1, self.active2 = (np.empty((*lead, BATCH, 100), bool) for _ in range(2))
        self.logits, self.exps = (np.empty((*lead, BATCH, 10), np.float32) for _ in range(2))
        self.column = np.empty((*lead, BATCH, 1), np.float32)
        self.ones = np.ones((1, BATCH), np.float32)

    def _lay_out(self, model, seeds: int) -> None:
        """Parameters and gradients each in one buffer, with a view for each weight and bias."""
        each = [model.init(np.random.RandomState(seed)) for seed in range(seeds)]
        values = {name: np.stack([p[name] for p in each]) if seeds > 1 else each[0][name]
                  for name in each[0]}
        self.theta = np.concatenate([v.ravel() for v in values.values()]).astype(np.float32)
        self.slope, self.m, self.v, self.scratch = (np.zeros_like(self.theta) for _ in range(4))
        self.params, self.slopes = {}, {}
        start = 0
        for name, value in values.items():
            # a bias as a row, so that it is added to every example of its own seed
            shape = value.shape if name.endswith("weight") else (*value.shape[:-1], 1,
                                                                 value.shape[-1])
            for flat, views in ((self.theta, self.params), (self.slope, self.slopes)):
                views[name] = flat[start:start + value.size].reshape(shape)
            start += value.size
        self.across = {name: np.swapaxes(view, -1, -2) for name, view in self.params.items()}

    def step(self) -> np.ndarray:
        """One step; the loss of its batch, a number for each seed."""
        first = self.done * BATCH % len(self.x)
        x, one_hot = self.x[first:first + BATCH], self.one_hot[first:first + BATCH]
        self.forward(x)
        loss = self.cross_entropy(one_hot)
        if not np.isfinite(loss).all():
            raise FloatingPointError(f"the loss of step {self.done} is {loss}")
        self.backward(x)
        self.adam()
        self.done += 1
        return loss

    def forward(self, x) -> None:
        p, across = self.params, self.across
        np.matmul(x, across["linear1.weight"], out=self.hidden1)
        self.hidden1 += p["linear1.bias"]
        np.maximum(self.hidden1, 0, out=self.hidden1)
        np.matmul(self.hidden1, across["linear2.weight"], out=self.hidden2)
        self.hidden2 += p["linear2.bias"]
        np.maximum(self.hidden2, 0, out=self.hidden2)
        np.add(self.hidden1, self.hidden2, out=self.sum)
        np.matmul(self.sum, across["linear3.weight"], out=self.logits)
        self.logits += p["linear3.bias"]

    def cross_entropy(self, one_hot) -> np.ndarray:
        """The mean loss; `exps` becomes its slope by the logits."""
        np.max(self.logits, axis=-1, keepdims=True, out=self.column)
        self.logits -= self.column
        np.exp(self.logits, out=self.exps)
        np.sum(self.exps, axis=-1, keepdims=True, out=self.column)
        self.exps /= self.column
        self.exps -= one_hot
        self.exps *= np.float32(1 / BATCH)
        np.log(self.column, out=self.column)
        self.logits *= one_hot
        return (self.column.sum(axis=(-2, -1)) - self.logits.sum(axis=(-2, -1))) / BATCH

    def backward(self, x) -> None:
        p = self.params
        self.layer_slopes("linear3", self.exps, self.sum)
        np.matmul(self.exps, p["linear3.weight"], out=self.back)
        np.greater(self.hidden2, 0, out=self.active2)
        np.multiply(self.back, self.active2, out=self.slope2)
        self.layer_slopes("linear2", self.slope2, self.hidden1)
        np.matmul(self.slope2, p["linear2.weight"], out=self.slope1)
        self.slope1 += self.back
        np.greater(self.hidden1, 0, out=self.active1)
        self.slope1 *= self.active1
        self.layer_slopes("linear1", self.slope1, x)

    def layer_slopes(self, name: str, g, inputs) -> None:
        np.matmul(np.swapaxes(g, -1, -2), inputs, out=self.slopes[f"{name}.weight"])
        np.matmul(self.ones, g, out=self.slopes[f"{name}.bias"])

    def adam(self) -> None:
        """As in the paper, with both corrections in the rate and in eps."""
        self.m *= BETA1
        np.multiply(self.slope, 1 - BETA1, out=self.scratch)
        self.m += self.scratch
        self.v *= BETA2
        self.slope *= self.slope
        self.slope *= 1 - BETA2
        self.v += self.slope
        t = self.done + 1
        root = math.sqrt(1 - BETA2**t)
        np.sqrt(self.v, out=self.scratch)
        self.scratch += EPS * root
        np.divide(self.m, self.scratch, out=self.scratch)
        self.scratch *= RATE * root / (1 - BETA1**t)
        self.theta -= self.scratch
