"""Comparing what an answer returned with what it should have, and saying how they differ."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

import numpy as np

# By the coarser of the two dtypes: reordered arithmetic stays far inside, a mistake far outside.
TOLERANCE = {2: (1e-2, 1e-3), 4: (1e-4, 1e-5), 8: (1e-7, 1e-9)}
MISSING = type("Missing", (), {"__repr__": lambda self: "nothing"})()


class Difference(str):
    """A sentence about a result, such as "your result has shape (3,), expected (3, 1)".

    `in_form` says that type, shape or dtype differ, before any number was compared.
    """

    in_form: bool

    def __new__(cls, text: str, in_form: bool) -> Difference:
        self = super().__new__(cls, text)
        self.in_form = in_form
        return self


def name_of_part(path: tuple) -> str:
    """How a sentence calls a part of the result, where an exercise has no better name."""
    if not path:
        return "your result"
    *outer, last = path
    inside = f" in {name_of_part(tuple(outer))}" if outer else ""
    if isinstance(last, str):
        return (f"the {last}" if " " in last else f'your "{last}"') + inside
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth")
    if last < len(ordinals) and not outer:
        return f"the {ordinals[last]} of your results"
    return f"element {last}" + (inside or " of your result")


def difference(got, want, rtol: float | None = None, atol: float | None = None,
               name: Callable[[tuple], str] = name_of_part, path: tuple = ()) -> Difference | None:
    """The first difference of `got` from `want`, or None. Numbers are compared within a tolerance
    by dtype; integers, bools and strings exactly; tuples, lists and dicts part by part, where a
    list or an array of the same values passes for a tuple, and a tuple for a list. `name` names a
    part by its path."""
    if got is MISSING:
        return Difference(f"{name(path)} is missing", True)
    if want is None:
        return (None if got is None
                else Difference(f"{name(path)} is {shown(got)}, expected None", True))
    if got is None:
        advice = ": is a `return` missing?" if not path else f", expected {shown(want)}"
        return Difference(f"{name(path)} is None{advice}", True)
    if isinstance(want, str):
        return None if isinstance(got, str) and got == want else Difference(
            f"{name(path)} is {shown(got)}, expected {shown(want)}", False)
    if isinstance(want, (tuple, list)):
        return _sequence_difference(got, want, rtol, atol, name, path)
    if isinstance(want, dict):
        return _dict_difference(got, want, rtol, atol, name, path)
    if is_numeric(want):
        return _array_difference(got, want, rtol, atol, name(path))
    if type(got) is not type(want) or not _plainly_equal(got, want):
        return Difference(f"{name(path)} is {shown(got)}, expected {shown(want)}", True)
    return None


def agree(got, want, rtol: float | None = None, atol: float | None = None) -> bool:
    """Whether there is no `difference`, without looking for words."""
    if isinstance(got, np.ndarray) and isinstance(want, np.ndarray):
        return (got.shape == want.shape and _kinds_agree(got.dtype, want.dtype)
                and not _wrong(got, want, rtol, atol).any())
    if type(got) is type(want) and isinstance(got, (list, tuple)) and len(got) == len(want):
        return all(agree(g, w, rtol, atol) for g, w in zip(got, want, strict=True))
    if type(got) is type(want) and isinstance(got, (str, bool, int)):
        return got == want
    return difference(got, want, rtol, atol) is None


def pairs(got, want) -> dict[tuple, tuple]:
    """Path -> (got, want) for every part of `want`: elements of a tuple, values of a dict.

    A list of numbers or of arrays of one shape is one part, an array. Where `got` is built
    otherwise, that level is one part as it is; a key that is not there is MISSING.
    """
    if isinstance(want, dict) and isinstance(got, dict) and want:
        return {(key, *path): pair for key in want
                for path, pair in pairs(got.get(key, MISSING), want[key]).items()}
    if isinstance(want, list) and stacked(want) is not None:
        mine = stacked(got) if isinstance(got, (list, tuple)) else got
        return {(): (got if mine is None else mine, stacked(want))}
    if isinstance(want, (tuple, list)) and _passes_for(got, want) and len(got) == len(want) > 0:
        return {(i, *path): pair for i in range(len(want))
                for path, pair in pairs(got[i], want[i]).items()}
    return {(): (got, want)}


def same_content(one, other) -> bool:
    """Whether two arguments hold the same data, exactly; things that hold none always do."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return (one.shape == other.shape and one.dtype == other.dtype
                and bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")))
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same_content, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_content(one[k], other[k]) for k in one)
    return True


def shown(value, limit: int = 60, digits: int = 4) -> str:
    """A value on one line: small arrays in full, larger ones by shape."""
    if isinstance(value, np.ndarray) and value.ndim:
        text = _array_text(value, digits) if value.size <= 12 else ""
        if not text or len(text) > limit:
            text = f"{with_article(_kind(value))} of shape {value.shape}"
        return text
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.item()
    if isinstance(value, float):
        return f"{value + 0.0:.{max(digits + 2, 6)}g}"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value):
        return "a function"
    text = _container_text(value, limit, digits)
    return text if len(text) <= limit else _summary(value)


def told_apart(got, want, limit: int = 60) -> tuple[str, str] | None:
    """Both as text with as many digits as their difference needs; None if they do not fit."""
    for digits in (4, 6, 8, 10, 12, 15):
        one, other = (shown(v, limit, digits) for v in (got, want))
        if _is_summary(one) or _is_summary(other):
            return None
        if one != other:
            return one, other
    return None


def is_numeric(value) -> bool:
    """Whether this is a number or an array."""
    return isinstance(value, (np.ndarray, np.generic, numbers.Number))


def stacked(values) -> np.ndarray | None:
    """A list of numbers or of arrays of one shape as one array; None if it is another."""
    if not values or not all(map(is_numeric, values)):
        return None
    return np.array(values) if len({np.shape(v) for v in values}) == 1 else None


def with_article(word: str) -> str:
    """"an int", "a list"."""
    return f"{'an' if word[0] in 'aeio' else 'a'} {word}"


def _kind(value) -> str:
    return {"i": "integer array", "u": "integer array", "b": "array of bools"}.get(
        value.dtype.kind, "array")


def _array_text(value: np.ndarray, digits: int) -> str:
    if value.dtype.kind == "f":
        value = value + 0.0   # no "-0."
    text = np.array2string(value, separator=", ", precision=digits, suppress_small=digits <= 4,
                           threshold=9)
    return " ".join(text.split()).replace("[ ", "[")


def _container_text(value, limit: int, digits: int) -> str:
    if isinstance(value, (tuple, list)):
        inner = ", ".join(shown(v, limit, digits) for v in value)
        if isinstance(value, tuple):
            return f"({inner}{',' if len(value) == 1 else ''})"
        return f"[{inner}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{shown(k)}: {shown(v, limit, digits)}"
                               for k, v in value.items()) + "}"
    return " ".join(repr(value).split())


def _summary(value) -> str:
    """What cannot be shown in full: "a list of 3 arrays"."""
    kind = with_article(type(value).__name__)
    if not isinstance(value, (tuple, list)):
        return kind
    inner = {_plural(v) for v in value}
    return f"{kind} of {len(value)} {inner.pop() if len(inner) == 1 else 'things'}"


def _plural(value) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        return "arrays"
    return "numbers" if is_numeric(value) else f"{type(value).__name__}s"


def _is_summary(text: str) -> bool:
    return text.startswith(("a ", "an ", "the class "))


def _plainly_equal(one, other) -> bool:
    """Whether == says so; things that cannot be compared are not the same."""
    try:
        return bool(one == other)
    except Exception:
        return one is other


def _passes_for(got, want) -> bool:
    """Whether `got` may stand for a tuple or list: a tuple is also met by an array, whose rows are
    as its parts should be; a list, which is asked for where its elements may be anything, not."""
    if isinstance(got, np.ndarray) and isinstance(want, tuple):
        return got.ndim > 0 and len(got) > 0 and (
            len(want) == 0 or np.ndim(got[0]) == np.ndim(want[0]))
    return isinstance(got, (tuple, list))


def _sequence_difference(got, want, rtol, atol, name, path):
    kind = with_article(type(want).__name__)
    if not _passes_for(got, want):
        what = "parts" if isinstance(want, tuple) else "elements"
        return Difference(f"{name(path)} is {shown(got)}, expected {kind} of {len(want)} {what}",
                          True)
    if len(got) != len(want):
        what = "elements" if isinstance(want, list) or isinstance(got, np.ndarray) else "parts"
        return Difference(f"{name(path)} has {len(got)} {what}, expected {len(want)}", True)
    for i, (g, w) in enumerate(zip(got, want, strict=True)):
        found = difference(g, w, rtol, atol, name, (*path, i))
        if found:
            return found
    return None


def _dict_difference(got, want, rtol, atol, name, path):
    if not isinstance(got, dict):
        return Difference(f"{name(path)} is {shown(got)}, expected a dict", True)
    missing, extra = [k for k in want if k not in got], [k for k in got if k not in want]
    for words, keys in (("lacks the key", missing),
                        ("has a key that does not belong there,", extra)):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            return Difference(f"{name(path)} {words} {keys[0]!r}{more}", True)
    for key in want:
        found = difference(got[key], want[key], rtol, atol, name, (*path, key))
        if found:
            return found
    return None


def _array_difference(got, want, rtol, atol, what):
    if not is_numeric(got):
        kind = with_article(type(got).__name__)
        expected = "an array" if isinstance(want, np.ndarray) and want.ndim else "a number"
        advice = " (np.array makes one of it)" if isinstance(got, list) else ""
        return Difference(f"{what} is {kind}, expected {expected}{advice}", True)
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape:
        return Difference(f"{what} has {_shape(got)}, expected {_shape(want)}", True)
    if not _kinds_agree(got.dtype, want.dtype):
        return Difference(f"{what} has {_dtype(got)}, expected {_dtype(want)}", True)
    wrong = _wrong(got, want, rtol, atol)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    bad = got.dtype.kind in "fc" and ~np.isfinite(got) & np.isfinite(want)
    if np.any(bad):
        index = tuple(int(i) for i in np.argwhere(bad)[0])
    where = f" at index {index if len(index) > 1 else index[0]}" if index else ""
    if np.any(bad):
        return Difference(f"{what} is {got[index]}{where}, expected {shown(want[index])}", True)
    whole = told_apart(got, want) if got.size <= 12 else None
    if whole:
        return Difference(f"{what} is {whole[0]}, expected {whole[1]}", False)
    one, other = told_apart(got[index], want[index]) or (got[index], want[index])
    return Difference(f"{what} is {one}{where}, expected {other}", False)


def _shape(array) -> str:
    return f"shape {array.shape}" if array.ndim else "shape () (a single number)"


def _dtype(array) -> str:
    words = {"i": "whole numbers", "u": "whole numbers", "f": "decimal numbers", "b": "bools",
             "c": "complex numbers"}.get(array.dtype.kind)
    return f"{words} (dtype {array.dtype})" if words else f"dtype {array.dtype}"


def _kinds_agree(got: np.dtype, want: np.dtype) -> bool:
    """Whole numbers pass for floats where their values are right; all else must be of one kind."""
    kind = {"u": "i"}
    a, b = kind.get(got.kind, got.kind), kind.get(want.kind, want.kind)
    return a == b or (a, b) == ("i", "f") or (a, b) == ("f", "c")


def _wrong(got, want, rtol, atol) -> np.ndarray:
    return ~_close(got, want, rtol, atol) if want.dtype.kind in "fc" else got != want


def _close(got, want, rtol, atol):
    size = min((d.itemsize // (2 if d.kind == "c" else 1)
                for d in (got.dtype, want.dtype) if d.kind in "fc"), default=8)
    default = TOLERANCE[min(max(size, 2), 8)]
    rtol = default[0] if rtol is None else rtol
    atol = default[1] if atol is None else atol
    with np.errstate(all="ignore"):
        got, want = (a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)
                     for a in (got, want))
        # NaN and infinities must stand in the same places; one tolerance for the whole array's
        # scale, so that a sum that cancels to almost nothing is not held to its own size.
        finite = np.abs(want[np.isfinite(want)])
        scale = float(finite.max()) if finite.size else 0.0
        margin = atol + rtol * (scale if math.isfinite(scale) else 0.0)
        return (got == want) | (np.abs(got - want) <= margin) | (np.isnan(got) & np.isnan(want))
