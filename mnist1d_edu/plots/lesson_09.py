"""The figures of lesson 09, what the models know: the quiz, intervals, shuffled signals.

Those of the experiments that it shows are in `experiment_benchmark`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.several_lessons import say_upright, upright
from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    bare,
    described,
    listed,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def coverage(accuracies: np.ndarray, shares: dict[str, np.ndarray], n: int) -> Figure:
    """How often an interval from n answers holds the true accuracy (A,): for each of two labels ->
    shares (A,), all from 0 to 1. Lesson 09."""
    figure, [[ax]] = subplots(figsize=(6.6, 2.6), dpi=70)
    looks = ((GREY, ":", (4, -16)), (BLUE, "-", (4, 8)))
    lowest = {}
    for (label, values), (color, dashes, place) in zip(shares.items(), looks, strict=True):
        values = 100 * np.asarray(values)
        ax.plot(100 * np.asarray(accuracies), values, color=color, linestyle=dashes)
        at = int(np.argmin(np.abs(np.asarray(accuracies) - 0.55)))
        ax.annotate(label, (55, values[at]), xytext=place, textcoords="offset points", color=color)
        lowest[f"{label} at {100 * accuracies[values.argmin()]:.1f} %"] = values.min()
    ax.axhline(95, color=RED, linewidth=0.8, linestyle="--")
    ax.annotate("95 %\npromised", (100, 95), xytext=(4, 0), textcoords="offset points", color=RED,
                va="center", fontsize="small", annotation_clip=False)
    bare(ax).set(xlabel="true accuracy (%)", ylabel="intervals that hold it (%)", ylim=(0, 108),
                 xlim=(100 * np.min(accuracies), 100))
    ax.set_title(f"intervals from {n} answers", loc="left", fontsize="medium")
    return described(figure, f"How many intervals from {n} answers hold the true accuracy, in "
                     f"percent, against that accuracy, beside the 95 % that they promise: "
                     f"{listed(shares)}. Lowest: {means(lowest)}.")


def intervals(rows: dict[str, tuple[float, float, float]]) -> Figure:
    """Accuracies with their intervals: label -> (share, low, high), from above, all from 0 to 1.
    Lesson 09."""
    figure, [[ax]] = subplots(figsize=(6.8, 0.9 + 0.42 * len(rows)), dpi=68)
    for row, (share, low, high) in enumerate(list(rows.values())[::-1]):
        ax.errorbar(100 * share, row, xerr=[[100 * (share - low)], [100 * (high - share)]],
                    color=BLUE, marker="o", capsize=3)
        ax.annotate(f"{100 * share:.1f}", (100 * share, row), xytext=(0, 6), color=BLUE,
                    textcoords="offset points", ha="center", fontsize="small")
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(rows)), list(rows)[::-1])
    ax.set(xlabel="accuracy (%), with 95 % intervals", xlim=(0, 101), ylim=(-0.5, len(rows) - 0.3))
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    told = "; ".join(f"{label} ≈ {100 * share:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
                     for label, (share, low, high) in rows.items())
    return described(figure, f"Accuracies in percent with 95 % intervals: {told}.")


def confusions(matrices: dict[str, np.ndarray]) -> Figure:
    """Confusion matrices side by side, title -> counts (K, K): the mistakes in percent of their
    row, in numbers from 2 on; the diagonal is left empty. Lesson 09."""
    figure, [axes] = subplots(1, len(matrices), figsize=(2.6 * len(matrices), 2.85), dpi=78)
    told = []
    for ax, (title, counts) in zip(axes, matrices.items(), strict=True):
        counts = np.asarray(counts, float)
        share = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        np.fill_diagonal(share, 0)
        ax.imshow(share, cmap="Greys", vmin=0, vmax=30)
        ax.plot([-0.5, len(share) - 0.5], [-0.5, len(share) - 0.5], color=BLUE, linewidth=0.8)
        for (i, j), value in np.ndenumerate(share):
            if value >= 1.5:
                ax.text(j, i, f"{value:.0f}", ha="center", va="center", fontsize=7.5,
                        color="white" if value > 17 else "black")
        ax.set(xticks=range(len(share)), yticks=range(len(share)), xlabel="answer")
        ax.tick_params(labelsize="small", length=0)
        ax.set_title(title, fontsize="medium")
        often = [np.unravel_index(place, share.shape) for place in np.argsort(-share.ravel())[:3]]
        most = {f"{true} taken for {said}": share[true, said] for true, said in often}
        told.append(f"{title}: {means(most)}.")
    axes[0].set_ylabel("true digit")
    return described(figure, "Mistakes by digit, in percent of each true digit, the most frequent "
                     f"of each table: {' '.join(told)}")


def before_and_after(rows: dict[str, np.ndarray]) -> Figure:
    """Signals upright, one row for each title -> signals (N, L). Lesson 09."""
    width = len(next(iter(rows.values())))
    figure, axes = subplots(len(rows), width, figsize=(1.15 * width, 1.6 * len(rows)), dpi=70)
    for line, (title, signals) in zip(axes, rows.items(), strict=True):
        for ax, signal in zip(line, signals, strict=True):
            upright(ax, signal)
        line[0].set_ylabel(title)
    say_upright(figure)
    return described(figure, f"{width} signals in each row, drawn upright: {listed(rows)}.")


def neighbours(lags: np.ndarray, curves: dict[str, np.ndarray]) -> Figure:
    """Autocorrelation against the distance (D,): label -> values (D,), of ordered and of shuffled
    signals. Lesson 09."""
    figure, [[ax]] = subplots(figsize=(6.6, 2.6), dpi=70)
    looks = ({"color": BLUE, "marker": "o"}, {"color": ORANGE, "linestyle": "--", "marker": "s"})
    for values, look in zip(curves.values(), looks, strict=True):
        ax.plot(lags, values, markersize=4, **look)
    first, second = curves
    middle = (lags[0] + 2 * lags[1]) / 3
    ax.annotate(first, (lags[2], curves[first][2]), xytext=(8, 6), textcoords="offset points",
                color=BLUE)
    ax.annotate(second, (middle, (curves[second][0] + 2 * curves[second][1]) / 3), xytext=(8, -2),
                textcoords="offset points", color=ORANGE)
    ax.axhline(0, color="0.6", linewidth=0.8)
    bare(ax).set(xlabel="distance between the two positions", ylabel="correlation of the values")
    told = "; ".join(f"{label}: {means(dict(zip(lags[:4], values[:4], strict=True)))}"
                     for label, values in curves.items())
    return described(figure, "Correlation of two values of a signal against the distance between "
                     f"their positions, {lags[0]} to {lags[-1]}. {told}.")


def disorder(blocks: list[int], accuracies: dict[str, np.ndarray]) -> Figure:
    """Test accuracy against the size of the blocks in which positions are shuffled (B,), 1 for
    none: model -> percent (B, S), a dot for each of S seeds, a line through their means.
    Lesson 09."""
    figure, [[ax]] = subplots(figsize=(6.6, 2.8), dpi=70)
    places = np.arange(len(blocks))
    told: dict[str, float] = {}
    for (title, values), color, marker in zip(accuracies.items(), (BLUE, ORANGE), "os",
                                              strict=False):
        values = np.asarray(values)
        ax.plot(places, values.mean(axis=1), color=color)
        ax.plot(np.repeat(places, values.shape[1]), values.ravel(), marker, color=color,
                markersize=4, alpha=0.6)
        ax.annotate(title, (places[-1], values[-1].mean()), xytext=(10, 0), color=color,
                    textcoords="offset points", va="center", annotation_clip=False)
        told |= {f"{title}, blocks of {size}": mean
                 for size, mean in zip(blocks, values.mean(axis=1), strict=True)}
    bare(ax).set(xlabel="positions in a block", ylabel="test accuracy (%)", ylim=(30, 100))
    ax.set_xticks(places, [f"{size}\n(in order)" if size == 1 else str(size) for size in blocks])
    return described(figure, "Test accuracy in percent against the size of the blocks in which "
                     f"positions are shuffled: {means(told)}.")
