"""mnist1d_edu itself, called as a user would."""

from __future__ import annotations

import time

from mnist1d_edu import nn
from mnist1d_edu.data import get_dataset_args, make_dataset
from mnist1d_edu.engine import Tensor, grad, tanh
from mnist1d_edu.optim import adam
from mnist1d_edu.train import fit

from .rows import BATCH, EVAL_EVERY
from .tasks import CHAIN, chain_input, generator_rounds, mlp_batch


def prepare(row: str, size: int, seeds: int):
    """A function that does one round of `row` and returns the seconds of one unit of work."""
    if row.startswith("dataset"):
        return generator_rounds(make_dataset, get_dataset_args(), size)
    if row in ("gradient", "chain"):
        return gradient_rounds(row, size)
    return training_rounds(row, size, seeds)


def training_rounds(row: str, steps: int, seeds: int):
    data = make_dataset(get_dataset_args())

    def train(steps):
        fit(getattr(nn, row)(), data, adam(1e-2), steps=steps, batch_size=BATCH, seeds=seeds,
            eval_every=EVAL_EVERY, progress=False)

    train(10)

    def run() -> float:
        start = time.perf_counter()
        train(steps)
        return (time.perf_counter() - start) / (steps * seeds)

    return run


def gradient_rounds(row: str, repeats: int):
    gradient = chain_gradient() if row == "chain" else mlp_gradient()

    def run() -> float:
        start = time.perf_counter()
        for _ in range(repeats):
            gradient()
        return (time.perf_counter() - start) / repeats

    return run


def chain_gradient():
    point = chain_input()

    def gradient():
        y = x = Tensor(point)
        for _ in range(CHAIN):
            y = tanh(y * 0.9 + 0.1)
        return grad(y.sum(), [x])

    return gradient


def mlp_gradient():
    model = nn.mlp()
    arrays, x, y = mlp_batch()

    def gradient():
        params = {name: Tensor(array) for name, array in arrays.items()}
        return grad(nn.cross_entropy(model(params, Tensor(x)), y), list(params.values()))

    return gradient
