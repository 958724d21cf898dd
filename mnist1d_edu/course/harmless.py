"""What comes back from a student's code, without the code that may be in it.

A result can be an object whose `__repr__` never ends, whose `__eq__` raises, whose `__class__`
lies. The judge compares and shows results, and would run all that. So whatever is not made of plain
values, arrays, functions and the course's own objects is exchanged for a stand-in that bears its
class's name; this happens while the time limit is on.
"""

from __future__ import annotations

import sys
import types

import numpy as np

PLAIN = {type(None), bool, int, float, complex, str, bytes, range, slice, type(...),
         types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.GeneratorType, type,
         types.ModuleType, np.ufunc, np.dtype}
TRUSTED = ("builtins", "numpy", "mnist1d_edu", "functools", "itertools", "operator")
DEEPEST = 50


class Foreign:
    """Stands for an object of a class that is not known; its own class bears that one's name."""

    def __init__(self, text: str):
        self._text = text

    def __repr__(self) -> str:
        return self._text


def harmless(value, depth: int = 0):
    """`value` itself if it is harmless; else a copy of it, as far as it has plain parts, with
    stand-ins for the others."""
    kind = type(value)
    if kind in PLAIN or _trusted(kind):
        return value
    if issubclass(kind, np.ndarray):
        return _array(value, depth)
    for base in (list, tuple, set, frozenset, dict):
        if issubclass(kind, base):
            return _container(value, kind, base, depth)
    for base in (str, bytes, int, float, complex):
        if issubclass(kind, base):
            return base(*base.__getnewargs__(value))
    return stand_in(kind, value)


def harmless_error(error: BaseException) -> BaseException:
    """`error`, or one like it that can be shown: of the same class if that is one of Python's or
    the course's, else of a class of that name below the nearest of Python's."""
    kind = type(error)
    arguments = BaseException.__dict__["args"].__get__(error)
    if _trusted(kind):
        if not all(type(argument) in PLAIN for argument in arguments):
            error.args = (_text(error, str),)
        return error
    base = next(c for c in type.__dict__["__mro__"].__get__(kind) if _trusted(c))
    made = type(_name(kind), (base,), {"__init__": BaseException.__init__,
                                       "__str__": BaseException.__str__})(_text(error, str))
    return made.with_traceback(BaseException.__dict__["__traceback__"].__get__(error))


def stand_in(kind: type, value) -> Foreign:
    return type(_name(kind), (Foreign,), {})(_text(value, repr))


def _container(value, kind: type, base: type, depth: int):
    if depth > DEEPEST:
        return stand_in(kind, None)
    if base is dict:
        if not all(_plain_key(key) for key in dict.keys(value)):
            return stand_in(kind, None)
        parts, keys = list(dict.values(value)), list(dict.keys(value))
    else:
        parts = list(base.__iter__(value))
    if kind is base and set(map(type, parts)) <= PLAIN:
        return value
    if base in (set, frozenset):
        return stand_in(kind, None)
    new = [harmless(part, depth + 1) for part in parts]
    if kind is base and all(mine is part for mine, part in zip(new, parts, strict=True)):
        return value
    return dict(zip(keys, new, strict=True)) if base is dict else base(new)


def _array(value: np.ndarray, depth: int):
    plain = value if type(value) is np.ndarray else np.ndarray.view(value, np.ndarray)
    if not plain.dtype.hasobject:
        return plain
    if plain.dtype.kind != "O" or depth > DEEPEST:
        return stand_in(np.ndarray, None)
    new = np.empty(plain.shape, object)
    for index in np.ndindex(plain.shape):
        new[index] = harmless(plain[index], depth + 1)
    return new


def _plain_key(key) -> bool:
    return type(key) in PLAIN or _trusted(type(key)) \
        or (type(key) is tuple and all(map(_plain_key, key)))


def _trusted(kind: type) -> bool:
    """Whether a class is one of Python's, NumPy's or the course's own: found under its name."""
    if type(kind) is not type:
        return False
    module = type.__dict__["__module__"].__get__(kind)
    if type(module) is not str or module.split(".")[0] not in TRUSTED:
        return False
    if kind is np.ndarray or issubclass(kind, (list, tuple, set, frozenset, dict)):
        return False    # what is in them counts
    return getattr(sys.modules.get(module), _name(kind), None) is kind


def _name(kind: type) -> str:
    return str.__str__(type.__dict__["__name__"].__get__(kind))


def _text(value, write) -> str:
    """What `write` (str or repr) says of a value, or that it says nothing."""
    try:
        text = write(value)
        return str.__str__(text)[:1000]
    except Exception as error:
        return f"(which cannot be shown: {_name(type(error))})"
