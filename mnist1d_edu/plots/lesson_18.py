"""The figures of lesson 18, learning the learning rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import band, range_band
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    bare,
    courses,
    described,
    means,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rates_learned(found: Mapping[str, tuple[np.ndarray, np.ndarray]], stored: dict[str, Any]
                  ) -> Figure:
    """Rate and mean loss by outer step: label -> rates (K + 1,), losses (K,); behind them the
    descents of the stored result of `metalearn-lr`, thin. Lesson 18."""
    figure, [[left, right]] = subplots(1, 2, figsize=(9.4, 3.2), dpi=72)
    for descents in stored["descents"].values():
        for rates, losses in zip(descents["rates"], descents["losses"], strict=True):
            left.plot(rates, color=GREY, alpha=0.25, linewidth=0.8)
            right.plot(losses, color=GREY, alpha=0.25, linewidth=0.8)
    for label, (rates, losses), style in styled(found, ({"color": RED, "linestyle": "--"},
                                                        {"color": BLUE, "linestyle": "-"})):
        left.plot(rates, **style, linewidth=2, label=label)
        right.plot(losses, **style, linewidth=2)
    bare(left).set(xlabel="outer step", ylabel="learning rate", ylim=(0, None))
    left.legend(frameon=False)
    bare(right).set(xlabel="outer step", ylabel="mean loss of the run")
    figure.supxlabel(f"grey: the stored result, {len(stored['seeds'])} seeds", fontsize="small")
    return described(figure, "The learning rate by outer step, "
                     f"{courses({label: rates for label, (rates, _) in found.items()})}; "
                     "the mean loss, "
                     f"{courses({label: losses for label, (_, losses) in found.items()})}.")


def loss_and_slope(rates: np.ndarray, losses: np.ndarray, slopes: np.ndarray) -> Figure:
    """The mean loss (R,) and its derivative (R,), which may be huge, against the rate. Lesson 18.
    """
    figure, [[left, right]] = subplots(1, 2, figsize=(9.4, 3.2), dpi=72)
    best = np.argmin(losses)
    for ax, values, color in ((left, losses, BLUE), (right, slopes, ORANGE)):
        bare(ax).plot(rates, values, color=color, marker="o", markersize=3.5)
        ax.axvline(rates[best], color=GREY, linestyle=":")
        ax.set(xlabel="learning rate", xscale="log")
        ax.set_xticks([0.05, 0.15, 0.5, 1, 2, 4], ["0.05", "0.15", "0.5", "1", "2", "4"])
        ax.minorticks_off()
    left.set(ylabel="mean loss over the run")
    calm = slopes[rates <= 1.5]
    right.set_ylim(1.1 * calm.min(), 1.1 * calm.max() - 0.4 * calm.min())
    right.axhline(0, color="black", linewidth=0.8)
    right.set_ylabel("its derivative")
    right.annotate("above 1.5: off the scale", (1.45, 0.9 * calm.min()), ha="right", va="center",
                   fontsize="small", color=GREY)
    return described(figure, "Against the learning rate: the mean loss, from ≈ "
                     f"{losses[0]:.3g} down to {losses[best]:.3g} at a rate of {rates[best]:.2g} "
                     f"and up to {losses[-1]:.3g}; its derivative, which rises from ≈ "
                     f"{slopes[0]:.2g} through 0 and above a rate of 1.5 reaches "
                     f"≈ {np.abs(slopes).max():.0e}.")


def zoomed(panels: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """The mean loss against the rate, from afar and from near: title -> rates (R,), losses (R,).
    Lesson 18."""
    figure, [axes] = subplots(1, len(panels), figsize=(9.4, 3.0), dpi=72)
    for ax, (title, (rates, losses)) in zip(axes, panels.items(), strict=True):
        bare(ax).plot(rates, losses, color=BLUE, marker="o", markersize=3, linewidth=1)
        ax.set(xlabel="learning rate", title=title)
        ax.locator_params(axis="x", nbins=5)
    axes[0].set_ylabel("mean loss over the run")
    told = "; ".join(f"{title}: between ≈ {losses.min():.3g} and {losses.max():.3g}"
                     for title, (_, losses) in panels.items())
    return described(figure, f"The mean loss against the learning rate, {told}; from afar it rises "
                     "steadily, from near it is jagged.")


def coming_apart(rates: np.ndarray, factors: np.ndarray, slopes: np.ndarray,
                 stored: dict[str, Any]) -> Figure:
    """Growth of a small distance in a step, and the size of the derivative, both (R,), against the
    rate; behind them medians and ranges of the stored result of `metalearn-lr`. Lesson 18."""
    figure, [[left, right]] = subplots(1, 2, figsize=(9.4, 3.2), dpi=72)
    landscape = stored["landscape"]
    inside = np.array(landscape["rates"]) <= 1.05 * rates[-1]
    for ax, behind, values, color in (
            (left, landscape["growth"], factors, GREEN),
            (right, np.abs(landscape["slopes"]), slopes, ORANGE)):
        range_band(ax, np.array(landscape["rates"])[inside], np.array(behind)[inside], color=GREY)
        bare(ax).plot(rates, values, color=color, marker="o", linestyle="")
        ax.set(xlabel="learning rate", xscale="log")
        ax.set_xticks([0.02, 0.1, 0.5, 1, 2, 4], ["0.02", "0.1", "0.5", "1", "2", "4"])
        ax.minorticks_off()
    left.axhline(1, color="black", linewidth=0.8)
    left.set_ylabel("growth of a distance, per step")
    right.set(ylabel="size of the derivative", yscale="log")
    figure.supxlabel("circles: this run; grey: median and range of the stored result, "
                     f"{len(stored['seeds'])} seeds", fontsize="small")
    at = {f"at {rate:g}": factor for rate, factor in zip(rates, factors, strict=True)}
    return described(figure, "Against the learning rate: by which factor a small distance grows in "
                     f"a step, {means(at)}; and the size of the derivative, from ≈ "
                     f"{slopes.min():.1g} to {slopes.max():.0e}.")


def truncation(windows: Sequence[int], zeros: Sequence[float], parts: np.ndarray,
               stored: dict[str, Any]) -> Figure:
    """Left: the rate at which the truncated derivative is 0 by its window, and the stored result of
    `metalearn-lr` behind it. Right: what each window (in the order of the run) adds. Lesson 18."""
    figure, [[left, right]] = subplots(1, 2, figsize=(9.4, 3.2), dpi=72)
    band(left, stored["truncated"]["windows"], np.array(stored["truncated"]["zeros"]), color=GREY)
    bare(left).plot(windows, zeros, color=ORANGE, marker="s", linestyle="")
    left.set(xlabel="steps in a window", ylabel="rate where the derivative is 0", xscale="log",
             ylim=(0, None))
    left.set_xticks(windows, [str(window) for window in windows])
    left.minorticks_off()
    size = 200 // len(parts)
    begins = size * np.arange(len(parts))
    colors = [BLUE if part < 0 else RED for part in parts]
    bare(right).bar(begins + size / 2, parts, width=0.8 * size, color=colors)
    right.axhline(0, color="black", linewidth=0.8)
    right.set(xlabel="step", ylabel="what a window adds")
    figure.supxlabel(f"squares: this run; grey: mean ± standard deviation of the stored result, "
                     f"{len(stored['seeds'])} seeds; blue: larger rate, lower loss",
                     fontsize="small")
    told = means({f"{window} steps": zero for window, zero in zip(windows, zeros, strict=True)})
    return described(figure, f"The rate at which the truncated derivative is 0, by window: {told}; "
                     f"and what each window adds: the first ≈ {parts[0]:.2g}, the later ones in "
                     f"the mean {np.mean(parts[1:]):.2g}.")


def schedule_learned(rates: np.ndarray) -> Figure:
    """A rate for each step (T,), and means over ten steps. Lesson 18."""
    [[ax]] = subplots(figsize=(6.2, 3.0), dpi=72)[1]
    steps = np.arange(len(rates))
    ax.plot(steps, rates, color=GREY, marker=".", linestyle="", markersize=4)
    tens = rates[:len(rates) // 10 * 10].reshape(-1, 10).mean(axis=1)
    ax.plot(steps[:len(tens) * 10:10] + 4.5, tens, color=BLUE)
    bare(ax).set(xlabel="step", ylabel="learning rate", ylim=(0, None))
    return described(ax.figure, f"A learned rate for each step (dots) and means over ten steps, "
                     f"from ≈ {tens[0]:.2g} at the beginning to {tens[-1]:.2g} at the end.")
