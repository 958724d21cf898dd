"""Figures of the experiment `pooling`. Lesson 11."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.plots import BLUE, GREEN, GREY, ORANGE, RED, band, bare, label_ends

STYLES = {
    "none": {"color": GREY, "linestyle": ":", "marker": "v"},
    "stride": {"color": RED, "linestyle": "--", "marker": "s"},
    "max": {"color": BLUE, "linestyle": "-", "marker": "o"},
    "mean": {"color": GREEN, "linestyle": "-.", "marker": "D"},
    "l2": {"color": ORANGE, "linestyle": (0, (5, 1, 1, 1, 1, 1)), "marker": "^"},
}
CONTROLS = {"none": GREY, "stride": RED, "none, parameters": ORANGE, "none, arithmetic": GREEN,
            "stride, arithmetic": "black"}


def pooling(summary: dict):
    """Test accuracy by number of training examples, what max pooling adds to nets without it, and
    accuracy against shift; returns the figure. `summary` is that of the experiment `pooling`.
    Lesson 11."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 3, figsize=(13.5, 4.2), layout="constrained")
    by_size(axes[0], summary)
    gains(axes[1], summary)
    sizes = summary["arms"]["max"]["sizes"]
    against_shift(axes[2], summary, 5000 if 5000 in sizes else sizes[-1])
    figure.supxlabel(f"bands: ± one standard deviation over {summary['seeds']} seeds; bars: 95 % "
                     "intervals; crosses: stored with the paper's code", fontsize="small")
    return figure


def by_size(ax, summary: dict) -> None:
    """Test accuracy against the number of training examples, beside the stored values."""
    ends = {}
    for row in summary["comparison"]:
        if "stored" in row["source"]:
            arm = next(arm for arm in STYLES
                       if row["what"].startswith(f"{summary['arms'][arm]['title']}, "))
            n = int(row["what"].split(", ")[-1].split()[0].replace(",", ""))
            ax.plot(n, row["published"][0], color=STYLES[arm]["color"], marker="x", linestyle="")
    for arm, style in STYLES.items():
        if arm in summary["arms"]:
            found = summary["arms"][arm]
            band(bare(ax), found["sizes"], found["test_accuracy"], color=style["color"],
                 linestyle=style["linestyle"])
            ends[found["title"]] = (found["sizes"][-1], np.mean(found["test_accuracy"][-1]),
                                    style["color"])
    ax.set(xscale="log", xlabel="training examples", ylabel="test accuracy (%)", ylim=(50, 100))
    label_ends(ax, ends, gap=3)


def gains(ax, summary: dict) -> None:
    """The differences of max pooling from the nets without it, with their intervals."""
    bare(ax).axhline(0, color="black", linewidth=0.8)
    ends = {}
    for place, (arm, color) in enumerate(CONTROLS.items()):
        title = summary["arms"][arm]["title"]
        rows = [row for row in summary["effects"]
                if row["what"].startswith(f"max pooling − {title}, ")
                and row["what"][len(f"max pooling − {title}, ")].isdigit()]
        sizes = np.array(summary["arms"][arm]["sizes"]) * 1.04 ** (place - 2)
        mean, low, high = (np.array([row[key] for row in rows]) for key in ("mean", "low", "high"))
        ax.errorbar(sizes, mean, (mean - low, high - mean), color=color, capsize=2, marker="o",
                    markersize=4, linestyle=(0, (1 + place, 1)))
        ends[title.replace(" of max", "")] = (sizes[-1], mean[-1], color)
    ax.set(xscale="log", xlabel="training examples",
           ylabel="max pooling's lead in accuracy (points)")
    label_ends(ax, ends, gap=1.5)


def against_shift(ax, summary: dict, n: int) -> None:
    """Test accuracy against shift of the nets trained on n examples."""
    ends = {}
    for arm, style in STYLES.items():
        found = summary["arms"].get(arm)
        if found and n in found["sizes"]:
            values = found["shifted"][found["sizes"].index(n)]
            band(bare(ax), summary["shifts"], values, color=style["color"],
                 linestyle=style["linestyle"])
            ends[found["title"]] = (summary["shifts"][-1], np.mean(values[-1]), style["color"])
    ax.set_title(f"{n:,} training examples", loc="left", fontsize="medium")
    ax.set(xlabel="test signals shifted by (places, to either side)", ylabel="test accuracy (%)",
           ylim=(0, 100))
    label_ends(ax, ends, gap=6)
