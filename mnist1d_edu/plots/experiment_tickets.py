"""The figure of the experiment `tickets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import band
from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    bare,
    described,
    label_ends,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ARMS: dict[str, dict[str, Any]] = {
    "ticket": {"color": BLUE, "linestyle": "-"}, "dense": {"color": ORANGE, "linestyle": "--"},
    "random": {"color": GREY, "linestyle": ":"}}
_TITLES = {"ticket": "ticket", "dense": "dense", "random": "random\nmask"}


def tickets_in_time(summary: dict[str, Any]) -> Figure:
    """Test accuracy of tickets, dense nets and random masks against training steps, by learning
    rate.

    summary: that of the experiment `tickets`. Lesson 15.
    """
    rates = list(summary["found"]["dense"])
    figure, [axes] = subplots(1, len(rates), figsize=(11, 4), sharey=True)
    told = []
    for ax, rate in zip(axes, rates, strict=True):
        ends, last = {}, {}
        for arm, style in _ARMS.items():
            values = summary["found"][arm][rate]["test"]
            band(bare(ax), summary["steps"], values, **style)
            ends[_TITLES[arm]] = (summary["steps"][-1], np.mean(values[-1]), style["color"])
            last[_TITLES[arm].replace("\n", " ")] = values[-1]
        ax.axvline(summary["searched"], color="0.8", linewidth=1, zorder=0)
        ax.annotate("length of\nthe search", (summary["searched"], 84), xytext=(4, 0),
                    textcoords="offset points", fontsize="small", color="0.4")
        label_ends(ax, ends)
        ax.set(xlabel="step", ylim=(10, 90))
        ax.set_title(f"learning rate {rate}", loc="left", fontsize="medium")
        told.append(f"at the rate {rate} {means(last)}")
    axes[0].set_ylabel("test accuracy (%)")
    figure.supxlabel(f"bands: ± one standard deviation over {summary['trials']} trials",
                     fontsize="small")
    return described(figure, "Test accuracy in percent against training steps for lottery tickets, "
                     f"dense nets and random masks. At the last step, {'; '.join(told)}.")
