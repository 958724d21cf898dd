"""The figures of lesson 13, fitting noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.style import (
    BLUE,
    bare,
    courses,
    described,
    label_ends,
    means,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def loss_by_step(losses: Mapping[str, Sequence[float]]) -> Figure:
    """The loss of full-batch descent at each step, logarithmic: label -> losses (E,), of lengths of
    their own. Lesson 13."""
    figure, [[ax]] = subplots(figsize=(6.6, 3.2), dpi=72)
    ends = {}
    for label, values, style in styled(losses):
        ax.plot(values, **{**style, "linewidth": 1.2})
        ends[label] = (len(values) - 1, values[-1], style["color"])
    bare(ax).set(xlabel="step, each on all examples", ylabel="training loss", yscale="log")
    label_ends(ax, ends)
    return described(figure, f"Training loss against the step: {courses(losses)}, after "
                     f"{means({label: len(values) for label, values in losses.items()})} steps.")


def times_to_fit(steps: np.ndarray, accuracies: Mapping[str, np.ndarray],
                 waits: Mapping[str, np.ndarray]) -> Figure:
    """Left: training accuracy in percent, means over the seeds, label -> (E, S) at steps (E,).
    Right: the step at which each net has all examples right, label -> (S,). Lesson 13."""
    figure, [[left, right]] = subplots(1, 2, figsize=(9.6, 3.2), dpi=72)
    labels = list(waits)
    for row, (label, values, style) in enumerate(styled(accuracies)):
        left.plot(steps, np.mean(values, axis=1), **style, label=label)
        right.plot(waits[label], np.full(len(waits[label]), row), color=style["color"], marker="o",
                   linestyle="", alpha=0.5)
        right.plot(np.nanmean(waits[label]), row, color=style["color"], marker="|", markersize=22)
    bare(left).set(xlabel="step", ylabel="training accuracy (%)", ylim=(0, 103))
    left.legend(frameon=False, loc="lower right")
    bare(right).set(xlabel="step at which all are right", xlim=(0, None),
                    ylim=(len(labels) - 0.5, -0.5))
    right.set_yticks(range(len(labels)), labels)
    right.tick_params(axis="y", length=0)
    figure.supxlabel("curves: means over the seeds; circles: a net each; bars: their mean",
                     fontsize="small")
    return described(figure, "Training accuracy against the step, and the step at which all "
                     "training examples are right: "
                     f"{means({label: np.nanmean(each) for label, each in waits.items()})}.")


def waits_by_proportion(proportions: Sequence[float], waits: Sequence[np.ndarray]) -> Figure:
    """The step at which a net has all training examples right, by the proportion (P,) of labels
    that were permuted: (P, S), a circle for each net and a line through the means. Lesson 13."""
    figure, [[ax]] = subplots(figsize=(5.6, 3.0), dpi=72)
    percent = 100 * np.asarray(proportions)
    ax.plot(percent, waits, color=BLUE, marker="o", linestyle="", alpha=0.5)
    ax.plot(percent, np.nanmean(waits, axis=1), color=BLUE)
    bare(ax).set(xlabel="labels permuted (%)", ylabel="step at which all are right",
                 ylim=(0, None))
    told = means({f"{each:.0f} %": np.nanmean(some)
                  for each, some in zip(percent, waits, strict=True)})
    return described(figure, "The step at which all training examples are right, by the proportion "
                     f"of permuted labels: {told}.")


def margins_compared(panels: Mapping[str, Mapping[str, np.ndarray]]) -> Figure:
    """How margins are distributed: for each panel (the margin's name), label -> margins (N,), each
    as the proportion of examples with at most so large a margin. Lesson 13."""
    figure, axes = subplots(1, len(panels), figsize=(9.0, 3.0), dpi=72, sharey=True)
    for ax, (name, margins) in zip(axes[0], panels.items(), strict=True):
        for label, values, style in styled(margins):
            ax.plot(np.sort(values), np.linspace(0, 100, len(values)), **style, label=label)
        bare(ax).axvline(0, color="black", linewidth=0.8)
        ax.set(xlabel=name)
    axes[0, 0].set_ylabel("examples (%)")
    axes[0, 0].legend(frameon=False)
    told = "; ".join(f"{name}: {means({k: np.median(v) for k, v in margins.items()})}"
                     for name, margins in panels.items())
    return described(figure, "The proportion of examples with at most so large a margin; medians, "
                     f"{told}.")
