"""Reverse-mode automatic differentiation: tensors that remember, and rules that look back.

Lesson 05 builds this engine from nothing; UDL 7.4 has the mathematics. The file reads from top to
bottom: the tensor, the walker that goes back over the tape, then the table of operations.

An operation computes its result with NumPy and records, for each of its inputs, one rule: the
*vector-Jacobian product* (VJP), which turns the cotangent `g` of the result, d(loss)/d(out), into
the cotangent of that input. Three ideas carry everything else:

* Rules are written in the engine's own operations. So a gradient can itself be recorded
  (`create_graph=True`) and differentiated again, to any order, with nothing more to write.
* Every tensor has a *creation number*. An operation's inputs are older than its result, so walking
  from the newest tensor to the oldest is a topological order: no recursion, no marks.
* A rule may return a cotangent in the shape that broadcasting gave its input. The walker sums it
  back to the input's own shape, in one place, `_unbroadcast`; no rule needs to think of it.

A rule is called as `vjp(g, out)`. It gets the result `out` handed in and does not hold on to it: if
it did, tensor and rule would own each other and only the garbage collector could free the tape.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence

import numpy as np

_numbers = itertools.count()
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


class _State(threading.local):
    """One for each thread, so that threads do not disturb each other."""

    recording = True  # whether operations record
    shared: dict = {}  # noqa: RUF012  what the rules of the walker's current node share


_state = _State()


class _Recording:
    """Context in which recording is on or off; it leaves the thread's state as it found it."""

    def __init__(self, on: bool):
        self.on = on

    def __enter__(self):
        self.before = _state.recording, _state.shared
        _state.recording = self.on

    def __exit__(self, *error):
        _state.recording, _state.shared = self.before


def no_grad() -> _Recording:
    """Context in which nothing is recorded: `with no_grad(): ...` (for evaluation)."""
    return _Recording(False)


# ---------------------------------------------------------------------------- the tensor


class Tensor:
    """An array that remembers which operation made it.

    data: anything NumPy makes an array of. The tensor keeps a copy of its own (the tape must go on
    holding what the operation saw), unless the array is read-only already. `data` is read-only.
    dtype follows the data: float32 for training, float64 for checks. Integers and booleans may be
    held, but have no gradient.

    Lesson 05; UDL 7.4.

    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> y = (x * x).sum()
    >>> grad(y, [x])
    [Tensor([2., 4., 6.])]
    """

    __slots__ = ("__weakref__", "data", "edges", "number")
    __array_ufunc__ = None  # so that ndarray * Tensor asks Tensor, and np.exp(Tensor) is an error

    def __init__(self, data):
        if isinstance(data, Tensor):
            data = data.data
        array = np.asarray(data)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"data has dtype {array.dtype}; allowed are numbers and booleans")
        if array.flags.writeable:
            if not isinstance(data, (list, tuple, int, float)):  # else it was made just now
                array = array.copy()
            array.setflags(write=False)
        self.data = array
        self.edges = ()
        self.number = next(_numbers)

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    dtype = property(lambda self: self.data.dtype)
    size = property(lambda self: self.data.size)
    T = property(lambda self: transpose(self))

    def __repr__(self):
        return "Tensor" + repr(self.data).removeprefix("array")

    def __len__(self):
        return len(self.data)

    def __iter__(self):
        return (self[i] for i in range(len(self.data)))

    def __bool__(self):
        return bool(self.data)

    def __float__(self):
        return float(self.data)

    def item(self) -> float:
        """The value of a tensor with one element, as a Python number."""
        return self.data.item()

    def __array__(self, *_args, **_kwargs):
        raise TypeError("a NumPy function was given a Tensor and would lose its gradient: "
                        "use the function of mnist1d_edu.engine, or pass tensor.data")

    def __setitem__(self, index, value):
        raise TypeError("a Tensor cannot be changed in place, since the tape may need its value: "
                        "build a new one, with where(...) or concatenate(...)")

    # a == b, a < b ... compare values and give a boolean array; a tensor hashes as itself
    __hash__ = object.__hash__
    __eq__ = lambda self, other: self.data == _value(other)
    __ne__ = lambda self, other: self.data != _value(other)
    __lt__ = lambda self, other: self.data < _value(other)
    __le__ = lambda self, other: self.data <= _value(other)
    __gt__ = lambda self, other: self.data > _value(other)
    __ge__ = lambda self, other: self.data >= _value(other)

    __add__ = __radd__ = lambda self, other: add(self, other)
    __mul__ = __rmul__ = lambda self, other: multiply(self, other)
    __sub__ = lambda self, other: subtract(self, other)
    __rsub__ = lambda self, other: subtract(other, self)
    __truediv__ = lambda self, other: divide(self, other)
    __rtruediv__ = lambda self, other: divide(other, self)
    __matmul__ = lambda self, other: matmul(self, other)
    __rmatmul__ = lambda self, other: matmul(other, self)
    __pow__ = lambda self, exponent: power(self, exponent)
    __neg__ = lambda self: negative(self)
    __getitem__ = lambda self, index: getitem(self, index)

    sum = lambda self, axis=None, keepdims=False: sum(self, axis, keepdims)
    mean = lambda self, axis=None, keepdims=False: mean(self, axis, keepdims)
    max = lambda self, axis=None, keepdims=False: amax(self, axis, keepdims)
    min = lambda self, axis=None, keepdims=False: amin(self, axis, keepdims)
    reshape = lambda self, *shape: reshape(self, shape[0] if len(shape) == 1 else shape)
    transpose = lambda self, *axes: transpose(self, axes or None)
    exp = lambda self: exp(self)
    log = lambda self: log(self)
    sqrt = lambda self: sqrt(self)
    tanh = lambda self: tanh(self)
    sigmoid = lambda self: sigmoid(self)
    relu = lambda self: relu(self)
    abs = lambda self: absolute(self)


def record(data, *edges: tuple[Tensor, Callable]) -> Tensor:
    """The result of an operation: a tensor around `data`, with (parent, vjp) for each input."""
    if type(data) is not np.ndarray:  # a sum over all axes gives a scalar
        data = np.asarray(data)
    data.setflags(write=False)
    out = object.__new__(Tensor)
    out.data = data
    out.edges = edges if _state.recording else ()
    out.number = next(_numbers)
    return out


def as_tensor(x) -> Tensor:
    """`x` itself if it is a tensor, else a new one around it."""
    return x if isinstance(x, Tensor) else Tensor(x)


def _pair(a, b) -> tuple[Tensor, Tensor]:
    """Both operands as tensors; a Python number takes the dtype of the tensor beside it."""
    if not isinstance(a, Tensor):
        a = Tensor(np.asarray(a, b.dtype) if _takes(b, a) else a)
    if not isinstance(b, Tensor):
        b = Tensor(np.asarray(b, a.dtype) if _takes(a, b) else b)
    return a, b


def _takes(tensor, number) -> bool:
    return isinstance(number, (int, float)) and isinstance(tensor, Tensor) \
        and tensor.dtype in _FLOATS


def _value(x):
    return x.data if isinstance(x, Tensor) else x


# ---------------------------------------------------------------------------- the walker


def grad(y: Tensor, xs: Sequence[Tensor], cotangent=None, create_graph: bool = False
         ) -> list[Tensor]:
    """The gradients of `y` with respect to each tensor of `xs`, as a list.

    y: a scalar; or any shape, with `cotangent` of that shape: then the gradient of
    sum(y * cotangent). create_graph: record the gradients too, to differentiate them again.

    Raises TypeError for integers and for what is not a Tensor, ValueError for a `y` that is no
    scalar and has no cotangent, and for an `x` that has no influence on `y`.

    Lesson 05; UDL 7.4.

    >>> x = Tensor(3.0)
    >>> [slope] = grad(x ** 3, [x], create_graph=True)
    >>> slope, grad(slope, [x])[0]
    (Tensor(27.), Tensor(18.))
    """
    xs = _checked_targets(y, xs)
    targets = {x.number for x in xs}
    nodes = _ancestors(y, oldest=min(targets, default=y.number))
    leads = set(targets)  # the numbers of the tensors through which a target influences y
    for node in reversed(nodes):
        for parent, _ in node.edges:
            if parent.number in leads:
                leads.add(node.number)
                break
    cotangents = {y.number: _first_cotangent(y, cotangent)}
    with _Recording(create_graph):
        for node in nodes:
            if node.number not in leads or node.number not in cotangents:
                continue
            g = cotangents[node.number]
            if node.number not in targets:
                del cotangents[node.number]  # nobody will ask again: free the memory early
            _state.shared = {}
            for parent, vjp in node.edges:
                if parent.number in leads:
                    new = _unbroadcast(vjp(g, node), parent)
                    old = cotangents.get(parent.number)
                    cotangents[parent.number] = new if old is None else add(old, new)
    for i, x in enumerate(xs):
        if x.number not in cotangents:
            raise ValueError(f"xs[{i}] (shape {x.shape}) has no influence on y: was y computed "
                             "from this very tensor, outside no_grad() and stop_gradient()?")
    return [cotangents[x.number] for x in xs]


def _ancestors(y: Tensor, oldest: int) -> list[Tensor]:
    """y and all it was made from, newest first; what is older than `oldest` cannot matter."""
    found, stack = {y.number: y}, [y]
    while stack:
        for parent, _ in stack.pop().edges:
            if parent.number >= oldest and parent.number not in found:
                found[parent.number] = parent
                stack.append(parent)
    return [found[number] for number in sorted(found, reverse=True)]


def _unbroadcast(g: Tensor, parent: Tensor) -> Tensor:
    """Sum a cotangent over the axes along which its tensor was broadcast; match its dtype."""
    if g.data.shape != parent.data.shape:
        extra = g.ndim - parent.ndim
        stretched = tuple(extra + i for i, n in enumerate(parent.shape) if n == 1)
        g = reshape(sum(g, (*range(extra), *stretched)), parent.shape)
    return g if g.data.dtype == parent.data.dtype else astype(g, parent.dtype)


def _checked_targets(y, xs) -> list[Tensor]:
    if isinstance(xs, Tensor):
        raise TypeError("xs is one Tensor; allowed is a list of tensors: grad(y, [x])")
    xs = list(xs)
    for i, x in enumerate([y, *xs]):
        if isinstance(x, Tensor) and x.data.dtype in _FLOATS:
            continue
        name = f"xs[{i - 1}]" if i else "y"
        if not isinstance(x, Tensor):
            raise TypeError(f"{name} is of type {type(x).__name__}; allowed is a Tensor, "
                            "made before y was computed from it")
        raise TypeError(f"{name} has dtype {x.dtype}; only float32 and float64 have gradients")
    return xs


def _first_cotangent(y: Tensor, cotangent) -> Tensor:
    if cotangent is None:
        if y.size != 1:
            raise ValueError(f"y has shape {y.shape}; allowed is a scalar (such as y.sum()), "
                             "or give a cotangent of y's shape")
        return record(np.ones_like(y.data))
    cotangent = as_tensor(cotangent)
    if cotangent.shape != y.shape:
        raise ValueError(f"cotangent has shape {cotangent.shape}; allowed is y's shape {y.shape}")
    return cotangent if cotangent.dtype == y.dtype else astype(cotangent, y.dtype)


def value_and_grad(f: Callable) -> Callable:
    """A function that gives both f(params, ...) and its gradient with respect to params.

    f returns a scalar Tensor. params: an array, or a dict of arrays; the gradients come as arrays,
    in the same structure.

    >>> value_and_grad(lambda p: (p["w"] ** 2).sum())({"w": np.array([1.0, 2.0])})
    (array(5.), {'w': array([2., 4.])})
    """
    def with_gradient(params, *args, **kwargs):
        named = params if isinstance(params, dict) else {"params": params}
        leaves = {name: Tensor(value) for name, value in named.items()}
        given = leaves if named is params else leaves["params"]
        value = f(given, *args, **kwargs)
        slopes = [g.data for g in grad(value, leaves.values())]
        grads = dict(zip(leaves, slopes, strict=True))
        return value.data, grads if named is params else grads["params"]
    return with_gradient


def stop_gradient(x) -> Tensor:
    """The same values, as a constant: no gradient flows back through here."""
    return record(as_tensor(x).data)


def checkpoint(f: Callable, *args: Tensor):
    """f(*args), forgetting what happened inside; the backward pass computes it once more.

    Trades time for memory (Lesson 19): the tape keeps the arguments, not the intermediate results.
    f: from tensors to a Tensor, or to a list of tensors. Everything that needs a gradient must come
    in through args. Gradients of any order go through.
    """
    args = [as_tensor(a) for a in args]
    with no_grad():
        results = f(*args)
    single = isinstance(results, Tensor)
    shapes = [r.shape for r in ([results] if single else results)]

    def flat(*inputs):
        outputs = f(*inputs)
        return concatenate([reshape(o, -1) for o in ([outputs] if single else outputs)])

    def replay(g):
        with _Recording(True):
            # fresh tensors, so that one argument made from another does not count twice
            inputs = [reshape(a, a.shape) for a in args]
            # a zero of each input: one that f ignores then has the gradient 0
            again = flat(*inputs) + sum(concatenate([reshape(i, -1) for i in inputs])) * 0.0
        return grad(again, inputs, g, create_graph=_state.recording)

    replay = _once(replay)
    with no_grad():
        packed = concatenate([reshape(r, -1) for r in ([results] if single else results)])
    packed = record(packed.data, *((a, lambda g, out, i=i: replay(g)[i])
                                   for i, a in enumerate(args)))
    ends = np.cumsum([0, *(int(np.prod(s)) for s in shapes)])
    parts = [reshape(packed[int(a):int(b)], s)
             for a, b, s in zip(ends[:-1], ends[1:], shapes, strict=True)]
    return parts[0] if single else parts


def _once(f: Callable) -> Callable:
    """f, computed once for all the rules of a node: the rules of one operation share its work.

    The walker forgets it with the node. A memory in the rule itself would own g, and with
    `create_graph` g owns the node: a cycle that only the garbage collector could free.
    """
    def remembered(g):
        if f not in _state.shared:
            value = f(g)
            _state.shared[f] = value
        return _state.shared[f]
    return remembered


# ---------------------------------------------------------------------------- arithmetic


def add(a, b):
    """a + b."""
    a, b = _pair(a, b)
    return record(a.data + b.data, (a, lambda g, out: g), (b, lambda g, out: g))


def subtract(a, b):
    """a - b."""
    a, b = _pair(a, b)
    return record(a.data - b.data, (a, lambda g, out: g), (b, lambda g, out: negative(g)))


def multiply(a, b):
    """a b, element by element."""
    a, b = _pair(a, b)
    return record(a.data * b.data, (a, lambda g, out: multiply(g, b)),
                  (b, lambda g, out: multiply(g, a)))


def divide(a, b):
    """a / b."""
    a, b = _pair(a, b)
    return record(a.data / b.data, (a, lambda g, out: divide(g, b)),
                  (b, lambda g, out: negative(divide(multiply(g, out), b))))


def negative(x):
    """-x."""
    x = as_tensor(x)
    return record(-x.data, (x, lambda g, out: negative(g)))


def power(x, exponent: float):
    """x ** exponent, for a number as the exponent."""
    if isinstance(exponent, Tensor) or np.ndim(exponent):
        raise TypeError("exponent is an array; allowed is a number (or write exp(b * log(a)))")
    x, exponent = as_tensor(x), np.asarray(exponent).item()
    if exponent == 0:  # the rule below would say 0 * x**-1, which is NaN at 0
        return record(np.ones_like(x.data), (x, lambda g, out: multiply(g, 0.0)))
    return record(x.data ** exponent,
                  (x, lambda g, out: multiply(g, multiply(power(x, exponent - 1), exponent))))


def matmul(a, b):
    """a @ b over the last two axes; leading axes broadcast.

    a: (..., n, k), b: (..., k, m) -> (..., n, m); a vector counts as a row (left), column (right).
    """
    a, b = _pair(a, b)
    if a.data.ndim < 2 or b.data.ndim < 2:
        return _matmul_with_vector(a, b)
    return record(a.data @ b.data, (a, lambda g, out: matmul(g, swapaxes(b, -1, -2))),
                  (b, lambda g, out: matmul(swapaxes(a, -1, -2), g)))


def _matmul_with_vector(a, b):
    if a.ndim == 0 or b.ndim == 0:
        raise ValueError(f"matmul of shapes {a.shape} and {b.shape}; allowed are 1 or more axes")
    if a.ndim > 1:
        return getitem(matmul(a, reshape(b, (-1, 1))), (..., 0))
    if b.ndim > 1:
        return getitem(matmul(reshape(a, (1, -1)), b), (..., 0, slice(None)))
    return sum(multiply(a, b))


# ---------------------------------------------------------------------------- one by one


def exp(x):
    """e to the x."""
    x = as_tensor(x)
    return record(np.exp(x.data), (x, lambda g, out: multiply(g, out)))


def log(x):
    """The natural logarithm."""
    x = as_tensor(x)
    return record(np.log(x.data), (x, lambda g, out: divide(g, x)))


def sqrt(x):
    """The square root."""
    x = as_tensor(x)
    return record(np.sqrt(x.data), (x, lambda g, out: divide(g, multiply(out, 2.0))))


def tanh(x):
    """The hyperbolic tangent."""
    x = as_tensor(x)
    return record(np.tanh(x.data), (x, lambda g, out: multiply(g, 1.0 - multiply(out, out))))


def sigmoid(x):
    """1 / (1 + exp(-x)), computed as (1 + tanh(x/2)) / 2, which cannot overflow."""
    x = as_tensor(x)
    return record(0.5 * np.tanh(0.5 * x.data) + 0.5,
                  (x, lambda g, out: multiply(g, multiply(out, 1.0 - out))))


def relu(x):
    """max(x, 0); its slope at 0 is taken as 0."""
    x = as_tensor(x)
    # on large arrays clip, with two bounds, is faster than maximum with the number 0
    data = x.data.clip(0, np.inf) if x.data.dtype.kind == "f" else np.maximum(x.data, 0)
    return record(data, (x, lambda g, out: _masked(g, out.data > 0)))


def _masked(g, mask):
    """g where the boolean array `mask` is true, else 0."""
    g = as_tensor(g)
    kept = mask.astype(g.data.dtype)  # faster than a product of floats with booleans
    kept *= g.data
    return record(kept, (g, lambda h, out: _masked(h, mask)))


def absolute(x):
    """|x|; its slope at 0 is taken as 0."""
    x = as_tensor(x)
    return record(np.abs(x.data), (x, lambda g, out: multiply(g, np.sign(x.data))))


def maximum(a, b):
    """The larger of a and b; where they are equal each gets half of the gradient."""
    a, b = _pair(a, b)
    share = ((a.data > b.data) + 0.5 * (a.data == b.data)).astype(np.result_type(a.data, b.data))
    return record(np.maximum(a.data, b.data), (a, lambda g, out: multiply(g, share)),
                  (b, lambda g, out: multiply(g, 1 - share)))


def minimum(a, b):
    """The smaller of a and b; where they are equal each gets half of the gradient."""
    return negative(maximum(negative(a), negative(b)))


def where(condition, a, b):
    """a where the condition is true, else b."""
    condition = np.array(_value(condition), dtype=bool)
    a, b = _pair(a, b)
    return record(np.where(condition, a.data, b.data), (a, lambda g, out: where(condition, g, 0.0)),
                  (b, lambda g, out: where(condition, 0.0, g)))


def astype(x, dtype):
    """The same values in another floating dtype."""
    x = as_tensor(x)
    return record(x.data.astype(dtype), (x, lambda g, out: astype(g, x.dtype)))


# ---------------------------------------------------------------------------- sums over axes


def sum(x, axis=None, keepdims=False):
    """The sum over one axis, several, or all."""
    x = as_tensor(x)
    return record(np.add.reduce(x.data, axis=axis, keepdims=keepdims),
                  (x, lambda g, out: expand(_keep_axes(g, x, axis, keepdims), x.shape)))


def mean(x, axis=None, keepdims=False):
    """The mean over one axis, several, or all."""
    x = as_tensor(x)
    total = sum(x, axis, keepdims)
    return multiply(total, total.size / x.size)


def expand(x, shape):
    """x, repeated to a larger shape by the rules of broadcasting."""
    x = as_tensor(x)
    # the walker sums over the repeated axes
    return record(np.broadcast_to(x.data, shape), (x, lambda g, out: g))


def amax(x, axis=None, keepdims=False):
    """The maximum over one axis, several, or all; equal maxima share the gradient."""
    x = as_tensor(x)

    def vjp(g, out):
        chosen = x.data == _keep_axes(out, x, axis, keepdims).data
        share = chosen / np.sum(chosen, axis=axis, keepdims=True)
        return multiply(_keep_axes(g, x, axis, keepdims), share.astype(x.dtype))
    return record(np.max(x.data, axis=axis, keepdims=keepdims), (x, vjp))


def amin(x, axis=None, keepdims=False):
    """The minimum over one axis, several, or all; equal minima share the gradient."""
    return negative(amax(negative(x), axis, keepdims))


def logsumexp(x, axis=-1, keepdims=False):
    """log(sum(exp(x))) over an axis, shifted by the maximum so that nothing overflows."""
    x = as_tensor(x)
    top = np.max(x.data, axis=axis, keepdims=True)
    total = log(sum(exp(subtract(x, top)), axis, True)) + top
    return total if keepdims else reshape(total, np.sum(x.data, axis=axis).shape)


def _keep_axes(g: Tensor, x: Tensor, axis, keepdims: bool) -> Tensor:
    """g of a reduction of x, with the reduced axes back as axes of length 1."""
    if keepdims:
        return g
    gone = range(x.ndim) if axis is None else [a % x.ndim for a in np.atleast_1d(axis)]
    return reshape(g, [1 if i in gone else n for i, n in enumerate(x.shape)])


# ---------------------------------------------------------------------------- shapes and places


def reshape(x, shape):
    """The same elements in another shape."""
    x = as_tensor(x)
    return record(x.data.reshape(shape), (x, lambda g, out: reshape(g, x.shape)))


def flatten(x):
    """The last two axes as one: (..., channels, length) -> (..., channels * length)."""
    x = as_tensor(x)
    *lead, channels, length = x.shape
    rows = x.data
    if lead and rows.strides[-3] == rows.itemsize:  # examples last in memory, as conv1d has them
        columns = rows.swapaxes(-3, -2).swapaxes(-2, -1)  # keep that: the copy has long runs
        rows = columns.reshape(*lead[:-1], channels * length, lead[-1]).swapaxes(-1, -2)
    else:
        rows = rows.reshape(*lead, channels * length)
    return record(rows, (x, lambda g, out: reshape(g, x.shape)))


def transpose(x, axes=None):
    """The axes in another order (reversed, if no order is given)."""
    x = as_tensor(x)

    def back():
        return None if axes is None else tuple(np.argsort([a % x.ndim for a in axes]))
    return record(x.data.transpose(axes), (x, lambda g, out: transpose(g, back())))


def swapaxes(x, i, j):
    """Two axes in each other's place."""
    x = as_tensor(x)
    return record(x.data.swapaxes(i, j), (x, lambda g, out: swapaxes(g, i, j)))


def getitem(x, index):
    """x[index], for every index that NumPy knows (slices, integers, masks, arrays)."""
    x = as_tensor(x)
    index = tuple(map(_own, index)) if isinstance(index, tuple) else _own(index)
    return record(x.data[index], (x, lambda g, out: scatter(g, index, x.shape)))


def _own(index):
    """An index that nobody changes later: arrays and lists copied."""
    return np.array(_value(index)) if isinstance(index, (Tensor, np.ndarray, list)) else index


def scatter(g, index, shape):
    """Zeros of `shape` with g added at `index`: what getitem does, backwards."""
    g = as_tensor(g)
    out = np.zeros(shape, g.dtype)
    parts = index if isinstance(index, tuple) else (index,)
    if all(p is None or p is Ellipsis or isinstance(p, (slice, int, np.integer)) for p in parts):
        out[index] = g.data
    else:
        np.add.at(out, index, g.data)  # an array may name one place twice: add, not assign
    return record(out, (g, lambda h, out: getitem(h, index)))


def concatenate(xs, axis=0):
    """Tensors one after the other along an existing axis."""
    xs = [as_tensor(x) for x in xs]
    ends = np.cumsum([0] + [x.shape[axis] for x in xs])
    before = (slice(None),) * (axis % xs[0].ndim)
    return record(np.concatenate([x.data for x in xs], axis),
                  *((x, lambda g, out, part=(*before, slice(a, b)): getitem(g, part))
                    for x, a, b in zip(xs, ends[:-1], ends[1:], strict=True)))


def stack(xs, axis=0):
    """Tensors of one shape side by side along a new axis."""
    xs = [as_tensor(x) for x in xs]
    before = (slice(None),) * (axis % (xs[0].ndim + 1))
    return record(np.stack([x.data for x in xs], axis),
                  *((x, lambda g, out, place=(*before, i): getitem(g, place))
                    for i, x in enumerate(xs)))


def unfold(x, kernel_size: int, stride: int = 1, padding: int = 0):
    """The windows that a convolution looks at, one per row.

    x: (..., channels, length) -> (..., positions, kernel_size * channels), where
    positions = (length + 2 padding - kernel_size) // stride + 1. In a row the taps follow each
    other, and within a tap the channels. Padding is with zeros. Lesson 07; UDL 10.2.
    """
    x = as_tensor(x)
    if x.ndim == 2:
        return getitem(unfold(reshape(x, (1, *x.shape)), kernel_size, stride, padding), 0)
    windows = _windows(x.data, kernel_size, stride, padding)
    return record(windows.swapaxes(-1, -3).swapaxes(-1, -2),
                  (x, lambda g, out: fold(g, x.shape[-1], kernel_size, stride, padding)))


def fold(rows, length: int, kernel_size: int, stride: int = 1, padding: int = 0):
    """Add the rows of windows back onto the positions that they came from: unfold's VJP.

    rows: (..., positions, kernel_size * channels) -> (..., channels, length).
    """
    rows = as_tensor(rows)
    if rows.ndim == 2:
        return getitem(fold(reshape(rows, (1, *rows.shape)), length, kernel_size, stride,
                            padding), 0)
    windows = rows.data.swapaxes(-1, -2).swapaxes(-1, -3)
    signal = _add_windows(windows, length, kernel_size, stride, padding)
    return record(signal.swapaxes(-1, -3),
                  (rows, lambda g, out: unfold(g, kernel_size, stride, padding)))


# In these functions memory holds one position after the other, in it the channels, and the examples
# last: (..., positions, channels, n). A window, some positions with all their channels, is then one
# block of memory, a matrix (taps * channels, examples): cutting windows out copies nothing, and a
# layer is a product with each of them. To the outside the axes are in the usual order, by swapaxes.


def _windows(x: np.ndarray, kernel_size: int, stride: int, padding: int, ones: bool = False
             ) -> np.ndarray:
    """x (..., n, channels, length) -> (..., positions, kernel_size * channels, n).

    ones: one more channel, of ones, behind the others.
    """
    *_, channels, length = x.shape
    if kernel_size > length + 2 * padding:
        raise ValueError(f"kernel_size is {kernel_size}; allowed is at most the padded length, "
                         f"{length} + 2 * {padding}")
    signal = x.swapaxes(-1, -3)
    framed, inside = _framed(signal, padding, padding, channels + ones)
    inside[..., :channels, :] = signal
    if ones:
        framed[..., channels, :] = 1
    return _sliding(framed, kernel_size, stride)


def _framed(like: np.ndarray, before: int, after: int, channels: int
            ) -> tuple[np.ndarray, np.ndarray]:
    """New memory for a signal like (..., positions, any, n), with zeros at so many places before it
    and after it: the whole, and what is inside, which is not set yet."""
    *lead, positions, _, n = like.shape
    end = before + positions
    framed = np.empty((*lead, end + after, channels, n), like.dtype)
    if before:
        framed[..., :before, :, :] = 0
    if after:
        framed[..., end:, :, :] = 0
    return framed, framed[..., before:end, :, :]


def _sliding(signal: np.ndarray, kernel_size: int, stride: int) -> np.ndarray:
    """All windows of a signal (..., length, channels, n), as a view."""
    *lead, length, channels, n = signal.shape
    *steps, step, channel, item = signal.strides
    return np.ndarray((*lead, (length - kernel_size) // stride + 1, kernel_size * channels, n),
                      signal.dtype, signal, strides=(*steps, step * stride, channel, item))


def _add_windows(windows: np.ndarray, length: int, kernel_size: int, stride: int, padding: int
                 ) -> np.ndarray:
    """windows (..., positions, kernel_size * channels, n) -> (..., length, channels, n)."""
    *lead, positions, width, n = windows.shape
    taps = windows.reshape(*lead, positions, kernel_size, width // kernel_size, n)
    # the first taps, one for each remainder of the places by the stride, assign; the others add
    signal = (np.empty if kernel_size >= stride else np.zeros)(
        (*lead, length + 2 * padding, width // kernel_size, n), windows.dtype)
    for tap in range(kernel_size):
        places = slice(tap, tap + stride * (positions - 1) + 1, stride)
        if tap < stride:
            signal[..., places, :, :] = taps[..., tap, :, :]
            signal[..., tap + stride * positions::stride, :, :] = 0
        else:
            signal[..., places, :, :] += taps[..., tap, :, :]
    return signal[..., padding:padding + length, :, :]


# ---------------------------------------------------------------------------- fused hot spots
# Each could be composed of the operations above (the tests do so, and compare); as one operation
# it makes fewer passes over memory and fewer entries on the tape.


def linear(x, weight, bias, rectify: bool = False):
    """x W^T + b. x: (..., n, in), weight: (..., out, in), bias: (..., out) -> (..., n, out).

    rectify: the ReLU of that. Lesson 02 and 04; UDL 4.4.
    """
    x, weight, bias = as_tensor(x), as_tensor(weight), as_tensor(bias)
    out = x.data @ weight.data.swapaxes(-1, -2)
    out += bias.data[..., None, :]
    if rectify:
        _rectify(out)
    # the cotangent before the ReLU
    before = _once(lambda g: _masked(g, out > 0)) if rectify else lambda g: g

    def to_x(g):
        if x.data.strides[-1] <= x.data.strides[-2]:
            return matmul(g, weight)
        # x has the examples last in memory (see flatten): so has this
        return swapaxes(matmul(swapaxes(weight, -1, -2), swapaxes(g, -1, -2)), -1, -2)

    return record(out, (x, lambda g, _: to_x(before(g))),
                  (weight, lambda g, _: matmul(swapaxes(before(g), -1, -2), x)),
                  (bias, lambda g, _: _sum_rows(before(g))))


def _rectify(array: np.ndarray) -> None:
    """ReLU in place."""
    array.clip(0, np.inf, out=array)


def _sum_rows(g):
    """The sum over the last axis but one, as a product with ones: BLAS does it several times faster
    than a reduction along a strided axis."""
    if _state.recording:
        return sum(g, axis=-2)
    return record(np.ones(g.shape[-2], g.dtype) @ g.data)


def softmax_cross_entropy(logits, labels):
    """-log softmax(logits)[label], the mean over the batch.

    logits: (..., n, classes), labels: integers (n,) or (..., n) -> (...). Lesson 02; UDL 5.5.
    """
    logits = as_tensor(logits)
    *lead, n, classes = logits.shape
    labels = np.asarray(labels).astype(np.intp, casting="same_kind")
    if labels.ndim < logits.ndim - 1:
        labels = np.broadcast_to(labels, (*lead, n))
    # a class is a row: sums along the first axis are many times faster than along a short last one
    shifted = logits.data.reshape(-1, classes).T.copy()
    shifted -= np.maximum.reduce(shifted, axis=0)
    exps = np.exp(shifted)
    totals = np.add.reduce(exps, axis=0)
    places = labels.reshape(-1) * len(totals) + np.arange(len(totals))  # of the labels, row by row
    losses = np.log(totals) - shifted.take(places)

    def vjp(g, out):
        if _state.recording:
            p = exp(logits - logsumexp(logits, keepdims=True))
            return (p - _one_hot(labels, p)) * reshape(g / n, (*lead, 1, 1))
        delta = exps / totals
        # 0 for the tiniest: further back they would become subnormal numbers, on which a processor
        # is many times slower, and a net that fits its data has many
        delta *= delta > 1e8 * np.finfo(delta.dtype).tiny
        delta.reshape(-1)[places] -= 1
        delta = delta.T.reshape(logits.shape)
        delta *= (g.data / n).reshape((*lead, 1, 1))
        return record(delta)
    return record(np.add.reduce(losses.reshape(*lead, n), axis=-1) / n, (logits, vjp))


def _one_hot(labels, like) -> np.ndarray:
    return (labels[..., None] == np.arange(like.shape[-1])).astype(like.dtype)


def conv1d(x, weight, bias, stride: int = 1, padding: int = 0, rectify: bool = False):
    """Cross-correlation, as deep learning's "convolution": each window times the kernels.

    x: (..., n, in, length), weight: (..., out, in, taps), bias: (..., out)
    -> (..., n, out, positions). Leading axes (replicas) are those of the weight. rectify: the ReLU
    of that. Lesson 07; UDL 10.2.
    """
    parents = [as_tensor(p) for p in (x, weight, bias)]
    x, weight, bias = (p.data for p in parents)
    *lead, n_out, n_in, taps = weight.shape
    windows = _windows(x, taps, stride, padding, ones=True)
    kernels = np.zeros((*lead, 1, taps, n_in + 1, n_out), weight.dtype)
    kernels[..., 0, :, :n_in, :] = weight.swapaxes(-1, -3)
    kernels[..., 0, 0, n_in, :] = bias  # what the first tap sees of the channel of ones
    out = kernels.reshape(*lead, 1, -1, n_out).swapaxes(-1, -2) @ windows
    if rectify:
        _rectify(out)

    def framed(g, before=0, after=0):
        """The cotangent before the ReLU, (..., positions, out, n), among so many zeros."""
        g = g.data.swapaxes(-1, -3)
        whole, inside = _framed(g, before, after, n_out)
        if rectify:
            np.greater(out, 0, out=inside)  # ones and zeros
            inside *= g
        else:
            inside[...] = g
        return whole, inside

    def for_x(g):  # with the zeros that _transposed needs
        after = (x.shape[-1] + padding - 1) // stride + 1 - out.shape[-3]
        return framed(g, -(-taps // stride) - 1, max(0, after))

    @_once
    def to_kernels(g):
        # what to_x has made; no zeros are needed where nobody asks for the input's gradient
        _, inside = _state.shared.get(for_x) or framed(g)
        products = np.add.reduce(windows @ inside.swapaxes(-1, -2), axis=-3)
        return products.reshape(*products.shape[:-2], taps, n_in + 1, n_out)

    def to_x(g):
        whole, _ = _once(for_x)(g)
        signal = _transposed(whole, weight, stride)
        return signal[..., padding:padding + x.shape[-1], :, :].swapaxes(-1, -3)

    recorded = _recorded(lambda *args: conv1d_composed(*args, stride, padding, rectify), parents)

    def rule(i, way):
        return lambda g, _: recorded(g)[i] if _state.recording else record(way(g))

    return record(out.swapaxes(-1, -3), (parents[0], rule(0, to_x)),
                  (parents[1], rule(1, lambda g: to_kernels(g)[..., :n_in, :].swapaxes(-1, -3))),
                  (parents[2], rule(2, lambda g: to_kernels(g)[..., 0, n_in, :])))


def _transposed(g: np.ndarray, weight: np.ndarray, stride: int) -> np.ndarray:
    """The transposed convolution: every position spreads its values, times the kernels, over the
    places that its window saw. UDL 10.4.

    g: (..., before + positions, out, n), with before = ceil(taps / stride) - 1 positions of zeros
    in front -> (..., stride * positions, in, n).

    Place stride * u + r got tap r + stride * i from position u - i. So this is a convolution of g,
    with all taps of one remainder r in a kernel and `stride` such kernels side by side.
    """
    *lead, n_out, n_in, taps = weight.shape
    each = -(-taps // stride)
    kernels = np.zeros((*lead, 1, each, n_out, stride, n_in), weight.dtype)
    for i in range(each):
        some = weight[..., stride * i:stride * (i + 1)].swapaxes(-1, -2)
        kernels[..., 0, each - 1 - i, :, :some.shape[-2], :] = some
    kernels = kernels.reshape(*lead, 1, each * n_out, stride * n_in).swapaxes(-1, -2)
    signal = kernels @ _sliding(g, each, 1)
    return signal.reshape(*signal.shape[:-3], -1, n_in, g.shape[-1])


def conv1d_composed(x, weight, bias, stride: int = 1, padding: int = 0, rectify: bool = False):
    """`conv1d`, composed of the operations above: the rows of `unfold`, times the kernels."""
    *lead, n_out, n_in, taps = weight.shape
    kernels = reshape(swapaxes(weight, -1, -2), (*lead, 1, n_out, taps * n_in))
    rows = unfold(x, taps, stride, padding)  # (..., n, positions, taps * n_in)
    out = matmul(rows, swapaxes(kernels, -1, -2)) + reshape(bias, (*lead, 1, 1, n_out))
    return swapaxes(relu(out) if rectify else out, -1, -2)


def _recorded(twin: Callable, parents: Sequence[Tensor]) -> Callable:
    """The gradients of `twin` at `parents` for a cotangent g, recorded: for higher orders, a fused
    operation is differentiated as its composed twin."""
    def replay(g):
        with _Recording(True):
            copies = [reshape(p, p.shape) for p in parents]
            return grad(twin(*copies), copies, g, create_graph=True)

    return _once(replay)


def gru(x, weight_ih, weight_hh, bias_ih, bias_hh):
    """The states of a gated recurrent unit that reads x from left to right, starting from 0.

    x: (..., n, time, in), weight_ih: (..., 3 h, in), weight_hh: (..., 3 h, h), biases (..., 3 h)
    -> (..., n, time, h). The gates stand in PyTorch's order: reset, update, new. Lesson 08.

        r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
        z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
        c = tanh(W_in x + b_in + r (W_hn h + b_hn))
        h = (1 - z) c + z h
    """
    parents = [as_tensor(p) for p in (x, weight_ih, weight_hh, bias_ih, bias_hh)]
    tape = _gru_forward(*(p.data for p in parents))
    shares = _once(lambda g: _gru_backward(g.data, tape, parents[2].data))
    recorded = _recorded(gru_composed, parents)

    def rule(i):
        return lambda g, out: (recorded(g)[i] if _state.recording
                               else record(_gru_gradient(i, shares(g), parents[1].data)))
    states = tape["states"][1:, ..., :-1, :]  # (time, ..., h, n)
    return record(np.moveaxis(states, (0, -2), (-2, -1)),
                  *((p, rule(i)) for i, p in enumerate(parents)))


def gru_composed(x, weight_ih, weight_hh, bias_ih, bias_hh):
    """`gru`, composed of the operations above, one time step after the other."""
    size = weight_hh.shape[-1]
    lead = np.broadcast_shapes(x.shape[:-3], weight_hh.shape[:-2])
    h = Tensor(np.zeros((*lead, x.shape[-3], size), x.dtype))
    states = []
    for t in range(x.shape[-2]):
        gi = linear(x[..., t, :], weight_ih, bias_ih)
        gh = linear(h, weight_hh, bias_hh)
        r = sigmoid(gi[..., :size] + gh[..., :size])
        z = sigmoid(gi[..., size:2 * size] + gh[..., size:2 * size])
        c = tanh(gi[..., 2 * size:] + r * gh[..., 2 * size:])
        h = (1 - z) * c + z * h
        states.append(h)
    return stack(states, axis=-2)


def _gru_forward(x, weight_ih, weight_hh, bias_ih, bias_hh) -> dict[str, np.ndarray]:
    """All states, and what the way back needs. Arrays are (time, ..., features, n): a gate is then
    one block of memory, and time steps follow each other. A row of ones carries the biases."""
    size, steps, n = weight_hh.shape[-1], x.shape[-2], x.shape[-3]
    lead = np.broadcast_shapes(x.shape[:-3], weight_hh.shape[:-2])
    x = x.reshape((1,) * (len(lead) + 3 - x.ndim) + x.shape)  # time must come before every lead
    inputs = np.ones((steps, *x.shape[:-3], x.shape[-1] + 1, n), x.dtype)
    inputs[..., :-1, :] = np.moveaxis(x, -2, 0).swapaxes(-1, -2)
    half = np.ones((3 * size, 1), x.dtype)
    half[:2 * size] = 0.5  # sigmoid(a) = (1 + tanh(a/2)) / 2: halve the rows of r and z
    w_in = half * np.concatenate([weight_ih, bias_ih[..., None]], -1)
    w_state = half * np.concatenate([weight_hh, bias_hh[..., None]], -1)
    gi = np.matmul(w_in, inputs, out=np.empty((steps, *lead, 3 * size, n), x.dtype))
    gh = np.empty_like(gi)
    states = np.ones((steps + 1, *lead, size + 1, n), x.dtype)
    h = states[..., :-1, :]
    h[0] = 0
    # views of all time steps, made once: in the loop a slice costs as much as a small operation
    rz_all, r, z, new = (gi[..., a * size:b * size, :] for a, b in ((0, 2), (0, 1), (1, 2), (2, 3)))
    rz_from_state, new_from_state = gh[..., :2 * size, :], gh[..., 2 * size:, :]
    for t in range(steps):
        np.matmul(w_state, states[t], out=gh[t])
        rz, c, later = rz_all[t], new[t], h[t + 1]
        rz += rz_from_state[t]
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        np.multiply(r[t], new_from_state[t], out=later)
        c += later
        np.tanh(c, out=c)
        np.subtract(h[t], c, out=later)
        later *= z[t]
        later += c
    return {"inputs": inputs, "r": r, "z": z, "c": new, "new_from_state": new_from_state,
            "states": states}


def _gru_backward(g, tape, weight_hh) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The way back through time. g: (..., n, time, h) -> the cotangents of what the gates get from
    the input at every time step, (time, ..., 3 h, n), and the gradients of weights and biases
    together, as they stand beside the rows of ones: (..., 3 h, in + 1) and (..., 3 h, h + 1).
    """
    r, z, c, states = tape["r"], tape["z"], tape["c"], tape["states"]
    size = r.shape[-2]
    g = np.ascontiguousarray(np.moveaxis(g, -2, 0).swapaxes(-1, -2))
    # the factors that do not depend on the way back, for all time steps at once
    to_z = (states[:-1, ..., :-1, :] - c) * (z * (1 - z))
    to_c = (1 - z) * (1 - c * c)
    to_r = tape["new_from_state"] * (r * (1 - r))
    from_state = np.empty((*r.shape[:-2], 3 * size, r.shape[-1]), r.dtype)
    d_r, d_z, d_new = (from_state[..., i * size:(i + 1) * size, :] for i in range(3))
    d_c = np.empty_like(to_c)
    back = np.ascontiguousarray(weight_hh.swapaxes(-1, -2))
    d_h, product = np.zeros_like(g[0]), np.empty_like(g[0])
    for t in reversed(range(len(g))):
        d_h += g[t]
        np.multiply(d_h, to_z[t], out=d_z[t])
        np.multiply(d_h, to_c[t], out=d_c[t])
        np.multiply(d_c[t], to_r[t], out=d_r[t])
        np.multiply(d_c[t], r[t], out=d_new[t])
        d_h *= z[t]
        np.matmul(back, from_state[t], out=product)
        d_h += product
    from_input = from_state.copy()
    from_input[..., 2 * size:, :] = d_c
    return (from_input, np.matmul(from_input, tape["inputs"].swapaxes(-1, -2)).sum(axis=0),
            np.matmul(from_state, states[:-1].swapaxes(-1, -2)).sum(axis=0))


def _gru_gradient(i: int, shares, weight_ih) -> np.ndarray:
    """The gradient of input i (x, weight_ih, weight_hh, bias_ih, bias_hh) of the recurrence."""
    from_input, input_side, state_side = shares
    if i == 0:
        d_x = np.matmul(weight_ih.swapaxes(-1, -2), from_input)  # (time, ..., in, n)
        return np.moveaxis(d_x.swapaxes(-1, -2), 0, -2)
    side = input_side if i in (1, 3) else state_side
    return side[..., :-1] if i in (1, 2) else side[..., -1]
