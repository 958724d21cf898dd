"""The figures of the experiment `random-data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    bare,
    described,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_KINDS: dict[str, dict[str, Any]] = {
    "true": {"color": BLUE, "linestyle": "-"}, "labels": {"color": RED, "linestyle": "--"},
    "inputs": {"color": GREEN, "linestyle": "-."}}
_LAYERS: dict[str, dict[str, Any]] = {
    "1": {"color": GREY, "linestyle": ":"}, "2": {"color": ORANGE, "linestyle": "-."},
    "3": {"color": GREEN, "linestyle": "--"}, "4": {"color": BLUE, "linestyle": "-"}}


def fitting_noise(summary: dict[str, Any]) -> Figure:
    """Training loss and training accuracy on true data, permuted labels and random inputs, and the
    steps to fit against the proportion of permuted labels.

    summary: that of the experiment `random-data`. Lesson 13.
    """
    figure, [axes] = subplots(1, 3, figsize=(13, 3.8))
    for ax, measure in zip(axes, ("train_loss", "train_accuracy"), strict=False):
        for found, style in _each(summary):
            bare(ax).plot(found["steps"], found[measure], **style, label=found["title"])
        ax.set(xlabel="step", ylim=(0, None))
    axes[0].set_ylabel("training loss")
    axes[1].set_ylabel("training accuracy (%)")
    axes[0].legend(frameon=False, fontsize="small")
    _waits(axes[2], summary["shares"])
    seeds = {part: len(next(iter(summary[part].values()))["seeds"]) for part in ("kinds", "shares")}
    figure.supxlabel(f"curves: means over {seeds['kinds']} seeds; circles: one for each of "
                     f"{seeds['shares']} seeds; triangles: not yet fitted", fontsize="small")
    fits = {f"{float(share):.0%}": waits for share, found in summary["shares"].items()
            if None not in (waits := found["fits"])}
    accuracy = means({found["title"]: found["last_train_accuracy"]
                      for found in summary["kinds"].values()})
    return described(figure, "Training loss and accuracy against steps for three kinds of data, "
                     f"which reach {accuracy} per cent; and the steps until all are right by "
                     f"proportion of permuted labels: {means(fits) or 'none fits'}.")


def noise_margins(summary: dict[str, Any]) -> Figure:
    """Quantiles of the margins of nets trained on true data, permuted labels and random inputs, as
    they are and relative to the nets' spectral norms.

    summary: that of the experiment `random-data`. Lesson 13.
    """
    figure, [axes] = subplots(1, 2, figsize=(10, 3.3))
    low, quarter, middle, three, high = (summary["quantiles"].index(q)
                                         for q in (0.05, 0.25, 0.5, 0.75, 0.95))
    drawn = list(_each(summary))[::-1]
    for ax, measure in zip(axes, ("margins", "relative"), strict=True):
        for row, (found, style) in enumerate(drawn):
            each = np.mean(found["anatomy"][measure], axis=0)
            ax.plot(each[[low, high]], [row, row], color=style["color"], linewidth=1)
            ax.plot(each[[quarter, three]], [row, row], color=style["color"], linewidth=7,
                    solid_capstyle="butt")
            ax.plot(each[middle], row, color="white", marker="|", markersize=10)
        bare(ax).set_yticks(range(len(drawn)), [found["title"] for found, _ in drawn])
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set_ylim(-0.6, len(drawn) - 0.4)
        ax.tick_params(axis="y", length=0)
    axes[0].set_xlabel("margin of the right class (logits)")
    axes[1].set_xlabel("margin over the product of spectral norms")
    figure.supxlabel("quantiles over the training examples, means over the seeds: line 5 to 95 %, "
                     "bar 25 to 75 %, notch median", fontsize="small")
    told = [means({found["title"]: np.array(found["anatomy"][measure])[:, middle]
                   for found, _ in drawn[::-1]}) for measure in ("margins", "relative")]
    return described(figure, f"Margins on the training examples, medians {told[0]}; over the "
                     f"product of the layers' spectral norms {told[1]}.")


def full_batch(summary: dict[str, Any]) -> Figure:
    """Training error of full-batch descent against steps, by number of hidden layers.

    summary: that of the experiment `random-data`. Lesson 13.
    """
    figure, [[ax]] = subplots(figsize=(6.8, 3.7))
    labels = {}
    for layers, found in summary["batch"].items():
        label = f"{layers} hidden layer{'' if layers == '1' else 's'}"
        error = 100 - np.array(found["train_accuracy"])
        bare(ax).plot(np.array(found["steps"][1:]), error[1:], **_LAYERS[layers], label=label)
        labels[label] = [step or np.nan for step in found["fits"]]
    ax.set(xlabel="step, each on all examples", ylabel="training error (%)", xscale="log",
           ylim=(0, 90))
    ax.legend(frameon=False)
    seeds = len(next(iter(summary["batch"].values()))["seeds"])
    figure.supxlabel(f"means over {seeds} seeds", fontsize="small")
    fitted = {label: steps for label, steps in labels.items() if not np.isnan(steps).any()}
    return described(figure, "Training error of full-batch descent against steps, falling to 0 at "
                     f"step {means(fitted)}." if fitted else
                     "Training error of full-batch descent against steps; no net fits yet.")


def _each(summary: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The results of the three kinds of data, each with its style."""
    return [(found, _KINDS[kind]) for kind, found in summary["kinds"].items()]


def _waits(ax: Axes, shares: dict[str, Any]) -> None:
    """Steps until all training examples are right against the proportion of permuted labels, a
    circle a seed; nets that did not get there are a triangle at their last step."""
    bare(ax)
    for share, found in shares.items():
        fitted = [step for step in found["fits"] if step is not None]
        ax.plot([100 * float(share)] * len(fitted), fitted, color=BLUE, marker="o", linestyle="",
                alpha=0.5)
        if len(fitted) < len(found["fits"]):
            ax.plot(100 * float(share), found["steps"][-1], color=RED, marker="^", linestyle="")
    whole = {100 * float(share): np.mean(found["fits"]) for share, found in shares.items()
             if None not in found["fits"]}
    ax.plot(list(whole), list(whole.values()), color=BLUE)
    ax.set(xlabel="labels permuted (%)", ylabel="steps until all are right", ylim=(0, None))
