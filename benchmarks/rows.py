"""The rows of the table: who competes, over how much work, and what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass

BATCH = 100
EVAL_EVERY = 250
EVALUATED = 5000  # the training and the test set

# contestant: (module of this package, the package it needs, runs trained at once)
CONTESTANTS = {
    "PyTorch": ("peer_torch", "torch", 1),
    "JAX": ("peer_jax", "jax", 1),
    "JAX, 10 seeds": ("peer_jax", "jax", 10),
    "autograd": ("peer_autograd", "autograd", 1),
    "original": ("peer_original", "mnist1d", 1),
    "ours": ("ours", "mnist1d_edu", 1),
    "ours, 10 seeds": ("ours", "mnist1d_edu", 10),
    "by hand": ("by_hand", "numpy", 1),
    "by hand, 10 seeds": ("by_hand", "numpy", 10),
    "sgemm": ("sgemm", "numpy", 1),
}


@dataclass(frozen=True)
class Row:
    """One workload.

    `rivals` maps a contestant to those of ours that it is compared with, each with the ratio to
    reach (None: nothing was promised). `size` is the work of a round: steps, gradients or examples.
    `flops` is the floating-point work of one unit in matrix products.
    """

    unit: str
    rivals: dict[str, dict[str, float | None]]
    size: int
    quick_size: int
    scale: float = 1e6  # what a second is in the unit
    flops: float | None = None
    most_rounds: int = 100

    @property
    def contestants(self) -> list[str]:
        """The peers, then ours, then the machine itself where work is counted."""
        ours = [name for compared in self.rivals.values() for name in compared]
        return list(dict.fromkeys([*self.rivals, *ours, *(["sgemm"] if self.flops else [])]))


def step_flops(products: int, first: int, evaluated: float = EVALUATED / EVAL_EVERY) -> float:
    """Floating-point operations of a training step and its share of the evaluations.

    `products` are the multiply-adds of one example's forward pass, `first` those of the first
    layer: its input needs no gradient, every other layer does its products three times.
    `evaluated` is the number of examples that are evaluated for each step.
    """
    return 2 * (BATCH * (3 * products - first) + evaluated * products)


def cnn_products(channels: int) -> tuple[int, int]:
    """The multiply-adds of one example in the CNN, and those of its first layer."""
    first = 19 * channels * 5
    return first + (10 + 5) * channels * 3 * channels + 5 * channels * 10, first


def two_layers(hidden: int) -> tuple[int, int]:
    """The multiply-adds of one example in an MLP of two hidden layers; those of the first."""
    return (40 + hidden + 10) * hidden, 40 * hidden


def pooling_products(channels: int) -> tuple[int, int]:
    """The multiply-adds of one example in two convolutions that are followed by pooling of pairs,
    and a linear layer; those of the first."""
    first = 40 * channels * 3
    return first + 20 * channels * 3 * channels + 10 * channels * 10, first


LOGISTIC = 40 * 10
GRU_FIRST = 2 * 40 * 18 * 1  # two directions, 40 times, three gates of six units, one input
GRU = GRU_FIRST + 2 * 40 * 18 * 6 + 480 * 10

# one width of each sweep of the double-descent experiment, near the peak of its error
DESCENT_WIDTHS = {"descent-mlp": 47, "descent-cnn": 18}
DESCENT_STEPS = 20_000  # as in the paper: 500 epochs of 4,000 examples
POOLED_CHANNELS = 20
REGULARIZED_CHANNELS, WEIGHT_DECAY = 50, 3e-4  # and PReLU
LOTTERY_HIDDEN, LOTTERY_STEPS, LOTTERY_EVAL_EVERY = 500, 1501, 100

METALEARNED_STEPS, METALEARNED_BATCH = 200, 50  # of the run that is differentiated

STEP = "µs a step"
NOT_DEARER = {"ours": {"ours, 10 seeds": 1}}  # ten seeds at once against one by one, a step of each
NEAR_HAND = 1 / 1.25    # a step of `fit` takes at most 1.25 times what it takes by hand
ROWS = {
    "logistic": Row(STEP, {"PyTorch": {"ours": 5}, **NOT_DEARER}, 1000, 250,
                    flops=step_flops(LOGISTIC, LOGISTIC)),
    "mlp": Row(STEP, {"PyTorch": {"ours": 4}, "JAX": {"ours, 10 seeds": 1},
                      "JAX, 10 seeds": {"ours, 10 seeds": 1}, **NOT_DEARER}, 1000, 250,
               flops=step_flops(*two_layers(100))),
    "mlp-step": Row(STEP, {"by hand": {"ours": NEAR_HAND},
                           "by hand, 10 seeds": {"ours, 10 seeds": NEAR_HAND}}, 1000, 250,
                    flops=step_flops(*two_layers(100), 0)),
    "cnn": Row(STEP, {"PyTorch": {"ours": 4}, "JAX": {"ours": 6},
                      "JAX, 10 seeds": {"ours, 10 seeds": None}, **NOT_DEARER}, 500, 250,
               flops=step_flops(*cnn_products(25))),
    "gru": Row(STEP, {"PyTorch": {"ours": 8}, **NOT_DEARER}, 500, 50,
               flops=step_flops(GRU, GRU_FIRST)),
    "pooling": Row(STEP, {"PyTorch": {"ours": 2, "ours, 10 seeds": 4}, **NOT_DEARER}, 500, 250,
                   flops=step_flops(*pooling_products(POOLED_CHANNELS))),
    "regularized": Row(STEP, {"PyTorch": {"ours": 2, "ours, 10 seeds": 4}, **NOT_DEARER}, 500, 250,
                       flops=step_flops(*cnn_products(REGULARIZED_CHANNELS))),
    "descent-mlp": Row(STEP, {"PyTorch": {"ours": 4, "ours, 10 seeds": 8}, **NOT_DEARER},
                       DESCENT_STEPS, 400, most_rounds=3,
                       flops=step_flops(*two_layers(DESCENT_WIDTHS["descent-mlp"]), 0)),
    "descent-cnn": Row(STEP, {"PyTorch": {"ours": 4, "ours, 10 seeds": 8}, **NOT_DEARER},
                       DESCENT_STEPS, 200, most_rounds=3,
                       flops=step_flops(*cnn_products(DESCENT_WIDTHS["descent-cnn"]), 0)),
    "lottery": Row("ms a step", {"PyTorch": {"ours": 2, "ours, 10 seeds": 2}, **NOT_DEARER},
                   LOTTERY_STEPS, 100, scale=1e3, most_rounds=3,
                   flops=step_flops(*two_layers(LOTTERY_HIDDEN), EVALUATED / LOTTERY_EVAL_EVERY)),
    "metalearn-lr": Row("ms an outer step", {"PyTorch": {"ours": 1}}, 10, 3, scale=1e3),
    "gradient": Row("µs a gradient", {"autograd": {"ours": None}}, 1000, 100),
    "chain": Row("µs a gradient", {"autograd": {"ours": None}}, 50, 5),
    "dataset": Row("s", {"original": {"ours": 40}}, 5000, 1000, scale=1, most_rounds=3),
    "dataset-100k": Row("s", {"original": {"ours": 50}}, 100_000, 5000, scale=1, most_rounds=3),
}
