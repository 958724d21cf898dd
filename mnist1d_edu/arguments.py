"""Checks at the boundary of public functions: each error names the argument, what it must be and
what it was, in one line."""

from __future__ import annotations

import contextlib
import math
import numbers
import operator
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
MOST_SIZE = 2**24


def integer(name: str, value: object, low: int | None = None, high: int | None = None) -> int:
    """`value` as an int in [low, high]; TypeError or ValueError otherwise.

    >>> integer("steps", np.int64(3), low=0)
    3
    >>> integer("steps", -1, low=0)
    Traceback (most recent call last):
    ValueError: steps must be an integer of at least 0; got -1
    """
    allowed = "an integer" + _between(low, high)
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be {allowed}; got {value!r}, a bool")
    try:
        result = operator.index(value)  # type: ignore[arg-type]
    except Exception:
        raise TypeError(f"{name} must be {allowed}; got {shown(value)}") from None
    if (low is not None and result < low) or (high is not None and result > high):
        raise ValueError(f"{name} must be {allowed}; got {cut(str(result))}")
    return result


def size(name: str, value: object) -> int:
    """`value` as a number of inputs, units, channels or the like, from 1 to MOST_SIZE."""
    found = integer(name, value, low=1)
    if found > MOST_SIZE:
        raise ValueError(f"{name} must be an integer of at most {MOST_SIZE}; got "
                         f"{cut(str(found))}")
    return found


def real(name: str, value: object, low: float | None = None, high: float | None = None, *,
         above: float | None = None, below: float | None = None) -> float:
    """`value` as a finite float in [low, high], greater than `above` and less than `below`.

    >>> real("rate", 0, above=0)
    Traceback (most recent call last):
    ValueError: rate must be a finite number above 0; got 0
    """
    allowed = "a finite number" + _between(low, high) + ("" if above is None else f" above {above}")
    allowed += "" if below is None else f" below {below}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (numbers.Real, np.floating)):
        raise TypeError(f"{name} must be {allowed}; got {shown(value)}")
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    outside = ((low is not None and result < low) or (high is not None and result > high)
               or (above is not None and result <= above)
               or (below is not None and result >= below))
    if outside or not math.isfinite(result):
        raise ValueError(f"{name} must be {allowed}; got {cut(str(value))}")
    return result


def one_of(name: str, value: T, allowed: Iterable) -> T:
    """`value` if it is in `allowed`; ValueError with the nearest name otherwise.

    >>> one_of("scale", "papr", ["quick", "paper"])
    Traceback (most recent call last):
    ValueError: scale must be one of 'quick', 'paper'; got 'papr' (did you mean 'paper'?)
    """
    allowed = list(allowed)
    for each in allowed:
        with contextlib.suppress(Exception):    # whatever an object of others may raise
            if not isinstance(value, np.ndarray) and bool(value == each):
                return each
    import difflib
    text = cut(value) if isinstance(value, str) else ""
    near = difflib.get_close_matches(text, [str(a) for a in allowed], n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    got = cut(repr(value)) if isinstance(value, str) else shown(value)
    raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; got {got}{hint}")


def boolean(name: str, value: object) -> bool:
    """`value` if it is True or False (also NumPy's)."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {shown(value)}")
    return bool(value)


def function(name: str, value: Any, like: str = "a function") -> Callable:
    """`value` if it can be called. like: what it must be, in words."""
    if not callable(value):
        raise TypeError(f"{name} must be {like}; got {shown(value)}")
    return value


def string(name: str, value: object) -> str:
    """`value` if it is a string."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string; got {shown(value)}")
    return value


def path(name: str, value: object) -> Path:
    """`value` as a path."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path; got {shown(value)}")
    found = Path(value)
    if "\0" in str(found):
        raise ValueError(f"{name} must be a path without null characters; got {shown(value)}")
    return found


def stream(name: str, value: object) -> np.random.RandomState:
    """`value` if it is a numpy.random.RandomState."""
    if not isinstance(value, np.random.RandomState):
        raise TypeError(f"{name} must be a numpy.random.RandomState; got {shown(value)}")
    return value


def mapping(name: str, value: object) -> Mapping:
    """`value` if it is a dictionary, or a mapping of another sort."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dictionary; got {shown(value)}")
    return value


def finite_array(name: str, value: object) -> np.ndarray:
    """`value` as an array of finite floats (float32 stays float32, integers become float64)."""
    try:
        array = np.asarray(value)
    except Exception:   # rows of different lengths, or whatever an object of others may raise
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be an array of numbers; got {shown(value)}")
    array = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite; got {array[where]} at index {where}")
    return array


def one_line(text: object, most: int = 200) -> str:
    """`text` without line breaks, cut to at most `most` characters, for the message of an error.

    >>> one_line("two\\nlines", most=6)
    'two l…'
    """
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[:most - 1] + "…"


def _between(low, high) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}"
    if low is not None:
        return f" of at least {low}"
    return "" if high is None else f" of at most {high}"


def any_array(name: str, value: object) -> np.ndarray:
    """`value` as an array of numbers, bools or text."""
    try:
        array = np.asarray(value)
    except Exception:   # rows of different lengths, or whatever an object of others may raise
        array = np.asarray(None)
    if array.dtype.kind not in "biufcSU":
        raise TypeError(f"{name} must be an array of numbers or text; got {shown(value)}")
    return array


def shown(value: object) -> str:
    """A value and its type, cut to fit in one line; of an array, its shape and dtype."""
    kind = type(value).__name__
    data = getattr(value, "data", None) if hasattr(type(value), "parents") else value
    if isinstance(data, np.ndarray) and data.size > 4:
        article = "an array" if data is value else "a Tensor"
        return f"{article} of shape {data.shape} and dtype {data.dtype}"
    return f"{text_of(value)} ({kind})"


def text_of(value: object) -> str:
    """A value's repr, cut to fit in one line."""
    try:
        return cut(" ".join(repr(value).split()))
    except Exception:   # an object of others may raise whatever it likes
        return "an object that cannot be shown"


def cut(text: str, most: int = 40) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else f"{text[:most - 3]}..."
