"""Every figure is drawn once, with one seed and with three, and read as its readers need it."""

from __future__ import annotations

import ast
import inspect
import warnings
from functools import cache
from itertools import combinations, pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.testing import assert_allclose

from mnist1d_edu import plots
from mnist1d_edu.course import notebooks
from mnist1d_edu.experiments import load_result
from mnist1d_edu.plots import pieces, style
from mnist1d_edu.train import History

STEPS = np.arange(0, 601, 100)
MODELS = tuple(plots.MODEL_STYLES)


def rng(seed: int = 0) -> np.random.RandomState:
    return np.random.RandomState(seed)


def falling(seeds: int, count: int = len(STEPS), seed: int = 0) -> np.ndarray:
    """Something like a loss: (count, seeds)."""
    return 2 * np.exp(-np.arange(count) / 2)[:, None] + rng(seed).uniform(0.2, 0.4, (count, seeds))


def rising(seeds: int, count: int = len(STEPS), top: float = 90, seed: int = 0) -> np.ndarray:
    """Something like an accuracy in percent: (count, seeds)."""
    return top * (1 - falling(seeds, count, seed) / 3)


def history(seeds: int, top: float = 90) -> History:
    return History(seeds=list(range(seeds)), steps=STEPS, params={}, best_params=None, seconds=1.0,
                   train_loss=falling(seeds), train_accuracy=rising(seeds, top=100),
                   test_loss=falling(seeds), test_accuracy=rising(seeds, top=top))


def benchmark_summary(seeds: int, order: str = "ordered") -> dict:
    return {"order": order, "steps": STEPS.tolist(),
            "models": {name: {"test_accuracy": rising(seeds, top=top).tolist(),
                              "seeds": list(range(seeds))}
                       for name, top in zip(MODELS, (30, 65, 94, 91), strict=True)},
            "notebooks": {name: (60, 62) for name in MODELS},
            "paper": {**{name: (61, 1.0) for name in MODELS}, "human": (96, None)}}


def mnist_summary(seeds: int) -> dict:
    models = benchmark_summary(seeds)["models"]
    del models["gru"]
    return {"models": {"ordered": models, "shuffled": models}}


def setup(seeds: int, title: str = "MLP", loss: str = "nll", n: int = 500) -> dict:
    widths = [2, 5, 10, 20, 50, 100, 200]
    return {"title": title, "model": "mlp", "loss": loss, "n": n, "widths": widths,
            "parameters": [50 * width for width in widths], "threshold": 20, "claimed": 1,
            "published": [(10, [40.0, 42.0])], "seeds": list(range(seeds)),
            **{f"{split}_{measure}": 20 * falling(seeds, len(widths), seed)
               for seed, split in enumerate(("train", "test")) for measure in ("error", "loss")}}


def descent_summary(seeds: int) -> dict:
    return {"setups": {"a": setup(seeds), "b": setup(seeds, "CNN", n=1000),
                       "c": setup(seeds, "wide MLP", "mse")}}


def sweep(seeds: int) -> dict:
    return {**setup(seeds), "published": {10: 40.0, 20: 45.0}}


def lottery_summary(trials: int) -> dict:
    summary = load_result("lottery")["summary"]
    return {**summary, "trials": summary["trials"][:trials],
            **{arm: {measure: np.array(values)[:, :trials].tolist()
                     for measure, values in summary[arm].items()} for arm in ("lottery", "random")},
            "pairs": {**summary["pairs"], **{name: np.array(summary["pairs"][name])[:, :trials]
                                             for name in ("found", "expected")}}}


def first_seeds(summary, seeds: int, keys: tuple[str, ...], axis: int):
    """A summary with only the first seeds (along `axis`) of the values with these keys."""
    if not isinstance(summary, dict):
        return summary
    return {key: np.take(np.array(value), range(seeds), axis).tolist()
            if key in keys and value is not None and not isinstance(value, dict)
            else first_seeds(value, seeds, keys, axis) for key, value in summary.items()}


def stored_summary(name: str, seeds: int, keys: tuple[str, ...], axis: int = 0) -> dict:
    return first_seeds(load_result(name)["summary"], seeds, keys, axis)


def pooling_summary(seeds: int) -> dict:
    return stored_summary("pooling", seeds, ("test_accuracy", "shifted"), axis=-1)


def regularization_summary(seeds: int) -> dict:
    return stored_summary("regularization", seeds, ("last", "best"))


def residual_summary(seeds: int) -> dict:
    return stored_summary("residual", seeds, ("activations", "gradients", "train_accuracy", "half"))


def random_data_summary() -> dict:
    return load_result("random-data")["summary"]


def tsne_summary(seeds: int) -> dict:
    """The stored pictures, with as many counts of clusters as there are seeds."""
    summary = load_result("tsne")["summary"]
    return {**summary, "sets": {kind: {**found, "clusters": list(range(3, 3 + seeds))}
                                for kind, found in summary["sets"].items()}}


def islands(labels: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Points around a place for each label, and the labels."""
    found = np.repeat(np.arange(labels), 20)
    return 4 * rng(2).standard_normal((labels, 2))[found] + rng(3).standard_normal(
        (len(found), 2)), found


def activation_summary(seeds: int) -> dict:
    """Three ways to learn a function, one of them longer, and tests."""
    xs = np.linspace(-5, 5, 21)

    def learned(title: str, outer: int) -> dict:
        return {"title": title, "outer": outer, "snapshots": [0, 3], "seeds": list(range(seeds)),
                "losses": falling(1, outer)[:, 0], "accuracy": rising(1, outer)[:, 0],
                "last_losses": falling(seeds)[-1], "curves": [xs + k for k in range(seeds)],
                "path": [xs, xs + 0.5], "extrema": [[[0, 1]]] * seeds,
                "tests": {"mlp": rising(seeds)[3], "cnn": rising(seeds)[5]}}

    def made(title: str) -> dict:
        return {"title": title, "mlp": {"accuracy": rising(seeds)[2]},
                "cnn": {"accuracy": rising(seeds)[4]}}

    return {"xs": xs, "elu": np.tanh(xs), "published": np.abs(xs),
            "learned": {"full": learned("all steps", 9), "same": learned("same start", 4),
                        "fresh": learned("fresh starts", 4)},
            "hand_made": {"relu": made("ReLU"), "tanh": made("tanh"),
                          "published": {"title": "six lines",
                                        "mlp": {"accuracy": rising(seeds)[2]}}}}


def metalearned_summary(seeds: int) -> dict:
    summary = load_result("metalearn-lr")["summary"]
    return {**summary, "seeds": summary["seeds"][:seeds],
            "descents": first_seeds(summary["descents"], seeds, ("rates", "losses"), axis=0),
            "landscape": first_seeds(summary["landscape"], seeds,
                                     ("losses", "slopes", "test_accuracy", "growth"), axis=-1),
            "truncated": first_seeds(summary["truncated"], seeds, ("zeros",), axis=-1)}


def shift_summary(seeds: int) -> dict:
    falls = np.linspace(90, 20, 13)[:, None] + rng().uniform(-2, 2, (13, seeds))
    return {"shifts": list(range(13)), "seeds": seeds, "found": {
        training: {net: {"shifted": falls - 10 * place} for place, net in enumerate(
            ("cnn", "local", "global", "mlp"))} for training in ("plain", "moved")}}


def recurrent_summary(seeds: int) -> dict:
    return {"seeds": seeds, "nets": {
        name: {"steps": STEPS.tolist(), "test_accuracy": rising(seeds, top=top)}
        for name, top in (("rnn, all", 65), ("gru, all", 90), ("rnn, ends", 20), ("gru, ends", 70),
                          ("rotation, ends", 30))}}


def tickets_summary(trials: int) -> dict:
    return {"steps": STEPS.tolist(), "searched": 200, "trials": trials, "found": {
        arm: {rate: {"test": rising(trials, top=top)} for rate in ("0.02", "0.002")}
        for arm, top in (("dense", 65), ("ticket", 73), ("random", 60))}}


def threshold_summary(seeds: int) -> dict:
    loss = np.stack([falling(seeds, 5), falling(seeds, 5, seed=1)], axis=1)  # (widths, 2, seeds)
    return {"seeds": seeds, "setups": {
        f"{layers}-{loss_name}-{n}": {
            "title": f"{layers}, {loss_name}, {n}", "layers": layers, "loss": loss_name, "n": n,
            "claimed": 1, "ratios": [0.5, 0.8, 1.0, 1.5, 2.0], "test_loss": loss + layers,
            "threshold": [None, 1.0], "steps": [50, 100], "peaks": [[0.5] * seeds] * 2,
            "peak": [{"ratio": 0.5, "clear": True}] * 2}
        for layers, loss_name, n in ((2, "nll", 1000), (2, "nll", 2000), (1, "nll", 1000),
                                     (2, "mse", 1000))}}


def contrast_summary(seeds: int) -> dict:
    layers = ["input", "conv1", "conv2", "conv3", "hidden1", "out"]
    arms = {arm: {"title": arm, "layers": layers[:length], "stored": stored,
                  "linear": rising(seeds)[:length]}
            for arm, length, stored in (("default", 6, [32.8, 75.1, 80.9, 82.1, 76.1, 75.0]),
                                        ("none", 4, [32.8, 82.2, 79.5, 53.4]))}
    arms["without shift"] = {"title": "without shift", "layers": ["conv3", "out"], "stored": None,
                             "steps": 2000, "linear": rising(seeds)[2:4]}
    few = {way: rising(seeds)[:3] for way in ("probe", "untrained", "tuned", "scratch",
                                              "scratch, augmented")}
    return {"arms": arms, "few": {"labels": [10, 100, 1000], **few}}


def signals(count: int, length: int = 40) -> np.ndarray:
    return np.cumsum(rng(1).standard_normal((count, length)), axis=1) / 3


def nodes() -> list:
    """The tape of y = a * b + a, newest first."""
    def node(number, value, parents):
        def __mul__(g):
            return g
        return SimpleNamespace(number=number, data=np.array(value),
                               parents=[(p, __mul__) for p in parents])

    a, b = node(3, 2.0, []), node(4, 5.0, [])
    product = node(6, 10.0, [a, b])
    return [node(9, 12.0, [product, a]), product, b, a]


def add_runs(seeds: int):
    figure = plots.benchmark(benchmark_summary(seeds))
    plots.add_runs(figure.axes[0], {"cnn": history(seeds), "mlp": history(seeds, 60)})
    return figure


def upright(seeds: int):
    ax = pyplot.subplots()[1]
    ax.set(xlabel="value", ylabel="position")
    return style.described(plots.upright(ax, signals(1)[0], "a 3"), "a signal")


PERCENT = np.array([[80, 15, 5], [0, 100, 0], [30, 0, 70]])
STEP_SIZES = 10.0 ** np.arange(-12, 1)

# name -> (how to draw it with so many seeds, how many bands and bars show a spread with three)
FIGURES = {
    "learning_curves": (lambda s: plots.learning_curves(history(s)), 2),
    "benchmark": (lambda s: plots.benchmark(benchmark_summary(s)), 4 + 8 + 4),
    "shuffled": (lambda s: plots.shuffled(benchmark_summary(s),
                                          benchmark_summary(s, "shuffled")), 4 + 8 + 8),
    "mnist": (lambda s: plots.mnist(mnist_summary(s), benchmark_summary(s),
                                    benchmark_summary(s, "shuffled")), 12),
    "add_runs": (add_runs, 4 + 8 + 4),
    "double_descent": (lambda s: plots.double_descent(descent_summary(s), ["a", "b"]), 8),
    "descent_by_parameters": (
        lambda s: plots.descent_by_parameters(descent_summary(s), ["a", "b", "c"]), 6),
    "moving_peak": (lambda s: plots.moving_peak(descent_summary(s), ["a", "b", "c"]), 6),
    "lottery": (lambda s: plots.lottery(lottery_summary(s)), 4),
    "lottery_ablations": (lambda s: plots.lottery_ablations(lottery_summary(s)), 15 + 27),
    "lottery_adjacency": (lambda s: plots.lottery_adjacency(lottery_summary(s)), 0),
    "lottery_pairs": (lambda s: plots.lottery_pairs(lottery_summary(s)), 2),
    "lottery_masks": (lambda s: plots.lottery_masks(
        {"ticket": rng().uniform(size=(30, 40)) < 0.1,
         "random": rng(1).uniform(size=(30, 40)) < 0.1}), 0),
    "pooling": (lambda s: plots.pooling(pooling_summary(s)), 5 + 5 + 5),
    "regularization": (lambda s: plots.regularization(regularization_summary(s)), 16 + 10),
    "augmentation": (lambda s: plots.augmentation(regularization_summary(s)), 14),
    "accuracy_against_shift": (lambda s: plots.accuracy_against_shift(shift_summary(s)), 8),
    "recurrent": (lambda s: plots.recurrent(recurrent_summary(s)), 5),
    "tickets_in_time": (lambda s: plots.tickets_in_time(tickets_summary(s)), 6),
    "peaks_and_thresholds": (lambda s: plots.peaks_and_thresholds(threshold_summary(s)), 4),
    "residual_variances": (lambda s: plots.residual_variances(residual_summary(s)), 4 * 5),
    "shattered_gradients": (lambda s: plots.shattered_gradients(residual_summary(s)), 0),
    "trainable_depths": (lambda s: plots.trainable_depths(residual_summary(s)), 2 * 5),
    "fitting_noise": (lambda s: plots.fitting_noise(random_data_summary()), 0),
    "noise_margins": (lambda s: plots.noise_margins(random_data_summary()), 0),
    "full_batch": (lambda s: plots.full_batch(random_data_summary()), 0),
    "tsne_pictures": (lambda s: plots.tsne_pictures(tsne_summary(s)), 0),
    "points_beside": (lambda s: plots.points_beside({"a": islands(),
                                                     "b": (islands()[0], None)}), 0),
    "neighbour_rows": (lambda s: plots.neighbour_rows(np.arange(9.0), {
        f"perplexity {k}": np.exp(-np.arange(9.0) / k) for k in (2, 4)}), 0),
    "probes_by_depth": (lambda s: plots.probes_by_depth(contrast_summary(s)), 2 + 2),
    "few_labels": (lambda s: plots.few_labels(contrast_summary(s)), 5),
    "on_a_circle": (lambda s: plots.on_a_circle({"before": rng().standard_normal((12, 2)),
                                                 "after": np.repeat(np.eye(2), 6, axis=0)}), 0),
    "probes_of_nets": (lambda s: plots.probes_of_nets(
        {"default": rising(s)[:5], "deep": rising(s)[:4]}, {"default": [30, 60, 70, 80, 75]},
        {"deep": rising(s)[:4]}), 2 + 1),
    "learned_activation": (lambda s: plots.learned_activation(activation_summary(s)), 0),
    "activation_tests": (lambda s: plots.activation_tests(activation_summary(s)), 6 + 5),
    "metalearned_rate": (lambda s: plots.metalearned_rate(metalearned_summary(s)), 2 + 2 + 1),
    "rate_landscape": (lambda s: plots.rate_landscape(metalearned_summary(s)), 3),
    "signal_panels": (lambda s: plots.signal_panels({"as they are": signals(5),
                                                     "standardised": signals(5) / 2}), 0),
    "strokes": (lambda s: plots.strokes(signals(10, 12)), 0),
    "effect": (lambda s: plots.effect(signals(1)[0], list(signals(3)), ("a 3", "noisy")), 0),
    "stages": (lambda s: plots.stages({name: signals(1)[0] for name in "abcdefg"}), 0),
    "moving_stages": (lambda s: plots.moving_stages(dict(zip("abc", signals(3), strict=True))), 0),
    "costs": (lambda s: plots.costs({"pad": (95 - rising(s)[0], rising(s)[0] + 20),
                                     "scale": (rising(s)[5], rising(s)[3])},
                                    {"all": 40.0, "none": 100.0}), 4),
    "class_scores": (lambda s: plots.class_scores(signals(1)[0], rng().standard_normal(10),
                                                  np.full(10, 0.1)), 0),
    "ridges": (lambda s: plots.ridges({"weights": rng().standard_normal((s, 10, 40)),
                                       "mean signals": signals(10)}, shared=True), 10),
    "points_and_curves": (lambda s: plots.points_and_curves(
        np.linspace(-6, 6, 40), signals(1)[0], {"one": np.exp(-np.linspace(-6, 6, 40)**2),
                                                "two": np.cos(np.linspace(-6, 6, 40))}), 0),
    "results_by_row": (lambda s: plots.results_by_row({
        "loss": {"SGD": falling(s)[1], "Adam": falling(s)[2]},
        "accuracy (%)": {"SGD": rising(s)[1], "Adam": rising(s)[2]}}), 4),
    "step_sizes": (lambda s: plots.step_sizes(STEP_SIZES, {
        name: (STEP_SIZES + 1e-16 / STEP_SIZES)[:, None] * rng().uniform(scale, 2, (13, s))
        for name, scale in (("float64", 0.5), ("float32", 1.5))}), 2),
    "mlp_graph": (lambda s: plots.mlp_graph(), 0),
    "tape": (lambda s: plots.tape(nodes(), {3: "a", 4: "b", 9: "y"},
                                  {n.number: SimpleNamespace(data=np.array(1.0))
                                   for n in nodes()}), 0),
    "visits": (lambda s: plots.visits(np.arange(1, 9), {"recursion": 2 ** np.arange(1, 9),
                                                        "newest first": np.arange(2, 10)}), 0),
    "derivatives": (lambda s: plots.derivatives(np.linspace(-3, 3, 61), {
        "f": np.exp(-np.linspace(-3, 3, 61)**2), "1st": np.sin(np.linspace(-3, 3, 61))}), 0),
    "descents": (lambda s: plots.descents(np.arange(7), {"gradient descent": falling(1)[:, 0],
                                                         "Newton": falling(1)[:, 0]**9}), 0),
    "signal_by_depth": (lambda s: plots.signal_by_depth(
        {name: 10.0 ** (scale * np.arange(9)) * rng().uniform(0.5, 2, (s, 9))
         for name, scale in (("too small", -1), ("Glorot", -0.4), ("He", 0))},
        {"He": rng().uniform(0.5, 2, (s, 9))}), 4),
    "score_dots": (lambda s: plots.score_dots({"yours": (rising(s)[3], 1.0),
                                               "stored": (rising(s)[4], 0.5)},
                                              {"paper": (68, 68), "stored": (64, 65)}), 2),
    "looking_often": (lambda s: plots.looking_often(np.arange(1, 8), {
        "on the test set": -falling(s), "on fresh data": falling(s, seed=1)}), 2),
    "first_layer": (lambda s: plots.first_layer({"before": rng().standard_normal((20, 40)),
                                                 "after": rng(1).standard_normal((20, 40))}), 0),
    "overlaid": (lambda s: plots.overlaid({"easy": dict(zip("06", signals(2), strict=True)),
                                           "hard": dict(zip("14", signals(2), strict=True))}), 0),
    "error_parts": (lambda s: plots.error_parts(
        [500, 1200, 3000], np.array([0.4, 0.3, 0.2]), np.array([0.7, 0.6, 0.5]), rising(s, 3),
        rising(1, 3)[:, 0] + 1), 1),
    "same_shape": (lambda s: plots.same_shape(signals(3), [0, 10, 15], 22), 0),
    "kernel_sliding": (lambda s: plots.kernel_sliding(
        signals(1)[0], np.array([-1.0, 0, 1.0]), signals(1)[0][:38], [3, 18, 30]), 0),
    "layer_matrices": (lambda s: plots.layer_matrices({
        "dense": rng().uniform(-1, 1, (10, 12)),
        "convolution": sum(np.eye(10, 12, k) * (k - 0.5) for k in range(3))}), 0),
    "shifted_responses": (lambda s: plots.shifted_responses({
        "input": (signals(1)[0], np.roll(signals(1)[0], 8)),
        "dense": (signals(2)[1], signals(3)[2])}), 0),
    "receptive_fields": (lambda s: plots.receptive_fields({"layer 1": np.arange(17, 22),
                                                           "layer 2": np.arange(13, 22)}, 40), 0),
    "filters": (lambda s: plots.filters(rng().standard_normal((11, 1, 5))), 0),
    "feature_maps": (lambda s: plots.feature_maps(signals(1)[0], {
        "layer 1": rng().uniform(size=(25, 19)), "layer 2": rng().uniform(size=(25, 10))}), 0),
    "over_time": (lambda s: plots.over_time(signals(1)[0], {
        "states": (signals(6).T, -0.5, 0.5), "gates": (rng().uniform(size=(40, 16)), 0, 1)}), 0),
    "seeds_over": (lambda s: plots.seeds_over({
        "length": {"free": (STEPS, falling(s)), "clipped": (STEPS, falling(s, seed=1))},
        "loss": {"free": (STEPS, falling(s)), "clipped": (STEPS, falling(s, seed=1))}},
        "step", logarithmic=("length",)), 4),
    "short_on_long": (lambda s: plots.short_on_long(
        {"CNN": (STEPS, rising(s)), "GRU": (STEPS, rising(s, top=88))}, STEPS[:3],
        rising(s)[:3], "your GRU"), 3),
    "coverage": (lambda s: plots.coverage(np.linspace(0.5, 0.99, 50), {
        "textbook": np.linspace(0.95, 0.3, 50), "Wilson": np.full(50, 0.96)}, 20), 0),
    "disorder": (lambda s: plots.disorder([1, 4, 40], {"CNN": rng().rand(3, s) * 50 + 40,
                                                       "MLP": rng().rand(3, s) * 5 + 60}), 0),
    "intervals": (lambda s: plots.intervals({"expert": (0.96, 0.93, 0.98),
                                             "CNN": (0.82, 0.78, 0.86)}), 2),
    "confusions": (lambda s: plots.confusions({"expert": PERCENT, "CNN": PERCENT.T}), 0),
    "before_and_after": (lambda s: plots.before_and_after({"in order": signals(4),
                                                           "shuffled": signals(4)[:, ::-1]}), 0),
    "neighbours": (lambda s: plots.neighbours(np.arange(13), {
        "in order": 0.8 ** np.arange(13), "shuffled": 0.1 ** np.arange(13)}), 0),
    "loss_by_step": (lambda s: plots.loss_by_step({"1 layer": falling(1)[:, 0],
                                                   "2 layers": falling(1)[:3, 0]}), 0),
    "times_to_fit": (lambda s: plots.times_to_fit(
        STEPS, {"true": rising(3), "random": rising(3)},
        {"true": np.array([100.0, 120.0, np.nan]), "random": np.array([200.0, 210.0, 230.0])}), 0),
    "waits_by_proportion": (lambda s: plots.waits_by_proportion(
        [0, 0.5, 1], np.array([[100.0, 120], [150, np.nan], [200, 220]])), 0),
    "margins_compared": (lambda s: plots.margins_compared(
        {"margin": {"true": rng().normal(5, 1, 50), "random": rng().normal(4, 1, 50)},
         "relative": {"true": rng().normal(5, 1, 50), "random": rng().normal(4, 1, 50)}}), 0),
    "augmented": (lambda s: plots.augmented(signals(1)[0], {
        "shifted": signals(4)[1:], "scaled": signals(3)[1:] * 1.2}), 0),
    "stopped_early": (lambda s: plots.stopped_early(STEPS, {
        "accuracy": rising(1)[:, 0], "loss": falling(1)[:, 0]}, 3, 5), 0),
    "pooled": (lambda s: plots.pooled(signals(1)[0], {"maximum": signals(1)[0][::2]}), 0),
    "over_stored": (lambda s: plots.over_stored({
        title: ({"one": (STEPS, rising(s)), "two": (STEPS, falling(s))},
                {"one": (STEPS[:2], rising(s)[:2]), "two": (STEPS[:1], falling(s)[:1])})
        for title in ("deep", "deeper")}, "blocks", "accuracy (%)"), 2 * (2 + 2)),
    "by_examples": (lambda s: plots.by_examples(
        {label: (np.array([1000, 5000, 50000]), rising(s, 3, top)) for label, top in
         (("none", 80), ("max", 95))}, {"max": ([1000, 5000], rising(s, 2))}), 3),
    "changed_counts": (lambda s: plots.changed_counts(rng().binomial(4000, 0.135, 200), 540.0,
                                                      {"the paper's draw: 577": 577}), 0),
    "small_descent": (lambda s: plots.small_descent({"noisy labels": sweep(s),
                                                     "clean labels": sweep(s)}, 15.0), 8),
    "rise_and_fall": (lambda s: plots.rise_and_fall(
        {"rise": (rising(s)[1], 4.0), "fall": (rising(s)[2], 5.0)}, [16, 27, 36],
        np.array([0, 0.2, 0.8])), 2),
    "inside_the_descent": (lambda s: plots.inside_the_descent(
        np.array([7, 16, 27, 36, 47, 61, 104]), rising(s), falling(s), 47), 2),
    "two_thresholds": (lambda s: plots.two_thresholds(
        [500, 1000, 2500, 5000, 10000, 15000, 20000],
        {"NLL": (20 * falling(s), falling(s)), "squared error": (20 * falling(s), falling(s))},
        {"n": 500, "10 n": 5000}), 4),
    "changed_signals": (lambda s: plots.changed_signals(
        signals(3), {"attacked": signals(3) + 0.1, "at random": signals(3) - 0.1},
        ["3: called 5", "4: called 4", "1: called 7"]), 0),
    "power_by_seeds": (lambda s: plots.power_by_seeds([3, 5, 10], {
        "spread 2": np.array([0.3, 0.6, 0.9]), "spread 4": np.array([0.1, 0.2, 0.4])}, 0.8), 0),
    "clear_differences": (lambda s: plots.clear_differences([
        {"what": "A − B", "mean": 4.0, "low": 1.0, "high": 7.0, "clear": True},
        {"what": "A − C", "mean": -0.5, "low": -2.0, "high": 1.0, "clear": False}], "points"), 2),
    "rates_learned": (lambda s: plots.rates_learned(
        {"from 1.5": (falling(1)[:, 0], falling(1)[1:, 0]),
         "from 0.15": (rising(1)[:, 0] / 90, falling(1)[1:, 0])}, metalearned_summary(s)), 0),
    "loss_and_slope": (lambda s: plots.loss_and_slope(
        np.geomspace(0.05, 4, 9), 2 + np.linspace(-1, 2, 9)**2,
        np.array([-3, -2, -1, -0.5, 0, 0.2, 0.3, -1e9, 1e20])), 0),
    "zoomed": (lambda s: plots.zoomed({"from 2 to 3": (np.linspace(2, 3, 7), falling(1)[:, 0]),
                                       "near 2.5": (np.linspace(2.4, 2.6, 7), rising(1)[:, 0])}),
               0),
    "coming_apart": (lambda s: plots.coming_apart(
        np.array([0.15, 1, 2, 4]), np.array([1.0, 1.01, 1.06, 1.4]),
        np.array([0.5, 0.2, 100, 1e20]), metalearned_summary(s)), 2),
    "truncation": (lambda s: plots.truncation(
        [2, 10, 50, 200], [0.2, 0.25, 0.4, 0.65], np.linspace(-0.02, 0.01, 20),
        metalearned_summary(s)), 1),
    "schedule_learned": (lambda s: plots.schedule_learned(np.linspace(1.2, 0.3, 200)), 0),
    "pruned": (lambda s: plots.pruned({
        "tickets": (100 * 0.6 ** np.arange(7), rising(s, top=60)[::-1] + 20),
        "random masks": (100 * 0.6 ** np.arange(3, 7), rising(s, 4)[::-1] + 1)}), 2),
    "learned_curves": (lambda s: plots.learned_curves(
        np.linspace(-5, 5, 9), {"step 0": np.linspace(-1, 5, 9), "30": np.linspace(1, 4, 9)},
        {"stored": np.linspace(0, 3, 9)}), 0),
    "differences": (lambda s: plots.differences({"own weights:\nticket − mask": (rising(s)[0], 2.0),
                                                 "new weights": (rising(s)[1] - 40, 9.0)}), 2),
    "runs": (lambda s: plots.runs(STEPS, {
        "training loss": {"right": falling(s), "no shortcut": falling(s), "no ReLU": falling(s)},
        "test accuracy (%)": {"right": rising(s), "no ReLU": rising(s, top=40)}}), 5),
    "landscape": (lambda s: plots.landscape(
        np.linspace(-1, 1, 11), np.linspace(-2, 2, 21),
        np.add.outer(np.linspace(-2, 2, 21)**2, np.linspace(-1, 1, 11)**2),
        {"plain": np.array([[-0.8, 1], [0, 0]]), "momentum": np.array([[-0.8, 1], [0.5, 0]])}), 0),
    "against": (lambda s: plots.against(STEPS + 1, {"tickets": falling(s), "random": falling(s)},
                                        "batch size", "noise", xscale="log", yscale="log",
                                        level={"guessing": 1.0}), 2),
    "beside_paper_scale": (lambda s: plots.beside_paper_scale(
        {"noisy": [(STEPS + 1, rising(s)), (STEPS[1:3], rising(s)[1:3])]}, "width", "error (%)",
        downwards=True), 2),
    "confusion": (lambda s: plots.confusion(PERCENT, "percent of each row"), 0),
    "quiz": (lambda s: plots.quiz(signals(13), range(13)), 0),
    "upright": (upright, 0),
}
drawn = pytest.mark.parametrize("name", [name for name in FIGURES if name != "moving_stages"])


@cache
def draw(name: str, seeds: int = 3) -> Figure:
    """The figure, drawn on the Agg canvas; a warning on the way is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # an old matplotlib calls names that a new pyparsing has replaced
        warnings.filterwarnings("ignore", ".*deprecated(,| -) use", DeprecationWarning)
        figure = FIGURES[name][0](seeds).figure
        figure.canvas.draw()
    pyplot.close(figure)
    return figure


def figure_functions() -> set[str]:
    """The public functions that draw: all but the pieces for one's own figures."""
    return {name for name in plots.__all__ if inspect.isfunction(found := getattr(plots, name))
            and found.__module__ not in (pieces.__name__, style.__name__)}


def test_every_public_figure_is_drawn_here():
    assert figure_functions() == set(FIGURES)


def test_what_is_public_is_there_and_typed_and_says_where_it_is_shown():
    assert len(plots.__all__) == len(set(plots.__all__))
    for name in figure_functions():
        function = getattr(plots, name)
        untyped = {*function.__code__.co_varnames[:function.__code__.co_argcount], "return"} \
            - {*function.__annotations__}
        assert not untyped, f"{name}: {untyped} not typed"
        assert any(word in function.__doc__ for word in ("Lesson", "experiment")), name


@pytest.mark.parametrize("name", [name for name, (_, spreads) in FIGURES.items() if spreads])
def test_a_single_seed_has_no_spread_and_no_warning(name):
    draw(name, seeds=1)


@drawn
def test_spreads_are_shown_where_there_are_seeds(name):
    spreads = 0
    for ax in draw(name).axes:
        spreads += sum(isinstance(part, PolyCollection) for part in ax.collections)
        spreads += sum(bar.has_xerr or bar.has_yerr for bar in ax.containers
                       if hasattr(bar, "has_xerr"))
    assert spreads == FIGURES[name][1]


@drawn
def test_axes_are_labelled(name):
    figure = draw(name)
    for ax in figure.axes:
        if ax.axison and ax.get_visible() and ax.get_label() != "<colorbar>":
            for axis in "xy":
                assert labelled(ax, axis), f"{name}: axis {axis} of {ax}"


def labelled(ax, axis: str) -> bool:
    """Has this axis a label, its own or one that the panels of its column (x) or row (y), or the
    whole figure, have in common; or are its ticks words?"""
    def line(other):
        where = other.get_subplotspec()
        return where and (where.colspan if axis == "x" else where.rowspan)

    line_up = [other for other in ax.figure.axes if other is ax or line(other) == line(ax)]
    common = getattr(ax.figure, f"get_sup{axis}label")()
    ticks = [tick.get_text() for other in line_up
             for tick in getattr(other, f"get_{axis}ticklabels")()]
    return bool((common and not common.startswith(("bands", "points")))
                or any(getattr(other, f"get_{axis}label")() for other in line_up)
                or any(letter.isalpha() for tick in ticks
                       for letter in tick.replace("mathdefault", "")))


def end_labels(figure: Figure) -> list:
    return [text for text in figure.findobj(lambda part: part.get_gid() == style.END_LABEL)]


@drawn
def test_all_that_is_written_lies_in_the_figure(name):
    figure = draw(name)
    for text in written(figure):
        if text.get_visible() and text.get_text():
            box, frame = text.get_window_extent(), figure.bbox
            assert frame.x0 - 1 <= box.x0 and box.x1 <= frame.x1 + 1, f"{name}: {text.get_text()!r}"
            assert frame.y0 - 1 <= box.y0 and box.y1 <= frame.y1 + 1, f"{name}: {text.get_text()!r}"


def written(figure: Figure) -> list[Text]:
    """The texts of a figure and its axes, without the numbers of the ticks."""
    axes = [ax for ax in figure.axes if ax.get_visible() and ax.axison]
    return figure.texts + [text for ax in axes for text in (
        *ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label)]


@drawn
def test_labels_at_the_ends_of_curves_do_not_overlap(name):
    boxes = {text: text.get_window_extent() for text in end_labels(draw(name))}
    for (one, first), (other, second) in combinations(boxes.items(), 2):
        assert not first.overlaps(second), f"{name}: {one.get_text()!r}, {other.get_text()!r}"


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_end_labels_are_spread_at_every_drawing(scale):
    figure, [[ax]] = style.subplots()
    ax.plot([0, 1], [1, 5])
    plots.label_ends(ax, {"low": (1, 4.9, "k"), "high": (1, 5, "k"), "two\nlines": (1, 5.1, "k")})
    for limits in ((1, 6), (0.01, 1e4), (4.9, 5.1)):
        ax.set(yscale=scale, ylim=limits)
        figure.canvas.draw()
        boxes = sorted((text.get_window_extent() for text in end_labels(figure)),
                       key=lambda box: box.y0)
        assert all(one.y1 <= other.y0 for one, other in pairwise(boxes))
        centres = [box.y0 + box.height / 2 for box in boxes]
        assert ax.bbox.y0 - 1 <= centres[0] and centres[-1] <= ax.bbox.y1 + 1


@pytest.mark.parametrize("centres, moved", [
    ([0, 10, 20], [0, 10, 20]),             # all have room
    ([20, 0, 10], [20, 0, 10]),             # in any order
    ([10, 11], [8.5, 12.5]),                # pushed apart by the same amount
    ([10, 10, 12], [32 / 3, 20 / 3, 44 / 3]),   # of two at one place the first is above
    ([0, 1], [0, 4]),                       # not below the lowest place
    ([29, 30, 30], [22, 30, 26]),           # nor above the highest
])
def test_spread_moves_as_little_as_it_takes(centres, moved):
    assert_allclose(style.spread(np.array(centres, float), np.full(len(centres), 4.0), 0, 30),
                    moved)


@drawn
def test_figures_have_alternative_text(name):
    text = plots.alternative_text(draw(name))
    least = 8 if name == "upright" else 40
    assert least <= len(text) < 1500 and "nan" not in text.split() and "\n" not in text
    assert text[-1] in ".l" and "  " not in text, text


def test_alternative_text_goes_with_the_picture_into_a_notebook():
    from IPython.core.formatters import DisplayFormatter
    from IPython.core.pylabtools import select_figure_formats
    formatter = DisplayFormatter()
    select_figure_formats(SimpleNamespace(display_formatter=formatter), {"png"})
    figure = plots.confusion(PERCENT, "percent")
    data, metadata = formatter.format(figure)
    assert data["image/png"]
    assert metadata == {"image/png": {"alt": plots.alternative_text(figure)}}
    picture = plots.moving_stages(dict(zip("abc", signals(3), strict=True)))
    data, metadata = formatter.format(picture)
    assert data["image/png"] and metadata["image/png"]["alt"].endswith("a, b and c.")


def test_alternative_text_grows_with_what_is_drawn():
    figure, [[ax]] = style.subplots()
    assert plots.alternative_text(figure) == ""
    assert plots.described(ax, "A curve.") is ax
    assert plots.described(figure, "Its end\nis named.") is figure
    assert plots.alternative_text(figure) == "A curve. Its end is named."


def test_more_curves_than_styles_are_all_drawn():
    many = {str(number): falling(3, seed=number) for number in range(7)}
    assert len(end_labels(plots.runs(STEPS, {"loss": many}))) == 7


def test_a_history_without_test_data_is_named():
    untested = History(seeds=[0], steps=STEPS, params={}, best_params=None, seconds=1.0,
                       train_loss=falling(1), train_accuracy=rising(1))
    with pytest.raises(ValueError, match=r"histories\['cnn'\] has no test accuracy: fit it on"):
        plots.add_runs(pyplot.axes(), {"cnn": untested})


def calls_of_plots(source: str) -> list[ast.Call]:
    """The calls `plots.name(...)` in a cell's source."""
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "plots"]


@pytest.mark.parametrize("path", notebooks.lesson_files(notebooks.lessons_dir()),
                         ids=lambda path: path.stem[:2])
def test_what_the_lessons_call_is_public_and_takes_these_arguments(path):
    assert "plots." in path.read_text(encoding="utf-8")
    for cell in notebooks.read(path).cells:
        for call in calls_of_plots(cell.source) if cell.cell_type == "code" else ():
            name = call.func.attr
            assert name in plots.__all__, name
            signature = inspect.signature(getattr(plots, name))
            unpacked = any(isinstance(argument, ast.Starred) for argument in call.args)
            bind = signature.bind_partial if unpacked else signature.bind
            bind(*call.args, **{word.arg: word.value for word in call.keywords})
