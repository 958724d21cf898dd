"""The figure of lesson 00, how this course works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.style import GREY, LINES, bare, described, label_ends, styled, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIGNALS = (*LINES, {"color": GREY, "linestyle": "-"})


def signal_panels(panels: dict[str, np.ndarray]) -> Figure:
    """Signals as lines, numbered at their ends, all on one scale: panel title -> x (N, L).
    Lesson 00."""
    figure, [axes] = subplots(1, len(panels), figsize=(1.2 + 3.6 * len(panels), 3.2), dpi=80,
                              sharey=True)
    told = []
    for ax, (title, signals) in zip(axes, panels.items(), strict=True):
        numbered = {str(number): signal for number, signal in enumerate(np.asarray(signals))}
        ends = {}
        for number, signal, style in styled(numbered, _SIGNALS):
            ax.plot(signal, **style)
            ends[number] = (len(signal) - 1, signal[-1], style["color"])
        label_ends(ax, ends)
        bare(ax).set(title=title, xlabel="position")
        told.append(f"{title}: {len(signals)} signals with values from ≈ {np.min(signals):.2g} "
                    f"to ≈ {np.max(signals):.2g}.")
    axes[0].set_ylabel("value")
    return described(figure, "Signals as lines, value against position, numbered at their right "
                     "ends. " + " ".join(told))
