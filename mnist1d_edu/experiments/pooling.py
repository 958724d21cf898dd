"""Pooling, striding or neither, from 1,000 to 50,000 training examples, at equal cost too.

The notebook "Benchmarking pooling methods" of the paper's code (arXiv 2011.14439): two convolutions
with 20 channels, each followed by nothing, by a stride of 2 or by pooling of pairs (the maximum,
the mean or the 2-norm), and a linear layer; Adam at 1e-2, batches of 100 in file order, 6,000
steps, one seed. It leaves open whether the pooling helps or what comes with it: a net that pools
has fewer parameters and does less arithmetic than one that does not, and more arithmetic than one
that strides. Three controls have as many parameters, or do as much arithmetic, as the net with max
pooling. Each net is tested on shifted signals too. Lesson 11; UDL 10.3, 10.4.
"""

from __future__ import annotations

import functools

import numpy as np

from mnist1d_edu import data, engine, nn, optim, train
from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, seed_groups, spread
from mnist1d_edu.experiments.intervals import effects, effects_table

SIZES = [1000, 2000, 5000, 10_000, 20_000, 50_000]
OTHERS = ("none", "stride", "none, parameters", "none, arithmetic", "stride, arithmetic")
SHIFTS = list(range(0, 13, 2))  # places, to either side

# What each net is: channels, the stride of its convolutions, its pooling. The first five are the
# notebook's.
ARMS = {
    "none": {"channels": 20, "stride": 1, "pool": "none"},
    "stride": {"channels": 20, "stride": 2, "pool": "none"},
    "max": {"channels": 20, "stride": 1, "pool": "max"},
    "mean": {"channels": 20, "stride": 1, "pool": "mean"},
    "l2": {"channels": 20, "stride": 1, "pool": "l2"},
    "none, parameters": {"channels": 8, "stride": 1, "pool": "none"},
    "none, arithmetic": {"channels": 13, "stride": 1, "pool": "none"},
    "stride, arithmetic": {"channels": 28, "stride": 2, "pool": "none"},
}
TITLES = {"none": "no pooling", "stride": "stride 2", "max": "max pooling", "mean": "mean pooling",
          "l2": "L2 pooling", "none, parameters": "no pooling, parameters of max",
          "none, arithmetic": "no pooling, arithmetic of max",
          "stride, arithmetic": "stride 2, arithmetic of max"}

# Test accuracy in percent at the last step, one seed: the notebook as stored.
STORED = {"none": [59.2, 82.0, 91.9, 94.3, 94.4, 96.3],
          "stride": [57.4, 81.7, 89.9, 91.3, 92.2, 95.4],
          "max": [78.2, 89.2, 94.5, 97.0, 96.8, 98.1],
          "mean": [78.0, 90.0, 94.0, 96.0, 96.2, 97.3],
          "l2": [77.2, 89.9, 95.3, 96.6, 97.8, 97.1]}

_SCALES = {"quick": {"sizes": [1000, 5000], "steps": 1000, "seeds": 3,
                     "arms": [arm for arm in ARMS if arm not in ("mean", "l2")]},
           "paper": {"sizes": SIZES, "steps": 6000, "seeds": 10, "arms": list(ARMS)}}
_CONTROL_SIZES = (1000, 5000, 50_000)
_SEEDS_AT_ONCE = 5
_COST = {"none": 1.3, "stride": 0.55, "max": 1.35, "mean": 1.1, "l2": 2.3, "none, parameters": 0.45,
         "none, arithmetic": 0.9, "stride, arithmetic": 0.8}  # ms a step and seed, measured


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each net at each size, a few seeds at once; the controls at three of the sizes."""
    check_request(scale, seeds)
    plan = _SCALES[scale]
    seeds = plan["seeds"] if seeds is None else seeds
    settings = {"steps": plan["steps"], "learning_rate": 0.01, "batch_size": 100,
                "eval_every": plan["steps"] // 4}
    return [Run("pooling", {"arm": arm, "n": n, "seeds": some, **settings},
                _COST[arm] * plan["steps"] * len(some))
            for n in plan["sizes"] for arm in plan["arms"]
            if arm in STORED or n in _CONTROL_SIZES
            for some in seed_groups(seeds, _SEEDS_AT_ONCE)]


def run(arguments: dict) -> dict:
    """Train one net on n examples: the steps (E,), the accuracies by step and seed (E, S), and the
    last net's test accuracies on signals shifted by `SHIFTS` places, (shifts, S), in percent."""
    model, examples = net(**ARMS[one_of("arm", arguments["arm"], ARMS)]), dataset(arguments["n"])
    history = train.fit(
        model, examples, optim.adam(arguments["learning_rate"]), steps=arguments["steps"],
        batch_size=arguments["batch_size"], seeds=arguments["seeds"],
        eval_every=arguments["eval_every"], progress=False)
    replicas = [history.replica(k) for k in range(len(history.seeds))]
    shifted = [[shifted_accuracy(model, params, examples, shift) for params in replicas]
               for shift in SHIFTS]
    return {"steps": history.steps.tolist(), "parameters": nn.count_parameters(replicas[0]),
            "shifted": np.round(shifted, 2).tolist(),
            **{name: getattr(history, name).astype(float).round(2).tolist()
               for name in ("train_accuracy", "test_accuracy")}}


def net(channels: int, stride: int = 1, pool: str = "none") -> nn.Sequential:
    """Two convolutions (kernel 3, padding 1, ReLU) with a stride or followed by pooling of pairs
    ("max", "mean", "l2"; "none"), and a linear layer: (..., N, 40) -> logits (..., N, 10)."""
    pools = {"none": None, "max": nn.MaxPool1d(2), "mean": nn.AvgPool1d(2), "l2": nn.LPPool1d(2, 2)}
    chosen = pools[one_of("pool", pool, pools)]
    halvings = 2 if stride == 2 or chosen else 0
    layers = {"image": one_channel, "conv1": nn.Conv1d(1, channels, 3, stride, 1), "act1": nn.relu,
              "pool1": chosen, "conv2": nn.Conv1d(channels, channels, 3, stride, 1),
              "act2": nn.relu, "pool2": chosen, "flat": nn.Flatten(),
              "linear": nn.Linear(channels * (40 >> halvings), 10)}
    return nn.Sequential(**{name: layer for name, layer in layers.items() if layer is not None})


def one_channel(x):
    """Signals (..., N, L) as (..., N, 1, L), which convolutions expect."""
    return engine.as_tensor(x)[..., None, :]


def multiplications(channels: int, stride: int = 1, pool: str = "none") -> int:
    """How many multiplications the layers of `net` do for one signal, pooling not counted."""
    first = 40 // stride
    second = (first if pool == "none" else first // 2) // stride
    last = second if pool == "none" else second // 2
    return 3 * channels * first + 3 * channels**2 * second + 10 * channels * last


def dataset(n: int) -> dict[str, np.ndarray]:
    """n training and 1,000 test examples, as in the notebook: a dataset of its own for each n."""
    return _dataset(integer("n", n, 1, 10**6))


@functools.lru_cache(maxsize=1)
def _dataset(n: int) -> dict[str, np.ndarray]:
    made = data.make_dataset({"num_samples": n + 1000, "train_split": 1 - 1000 / (n + 1000)},
                             rng=np.random.RandomState(42))
    return {name: made[name] for name in ("x", "y", "x_test", "y_test")}


def shifted_accuracy(model, params: dict, examples: dict, shift: int) -> float:
    """Test accuracy in percent after a shift of the signals by so many places to the right and to
    the left, the mean of both. What leaves at one end comes in at the other, as in the generator.
    """
    return float(np.mean([train.accuracy(model, params, np.roll(examples["x_test"], way, axis=1),
                                         examples["y_test"]) for way in (shift, -shift)]))


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """Accuracy by size beside the notebook's, the differences that pooling makes, and the figure.
    """
    from mnist1d_edu import plots
    summary = summarise(records)
    return Report(table(summary), {"pooling": plots.pooling(summary)}, summary)


def summarise(records: list[dict]) -> dict:
    """By net: its size, and by number of examples and seed the accuracies at the last step and
    against shift; the differences from the nets without pooling; the comparison."""
    arms = {}
    for arm in dict.fromkeys(record["arguments"]["arm"] for record in records):
        own = [record for record in records if record["arguments"]["arm"] == arm]
        sizes = sorted({record["arguments"]["n"] for record in own})
        of_size = {n: [record["result"] for record in own if record["arguments"]["n"] == n]
                   for n in sizes}
        arms[arm] = {
            "title": TITLES[arm], **ARMS[arm], "parameters": own[0]["result"]["parameters"],
            "multiplications": multiplications(**ARMS[arm]), "sizes": sizes,
            "stored": [STORED[arm][SIZES.index(n)] for n in sizes] if arm in STORED else None,
            **{measure: [[value for result in results for value in result[measure][-1]]
                         for results in of_size.values()]
               for measure in ("train_accuracy", "test_accuracy")},
            "shifted": [np.concatenate([result["shifted"] for result in results], axis=1).tolist()
                        for results in of_size.values()]}
    first = records[0]["arguments"]
    summary = {"arms": arms, "shifts": SHIFTS, "steps": first["steps"],
               "seeds": len(arms["none"]["test_accuracy"][0])}
    summary["effects"] = effects(_differences(summary))
    summary["leads"] = _leads(summary)
    summary["comparison"] = [row for arm in arms if arm in STORED for row in _compare(arm, arms)]
    return summary


def _compare(arm: str, arms: dict) -> list[dict]:
    """A row for each number of examples: our last step beside the stored notebook's."""
    return [compared(f"{TITLES[arm]}, {n:,} examples", values,
                     (STORED[arm][SIZES.index(n)],) * 2, "stored notebook, one seed")
            for n, values in zip(arms[arm]["sizes"], arms[arm]["test_accuracy"], strict=True)]


def accuracies(summary: dict, arm: str, n: int) -> np.ndarray:
    """Test accuracies at the last step by seed, (S,)."""
    found = summary["arms"][arm]
    return np.array(found["test_accuracy"][found["sizes"].index(n)])


def _differences(summary: dict) -> dict[str, np.ndarray]:
    """Differences in points from the net with max pooling to those without, by number of examples,
    and in what a shift by 4 places costs; each by seed."""
    arms = summary["arms"]
    pairs = {_lead(other, n): accuracies(summary, "max", n) - accuracies(summary, other, n)
             for other in OTHERS if other in arms for n in arms[other]["sizes"]}
    place = summary["shifts"].index(4)
    loss = {arm: [np.subtract(each[0], each[place]) for each in arms[arm]["shifted"]]
            for arm in ("none", "max")}
    for i, n in enumerate(arms["max"]["sizes"]):
        pairs[f"cost of a shift by 4: max pooling − no pooling, {n:,} examples"] = (
            loss["max"][i] - loss["none"][i])
    return pairs


def _lead(other: str, n: int) -> str:
    return f"max pooling − {TITLES[other]}, {n:,} examples"


def _leads(summary: dict) -> dict[str, list[dict]]:
    """The effects that are leads of max pooling, by the other net: each with its number of
    examples."""
    rows = {row["what"]: row for row in summary["effects"]}
    return {other: [{"n": n, **{key: rows[_lead(other, n)][key] for key in ("mean", "low", "high")}}
                    for n in summary["arms"][other]["sizes"]]
            for other in OTHERS if other in summary["arms"]}


def table(summary: dict) -> str:
    """Accuracy by net and number of examples beside the notebook's; the differences; the shifts."""
    arms, seeds = summary["arms"], summary["seeds"]
    sizes = arms["none"]["sizes"]
    over = f"mean ± standard deviation over {seeds} seeds" if seeds > 1 else "one seed"
    lines = [f"Test accuracy in % after {summary['steps']:,} steps by number of training "
             f"examples: {over}", "",
             f"{'':32}{'parameters':>11}{'multiplications':>17}"
             + "".join(f"{n:>13,}" for n in sizes)]
    for arm, found in arms.items():
        cells = {n: spread(values) for n, values in zip(found["sizes"], found["test_accuracy"],
                                                        strict=True)}
        lines.append(f"{found['title']:32}{found['parameters']:>11,}"
                     f"{found['multiplications']:>17,}"
                     + "".join(f"{cells.get(n, ''):>13}" for n in sizes))
        if arm in STORED:
            lines.append(f"{'    stored notebook, one seed':60}"
                         + "".join(f"{STORED[arm][SIZES.index(n)]:>13}" for n in sizes))
    lines += ["", "Test accuracy in % after a shift, by places (mean of both sides)", "",
              f"{'':48}" + "".join(f"{shift:>7}" for shift in summary["shifts"])]
    for found in arms.values():
        for n, values in zip(found["sizes"], found["shifted"], strict=True):
            lines.append(f"{found['title'] + f', {n:,} examples':48}"
                         + "".join(f"{np.mean(row):>7.1f}" for row in values))
    return "\n".join([*lines, "", effects_table(summary["effects"], seeds)])


explain_all(globals(), besides=("run",))
