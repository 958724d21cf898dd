"""The figures of the experiment `metalearn-lr`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import band, range_band
from mnist1d_edu.plots.style import BLUE, GREEN, GREY, ORANGE, RED, bare, described, means, subplots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STARTS: dict[str, dict[str, Any]] = {"1.5": {"color": RED, "linestyle": "--"},
                                      "0.15": {"color": BLUE, "linestyle": "-"}}


def metalearned_rate(summary: dict[str, Any]) -> Figure:
    """The learning rate and the mean loss at each outer step from both starts, means over the seeds
    with a band of ± one standard deviation; and the rates at which truncated gradients are 0.

    summary: that of the experiment `metalearn-lr`. Lesson 18.
    """
    figure, [[left, middle, right]] = subplots(1, 3, figsize=(12, 3.6))
    outer, ends, losses = summary["outer_steps"], {}, []
    for start, style in _STARTS.items():
        whole = [k for k, rates in enumerate(summary["descents"][start]["rates"])
                 if len(rates) == outer + 1]
        if not whole:
            continue
        found = {name: np.array([summary["descents"][start][name][k] for k in whole]).T
                 for name in ("rates", "losses")}
        band(left, np.arange(outer + 1), found["rates"], **style)
        band(middle, np.arange(outer), found["losses"], **style)
        ends[f"from {start}"] = found["rates"][-1]
        losses.append(found["losses"])
        left.annotate(f"from {start}", (0, float(start)), xytext=(8, 0 if start == "1.5" else -2),
                      textcoords="offset points", color=style["color"], va="center")
    bare(left).set(xlabel="outer step", ylabel="learning rate", ylim=(0, None))
    bare(middle).set(xlabel="outer step", ylabel=f"mean loss over {summary['steps']} steps")
    _zeros(right, summary)
    figure.supxlabel(f"means ± standard deviation over {len(summary['seeds'])} seeds",
                     fontsize="small")
    return described(figure, "The learning rate against outer steps from two starts, which ends "
                     f"at {means(ends)}; the mean loss, which falls to ≈ "
                     f"{min(each[-1].mean() for each in losses) if losses else np.nan:.3g}; and "
                     "the rate at which the truncated gradient is 0, from ≈ "
                     f"{np.mean(summary['truncated']['zeros'][0]):.2g} with windows of "
                     f"{summary['truncated']['windows'][0]} steps to "
                     f"{np.mean(summary['truncated']['zeros'][-1]):.2g} with all.")


def _zeros(ax: Axes, summary: dict[str, Any]) -> None:
    """Where the truncated gradient is 0, by its window."""
    windows, zeros = (summary["truncated"][name] for name in ("windows", "zeros"))
    band(ax, windows, np.array(zeros), color=ORANGE, marker="s")
    bare(ax).set(xlabel="steps that the gradient is carried back",
                 ylabel="rate where the gradient is 0", xscale="log", ylim=(0, None))
    ax.set_xticks(windows, [str(window) for window in windows])
    ax.minorticks_off()


def rate_landscape(summary: dict[str, Any]) -> Figure:
    """The mean loss, the size of its slope and the growth of small distances against the learning
    rate: medians over the seeds, with bands from the smallest to the largest.

    summary: that of the experiment `metalearn-lr`. Lesson 18.
    """
    figure, [axes] = subplots(1, 3, figsize=(12, 3.6))
    found = summary["landscape"]
    rates, growth = np.array(found["rates"]), np.array(found["growth"])
    for ax, values, color in zip(axes, (found["losses"], np.abs(found["slopes"]), growth),
                                 (BLUE, ORANGE, GREEN), strict=True):
        range_band(ax, rates, np.array(values), color=color)
        bare(ax).set(xlabel="learning rate", xscale="log")
        ax.set_xticks([0.02, 0.1, 0.5, 1, 2, 8], ["0.02", "0.1", "0.5", "1", "2", "8"])
        ax.minorticks_off()
        ax.axvline(float(rates[_first_chaotic(growth)]), color=GREY, linestyle=":")
    axes[0].set_ylabel(f"mean loss over {summary['steps']} steps")
    axes[1].set(ylabel="size of its slope", yscale="log")
    axes[2].set_ylabel("growth of a small distance, per step")
    axes[2].axhline(1, color="black", linewidth=0.8)
    figure.supxlabel(f"medians and ranges over {len(summary['seeds'])} seeds; dotted: the first "
                     "rate at which, in the median, distances grow by over 2 % a step",
                     fontsize="small")
    best = rates[np.argmin(np.mean(found["losses"], axis=1))]
    return described(figure, "Against the learning rate: the mean loss, lowest at ≈ "
                     f"{best:.2g}; the size of its slope, which reaches ≈ "
                     f"{np.abs(found['slopes']).max():.0e}; and the growth of a small distance, "
                     f"from ≈ {growth[0].mean():.3g} a step to {growth[-1].mean():.3g}.")


def _first_chaotic(growth: np.ndarray) -> int:
    """The index of the first rate at which distances grow by over 2 % a step in the median."""
    chaotic = np.median(growth, axis=1) > 1.02
    return int(chaotic.argmax()) if chaotic.any() else len(growth) - 1
