"""The figures of lesson 01, ten digits become a dataset: templates and what is done to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.pieces import deviation
from mnist1d_edu.plots.style import BLUE, GREY, RED, bare, described, listed, means, subplots

if TYPE_CHECKING:
    from IPython.display import Image
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def strokes(signals: np.ndarray) -> Figure:
    """Signals (N, L) on their side in two rows, each in a panel with its number. Lesson 01."""
    figure, axes = subplots(2, -(-len(signals) // 2), figsize=(7.6, 3), dpi=66, sharex=True,
                            sharey=True)
    for number, (ax, signal) in enumerate(zip(axes.flat, signals, strict=False)):
        ax.axhline(0, color="0.8", linewidth=0.8)
        ax.plot(signal, ".-", color=BLUE)
        bare(ax).set_title(str(number), loc="left", fontsize="medium", fontweight="bold")
    _label_grid(axes, len(signals))
    return described(figure, f"{len(signals)} signals on their side, value against position, "
                     f"numbered from 0 to {len(signals) - 1}, {len(signals[0])} points each.")


def effect(before: np.ndarray, after: Sequence[np.ndarray],
           names: tuple[str, str] = ("before", "after")) -> Figure:
    """What a transformation does: a signal (L,), and beside it what became of it, (L',) each, in a
    few draws, over the signal in grey. Lesson 01."""
    figure, [axes] = subplots(1, 1 + len(after), figsize=(7.6, 1.8), dpi=62, sharex=True,
                              sharey=True)
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
    draws = "one draw" if len(after) == 1 else f"{len(after)} draws"
    return described(figure, f"A signal before ({names[0]}) and, over it, after ({names[1]}, "
                     f"{draws}). Before, {_extent(before)}; after, "
                     f"{_extent(np.concatenate(after))}.")


def stages(signals: dict[str, np.ndarray]) -> Figure:
    """A signal after each step in two rows, title -> values (L,), each over the one before it in
    grey. Lesson 01."""
    figure, axes = subplots(2, -(-len(signals) // 2), figsize=(7.6, 3.5), dpi=66, sharey=True)
    last = None
    for ax, (title, signal) in zip(axes.flat, signals.items(), strict=False):
        if last is not None:
            ax.plot(last, color="0.7", linewidth=1.2)
        ax.plot(signal, color=BLUE, linewidth=1.5)
        bare(ax).set_title(title, loc="left", fontsize="medium")
        last = signal
    _label_grid(axes, len(signals))
    return described(figure, f"A signal after each step, over the one before it: {listed(signals)}."
                     )


def moving_stages(signals: dict[str, np.ndarray], between: int = 4) -> Image:
    """The same as a moving picture, an animated PNG that plays in the notebook: title -> values
    (L,), all of one length, with `between` frames from each to the next. Lesson 01."""
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
    frames: list[Pillow.Image] = []
    times = []
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
    return Image(data=file.getvalue(), format="png",
                 alt=f"A signal that moves from step to step: {listed(signals)}.")


def costs(rows: dict[str, tuple[np.ndarray, np.ndarray]], levels: dict[str, float]) -> Axes:
    """One row a transformation: accuracy in percent with it alone (filled) and with all others
    (hollow), name -> (values (S,), values (S,)), mean ± one standard deviation over the seeds;
    `levels` draws vertical lines, label -> accuracy. Lesson 01."""
    ax = bare(subplots(figsize=(7.4, 3.5), dpi=76)[1][0, 0])
    names = list(rows)[::-1]
    for row, name in enumerate(names):
        for values, shift, color, mark, face in zip(
                rows[name], (0.14, -0.14), (BLUE, RED), "os", (BLUE, "white"), strict=True):
            ax.errorbar(np.mean(values), row + shift, xerr=deviation(values), color=color,
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
    alone, others = ({name: pair[i] for name, pair in rows.items()} for i in (0, 1))
    return described(ax, "Test accuracy of the nearest neighbour in percent, a row for each "
                     f"transformation. This one alone: {means(alone)}. All but this one: "
                     f"{means(others)}. Levels: {means(levels)}.")


def _label_grid(axes: np.ndarray, count: int) -> None:
    """Name the axes of a grid whose first `count` panels are drawn: values at the left, positions
    below the lowest panel of each column; the rest of the grid stays empty."""
    columns = axes.shape[1]
    for ax in axes.flat[count:]:
        ax.axis("off")
    for ax in axes[:, 0]:
        ax.set_ylabel("value")
    for ax in axes.flat[count - columns:count]:
        ax.set_xlabel("position")
        ax.tick_params(labelbottom=True)


def _extent(signal: np.ndarray) -> str:
    """From where to where the values of a signal go."""
    return f"values from ≈ {np.min(signal):.2g} to ≈ {np.max(signal):.2g}"
