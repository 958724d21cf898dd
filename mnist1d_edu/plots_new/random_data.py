"""Figures of the experiment `random-data`. Lesson 13."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.plots import BLUE, GREEN, GREY, ORANGE, RED, bare, label_ends

STYLES = {"true": (BLUE, "-"), "labels": (RED, "--"), "inputs": (GREEN, "-.")}
LAYER_STYLES = {"1": (GREY, ":"), "2": (ORANGE, "-."), "3": (GREEN, "--"), "4": (BLUE, "-")}


def fitting(summary: dict):
    """Training loss and training accuracy of the three kinds of data against steps, and the steps
    to fit against the share of permuted labels; returns the figure. `summary` is that of the
    experiment `random-data`. Lesson 13."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 3, figsize=(12.5, 3.7), layout="constrained")
    for ax, measure in zip(axes, ("train_loss", "train_accuracy"), strict=False):
        ends = {}
        for kind, (color, dashes) in STYLES.items():
            found = summary["kinds"][kind]
            bare(ax).plot(found["steps"], found[measure], color=color, linestyle=dashes)
            place = len(found["steps"]) // 6
            ends[found["title"]] = (found["steps"][place], found[measure][place], color)
        for title, (x, y, color) in ends.items():
            ax.annotate(title, (x, y), xytext=(6, 4 if measure == "train_loss" else -10),
                        textcoords="offset points", color=color)
        ax.set(xlabel="step", ylim=(0, None))
    axes[0].set_ylabel("training loss")
    axes[1].set_ylabel("training accuracy (%)")
    waits(axes[2], summary["shares"])
    seeds = len(summary["kinds"]["true"]["seeds"])
    figure.supxlabel(f"curves: means over {seeds} seeds", fontsize="small")
    return figure


def waits(ax, shares: dict) -> None:
    """Steps until all training examples are right against the share of permuted labels; nets that
    did not get there as arrows at their last step."""
    bare(ax)
    for share, found in shares.items():
        x = 100 * float(share)
        fitted = [step for step in found["fits"] if step is not None]
        ax.plot([x] * len(fitted), fitted, color=BLUE, marker="o", linestyle="", alpha=0.5)
        if len(fitted) < len(found["fits"]):
            ax.plot(x, found["steps"][-1], color=RED, marker="^", linestyle="")
    means = [(100 * float(share), np.mean(found["fits"])) for share, found in shares.items()
             if None not in found["fits"]]
    ax.plot(*zip(*means, strict=True), color=BLUE)
    ax.set(xlabel="labels permuted (%)", ylabel="steps until all are right (a point a seed)",
           ylim=(0, None))


def margins(summary: dict):
    """Quantiles of the margins, as they are and relative to the nets' spectral norms, for each kind
    of data; returns the figure. Lesson 13."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
    kinds = list(STYLES)[::-1]
    low, quarter, middle, three, high = (summary["quantiles"].index(q)
                                         for q in (0.05, 0.25, 0.5, 0.75, 0.95))
    for ax, key in zip(axes, ("margins", "relative"), strict=True):
        for row, kind in enumerate(kinds):
            each = np.mean(summary["kinds"][kind]["anatomy"][key], axis=0)
            color = STYLES[kind][0]
            ax.plot(each[[low, high]], [row, row], color=color, linewidth=1)
            ax.plot(each[[quarter, three]], [row, row], color=color, linewidth=7,
                    solid_capstyle="butt")
            ax.plot(each[middle], row, color="white", marker="|", markersize=10)
        bare(ax).set_yticks(range(len(kinds)), [summary["kinds"][kind]["title"] for kind in kinds])
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set_ylim(-0.6, len(kinds) - 0.4)
        ax.tick_params(axis="y", length=0)
    axes[0].set_xlabel("margin of the right class (logits)")
    axes[1].set_xlabel("margin over the product of spectral norms")
    figure.supxlabel("quantiles over the training examples: line 5 to 95 %, bar 25 to 75 %, notch "
                     "median; means over the seeds", fontsize="small")
    return figure


def full_batch(summary: dict):
    """Training error of full-batch descent against steps, by number of hidden layers; returns the
    figure. Lesson 13."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(6.2, 3.6), layout="constrained")
    ends = {}
    for layers, found in summary["batch"].items():
        color, dashes = LAYER_STYLES[layers]
        error = 100 - np.array(found["train_accuracy"])
        bare(ax).plot(found["steps"], error, color=color, linestyle=dashes)
        early = min(int((error > 12).sum()), len(error) - 1)
        ends[f"{layers} hidden layer{'' if layers == '1' else 's'}"] = (
            found["steps"][early], error[early], color)
    label_ends(ax, ends, gap=6)
    ax.set(xlabel="step (all examples in each)", ylabel="training error (%)", ylim=(0, 90),
           xscale="symlog")
    seeds = len(next(iter(summary["batch"].values()))["seeds"])
    figure.supxlabel(f"means over {seeds} seeds", fontsize="small")
    return figure
