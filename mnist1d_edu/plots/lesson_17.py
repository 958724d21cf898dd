"""The figures of lesson 17, learning without labels; those at paper scale belong to the experiment
`self-supervised`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import band, deviation
from mnist1d_edu.plots.style import (
    MARKED,
    bare,
    described,
    listed,
    means,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def on_a_circle(panels: Mapping[str, np.ndarray]) -> Figure:
    """Rows z (2N, 2) as points on a circle, panel title -> z: rows 2i and 2i + 1, joined by a
    line, have one colour and mark. Lesson 17."""
    figure, [axes] = subplots(1, len(panels), figsize=(2.9 * len(panels), 3.0), dpi=76)
    told, angles = [], np.linspace(0, 2 * np.pi, 200)
    for ax, (title, z) in zip(axes, panels.items(), strict=True):
        unit = z / np.linalg.norm(z, axis=1, keepdims=True)
        ax.plot(np.cos(angles), np.sin(angles), color="0.8", linewidth=0.8)
        pairs = {str(i): pair for i, pair in enumerate(unit.reshape(-1, 2, 2))}
        for _, pair, style in styled(pairs, MARKED):
            ax.plot(*pair.T, **{**style, "linewidth": 0.9, "markersize": 6})
        ax.set(title=title, aspect="equal", xlim=(-1.15, 1.15), ylim=(-1.15, 1.15))
        ax.axis("off")
        told.append(f"{title}: partners' inner product ≈ "
                    f"{np.mean((unit[::2] * unit[1::2]).sum(axis=1)):.2f}")
    return described(figure, f"Pairs of views as points on a circle. {'; '.join(told)}.")


def probes_of_nets(nets: Mapping[str, np.ndarray], published: Mapping[str, Sequence[float]],
                   stored: Mapping[str, np.ndarray]) -> Figure:
    """Test accuracy of a linear probe by depth: label -> values (layers, S), from the input on,
    with bars of ± one standard deviation over the seeds; for some labels what was published, as
    crosses, and a longer run's values (layers, S), as bands. Lesson 17."""
    figure, [[ax]] = subplots(figsize=(8.4, 3.5), dpi=76)
    for label, values, style in styled(nets, MARKED):
        depth, mean = np.arange(len(values)), np.mean(values, axis=1)
        if label in stored:
            band(ax, depth, np.asarray(stored[label]),
                 **{**style, "marker": "", "linewidth": 0.8})
        ax.errorbar(depth, mean, deviation(np.asarray(values)), capsize=3, markersize=5,
                    label=label, **style)
        if label in published:
            ax.plot(depth, published[label], color=style["color"], marker="x", linestyle="")
    bare(ax).set(xlabel="layer (0: the signal, 1 to 3: convolutions, then the projector)",
                 ylabel="test accuracy (%)")
    ax.set_title("longer training: bands, ours (mean ± deviation over seeds); crosses, published",
                 loc="left", fontsize="small")
    ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    told = "; ".join(f"{label}: {means({str(i): row for i, row in enumerate(values)})}"
                     for label, values in nets.items())
    longer = "; ".join(f"{label}: {means({str(i): row for i, row in enumerate(values)})}"
                       for label, values in stored.items())
    return described(figure, "Test accuracy in percent of a linear probe against the layer, "
                     f"{listed(nets)}: {told}. After longer training: {longer}.")
