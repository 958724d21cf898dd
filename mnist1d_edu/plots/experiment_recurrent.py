"""The figure of the experiment `recurrent`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import band
from mnist1d_edu.plots.style import (
    BLUE,
    ORANGE,
    RED,
    bare,
    described,
    label_ends,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLES: dict[str, dict[str, Any]] = {
    "gru": {"color": BLUE, "linestyle": "-"}, "rnn": {"color": ORANGE, "linestyle": "--"},
    "rotation": {"color": RED, "linestyle": ":"}}
_KINDS = {"gru": "GRU", "rnn": "plain", "rotation": "plain,\nrotation"}
_PANELS = {"all": "all states are read", "ends": "the end of each direction is read"}


def recurrent(summary: dict[str, Any]) -> Figure:
    """Test accuracy against training steps for plain recurrent nets and GRUs, by what is read.

    summary: that of the experiment `recurrent`. Lesson 08.
    """
    figure, [axes] = subplots(1, 2, figsize=(11, 4), sharey=True)
    told = []
    for ax, (read, title) in zip(axes, _PANELS.items(), strict=True):
        ends, last = {}, {}
        for kind, style in _STYLES.items():
            found = summary["nets"].get(f"{kind}, {read}")
            if found is None:
                continue
            band(bare(ax), found["steps"], found["test_accuracy"], **style)
            ends[_KINDS[kind]] = (found["steps"][-1], np.mean(found["test_accuracy"][-1]),
                                  style["color"])
            last[_KINDS[kind].replace("\n", " ")] = found["test_accuracy"][-1]
        label_ends(ax, ends)
        ax.set(xlabel="step", ylim=(0, 100))
        ax.set_title(title, loc="left", fontsize="medium")
        told.append(f"where {title}, {means(last)} at the last step")
    axes[0].set_ylabel("test accuracy (%)")
    figure.supxlabel(f"bands: ± one standard deviation over {summary['seeds']} seeds",
                     fontsize="small")
    return described(figure, "Test accuracy in percent against training steps: "
                     f"{'; '.join(told)}.")
