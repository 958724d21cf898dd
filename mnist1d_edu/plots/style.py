"""How every figure of the course looks: colours, line styles, labels, alternative text.

Colours are told apart by the colour-blind (Okabe and Ito's), and lines also by their dashes and
their labels, so that a figure can be read in grey. matplotlib is imported when something is drawn,
not with this module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

    Drawn = TypeVar("Drawn", Figure, Axes)

ORANGE, BLUE, GREEN, GREY, RED = "#E69F00", "#0072B2", "#009E73", "#6b6b6b", "#D55E00"
MODEL_STYLES: dict[str, dict[str, Any]] = {
    "logistic": {"color": GREY, "linestyle": ":", "marker": "v"},
    "mlp": {"color": ORANGE, "linestyle": "-.", "marker": "s"},
    "cnn": {"color": BLUE, "linestyle": "-", "marker": "o"},
    "gru": {"color": GREEN, "linestyle": "--", "marker": "D"},
}
MODEL_TITLES = {"logistic": "logistic", "mlp": "MLP", "cnn": "CNN", "gru": "GRU"}
LINES: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linestyle": "-"}, {"color": ORANGE, "linestyle": "--"},
    {"color": GREEN, "linestyle": "-."}, {"color": RED, "linestyle": ":"})
MARKED = tuple({**line, "marker": mark} for line, mark in zip(LINES, "osDv", strict=True))
END_LABEL = "end label"  # the gid of what `label_ends` writes


def subplots(rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, np.ndarray]:
    """A new figure with room for its labels, and its axes (rows, columns); the options are those
    of `pyplot.subplots`."""
    from matplotlib import pyplot
    return pyplot.subplots(rows, columns, squeeze=False, layout="constrained", **options)


def bare(ax: Axes) -> Axes:
    """Take away the frame's upper and right side; return the axes."""
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def styled(curves: Mapping[str, Any], styles: Sequence[dict[str, Any]] = LINES,
           ) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """(label, values, style) for each curve; with more curves than styles, they come again."""
    for (label, values), style in zip(curves.items(), cycle(styles), strict=False):
        yield label, values, style


def label_ends(ax: Axes, ends: Mapping[str, tuple[float, float, str]], away: float = 6) -> None:
    """Write each label of `ends` (label -> (x, y, colour)) `away` points right of its point, up or
    down from it as far as it takes that none overlaps another or leaves the height of the axes.

    The places are found anew at every drawing, so limits, scale and size may still change.
    """
    points = np.array([(x, y) for x, y, _ in ends.values()], float)
    rows = np.array([1 + label.count("\n") for label in ends])

    def place(number: int, renderer: Any) -> Transform:
        from matplotlib.transforms import Affine2D
        _ = ax.viewLim  # settles the limits that transData goes by
        x, y = ax.transData.transform(points).T
        line = renderer.points_to_pixels(1.25 * float(labels[number].get_fontsize()))
        y = spread(y, rows * line, ax.bbox.y0, ax.bbox.y1)
        return Affine2D().translate(x[number] + renderer.points_to_pixels(away), y[number])

    labels = [ax.annotate(label, point, xytext=(0, 0), textcoords=partial(place, number),
                          color=color, va="center", annotation_clip=False, gid=END_LABEL)
              for number, (label, point, (_, _, color)) in enumerate(
                  zip(ends, points, ends.values(), strict=True))]


def spread(centres: np.ndarray, sizes: np.ndarray, low: float, high: float) -> np.ndarray:
    """Centres (N,) moved so that pieces of these sizes (N,) do not overlap and all centres are
    from `low` to `high` if there is room; the sum of the squares of the moves is least. Of two at
    the same place the first comes above.

    >>> spread(np.array([10.0, 11.0, 50.0]), np.full(3, 4.0), 0, 100)
    array([ 8.5, 12.5, 50. ])
    """
    from scipy.optimize import isotonic_regression
    order = np.argsort(-centres, kind="stable")[::-1]
    sizes = sizes[order]
    stacked = np.concatenate([[0], np.cumsum((sizes[:-1] + sizes[1:]) / 2)])
    room = np.array([low, max(low, high - stacked[-1])])
    moved = np.empty_like(centres)
    moved[order] = isotonic_regression(centres[order] - stacked).x.clip(*room) + stacked
    return moved


def described(drawn: Drawn, text: str) -> Drawn:
    """Give the figure that was drawn (or whose axes were) its alternative text, for those who
    cannot see it; return what was given. Text that it has already stays in front.

    In a notebook the text goes with the picture, as `metadata["image/png"]["alt"]` of the output.
    """
    figure: Any = drawn.figure
    text = " ".join(filter(None, [alternative_text(figure), text.replace("\n", " ")]))
    figure._repr_mimebundle_ = partial(_with_alternative, text)
    return drawn


def alternative_text(figure: Figure) -> str:
    """The alternative text of a figure; empty if it has none."""
    bundle = getattr(figure, "_repr_mimebundle_", None)
    return bundle()[1]["image/png"]["alt"] if bundle else ""


def _with_alternative(text: str, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
    """IPython's data and metadata of a figure: no data, since the notebook draws the picture."""
    return {}, {"image/png": {"alt": text}}


def listed(labels: Iterable[object]) -> str:
    """Labels as a list in a sentence.

    >>> listed(["train", "val", "test"])
    'train, val and test'
    """
    *most, last = map(str, labels)
    return f"{', '.join(most)} and {last}" if most else last


def means(results: Mapping[Any, Any]) -> str:
    """The mean of each label's values in words; the mark ≈ says that they were measured.

    >>> means({"CNN": [93, 94], "MLP": 65})
    'CNN ≈ 93.5, MLP ≈ 65'
    """
    return ", ".join(f"{label} ≈ {np.mean(values):.3g}" for label, values in results.items())


def courses(curves: Mapping[str, Any]) -> str:
    """Where each curve, values (E,) or (E, S), begins and ends, in words, means over the seeds.

    >>> courses({"train": [[2.0, 3.0], [0.5, 0.5]]})
    'train from ≈ 2.5 to ≈ 0.5'
    """
    return ", ".join(f"{label or 'the curve'} from ≈ {np.mean(values[0]):.3g} "
                     f"to ≈ {np.mean(values[-1]):.3g}" for label, values in curves.items())
