"""mnist1d_edu itself, called as a user would."""

from __future__ import annotations

import time

import numpy as np

from mnist1d_edu import nn
from mnist1d_edu.data import get_dataset_args, make_dataset
from mnist1d_edu.engine import Tensor, grad, tanh
from mnist1d_edu.experiments import (
    double_descent,
    lottery,
    metalearn_lr,
    pooling,
    regularization,
)
from mnist1d_edu.optim import adam, sgd
from mnist1d_edu.train import fit

from .rows import (
    BATCH,
    DESCENT_WIDTHS,
    EVAL_EVERY,
    LOTTERY_EVAL_EVERY,
    LOTTERY_HIDDEN,
    METALEARNED_BATCH,
    METALEARNED_STEPS,
    POOLED_CHANNELS,
    REGULARIZED_CHANNELS,
    WEIGHT_DECAY,
)
from .tasks import CHAIN, chain_input, few_examples, generator_rounds, mlp_batch, steps_timed

DESCENT_SETUPS = {"descent-mlp": "mlp-noise", "descent-cnn": "cnn-noise"}


def prepare(row: str, size: int, seeds: int):
    """A function that does one round of `row` and returns the seconds of one unit of work."""
    if row.startswith("dataset"):
        return generator_rounds(make_dataset, get_dataset_args(), size)
    if row in ("gradient", "chain"):
        return gradient_rounds(row, size)
    if row in DESCENT_WIDTHS:
        return descent_rounds(row, size, seeds)
    if row == "lottery":
        return lottery_rounds(size, seeds)
    if row == "mlp-step":
        return bare_rounds(size, seeds)
    if row == "metalearn-lr":
        return outer_rounds(size)
    if row == "pooling":
        return training_rounds(pooling.net(POOLED_CHANNELS, pool="max"), adam(1e-2), size, seeds)
    if row == "regularized":
        return training_rounds(regularization.net("cnn", REGULARIZED_CHANNELS, prelu=True),
                               adam(1e-2, weight_decay=WEIGHT_DECAY), size, seeds)
    return training_rounds(getattr(nn, row)(), adam(1e-2), size, seeds)


def training_rounds(model, optimizer, steps: int, seeds: int):
    data = make_dataset(get_dataset_args())

    def train(steps):
        fit(model, data, optimizer, steps=steps, batch_size=BATCH, seeds=seeds,
            eval_every=EVAL_EVERY, progress=False)

    return steps_timed(train, steps, seeds)


def bare_rounds(steps: int, seeds: int):
    """Steps of `fit`, and no evaluation but the first and the last."""
    data = few_examples()

    def train(steps):
        fit(nn.mlp(), data, adam(1e-2), steps=steps, batch_size=BATCH, seeds=seeds,
            eval_every=steps, progress=False)

    return steps_timed(train, steps, seeds)


def descent_rounds(row: str, steps: int, seeds: int):
    """One width of the double-descent sweep, as the experiment trains it."""
    setup = double_descent.SETUPS[DESCENT_SETUPS[row]]
    model = double_descent.net(setup["model"], DESCENT_WIDTHS[row])
    data = double_descent.examples(setup["labels"])

    def train(steps):
        fit(model, data, sgd(0.01, momentum=0.9), steps=steps, batch_size=BATCH, seeds=seeds,
            shuffle=True, eval_every=max(1, steps // 4), progress=False)

    return steps_timed(train, steps, seeds)


def lottery_rounds(steps: int, seeds: int):
    """One round of the lottery search: prune half of the weights, rewind, train."""
    model, data = nn.MLP(LOTTERY_HIDDEN), make_dataset(get_dataset_args())
    each = [model.init(np.random.RandomState(seed)) for seed in range(seeds)]
    params = stacked(each)

    def train(steps):
        masks = stacked([lottery.magnitude_masks(one, 0.5) for one in each])
        fit(model, data, adam(2e-2), steps=steps, batch_size=BATCH, seeds=seeds, masks=masks,
            params=params, eval_every=LOTTERY_EVAL_EVERY, progress=False)

    return steps_timed(train, steps, seeds)


def outer_rounds(outer_steps: int):
    """Outer steps of the experiment: gradients of the learning rate through 200 steps."""
    settings = {"hidden": 50, "seed": 0, "steps": METALEARNED_STEPS,
                "batch_size": METALEARNED_BATCH, "start": 0.15, "outer_rate": 0.3}

    def train(outer_steps):
        metalearn_lr.descent({**settings, "outer_steps": outer_steps})

    return steps_timed(train, outer_steps, 1)


def stacked(each: list[dict]) -> dict:
    """The parameters of several replicas with a leading axis, or those of the only one."""
    return {name: np.stack([one[name] for one in each]) for name in each[0]} \
        if len(each) > 1 else each[0]


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
