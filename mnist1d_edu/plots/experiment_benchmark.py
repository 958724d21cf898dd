"""The figures of the experiments `benchmark`, `shuffled` and `mnist`; shown in lesson 09."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import (
    CROSS,
    FULL,
    OPEN,
    THICK,
    band,
    dot,
    key,
    published,
    rows,
    say_mean,
    tested,
)
from mnist1d_edu.plots.style import (
    MODEL_STYLES,
    MODEL_TITLES,
    bare,
    described,
    label_ends,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mnist1d_edu.train import History


def benchmark(summary: dict[str, Any]) -> Figure:
    """The paper's benchmark: learning curves, and the accuracies beside the published ones.

    summary: that of the experiment `benchmark`, whose accuracies are (evaluations, seeds) for each
    model. Lesson 09.
    """
    figure, [[left, right]] = subplots(1, 2, figsize=(10.5, 3.9), width_ratios=(1.15, 1))
    _curves(left, summary)
    _beside_published(right, summary)
    return described(figure, "Left: test accuracy of four models against the training step, inputs "
                     "in order. Right: their accuracies as points beside the published ones. Mean "
                     f"at the last step in percent: {means(_last(summary))}.")


def shuffled(ordered: dict[str, Any], summary: dict[str, Any]) -> Figure:
    """What shuffling the inputs does: learning curves (ordered ones faint), and accuracies before
    and after beside the paper's.

    ordered, summary: those of the experiments `benchmark` and `shuffled`. Lesson 09.
    """
    figure, [[left, right]] = subplots(1, 2, figsize=(10.5, 3.9), width_ratios=(1.15, 1))
    for name, style in MODEL_STYLES.items():
        mean = np.mean(ordered["models"][name]["test_accuracy"], axis=1)
        left.plot(ordered["steps"], mean, color=style["color"], linestyle=style["linestyle"],
                  alpha=0.45, linewidth=1)
    _curves(left, summary)
    left.set_title("inputs shuffled (faint: in order)", loc="left", fontsize="medium")
    _before_and_after(right, ordered, summary)
    return described(figure, "Left: test accuracy of four models against the training step, inputs "
                     "shuffled, with the curves in order drawn faintly. Right: the last accuracies "
                     f"before and after shuffling. Mean in percent, in order: "
                     f"{means(_last(ordered))}; shuffled: {means(_last(summary))}.")


def mnist(summary: dict[str, Any], ordered: dict[str, Any], shuffled: dict[str, Any]) -> Figure:
    """The same models on digits of MNIST and on MNIST-1D, in order and shuffled: test accuracies
    at the last step.

    summary: that of the experiment `mnist`; ordered, shuffled: those of `benchmark` and
    `shuffled`. Lesson 09.
    """
    figure, axes = subplots(1, 2, figsize=(7.6, 2.7), dpi=70, sharey=True)
    names = list(summary["models"]["ordered"])[::-1]
    pairs = {"4,000 digits of MNIST": [summary["models"]["ordered"], summary["models"]["shuffled"]],
             "4,000 signals of MNIST-1D": [ordered["models"], shuffled["models"]]}
    told = []
    for ax, (title, sources) in zip(axes[0], pairs.items(), strict=True):
        for row, name in enumerate(names):
            color = MODEL_STYLES[name]["color"]
            for source, shift, filled in zip(sources, (0.16, -0.16), (False, True), strict=True):
                last = source[name]["test_accuracy"][-1]
                dot(ax, row + shift, last, color, filled)
                say_mean(ax, row + shift, last, color)
        rows(ax, [MODEL_TITLES[name] for name in names])
        ax.set_title(title, loc="left", fontsize="medium", pad=22)
        order, mixed = ({MODEL_TITLES[name]: source[name]["test_accuracy"][-1] for name in names}
                        for source in sources)
        told.append(f"{title}, in order: {means(order)}; shuffled: {means(mixed)}.")
    key(axes[0, 0], {"in order": OPEN, "shuffled": FULL})
    return described(figure, "Test accuracy of the models on MNIST and on MNIST-1D, in order and "
                     "shuffled, in percent. " + " ".join(told))


def add_runs(ax: Axes, histories: dict[str, History]) -> None:
    """Your own short runs on the learning curves of `benchmark` or `shuffled`: model (a key of
    MODEL_STYLES) -> history, the mean over its seeds at each evaluation but the first. Lesson 09.
    """
    test = tested(histories)
    for name, values in test.items():
        style = MODEL_STYLES[name]
        ax.plot(histories[name].steps[1:], values[1:].mean(axis=1), linestyle="",
                color=style["color"], marker=style["marker"], markersize=6, markeredgecolor="black")
    ax.annotate("markers: your runs", (0.98, 0.03), xycoords="axes fraction", ha="right",
                fontsize="small")
    described(ax, "Markers on the curves are your own runs, at their last step "
              + means({MODEL_TITLES[name]: values[-1] for name, values in test.items()}) + ".")


def _last(summary: dict) -> dict[str, list[float]]:
    """The accuracies at the last step by the model's title."""
    return {MODEL_TITLES[name]: summary["models"][name]["test_accuracy"][-1]
            for name in MODEL_STYLES}


def _curves(ax: Axes, summary: dict) -> None:
    """Test accuracy against steps for the four models, labelled at their ends."""
    bare(ax)
    ends = {}
    for name, style in MODEL_STYLES.items():
        values = summary["models"][name]["test_accuracy"]
        band(ax, summary["steps"], values, color=style["color"], linestyle=style["linestyle"])
        ends[MODEL_TITLES[name]] = (summary["steps"][-1], np.mean(values[-1]), style["color"])
    label_ends(ax, ends)
    seeds = len(summary["models"]["mlp"]["seeds"])
    order = {"ordered": "in order", "shuffled": "shuffled"}[summary["order"]]
    ax.set_title(f"inputs {order}", loc="left", fontsize="medium")
    ax.set(xlabel=f"step (mean ± standard deviation over {seeds} seeds)",
           ylabel="test accuracy (%)", ylim=(0, 100), xlim=(0, summary["steps"][-1]))


def _beside_published(ax: Axes, summary: dict) -> None:
    """One row a model: our last and best step, the stored notebooks' range, the paper's value."""
    names = list(MODEL_STYLES)[::-1]
    for row, name in enumerate(names):
        color = MODEL_STYLES[name]["color"]
        test = np.array(summary["models"][name]["test_accuracy"])
        dot(ax, row + 0.27, test[-1], color, filled=True)
        dot(ax, row + 0.09, test.max(0), color, filled=False)
        say_mean(ax, row + 0.27, test[-1], color)
        low, high = summary["notebooks"][name]
        ax.plot([low - 0.15, high + 0.15], [row - 0.09] * 2, **THICK)
        published(ax, row - 0.27, summary["paper"][name])
    published(ax, len(names), summary["paper"]["human"])
    rows(ax, [*(MODEL_TITLES[name] for name in names), "human"])
    key(ax, {"our last step": FULL, "our best step": OPEN,
             "last steps stored with the paper's code": THICK, "the paper": CROSS})


def _before_and_after(ax: Axes, ordered: dict, summary: dict) -> None:
    """One row a model: the last step's accuracy in order and shuffled, what is lost, and the
    paper's values."""
    names = list(MODEL_STYLES)[::-1]
    for row, name in enumerate(names):
        color = MODEL_STYLES[name]["color"]
        before, after = (np.array(source["models"][name]["test_accuracy"][-1])
                         for source in (ordered, summary))
        change = after.mean() - before.mean()
        dot(ax, row + 0.1, before, color, filled=False)
        dot(ax, row + 0.1, after, color, filled=True)
        if abs(change) > 5:
            ax.annotate("", (after.mean() + 2, row + 0.1), (before.mean() - 2, row + 0.1),
                        arrowprops={"arrowstyle": "->", "color": color})
        ax.annotate(f"{change:+.1f}".replace("-", "−"), (before.mean() + change / 2, row + 0.1),
                    xytext=(0, 6), textcoords="offset points", ha="center", color=color)
        for source in (ordered, summary):
            published(ax, row - 0.2, source["paper"][name])
    for source in (ordered, summary):
        published(ax, len(names), source["paper"]["human"])
    rows(ax, [*(MODEL_TITLES[name] for name in names), "human"])
    key(ax, {"in order": OPEN, "shuffled": FULL, "the paper": CROSS})
