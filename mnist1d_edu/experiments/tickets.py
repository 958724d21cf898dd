"""Do lottery tickets end better, or are they only sooner there? Accuracy against training steps.

In the experiment `lottery` tickets are far better than dense nets after 1,501 steps. That says
nothing of how either ends. Here tickets with 92 % zeros, found in eight rounds that each prune the
same proportion, are trained three times as long as in the search, beside the dense net from the
same first weights and a random mask of the same size, at the search's learning rate and at a tenth
of it. Signals that no net has trained on choose each net's best step. Lesson 15; UDL 20.2.7.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu import data, nn, optim, train
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, lottery, spread
from mnist1d_edu.experiments.intervals import effects, effects_table

ARMS = {"dense": "dense net", "ticket": "ticket", "random": "random mask"}
SPARSITY = lottery.TICKET_SPARSITY
RATES = (0.02, 0.002)
EVALUATIONS = 45

_SCALES = {
    "quick": {"trials": 3, "hidden": 200, "rounds": 6, "steps": 300, "long_steps": 900},
    "paper": {"trials": 10, "hidden": 500, "rounds": 8, "steps": 1500, "long_steps": 4500},
}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """One run a trial: the search for its ticket, then all nets."""
    check_request(scale, seeds)
    size = dict(_SCALES[scale])
    trials = size.pop("trials")
    work = size["rounds"] * size["steps"] + 6 * size["long_steps"]
    return [Run("tickets", {"trial": trial, **size, "batch_size": 100}, size["hidden"] * work)
            for trial in range(trials if seeds is None else seeds)]


def schedule(rounds: int) -> np.ndarray:
    """The proportion of zeros after each round, (rounds,): every round keeps the same part of what
    is left, and the last reaches `SPARSITY`."""
    return 1 - (1 - SPARSITY) ** (np.arange(1, rounds + 1) / rounds)


def run(arguments: dict) -> dict:
    """Find the trial's ticket, then train every net at every rate: the steps (E,), and by net and
    rate the accuracies in percent on training, held-out and test signals, (E,)."""
    trial, model, dataset = arguments["trial"], nn.MLP(arguments["hidden"]), examples(
        arguments["trial"])
    first = model.init(np.random.RandomState(trial))
    masks = {"dense": None, "ticket": find_ticket(model, first, dataset, arguments),
             "random": lottery.magnitude_masks(lottery.random_scores(model, trial), SPARSITY)}
    curves: dict[str, dict] = {}
    for arm in ARMS:
        for rate in RATES:
            history = _fit(model, dataset, first, masks[arm], rate, arguments["long_steps"],
                           arguments)
            curves.setdefault(arm, {})[str(rate)] = {
                split: getattr(history, f"{split}_accuracy")[:, 0].astype(float).round(2).tolist()
                for split in ("train", "val", "test")}
    return {"steps": history.steps.tolist(), "curves": curves}


def find_ticket(model, first: dict, dataset: dict, arguments: dict) -> dict[str, np.ndarray]:
    """Train, prune the smallest, rewind to `first`; again for each round. The masks of the last."""
    masks = None
    for sparsity in schedule(arguments["rounds"]):
        history = _fit(model, dataset, first, masks, RATES[0], arguments["steps"], arguments)
        masks = lottery.magnitude_masks(history.replica(0), sparsity)
    return masks


def _fit(model, dataset: dict, first: dict, masks, rate: float, steps: int, arguments: dict
         ) -> train.History:
    return train.fit(model, dataset, optim.adam(rate), steps=steps, params=first, masks=masks,
                     batch_size=arguments["batch_size"], seeds=[arguments["trial"]],
                     eval_every=max(1, steps // EVALUATIONS), progress=False)


def examples(trial: int) -> dict[str, np.ndarray]:
    """The default dataset; 1,000 fresh signals, others for each trial, as x_val, y_val."""
    fresh = data.make_dataset({"num_samples": 1000, "train_split": 1.0},
                              rng=np.random.RandomState(1000 + trial))
    return {**{name: value for name, value in data.make_dataset().items() if name != "t"},
            "x_val": fresh["x"], "y_val": fresh["y"]}


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """Accuracies at the search's length, at the end and at the best step; the learning curves."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """Accuracy against steps of tickets and dense nets."""
    from mnist1d_edu import plots
    return {"tickets": plots.tickets_in_time(summary)}


def summarise(records: list[dict]) -> dict:
    """By net and rate: test accuracy by step and trial, and by trial at the search's length, at the
    last step and at the step best on held-out signals; the differences."""
    settings, steps = records[0]["arguments"], np.array(records[0]["result"]["steps"])
    searched = int(np.abs(steps - settings["steps"]).argmin())
    found: dict[str, dict] = {}
    for arm in ARMS:
        for rate in map(str, RATES):
            each = [record["result"]["curves"][arm][rate] for record in records]
            test, held_out = (np.array([curves[split] for curves in each])
                              for split in ("test", "val"))
            best = held_out.argmax(axis=1)
            found.setdefault(arm, {})[rate] = {
                "test": test.T.tolist(), "train": [curves["train"][-1] for curves in each],
                "searched": test[:, searched].tolist(), "last": test[:, -1].tolist(),
                "best": test[np.arange(len(test)), best].tolist(),
                "best_step": steps[best].tolist()}
    summary = {"steps": steps.tolist(), "searched": int(steps[searched]), "trials": len(records),
               "hidden": settings["hidden"], "found": found, "comparison": []}
    summary["effects"] = effects(_differences(summary))
    return summary


def _differences(summary: dict) -> dict[str, np.ndarray]:
    """Differences in points by trial, at equal rates and with each net at its better one."""
    found = summary["found"]
    words = {"searched": f"after {summary['searched']:,} steps",
             "last": f"after {summary['steps'][-1]:,} steps", "best": "best step"}
    pairs = {}
    for other in ("dense", "random"):
        for at, where in words.items():
            for rate in map(str, RATES):
                pairs[f"ticket − {ARMS[other]}, rate {rate}, {where}"] = np.subtract(
                    found["ticket"][rate][at], found[other][rate][at])
            pairs[f"ticket − {ARMS[other]}, each at its better rate, {where}"] = np.subtract(
                _better(found["ticket"], at), _better(found[other], at))
    return pairs


def _better(by_rate: dict, at: str) -> list[float]:
    """The accuracies at the rate with the higher mean at the best steps."""
    return max(by_rate.values(), key=lambda result: np.mean(result["best"]))[at]


def table(summary: dict) -> str:
    """Each net at each rate, and the differences."""
    last = summary["steps"][-1]
    heads = ("training", f"{summary['searched']:,} steps", f"{last:,} steps", "best step", "which")
    lines = [f"Test accuracy in %, hidden {summary['hidden']}, tickets and random masks with "
             f"{SPARSITY:.0%} zeros: mean ± standard", f"deviation over {summary['trials']} trials",
             "", f"{'':16}{'rate':>7}" + "".join(f"{head:>14}" for head in heads)]
    for arm, by_rate in summary["found"].items():
        for rate, result in by_rate.items():
            cells = [spread(result[name]) for name in ("train", "searched", "last", "best")]
            lines.append(f"{ARMS[arm]:16}{rate:>7}" + "".join(f"{cell:>14}" for cell in cells)
                         + f"{np.median(result['best_step']):>14,.0f}")
    return "\n".join([*lines, "", "best step: by 1,000 signals that no net has trained on. which: "
                      "its median. training: at the last step.", "",
                      effects_table(summary["effects"], summary["trials"])])


explain_all(globals(), besides=("run",))
