"""The figures of lesson 06, deep nets that train, and what they learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import band, range_band
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
    listed,
    means,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DEPTHS = ({"color": GREEN, "linestyle": "-."}, {"color": ORANGE, "linestyle": "--"},
           {"color": BLUE, "linestyle": "-"}, {"color": RED, "linestyle": ":"})


def signal_by_depth(forward: dict[str, np.ndarray], backward: dict[str, np.ndarray]) -> Figure:
    """The variance of a signal by layer: panels forward and backward, each label -> (S, K) for S
    seeds and K layers, the median as a line in a band from the smallest to the largest. Lesson 06.
    """
    figure, [axes] = subplots(1, 2, figsize=(7.4, 3.4), dpi=72)
    titles = {"forward: the layers' outputs a": forward, "backward: their cotangents": backward}
    told = []
    for ax, (title, curves) in zip(axes, titles.items(), strict=True):
        for label, values, style in styled(curves, _DEPTHS):
            depth = np.arange(1, values.shape[1] + 1)
            range_band(ax, depth, values.T, alpha=0.25, **style)
            place = len(depth) // 2
            ax.annotate(label, (depth[place], np.median(values[:, place])), color=style["color"],
                        xytext=(0, 9), textcoords="offset points", ha="center",
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8})
        bare(ax).set(yscale="log", xlabel="layer")
        ax.set_title(title, loc="left", fontsize="medium")
        middles = {label: np.median(values, axis=0) for label, values in curves.items()}
        told.append(f"{title}: {courses(middles)}.")
    axes[0].set_ylabel("variance")
    return described(figure, "The variance by layer, on a logarithmic scale, from the first layer "
                     f"to the last. {' '.join(told)}")


def score_dots(rows: dict[str, tuple[np.ndarray, float]],
               published: dict[str, tuple[float, float]]) -> Figure:
    """Accuracies of single runs as stacked dots, one row for each label -> (values (S,), half),
    with the mean and its interval of ± half as a bar below; `published` marks numbers or ranges by
    name. Lesson 06."""
    figure, [[ax]] = subplots(figsize=(7.6, 1.1 + 0.85 * len(rows)), dpi=80)
    colors = (BLUE, ORANGE, GREEN)
    for row, (values, half) in enumerate(rows.values()):
        color, base = colors[row % 3], len(rows) - 1 - row
        seen: dict[float, int] = {}
        for value in np.round(np.sort(values) * 2.5) / 2.5:
            seen[value] = seen.get(value, 0) + 1
            ax.plot(value, base + 0.14 * seen[value], "o", color=color, markersize=5)
        ax.errorbar(np.mean(values), base, xerr=half, color=color, marker="|", markersize=9,
                    capsize=3)
        ax.annotate(f"{np.mean(values):.1f}", (np.mean(values), base), xytext=(0, -7), color=color,
                    textcoords="offset points", ha="center", va="top", fontsize="small")
    for name, (low, high) in published.items():
        ax.axvspan(low, high, color="0.85" if high > low else "0.4", zorder=0,
                   linewidth=0 if high > low else 1)
        ax.annotate(name, ((low + high) / 2, 1), xycoords=("data", "axes fraction"), ha="center",
                    va="bottom", color="0.3", fontsize="small")
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(rows)), list(rows)[::-1])
    ax.set(xlabel="test accuracy of one run (%)", ylim=(-0.4, len(rows) - 0.15))
    marks = "; ".join(f"{name} {low:g} to {high:g}" if high > low else f"{name} {low:g}"
                      for name, (low, high) in published.items())
    told = "; ".join(f"{label}: {means({'mean': values})} ± {half:.2g} over {len(values)} runs"
                     for label, (values, half) in rows.items())
    return described(figure, f"Test accuracies of single runs as dots, in percent. {marks}. "
                     f"{told}.")


def looking_often(looks: np.ndarray, gains: dict[str, np.ndarray]) -> Figure:
    """What choosing the best of several evaluations (L,) seems to gain: for each label -> gains
    (L, S), the mean over the seeds with a band of ± one standard deviation. Lesson 06."""
    figure, [[ax]] = subplots(figsize=(6.6, 3.0), dpi=72)
    ends = {}
    styles = ({"color": RED, "linestyle": "-"}, {"color": BLUE, "linestyle": "--"})
    for label, values, style in styled(gains, styles):
        band(ax, looks, values, **style)
        ends[label] = (looks[-1], values[-1].mean(), style["color"])
    ax.axhline(0, color="0.6", linewidth=0.8)
    label_ends(ax, ends)
    bare(ax).set(xlabel="evaluations to choose from (the last ones of the run)",
                 ylabel="gain over the last step\n(percentage points)")
    return described(figure, "Gain over the last step in percentage points against the number of "
                     f"evaluations to choose from: {courses(gains)}.")


def first_layer(panels: dict[str, np.ndarray], count: int = 5) -> Figure:
    """The weights into the first hidden units, each drawn along the positions of the signal: panel
    title -> weights (H, L), the `count` largest of them, one above the other. Lesson 06."""
    figure, [axes] = subplots(1, len(panels), figsize=(7.4, 3.7), dpi=72)
    units = {}
    for ax, (title, weights) in zip(axes, panels.items(), strict=True):
        largest = weights[np.argsort(-(weights**2).sum(axis=1))[:count]]
        unit = units[title] = np.abs(largest).max()
        for row, weight in enumerate(largest):
            ax.axhline(-2 * row, color="0.85", linewidth=0.8)
            ax.step(range(len(weight)), weight / unit - 2 * row, color=BLUE, where="mid")
        bare(ax).set(xlabel="position in the signal", yticks=[-2 * row for row in range(count)],
                     yticklabels=[str(row + 1) for row in range(count)])
        ax.tick_params(axis="y", length=0)
        ax.set_title(f"{title} (±{unit:.2f})", loc="left", fontsize="medium")
    axes[0].set_ylabel("hidden unit, largest weights first")
    return described(figure, f"The weights into {count} hidden units along the positions of the "
                     f"signal: {listed(panels)}. Largest weight: {means(units)}.")


def overlaid(panels: dict[str, dict[str, np.ndarray]]) -> Figure:
    """A few signals drawn over each other: panel title -> label -> signal (L,), each labelled at
    its largest value. Lesson 06."""
    figure, [axes] = subplots(1, len(panels), figsize=(7.6, 2.6), dpi=80, sharey=True)
    styles = ({"color": BLUE, "linestyle": "-"}, {"color": RED, "linestyle": "--"})
    for ax, (title, signals) in zip(axes, panels.items(), strict=True):
        for label, signal, style in styled(signals, styles):
            ax.plot(signal, **style)
            peak = np.abs(signal).argmax()
            above = signal[peak] > 0
            ax.annotate(label, (peak, signal[peak]), xytext=(0, 3 if above else -3),
                        color=style["color"], textcoords="offset points", ha="center",
                        va="bottom" if above else "top", fontweight="bold")
        bare(ax).set(xlabel="position")
        ax.margins(y=0.18)
        ax.set_title(title, loc="left", fontsize="medium")
    axes[0].set_ylabel("value")
    return described(figure, "Signals drawn over each other. " + " ".join(
        f"{title}: {listed(signals)}." for title, signals in panels.items()))


def error_parts(sizes: Sequence[int], variance: np.ndarray, rest: np.ndarray, single: np.ndarray,
                together: np.ndarray) -> Figure:
    """Error by training set size: variance and the rest (each (n,)) as stacked bars, and beside
    them the accuracy of single nets (n, S), with a band, and of their mean (n,). Lesson 06."""
    figure, [[left, right]] = subplots(1, 2, figsize=(7.8, 3.3), dpi=80)
    places, names = np.arange(len(sizes)), [f"{n:,}" for n in sizes]
    left.bar(places, rest, color=GREY, width=0.7)
    left.bar(places, variance, bottom=rest, color=ORANGE, width=0.7, hatch="//", edgecolor="white")
    left.text(0, rest[0] / 2, "bias²\n+ noise", ha="center", va="center", color="white",
              fontsize="small")
    left.text(0, rest[0] + variance[0] / 2, "variance", ha="center", va="center", fontsize="small",
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    bare(left).set(ylabel="mean squared error of\nthe probabilities",
                   xlabel="training examples")
    left.set_xticks(places, names)
    band(right, sizes, single, color=BLUE, marker="o", markersize=4)
    right.plot(sizes, together, color=RED, linestyle="--", marker="s", markersize=4)
    label_ends(right, {"one net": (sizes[-1], single[-1].mean(), BLUE),
                       "their mean": (sizes[-1], together[-1], RED)})
    bare(right).set(xscale="log", xlabel="training examples", ylabel="test accuracy (%)",
                    ylim=(0, 100))
    right.set_xticks(sizes, names)
    right.minorticks_off()
    bars = courses({"variance": variance, "bias² and noise": rest})
    lines = courses({"one net": single, "their mean": together})
    return described(figure, f"Left: parts of the error as bars, for {names[0]} to {names[-1]} "
                     f"training examples: {bars}. Right: test accuracy in percent: {lines}.")
