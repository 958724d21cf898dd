"""How far regularisation, more data and augmentation take a dense and a convolutional net.

A review of the first version of "Scaling down deep learning with MNIST-1D" (arXiv 2011.14439) says
that a larger net, a small weight decay and PReLU, with a tenth of the training examples held out
and the step kept that is best on them, take the CNN to 96.8 ± 0.5 % and the MLP to 73.3 ± 1.4 %
(100 seeds), and that an MLP trained on 40,000 examples exceeds 93 %. It states no sizes and rates:
ours were chosen on held-out examples. Each ingredient is tried alone as well, and the nets of a run
vote. Then the review's question: what do augmentations (shifts, scalings, slopes, offsets) and
fresh signals from the generator give the same MLP in as many steps? Lesson 10; UDL 9.
"""

from __future__ import annotations

import functools

import numpy as np

from mnist1d_edu import data, nn, optim, train
from mnist1d_edu.arguments import one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, seed_groups, span, spread
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.experiments.pooling import one_channel

HELD_OUT = 0.1  # of the training examples, drawn anew for each run of some seeds

# The ingredients, each tried alone and all together. decay is added to the gradient, as in the
# optimisers of the review's year; decoupled decay is AdamW's. Sizes, decays and rates of "all" were
# chosen by the accuracy on held-out examples of two or three nets each.
_PLAIN = {"width": 100, "prelu": False, "decay": 0.0, "decoupled": False, "augment": "none",
          "examples": 4000, "learning_rate": 0.01}
_MLP, _CNN = {"model": "mlp", **_PLAIN}, {"model": "cnn", **_PLAIN, "width": 25}
_MLP_ALL = {**_MLP, "width": 256, "prelu": True, "decay": 1e-3, "learning_rate": 0.003}
ARMS = {
    "mlp": _MLP,
    "mlp, wider": {**_MLP, "width": 256},
    "mlp, prelu": {**_MLP, "prelu": True},
    "mlp, wide, decay": {**_MLP, "width": 600, "decay": 3e-4},
    "mlp, decay": {**_MLP, "decay": 1e-3},
    "mlp, decoupled": {**_MLP, "decay": 0.1, "decoupled": True},
    "mlp, rate": {**_MLP, "learning_rate": 0.003},
    "mlp, all": _MLP_ALL,
    "mlp, all, 40,000": {**_MLP_ALL, "examples": 40_000},
    "cnn": _CNN,
    "cnn, wider": {**_CNN, "width": 50},
    "cnn, prelu": {**_CNN, "prelu": True},
    "cnn, decay": {**_CNN, "decay": 3e-4},
    "cnn, all": {**_CNN, "width": 50, "prelu": True, "decay": 3e-4},
    **{f"mlp, {kind}": {**_MLP, "augment": kind}
       for kind in ("shift", "nudge", "scale", "slope", "offset", "together")},
    "mlp, fresh": {**_MLP, "examples": "fresh"},
    "mlp, all, together": {**_MLP_ALL, "augment": "together"},
    "mlp, long": {**_MLP, "width": 256, "learning_rate": 0.003},
    "mlp, long, together": {**_MLP, "width": 256, "learning_rate": 0.003, "augment": "together"},
}
TITLES = {
    "mlp": "MLP", "mlp, wider": "MLP, 256 units", "mlp, prelu": "MLP, PReLU",
    "mlp, wide, decay": "MLP, 600 units, weight decay",
    "mlp, decay": "MLP, weight decay", "mlp, decoupled": "MLP, decoupled weight decay",
    "mlp, rate": "MLP, smaller rate",
    "mlp, all": "MLP, all three", "mlp, all, 40,000": "MLP, all three, 40,000 examples",
    "cnn": "CNN", "cnn, wider": "CNN, 50 channels", "cnn, prelu": "CNN, PReLU",
    "cnn, decay": "CNN, weight decay", "cnn, all": "CNN, all three",
    **{f"mlp, {kind}": f"MLP, augmented: {kind}"
       for kind in ("shift", "nudge", "scale", "slope", "offset")},
    "mlp, together": "MLP, augmented: all four", "mlp, fresh": "MLP, fresh signals",
    "mlp, all, together": "MLP, all three, augmented: all four",
    "mlp, long": "MLP, 256 units, six times the steps",
    "mlp, long, together": "MLP, 256 units, six times the steps, augmented: all four"}
# how many times the steps the others have, and the seeds at most
_LONGER = {"mlp, all, 40,000": (3, 3), "mlp, long": (6, 5), "mlp, long, together": (6, 5)}

# Test accuracy in percent, low and high: mean ± deviation of the review's 100 seeds at their best
# steps; "over 93 %".
REVIEW = {"mlp, all": (73.3 - 1.4, 73.3 + 1.4), "cnn, all": (96.8 - 0.5, 96.8 + 0.5),
          "mlp, all, 40,000": (93.0, 100.0)}

_SCALES = {"quick": {"mlp": 1500, "cnn": 600, "seeds": 2},
           "paper": {"mlp": 4000, "cnn": 2500, "seeds": 5}}  # steps; the CNN's best come earlier
_CLAIMS = ("mlp", "mlp, wider", "mlp, all", "cnn", "cnn, wider", "cnn, all")
_CLAIM_SEEDS = 30  # for the claims of 100 seeds, and what they are compared with
_SEEDS_AT_ONCE = 5
_EVALUATIONS = {4000: 20, 40_000: 10, "fresh": 2}  # few of many: `fit` evaluates them all


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each net, a few seeds at once; more of those that claims are about."""
    check_request(scale, seeds)
    plan, chosen = _SCALES[scale], []
    for arm, settings in ARMS.items():
        number = seeds or plan["seeds"]
        if seeds is None and scale == "paper" and arm in _CLAIMS:
            number = _CLAIM_SEEDS
        times, most = _LONGER.get(arm, (1, number))
        steps, number = times * plan[settings["model"]], min(number, most)
        for some in seed_groups(number, _SEEDS_AT_ONCE):
            chosen.append(Run("regularization", {
                "arm": arm, "steps": steps, "seeds": some, **settings, "batch_size": 100,
                "eval_every": steps // _EVALUATIONS[settings["examples"]],
            }, _milliseconds(settings) * steps * len(some)))
    return chosen


def _milliseconds(settings: dict) -> float:
    """About how long a step takes for one of several seeds, as measured on one core."""
    plain = {"mlp": 0.35, "cnn": 1.1}[settings["model"]]
    wider = {256: 3.3, 50: 2.2, 600: 16}.get(settings["width"], 1.0)
    return plain * wider * (1.9 if settings["prelu"] else 1.0) + 0.1 * (
        settings["augment"] != "none") + 0.5 * (settings["examples"] != 4000)


def run(arguments: dict) -> dict:
    """Train one net: the steps (E,), the accuracies by step and seed (E, S), by seed the test
    accuracy at the step that was best on the held-out examples, and that of the nets' vote at
    these steps, all in percent."""
    model = net(arguments["model"], arguments["width"], arguments["prelu"])
    examples = dataset(arguments["examples"], arguments["steps"] * arguments["batch_size"],
                       arguments["seeds"][0])
    history = train.fit(
        model, examples, _optimizer(arguments), steps=arguments["steps"],
        batch_size=arguments["batch_size"], seeds=arguments["seeds"],
        eval_every=arguments["eval_every"], progress=False,
        augment=AUGMENTATIONS[one_of("augment", arguments["augment"], AUGMENTATIONS)])
    x, y = examples["x_test"], examples["y_test"]
    replicas = [history.replica(k, best=True) for k in range(len(history.seeds))]
    return {"steps": history.steps.tolist(), "parameters": nn.count_parameters(replicas[0]),
            "best_step": history.steps[history.val_accuracy.argmax(axis=0)].tolist(),
            "best": [round(float(train.accuracy(model, params, x, y)), 2) for params in replicas],
            "vote": round(vote(model, replicas, x, y), 2),
            **{name: getattr(history, name).astype(float).round(2).tolist()
               for name in ("train_accuracy", "val_accuracy", "test_accuracy")}}


def _optimizer(arguments: dict) -> optim.Optimizer:
    make = optim.adamw if arguments["decoupled"] else optim.adam
    return make(arguments["learning_rate"], weight_decay=arguments["decay"])


def net(model: str, width: int, prelu: bool) -> nn.Sequential:
    """The paper's "mlp" with `width` hidden units a layer, or its "cnn" with `width` channels, with
    ReLU or with PReLU (a slope for each layer)."""
    one_of("model", model, ("mlp", "cnn"))

    def block(layer, *arguments):
        return nn.Sequential(layer(*arguments), nn.PReLU() if prelu else nn.relu)

    if model == "mlp":
        return nn.Sequential(hidden1=block(nn.Linear, 40, width),
                             hidden2=nn.Residual(block(nn.Linear, width, width)),
                             linear=nn.Linear(width, 10))
    return nn.Sequential(image=one_channel, conv1=block(nn.Conv1d, 1, width, 5, 2, 1),
                         conv2=block(nn.Conv1d, width, width, 3, 2, 1),
                         conv3=block(nn.Conv1d, width, width, 3, 2, 1), flat=nn.Flatten(),
                         linear=nn.Linear(5 * width, 10))


def vote(model, replicas: list[dict], x, y) -> float:
    """Accuracy in percent of the class with the highest mean probability over several nets."""
    logits = np.stack([train.predict(model, params, x) for params in replicas])
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chosen = (powers / powers.sum(axis=-1, keepdims=True)).mean(axis=0).argmax(axis=-1)
    return float(100 * np.mean(chosen == y))


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """Each net at its last and its best step beside the review's, what each ingredient changes, and
    the figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """The ingredients and the augmentations."""
    from mnist1d_edu import plots
    return {"regularization": plots.regularization(summary),
            "augmentation": plots.augmentation(summary)}


def summarise(records: list[dict]) -> dict:
    """By net its settings, its accuracies by seed at the last and at the best step, the votes and
    the mean curve; the effects of the ingredients and of the augmentations; the comparison."""
    arms = {}
    for arm in dict.fromkeys(record["arguments"]["arm"] for record in records):
        own = [record["result"] for record in records if record["arguments"]["arm"] == arm]
        curves = np.concatenate([result["test_accuracy"] for result in own], axis=1)
        arms[arm] = {
            "title": TITLES[arm], **ARMS[arm], "review": REVIEW.get(arm),
            "ingredients": arm not in _LONGER and ARMS[arm]["augment"] == "none"
            and ARMS[arm]["examples"] == 4000,
            "parameters": own[0]["parameters"],
            "steps": own[0]["steps"], "curve": curves.mean(axis=1).round(2).tolist(),
            "last": curves[-1].tolist(),
            "train": [value for result in own for value in result["train_accuracy"][-1]],
            "best": [value for result in own for value in result["best"]],
            "best_step": [step for result in own for step in result["best_step"]],
            "votes": [result["vote"] for result in own],
            "voters": min(len(result["best"]) for result in own)}
    summary = {"arms": arms}
    summary["effects"] = effects(_effects(arms))
    summary["closed"] = _closed(arms)
    summary["comparison"] = [compared(f"{TITLES[arm]}, best step", arms[arm]["best"], REVIEW[arm],
                                      "review, 100 seeds" if arm != "mlp, all, 40,000"
                                      else "review, spread not stated") for arm in REVIEW]
    return summary


def _effects(arms: dict) -> dict[str, np.ndarray]:
    """Differences in points by seed, of nets that start alike and see the same held-out examples:
    of the best step from the last, of each ingredient at the best step, of each augmentation at the
    last."""
    def difference(one: str, other: str, at: str) -> np.ndarray:
        both = min(len(arms[one][at]), len(arms[other][at]))
        return np.subtract(arms[one][at][:both], arms[other][at][:both])

    found = {f"{TITLES[arm]}: best step − last step": np.subtract(arms[arm]["best"],
                                                                 arms[arm]["last"])
             for arm in ("mlp", "cnn", "mlp, all", "cnn, all")}
    for model in ("mlp", "cnn"):
        for arm in arms:
            if arms[arm]["ingredients"] and arms[arm]["model"] == model != arm:
                found[f"{TITLES[arm]} − {TITLES[model]}, best step"] = difference(arm, model,
                                                                                  "best")
    found["MLP, all three: 40,000 examples − 4,000, best step"] = difference(
        "mlp, all, 40,000", "mlp, all", "best")
    for arm in arms:
        if arms[arm]["augment"] != "none" or arms[arm]["examples"] == "fresh":
            base = next(base for base in ("mlp, all", "mlp, long", "mlp")
                        if arm.startswith(f"{base}, "))
            found[f"{TITLES[arm]} − {TITLES[base]}, last step"] = difference(arm, base, "last")
    return found


def _closed(arms: dict) -> dict[str, float]:
    """How much of the gap between the plain MLP and the plain CNN each of the MLPs closes, in
    percent, by the means at the last step."""
    low, high = (np.mean(arms[model]["last"]) for model in ("mlp", "cnn"))
    return {arm: round(float(100 * (np.mean(found["last"]) - low) / (high - low)), 1)
            for arm, found in arms.items() if found["model"] == "mlp" and arm != "mlp"}


def table(summary: dict) -> str:
    """The accuracies of every net, what closes how much of the gap, and the effects."""
    arms = summary["arms"]
    counts = [len(found["last"]) for found in arms.values()]
    seeds = span((min(counts), max(counts)))
    heads = ("", "parameters", "steps", "training", "last step", "best step", "vote", "gap closed",
             "review")
    rows = [heads]
    for arm, found in arms.items():
        closed = summary["closed"].get(arm)
        rows.append((found["title"], f"{found['parameters']:,}", f"{found['steps'][-1]:,}",
                     spread(found["train"]), spread(found["last"]), spread(found["best"]),
                     f"{np.mean(found['votes']):.1f}", "" if closed is None else f"{closed:.0f} %",
                     span(tuple(np.round(REVIEW[arm], 1))) if arm in REVIEW else ""))
    lines = [f"{row[0]:37}" + "".join(f"{cell:>13}" for cell in row[1:]) for row in rows]
    return "\n".join([
        f"Test accuracy in %: mean ± standard deviation over {seeds} seeds", "", *lines, "",
        "best step: by the accuracy on the held-out examples. vote: the mean probability of "
        f"{arms['mlp']['voters']} nets, at",
        "their best steps. gap closed: from the plain MLP's to the plain CNN's, last steps.", "",
        effects_table(summary["effects"], seeds)])


# --------------------------------------------------------------------------- data


def dataset(examples, signals: int, seed: int) -> dict[str, np.ndarray]:
    """The default set's test examples, and training examples of which a tenth, drawn with `seed`,
    is x_val, y_val: the default 4,000; or 40,000 others; or "fresh", so many `signals` that none is
    seen twice, beside the default set's held-out examples."""
    default = _generated(4000)
    training = default if examples == 4000 else _generated(
        signals if examples == "fresh" else examples)
    source = default if examples == "fresh" else training
    order = np.random.RandomState(seed).permutation(len(source["x"]))
    held_out, kept = np.split(order, [round(HELD_OUT * len(order))])
    if examples == "fresh":
        kept = slice(None)
    return {"x": training["x"][kept], "y": training["y"][kept], "x_val": source["x"][held_out],
            "y_val": source["y"][held_out], "x_test": default["x_test"],
            "y_test": default["y_test"]}


@functools.lru_cache(maxsize=2)
def _generated(n: int) -> dict[str, np.ndarray]:
    """The default set for n = 4,000; else n signals of the same kind from another stream."""
    if n == 4000:
        made = data.make_dataset(rng=np.random.RandomState(42))
    else:
        made = data.make_dataset({"num_samples": n, "train_split": 1.0},
                                 rng=np.random.RandomState(n))
    return {name: made[name].astype(np.float32) if name[0] == "x" else made[name]
            for name in ("x", "y", "x_test", "y_test")}


def shifted(x, rng) -> np.ndarray:
    """Each signal of x (N, 40) moved along by 0 to 39 places; what leaves at one end comes in at
    the other, as in the generator and in the book's notebook 9.5."""
    n, length = x.shape
    start = rng.integers(length, size=(n, 1))
    return np.take_along_axis(x, (np.arange(length) - start) % length, axis=1)


def scaled(x, rng) -> np.ndarray:
    """Each signal of x (N, 40) times a factor from 0.8 to 1.2, as in the book's notebook 9.5."""
    return x * rng.uniform(0.8, 1.2, (len(x), 1))


def sloped(x, rng) -> np.ndarray:
    """Each signal of x (N, 40) plus a line through 0 in its middle; slope: standard deviation 0.04
    a place, as in the paper's self-supervised learning."""
    middle = (x.shape[1] - 1) / 2
    return x + rng.normal(0, 0.04, (len(x), 1)) * (np.arange(x.shape[1]) - middle)


def lifted(x, rng) -> np.ndarray:
    """Each signal of x (N, 40) plus a constant; standard deviation 0.3, as in the paper's
    self-supervised learning."""
    return x + rng.normal(0, 0.3, (len(x), 1))


def together(x, rng) -> np.ndarray:
    """Shifted, scaled, sloped and lifted."""
    for change in (shifted, scaled, sloped, lifted):
        x = change(x, rng)
    return x


def nudged(x, rng) -> np.ndarray:
    """Each signal of x (N, 40) moved along by at most 4 places, to either side."""
    n, length = x.shape
    start = rng.integers(-4, 5, size=(n, 1))
    return np.take_along_axis(x, (np.arange(length) - start) % length, axis=1)


AUGMENTATIONS = {"none": None, "shift": shifted, "nudge": nudged, "scale": scaled, "slope": sloped,
                 "offset": lifted, "together": together}


explain_all(globals(), besides=("run",))
