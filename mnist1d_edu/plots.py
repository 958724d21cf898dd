"""Every figure of the course, one function each; each returns the figure or the axes it drew on.

Colours are told apart by the colour-blind (Okabe and Ito's), and lines also by their dashes and
their labels, so that a figure can be read in grey.
"""

from __future__ import annotations

import numpy as np

ORANGE, BLUE, GREEN, GREY, RED = "#E69F00", "#0072B2", "#009E73", "#6b6b6b", "#D55E00"
MODEL_STYLES = {
    "logistic": {"color": GREY, "linestyle": ":", "marker": "v"},
    "mlp": {"color": ORANGE, "linestyle": "-.", "marker": "s"},
    "cnn": {"color": BLUE, "linestyle": "-", "marker": "o"},
    "gru": {"color": GREEN, "linestyle": "--", "marker": "D"},
}
MODEL_TITLES = {"logistic": "logistic", "mlp": "MLP", "cnn": "CNN", "gru": "GRU"}


def bare(ax):
    """Take away the frame's upper and right side; return the axes."""
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def band(ax, x, values, **style):
    """The mean of values (E, S) over the seeds S as a line over x (E,), with a band of ± one
    standard deviation; return the line."""
    values = np.asarray(values, float)
    mean = values.mean(axis=1)
    line, = ax.plot(x, mean, **style)
    if values.shape[1] > 1:
        deviation = values.std(axis=1, ddof=1)
        ax.fill_between(x, mean - deviation, mean + deviation, color=line.get_color(), alpha=0.2,
                        linewidth=0)
    return line


def label_ends(ax, ends: dict, gap: float) -> None:
    """Write each label of `ends` (label -> (x, y, colour)) right of its point, moved up or down so
    that neighbours are at least `gap` apart."""
    places = sorted(((y, x, text, color) for text, (x, y, color) in ends.items()), reverse=True)
    heights = np.array([place[0] for place in places])
    for _ in range(50):  # push neighbours apart until all have room
        for i in range(len(heights) - 1):
            missing = gap - (heights[i] - heights[i + 1])
            if missing > 0:
                heights[i] += missing / 2
                heights[i + 1] -= missing / 2
    for height, (_, x, text, color) in zip(heights, places, strict=True):
        ax.annotate(text, (x, height), xytext=(6, 0), textcoords="offset points", color=color,
                    va="center", annotation_clip=False)


def learning_curves(history, ax=None):
    """Accuracy against steps for each split of a `train.History`, with bands over the seeds;
    returns the axes. Lesson 06."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(5, 3.2))[1] if ax is None else ax)
    styles = {"train": (GREY, ":"), "val": (ORANGE, "--"), "test": (BLUE, "-")}
    ends = {}
    for split, (color, dashes) in styles.items():
        values = getattr(history, f"{split}_accuracy")
        if values is not None:
            band(ax, history.steps, values, color=color, linestyle=dashes)
            ends[split] = (history.steps[-1], values[-1].mean(), color)
    label_ends(ax, ends, gap=7)
    ax.set(xlabel="step", ylabel="accuracy (%)", ylim=(0, 102))
    return ax


def benchmark(summary: dict):
    """The paper's benchmark: learning curves, and the accuracies beside the published ones; returns
    the figure. `summary` is that of the experiment `benchmark`. Lesson 09."""
    from matplotlib import pyplot
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10.5, 3.9), width_ratios=(1.15, 1),
                                            layout="constrained")
    _curves(left, summary)
    _beside_published(right, summary)
    return figure


def shuffled(ordered: dict, summary: dict):
    """What shuffling the inputs does: learning curves (ordered ones faint), and accuracies before
    and after beside the paper's; returns the figure. Lesson 09."""
    from matplotlib import pyplot
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10.5, 3.9), width_ratios=(1.15, 1),
                                            layout="constrained")
    for name, style in MODEL_STYLES.items():
        mean = np.mean(ordered["models"][name]["test_accuracy"], axis=1)
        left.plot(ordered["steps"], mean, color=style["color"], linestyle=style["linestyle"],
                  alpha=0.45, linewidth=1)
    _curves(left, summary)
    left.set_title("inputs shuffled (faint: in order)", loc="left", fontsize="medium")
    _before_and_after(right, ordered, summary)
    return figure


def _curves(ax, summary: dict) -> None:
    """Test accuracy against steps for the four models, labelled at their ends."""
    bare(ax)
    ends = {}
    for name, style in MODEL_STYLES.items():
        values = summary["models"][name]["test_accuracy"]
        band(ax, summary["steps"], values, color=style["color"], linestyle=style["linestyle"])
        ends[MODEL_TITLES[name]] = (summary["steps"][-1], np.mean(values[-1]), style["color"])
    label_ends(ax, ends, gap=6)
    seeds = len(summary["models"]["mlp"]["seeds"])
    order = {"ordered": "in order", "shuffled": "shuffled"}[summary["order"]]
    ax.set_title(f"inputs {order}", loc="left", fontsize="medium")
    ax.set(xlabel=f"step (mean ± standard deviation over {seeds} seeds)",
           ylabel="test accuracy (%)", ylim=(0, 100), xlim=(0, summary["steps"][-1]))


def _beside_published(ax, summary: dict) -> None:
    """One row a model: our last and best step, the stored notebooks' range, the paper's value."""
    rows = list(MODEL_STYLES)[::-1]
    for row, name in enumerate(rows):
        color = MODEL_STYLES[name]["color"]
        test = np.array(summary["models"][name]["test_accuracy"])
        _dot(ax, row + 0.27, test[-1], color, filled=True)
        _dot(ax, row + 0.09, test.max(0), color, filled=False)
        _say_mean(ax, row + 0.27, test[-1], color)
        low, high = summary["notebooks"][name]
        ax.plot([low - 0.15, high + 0.15], [row - 0.09] * 2, **_THICK)
        _published(ax, row - 0.27, summary["paper"][name])
    _published(ax, len(rows), summary["paper"]["human"])
    _rows(ax, [*(MODEL_TITLES[name] for name in rows), "human"])
    _key(ax, {"our last step": _FULL, "our best step": _OPEN,
              "last steps stored with the paper's code": _THICK, "the paper": _CROSS})


def _before_and_after(ax, ordered: dict, summary: dict) -> None:
    """One row a model: the last step's accuracy in order and shuffled, what is lost, and the
    paper's values."""
    rows = list(MODEL_STYLES)[::-1]
    for row, name in enumerate(rows):
        color = MODEL_STYLES[name]["color"]
        before, after = (np.array(source["models"][name]["test_accuracy"][-1])
                         for source in (ordered, summary))
        change = after.mean() - before.mean()
        _dot(ax, row + 0.1, before, color, filled=False)
        _dot(ax, row + 0.1, after, color, filled=True)
        if abs(change) > 5:
            ax.annotate("", (after.mean() + 2, row + 0.1), (before.mean() - 2, row + 0.1),
                        arrowprops={"arrowstyle": "->", "color": color})
        ax.annotate(f"{change:+.1f}".replace("-", "−"), (before.mean() + change / 2, row + 0.1),
                    xytext=(0, 6), textcoords="offset points", ha="center", color=color)
        for source in (ordered, summary):
            _published(ax, row - 0.2, source["paper"][name])
    for source in (ordered, summary):
        _published(ax, len(rows), source["paper"]["human"])
    _rows(ax, [*(MODEL_TITLES[name] for name in rows), "human"])
    _key(ax, {"in order": _OPEN, "shuffled": _FULL, "the paper": _CROSS})


_FULL = {"color": "0.2", "marker": "o", "linestyle": ""}
_OPEN = {**_FULL, "markerfacecolor": "white"}
_CROSS = {"color": "black", "marker": "x", "linestyle": ""}
_THICK = {"color": "black", "linewidth": 5, "solid_capstyle": "butt"}


def _dot(ax, y: float, values, color: str, filled: bool) -> None:
    """The mean of values (S,) with an error bar of one standard deviation."""
    values = np.asarray(values)
    deviation = values.std(ddof=1) if len(values) > 1 else None
    ax.errorbar(values.mean(), y, xerr=deviation, color=color, marker="o", capsize=2,
                markerfacecolor=color if filled else "white")


def _say_mean(ax, y: float, values, color: str) -> None:
    """Write the mean of values (S,) beside its dot, on the side where there is room."""
    mean = np.mean(values)
    side = 1 if mean < 50 else -1
    ax.annotate(f"{mean:.1f}", (mean, y), xytext=(14 * side, 0), textcoords="offset points",
                va="center", ha="left" if side > 0 else "right", color=color)


def _published(ax, y: float, value) -> None:
    """The paper's value (mean, deviation or None)."""
    mean, deviation = value
    ax.errorbar(mean, y, xerr=deviation, color="black", marker="x", capsize=2, linewidth=0.8)


def _rows(ax, titles: list[str]) -> None:
    """Make the axes into rows of accuracies, one a title, from below."""
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(titles)), titles)
    for edge in range(1, len(titles)):
        ax.axhline(edge - 0.5, color="0.9", linewidth=0.8)
    ax.set(xlabel="test accuracy (%)", xlim=(0, 100), ylim=(-0.5, len(titles) - 0.5))
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    ax.set_axisbelow(True)


def _key(ax, marks: dict) -> None:
    """Say above the axes what the marks mean (label -> style)."""
    for text, style in marks.items():
        ax.plot([], [], label=text, **style)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize="small",
              handlelength=1.2, handletextpad=0.4, columnspacing=1.2, borderaxespad=0.2)


def signal_panels(panels: dict):
    """Signals as lines, one panel for each title -> x (N, L), all on one scale; lesson 00."""
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(1, len(panels), figsize=(3.2 * len(panels), 2.4), sharey=True,
                                squeeze=False, dpi=80, layout="constrained")
    colors, dashes = (BLUE, ORANGE, GREEN, RED, GREY), ("-", "--", "-.", ":", "-")
    for ax, (title, signals) in zip(axes[0], panels.items(), strict=True):
        for i, signal in enumerate(signals):
            ax.plot(signal, color=colors[i % 5], linestyle=dashes[i % 5], label=str(i))
        bare(ax).set(title=title, xlabel="position")
    axes[0, 0].set_ylabel("value")
    axes[0, -1].legend(title="signal", frameon=False, fontsize="small")
    return figure
