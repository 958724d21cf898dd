"""The figures of the experiment `residual`."""

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
    courses,
    described,
    label_ends,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS: dict[str, dict[str, Any]] = {
    "default": {"color": GREY, "linestyle": ":"}, "he": {"color": ORANGE, "linestyle": "-."},
    "norm": {"color": RED, "linestyle": (0, (4, 1, 1, 1, 1, 1))},
    "residual": {"color": GREEN, "linestyle": "--"}, "both": {"color": BLUE, "linestyle": "-"}}


def residual_variances(summary: dict[str, Any]) -> Figure:
    """Variances of activations and of the loss's gradients by block, before and after training.

    summary: that of the experiment `residual`. Lesson 12.
    """
    figure, axes = subplots(2, 2, figsize=(11.5, 6.6), sharex=True)
    steps, told = summary["steps"]["variance"], []
    for row, what in zip(axes, ("activations", "gradients"), strict=True):
        for ax, when in zip(row, ("before", "after"), strict=True):
            ends, curves = {}, {}
            for kind, found in summary["kinds"].items():
                if found["variance"][when] is not None:
                    values = np.array(found["variance"][when][what]).T
                    blocks = np.arange(len(values))
                    band(bare(ax), blocks, values, **_KINDS[kind])
                    ends[found["title"]] = (blocks[-1], values[-1].mean(), _KINDS[kind]["color"])
                    curves[found["title"]] = values
            label_ends(ax, ends)
            ax.set_title(f"{what}, before training" if when == "before"
                         else f"{what}, after {steps} steps", loc="left", fontsize="medium")
            if when == "before":
                told.append(f"of the {what} {courses(curves)}")
        row[0].set_ylabel("variance (decimal logarithm)")
    for ax in axes[1]:
        ax.set_xlabel("block")
    figure.supxlabel(f"bands: ± one standard deviation over {summary['seeds']['variance']} seeds",
                     fontsize="small")
    return described(figure, "Decimal logarithms of variances by block of deep nets, before "
                     f"training and after, those before training {'; '.join(told)}.")


def shattered_gradients(summary: dict[str, Any]) -> Figure:
    """How the autocorrelation of an untrained net's input gradient falls with distance, a panel for
    each depth.

    summary: that of the experiment `residual`. Lesson 12.
    """
    depths = list(next(iter(summary["kinds"].values()))["lines"])
    figure, [axes] = subplots(1, len(depths), figsize=(2.2 + 2.9 * len(depths), 3.5), sharey=True)
    for ax, depth in zip(axes, depths, strict=True):
        ends = {}
        for kind, found in summary["kinds"].items():
            curve = found["lines"][depth]["curve"]
            bare(ax).plot(summary["distance"], curve, **_KINDS[kind])
            ends[found["title"]] = (summary["distance"][-1], curve[-1], _KINDS[kind]["color"])
        ax.set_title(f"{depth} block{'' if depth == '1' else 's'}", loc="left", fontsize="medium")
        ax.set(xlabel="distance in input space", ylim=(-0.05, 1.02))
    label_ends(axes[-1], ends)
    axes[0].set_ylabel("autocorrelation of the gradient")
    figure.supxlabel(f"means over {summary['seeds']['lines']} seeds; a signal is about 6.3 long",
                     fontsize="small")
    halves = means({found["title"]: found["lines"][depths[-1]]["half"]
                    for found in summary["kinds"].values()})
    return described(figure, "Autocorrelation of input gradients against distance for several "
                     f"depths; with {depths[-1]} blocks it falls below a half at {halves}.")


def trainable_depths(summary: dict[str, Any]) -> Figure:
    """Training accuracy by number of blocks for each kind of dense and convolutional net.

    summary: that of the experiment `residual`. Lesson 12.
    """
    figure, [axes] = subplots(1, 2, figsize=(12, 3.9), sharey=True)
    told = []
    for ax, model in zip(axes, ("mlp", "cnn"), strict=True):
        ends, last = {}, {}
        for kind, found in summary["kinds"].items():
            each = found["depth"][model]["by_depth"]
            blocks = [int(depth) for depth in each]
            values = np.array([row["train_accuracy"] for row in each.values()])
            band(bare(ax), blocks, values, **_KINDS[kind], marker="o", markersize=4)
            ends[found["title"]] = (blocks[-1], values[-1].mean(), _KINDS[kind]["color"])
            last[found["title"]] = values[-1]
        ax.axhline(10, color="0.6", linewidth=0.8)
        ax.annotate("chance", (blocks[0], 10), xytext=(0, -11), textcoords="offset points",
                    color="0.4", fontsize="small")
        title = {"mlp": "dense nets", "cnn": "convolutional nets"}[model]
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(xscale="log", xlabel="blocks", ylim=(-3, 102))
        ax.set_xticks(blocks, [str(count) for count in blocks])
        ax.minorticks_off()
        label_ends(ax, ends)
        told.append(f"{title} of {blocks[-1]} blocks {means(last)}")
    axes[0].set_ylabel("training accuracy (%)")
    figure.supxlabel(f"after {summary['steps']['depth']} steps at the better of the rates; bands: "
                     f"± one standard deviation over {summary['seeds']['depth']} seeds",
                     fontsize="small")
    return described(figure, f"Training accuracy by number of blocks; {'; '.join(told)}.")
