"""The helpers of the package `mnist1d`, under their names: seeds, pickles, a quick look at
signals. Used by `data` and by code written for the original."""

from __future__ import annotations

import io
import os
import pickle
import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist1d_edu.arguments import integer
from mnist1d_edu.files import write_whole
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
        self.__dict__ = d

    def __repr__(self) -> str:
        return f"ObjectView({self.__dict__!r})"


def to_pickle(thing: object, path: str | os.PathLike) -> None:
    """Write `thing` to `path` with pickle's protocol 3, replacing what is there."""
    write_whole(path, pickle.dumps(thing, protocol=3))


def from_pickle(path: str | os.PathLike) -> Any:
    """What a pickle holds, if that is plain data: None, bools, numbers, strings, bytes, lists,
    tuples, dictionaries, and NumPy arrays or scalars of numbers, bools or text.

    A pickle is a program; this reader knows no other words than those, so reading runs nothing.
    Raises ValueError for anything else, and for a broken file; OSError if it cannot be read.
    """
    with open(path, "rb") as file:
        return plain_pickle(file.read(), str(path))


def plain_pickle(content: bytes, name: str) -> Any:
    """As `from_pickle`, for bytes; `name` says in errors where they came from."""
    try:
        return _unwrapped(_PlainUnpickler(io.BytesIO(content)).load())
    except _Refused as error:
        raise ValueError(f"{name} must hold plain values and arrays only; got {error}") from None
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{name} is not a whole pickle of plain data: {text}") from None


def plot_signals(xs: np.ndarray, t: np.ndarray, labels: Sequence[int] | None = None,
                 args: object = None, ratio: float = 2.6, do_transform: bool = False,
                 dark_mode: bool = False, zoom: float = 1) -> Figure:
    """Draw the first ten signals side by side, time running downwards; show and return the
    matplotlib Figure.

    xs: (at least 10, L); t: (L,) times. `do_transform` first applies `transform` with `args`
    (from the global stream). `ratio` is height by width of a panel, `zoom` the axes' half width.
    """
    import matplotlib.pyplot as plt
    if do_transform and args is None:
        raise ValueError("args must be the dataset's arguments with do_transform; got None")
    if len(xs) < 10:
        raise ValueError(f"xs must have at least 10 signals; got {len(xs)}")
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


class _Refused(Exception):
    """A pickle names something that is not plain data."""


class _PlainType:
    """Stands for numpy.dtype while a pickle is read.

    The real one takes a state that can make raw bytes pass for pointers to objects; this one
    takes a name and a byte order and nothing else.
    """

    def __init__(self, name, *_):
        self.dtype = np.dtype(str(name))
        if self.dtype.kind not in "biufcSU":
            raise _Refused(f"an array of dtype {name!r}")

    def __setstate__(self, state):
        self.dtype = self.dtype.newbyteorder(state[1])


class _PlainArray:
    """Stands for numpy.ndarray while a pickle is read; `value` is the array."""

    def __setstate__(self, state):
        _, shape, kind, fortran, content = state
        self.value = _array(content, kind, shape, "F" if fortran else "C")


def _array(content, kind: _PlainType, shape, order="C") -> np.ndarray:
    """A writable array from its bytes (NumPy checks that they are as many as the shape asks)."""
    return np.frombuffer(bytearray(content), kind.dtype).reshape(shape, order=order)


def _scalar(kind: _PlainType, content: bytes):
    return _array(content, kind, (1,))[0]


def _wrapped_array(*args) -> _PlainArray:
    out = _PlainArray()
    out.value = _array(*args)
    return out


# NumPy 2 moved numpy.core to numpy._core; files from both sides of that name are about.
_KNOWN: dict[tuple[str, str], Any] = {("numpy", "ndarray"): _PlainArray,
                                      ("numpy", "dtype"): _PlainType}
for _core in ("numpy.core", "numpy._core"):
    _KNOWN[f"{_core}.multiarray", "_reconstruct"] = lambda *_: _PlainArray()
    _KNOWN[f"{_core}.multiarray", "scalar"] = _scalar
    _KNOWN[f"{_core}.numeric", "_frombuffer"] = _wrapped_array


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in _KNOWN:
            raise _Refused(f"{module}.{name}")
        return _KNOWN[module, name]

    def persistent_load(self, pid):
        raise _Refused("a persistent reference")


def _unwrapped(thing):
    """`thing` with each stand-in replaced by its array."""
    if isinstance(thing, _PlainArray):
        return thing.value
    if isinstance(thing, dict):
        return {key: _unwrapped(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return type(thing)(_unwrapped(value) for value in thing)
    if isinstance(thing, (_PlainType, type)) or callable(thing):
        raise _Refused("a type or a function")
    return thing
