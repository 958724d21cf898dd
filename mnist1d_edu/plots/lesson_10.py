"""The figures of lesson 10, regularisation and augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    bare,
    described,
    label_ends,
    listed,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def augmented(signal: np.ndarray, panels: dict[str, np.ndarray]) -> Figure:
    """A signal (L,), drawn black and thick, and in each panel (title -> copies (R, L)) copies of it
    that were changed. Lesson 10."""
    figure, [axes] = subplots(1, len(panels), figsize=(7.8, 2.4), dpi=72, sharex=True, sharey=True)
    for ax, (title, copies) in zip(axes, panels.items(), strict=True):
        for copy, (color, dashes) in zip(copies, ((BLUE, "-"), (ORANGE, "--"), (RED, "-.")),
                                         strict=False):
            ax.plot(copy, color=color, linestyle=dashes, linewidth=1.3)
        bare(ax).plot(signal, color="black", linewidth=2.5, alpha=0.6)
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(xlabel="position")
    axes[0].set_ylabel("signal")
    return described(figure, "A signal, black and thick, and changed copies of it in colours, a "
                     f"panel for each kind of change: {listed(panels)}.")


def stopped_early(steps: np.ndarray, measures: dict[str, np.ndarray], best: int, stop: int,
                  ) -> Figure:
    """What one run reached on held-out examples: quantity -> values (E,) at steps (E,), a panel
    each, with the best evaluation and the one at which training would stop marked. Lesson 10."""
    figure, [axes] = subplots(1, len(measures), figsize=(7.8, 2.9), dpi=72)
    for ax, (quantity, values) in zip(axes, measures.items(), strict=True):
        bare(ax).plot(steps[:stop + 1], values[:stop + 1], color=BLUE)
        ax.plot(steps[stop:], values[stop:], color=GREY, linestyle=":")
        ax.plot(steps[best], values[best], color=BLUE, marker="o", linestyle="")
        ax.plot(steps[stop], values[stop], color=RED, marker="s", linestyle="")
        ax.annotate("best", (steps[best], values[best]), xytext=(0, 8), ha="center",
                    textcoords="offset points", color=BLUE)
        ax.annotate("stop", (steps[stop], values[stop]), xytext=(0, -16), ha="center",
                    textcoords="offset points", color=RED)
        label_ends(ax, {"unstopped": (steps[-1], values[-1], GREY)})
        ax.set(xlabel="step", ylabel=quantity)
        ax.margins(y=0.2)
    told = "; ".join(f"{quantity} from ≈ {values[0]:.3g}, at the best evaluation ≈ "
                     f"{values[best]:.3g}, to ≈ {values[-1]:.3g}"
                     for quantity, values in measures.items())
    return described(figure, f"Against the training step: {told}. The best evaluation and the one "
                     "at which training would stop are marked.")
