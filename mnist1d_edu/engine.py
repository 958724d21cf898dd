"""Reverse-mode automatic differentiation: what every operation means, and what its gradient is.

You build this engine in lesson 05, under the same names; UDL 7.4 has the mathematics. The file
reads from top to bottom: the table of operations, what the layers compose of them, the tensor, the
walk back. Nothing here is there for speed: fused.py has faster forms of the compositions, and
replay.py runs a training step again without its tape.

A *tensor* holds `data`, an array; `parents`, for each input of the operation that made it a pair
(parent, rule); and its creation `number`. A rule is a *vector-Jacobian product*: it turns `g`, the
cotangent d(loss)/d(out) of the result `out`, into the cotangent of that parent. Four ideas:

* Rules are written in the engine's own operations. So a gradient can be recorded too
  (`create_graph=True`) and differentiated again, to any order, with nothing more to write.
* A result is younger than its parents, so from the highest number to the lowest is a topological
  order: no recursion, no marks.
* Broadcasting is undone in one place, `unbroadcast`; no rule needs to think of it.
* A rule is called as `rule(g, out)`: it is handed the result and does not keep it, or tensor and
  rule would own each other, and only the garbage collector could free the tape.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import operator
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import numpy as np

from mnist1d_edu import checks
from mnist1d_edu.boundary import Axis, Operand, Shape, explain_all

_numbers = itertools.count()
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_recording = contextvars.ContextVar("whether operations record their parents", default=True)

is_recording = _recording.get

@contextlib.contextmanager
def recording(on: bool) -> Iterator[None]:
    """Context in which operations record their parents, or do not; each thread has its own."""
    before = _recording.set(on)
    try:
        yield
    finally:
        _recording.reset(before)

def no_grad() -> contextlib.AbstractContextManager:
    """Context in which nothing is recorded: `with no_grad(): ...` (for evaluation)."""
    return recording(False)

def record(data: Any, *parents: tuple[Tensor, Callable]) -> Tensor:
    """The result of an operation: a tensor around `data`, with (parent, rule) for each input."""
    if not isinstance(data, np.ndarray):  # a sum over all axes gives a scalar
        data = np.asarray(data)
    data.setflags(write=False)
    out = object.__new__(Tensor)
    out.data, out.number = data, next(_numbers)
    out.parents = parents if is_recording() else ()
    return out

def as_tensor(x: Operand) -> Tensor:
    """`x` itself if it is a tensor, else a new one around it."""
    return x if isinstance(x, Tensor) else Tensor(x)

def _pair(a: Operand, b: Operand) -> tuple[Tensor, Tensor]:
    """Both operands as tensors; a Python number takes the dtype of the tensor beside it."""
    if isinstance(b, (int, float)) and isinstance(a, Tensor) and a.dtype in _FLOATS:
        b = np.asarray(b, a.dtype)
    elif isinstance(a, (int, float)) and isinstance(b, Tensor) and b.dtype in _FLOATS:
        a = np.asarray(a, b.dtype)
    return as_tensor(a), as_tensor(b)

def _value(x: Operand) -> Any:
    return x.data if isinstance(x, Tensor) else x
def _compared(compare: Callable) -> Callable:
    return lambda self, other: compare(self.data, _value(other))

# ---------------------------------------------------------------------------- arithmetic
def add(a: Operand, b: Operand) -> Tensor:
    """a + b."""
    a, b = _pair(a, b)
    return record(a.data + b.data, (a, lambda g, out: g), (b, lambda g, out: g))

def subtract(a: Operand, b: Operand) -> Tensor:
    """a - b."""
    a, b = _pair(a, b)
    return record(a.data - b.data, (a, lambda g, out: g), (b, lambda g, out: -g))

def multiply(a: Operand, b: Operand) -> Tensor:
    """a b, element by element."""
    a, b = _pair(a, b)
    return record(a.data * b.data, (a, lambda g, out: g * b), (b, lambda g, out: g * a))

def divide(a: Operand, b: Operand) -> Tensor:
    """a / b."""
    a, b = _pair(a, b)
    return record(a.data / b.data, (a, lambda g, out: g / b), (b, lambda g, out: -(g * out / b)))

def negative(x: Operand) -> Tensor:
    """-x."""
    x = as_tensor(x)
    return record(-x.data, (x, lambda g, out: -g))

def power(x: Operand, exponent: float) -> Tensor:
    """x ** exponent, where the exponent is a number."""
    x, n = as_tensor(x), checks.exponent(exponent)
    slope = (lambda: x ** (n - 1) * n) if n else (lambda: 0.0)  # 0 * x ** -1 would be NaN at 0
    return record(x.data ** n, (x, lambda g, out: g * slope()))

def matmul(a: Operand, b: Operand) -> Tensor:
    """a @ b over the last two axes: (..., n, k) and (..., k, m) -> (..., n, m), where leading axes
    broadcast. A vector counts as a row on the left, as a column on the right."""
    a, b = _pair(a, b)
    checks.matmul(a, b)
    if b.ndim == 1:
        return sum(a * b, axis=-1)
    if a.ndim == 1:
        return reshape(matmul(reshape(a, (1, -1)), b), (*b.shape[:-2], b.shape[-1]))
    return record(a.data @ b.data, (a, lambda g, out: g @ swapaxes(b, -1, -2)),
                  (b, lambda g, out: swapaxes(a, -1, -2) @ g))

# ---------------------------------------------------------------------------- one by one
def exp(x: Operand) -> Tensor:
    """e to the power x."""
    x = as_tensor(x)
    return record(np.exp(x.data), (x, lambda g, out: g * out))

def log(x: Operand) -> Tensor:
    """The natural logarithm."""
    x = as_tensor(x)
    return record(np.log(x.data), (x, lambda g, out: g / x))

def sqrt(x: Operand) -> Tensor:
    """The square root."""
    x = as_tensor(x)
    return record(np.sqrt(x.data), (x, lambda g, out: g / (out * 2.0)))

def tanh(x: Operand) -> Tensor:
    """The hyperbolic tangent."""
    x = as_tensor(x)
    return record(np.tanh(x.data), (x, lambda g, out: g * (1.0 - out * out)))

def sigmoid(x: Operand) -> Tensor:
    """1 / (1 + exp(-x)), computed as (1 + tanh(x/2)) / 2, which cannot overflow."""
    x = as_tensor(x)
    return record(0.5 * np.tanh(0.5 * x.data) + 0.5, (x, lambda g, out: g * (out * (1.0 - out))))

def relu(x: Operand) -> Tensor:
    """max(x, 0); its slope at 0 is taken as 0."""
    x = as_tensor(x)
    return record(np.maximum(x.data, 0), (x, lambda g, out: g * (out.data > 0)))

def absolute(x: Operand) -> Tensor:
    """|x|; its slope at 0 is taken as 0."""
    x = as_tensor(x)
    return record(np.abs(x.data), (x, lambda g, out: g * np.sign(x.data)))

def maximum(a: Operand, b: Operand) -> Tensor:
    """The larger of a and b; where they are equal, each gets half of the gradient."""
    a, b = _pair(a, b)
    of_a = ((a.data > b.data) + 0.5 * (a.data == b.data)).astype(np.result_type(a.data, b.data))
    return record(np.maximum(a.data, b.data), (a, lambda g, out: g * of_a),
                  (b, lambda g, out: g * (1 - of_a)))

def minimum(a: Operand, b: Operand) -> Tensor:
    """The smaller of a and b; where they are equal, each gets half of the gradient."""
    return -maximum(-as_tensor(a), -as_tensor(b))

def where(condition: Operand, a: Operand, b: Operand) -> Tensor:
    """a where the condition is true, else b."""
    condition = np.asanyarray(_value(condition)).astype(bool)
    a, b = _pair(a, b)
    return record(np.where(condition, a.data, b.data), (a, lambda g, out: where(condition, g, 0.0)),
                  (b, lambda g, out: where(condition, 0.0, g)))

def astype(x: Operand, dtype: Any) -> Tensor:
    """The same values in another floating dtype; x itself if it has that dtype."""
    x = as_tensor(x)
    back = x, lambda g, out: astype(g, x.dtype)
    return x if x.dtype == dtype else record(x.data.astype(checks.floating(dtype)), back)

def stop_gradient(x: Operand) -> Tensor:
    """The same values, as a constant: no gradient flows back through here."""
    return record(as_tensor(x).data)

# ---------------------------------------------------------------------------- sums over axes
def sum(x: Operand, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over one axis, several, or all."""
    x = as_tensor(x)
    return record(np.sum(x.data, axis=axis, keepdims=keepdims),
                  (x, lambda g, out: expand(_keep_axes(g, x, axis, keepdims), x.shape)))

def mean(x: Operand, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over one axis, several, or all."""
    x = as_tensor(x)
    total = sum(x, axis, keepdims)
    return total * checks.proportion(total, x)

def expand(x: Operand, shape: Shape) -> Tensor:
    """x, repeated to a larger shape by the rules of broadcasting; `unbroadcast` undoes it."""
    x = as_tensor(x)
    return record(np.broadcast_to(x.data, shape), (x, lambda g, out: g))

def amax(x: Operand, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The maximum over one axis, several, or all; equal maxima share the gradient."""
    x = as_tensor(x)

    def rule(g, out):
        chosen = (x.data == _keep_axes(out, x, axis, keepdims).data).astype(x.dtype)
        return _keep_axes(g, x, axis, keepdims) / np.sum(chosen, axis, keepdims=True) * chosen
    return record(np.max(x.data, axis=axis, keepdims=keepdims), (x, rule))

def amin(x: Operand, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The minimum over one axis, several, or all; equal minima share the gradient."""
    return -amax(-as_tensor(x), axis, keepdims)

def logsumexp(x: Operand, axis: Axis = -1, keepdims: bool = False) -> Tensor:
    """log(sum(exp(x))) over an axis, shifted by the maximum so that nothing overflows."""
    x = as_tensor(x)
    top = np.max(x.data, axis=axis, keepdims=True)
    if (finite := np.isfinite(top)).all():
        total = log(sum(exp(x - top), axis, True)) + top
    else:  # beside an infinity nothing counts, and inf - inf would be NaN
        total = where(finite, logsumexp(where(finite, x, 0.0), axis, True), amax(x, axis, True))
    return total if keepdims else reshape(total, np.sum(x.data, axis=axis).shape)

def _keep_axes(g: Tensor, x: Tensor, axis: Axis, keepdims: bool) -> Tensor:
    """g of a reduction of x, with the reduced axes restored as axes of length 1."""
    if keepdims:
        return g
    gone = range(x.ndim) if axis is None else [a % x.ndim for a in np.atleast_1d(axis)]
    return reshape(g, [1 if i in gone else n for i, n in enumerate(x.shape)])

# ---------------------------------------------------------------------------- shapes and places
def reshape(x: Operand, shape: Shape) -> Tensor:
    """The same elements in another shape."""
    x = as_tensor(x)
    return record(x.data.reshape(shape), (x, lambda g, out: reshape(g, x.shape)))

def transpose(x: Operand, axes: Axis = None) -> Tensor:
    """The axes in another order (reversed, if no order is given)."""
    x = as_tensor(x)
    back = None if axes is None else tuple(np.argsort([a % x.ndim for a in axes]))
    return record(x.data.transpose(axes), (x, lambda g, out: transpose(g, back)))

def swapaxes(x: Operand, i: int, j: int) -> Tensor:
    """Two axes in each other's place."""
    x = as_tensor(x)
    return record(x.data.swapaxes(i, j), (x, lambda g, out: swapaxes(g, i, j)))

def getitem(x: Operand, index: Any) -> Tensor:
    """x[index], for every index that NumPy knows; IndexError for a place that x does not have."""
    x = as_tensor(x)
    own = lambda i: np.array(_value(i)) if isinstance(i, (Tensor, np.ndarray, list)) else i
    index = tuple(map(own, index)) if isinstance(index, tuple) else own(index)  # nobody changes it
    return record(x.data[index], (x, lambda g, out: scatter(g, index, x.shape)))

def scatter(g: Operand, index: Any, shape: Shape) -> Tensor:
    """Zeros of `shape` with g added at `index`: the rule of `getitem`, with its IndexError."""
    g = as_tensor(g)
    out = np.zeros_like(g.data, shape=shape)
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(part, (np.ndarray, list)) for part in parts):
        np.add.at(out, index, g.data)  # an array may name one place twice: add, not assign
    else:
        out[index] = g.data
    return record(out, (g, lambda h, out: getitem(h, index)))

def concatenate(xs: Iterable[Operand], axis: int = 0) -> Tensor:
    """Tensors one after the other along an existing axis."""
    xs = [as_tensor(x) for x in checks.several(xs)]
    ends = np.cumsum([0] + [x.shape[axis] for x in xs])
    before = (slice(None),) * (axis % xs[0].ndim)
    return record(np.concatenate([x.data for x in xs], axis),
                  *((x, lambda g, out, part=(*before, slice(a, b)): getitem(g, part))
                    for x, a, b in zip(xs, ends[:-1], ends[1:], strict=True)))

def stack(xs: Iterable[Operand], axis: int = 0) -> Tensor:
    """Tensors of one shape side by side along a new axis."""
    xs = [as_tensor(x) for x in checks.several(xs)]
    before = (slice(None),) * (axis % (xs[0].ndim + 1))
    return record(np.stack([x.data for x in xs], axis),
                  *((x, lambda g, out, place=(*before, i): getitem(g, place))
                    for i, x in enumerate(xs)))

# --------------------------------------- composed, for the layers; fused.py has these faster
def linear(x: Operand, weight: Operand, bias: Operand) -> Tensor:
    """x W^T + b: (..., n, in), (..., out, in), (..., out) -> (..., n, out). Lesson 02; UDL 4.4."""
    checks.linear(x, weight, bias := as_tensor(bias))
    return matmul(x, swapaxes(weight, -1, -2)) + bias[..., None, :]

def softmax_cross_entropy(logits: Operand, labels: Any) -> Tensor:
    """-log softmax(logits)[label], the mean over the batch. logits: (..., n, classes), labels:
    integers (n,) or (..., n) -> (...). Lesson 02; UDL 5.5."""
    logits = as_tensor(logits)
    labels = checks.labels(labels, logits)
    chosen = labels[..., None] == np.arange(logits.shape[-1])
    return mean(logsumexp(logits) - sum(logits * chosen, axis=-1), axis=-1)

def flatten(x: Operand) -> Tensor:
    """The last two axes as one: (..., channels, length) -> (..., channels * length)."""
    checks.channels(x := as_tensor(x))
    return reshape(x, (*x.shape[:-2], x.shape[-2] * x.shape[-1]))

def unfold(x: Operand, kernel_size: int, stride: int = 1, padding: int = 0) -> Tensor:
    """The windows that a convolution looks at, one in each row. Lesson 07; UDL 10.2.

    x: (..., channels, length) -> (..., positions, kernel_size * channels), where positions =
    (length + 2 padding - kernel_size) // stride + 1. In a row, the taps follow each other, and the
    channels within a tap. Padding is with zeros."""
    x = as_tensor(x)
    kernel_size, stride, padding = checks.unfold(x, kernel_size, stride, padding)
    zeros = np.zeros_like(x.data, shape=(*x.shape[:-1], padding))
    padded = swapaxes(concatenate([zeros, x, zeros], axis=-1), -1, -2)
    starts = np.arange(0, padded.shape[-2] - kernel_size + 1, stride)
    windows = padded[..., starts[:, None] + np.arange(kernel_size), :]
    return reshape(windows, (*x.shape[:-2], len(starts), kernel_size * x.shape[-2]))

def conv1d(x: Operand, weight: Operand, bias: Operand, stride: int = 1, padding: int = 0
           ) -> Tensor:
    """Cross-correlation, deep learning's "convolution": each window times the kernels.

    x: (..., n, in, length), weight: (..., out, in, taps), bias: (..., out)
    -> (..., n, out, positions). Lesson 07; UDL 10.2."""
    checks.conv1d(x, weight := as_tensor(weight), bias := as_tensor(bias), stride, padding)
    *lead, n_out, n_in, taps = weight.shape
    rows = unfold(x, taps, stride, padding)  # (..., n, positions, taps * in)
    kernels = reshape(swapaxes(weight, -1, -2), (*lead, 1, n_out, taps * n_in))
    return swapaxes(linear(rows, kernels, bias[..., None, :]), -1, -2)

def gru(x: Operand, weight_ih: Operand, weight_hh: Operand, bias_ih: Operand, bias_hh: Operand
        ) -> Tensor:
    """The states of a gated recurrent unit that reads x from left to right, starting from 0.

    x: (..., n, time, in), weight_ih: (..., 3 h, in), weight_hh: (..., 3 h, h), biases (..., 3 h)
    -> (..., n, time, h). The gates stand in PyTorch's order: reset, update, new. Lesson 08."""
    checks.gru(x := as_tensor(x), weight_ih, weight_hh := as_tensor(weight_hh), bias_ih, bias_hh)
    size = weight_hh.shape[-1]
    lead = np.broadcast_shapes(x.shape[:-3], weight_hh.shape[:-2])
    h = record(np.zeros_like(x.data, shape=(*lead, x.shape[-3], size)))
    states = []
    for t in range(x.shape[-2]):
        from_x, from_h = linear(x[..., t, :], weight_ih, bias_ih), linear(h, weight_hh, bias_hh)
        r = sigmoid(from_x[..., :size] + from_h[..., :size])
        z = sigmoid(from_x[..., size:2 * size] + from_h[..., size:2 * size])
        c = tanh(from_x[..., 2 * size:] + r * from_h[..., 2 * size:])
        h = (1 - z) * c + z * h
        states.append(h)
    return stack(states, axis=-2)

# an operation that fails says which operand is wrong; these two, which all others call, need not
explain_all(globals(), returning="Tensor", besides=("as_tensor", "record"))
# ---------------------------------------------------------------------------- the tensor
class Tensor:
    """An array that remembers which operation made it.

    data: anything NumPy makes an array of. The tensor keeps a copy of its own, unless the array is
    read-only already. dtype follows the data: float32 for training, float64 for checks. Integers
    and booleans may be held, but have no gradient. Lesson 05; UDL 7.4.

    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> grad((x * x).sum(), [x])
    [Tensor([2., 4., 6.])]
    """

    data: np.ndarray
    number: int
    parents: tuple[tuple[Tensor, Callable], ...]
    __slots__ = ("__weakref__", "data", "number", "parents")
    __array_ufunc__ = None  # so that ndarray * Tensor asks Tensor, and np.exp(Tensor) is an error

    def __init__(self, data: Any):
        data = _value(data)
        array = checks.numbers(data)
        if array.flags.writeable:
            if not isinstance(data, (list, tuple, int, float)):  # else it was made just now
                array = array.copy()
            array.setflags(write=False)
        self.data, self.parents, self.number = array, (), next(_numbers)

    shape, ndim = property(lambda self: self.data.shape), property(lambda self: self.data.ndim)
    dtype, size = property(lambda self: self.data.dtype), property(lambda self: self.data.size)
    T = property(transpose)

    __add__ = __radd__ = add
    __mul__ = __rmul__ = multiply
    __sub__, __rsub__ = subtract, lambda self, other: subtract(other, self)
    __truediv__, __rtruediv__ = divide, lambda self, other: divide(other, self)
    __matmul__, __rmatmul__ = matmul, lambda self, other: matmul(other, self)
    __pow__, __neg__, __getitem__ = power, negative, getitem

    sum, mean, max, min = sum, mean, amax, amin
    exp, log, sqrt, tanh, sigmoid, relu, abs = exp, log, sqrt, tanh, sigmoid, relu, absolute

    def reshape(self, *shape: Shape) -> Tensor:
        """The same elements in another shape: t.reshape(2, 3) or t.reshape((2, 3))."""
        return reshape(self, shape[0] if len(shape) == 1 else shape)

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order (reversed, if no order is given)."""
        return transpose(self, axes or None)

    # a == b, a < b ... compare values and give a boolean array; a tensor hashes as itself
    __hash__ = object.__hash__
    __eq__, __ne__ = _compared(operator.eq), _compared(operator.ne)
    __lt__, __le__ = _compared(operator.lt), _compared(operator.le)
    __gt__, __ge__ = _compared(operator.gt), _compared(operator.ge)

    __len__, __bool__ = (lambda self: len(self.data)), (lambda self: bool(self.data))
    __float__ = item = lambda self: self.data.item()  # of a tensor with one element
    __iter__ = lambda self: (self[i] for i in range(len(self.data)))
    def __repr__(self) -> str:
        return "Tensor" + repr(self.data).removeprefix("array")

    def __array__(self, *_args, **_kwargs):
        raise TypeError("a NumPy function was given a Tensor and would lose its gradient: use the "
                        "function of mnist1d_edu.engine, or pass tensor.data")

    def __setitem__(self, index: Any, value):
        raise TypeError("a Tensor cannot be changed in place, since the tape may need its value: "
                        "build a new one, with where(...) or concatenate(...)")

# ---------------------------------------------------------------------------- the walk back
def grad(y: Tensor, xs: Collection[Tensor], cotangent: Operand = None,
         create_graph: bool = False) -> list[Tensor]:
    """The gradients of `y` with respect to each tensor of `xs`, as a list.

    y: a scalar; or of any shape, with `cotangent` of that shape: then the gradient of
    sum(y * cotangent). create_graph: record the gradients too, to differentiate them again.
    Raises TypeError for what is not a Tensor of floats, ValueError for a `y` that is no scalar and
    has no cotangent, and for an `x` without influence on `y`. Lesson 05; UDL 7.4.

    >>> x = Tensor(3.0)
    >>> [slope] = grad(x ** 3, [x], create_graph=True)
    >>> slope, grad(slope, [x])[0]
    (Tensor(27.), Tensor(18.))
    """
    xs = checks.targets(y, xs, create_graph, Tensor)
    g = as_tensor(checks.cotangent(y, cotangent))
    targets = {x.number for x in xs}
    nodes = newest_first(y, oldest=min(targets, default=y.number))
    with recording(create_graph):
        cotangents = backward(nodes, astype(g, y.dtype), targets)
    checks.influence(xs, cotangents)
    return [cotangents[x.number] for x in xs]

def newest_first(y: Tensor, oldest: int = 0) -> list[Tensor]:
    """y and all it was made from, the newest first; what is older than `oldest` is left out."""
    found, stack = {y.number: y}, [y]
    while stack:
        for parent, _ in stack.pop().parents:
            if parent.number >= oldest and parent.number not in found:
                found[parent.number] = parent
                stack.append(parent)
    return [found[number] for number in sorted(found, reverse=True)]

def backward(nodes: list[Tensor], g: Tensor, targets: set[int]) -> dict[int, Tensor]:
    """The cotangents of the targets, by number. nodes: the newest first; g: that of nodes[0]. Only
    rules that lead to a target are called; a cotangent is dropped once it has been handed on."""
    leads = set(targets)  # the numbers of the tensors through which a target influences nodes[0]
    for node in reversed(nodes):
        if any(parent.number in leads for parent, _ in node.parents):
            leads.add(node.number)
    cotangents = {nodes[0].number: g}
    for node in (node for node in nodes if node.number in leads):
        g = cotangents[node.number] if node.number in targets else cotangents.pop(node.number)
        for parent, rule in node.parents:
            if parent.number in leads:
                new = astype(unbroadcast(rule(g, node), parent.shape), parent.dtype)
                old = cotangents.get(parent.number)
                cotangents[parent.number] = new if old is None else old + new
    return cotangents

def unbroadcast(g: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The cotangent of a tensor of `shape`, broadcast to that of g: the sum over its copies."""
    if g.shape == shape:
        return g
    extra = g.ndim - len(shape)
    stretched = tuple(extra + i for i, n in enumerate(shape) if n == 1)
    return reshape(sum(g, (*range(extra), *stretched)), shape)

def value_and_grad(f: Callable) -> Callable:
    """A function that returns f(params, ...), a scalar, and its gradient with respect to params: an
    array, or a dict of arrays.

    >>> value_and_grad(lambda p: (p["w"] ** 2).sum())({"w": np.array([1.0, 2.0])})
    (array(5.), {'w': array([2., 4.])})
    """
    checks.function("f", f)

    def with_gradient(params, *args, **kwargs):
        named = params if isinstance(params, dict) else {"params": params}
        leaves = checks.leaves(named, Tensor)
        y = f(leaves if named is params else leaves["params"], *args, **kwargs)
        slopes = dict(zip(leaves, [g.data for g in grad(y, leaves.values())], strict=True))
        return y.data, slopes if named is params else slopes["params"]
    return with_gradient
