"""Figures of the experiment `residual`. Lesson 12."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.plots import BLUE, GREEN, GREY, ORANGE, RED, band, bare, label_ends

STYLES = {"default": {"color": GREY, "linestyle": ":"}, "he": {"color": ORANGE, "linestyle": "-."},
          "norm": {"color": RED, "linestyle": (0, (5, 1, 1, 1))},
          "residual": {"color": GREEN, "linestyle": "--"},
          "both": {"color": BLUE, "linestyle": "-"}}


def variances(summary: dict):
    """Variances of activations and gradients by block, before and after training; returns the
    figure. `summary` is that of the experiment `residual`. Lesson 12."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(2, 2, figsize=(11, 6.4), sharex=True, layout="constrained")
    for row, what in zip(axes, ("activations", "gradients"), strict=True):
        for ax, when in zip(row, ("before", "after"), strict=True):
            ends = {}
            for kind, found in summary["kinds"].items():
                if found["variance"][when]:
                    values = np.array(found["variance"][when][what]).T
                    blocks = np.arange(len(values))
                    band(bare(ax), blocks, values, **STYLES[kind])
                    ends[found["title"]] = (blocks[-1], values[-1].mean(), STYLES[kind]["color"])
            steps = summary["steps"]["variance"]
            ax.set_title(f"{what}, {'before training' if when == 'before' else ''}"
                         f"{f'after {steps} steps' if when == 'after' else ''}",
                         loc="left", fontsize="medium")
            label_ends(ax, ends, gap=np.ptp(ax.get_ylim()) / 14)
        row[0].set_ylabel("variance, decimal logarithm")
    for ax in axes[1]:
        ax.set_xlabel("block")
    figure.supxlabel(f"bands: ± one standard deviation over {summary['seeds']['variance']} seeds",
                     fontsize="small")
    return figure


def shattered(summary: dict):
    """How the gradient's autocorrelation falls with distance, a panel for each depth; returns the
    figure. Lesson 12."""
    from matplotlib import pyplot
    depths = list(next(iter(summary["kinds"].values()))["lines"])
    figure, axes = pyplot.subplots(1, len(depths), figsize=(1.5 + 3 * len(depths), 3.4),
                                   sharey=True, layout="constrained")
    for ax, depth in zip(axes, depths, strict=True):
        ends = {}
        for kind, found in summary["kinds"].items():
            curve = found["lines"][depth]["curve"]
            bare(ax).plot(summary["distance"], curve, **STYLES[kind])
            ends[found["title"]] = (summary["distance"][-1], curve[-1], STYLES[kind]["color"])
        ax.set_title(f"{depth} block{'' if depth == '1' else 's'}", loc="left", fontsize="medium")
        ax.set(xlabel="distance in input space", ylim=(-0.05, 1.02))
    label_ends(axes[-1], ends, gap=0.08)
    axes[0].set_ylabel("autocorrelation of the gradient")
    figure.supxlabel(f"means over {summary['seeds']['lines']} seeds; a signal is about 6.3 long",
                     fontsize="small")
    return figure


def depths(summary: dict):
    """Training accuracy by depth for each kind of dense and convolutional net; returns the figure.
    Lesson 12."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(11, 3.8), sharey=True, layout="constrained")
    for ax, model in zip(axes, ("mlp", "cnn"), strict=True):
        ends = {}
        for kind, found in summary["kinds"].items():
            each = found["depth"][model]["by_depth"]
            x = [int(depth) for depth in each]
            values = np.array([row["train_accuracy"] for row in each.values()])
            band(bare(ax), x, values, **STYLES[kind], marker="o", markersize=4)
            ends[found["title"]] = (x[-1], values[-1].mean(), STYLES[kind]["color"])
        ax.axhline(10, color="0.6", linewidth=0.8)
        ax.annotate("chance", (x[0], 10), xytext=(0, -11), textcoords="offset points",
                    color="0.4", fontsize="small")
        ax.set_title({"mlp": "dense nets", "cnn": "convolutional nets"}[model], loc="left",
                     fontsize="medium")
        ax.set(xscale="log", xlabel="blocks", ylim=(0, 102))
        ax.set_xticks(x, x)
        ax.minorticks_off()
        label_ends(ax, ends, gap=6)
    axes[0].set_ylabel("training accuracy (%)")
    figure.supxlabel(f"after {summary['steps']['depth']} steps at the better of the rates; bands: "
                     f"± one standard deviation over {summary['seeds']['depth']} seeds",
                     fontsize="small")
    return figure
