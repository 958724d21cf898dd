"""Double descent: the test error peaks where a net just fits its training labels, then falls again.

Nets of many widths are trained to the end, with and without wrong labels. Three published setups:
"Scaling down deep learning with MNIST-1D" (arXiv 2011.14439, 2024: an MLP with two hidden layers on
clean and on noisy labels, a CNN on noisy ones); the notebook 8.3 of "Understanding Deep Learning";
and the claim of the paper's first version (2020) that the peak sits at as many parameters as there
are examples for the negative log-likelihood, and at examples times classes for the squared error.
Its setup is not published; here it is one hidden layer, noisy labels, 1,000, 2,000 and 4,000
examples, and one optimiser for both losses. Lesson 14; UDL 8.4.
"""

from __future__ import annotations

import functools
import random

import numpy as np

from mnist1d_edu import data, nn, optim, train
from mnist1d_edu.arguments import one_of
from mnist1d_edu.experiments import Run

NOISE = 0.15  # the chance of a label to be drawn anew; some of those stay what they were
_WIDTHS = np.unique(np.geomspace(2, 300, 20, dtype=int)).tolist()
_CHANNELS = [*range(2, 30, 2), *range(30, 101, 5)]
_BOOK = [2, 4, 6, 8, 10, 14, 18, 22, 26, 30, 35, 40, 45, 50, 55, 60, 70, 80, 90, 100, 120, 140, 160,
         180, 200, 250, 300, 400]
_SGD = {"optimizer": "sgd", "loss": "nll", "n": 4000}
_ADAM = {"model": "one layer", "labels": "noise", "optimizer": "adam", "steps": 20_000}

# What each setup trains: widths are hidden units, or channels of the CNN. Each step is 100 examples
# of an epoch's shuffled order, so 20,000 steps are 500 epochs of 4,000 examples.
SETUPS = {
    "mlp-clean": {"model": "mlp", "labels": "clean", **_SGD, "steps": 20_000, "widths": _WIDTHS},
    "mlp-noise": {"model": "mlp", "labels": "noise", **_SGD, "steps": 20_000, "widths": _WIDTHS},
    "cnn-noise": {"model": "cnn", "labels": "noise", **_SGD, "steps": 20_000, "widths": _CHANNELS},
    "book": {"model": "he mlp", "labels": "book", **_SGD, "steps": 40_000, "widths": _BOOK},
}
CLAIMED = {"nll": 1, "mse": 10}  # the peak, in parameters for each example
for _loss, _factor in CLAIMED.items():
    for _n in (1000, 2000, 4000):
        # one hidden layer of w units has 51 w + 10 parameters: widths around the claimed peak
        _around = [round(f * _factor * _n / 51) for f in (0.2, 0.35, 0.5, 0.6, 0.7, 0.85, 1, 1.2,
                                                          1.4, 1.7, 2, 2.5, 3, 4)]
        SETUPS[f"{_loss}-{_n}"] = {**_ADAM, "loss": _loss, "n": _n, "widths": _around}

_QUICK = {  # fewer widths and steps: a peak with noisy labels, in a minute
    "mlp-clean": {"steps": 8000, "widths": [4, 10, 20, 32, 45, 60, 90, 140]},
    "mlp-noise": {"steps": 8000, "widths": [4, 10, 20, 32, 45, 60, 90, 140]},
    "nll-1000": {"steps": 8000, "widths": [4, 8, 14, 20, 28, 40, 60, 100]},
    "mse-1000": {"steps": 8000, "widths": [20, 60, 100, 140, 200, 300, 500]},
}
_SEEDS = {"quick": 3, "paper": 5}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each width of each setup, with all seeds at once; wide nets in several runs of fewer seeds.
    """
    seeds = _SEEDS[scale] if seeds is None else seeds
    plan = []
    for name, setup in SETUPS.items():
        if scale == "quick" and name not in _QUICK:
            continue
        setup = setup if scale == "paper" else {**setup, **_QUICK[name]}
        for width in setup["widths"]:
            seconds = setup["steps"] * _milliseconds(setup["model"], width) / 1000
            at_once = max(1, min(seeds, int(240 / seconds)))
            for first in range(0, seeds, at_once):
                some = list(range(first, min(first + at_once, seeds)))
                settings = {key: value for key, value in setup.items() if key != "widths"}
                plan.append(Run("double-descent", {"setup": name, "width": width, "seeds": some,
                                                   **settings}, seconds * len(some)))
    return plan


def _milliseconds(model: str, width: int) -> float:
    """About how long a step takes for one of several seeds, as measured on one core."""
    overhead, product = {"mlp": (0.06, 1.2e-5), "he mlp": (0.06, 1.2e-5), "cnn": (0.15, 6e-4),
                         "one layer": (0.06, 0.0)}[model]
    return overhead + 0.0006 * width + product * width ** 2


def run(arguments: dict) -> dict:
    """Train the nets of one width: the number of parameters, the steps (E,) of the evaluations, and
    by seed (E, S) errors in percent and losses on the training and the test data."""
    model = net(arguments["model"], arguments["width"])
    history = train.fit(
        model, examples(arguments["labels"], arguments["n"]), _optimizer(arguments["optimizer"]),
        steps=arguments["steps"], batch_size=100, seeds=arguments["seeds"], shuffle=True,
        loss={"nll": nn.cross_entropy, "mse": nn.mse}[arguments["loss"]],
        eval_every=arguments["steps"] // 4, progress=False)
    return {"parameters": nn.count_parameters(history.replica(0)), "steps": history.steps.tolist(),
            **{f"{split}_error": (100 - getattr(history, f"{split}_accuracy")).round(3).tolist()
               for split in ("train", "test")},
            **{f"{split}_loss": getattr(history, f"{split}_loss").astype(float).round(6).tolist()
               for split in ("train", "test")}}


def net(model: str, width: int) -> nn.Composite:
    """The net of a setup: "mlp" (two hidden layers, PyTorch's initialisation), "he mlp" (the same
    with He's uniform one, as in the book), "cnn" (the paper's, `width` channels), "one layer"."""
    one_of("model", model, ("mlp", "he mlp", "cnn", "one layer"))
    if model == "cnn":
        return nn.CNN(width)
    initialiser = nn.he_uniform if model == "he mlp" else nn.torch_default
    if model == "one layer":
        return nn.Sequential(hidden=nn.Linear(40, width), act=nn.relu, out=nn.Linear(width, 10))
    return nn.Sequential(hidden1=nn.Linear(40, width, initialiser), act1=nn.relu,
                         hidden2=nn.Linear(width, width, initialiser), act2=nn.relu,
                         out=nn.Linear(width, 10, initialiser))


def _optimizer(name: str) -> optim.Optimizer:
    return optim.sgd(0.01, momentum=0.9) if name == "sgd" else optim.adam(0.003)


@functools.lru_cache(maxsize=4)
def examples(labels: str, n: int = 4000) -> dict[str, np.ndarray]:
    """n of 4,000 training examples, with 12,000 test examples; "clean" labels or the paper's
    "noise". "book": the book's set of 4,000 and 4,000, with its own noise.

    The noise is that of the notebooks to the label: the paper's goes on in the stream that made the
    signals (577 labels change), the book's in Python's own stream, which the original generator
    seeds too (522).
    """
    one_of("labels", labels, ("clean", "noise", "book"))
    rng = np.random.RandomState(42)
    size = {"num_samples": 8000, "train_split": 0.5} if labels == "book" else {
        "num_samples": 16_000, "train_split": 0.25}
    dataset = data.make_dataset(size, rng=rng)
    y = dataset["y"].copy()
    if labels == "noise":
        draw, label = rng.random_sample, functools.partial(rng.randint, 0, 10)
    else:
        draw = random.Random(42).random
        label = lambda: int(draw() * 10)  # noqa: E731
    for i in range(len(y) if labels != "clean" else 0):
        if draw() < NOISE:
            y[i] = label()
    return {"x": dataset["x"][:n].astype(np.float32), "y": y[:n],
            "x_test": dataset["x_test"].astype(np.float32), "y_test": dataset["y_test"]}
