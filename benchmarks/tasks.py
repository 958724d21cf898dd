"""Work that ours and a peer must do alike."""

from __future__ import annotations

import time

import numpy as np

from mnist1d_edu import nn
from mnist1d_edu.data import get_dataset_args, make_dataset

CHAIN = 200  # links, of three operations each


def chain_input() -> np.ndarray:
    """Ten numbers, so that the engine's own cost is all there is."""
    return np.linspace(-1, 1, 10)


def mlp_batch():
    """The MLP's initial parameters and the first batch, float32, labels as integers."""
    params = nn.mlp().init(np.random.RandomState(0))
    dataset = make_dataset(get_dataset_args())
    return params, dataset["x"][:100].astype(np.float32), dataset["y"][:100]


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
