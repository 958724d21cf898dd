"""What the explorer's page asks for: signals to draw, scores of simple classifiers, and a model's
accuracy as it trains.

The draws do not depend on how strong the noise is. So the same seed without noise gives the same
signals, only clean, and what each source of noise adds can be measured exactly. Lesson 01.
"""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mnist1d_edu import nn
from mnist1d_edu.arguments import one_of
from mnist1d_edu.data import fingerprint, make_dataset
from mnist1d_edu.experiments.intervals import wilson
from mnist1d_edu.explorer.controls import changed, checked, in_python, in_shell
from mnist1d_edu.optim import adam
from mnist1d_edu.probes import knn_accuracy, linear_probe
from mnist1d_edu.train import fit

EXAMPLES = 3        # signals drawn of each class
STEPS, PIECE = 2000, 100    # of a training run, and between two points of its curve
NOISE = ("shear_scale", "corr_noise_scale", "iid_noise_scale")
MODELS = {"logistic": lambda length: nn.logistic(length), "mlp": lambda length: nn.mlp(
    inputs=length), "cnn": lambda length: nn.cnn(length=length)}


def signals(settings: Mapping) -> dict[str, Any]:
    """The first EXAMPLES signals of each class, as a model sees them and free of noise, with the
    class's template; how many there are; and the lines of Python and shell that make them.

    classes: a list of {"template": 12 numbers, "noisy": EXAMPLES lists of numbers, "clean": as
    many}; settings: see `controls.checked`.
    """
    args = checked(settings)
    data, clean = _dataset(args), _dataset(_with_noise(args, 1))
    noisy, calm = _all(data), _all(clean) * (_unit(clean) / _unit(data))
    labels = np.concatenate([data["y"], data["y_test"]])
    chosen = [np.flatnonzero(labels == digit)[:EXAMPLES] for digit in range(10)]
    return {"classes": [{"template": template.round(3).tolist(), "noisy": _short(noisy[rows]),
                         "clean": _short(calm[rows])}
                        for template, rows in zip(data["templates"]["x"], chosen, strict=True)],
            "train": len(data["y"]), "test": len(data["y_test"]), "length": noisy.shape[1],
            "default": not changed(settings), "sha256": fingerprint(data)[:16],
            "python": in_python(settings), "shell": in_shell(settings)}


def scores(settings: Mapping) -> dict[str, Any]:
    """Test accuracy of the nearest neighbour and of logistic regression, each with Wilson's
    interval, and the share of the variance that comes from the digits and from each of NOISE."""
    args = checked(settings)
    data = _dataset(args)
    x, y, x_test, y_test = data["x"], data["y"], data["x_test"], data["y_test"]
    return {"neighbour": _interval(knn_accuracy(x, y, x_test, y_test, k=1), len(y_test)),
            "linear": _interval(linear_probe(x, y, x_test, y_test, tolerance=1e-3), len(y_test)),
            "shares": _shares(args)}


def training(model: str, settings: Mapping) -> Generator[dict[str, Any], None, None]:
    """Train a model of MODELS on these data for STEPS steps; every PIECE steps its test accuracy in
    percent, as {"step", "accuracy", "low", "high"}, the last two the ends of Wilson's interval.

    It is one run of `fit`, with Adam at 0.01 and seed 0, taken up again from its checkpoint after
    each piece; so it can be left between two pieces.
    """
    net = MODELS[one_of("model", model, MODELS)]
    return _pieces(net, _dataset(checked(settings)))


def _pieces(net, data: dict) -> Generator[dict[str, Any], None, None]:
    model, n = net(data["x"].shape[1]), len(data["y_test"])
    with tempfile.TemporaryDirectory(prefix="mnist1d-edu-") as folder:
        for step in range(0, STEPS + 1, PIECE):
            history = fit(model, data, adam(1e-2), step, min(100, len(data["y"])),
                          eval_every=PIECE, checkpoint=Path(folder) / "run.npz", progress=False)
            assert history.test_accuracy is not None
            yield {"step": step, **_interval(float(history.test_accuracy[-1, 0]), n)}


def _interval(accuracy: float, n: int) -> dict[str, float]:
    """An accuracy in percent, with the ends of Wilson's interval."""
    low, high = wilson(round(accuracy * n / 100), n)
    return {"accuracy": round(accuracy, 2), "low": round(100 * low, 2),
            "high": round(100 * high, 2)}


def _shares(args: dict) -> dict[str, float]:
    """In percent of the variance: the digits, and what each of NOISE adds to them."""
    layers = [_all(data) * _unit(data) for data in
              (_dataset(_with_noise(args, kept)) for kept in range(len(NOISE) + 1))]
    parts = [layers[0].var(), *(np.diff(layers, axis=0).var(axis=(1, 2)))]
    return {name: round(float(100 * part / sum(parts)), 1)
            for name, part in zip(("digit", *NOISE), parts, strict=True)}


def _with_noise(args: dict, kept: int) -> dict:
    """The arguments with only the first `kept` of NOISE."""
    return {**args, **dict.fromkeys(NOISE[kept:], 0.0)}


def _dataset(args: dict) -> dict:
    return _made(json.dumps(args))


@functools.lru_cache(maxsize=8)     # these data and the default ones, each with four noises
def _made(text: str) -> dict:
    args = json.loads(text)
    return make_dataset(args, rng=np.random.RandomState(args["seed"]))


def _all(data: dict) -> np.ndarray:
    """All signals (num_samples, length), training signals first."""
    return np.concatenate([data["x"], data["x_test"]])


def _unit(data: dict) -> float:
    """The number by which the signals were divided to have standard deviation 1."""
    return float(data["templates"]["t"][-1] / data["t"][-1])


def _short(rows: np.ndarray) -> list[list[float]]:
    return rows.round(3).tolist()
