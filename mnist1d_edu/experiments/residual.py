"""How deep a net still trains: variances by depth, shattered gradients, residual connections.

Five kinds of deep nets, dense and convolutional: with PyTorch's default initialisation, with He's,
and with He's and batch normalisation, residual connections or both. Three measurements on each.
Variances of the activations and of the loss's gradients, layer by layer, before training and after
(the book's notebook 11.3: they double with every residual block, and batch normalisation makes that
a linear growth). The autocorrelation of a net's gradient along a line through input space: in deep
nets it falls off within a short way, the gradients are "shattered" (Balduzzi et al. 2017, arXiv
1702.08591; figure 11.3 of the book, which uses nets of one input). And the training accuracy by
depth at the better of two learning rates: which is the deepest net that trains? Lesson 12; UDL 11.
"""

from __future__ import annotations

import functools

import numpy as np

from mnist1d_edu import data, engine, nn, optim, train
from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, seed_groups, spread
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.experiments.pooling import one_channel

KINDS = {"default": "PyTorch's default", "he": "He", "norm": "He, batch norm.",
         "residual": "He, residual", "both": "He, residual, batch norm."}
TRAINS = 50.0  # per cent of the training examples right: a linear classifier gets fewer than 40
POINTS, LINES, LINE_LENGTH = 256, 10, 4.0

_SCALES = {
    "quick": {"seeds": 2, "steps": 200, "variance_steps": 200,
              "variance_depth": 20, "lines": (1, 24),
              "depths": {"mlp": (3, 10, 30), "cnn": (3, 10)}, "kinds": ("he", "residual", "both"),
              "rates": (0.003,)},
    "paper": {"seeds": 10, "steps": 300, "variance_steps": 200,
              "variance_depth": 50, "lines": (1, 10, 24, 50),
              "depths": {"mlp": (3, 10, 30, 60), "cnn": (3, 10, 30)},
              "kinds": tuple(KINDS), "rates": (0.003, 0.0003)},
}
_SEEDS_AT_ONCE = 5
WIDTHS = {"variance": 100, "lines": 200, "mlp": 50, "cnn": 10}  # 100 and 200: the book's
_MILLISECONDS = {"mlp": 0.09, "cnn": 0.17}  # a step, for a layer of one of several seeds
_SLOWER = {"default": 1.0, "he": 1.0, "norm": 2.5, "residual": 1.2, "both": 2.7}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """The variances, the lines and the depths of each kind of net."""
    check_request(scale, seeds)
    plan = _SCALES[scale]
    groups = seed_groups(plan["seeds"] if seeds is None else seeds, _SEEDS_AT_ONCE)
    chosen = []
    for kind in plan["kinds"]:
        depth, steps = plan["variance_depth"], plan["variance_steps"]
        chosen += [Run("residual", {"part": "variance", "kind": kind, "depth": depth, "seeds": some,
                                    "learning_rate": 0.0003, "batch_size": 100, "steps": steps},
                       _cost("mlp", kind, 2 * depth, steps, some)) for some in groups]
        chosen += [Run("residual", {"part": "lines", "kind": kind, "depths": list(plan["lines"]),
                                    "seeds": some}, 20.0 * sum(plan["lines"]) * len(some))
                   for some in groups]
        chosen += [Run("residual", {"part": "depth", "model": model, "kind": kind, "depth": depth,
                                    "learning_rate": rate, "seeds": some,
                                    "batch_size": 100, "steps": plan["steps"]},
                       _cost(model, kind, depth, plan["steps"], some))
                   for model, depths in plan["depths"].items() for depth in depths
                   for rate in plan["rates"] for some in groups]
    return chosen


def _cost(model: str, kind: str, depth: int, steps: int, seeds: list) -> float:
    return (0.1 + _MILLISECONDS[model] * _SLOWER[kind] * depth) * steps * len(seeds)


def run(arguments: dict) -> dict:
    """One of the parts: "variance", "lines" or "depth"."""
    part = {"variance": variances, "lines": lines, "depth": depth_run}
    return part[one_of("part", arguments["part"], part)](arguments)


# --------------------------------------------------------------------------- nets


def net(model: str, kind: str, depth: int, width: int, momentum: float = 0.1,
        tap=None) -> nn.Sequential:
    """A first layer, `depth` blocks (batch normalisation if the kind has it, ReLU, a layer of
    `width` units or channels), the kind's with a residual connection around each, and a linear
    layer after a last ReLU. (..., N, 40) -> logits (..., N, 10).

    momentum: of the running statistics. tap: a function that sees what enters the first block and
    what leaves each, and returns it.
    """
    one_of("kind", kind, KINDS)
    integer("depth", depth, 0, 1000)
    start = nn.torch_default if kind == "default" else nn.he
    if one_of("model", model, ("mlp", "cnn")) == "mlp":
        layers = {"first": nn.Linear(40, width, start)}
        last = {"linear": nn.Linear(width, 10, start)}
    else:
        layers = {"image": one_channel, "first": nn.Conv1d(1, width, 5, 4, 1, start)}
        last = {"flat": nn.Flatten(), "linear": nn.Linear(10 * width, 10, start)}
    for k in range(depth):
        layer = (nn.Linear(width, width, start) if model == "mlp"
                 else nn.Conv1d(width, width, 3, 1, 1, start))
        norm = [nn.BatchNorm1d(width, momentum=momentum)] if kind in ("norm", "both") else []
        block = nn.Sequential(*norm, nn.relu, layer)
        layers |= {f"tap{k}": tap} if tap else {}
        layers[f"block{k}"] = nn.Residual(block) if kind in ("residual", "both") else block
    layers |= {f"tap{depth}": tap} if tap else {}
    return nn.Sequential(**layers, act=nn.relu, **last)


@functools.cache
def dataset() -> dict[str, np.ndarray]:
    """The default dataset, float32."""
    made = data.make_dataset(rng=np.random.RandomState(42))
    return {name: made[name].astype(np.float32) if name[0] == "x" else made[name]
            for name in ("x", "y", "x_test", "y_test")}


# --------------------------------------------------------------------------- the three parts


def variances(arguments: dict) -> dict:
    """Before and after training (None where it diverged): by seed and block, (S, depth + 1), the
    variance of the activations and of the loss's gradient with respect to them, both as decimal
    logarithms, over the units and a batch of 200 training examples."""
    kind, depth, seeds = arguments["kind"], arguments["depth"], arguments["seeds"]
    plain = net("mlp", kind, depth, WIDTHS["variance"])
    found = {"before": [signals(kind, depth, plain.init(np.random.RandomState(seed)))
                        for seed in seeds]}
    try:
        history = train.fit(plain, dataset(), optim.adam(arguments["learning_rate"]),
                            steps=arguments["steps"], batch_size=arguments["batch_size"],
                            seeds=seeds, eval_every=arguments["steps"], progress=False)
        found["after"] = [signals(kind, depth, history.replica(k)) for k in range(len(seeds))]
        found["train_accuracy"] = history.train_accuracy[-1].round(2).tolist()
    except train.Diverged:
        found |= {"after": None, "train_accuracy": None}
    for when in ("before", "after"):
        found[when] = found[when] and {
            what: [seed[what] for seed in found[when]] for what in ("activations", "gradients")}
    return found


def signals(kind: str, depth: int, params: dict) -> dict[str, list[float]]:
    """The decimal logarithms of the variances at the taps of one net, (depth + 1,)."""
    taps = []

    def tap(x):
        taps.append(x)
        return x

    examples = dataset()
    tensors = {name: engine.Tensor(value) for name, value in params.items()}
    model = net("mlp", kind, depth, WIDTHS["variance"], tap=tap)
    loss = nn.cross_entropy(model(tensors, examples["x"][:200], {}), examples["y"][:200])
    slopes = engine.grad(loss, taps)
    return {"activations": [_log_variance(t.data) for t in taps],
            "gradients": [_log_variance(200 * slope.data) for slope in slopes]}


def _log_variance(values: np.ndarray) -> float:
    return round(float(np.log10(max(values.astype(float).var(), 1e-300))), 4)


def lines(arguments: dict) -> dict:
    """By depth the autocorrelation of an untrained net's gradients along lines, by seed and
    distance: (depths, S, POINTS // 2)."""
    return {"distance": line_distances().round(4).tolist(),
            "autocorrelation": [[autocorrelation(arguments["kind"], depth, seed).round(4).tolist()
                                 for seed in arguments["seeds"]]
                                for depth in arguments["depths"]]}


def line_distances() -> np.ndarray:
    """The distances at which the autocorrelation is taken, (POINTS // 2,), as a signal's length is
    measured; a signal is about 6.3 long."""
    return np.arange(POINTS // 2) * LINE_LENGTH / POINTS


def autocorrelation(kind: str, depth: int, seed: int) -> np.ndarray:
    """How alike the gradients of an untrained net's first logit with respect to the input are at
    two points of a line, by their distance: the mean inner product over that at distance 0. The
    lines lead from test signals towards others, `LINE_LENGTH` far."""
    model = net("mlp", kind, depth, WIDTHS["lines"], momentum=1.0)
    params = model.init(np.random.RandomState(seed))
    examples, rng = dataset(), np.random.RandomState(seed)
    updates = {}
    with engine.no_grad():  # the running statistics of batch normalisation are those of a batch
        model(params, examples["x"][:1000], updates)
    params = {**params, **updates}
    products = np.zeros(POINTS // 2)
    for _ in range(LINES):
        start, end = examples["x_test"][rng.choice(1000, 2, replace=False)]
        way = (end - start) / np.linalg.norm(end - start)
        steps = np.arange(POINTS)[:, None] * LINE_LENGTH / POINTS
        slopes = input_gradient(model, params, (start + steps * way).astype(np.float32))
        slopes = slopes / np.sqrt((slopes**2).sum(axis=1).mean())
        products += [(slopes[:POINTS - k] * slopes[k:]).sum(axis=1).mean()
                     for k in range(POINTS // 2)]
    return products / products[0]


def input_gradient(model, params: dict, x: np.ndarray) -> np.ndarray:
    """The gradient of the first logit with respect to the input at each row of x (N, 40), as
    float64: (N, 40)."""
    inputs = engine.Tensor(x)
    slope, = engine.grad(engine.sum(model(params, inputs)[..., 0]), [inputs])
    return slope.data.astype(float)


def depth_run(arguments: dict) -> dict:
    """Train nets of one depth: by seed the training and test accuracy in percent and the training
    loss at the last step, or None for all if it diverged."""
    model = net(arguments["model"], arguments["kind"], arguments["depth"],
                WIDTHS[arguments["model"]])
    try:
        history = train.fit(model, dataset(), optim.adam(arguments["learning_rate"]),
                            steps=arguments["steps"], batch_size=arguments["batch_size"],
                            seeds=arguments["seeds"], eval_every=arguments["steps"],
                            progress=False)
    except train.Diverged:
        return {"train_accuracy": None, "test_accuracy": None, "train_loss": None}
    return {name: getattr(history, name)[-1].astype(float).round(4).tolist()
            for name in ("train_accuracy", "test_accuracy", "train_loss")}


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """The growth of the variances, how shattered the gradients are, the accuracy by depth, and the
    figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """Variances by block, shattered gradients, accuracy by depth."""
    from mnist1d_edu import plots
    return {"residual-variances": plots.residual_variances(summary),
            "residual-gradients": plots.shattered_gradients(summary),
            "residual-depth": plots.trainable_depths(summary)}


def summarise(records: list[dict]) -> dict:
    """By kind: the variances by block, the autocorrelations, and by model and depth the accuracies
    at the better rate; the comparison with the book's statements."""
    kinds = {}
    for kind in dict.fromkeys(record["arguments"]["kind"] for record in records):
        own = [record for record in records if record["arguments"]["kind"] == kind]
        parts = {part: [record for record in own if record["arguments"]["part"] == part]
                 for part in ("variance", "lines", "depth")}
        kinds[kind] = {"title": KINDS[kind], "variance": _variances(parts["variance"]),
                       "lines": _lines(parts["lines"]),
                       "depth": {model: _depths([record for record in parts["depth"]
                                                 if record["arguments"]["model"] == model])
                                 for model in ("mlp", "cnn")}}
    first = {record["arguments"]["part"]: record["arguments"] for record in reversed(records)}
    summary = {"kinds": kinds, "distance": line_distances().round(4).tolist(),
               "steps": {part: first[part]["steps"] for part in ("variance", "depth")},
               "seeds": {part: len(_seeds_of(records, first[part])) for part in first}}
    summary["effects"] = effects(_effects(kinds))
    summary["comparison"] = _compare(kinds)
    return summary


def _effects(kinds: dict) -> dict[str, np.ndarray]:
    """Differences from He's initialisation alone, by seed: in the reach of the gradient's
    autocorrelation and in training accuracy, each at the greatest depth."""
    pairs = {}
    for kind in kinds:
        if kind != "he":
            reach = {one: list(kinds[one]["lines"].items())[-1] for one in (kind, "he")}
            depth, own = reach[kind]
            pairs[f"distance at which the autocorrelation is a half, {depth} blocks: {KINDS[kind]} "
                  f"− {KINDS['he']}"] = np.subtract(own["half"], reach["he"][1]["half"])
    for model in ("mlp", "cnn"):
        for kind in kinds:
            if kind != "he":
                last = {one: list(kinds[one]["depth"][model]["by_depth"].items())[-1]
                        for one in (kind, "he")}
                depth, own = last[kind]
                pairs[f"training accuracy, {model.upper()} of {depth} blocks: {KINDS[kind]} − "
                      f"{KINDS['he']}"] = np.subtract(own["train_accuracy"],
                                                      last["he"][1]["train_accuracy"])
    return pairs


def _seeds_of(records: list[dict], like: dict) -> list[int]:
    """All seeds of the runs whose other arguments are `like`."""
    return [seed for record in records for seed in record["arguments"]["seeds"]
            if {**record["arguments"], "seeds": None} == {**like, "seeds": None}]


def _variances(records: list[dict]) -> dict:
    """Before and after training the logarithms by seed and block, (S, depth + 1), of activations
    and gradients (after: None if a run diverged), and the growth of the variance by block."""
    found = {"depth": records[0]["arguments"]["depth"]}
    for when in ("before", "after"):
        results = [record["result"][when] for record in records]
        found[when] = None if None in results else {
            what: [row for result in results for row in result[what]]
            for what in ("activations", "gradients")}
    for what in ("activations", "gradients"):
        logs = np.array(found["before"][what])
        found[f"growth_{what}"] = (10 ** ((logs[:, -1] - logs[:, 0]) / found["depth"])
                                   ).round(4).tolist()
    return found


def _lines(records: list[dict]) -> dict:
    """By depth, as text, the autocorrelation's mean over the seeds, and by seed the distance at
    which it first falls below one half (the line's longest if it does not)."""
    distances, found = line_distances(), {}
    for i, depth in enumerate(records[0]["arguments"]["depths"]):
        curves = np.concatenate([record["result"]["autocorrelation"][i] for record in records])
        below = curves < 0.5
        halves = np.where(below.any(axis=1), distances[below.argmax(axis=1)], distances[-1])
        found[str(depth)] = {"curve": curves.mean(axis=0).round(3).tolist(),
                             "half": halves.round(4).tolist()}
    return found


def _depths(records: list[dict]) -> dict:
    """By depth, as text, the training and test accuracies by seed at the rate with the higher mean
    training accuracy, and that rate; and the deepest net that trains."""
    found = {}
    for depth in sorted({record["arguments"]["depth"] for record in records}):
        tried = {}
        for record in records:
            if record["arguments"]["depth"] == depth:
                tried.setdefault(record["arguments"]["learning_rate"], []).append(record)
        scores = {rate: _accuracies(some) for rate, some in tried.items()}
        best = max(scores, key=lambda rate: np.mean(scores[rate]["train_accuracy"]))
        found[str(depth)] = {"rate": best, **scores[best]}
    deepest = [int(depth) for depth, each in found.items()
               if np.mean(each["train_accuracy"]) > TRAINS]
    return {"by_depth": found, "deepest": max(deepest, default=0)}


def _accuracies(records: list[dict]) -> dict:
    """The accuracies of some runs by seed; of one that diverged, those of guessing."""
    return {name: [value for record in records for value in
                   (record["result"][name] or [10.0] * len(record["arguments"]["seeds"]))]
            for name in ("train_accuracy", "test_accuracy")}


def _compare(kinds: dict) -> list[dict]:
    """The book's statements as numbers: a residual block doubles the variance; with batch
    normalisation the k-th block adds as much as each before it."""
    rows = []
    if "residual" in kinds:
        rows.append(compared("growth of the variance by a residual block, before training",
                             kinds["residual"]["variance"]["growth_activations"], (2.0, 2.0),
                             "book, 11.3"))
    if "both" in kinds:
        logs = np.array(kinds["both"]["variance"]["before"]["activations"])
        depth = logs.shape[1] - 1
        gain = np.diff(10 ** logs, axis=1)
        ratio = gain[:, depth // 2:].mean(axis=1) / gain[:, :depth // 2].mean(axis=1)
        rows.append(compared("residual with batch norm.: what the later half of the blocks adds to "
                             "the variance, over the earlier half", ratio.round(4).tolist(),
                             (1.0, 1.0), "book, 11.3: linear growth"))
    return rows


def table(summary: dict) -> str:
    """The growth of variances, the reach of the autocorrelation, and the accuracy by depth."""
    kinds, seeds = summary["kinds"], summary["seeds"]
    depth = next(iter(kinds.values()))["variance"]["depth"]
    heads = ("", "activations before", "after", "gradients before", "after")
    rows = [heads]
    for found in kinds.values():
        row = [found["title"]]
        for what in ("activations", "gradients"):
            for when in ("before", "after"):
                logs = found["variance"][when] and np.array(found["variance"][when][what])
                row.append("diverged" if logs is None
                           else spread(logs[:, -1] - logs[:, 0]))
        rows.append(tuple(row))
    lines = [f"Decimal logarithm of the variance after {depth} blocks over that before the first, "
             f"before and after {summary['steps']['variance']} steps;", "of the gradients too: "
             f"{seeds['variance']} seeds", "",
             *(f"{row[0]:28}" + "".join(f"{cell:>20}" for cell in row[1:]) for row in rows), ""]
    depths = list(next(iter(kinds.values()))["lines"])
    lines += ["Distance in input space at which the gradient's autocorrelation falls below a half, "
              f"by depth: {seeds['lines']} seeds", "",
              f"{'':28}" + "".join(f"{depth:>16}" for depth in depths),
              *(f"{found['title']:28}"
                + "".join(f"{spread(found['lines'][depth]['half'], 2):>16}" for depth in depths)
                for found in kinds.values()), ""]
    for model in ("mlp", "cnn"):
        depths = list(next(iter(kinds.values()))["depth"][model]["by_depth"])
        lines += [f"{model.upper()}: training accuracy in % after {summary['steps']['depth']} "
                  f"steps by depth, at the better rate: {seeds['depth']} seeds", "",
                  f"{'':28}" + "".join(f"{depth:>16}" for depth in depths) + f"{'deepest':>10}"]
        for found in kinds.values():
            each = found["depth"][model]
            lines.append(f"{found['title']:28}" + "".join(
                f"{spread(each['by_depth'][depth]['train_accuracy']):>16}" for depth in depths)
                + f"{each['deepest'] or 'none':>10}")
        lines.append("")
    lines += [f"deepest: of the depths tried, the deepest with a mean above {TRAINS:.0f} %", "",
              *(f"{row['what']}: {spread(row['ours'], 2)} ({row['source']}: "
                f"{row['published'][0]:g})" for row in summary["comparison"]), "",
              effects_table(summary["effects"], f"{seeds['lines']} (distances) or "
                            f"{seeds['depth']} (accuracies)", "Differences")]
    return "\n".join(lines)


explain_all(globals(), besides=("run",))
