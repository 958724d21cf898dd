"""The quiz of lesson 09: a person labels signals, by clicking or in a plain list."""

from __future__ import annotations

import io
from collections.abc import MutableSequence

import numpy as np

from mnist1d_edu.arguments import finite_array


def read(labels, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The answers in a list of labels (None where there is none yet): the places (A,) in the list
    that were answered, and the digits there (A,). Says in a line or two how far it is; nothing
    that stands in the list is an error."""
    labels = list(labels)
    places = [k for k, label in enumerate(labels[:count]) if _is_digit(label)]
    odd = [k for k, label in enumerate(labels) if label is not None
           and (k >= count or not _is_digit(label))]
    for k in odd:
        fault = "is not a digit" if k < count else f"belongs to none of the {count} signals"
        print(f"left out: {labels[k]!r} at place {k} {fault}")
    print(f"{len(places)} of {count} signals labelled" if places else "no labels yet")
    return np.array(places, int), np.array([int(labels[k]) for k in places], int)


def _is_digit(label) -> bool:
    return (isinstance(label, (int, np.integer)) and not isinstance(label, bool)
            and 0 <= label <= 9)


def buttons(x, labels: MutableSequence):
    """Buttons to label the signals x (N, L) one after the other, as a widget; each click writes
    into `labels`. It begins with the first that is None, and when all are there it shows the list,
    to be pasted into the notebook: what is only clicked is lost with the kernel.

    RuntimeError without ipywidgets.
    """
    try:
        import ipywidgets
    except ImportError:
        raise RuntimeError("the buttons need ipywidgets: pip install ipywidgets; or write your "
                           "labels into the list") from None
    x = finite_array("x", x)
    picture, text = ipywidgets.Image(format="png"), ipywidgets.Label()
    keys = [ipywidgets.Button(description=str(digit), layout={"width": "3.2em"})
            for digit in range(10)]
    back = ipywidgets.Button(description="back", layout={"width": "5em"})
    labels.extend([None] * (len(x) - len(labels)))
    place = 0

    def show(new_place: int) -> None:
        nonlocal place
        place = new_place
        done = place == len(x)
        text.value = (f"done. Keep this line: my_labels = {list(labels)}" if done else
                      f"signal {place} of {len(x)}: which digit is it?")
        if not done:
            picture.value = _png(x[place])

    def click(button) -> None:
        if button is back:
            show(max(place - 1, 0))
        elif place < len(x):
            labels[place] = int(button.description)
            show(place + 1)

    for button in (*keys, back):
        button.on_click(click)
    show(next((k for k, label in enumerate(labels[:len(x)]) if label is None), len(x)))
    rows = [ipywidgets.HBox(keys[:5]), ipywidgets.HBox([*keys[5:], back])]
    return ipywidgets.VBox([text, picture, *rows])


def _png(signal: np.ndarray) -> bytes:
    """The picture of one signal."""
    from matplotlib.figure import Figure

    from mnist1d_edu import plots
    figure = Figure(figsize=(2.0, 2.8), dpi=100, layout="constrained")
    plots.upright(figure.subplots(), signal)
    image = io.BytesIO()
    figure.savefig(image, format="png")
    return image.getvalue()
