"""Accuracy against a shift of the signals: what locality, sharing and averaging are each worth.

The paper (arXiv 2011.14439) explains the convolutional net's lead by its spatial prior. That prior
has parts. A locally connected net looks at neighbours, but has other kernels at each place; a
convolution shares its kernels; a global mean over the places forgets where things were. Each is
tested on signals moved by up to 12 places, after training on the signals as they are, and after
training on signals that are moved at random in each batch. Lessons 07 and 11; UDL 10.1 to 10.3.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu import data, engine, nn, optim
from mnist1d_edu.arguments import one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, fit, seed_groups, spread
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.experiments.pooling import one_channel, shifted_accuracy
from mnist1d_edu.experiments.regularization import shifted
from mnist1d_edu.nn.initialisers import uniform

SHIFTS = list(range(13))  # places, to either side
TITLES = {"mlp": "MLP", "local": "locally connected", "cnn": "CNN", "global": "CNN, global mean"}
TRAINING = {"plain": "as they are", "moved": "moved at random"}
COMPARED_AT = 8  # places; the comparison of the nets

_SCALES = {"quick": {"steps": 800, "seeds": 3}, "paper": {"steps": 2000, "seeds": 10}}
_COST = {"mlp": 0.3, "local": 4.0, "cnn": 1.0, "global": 2.5}  # ms a step and seed
_SEEDS_AT_ONCE = 5


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each net, trained on signals as they are and moved at random."""
    plan = _SCALES[scale]
    seeds = plan["seeds"] if seeds is None else seeds
    settings = {"steps": plan["steps"], "learning_rate": 0.01, "batch_size": 100}
    return [Run("shift", {"model": model, "training": training, "seeds": some, **settings},
                _COST[model] * plan["steps"] * len(some))
            for model in TITLES for training in TRAINING
            for some in seed_groups(seeds, _SEEDS_AT_ONCE)]


def run(arguments: dict) -> dict:
    """Train one net: its number of parameters, its last accuracy in percent on the training signals
    as they are (S,), and on test signals moved by `SHIFTS` places, (shifts, S)."""
    model, dataset = net(arguments["model"]), data.make_dataset()
    moved = one_of("training", arguments["training"], TRAINING) == "moved"
    # the rate fades out, so that a net is not judged by where its last batches happen to throw it
    rate = optim.cosine(arguments["learning_rate"], arguments["steps"])
    history = fit(model, dataset, optim.adam(rate), steps=arguments["steps"],
                  batch_size=arguments["batch_size"], seeds=arguments["seeds"], shuffle=True,
                  eval_every=arguments["steps"], augment=shifted if moved else None,
                  progress=False)
    replicas = [history.replica(k) for k in range(len(history.seeds))]
    return {"parameters": nn.count_parameters(replicas[0]),
            "train_accuracy": history.train_accuracy[-1].astype(float).round(2).tolist(),
            "shifted": [[round(shifted_accuracy(model, params, dataset, shift), 2)
                         for params in replicas] for shift in SHIFTS]}


class LocallyConnected(nn.Layer):
    """A convolution without sharing, with kernels of its own at each position. x: (..., N, C, L) ->
    (..., N, O, positions). Lesson 07.

    weight: (positions, C kernel_size, O), bias: (positions, 1, O).
    """

    names = ("weight", "bias")

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int,
                 padding: int, length: int):
        self.window = kernel_size, stride, padding
        self.positions = (length + 2 * padding - kernel_size) // stride + 1
        self.inputs, self.out_channels = in_channels * kernel_size, out_channels

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        bound = self.inputs ** -0.5  # as that of Conv1d
        return {"weight": uniform(rng, (self.positions, self.inputs, self.out_channels), bound),
                "bias": uniform(rng, (self.positions, 1, self.out_channels), bound)}

    def __call__(self, params, x, updates=None):
        windows = engine.swapaxes(engine.unfold(x, *self.window), -2, -3)  # positions before N
        out = windows @ params["weight"] + params["bias"]
        return engine.swapaxes(engine.swapaxes(out, -2, -3), -1, -2)


def net(model: str) -> nn.Composite:
    """The paper's MLP and CNN; the CNN without sharing, "local"; and "global", whose features
    are averaged over all 20 places before the last layer."""
    one_of("model", model, TITLES)
    if model in nn.MODELS:
        return nn.model(model)
    if model == "global":
        convs = [nn.Conv1d(1, 20, 5, 2, 2), nn.Conv1d(20, 20, 5, 1, 2), nn.Conv1d(20, 20, 5, 1, 2)]
        head = {"mean": mean_over_places, "linear": nn.Linear(20, 10)}
    else:
        convs = [LocallyConnected(1, 25, 5, 2, 1, 40), LocallyConnected(25, 25, 3, 2, 1, 19),
                 LocallyConnected(25, 25, 3, 2, 1, 10)]
        head = {"flat": nn.Flatten(), "linear": nn.Linear(125, 10)}
    layers = {"image": one_channel}
    for number, conv in enumerate(convs, 1):
        layers |= {f"conv{number}": conv, f"act{number}": nn.relu}
    return nn.Sequential(**layers, **head)


def mean_over_places(x):
    """Features (..., C, L) -> (..., C): what was found, not where."""
    return x.mean(axis=-1)


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """Accuracy against shift by net and training, the differences, and the figure."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """Accuracy against shift."""
    from mnist1d_edu import plots
    return {"shift": plots.accuracy_against_shift(summary)}


def summarise(records: list[dict]) -> dict:
    """By training and net: accuracies by shift and seed; the differences at no shift and at
    `COMPARED_AT` places."""
    found: dict[str, dict] = {training: {} for training in TRAINING}
    for training in TRAINING:
        for model in TITLES:
            own = [record["result"] for record in records
                   if (record["arguments"]["model"], record["arguments"]["training"])
                   == (model, training)]
            found[training][model] = {
                "parameters": own[0]["parameters"],
                "train_accuracy": [v for result in own for v in result["train_accuracy"]],
                "shifted": np.concatenate([result["shifted"] for result in own], axis=1).tolist()}
    summary = {"shifts": SHIFTS, "steps": records[0]["arguments"]["steps"], "found": found,
               "seeds": len(found["plain"]["cnn"]["train_accuracy"]), "comparison": []}
    summary["effects"] = effects(_differences(found))
    return summary


def _differences(found: dict) -> dict[str, np.ndarray]:
    """Differences in points by seed, of nets that see the same batches."""
    def at(training: str, model: str, shift: int) -> np.ndarray:
        return np.array(found[training][model]["shifted"][SHIFTS.index(shift)])

    pairs = {}
    for training, words in TRAINING.items():
        for shift in (0, COMPARED_AT):
            for one, other in (("local", "mlp"), ("cnn", "local"), ("global", "cnn")):
                pairs[f"signals {words}, shift {shift}: {TITLES[one]} − {TITLES[other]}"] = (
                    at(training, one, shift) - at(training, other, shift))
    for shift in (0, COMPARED_AT):
        for model, title in TITLES.items():
            pairs[f"{title}, shift {shift}: moved − as they are"] = (
                at("moved", model, shift) - at("plain", model, shift))
    for model, title in TITLES.items():
        pairs[f"{title}, as they are: shift {COMPARED_AT} − none"] = (
            at("plain", model, COMPARED_AT) - at("plain", model, 0))
    return pairs


def table(summary: dict) -> str:
    """Accuracies by net and shift for each training, and the differences."""
    lines = [f"Test accuracy in % after {summary['steps']:,} steps on signals moved by so many "
             f"places (mean of both sides):", f"mean ± standard deviation over {summary['seeds']} "
             "seeds"]
    some = [shift for shift in summary["shifts"] if shift % 4 == 0]
    for training, words in TRAINING.items():
        lines += ["", f"{f'trained on signals {words}':34}{'parameters':>11}"
                  + "".join(f"{shift:>13}" for shift in some)]
        lines += [f"{TITLES[model]:34}{found['parameters']:>11,}"
                  + "".join(f"{spread(found['shifted'][SHIFTS.index(shift)]):>13}"
                            for shift in some)
                  for model, found in summary["found"][training].items()]
    return "\n".join([*lines, "", effects_table(summary["effects"], summary["seeds"])])


explain_all(globals(), besides=("run",))
