"""The figure of the experiment `threshold`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import band
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    bare,
    described,
    label_ends,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = (BLUE, ORANGE, GREEN, RED)


def peaks_and_thresholds(summary: dict[str, Any]) -> Figure:
    """Test loss against parameters for each example, with the peak claimed and the threshold as
    measured: a panel for each depth and loss.

    summary: that of the experiment `threshold`. Lesson 14.
    """
    panels: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for setup in summary["setups"].values():
        panels.setdefault((setup["layers"], setup["loss"]), []).append(setup)
    figure, [axes] = subplots(1, len(panels), figsize=(4.6 * len(panels), 4))
    for ax, ((layers, loss), setups) in zip(axes, panels.items(), strict=True):
        _panel(bare(ax), setups)
        ax.set_title(f"{'one hidden layer' if layers == 1 else 'two hidden layers'}, "
                     f"{loss.upper()}", loc="left", fontsize="medium")
    axes[0].set_ylabel("test loss")
    steps = next(iter(summary["setups"].values()))["steps"][-1]
    figure.supxlabel(f"after {steps:,} steps; bands: ± one standard deviation over "
                     f"{summary['seeds']} seeds; dashed: the peak as claimed in 2020; triangles: "
                     "from here on the nets fit their labels", fontsize="small")
    told = {setup["title"]: setup["peaks"][1] for setup in summary["setups"].values()
            if setup["peak"][1]["clear"]}
    peaks = f"It peaks at {means(told)} parameters for each example" if told else "No peak is clear"
    return described(figure, f"Test loss against parameters for each training example. {peaks}.")


def _panel(ax: Axes, setups: list[dict[str, Any]]) -> None:
    ends = {}
    for setup, color in zip(setups, _COLORS, strict=False):
        values = np.array(setup["test_loss"])[:, 1]
        band(ax, setup["ratios"], values, color=color)
        ends[f"n = {setup['n']:,}"] = (setup["ratios"][-1], values[-1].mean(), color)
        fits = setup["threshold"][1]
        if fits is not None:
            place = setup["ratios"].index(fits)
            ax.plot(fits, values[place].mean(), marker="v", color=color, linestyle="")
    ax.axvline(setups[0]["claimed"], color="black", linestyle="--", linewidth=0.8)
    label_ends(ax, ends)
    ax.set(xlabel="parameters for each example", ylim=(0, None))
