"""The figures of the experiment `lottery`; pairs and masks are shown in lesson 15."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import CROSS, band, rows
from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    bare,
    courses,
    described,
    label_ends,
    listed,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ARMS = {"lottery": {"color": BLUE, "linestyle": "-", "marker": "o"},
         "random": {"color": ORANGE, "linestyle": "--", "marker": "s"},
         "dense": {"color": GREY, "linestyle": ":", "marker": "v"}}
_PLURALS = {"lottery": "tickets", "random": "random masks"}
_SINGULARS = {"lottery": "ticket", "random": "random mask", "dense": "dense"}


def lottery(summary: dict[str, Any]) -> Figure:
    """Test accuracy and test loss against sparsity for tickets and random masks, beside the dense
    net and the published values.

    summary: that of the experiment `lottery`; its measures are (rounds, trials).
    """
    figure, [axes] = subplots(1, 2, figsize=(10.5, 3.9))
    sparsity = 100 * np.array(summary["sparsity"])
    shown = sparsity < 100  # the last round has nothing left
    told = []
    for ax, measure in zip(axes, ("test_accuracy", "test_loss"), strict=True):
        curves = {arm: np.array(summary[arm][measure])[shown] for arm in ("lottery", "random")}
        for arm, values in curves.items():
            color = _ARMS[arm]["color"]
            band(bare(ax), sparsity[shown], values, color=color, linestyle=_ARMS[arm]["linestyle"])
            # the label ends at 80 % and stands clear of its band, on the outer side
            below = values[int(0.5 * len(values)):int(0.8 * len(values)) + 1]
            up = (arm == "lottery") == (measure == "test_accuracy")
            ax.annotate(_PLURALS[arm], (80, below.max() if up else below.min()),
                        xytext=(0, 2 if up else -2), textcoords="offset points", ha="right",
                        va="bottom" if up else "top", color=color)
        dense = np.mean(summary["lottery"][measure][0])
        ax.axhline(dense, color=GREY, linestyle=":")
        ax.annotate("dense", (100, dense), xytext=(4, 0), textcoords="offset points", va="center",
                    color=GREY)
        ax.set(xlabel="zeros among the parameters (%)", xlim=(0, 100))
        told.append("; ".join(_told(_PLURALS[arm], sparsity[shown], values)
                              for arm, values in curves.items()))
    for row in summary["search_stored"]:
        axes[0].plot(100 * row["sparsity"], np.mean(row["published"]),
                     **{**CROSS, "color": _ARMS[row["arm"]]["color"]}, clip_on=False)
    low = np.mean(summary["random"]["test_accuracy"], axis=1)[shown]
    axes[0].set(ylabel="test accuracy (%)", ylim=(min(50, np.median(low) - 5), None))
    axes[1].margins(y=0.2)  # room for the labels
    axes[1].set(ylabel="test loss", ylim=(0, None))
    trials, masked = (len(summary[arm]["test_loss"][0]) for arm in ("lottery", "random"))
    figure.supxlabel(f"bands: ± one standard deviation over {trials} trials"
                     f"{f' (random masks {masked})' if masked < trials else ''}; "
                     "crosses: stored with the paper's code", fontsize="small")
    return described(figure, "Test accuracy (left) and test loss (right) against the percentage of "
                     "parameters that are 0, for tickets and random masks. Accuracy: "
                     f"{told[0]}. Loss: {told[1]}.")


def _told(label: str, sparsity: np.ndarray, values: np.ndarray) -> str:
    """Where a curve begins, is highest and lowest, and ends, in words."""
    mean = values.mean(axis=1)
    places = sorted({0, int(mean.argmax()), int(mean.argmin()), len(mean) - 1})
    return f"{label} " + ", then ".join(f"≈ {mean[place]:.3g} at {sparsity[place]:.0f} %"
                                        for place in places)


def lottery_ablations(summary: dict[str, Any]) -> Figure:
    """Accuracies on new data under each condition, and paired differences, with 95 % confidence
    intervals.

    summary: that of the experiment `lottery`.
    """
    figure, [[left, right]] = subplots(1, 2, figsize=(11, 5), width_ratios=(1, 1.05))
    conditions = list(summary["ablations"])[::-1]
    for row, condition in enumerate(conditions):
        for shift, arm in zip((0.25, 0.0, -0.25), ("lottery", "dense", "random"), strict=True):
            found = summary["ablations"][condition][arm]
            left.errorbar(found["mean"], row + shift, xerr=found["margin"], capsize=2,
                          color=_ARMS[arm]["color"], marker=_ARMS[arm]["marker"])
            left.plot(found["published"], row + shift, **CROSS)
            if row == len(conditions) - 1:
                left.annotate(_SINGULARS[arm], (found["mean"], row + shift), xytext=(0, 7),
                              ha="center", textcoords="offset points", color=_ARMS[arm]["color"])
    rows(left, conditions)
    left.autoscale(axis="x")
    left.set(xlabel="test accuracy on new data (%), mean and 95 % interval; crosses: published",
             ylim=(-0.5, len(conditions) - 0.3))
    effects = summary["effects"][::-1]
    for row, effect in enumerate(effects):
        color = BLUE if effect["clear"] else GREY
        right.errorbar(effect["mean"], row, xerr=effect["mean"] - effect["low"], capsize=2,
                       color=color, marker="o",
                       markerfacecolor=color if effect["clear"] else "white")
    right.axvline(0, color="black", linewidth=0.8)
    rows(right, [effect["what"] for effect in effects])
    right.autoscale(axis="x")
    right.set_xlabel("difference in points, paired by trial, with 95 % interval\n"
                     "(filled: clear of 0 by Holm's rule)")
    told = "; ".join(f"{effect['what']} ≈ {effect['mean']:.2g} [{effect['low']:.2g}, "
                     f"{effect['high']:.2g}]" for effect in summary["effects"])
    return described(figure, "Left: accuracies of ticket, dense net and random mask under the "
                     f"conditions {listed(conditions[::-1])}. Right: paired differences in points "
                     f"with 95 % intervals: {told}.")


def lottery_adjacency(summary: dict[str, Any]) -> Figure:
    """How often runs of neighbouring inputs survive in tickets and in random masks, by trial,
    beside the published values.

    summary: that of the experiment `lottery`.
    """
    figure, [[ax]] = subplots(figsize=(5.6, 3.6))
    lengths = [int(length) for length in summary["adjacency"]["lottery"]]
    floor = 1e-5  # none found: drawn at the lower edge
    told = []
    for arm, shift in (("random", -0.12), ("lottery", 0.12)):
        style = _ARMS[arm]
        for length in lengths:
            values = np.maximum(summary["adjacency"][arm][str(length)], floor)
            ax.plot(np.full(len(values), length + shift), values, linestyle="", alpha=0.5,
                    color=style["color"], marker=style["marker"], markersize=4)
            stored = summary["adjacency_stored"][arm][str(length)]
            ax.plot(length + shift, max(stored, floor), **CROSS)
        mean = [max(np.mean(summary["adjacency"][arm][str(length)]), floor) for length in lengths]
        ax.plot(np.array(lengths) + shift, mean, color=style["color"],
                linestyle=style["linestyle"])
        ax.annotate(_PLURALS[arm], (lengths[1] + shift, mean[1]),
                    xytext=(8 if shift > 0 else -8, 4), textcoords="offset points",
                    ha="left" if shift > 0 else "right", color=style["color"])
        told.append(f"{_PLURALS[arm]}: {means(dict(zip(lengths, mean, strict=True)))}.")
    bare(ax).set(yscale="log", xticks=lengths, xlabel="neighbouring inputs (crosses: published)",
                 ylabel="fraction of the places", ylim=(floor / 1.3, None))
    return described(figure, "The fraction of places where as many neighbouring inputs survive, by "
                     f"their number, on a logarithmic scale. {' '.join(told)}")


def lottery_pairs(summary: dict[str, Any]) -> Figure:
    """How often tickets keep two inputs, against their distance, beside what units' numbers and
    inputs' popularity explain.

    summary: that of the experiment `lottery`. Lesson 15.
    """
    figure, [[ax]] = subplots(figsize=(5.6, 3.6))
    pairs = summary["pairs"]
    ends, curves = {}, {}
    for name, label, color, dashes in (("found", "tickets", BLUE, "-"),
                                       ("expected", "numbers and\npopularity", GREY, "--")):
        curves[label] = values = 1000 * np.array(pairs[name])
        band(bare(ax), pairs["distances"], values, color=color, linestyle=dashes)
        ends[label] = (pairs["distances"][-1], values[-1].mean(), color)
    label_ends(ax, ends)
    ax.set(xlabel="distance between the two inputs", xticks=pairs["distances"], ylim=(0, None),
           ylabel="pairs kept, in 1,000 places")
    figure.supxlabel(f"bands: ± one standard deviation over {len(summary['trials'])} trials",
                     fontsize="small")
    return described(figure, "Pairs of inputs that a ticket keeps, in 1,000 places, against the "
                     "distance of the two, beside what numbers and popularity explain. "
                     f"{courses(curves)}.")


def lottery_masks(masks: dict[str, np.ndarray]) -> Figure:
    """First-layer masks as pictures, title -> mask (hidden, inputs), whose hidden units, the
    columns here, are sorted by adjacency. Lesson 15."""
    figure, axes = subplots(len(masks), 1, figsize=(10, 1.5 * len(masks)), sharex=True)
    for ax, (title, mask) in zip(axes[:, 0], masks.items(), strict=True):
        ax.imshow(np.transpose(mask), cmap="gray_r", aspect="auto", interpolation="nearest")
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(ylabel="input", yticks=(0, len(mask[0]) - 1))
    axes[-1, 0].set_xlabel("hidden unit, sorted by how many pairs of neighbouring inputs it keeps")
    return described(figure, "Masks of the first layer as pictures, inputs downwards, hidden units "
                     "to the right, black where a weight is kept: "
                     + ", ".join(f"{title} ({np.shape(mask)[1]} inputs, {len(mask)} units)"
                                 for title, mask in masks.items()) + ".")
