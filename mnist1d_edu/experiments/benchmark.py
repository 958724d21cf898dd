"""Four models on MNIST-1D: logistic regression, MLP, CNN and GRU, at the paper's settings.

"Scaling down deep learning with MNIST-1D" (arXiv 2011.14439), table 1: Adam at 1e-2, batches of 100
in file order, 6,000 steps, evaluated every 250. `shuffled` does the same after shuffling the
inputs, with the functions here. Lesson 09.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu import data, nn, optim
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, fit, spread

# Test accuracy in percent. The paper: mean ± deviation over three runs (None: not stated), each at
# its best step. The notebooks of the paper's code as stored: the range of the last steps.
PAPER = {
    "ordered": {"logistic": (32, 1), "mlp": (68, 2), "cnn": (94, 2), "gru": (91, 2),
                "human": (96, 1)},
    "shuffled": {"logistic": (32, None), "mlp": (68, None), "cnn": (56, None), "gru": (57, None),
                 "human": (30, 10)},
}
NOTEBOOKS = {
    "ordered": {"logistic": (31.5, 31.5), "mlp": (64.2, 65.1), "cnn": (92.3, 94.2),
                "gru": (89.1, 92.1)},
    "shuffled": {"logistic": (31.5, 31.7), "mlp": (63.7, 66.0), "cnn": (57.9, 58.7),
                 "gru": (50.8, 53.3)},
}
TITLES = {"logistic": "logistic", "mlp": "MLP", "cnn": "CNN", "gru": "GRU"}

_SIZES = {"quick": {"steps": 4000, "seeds": 3}, "paper": {"steps": 6000, "seeds": 10}}
_COST = {"logistic": 0.05, "mlp": 0.3, "cnn": 1.0, "gru": 2.2}  # ms a step and seed, measured
_SEEDS_AT_ONCE = {"logistic": 10, "mlp": 10, "cnn": 5, "gru": 1}  # half a minute a run


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each model on the ordered inputs; the slow ones in several runs of a few seeds each."""
    check_request(scale, seeds)
    return runs_on("ordered", scale, seeds)


def runs_on(order: str, scale: str, seeds: int | None) -> list[Run]:
    """The runs on the ordered or the shuffled inputs."""
    experiment = "benchmark" if order == "ordered" else "shuffled"
    steps = _SIZES[scale]["steps"]
    seeds = _SIZES[scale]["seeds"] if seeds is None else seeds
    settings = {"learning_rate": 0.01, "batch_size": 100, "eval_every": 250}
    return [Run(experiment, {"model": model, "order": order, "steps": steps,
                             "seeds": list(some), **settings}, _COST[model] * steps * len(some))
            for model, most in _SEEDS_AT_ONCE.items()
            for some in (range(i, min(i + most, seeds)) for i in range(0, seeds, most))]


def run(arguments: dict) -> dict:
    """Train one model with several seeds at once: the steps (E,) and, for each, by seed (E, S),
    training loss and the accuracies in percent."""
    history = fit(
        nn.model(arguments["model"]), inputs(arguments["order"]),
        optim.adam(arguments["learning_rate"]), steps=arguments["steps"],
        batch_size=arguments["batch_size"], seeds=arguments["seeds"],
        eval_every=arguments["eval_every"], progress=False)
    curves = {"train_loss": 4, "train_accuracy": 2, "test_accuracy": 2}
    return {"steps": history.steps.tolist(), "parameters": nn.count_parameters(history.replica(0)),
            **{name: getattr(history, name).astype(float).round(digits).tolist()
               for name, digits in curves.items()}}


def inputs(order: str) -> dict:
    """The default dataset; with order "shuffled", its 40 inputs permuted as in the paper's code."""
    dataset = data.make_dataset()
    if order == "shuffled":
        permutation = np.random.RandomState(42).permutation(dataset["x"].shape[1])
        dataset = {**dataset, "x": dataset["x"][:, permutation],
                   "x_test": dataset["x_test"][:, permutation]}
    return dataset


def report(records: list[dict], scale: str) -> Report:
    """The table and the learning curves on the ordered inputs."""
    from mnist1d_edu import plots
    summary = summarise(records, "ordered")
    return Report(table(summary), {"benchmark": plots.benchmark(summary)}, summary)


def summarise(records: list[dict], order: str) -> dict:
    """The records of one order, the seeds of each model put together, and the comparison."""
    models = {}
    for model in TITLES:
        results = [(record["arguments"]["seeds"], record["result"]) for record in records
                   if record["arguments"]["model"] == model
                   and record["arguments"]["order"] == order]
        first = results[0][1]
        models[model] = {
            "parameters": first["parameters"], "seeds": [s for some, _ in results for s in some],
            **{name: np.concatenate([result[name] for _, result in results], axis=1).tolist()
               for name in ("train_loss", "train_accuracy", "test_accuracy")}}
    steps = first["steps"]
    comparison = [row for model in TITLES for row in _compare(model, order, models[model])]
    return {"order": order, "steps": steps, "models": models, "comparison": comparison,
            "paper": PAPER[order], "notebooks": NOTEBOOKS[order]}


def _compare(model: str, order: str, result: dict) -> list[dict]:
    """Our last step beside the stored notebooks' and our best step beside the paper's."""
    accuracy = np.array(result["test_accuracy"])
    mean, deviation = PAPER[order][model]
    title = f"{TITLES[model]}, {order} inputs"
    return [compared(f"{title}, last step", accuracy[-1].tolist(), NOTEBOOKS[order][model],
                     "stored notebooks"),
            compared(f"{title}, best step", accuracy.max(0).tolist(),
                     (mean - (deviation or 0), mean + (deviation or 0)),
                     "paper" if deviation else "paper, spread not stated")]


def table(summary: dict) -> str:
    """Our accuracies (last step, and each seed's best step) beside the published ones."""
    order, steps = summary["order"], summary["steps"][-1]
    seeds = len(summary["models"]["mlp"]["seeds"])
    over = f"mean ± standard deviation over {seeds} seeds" if seeds > 1 else "one seed"
    rows = [("", "parameters", "training", "last step", "notebooks", "best step", "paper")]
    for model, result in summary["models"].items():
        test = np.array(result["test_accuracy"])
        rows.append((TITLES[model], f"{result['parameters']:,}",
                     spread(result["train_accuracy"][-1]), spread(test[-1]),
                     _range(NOTEBOOKS[order][model]), spread(test.max(0)), _paper(order, model)))
    rows.append(("human", "", "", "", "", "", _paper(order, "human")))
    lines = [f"{row[0]:8}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in rows]
    return "\n".join([
        f"Test accuracy in % on MNIST-1D, {order} inputs: {over}, {steps:,} steps", "", *lines, "",
        "training: accuracy on the training data at the last step. notebooks: last steps (6,000)",
        "stored with the paper's code. paper: three runs, each at the step best on the test data."])


def _range(pair) -> str:
    low, high = pair
    return f"{low}" if low == high else f"{low}–{high}"


def _paper(order: str, model: str) -> str:
    mean, deviation = PAPER[order][model]
    return f"{mean}" if deviation is None else f"{mean} ± {deviation}"


explain_all(globals(), besides=("run",))
