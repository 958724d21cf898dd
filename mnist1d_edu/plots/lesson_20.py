"""The figures of lesson 20, your own experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    RED,
    bare,
    described,
    label_ends,
    listed,
    means,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def changed_signals(clean: np.ndarray, changed: Mapping[str, Sequence[np.ndarray]],
                    titles: Sequence[str]) -> Figure:
    """Signals before and after small changes, a column each. clean: (N, L); changed: label -> N
    signals (L,), a row for each label; titles: N, above the columns. Lesson 20."""
    rows, columns = len(changed), len(clean)
    figure, axes = subplots(rows, columns, figsize=(2.7 * columns, 1.75 * rows), dpi=72,
                            sharex=True, sharey=True)
    for row, (label, signals) in enumerate(changed.items()):
        for k, ax in enumerate(axes[row]):
            bare(ax).plot(clean[k], color=GREY, linestyle="--", linewidth=1)
            ax.plot(signals[k], color=RED if row == 0 else BLUE, linewidth=1.2)
        axes[row, 0].set_ylabel(label)
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title, fontsize="medium")
    figure.supxlabel("place (dashed: the signal as it was)", fontsize="small")
    return described(figure, f"{columns} signals, dashed as they were, and changed a little: "
                     f"{listed(changed)}. Above them: {'; '.join(titles)}.")


def power_by_seeds(seeds: Sequence[int], powers: Mapping[str, Sequence[float]], wanted: float
                   ) -> Figure:
    """How often an experiment is clear of zero, by its number of seeds (E,): label -> proportions
    (E,), and the one that is wanted. Lesson 20."""
    figure, [[ax]] = subplots(figsize=(6.6, 3.2), dpi=72)
    ends = {}
    for label, values, style in styled(powers):
        ax.plot(seeds, 100 * np.asarray(values), **style)
        ends[label] = (seeds[-1], 100 * values[-1], style["color"])
    ax.axhline(100 * wanted, color=GREY, linewidth=0.8, linestyle=(0, (1, 3)))
    bare(ax).set(xlabel="seeds", ylabel="experiments clear of zero (%)", ylim=(0, 103))
    ax.xaxis.get_major_locator().set_params(integer=True)
    label_ends(ax, ends)
    told = means({label: 100 * values[-1] for label, values in powers.items()})
    return described(figure, "The proportion of experiments that are clear of zero grows with the "
                     f"number of seeds; with {seeds[-1]} seeds, in percent: {told}. A dotted line "
                     f"at {100 * wanted:.0f} %.")


def clear_differences(rows: Sequence[Mapping[str, Any]], unit: str) -> Figure:
    """Differences with their intervals, from above: each row has "what", "mean", "low", "high" and
    "clear"; those that are not clear of zero are hollow. Lesson 20."""
    figure, [[ax]] = subplots(figsize=(7.2, 0.9 + 0.3 * len(rows)), dpi=72)
    for place, row in enumerate(rows[::-1]):
        ax.errorbar(row["mean"], place, marker="o", capsize=3, color=BLUE,
                    markerfacecolor=BLUE if row["clear"] else "white",
                    xerr=[[row["mean"] - row["low"]], [row["high"] - row["mean"]]])
    ax.axvline(0, color="black", linewidth=0.8)
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(rows)), [row["what"] for row in rows[::-1]])
    ax.set(xlabel=f"{unit}, 95 % intervals; hollow: not clear", ylim=(-0.6, len(rows) - 0.4))
    told = "; ".join(f"{row['what']} ≈ {row['mean']:.1f} [{row['low']:.1f}, {row['high']:.1f}]"
                     f"{'' if row['clear'] else ', not clear'}" for row in rows)
    return described(figure, f"Differences in {unit} with 95 % intervals: {told}.")
