"""The figures of lesson 04, backpropagation by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import range_band
from mnist1d_edu.plots.style import (
    BLUE,
    GREY,
    MARKED,
    RED,
    bare,
    courses,
    described,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BOXES = {"linear1": 1.3, "relu": 2.6, "linear2": 4.4, "relu ": 5.7, "+": 6.8, "linear3": 8.1,
          "loss": 9.9}
_HALF_WIDTHS = {"linear1": 0.4, "linear2": 0.4, "linear3": 0.4, "+": 0.18}
_ARROWS = [(0.25, "x", None), (1.3, "a1", "g_a1"), (2.6, "h1", "g_h1"), (4.4, "a2", "g_a2"),
           (5.7, "", ""), (6.8, "h2", "g_h2"), (8.1, "logits", "g_logits")]
_FORWARD = {"arrowstyle": "->", "color": BLUE}
_BACKWARD = {"arrowstyle": "->", "color": RED, "linestyle": "--"}


def step_sizes(steps: np.ndarray, errors: dict[str, np.ndarray]) -> Figure:
    """How wrong finite differences are, against the step (E,): for each title -> errors (E, S) the
    median over S points, with a band from the smallest to the largest. Lesson 04."""
    figure, [[ax]] = subplots(figsize=(7.2, 3.6), dpi=80)
    middles = {}
    for title, values, style in styled(errors, MARKED):
        values = np.maximum(values, 1e-13)
        range_band(ax, steps, values, markersize=4, **style)
        # named on the left arm: there the two are far apart
        place = len(steps) // 5
        ax.annotate(title, (steps[place], np.max(values[place])), xytext=(4, 6),
                    color=style["color"], textcoords="offset points")
        middles[title] = np.median(values, axis=1)
    ax.text(0.015, 0.03, "too small: rounding", transform=ax.transAxes, color=GREY)
    ax.text(0.985, 0.03, "too large: the curve bends", transform=ax.transAxes, ha="right",
            color=GREY)
    bare(ax).set(xscale="log", yscale="log", xlabel="step h",
                 ylabel="relative error of the slope", ylim=(1e-13, None))
    lowest = "; ".join(f"{title} least, ≈ {middle.min():.2g}, at {steps[middle.argmin()]:.2g}"
                       for title, middle in middles.items())
    return described(figure, "Relative error of the slope against the step h, both logarithmic: "
                     "too small a step suffers from rounding, too large a one from the bend of "
                     f"the curve. {courses(middles)}; {lowest}.")


def mlp_graph() -> Figure:
    """The computation graph of the paper's MLP, with what goes forward along each arrow and, below,
    the cotangent that comes back. Lesson 04."""
    figure, [[ax]] = subplots(figsize=(8, 3.1), dpi=85)
    _draw_chain(ax)
    _draw_shortcut(ax)
    ax.text(0.1, 1.12, "forward", color=BLUE)
    ax.text(0.1, 0.9, "backward (dashed)", color=RED)
    for place, name in ((1.3, "1"), (4.4, "2"), (8.1, "3")):
        ax.annotate("", (place, -0.62), (place, -0.2), arrowprops=_BACKWARD)
        ax.text(place, -0.66, f"gradients of\nweight {name}, bias {name}", ha="center", va="top",
                color=RED, fontsize="small")
    ax.text(9.9, -0.3, "starts\nwith 1", ha="center", va="top", color=RED, fontsize="small")
    ax.set(xlim=(0, 10.5), ylim=(-1.15, 1.3))
    ax.axis("off")
    return described(figure, "Computation graph of the MLP. Forward: x, linear1, a1, relu, h1, "
                     "linear2, a2, relu, plus h1 by a shortcut, h2, linear3, logits, loss. "
                     "Backward, from 1 at the loss: g_logits, g_h2, which goes unchanged to the "
                     "shortcut and through relu to g_a2, both added in g_h1, then g_a1. Each "
                     "linear layer also sends gradients to its weight and its bias.")


def _draw_chain(ax: Axes) -> None:
    """The boxes in their row, and between them an arrow forward and one backward."""
    halves = {place: _HALF_WIDTHS.get(name, 0.26) for name, place in _BOXES.items()}
    for (start, forward, back), end in zip(_ARROWS, _BOXES.values(), strict=True):
        begin, stop = start + halves.get(start, 0), end - halves[end]
        ax.annotate("", (stop, 0.07), (begin, 0.07), arrowprops=_FORWARD)
        middle = (begin + stop) / 2 + (0.2 if forward == "h1" else 0)
        ax.text(middle, 0.16, forward, ha="center", va="bottom", color=BLUE)
        if back is not None:
            ax.annotate("", (begin, -0.07), (stop, -0.07), arrowprops=_BACKWARD)
            ax.text(middle, -0.16, back, ha="center", va="top", color=RED)
    for name, place in _BOXES.items():
        ax.text(place, 0, name.strip(), ha="center", va="center",
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.2"})


def _draw_shortcut(ax: Axes) -> None:
    """The way of h1 around the second layer, and that of its cotangent."""
    fork = 3.1
    for height, color, dashes, order in ((1.0, BLUE, "-", 1), (0.84, RED, "--", -1)):
        inset = 0.08 * order
        ax.plot([fork - inset, fork - inset, 6.8 + inset, 6.8 + inset],
                [0.07 if order > 0 else 0.5, height, height, 0.32], color=color, linestyle=dashes,
                linewidth=1)
    ax.annotate("", (6.88, 0.2), (6.88, 0.5), arrowprops=_FORWARD)
    ax.annotate("", (fork + 0.08, 0.1), (fork + 0.08, 0.6), arrowprops=_BACKWARD)
    ax.text(4.95, 1.04, "shortcut: h1 as it is", ha="center", va="bottom", color=BLUE)
    ax.text(4.95, 0.79, "g_h2 as it is", ha="center", va="top", color=RED)
