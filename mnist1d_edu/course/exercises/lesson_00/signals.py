"""Batches of signals, on which two exercises are tried."""

from __future__ import annotations

import numpy as np


def signals(rng: np.random.RandomState) -> list[tuple]:
    """Batches of signals (N, L): small whole numbers first, then one that is not square."""
    return [(np.array([[1.0, 3.0], [2.0, 8.0]]),), (rng.randint(-9, 9, (2, 4)) * 1.0,),
            (3 + 2 * rng.randn(5, 40),)]
