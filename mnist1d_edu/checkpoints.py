"""Saving a training run and going on with it: what a file holds, and whose run it is.

A checkpoint is a `.npz` file with a *fingerprint*: a hash of everything that the result depends on.
A run goes on from a file only if its own fingerprint is that of the file, so a file is never taken
for another run. Nothing in it is code, and it is written whole, then renamed.
"""

from __future__ import annotations

import functools
import hashlib
import io
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mnist1d_edu.files import write_whole

NEVER_NEGATIVE = ("step", "seconds", "stale", "evaluated", "state/v")
_PLAIN = (str, bytes, int, float, complex, bool, type(None), type(Ellipsis))


def save(path: Path, arrays: dict, fingerprint: str) -> None:
    """Write the state of a run."""
    content = io.BytesIO()
    np.savez(content, **arrays, fingerprint=fingerprint)
    write_whole(path, content.getvalue())


def load(path: Path, like: dict, fingerprint: str, steps: int) -> dict | None:
    """The state in a file, or None if there is no file.

    like: the arrays that must be there, with their dtypes and shapes; a name that ends in "?" may
    be missing, and an axis of length -1 may have any length. steps: those of the run; a file that
    has more is refused. Every fault is a ValueError of one line.
    """
    if not path.exists():
        return None
    saved = _read(path)
    if str(saved.pop("fingerprint", "")) != fingerprint:
        raise ValueError(f"checkpoint {path} is of another run (other data, model, seeds or "
                         "settings): name another file, or move this one away to start anew")
    for name, expected in like.items():
        if name.rstrip("?") not in saved and not name.endswith("?"):
            raise ValueError(f"checkpoint {path} lacks {name!r}: move it away to start anew")
        if name.rstrip("?") in saved:
            _check_array(path, name.rstrip("?"), saved[name.rstrip("?")], *expected)
    done = int(saved["step"])
    if done > steps:
        raise ValueError(f"checkpoint {path} has {done} steps; steps must be at least that, got "
                         f"{steps}: ask for more, or name another file")
    return saved


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        if not zipfile.is_zipfile(path):
            raise ValueError("not a .npz file")
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, KeyError, NotImplementedError, RuntimeError,
            zipfile.BadZipFile, zipfile.error) as error:
        text = " ".join(str(error).split())
        raise ValueError(f"checkpoint {path} cannot be read ({text}): it must be a file that fit "
                         "wrote; move it away to start anew") from None


def _check_array(path: Path, name: str, array: np.ndarray, dtype, shape: tuple) -> None:
    fits = len(shape) == array.ndim and all(a in (b, -1) for a, b in zip(shape, array.shape,
                                                                        strict=True))
    same = array.dtype.kind == np.dtype(dtype).kind and (
        array.dtype.kind != "f" or array.dtype == dtype)    # an integer may have another length
    if not fits or not same:
        raise ValueError(f"checkpoint {path}: {name!r} must be {np.dtype(dtype)} of shape {shape}, "
                         f"got {array.dtype} of shape {array.shape}: move it away to start anew")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"checkpoint {path}: {name!r} has NaN or infinity in it, and must be "
                         "finite: move it away to start anew")
    if name in NEVER_NEGATIVE and (array < 0).any():
        raise ValueError(f"checkpoint {path}: {name!r} must be at least 0; got {array.min()}: move "
                         "it away to start anew")


# ---------------------------------------------------------------------------- whose run it is


def fingerprint(**parts: object) -> str:
    """A hash of the named parts, the same in every process: see `identity`."""
    digest = hashlib.sha256()
    for name, part in parts.items():
        digest.update(f"{name}=".encode())
        for piece in identity(part, name):
            digest.update(piece)
    return digest.hexdigest()


def identity(value: Any, name: str = "value", within: tuple = ()) -> Iterator[bytes]:
    """The bytes by which a value is recognised, piece by piece.

    Numbers and strings are themselves, arrays their content; a function is its code, constants,
    defaults and closure, and if a notebook or script defines it, what it finds there by name; an
    object its class and its attributes. TypeError for what cannot be recognised in another process,
    such as an open file. within: what this value is a part of.
    """
    if any(value is each for each in within):   # a part of itself
        yield f"again {len(within)}".encode()
        return
    if not isinstance(value, _PLAIN):
        within = (*within, value)
    kind = f"{type(value).__module__}.{type(value).__qualname__}:"
    if isinstance(value, _PLAIN):
        yield kind.encode() + repr(value).encode()
    elif isinstance(value, (np.ndarray, np.generic)):
        yield f"{kind}{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes()
    elif isinstance(value, (list, tuple)):
        yield f"{kind}{len(value)}".encode()
        for i, item in enumerate(value):
            yield from identity(item, f"{name}[{i}]", within)
    elif isinstance(value, (dict, types.MappingProxyType)):
        yield f"{kind}{len(value)}".encode()
        for key, item in value.items():
            yield repr(key).encode()
            yield from identity(item, f"{name}[{key!r}]", within)
    elif isinstance(value, (set, frozenset)):
        yield kind.encode() + repr(sorted(map(repr, value))).encode()
    elif isinstance(value, functools.partial):
        yield from identity((value.func, value.args, value.keywords), name, within)
    elif isinstance(value, types.MethodType):
        yield from identity((value.__func__, value.__self__), name, within)
    elif isinstance(value, types.FunctionType):
        closure = [cell.cell_contents for cell in value.__closure__ or ()]
        yield from _code(value.__code__)
        yield from identity([value.__defaults__, value.__kwdefaults__, closure], name, within)
        if value.__module__ == "__main__":
            for used in sorted(_names(value.__code__) & value.__globals__.keys()):
                yield from identity(value.__globals__[used], f"{used} (in {name})", within)
    elif isinstance(value, (type, types.BuiltinFunctionType, np.ufunc, types.ModuleType)):
        yield f"{kind}{getattr(value, '__module__', '')}.{value.__name__}".encode()
    else:
        yield from _object(value, kind, name, within)


def _code(code: types.CodeType):
    yield code.co_code
    yield repr(code.co_names).encode()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _code(constant)
        elif not isinstance(constant, str) or constant != code.co_consts[0]:  # not the docstring
            yield repr(constant).encode()


def _names(code: types.CodeType) -> set[str]:
    """The names that code, or code inside it, may look up among the globals."""
    inner = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _object(value, kind: str, name: str, within: tuple):
    attributes = dict(getattr(value, "__dict__", {}))
    for each in type(value).__mro__:
        slots = getattr(each, "__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            if slot not in ("__weakref__", "__dict__", "number") and hasattr(value, slot):
                attributes[slot] = getattr(value, slot)
    if not attributes and type(value).__module__ != "builtins" and not callable(value):
        attributes = {"": repr(value)} if "0x" not in repr(value) else {}
    if type(value).__module__ in ("_io", "builtins") or (not attributes and not callable(value)):
        raise TypeError(f"{name} is of type {type(value).__name__}, which cannot be recognised in "
                        "another process, so a checkpoint could be taken for another run: use a "
                        "function, a functools.partial, or an object with plain attributes")
    yield kind.encode()
    for each in type(value).__mro__:
        if each.__module__.partition(".")[0] not in ("builtins", "numpy", "mnist1d_edu"):
            for method in vars(each).values():
                if isinstance(method, types.FunctionType):
                    yield from identity(method, f"{name}.{method.__name__}", within)
    yield from identity(attributes, name, within)
