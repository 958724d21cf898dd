"""openTSNE, with which the paper's notebook drew its pictures, compiled; of itself it chooses
Barnes-Hut for so few points, and approximate neighbours."""

from __future__ import annotations

import numpy as np
from openTSNE import TSNE

from .tasks import PERPLEXITY, picture_rounds


def picture(x: np.ndarray, steps: int, early: int) -> np.ndarray:
    model = TSNE(perplexity=PERPLEXITY, early_exaggeration_iter=early, n_iter=steps - early,
                 random_state=0, n_jobs=1)
    return np.asarray(model.fit(x))


def prepare(row: str, size: int, seeds: int):
    return picture_rounds(picture, size)
