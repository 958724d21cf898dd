"""The figures of lesson 15, lottery tickets; those at paper scale are in `experiment_lottery`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import band
from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    MARKED,
    bare,
    courses,
    described,
    label_ends,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def pruned(curves: dict[str, tuple[np.ndarray, np.ndarray]],
           ylabel: str = "test accuracy (%)") -> Figure:
    """What is left after pruning: label -> (share kept in percent (E,), values (E, S)), the mean
    over the seeds with a band of ± one standard deviation, against the share kept, from all to
    little on a logarithmic axis; the first curve's first point is drawn through as a level.
    Lesson 15."""
    figure, [[ax]] = subplots(figsize=(7, 3.5), dpi=76)
    ends = {}
    for label, (kept, values), style in styled(curves, MARKED):
        band(ax, kept, values, markersize=5, **style)
        ends[label] = (kept[-1], np.mean(values[-1]), style["color"])
    kept, values = next(iter(curves.values()))
    dense = np.mean(values[0])
    ax.axhline(dense, color=GREY, linestyle=":", linewidth=1)
    label_ends(ax, {**ends, "dense": (kept[-1], dense, GREY)}, away=8)
    bare(ax).set(xlabel="weights kept (%)", ylabel=ylabel, xscale="log")
    ax.invert_xaxis()
    ax.set_xticks(kept, [f"{share:.0f}" for share in kept])
    ax.minorticks_off()
    ax.yaxis.get_major_locator().set_params(integer=True)
    told = courses({label: values for label, (_, values) in curves.items()})
    return described(figure, f"{ylabel} against the weights kept, from {kept[0]:.0f} to "
                     f"{kept[-1]:.0f} percent. {told}; dense ≈ {dense:.3g}.")


def differences(rows: dict[str, tuple[np.ndarray, float]]) -> Figure:
    """Paired differences with their intervals: label -> (values (S,), half-width), from above;
    single seeds as small dots, filled marks where the interval is clear of 0. Lesson 15."""
    figure, [[ax]] = subplots(figsize=(7, 0.8 + 0.42 * len(rows)), dpi=76)
    for row, (values, half) in enumerate(list(rows.values())[::-1]):
        mean = np.mean(values)
        clear = abs(mean) > half
        color = BLUE if clear else GREY
        ax.plot(values, np.full(len(values), row - 0.22), ".", color=color, alpha=0.6, markersize=5)
        ax.errorbar(mean, row, xerr=half, capsize=3, color=color, marker="o",
                    markerfacecolor=color if clear else "white")
    ax.axvline(0, color="black", linewidth=0.8)
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(rows)), list(rows)[::-1])
    ax.set(xlabel="difference in test accuracy (points) with 95 % interval; filled: clear of 0",
           ylim=(-0.5, len(rows) - 0.5))
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    told = "; ".join(f"{label} ≈ {np.mean(values):.2g} ± {half:.2g}"
                     for label, (values, half) in rows.items())
    return described(figure, "Paired differences in test accuracy, in points, with 95 % "
                     f"intervals: {told}.")
