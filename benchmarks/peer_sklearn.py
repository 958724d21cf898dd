"""scikit-learn's t-SNE: the Barnes-Hut approximation in Cython."""

from __future__ import annotations

import numpy as np
from sklearn.manifold import TSNE

from .tasks import PERPLEXITY, picture_rounds


def picture(x: np.ndarray, steps: int, early: int) -> np.ndarray:
    """As many steps as asked for (it would stop sooner); the early ones are 250, unasked."""
    if early != 250:
        raise ValueError(f"early must be 250, which scikit-learn has built in; got {early}")
    model = TSNE(perplexity=PERPLEXITY, init="pca", max_iter=steps, n_iter_without_progress=steps,
                 min_grad_norm=0, random_state=0, n_jobs=1)
    return model.fit_transform(x)


def prepare(row: str, size: int, seeds: int):
    return picture_rounds(picture, size)
