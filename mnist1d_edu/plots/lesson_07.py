"""The figures of lesson 07, convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.style import (
    BLUE,
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


def same_shape(signals: np.ndarray, starts: Sequence[int], width: int) -> Figure:
    """Signals (N, L) one below the other, a stretch of each shaded (where it starts, how wide).
    Lesson 07."""
    figure, axes = subplots(len(signals), 1, figsize=(7, 1.1 * len(signals) + 0.5), dpi=72,
                            sharex=True, sharey=True)
    for ax, signal, start in zip(axes[:, 0], signals, starts, strict=True):
        bare(ax).plot(signal, color=BLUE)
        ax.axvspan(start, start + width - 1, color=ORANGE, alpha=0.3, linewidth=0)
    axes[0, 0].set(xlim=(0, len(signals[0]) - 1))
    axes[-1, 0].set_xlabel("position")
    figure.supylabel("value", fontsize="medium")
    return described(figure, f"{len(signals)} signals, one below the other; a stretch of {width} "
                     f"positions is shaded in each, from position {listed(starts)}.")


def kernel_sliding(signal: np.ndarray, kernel: np.ndarray, output: np.ndarray,
                   places: Sequence[int]) -> Figure:
    """A kernel (K,), the signal (L,) with three of its windows, and the output (L - K + 1,) with
    the numbers that these windows gave; places: where the three windows begin. Lesson 07."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplot_mosaic([["kernel", "signal"], ["kernel", "output"]],
                                         figsize=(7.4, 3.8), width_ratios=(1, 4), dpi=72,
                                         layout="constrained")
    for ax, values in zip(axes.values(), (kernel, signal, output), strict=True):
        bare(ax).axhline(0, color="0.8", linewidth=0.8)
        ax.plot(values, color=BLUE, marker="o", markersize=3)
    axes["kernel"].set(title="kernel", xlabel="tap", xticks=range(len(kernel)), ylabel="value")
    axes["signal"].set(title="signal, and three windows", ylabel="value",
                       xlim=(-0.5, len(signal) - 0.5))
    axes["output"].set(title="output: one number for each window", xlabel="position",
                       ylabel="value", xlim=(-0.5, len(signal) - 0.5))
    for letter, place in zip("ABC", places, strict=True):
        middle = place + (len(kernel) - 1) / 2
        axes["signal"].axvspan(place - 0.4, place + len(kernel) - 0.6, color=ORANGE, alpha=0.35,
                               linewidth=0)
        axes["signal"].text(middle, 0.98, letter, ha="center", va="top", weight="bold",
                            transform=axes["signal"].get_xaxis_transform())
        axes["output"].plot(place, output[place], "s", color=RED)
        axes["output"].annotate(letter, (place, output[place]), xytext=(7, 0), va="center",
                                textcoords="offset points", weight="bold")
    windows = {f"{letter} at position {place}": output[place]
               for letter, place in zip("ABC", places, strict=True)}
    return described(figure, f"A kernel of {len(kernel)} taps "
                     f"({', '.join(f'{tap:.2g}' for tap in kernel)}) slides over a signal of "
                     f"{len(signal)} positions. Outputs of three windows: {means(windows)}.")


def layer_matrices(panels: dict[str, np.ndarray]) -> Figure:
    """Layers as matrices, title -> (outputs, inputs): white is zero, and where few different
    numbers occur each is named by a letter. Lesson 07."""
    widths = [matrix.shape[1] for matrix in panels.values()]
    figure, [axes] = subplots(1, len(panels), figsize=(7.4, 2.8), width_ratios=widths, dpi=72)
    told = []
    for ax, (title, matrix) in zip(axes, panels.items(), strict=True):
        limit = np.abs(matrix).max()
        ax.imshow(np.ma.masked_equal(matrix, 0), cmap="cividis", vmin=-limit, vmax=limit)
        taps = list(dict.fromkeys(matrix[len(matrix) // 2][matrix[len(matrix) // 2] != 0]))
        if len(taps) < 8:
            for (i, j), value in np.ndenumerate(matrix):
                if value:
                    ax.text(j, i, "abcdefg"[taps.index(value)], ha="center", va="center",
                            fontsize=8, color="white" if value < 0.2 * limit else "black")
        ax.set_title(title, fontsize="medium")
        ax.set(xlabel="input position", xticks=[0, matrix.shape[1] - 1],
               yticks=[0, len(matrix) - 1])
        told.append(f"{title}: {len(matrix)} outputs of {matrix.shape[1]} inputs, "
                    f"{np.count_nonzero(matrix)} numbers that are not 0, "
                    f"{len(set(matrix[matrix != 0]))} of them different.")
    axes[0].set_ylabel("output position")
    return described(figure, f"Layers as matrices, white where they are 0. {' '.join(told)}")


def shifted_responses(panels: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """What a layer makes of a signal (solid) and of the same signal shifted (dashed), one panel for
    each title -> (values (L,), values (L,)). Lesson 07."""
    figure, axes = subplots(len(panels), 1, figsize=(7, 1.3 * len(panels) + 0.4), dpi=72)
    for ax, (title, (first, second)) in zip(axes[:, 0], panels.items(), strict=True):
        bare(ax).plot(first, color=BLUE, label="signal")
        ax.plot(second, color=RED, linestyle="--", label="shifted signal")
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(ylabel="value", xlim=(0, len(first) - 1))
    axes[0, 0].legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1, 0.95),
                      ncols=2, borderaxespad=0)
    axes[-1, 0].set_xlabel("position")
    return described(figure, "What layers make of a signal and of the same signal shifted, one "
                     f"below the other: {'; '.join(panels)}.")


def receptive_fields(fields: dict[str, np.ndarray], length: int) -> Figure:
    """Which of `length` inputs one number of each layer sees (layer's name -> their positions).
    Lesson 07."""
    figure, [[ax]] = subplots(figsize=(7.2, 0.5 * len(fields) + 1.1), dpi=72)
    bare(ax).tick_params(axis="y", length=0)
    for row, seen in enumerate(fields.values()):
        ax.scatter(range(length), [row] * length, s=22, facecolors="none", edgecolors="0.75")
        ax.scatter(seen, [row] * len(seen), s=22, color=BLUE)
        ax.annotate(f"{len(seen)} inputs", (length, row), va="center", annotation_clip=False)
    ax.set_yticks(range(len(fields)), fields)
    ax.set(xlabel="input position", xlim=(-1, length), ylim=(-0.5, len(fields) - 0.5),
           xticks=range(0, length, 5))
    told = "; ".join(f"{name} sees {len(seen)}, from {np.min(seen)} to {np.max(seen)}"
                     for name, seen in fields.items())
    return described(figure, f"Which of {length} inputs one number of each layer sees: {told}.")


def filters(weight: np.ndarray) -> Figure:
    """The kernels of a layer with one input channel, weight (O, 1, K), as lines on one scale.
    Lesson 07."""
    columns = 9
    rows = -(-len(weight) // columns)
    figure, axes = subplots(rows, columns, figsize=(7.2, 1.05 * rows + 0.3), sharex=True,
                            sharey=True, dpi=72)
    for channel, ax in enumerate(axes.flat):
        if channel >= len(weight):
            ax.set_visible(False)
            continue
        bare(ax).axhline(0, color="0.8", linewidth=0.8)
        ax.plot(weight[channel, 0], color=BLUE, marker="o", markersize=2.5)
        ax.set_title(str(channel), fontsize="small", pad=2)
        ax.tick_params(labelsize="x-small")
        ax.set_xticks(range(0, weight.shape[-1], 2))
    figure.supxlabel("tap", fontsize="small")
    figure.supylabel("weight", fontsize="small")
    return described(figure, f"The {len(weight)} kernels of a layer, {weight.shape[-1]} taps each, "
                     f"as lines with weights from ≈ {np.min(weight):.2g} to {np.max(weight):.2g}.")


def feature_maps(signal: np.ndarray, maps: dict[str, np.ndarray]) -> Figure:
    """A signal (L,) and what each layer makes of it (title -> (channels, positions)), every map
    stretched to the signal's width; dark is large. Lesson 07."""
    heights = [1, *(1.3,) * len(maps)]
    figure, axes = subplots(1 + len(maps), 1, figsize=(7.2, 1.4 * len(heights)), dpi=72,
                            height_ratios=heights)
    top, *below = axes[:, 0]
    bare(top).plot(signal, color=BLUE)
    top.set(xlim=(-0.5, len(signal) - 0.5), ylabel="value")
    top.set_title("input", loc="left", fontsize="medium")
    for ax, (title, values) in zip(below, maps.items(), strict=True):
        ax.imshow(values, aspect="auto", cmap="Greys", interpolation="nearest", vmin=0)
        ax.set_title(f"{title}, largest value ≈ {values.max():.1f}", loc="left", fontsize="medium")
        positions = values.shape[1]
        ax.set(ylabel="channel", yticks=[0, len(values) - 1],
               xticks=range(0, positions, 1 + positions // 10))
    below[-1].set_xlabel("position")
    largest = {title: values.max() for title, values in maps.items()}
    return described(figure, "A signal, and below it what each layer makes of it, a row for each "
                     f"channel, dark where the value is large. Largest value: {means(largest)}.")
