"""The figures of lesson 02, a linear classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import deviation
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    bare,
    described,
    listed,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def class_scores(signal: np.ndarray, scores: np.ndarray, probabilities: np.ndarray) -> Figure:
    """One signal (L,), its class scores (K,) and its class probabilities (K,), side by side.
    Lesson 02."""
    figure, [axes] = subplots(1, 3, figsize=(7.8, 2.3), dpi=80)
    axes[0].plot(signal, color=BLUE)
    axes[0].set(xlabel="position", ylabel="value", title="the signal")
    told = []
    for ax, values, color, title in ((axes[1], scores, ORANGE, "scores"),
                                     (axes[2], probabilities, GREEN, "probabilities")):
        ax.bar(range(len(values)), values, color=color, edgecolor="0.2", linewidth=0.6)
        ax.axhline(0, color="0.2", linewidth=0.8)
        ax.set(xlabel="class", title=title)
        ax.set_xticks(range(len(values)))
        told.append(f"{title}: {means(dict(enumerate(values)))}.")
    for ax in axes:
        bare(ax)
    return described(figure, "A signal, and bars for its scores and its probabilities of each "
                     f"class. {' '.join(told)}")


def ridges(panels: dict[str, np.ndarray], shared: bool = False) -> Figure:
    """Lines over one another, each with its class's number and its own zero: panel title -> values
    (K, L), or (S, K, L) for a mean with a band of ± one standard deviation over the seeds. The bar
    beside them tells the height, with `shared` that of all panels. Lesson 02."""
    figure, [axes] = subplots(1, len(panels), figsize=(7.8, 4.3), dpi=68)
    stacks = {title: np.asarray(values) if np.ndim(values) == 3 else np.asarray(values)[None]
              for title, values in panels.items()}
    largest = max(np.abs(values.mean(axis=0)).max() for values in stacks.values())
    told = []
    for ax, (title, values) in zip(axes, stacks.items(), strict=True):
        mean, spread = values.mean(axis=0), deviation(np.moveaxis(values, 0, -1))
        unit = largest if shared else np.abs(mean).max()
        for k, line in enumerate(mean):
            zero = len(mean) - 1 - k
            ax.axhline(zero, color="0.85", linewidth=0.8)
            ax.plot(zero + line / unit, color=(BLUE, RED)[k % 2], linewidth=1.3)
            if spread is not None:
                ax.fill_between(range(len(line)), zero + (line - spread[k]) / unit,
                                zero + (line + spread[k]) / unit, color="0.4", alpha=0.4,
                                linewidth=0)
        ax.plot([mean.shape[1] + 1] * 2, [0, 1], color="0.2", linewidth=2)
        ax.text(mean.shape[1] + 2, 0.5, f"{unit:.1f}", va="center", fontsize="small")
        ax.set(title=title, xlabel="position", xlim=(-1, mean.shape[1] + 6))
        ax.set_yticks(range(len(mean)), range(len(mean) - 1, -1, -1))
        bare(ax).tick_params(axis="y", length=0)
        sizes = np.abs(mean).max(axis=1)
        told.append(f"{title}, largest absolute value by class: {means(dict(enumerate(sizes)))}.")
    axes[0].set_ylabel("class")
    return described(figure, f"A line for each class over the positions of the signal: "
                     f"{listed(panels)}. {' '.join(told)}")
