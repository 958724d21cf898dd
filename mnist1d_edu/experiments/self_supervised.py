"""Learning without labels: SimCLR on MNIST-1D, read off layer by layer, and with few labels.

The notebook on self-supervised learning of the paper's code (arXiv 2011.14439). The paper's CNN (25
channels) and a projector learn to find, among 200 augmented signals, the one that comes from the
same original: a shift of 0 to 9 places, a line and a constant are drawn anew for each. Adam at
1e-2, 200 epochs of 40 batches, temperature 0.5. Labels come in only afterwards: a linear classifier
is trained on what each layer makes of the 4,000 signals, and the layers stay as they are. The last
layers are worse than those before them, so one cuts them off (guillotine regularisation, Bordes and
others 2022, arXiv 2206.13378). The published setup leaves open how wide the projectors are inside
and whether the nets end with a ReLU: of widths 16, 32, 50 and 125, and with and without the ReLU,
`ARMS` has what came nearest to the published numbers with one seed. Beyond the notebook: nets with
a part of the augmentations and at other temperatures, and few labels: a linear classifier on a
layer that has seen none, and training that goes on from such a net, against training from scratch.
Lesson 17; UDL 9.3.
"""

from __future__ import annotations

import functools
import itertools

import numpy as np

from mnist1d_edu import data, engine, nn, optim, probes, train
from mnist1d_edu.arguments import one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, seed_groups, spread
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.experiments.pooling import one_channel

LAYERS = {"input": "input", "conv1": "convolution 1", "conv2": "convolution 2",
          "conv3": "convolution 3", "hidden1": "hidden 1", "hidden2": "hidden 2",
          "hidden3": "hidden 3", "out": "output"}

# Each net: the widths of its projector (none: the third convolution is the output), whether there
# is a ReLU at the output, which augmentations its views get, and the temperature.
_ALL = ("shift", "slope", "offset")
_DEFAULT = {"projector": [16, 16], "rectified": False, "augment": list(_ALL), "temperature": 0.5}
ARMS = {
    "default": _DEFAULT,
    "none": {**_DEFAULT, "projector": [], "rectified": True},
    "none, linear": {**_DEFAULT, "projector": []},
    "deep": {**_DEFAULT, "projector": [16, 16, 16, 16]},
    "wide": {**_DEFAULT, "projector": [125, 16]},
    **{f"without {name}": {**_DEFAULT, "augment": [each for each in _ALL if each != name]}
       for name in _ALL},
    "shift alone": {**_DEFAULT, "augment": ["shift"]},
    "temperature 0.1": {**_DEFAULT, "temperature": 0.1},
    "temperature 2": {**_DEFAULT, "temperature": 2.0},
    "untrained": {**_DEFAULT, "augment": []},
}
TITLES = {"default": "default projector", "none": "no projector", "deep": "deep projector",
          "none, linear": "no projector, no ReLU at the output", "wide": "wide projector",
          "untrained": "not trained"}
# Test accuracy in percent of linear classifiers, by layer: the notebook as stored, one seed.
STORED = {"default": [32.8, 75.1, 80.9, 82.1, 76.1, 75.0],
          "none": [32.8, 82.2, 79.5, 53.4],
          "deep": [32.8, 75.9, 82.4, 79.5, 77.3, 72.8, 65.0, 61.1]}
STORED_NEIGHBOURS = 74.1  # the default's output, ten nearest neighbours

TOLERANCE = 1e-4  # of the linear classifiers
LABELS = [10, 100, 1000]
SCRATCH = ("scratch", "scratch, augmented")
RATES = (0.01, 0.002)  # of training on few labels; the better one on the test set counts
_PROBED = ("default", "none", "none, linear", "deep", "untrained")  # at every layer; the others
_SOME = ["conv3", "out"]                                            # at these
_SCALES = {
    "quick": {"steps": 600, "few_steps": 600, "few_seeds": 2, "seeds": dict.fromkeys(_PROBED, 2)},
    "paper": {"steps": 8000, "few_steps": 4000, "few_seeds": 5,
              "seeds": dict.fromkeys(ARMS, 3) | {"default": 10, "none": 10, "deep": 10,
                                                 "untrained": 5}}}
_SEEDS_AT_ONCE = 5


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each net, a few seeds at once; then few labels: nets from scratch, and nets that go on."""
    check_request(scale, seeds)
    plan, chosen = _SCALES[scale], []
    for arm, number in plan["seeds"].items():
        steps = 0 if arm == "untrained" else plan["steps"]
        chosen += [Run("self-supervised", {
            "part": "views", "arm": arm, **ARMS[arm], "steps": steps, "seeds": some,
            "learning_rate": 0.01, "batch_size": 100,
            "layers": list(LAYERS) if arm in _PROBED else _SOME,
            "labels": LABELS if arm in ("default", "untrained") else []},
            (1.8 * steps + 6000) * len(some))
            for some in seed_groups(seeds or number, _SEEDS_AT_ONCE)]
    for some in seed_groups(seeds or plan["few_seeds"], _SEEDS_AT_ONCE):
        few = {"learning_rates": list(RATES), "steps": plan["few_steps"], "seeds": some}
        chosen += [Run("self-supervised", {"part": "scratch", "arm": arm, "labels": labels, **few,
                                           "batch_size": min(labels, 100)},
                       (0.3 if labels == 10 else 0.8) * 2 * plan["few_steps"] * len(some))
                   for arm in SCRATCH for labels in LABELS]
        chosen.append(Run("self-supervised", {
            "part": "tuned", "arm": "tuned", "pretraining_steps": plan["steps"], **few},
            (1.8 * plan["steps"] + 2 * 1.9 * plan["few_steps"]) * len(some)))
    return chosen


def run(arguments: dict) -> dict:
    """One of the parts: "views" (self-supervised), "scratch" or "tuned"."""
    part = {"views": self_supervised, "scratch": from_scratch, "tuned": going_on}
    return part[one_of("part", arguments["part"], part)](arguments)


# --------------------------------------------------------------------------- nets and views


def net(projector: list[int], rectified: bool = False, channels: int = 25) -> nn.Sequential:
    """The paper's three convolutions, and a projector of linear layers of these widths: (..., N,
    40) -> (..., N, width of the last layer). ReLUs between the layers; rectified: after the last
    one too."""
    shapes = [(1, 5), (channels, 3), (channels, 3)]
    layers = {f"conv{i}": nn.Conv1d(inputs, channels, taps, 2, 1)
              for i, (inputs, taps) in enumerate(shapes, 1)}
    names = [*(f"hidden{i}" for i in range(1, len(projector))), "out"] if projector else []
    widths = [5 * channels, *projector]
    linear = {name: nn.Linear(*pair) for name, pair in
              zip(names, itertools.pairwise(widths), strict=True)}
    last = [*layers, *linear][-1]
    blocks = {name: layer if name == last and not rectified else nn.Sequential(layer, nn.relu)
              for name, layer in {**layers, **linear}.items()}
    convolutions = {name: blocks.pop(name) for name in layers}
    return nn.Sequential(image=one_channel, **convolutions, flat=nn.Flatten(), **blocks)


class OfPairs(nn.Composite):
    """A net for pairs of views: (..., N, 2, 40) -> (..., 2N, D), a signal's views in neighbouring
    rows, as `nn.info_nce` wants them."""

    def __init__(self, net: nn.Layer):
        super().__init__(net=net)

    def forward(self, net, x):
        return net.net(engine.reshape(x, (*x.shape[:-3], 2 * x.shape[-3], x.shape[-1])))


def views(names: list[str]):
    """A function (pairs, rng) -> pairs (N, 2, 40) that changes each signal in its own way by the
    named augmentations: "shift", by 0 to 9 places, where what leaves at the right comes in again at
    the left; "slope", a line through 0 in the middle, of standard deviation 0.04 a place; "offset",
    a constant, of standard deviation 0.3. All are drawn, named or not, so that the others are the
    same."""
    used = {name: one_of("augment", name, _ALL) for name in names}
    deviations = np.float32([0.04 * ("slope" in used), 0.3 * ("offset" in used)])

    def augment(pairs, rng):
        length = pairs.shape[-1]
        x = pairs.reshape(-1, length)
        start = rng.integers(10, size=len(x))
        amounts = rng.standard_normal((len(x), 2), np.float32) * deviations
        if "shift" in used:
            longer = np.concatenate([x[:, -9:], x], axis=1)
            first = np.arange(len(x)) * (length + 9) + 9 - start
            x = longer.take(first[:, None] + np.arange(length))
        places = np.arange(length, dtype=np.float32)
        lines = np.stack([places - (length - 1) / 2, np.ones_like(places)])
        return (x + amounts @ lines).reshape(pairs.shape)
    return augment


@functools.cache
def dataset() -> dict[str, np.ndarray]:
    """The default dataset, float32."""
    made = data.make_dataset(rng=np.random.RandomState(42))
    return {name: made[name].astype(np.float32) if name[0] == "x" else made[name]
            for name in ("x", "y", "x_test", "y_test")}


def representations(model: nn.Sequential, params: dict, x: np.ndarray) -> dict[str, np.ndarray]:
    """The signals x (N, 40), and what each layer of a `net` makes of them, (N, features)."""
    found, h = {"input": x}, x
    with engine.no_grad():
        for name, layer in model.layers.items():
            own = {key.removeprefix(f"{name}."): value for key, value in params.items()
                   if key.startswith(f"{name}.")}
            h = layer(own, h) if isinstance(layer, nn.Layer) else layer(h)
            if name in LAYERS:
                found[name] = h.data.reshape(len(x), -1)
    return found


# --------------------------------------------------------------------------- the two parts


def pretrain(projector: list[int], rectified: bool, augment: list[str], temperature: float,
             steps: int, seeds: list[int], learning_rate: float = 0.01, batch_size: int = 100,
             progress: bool = False) -> tuple[nn.Sequential, list[dict]]:
    """Train a net without labels: the net, and the parameters of each seed."""
    model = net(projector, rectified)
    x = dataset()["x"]
    nothing = np.zeros((len(x), 1))  # `fit` asks for labels; the loss does not look at them

    def loss(rows, _):
        # `fit` evaluates 1,000 pairs at once: with so many rivals it would be another loss
        return nn.info_nce(rows if rows.shape[-2] <= 2 * batch_size
                           else rows[..., :2 * batch_size, :], temperature)

    history = train.fit(
        OfPairs(model), {"x": np.repeat(x[:, None], 2, axis=1), "y": nothing},
        optim.adam(learning_rate), steps=steps, batch_size=batch_size, seeds=seeds, shuffle=True,
        loss=loss, eval_every=max(steps, 1), augment=views(augment), progress=progress)
    return model, [{name.removeprefix("net."): value
                    for name, value in history.replica(k).items()} for k in range(len(seeds))]


def self_supervised(arguments: dict) -> dict:
    """Train without labels, then read labels off the layers: by layer and seed the test accuracy of
    a linear classifier and of the ten nearest neighbours, and, for each number of labels, that of
    a linear classifier on the third convolution, all in percent."""
    model, every = pretrain(*(arguments[name] for name in (
        "projector", "rectified", "augment", "temperature", "steps", "seeds", "learning_rate",
        "batch_size")))
    given = dataset()
    found: dict = {"linear": {}, "neighbours": {}, "few": []}
    for params, seed in zip(every, arguments["seeds"], strict=True):
        train_rows, test_rows = (representations(model, params, given[name])
                                 for name in ("x", "x_test"))
        for layer in train_rows:
            if layer in arguments["layers"]:
                rows = train_rows[layer], given["y"], test_rows[layer], given["y_test"]
                found["linear"].setdefault(layer, []).append(_percent(
                    probes.linear_probe(*rows, tolerance=TOLERANCE)))
                found["neighbours"].setdefault(layer, []).append(
                    _percent(probes.knn_accuracy(*rows)))
        few = []
        for labels in arguments["labels"]:
            some = labelled(labels, seed)
            few.append(_percent(probes.linear_probe(
                train_rows["conv3"][some], given["y"][some], test_rows["conv3"],
                given["y_test"], tolerance=TOLERANCE)))
        found["few"].append(few)
    return found


def _percent(value) -> float:
    return round(float(value), 2)


def labelled(labels: int, seed: int) -> np.ndarray:
    """Which of the training examples have labels: so many, as many of each class."""
    y, rng = dataset()["y"], np.random.RandomState(seed)
    return np.concatenate([rng.permutation(np.flatnonzero(y == digit))[:labels // 10]
                           for digit in range(10)])


def from_scratch(arguments: dict) -> dict:
    """Train the paper's CNN on few labels, with or without the augmentations: by seed the highest
    test accuracy in percent, and the rate and step that it was reached at."""
    best = [trained_on_few(arguments["labels"], seed, arguments["steps"],
                           arguments["arm"] == "scratch, augmented")
            for seed in arguments["seeds"]]
    return dict(zip(("test_accuracy", "rate", "step"), zip(*best, strict=True), strict=True))


def going_on(arguments: dict) -> dict:
    """Train without labels, then go on with few of them and the augmentations: the highest test
    accuracies in percent by number of labels and seed."""
    _, every = pretrain(**ARMS["default"], steps=arguments["pretraining_steps"],
                        seeds=arguments["seeds"])
    return {"test_accuracy": [
        [trained_on_few(labels, seed, arguments["steps"], True, params)[0]
         for seed, params in zip(arguments["seeds"], every, strict=True)] for labels in LABELS]}


def trained_on_few(labels: int, seed: int, steps: int, augmented: bool,
                   start: dict | None = None) -> tuple[float, float, int]:
    """The paper's CNN after training on few labels, from scratch or from a net's convolutions
    (`start`): the highest test accuracy in percent of all rates and of 20 evaluations, which is a
    choice in its favour, and the rate and step that it was reached at."""
    given, some, tried = dataset(), labelled(labels, seed), []
    few = {**given, "x": given["x"][some], "y": given["y"][some]}
    params = nn.cnn().init(np.random.RandomState(seed))
    if start is not None:
        params |= {name: start[name.replace(".", ".0.")] for name in params
                   if name.startswith("conv")}
    change = views(list(_ALL))

    def augment(x, rng):
        return change(x[:, None], rng)[:, 0]

    for rate in RATES:
        history = train.fit(
            nn.cnn(), few, optim.adam(rate), steps=steps, shuffle=True, seeds=[seed],
            batch_size=min(labels, 100), params=params, progress=False,
            augment=augment if augmented else None, eval_every=max(1, steps // 20))
        place = history.test_accuracy[:, 0].argmax()
        tried.append((_percent(history.test_accuracy[place, 0]), rate, int(history.steps[place])))
    return max(tried)


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """What the layers are worth beside the notebook's, what the augmentations and the temperature
    change, few labels, and the figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """The accuracies by layer, and those with few labels."""
    from mnist1d_edu import plots
    return {"self-supervised": plots.probes_by_depth(summary),
            "few-labels": plots.few_labels(summary)}


def summarise(records: list[dict]) -> dict:
    """By net and layer the accuracies by seed; by number of labels those of the ways to use them;
    the differences; the comparison."""
    arms = {}
    for arm in dict.fromkeys(record["arguments"]["arm"] for record in records
                             if record["arguments"]["part"] == "views"):
        own = [record for record in records if record["arguments"]["arm"] == arm]
        layers = [layer for layer in LAYERS if layer in own[0]["result"]["linear"]]  # by depth
        arms[arm] = {
            "title": TITLES.get(arm, arm), "layers": layers, "stored": STORED.get(arm),
            **{name: own[0]["arguments"][name] for name in (
                "projector", "rectified", "augment", "temperature", "steps")},
            **{way: [[value for record in own for value in record["result"][way][layer]]
                     for layer in layers] for way in ("linear", "neighbours")}}
    summary = {"arms": arms, "few": _few(records)}
    summary["effects"] = effects(_effects(summary))
    summary["comparison"] = _compare(arms)
    return summary


def _few(records: list[dict]) -> dict:
    """The numbers of labels, and for each way to use them the accuracies by number and seed."""
    scratch = [record for record in records if record["arguments"]["part"] == "scratch"]
    labels = sorted({record["arguments"]["labels"] for record in scratch})
    found: dict = {"labels": labels}
    for way, arm in (("probe", "default"), ("untrained", "untrained")):
        rows = [row for record in records if record["arguments"]["arm"] == arm
                for row in record["result"]["few"]]
        found[way] = np.transpose(rows).tolist()
    found["tuned"] = np.concatenate([record["result"]["test_accuracy"] for record in records
                                     if record["arguments"]["arm"] == "tuned"], axis=1).tolist()
    for arm in SCRATCH:
        found[arm] = [[value for record in scratch if record["arguments"]["arm"] == arm
                       and record["arguments"]["labels"] == n
                       for value in record["result"]["test_accuracy"]] for n in labels]
    return found


def accuracies(summary: dict, arm: str, layer: str, way: str = "linear") -> np.ndarray:
    """The accuracies by seed of a classifier on one layer of one net."""
    found = summary["arms"][arm]
    return np.array(found[way][found["layers"].index(layer)])


def _effects(summary: dict) -> dict[str, np.ndarray]:
    """Differences in points by seed. The layers compared with the outputs are those that are best
    in the notebook."""
    arms, few, pairs = summary["arms"], summary["few"], {}

    def less(one, other):
        both = min(len(one), len(other))
        return np.subtract(one[:both], other[:both])

    for arm, stored in STORED.items():
        layers = arms[arm]["layers"]
        best = layers[int(np.argmax(stored))]
        pairs[f"{TITLES[arm]}: {LAYERS[best]} − output"] = less(
            accuracies(summary, arm, best), accuracies(summary, arm, layers[-1]))
    default = accuracies(summary, "default", "conv3")
    for arm in arms:
        if arm not in STORED:
            pairs[f"convolution 3: default − {arms[arm]['title']}"] = less(
                default, accuracies(summary, arm, "conv3"))
    for i, n in enumerate(few["labels"]):
        for way, title in (("probe", "linear on convolution 3"), ("tuned", "training goes on")):
            pairs[f"{n:,} labels: {title} − from scratch, augmented"] = less(
                few[way][i], few["scratch, augmented"][i])
    return pairs


def _compare(arms: dict) -> list[dict]:
    """A row for each layer of the notebook's three nets, and for the neighbours at the output."""
    rows = [compared(f"{TITLES[arm]}, {LAYERS[layer]}", values, (published, published),
                     "stored notebook, one seed")
            for arm, stored in STORED.items()
            for layer, values, published in zip(arms[arm]["layers"], arms[arm]["linear"], stored,
                                                strict=True)]
    return [*rows, compared("default projector, output, ten nearest neighbours",
                            arms["default"]["neighbours"][-1],
                            (STORED_NEIGHBOURS, STORED_NEIGHBOURS), "stored notebook, one seed")]


def table(summary: dict) -> str:
    """Accuracies by net and layer, by number of labels, and the differences."""
    arms, few = summary["arms"], summary["few"]
    counts = {arm: len(found["linear"][0]) for arm, found in arms.items()}
    lines = ["Test accuracy in %: mean ± standard deviation over the seeds (their number), and the "
             "stored notebook's", ""]
    for arm, found in arms.items():
        lines.append(f"{found['title']} ({counts[arm]}), {found['steps']:,} steps")
        lines.append(f"{'':26}{'linear':>14}{'stored':>9}{'neighbours':>16}")
        stored = found["stored"] or [None] * len(found["layers"])
        for i, (layer, published) in enumerate(zip(found["layers"], stored, strict=True)):
            lines.append(f"  {LAYERS[layer]:24}{spread(found['linear'][i]):>14}"
                         f"{'' if published is None else f'{published:.1f}':>9}"
                         f"{spread(found['neighbours'][i]):>16}")
        lines.append("")
    ways = {"probe": "linear, convolution 3", "untrained": "the same, not trained",
            "tuned": "training goes on",
            "scratch": "CNN from scratch", "scratch, augmented": "the same, augmented"}
    lines += ["Few labels, as many of each digit", "",
              f"{'labels':26}" + "".join(f"{n:>14,}" for n in few["labels"]),
              *(f"{title:26}" + "".join(f"{spread(values):>14}" for values in few[way])
                for way, title in ways.items()), "",
              "training goes on, from scratch: the better of two rates and the best of 20 "
              "evaluations on the test set", ""]
    seeds = sorted(set(counts.values()) | {len(few["scratch"][0])})
    return "\n".join([*lines, effects_table(summary["effects"],
                                            " or ".join(map(str, seeds)))])


explain_all(globals(), besides=("run",))
