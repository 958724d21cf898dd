"""PyTorch, as the original notebooks use it: `torch_models` and `torch_sweeps` have the loops."""

from __future__ import annotations

import torch

from mnist1d_edu.data import get_dataset_args, make_dataset

from .rows import DESCENT_WIDTHS, POOLED_CHANNELS, REGULARIZED_CHANNELS, WEIGHT_DECAY
from .tasks import steps_timed
from .torch_metalearning import outer_steps
from .torch_models import Cnn, Gru, Logistic, Mlp, Pooled, PReluCnn, tensors, train
from .torch_sweeps import lottery_round, one_width

MODELS = {"logistic": Logistic, "mlp": Mlp, "cnn": Cnn, "gru": Gru,
          "pooling": lambda: Pooled(POOLED_CHANNELS),
          "regularized": lambda: PReluCnn(REGULARIZED_CHANNELS)}
DECAYS = {"regularized": WEIGHT_DECAY}


def prepare(row: str, steps: int, seeds: int):
    """A function that trains the model of `row` anew and returns the seconds of a step."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    if row == "lottery":
        return steps_timed(lottery_round(), steps, seeds)
    if row in DESCENT_WIDTHS:
        return steps_timed(one_width(row), steps, seeds)
    if row == "metalearn-lr":
        return steps_timed(outer_steps(), steps, seeds)
    data = tensors(make_dataset(get_dataset_args()))
    return steps_timed(lambda steps: train(MODELS[row](), *data, steps=steps,
                                           decay=DECAYS.get(row, 0)), steps, seeds)
