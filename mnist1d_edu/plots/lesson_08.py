"""The figures of lesson 08, recurrence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import band, deviation, range_band
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    MODEL_STYLES,
    MODEL_TITLES,
    RED,
    bare,
    courses,
    described,
    label_ends,
    listed,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SEEDS = ({"color": BLUE, "linestyle": "-"}, {"color": RED, "linestyle": "--"},
          {"color": GREEN, "linestyle": "-."}, {"color": GREY, "linestyle": ":"})


def over_time(signal: np.ndarray, panels: dict[str, tuple[np.ndarray, float, float]]) -> Figure:
    """A signal (T,), and below it, for each title -> (values (T, H), smallest, largest), one row of
    grey boxes a unit, dark where the value is large. Lesson 08."""
    heights = [1.1, *(0.3 + 0.15 * np.shape(values)[1] for values, *_ in panels.values())]
    figure, axes = subplots(len(heights), 1, figsize=(7.4, 0.35 + 0.95 * sum(heights)), dpi=80,
                            sharex=True, height_ratios=heights)
    top, *below = axes[:, 0]
    bare(top).plot(signal, color=BLUE)
    top.set(ylabel="value", title="the signal")
    told = []
    for ax, (title, (values, low, high)) in zip(below, panels.items(), strict=True):
        image = ax.imshow(np.transpose(values), cmap="Greys", vmin=low, vmax=high, aspect="auto",
                          interpolation="nearest")
        units = np.shape(values)[1]
        ax.set_yticks(range(units), [i if units < 9 or i % 4 == 1 else "" for i in
                                     range(1, units + 1)], fontsize="small")
        ax.set(ylabel="unit", title=title)
        figure.colorbar(image, ax=ax, ticks=[low, high], pad=0.01, aspect=8, format="%g")
        told.append(f"{title}: {units} units, from {low:g} (white) to {high:g} (black).")
    for ax in axes[:, 0]:
        ax.title.set_fontsize("medium")
    below[-1].set(xlabel="position")
    return described(figure, f"A signal of {len(signal)} positions, and below it grey boxes for "
                     f"each unit and position. {' '.join(told)}")


def seeds_over(panels: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]], xlabel: str,
               logarithmic: tuple[str, ...] = ()) -> Figure:
    """Curves side by side: panel title (the quantity) -> label -> (x (E,), values (E, S)), each the
    median over the seeds S with a band from the smallest to the largest; `logarithmic` names the
    panels with a logarithmic axis. Lesson 08."""
    figure, [axes] = subplots(1, len(panels), figsize=(7.6, 3.3), dpi=80)
    told = []
    for ax, (quantity, curves) in zip(axes, panels.items(), strict=True):
        bare(ax).set(xlabel=xlabel, ylabel=quantity,
                     yscale="log" if quantity in logarithmic else "linear")
        ends, middles = {}, {}
        for label, (x, values), style in styled(curves, _SEEDS):
            middle = middles[label] = np.median(values, axis=1)
            range_band(ax, x, values, linewidth=1.8, **style)
            ends[label] = (x[-1], middle[-1], style["color"])
        if quantity not in logarithmic:
            ax.set_ylim(0, None)
        label_ends(ax, ends)
        told.append(f"{quantity}: {courses(middles)}.")
    return described(figure, f"Against {xlabel}: {listed(panels)}, medians over the seeds. "
                     f"{' '.join(told)}")


def short_on_long(long_runs: dict[str, tuple[np.ndarray, np.ndarray]], steps: np.ndarray,
                  values: np.ndarray, label: str) -> Axes:
    """Long learning curves, model title -> (steps (E,), accuracies (E, S)), with bands, and a short
    run's accuracies (e, s) at `steps` (e,) as points on them. Lesson 08."""
    ax = bare(subplots(figsize=(7.2, 3.5), dpi=80)[1][0, 0])
    names = {title: name for name, title in MODEL_TITLES.items()}
    ends = {}
    for title, (long_steps, accuracies) in long_runs.items():
        style = MODEL_STYLES[names[title]]
        band(ax, long_steps, accuracies, color=style["color"], linestyle=style["linestyle"])
        ends[title] = (long_steps[-1], np.mean(accuracies[-1]), style["color"])
    values = np.asarray(values, float)
    ax.errorbar(steps, values.mean(axis=1), deviation(values), color="black", linestyle="none",
                marker="D", markersize=4, capsize=2, zorder=3)
    ax.annotate(label, (steps[-1], values[-1].mean()), xytext=(10, -26), color="black",
                textcoords="offset points", arrowprops={"arrowstyle": "-", "color": "black"})
    label_ends(ax, ends)
    ax.set(xlabel="step", ylabel="test accuracy (%)", ylim=(0, 100), xlim=(0, None))
    curves = {title: accuracies for title, (_, accuracies) in long_runs.items()}
    return described(ax, f"Test accuracy in percent against the training step. {courses(curves)}; "
                     f"as points, {courses({label: values})}.")
