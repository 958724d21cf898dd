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


def step_sizes(steps, errors: dict):
    """How wrong finite differences are, against the step: for each title -> errors (E, S) the
    median over S points, with a band from the smallest to the largest; returns the figure.
    Lesson 04."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(7.2, 3.6), dpi=80, layout="constrained")
    looks = ({"color": BLUE, "linestyle": "-", "marker": "o"},
             {"color": ORANGE, "linestyle": "--", "marker": "s"})
    for (title, values), look in zip(errors.items(), looks, strict=False):
        middle = np.median(values, axis=1)
        ax.plot(steps, middle, markersize=4, **look)
        low, high = np.maximum(np.min(values, 1), 1e-13), np.max(values, axis=1)
        ax.fill_between(steps, low, high, color=look["color"], alpha=0.2, linewidth=0)
        # named on the left arm: there the two are far apart
        place = len(steps) // 5
        ax.annotate(title, (steps[place], high[place]), xytext=(4, 6), color=look["color"],
                    textcoords="offset points")
    ax.text(0.015, 0.03, "too small: rounding", transform=ax.transAxes, color=GREY)
    ax.text(0.985, 0.03, "too large: the curve bends", transform=ax.transAxes, ha="right",
            color=GREY)
    bare(ax).set(xscale="log", yscale="log", xlabel="step h",
                 ylabel="relative error of the slope", ylim=(1e-13, None))
    return figure


def mlp_graph():
    """The computation graph of the paper's MLP, with what goes forward along each arrow and, below,
    the cotangent that comes back; returns the figure. Lesson 04."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(8, 3.1), dpi=85, layout="constrained")
    boxes = {"linear1": 1.3, "relu": 2.6, "linear2": 4.4, "relu ": 5.7, "+": 6.8, "linear3": 8.1,
             "loss": 9.9}
    arrows = [(0.25, "x", None), (1.3, "a1", "g_a1"), (2.6, "h1", "g_h1"), (4.4, "a2", "g_a2"),
              (5.7, "", ""), (6.8, "h2", "g_h2"), (8.1, "logits", "g_logits")]
    targets = [*boxes.values()]
    half = {"linear1": 0.4, "linear2": 0.4, "linear3": 0.4, "+": 0.18}  # of the boxes' widths
    halves = {place: half.get(name, 0.26) for name, place in boxes.items()}
    for (start, forward, back), end in zip(arrows, targets, strict=True):
        begin, stop = start + halves.get(start, 0), end - halves[end]
        ax.annotate("", (stop, 0.07), (begin, 0.07),
                    arrowprops={"arrowstyle": "->", "color": BLUE})
        middle = (begin + stop) / 2 + (0.2 if forward == "h1" else 0)
        ax.text(middle, 0.16, forward, ha="center", va="bottom", color=BLUE)
        if back is not None:
            ax.annotate("", (begin, -0.07), (stop, -0.07),
                        arrowprops={"arrowstyle": "->", "color": RED, "linestyle": "--"})
            ax.text(middle, -0.16, back, ha="center", va="top", color=RED)
    for name, place in boxes.items():
        ax.text(place, 0, name.strip(), ha="center", va="center",
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.2"})
    fork = 3.1
    for height, color, dashes, order in ((1.0, BLUE, "-", 1), (0.84, RED, "--", -1)):
        inset = 0.08 * order
        ax.plot([fork - inset, fork - inset, 6.8 + inset, 6.8 + inset],
                [0.07 if order > 0 else 0.5, height, height, 0.32], color=color, linestyle=dashes,
                linewidth=1)
    ax.annotate("", (6.88, 0.2), (6.88, 0.5), arrowprops={"arrowstyle": "->", "color": BLUE})
    ax.annotate("", (fork + 0.08, 0.1), (fork + 0.08, 0.6),
                arrowprops={"arrowstyle": "->", "color": RED, "linestyle": "--"})
    ax.text(4.95, 1.04, "shortcut: h1 as it is", ha="center", va="bottom", color=BLUE)
    ax.text(4.95, 0.79, "g_h2 as it is", ha="center", va="top", color=RED)
    ax.text(0.1, 1.12, "forward", color=BLUE)
    ax.text(0.1, 0.9, "backward (dashed)", color=RED)
    for place, name in ((1.3, "1"), (4.4, "2"), (8.1, "3")):
        ax.annotate("", (place, -0.62), (place, -0.2),
                    arrowprops={"arrowstyle": "->", "color": RED, "linestyle": "--"})
        ax.text(place, -0.66, f"gradients of\nweight {name}, bias {name}", ha="center", va="top",
                color=RED, fontsize="small")
    ax.text(9.9, -0.3, "starts\nwith 1", ha="center", va="top", color=RED, fontsize="small")
    ax.set(xlim=(0, 10.5), ylim=(-1.15, 1.3))
    ax.axis("off")
    return figure


def runs(steps, panels: dict):
    """Learning curves side by side: panel title (the quantity) -> {label: values (E, S)}, each a
    mean over the seeds with a band of ± one standard deviation; returns the figure. Lesson 04."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(panels), figsize=(7.8, 3.3), dpi=80, squeeze=False,
                                   layout="constrained")
    figure.get_layout_engine().set(wspace=0.08)
    looks = ((BLUE, "-", 2.0), (ORANGE, "--", 1.5), (GREEN, "-.", 1.5), (GREY, ":", 1.5))
    for ax, (quantity, curves) in zip(axes[0], panels.items(), strict=True):
        ends = {}
        for (label, values), (color, dashes, width) in zip(curves.items(), looks, strict=False):
            band(ax, steps, values, color=color, linestyle=dashes, linewidth=width)
            ends[label] = (steps[-1], np.mean(values[-1]), color)
        bare(ax).set(xlabel="step", ylabel=quantity, ylim=(0, None))
        label_ends(ax, ends, gap=0.075 * ax.get_ylim()[1])
    return figure


def class_scores(signal, scores, probabilities):
    """One signal (L,), its class scores (K,) and its class probabilities (K,), side by side;
    returns the figure. Lesson 02."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 3, figsize=(7.8, 2.3), dpi=80, layout="constrained")
    axes[0].plot(signal, color=BLUE)
    axes[0].set(xlabel="position", ylabel="value", title="the signal")
    for ax, values, color, title in ((axes[1], scores, ORANGE, "scores"),
                                     (axes[2], probabilities, GREEN, "probabilities")):
        ax.bar(range(len(values)), values, color=color, edgecolor="0.2", linewidth=0.6)
        ax.axhline(0, color="0.2", linewidth=0.8)
        ax.set(xlabel="class", title=title)
        ax.set_xticks(range(len(values)))
    for ax in axes:
        bare(ax)
    return figure


def ridges(panels: dict, shared: bool = False):
    """Ten lines over one another, each with its class's number and its own zero: for each title ->
    values (K, L), or (S, K, L) for a mean with a band of ± one standard deviation. The bar beside
    them tells the height, with `shared` that of all panels; returns the figure. Lesson 02."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(panels), figsize=(7.8, 4.3), dpi=68, squeeze=False,
                                   layout="constrained")
    panels = {title: np.asarray(values) if np.ndim(values) == 3 else np.asarray(values)[None]
              for title, values in panels.items()}
    largest = max(np.abs(values.mean(axis=0)).max() for values in panels.values())
    for ax, (title, values) in zip(axes[0], panels.items(), strict=True):
        mean = values.mean(axis=0)
        unit = largest if shared else np.abs(mean).max()
        for k, line in enumerate(mean):
            zero = len(mean) - 1 - k
            ax.axhline(zero, color="0.85", linewidth=0.8)
            ax.plot(zero + line / unit, color=(BLUE, RED)[k % 2], linewidth=1.3)
            if len(values) > 1:
                deviation = values[:, k].std(axis=0, ddof=1)
                ax.fill_between(range(len(line)), zero + (line - deviation) / unit,
                                zero + (line + deviation) / unit, color="0.4", alpha=0.4,
                                linewidth=0)
        ax.plot([mean.shape[1] + 1] * 2, [0, 1], color="0.2", linewidth=2)
        ax.text(mean.shape[1] + 2, 0.5, f"{unit:.1f}", va="center", fontsize="small")
        ax.set(title=title, xlabel="position", xlim=(-1, mean.shape[1] + 6))
        ax.set_yticks(range(len(mean)), range(len(mean) - 1, -1, -1))
        bare(ax).tick_params(axis="y", length=0)
    axes[0, 0].set_ylabel("class")
    return figure


def landscape(first, second, loss, paths: dict, labels=("first direction", "second direction"),
              ax=None, levels=None):
    """Lines of equal loss (len(second), len(first)) over a plane of parameters, and on it paths,
    label -> (T, 2), each from its dot to its star; returns the axes. Paths with a common start are
    named in a key instead of at their dots. Lessons 02 and 03."""
    from matplotlib import pyplot
    if ax is None:
        ax = pyplot.subplots(figsize=(6.1, 4.0), dpi=66, layout="constrained")[1]
    if levels is None:      # denser near the bottom, where a bowl is flat
        levels = np.min(loss) + np.ptp(loss) * np.linspace(0, 1, 14) ** 2
    ax.contourf(first, second, loss, levels=levels, cmap="Greys", alpha=0.75)
    looks = ((RED, "-"), (BLUE, "--"), (ORANGE, "-."), (GREEN, ":"))
    together = len({tuple(path[0]) for path in paths.values()}) < len(paths)
    for i, (label, path) in enumerate(paths.items()):
        color, dashes = looks[i % 4]
        path = np.asarray(path)
        ax.plot(*path.T, color=color, linestyle=dashes, linewidth=1.8, label=label)
        ax.plot(*path[0], color=color, marker="o", markeredgecolor="white", markersize=8)
        ax.plot(*path[-1], color=color, marker="*", markeredgecolor="white", markersize=13)
        if not together:
            ax.annotate(label, path[0], xytext=(7, 6), textcoords="offset points", color="black",
                        fontsize="small", bbox={"facecolor": "white", "alpha": 0.75, "pad": 1,
                                                "linewidth": 0})
    if together:
        ax.legend(fontsize="small", handlelength=2.8, loc="upper right")
    ax.set(xlabel=labels[0], ylabel=labels[1], xlim=(first[0], first[-1]),
           ylim=(second[0], second[-1]))
    return ax


def against(x, curves: dict, xlabel: str, ylabel: str, xscale: str = "linear",
            yscale: str = "linear", level: dict | None = None, label_lowest: bool = False):
    """Curves with error bars: label -> values (len(x), S), the mean over seeds ± one standard
    deviation, labelled at the end or at the lowest point; `level` draws dotted levels, label ->
    height. Returns the axes. Lessons 02, 03."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(6.8, 3.4), dpi=72, layout="constrained")[1])
    looks = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, "-.", "D"), (RED, ":", "v"))
    for (label, values), (color, dashes, mark) in zip(curves.items(), looks, strict=False):
        values = np.asarray(values, float)
        mean = values.mean(axis=1)
        ax.errorbar(x, mean, values.std(axis=1, ddof=1), color=color, linestyle=dashes,
                    marker=mark, markersize=5, capsize=3)
        place = np.nanargmin(mean) if label_lowest else np.flatnonzero(np.isfinite(mean))[-1]
        ax.annotate(label, (x[place], mean[place]), xytext=(0, -12) if label_lowest else (8, 0),
                    textcoords="offset points", color=color, va="center",
                    ha="center" if label_lowest else "left", annotation_clip=False)
    for label, height in (level or {}).items():
        ax.axhline(height, color=GREY, linestyle=":", linewidth=1)
        ax.annotate(label, (0.01, height), xycoords=("axes fraction", "data"), xytext=(0, 3),
                    textcoords="offset points", color=GREY, fontsize="small")
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    return ax


def same_shape(signals, starts, width: int):
    """Signals (N, L) one below the other, a stretch of each shaded (where it starts, how wide);
    lesson 07."""
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(len(signals), 1, figsize=(7, 1.1 * len(signals) + 0.5), dpi=72,
                                sharex=True, sharey=True, layout="constrained")
    for ax, signal, start in zip(axes, signals, starts, strict=True):
        bare(ax).plot(signal, color=BLUE)
        ax.axvspan(start, start + width - 1, color=ORANGE, alpha=0.3, linewidth=0)
    axes[0].set(xlim=(0, len(signals[0]) - 1))
    axes[-1].set_xlabel("position")
    figure.supylabel("value", fontsize="medium")
    return figure


def kernel_sliding(signal, kernel, output, places):
    """A kernel (K,), the signal (L,) with three of its windows, and the output (L - K + 1,) with
    the numbers that these windows gave; places: where the windows begin; lesson 07."""
    import matplotlib.pyplot as plt
    figure, axes = plt.subplot_mosaic([["kernel", "signal"], ["kernel", "output"]],
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
    return figure


def layer_matrices(panels: dict):
    """Layers as matrices (title -> matrix): white is zero, and where few different numbers occur
    each is named by a letter; lesson 07."""
    import matplotlib.pyplot as plt
    widths = [matrix.shape[1] for matrix in panels.values()]
    figure, axes = plt.subplots(1, len(panels), figsize=(7.4, 2.8), width_ratios=widths, dpi=72,
                                squeeze=False, layout="constrained")
    for ax, (title, matrix) in zip(axes[0], panels.items(), strict=True):
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
    axes[0, 0].set_ylabel("output position")
    return figure


def shifted_responses(panels: dict):
    """What a layer makes of a signal (solid) and of the same signal shifted (dashed), one panel for
    each title -> (array, array); lesson 07."""
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(len(panels), 1, figsize=(7, 1.3 * len(panels) + 0.4), dpi=72,
                                layout="constrained")
    for ax, (title, (first, second)) in zip(axes, panels.items(), strict=True):
        bare(ax).plot(first, color=BLUE, label="signal")
        ax.plot(second, color=RED, linestyle="--", label="shifted signal")
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(ylabel="value", xlim=(0, len(first) - 1))
    axes[0].legend(frameon=False, fontsize="small", loc="lower right", bbox_to_anchor=(1, 0.95),
                   ncols=2, borderaxespad=0)
    axes[-1].set_xlabel("position")
    return figure


def receptive_fields(fields: dict, length: int):
    """Which inputs one number of each layer sees (layer's name -> their positions); lesson 07."""
    import matplotlib.pyplot as plt
    figure, ax = plt.subplots(figsize=(7.2, 0.5 * len(fields) + 1.1), dpi=72,
                              layout="constrained")
    bare(ax).tick_params(axis="y", length=0)
    for row, seen in enumerate(fields.values()):
        ax.scatter(range(length), [row] * length, s=22, facecolors="none", edgecolors="0.75")
        ax.scatter(seen, [row] * len(seen), s=22, color=BLUE)
        ax.annotate(f"{len(seen)} inputs", (length, row), va="center", annotation_clip=False)
    ax.set_yticks(range(len(fields)), fields)
    ax.set(xlabel="input position", xlim=(-1, length), ylim=(-0.5, len(fields) - 0.5),
           xticks=range(0, length, 5))
    return figure


def filters(weight):
    """The kernels of a layer with one input channel, weight (O, 1, K), as lines on one scale;
    lesson 07."""
    import matplotlib.pyplot as plt
    columns = 9
    rows = -(-len(weight) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(7.2, 1.05 * rows + 0.3), sharex=True,
                                sharey=True, dpi=72, layout="constrained")
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
    return figure


def feature_maps(signal, maps: dict):
    """A signal (L,) and what each layer makes of it (title -> (channels, positions)), every map
    stretched to the signal's width; dark is large; lesson 07."""
    import matplotlib.pyplot as plt
    heights = [1, *(1.3,) * len(maps)]
    figure, axes = plt.subplots(1 + len(maps), 1, figsize=(7.2, 1.4 * len(heights)), dpi=72,
                                height_ratios=heights, layout="constrained")
    bare(axes[0]).plot(signal, color=BLUE)
    axes[0].set(xlim=(-0.5, len(signal) - 0.5), ylabel="value")
    axes[0].set_title("input", loc="left", fontsize="medium")
    for ax, (title, values) in zip(axes[1:], maps.items(), strict=True):
        ax.imshow(values, aspect="auto", cmap="Greys", interpolation="nearest", vmin=0)
        ax.set_title(f"{title}, largest value ≈ {values.max():.1f}", loc="left", fontsize="medium")
        positions = values.shape[1]
        ax.set(ylabel="channel", yticks=[0, len(values) - 1],
               xticks=range(0, positions, 1 + positions // 10))
    axes[-1].set_xlabel("position")
    return figure


def compared_curves(histories: dict):
    """Test (solid) and training accuracy (dotted) against steps, for several models (a key of
    MODEL_STYLES -> History), with bands of ± one standard deviation over the seeds; lesson 07."""
    import matplotlib.pyplot as plt
    figure, ax = plt.subplots(figsize=(6.8, 3.6), dpi=72, layout="constrained")
    bare(ax)
    ends = {}
    for name, history in histories.items():
        color = MODEL_STYLES[name]["color"]
        band(ax, history.steps, history.test_accuracy, color=color)
        ax.plot(history.steps, history.train_accuracy.mean(axis=1), color=color, linestyle=":")
        for split, values in (("test", history.test_accuracy), ("train", history.train_accuracy)):
            ends[f"{MODEL_TITLES[name]}, {split}"] = (history.steps[-1], values[-1].mean(), color)
    label_ends(ax, ends, gap=6)
    ax.set(xlabel=f"step (mean ± standard deviation over {len(history.seeds)} seeds)",
           ylabel="accuracy (%)", ylim=(0, 102), xlim=(0, history.steps[-1]))
    return figure


# --------------------------------------------------------------------------- double descent


def double_descent(summary: dict, names: list[str]):
    """Error above and loss below against width, a column for each of the setups `names`, with bands
    over the seeds and the measured interpolation threshold; returns the figure. Lesson 14."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(2, len(names), figsize=(3.3 * len(names), 5.4), sharex="col",
                                   sharey="row", squeeze=False, layout="constrained")
    for column, name in zip(axes.T, names, strict=True):
        setup = summary["setups"][name]
        for ax, measure in zip(column, ("error", "loss"), strict=True):
            _descent(ax, setup, measure)
            _mark_threshold(ax, setup["threshold"])
        for width, published in setup["published"]:
            column[0].plot(width, np.mean(published), **_CROSS)
        column[0].set_title(setup["title"])
        column[1].set_xlabel("channels" if setup["model"] == "cnn" else "hidden units a layer")
    axes[0, 0].set(ylabel="error (%)", ylim=(0, 75))
    axes[1, 0].set(ylabel="loss", ylim=(0, None))
    seeds = len(summary["setups"][names[0]]["seeds"])
    figure.supxlabel(f"bands: ± one standard deviation over {seeds} seeds; crosses: published; "
                     "grey line: from here on the training error is below 1 %", fontsize="small")
    return figure


def descent_by_parameters(summary: dict, names: list[str]):
    """Test error and test loss against the number of parameters, all setups in one; returns the
    figure. Lesson 14."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(10.5, 3.9), layout="constrained")
    styles = _lines(names)
    for ax, measure in zip(axes, ("error", "loss"), strict=True):
        ends = {}
        for name in names:
            setup = summary["setups"][name]
            values = np.array(setup[f"test_{measure}"])
            band(bare(ax), setup["parameters"], values, **styles[name])
            ends[setup["title"]] = (setup["parameters"][-1], values[-1].mean(),
                                             styles[name]["color"])
        ax.set(xscale="log", xlabel="parameters")
        n = summary["setups"][names[0]]["n"]
        ax.axvline(n, color="0.6", linewidth=0.8)
        ax.annotate(f"{n:,} examples", (n, 0), xycoords=("data", "axes fraction"), xytext=(4, 4),
                    textcoords="offset points", color="0.4", fontsize="small")
        label_ends(ax, ends, gap=np.ptp(ax.get_ylim()) / 16)
    axes[0].set_ylabel("test error (%)")
    axes[1].set_ylabel("test loss")
    return figure


def moving_peak(summary: dict, names: list[str]):
    """Test loss above and test error below against parameters for one hidden layer, a column for
    each loss, a line for each number of examples, and where the peak was claimed to be; returns the
    figure. Lesson 14."""
    from matplotlib import pyplot
    losses = list(dict.fromkeys(summary["setups"][name]["loss"] for name in names))
    figure, axes = pyplot.subplots(2, len(losses), figsize=(4.6 * len(losses), 5.6), sharex="col",
                                   squeeze=False, layout="constrained")
    for column, loss in zip(axes.T, losses, strict=True):
        own = [name for name in names if summary["setups"][name]["loss"] == loss]
        styles = _lines(own)
        for name in own:
            setup, color = summary["setups"][name], styles[name]["color"]
            for ax, measure in zip(column, ("test_loss", "test_error"), strict=True):
                values = np.array(setup[measure])
                band(bare(ax), setup["parameters"], values, **styles[name])
                ax.axvline(setup["claimed"] * setup["n"], color=color, linewidth=0.9,
                           linestyle=styles[name]["linestyle"])
            top = np.mean(setup["test_loss"], axis=1)
            place = int(top.argmax())
            column[0].annotate(f"n = {setup['n']:,}", (setup["parameters"][place], top[place]),
                               xytext=(0, 6), textcoords="offset points", ha="center", color=color)
        claim = "n parameters" if loss == "nll" else "10 n parameters"
        column[0].set(xscale="log", title={"nll": "negative log-likelihood",
                                           "mse": "squared error"}[loss])
        column[0].margins(y=0.12)
        column[1].set(xlabel=f"parameters (upright: {claim}, the claim)")
    axes[0, 0].set_ylabel("test loss")
    axes[1, 0].set_ylabel("test error (%)")
    return figure


def _lines(names: list[str]) -> dict[str, dict]:
    """A style for each name."""
    styles = [{"color": BLUE, "linestyle": "-"}, {"color": RED, "linestyle": "--"},
              {"color": GREEN, "linestyle": "-."}, {"color": GREY, "linestyle": ":"}]
    return dict(zip(names, styles, strict=False))


def _descent(ax, setup: dict, measure: str) -> None:
    """Training and test error, or loss, of a setup against width, each labelled."""
    styles = {"test": {"color": BLUE, "linestyle": "-"}, "train": {"color": ORANGE,
                                                                  "linestyle": "--"}}
    ends = {}
    for split, style in styles.items():
        values = np.array(setup[f"{split}_{measure}"])
        band(bare(ax), setup["widths"], values, **style)
        ends[{"test": "test", "train": "training"}[split]] = (
            setup["widths"][-1], values[-1].mean(), style["color"])
    label_ends(ax, ends, gap=0)
    ax.set_xscale("log")
    ticks = [width for width in (2, 5, 10, 20, 50, 100, 200, 400) if
             setup["widths"][0] <= width <= setup["widths"][-1]]
    ax.set_xticks(ticks, ticks)
    ax.set_xticks([], minor=True)


def _mark_threshold(ax, width) -> None:
    """An upright line at the measured interpolation threshold, if there is one."""
    if width is not None:
        ax.axvline(width, color="0.6", linewidth=1)
        ax.annotate(str(width), (width, 1), xycoords=("data", "axes fraction"), xytext=(3, -10),
                    textcoords="offset points", color="0.4", fontsize="small")


def signal_by_depth(forward: dict, backward: dict):
    """The variance of a signal by layer: panels forward and backward, each label -> (S, K) for S
    seeds and K layers, the median as a line in a band from the smallest to the largest; returns the
    figure. Lesson 06."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(7.4, 3.4), dpi=72, layout="constrained")
    looks = ((GREEN, "-."), (ORANGE, "--"), (BLUE, "-"), (RED, ":"))
    titles = {"forward: the layers' outputs a": forward, "backward: their cotangents": backward}
    for ax, (title, curves) in zip(axes, titles.items(), strict=True):
        for (label, values), (color, dashes) in zip(curves.items(), looks, strict=False):
            depth = np.arange(1, values.shape[1] + 1)
            ax.plot(depth, np.median(values, axis=0), color=color, linestyle=dashes)
            ax.fill_between(depth, values.min(0), values.max(0), color=color, alpha=0.25,
                            linewidth=0)
            place = len(depth) // 2
            ax.annotate(label, (depth[place], np.median(values[:, place])), color=color,
                        xytext=(0, 9), textcoords="offset points", ha="center",
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.8})
        bare(ax).set(yscale="log", xlabel="layer")
        ax.set_title(title, loc="left", fontsize="medium")
    axes[0].set_ylabel("variance")
    return figure


def score_dots(rows: dict, published: dict):
    """Accuracies of single runs as stacked dots, one row for each label -> values (S,), with the
    mean and its half-width (a pair, label -> (values, half)) as a bar below; `published` marks
    numbers or ranges by name; returns the figure. Lesson 06."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(7.6, 1.1 + 0.85 * len(rows)), dpi=80,
                                 layout="constrained")
    colors = (BLUE, ORANGE, GREEN)
    for row, (values, half) in enumerate(rows.values()):
        color, base, seen = colors[row % 3], len(rows) - 1 - row, {}
        for value in np.round(np.sort(values) * 2.5) / 2.5:
            seen[value] = seen.get(value, 0) + 1
            ax.plot(value, base + 0.14 * seen[value], "o", color=color, markersize=5)
        ax.errorbar(np.mean(values), base, xerr=half, color=color, marker="|", markersize=9,
                    capsize=3)
        ax.annotate(f"{np.mean(values):.1f}", (np.mean(values), base), xytext=(0, -7), color=color,
                    textcoords="offset points", ha="center", va="top", fontsize="small")
    for name, (low, high) in published.items():
        ax.axvspan(low, high, color="0.85" if high > low else "0.4", zorder=0,
                   linewidth=0 if high > low else 1)
        ax.annotate(name, ((low + high) / 2, 1), xycoords=("data", "axes fraction"), ha="center",
                    va="bottom", color="0.3", fontsize="small")
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(rows)), list(rows)[::-1])
    ax.set(xlabel="test accuracy of one run (%)", ylim=(-0.4, len(rows) - 0.15))
    return figure


def looking_often(looks, gains: dict):
    """What choosing the best of several evaluations seems to gain: for each label -> gains
    (looks, S), the mean over the seeds with a band of ± one standard deviation; returns the figure.
    Lesson 06."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(6.6, 3.0), dpi=72, layout="constrained")
    ends = {}
    for (label, values), (color, dashes) in zip(gains.items(), ((RED, "-"), (BLUE, "--")),
                                                strict=False):
        band(ax, looks, values, color=color, linestyle=dashes)
        ends[label] = (looks[-1], values[-1].mean(), color)
    ax.axhline(0, color="0.6", linewidth=0.8)
    label_ends(ax, ends, gap=0.12 * np.ptp(ax.get_ylim()))
    bare(ax).set(xlabel="evaluations to choose from (the last ones of the run)",
                 ylabel="gain over the last step\n(percentage points)")
    return figure


def first_layer(panels: dict, count: int = 5):
    """The weights into the first hidden units, each drawn along the positions of the signal: panel
    title -> weights (H, L), the `count` largest of them, one above the other; returns the figure.
    Lesson 06."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(panels), figsize=(7.4, 3.7), dpi=72, squeeze=False,
                                   layout="constrained")
    for ax, (title, weights) in zip(axes[0], panels.items(), strict=True):
        largest = weights[np.argsort(-(weights**2).sum(axis=1))[:count]]
        unit = np.abs(largest).max()
        for row, weight in enumerate(largest):
            ax.axhline(-2 * row, color="0.85", linewidth=0.8)
            ax.step(range(len(weight)), weight / unit - 2 * row, color=BLUE, where="mid")
        bare(ax).set(xlabel="position in the signal", yticks=[-2 * row for row in range(count)],
                     yticklabels=[str(row + 1) for row in range(count)])
        ax.tick_params(axis="y", length=0)
        ax.set_title(f"{title} (±{unit:.2f})", loc="left", fontsize="medium")
    axes[0, 0].set_ylabel("hidden unit, largest weights first")
    return figure


def overlaid(panels: dict):
    """A few signals drawn over each other: panel title -> {label: signal (L,)}, each labelled at
    its largest value; returns the figure. Lesson 06."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(panels), figsize=(7.6, 2.6), dpi=80, sharey=True,
                                   squeeze=False, layout="constrained")
    for ax, (title, signals) in zip(axes[0], panels.items(), strict=True):
        for (label, signal), (color, dashes) in zip(signals.items(), ((BLUE, "-"), (RED, "--")),
                                                    strict=False):
            ax.plot(signal, color=color, linestyle=dashes)
            peak = np.abs(signal).argmax()
            above = signal[peak] > 0
            ax.annotate(label, (peak, signal[peak]), xytext=(0, 3 if above else -3), color=color,
                        textcoords="offset points", ha="center", va="bottom" if above else "top",
                        fontweight="bold")
        bare(ax).set(xlabel="position")
        ax.margins(y=0.18)
        ax.set_title(title, loc="left", fontsize="medium")
    axes[0, 0].set_ylabel("value")
    return figure


def confusion(shares, title: str):
    """A confusion matrix: shares (C, C) in percent of each row, rows the right class and columns
    the predicted one, with the number in each cell; returns the figure. Lessons 02, 06."""
    from matplotlib import pyplot
    shares = np.asarray(shares, float)
    figure, ax = pyplot.subplots(figsize=(5.2, 4.6), dpi=72, layout="constrained")
    ax.imshow(shares, cmap="Greys", vmin=0, vmax=100)
    for right in range(len(shares)):
        for said in range(len(shares)):
            if shares[right, said] >= 0.5:
                ax.text(said, right, f"{shares[right, said]:.0f}", ha="center", va="center",
                        color="white" if shares[right, said] > 55 else "black", fontsize="small")
    ticks = range(len(shares))
    ax.set(xticks=ticks, yticks=ticks, xlabel="predicted digit", ylabel="right digit")
    ax.set_title(title, loc="left", fontsize="medium")
    return figure


def error_parts(sizes, variance, rest, single, together):
    """Error by training set size: variance and the rest (each (n,)) as stacked bars, and beside
    them the accuracy of single nets (n, S), with a band, and of their mean (n,); returns the
    figure. Lesson 06."""
    from matplotlib import pyplot
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7.8, 3.3), dpi=80, layout="constrained")
    places = np.arange(len(sizes))
    left.bar(places, rest, color=GREY, width=0.7)
    left.bar(places, variance, bottom=rest, color=ORANGE, width=0.7, hatch="//", edgecolor="white")
    left.text(0, rest[0] / 2, "bias²\n+ noise", ha="center", va="center", color="white",
              fontsize="small")
    left.text(0, rest[0] + variance[0] / 2, "variance", ha="center", va="center", fontsize="small",
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    bare(left).set(ylabel="mean squared error of\nthe probabilities",
                   xlabel="training examples")
    left.set_xticks(places, [f"{n:,}" for n in sizes])
    band(right, sizes, single, color=BLUE, marker="o", markersize=4)
    right.plot(sizes, together, color=RED, linestyle="--", marker="s", markersize=4)
    label_ends(right, {"one net": (sizes[-1], single[-1].mean(), BLUE),
                       "their mean": (sizes[-1], together[-1], RED)}, gap=4)
    bare(right).set(xscale="log", xlabel="training examples", ylabel="test accuracy (%)",
                    ylim=(0, 100))
    right.set_xticks(sizes, [f"{n:,}" for n in sizes])
    right.minorticks_off()
    return figure


# --------------------------------------------------------------------------- lottery tickets

_ARM_STYLES = {"lottery": {"color": BLUE, "linestyle": "-", "marker": "o"},
               "random": {"color": ORANGE, "linestyle": "--", "marker": "s"},
               "dense": {"color": GREY, "linestyle": ":", "marker": "v"}}


def lottery(summary: dict):
    """Test accuracy and test loss against sparsity for tickets and random masks, beside the dense
    net and the published values; returns the figure. Lesson 15."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(10.5, 3.9), layout="constrained")
    sparsity = 100 * np.array(summary["sparsity"])
    shown = sparsity < 100  # the last round has nothing left
    for ax, measure in zip(axes, ("test_accuracy", "test_loss"), strict=True):
        for arm in ("lottery", "random"):
            style = {key: _ARM_STYLES[arm][key] for key in ("color", "linestyle")}
            values = np.array(summary[arm][measure])[shown]
            band(bare(ax), sparsity[shown], values, **style)
            # the label ends at 80 % and stands clear of its band, on the outer side
            below = values[int(0.5 * len(values)):int(0.8 * len(values)) + 1]
            up = (arm == "lottery") == (measure == "test_accuracy")
            ax.annotate({"lottery": "tickets", "random": "random masks"}[arm],
                        (80, below.max() if up else below.min()), xytext=(0, 2 if up else -2),
                        textcoords="offset points", ha="right", va="bottom" if up else "top",
                        color=style["color"])
        dense = np.mean(summary["lottery"][measure][0])
        ax.axhline(dense, color=GREY, linestyle=":")
        ax.annotate("dense", (100, dense), xytext=(4, 0), textcoords="offset points", va="center",
                    color=GREY)
        ax.set(xlabel="zeros among the parameters (%)", xlim=(0, 100))
    for row in summary["search_stored"]:
        axes[0].plot(100 * row["sparsity"], np.mean(row["published"]),
                     **{**_CROSS, "color": _ARM_STYLES[row["arm"]]["color"]}, clip_on=False)
    low = np.mean(summary["random"]["test_accuracy"], axis=1)[shown]
    axes[0].set(ylabel="test accuracy (%)", ylim=(min(50, np.median(low) - 5), None))
    axes[1].margins(y=0.2)  # room for the labels
    axes[1].set(ylabel="test loss", ylim=(0, None))
    trials, masked = (len(summary[arm]["test_loss"][0]) for arm in ("lottery", "random"))
    figure.supxlabel(f"bands: ± one standard deviation over {trials} trials"
                     f"{f' (random masks {masked})' if masked < trials else ''}; "
                     "crosses: stored with the paper's code", fontsize="small")
    return figure


def lottery_ablations(summary: dict):
    """Accuracies on new data under each condition, and paired differences, with 95 % confidence
    intervals; returns the figure. Lesson 15."""
    from matplotlib import pyplot
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 5), layout="constrained",
                                            width_ratios=(1, 1.05))
    conditions = list(summary["ablations"])[::-1]
    for row, condition in enumerate(conditions):
        for shift, arm in zip((0.25, 0.0, -0.25), ("lottery", "dense", "random"), strict=True):
            found = summary["ablations"][condition][arm]
            left.errorbar(found["mean"], row + shift, xerr=found["margin"], capsize=2,
                          color=_ARM_STYLES[arm]["color"], marker=_ARM_STYLES[arm]["marker"])
            left.plot(found["published"], row + shift, **_CROSS)
            if row == len(conditions) - 1:
                left.annotate({"lottery": "ticket", "random": "random mask"}.get(arm, arm),
                              (found["mean"], row + shift), xytext=(0, 7), ha="center",
                              textcoords="offset points", color=_ARM_STYLES[arm]["color"])
    _rows(left, conditions)
    left.autoscale(axis="x")
    left.set(xlabel="test accuracy on new data (%), mean and 95 % interval; crosses: published",
             ylim=(-0.5, len(conditions) - 0.3))
    effects = summary["effects"][::-1]
    for row, effect in enumerate(effects):
        clear = effect["low"] > 0 or effect["high"] < 0
        right.errorbar(effect["mean"], row, xerr=effect["mean"] - effect["low"], capsize=2,
                       color=BLUE if clear else GREY, marker="o",
                       markerfacecolor=BLUE if clear else "white")
    right.axvline(0, color="black", linewidth=0.8)
    _rows(right, [effect["what"] for effect in effects])
    right.autoscale(axis="x")
    right.set_xlabel("difference in points, paired by trial, with 95 % interval (filled: clear of "
                     "0)")
    return figure


def lottery_adjacency(summary: dict):
    """How often runs of neighbouring inputs survive in tickets and in random masks, by trial,
    beside the published values; returns the figure. Lesson 15."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(5.6, 3.6), layout="constrained")
    lengths = [int(length) for length in summary["adjacency"]["lottery"]]
    floor = 1e-5  # none found: drawn at the lower edge
    for arm, shift in (("random", -0.12), ("lottery", 0.12)):
        style = _ARM_STYLES[arm]
        for length in lengths:
            values = np.maximum(summary["adjacency"][arm][str(length)], floor)
            ax.plot(np.full(len(values), length + shift), values, linestyle="", alpha=0.5,
                    color=style["color"], marker=style["marker"], markersize=4)
            published = summary["adjacency_stored"][arm][str(length)]
            ax.plot(length + shift, max(published, floor), **_CROSS)
        mean = [max(np.mean(summary["adjacency"][arm][str(length)]), floor) for length in lengths]
        ax.plot(np.array(lengths) + shift, mean, color=style["color"],
                linestyle=style["linestyle"])
        ax.annotate({"lottery": "tickets", "random": "random masks"}[arm],
                    (lengths[1] + shift, mean[1]), xytext=(8 if shift > 0 else -8, 4),
                    textcoords="offset points", ha="left" if shift > 0 else "right",
                    color=style["color"])
    bare(ax).set(yscale="log", xticks=lengths, xlabel="neighbouring inputs (crosses: published)",
                 ylabel="share of the places", ylim=(floor / 1.3, None))
    return figure


def lottery_pairs(summary: dict):
    """How often tickets keep two inputs, against their distance, beside what units' numbers and
    inputs' popularity explain; returns the figure. Lesson 15."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(5.6, 3.6), layout="constrained")
    found = summary["pairs"]
    ends = {}
    for key, label, color, dashes in (("found", "tickets", BLUE, "-"),
                                      ("expected", "numbers and\npopularity", GREY, "--")):
        values = 1000 * np.array(found[key])
        band(bare(ax), found["distances"], values, color=color, linestyle=dashes)
        ends[label] = (found["distances"][-1], values[-1].mean(), color)
    highest = 1000 * np.mean(found["found"], axis=1).max()
    label_ends(ax, ends, gap=0.15 * highest)
    ax.set(xlabel="distance between the two inputs", xticks=found["distances"], ylim=(0, None),
           ylabel="pairs kept, in 1,000 places")
    figure.supxlabel(f"bands: ± one standard deviation over {len(summary['trials'])} trials",
                     fontsize="small")
    return figure


def lottery_masks(masks: dict):
    """First-layer masks as pictures, title -> mask (hidden, inputs), whose hidden units, the
    columns here, are sorted by adjacency; returns the figure. Lesson 15."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(len(masks), 1, figsize=(10, 1.5 * len(masks)), squeeze=False,
                                   sharex=True, layout="constrained")
    for ax, (title, mask) in zip(axes[:, 0], masks.items(), strict=True):
        ax.imshow(np.transpose(mask), cmap="gray_r", aspect="auto",
                  interpolation="nearest")
        ax.set_title(title, loc="left", fontsize="medium")
        ax.set(ylabel="input", yticks=(0, 39))
    axes[-1, 0].set_xlabel("hidden unit, sorted by how many pairs of neighbouring inputs it keeps")
    return figure


def over_time(signal, panels: dict):
    """A signal (T,), and below it, for each title -> (values (T, H), smallest, largest), one row of
    grey boxes a unit, dark where the value is large; returns the figure. Lesson 08."""
    from matplotlib import pyplot
    heights = [1.1, *(0.3 + 0.15 * np.shape(values)[1] for values, *_ in panels.values())]
    figure, axes = pyplot.subplots(len(heights), 1, figsize=(7.4, 0.35 + 0.95 * sum(heights)),
                                   dpi=80, sharex=True, height_ratios=heights,
                                   layout="constrained")
    bare(axes[0]).plot(signal, color=BLUE)
    axes[0].set(ylabel="value", title="the signal")
    for ax, (title, (values, low, high)) in zip(axes[1:], panels.items(), strict=True):
        image = ax.imshow(np.transpose(values), cmap="Greys", vmin=low, vmax=high, aspect="auto",
                          interpolation="nearest")
        units = np.shape(values)[1]
        ax.set_yticks(range(units), [i if units < 9 or i % 4 == 1 else "" for i in
                                     range(1, units + 1)], fontsize="small")
        ax.set(ylabel="unit", title=title)
        figure.colorbar(image, ax=ax, ticks=[low, high], pad=0.01, aspect=8, format="%g")
    for ax in axes:
        ax.title.set_fontsize("medium")
    axes[-1].set(xlabel="position")
    return figure


def seeds_over(panels: dict, xlabel: str, logarithmic: tuple = ()):
    """Curves side by side: panel title (the quantity) -> {label: (x (E,), values (E, S))}, each the
    median over the seeds with a band from the smallest to the largest; `logarithmic` names the
    panels with a logarithmic axis; returns the figure. Lesson 08."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(panels), figsize=(7.6, 3.3), dpi=80, squeeze=False,
                                   layout="constrained")
    looks = ((BLUE, "-"), (RED, "--"), (GREEN, "-."), (GREY, ":"))
    for ax, (quantity, curves) in zip(axes[0], panels.items(), strict=True):
        bare(ax).set(xlabel=xlabel, ylabel=quantity,
                     yscale="log" if quantity in logarithmic else "linear")
        ends = {}
        for (label, (x, values)), (color, dashes) in zip(curves.items(), looks, strict=False):
            middle = np.median(values, axis=1)
            ax.plot(x, middle, color=color, linestyle=dashes, linewidth=1.8)
            ax.fill_between(x, np.min(values, 1), np.max(values, 1), color=color, alpha=0.2,
                            linewidth=0)
            ends[label] = (x[-1], middle[-1], color)
        if quantity not in logarithmic:
            ax.set_ylim(0, None)
        _label_right(ax, ends)
    return figure


def _label_right(ax, ends: dict, gap: float = 0.075) -> None:
    """`label_ends` for any scale of the axes: each label right of its point (x, y, colour), moved
    until neighbours are `gap` of the axes' height apart."""
    to_axes = ax.transData + ax.transAxes.inverted()
    heights = {label: to_axes.transform((x, y))[1] for label, (x, y, _) in ends.items()}
    order = sorted(ends, key=heights.get)
    for _ in range(50):
        for i in range(len(order) - 1):
            low, high = order[i:i + 2]
            missing = gap - (heights[high] - heights[low])
            if missing > 0:
                heights[low] -= missing / 2
                heights[high] += missing / 2
    for label, (x, _, color) in ends.items():
        ax.annotate(label, (x, heights[label]), xycoords=("data", "axes fraction"), xytext=(6, 0),
                    textcoords="offset points", color=color, va="center", annotation_clip=False)


def short_on_long(long_runs: dict, steps, values, label: str):
    """Long learning curves, model title -> (steps (E,), accuracies (E, S)), with bands, and a short
    run's accuracies (E, S) at `steps` as points on them; returns the axes. Lesson 08."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(7.2, 3.5), dpi=80, layout="constrained")[1])
    names = {title: name for name, title in MODEL_TITLES.items()}
    ends = {}
    for title, (long_steps, accuracies) in long_runs.items():
        style = MODEL_STYLES[names[title]]
        band(ax, long_steps, accuracies, color=style["color"], linestyle=style["linestyle"])
        ends[title] = (long_steps[-1], np.mean(accuracies[-1]), style["color"])
    values = np.asarray(values, float)
    ax.errorbar(steps, values.mean(axis=1), values.std(axis=1, ddof=1), color="black",
                linestyle="none", marker="D", markersize=4, capsize=2, zorder=3)
    ax.annotate(label, (steps[-1], values[-1].mean()), xytext=(10, -26), color="black",
                textcoords="offset points", arrowprops={"arrowstyle": "-", "color": "black"})
    label_ends(ax, ends, gap=5)
    ax.set(xlabel="step", ylabel="test accuracy (%)", ylim=(0, 100), xlim=(0, None))
    return ax


def points_and_curves(t, y, curves: dict):
    """Measured points (t, y), each (N,), and models drawn over them, label -> curve (N,); returns
    the axes. Lesson 03."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(6.8, 2.7), dpi=72, layout="constrained")[1])
    ax.plot(t, y, color="0.3", marker="o", markersize=4, linestyle="")
    looks = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."), (RED, ":"))
    for (label, curve), (color, dashes) in zip(curves.items(), looks, strict=False):
        ax.plot(t, curve, color=color, linestyle=dashes)
        top = np.argmax(curve > 0.95 * curve.max())         # the first of its peaks
        height = max(curve[top], y[np.abs(t - t[top]) < 1.5].max())
        ax.annotate(label, (t[top], height), xytext=(0, 6), textcoords="offset points",
                    ha="center", color=color)
    ax.set(xlabel="position", ylabel="value")
    ax.margins(y=0.15)
    return ax


def results_by_row(panels: dict):
    """Last results side by side: panel title (the quantity) -> {label: values (S,)}, a row each
    with mean ± one standard deviation and the seeds as grey dots; returns the figure. Lesson 03."""
    from matplotlib import pyplot
    rows = max(len(results) for results in panels.values())
    figure, axes = pyplot.subplots(1, len(panels), figsize=(7.8, 0.42 * rows + 0.9), dpi=70,
                                   sharey=True, squeeze=False, layout="constrained")
    for ax, (quantity, results) in zip(axes[0], panels.items(), strict=True):
        for row, values in enumerate(results.values()):
            values = np.asarray(values)
            ax.plot(values, np.full(len(values), row + 0.2), color="0.6", marker="o", markersize=3,
                    linestyle="")
            ax.errorbar(values.mean(), row - 0.1, xerr=values.std(ddof=1), color=BLUE, marker="o",
                        capsize=3)
        ax.set_yticks(range(len(results)), list(results))
        ax.set(xlabel=quantity, ylim=(len(results) - 0.5, -0.5))
        ax.grid(axis="x", color="0.9", linewidth=0.8)
        bare(ax).tick_params(axis="y", length=0)
    return figure


def upright(ax, signal, title: str = "", color: str = "black"):
    """A signal as a person sees a digit in it: positions downwards, values to the right, as wide as
    it is; returns the axes. Lesson 09."""
    signal = np.asarray(signal)
    ax.plot(signal, np.arange(len(signal)), color=color, linewidth=1.4)
    half = 1.3 * np.abs(signal).max()
    ax.set(xticks=(), yticks=(), xlim=(-half, half), ylim=(len(signal), -1))
    ax.set_title(title, fontsize="small", pad=2)
    return ax


def quiz(signals, titles, columns: int = 10):
    """Signals (N, L) as upright pictures in rows of `columns`, each under its title; returns the
    figure. Lesson 09."""
    from matplotlib import pyplot
    rows = -(-len(signals) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(7.6, 1.55 * rows), dpi=64,
                                   squeeze=False, layout="constrained")
    for ax, signal, title in zip(axes.flat, signals, titles, strict=False):
        upright(ax, signal, str(title))
    for ax in axes.flat[len(signals):]:
        ax.axis("off")
    return figure


def coverage(accuracies, shares: dict, n: int):
    """How often an interval from n answers holds the true accuracy (A,): for each label ->
    shares (A,); returns the figure. Lesson 09."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(6.6, 2.6), dpi=70, layout="constrained")
    looks = ((GREY, ":", (4, -16)), (BLUE, "-", (4, 8)))
    for (label, values), (color, dashes, place) in zip(shares.items(), looks, strict=True):
        values = 100 * np.asarray(values)
        ax.plot(100 * np.asarray(accuracies), values, color=color, linestyle=dashes)
        at = int(np.argmin(np.abs(np.asarray(accuracies) - 0.55)))
        ax.annotate(label, (55, values[at]), xytext=place, textcoords="offset points", color=color)
    ax.axhline(95, color=RED, linewidth=0.8, linestyle="--")
    ax.annotate("95 %\npromised", (100, 95), xytext=(4, 0), textcoords="offset points", color=RED,
                va="center", fontsize="small", annotation_clip=False)
    bare(ax).set(xlabel="true accuracy (%)", ylabel="intervals that hold it (%)", ylim=(0, 108),
                 xlim=(100 * np.min(accuracies), 100))
    ax.set_title(f"intervals from {n} answers", loc="left", fontsize="medium")
    return figure


def intervals(rows: dict):
    """Accuracies with their intervals: label -> (share, low, high), from above; returns the
    figure. Lesson 09."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(6.8, 0.9 + 0.42 * len(rows)), dpi=68,
                                 layout="constrained")
    for row, (share, low, high) in enumerate(list(rows.values())[::-1]):
        ax.errorbar(100 * share, row, xerr=[[100 * (share - low)], [100 * (high - share)]],
                    color=BLUE, marker="o", capsize=3)
        ax.annotate(f"{100 * share:.1f}", (100 * share, row), xytext=(0, 6), color=BLUE,
                    textcoords="offset points", ha="center", fontsize="small")
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(rows)), list(rows)[::-1])
    ax.set(xlabel="accuracy (%), with 95 % intervals", xlim=(0, 101), ylim=(-0.5, len(rows) - 0.3))
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    return figure


def confusions(matrices: dict):
    """Confusion matrices side by side, title -> counts (K, K): the mistakes in percent of their
    row, in numbers from 2 on; the diagonal is left empty; returns the figure. Lesson 09."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(matrices), figsize=(2.6 * len(matrices), 2.85), dpi=78,
                                   squeeze=False, layout="constrained")
    for ax, (title, matrix) in zip(axes[0], matrices.items(), strict=True):
        matrix = np.asarray(matrix, float)
        share = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        np.fill_diagonal(share, 0)
        ax.imshow(share, cmap="Greys", vmin=0, vmax=30)
        ax.plot([-0.5, len(share) - 0.5], [-0.5, len(share) - 0.5], color=BLUE, linewidth=0.8)
        for (i, j), value in np.ndenumerate(share):
            if value >= 1.5:
                ax.text(j, i, f"{value:.0f}", ha="center", va="center", fontsize=7.5,
                        color="white" if value > 17 else "black")
        ax.set(xticks=range(len(share)), yticks=range(len(share)), xlabel="answer")
        ax.tick_params(labelsize="small", length=0)
        ax.set_title(title, fontsize="medium")
    axes[0, 0].set_ylabel("true digit")
    return figure


def add_runs(ax, histories: dict) -> None:
    """Your own short runs on the learning curves of `benchmark` or `shuffled`: model ->
    `train.History`, the mean over its seeds at each evaluation but the first. Lesson 09."""
    for name, history in histories.items():
        style = MODEL_STYLES[name]
        ax.plot(history.steps[1:], history.test_accuracy[1:].mean(axis=1), linestyle="",
                color=style["color"], marker=style["marker"], markersize=6, markeredgecolor="black")
    ax.annotate("markers: your runs", (0.98, 0.03), xycoords="axes fraction", ha="right",
                fontsize="small")


def before_and_after(rows: dict):
    """Signals upright, one row for each title -> signals (N, L); returns the figure. Lesson 09."""
    from matplotlib import pyplot
    width = len(next(iter(rows.values())))
    figure, axes = pyplot.subplots(len(rows), width, figsize=(1.15 * width, 1.6 * len(rows)),
                                   dpi=70, squeeze=False, layout="constrained")
    for line, (title, signals) in zip(axes, rows.items(), strict=True):
        for ax, signal in zip(line, signals, strict=True):
            upright(ax, signal)
        line[0].set_ylabel(title)
    return figure


def neighbours(lags, curves: dict):
    """Autocorrelation against the distance: label -> values (D,), of ordered and of shuffled
    signals; returns the figure. Lesson 09."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(6.6, 2.6), dpi=70, layout="constrained")
    looks = ({"color": BLUE, "marker": "o"}, {"color": ORANGE, "linestyle": "--", "marker": "s"})
    for values, look in zip(curves.values(), looks, strict=True):
        ax.plot(lags, values, markersize=4, **look)
    first, second = curves
    middle = (lags[0] + 2 * lags[1]) / 3
    ax.annotate(first, (lags[2], curves[first][2]), xytext=(8, 6), textcoords="offset points",
                color=BLUE)
    ax.annotate(second, (middle, (curves[second][0] + 2 * curves[second][1]) / 3), xytext=(8, -2),
                textcoords="offset points", color=ORANGE)
    ax.axhline(0, color="0.6", linewidth=0.8)
    bare(ax).set(xlabel="distance between the two positions", ylabel="correlation of the values")
    return figure


def mnist(summary: dict, ordered: dict, shuffled: dict):
    """The same models on digits of MNIST and on MNIST-1D, in order and shuffled: test accuracies
    at the last step. `summary` is that of the experiment `mnist`, the other two are those of
    `benchmark` and `shuffled`; returns the figure. Lesson 09."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(7.6, 2.7), dpi=70, sharey=True,
                                   layout="constrained")
    names = list(summary["models"]["ordered"])[::-1]
    pairs = {"4,000 digits of MNIST": [summary["models"]["ordered"], summary["models"]["shuffled"]],
             "4,000 signals of MNIST-1D": [ordered["models"], shuffled["models"]]}
    for ax, (title, sources) in zip(axes, pairs.items(), strict=True):
        for row, name in enumerate(names):
            color = MODEL_STYLES[name]["color"]
            for source, shift, filled in zip(sources, (0.16, -0.16), (False, True), strict=True):
                last = source[name]["test_accuracy"][-1]
                _dot(ax, row + shift, last, color, filled)
                _say_mean(ax, row + shift, last, color)
        _rows(ax, [MODEL_TITLES[name] for name in names])
        ax.set_title(title, loc="left", fontsize="medium", pad=22)
    _key(axes[0], {"in order": _OPEN, "shuffled": _FULL})
    return figure


_OPERATIONS = {"__add__": "+", "__mul__": "×", "__matmul__": "@", "__pow__": "power", "T": "T"}


def tape(nodes, names: dict, cotangents: dict | None = None):
    """The computation graph that a tape holds: a box for each tensor with its operation and value,
    arrows to what was made from it, and its cotangent in red; returns the figure. Lesson 05.

    nodes: tensors of one element (.data, .parents, .number), newest first; names: number -> name;
    cotangents: number -> tensor.
    """
    from matplotlib import pyplot
    depth: dict[int, int] = {}
    for node in reversed(nodes):
        depth[node.number] = 1 + max((depth[p.number] for p, _ in node.parents), default=-1)
    columns: dict[int, list] = {}
    for node in reversed(nodes):
        columns.setdefault(depth[node.number], []).append(node.number)
    place = {number: (2.2 * column, 1.5 * ((len(members) - 1) / 2 - i))
             for column, members in columns.items() for i, number in enumerate(members)}
    figure, ax = pyplot.subplots(figsize=(7.6, 2.9), dpi=80, layout="constrained")
    for rank, node in enumerate(reversed(nodes)):
        x, y = place[node.number]
        title = names.get(node.number, "")
        rules = [rule.__qualname__.split(".<locals>")[0].split(".")[-1] for _, rule in node.parents]
        made_by = _OPERATIONS.get(rules[0], rules[0]) if rules else "input"
        ax.text(x, y, f"{title + ' = ' if title else ''}{node.data.item():.4g}\n{made_by}, "
                f"no. {rank}", ha="center", va="center", zorder=3,
                bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "0.2"})
        if cotangents:
            ax.text(x, y - 0.46, f"cotangent {cotangents[node.number].data.item():.4g}", color=RED,
                    ha="center", va="top", fontsize="small")
        for parent, _ in node.parents:
            start = place[parent.number]
            far = depth[node.number] - depth[parent.number] > 1
            bend = (-0.35 if start[1] > y else 0.35) if far else 0
            ax.annotate("", (x, y), start, arrowprops={
                "arrowstyle": "->", "color": BLUE, "shrinkA": 30, "shrinkB": 30,
                "connectionstyle": f"arc3,rad={bend}"})
    highest = max(y for _, y in place.values())
    ax.set(xlim=(-0.8, 2.2 * max(columns) + 0.8), ylim=(-highest - 1, highest + 0.8))
    ax.axis("off")
    return figure


def visits(doublings, curves: dict):
    """How many tensors a walk visits, against the number of times y = y + y was done: label ->
    counts; returns the axes. Lesson 05."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(6.6, 3.2), dpi=80, layout="constrained")[1])
    looks = ((RED, "--", "s"), (BLUE, "-", "o"))
    for (label, counts), (color, dashes, mark) in zip(curves.items(), looks, strict=True):
        ax.plot(doublings, counts, color=color, linestyle=dashes, marker=mark, markersize=4)
        ax.annotate(label, (doublings[-1], counts[-1]), xytext=(8, 0), color=color, va="center",
                    textcoords="offset points", annotation_clip=False)
    ax.set(xlabel="times y = y + y", ylabel="visits on the way back", yscale="log")
    return ax


def derivatives(x, curves: dict):
    """A function and its derivatives over x (label -> values), one line each, named at its peak;
    returns the axes. Lesson 05."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(7, 3.3), dpi=80, layout="constrained")[1])
    looks = (("black", "-", 2.2), (BLUE, "--", 1.6), (ORANGE, "-.", 1.6), (GREEN, ":", 2.0))
    for (label, values), (color, dashes, width) in zip(curves.items(), looks, strict=False):
        ax.plot(x, values, color=color, linestyle=dashes, linewidth=width)
        peak = np.argmax(np.abs(values).round(9))
        up = values[peak] > 0
        ax.annotate(label, (x[peak], values[peak]), xytext=(0, 5 if up else -5), color=color,
                    textcoords="offset points", ha="center", va="bottom" if up else "top")
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    ax.margins(y=0.12)
    ax.set(xlabel="x", ylabel="value")
    return ax


def descents(steps, curves: dict):
    """How far above the minimum (label -> values (T,)), against the step; returns the axes.
    Lesson 05."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(6.6, 3.2), dpi=80, layout="constrained")[1])
    looks = ((ORANGE, "--", "s"), (BLUE, "-", "o"))
    for (label, values), (color, dashes, mark) in zip(curves.items(), looks, strict=True):
        values = np.maximum(values, 1e-15)
        ax.plot(steps, values, color=color, linestyle=dashes, marker=mark, markersize=4)
        ax.annotate(label, (steps[-1], values[-1]), xytext=(8, 0), color=color, va="center",
                    textcoords="offset points", annotation_clip=False)
    ax.set(xlabel="step", ylabel="loss above the minimum", yscale="log")
    return ax


# --------------------------------------------------------------------------- lesson 14


def changed_counts(counts, expected: float, marked: dict):
    """How often each number of changed labels came out (counts (B,)), with the expected number and
    others marked by name (label -> number); returns the figure. Lesson 14."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(7, 2.6), dpi=80, layout="constrained")
    bare(ax).hist(counts, bins=25, color=GREY, alpha=0.6)
    top = ax.get_ylim()[1]
    marks = {f"expected {expected:.0f}": (expected, BLUE, "-"),
             **{label: (number, RED, "--") for label, number in marked.items()}}
    for label, (number, color, dashes) in marks.items():
        ax.axvline(number, color=color, linestyle=dashes)
        ax.annotate(label, (number, top), xytext=(4, 2), textcoords="offset points", color=color)
    ax.set(xlabel="labels that changed", ylabel="draws", ylim=(0, top))
    return figure


def small_descent(panels: dict, predicted: float):
    """Error above and loss below against width, a column for each title -> sweep (a dict with
    widths, the (W, S) arrays train_error, test_error, train_loss, test_loss, the measured
    threshold, and the published test errors by width), with the predicted width as a dotted line;
    returns the figure. Lesson 14."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(2, len(panels), figsize=(7.6, 6.4), dpi=80, sharex="col",
                                   sharey="row", squeeze=False, height_ratios=(1.6, 1),
                                   layout="constrained")
    for column, (title, sweep) in zip(axes.T, panels.items(), strict=True):
        for ax, measure in zip(column, ("error", "loss"), strict=True):
            _descent(ax, sweep, measure)
            _mark_threshold(ax, sweep["threshold"])
            ax.axvline(predicted, color="0.4", linewidth=1, linestyle=":")
        column[0].plot(*zip(*sweep["published"].items(), strict=True), **_CROSS)
        column[0].set_title(title, loc="left", fontsize="medium")
        column[1].set_xlabel("hidden units a layer")
    axes[0, 0].set(ylabel="error (%)", ylim=(-3, 62))  # a little room below a curve at 0
    axes[1, 0].set(ylabel="loss", ylim=(-0.25, None))
    figure.supxlabel(f"bands: ± one standard deviation over {sweep['test_error'].shape[1]} seeds; "
                     "crosses: published;\ndotted: predicted, grey line: measured threshold",
                     fontsize="small")
    return figure


def beside_paper_scale(panels: dict, xlabel: str, ylabel: str, downwards: bool = False):
    """A small experiment's points over the curve of the paper-scale one, a panel for each title ->
    ((x (W,), values (W, S)) at paper scale, (x (w,), values (w, s)) of one's own): a band and bars
    of ± one standard deviation. x is logarithmic, from large to small if `downwards`; returns the
    figure. Lessons 14, 15."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(panels), figsize=(1.4 + 3.6 * len(panels), 3.5), dpi=76,
                                   sharey=True, squeeze=False, layout="constrained")
    for ax, (title, ((x, values), (own_x, own))) in zip(axes[0], panels.items(), strict=True):
        band(bare(ax), x, values, color=GREY)
        ax.errorbar(own_x, np.mean(own, axis=1), np.std(own, axis=1, ddof=1), color=BLUE,
                    linestyle="", marker="o", markersize=5, capsize=3)
        ax.set(xscale="log", xlabel=xlabel)
        ax.set_title(title, loc="left", fontsize="medium")
        ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500) if min(x) <= tick <= max(x)]
        ax.set_xticks(ticks, ticks)
        ax.minorticks_off()
        if downwards:
            ax.invert_xaxis()
    axes[0, 0].set_ylabel(ylabel)
    figure.supxlabel("points: yours; grey: paper scale; both ± one standard deviation over seeds",
                     fontsize="small")
    return figure


def rise_and_fall(changes: dict, widths, shares):
    """Left: values by seed with their mean and 95 % interval, label -> (values (S,), half). Right:
    the share of resamples whose peak is at each width; returns the figure. Lesson 14."""
    from matplotlib import pyplot
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(7.6, 3.1), dpi=80,
                                            width_ratios=(1.5, 1), layout="constrained")
    for row, (values, half) in enumerate(changes.values()):
        color, height = (BLUE, RED)[row % 2], len(changes) - 1 - row
        left.plot(values, np.full(len(values), height + 0.15), "o", color=color, markersize=5,
                  markerfacecolor="white")
        left.errorbar(np.mean(values), height - 0.1, xerr=half, color=color, marker="s",
                      markersize=5, capsize=3)
    left.axvline(0, color="0.6", linewidth=0.8)
    bare(left).set(xlabel="test error: percentage points", ylim=(-0.5, len(changes) - 0.4))
    left.set_yticks(range(len(changes)), list(changes)[::-1])
    left.set_title("dots: seeds; squares: mean, 95 % interval", loc="left", fontsize="small")
    places = range(len(widths))
    bare(right).bar(places, 100 * np.asarray(shares), color=GREY)
    right.set_xticks(places, widths, fontsize="small")
    right.set(xlabel="hidden units at the peak", ylabel="resamples (%)")
    return figure


def inside_the_descent(widths, learned, crossings, threshold: float):
    """Left: the share of the wrong labels that the net gives back, in percent; right: how often its
    answer changes between two signals; both (W, S), with bands over the seeds and the measured
    threshold; returns the figure. Lesson 14."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(7.6, 3.1), dpi=80, layout="constrained")
    for ax, values, color, title in ((axes[0], learned, RED, "wrong labels given back (%)"),
                                     (axes[1], crossings, BLUE, "changes between two signals")):
        band(bare(ax), widths, values, color=color, marker="o", markersize=4)
        _mark_threshold(ax, threshold)
        ax.set(xscale="log", xlabel="hidden units a layer")
        ax.margins(y=0.15)
        ax.set_title(title, loc="left", fontsize="medium")
        ticks = [width for width in (5, 10, 20, 50, 100) if widths[0] <= width <= widths[-1]]
        ax.set_xticks(ticks, ticks)
        ax.set_xticks([], minor=True)
    return figure


def two_thresholds(parameters, curves: dict, marks: dict):
    """Test error against parameters, and the test loss as a share of its highest mean: label ->
    (test_error, test_loss), each (W, S); numbers of parameters marked by name; returns the figure.
    Lesson 14."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 2, figsize=(7.8, 3.3), dpi=80, layout="constrained")
    looks = ((BLUE, "-", "o"), (ORANGE, "--", "s"))
    ends = ({}, {})
    for (label, pair), (color, dashes, mark) in zip(curves.items(), looks, strict=True):
        error, loss = (np.asarray(values, float) for values in pair)
        for ax, values, end in zip(axes, (error, loss / loss.mean(axis=1).max()), ends,
                                   strict=True):
            band(ax, parameters, values, color=color, linestyle=dashes, marker=mark, markersize=4)
            end[label] = (parameters[-1], values[-1].mean(), color)
    for ax, end in zip(axes, ends, strict=True):
        bare(ax).set(xscale="log", xlabel="parameters")
        label_ends(ax, end, gap=np.ptp(ax.get_ylim()) / 12)
        for text, number in marks.items():
            ax.axvline(number, color="0.6", linewidth=0.9)
            ax.annotate(text, (number, 1), xycoords=("data", "axes fraction"), xytext=(3, -9),
                        textcoords="offset points", color="0.4", fontsize="small")
    axes[0].set_ylabel("test error (%)")
    axes[1].set(ylabel="test loss / its peak", ylim=(0, None))
    return figure


def strokes(signals):
    """Signals (N, L) on their side, each in a panel with its number; returns the figure.
    Lesson 01."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(2, len(signals) // 2, figsize=(7.6, 3), dpi=66, sharex=True,
                                   sharey=True, layout="constrained")
    for number, (ax, signal) in enumerate(zip(axes.flat, signals, strict=True)):
        ax.axhline(0, color="0.8", linewidth=0.8)
        ax.plot(signal, ".-", color=BLUE)
        bare(ax).set_title(str(number), loc="left", fontsize="medium", fontweight="bold")
    for ax in axes[:, 0]:
        ax.set_ylabel("value")
    for ax in axes[-1]:
        ax.set_xlabel("position")
    return figure


def effect(before, after: list, names: tuple[str, str] = ("before", "after")):
    """What a transformation does: a signal, and beside it what became of it in a few draws, over
    the signal in grey; returns the figure. Lesson 01."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, 1 + len(after), figsize=(7.6, 1.8), dpi=62, sharex=True,
                                   sharey=True, layout="constrained")
    axes[0].plot(before, ".-", color=GREY, linewidth=1.4, markersize=4)
    axes[0].set_title(names[0], loc="left", fontsize="medium")
    for number, (ax, signal) in enumerate(zip(axes[1:], after, strict=True), 1):
        ax.plot(before, color="0.75", linewidth=1.2)
        ax.plot(signal, ".-", color=BLUE, linewidth=1.2, markersize=3)
        title = f"{names[1]}, draw {number}" if len(after) > 1 else names[1]
        ax.set_title(title, loc="left", fontsize="medium")
    for ax in axes:
        bare(ax).set(xlabel="position")
    axes[0].set_ylabel("value")
    return figure


def stages(signals: dict):
    """A signal after each step, title -> values (L,), each over the one before it in grey; returns
    the figure. Lesson 01."""
    from matplotlib import pyplot
    columns = -(-len(signals) // 2)
    figure, axes = pyplot.subplots(2, columns, figsize=(7.6, 3.5), dpi=66, sharey=True,
                                   layout="constrained")
    last = None
    for ax, (title, signal) in zip(axes.flat, signals.items(), strict=False):
        if last is not None:
            ax.plot(last, color="0.7", linewidth=1.2)
        ax.plot(signal, color=BLUE, linewidth=1.5)
        bare(ax).set_title(title, loc="left", fontsize="medium")
        last = signal
    for ax in axes.flat[len(signals):]:
        ax.axis("off")
    for ax in axes[:, 0]:
        ax.set_ylabel("value")
    for ax in axes.flat[len(signals) - columns:len(signals)]:
        ax.set_xlabel("position")
    return figure


def moving_stages(signals: dict, between: int = 4):
    """The same as a moving picture, an animated PNG that plays in the notebook: title -> values
    (L,), all of one length; returns an IPython Image. Lesson 01."""
    import io

    from IPython.display import Image
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image as Pillow

    figure = Figure(figsize=(5.6, 2.8), dpi=64, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    ax = bare(figure.subplots())
    curves = list(signals.values())
    line, = ax.plot(curves[0], color="black", linewidth=1.6)
    reach = 1.1 * np.abs(curves).max()
    ax.set(xlabel="position", ylabel="value", ylim=(-reach, reach))
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    title = ax.set_title(" ", loc="left")
    frames, times = [], []
    for before, after, text in zip([curves[0], *curves], curves, signals, strict=False):
        title.set_text(text)
        for part in np.linspace(0, 1, between + 1)[1:] if frames else [1.0]:
            line.set_ydata((1 - part) * before + part * after)
            canvas.draw()
            grey = np.asarray(canvas.buffer_rgba())[..., :3].mean(axis=2)
            frames.append(Pillow.fromarray((255 - (255 - grey) // 36 * 36).astype(np.uint8)))
            times.append(1500 if part == 1 else 90)
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], duration=times, loop=0)
    return Image(data=file.getvalue(), format="png")


def costs(rows: dict, levels: dict):
    """One row a transformation: accuracy in percent with it alone (filled) and with all others
    (hollow), name -> (values (S,), values (S,)), mean ± one standard deviation over the seeds;
    `levels` draws vertical lines, label -> accuracy. Returns the axes. Lesson 01."""
    from matplotlib import pyplot
    ax = bare(pyplot.subplots(figsize=(7.4, 3.5), dpi=76, layout="constrained")[1])
    names = list(rows)[::-1]
    for row, name in enumerate(names):
        for values, shift, color, mark, face in zip(
                rows[name], (0.14, -0.14), (BLUE, RED), "os", (BLUE, "white"), strict=True):
            ax.errorbar(np.mean(values), row + shift, xerr=np.std(values, ddof=1), color=color,
                        marker=mark, markerfacecolor=face, capsize=3)
    for label, value in levels.items():
        ax.axvline(value, color=GREY, linestyle=":", linewidth=1)
        ax.annotate(label, (value, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
                    textcoords="offset points", color=GREY, fontsize="small", va="bottom",
                    ha="center")
    top = len(names) - 1
    for values, shift, color, text in ((rows[names[-1]][0], 10, BLUE, "this one alone"),
                                       (rows[names[-1]][1], -10, RED, "all but this one")):
        ax.annotate(text, (np.mean(values), top), xytext=(-14 if shift > 0 else 16, 0),
                    textcoords="offset points", color=color, va="center",
                    ha="right" if shift > 0 else "left")
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="test accuracy of the nearest neighbour (%)", xlim=(0, 104),
           ylim=(-0.6, top + 0.6))
    return ax


def pruned(curves: dict, ylabel: str = "test accuracy (%)"):
    """What is left after pruning: label -> (share kept in percent (E,), values (E, S)), the mean
    over the seeds with a band of ± one standard deviation, against the share kept, from all to
    little on a logarithmic axis; the first curve's first point is drawn through as a level; returns
    the figure. Lesson 15."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(7, 3.5), dpi=76, layout="constrained")
    looks = ((BLUE, "-", "o"), (ORANGE, "--", "s"), (GREEN, "-.", "D"))
    for (label, (kept, values)), (color, dashes, mark) in zip(curves.items(), looks, strict=False):
        band(ax, kept, values, color=color, linestyle=dashes, marker=mark, markersize=5)
        ax.annotate(label, (kept[-1], np.mean(values[-1])), xytext=(8, 0), color=color, va="center",
                    textcoords="offset points", annotation_clip=False)
    kept, values = next(iter(curves.values()))
    dense = np.mean(values[0])
    ax.axhline(dense, color=GREY, linestyle=":", linewidth=1)
    ax.annotate("dense", (1, dense), xycoords=("axes fraction", "data"), xytext=(4, 0),
                textcoords="offset points", va="center", color=GREY)
    bare(ax).set(xlabel="weights kept (%)", ylabel=ylabel, xscale="log")
    ax.invert_xaxis()
    ax.set_xticks(kept, [f"{share:.0f}" for share in kept])
    ax.minorticks_off()
    ax.yaxis.get_major_locator().set_params(integer=True)
    return figure


def differences(rows: dict):
    """Paired differences with their intervals: label -> (values (S,), half-width), from above;
    single seeds as small dots, filled marks where the interval is clear of 0; returns the figure.
    Lesson 15."""
    from matplotlib import pyplot
    figure, ax = pyplot.subplots(figsize=(7, 0.8 + 0.42 * len(rows)), dpi=76, layout="constrained")
    for row, (values, half) in enumerate(list(rows.values())[::-1]):
        mean = np.mean(values)
        clear = abs(mean) > half
        color = BLUE if clear else GREY
        ax.plot(values, np.full(len(values), row - 0.22), ".", color=color, alpha=0.6, markersize=5)
        ax.errorbar(mean, row, xerr=half, capsize=3, color=color, marker="o",
                    markerfacecolor=color if clear else "white")
    ax.axvline(0, color="black", linewidth=0.8)
    bare(ax).tick_params(axis="y", length=0)
    ax.set_yticks(range(len(rows)), list(rows)[::-1])
    ax.set(xlabel="difference in test accuracy (points) with 95 % interval; filled: clear of 0",
           ylim=(-0.5, len(rows) - 0.5))
    ax.grid(axis="x", color="0.9", linewidth=0.8)
    return figure
