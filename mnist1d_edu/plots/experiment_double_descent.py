"""The figures of the experiment `double-descent`, the first of them shown in lesson 14."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import CROSS, band, round_ticks
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    LINES,
    RED,
    bare,
    described,
    label_ends,
    listed,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SETUPS = ({"color": BLUE, "linestyle": "-"}, {"color": RED, "linestyle": "--"},
           {"color": GREEN, "linestyle": "-."}, {"color": GREY, "linestyle": ":"})


def double_descent(summary: dict[str, Any], names: list[str]) -> Figure:
    """Error above and loss below against width, a column for each of the setups `names`, with bands
    over the seeds and the measured interpolation threshold.

    summary: that of the experiment `double-descent`; its errors and losses are (widths, seeds).
    Lesson 14.
    """
    figure, axes = subplots(2, len(names), figsize=(3.3 * len(names), 5.4), sharex="col",
                            sharey="row")
    told = []
    for column, name in zip(axes.T, names, strict=True):
        setup = summary["setups"][name]
        for ax, measure in zip(column, ("error", "loss"), strict=True):
            descent(ax, setup, measure)
            mark_threshold(ax, setup["threshold"])
        for width, errors in setup["published"]:
            column[0].plot(width, np.mean(errors), **CROSS)
        column[0].set_title(setup["title"])
        column[1].set_xlabel("channels" if setup["model"] == "cnn" else "hidden units a layer")
        told.append(told_descent(setup["title"], setup))
    axes[0, 0].set(ylabel="error (%)", ylim=(0, 75))
    axes[1, 0].set(ylabel="loss", ylim=(0, None))
    seeds = len(summary["setups"][names[0]]["seeds"])
    figure.supxlabel(f"bands: ± one standard deviation over {seeds} seeds; crosses: published; "
                     "grey line: from here on the training error is below 1 %", fontsize="small",
                     wrap=True)
    return described(figure, "Training and test error, and below them the losses, against the "
                     "width of the model. " + " ".join(told))


def descent_by_parameters(summary: dict[str, Any], names: list[str]) -> Figure:
    """Test error and test loss against the number of parameters, the setups `names` in one picture.

    summary: that of the experiment `double-descent`, whose result it is saved with.
    """
    figure, [axes] = subplots(1, 2, figsize=(10.5, 3.9))
    setups = {summary["setups"][name]["title"]: summary["setups"][name] for name in names}
    for ax, measure in zip(axes, ("error", "loss"), strict=True):
        ends = {}
        for title, setup, style in styled(setups, _SETUPS):
            values = np.array(setup[f"test_{measure}"])
            band(bare(ax), setup["parameters"], values, **style)
            ends[title] = (setup["parameters"][-1], values[-1].mean(), style["color"])
        ax.set(xscale="log", xlabel="parameters", ylabel=f"test {measure}")
        n = summary["setups"][names[0]]["n"]
        ax.axvline(n, color="0.6", linewidth=0.8)
        ax.annotate(f"{n:,} examples", (n, 0), xycoords=("data", "axes fraction"), xytext=(4, 4),
                    textcoords="offset points", color="0.4", fontsize="small")
        label_ends(ax, ends)
    axes[0].set_ylabel("test error (%)")
    return described(figure, "Test error (left) and test loss (right) against the number of "
                     "parameters. " + " ".join(told_descent(title, setup, "parameters")
                                               for title, setup in setups.items()))


def moving_peak(summary: dict[str, Any], names: list[str]) -> Figure:
    """Test loss above and test error below against parameters for one hidden layer, a column for
    each loss, a line for each number of examples, and where the peak was claimed to be.

    summary: that of the experiment `double-descent`, whose result it is saved with.
    """
    titles = {"nll": "negative log-likelihood", "mse": "squared error"}
    losses = {loss: titles[loss] for loss in (summary["setups"][name]["loss"] for name in names)}
    figure, axes = subplots(2, len(losses), figsize=(4.6 * len(losses), 5.6), sharex="col")
    told = []
    for column, (loss, title) in zip(axes.T, losses.items(), strict=True):
        own = {name: summary["setups"][name] for name in names
               if summary["setups"][name]["loss"] == loss}
        for _, setup, style in styled(own, _SETUPS):
            for ax, measure in zip(column, ("test_loss", "test_error"), strict=True):
                band(bare(ax), setup["parameters"], np.array(setup[measure]), **style)
                ax.axvline(setup["claimed"] * setup["n"], linewidth=0.9, **style)
            top = np.mean(setup["test_loss"], axis=1)
            place = int(top.argmax())
            column[0].annotate(f"n = {setup['n']:,}", (setup["parameters"][place], top[place]),
                               xytext=(0, 6), textcoords="offset points", ha="center",
                               color=style["color"])
            told.append(told_descent(f"{title}, n = {setup['n']:,}", setup, "parameters"))
        claim = "n" if loss == "nll" else "10 n"
        column[0].set(xscale="log", title=title)
        column[0].margins(y=0.12)
        column[1].set(xlabel=f"parameters (vertical lines: {claim}, the claim)")
    axes[0, 0].set_ylabel("test loss")
    axes[1, 0].set_ylabel("test error (%)")
    return described(figure, "Test loss and test error against the number of parameters for "
                     f"{listed(losses.values())}, with several numbers n of examples. "
                     f"{' '.join(told)}")


def descent(ax: Axes, setup: dict[str, Any], measure: str) -> None:
    """Training and test error, or loss (`measure`), of a setup against width, each labelled."""
    curves = {"test": setup[f"test_{measure}"], "training": setup[f"train_{measure}"]}
    ends = {}
    for label, values, style in styled(curves, LINES):
        band(bare(ax), setup["widths"], values, **style)
        ends[label] = (setup["widths"][-1], np.mean(values[-1]), style["color"])
    label_ends(ax, ends)
    ax.set_xscale("log")
    round_ticks(ax, setup["widths"], ticks=(2, 5, 10, 20, 50, 100, 200, 400))


def mark_threshold(ax: Axes, width: float | None) -> None:
    """A vertical line at the measured interpolation threshold, if there is one."""
    if width is not None:
        ax.axvline(width, color="0.6", linewidth=1)
        ax.annotate(str(width), (width, 1), xycoords=("data", "axes fraction"), xytext=(3, -10),
                    textcoords="offset points", color="0.4", fontsize="small")


def told_descent(title: str, setup: dict[str, Any], over: str = "widths") -> str:
    """Where test error and loss begin, rise again and end, in a sentence."""
    x, parts = setup[over], []
    for measure in ("error", "loss"):
        mean = np.mean(setup[f"test_{measure}"], axis=1)
        places = list(dict.fromkeys([0, *_rise(mean), len(mean) - 1]))
        parts.append(f"test {measure} " + ", then ".join(
            f"≈ {mean[place]:.3g} at {x[place]:,}" for place in places))
    return f"{title}: {'; '.join(parts)}."


def _rise(mean: np.ndarray) -> tuple[int, int]:
    """The places where the largest rise of a curve begins and ends: 0, 0 if it never rises."""
    top = int((mean - np.minimum.accumulate(mean)).argmax())
    return int(mean[:top + 1].argmin()), top
