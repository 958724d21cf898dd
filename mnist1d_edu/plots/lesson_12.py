"""The figure of lesson 12, deep nets; those at paper scale belong to the experiment `residual`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import band, deviation
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    bare,
    courses,
    described,
    label_ends,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS: tuple[dict[str, Any], ...] = (
    {"color": ORANGE, "linestyle": "-.", "marker": "s"},
    {"color": RED, "linestyle": ":", "marker": "v"},
    {"color": GREEN, "linestyle": "--", "marker": "D"},
    {"color": BLUE, "linestyle": "-", "marker": "o"},
    {"color": GREY, "linestyle": "-", "marker": "x"})
Points = Mapping[str, tuple[Sequence[float], np.ndarray]]


def over_stored(panels: Mapping[str, tuple[Points, Points]], xlabel: str, ylabel: str,
                ticks: Sequence[int] = ()) -> Figure:
    """A small experiment's points over the curves of the paper-scale one, for several kinds of net
    (at most five): panel title -> (stored, own), each label -> (x (W,), values (W, S)), the stored
    ones as curves in a band, one's own as points with bars, both ± one standard deviation over the
    seeds. x runs to the side where the curves are farther apart. `ticks`: a logarithmic x axis,
    marked there. Lesson 12."""
    figure, [axes] = subplots(1, len(panels), figsize=(3.0 + 3.9 * len(panels), 3.6), dpi=76)
    told = []
    for ax, (title, (stored, own)) in zip(axes, panels.items(), strict=True):
        styles, ends = dict(zip(stored, _KINDS, strict=False)), {}
        for label, (x, values) in stored.items():
            band(bare(ax), x, values, color=styles[label]["color"],
                 linestyle=styles[label]["linestyle"])
            ends[label] = [(x[k], float(np.mean(values[k])), styles[label]["color"])
                           for k in (0, -1)]
        for label, (x, values) in own.items():
            ax.errorbar(x, np.mean(values, axis=1), deviation(values), linestyle="",
                        color=styles[label]["color"], marker=styles[label]["marker"], markersize=5,
                        capsize=3)
        apart = [np.ptp([both[k][1] for both in ends.values()]) for k in (0, 1)]
        label_ends(ax, {label: both[int(np.argmax(apart))] for label, both in ends.items()})
        if np.argmax(apart) == 0:
            ax.invert_xaxis()
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set_xlabel(xlabel)
        if ticks:
            ax.set(xscale="log")
            ax.set_xticks(ticks, [str(tick) for tick in ticks])
            ax.minorticks_off()
        told.append(f"{title or ylabel}, curves: "
                    + courses({label: values for label, (_, values) in stored.items()})
                    + "; points: " + courses({label: values for label, (_, values) in own.items()}))
    axes[0].set_ylabel(ylabel)
    figure.supxlabel("points: yours; curves: paper scale; both ± one standard deviation over seeds",
                     fontsize="small")
    return described(figure, f"{ylabel} against {xlabel}, your points over the curves at paper "
                     f"scale. {'. '.join(told)}.")
