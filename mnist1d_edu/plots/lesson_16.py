"""The figures of lesson 16, t-SNE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.experiment_tsne import digit_key, scattered
from mnist1d_edu.plots.style import MARKED, bare, described, listed, means, styled, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def points_beside(pictures: Mapping[str, tuple[np.ndarray, np.ndarray | None]]) -> Figure:
    """Pictures side by side: title -> (points (N, 2), labels (N,) from 0 to 9, or None). Each
    fills its frame. Lesson 16."""
    figure, [axes] = subplots(1, len(pictures), figsize=(3.3 * len(pictures), 3.6), dpi=72)
    for ax, (title, (points, labels)) in zip(axes, pictures.items(), strict=True):
        scattered(ax, points, labels, size=7)
        ax.set_title(title, loc="left", fontsize="medium")
    labelled = [labels for _, labels in pictures.values() if labels is not None]
    if labelled:
        digit_key(figure, np.concatenate(labelled))
    shape = {title: np.ptp(points[:, 0]) / max(np.ptp(points[:, 1]), 1e-300)
             for title, (points, _) in pictures.items()}
    return described(figure, "Points in the plane, each in the colour of its label: "
                     f"{listed(pictures)}. Width over height: "
                     f"{means(shape)}.")


def neighbour_rows(squares: np.ndarray, rows: Mapping[str, np.ndarray], most: int = 120) -> Figure:
    """The probabilities of a point's neighbours, the nearest first: label -> p (K,), for squared
    distances (K,). Left in that order, right against the distance. Lesson 16."""
    figure, [[left, right]] = subplots(1, 2, figsize=(8.6, 3.0), dpi=72)
    order = np.argsort(squares)[:most]
    for label, p, style in styled(rows, MARKED):
        plain = {**style, "marker": None}
        left.plot(np.arange(1, len(order) + 1), p[order], **plain, label=label)
        right.plot(np.sqrt(squares[order]), p[order], **plain)
    bare(left).set(xlabel="neighbour, the nearest first", ylabel="probability", yscale="log",
                   ylim=(1e-5, None))
    bare(right).set(xlabel="distance", yscale="log", ylim=(1e-5, None))
    left.legend(frameon=False, fontsize="small")
    nearest = means({label: p.max() for label, p in rows.items()})
    return described(figure, "The probability of each neighbour falls with its distance, the "
                     f"faster the smaller the perplexity. Of the nearest: {nearest}.")
