"""A training step recorded once, and run again on the same memory.

Training does the same step thousands of times: the same operations and shapes, other numbers. To
build a tape for each, and to walk it, costs more than the arithmetic of a small net. So `Replay`
runs a step once on arrays that write down every call of NumPy they take part in (NumPy's own hooks
for subclasses, `__array_ufunc__` and `__array_function__`, report them). Later steps run through
that list, into the arrays that the calls had made: no tensors, no closures, no allocation. What is
only a view of memory needs no call at all.

What a recorded step may do, and what ends it:

* It must be a function of its inputs. The second step is computed both ways; if a single bit of a
  result differs (a model that draws random numbers, say), all steps are computed plainly.
* Where it asks for a value, in `if`, `float()` or an index, the answer is a *guard*: a later step
  in which it differs is computed plainly.
* What cannot be written down raises `NotRecordable` inside, and steps are computed plainly.

The results are bit for bit those of the plain step: the same functions on arrays of the same
layout. Lesson 05 has the plain step; this file is for whoever asks why `fit` is fast.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mnist1d_edu.program import Call, Changed, Guard, Memory, Program, start_of, whole

_TRIES = 3  # guards that may fail in a row before a step is computed plainly for good


_OUT_BY_NAME = (np.maximum, np.minimum)  # NumPy would have others take a third input one day


class NotRecordable(Exception):
    """Something happened that cannot be written down and done again."""


class Replay:
    """`step(*inputs)`, recorded at its first call and run again at later ones.

    step: a function from arrays to a dict of arrays. It may also read the arrays in `fixed`, which
    others change in place between steps. It is handed both as arrays that record, `step(inputs,
    fixed)`, and must not keep them. into: for some of the results, memory where they shall be.
    memory: what to work in, for several steps that never run at the same time.
    """

    def __init__(self, step: Callable, fixed: dict[str, np.ndarray],
                 into: dict[str, np.ndarray] | None = None, memory: Memory | None = None):
        self.step, self.fixed, self.into = step, fixed, into or {}
        self.memory = Memory() if memory is None else memory
        self.program: Program | None = None
        self.checked, self.failed = False, 0

    def __call__(self, *inputs: np.ndarray) -> dict[str, np.ndarray]:
        if self.failed >= _TRIES:
            return self.plain(inputs)
        if self.program is None:
            return self.record(inputs)
        if not self.program.fits(inputs):  # a short last batch
            return self.plain(inputs)
        if not self.checked:
            return self.compare(self.program, inputs)
        if not self.program.run(inputs):
            self.failed += 1
            return self.plain(inputs)
        self.failed = 0
        return self.program.results

    def plain(self, inputs) -> dict[str, np.ndarray]:
        """The step without a record."""
        results = self.step(inputs, self.fixed)
        for name, target in self.into.items():
            np.copyto(target, results[name])
        return results | self.into

    def record(self, inputs) -> dict[str, np.ndarray]:
        """The first step, written down."""
        recorder = Recorder()
        copies = [np.array(value) for value in inputs]
        try:
            for target in self.into.values():
                recorder.watch(target)
            watched = {name: recorder.watch(value) for name, value in self.fixed.items()}
            results = self.step([read_only(recorder.watch(a)) for a in copies], watched)
            for name, target in self.into.items():
                recorder.copy(target, results[name])
            results = {name: self.into.get(name, bare(value)) for name, value in results.items()}
            self.program = Program(recorder.calls, copies, results, recorder.given, self.memory)
        except NotRecordable:
            self.failed = _TRIES
            return self.plain(inputs)
        finally:
            recorder.end()
        return results

    def compare(self, program: Program, inputs) -> dict[str, np.ndarray]:
        """The second step, computed both ways."""
        before = {name: target.copy() for name, target in self.into.items()}
        plain = {name: np.array(value) for name, value in self.plain(inputs).items()}
        after = {name: target.copy() for name, target in self.into.items()}
        for name, target in self.into.items():
            np.copyto(target, before[name])
        self.checked = program.run(inputs) and all(
            plain[name].tobytes() == np.ascontiguousarray(value).tobytes()
            for name, value in program.results.items())
        if not self.checked:
            self.failed, self.program = _TRIES, None
            for name, target in self.into.items():
                np.copyto(target, after[name])
        return plain | self.into


def read_only(array: np.ndarray) -> np.ndarray:
    """The array, which a Tensor may now keep without a copy."""
    array.flags.writeable = False
    return array


# ---------------------------------------------------------------------------- the record


class Recorded(np.ndarray):
    """An array that tells its recorder what is computed with it."""

    recorder: Recorder

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **named):
        return self.recorder.ufunc(ufunc, method, inputs, out, named)

    def __array_function__(self, function, types, arguments, named):
        return self.recorder.function(function, arguments, named)

    def __getitem__(self, index):
        return self.recorder.getitem(self, index)

    def __setitem__(self, index, value):
        self.recorder.setitem(self, index, value)

    def reshape(self, *shape, order="C"):  # type: ignore[override]
        return self.recorder.moved(self, bare(self).reshape(*shape, order=order), order)

    def ravel(self, order="C"):
        return self.recorder.moved(self, bare(self).ravel(order), order)

    def flatten(self, order="C"):
        return self.recorder.moved(self, bare(self).flatten(order), order)

    def copy(self, *arguments, **named):
        return self.recorder.cast(self, bare(self).copy(*arguments, **named))

    def astype(self, dtype, *arguments, **named):
        return self.recorder.cast(self, bare(self).astype(dtype, *arguments, **named))

    def take(self, indices, axis=None, out=None, mode="raise"):
        return self.recorder.take(self, indices, axis)

    def fill(self, value):
        self.recorder.copy(self, value)

    def put(self, indices, values, mode="raise"):
        self.recorder.put(self, indices, values)


def _method(name: str) -> Callable:
    """A method whose result is computed anew and copied."""
    def method(self, *arguments, **named):
        return self.recorder.anew(getattr(np.ndarray, name), (self, *arguments), named)
    return method


def _guard(name: str) -> Callable:
    """A method that takes a value out of the record."""
    def method(self, *arguments):
        return self.recorder.guard(getattr(np.ndarray, name), self, arguments)
    return method


def _refused(name: str) -> Callable:
    def method(self, *arguments, **named):
        raise NotRecordable(f"ndarray.{name}")
    return method


for _name in ("argmax", "argmin", "argsort", "cumsum", "cumprod", "dot", "nonzero", "repeat",
              "compress", "choose", "searchsorted", "trace", "round"):
    setattr(Recorded, _name, _method(_name))
for _name in ("__bool__", "__float__", "__int__", "__index__", "__complex__", "item", "tolist",
              "tobytes", "__contains__"):
    setattr(Recorded, _name, _guard(_name))
for _name in ("sort", "partition", "resize", "byteswap", "setfield", "dump", "dumps", "tofile",
              "__reduce__", "__reduce_ex__"):
    setattr(Recorded, _name, _refused(_name))


def bare(value):
    """The plain array on the memory of a recorded one; in lists and tuples too."""
    if isinstance(value, Recorded):
        return value.view(np.ndarray)
    if type(value) in (list, tuple):
        return type(value)(bare(v) for v in value)
    return value


def arrays_in(value) -> list[np.ndarray]:
    """The arrays among some arguments."""
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (list, tuple)):
        return [a for v in value for a in arrays_in(v)]
    return [a for v in value.values() for a in arrays_in(v)] if isinstance(value, dict) else []


class Recorder:
    """Writes down what is computed with the arrays that it watches."""

    def __init__(self):
        self.calls: list[Call] = []
        self.kind = type("Recorded", (Recorded,), {"recorder": self})
        self.blocks: dict[int, np.ndarray] = {}  # start of each block of memory -> the whole array
        self.given: set[int] = set()  # the blocks that others own: inputs, parameters, results
        self.ended = False

    def end(self) -> None:
        """Write down nothing more, and let go of all memory. An array holds its recorder by its
        class, and the garbage collector does not see that a NumPy view holds an array."""
        self.calls, self.blocks, self.ended = [], {}, True

    # -- memory

    def watch(self, array: np.ndarray) -> np.ndarray:
        """A recording view of memory that others own."""
        block = whole(array)
        self.blocks[start_of(block)] = block
        self.given.add(start_of(block))
        return self.wrapped(array)

    def wrapped(self, array: np.ndarray) -> np.ndarray:
        view: np.ndarray = array.view(self.kind)
        view.flags.writeable = array.flags.writeable
        return view

    def made(self, array) -> np.ndarray:
        """A recording view of a new result."""
        array = np.asarray(array)
        if not self.ended:
            block = whole(array)
            self.blocks[start_of(block)] = block
        return self.wrapped(array)

    def knows(self, array: np.ndarray) -> bool:
        return self.ended or start_of(whole(array)) in self.blocks

    def write(self, function, arguments, named, reads, writes, updates=False) -> None:
        """Add a call that has just been made."""
        if self.ended:
            return
        reads = arrays_in(reads)
        for array in reads:
            if isinstance(array, Recorded) and not self.knows(array):
                raise NotRecordable("an array whose origin is unknown")
        self.calls.append(Call(function, bare(tuple(arguments)), bare_dict(named),
                               [bare(a) for a in reads], [bare(a) for a in writes], updates))

    # -- what arrays report

    def ufunc(self, ufunc, method, inputs, out, named):
        plain, out = bare(inputs), out and bare(out)
        if method == "at":
            ufunc.at(*plain)
            self.write(ufunc.at, inputs, {}, inputs, [inputs[0]], updates=True)
            return None
        if method not in ("__call__", "reduce") or ufunc.nout != 1:
            return self.anew(getattr(ufunc, method), inputs, named)
        function = ufunc if method == "__call__" else ufunc.reduce
        named = bare_dict(named)
        result = function(*plain, **named, **({"out": out} if out else {}))
        named.pop("order", None)
        target = out[0] if out else np.asarray(result)
        view = self.made(target) if not out else None
        called, order, by_name = _positional(function, method, inputs, named, target)
        updates = any(np.may_share_memory(target, a) for a in arrays_in(plain))
        self.write(called, order, by_name, [*inputs, named], [target], updates)
        return view if out is None else self.wrapped(out[0])

    def function(self, function, arguments, named):
        if function is np.copyto:
            return self.copyto(*arguments, **named)
        if function is np.where and len(arguments) == 3:
            return self.where(*arguments)
        if function is np.empty_like:
            return self.made(np.empty_like(*bare(arguments), **named))
        if function is np.concatenate:
            result = np.concatenate(*bare(arguments), **bare_dict(named))
            view = self.made(result)
            self.write(np.concatenate, arguments, named | {"out": result}, arguments, [result])
            return view
        if hasattr(function._implementation, "__code__"):  # written in Python: its parts report
            result = function._implementation(*arguments, **named)
            parts = result if isinstance(result, (list, tuple)) else [result]
            if all(isinstance(p, np.ndarray) and self.knows(p) for p in parts):
                wrapped = [p if isinstance(p, Recorded) else self.wrapped(p) for p in parts]
                return type(result)(wrapped) if isinstance(result, (list, tuple)) else wrapped[0]
        return self.anew(function, arguments, named)

    def anew(self, function, arguments, named):
        """A call that makes its own result, which is then copied to where the first one is."""
        result = function(*bare(tuple(arguments)), **bare_dict(named))
        if not isinstance(result, (np.ndarray, np.generic)):
            raise NotRecordable(f"{getattr(function, '__name__', function)} returns "
                                f"{type(result).__name__}")
        target = np.asarray(result)
        if self.knows(target):
            return self.wrapped(target)
        view = self.made(target)
        self.write(_compute_into, (target, function, bare(tuple(arguments)), bare_dict(named)), {},
                   [*arguments, named], [target])
        return view

    def getitem(self, source, index):
        plain, parts = bare(source), index if isinstance(index, tuple) else (index,)
        if any(isinstance(a, Recorded) and a.dtype.kind == "b" for a in arrays_in(parts)):
            raise NotRecordable("a mask that depends on values picks elements")
        result = plain[bare(index)]
        if isinstance(result, np.generic):
            result = plain[(*bare(parts), Ellipsis)]
        if np.may_share_memory(result, plain) and self.knows(result):
            return self.wrapped(result)
        view = self.made(result)
        self.write(_compute_into, (result, _getitem, (plain, bare(index)), {}), {},
                   [source, *arrays_in(parts)], [result])
        return view

    def setitem(self, target, index, value):
        parts = index if isinstance(index, tuple) else (index,)
        if all(p is None or p is Ellipsis or isinstance(p, (slice, int, np.integer))
               for p in parts):
            self.copyto(bare(target)[(*parts, Ellipsis) if Ellipsis not in parts else parts],
                        value, casting="unsafe")
            return
        bare(target)[bare(index)] = bare(value)
        self.write(_setitem, (target, index, value), {}, [target, *arrays_in(parts), value],
                   [target], updates=True)

    def copy(self, target, value) -> None:
        self.copyto(target, value, casting="unsafe")

    def copyto(self, target, value, casting="same_kind", where=True):
        np.copyto(bare(target), bare(value), casting=casting, where=bare(where))
        partly = isinstance(where, np.ndarray)
        self.write(np.copyto, (target, value, casting, where) if partly or casting != "same_kind"
                   else (target, value), {}, [value, where], [target], partly)

    def where(self, condition, a, b):
        result = np.where(bare(condition), bare(a), bare(b))
        view = self.made(result)
        self.write(np.copyto, (result, b), {}, [b], [result])
        self.write(np.copyto, (result, a, "same_kind", condition), {}, [a, condition], [result],
                   updates=True)
        return view

    def take(self, source, indices, axis):
        result = bare(source).take(bare(indices), axis)
        if not isinstance(result, np.ndarray):
            return self.anew(np.ndarray.take, (source, indices, axis), {})
        view = self.made(result)
        # "clip" needs no buffer; the plain step has seen that no index is out of range
        self.write(np.ndarray.take, (source, indices, axis, result, "clip"), {},
                   [source, indices], [result])
        return view

    def put(self, target, indices, values) -> None:
        bare(target).put(bare(indices), bare(values))
        self.write(np.ndarray.put, (target, indices, values, "clip"), {},
                   [target, indices, values], [target], updates=True)

    def moved(self, source, result, order="C"):
        """The result of reshape: a view, or a copy of the elements in C order."""
        if order != "C":
            raise NotRecordable(f"elements in order {order}")
        if self.knows(result):
            return self.wrapped(result)
        view = self.made(result)
        self.write(np.copyto, (result.reshape(source.shape), source), {}, [source], [result])
        return view

    def cast(self, source, result):
        if self.knows(result):
            return self.wrapped(result)
        view = self.made(result)
        self.write(np.copyto, (result, source, "unsafe"), {}, [source], [result])
        return view

    def guard(self, method, source, arguments):
        value = method(bare(source), *arguments)
        self.write(Guard(method, arguments, value), (source,), {}, [source], [])
        return value


def bare_dict(named: dict) -> dict:
    return {name: bare(value) for name, value in named.items()}


def _positional(function, method, inputs, named, target):
    """Function, arguments and named arguments of a ufunc with its output; positions are faster."""
    if not named and method == "__call__" and function not in _OUT_BY_NAME:
        return function, (*inputs, target), {}
    if method == "reduce" and set(named) <= {"axis", "dtype", "keepdims"} and len(inputs) == 1:
        return function, (*inputs, named.get("axis", 0), named.get("dtype"), target,
                          named.get("keepdims", False)), {}
    return function, inputs, named | {"out": target}


def _compute_into(target, function, arguments, named) -> None:
    result = function(*arguments, **named)
    if np.shape(result) != target.shape:  # as many elements as values decide
        raise Changed
    np.copyto(target, result)


def _getitem(source, index):
    return source[index]


def _setitem(target, index, value) -> None:
    target[index] = value
