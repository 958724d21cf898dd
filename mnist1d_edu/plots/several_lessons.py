"""Figures that more than one lesson shows: learning curves, sweeps, landscapes, confusion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import band, deviation, round_ticks
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    MARKED,
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
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mnist1d_edu.train import History

_RUNS = ({"color": BLUE, "linestyle": "-", "linewidth": 2.0},
         *({"color": color, "linestyle": dashes, "linewidth": 1.5}
           for color, dashes in ((ORANGE, "--"), (GREEN, "-."), (GREY, ":"))))
_PATHS = ({"color": RED, "linestyle": "-"}, {"color": BLUE, "linestyle": "--"},
          {"color": ORANGE, "linestyle": "-."}, {"color": GREEN, "linestyle": ":"})


def learning_curves(history: History, ax: Axes | None = None) -> Axes:
    """Accuracy against steps for each split of a history, with bands over the seeds; what
    `History.plot` draws. Lesson 06."""
    ax = bare(subplots(figsize=(5, 3.2))[1][0, 0] if ax is None else ax)
    styles = {"train": (GREY, ":"), "val": (ORANGE, "--"), "test": (BLUE, "-")}
    ends, curves = {}, {}
    for split, (color, dashes) in styles.items():
        values = getattr(history, f"{split}_accuracy")
        if values is not None:
            band(ax, history.steps, values, color=color, linestyle=dashes)
            ends[split] = (history.steps[-1], values[-1].mean(), color)
            curves[split] = values
    label_ends(ax, ends)
    ax.set(xlabel="step", ylabel="accuracy (%)", ylim=(0, 102))
    return described(ax, f"Accuracy in percent against the training step: {courses(curves)}.")


def runs(steps: np.ndarray, panels: dict[str, dict[str, np.ndarray]]) -> Figure:
    """Learning curves side by side: panel title (the quantity) -> label -> values (E, S) at steps
    (E,), each a mean over the seeds S with a band of ± one standard deviation. Lessons 02 to 06
    and 10."""
    figure, [axes] = subplots(1, len(panels), figsize=(7.8, 3.3), dpi=80)
    figure.set_layout_engine("constrained", wspace=0.08)
    for ax, (quantity, curves) in zip(axes, panels.items(), strict=True):
        ends = {}
        for label, values, style in styled(curves, _RUNS):
            band(ax, steps, values, **style)
            ends[label] = (steps[-1], np.mean(values[-1]), style["color"])
        bare(ax).set(xlabel="step", ylabel=quantity, ylim=(0, None))
        label_ends(ax, ends)
    return described(figure, f"Against the training step: {listed(panels)}. " + " ".join(
        f"{quantity}: {courses(curves)}." for quantity, curves in panels.items()))


def landscape(first: np.ndarray, second: np.ndarray, loss: np.ndarray,
              paths: dict[str, np.ndarray],
              labels: tuple[str, str] = ("first direction", "second direction"),
              ax: Axes | None = None, levels: Sequence[float] | None = None) -> Axes:
    """Lines of equal loss (len(second), len(first)) over a plane of parameters, and on it paths,
    label -> (T, 2), each from its dot to its star; at `levels`, or denser near the bottom. Paths
    with a common start are named in a key, others at their dots. Lessons 02, 03 and 05."""
    if ax is None:
        ax = subplots(figsize=(6.1, 4.0), dpi=66)[1][0, 0]
    if levels is None:      # denser near the bottom, where a bowl is flat
        levels = np.min(loss) + np.ptp(loss) * np.linspace(0, 1, 14) ** 2
    ax.contourf(first, second, loss, levels=levels, cmap="Greys", alpha=0.75)
    together = len({tuple(path[0]) for path in paths.values()}) < len(paths)
    for label, points, style in styled(paths, _PATHS):
        path = np.asarray(points)
        ax.plot(*path.T, linewidth=1.8, label=label, **style)
        ax.plot(*path[0], color=style["color"], marker="o", markeredgecolor="white", markersize=8)
        ax.plot(*path[-1], color=style["color"], marker="*", markeredgecolor="white",
                markersize=13)
        if not together:
            ax.annotate(label, path[0], xytext=(7, 6), textcoords="offset points", color="black",
                        fontsize="small", bbox={"facecolor": "white", "alpha": 0.75, "pad": 1,
                                                "linewidth": 0})
    if together:
        ax.legend(fontsize="small", handlelength=2.8, loc="upper right")
    ax.set(xlabel=labels[0], ylabel=labels[1], xlim=(first[0], first[-1]),
           ylim=(second[0], second[-1]))
    ways = "; ".join(f"{label} from ≈ ({path[0][0]:.2g}, {path[0][1]:.2g}) to "
                     f"({path[-1][0]:.2g}, {path[-1][1]:.2g})" for label, path in paths.items())
    return described(ax, f"Lines of equal loss over {labels[0]} (to the right) and {labels[1]} "
                     f"(upwards), darker where the loss is larger, and on them paths: {ways}.")


def against(x: np.ndarray, curves: dict[str, np.ndarray], xlabel: str, ylabel: str,
            xscale: str = "linear", yscale: str = "linear", level: dict[str, float] | None = None,
            label_lowest: bool = False) -> Axes:
    """Curves with error bars: label -> values (len(x), S), the mean over the seeds S ± one standard
    deviation, labelled at the last point that is a number or, with `label_lowest`, at the lowest;
    `level` draws dotted levels, label -> height. Lessons 02, 03, 11,
    15 and 20."""
    ax = bare(subplots(figsize=(6.8, 3.4), dpi=72)[1][0, 0])
    ends = {}
    for label, values, style in styled(curves, MARKED):
        values = np.asarray(values, float)
        mean = values.mean(axis=1)
        ax.errorbar(x, mean, deviation(values), markersize=5, capsize=3, **style)
        last = np.flatnonzero(np.isfinite(mean))[-1]
        ends[label] = (x[last], mean[last], style["color"])
        if label_lowest:
            low = np.nanargmin(mean)
            ax.annotate(label, (x[low], mean[low]), xytext=(0, -12), textcoords="offset points",
                        color=style["color"], va="center", ha="center")
    for label, height in (level or {}).items():
        ax.axhline(height, color=GREY, linestyle=":", linewidth=1)
        ax.annotate(label, (0.01, height), xycoords=("axes fraction", "data"), xytext=(0, 3),
                    textcoords="offset points", color=GREY, fontsize="small")
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    if not label_lowest:
        label_ends(ax, ends, away=8)
    told = "; ".join(f"{label}: {means(_finite(x, values))}" for label, values in curves.items())
    return described(ax, f"{ylabel} against {xlabel}: {listed(curves)}. {told}.")


def _finite(x: np.ndarray, values: np.ndarray) -> dict[str, float]:
    """The mean over the seeds at each x where it is a number, at most eight of them."""
    mean = np.mean(values, axis=1)
    places = np.flatnonzero(np.isfinite(mean))
    if len(places) > 8:
        places = places[np.linspace(0, len(places) - 1, 8).astype(int)]
    return {f"{x[place]:.3g}": mean[place] for place in places}


def differences(rows: dict[str, tuple[np.ndarray, float]]) -> Figure:
    """Paired differences with their intervals: label -> (values (S,), half-width), from above;
    single seeds as small dots, filled marks where the interval is clear of 0. Lessons 10, 11
    and 15."""
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


def beside_paper_scale(panels: dict[str, Sequence[tuple[np.ndarray, np.ndarray]]], xlabel: str,
                       ylabel: str, downwards: bool = False) -> Figure:
    """A small experiment's points over the curve of the paper-scale one: panel title ->
    ((x (W,), values (W, S)) at paper scale, (x (w,), values (w, s)) of one's own), a band and bars
    of ± one standard deviation. x is logarithmic, from large to small if `downwards`. Lessons 14
    and 15."""
    figure, [axes] = subplots(1, len(panels), figsize=(1.4 + 3.6 * len(panels), 3.5), dpi=76,
                              sharey=True)
    told = []
    for ax, (title, ((x, values), (own_x, own))) in zip(axes, panels.items(), strict=True):
        band(bare(ax), x, values, color=GREY)
        ax.errorbar(own_x, np.mean(own, axis=1), deviation(own), color=BLUE, linestyle="",
                    marker="o", markersize=5, capsize=3)
        ax.set(xscale="log", xlabel=xlabel)
        ax.set_title(title, loc="left", fontsize="medium")
        round_ticks(ax, x)
        if downwards:
            ax.invert_xaxis()
        told.append(f"{title}, yours: {means(_finite(own_x, own))}; "
                    f"paper scale: {means(_finite(x, values))}.")
    axes[0].set_ylabel(ylabel)
    figure.supxlabel("points: yours; grey: paper scale; both ± one standard deviation over seeds",
                     fontsize="small")
    return described(figure, f"{ylabel} against {xlabel}, your points over the curve at paper "
                     f"scale. {' '.join(told)}")


def confusion(shares: np.ndarray, title: str) -> Figure:
    """A confusion matrix: shares (K, K) in percent of each row, rows the true digit and columns
    the predicted one, with the number in each cell. Lessons 02 and 06."""
    shares = np.asarray(shares, float)
    figure, [[ax]] = subplots(figsize=(5.2, 4.6), dpi=72)
    ax.imshow(shares, cmap="Greys", vmin=0, vmax=100)
    for true in range(len(shares)):
        for said in range(len(shares)):
            if shares[true, said] >= 0.5:
                ax.text(said, true, f"{shares[true, said]:.0f}", ha="center", va="center",
                        color="white" if shares[true, said] > 55 else "black", fontsize="small")
    ticks = range(len(shares))
    ax.set(xticks=ticks, yticks=ticks, xlabel="predicted digit", ylabel="true digit")
    ax.set_title(title, loc="left", fontsize="medium")
    right = {str(digit): shares[digit, digit] for digit in ticks}
    return described(figure, f"Confusion matrix, {title}. On the diagonal: {means(right)}.")


def upright(ax: Axes, signal: np.ndarray, title: str = "", color: str = "black") -> Axes:
    """A signal (L,) as a person sees a digit in it: positions downwards, values to the right, as
    wide as it is. Lessons 01 and 09, and the quiz's buttons."""
    signal = np.asarray(signal)
    ax.plot(signal, np.arange(len(signal)), color=color, linewidth=1.4)
    half = 1.3 * np.abs(signal).max()
    ax.set(xticks=(), yticks=(), xlim=(-half, half), ylim=(len(signal), -1))
    ax.set_title(title, fontsize="small", pad=2)
    return ax


def quiz(signals: np.ndarray, titles: Iterable[object], columns: int = 5) -> Figure:
    """Signals (N, L) as upright pictures in rows of `columns`, each under its title. Lessons 01
    and 09."""
    names = [str(title) for title in titles]
    rows = -(-len(signals) // columns)
    figure, axes = subplots(rows, columns, figsize=(7.2, 0.3 + 10.4 / columns * rows),
                            dpi=80)
    for ax, signal, title in zip(axes.flat, signals, names, strict=False):
        upright(ax, signal, title).title.set_fontsize("medium")
    for ax in axes.flat[len(signals):]:
        ax.axis("off")
    say_upright(figure)
    return described(figure, f"{len(signals)} signals drawn upright, positions downwards and "
                     f"values to the right, titled {listed(dict.fromkeys(names))}.")


def say_upright(figure: Figure) -> None:
    """Name the axes of upright signals, once for all of them."""
    figure.supxlabel("value, to the right", fontsize="small")
    figure.supylabel("position, downwards", fontsize="small")
