"""The figures of lesson 11, pooling; those at paper scale belong to the experiment `pooling`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import band, deviation, round_ticks
from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    MARKED,
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

_SIZES = (1000, 2000, 5000, 10_000, 20_000, 50_000)


def pooled(signal: np.ndarray, rows: dict[str, np.ndarray]) -> Figure:
    """A signal (L,) and below it what was made of it: title -> (positions,), each value drawn in
    the middle of the positions that it stands for. Lesson 11."""
    figure, axes = subplots(len(rows) + 1, 1, figsize=(6.2, 1.2 * (len(rows) + 1)), dpi=72,
                            sharex=True)
    for ax, (title, values), color in zip(axes[:, 0], {"signal": signal, **rows}.items(),
                                          (GREY, *[BLUE] * len(rows)), strict=True):
        width = len(signal) / len(values)
        ax.stairs(values, np.arange(len(values) + 1) * width - 0.5, color=color, baseline=None,
                  linewidth=1.6)
        bare(ax).set_title(title, loc="left", fontsize="medium")
        ax.axhline(0, color="0.8", linewidth=0.8)
        ax.set_ylabel("value")
    axes[-1, 0].set_xlabel("position")
    return described(figure, f"A signal of {len(signal)} positions, and below it {listed(rows)}, "
                     "each as a row of steps over the positions that a value stands for.")


def by_examples(stored: dict[str, tuple[np.ndarray, np.ndarray]],
                own: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Test accuracy against the number of training examples: label -> (sizes (W,), values (W, S)),
    the stored paper-scale curves with a band, one's own as points with bars, both ± one standard
    deviation over the seeds. Lesson 11."""
    figure, [[ax]] = subplots(figsize=(6.6, 3.6), dpi=76)
    ends = {}
    for label, (sizes, values), style in styled(stored, MARKED):
        line = band(ax, sizes, values, color=style["color"], linestyle=style["linestyle"])
        ends[label] = (sizes[-1], float(np.mean(values[-1])), str(line.get_color()))
        if label in own:
            x, points = own[label]
            ax.errorbar(x, np.mean(points, axis=1), deviation(points), color=style["color"],
                        marker=style["marker"], linestyle="", capsize=3)
    label_ends(ax, ends)
    bare(ax).set(xscale="log", xlabel="training examples", ylabel="test accuracy (%)")
    round_ticks(ax, next(iter(stored.values()))[0], _SIZES)
    ax.set_title("points: yours; curves: paper scale", loc="left", fontsize="small")
    told = "; ".join(f"{label}: {means(dict(zip(map(str, sizes), values, strict=True)))}"
                     for label, (sizes, values) in stored.items())
    return described(figure, "Test accuracy in percent against the number of training examples, "
                     f"paper-scale curves and your points. Curves: {told}.")
