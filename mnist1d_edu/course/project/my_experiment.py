"""Does noise in training protect a CNN from signals that are made to fool it?

Change this file into your own experiment. It needs three functions, `runs`, `run` and `report`:

    mnist1d-edu reproduce my_experiment.py                  a first look
    mnist1d-edu reproduce my_experiment.py --scale paper    the real thing; stopped, it goes on

Written down before the first run:
* Measure: test accuracy in percent after one step of the fast gradient sign method, epsilon 0.1.
* Comparison: the same net, trained as long, with and without random signs of 0.2 added to each
  batch; seed by seed.
* What else may change: the accuracy on clean signals, so it is measured too.
* The smallest difference that I care about: 4 points. Ten seeds (see lesson 20, on power).
"""

from pathlib import Path

import numpy as np

from mnist1d_edu import data, nn, optim, train
from mnist1d_edu.engine import Tensor, grad
from mnist1d_edu.experiments import Report, Run, seed_groups
from mnist1d_edu.experiments.intervals import effects, effects_table

NAME = Path(__file__).stem
CONDITIONS = {"plain": 0.0, "with noise": 0.2}
MEASURES = {"clean": "clean signals", "attacked": "attacked signals"}
SIZES = {"quick": {"steps": 300, "seeds": 4}, "paper": {"steps": 600, "seeds": 10}}
EPSILON = 0.1


def runs(scale, seeds):
    """What to compute: independent runs, each with all that it needs in its arguments."""
    size = SIZES[scale]
    return [Run(NAME, {"condition": condition, "noise": noise, "steps": size["steps"],
                       "seeds": group}, cost=size["steps"] * len(group))
            for condition, noise in CONDITIONS.items()
            for group in seed_groups(size["seeds"] if seeds is None else seeds, 5)]


def run(arguments):
    """Compute one run. The result must be what JSON can hold: numbers, strings, lists, dicts."""
    def add_noise(x, rng):
        signs = np.sign(rng.standard_normal(x.shape))
        return (x + arguments["noise"] * signs).astype(np.float32)

    dataset, model = data.make_dataset(), nn.cnn()
    history = train.fit(model, dataset, optim.adam(0.01), steps=arguments["steps"],
                        seeds=arguments["seeds"], eval_every=arguments["steps"],
                        augment=add_noise, progress=False)
    x, y = dataset["x_test"].astype(np.float32), dataset["y_test"]
    nets = [history.replica(k) for k in range(len(arguments["seeds"]))]
    return {"clean": [float(train.accuracy(model, net, x, y)) for net in nets],
            "attacked": [float(train.accuracy(model, net, fooling(model, net, x, y), y))
                         for net in nets]}


def fooling(model, params, x, y):
    """The signals after one step of size EPSILON up the net's own loss."""
    x = Tensor(x)
    [slope] = grad(nn.cross_entropy(model(params, x), y), [x])
    return x.data + EPSILON * np.sign(slope.data)


def report(records, scale):
    """The table, the figure and the summary of all records of `runs`."""
    values = {measure: by_seed(records, measure) for measure in MEASURES}
    rows = effects({f"with noise − plain, {MEASURES[measure]}":
                    found["with noise"] - found["plain"] for measure, found in values.items()})
    seeds = len(values["clean"]["plain"])
    summary = {"values": {measure: {name: each.tolist() for name, each in found.items()}
                          for measure, found in values.items()},
               "effects": rows, "seeds": seeds, "comparison": []}
    return Report(effects_table(rows, seeds), {NAME: figure(rows, seeds)}, summary)


def by_seed(records, measure):
    """condition -> the values of the seeds that all conditions have, in order (exercise 5)."""
    found = {}
    for record in records:
        arguments = record["arguments"]
        values = found.setdefault(arguments["condition"], {})
        values.update(zip(arguments["seeds"], record["result"][measure], strict=True))
    common = sorted(set.intersection(*map(set, found.values())))
    return {name: np.array([values[seed] for seed in common]) for name, values in found.items()}


def figure(rows, seeds):
    """Each difference with its 95 % interval."""
    from mnist1d_edu.plots.style import bare, described, subplots
    drawn, [[ax]] = subplots(figsize=(6.6, 0.9 + 0.6 * len(rows)))
    for place, row in enumerate(rows[::-1]):
        ax.errorbar(row["mean"], place, marker="o", capsize=4, color="black",
                    xerr=[[row["mean"] - row["low"]], [row["high"] - row["mean"]]])
    ax.axvline(0, color="black", linewidth=0.8)
    bare(ax).set_yticks(range(len(rows)), [row["what"] for row in rows[::-1]])
    ax.set(xlabel=f"percentage points, 95 % intervals over {seeds} seeds",
           ylim=(-0.6, len(rows) - 0.4))
    return described(drawn, "Differences in test accuracy: " + "; ".join(
        f"{row['what']} {row['mean']:.1f} [{row['low']:.1f}, {row['high']:.1f}]" for row in rows))
