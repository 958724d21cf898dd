"""The quiz of lesson 09: a person labels signals, by clicking or in a plain list.

Answers may be kept in a file of JSON, which says of which test signals of the default dataset they
are (places in its `x_test`), so that they can be shown beside the published expert's:

    {"format": "mnist1d-edu quiz answers", "version": 1,
     "test_index": [340, 341, 343], "labels": [3, 8, 5]}
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import MutableSequence, Sequence

import numpy as np

from mnist1d_edu.arguments import any_array, finite_array, integer, shown, text_of
from mnist1d_edu.arguments import path as checked_path
from mnist1d_edu.files import read_whole, write_json

FORMAT, VERSION = "mnist1d-edu quiz answers", 1
SIGNALS = 1000          # in the default test set
MOST_BYTES = 2**20


def read(labels, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The answers in a list of labels (None where there is none yet): the places (A,) in the list
    that were answered, and the digits there (A,). Says in a line or two how far it is; nothing
    that stands in the list is an error."""
    if isinstance(labels, (str, bytes, dict)) or not isinstance(
            labels, (Sequence, np.ndarray)) or (isinstance(labels, np.ndarray) and not labels.ndim):
        raise TypeError(f"labels must be a list of digits and None; got {shown(labels)}")
    labels, count = list(labels), integer("count", count, low=0)
    places = [k for k, label in enumerate(labels[:count]) if _is_digit(label)]
    odd = [k for k, label in enumerate(labels) if label is not None
           and (k >= count or not _is_digit(label))]
    for k in odd:
        fault = "is not a digit" if k < count else f"belongs to none of the {count} signals"
        print(f"left out: {text_of(labels[k])} at place {k} {fault}")
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
    if x.ndim != 2 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, L); got {x.shape}")
    if not isinstance(labels, MutableSequence):
        raise TypeError(f"labels must be a list, to be written into; got {shown(labels)}")
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


def save_answers(path: str | os.PathLike, index, labels) -> None:
    """Write answers to the new file `path`: labels (A,), digits, for the test signals index (A,).

    Says in a line what it did: a file that is there already is left as it is, and so nothing that
    a person wrote is lost. ValueError if the answers could not be loaded again.
    """
    path = checked_path("path", path)
    facts = {"format": FORMAT, "version": VERSION, "test_index": any_array("index", index).tolist(),
             "labels": any_array("labels", labels).tolist()}
    _checked(facts, "these answers (index and labels)")
    if os.path.lexists(path):
        print(f"{path} is there already and left as it is; to keep these answers, choose another "
              "name")
        return
    write_json(path, facts)
    print(f"{len(facts['labels'])} answers are kept in {path}")


def load_answers(path: str | os.PathLike) -> tuple[np.ndarray, np.ndarray]:
    """The answers in a file that `save_answers` wrote: indices into the default dataset's `x_test`
    (A,) int64, rising or not, and the digits answered (A,) int64; `data.human_labels` returns the
    expert's in the same form.

    OSError if the file cannot be read; ValueError, of one line, if it holds anything else.
    """
    path = checked_path("path", path)
    try:
        facts = json.loads(read_whole(path, MOST_BYTES).decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ValueError(f"{path} holds no JSON; it must be a file of save_answers") from None
    return _checked(facts, str(path))


def _checked(facts: object, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Indices and labels of what a file holds; ValueError if they are not in order."""
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise ValueError(f"{name} has not \"format\": {FORMAT!r}; it must be a file of "
                         "save_answers")
    if type(facts.get("version")) is not int or facts["version"] != VERSION:
        raise ValueError(f"{name} has another version than {VERSION}, the one that is known here")
    index, labels = facts.get("test_index"), facts.get("labels")
    for key, values, most in (("test_index", index, SIGNALS - 1), ("labels", labels, 9)):
        if not isinstance(values, list) or not values or not all(
                type(v) is int and 0 <= v <= most for v in values):
            raise ValueError(f"{key} of {name} must be a list of whole numbers from 0 to {most}, "
                             "and not empty")
    if len(index) != len(labels):
        raise ValueError(f"{name} has {len(index)} in test_index and {len(labels)} in labels; it "
                         "must be one label for each signal")
    if len(set(index)) < len(index):
        raise ValueError(f"test_index of {name} has a signal twice; each may be answered once")
    return np.array(index, np.int64), np.array(labels, np.int64)
