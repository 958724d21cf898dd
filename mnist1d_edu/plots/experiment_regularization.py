"""The figures of the experiment `regularization`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.plots.pieces import dot
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    bare,
    described,
    label_ends,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_AUGMENTED: dict[str, dict[str, Any]] = {
    "mlp": {"color": GREY, "linestyle": ":"}, "mlp, shift": {"color": BLUE, "linestyle": "-"},
    "mlp, nudge": {"color": BLUE, "linestyle": (0, (1, 1))},
    "mlp, scale": {"color": ORANGE, "linestyle": "--"},
    "mlp, slope": {"color": GREEN, "linestyle": "-."},
    "mlp, offset": {"color": RED, "linestyle": (0, (5, 1, 1, 1))},
    "mlp, together": {"color": "black", "linestyle": "-"}}


def regularization(summary: dict[str, Any]) -> Figure:
    """What each ingredient alone and all together do for an MLP and a CNN: test accuracies at the
    last step and at the best on held-out examples, beside the review's.

    summary: that of the experiment `regularization`. Lesson 10.
    """
    figure, [axes] = subplots(1, 2, figsize=(12, 4.2))
    told = []
    for ax, model in zip(axes, ("mlp", "cnn"), strict=True):
        arms = {found["title"]: found for found in summary["arms"].values()
                if found["model"] == model and found["ingredients"]}
        for row, found in enumerate(list(arms.values())[::-1]):
            dot(ax, row + 0.17, found["last"], BLUE, filled=False)
            dot(ax, row - 0.17, found["best"], BLUE, filled=True)
            if found["review"]:
                ax.plot(found["review"], [row - 0.36] * 2, color="black", linewidth=4,
                        solid_capstyle="butt")
        _row_titles(ax, list(arms)[::-1])
        ax.set(xlabel="test accuracy (%)", ylim=(-0.6, len(arms) - 0.5))
        told.append(means({title: found["best"] for title, found in arms.items()}))
    seeds = min(len(found["last"]) for found in summary["arms"].values() if found["ingredients"])
    figure.supxlabel("open: last step; filled: best step on held-out examples; ± one standard "
                     f"deviation over at least {seeds} seeds; black: the review", fontsize="small")
    return described(figure, "Test accuracies of nets with single ingredients of regularisation "
                     f"and with all, at their best steps: {'; '.join(told)}.")


def augmentation(summary: dict[str, Any]) -> Figure:
    """Test accuracy of an MLP against steps with each augmentation, and at the last step beside
    larger nets, more data, fresh signals and the CNN.

    summary: that of the experiment `regularization`. Lesson 10.
    """
    figure, [(left, right)] = subplots(1, 2, figsize=(12.5, 4.6))
    arms, ends = summary["arms"], {}
    for arm, style in _AUGMENTED.items():
        found = arms[arm]
        bare(left).plot(found["steps"], found["curve"], **style)
        label = "none" if arm == "mlp" else found["title"].removeprefix("MLP, augmented: ")
        ends[label] = (found["steps"][-1], found["curve"][-1], style["color"])
    left.set(xlabel="step", ylabel="test accuracy (%), mean over the seeds", ylim=(0, 100))
    label_ends(left, ends)
    shown = {found["title"]: found for arm, found in arms.items()
             if arm in ("mlp", "cnn", "mlp, all") or not found["ingredients"]}
    for row, found in enumerate(list(shown.values())[::-1]):
        dot(right, row, found["last"], GREY if found["model"] == "cnn" else BLUE, filled=True)
    _row_titles(right, list(shown)[::-1])
    right.set_xlabel("test accuracy (%), last step, ± one deviation")
    return described(figure, "Test accuracy at the last step of an MLP with augmentations, of "
                     "larger nets and with more data: "
                     f"{means({title: found['last'] for title, found in shown.items()})}.")


def _row_titles(ax: Axes, titles: list[str]) -> None:
    """Rows with these titles, from below, and a light grid."""
    bare(ax).set_yticks(np.arange(len(titles)), titles)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)
