"""The figure of the experiment `pooling`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import band
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    bare,
    described,
    label_ends,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NETS: dict[str, dict[str, Any]] = {
    "none": {"color": GREY, "linestyle": ":"}, "stride": {"color": RED, "linestyle": "--"},
    "max": {"color": BLUE, "linestyle": "-"}, "mean": {"color": GREEN, "linestyle": "-."},
    "l2": {"color": ORANGE, "linestyle": (0, (5, 1, 1, 1, 1, 1))}}
_OTHERS: dict[str, dict[str, Any]] = {
    "none": {**_NETS["none"], "marker": "v"}, "stride": {**_NETS["stride"], "marker": "s"},
    "none, parameters": {"color": ORANGE, "linestyle": "-", "marker": "^"},
    "none, arithmetic": {"color": GREEN, "linestyle": "-.", "marker": "D"},
    "stride, arithmetic": {"color": "black", "linestyle": (0, (5, 1, 1, 1)), "marker": "o"}}
_SHORT = {"none": "no pooling", "stride": "stride 2", "none, parameters": "none, equal parameters",
          "none, arithmetic": "none, equal arithmetic",
          "stride, arithmetic": "stride 2, equal arithmetic"}


def pooling(summary: dict[str, Any]) -> Figure:
    """Test accuracy by number of training examples, the lead of max pooling over nets without it,
    and test accuracy against shift.

    summary: that of the experiment `pooling`. Lesson 11.
    """
    figure, [axes] = subplots(1, 3, figsize=(14, 4.1))
    nets = {arm: style for arm, style in _NETS.items() if arm in summary["arms"]}
    _by_size(axes[0], summary, nets)
    _leads(axes[1], summary)
    sizes = summary["arms"]["max"]["sizes"]
    n = min(sizes, key=lambda size: abs(size - 5000))
    shifted = _against_shift(axes[2], summary, nets, n)
    figure.supxlabel(f"bands: ± one standard deviation over {summary['seeds']} seeds; bars: 95 % "
                     "intervals; crosses: stored with the paper's code, one seed", fontsize="small")
    titles = {arm: summary["arms"][arm]["title"] for arm in nets}
    ends = [f"with {sizes[place]:,} examples " + means(
        {titles[arm]: summary["arms"][arm]["test_accuracy"][place] for arm in nets})
        for place in (0, -1)]
    return described(
        figure, f"Test accuracy against the number of training examples: {'; '.join(ends)}. Beside "
        "it the lead of max pooling over nets without it, which shrinks as the examples grow. "
        f"Right, the accuracy with {n:,} examples against the shift of the test signals, falling "
        f"to {means(shifted)} at {summary['shifts'][-1]} places.")


def _by_size(ax: Axes, summary: dict[str, Any], nets: dict[str, dict[str, Any]]) -> None:
    ends = {}
    for arm, style in nets.items():
        found = summary["arms"][arm]
        band(bare(ax), found["sizes"], found["test_accuracy"], **style)
        ends[found["title"]] = (found["sizes"][-1], np.mean(found["test_accuracy"][-1]),
                                style["color"])
        ax.plot(found["sizes"], found["stored"], color=style["color"], marker="x", linestyle="")
    _count_examples(ax, summary)
    ax.set(ylabel="test accuracy (%)", ylim=(50, 100))
    label_ends(ax, ends)


def _leads(ax: Axes, summary: dict[str, Any]) -> None:
    """The lead of max pooling, with 95 % intervals, over each net; the points stand a little
    apart."""
    bare(ax).axhline(0, color="black", linewidth=0.8)
    ends = {}
    for place, (arm, style) in enumerate(_OTHERS.items()):
        rows = summary["leads"][arm]
        x = np.array([row["n"] for row in rows]) * 1.05 ** (place - 2)
        mean, low, high = (np.array([row[key] for row in rows]) for key in ("mean", "low", "high"))
        ax.errorbar(x, mean, (mean - low, high - mean), **style, capsize=2, markersize=4)
        ends[_SHORT[arm]] = (x[-1], mean[-1], style["color"])
    _count_examples(ax, summary)
    ax.set_ylabel("lead of max pooling (points)")
    label_ends(ax, ends, away=14)


def _against_shift(ax: Axes, summary: dict[str, Any], nets: dict[str, dict[str, Any]], n: int
                   ) -> dict[str, list[float]]:
    """Test accuracy against shift after training on n examples; the values at the largest shift."""
    ends, last = {}, {}
    for arm, style in nets.items():
        found = summary["arms"][arm]
        values = found["shifted"][found["sizes"].index(n)]
        band(bare(ax), summary["shifts"], values, **style)
        ends[found["title"]] = (summary["shifts"][-1], np.mean(values[-1]), style["color"])
        last[found["title"]] = values[-1]
    ax.set_title(f"{n:,} training examples", loc="left", fontsize="medium")
    ax.set(xlabel="shift of the test signals (places, either side)", ylabel="test accuracy (%)",
           ylim=(0, 100), xticks=summary["shifts"])
    label_ends(ax, ends)
    return last


def _count_examples(ax: Axes, summary: dict[str, Any]) -> None:
    """A logarithmic axis of the numbers of examples, in thousands."""
    sizes = summary["arms"]["none"]["sizes"]
    ax.set(xscale="log", xlabel="training examples (thousands)")
    ax.set_xticks(sizes, [f"{size / 1000:g}" for size in sizes])
    ax.minorticks_off()
