"""The figures of lesson 15, lottery tickets; those at paper scale are in `experiment_lottery`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import band
from mnist1d_edu.plots.style import (
    GREY,
    MARKED,
    bare,
    courses,
    described,
    label_ends,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def pruned(curves: dict[str, tuple[np.ndarray, np.ndarray]],
           ylabel: str = "test accuracy (%)") -> Figure:
    """What is left after pruning: label -> (share kept in percent (E,), values (E, S)), the mean
    over the seeds with a band of ± one standard deviation, against the share kept, from all to
    little on a logarithmic axis; the first curve's first point is drawn through as a level.
    Lesson 15."""
    figure, [[ax]] = subplots(figsize=(7, 3.5), dpi=76)
    ends = {}
    for label, (kept, values), style in styled(curves, MARKED):
        band(ax, kept, values, markersize=5, **style)
        ends[label] = (kept[-1], np.mean(values[-1]), style["color"])
    kept, values = next(iter(curves.values()))
    dense = np.mean(values[0])
    ax.axhline(dense, color=GREY, linestyle=":", linewidth=1)
    label_ends(ax, {**ends, "dense": (kept[-1], dense, GREY)}, away=8)
    bare(ax).set(xlabel="weights kept (%)", ylabel=ylabel, xscale="log")
    ax.invert_xaxis()
    ax.set_xticks(kept, [f"{share:.0f}" for share in kept])
    ax.minorticks_off()
    ax.yaxis.get_major_locator().set_params(integer=True)
    told = courses({label: values for label, (_, values) in curves.items()})
    return described(figure, f"{ylabel} against the weights kept, from {kept[0]:.0f} to "
                     f"{kept[-1]:.0f} percent. {told}; dense ≈ {dense:.3g}.")
