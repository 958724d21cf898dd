"""Checks at the boundary of public functions: each error names the argument, what it must be and
what it was, in one line."""

from __future__ import annotations

import math
import numbers
import operator
from collections.abc import Iterable
from typing import TypeVar

import numpy as np

T = TypeVar("T")


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
    except TypeError:
        raise TypeError(f"{name} must be {allowed}; got {shown(value)}") from None
    if (low is not None and result < low) or (high is not None and result > high):
        raise ValueError(f"{name} must be {allowed}; got {result}")
    return result


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
    result = float(value)
    outside = ((low is not None and result < low) or (high is not None and result > high)
               or (above is not None and result <= above)
               or (below is not None and result >= below))
    if outside or not math.isfinite(result):
        raise ValueError(f"{name} must be {allowed}; got {value}")
    return result


def one_of(name: str, value: T, allowed: Iterable) -> T:
    """`value` if it is in `allowed`; ValueError with the nearest name otherwise.

    >>> one_of("scale", "papr", ["quick", "paper"])
    Traceback (most recent call last):
    ValueError: scale must be one of 'quick', 'paper'; got 'papr' (did you mean 'paper'?)
    """
    allowed = list(allowed)
    if value in allowed:
        return value
    import difflib
    near = difflib.get_close_matches(str(value), [str(a) for a in allowed], n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}; got {value!r}{hint}")


def finite_array(name: str, value: object) -> np.ndarray:
    """`value` as an array of finite floats (float32 stays float32, integers become float64)."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
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


def shown(value: object) -> str:
    """A value and its type, cut to fit in one line; of an array, its shape and dtype."""
    kind = type(value).__name__
    data = getattr(value, "data", None) if hasattr(type(value), "parents") else value
    if isinstance(data, np.ndarray) and data.size > 4:
        article = "an array" if data is value else "a Tensor"
        return f"{article} of shape {data.shape} and dtype {data.dtype}"
    try:
        text = " ".join(repr(value).split())
    except Exception:   # an object of others may raise whatever it likes
        return f"an object that cannot be shown ({kind})"
    return f"{text if len(text) <= 40 else text[:37] + '...'} ({kind})"
