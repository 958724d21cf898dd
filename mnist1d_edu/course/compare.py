"""Comparing what an answer returned with what it should have, and saying how they differ."""

from __future__ import annotations

import math
import numbers

import numpy as np

# By the coarser of the two dtypes: reordered arithmetic stays far inside, a mistake far outside.
TOLERANCE = {2: (1e-2, 1e-3), 4: (1e-4, 1e-5), 8: (1e-7, 1e-9)}


class Difference(str):
    """A sentence part about a result, such as "has shape (3,), expected (3, 1)".

    `in_form` says that type, shape or dtype differ, before any number was compared.
    """

    in_form: bool

    def __new__(cls, text: str, in_form: bool) -> Difference:
        self = super().__new__(cls, text)
        self.in_form = in_form
        return self


def difference(got, want, rtol: float | None = None, atol: float | None = None,
               what: str = "your result") -> Difference | None:
    """The first difference of `got` from `want`, or None. Numbers are compared within a tolerance
    by dtype; integers, bools and strings exactly; tuples, lists and dicts part by part."""
    if want is None:
        return None if got is None else Difference(f"{what} is {shown(got)}, expected None", True)
    if got is None:
        return Difference(f"{what} is None: is a `return` missing?", True)
    if isinstance(want, str):
        return None if got == want else Difference(f"{what} is {got!r}, expected {want!r}", False)
    if isinstance(want, (tuple, list)):
        return _sequence_difference(got, want, rtol, atol, what)
    if isinstance(want, dict):
        return _dict_difference(got, want, rtol, atol, what)
    if _is_numeric(want):
        return _array_difference(got, want, rtol, atol, what)
    if type(got) is not type(want) or got != want:
        return Difference(f"{what} is {shown(got)}, expected {shown(want)}", True)
    return None


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


def shown(value, limit: int = 60) -> str:
    """A value on one line: small arrays in full, larger ones by shape."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, separator=", ", precision=4, suppress_small=True,
                               threshold=9) if value.size <= 12 else ""
        text = " ".join(text.split()).replace("[ ", "[")
        return text if 0 < len(text) <= limit else f"an array of shape {value.shape}"
    if isinstance(value, float):
        return f"{float(value):.6g}"
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, tuple):
        text = "(" + ", ".join(shown(v, limit) for v in value) + ")"
    else:
        text = " ".join(repr(value).split())
    return text if len(text) <= limit else f"a {type(value).__name__}"


def _is_numeric(value) -> bool:
    return isinstance(value, (np.ndarray, np.generic, numbers.Number))


def _sequence_difference(got, want, rtol, atol, what):
    kind = type(want).__name__
    if not isinstance(got, (tuple, list)):
        return Difference(f"{what} is {shown(got)}, expected a {kind} of {len(want)} parts", True)
    if len(got) != len(want):
        return Difference(f"{what} has {len(got)} parts, expected {len(want)}", True)
    for i, (g, w) in enumerate(zip(got, want, strict=True)):
        found = difference(g, w, rtol, atol, f"part {i + 1} of {what}")
        if found:
            return found
    return None


def _dict_difference(got, want, rtol, atol, what):
    if not isinstance(got, dict):
        return Difference(f"{what} is {shown(got)}, expected a dict", True)
    if got.keys() != want.keys():
        names, expected = (", ".join(map(repr, d)) for d in (got, want))
        return Difference(f"{what} has the keys {names}, expected {expected}", True)
    for key in want:
        found = difference(got[key], want[key], rtol, atol, f"{what} at {key!r}")
        if found:
            return found
    return None


def _array_difference(got, want, rtol, atol, what):
    if not _is_numeric(got):
        kind = type(got).__name__
        expected = "an array" if isinstance(want, np.ndarray) and want.ndim else "a number"
        advice = " (np.array makes one of it)" if isinstance(got, list) else ""
        return Difference(f"{what} is a {kind}, expected {expected}{advice}", True)
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape:
        return Difference(f"{what} has {_shape(got)}, expected {_shape(want)}", True)
    if not _kinds_agree(got.dtype, want.dtype):
        return Difference(f"{what} has dtype {got.dtype}, expected {want.dtype}", True)
    wrong = ~_close(got, want, rtol, atol) if want.dtype.kind in "fc" else got != want
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    bad = got.dtype.kind in "fc" and ~np.isfinite(got) & np.isfinite(want)
    if np.any(bad):
        index = tuple(int(i) for i in np.argwhere(bad)[0])
    where = f" at index {index if len(index) > 1 else index[0]}" if index else ""
    if np.any(bad):
        return Difference(f"{what} is {got[index]}{where}, expected {shown(want[index])}", True)
    whole = shown(got) if got.size <= 12 else ""
    if whole and not whole.startswith("an array") and shown(want) != whole:
        return Difference(f"{what} is {whole}, expected {shown(want)}", False)
    return Difference(f"{what} is {shown(got[index])}{where}, expected {shown(want[index])}", False)


def _shape(array) -> str:
    return f"shape {array.shape}" if array.ndim else "shape () (a single number)"


def _kinds_agree(got: np.dtype, want: np.dtype) -> bool:
    """Whole numbers pass for floats where their values are right; all else must be of one kind."""
    kind = {"u": "i"}
    a, b = kind.get(got.kind, got.kind), kind.get(want.kind, want.kind)
    return a == b or (a, b) == ("i", "f") or (a, b) == ("f", "c")


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
