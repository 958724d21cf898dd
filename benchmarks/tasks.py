"""Work that ours and a peer must do alike."""

from __future__ import annotations

import time

import numpy as np

from mnist1d_edu import nn
from mnist1d_edu.data import get_dataset_args, make_dataset

from .rows import BATCH

CHAIN = 200  # links, of three operations each
PERPLEXITY, STEPS, EARLY = 30, 750, 250  # of t-SNE, the early steps exaggerated


def chain_input() -> np.ndarray:
    """Ten numbers, so that the engine's own cost is all there is."""
    return np.linspace(-1, 1, 10)


def mlp_batch():
    """The MLP's initial parameters and the first batch, float32, labels as integers."""
    params = nn.mlp().init(np.random.RandomState(0))
    dataset = make_dataset(get_dataset_args())
    return params, dataset["x"][:100].astype(np.float32), dataset["y"][:100]


def few_examples() -> dict[str, np.ndarray]:
    """Ten batches to train on, and no test set, so that a run is hardly more than its steps."""
    dataset = make_dataset(get_dataset_args())
    return {"x": dataset["x"][:10 * BATCH], "y": dataset["y"][:10 * BATCH]}


def generator_rounds(make, args, examples: int):
    """A function that makes a dataset of `examples` examples and returns the seconds it took."""
    args.num_samples = 100
    make(args)  # so that no round pays for first imports
    args.num_samples = examples

    def run() -> float:
        start = time.perf_counter()
        make(args)
        return time.perf_counter() - start

    return run


def steps_timed(train, steps: int, seeds: int):
    """A function that trains anew and returns the seconds of a step of one run."""
    train(10)

    def run() -> float:
        start = time.perf_counter()
        train(steps)
        return (time.perf_counter() - start) / (steps * seeds)

    return run


def labelled_signals(n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first n signals of MNIST-1D, training before test set, and their labels."""
    dataset = make_dataset(get_dataset_args())
    return (np.concatenate([dataset["x"], dataset["x_test"]])[:n],
            np.concatenate([dataset["y"], dataset["y_test"]])[:n])


def picture_rounds(picture, points: int):
    """A function that draws the t-SNE of so many signals and returns the seconds it took."""
    x, _ = labelled_signals(points)

    def run() -> float:
        start = time.perf_counter()
        picture(x, STEPS, EARLY)
        return time.perf_counter() - start

    return run
