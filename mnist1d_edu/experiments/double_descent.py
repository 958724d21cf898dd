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

from mnist1d_edu import data, nn, optim
from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, fit, span, spread

NOISE = 0.15  # the chance of a label to be drawn anew; some of those stay what they were
INTERPOLATES = 1.0  # per cent training error: below it a net is said to fit its training labels
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

TITLES = {"mlp-clean": "MLP, clean labels", "mlp-noise": "MLP, noisy labels",
          "cnn-noise": "CNN, noisy labels", "book": "MLP, the book's setup",
          **{f"{loss}-{n}": f"one layer, {title}, n = {n:,}"
             for loss, title in (("nll", "NLL"), ("mse", "MSE"))
             for n in (1000, 2000, 4000)}}

# Test errors in percent at a width: one run of the paper's code, two of the book's notebook; and
# the width from which training errors are 0.
STORED = {"mlp-clean": {27: (41.0, 41.0), 36: (41.7, 41.7), 47: (41.0, 41.0), 300: (37.3, 37.3)},
          "mlp-noise": {16: (47.2, 47.2), 47: (54.1, 54.1), 300: (45.5, 45.5)},
          "cnn-noise": {10: (19.6, 19.6), 18: (33.8, 33.8), 100: (27.7, 27.7)},
          "book": {14: (48.5, 48.5), 18: (49.9, 49.9), 40: (56.9, 58.1), 400: (44.2, 45.1)}}
STORED_LOSS = {"mlp-clean": {47: (4.4, 4.4)}}
STORED_THRESHOLD = {"mlp-noise": 61, "cnn-noise": 24, "book": 45}

_QUICK = {  # fewer widths and steps: a peak with noisy labels, in a minute
    "mlp-clean": {"steps": 10_000, "widths": [4, 10, 20, 32, 45, 60, 90, 150]},
    "mlp-noise": {"steps": 10_000, "widths": [4, 10, 20, 32, 45, 60, 90, 150]},
    "nll-1000": {"steps": 10_000, "widths": [4, 8, 14, 20, 28, 40, 60, 100]},
    "nll-4000": {"steps": 10_000, "widths": [20, 40, 70, 100, 150, 220, 350]},
    "mse-1000": {"steps": 5000, "widths": [20, 60, 100, 140, 200, 300, 500]},
}
_SEEDS = {"quick": 3, "paper": 5}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each width of each setup, with all seeds at once; wide nets in several runs of fewer seeds.
    """
    check_request(scale, seeds)
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
    start, unit, square = {"mlp": (0.035, 6e-4, 8e-6), "he mlp": (0.035, 6e-4, 8e-6),
                           "cnn": (0.1, 0.01, 3.5e-4), "one layer": (0.035, 5e-4, 0.0)}[model]
    return start + unit * width + square * width ** 2


def run(arguments: dict) -> dict:
    """Train the nets of one width: the number of parameters, the steps (E,) of the evaluations, and
    by seed (E, S) errors in percent and losses on the training and the test data."""
    model = net(arguments["model"], arguments["width"])
    history = fit(
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


def examples(labels: str, n: int = 4000) -> dict[str, np.ndarray]:
    """n of 4,000 training examples, with 12,000 test examples; "clean" labels or the paper's
    "noise". "book": the book's set of 4,000 and 4,000, with its own noise.

    The noise is that of the notebooks to the label: the paper's goes on in the stream that made the
    signals (577 labels change), the book's in Python's own stream, which the original generator
    seeds too (522).
    """
    return _examples(one_of("labels", labels, ("clean", "noise", "book")),
                     integer("n", n, 1, 4000))


@functools.lru_cache(maxsize=4)
def _examples(labels: str, n: int) -> dict[str, np.ndarray]:
    rng = np.random.RandomState(42)
    size = {"num_samples": 8000, "train_split": 0.5} if labels == "book" else {
        "num_samples": 16_000, "train_split": 0.25}
    dataset = data.make_dataset(size, rng=rng)
    y = dataset["y"].copy()
    uniform = rng.random_sample if labels == "noise" else random.Random(42).random
    for i in range(len(y) if labels != "clean" else 0):
        if uniform() < NOISE:
            y[i] = rng.randint(0, 10) if labels == "noise" else int(uniform() * 10)
    return {"x": dataset["x"][:n].astype(np.float32), "y": y[:n],
            "x_test": dataset["x_test"].astype(np.float32), "y_test": dataset["y_test"]}


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """What rises and falls where in each setup, beside the published numbers; the figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """The published setups against width and parameters, and where the peak moves."""
    from mnist1d_edu import plots
    published = [name for name in summary["setups"] if name in STORED]
    study = [name for name in summary["setups"] if name not in STORED]
    return {"double-descent": plots.double_descent(summary, published),
            "double-descent-parameters": plots.descent_by_parameters(summary, published),
            "double-descent-threshold": plots.moving_peak(summary, study)}


def summarise(records: list[dict]) -> dict:
    """The last measures of each setup by width and seed, where they peak, and the comparison."""
    setups = {}
    for name in dict.fromkeys(record["arguments"]["setup"] for record in records):
        own = [record for record in records if record["arguments"]["setup"] == name]
        setups[name] = {"title": TITLES[name], **_setup(own)}
        if name in STORED:
            setups[name]["published"] = [[width, list(values)]
                                         for width, values in STORED[name].items()]
        else:
            setups[name]["claimed"] = CLAIMED[setups[name]["loss"]]
    comparison = [row for name, setup in setups.items() for row in _compare(name, setup)]
    return {"setups": setups, "comparison": comparison}


def _setup(records: list[dict]) -> dict:
    """One setup: its settings, and the last measures, (widths, seeds)."""
    settings = {key: records[0]["arguments"][key]
                for key in ("model", "labels", "n", "optimizer", "loss", "steps")}
    by_width = {}
    for record in records:
        by_width.setdefault(record["arguments"]["width"], []).append(record)
    setup = {**settings, "widths": list(by_width),
             "parameters": [some[0]["result"]["parameters"] for some in by_width.values()],
             "seeds": [s for record in next(iter(by_width.values()))
                       for s in record["arguments"]["seeds"]]}
    for measure in ("train_error", "test_error", "train_loss", "test_loss"):
        setup[measure] = [[value for record in some for value in record["result"][measure][-1]]
                          for some in by_width.values()]
    setup["thresholds"] = thresholds(setup)
    mean = np.mean(setup["train_error"], axis=1, keepdims=True)
    setup["threshold"] = thresholds({**setup, "train_error": mean})[0]
    setup["peaks"] = {name: peak(setup, name) for name in ("test_error", "test_loss")}
    return setup


def thresholds(setup: dict) -> list[int | None]:
    """For each seed the interpolation threshold as measured: the width from which on the training
    error stays below 1 % (None if it does not)."""
    below = np.array(setup["train_error"]) < INTERPOLATES
    first = len(below) - np.logical_and.accumulate(below[::-1]).sum(axis=0)
    return [setup["widths"][i] if i < len(below) else None for i in first]


def peak(setup: dict, measure: str) -> dict:
    """Where the mean over the seeds rises most above what it was, and what it falls to: the widths
    of the lowest point before, of the peak and of the lowest point after; by seed, rise and fall
    between these widths and the place of the seed's own peak in parameters."""
    values = np.array(setup[measure])
    top, before, after = _highest_rise(values.mean(axis=1))
    own = [_highest_rise(column)[0] for column in values.T]
    return {"before": setup["widths"][before], "top": setup["widths"][top],
            "after": setup["widths"][after],
            "rise": (values[top] - values[before]).round(4).tolist(),
            "fall": (values[top] - values[after]).round(4).tolist(),
            "parameters": [setup["parameters"][i] for i in own]}


def _highest_rise(curve: np.ndarray) -> tuple[int, int, int]:
    """The places of the point that lies highest above its lowest predecessor, of that, and of the
    lowest successor."""
    top = int((curve - np.minimum.accumulate(curve)).argmax())
    return top, int(curve[:top + 1].argmin()), top + int(curve[top:].argmin())


def _compare(name: str, setup: dict) -> list[dict]:
    """The published numbers, where there is one for a width that was trained."""
    rows = []
    source = "book's notebook" if name == "book" else "stored notebook"
    for what, stored, measure in (("test error", STORED, "test_error"),
                                  ("test loss", STORED_LOSS, "test_loss")):
        for width, value in stored.get(name, {}).items():
            if width in setup["widths"]:
                ours = setup[measure][setup["widths"].index(width)]
                rows.append(compared(f"{TITLES[name]}: {what} at width {width}", ours, value,
                                     source))
    found = [width for width in setup["thresholds"] if width is not None]
    if name in STORED_THRESHOLD and found:
        rows.append(compared(f"{TITLES[name]}: width that fits the training labels", found,
                             (STORED_THRESHOLD[name],) * 2, source))
    if name not in STORED:
        ratios = [count / setup["n"] for count in setup["peaks"]["test_loss"]["parameters"]]
        rows.append(compared(f"{TITLES[name]}: parameters / n at the peak of the loss", ratios,
                             (CLAIMED[setup["loss"]],) * 2, "paper of 2020"))
    return rows


def table(summary: dict) -> str:
    """The descents, and ours beside the published numbers."""
    seeds = len(next(iter(summary["setups"].values()))["seeds"])
    heads = ("", "fits from", "before", "peak", "after", "rise", "fall")
    parts = []
    for measure, title in (("test_error", "Test error in %"), ("test_loss", "Test loss")):
        rows = [heads, *(_descent(name, setup, measure)
                         for name, setup in summary["setups"].items())]
        parts += [f"{title} against width: mean ± standard deviation over {seeds} seeds", "",
                  *(f"{row[0]:30}" + "".join(f"{cell:>15}" for cell in row[1:]) for row in rows),
                  ""]
    parts += ["fits from: the width from which on the mean training error stays below 1 %. before,",
              "peak, after: the mean, at the width behind @; rise and fall between them.", "",
              f"{'':70}{'ours':>14}{'published':>14}",
              *(f"{row['what']:70}{spread(row['ours']):>14}{span(row['published']):>14}"
                for row in summary["comparison"])]
    return "\n".join(parts)


def _descent(name: str, setup: dict, measure: str) -> tuple[str, ...]:
    """A row of the table: the threshold and the peak of one measure."""
    found, mean = setup["peaks"][measure], np.mean(setup[measure], axis=1)
    digits = {"test_error": 1, "test_loss": 3}[measure]
    places = [f"{mean[setup['widths'].index(found[key])]:.{digits}f} @ {found[key]}"
              for key in ("before", "top", "after")]
    fits = setup["threshold"]
    return (TITLES[name], "–" if fits is None else str(fits), *places,
            spread(found["rise"], digits), spread(found["fall"], digits))


explain_all(globals(), besides=("run",))
