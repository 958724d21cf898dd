"""Where does the loss peak: at as many parameters as examples? Depth, training length, both losses.

The first version of the paper (2020) puts the peak of double descent at as many parameters as there
are examples for the negative log-likelihood, and at examples times classes for the squared error.
In `double-descent` nets with one hidden layer peak elsewhere. Here the claim is tested with two
hidden layers too, on 1,000 to 8,000 examples with noisy labels, on a grid of 10 % steps in the
number of parameters, at half and at the whole of the training, beside the threshold as measured:
the smallest net of the grid from which on all fit their training labels. A peak is known no better
than the grid: to 5 % on either side; and it is compared with the claim only where every seed's loss
is higher there than at both ends of the grid. Lesson 14; UDL 8.4.
"""

from __future__ import annotations

import functools

import numpy as np

from mnist1d_edu import data, nn, optim
from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import (
    Report,
    Run,
    check_request,
    compared,
    double_descent,
    fit,
    spread,
)
from mnist1d_edu.experiments.double_descent import CLAIMED, INTERPOLATES, NOISE

STEP = 1.1  # from one net of the grid to the next, in parameters

# layers, loss, examples, and the grid's ends in parameters for each example
SETUPS = {
    **{f"two-nll-{n}": {"layers": 2, "loss": "nll", "n": n, "grid": [0.5, 2.3]}
       for n in (1000, 2000, 4000, 8000)},
    **{f"one-nll-{n}": {"layers": 1, "loss": "nll", "n": n, "grid": [0.9, 4.1]}
       for n in (1000, 2000)},
    **{f"two-mse-{n}": {"layers": 2, "loss": "mse", "n": n, "grid": [2.5, 11.5]}
       for n in (1000, 2000)},
}
WORDS = {1: "one hidden layer", 2: "two hidden layers"}

_SCALES = {"quick": {"steps": 6000, "seeds": 2, "setups": ["two-nll-1000", "one-nll-1000"]},
           "paper": {"steps": 16_000, "seeds": 3, "setups": list(SETUPS)}}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each width of each setup, all seeds at once."""
    check_request(scale, seeds)
    plan = _SCALES[scale]
    some = list(range(plan["seeds"] if seeds is None else seeds))
    return [Run("threshold", {"setup": name, "layers": SETUPS[name]["layers"],
                              "loss": SETUPS[name]["loss"], "n": SETUPS[name]["n"],
                              "width": width, "steps": plan["steps"], "learning_rate": 0.003,
                              "batch_size": 100, "seeds": some},
                plan["steps"] * (40 + width ** (SETUPS[name]["layers"] / 1.3)) * len(some))
            for name in plan["setups"] for width in widths(name, scale)]


def widths(name: str, scale: str = "paper") -> list[int]:
    """The hidden units of a setup's nets: the grid's parameters, to the nearest width; at the scale
    "quick" every second."""
    setup = SETUPS[one_of("name", name, SETUPS)]
    one_of("scale", scale, _SCALES)
    low, high = setup["grid"]
    count = int(np.log(high / low) / np.log(STEP)) + 1
    wanted = setup["n"] * low * STEP ** np.arange(count)[::1 if scale == "paper" else 2]
    return sorted({_width(setup["layers"], target) for target in wanted})


def _width(layers: int, wanted: float) -> int:
    """The width with the nearest number of parameters: w² + 52 w + 10 with two hidden layers, and
    51 w + 10 with one."""
    if layers == 1:
        return max(1, round((wanted - 10) / 51))
    return max(1, round((26**2 + wanted - 10) ** 0.5 - 26))


def run(arguments: dict) -> dict:
    """Train the nets of one width: their number of parameters, and at half and at the whole of the
    training (2,), by seed (2, S), errors in percent and losses on training and test data."""
    steps = arguments["steps"]
    model = double_descent.net("mlp" if arguments["layers"] == 2 else "one layer",
                               arguments["width"])
    history = fit(model, examples(arguments["n"]), optim.adam(arguments["learning_rate"]),
                  steps=steps, batch_size=arguments["batch_size"], seeds=arguments["seeds"],
                  shuffle=True, loss={"nll": nn.cross_entropy, "mse": nn.mse}[arguments["loss"]],
                  eval_every=steps // 2, progress=False)
    return {"parameters": nn.count_parameters(history.replica(0)),
            "steps": history.steps[1:].tolist(),
            **{f"{split}_error": (100 - getattr(history, f"{split}_accuracy")[1:]
                                  ).astype(float).round(3).tolist() for split in ("train", "test")},
            **{f"{split}_loss": getattr(history, f"{split}_loss")[1:].astype(float).round(5
                                                                                     ).tolist()
               for split in ("train", "test")}}


def examples(n: int) -> dict[str, np.ndarray]:
    """The first n of 8,000 training examples, each label drawn anew with probability `NOISE`; 4,000
    test examples with clean labels."""
    return _examples(integer("n", n, 1, 8000))


@functools.lru_cache(maxsize=4)
def _examples(n: int) -> dict[str, np.ndarray]:
    rng = np.random.RandomState(42)
    made = data.make_dataset({"num_samples": 12_000, "train_split": 2 / 3}, rng=rng)
    y, redrawn = made["y"].copy(), rng.random_sample(len(made["y"])) < NOISE
    y[redrawn] = rng.randint(0, 10, redrawn.sum())
    return {"x": made["x"][:n].astype(np.float32), "y": y[:n],
            "x_test": made["x_test"].astype(np.float32), "y_test": made["y_test"]}


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """Where the loss peaks and where nets fit their labels, beside the claim; the figure."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """Where the loss peaks, beside where nets fit their labels."""
    from mnist1d_edu import plots
    return {"threshold": plots.peaks_and_thresholds(summary)}


def summarise(records: list[dict]) -> dict:
    """By setup, in parameters for each example: the grid, and at half and at the whole of the
    training the mean losses and errors, the peaks by seed and the threshold."""
    setups = {}
    for name in dict.fromkeys(record["arguments"]["setup"] for record in records):
        own = sorted((record for record in records if record["arguments"]["setup"] == name),
                     key=lambda record: record["arguments"]["width"])
        arguments, results = own[0]["arguments"], [record["result"] for record in own]
        ratios = np.array([result["parameters"] for result in results]) / arguments["n"]
        test_loss, train_error = (np.array([result[measure] for result in results])
                                  for measure in ("test_loss", "train_error"))  # (W, 2, S)
        setups[name] = {
            "title": f"{WORDS[arguments['layers']]}, {arguments['loss'].upper()}, "
                     f"n = {arguments['n']:,}",
            "loss": arguments["loss"], "n": arguments["n"], "layers": arguments["layers"],
            "claimed": CLAIMED[arguments["loss"]], "ratios": ratios.round(4).tolist(),
            "steps": results[0]["steps"],
            "test_loss": test_loss.round(4).tolist(),
            "train_error": train_error.mean(axis=2).round(3).tolist(),
            "peaks": [ratios[test_loss[:, when].argmax(axis=0)].round(4).tolist()
                      for when in (0, 1)],
            "peak": [peak(ratios, test_loss[:, when]) for when in (0, 1)],
            "threshold": [threshold(ratios, train_error[:, when].mean(axis=1)) for when in (0, 1)]}
    return {"setups": setups, "seeds": len(records[0]["arguments"]["seeds"]),
            "comparison": [compared(f"{setup['title']}: parameters / n at the peak of the loss",
                                    setup["peaks"][1], (setup["claimed"],) * 2, "paper of 2020")
                           for setup in setups.values() if setup["peak"][1]["clear"]]}


def peak(ratios: np.ndarray, loss: np.ndarray) -> dict:
    """The grid's point where the mean over the seeds of the loss (W, S) is highest, and whether it
    is clear: with every seed the loss is higher there than at both ends of the grid."""
    top = int(loss.mean(axis=1).argmax())
    clear = bool((loss[top] > loss[[0, -1]]).all())
    return {"ratio": float(ratios[top].round(4)), "clear": clear}


def threshold(ratios: np.ndarray, error: np.ndarray) -> float | None:
    """The grid's first point from which on the training error stays below 1 % (None: nowhere)."""
    misses = np.flatnonzero(error >= INTERPOLATES)
    first = misses[-1] + 1 if len(misses) else 0
    return float(ratios[first].round(4)) if first < len(ratios) else None  # as the grid rounds


def table(summary: dict) -> str:
    """Peaks and thresholds at half and at the whole of the training."""
    lines = ["Parameters for each example, on a grid of 10 % steps: where the mean test loss "
             "peaks, and from",
             f"where on nets fit (training error below {INTERPOLATES:g} %); by seed: mean ± "
             f"standard deviation over {summary['seeds']} seeds", "",
             f"{'':36}{'steps':>8}{'peak':>9}{'by seed':>15}{'fits from':>11}{'claimed':>9}"]
    for setup in summary["setups"].values():
        for when, steps in enumerate(setup["steps"]):
            found, fits = setup["peak"][when], setup["threshold"][when]
            told = f"{found['ratio']:.2f}{' ' if found['clear'] else '*'}"
            lines.append(f"{setup['title'] if when == 0 else '':36}{steps:>8,}{told:>9}"
                         f"{spread(setup['peaks'][when], 2):>15}"
                         f"{'–' if fits is None else f'{fits:.2f}':>11}{setup['claimed']:>9}")
    return "\n".join([*lines, "", "*: no clear peak: at an end of the grid some seed's loss is as "
                      "high."])


explain_all(globals(), besides=("run",))
