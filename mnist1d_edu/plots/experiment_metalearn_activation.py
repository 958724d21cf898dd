"""The figures of the experiment `metalearn-activation`."""

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
    listed,
    means,
    subplots,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_KINDS: dict[str, dict[str, Any]] = {"full": {"color": "black", "linestyle": "-"},
                                     "same": {"color": BLUE, "linestyle": "--"},
                                     "fresh": {"color": GREEN, "linestyle": "-."}}
_TESTS = {"mlp": "MLP", "unseen": "on unseen data", "long": "five times the steps",
          "cnn": "in the CNN"}


def learned_activation(summary: dict[str, Any]) -> Figure:
    """The loss and the accuracy by outer step, how a function changes, and all functions.

    summary: that of the experiment `metalearn-activation`. Lesson 19.
    """
    figure, [axes] = subplots(1, 4, figsize=(15, 3.8))
    learned = summary["learned"]
    for ax, measure in zip(axes, ("losses", "accuracy"), strict=False):
        for kind, found in learned.items():
            bare(ax).plot(range(found["outer"]), found[measure], **_KINDS[kind],
                          label=f"{found['title']} ({len(found['seeds'])})")
        ax.set_xlabel("outer step")
    axes[0].set_ylabel("mean of the last inner losses")
    axes[1].set_ylabel("test accuracy of the inner net (%)")
    axes[0].legend(frameon=False, fontsize="small")
    longest = max(learned.values(), key=lambda found: found["outer"])
    _path(axes[2], summary["xs"], longest)
    all_curves(axes[3], summary)
    figure.supxlabel("left: means over the learned functions, whose number is in brackets; third "
                     f"panel: one function, at outer steps {listed(longest['snapshots'])} and at "
                     "the end, from pale to dark", fontsize="small")
    losses = means({found["title"]: found["last_losses"] for found in learned.values()})
    turns = listed(len(each) for found in learned.values() for each in found["extrema"])
    return described(figure, f"Left, loss and accuracy by outer step; the losses end at {losses}. "
                     "Third, a function that begins as ELU and changes from there; right, all "
                     f"functions, whose numbers of turning points are {turns}, beside the six "
                     "lines of the notebook.")


def _path(ax: Axes, xs: list[float], found: dict[str, Any]) -> None:
    """One function from its first outer step, pale, to its last, dark."""
    path = [*found["path"], found["curves"][0]]
    for values, alpha in zip(path, np.linspace(0.2, 1, len(path)), strict=True):
        bare(ax).plot(xs, values, color=BLUE, alpha=alpha)
    _axes(ax)


def all_curves(ax: Axes, summary: dict[str, Any]) -> None:
    """The learned function of each seed, ELU and the notebook's lines."""
    bare(ax).plot(summary["xs"], summary["elu"], color=GREY, linestyle=":", label="ELU")
    for kind, found in summary["learned"].items():
        for k, values in enumerate(found["curves"]):
            ax.plot(summary["xs"], values, **_KINDS[kind], label=None if k else found["title"])
    ax.plot(summary["xs"], summary["published"], color=RED, linewidth=1, label="notebook")
    ax.legend(frameon=False, fontsize="small")
    _axes(ax)


def _axes(ax: Axes) -> None:
    for line in (ax.axhline, ax.axvline):
        line(0, color="0.85", linewidth=0.8, zorder=0)
    ax.set(xlabel="input z", ylabel="activation f(z)", xlim=(-5, 5), ylim=(-2, 4))


def activation_tests(summary: dict[str, Any]) -> Figure:
    """Test accuracy of learned and of hand-made functions, each at its own best rate, in each test.

    summary: that of the experiment `metalearn-activation`. Lesson 19.
    """
    learned, hand = summary["learned"], summary["hand_made"]
    names = list(learned["same"]["tests"])
    titles = [f"learned, {found['title']}" for found in learned.values()] + [
        found["title"] for found in hand.values()]
    figure, [axes] = subplots(1, len(names), figsize=(3.4 * len(names), 3.6), sharey=True)
    places = {title: len(titles) - 1 - k for k, title in enumerate(titles)}
    best = {}
    for ax, name in zip(axes, names, strict=True):
        bare(ax).tick_params(axis="y", length=0)
        values = {f"learned, {found['title']}": (found["tests"][name], _KINDS[kind]["color"])
                  for kind, found in learned.items()}
        values |= {found["title"]: (found[name]["accuracy"], RED if key == "published" else ORANGE)
                   for key, found in hand.items() if name in found}
        for title, (accuracies, color) in values.items():
            dot(ax, places[title], np.array(accuracies), color, filled=True)
        best[_TESTS[name]] = [f"{title} ≈ {np.mean(found):.3g}"
                              for title, (found, _) in values.items()]
        ax.set(title=_TESTS[name], xlabel="test accuracy (%)", ylim=(-0.5, len(titles) - 0.5))
        ax.grid(axis="x", color="0.9", linewidth=0.8)
        ax.set_axisbelow(True)
    axes[0].set_yticks(list(places.values()), list(places))
    figure.supxlabel("each function at the rate that is best on other data\nbars: one standard "
                     "deviation, over learned functions or over nets", fontsize="small")
    return described(figure, "Test accuracy in per cent of each function: "
                     + "; ".join(f"{test}: {listed(some)}" for test, some in best.items()) + ".")
