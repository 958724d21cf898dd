"""Pieces that several figures are made of: bands over seeds, dots with bars, rows, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.style import bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from mnist1d_edu.train import History

# marks of a published number and of our own, in a key
FULL: dict[str, Any] = {"color": "0.2", "marker": "o", "linestyle": ""}
OPEN: dict[str, Any] = {**FULL, "markerfacecolor": "white"}
CROSS: dict[str, Any] = {"color": "black", "marker": "x", "linestyle": ""}
THICK: dict[str, Any] = {"color": "black", "linewidth": 5, "solid_capstyle": "butt"}


def deviation(values: np.ndarray) -> np.ndarray | None:
    """The standard deviation over the seeds, the last axis of values; None for a single seed."""
    return np.std(values, axis=-1, ddof=1) if np.shape(values)[-1] > 1 else None


def band(ax: Axes, x: np.ndarray | Sequence[float], values: np.ndarray, **style: Any) -> Line2D:
    """The mean of values (E, S) over the seeds S as a line over x (E,), with a band of ± one
    standard deviation; return the line."""
    values = np.asarray(values, float)
    mean, spread = values.mean(axis=1), deviation(values)
    line, = ax.plot(x, mean, **style)
    if spread is not None:
        ax.fill_between(x, mean - spread, mean + spread, color=line.get_color(), alpha=0.2,
                        linewidth=0)
    return line


def range_band(ax: Axes, x: np.ndarray | Sequence[float], values: np.ndarray, alpha: float = 0.2,
               **style: Any) -> Line2D:
    """The median of values (E, S) over the seeds S as a line over x (E,), with a band from the
    smallest to the largest; return the line."""
    line, = ax.plot(x, np.median(values, axis=1), **style)
    ax.fill_between(x, np.min(values, axis=1), np.max(values, axis=1), color=line.get_color(),
                    alpha=alpha, linewidth=0)
    return line


def tested(histories: dict[str, History]) -> dict[str, np.ndarray]:
    """The test accuracies (E, S) of each history; ValueError for one that has none."""
    found = {}
    for name, history in histories.items():
        if history.test_accuracy is None:
            raise ValueError(f"histories[{name!r}] has no test accuracy: fit it on data with "
                             "x_test and y_test")
        found[name] = history.test_accuracy
    return found


def dot(ax: Axes, y: float, values: np.ndarray, color: str, filled: bool) -> None:
    """The mean of values (S,) at the height y, with an error bar of one standard deviation."""
    ax.errorbar(np.mean(values), y, xerr=deviation(values), color=color, marker="o", capsize=2,
                markerfacecolor=color if filled else "white")


def say_mean(ax: Axes, y: float, values: np.ndarray, color: str) -> None:
    """Write the mean of values (S,) beside its dot, on the side where there is room."""
    mean = np.mean(values)
    side = 1 if mean < 50 else -1
    ax.annotate(f"{mean:.1f}", (mean, y), xytext=(14 * side, 0), textcoords="offset points",
                va="center", ha="left" if side > 0 else "right", color=color)


def published(ax: Axes, y: float, value: tuple[float, float | None]) -> None:
    """The paper's value (mean, deviation or None) at the height y."""
    mean, spread = value
    ax.errorbar(mean, y, xerr=spread, color="black", marker="x", capsize=2, linewidth=0.8)


def rows(ax: Axes, titles: list[str]) -> None:
    """Make the axes into rows of accuracies, one a title, from below."""
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(titles)), titles)
    for edge in range(1, len(titles)):
        ax.axhline(edge - 0.5, color="0.9", linewidth=0.8)
    ax.set(xlabel="test accuracy (%)", xlim=(0, 100), ylim=(-0.5, len(titles) - 0.5))
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)


def key(ax: Axes, marks: dict[str, dict[str, Any]]) -> None:
    """Say above the axes what the marks mean (label -> style)."""
    for text, style in marks.items():
        ax.plot([], [], label=text, **style)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize="small",
              handlelength=1.2, handletextpad=0.4, columnspacing=1.2, borderaxespad=0.2)


def round_ticks(ax: Axes, x: np.ndarray | Sequence[float],
                ticks: tuple[int, ...] = (1, 2, 5, 10, 20, 50, 100, 200, 500)) -> None:
    """Mark the x axis at those of `ticks` that lie within x, and nowhere else."""
    inside = [tick for tick in ticks if np.min(x) <= tick <= np.max(x)]
    ax.set_xticks(inside, [str(tick) for tick in inside])
    ax.minorticks_off()
