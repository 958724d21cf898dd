"""The machine's own rate: a large product of float32 matrices, on one thread."""

from __future__ import annotations

import time

import numpy as np

N = 1024


def prepare(row: str, size: int, seeds: int):
    """A function that returns the seconds of one floating-point operation of an N x N product."""
    a, b = np.random.default_rng(0).standard_normal((2, N, N), dtype=np.float32)
    a @ b

    def run() -> float:
        start = time.perf_counter()
        for _ in range(5):
            a @ b
        return (time.perf_counter() - start) / (5 * 2 * N**3)

    return run
