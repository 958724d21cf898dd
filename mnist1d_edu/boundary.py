"""What a public function answers when it is given what it cannot use: one line that names the
argument, what it must be and what it was.

Functions that are called once check their arguments as they begin (arguments.py). An operation of
the engine is called a million times, so it is asked only when it has failed: `explained` looks for
the first argument that is not what its annotation says. It costs nothing where all is well.
"""

from __future__ import annotations

import functools
import inspect
import numbers
import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np

from mnist1d_edu.arguments import one_line, shown

Operand: TypeAlias = Any  # a Tensor, or anything that NumPy makes an array of
Axis: TypeAlias = Any  # None for all axes, an integer, or several
Shape: TypeAlias = Any  # an integer, or several
F = TypeVar("F", bound=Callable)


def explained(function: F) -> F:
    """`function`, which raises TypeError or ValueError of one line for what it cannot use.

    An error that the function words itself ("x must be ...; got ...") goes through as it is.

    >>> @explained
    ... def half(x: float) -> float:
    ...     return x / 2
    >>> half("1")
    Traceback (most recent call last):
    TypeError: x must be a number; got '1' (str)
    """
    return _asking(function, together=True)


def explain_all(names: dict[str, Any], returning: str = "", chosen: Collection[str] = (),
                besides: Collection[str] = ()) -> None:
    """Put `explained` functions in the place of a module's public ones. names: its globals();
    returning: those with this type of result alone; chosen: these alone, wherever they are from."""
    for name, value in list(names.items()):
        own = name in chosen if chosen else getattr(value, "__module__", "") == names["__name__"]
        if (own and inspect.isfunction(value) and not name.startswith("_") and name not in besides
                and returning in ("", value.__annotations__.get("return"))):
            names[name] = explained(value)


def explained_inputs(function: F) -> F:
    """As `explained`, for what calls code of others: an error of that code stays what it is, unless
    an argument is not what its annotation says."""
    return _asking(function, together=False)


def _asking(function: F, together: bool) -> F:
    """A function with the same parameters that passes them on by place: a call that Python makes
    in a tenth of the time that `*given, **named` would take."""
    code, flags = function.__code__, inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
    if code.co_flags & flags or code.co_kwonlyargcount:
        def asked(*given, **named):
            try:
                return function(*given, **named)
            except Exception as error:
                found = explanation(function, given, named, error, together)
                raise found from (None if found is error else error)
    else:
        names = "".join(f"{name}, " for name in code.co_varnames[:code.co_argcount])
        place: dict[str, Any] = {"_function": function, "_explanation": explanation}
        exec(f"""def asked({names}):
    try:
        return _function({names})
    except Exception as _error:
        _found = _explanation(_function, ({names}), {{}}, _error, {together})
        raise _found from (None if _found is _error else _error)
""", place)
        asked = place["asked"]
        asked.__defaults__ = function.__defaults__
    return functools.update_wrapper(asked, function)  # type: ignore[return-value]


def explanation(function: Callable, given: tuple, named: dict, error: BaseException,
                together: bool = True) -> BaseException:
    """The error to raise for `error`, which `function` met with these arguments. together: if each
    of them is what its annotation says, tell that they do not fit each other."""
    if worded(error, inspect.signature(function).parameters):
        return error
    try:
        bound = inspect.signature(function).bind(*given, **named)
    except TypeError as wrong:      # one too many, or one that is missing: Python names it
        return TypeError(f"{function.__name__}: {wrong}")
    parameters, values = bound.signature.parameters, _flat(bound)
    for name, value in values.items():
        allowed = misfit(str(parameters[name.partition("[")[0]].annotation), value)
        if allowed:
            return TypeError(f"{name} must be {allowed}; got {shown(value)}")
    if not together or not values:
        return error
    parts = [f"{name}: {shown(value)}" for name, value in values.items() if name != "self"]
    kind = (TypeError if isinstance(error, TypeError) else
            IndexError if isinstance(error, IndexError) and "index" in values else ValueError)
    return kind(f"{', '.join(name for name in values if name != 'self')} must fit "
                f"{'each other' if len(parts) > 1 else 'this function'}, and do not "
                f"({reason(error)}); got {one_line('; '.join(parts), 300)}")


def worded(error: BaseException, names: Iterable[str]) -> bool:
    """Whether an error says already which of these arguments must be what, and what was."""
    who, _, what = str(error).partition(" must ")
    return ("got " in what and "\n" not in what and isinstance(error, (TypeError, ValueError))
            and any(re.search(rf"\b{name}\b", who) for name in names))


def reason(error: BaseException) -> str:
    """What an error says, in one line."""
    if isinstance(error, KeyError):
        return f"there is no {one_line(error, 60)}"
    return one_line(error, 160) or type(error).__name__


def _flat(bound: inspect.BoundArguments) -> dict[str, Any]:
    """The arguments by name; those of `*args` as args[0], args[1] ..."""
    values: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            values |= {f"{name}[{i}]": each for i, each in enumerate(value)}
        elif kind is not inspect.Parameter.VAR_KEYWORD:
            values[name] = value
    return values


# ---------------------------------------------------------------------------- annotations


def misfit(annotation: str, value: object) -> str:
    """"" if a value is what an annotation says, or else what it says, in words."""
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", annotation)) != annotation:
        annotation = shorter
    kinds = [KINDS.get(word.strip().rpartition(".")[2]) for word in annotation.split("|")]
    known = [kind for kind in kinds if kind is not None]
    if len(known) < len(kinds) or any(_fits(test, value) for _, test in known):
        return ""
    return " or ".join(words for words, _ in known)


def _fits(test: Callable[[object], bool], value: object) -> bool:
    try:
        return bool(test(value))
    except Exception:   # whatever an object of others may raise
        return False


def is_numeric(value: object) -> bool:
    """Whether NumPy makes an array of numbers or booleans of it, or a Tensor holds one."""
    return _kind(getattr(value, "data", value) if hasattr(value, "parents") else value) in "biuf"


def is_axis(value: object) -> bool:
    """None, an axis, or several."""
    each = value if isinstance(value, (tuple, list)) else (value,)
    return value is None or all(map(is_integer, each))


def is_shape(value: object) -> bool:
    """A length, or several."""
    each = value if isinstance(value, Iterable) else (value,)
    return not isinstance(value, (str, bytes)) and all(map(is_integer, each))


def is_integer(value: object) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, (bool, np.bool_, np.ndarray))


def _is_dtype(value: object) -> bool:
    try:
        return np.dtype(value).kind in "biuf"  # type: ignore[call-overload]
    except Exception:
        return False


def _kind(value: object) -> str:
    """The kind of the dtype of what NumPy makes of a value; "?" if it makes nothing of it."""
    try:
        return np.asarray(value).dtype.kind
    except Exception:   # whatever an object of others may raise
        return "?"


def _is_a(*kinds: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kinds)


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


KINDS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "Operand": ("a Tensor or an array of numbers", is_numeric),
    "ndarray": ("an array of numbers", lambda value: _kind(value) in "biuf"),
    "Tensor": ("a Tensor", lambda value: hasattr(value, "parents")),
    "Axis": ("None, an axis, or several", is_axis),
    "Shape": ("a length, or several", is_shape),
    "DType": ("a dtype of numbers", _is_dtype),
    "int": ("an integer", is_integer),
    "float": ("a number", lambda value: isinstance(value, (numbers.Real, np.number))
              or (getattr(value, "ndim", 1) == 0 and _kind(value) in "iuf")),
    "bool": ("True or False", _is_a(bool, np.bool_, int)),
    "str": ("a string", _is_a(str)),
    "None": ("None", lambda value: value is None),
    "History": ("what fit returns", lambda value: hasattr(value, "train_accuracy")),
    "Axes": ("matplotlib's axes", lambda value: hasattr(type(value), "plot")),
    "dict": ("a dictionary", _is_a(Mapping)),
    "Mapping": ("a dictionary", _is_a(Mapping)),
    "Callable": ("a function", callable),
    "Path": ("a path", _is_a(str, os.PathLike)),
    "PathLike": ("a path", _is_a(str, os.PathLike)),
    "Collection": ("a list", lambda value: _is_list(value) and isinstance(value, Collection)),
    "Sequence": ("a list", _is_list), "list": ("a list", _is_list), "tuple": ("a tuple", _is_list),
    "Iterable": ("a list", _is_list),
    "RandomState": ("a numpy.random.RandomState", _is_a(np.random.RandomState)),
}
