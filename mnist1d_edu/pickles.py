"""Pickles read as plain data: the reader of `utils.from_pickle`.

A pickle is a program for a small stack machine, and Python's own runs whatever it names. The
machine here knows the operations that build plain values and the few names by which NumPy
writes arrays, and nothing else; so reading a file runs no code of it. What an operation would cost
is checked before it is done: 123 bytes can ask for a gigabyte.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist1d_edu.arguments import one_line

MOST_BYTES = 2**27          # of a pickle; and of all its arrays together
MOST_OPERATIONS = 1_000_000
MOST_KEYS = 10_000          # of all dictionaries together: keys can be made to collide
MOST_DEPTH = 50             # of lists in lists
MOST_VALUES = 2_000_000     # written out, a list that stands in two places counted twice
MOST_BITS = 1024            # of an integer


def plain_pickle(content: bytes, name: str):
    """What the pickle `content` holds: None, bools, numbers, strings, bytes, lists, tuples,
    dictionaries, and NumPy arrays or scalars of numbers, bools or text.

    Raises ValueError for anything else, for a broken pickle, and for one that would take more
    than the limits above; `name` says where it came from.
    """
    try:
        if len(content) > MOST_BYTES:
            raise _Refused(f"more than {MOST_BYTES:,} bytes")
        return _checked(_Machine().run(content))
    except _Refused as error:
        raise ValueError(f"{name} must hold plain values and arrays only; got "
                         f"{one_line(error)}") from None
    except Exception as error:
        text = one_line(error) or type(error).__name__
        raise ValueError(f"{name} is not a whole pickle of plain data: {text}") from None


class _Refused(Exception):
    """A pickle holds something that is not plain data, or too much of it."""


class _Machine:
    """The stack, the marks on it, and the memo by which a pickle mentions a value again."""

    def __init__(self):
        self.stack: list = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}
        self.array_bytes = self.keys = 0

    def run(self, content: bytes):
        for count, (operation, argument, _) in enumerate(pickletools.genops(content)):
            if count >= MOST_OPERATIONS:
                raise _Refused(f"more than {MOST_OPERATIONS:,} operations")
            if operation.name == "STOP":
                return self.pop()
            if operation.name not in _OPERATIONS:
                raise _Refused(f"the operation {operation.name}")
            _OPERATIONS[operation.name](self, argument)
        raise ValueError("it has no end")

    def push(self, value) -> None:
        if type(value) is int and value.bit_length() > MOST_BITS:
            raise _Refused(f"an integer of {value.bit_length():,} bits")
        self.stack.append(value)

    def pop(self):
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise ValueError("it takes a value that is not there")
        return self.stack.pop()

    def top(self, kind: type):
        """The value on top, which stays there."""
        value = self.pop()
        self.stack.append(value)
        if type(value) is not kind:
            raise _Refused(f"a {type(value).__name__} used as a {kind.__name__}")
        return value

    def marked(self) -> list:
        """The values above the last mark, taken off with it."""
        if not self.marks:
            raise ValueError("it has no mark")
        start = self.marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def popped(self, count: int) -> list:
        return [self.pop() for _ in range(count)][::-1]

    def remember(self, index: int) -> None:
        value = self.pop()
        self.stack.append(value)
        self.memo[index] = value

    def recall(self, index: int) -> None:
        if index not in self.memo:
            raise ValueError(f"it mentions value {index}, which is not there")
        value = self.memo[index]
        self.push(value.array if type(value) is _Unfilled and value.array is not None else value)

    def extend(self, values: list) -> None:
        self.top(list).extend(values)

    def fill(self, target: dict, pairs: list) -> dict:
        """`target` with the keys and values that follow each other in `pairs`."""
        if len(pairs) % 2:
            raise ValueError("a key has no value")
        self.keys += len(pairs) // 2
        if self.keys > MOST_KEYS:
            raise _Refused(f"dictionaries with more than {MOST_KEYS:,} keys")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            parts = key if type(key) is tuple and len(key) <= MOST_DEPTH else (key,)
            if not all(_is_scalar(part) for part in parts):
                raise _Refused(f"a {type(key).__name__} as a key")
            target[key] = value
        return target

    def name(self, module, name) -> None:
        if (module, name) not in _NAMES:
            raise _Refused(f"{module}.{name}")
        self.push(_NAMES[module, name])

    def call(self) -> None:
        """Make what a name stands for from a tuple of arguments."""
        name, arguments = self.popped(2)
        if type(name) is not _Name or type(arguments) is not tuple:
            raise _Refused(f"a call of a {type(name).__name__}")
        self.push(name.make(self, *arguments))

    def build(self) -> None:
        """Give the value below its state."""
        state, value = self.pop(), self.pop()
        if type(value) is _Unfilled and type(state) is tuple and len(state) == 5:
            _, shape, kind, fortran, content = state
            value.array = self.array(content, kind, shape, "F" if fortran else "C")
            value = value.array
        elif type(value) is _Kind and type(state) is tuple and state[1:2] in _ORDERS:
            value.dtype = value.dtype.newbyteorder(state[1])
        else:
            raise _Refused(f"a state for a {type(value).__name__}")
        self.push(value)

    def array(self, content, kind, shape, order="C") -> np.ndarray:
        """A writable array from its bytes."""
        if type(content) not in (bytes, bytearray) or type(kind) is not _Kind:
            raise _Refused(f"an array made of a {type(content).__name__}")
        if type(shape) is not tuple or not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError(f"an array of shape {shape!r}")
        if math.prod(shape) * kind.dtype.itemsize != len(content):
            raise ValueError(f"an array of shape {shape} and dtype {kind.dtype} in "
                             f"{len(content):,} bytes")
        self.spend(content)
        if math.prod(shape) == 0:
            return np.empty(shape, kind.dtype)
        return np.frombuffer(bytearray(content), kind.dtype).reshape(shape, order=order)

    def scalar(self, kind, content):
        return self.array(content, kind, (1,))[0]

    def encoded(self, text, encoding) -> bytes:
        """Bytes, which the protocols before 3 write as text."""
        if type(text) is not str or encoding not in ("latin1", "latin-1"):
            raise _Refused(f"text encoded as {encoding!r}")
        self.spend(text)
        return text.encode("latin1")

    def spend(self, content) -> None:
        self.array_bytes += len(content)
        if self.array_bytes > MOST_BYTES:
            raise _Refused(f"arrays of more than {MOST_BYTES:,} bytes")


class _Kind:
    """Stands for a numpy.dtype. The real one takes a state that can make raw bytes pass for
    pointers to objects; this one takes a name and a byte order."""

    def __init__(self, name, *_):
        if type(name) is not str or len(name) > 20:
            raise _Refused(f"an array of dtype {name!r}")
        self.dtype = np.dtype(name)
        if self.dtype.kind not in "biufcSU":
            raise _Refused(f"an array of dtype {name!r}")


class _Unfilled:
    """Stands for an array until its state has come."""

    array: np.ndarray | None = None


@dataclass(frozen=True)
class _Name:
    """What a name in a pickle makes: (machine, *arguments) -> value."""

    make: Callable


_ORDERS = [("<",), (">",), ("=",), ("|",)]
_NAMES = {("numpy", "ndarray"): _Name(lambda machine, *_: _Unfilled()),
          ("numpy", "dtype"): _Name(lambda machine, *arguments: _Kind(*arguments)),
          ("_codecs", "encode"): _Name(_Machine.encoded),
          ("builtins", "bytes"): _Name(lambda machine: b""),   # as protocols before 3 write it
          ("__builtin__", "bytes"): _Name(lambda machine: b"")}
for _core in ("numpy.core", "numpy._core"):     # NumPy 2 renamed it; both sorts of files are about
    _NAMES[f"{_core}.multiarray", "_reconstruct"] = _Name(lambda machine, *_: _Unfilled())
    _NAMES[f"{_core}.multiarray", "scalar"] = _Name(_Machine.scalar)
    _NAMES[f"{_core}.numeric", "_frombuffer"] = _Name(_Machine.array)

_OPERATIONS: dict[str, Callable[[_Machine, object], object]] = {
    "PROTO": lambda m, _: None,
    "FRAME": lambda m, _: None,
    "MARK": lambda m, _: m.marks.append(len(m.stack)),
    "POP": lambda m, _: m.pop(),
    "POP_MARK": lambda m, _: m.marked(),
    "DUP": lambda m, _: m.stack.extend(m.popped(1) * 2),
    "NONE": lambda m, _: m.push(None),
    "NEWTRUE": lambda m, _: m.push(True),
    "NEWFALSE": lambda m, _: m.push(False),
    "EMPTY_LIST": lambda m, _: m.push([]),
    "EMPTY_TUPLE": lambda m, _: m.push(()),
    "EMPTY_DICT": lambda m, _: m.push({}),
    "LIST": lambda m, _: m.push(m.marked()),
    "TUPLE": lambda m, _: m.push(tuple(m.marked())),
    "TUPLE1": lambda m, _: m.push(tuple(m.popped(1))),
    "TUPLE2": lambda m, _: m.push(tuple(m.popped(2))),
    "TUPLE3": lambda m, _: m.push(tuple(m.popped(3))),
    "DICT": lambda m, _: m.push(m.fill({}, m.marked())),
    "APPEND": lambda m, _: m.extend(m.popped(1)),
    "APPENDS": lambda m, _: m.extend(m.marked()),
    "SETITEM": lambda m, _: _set_items(m, m.popped(2)),
    "SETITEMS": lambda m, _: _set_items(m, m.marked()),
    "MEMOIZE": lambda m, _: m.remember(len(m.memo)),
    "GLOBAL": lambda m, text: m.name(*text.split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.name(*m.popped(2)),
    "REDUCE": lambda m, _: m.call(),
    "BUILD": lambda m, _: m.build(),
    **{name: _Machine.remember for name in ("PUT", "BINPUT", "LONG_BINPUT")},
    **{name: _Machine.recall for name in ("GET", "BINGET", "LONG_BINGET")},
    **{name: _Machine.push for name in (
        "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
        "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
        "BYTEARRAY8", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8")},
}


def _set_items(machine: _Machine, pairs: list) -> None:
    machine.fill(machine.top(dict), pairs)


def _is_scalar(value) -> bool:
    return value is None or type(value) in (bool, int, float, str, bytes) \
        or isinstance(value, np.generic)


def _checked(thing):
    """`thing`, if all in it is plain, it does not hold itself, and it stays within the limits.

    Each list, tuple and dictionary is measured once, after its parts, however often it is
    mentioned: its depth, and how many values it has when written out.
    """
    measured: dict[int, tuple[int, int]] = {}
    unfinished, begun = [[thing]], set()
    while unfinished:
        value = unfinished[-1]
        if id(value) in measured:
            unfinished.pop()
            continue
        parts = _containers(value)
        if id(value) not in begun:
            begun.add(id(value))
            unfinished += [part for part in parts if id(part) not in measured]
            if any(id(part) in begun and id(part) not in measured for part in parts):
                raise _Refused("a list or dictionary that contains itself")
            continue
        depth = 1 + max((measured[id(part)][0] for part in parts), default=-1)
        values = len(value) + sum(measured[id(part)][1] for part in parts)
        if depth > MOST_DEPTH:
            raise _Refused(f"values nested more than {MOST_DEPTH} deep")
        if values > MOST_VALUES:
            raise _Refused(f"more than {MOST_VALUES:,} values")
        measured[id(value)] = depth, values
    return thing


def _containers(value) -> list:
    """The lists, tuples and dictionaries directly in one; _Refused if something is not plain."""
    found = []
    for part in value.values() if type(value) is dict else value:
        if type(part) in (list, tuple, dict):
            found.append(part)
        elif not (_is_scalar(part) or type(part) is np.ndarray):
            raise _Refused("a type or a function" if type(part) in (_Name, _Kind, _Unfilled)
                           else f"a {type(part).__name__}")
    return found
