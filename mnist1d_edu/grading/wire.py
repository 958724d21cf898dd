"""Results as JSON, from the process that runs a student's code to the one that judges it.

Not pickle: whoever unpickles runs what the sender likes. Only plain data are made again here; all
else becomes a stand-in that bears its class's name. Whatever the text says, `decoded` returns data
or raises ValueError.
"""

from __future__ import annotations

import base64
import builtins
import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from mnist1d_edu.course.guard import Outcome, TimeLimit
from mnist1d_edu.course.harmless import Foreign

KINDS = "biufcUS"       # of dtypes that hold data and no pointers
EXERCISES = "mnist1d_edu.course.exercises."     # whose drives have arrays with attributes
DEEPEST = 60
LONGEST_TEXT = 100_000


def encoded(value):
    """`value`, as `guard.run` gives it back, in terms of JSON."""
    if value is None or type(value) in (bool, float):
        return value
    if type(value) is int:
        return value if abs(value) < 2**60 else ["int", str(value)[:5000]]
    if type(value) is str:
        return ["str", value[:LONGEST_TEXT]]
    if type(value) is complex:
        return ["complex", value.real, value.imag]
    if type(value) is np.ndarray and value.dtype.kind in KINDS:
        data = np.ascontiguousarray(value)
        return ["array", value.dtype.str, list(value.shape), _text(data.tobytes())]
    if isinstance(value, np.ndarray) and type(value).__module__.startswith(EXERCISES):
        return ["subclass", type(value).__module__, type(value).__name__,
                encoded(value.view(np.ndarray)), [[k, encoded(v)] for k, v in vars(value).items()]]
    if isinstance(value, np.generic) and value.dtype.kind in KINDS:
        return ["scalar", value.dtype.str, _text(value.tobytes())]
    if type(value) in (list, tuple):
        return [type(value).__name__, [encoded(v) for v in value]]
    if type(value) is dict:
        return ["dict", [[encoded(k), encoded(v)] for k, v in value.items()]]
    if isinstance(value, type):
        return ["class", value.__name__]
    if callable(value):
        return ["function"]
    return ["other", type(value).__name__, repr(value)[:200]]


def decoded(told, depth: int = 0):
    """The value again; ValueError if `told` is not of the form that `encoded` gives."""
    if told is None or type(told) in (bool, int, float):
        return told
    if depth > DEEPEST or type(told) is not list or not told:
        raise ValueError("not a result")
    kind, *content = told
    try:
        return _MAKERS[kind](depth + 1, *content)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        raise ValueError("not a result") from None


def encoded_outcome(outcome: Outcome, own_line: str) -> dict:
    """An outcome; own_line: the line of the student's code that its error went through."""
    error = None
    if outcome.error is not None:
        arguments = outcome.error.args if not outcome.timed_out else ()
        error = [type(outcome.error).__name__, [encoded(a) for a in arguments], own_line]
    return {"value": encoded(outcome.value), "error": error,
            "arguments": [encoded(a) for a in outcome.arguments]}


def decoded_outcome(told: dict) -> Outcome:
    """The outcome again; ValueError if it is malformed."""
    try:
        error = None if told["error"] is None else _error(*told["error"])
        arguments = tuple(decoded(a) for a in told["arguments"])
        return Outcome(decoded(told["value"]), error, arguments)
    except (KeyError, TypeError):
        raise ValueError("not an outcome") from None


def _error(name: str, arguments: list, own_line: str) -> BaseException:
    kind: Any = TimeLimit if name == "TimeLimit" else getattr(builtins, name, None)
    if name == "LinAlgError":
        kind = np.linalg.LinAlgError
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        kind = type(str(name), (Exception,), {})
    error = kind.__new__(kind)
    error.args = tuple(decoded(a) for a in arguments)
    error.own_line = str(own_line)[:200]
    return error


def _array(depth: int, dtype: str, shape: list, data: str) -> np.ndarray:
    kind = _plain(dtype)
    content = base64.b64decode(data, validate=True)
    if len(content) != math.prod(shape) * kind.itemsize or not all(
            type(n) is int and n >= 0 for n in shape):
        raise ValueError
    return np.frombuffer(content, kind).reshape(shape).copy() if content \
        else np.empty(shape, kind)


def _scalar(depth: int, dtype: str, data: str):
    return _array(depth, dtype, [], data)[()]


def _subclass(depth: int, module: str, name: str, data: list, attributes: list) -> np.ndarray:
    kind = getattr(sys.modules[module], name) if module.startswith(EXERCISES) else None
    if not (isinstance(kind, type) and issubclass(kind, np.ndarray)):
        raise ValueError
    array = decoded(data, depth).view(kind)
    for attribute, value in attributes:
        vars(array)[str(attribute)] = decoded(value, depth)
    return array


def _plain(dtype: str) -> np.dtype:
    kind = np.dtype(dtype)
    if kind.kind not in KINDS:
        raise ValueError
    return kind


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _a_function(*_):
    """Stands for a function that an answer returned."""


_MAKERS: dict[str, Callable] = {
    "int": lambda depth, text: int(text),
    "str": lambda depth, text: str(text),
    "complex": lambda depth, real, imaginary: complex(real, imaginary),
    "array": _array,
    "scalar": _scalar,
    "subclass": _subclass,
    "list": lambda depth, parts: [decoded(p, depth) for p in parts],
    "tuple": lambda depth, parts: tuple(decoded(p, depth) for p in parts),
    "dict": lambda depth, parts: {decoded(k, depth): decoded(v, depth) for k, v in parts},
    "class": lambda depth, name: type(str(name), (), {}),
    "function": lambda depth: _a_function,
    "other": lambda depth, name, text: type(str(name), (Foreign,), {})(str(text)),
}
