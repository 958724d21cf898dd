"""Every operation of the engine, on shapes that Hypothesis chooses.

The table below has, for each operation, how to draw inputs for it and a naive twin: plain loops,
or the plainest NumPy. Each property is then tested for the whole table: values, gradients and
second gradients, dtypes, untouched inputs, and memory that is freed without the garbage collector.
Values are distinct and keep away from 0, so that no kink of relu or max lies within a difference.
"""

from __future__ import annotations

import gc
import inspect
import math
import weakref

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

from mnist1d_edu import engine, fused, kernels
from mnist1d_edu.engine import Tensor, grad
from mnist1d_edu.gradcheck import check_gradients

# derandomized: the same examples in every run, so that a failure is the code's and not the draw's
STABLE = settings(derandomize=True, deadline=None, database=None, max_examples=12,
                  suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
NOT_OPERATIONS = {"as_tensor", "backward", "grad", "newest_first", "no_grad", "record", "recording",
                  "stop_gradient", "unbroadcast", "value_and_grad"}  # test_engine.py has them
TABLE = {}  # case -> (name of the operation, draw -> (f, twin, arrays))


def case(operation: str):
    def add(make):
        label = operation if make.__name__ == operation else f"{operation}: {make.__name__}"
        assert label not in TABLE
        TABLE[label] = operation, make
        return make
    return add


def each_case(test):
    """Run test(f, twin, arrays) for every case of the table, on drawn inputs."""
    @pytest.mark.parametrize("label", TABLE)
    @STABLE
    @given(data=st.data())
    def run(label, data):
        test(*TABLE[label][1](data.draw))
    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


# ---------------------------------------------------------------------------- strategies

seeds = st.integers(0, 2**31 - 1)


def shape(draw, low=0, high=3):
    return tuple(draw(st.lists(st.integers(1, 3), min_size=low, max_size=high)))


def signed(draw, *shapes):
    """Arrays with distinct values of both signs, at least 0.3 away from 0 and 0.02 apart."""
    total = sum(math.prod(s) for s in shapes)
    ranks = np.random.RandomState(draw(seeds)).permutation(total) - total // 2 + 0.5
    values = ranks * (2 / max(total, 1)) + 0.3 * np.sign(ranks)
    parts = np.split(values, np.cumsum([math.prod(s) for s in shapes])[:-1])
    return [part.reshape(s) for part, s in zip(parts, shapes, strict=True)]


def positive(draw, *shapes):
    return [np.asarray(np.abs(a)) for a in signed(draw, *shapes)]


def broadcastable(draw, maker=signed, count=2):
    shapes = draw(mutually_broadcastable_shapes(num_shapes=count, max_dims=3, max_side=3))
    return maker(draw, *shapes.input_shapes)


def axes(draw, ndim):
    """None, one axis (also counted from the end) or several."""
    if ndim == 0:
        return None
    one = st.integers(-ndim, ndim - 1)
    several = st.lists(st.integers(0, ndim - 1), min_size=1, unique=True).map(tuple)
    return draw(st.none() | one | several)


# ---------------------------------------------------------------------------- naive helpers


def loop(f):
    """f on numbers, made to work on arrays element by element."""
    def on_arrays(*arrays):
        arrays = np.broadcast_arrays(*arrays)
        out = np.empty(arrays[0].shape)
        for index in np.ndindex(out.shape):
            out[index] = f(*(float(a[index]) for a in arrays))
        return out
    return on_arrays


def reduced(x, axis, keepdims, f):
    """f on the list of values that each output element is made of."""
    gone = set(range(x.ndim)) if axis is None else {a % x.ndim for a in np.atleast_1d(axis)}
    groups = {}
    for index in np.ndindex(x.shape):
        key = tuple(0 if i in gone else n for i, n in enumerate(index))
        groups.setdefault(key, []).append(float(x[index]))
    out = np.empty([1 if i in gone else n for i, n in enumerate(x.shape)])
    for key, values in groups.items():
        out[key] = f(values)
    return out if keepdims else out.reshape([n for i, n in enumerate(x.shape) if i not in gone])


def logistic_function(a):
    return 1 / (1 + math.exp(-a))


# ---------------------------------------------------------------------------- the table

for _name, _formula, _maker in [
        ("add", lambda a, b: a + b, signed), ("subtract", lambda a, b: a - b, signed),
        ("multiply", lambda a, b: a * b, signed), ("divide", lambda a, b: a / b, signed),
        ("maximum", max, signed), ("minimum", min, signed)]:
    @case(_name)
    def _binary(draw, name=_name, formula=_formula, maker=_maker):
        return getattr(engine, name), loop(formula), broadcastable(draw, maker)

for _name, _formula, _maker in [
        ("negative", lambda a: -a, signed), ("exp", math.exp, signed), ("log", math.log, positive),
        ("tanh", math.tanh, signed), ("sigmoid", logistic_function, signed),
        ("relu", lambda a: max(a, 0.0), signed), ("sqrt", math.sqrt, positive),
        ("absolute", abs, signed)]:
    @case(_name)
    def _unary(draw, name=_name, formula=_formula, maker=_maker):
        return getattr(engine, name), loop(formula), maker(draw, shape(draw))


@case("power")
def any_number(draw):
    exponent = draw(st.sampled_from([-2, -1.5, -1, 0.5, 1, 2, 3, 2.5]))
    return (lambda x: engine.power(x, exponent), loop(lambda a: a ** exponent),
            positive(draw, shape(draw)))


@case("power")
def whole_exponent_of_negative_numbers(draw):
    exponent = draw(st.integers(-2, 4))
    return (lambda x: engine.power(x, exponent), loop(lambda a: a ** exponent),
            signed(draw, shape(draw)))


@case("where")
def where(draw):
    a, b = broadcastable(draw)
    condition = np.random.RandomState(draw(seeds)).rand(*np.broadcast_shapes(a.shape, b.shape)) < .5
    return (lambda a, b: engine.where(condition, a, b),
            lambda a, b: loop(lambda c, a, b: a if c else b)(condition, a, b), [a, b])


@case("astype")
def astype(draw):
    return lambda x: engine.astype(x, x.dtype), lambda x: x, signed(draw, shape(draw))


def _product(a, b):
    """a @ b by its definition: rows times columns, for every pair of leading indices."""
    left = a[None, :] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b
    lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    left = np.broadcast_to(left, lead + left.shape[-2:])
    right = np.broadcast_to(right, lead + right.shape[-2:])
    out = np.zeros((*lead, left.shape[-2], right.shape[-1]))
    for index in np.ndindex(out.shape):
        *at, i, j = index
        for k in range(left.shape[-1]):
            out[index] += left[(*at, i, k)] * right[(*at, k, j)]
    out = out[..., 0, :] if a.ndim == 1 else out
    return out[..., 0] if b.ndim == 1 else out


@case("matmul")
def matmul(draw):
    lead = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=2)).input_shapes
    n, k, m = shape(draw, 3, 3)
    return engine.matmul, _product, signed(draw, (*lead[0], n, k), (*lead[1], k, m))


@case("matmul")
def with_vectors(draw):
    n, k, m = shape(draw, 3, 3)
    left, right = draw(st.sampled_from([((k,), (k,)), ((n, k), (k,)), ((k,), (k, m)),
                                        ((2, n, k), (k,)), ((k,), (2, k, m))]))
    return engine.matmul, _product, signed(draw, left, right)


@case("sum")
def sum_(draw):
    x = signed(draw, shape(draw))
    axis, keepdims = axes(draw, x[0].ndim), draw(st.booleans())
    return (lambda x: engine.sum(x, axis, keepdims),
            lambda x: reduced(x, axis, keepdims, math.fsum), x)


@case("mean")
def mean(draw):
    x = signed(draw, shape(draw))
    axis, keepdims = axes(draw, x[0].ndim), draw(st.booleans())
    return (lambda x: engine.mean(x, axis, keepdims),
            lambda x: reduced(x, axis, keepdims, lambda v: math.fsum(v) / len(v)), x)


for _name, _formula in [("amax", max), ("amin", min)]:
    @case(_name)
    def _extreme(draw, name=_name, formula=_formula):
        x = signed(draw, shape(draw))
        axis, keepdims = axes(draw, x[0].ndim), draw(st.booleans())
        return (lambda x: getattr(engine, name)(x, axis, keepdims),
                lambda x: reduced(x, axis, keepdims, formula), x)


@case("logsumexp")
def logsumexp(draw):
    x = signed(draw, shape(draw, low=1))
    axis, keepdims = axes(draw, x[0].ndim), draw(st.booleans())
    return (lambda x: engine.logsumexp(x, axis, keepdims),
            lambda x: reduced(x, axis, keepdims, lambda v: math.log(sum(map(math.exp, v)))), x)


@case("expand")
def expand(draw):
    shapes = draw(mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    small, full = shapes.input_shapes[0], shapes.result_shape

    def twin(x):
        out = np.empty(full)
        for index in np.ndindex(full):
            own = index[len(full) - x.ndim:]
            out[index] = x[tuple(0 if n == 1 else i for i, n in zip(own, x.shape, strict=True))]
        return out
    return lambda x: engine.expand(x, full), twin, signed(draw, small)


@case("reshape")
def reshape(draw):
    x = signed(draw, shape(draw))
    new = draw(st.sampled_from([-1, (-1, 1), (1, -1), (x[0].size,), (*x[0].shape, 1)]))

    def twin(x):
        filled = np.empty(x.size)
        for place, index in enumerate(np.ndindex(x.shape)):
            filled[place] = x[index]
        return filled.reshape(new)
    return lambda x: engine.reshape(x, new), twin, x


@case("transpose")
def transpose(draw):
    x = signed(draw, shape(draw))
    n = x[0].ndim
    order = draw(st.none() | st.permutations(range(n)).map(tuple))
    if order and draw(st.booleans()):
        order = tuple(axis - n for axis in order)  # counted from the end

    def twin(x):
        places = range(n)[::-1] if order is None else [axis % n for axis in order]
        out = np.empty([x.shape[p] for p in places])
        for index in np.ndindex(out.shape):
            source = [0] * n
            for i, p in zip(index, places, strict=True):
                source[p] = i
            out[index] = x[tuple(source)]
        return out
    return lambda x: engine.transpose(x, order), twin, x


@case("swapaxes")
def swapaxes(draw):
    x = signed(draw, shape(draw, low=2))
    n = x[0].ndim
    i, j = draw(st.integers(-n, n - 1)), draw(st.integers(-n, n - 1))

    def twin(x):
        order = list(range(n))
        order[i % n], order[j % n] = order[j % n], order[i % n]
        return np.transpose(x, order)
    return lambda x: engine.swapaxes(x, i, j), twin, x


INDICES = [0, -1, slice(None), slice(1, None), slice(None, None, -1), slice(0, 0), None, Ellipsis,
           (..., 0), (0, 1), (slice(None), 1), (None, 0, slice(None, None, 2)), ([0, 2, 0],),
           [2, 2, 2], np.array([[0, 1], [1, 0]]), (np.array([0, 0]), np.array([1, 1])),
           (slice(None), np.array([1, 0, 1])), (np.int64(1), slice(0, 1)),
           np.array([True, False, True]), (slice(None), np.array([False, True])),
           np.array([[True, False], [True, True], [False, True]])]


@case("getitem")
def getitem(draw):
    index = draw(st.sampled_from(INDICES))

    def twin(x):  # each element of x[index], looked up by its place
        places = np.arange(x.size).reshape(x.shape)[index]
        return np.array([x.ravel()[p] for p in places.ravel()]).reshape(places.shape)
    return lambda x: engine.getitem(x, index), twin, signed(draw, (3, 2))


@case("scatter")
def scatter(draw):
    index = draw(st.sampled_from(INDICES))

    def twin(g):
        places = np.arange(6).reshape(3, 2)[index]
        out = np.zeros(6)
        for place, value in zip(places.ravel(), g.ravel(), strict=True):
            out[place] += value
        return out.reshape(3, 2)
    target = np.empty((3, 2))[index].shape
    return lambda g: engine.scatter(g, index, (3, 2)), twin, signed(draw, target)


def _pile(draw, extra):
    base = shape(draw, low=1)
    axis = draw(st.integers(-len(base) - extra, len(base) - 1 + extra))
    return list(base), axis, draw(st.integers(1, 3))


@case("concatenate")
def concatenate(draw):
    base, axis, count = _pile(draw, 0)
    lengths = [draw(st.integers(1, 3)) for _ in range(count)]
    shapes = [tuple(n if i == axis % len(base) else s for i, s in enumerate(base)) for n in lengths]

    def twin(*xs):
        rows = [row for x in xs for row in np.moveaxis(x, axis, 0)]
        return np.moveaxis(np.array(rows), 0, axis)
    return lambda *xs: engine.concatenate(xs, axis), twin, signed(draw, *shapes)


@case("stack")
def stack(draw):
    base, axis, count = _pile(draw, 1)
    return (lambda *xs: engine.stack(xs, axis),
            lambda *xs: np.moveaxis(np.array([x.tolist() for x in xs]), 0, axis),
            signed(draw, *[tuple(base)] * count))


def _window(draw):
    """Length, kernel size, stride, padding: such that at least one window fits."""
    length, padding = draw(st.integers(1, 6)), draw(st.integers(0, 2))
    kernel = draw(st.integers(1, min(4, length + 2 * padding)))
    return length, kernel, draw(st.integers(1, 3)), padding


def _unfolded(x, kernel, stride, padding):
    *lead, channels, length = x.shape
    positions = (length + 2 * padding - kernel) // stride + 1
    out = np.zeros((*lead, positions, kernel * channels))
    for *at, p, tap, c in np.ndindex(*lead, positions, kernel, channels):
        source = p * stride + tap - padding
        if 0 <= source < length:
            out[(*at, p, tap * channels + c)] = x[(*at, c, source)]
    return out


def each_form(operation: str):
    """Two cases: the operation as engine.py means it, and as fused.py computes it."""
    def add(make):
        for module in (engine, fused):
            def made(draw, module=module):
                return make(draw, getattr(module, operation))
            made.__name__ = f"{make.__name__} in {module.__name__.partition('.')[2]}"
            case(operation)(made)
        return make
    return add


@each_form("unfold")
def unfold(draw, f):
    length, kernel, stride, padding = _window(draw)
    return (lambda x: f(x, kernel, stride, padding),
            lambda x: _unfolded(x, kernel, stride, padding),
            signed(draw, (*shape(draw, high=2), 2, length)))


@each_form("flatten")
def flatten(draw, f):
    *lead, channels, length = shape(draw, 2, 4)

    def twin(x):
        out = np.empty((*lead, channels * length))
        for *at, c, i in np.ndindex(x.shape):
            out[(*at, c * length + i)] = x[(*at, c, i)]
        return out
    return f, twin, signed(draw, (*lead, channels, length))


@each_form("relu")
def relu_forms(draw, f):
    return f, loop(lambda a: max(a, 0.0)), signed(draw, shape(draw))


def _replicas(draw):
    """Leading axes of data and of weights: none, both, or one shared by the other's."""
    return draw(st.sampled_from([((), ()), ((2,), (2,)), ((), (2,)), ((2,), ()), ((2, 1), (2, 2))]))


def _per_replica(f, lead_x, lead_w):
    """A twin for one replica, applied to each; data and weights are broadcast over replicas."""
    def twin(x, *weights):
        lead = np.broadcast_shapes(lead_x, lead_w)
        x = np.broadcast_to(x, lead + x.shape[len(lead_x):])
        weights = [np.broadcast_to(w, lead + w.shape[len(lead_w):]) for w in weights]
        results = [f(x[at], *(w[at] for w in weights)) for at in np.ndindex(lead)]
        return np.array(results).reshape(lead + results[0].shape)
    return twin


@each_form("linear")
def linear(draw, f):
    lead_x, lead_w = _replicas(draw)
    n, inputs, outputs = shape(draw, 3, 3)

    def one(x, weight, bias):
        out = np.zeros((n, outputs))
        for i, j in np.ndindex(n, outputs):
            out[i, j] = bias[j] + sum(x[i, k] * weight[j, k] for k in range(inputs))
        return out
    return f, _per_replica(one, lead_x, lead_w), signed(
        draw, (*lead_x, n, inputs), (*lead_w, outputs, inputs), (*lead_w, outputs))


@each_form("conv1d")
def conv1d(draw, f):
    lead_x, lead_w = _replicas(draw)
    length, kernel, stride, padding = _window(draw)
    n, inputs, outputs = draw(st.tuples(*[st.integers(1, 2)] * 3))
    positions = (length + 2 * padding - kernel) // stride + 1

    def one(x, weight, bias):
        out = np.zeros((n, outputs, positions))
        for i, o, p in np.ndindex(out.shape):
            out[i, o, p] = bias[o]
            for c, tap in np.ndindex(inputs, kernel):
                source = p * stride + tap - padding
                if 0 <= source < length:
                    out[i, o, p] += weight[o, c, tap] * x[i, c, source]
        return out
    return (lambda *a: f(*a, stride, padding), _per_replica(one, lead_x, lead_w), signed(
        draw, (*lead_x, n, inputs, length), (*lead_w, outputs, inputs, kernel),
        (*lead_w, outputs)))


@each_form("softmax_cross_entropy")
def softmax_cross_entropy(draw, f):
    lead, n, classes = shape(draw, high=1), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    rng = np.random.RandomState(draw(seeds))
    labels = rng.randint(0, classes, draw(st.sampled_from([(n,), (*lead, n)])))

    def one(logits, labels):
        picked = [math.log(sum(map(math.exp, row))) - row[label]
                  for row, label in zip(logits, labels, strict=True)]
        return np.array(sum(picked) / n)

    def twin(logits):
        own = np.broadcast_to(labels, (*lead, n))
        return np.array([one(logits[at], own[at]) for at in np.ndindex(lead)]).reshape(lead)
    return (lambda logits: f(logits, labels), twin,
            signed(draw, (*lead, n, classes)))


@each_form("gru")
def gru(draw, f):
    lead_x, lead_w = _replicas(draw)
    n, steps = draw(st.sampled_from([(1, 3), (2, 2), (1, 1)]))
    inputs, size = draw(st.integers(1, 2)), draw(st.integers(1, 2))

    def one(x, w_i, w_h, b_i, b_h):
        out = np.zeros((n, steps, size))
        for i in range(n):
            h = [0.0] * size
            for t in range(steps):
                a = [b_i[j] + sum(w_i[j, k] * x[i, t, k] for k in range(inputs))
                     for j in range(3 * size)]
                b = [b_h[j] + sum(w_h[j, k] * h[k] for k in range(size))
                     for j in range(3 * size)]
                r = [logistic_function(a[j] + b[j]) for j in range(size)]
                z = [logistic_function(a[size + j] + b[size + j]) for j in range(size)]
                c = [math.tanh(a[2 * size + j] + r[j] * b[2 * size + j]) for j in range(size)]
                h = [(1 - z[j]) * c[j] + z[j] * h[j] for j in range(size)]
                out[i, t] = h
        return out
    arrays = signed(draw, (*lead_x, n, steps, inputs), (*lead_w, 3 * size, inputs),
                    (*lead_w, 3 * size, size), (*lead_w, 3 * size), (*lead_w, 3 * size))
    return f, _per_replica(one, lead_x, lead_w), arrays


# ---------------------------------------------------------------------------- the properties


def test_the_table_has_every_operation_of_the_engine():
    public = {name for name, value in vars(engine).items()
              if inspect.isfunction(value) and value.__module__ == engine.__name__
              and not name.startswith("_")}
    assert public - NOT_OPERATIONS == {operation for operation, _ in TABLE.values()}


def test_the_table_has_every_fused_operation_plain_and_fused():
    joined = {name for name in vars(fused) 
              if inspect.isfunction(getattr(kernels, name, None)) and hasattr(engine, name)}
    assert len(joined) >= 7
    for name in joined:
        forms = [label for label, (operation, _) in TABLE.items() if operation == name]
        assert len(forms) >= 2 and any("fused" in label for label in forms)


@each_case
def test_values_are_those_of_the_naive_twin(f, twin, arrays):
    out = f(*map(Tensor, arrays))
    expected = twin(*arrays)
    assert out.shape == expected.shape
    np.testing.assert_allclose(out.data, expected, rtol=1e-12, atol=1e-13)


@each_case
def test_first_and_second_gradients_are_finite_differences(f, twin, arrays):
    check_gradients(f, *arrays, order=2)


@each_case
def test_float32_stays_float32_through_values_and_gradients_of_two_orders(f, twin, arrays):
    xs = [Tensor(a.astype(np.float32)) for a in arrays]
    out = f(*xs)
    assert out.dtype == np.float32
    slopes = grad(out, xs, np.ones(out.shape, np.float32), create_graph=True)
    assert [g.dtype for g in slopes] == [np.dtype(np.float32)] * len(xs)
    total = engine.stack([(g * g).sum() for g in slopes] + [(x * x).sum() for x in xs]).sum()
    assert [g.dtype for g in grad(total, xs)] == [np.dtype(np.float32)] * len(xs)


@each_case
def test_float32_values_and_gradients_are_those_of_float64_rounded(f, twin, arrays):
    results = []
    for dtype in (np.float32, np.float64):
        xs = [Tensor(a.astype(dtype)) for a in arrays]
        out = f(*xs)
        results.append([out, *grad(out, xs, np.ones(out.shape, dtype))])
    for single, double in zip(*results, strict=True):
        np.testing.assert_allclose(single.data, double.data, rtol=1e-4, atol=1e-4)


@each_case
def test_inputs_are_neither_changed_nor_needed_writeable(f, twin, arrays):
    kept = [a.copy() for a in arrays]
    for a in arrays:
        a.flags.writeable = False  # Tensor takes a read-only array as it is, without a copy
    xs = [Tensor(a) for a in arrays]
    out = f(*xs)
    before = out.data.copy()
    slopes = grad(out, xs, np.ones(out.shape), create_graph=True)
    total = engine.stack([(g * g).sum() for g in slopes] + [(x * x).sum() for x in xs]).sum()
    first = [g.data.copy() for g in slopes]
    grad(total, xs)
    np.testing.assert_array_equal(out.data, before)
    for a, old in zip(arrays, kept, strict=True):
        np.testing.assert_array_equal(a, old)
    for g, old in zip(slopes, first, strict=True):
        np.testing.assert_array_equal(g.data, old)
    assert not out.data.flags.writeable
    assert not any(g.data.flags.writeable for g in slopes)


@each_case
def test_a_dropped_tape_is_freed_without_the_garbage_collector(f, twin, arrays):
    gc.disable()
    try:
        xs = [Tensor(a) for a in arrays]
        out = f(*xs)
        slopes = grad(out, xs, np.ones(out.shape), create_graph=True)
        total = engine.stack([(g * g).sum() for g in slopes] + [(x * x).sum() for x in xs]).sum()
        grad(total, xs)
        watched = [weakref.ref(t) for t in (out, total, *slopes, *xs)]
        del xs, out, slopes, total
        alive = [i for i, ref in enumerate(watched) if ref() is not None]
        assert alive == []
    finally:
        gc.enable()


@each_case
def test_gradient_is_linear_in_the_cotangent(f, twin, arrays):
    xs = [Tensor(a) for a in arrays]
    out = f(*xs)
    rng = np.random.RandomState(0)
    one, two = rng.standard_normal((2, *out.shape))
    parts = [grad(out, xs, c) for c in (one, two, 2 * one - 3 * two)]
    for a, b, both in zip(*parts, strict=True):
        np.testing.assert_allclose(both.data, 2 * a.data - 3 * b.data, rtol=1e-9, atol=1e-10)
