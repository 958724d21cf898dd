"""The figure of the experiment `tsne`, and the picture of labelled points that lesson 16 shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.style import bare, described, means, subplots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Ten colours for ten digits, of several brightnesses (Paul Tol's muted ones and grey).
DIGITS = ("#332288", "#88CCEE", "#44AA99", "#117733", "#999933", "#DDCC77", "#CC6677", "#882255",
          "#AA4499", "#6b6b6b")


def tsne_pictures(summary: dict[str, Any]) -> Figure:
    """The pictures of MNIST and MNIST-1D, digits in colours, and of MNIST-1D's twin without
    clusters; beside them how many clusters were found, by start.

    summary: that of the experiment `tsne`. Lesson 16.
    """
    figure, [axes] = subplots(1, 4, figsize=(14, 3.8), width_ratios=(1, 1, 1, 0.8))
    sets = summary["sets"]
    for ax, kind in zip(axes, ("mnist", "mnist1d", "mnist1d twin"), strict=False):
        found = sets[kind]
        labels = None if found["labels"] is None else np.array(found["labels"])
        scattered(ax, np.array(found["points"]), labels, size=1.5)
        ax.set_title(f"{found['title']}, {found['n']:,} points", loc="left", fontsize="medium")
    _clusters(axes[3], sets)
    digit_key(figure, np.array(sets["mnist1d"]["labels"]))
    axes[3].set_title("circles: starts; bars: their means", loc="left", fontsize="small")
    counts = means({found["title"]: found["clusters"] for found in sets.values()})
    return described(
        figure, "t-SNE of MNIST shows islands, most of a single digit; of MNIST-1D one cloud in "
        "which the digits are mixed; of random numbers with MNIST-1D's covariance one cloud too. "
        f"Clusters found without labels: {counts}. Accuracy of ten neighbours in the picture: "
        f"{means({f['title']: f['knn'] for f in sets.values() if f['knn'] is not None})} %.")


def scattered(ax: Axes, points: np.ndarray, labels: np.ndarray | None = None, size: float = 4
              ) -> Axes:
    """Points (N, 2) in the colours of their labels (N,), 0 to 9; without labels in grey. A label
    whose points are together is written in their middle. There are no axes: their numbers say
    nothing."""
    colors = DIGITS[-1] if labels is None else np.array(DIGITS)[labels]
    ax.scatter(points[:, 0], points[:, 1], s=size, c=colors, linewidths=0, rasterized=True)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_axis_off()
    if labels is None:
        return ax
    for label in np.unique(labels):
        x, y = np.median(points[labels == label], axis=0)
        near = np.argsort(((points - [x, y]) ** 2).sum(axis=1))[:10]
        if (labels[near] == label).mean() > 0.5:
            ax.text(x, y, str(label), ha="center", va="center", fontweight="bold",
                    bbox={"boxstyle": "circle,pad=0.15", "color": "white", "alpha": 0.8})
    return ax


def digit_key(figure: Figure, labels: np.ndarray) -> None:
    """Say below the figure which colour is which label."""
    from matplotlib.lines import Line2D
    marks = [Line2D([], [], color=DIGITS[label], marker="o", linestyle="", label=str(label))
             for label in np.unique(labels)]
    figure.legend(handles=marks, loc="outside lower center", ncols=len(marks), frameon=False,
                  handletextpad=0.1, columnspacing=1.2)


def _clusters(ax: Axes, sets: dict[str, Any]) -> None:
    """The number of clusters of each set's pictures."""
    from matplotlib.ticker import MaxNLocator
    for row, found in enumerate(sets.values()):
        counts = np.array(found["clusters"])
        ax.plot(counts, np.full(len(counts), row), color=DIGITS[0], marker="o", linestyle="",
                alpha=0.4)
        ax.plot(counts.mean(), row, color=DIGITS[0], marker="|", markersize=20)
    bare(ax).set(xlabel="clusters found without labels", xlim=(0, None),
                 ylim=(len(sets) - 0.5, -0.5))
    ax.set_yticks(range(len(sets)), [found["title"] for found in sets.values()])
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
