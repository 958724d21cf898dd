"""Nets fit noise: permuted labels, random inputs, full-batch descent, and how long each takes.

The book's notebook 20.1 (after Zhang et al. 2017, arXiv 1611.03530): a dense net with four hidden
layers of 300 units fits the 4,000 training examples as they are, with their labels permuted, and
with random inputs of the same mean and variance. Here also: the margins and the weights of the nets
that it ends with, and how the time to fit grows with the proportion of labels that are permuted.

Notebook 20.2: full-batch gradient descent with one to four hidden layers reaches a training error
of 0. The book takes 200,000 steps (with one layer 500,000) at a rate of 0.0025 on 4,000 examples;
here the rate is 80 times as high, the steps are about 130 times fewer and the examples are 2,000.
Lesson 13; UDL 20.1, 20.2.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu import nn, optim, train
from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, seed_groups, spread
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.experiments.residual import dataset

KINDS = {"true": "true data", "labels": "permuted labels", "inputs": "random inputs"}
PROPORTIONS = [0.0, 0.1, 0.2, 0.4, 0.7, 1.0]
LAYERS = {1: 298, 2: 100, 3: 75, 4: 63}  # hidden layers -> units in each: 15,000 parameters
QUANTILES = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0]

_BATCH_STEPS = {1: 4000, 2: 1500, 3: 1500, 4: 1500}
_SCALES = {
    "quick": {"seeds": 2, "kind_seeds": 2, "batch_seeds": 2, "kinds": 1200,
              "shares": (0.0, 0.4, 1.0), "shares_steps": 1500, "n": 1000,
              "batch": {1: 1500, 3: 600}},
    "paper": {"seeds": 10, "kind_seeds": 10, "batch_seeds": 3, "kinds": 2400, "shares": PROPORTIONS,
              "shares_steps": 4000, "n": 2000, "batch": _BATCH_STEPS},
}
_SEEDS_AT_ONCE = 5


def runs(scale: str, seeds: int | None) -> list[Run]:
    """The three kinds of data, the proportions of permuted labels, and full-batch descent with
    fewer seeds."""
    check_request(scale, seeds)
    plan = _SCALES[scale]
    few, more, most = (seed_groups(plan[name] if seeds is None else seeds, _SEEDS_AT_ONCE)
                       for name in ("batch_seeds", "kind_seeds", "seeds"))
    return [
        *(Run("random-data", {"part": "kinds", "kind": kind, "layers": 4, "units": 300,
                              "steps": plan["kinds"], "seeds": some},
              6.0 * plan["kinds"] * len(some)) for kind in KINDS for some in more),
        *(Run("random-data", {"part": "shares", "share": share, "layers": 2, "units": 200,
                              "learning_rate": 0.001, "steps": plan["shares_steps"],
                              "seeds": some}, 1.2 * plan["shares_steps"] * len(some))
          for share in plan["shares"] for some in most),
        *(Run("random-data", {"part": "batch", "layers": layers, "units": LAYERS[layers],
                              "n": plan["n"], "learning_rate": 0.2, "steps": steps,
                              "seeds": some}, 0.0025 * plan["n"] * steps * len(some))
          for layers, steps in plan["batch"].items() for some in few)]


def run(arguments: dict) -> dict:
    """One of the parts: "kinds", "shares" or "batch"."""
    part = {"kinds": kinds, "shares": shares, "batch": full_batch}
    return part[one_of("part", arguments["part"], part)](arguments)


def net(layers: int, units: int) -> nn.Sequential:
    """A dense net with so many hidden layers of so many units, with He's uniform initialisation:
    (..., N, 40) -> logits (..., N, 10)."""
    hidden = {}
    for k in range(integer("layers", layers, 0, 1000)):
        hidden[f"hidden{k + 1}"] = nn.Linear(units if k else 40, units, nn.he_uniform)
        hidden[f"act{k + 1}"] = nn.relu
    return nn.Sequential(**hidden, linear=nn.Linear(units, 10, nn.he_uniform))


# --------------------------------------------------------------------------- data


def permuted(labels: np.ndarray, proportion: float, rng: np.random.RandomState) -> np.ndarray:
    """The labels (N,), a proportion of them (0 to 1) permuted among themselves: a tenth of those
    stay what they were."""
    chosen = rng.permutation(len(labels))[:round(proportion * len(labels))]
    changed = labels.copy()
    changed[chosen] = labels[rng.permutation(chosen)]
    return changed


def examples(kind: str, seed: int) -> dict[str, np.ndarray]:
    """The default dataset with its training labels or inputs replaced: "true" (nothing is),
    "labels" (permuted), "inputs" (normal, with the mean and the deviation of all)."""
    one_of("kind", kind, KINDS)
    original, rng = dataset(), np.random.RandomState(seed)
    if kind == "labels":
        return {**original, "y": permuted(original["y"], 1.0, rng)}
    if kind == "inputs":
        x = original["x"]
        return {**original,
                "x": (x.mean() + x.std() * rng.standard_normal(x.shape)).astype(np.float32)}
    return original


# --------------------------------------------------------------------------- the three parts


def kinds(arguments: dict) -> dict:
    """The book's net on one kind of data: the steps (E,), and by step and seed (E, S) the training
    loss and the accuracies in percent; by seed, of the last net, `anatomy`."""
    model = net(arguments["layers"], arguments["units"])
    given = examples(arguments["kind"], arguments["seeds"][0])
    steps = arguments["steps"]
    history = train.fit(model, given, optim.sgd(optim.step_decay(0.02, every=800), momentum=0.9),
                        steps=steps, batch_size=100, seeds=arguments["seeds"], shuffle=True,
                        eval_every=80, progress=False)
    starts = [model.init(np.random.RandomState(seed)) for seed in history.seeds]
    return {**_curves(history, "train_loss", "train_accuracy", "test_accuracy"),
            "anatomy": [anatomy(model, start, history.replica(k), given["x"], given["y"])
                        for k, start in enumerate(starts)]}


def anatomy(model, start: dict, params: dict, x, y) -> dict:
    """What a net is like inside. margins: by how much the logit of the right class exceeds the best
    other, the `QUANTILES` over the examples; relative: the same over the product of the layers'
    spectral norms (Bartlett et al. 2017, arXiv 1706.08498); norms: of each weight matrix, the root
    of the sum of squares; moved: the same of its difference from its first value."""
    logits = train.predict(model, params, x).astype(float)
    right = logits[np.arange(len(y)), y]
    logits[np.arange(len(y)), y] = -np.inf
    margins = right - logits.max(axis=1)
    weights = [name for name in params if name.endswith("weight")]
    scale = np.prod([np.linalg.norm(params[name].astype(float), 2) for name in weights])
    quantiles = np.quantile(margins, QUANTILES)
    return {"margins": quantiles.round(4).tolist(),
            "relative": [float(f"{value:.4g}") for value in quantiles / scale],
            "norms": [round(float(np.linalg.norm(params[name])), 4) for name in weights],
            "moved": [round(float(np.linalg.norm(params[name] - start[name])), 4)
                      for name in weights]}


def shares(arguments: dict) -> dict:
    """A net trained with some of the labels permuted: the steps (E,), and by step and seed (E, S)
    the training loss and the accuracies in percent."""
    original = dataset()
    rng = np.random.RandomState(arguments["seeds"][0])
    given = {**original, "y": permuted(original["y"], arguments["share"], rng)}
    history = train.fit(net(arguments["layers"], arguments["units"]), given,
                        optim.adam(arguments["learning_rate"]), steps=arguments["steps"],
                        batch_size=100, seeds=arguments["seeds"], shuffle=True, eval_every=100,
                        progress=False)
    return _curves(history, "train_accuracy", "test_accuracy")


def full_batch(arguments: dict) -> dict:
    """Full-batch descent without momentum: the steps (E,), and by step and seed (E, S) the training
    loss and the accuracies in percent."""
    original, n = dataset(), arguments["n"]
    given = {**original, "x": original["x"][:n], "y": original["y"][:n]}
    history = train.fit(net(arguments["layers"], arguments["units"]), given,
                        optim.sgd(arguments["learning_rate"]), steps=arguments["steps"],
                        batch_size=None, seeds=arguments["seeds"],
                        eval_every=arguments["steps"] // 50, progress=False)
    return _curves(history, "train_loss", "train_accuracy", "test_accuracy")


def _curves(history: train.History, *names: str) -> dict:
    digits = {"train_loss": 5, "train_accuracy": 3, "test_accuracy": 2}
    return {"steps": history.steps.tolist(),
            **{name: getattr(history, name).astype(float).round(digits[name]).tolist()
               for name in names}}


def first_fit(steps, accuracy) -> list[int | None]:
    """For each column of accuracy (E, S) in percent, the first step at which all training examples
    are right (None if there is none)."""
    right = np.asarray(accuracy) >= 100
    return [int(steps[column.argmax()]) if column.any() else None for column in right.T]


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """What is fitted when, what the nets are like inside, full-batch descent, and the figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """What is fitted when, the margins, and full-batch descent."""
    from mnist1d_edu import plots
    return {"random-data": plots.fitting_noise(summary),
            "random-data-margins": plots.noise_margins(summary),
            "full-batch": plots.full_batch(summary)}


def summarise(records: list[dict]) -> dict:
    """The curves of the three kinds of data with their nets' anatomy, the time to fit by proportion
    of permuted labels, full-batch descent by layers; the effects; the comparison."""
    parts = {part: {} for part in ("kinds", "shares", "batch")}
    keys = {"kinds": "kind", "shares": "share", "batch": "layers"}
    for record in records:
        part = record["arguments"]["part"]
        parts[part].setdefault(str(record["arguments"][keys[part]]), []).append(record)
    summary = {part: {key: _joined(some) for key, some in each.items()}
               for part, each in parts.items()}
    for kind, found in summary["kinds"].items():
        found["title"] = KINDS[kind]
    for found in summary["batch"].values():
        found["n"] = parts["batch"]["1"][0]["arguments"]["n"]
    summary["quantiles"] = QUANTILES
    summary["effects"] = effects(_effects(summary))
    summary["comparison"] = _compare(summary)
    return summary


def _joined(records: list[dict]) -> dict:
    """The runs of one setting as one: mean curves, the last values by seed, the steps to fit."""
    results = [record["result"] for record in records]
    found = {"steps": results[0]["steps"],
             "units": records[0]["arguments"]["units"],
             "seeds": [seed for record in records for seed in record["arguments"]["seeds"]]}
    for name in ("train_loss", "train_accuracy", "test_accuracy"):
        if name in results[0]:
            curves = np.concatenate([result[name] for result in results], axis=1)
            found[name] = curves.mean(axis=1).round(4).tolist()
            found[f"last_{name}"] = curves[-1].tolist()
            if name == "train_accuracy":
                found["fits"] = first_fit(found["steps"], curves)
    if "anatomy" in results[0]:
        found["anatomy"] = {key: [each[key] for result in results for each in result["anatomy"]]
                            for key in ("margins", "relative", "norms", "moved")}
    return found


def _waits(found: dict) -> np.ndarray:
    """The steps to fit by seed; of a net that did not fit, all its steps: it takes longer."""
    return np.array([found["steps"][-1] if step is None else step for step in found["fits"]])


def _effects(summary: dict) -> dict[str, np.ndarray]:
    """Differences by seed: steps to fit, and what permuted labels leave of margins and add to the
    way of the weights, relative to true data."""
    kinds, pairs = summary["kinds"], {}
    for one, other in (("labels", "true"), ("inputs", "true"), ("labels", "inputs")):
        pairs[f"steps to fit: {KINDS[one]} − {KINDS[other]}"] = _waits(kinds[one]) - _waits(
            kinds[other])
    middle = QUANTILES.index(0.5)
    for one in ("labels", "inputs"):
        both = [np.array(kinds[kind]["anatomy"]["relative"])[:, middle] for kind in (one, "true")]
        pairs[f"median relative margin in %: {KINDS[one]} − {KINDS['true']}"] = (
            100 * (both[0] - both[1]))
        both = [np.sqrt((np.array(kinds[kind]["anatomy"]["moved"])**2).sum(axis=1))
                for kind in (one, "true")]
        pairs[f"distance of the weights from their start: {KINDS[one]} − {KINDS['true']}"] = (
            both[0] - both[1])
    shares = list(summary["shares"])
    for share in shares[1:]:
        pairs[f"steps to fit: {float(share):.0%} of the labels permuted − none"] = _waits(
            summary["shares"][share]) - _waits(summary["shares"][shares[0]])
    return pairs


def _compare(summary: dict) -> list[dict]:
    """The book's statement that the training error reaches 0 in each case."""
    rows = [compared(f"{found['title']}: training error in % after {found['steps'][-1]:,} steps",
                     [round(100 - value, 3) for value in found["last_train_accuracy"]], (0, 0),
                     "book, 20.1") for found in summary["kinds"].values()]
    rows += [compared(f"full batch, {layers} hidden layer{'' if layers == '1' else 's'}: training "
                      f"error in % after {found['steps'][-1]:,} steps",
                      [round(100 - value, 3) for value in found["last_train_accuracy"]], (0, 0),
                      "book, 20.2") for layers, found in summary["batch"].items()]
    return rows


def table(summary: dict) -> str:
    """When each net fits, its margins and weights, and full-batch descent."""
    kinds, middle = summary["kinds"], QUANTILES.index(0.5)
    seeds = {part: len(next(iter(summary[part].values()))["seeds"])
             for part in ("kinds", "shares", "batch")}
    heads = ("", "fits after", "training loss", "test accuracy", "least margin", "median",
             "relative", "weights", "moved")
    rows = [heads]
    for found in kinds.values():
        inside = {key: np.array(value) for key, value in found["anatomy"].items()}
        norms, moved = (np.sqrt((inside[key]**2).sum(axis=1)) for key in ("norms", "moved"))
        rows.append((found["title"], _fits(found), spread(found["last_train_loss"], 4),
                     spread(found["last_test_accuracy"]), spread(inside["margins"][:, 0], 2),
                     spread(inside["margins"][:, middle]),
                     spread(100 * inside["relative"][:, middle], 2), spread(norms, 2),
                     spread(moved, 2)))
    lines = [f"The book's net (4 hidden layers of 300 units) after "
             f"{next(iter(kinds.values()))['steps'][-1]:,} steps: {seeds['kinds']} seeds", "",
             *(f"{row[0]:16}" + "".join(f"{cell:>16}" for cell in row[1:]) for row in rows), "",
             "margins: of the right class's logit over the best other; relative: the median over "
             "the product of spectral norms, in %;",
             "weights, moved: root of the sum of squares of all weights, and of their way from the "
             "start.", "",
             "Labels permuted (2 hidden layers of 200 units, Adam): "
             f"{seeds['shares']} seeds", "",
             f"{'':8}{'fits after':>16}{'training':>16}{'test accuracy':>16}"]
    lines += [f"{float(share):<8.0%}{_fits(found):>16}{spread(found['last_train_accuracy']):>16}"
              f"{spread(found['last_test_accuracy']):>16}"
              for share, found in summary["shares"].items()]
    first = next(iter(summary["batch"].values()))
    lines += ["", f"Full-batch descent on {first['n']:,} examples: {seeds['batch']} seeds", "",
              f"{'layers':8}{'units':>8}{'steps':>8}{'fits after':>16}{'training loss':>20}"
              f"{'test accuracy':>16}"]
    lines += [f"{layers:8}{found['units']:>8}{found['steps'][-1]:>8,}{_fits(found):>16}"
              f"{spread(found['last_train_loss'], 4):>20}"
              f"{spread(found['last_test_accuracy']):>16}"
              for layers, found in summary["batch"].items()]
    return "\n".join([*lines, "", effects_table(summary["effects"], seeds["shares"],
                                                  "Differences")])


def _fits(found: dict) -> str:
    """The steps to fit in words; how many of the nets do, if not all."""
    fitted = [step for step in found["fits"] if step is not None]
    if not fitted:
        return "not yet"
    count = "" if len(fitted) == len(found["fits"]) else f" ({len(fitted)}/{len(found['fits'])})"
    return f"{spread(fitted, 0)}{count}"


explain_all(globals(), besides=("run",))
