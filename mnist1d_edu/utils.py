"""The helpers of the package `mnist1d`, under their names: seeds, pickles, a quick look at
signals. Used by `data` and by code written for the original."""

from __future__ import annotations

import os
import pickle
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.arguments import (
    any_array,
    boolean,
    finite_array,
    integer,
    one_line,
    real,
    shown,
)
from mnist1d_edu.arguments import path as checked_path
from mnist1d_edu.files import read_whole, write_whole
from mnist1d_edu.pickles import MOST_BYTES, plain_pickle
from mnist1d_edu.transform import transform

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def set_seed(seed: int | None) -> None:
    """Seed Python's `random` and NumPy's global legacy stream, as the original does.

    The one place of this package that touches global streams. Nothing else is seeded: the
    original's notebooks, which trained with PyTorch after calling it, were not reproducible.
    """
    if seed is not None:
        seed = integer("seed", seed, 0, 2**32 - 1)
    random.seed(seed)
    np.random.seed(seed)


class ObjectView:
    """The entries of a dictionary as attributes; it *is* that dictionary, not a copy."""

    def __init__(self, d: dict):
        if not isinstance(d, dict):
            raise TypeError(f"d must be a dictionary; got {shown(d)}")
        self.__dict__ = d

    def __repr__(self) -> str:
        return f"ObjectView({self.__dict__!r})"


def to_pickle(thing: object, path: str | os.PathLike) -> None:
    """Write `thing` to `path` with pickle's protocol 3, replacing what is there."""
    path = checked_path("path", path)
    try:
        content = pickle.dumps(thing, protocol=3)
    except Exception as error:  # of whatever is in it
        raise ValueError(f"thing must be something that pickle can write; got {shown(thing)} "
                         f"({one_line(error, 100)})") from None
    write_whole(path, content)


def from_pickle(path: str | os.PathLike) -> Any:
    """What a pickle holds, if that is plain data: None, bools, numbers, strings, bytes, lists,
    tuples, dictionaries, and NumPy arrays or scalars of numbers, bools or text.

    A pickle is a program; this reader knows no other words than those, so reading runs nothing.
    Raises ValueError for anything else, and for a broken file; OSError if it cannot be read.
    """
    path = checked_path("path", path)
    return plain_pickle(read_whole(path, MOST_BYTES), str(path))


def plot_signals(xs: np.ndarray, t: np.ndarray, labels: Sequence[int] | None = None,
                 args: object = None, ratio: float = 2.6, do_transform: bool = False,
                 dark_mode: bool = False, zoom: float = 1) -> Figure:
    """Draw the first ten signals side by side, time running downwards; show and return the
    matplotlib Figure.

    xs: (at least 10, L); t: (L,) times. `do_transform` first applies `transform` with `args`
    (from the global stream). `ratio` is height by width of a panel, `zoom` the axes' half width.
    """
    import matplotlib.pyplot as plt
    if boolean("do_transform", do_transform) and args is None:
        raise ValueError("args must be the dataset's arguments with do_transform; got None")
    xs, t, dark_mode = finite_array("xs", xs), finite_array("t", t), boolean("dark_mode", dark_mode)
    if xs.ndim != 2 or len(xs) < 10 or t.shape != xs.shape[1:]:
        raise ValueError("xs and t must have shapes (n, L) and (L,), with n at least 10; got "
                         f"{xs.shape} and {t.shape}")
    if labels is not None and (not hasattr(labels, "__getitem__") or isinstance(labels, dict)
                               or len(np.atleast_1d(any_array("labels", labels))) < 10):
        raise ValueError(f"labels must be one for each of ten signals; got {shown(labels)}")
    ratio, zoom = real("ratio", ratio, 0.1, 100), real("zoom", zoom, above=0)
    style = {"color": "w", "marker": "o", "linestyle": "", "linewidth": 6} if dark_mode else {
        "color": "k", "linewidth": 2}
    fig, axes = plt.subplots(1, 10, figsize=(15, 1.5 * ratio), dpi=60)
    for i, ax in enumerate(axes):
        x, times = transform(xs[i], t, args) if do_transform else (xs[i], t)
        if dark_mode:
            ax.set_facecolor("k")
        ax.plot(x, times, **style)
        if labels is not None:
            ax.set_title(f"label={labels[i]}", fontsize=22)
        ax.set(xlim=(-zoom, zoom), ylim=(zoom, -zoom), xticks=[], yticks=[])
    fig.subplots_adjust(wspace=0, hspace=0)
    fig.tight_layout()
    plt.show()
    return fig
