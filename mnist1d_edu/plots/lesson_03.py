"""The figures of lesson 03, going downhill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import deviation
from mnist1d_edu.plots.style import (
    BLUE,
    LINES,
    bare,
    described,
    listed,
    means,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def points_and_curves(t: np.ndarray, y: np.ndarray, curves: dict[str, np.ndarray]) -> Axes:
    """Measured points (t, y), each (N,), and models drawn over them, label -> curve (N,), each
    named over the first of its peaks. Lesson 03."""
    ax = bare(subplots(figsize=(6.8, 2.7), dpi=72)[1][0, 0])
    ax.plot(t, y, color="0.3", marker="o", markersize=4, linestyle="")
    told = []
    for label, curve, style in styled(curves, LINES):
        ax.plot(t, curve, **style)
        top = np.argmax(curve > 0.95 * curve.max())         # the first of its peaks
        height = max(curve[top], y[np.abs(t - t[top]) < 1.5].max())
        ax.annotate(label, (t[top], height), xytext=(0, 6), textcoords="offset points",
                    ha="center", color=style["color"])
        told.append(f"{label}: highest ≈ {curve.max():.2g} at {t[curve.argmax()]:.2g}, root mean "
                    f"square distance from the points ≈ {np.sqrt(np.mean((curve - y)**2)):.2g}.")
    ax.set(xlabel="position", ylabel="value")
    ax.margins(y=0.15)
    return described(ax, f"{len(t)} measured points and curves over them: {listed(curves)}. "
                     f"{' '.join(told)}")


def results_by_row(panels: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Last results side by side: panel title (the quantity) -> label -> values (S,), a row each
    with mean ± one standard deviation and the seeds as grey dots. Lesson 03."""
    rows = max(len(results) for results in panels.values())
    figure, [axes] = subplots(1, len(panels), figsize=(7.8, 0.42 * rows + 0.9), dpi=70,
                              sharey=True)
    for ax, (quantity, results) in zip(axes, panels.items(), strict=True):
        for row, values in enumerate(results.values()):
            ax.plot(values, np.full(len(values), row + 0.2), color="0.6", marker="o", markersize=3,
                    linestyle="")
            ax.errorbar(np.mean(values), row - 0.1, xerr=deviation(values), color=BLUE, marker="o",
                        capsize=3)
        ax.set_yticks(range(len(results)), list(results))
        ax.set(xlabel=quantity, ylim=(len(results) - 0.5, -0.5))
        ax.grid(axis="x", color="0.9", linewidth=0.8)
        bare(ax).tick_params(axis="y", length=0)
    return described(figure, f"Means with standard deviations, and the seeds as dots: "
                     f"{listed(panels)}. " + " ".join(
                         f"{quantity}: {means(results)}." for quantity, results in panels.items()))
