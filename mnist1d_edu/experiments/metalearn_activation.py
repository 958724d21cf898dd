"""An activation function is learned: gradients through 301 steps of training, 301 times.

The notebook "Metalearning an activation function" of the paper's code (arXiv 2011.14439): an MLP
with 128 hidden units is trained for 301 steps of RMSprop on 8,000 examples. Its activation is
ELU(z) + 0.2 net(z), where the net has one hidden layer of 100 tanh units (the paper says two); the
gradient of the mean of the last 200 losses with respect to that net, clipped at 0.1, makes one of
301 outer steps at a rate of 0.3. "Momentum 0.4" is the weight of the old mean square in RMSprop.

The notebook seeds each inner run alike, so the function is learned on one initialisation and is
tested on the same one, beside hand-made functions at one rate and with one seed. Here one function
is learned so, in all 301 outer steps; for the question whether the shape is always the same, others
are learned in 61 steps (at the quick scale also from a fresh start in each outer step). All are
compared with other seeds, at rates tuned for each, on unseen data, after five times the steps and
in the CNN; and with a function that has the learned ones' valley and was made by hand. Lesson 19;
UDL 3.1.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable

import numpy as np

from mnist1d_edu import checkpoints, data, engine, fused, nn, optim, train
from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.engine import Tensor, as_tensor
from mnist1d_edu.experiments import (
    Report,
    Run,
    check_request,
    compared,
    keep,
    kept,
    lookup,
    spread,
    unrolled_mlp,
)
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.experiments.pooling import one_channel

HIDDEN, BATCH = 128, 100
NOISE = 0.1  # each hidden unit of either net is shifted by a number between -NOISE and NOISE
OFFSET = 0.2  # f(z) = elu(z) + OFFSET net(z)
RATE, ALPHA = 1e-2, 0.4  # RMSprop of the inner net
OUTER_RATE, CLIP = 0.3, 0.1
CURVE = nn.Sequential(hidden=nn.Linear(1, 100), act=engine.tanh, linear=nn.Linear(100, 1))
XS = np.linspace(-5, 5, 201)  # where curves are drawn and fitted
SNAPSHOTS = (0, 3, 10, 30, 100, 300)  # outer steps
# how a function is learned: "full" as in the notebook, "same" in fewer outer steps, "fresh" too,
# but from a fresh start of the inner net and fresh noise in each outer step
KINDS = {"full": "same start", "same": "same start", "fresh": "fresh starts"}
HAND_MADE: dict[str, Callable] = {"relu": nn.relu, "elu": nn.elu, "swish": nn.silu,
                                  "softplus": nn.softplus, "tanh": engine.tanh,
                                  "sigmoid": engine.sigmoid}
TITLES = {"relu": "ReLU", "elu": "ELU", "swish": "Swish", "softplus": "softplus", "tanh": "tanh",
          "sigmoid": "sigmoid", "valley": "a valley, |z| − 1",
          "published": "the notebook's six lines"}

# The notebook's fit by hand to its learned function: the knots, and slope and intercept of each
# line. Its numbers: accuracy of the learned function, of the fit, and of hand-made ones (off its
# figure), one seed each; the mean of the last 200 losses at the first and the last outer step.
PUBLISHED_FIT = ([-2.0, -1.0, -0.25, 0.1, 0.6],
                 [(0.15, 0.9), (-0.25, 0.1), (-1.2, -0.85), (-0.5, -0.75), (0.2, -0.85),
                  (1.2, -1.4)])
PUBLISHED = {"learned": 68.4, "fit": 66.4, "relu": 59, "swish": 58, "elu": 51, "tanh": 51,
             "softplus": 44, "sigmoid": 35}
PUBLISHED_LOSS = (1.352, 0.884)

_SCALES = {
    "quick": {"inner": 101, "outer": {"same": 31, "fresh": 31}, "learned": 1, "seeds": 3,
              "tests": ["mlp", "unseen"]},
    "paper": {"inner": 301, "outer": {"full": 301, "same": 61}, "learned": 3, "seeds": 5,
              "tests": ["mlp", "unseen", "long", "cnn"]},
}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Functions are learned in each way, "full" with one seed, and tested; those made by hand are
    tested. seeds: how many are learned in each other way."""
    check_request(scale, seeds)
    plan = _SCALES[scale]
    shared = {"inner": plan["inner"], "seeds": plan["seeds"]}
    chosen = [Run("metalearn-activation",
                  {"part": "learn", "kind": kind, "seed": seed, "outer": outer, **shared,
                   "tests": plan["tests"]}, 0.0014 * outer * plan["inner"] + 40)
              for kind, outer in plan["outer"].items()
              for seed in range(1 if kind == "full" else seeds or plan["learned"])]
    return chosen + [Run("metalearn-activation",
                         {"part": "hand-made", "function": name, **shared,
                          "tests": plan["tests"][:2] if name == "published" else plan["tests"]},
                         20.0) for name in TITLES]


def run(arguments: dict) -> dict:
    """One of the parts: "learn" or "hand-made"."""
    part = {"learn": learn, "hand-made": hand_made}
    return part[one_of("part", arguments["part"], part)](arguments)


def dataset(seed: int = 42) -> dict[str, np.ndarray]:
    """8,000 training and 2,000 test examples from this seed of the generator, as float32."""
    return _dataset(integer("seed", seed, 0, 2**32 - 1))


@functools.lru_cache(maxsize=3)
def _dataset(seed: int) -> dict[str, np.ndarray]:
    made = data.make_dataset({"num_samples": 10_000}, rng=np.random.RandomState(seed))
    return {name: made[name].astype(np.float32 if name.startswith("x") else np.int64)
            for name in ("x", "y", "x_test", "y_test")}


def mlp(activation: Callable) -> nn.Sequential:
    """40 - 128 - 10 with this activation."""
    return nn.Sequential(hidden=nn.Linear(40, HIDDEN), act=activation,
                         linear=nn.Linear(HIDDEN, 10))


def cnn(activation: Callable) -> nn.Sequential:
    """The paper's CNN with this activation."""
    return nn.Sequential(image=one_channel, conv1=nn.Conv1d(1, 25, 5, 2, 1), act1=activation,
                         conv2=nn.Conv1d(25, 25, 3, 2, 1), act2=activation,
                         conv3=nn.Conv1d(25, 25, 3, 2, 1), act3=activation, flat=nn.Flatten(),
                         linear=nn.Linear(125, 10))


class warm_rmsprop(optim.rmsprop):
    """RMSprop whose mean squares start at 1, as in the notebook: a short warm-up."""

    def init(self, params):
        return {**super().init(params), "v": {name: np.ones(p.shape, p.dtype)
                                              for name, p in params.items()}}

    def flat_state(self, buffer):
        return {**super().flat_state(buffer), "v": np.ones_like(buffer)}


# --------------------------------------------------------------------------- functions


def pieces(params: dict) -> Tensor:
    """OFFSET times the net with these parameters, as a table: (4, PIECES)."""
    values = CURVE(params, lookup.nodes()[:, None])
    return lookup.cubics(values[:, 0] * OFFSET)


def learned(params: dict) -> Callable:
    """The activation that these parameters make, as an operation for layers."""
    table = pieces(params).data
    on_arrays = unrolled_mlp.Activation(elu, table)

    def kernel(z):
        (value, slope, _), _ = on_arrays(z)
        return value, (lambda g: g * slope,)
    return fused.fuse(lambda z: nn.elu(z) + lookup.lookup(table, z), kernel)


def elu(z: np.ndarray) -> list[np.ndarray]:
    """ELU, its slope and its curvature, of arrays."""
    slope = np.exp(np.minimum(z, 0))
    return [slope - 1 + np.maximum(z, 0), slope, slope * (z <= 0)]


def valley(z) -> Tensor:
    """|z| - 1: a control, made by hand once it was seen what is learned."""
    return engine.absolute(z) - 1.0


def straight(knots, lines) -> Callable:
    """The function that is a line between any two knots (K,): lines (K + 1, 2) has the slope and
    the intercept of each."""
    knots, (slopes, intercepts) = np.asarray(knots), np.transpose(lines).astype(np.float32)

    def activation(z):
        z = as_tensor(z)
        line = np.searchsorted(knots, z.data)
        return z * slopes[line] + intercepts[line]
    return activation


def fitted_lines(x: np.ndarray, y: np.ndarray, lines: int) -> tuple[list[float], list]:
    """The knots and the lines, slope and intercept, that fit y (N,) at the even grid x (N,) best:
    the least sum of squares over all ways to cut the grid, by dynamic programming."""
    n, cost, fits = len(x), {}, {}
    for a in range(n - 1):
        for b in range(a + 2, n + 1):
            fits[a, b] = fit = np.polyfit(x[a:b], y[a:b], 1)
            cost[a, b] = np.sum((np.polyval(fit, x[a:b]) - y[a:b])**2)
    best = {b: (cost[0, b], (0,)) for b in range(2, n + 1)}
    for _ in range(lines - 1):
        best = {b: min((best[a][0] + cost[a, b], (*best[a][1], a))
                       for a in range(2, b - 1) if a in best)
                for b in range(4, n + 1) if any(a in best for a in range(2, b - 1))}
    cuts = best[n][1]
    return ([float(x[a - 1] + x[a]) / 2 for a in cuts[1:]],
            [[round(float(c), 4) for c in fits[a, b]]
             for a, b in zip(cuts, (*cuts[1:], n), strict=True)])


# --------------------------------------------------------------------------- one run of training


def training(seed: int, steps: int, examples: dict) -> tuple[dict, list[tuple]]:
    """The first parameters of the inner net, and for each step x, labels, the noise of the hidden
    units (HIDDEN,) and that of the curve's (100,). Batches are in file order."""
    rng = np.random.RandomState(seed)
    start = mlp(nn.elu).init(rng)
    chosen = [slice(k, k + BATCH) for k in np.arange(steps) * BATCH % len(examples["x"])]
    return start, [(examples["x"][some], examples["y"][some],
                    *(rng.uniform(-NOISE, NOISE, size).astype(np.float32)
                      for size in (HIDDEN, 100))) for some in chosen]


def outer_step(params: dict, start: dict, batches: list[tuple]
               ) -> tuple[float, dict, dict]:
    """The mean of the last losses of a run of training, the parameters that it ends with, and the
    gradient of that mean with respect to the curve's parameters."""
    leaves = {name: Tensor(value) for name, value in params.items()}
    table = pieces(leaves)
    weights = last_steps(len(batches))
    level = OFFSET * params["linear.weight"][0]
    shifted = [(x, y, noise + inner @ level) for x, y, noise, inner in batches]
    losses, last, to_table, to_shifts = unrolled_mlp.gradient(
        unrolled_mlp.Activation(elu, table.data), list(start.values()), shifted, RATE, ALPHA,
        weights)
    slopes = engine.grad(table, list(leaves.values()), to_table.astype(np.float32))
    slopes = {name: slope.data for name, slope in zip(leaves, slopes, strict=True)}
    inner = np.array([batch[3] for batch in batches])
    slopes["linear.weight"] = slopes["linear.weight"] + (OFFSET * to_shifts @ inner).astype(
        np.float32)
    return float(losses @ weights), dict(zip(start, last, strict=True)), slopes


def last_steps(steps: int) -> np.ndarray:
    """Weights (steps,) that make of a sum the mean over the last two thirds: 200 of 301."""
    counted = np.arange(steps) >= steps - max(1, steps * 2 // 3)
    return counted / counted.sum()


def inner_loss(params: dict, meta: dict, x, labels, noise, inner) -> Tensor:
    """What `outer_step` differentiates, for `unroll.Unrolled`: the loss of the inner net, with the
    curve computed at each unit. meta: the parameters of the curve."""
    z = as_tensor(fused.linear(x, params["hidden.weight"], params["hidden.bias"]))
    units = engine.tanh(z[..., None] * meta["hidden.weight"][:, 0] + meta["hidden.bias"]) + inner
    curve = engine.matmul(units, meta["linear.weight"][0]) + meta["linear.bias"]
    h = nn.elu(z) + curve * OFFSET + noise
    return fused.softmax_cross_entropy(
        fused.linear(h, params["linear.weight"], params["linear.bias"]), labels)


# --------------------------------------------------------------------------- the two parts


def learn(arguments: dict) -> dict:
    """Learn a function, and test it. By outer step the loss and the inner net's test accuracy in
    percent; the function at `SNAPSHOTS` and at the end, at `XS`; the quantiles of its inputs in the
    first and in the last inner net; its parameters; the seconds of a step; its fit by six lines;
    the tests."""
    one_of("kind", arguments["kind"], KINDS)
    done = _learned(arguments)
    params = _named(done["theta"])
    function = learned(params)
    knots, lines = fitted_lines(XS[::2], curve(function)[::2], len(PUBLISHED_FIT[1]))
    return {"losses": done["losses"].round(5).tolist(),
            "accuracy": done["accuracy"].round(2).tolist(),
            "curves": done["curves"].round(4).tolist(),
            "inputs": done["inputs"].round(3).tolist(),
            "theta": [float(f"{value:.7g}") for value in done["theta"]],
            "seconds": round(float(done["seconds"]) / arguments["outer"], 3),
            "knots": knots, "lines": lines,
            "fit": tests(straight(knots, lines), {**arguments, "tests": ["mlp"]}),
            **tests(function, arguments)}


def hand_made(arguments: dict) -> dict:
    """The tests of a function that was made by hand."""
    functions = {**HAND_MADE, "valley": valley, "published": straight(*PUBLISHED_FIT)}
    return tests(functions[one_of("function", arguments["function"], functions)], arguments)


def _learned(arguments: dict) -> dict:
    """The outer loop, from where it was left."""
    outer, inner, seed = (arguments[name] for name in ("outer", "inner", "seed"))
    examples, recipe = dataset(), checkpoints.fingerprint(arguments=arguments)
    done = kept(recipe, outer) or {
        "step": 0, "theta": _flat(CURVE.init(np.random.RandomState(seed))), "losses": np.empty(0),
        "accuracy": np.empty(0), "curves": np.empty((0, len(XS))), "inputs": np.empty((0, 5)),
        "seconds": 0.0}
    for step in range(int(done["step"]), outer):
        began, params = time.process_time(), _named(done["theta"])
        begins = 1000 * (seed + 1) + (step if arguments["kind"] == "fresh" else 0)
        start, batches = training(begins, inner, examples)
        loss, last, slopes = outer_step(params, start, batches)
        if step in SNAPSHOTS:
            done["curves"] = np.append(done["curves"], [curve(learned(params))], axis=0)
        if step in (0, outer - 1):
            done["inputs"] = np.append(done["inputs"], [inputs(last, examples["x_test"])], axis=0)
        done["losses"] = np.append(done["losses"], loss)
        done["accuracy"] = np.append(done["accuracy"], train.accuracy(
            mlp(learned(params)), last, examples["x_test"], examples["y_test"]))
        done["theta"] = done["theta"] - OUTER_RATE * np.clip(_flat(slopes), -CLIP, CLIP)
        done["step"], done["seconds"] = step + 1, done["seconds"] + time.process_time() - began
        if (step + 1) % 10 == 0:
            keep(done, recipe)
    done["curves"] = np.append(done["curves"], [curve(learned(_named(done["theta"])))], axis=0)
    return done


def curve(function: Callable) -> np.ndarray:
    """The function at XS."""
    return as_tensor(function(XS.astype(np.float32))).data.astype(float)


def inputs(params: dict, x) -> np.ndarray:
    """Quantiles (1, 25, 50, 75, 99 %) of what the hidden units hand to the activation."""
    z = x @ params["hidden.weight"].T + params["hidden.bias"]
    return np.quantile(z, [0.01, 0.25, 0.5, 0.75, 0.99])


def _flat(params: dict) -> np.ndarray:
    return np.concatenate([value.ravel() for value in params.values()])


def _named(theta: np.ndarray) -> dict:
    """The parameters of the curve, from one flat array."""
    like = CURVE.init(np.random.RandomState(0))
    ends = np.cumsum([value.size for value in like.values()])
    return {name: part.reshape(value.shape) for (name, value), part in
            zip(like.items(), np.split(theta, ends[:-1]), strict=True)}


# --------------------------------------------------------------------------- the tests

# What a function is tested on, and the rates to choose from, of RMSprop, in the CNN of Adam. The
# rate is chosen by the accuracy on 2,000 signals of a dataset of its own, of a net whose seed is
# none of the test's.
TESTS = {"mlp": "MLP", "unseen": "MLP, unseen data", "long": "MLP, 5 times the steps",
         "cnn": "CNN, 1,000 steps"}
RATES = {"mlp": [0.002, 0.005, 0.01, 0.02, 0.05, 0.1], "long": [0.001, 0.002, 0.005, 0.01, 0.02],
         "cnn": [0.003, 0.01, 0.03, 0.1]}
UNSEEN, VALIDATION, TUNING_SEED = 43, 44, 100


def tests(function: Callable, arguments: dict) -> dict:
    """By test: the rate that was chosen, the validation accuracy by rate, and the test accuracies
    in percent by seed, for "mlp" at the notebook's rate too. "unseen" has the rate of "mlp"."""
    some = list(range(arguments["seeds"]))
    found: dict[str, dict] = {}
    for name in arguments["tests"]:
        one_of("tests", name, TESTS)
        steps = {"mlp": arguments["inner"], "unseen": arguments["inner"],
                 "long": 5 * arguments["inner"], "cnn": 1000}[name]
        if name == "unseen":
            rate = found["mlp"]["rate"]
            found[name] = {"rate": rate, "accuracy": trained(function, "mlp", rate, steps, some,
                                                             dataset(UNSEEN))}
            continue
        tuning = {**dataset(), **{key: dataset(VALIDATION)[key] for key in ("x_test", "y_test")}}
        scores = [trained(function, name, rate, steps, [TUNING_SEED], tuning)[0]
                  for rate in RATES[name]]
        rate = RATES[name][int(np.argmax(scores))]
        few = some if name == "mlp" else some[:3]
        found[name] = {"rate": rate, "validation": scores,
                       "accuracy": trained(function, name, rate, steps, few, dataset())}
        if name == "mlp":
            found[name]["published"] = trained(function, name, RATE, steps, some, dataset())
    return found


def trained(function: Callable, test: str, rate: float, steps: int, seeds: list[int],
            examples: dict) -> list[float]:
    """Test accuracies in percent by seed after so many steps, 0 where training diverged."""
    net, optimizer = ((cnn(function), optim.adam(rate)) if test == "cnn"
                      else (mlp(function), warm_rmsprop(rate, alpha=ALPHA)))
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            history = train.fit(net, examples, optimizer, steps=steps, batch_size=BATCH,
                                seeds=seeds, eval_every=steps, progress=False)
    except train.Diverged:
        return [0.0] * len(seeds)
    return np.round(history.test_accuracy[-1].astype(float), 2).tolist()


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """The learned functions, what they are worth beside those made by hand, and the figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """Name -> figure of a summary."""
    from mnist1d_edu import plots
    return {"metalearn-activation": plots.learned_activation(summary),
            "metalearn-activation-tests": plots.activation_tests(summary)}


def summarise(records: list[dict]) -> dict:
    """By start the functions that were learned, their shapes and their tests; the tests of those
    made by hand; the differences; the comparison."""
    groups: dict[str, list[dict]] = {}
    for record in records:
        arguments = record["arguments"]
        groups.setdefault(arguments.get("kind") or arguments["function"], []).append(record)
    summary: dict = {"xs": XS.round(4).tolist(), "inner": records[0]["arguments"]["inner"],
                     "elu": curve(nn.elu).round(4).tolist(),
                     "published": curve(straight(*PUBLISHED_FIT)).round(4).tolist(),
                     "learned": {kind: _learned_summary(kind, groups[kind])
                                 for kind in KINDS if kind in groups},
                     "hand_made": {name: {"title": TITLES[name], **groups[name][0]["result"]}
                                   for name in TITLES}}
    summary["shape"] = _shape(summary)
    summary["effects"] = effects(_differences(summary))
    summary["comparison"] = _compare(summary)
    return summary


def _learned_summary(kind: str, records: list[dict]) -> dict:
    """What was learned in one way: mean curves, values by seed, the tests."""
    outer = records[0]["arguments"]["outer"]
    results = [record["result"] for record in records]
    tests = {name: [result[name] for result in results if name in result]
             for name in records[0]["arguments"]["tests"]}
    return {
        "title": f"{KINDS[kind]}, {outer} steps", "outer": outer,
        "snapshots": [step for step in SNAPSHOTS if step < outer],
        "seeds": [record["arguments"]["seed"] for record in records],
        **{name: np.mean([result[name] for result in results], axis=0).round(4).tolist()
           for name in ("losses", "accuracy")},
        "first_losses": [result["losses"][0] for result in results],
        "last_losses": [result["losses"][-1] for result in results],
        "first_accuracies": [result["accuracy"][0] for result in results],
        "last_accuracies": [result["accuracy"][-1] for result in results],
        "curves": [result["curves"][-1] for result in results],
        "path": results[0]["curves"][:-1], "inputs": [result["inputs"] for result in results],
        "theta": [result["theta"] for result in results],
        "seconds": [result["seconds"] for result in results],
        "extrema": [extrema(XS, result["curves"][-1]) for result in results],
        "knots": results[0]["knots"], "lines": results[0]["lines"],
        "fit": [float(np.mean(result["fit"]["mlp"]["accuracy"])) for result in results],
        "rates": {name: [each["rate"] for each in found] for name, found in tests.items()},
        "untuned": [float(np.mean(each["published"])) for each in tests["mlp"]],
        "nets": {name: [each["accuracy"] for each in found] for name, found in tests.items()},
        "tests": {name: [round(float(np.mean(each["accuracy"])), 3) for each in found]
                  for name, found in tests.items()}}


def extrema(x, y, least: float = 0.05) -> list[list[float]]:
    """The turning points [x, y] of a curve (N,), but for ripples of less than `least`."""
    found, way, peak = [], 0, 0  # the place that is the highest (lowest) on the way up (down)
    for k in range(1, len(y)):
        if way == 0 and abs(y[k] - y[0]) > least:
            way, peak = int(np.sign(y[k] - y[0])), k
        elif way * (y[k] - y[peak]) > 0:
            peak = k
        elif way and way * (y[peak] - y[k]) > least:
            found.append([round(float(x[peak]), 3), round(float(y[peak]), 3)])
            way, peak = -way, k
    return found


def _shape(summary: dict) -> dict:
    """How alike the functions are where the nets use them, from -3 to 3: the root of the mean
    square of the difference, constants apart (a bias makes up for those)."""
    inside = np.abs(np.array(summary["xs"])) <= 3
    elu_, published = (np.array(summary[name])[inside] for name in ("elu", "published"))
    curves = {kind: [np.array(y)[inside] for y in found["curves"]]
              for kind, found in summary["learned"].items()}
    pairs = {"between seeds, " + summary["learned"][kind]["title"]: [
        (a, b) for k, a in enumerate(some) for b in some[:k]] for kind, some in curves.items()}
    if "fresh" in curves:
        pairs["same start to fresh starts"] = list(zip(curves["same"], curves["fresh"],
                                                       strict=True))
    every = [y for some in curves.values() for y in some]
    pairs["all to ELU"] = [(y, elu_) for y in every]
    pairs["all to the notebook's six lines"] = [(y, published) for y in every]
    return {what: [round(float(np.std(a - b)), 4) for a, b in some]
            for what, some in pairs.items() if some}


def _differences(summary: dict) -> dict[str, np.ndarray]:
    """Differences in accuracy by learned function: from the best of those made by hand and from the
    valley; what fresh starts add; what the six lines lose. Of the one function that is learned in
    all steps, by net: each with the same start as its twin."""
    pairs, hand_made = {}, summary["hand_made"]
    several = {kind: found for kind, found in summary["learned"].items() if kind != "full"}
    for name in several["same"]["tests"]:
        hand = {key: np.mean(hand_made[key][name]["accuracy"]) for key in (*HAND_MADE, "valley")}
        best = max(HAND_MADE, key=lambda key: hand[key])
        if "full" in summary["learned"]:
            full = summary["learned"]["full"]
            pairs[f"{TESTS[name]}: learned, {full['title']} − {TITLES[best]}, by net"] = (
                np.array(full["nets"][name][0]) - hand_made[best][name]["accuracy"])
        for found in several.values():
            for key, title in ((best, TITLES[best]), ("valley", "valley")):
                pairs[f"{TESTS[name]}: learned, {found['title']} − {title}"] = np.array(
                    found["tests"][name]) - hand[key]
        if "fresh" in several:
            pairs[f"{TESTS[name]}: fresh starts − same start"] = (
                np.array(several["fresh"]["tests"][name]) - several["same"]["tests"][name])
    for found in several.values():
        pairs[f"MLP: six lines fitted − the learned function, {found['title']}"] = (
            np.array(found["fit"]) - found["tests"]["mlp"])
    return pairs


def _compare(summary: dict) -> list[dict]:
    """Our numbers beside the stored notebook's, all of one seed."""
    source, learned = "notebook, one seed", summary["learned"]
    full = learned.get("full", learned["same"])
    first, last = PUBLISHED_LOSS
    rows = [compared("mean of the last losses, first outer step", full["first_losses"],
                     (first, first), source),
            compared("mean of the last losses, last outer step", full["last_losses"], (last, last),
                     source),
            compared("learned, accuracy at the last outer step", full["last_accuracies"],
                     (PUBLISHED["learned"],) * 2, source),
            compared("six lines fitted to the learned function", full["fit"],
                     (PUBLISHED["fit"],) * 2, source)]
    return rows + [compared(f"{TITLES[name]} at a rate of {RATE}",
                            summary["hand_made"][name]["mlp"]["published"],
                            (PUBLISHED[name],) * 2, f"{source}, off the figure")
                   for name in HAND_MADE]


def table(summary: dict) -> str:
    """What was learned, the tests, the shapes and the differences."""
    learned, hand = summary["learned"], summary["hand_made"]
    first, last = PUBLISHED_LOSS
    lines = [f"Activation functions learned through {summary['inner']} inner steps", "",
             f"{'':28}{'seeds':>6}{'outer steps':>12}{'loss, first':>16}{'loss, last':>16}"
             f"{'accuracy, last':>16}  turning points"]
    for found in learned.values():
        lines.append(f"{found['title']:28}{len(found['seeds']):>6}{found['outer']:>12}"
                     f"{spread(found['first_losses'], 3):>16}{spread(found['last_losses'], 3):>16}"
                     f"{spread(found['last_accuracies']):>16}  "
                     + ", ".join(str(len(each)) for each in found["extrema"]))
    lines += [f"{'notebook':28}{1:>6}{301:>12}{first:>16}{last:>16}{PUBLISHED['learned']:>16}  2",
              "", "Test accuracy in %, each at the rate that is best on other data (in brackets)",
              "", f"{'':28}" + "".join(f"{TESTS[name]:>26}" for name in learned["same"]["tests"])
              + f"{'MLP, rate 0.01':>16}{'notebook':>10}"]
    for found in learned.values():
        cells = [f"{spread(found['tests'][name])} ({_some(found['rates'][name])})"
                 for name in found["tests"]]
        lines.append(f"{found['title']:28}" + "".join(f"{cell:>26}" for cell in cells)
                     + f"{spread(found['untuned']):>16}")
    for name, found in hand.items():
        cells = [f"{spread(found[test]['accuracy'])} ({found[test]['rate']:g})"
                 if test in found else "" for test in learned["same"]["tests"]]
        published = PUBLISHED.get("fit" if name == "published" else name, "")
        lines.append(f"{TITLES[name]:28}" + "".join(f"{cell:>26}" for cell in cells)
                     + f"{spread(found['mlp']['published']):>16}{published:>10}")
    lines += [f"{'six lines to ' + found['title']:37}" + f"{spread(found['fit']):>17}"
              for found in learned.values()]
    lines += ["", "±: over learned functions (each the mean of several nets), or over nets.", "",
              "Shapes: root mean square of the difference for -3 < z < 3, constants apart", ""]
    lines += [f"{what:38}{spread(values, 3):>16}" for what, values in summary["shape"].items()]
    return "\n".join([*lines, "",
                       effects_table(summary["effects"], f"{len(learned['same']['seeds'])} (by "
                                     "net: 3 or 5)")])


def _some(rates: list[float]) -> str:
    """Rates in words, each once."""
    return ", ".join(f"{rate:g}" for rate in sorted(set(rates)))


explain_all(globals(), besides=("run",))
