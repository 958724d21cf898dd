"""Lesson 05: an autograd engine (UDL 7.4). A tensor that records, its rules, the order of the walk
back, unbroadcasting, the walk, and gradients of gradients."""

from __future__ import annotations

import heapq
import itertools

import numpy as np

from mnist1d_edu.course.exercise import exercise

# ---------------------------------------------------------------------------- recording


class _Recorder:
    """The reference of 05.Recorder, as the notebook has it."""

    __array_ufunc__ = None
    made = itertools.count()

    def __init__(self, data, parents=()):
        self.data, self.parents = np.asarray(data), list(parents)
        self.number = next(self.made)

    shape = property(lambda self: self.data.shape)

    def record(self, data, *parents):
        return type(self)(data, parents)

    def lift(self, other):
        return other if isinstance(other, type(self)) else \
            type(self)(np.asarray(other, self.data.dtype))

    def __add__(self, other):
        other = self.lift(other)
        return self.record(self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __mul__(self, other):
        other = self.lift(other)
        return self.record(self.data * other.data,
                           (self, lambda g: g * other), (other, lambda g: g * self))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + self.lift(other) * -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other


def _leads_to(node, target) -> bool:
    """Whether `target` is among the tensors that `node` was made from."""
    seen, stack = set(), [node]
    while stack:
        now = stack.pop()
        if now is target:
            return True
        stack += [p for p, _ in now.parents if p.number not in seen]
        seen |= {p.number for p, _ in now.parents}
    return False


def _tried(result, inputs: dict, g, curved: dict) -> dict:
    """What an operation recorded: its value, the cotangent that each input gets of g, and whether
    these can be differentiated again. curved: input -> inputs on which its cotangent depends."""
    told = {"value": result.data}
    for name, x in inputs.items():
        parts = [rule(g) for parent, rule in result.parents if parent is x]
        told[f"cotangent of {name}"] = sum(part.data for part in parts) if parts else "not recorded"
        told[f"cotangent of {name} leads to"] = [
            other for other in curved.get(name, ())
            if any(_leads_to(part, inputs[other]) for part in parts)]
    return told


def _drive_recorder(answer, operation, a, b, g):
    kind = type("Tensor", (answer,), {})
    x, y = kind(a), kind(b)
    if operation == "square":
        result, inputs, curved = x * x, {"a": x}, {"a": ["a"]}
    elif operation == "add":
        result, inputs, curved = x + y, {"a": x, "b": y}, {}
    else:
        result, inputs, curved = x * y, {"a": x, "b": y}, {"a": ["b"], "b": ["a"]}
    told = _tried(result, inputs, kind(g), curved)
    return told | {"has the class of its inputs": isinstance(result, kind)}


def _pairs(rng: np.random.RandomState) -> list[tuple]:
    return [("add", np.array([2.0]), np.array([5.0]), np.array([3.0])),
            ("multiply", np.array([2.0]), np.array([5.0]), np.array([3.0])),
            ("add", rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3)),
            ("multiply", rng.randn(2, 3), rng.randn(2, 3), rng.randn(2, 3)),
            ("square", rng.randn(4), rng.randn(4), rng.randn(4))]


Recorder = exercise(
    "05.Recorder", "A tensor that remembers", points=2, probes=_pairs, drive=_drive_recorder,
    hints=(
        "Two things in each method: the value, from self.data and other.data, and for each of the "
        "two inputs a pair (input, rule).",
        "A rule is a function of g, the cotangent of the result. For a + b it is lambda g: g, "
        "twice. For a * b, what is d(a b)/da?",
        "self.record(self.data * other.data, (self, lambda g: g * other), (other, lambda g: ...)). "
        "In the rules use the tensors, not their .data.",
    ))(_Recorder)


def _recorder_with(add=None, multiply=None):
    """The reference with another + or *."""
    methods = {}
    if add:
        methods["__add__"] = lambda self, other: add(self, self.lift(other))
    if multiply:
        methods["__mul__"] = lambda self, other: multiply(self, self.lift(other))
    return type("Recorder", (_Recorder,), methods)


def _product(a, b, *parents):
    return a.record(a.data * b.data, *parents)


_RECORDER_FAULTS = {
    "a * b: each input gets the other's value, d(ab)/da = b. You gave each its own":
        {"multiply": lambda a, b: _product(a, b, (a, lambda g: g * a), (b, lambda g: g * b))},
    "a * b: your rules are those of a + b. The slope in a is b, so a gets g * b":
        {"multiply": lambda a, b: _product(a, b, (a, lambda g: g), (b, lambda g: g))},
    "a * b: your rules leave out g: they give the slope, and the chain rule multiplies it by the "
    "cotangent that comes in":
        {"multiply": lambda a, b: _product(a, b, (a, lambda g: b), (b, lambda g: a))},
    "a * b: right numbers, but your rules compute with .data, so nothing is recorded and no "
    "gradient of a gradient can be had. Multiply the tensors: g * other":
        {"multiply": lambda a, b: _product(
            a, b, (a, lambda g: a.record(g.data * b.data)), (b, lambda g: a.record(g.data * a.data))
        )},
    "the values are right, but the results have no parents: give record a pair (input, rule) for "
    "each input": {
        "add": lambda a, b: a.record(a.data + b.data), "multiply": lambda a, b: _product(a, b)},
    "only self is recorded: other needs its pair (other, rule) as well": {
        "add": lambda a, b: a.record(a.data + b.data, (a, lambda g: g)),
        "multiply": lambda a, b: _product(a, b, (a, lambda g: g * b))},
    "you return a plain array, which remembers nothing: return self.record(value, pairs...)": {
        "add": lambda a, b: a.data + b.data, "multiply": lambda a, b: a.data * b.data},
    "right, but your results are of the class Recorder always, and a class that inherits from it "
    "would lose its own methods: make them with self.record": {
        "add": lambda a, b: _Recorder(a.data + b.data, [(a, lambda g: g), (b, lambda g: g)]),
        "multiply": lambda a, b: _Recorder(
            a.data * b.data, [(a, lambda g: g * b), (b, lambda g: g * a)])},
    "the second part of a pair must be a function of g (lambda g: ...), to be called on the way "
    "back; yours is a tensor": {
        "add": lambda a, b: a.record(a.data + b.data, (a, a), (b, b)),
        "multiply": lambda a, b: _product(a, b, (a, b), (b, a))},
}
for _sentence, _fault in _RECORDER_FAULTS.items():
    Recorder.mistake(_sentence)(_recorder_with(**_fault))

Recorder.variant("parents in the other order")(_recorder_with(
    multiply=lambda a, b: _product(a, b, (b, lambda g: a * g), (a, lambda g: b * g))))


@Recorder.variant("a tuple of parents, and rules with names")
class _(_Recorder):
    def __mul__(self, other):
        other = self.lift(other)

        def for_self(g):
            return other * g

        def for_other(g):
            return self * g
        return type(self)(other.data * self.data, ((self, for_self), (other, for_other)))


# ---------------------------------------------------------------------------- more rules


class _Tensor(_Recorder):
    """The reference of 05.Tensor, as the notebook has it."""

    T = property(lambda self: self.record(self.data.T, (self, lambda g: g.T)))

    def reshape(self, shape):
        return self.record(self.data.reshape(shape), (self, lambda g: g.reshape(self.shape)))

    def __pow__(self, n):
        return self.record(self.data**n, (self, lambda g: g * (self**(n - 1) * n)))

    def __truediv__(self, other):
        return self * self.lift(other)**-1

    def __matmul__(self, other):
        return self.record(self.data @ other.data,
                           (self, lambda g: g @ other.T), (other, lambda g: self.T @ g))

    def relu(self):
        return self.record(np.maximum(self.data, 0), (self, lambda g: g * (self.data > 0)))

    def exp(self):
        out = self.record(np.exp(self.data), (self, lambda g: g * out))
        return out

    def log(self):
        return self.record(np.log(self.data), (self, lambda g: g / self))

    def sum(self, axis=None, keepdims=False):
        kept = self.data.sum(axis=axis, keepdims=True).shape
        return self.record(
            self.data.sum(axis=axis, keepdims=keepdims),
            (self, lambda g: g.reshape(kept) * np.ones(self.shape, self.data.dtype)))


def _drive_tensor(answer, operation, a, b, g):
    x, y, g = answer(a), answer(b), answer(g)
    if operation == "matmul":
        return _tried(x @ y, {"a": x, "b": y}, g, {"a": ["b"], "b": ["a"]})
    results = {"relu": lambda: x.relu(), "exp": lambda: x.exp(), "log": lambda: x.log(),
               "sum": lambda: x.sum(), "sum, axis=0": lambda: x.sum(axis=0),
               "sum, axis=1": lambda: x.sum(axis=1),
               "sum, axis=1, keepdims": lambda: x.sum(axis=1, keepdims=True)}
    curved = {"a": ["a"]} if operation in ("exp", "log") else {}
    return _tried(results[operation](), {"a": x}, g, curved)


def _operations(rng: np.random.RandomState) -> list[tuple]:
    small = np.array([[1.0, -2.0], [4.0, 3.0]])
    other = np.array([[2.0, 1.0], [-1.0, 5.0]])
    g = np.array([[3.0, -1.0], [0.5, 2.0]])
    return [("matmul", small, other, g),
            ("matmul", rng.randn(3, 4), rng.randn(4, 2), rng.randn(3, 2)),
            ("relu", small - 1, other, g), ("exp", small, other, g), ("log", small**2, other, g),
            ("sum", small, other, np.array(3.0)), ("sum, axis=0", small, other, g[0]),
            ("sum, axis=1", small, other, g[0]),
            ("sum, axis=1, keepdims", rng.randn(2, 3), other, rng.randn(2, 1)),
            ("sum, axis=1", rng.randn(2, 3), other, rng.randn(2))]


Tensor = exercise(
    "05.Tensor", "More operations and their rules", points=3, probes=_operations,
    drive=_drive_tensor,
    hints=(
        "matmul and relu are lesson 04's backward functions, in tensors: g @ other.T and "
        "self.T @ g; g times 0 or 1, as self.data > 0 says.",
        "The slope of exp is exp, so its rule multiplies g by the *result*, a tensor: out = "
        "self.record(..., (self, lambda g: g * out)). The slope of log is 1/self: g / self.",
        "sum: every element gets the cotangent of the sum it went into. Give g the summed axes "
        "back with length 1, g.reshape(kept), then multiply by np.ones(self.shape).",
    ))(_Tensor)


def _tensor_with(**methods):
    """The reference with other methods."""
    return type("Tensor", (_Tensor,), methods)


def _one(function, rule):
    """A method whose value is function(data) and whose rule is rule(self, g)."""
    return lambda self: self.record(function(self.data), (self, lambda g: rule(self, g)))


def _matmul(left, right):
    return lambda self, other: self.record(
        self.data @ other.data, (self, lambda g: left(g, self, other)),
        (other, lambda g: right(g, self, other)))


def _relu(data):
    return np.maximum(data, 0)


def _sum(rule, use_axis=True):
    """A sum whose rule is rule(self, g, kept)."""
    def method(self, axis=None, keepdims=False):
        axis = axis if use_axis else None
        kept = self.data.sum(axis=axis, keepdims=True).shape
        return self.record(self.data.sum(axis=axis, keepdims=keepdims),
                           (self, lambda g: rule(self, g, kept)))
    return method


_TENSOR_FAULTS = {
    "matmul: the transposes are missing. As in lesson 04, let the shapes lead you: g @ other.T, "
    "and self.T @ g": {"__matmul__": _matmul(lambda g, a, b: g @ b, lambda g, a, b: a @ g)},
    "matmul: your products stand in the wrong order: self gets g @ other.T, other gets self.T @ g":
        {"__matmul__": _matmul(lambda g, a, b: b.T @ g, lambda g, a, b: g @ a.T)},
    "matmul: right numbers, but your rules compute with .data, so nothing is recorded and no "
    "gradient of a gradient can be had": {"__matmul__": _matmul(
        lambda g, a, b: a.record(g.data @ b.data.T), lambda g, a, b: a.record(a.data.T @ g.data))},
    "relu: you put g through a ReLU; what decides is the sign of self.data":
        {"relu": _one(_relu, lambda self, g: g.relu())},
    "relu: a Tensor cannot be compared with a number. Compare self.data > 0, which is a plain "
    "array": {"relu": _one(_relu, lambda self, g: g * (self > 0))},
    "exp: right numbers, but np.exp(self.data) in the rule is a constant to the engine, so the "
    "second derivative would be 0: multiply by the result, a tensor":
        {"exp": _one(np.exp, lambda self, g: g * np.exp(self.data))},
    "exp: the slope of exp is exp itself, so multiply g by the result, not by self":
        {"exp": _one(np.exp, lambda self, g: g * self)},
    "log: the slope of log is 1/x: divide g by self, do not multiply":
        {"log": _one(np.log, lambda self, g: g * self)},
    "log: right numbers, but dividing by self.data makes the slope a constant to the engine: "
    "divide by self": {"log": _one(np.log, lambda self, g: g / self.data)},
    "sum: the rule hands g on in the shape of the sum: every element of self gets it, so the "
    "cotangent must have the shape of self": {"sum": _sum(lambda self, g, kept: g)},
    "sum over axis 1: g of shape (N,) is laid along the last axis. Put the summed axis back with "
    "length 1 first, g.reshape(kept)":
        {"sum": _sum(lambda self, g, kept: g * np.ones(self.shape))},
    "sum ignores its axis: hand axis (and keepdims) on to NumPy's sum":
        {"sum": _sum(lambda self, g, kept: g.reshape(kept) * np.ones(self.shape), use_axis=False)},
    "sum is no mean: every element gets the whole cotangent, not its share":
        {"sum": _sum(lambda self, g, kept: g.reshape(kept) * (
            np.ones(self.shape) * np.prod(kept) / self.data.size))},
}
for _sentence, _fault in _TENSOR_FAULTS.items():
    Tensor.mistake(_sentence)(_tensor_with(**_fault))

Tensor.variant("exp computed once more in its rule, log by a power")(_tensor_with(
    exp=_one(np.exp, lambda self, g: g * self.exp()),
    log=_one(np.log, lambda self, g: self**-1 * g)))
Tensor.variant("sum's rule adds zeros of the right shape")(_tensor_with(
    sum=_sum(lambda self, g, kept: g.reshape(kept) + np.zeros(self.shape))))


# ---------------------------------------------------------------------------- the order


class _Node:
    def __init__(self, number, parents):
        self.number, self.parents = number, [(p, None) for p in parents]


def _drive_order(answer, graph):
    nodes = []
    for number, parents in enumerate(graph):
        nodes.append(_Node(number, [nodes[i] for i in parents]))
    found = answer(nodes[-1])
    return found if found is None else [node.number for node in found]


def _graphs(rng: np.random.RandomState) -> list[tuple]:
    """Graphs as lists of parents: node i has the parents graph[i]; the last one is y."""
    return [([[], [0]],), ([[], [0, 0]],), ([[], [0], [1], [2, 0]],), ([[], [], [0], [2, 0]],),
            ([[], [0], [0], [1], [3, 2], [4, 0, 1]],), ([[], *([i, i] for i in range(12))],),
            ([[], *([i] for i in range(5_000))],)]


@exercise(
    "05.newest_first", "The order of the walk back", points=2, probes=_graphs, drive=_drive_order,
    hints=(
        "Two jobs: find all that y was made from, each tensor once; then sort by number. The "
        "sorting makes the order right, however you found them.",
        "A list serves as a stack of tensors still to be looked at: start with [y], pop one, put "
        "its parents on it, until it is empty. A set keeps what you have met already.",
        "When you pop a tensor, look at each (parent, rule) in its parents: if the parent is not "
        "in the set, add it to the set and to the stack. At the end, "
        "sorted(found, key=lambda t: t.number, reverse=True).",
    ))
def newest_first(y):
    found, stack = {y}, [y]
    while stack:
        for parent, _ in stack.pop().parents:
            if parent not in found:
                found.add(parent)
                stack.append(parent)
    return sorted(found, key=lambda t: t.number, reverse=True)


@newest_first.mistake("a tensor that is used twice is in your list twice: remember in a set which "
                      "ones you have met. With y = y + y, the list would double each time")
def _(y):
    found, stack = [], [y]
    while stack:
        found.append(stack.pop())
        stack += [parent for parent, _ in found[-1].parents]
    return sorted(found, key=lambda t: t.number, reverse=True)


@newest_first.mistake("your function calls itself once for each operation in a row, and Python "
                      "gives up after a thousand or so: use a list as a stack instead")
def _(y):
    found = set()

    def visit(t):
        if t not in found:
            found.add(t)
            for parent, _ in t.parents:
                visit(parent)
    visit(y)
    return sorted(found, key=lambda t: t.number, reverse=True)


@newest_first.mistake("your list starts with the oldest: the walk back begins at y, the newest")
def _(y):
    return newest_first(y)[::-1]


@newest_first.mistake("your list has the order in which you met the tensors (nearest to y first), "
                      "and so one may come before a tensor that was made from it: sort by number")
def _(y):
    found, seen = [y], {y}
    for t in found:  # which grows meanwhile
        new = dict.fromkeys(parent for parent, _ in t.parents if parent not in seen)
        found += new
        seen |= set(new)
    return found


@newest_first.mistake("your list has the order in which they left the stack, and so a tensor may "
                      "come before one that was made from it: sort by number, newest first")
def _(y):
    found, seen, stack = [], {y}, [y]
    while stack:
        found.append(stack.pop())
        for parent, _ in found[-1].parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return found


@newest_first.mistake("y itself is missing: it is the first in the list, and the walk starts there")
def _(y):
    return newest_first(y)[1:]


@newest_first.mistake("tensors without parents are missing: they are the inputs, whose gradients "
                      "are wanted")
def _(y):
    return [t for t in newest_first(y) if t.parents]


@newest_first.mistake("you looked at the parents of y only: their parents belong to the list too, "
                      "and so on down to the inputs")
def _(y):
    found = {y, *(parent for parent, _ in y.parents)}
    return sorted(found, key=lambda t: t.number, reverse=True)


@newest_first.variant("a heap that gives the newest")
def _(y):
    found, seen, heap = [], {y.number}, [(-y.number, y)]
    while heap:
        found.append(heapq.heappop(heap)[1])
        for parent, _ in found[-1].parents:
            if parent.number not in seen:
                seen.add(parent.number)
                heapq.heappush(heap, (-parent.number, parent))
    return found


@newest_first.variant("a dict by number, marked when taken from the stack")
def _(y):
    met, stack = {}, [y]
    while stack:
        t = stack.pop()
        if t.number not in met:
            met[t.number] = t
            stack.extend(parent for parent, _ in t.parents)
    return tuple(met[number] for number in reversed(sorted(met)))


# ---------------------------------------------------------------------------- broadcasting undone


def _drive_unbroadcast(answer, g, shape):
    result = answer(_Tensor(g), shape)
    if result is not None and not isinstance(result, _Tensor):
        raise TypeError(f"the result is of type {type(result).__name__}, and must be a tensor: "
                        "use g.sum, which records, and not g.data")
    return None if result is None else result.data


def _broadcasts(rng: np.random.RandomState) -> list[tuple]:
    return [*((np.array([[1.0, 2.0], [5.0, 9.0]]), shape) for shape in ((2,), (2, 1), ())),
            (rng.randn(2, 3), (2, 3)),
            (rng.randn(4, 3), (1, 3)), (rng.randn(2, 3, 4), (3, 1)), (rng.randn(2, 3), (1, 1)),
            (rng.randn(2, 1, 4), (1, 1))]


@exercise(
    "05.unbroadcast", "Broadcasting undone", points=2, probes=_broadcasts, drive=_drive_unbroadcast,
    hints=(
        "Shapes line up from the right. Two things may have happened to an input: new axes in "
        "front of it, and axes of length 1 that were stretched.",
        "First sum away the axes in front, g.sum(axis=0), as often as g has axes more than shape. "
        "Then go through shape: where it says 1, sum over that axis with keepdims=True.",
        "for _ in range(len(g.shape) - len(shape)): g = g.sum(axis=0). Then for axis, n in "
        "enumerate(shape): if n == 1: g = g.sum(axis=axis, keepdims=True).",
    ))
def unbroadcast(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


@unbroadcast.mistake("new axes in front are summed, but an axis of length 1 that was stretched is "
                     "not: sum over it too, with keepdims=True")
def _(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=0)
    return g


@unbroadcast.mistake("stretched axes are summed, but the new axes in front are still there: sum "
                     "over axis 0 as often as g has axes more than shape")
def _(g, shape):
    extra = len(g.shape) - len(shape)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis + extra, keepdims=True)
    return g


@unbroadcast.mistake("a stretched axis has vanished: it has length 1 in shape, so sum over it with "
                     "keepdims=True")
def _(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=0)
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            g = g.sum(axis=axis)
    return g


@unbroadcast.mistake("the copies' cotangents are added up, not averaged: what is used several "
                     "times gets the sum")
def _(g, shape):
    right = unbroadcast(g, shape)
    return right * (right.data.size / g.data.size)


@unbroadcast.mistake("reshape can only rearrange elements: there are more in g than in shape, and "
                     "they must be added up")
def _(g, shape):
    return g.reshape(shape)


@unbroadcast.mistake("np.sum knows nothing of tensors: use the method, g.sum(axis=...), which "
                     "records what it does")
def _(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = np.sum(g, axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = np.sum(g, axis=axis, keepdims=True)
    return g


@unbroadcast.mistake("you summed the last axes away: broadcasting lines shapes up from the right, "
                     "so the new axes are in front, axis 0")
def _(g, shape):
    for _ in range(len(g.shape) - len(shape)):
        g = g.sum(axis=len(g.shape) - 1)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g


@unbroadcast.variant("all axes in one sum, then a reshape")
def _(g, shape):
    extra = len(g.shape) - len(shape)
    axes = (*range(extra), *(extra + i for i, n in enumerate(shape) if n == 1))
    return g.sum(axis=axes).reshape(shape) if axes else g


@unbroadcast.variant("only what was really stretched")
def _(g, shape):
    while len(g.shape) > len(shape):
        g = g.sum(axis=0)
    for axis in range(len(shape)):
        if g.shape[axis] != shape[axis]:
            g = g.sum(axis=axis, keepdims=True)
    return g


# ---------------------------------------------------------------------------- the walk back


def product_and_sum(a, b):
    return a * b + a


def cube_times_b(a, b):
    return a * a * a * b


def layer_with_shortcut(a, b):
    h = (a @ b).relu()
    return (h + a).exp() * b.sum()


def row_and_column(a, b):
    return a * b * 2 + a


def _expressions(rng: np.random.RandomState) -> list[tuple]:
    return [(product_and_sum, np.array([2.0]), np.array([5.0])),
            (cube_times_b, np.array([2.0, -1.0]), np.array([3.0, 4.0])),
            (row_and_column, rng.randn(1, 3), rng.randn(4, 1)),
            (layer_with_shortcut, rng.randn(2, 3), rng.randn(3, 3)),
            (row_and_column, rng.randn(3), rng.randn(2, 3))]


def _drive_backward(answer, f, a, b):
    x, w = _Tensor(a), _Tensor(b)
    y = f(x, w)
    g = _Tensor(np.linspace(1.5, 2.5, y.data.size).reshape(y.shape))
    found = answer(newest_first(y), g)
    if not isinstance(found, dict):
        return found
    if not {x.number, w.number} <= set(found):
        return "a dict without the numbers of the inputs"
    return {"cotangent of a": found[x.number].data, "cotangent of b": found[w.number].data,
            "recorded": [_leads_to(found[x.number], w), _leads_to(found[w.number], x)]}


@exercise(
    "05.backward", "The walk back", points=3, probes=_expressions, drive=_drive_backward,
    hints=(
        "Keep a dict from a tensor's number to its cotangent, and start it with that of nodes[0]. "
        "When you come to a node, its own cotangent is complete: why?",
        "For each (parent, rule) of the node: rule(the node's cotangent) is a contribution to the "
        "parent's cotangent. fit_to(..., parent.shape) gives it the parent's shape.",
        "If the parent has a cotangent already, add the new contribution to it, with + on tensors; "
        "else it is the first.",
    ))
def backward(nodes, g):
    return _walk(nodes, g)


def _walk(nodes, g, combine=lambda old, new: old + new, fit=unbroadcast, incoming=None):
    """The walk back, or one with a fault at some place."""
    found = {nodes[0].number: g}
    for node in nodes:
        for parent, rule in node.parents:
            new = fit(rule(incoming or found[node.number]), parent.shape)
            old = found.get(parent.number)
            found[parent.number] = new if old is None else combine(old, new)
    return found


@backward.mistake("a tensor that is used twice keeps only one of its contributions: add the new "
                  "one to what is there already")
def _(nodes, g):
    return _walk(nodes, g, combine=lambda old, new: new)


@backward.mistake("a tensor that is used twice keeps only its first contribution: add the new one "
                  "to what is there already")
def _(nodes, g):
    return _walk(nodes, g, combine=lambda old, new: old)


@backward.mistake("a cotangent has another shape than its tensor, which was broadcast: put every "
                  "contribution through fit_to(..., parent.shape)")
def _(nodes, g):
    return _walk(nodes, g, fit=lambda new, shape: new)


@backward.mistake("you gave every rule the cotangent of y: a rule is given the cotangent of its "
                  "own node, found[node.number]")
def _(nodes, g):
    return _walk(nodes, g, incoming=g)


@backward.mistake("you start from ones: start from the cotangent g that you are given")
def _(nodes, g):
    return _walk(nodes, _Tensor(np.ones(g.shape)))


@backward.mistake("right numbers, but you added .data: the sum is not recorded, and no gradient of "
                  "a gradient can be had. Add the tensors")
def _(nodes, g):
    return _walk(nodes, g, combine=lambda old, new: _Tensor(old.data + new.data))


@backward.mistake("you asked for a cotangent before it was there (KeyError): walk through nodes as "
                  "they come, newest first, starting with found = {nodes[0].number: g}")
def _(nodes, g):
    return {node.number: {}[node.number] for node in nodes}


@backward.mistake("your dict is not keyed by the tensors' numbers: found[parent.number]")
def _(nodes, g):
    numbers = {node.number: node for node in nodes}
    return {numbers[number]: value for number, value in _walk(nodes, g).items()}


@backward.variant("contributions collected, added when their node comes")
def _(nodes, g):
    parts, found = {nodes[0].number: [g]}, {}
    for node in nodes:
        total, *others = parts[node.number]
        for other in others:
            total = total + other
        found[node.number] = total
        for parent, rule in node.parents:
            parts.setdefault(parent.number, []).append(unbroadcast(rule(total), parent.shape))
    return found


@backward.variant("added the other way round")
def _(nodes, g):
    return _walk(nodes, g, combine=lambda old, new: new + old)


# ---------------------------------------------------------------------------- second order


def _grad(y, xs):
    found = backward(newest_first(y), _Tensor(np.ones(y.shape)))
    return [found[x.number] for x in xs]


def cubes(x):
    return (x * x * x).sum()


def bowl(x):
    """A quadratic whose Hessian is neither diagonal nor constant in its rows."""
    matrix = np.arange(x.shape[0]**2).reshape(x.shape[0], -1) % 5 + np.eye(x.shape[0])
    return (x.reshape((1, -1)) @ x.lift(matrix) @ x.reshape((-1, 1))).sum()


def log_of_exps(x):
    return x.exp().sum().log()


def _curved(rng: np.random.RandomState) -> list[tuple]:
    return [(cubes, np.array([2.0]), np.array([5.0])), (bowl, rng.randn(2), rng.randn(2)),
            (log_of_exps, rng.randn(4), rng.randn(4)), (bowl, rng.randn(3), rng.randn(3))]


@exercise(
    "05.hessian_vector", "The Hessian times a vector", points=2, probes=_curved,
    hints=(
        "The gradient is a tensor that was recorded like any other. So you may compute with it, "
        "and call grad a second time.",
        "H v is the gradient of the number (gradient · v), with v held fixed: sum_j v_j df/dx_j, "
        "differentiated by x_i, is sum_j H_ij v_j.",
        "t = Tensor(x); [slope] = grad(f(t), [t]); then grad((slope * v).sum(), [t]), and the "
        ".data of what comes out.",
    ))
def hessian_vector(f, x, v):
    t = _Tensor(x)
    [slope] = _grad(f(t), [t])
    return _grad((slope * v).sum(), [t])[0].data


@hessian_vector.mistake("this is the gradient: differentiate (gradient · v) once more")
def _(f, x, v):
    t = _Tensor(x)
    return _grad(f(t), [t])[0].data


@hessian_vector.mistake("this is gradient times v: take its sum, one number, and differentiate "
                        "that once more")
def _(f, x, v):
    t = _Tensor(x)
    return _grad(f(t), [t])[0].data * v


@hessian_vector.mistake("this is gradient · v, the slope in the direction v: differentiate it once "
                        "more by x")
def _(f, x, v):
    t = _Tensor(x)
    return (_grad(f(t), [t])[0].data * v).sum()


@hessian_vector.mistake("you differentiated the sum of the gradient, which is the Hessian times a "
                        "vector of ones: multiply the gradient by v first")
def _(f, x, v):
    t = _Tensor(x)
    return _grad(_grad(f(t), [t])[0].sum(), [t])[0].data


@hessian_vector.mistake("v comes in too late: multiply the *gradient* by v, before you "
                        "differentiate again. The rows' sums of H times v are not H v")
def _(f, x, v):
    t = _Tensor(x)
    return _grad(_grad(f(t), [t])[0].sum(), [t])[0].data * v


@hessian_vector.mistake("your gradient was taken out of the tape by .data, so the second grad "
                        "finds no way from it to x (KeyError): go on with the tensor itself")
def _(f, x, v):
    t = _Tensor(x)
    return _grad((_Tensor(_grad(f(t), [t])[0].data) * v).sum(), [t])[0].data


@hessian_vector.variant("the whole Hessian, row by row, then its product with v")
def _(f, x, v):
    rows = []
    for i in range(len(x)):
        t = _Tensor(x)
        [slope] = _grad(f(t), [t])
        rows.append(_grad((slope * np.eye(len(x))[i]).sum(), [t])[0].data)
    return np.array(rows) @ v


@hessian_vector.variant("v as a tensor of its own")
def _(f, x, v):
    t, direction = _Tensor(x), _Tensor(v)
    [slope] = _grad(f(t), [t])
    return _grad((direction * slope).sum(), [t, direction])[0].data
