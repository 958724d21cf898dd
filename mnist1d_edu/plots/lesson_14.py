"""The figures of lesson 14, double descent.

Those at paper scale are in `experiment_double_descent`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.experiment_double_descent import descent, mark_threshold, told_descent
from mnist1d_edu.plots.pieces import CROSS, band, round_ticks
from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    MARKED,
    RED,
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


def changed_counts(counts: np.ndarray, expected: float, marked: dict[str, float]) -> Figure:
    """How often each number of changed labels came out (counts (B,)), with the expected number and
    others marked by name (label -> number). Lesson 14."""
    figure, [[ax]] = subplots(figsize=(7, 2.6), dpi=80)
    bare(ax).hist(counts, bins=25, color=GREY, alpha=0.6)
    top = ax.get_ylim()[1]
    marks = {f"expected {expected:.0f}": (expected, BLUE, "-"),
             **{label: (number, RED, "--") for label, number in marked.items()}}
    for label, (number, color, dashes) in marks.items():
        ax.axvline(number, color=color, linestyle=dashes)
        ax.annotate(label, (number, top), xytext=(4, 2), textcoords="offset points", color=color)
    ax.set(xlabel="labels that changed", ylabel="draws", ylim=(0, top))
    return described(figure, f"Histogram of the labels that changed in {len(counts)} draws, with "
                     f"marks: {'; '.join(marks)}. {means({'mean of the draws': counts})}, standard "
                     f"deviation ≈ {np.std(counts):.3g}.")


def small_descent(panels: dict[str, dict[str, Any]], predicted: float) -> Figure:
    """Error above and loss below against width, a column for each title -> sweep (a dict with
    widths (W,), the (W, S) arrays train_error, test_error, train_loss, test_loss, the measured
    threshold, and the published test errors by width), with the predicted width as a dotted line.
    Lesson 14."""
    figure, axes = subplots(2, len(panels), figsize=(7.6, 6.4), dpi=80, sharex="col",
                            sharey="row", height_ratios=(1.6, 1))
    for column, (title, sweep) in zip(axes.T, panels.items(), strict=True):
        for ax, measure in zip(column, ("error", "loss"), strict=True):
            descent(ax, sweep, measure)
            mark_threshold(ax, sweep["threshold"])
            ax.axvline(predicted, color="0.4", linewidth=1, linestyle=":")
        column[0].plot(*zip(*sweep["published"].items(), strict=True), **CROSS)
        column[0].set_title(title, loc="left", fontsize="medium")
        column[1].set_xlabel("hidden units a layer")
    axes[0, 0].set(ylabel="error (%)", ylim=(-3, 62))  # a little room below a curve at 0
    axes[1, 0].set(ylabel="loss", ylim=(-0.25, None))
    figure.supxlabel(f"bands: ± one standard deviation over {sweep['test_error'].shape[1]} seeds; "
                     "crosses: published;\ndotted: predicted, grey line: measured threshold",
                     fontsize="small")
    return described(figure, "Training and test error, and below them the losses, against the "
                     "number of hidden units. " + " ".join(
                         told_descent(title, sweep) for title, sweep in panels.items()))


def rise_and_fall(changes: dict[str, tuple[np.ndarray, float]], widths: list[int],
                  shares: np.ndarray) -> Figure:
    """Left: values by seed with their mean and 95 % interval, label -> (values (S,), half). Right:
    the share of resamples, from 0 to 1, whose peak is at each width, (W,) both. Lesson 14."""
    figure, [[left, right]] = subplots(1, 2, figsize=(7.6, 3.1), dpi=80, width_ratios=(1.5, 1))
    for row, (values, half) in enumerate(changes.values()):
        color, height = (BLUE, RED)[row % 2], len(changes) - 1 - row
        left.plot(values, np.full(len(values), height + 0.15), "o", color=color, markersize=5,
                  markerfacecolor="white")
        left.errorbar(np.mean(values), height - 0.1, xerr=half, color=color, marker="s",
                      markersize=5, capsize=3)
    left.axvline(0, color="0.6", linewidth=0.8)
    bare(left).set(xlabel="test error: percentage points", ylim=(-0.5, len(changes) - 0.4))
    left.set_yticks(range(len(changes)), list(changes)[::-1])
    left.set_title("dots: seeds; squares: mean, 95 % interval", loc="left", fontsize="small")
    places = range(len(widths))
    bare(right).bar(places, 100 * np.asarray(shares), color=GREY)
    right.set_xticks(places, widths, fontsize="small")
    right.set(xlabel="hidden units at the peak", ylabel="resamples (%)")
    told = "; ".join(f"{label} ≈ {np.mean(values):.2g} ± {half:.2g}"
                     for label, (values, half) in changes.items())
    peaks = {str(width): 100 * share for width, share in zip(widths, shares, strict=True) if share}
    return described(figure, "Left: changes of the test error in percentage points, mean with 95 % "
                     f"interval: {told}. Right: percentage of resamples with their peak at each "
                     f"number of hidden units: {means(peaks)}.")


def inside_the_descent(widths: np.ndarray, learned: np.ndarray, crossings: np.ndarray,
                       threshold: float) -> Figure:
    """Left: the wrong labels that the net reproduces, in percent; right: how often its answer
    changes between two signals; both (W, S) for widths (W,), with bands over the seeds and the
    measured threshold. Lesson 14."""
    figure, [axes] = subplots(1, 2, figsize=(7.6, 3.1), dpi=80)
    curves = {"wrong labels reproduced (%)": learned, "changes between two signals": crossings}
    for ax, (quantity, values), color in zip(axes, curves.items(), (RED, BLUE), strict=True):
        band(bare(ax), widths, values, color=color, marker="o", markersize=4)
        mark_threshold(ax, threshold)
        ax.set(xscale="log", xlabel="hidden units a layer", ylabel=quantity)
        ax.margins(y=0.15)
        round_ticks(ax, widths)
    return described(figure, f"Against the number of hidden units, {widths[0]} to {widths[-1]}, "
                     f"with the interpolation threshold at {threshold}: {courses(curves)}.")


def two_thresholds(parameters: np.ndarray, curves: dict[str, tuple[np.ndarray, np.ndarray]],
                   marks: dict[str, float]) -> Figure:
    """Test error against parameters (W,), and the test loss divided by its highest mean: label ->
    (test_error, test_loss), each (W, S); numbers of parameters marked by name. Lesson 14."""
    figure, [axes] = subplots(1, 2, figsize=(7.8, 3.3), dpi=80)
    ends: tuple[dict, dict] = ({}, {})
    told = []
    for label, (errors, losses), style in styled(curves, MARKED):
        error, loss = np.asarray(errors, float), np.asarray(losses, float)
        for ax, values, end in zip(axes, (error, loss / loss.mean(axis=1).max()), ends,
                                   strict=True):
            band(ax, parameters, values, markersize=4, **style)
            end[label] = (parameters[-1], values[-1].mean(), style["color"])
        told.append(told_descent(label, {"parameters": parameters, "test_error": error,
                                         "test_loss": loss}, "parameters"))
    for ax, end in zip(axes, ends, strict=True):
        bare(ax).set(xscale="log", xlabel="parameters")
        label_ends(ax, end)
        for text, number in marks.items():
            ax.axvline(number, color="0.6", linewidth=0.9)
            ax.annotate(text, (number, 1), xycoords=("data", "axes fraction"), xytext=(3, -9),
                        textcoords="offset points", color="0.4", fontsize="small")
    axes[0].set_ylabel("test error (%)")
    axes[1].set(ylabel="test loss / its peak", ylim=(0, None))
    return described(figure, "Test error (left) and test loss (right) against the number of "
                     f"parameters, on a logarithmic scale. {' '.join(told)}")
