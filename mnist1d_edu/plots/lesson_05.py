"""The figures of lesson 05, an autograd engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    bare,
    courses,
    described,
    label_ends,
    listed,
    means,
    styled,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_OPERATIONS = {"__add__": "+", "__mul__": "×", "__matmul__": "@", "__pow__": "power", "T": "T"}


def tape(nodes: list, names: dict[int, str], cotangents: dict[int, Any] | None = None) -> Figure:
    """The computation graph that a tape holds: a box for each tensor with its operation and value,
    arrows to what was made from it, and its cotangent in red. Lesson 05.

    nodes: tensors of one element (.data, .parents, .number), newest first; names: number -> name;
    cotangents: number -> tensor.
    """
    oldest_first = list(reversed(nodes))
    depth: dict[int, int] = {}
    for node in oldest_first:
        depth[node.number] = 1 + max((depth[p.number] for p, _ in node.parents), default=-1)
    place = _places(depth)
    figure, [[ax]] = subplots(figsize=(7.6, 2.9), dpi=80)
    told = []
    for rank, node in enumerate(oldest_first):
        x, y = place[node.number]
        title = names.get(node.number, "")
        value = f"{title + ' = ' if title else ''}{node.data.item():.4g}"
        operation = _operation(node)
        ax.text(x, y, f"{value}\n{operation}, no. {rank}", ha="center", va="center", zorder=3,
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.2"})
        sentence = f"No. {rank}: {value}, {operation}"
        if node.parents:
            older = [old.number for old in oldest_first]
            sentence += " of no. " + listed(older.index(p.number) for p, _ in node.parents)
        if cotangents:
            cotangent = f"cotangent {cotangents[node.number].data.item():.4g}"
            ax.text(x, y - 0.46, cotangent, color=RED, ha="center", va="top", fontsize="small")
            sentence += f", {cotangent}"
        told.append(f"{sentence}.")
        for parent, _ in node.parents:
            start = place[parent.number]
            far = depth[node.number] - depth[parent.number] > 1
            bend = (-0.35 if start[1] > y else 0.35) if far else 0
            ax.annotate("", (x, y), start, arrowprops={
                "arrowstyle": "->", "color": BLUE, "shrinkA": 30, "shrinkB": 30,
                "connectionstyle": f"arc3,rad={bend}"})
    highest = max(y for _, y in place.values())
    ax.set(xlim=(-0.8, max(x for x, _ in place.values()) + 0.8),
           ylim=(-highest - 1, highest + 0.8))
    ax.axis("off")
    return described(figure, f"Computation graph, a box for each tensor. {' '.join(told)}")


def _places(depth: dict[int, int]) -> dict[int, tuple[float, float]]:
    """Where each node's box stands: a column for each depth, the oldest node on top."""
    columns: dict[int, list[int]] = {}
    for number, column in depth.items():
        columns.setdefault(column, []).append(number)
    return {number: (2.2 * column, 1.5 * ((len(members) - 1) / 2 - i))
            for column, members in columns.items() for i, number in enumerate(members)}


def _operation(node: Any) -> str:
    """The name of the operation that made a node, read from where its first rule was defined."""
    if not node.parents:
        return "input"
    name = node.parents[0][1].__qualname__.split(".<locals>")[0].split(".")[-1]
    return _OPERATIONS.get(name, name)


def visits(doublings: np.ndarray, curves: dict[str, np.ndarray]) -> Axes:
    """How many tensors a walk visits, against the number of times (N,) that y = y + y was done:
    label -> counts (N,). Lesson 05."""
    ax = bare(subplots(figsize=(6.6, 3.2), dpi=80)[1][0, 0])
    _marked_and_labelled(ax, doublings, curves, ((RED, "--", "s"), (BLUE, "-", "o")))
    ax.set(xlabel="times y = y + y", ylabel="visits in the backward pass", yscale="log")
    return described(ax, "Tensors visited in the backward pass, on a logarithmic scale, for "
                     f"y = y + y from {doublings[0]} to {doublings[-1]} times: {courses(curves)}.")


def derivatives(x: np.ndarray, curves: dict[str, np.ndarray]) -> Axes:
    """A function and its derivatives over x (N,), label -> values (N,), one line each, named at its
    peak. Lesson 05."""
    ax = bare(subplots(figsize=(7, 3.3), dpi=80)[1][0, 0])
    styles = [{"color": color, "linestyle": dashes, "linewidth": width} for color, dashes, width in
              (("black", "-", 2.2), (BLUE, "--", 1.6), (ORANGE, "-.", 1.6), (GREEN, ":", 2.0))]
    peaks = {}
    for label, values, style in styled(curves, styles):
        ax.plot(x, values, **style)
        peak = np.argmax(np.abs(values).round(9))
        up = values[peak] > 0
        ax.annotate(label, (x[peak], values[peak]), xytext=(0, 5 if up else -5),
                    color=style["color"], textcoords="offset points", ha="center",
                    va="bottom" if up else "top")
        peaks[f"{label} at {x[peak]:.2g}"] = values[peak]
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    ax.margins(y=0.12)
    ax.set(xlabel="x", ylabel="value")
    return described(ax, f"A function and its derivatives over x from {x[0]:.2g} to {x[-1]:.2g}: "
                     f"{listed(curves)}. Largest in absolute value: {means(peaks)}.")


def descents(steps: np.ndarray, curves: dict[str, np.ndarray]) -> Axes:
    """How far above the minimum, label -> values (T,), against the steps (T,). Lesson 05."""
    ax = bare(subplots(figsize=(6.6, 3.2), dpi=80)[1][0, 0])
    above = {label: np.maximum(values, 1e-15) for label, values in curves.items()}
    _marked_and_labelled(ax, steps, above, ((ORANGE, "--", "s"), (BLUE, "-", "o")))
    ax.set(xlabel="step", ylabel="loss above the minimum", yscale="log")
    return described(ax, "Loss above the minimum, on a logarithmic scale, against the step: "
                     f"{courses(above)}.")


def _marked_and_labelled(ax: Axes, x: np.ndarray, curves: dict[str, np.ndarray],
                         looks: tuple[tuple[str, str, str], ...]) -> None:
    """Curves over x in these looks (colour, dashes, mark), each labelled at its end."""
    styles = [{"color": color, "linestyle": dashes, "marker": mark} for color, dashes, mark in
              looks]
    ends = {}
    for label, values, style in styled(curves, styles):
        ax.plot(x, values, markersize=4, **style)
        ends[label] = (x[-1], values[-1], style["color"])
    label_ends(ax, ends, away=8)
