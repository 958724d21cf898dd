"""The figure of the experiment `shift`."""

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
    from matplotlib.figure import Figure

_NETS: dict[str, dict[str, Any]] = {
    "mlp": {"color": ORANGE, "linestyle": "-."}, "local": {"color": RED, "linestyle": "--"},
    "cnn": {"color": BLUE, "linestyle": "-"}, "global": {"color": GREEN, "linestyle": ":"}}
_TITLES = {"mlp": "MLP", "local": "locally\nconnected", "cnn": "CNN", "global": "CNN,\nglobal mean"}
_PANELS = {"plain": "trained on the signals as they are",
           "moved": "trained on signals moved at random"}


def accuracy_against_shift(summary: dict[str, Any]) -> Figure:
    """Test accuracy against the shift of the test signals, after training with and without shifts.

    summary: that of the experiment `shift`. Lesson 07.
    """
    figure, [axes] = subplots(1, 2, figsize=(11, 4), sharey=True)
    told = []
    for ax, (training, title) in zip(axes, _PANELS.items(), strict=True):
        ends, last = {}, {}
        for model, style in _NETS.items():
            values = summary["found"][training][model]["shifted"]
            band(bare(ax), summary["shifts"], values, **style)
            ends[_TITLES[model]] = (summary["shifts"][-1], np.mean(values[-1]), style["color"])
            last[_TITLES[model].replace("\n", " ")] = values[-1]
        label_ends(ax, ends)
        ax.set(xlabel="shift of the test signals (places, either side)", ylim=(0, 100),
               xticks=summary["shifts"][::2])
        ax.set_title(title, loc="left", fontsize="medium")
        told.append(f"{title}, at {summary['shifts'][-1]} places: {means(last)}")
    axes[0].set_ylabel("test accuracy (%)")
    figure.supxlabel(f"bands: ± one standard deviation over {summary['seeds']} seeds",
                     fontsize="small")
    return described(figure, "Test accuracy in percent against the shift of the test signals, for "
                     f"four nets. {'; '.join(told)}.")
