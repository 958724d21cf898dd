"""The figures of the experiment `self-supervised`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import CROSS, band, deviation
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
    "default": {"color": BLUE, "linestyle": "-", "marker": "o"},
    "none": {"color": ORANGE, "linestyle": "--", "marker": "s"},
    "none, linear": {"color": RED, "linestyle": (0, (4, 1, 1, 1)), "marker": "^"},
    "deep": {"color": GREEN, "linestyle": "-.", "marker": "D"},
    "untrained": {"color": GREY, "linestyle": ":", "marker": "v"}}
_WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "tuned": ("training goes on,\naugmented", {**_NETS["deep"]}),
    "probe": ("linear on convolution 3,\nlearned without labels", {**_NETS["default"]}),
    "scratch, augmented": ("CNN from scratch,\naugmented", {**_NETS["none"]}),
    "scratch": ("CNN from scratch", {"color": RED, "linestyle": (0, (4, 1, 1, 1)), "marker": "^"}),
    "untrained": ("linear on convolution 3,\nnot trained", {**_NETS["untrained"]})}


def probes_by_depth(summary: dict[str, Any]) -> Figure:
    """The test accuracy of a linear classifier on each layer of the nets that learned without
    labels, and what a part of the augmentations or another temperature leave of it.

    summary: that of the experiment `self-supervised`. Lesson 17.
    """
    figure, [[left, right]] = subplots(1, 2, figsize=(11.5, 4.2), width_ratios=(1.25, 1))
    told, ends = {}, {}
    for arm, style in _NETS.items():
        if arm in summary["arms"]:
            found = summary["arms"][arm]
            values, depth = np.array(found["linear"]), np.arange(len(found["linear"]))
            left.errorbar(depth, values.mean(axis=1), deviation(values), capsize=2, markersize=4,
                          **style)
            if found["stored"]:
                left.plot(depth, found["stored"], **{**CROSS, "color": style["color"]})
            ends[found["title"]] = (depth[-1], values[-1].mean(), style["color"])
            told[found["title"]] = ", ".join(f"{row.mean():.0f}" for row in values)
    bare(left).set(xlabel="layer (0: the signal, 1 to 3: convolutions, then the projector)",
                   ylabel="test accuracy (%)", ylim=(10, 90), xlim=(-0.3, None))
    label_ends(left, ends)
    changed = _changes(right, summary)
    figure.supxlabel("error bars: one standard deviation over the seeds; crosses: stored with the "
                     "paper's code, one seed", fontsize="small")
    text = "; ".join(f"{title} ≈ {values}" for title, values in told.items())
    return described(
        figure, f"Test accuracy of a linear classifier on each layer, from the signal on: {text}. "
        + (f"Right, on the third convolution: {means(changed)}." if changed else ""))


def _changes(ax: Axes, summary: dict[str, Any]) -> dict[str, np.ndarray]:
    """The accuracy at the third convolution and at the output of the nets with other views or
    another temperature, which are trained for fewer steps; the former. Nothing if there are none.
    """
    arms = [arm for arm in summary["arms"] if arm not in _NETS]
    found: dict[str, np.ndarray] = {}
    if not arms:
        ax.remove()
        return found
    for row, arm in enumerate(arms):
        own = summary["arms"][arm]
        for layer, color, marker, y in (("conv3", BLUE, "o", -0.1), ("out", RED, "s", 0.1)):
            values = np.array(own["linear"][own["layers"].index(layer)])
            ax.errorbar(values.mean(), row + y, xerr=deviation(values), color=color, marker=marker,
                        capsize=2, markersize=4,
                        label=None if row else {"conv3": "convolution 3", "out": "output"}[layer])
            if layer == "conv3":
                found[own["title"]] = values
    steps = summary["arms"][arms[0]]["steps"]
    bare(ax).set(xlabel=f"test accuracy (%) after {steps:,} steps", ylim=(len(arms) - 0.5, -0.7))
    ax.set_yticks(range(len(arms)), [summary["arms"][arm]["title"] for arm in arms])
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize="small",
              borderaxespad=0.1)
    return found


def few_labels(summary: dict[str, Any]) -> Figure:
    """Test accuracy against the number of labels, for the ways to use them.

    summary: that of the experiment `self-supervised`. Lesson 17.
    """
    figure, [[ax]] = subplots(figsize=(7.6, 3.8))
    found, ends = summary["few"], {}
    for way, (title, style) in _WAYS.items():
        band(ax, found["labels"], found[way], markersize=4, **style)
        ends[title] = (found["labels"][-1], np.mean(found[way][-1]), style["color"])
    bare(ax).set(xscale="log", xlabel="labels, as many of each digit", ylabel="test accuracy (%)",
                 ylim=(0, 100))
    ax.set_xticks(found["labels"], [f"{n:,}" for n in found["labels"]])
    ax.minorticks_off()
    label_ends(ax, ends)
    figure.supxlabel("bands: ± one standard deviation over the seeds; from scratch: at its best "
                     "rate and step", fontsize="small")
    told = "; ".join(f"{title.replace(chr(10), ' ')} "
                     + means(dict(zip(map(str, found["labels"]), found[way], strict=True)))
                     for way, (title, _) in _WAYS.items())
    return described(figure, f"Test accuracy against the number of labels: {told}.")
