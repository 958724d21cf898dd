"""Figures of the experiment `regularization`. Lesson 10."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.plots import BLUE, GREEN, GREY, ORANGE, RED, bare, label_ends

AUGMENTED = {"mlp": (GREY, ":"), "mlp, shift": (BLUE, "-"), "mlp, scale": (ORANGE, "--"),
             "mlp, slope": (GREEN, "-."), "mlp, offset": (RED, (0, (5, 1, 1, 1))),
             "mlp, together": ("black", "-")}


def ingredients(summary: dict):
    """Each ingredient alone and all together, at the last step (open) and the best (filled), for
    MLP and CNN, beside the review's ranges; returns the figure. `summary` is that of the experiment
    `regularization`. Lesson 10."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(11.5, 3.8), layout="constrained")
    published = {row["what"].removesuffix(", best step"): row for row in summary["comparison"]}
    for ax, model in zip(axes, ("mlp", "cnn"), strict=True):
        arms = [arm for arm, found in summary["arms"].items()
                if found["model"] == model and found["augment"] == "none"
                and found["examples"] == 4000][::-1]
        for row, arm in enumerate(arms):
            found = summary["arms"][arm]
            for shift, at, face in ((0.17, "last", "white"), (-0.17, "best", BLUE)):
                values = np.array(found[at])
                ax.errorbar(values.mean(), row + shift, xerr=values.std(ddof=1), color=BLUE,
                            marker="o", markerfacecolor=face, capsize=2)
            if found["title"] in published:
                ax.plot(published[found["title"]]["published"], [row - 0.36] * 2, color="black",
                        linewidth=4, solid_capstyle="butt")
        bare(ax).set_yticks(range(len(arms)), [summary["arms"][arm]["title"] for arm in arms])
        ax.tick_params(axis="y", length=0)
        ax.grid(axis="x", color="0.9", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.set(xlabel="test accuracy (%)", ylim=(-0.6, len(arms) - 0.5))
    seeds = len(summary["arms"]["mlp"]["last"])
    figure.supxlabel(f"open: last step, filled: best step on held-out examples, ± one standard "
                     f"deviation over {seeds} seeds or more; black: the review", fontsize="small")
    return figure


def augmentation(summary: dict):
    """Test accuracy against steps of the MLP with each augmentation, and the last step of each
    beside fresh signals and the CNN; returns the figure. Lesson 10."""
    from matplotlib import pyplot
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11.5, 4), layout="constrained")
    arms, ends = summary["arms"], {}
    for arm, (color, dashes) in AUGMENTED.items():
        found = arms[arm]
        bare(left).plot(found["steps"], found["curve"], color=color, linestyle=dashes)
        ends[found["title"].removeprefix("MLP, augmented: ")] = (
            found["steps"][-1], found["curve"][-1], color)
    left.set(xlabel="step", ylabel="test accuracy (%), mean over the seeds", ylim=(0, 100))
    label_ends(left, ends, gap=5)
    rows = [arm for arm, found in arms.items() if arm in ("mlp", "cnn", "mlp, all")
            or found["augment"] != "none" or found["examples"] != 4000][::-1]
    for row, arm in enumerate(rows):
        values = np.array(arms[arm]["last"])
        right.errorbar(values.mean(), row, xerr=values.std(ddof=1), marker="o", capsize=2,
                       color=GREY if arm == "cnn" else BLUE)
    bare(right).set_yticks(range(len(rows)), [arms[arm]["title"] for arm in rows])
    right.tick_params(axis="y", length=0)
    right.grid(axis="x", color="0.9", linewidth=0.8)
    right.set_axisbelow(True)
    right.set(xlabel=f"test accuracy (%) at the last step, ± one standard deviation over "
                     f"{len(arms['mlp']['last'])} seeds")
    return figure
