"""Layers against loops, and the seed axis against separate replicas.

test_torch_reference.py holds the same layers to PyTorch's numbers.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from mnist1d_edu import fused, nn
from mnist1d_edu.engine import Tensor, grad
from mnist1d_edu.gradcheck import check_gradients

SEEDS = 3


def rand(*shape, seed=0):
    return np.random.RandomState(seed + sum(shape)).uniform(-1, 1, shape)


def fresh(layer, seed=0, dtype=np.float64):
    """Parameters that are all random (a fresh BatchNorm has ones and zeros)."""
    rng = np.random.RandomState(seed)
    params = layer.init(rng)
    signs = {name: 1 if name.endswith("running_var") else rng.choice([-1, 1], p.shape)
             for name, p in params.items()}
    return {name: (rng.uniform(0.3, 1.0, p.shape) * signs[name]).astype(dtype)
            for name, p in params.items()}


# ---------------------------------------------------------------------------- shapes

SHAPES = [  # layer, input, output, parameters
    (nn.Linear(4, 3), (5, 4), (5, 3), {"weight": (3, 4), "bias": (3,)}),
    (nn.Conv1d(2, 3, 4), (5, 2, 9), (5, 3, 6), {"weight": (3, 2, 4), "bias": (3,)}),
    (nn.Conv1d(1, 2, 5, stride=2, padding=1), (5, 1, 40), (5, 2, 19), {"weight": (2, 1, 5),
                                                                      "bias": (2,)}),
    (nn.GRU(2, 3), (5, 7, 2), (5, 7, 3), {
        "weight_ih_l0": (9, 2), "weight_hh_l0": (9, 3), "bias_ih_l0": (9,), "bias_hh_l0": (9,)}),
    (nn.GRU(2, 3, bidirectional=True), (5, 7, 2), (5, 7, 6), {
        f"{name}_l0{way}": shape for way in ("", "_reverse") for name, shape in (
            ("weight_ih", (9, 2)), ("weight_hh", (9, 3)), ("bias_ih", (9,)), ("bias_hh", (9,)))}),
    (nn.BatchNorm1d(4), (5, 4), (5, 4), dict.fromkeys(
        ("weight", "bias", "running_mean", "running_var"), (4,))),
    (nn.BatchNorm1d(4), (5, 4, 7), (5, 4, 7), dict.fromkeys(
        ("weight", "bias", "running_mean", "running_var"), (4,))),
    (nn.MaxPool1d(2), (5, 3, 9), (5, 3, 4), {}),
    (nn.MaxPool1d(3, stride=1), (5, 3, 9), (5, 3, 7), {}),
    (nn.AvgPool1d(2), (5, 3, 9), (5, 3, 4), {}),
    (nn.LPPool1d(2, 3, stride=2), (5, 3, 9), (5, 3, 4), {}),
    (nn.Flatten(), (5, 3, 9), (5, 27), {}),
    (nn.PReLU(), (5, 3), (5, 3), {"weight": (1,)}),
    (nn.PReLU(), (5, 3, 4), (5, 3, 4), {"weight": (1,)}),
    (nn.Residual(nn.Linear(4, 4)), (5, 4), (5, 4), {"layer.weight": (4, 4), "layer.bias": (4,)}),
    (nn.Sequential(nn.Linear(4, 3), nn.relu, out=nn.Linear(3, 2)), (5, 4), (5, 2), {
        "0.weight": (3, 4), "0.bias": (3,), "out.weight": (2, 3), "out.bias": (2,)}),
    (nn.Sequential(conv=nn.Conv1d(1, 2, 3, padding=1), norm=nn.BatchNorm1d(2), act=nn.PReLU(),
                   pool=nn.MaxPool1d(2), flat=nn.Flatten(), out=nn.Linear(8, 3)),
     (5, 1, 8), (5, 3), {
        "conv.weight": (2, 1, 3), "conv.bias": (2,), "norm.weight": (2,), "norm.bias": (2,),
        "norm.running_mean": (2,), "norm.running_var": (2,), "act.weight": (1,),
        "out.weight": (3, 8), "out.bias": (3,)}),
    (nn.logistic(), (5, 40), (5, 10), {"linear.weight": (10, 40), "linear.bias": (10,)}),
    (nn.mlp(hidden=7), (5, 40), (5, 10), {
        "linear1.weight": (7, 40), "linear1.bias": (7,), "linear2.weight": (7, 7),
        "linear2.bias": (7,), "linear3.weight": (10, 7), "linear3.bias": (10,)}),
    (nn.cnn(channels=3), (5, 40), (5, 10), {
        "conv1.weight": (3, 1, 5), "conv1.bias": (3,), "conv2.weight": (3, 3, 3),
        "conv2.bias": (3,), "conv3.weight": (3, 3, 3), "conv3.bias": (3,),
        "linear.weight": (10, 15), "linear.bias": (10,)}),
    (nn.gru(hidden=2, length=6), (5, 6), (5, 10), {
        **{f"gru.{name}_l0{way}": shape for way in ("", "_reverse") for name, shape in (
            ("weight_ih", (6, 1)), ("weight_hh", (6, 2)), ("bias_ih", (6,)), ("bias_hh", (6,)))},
        "linear.weight": (10, 24), "linear.bias": (10,)}),
]
each_layer = pytest.mark.parametrize("layer, given, wanted, shapes", SHAPES,
                                     ids=[f"{i}-{s[0]!r:.30}" for i, s in enumerate(SHAPES)])


@each_layer
def test_shapes_names_and_dtypes(layer, given, wanted, shapes):
    params = layer.init(np.random.RandomState(0))
    assert {name: p.shape for name, p in params.items()} == shapes
    assert tuple(params) == tuple(layer.names)
    assert all(p.dtype == np.float32 for p in params.values())
    out = layer(params, rand(*given).astype(np.float32))
    assert isinstance(out, Tensor)
    assert (out.shape, out.dtype) == (wanted, np.float32)


@each_layer
def test_initial_parameters_are_a_function_of_the_seed(layer, given, wanted, shapes):
    one, two, other = (layer.init(np.random.RandomState(s)) for s in (1, 1, 2))
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])
        if name.split(".")[-1].startswith("weight_") or "linear" in name:
            assert (one[name] != other[name]).any()


@each_layer
@pytest.mark.parametrize("training", [False, True])
def test_gradients_are_finite_differences(layer, given, wanted, shapes, training):
    params = fresh(layer)
    trained = [name for name in params if name not in layer.buffers]

    def f(x, *values):
        updates = {} if training else None
        return layer({**params, **dict(zip(trained, values, strict=True))}, x, updates)
    check_gradients(f, rand(3, *given[1:]), *(params[name] for name in trained))


@each_layer
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_the_seed_axis_is_separate_replicas(layer, given, wanted, shapes, training, shared):
    """Outputs, gradients and running statistics."""
    if shared and (not shapes or isinstance(layer, (nn.BatchNorm1d, nn.PReLU))):
        pytest.skip("told by the axes of x, which must have the seed axis itself")
    params = [fresh(layer, seed) for seed in range(SEEDS)]
    stacked = {name: Tensor(np.stack([p[name] for p in params])) for name in params[0]}
    x = rand(*given) if shared else rand(SEEDS, *given)
    cotangent = rand(SEEDS, *wanted, seed=4)
    updates = {} if training else None
    out = layer(stacked, x, updates)
    assert out.shape == (SEEDS, *wanted)
    trained = [name for name in stacked if name not in layer.buffers]
    slopes = grad(out, [stacked[n] for n in trained], cotangent) if trained else []
    for k in range(SEEDS):
        own = {name: Tensor(value) for name, value in params[k].items()}
        own_updates = {} if training else None
        alone = layer(own, x if shared else x[k], own_updates)
        np.testing.assert_allclose(out.data[k], alone.data, rtol=1e-10, atol=1e-12)
        own_slopes = grad(alone, [own[n] for n in trained], cotangent[k]) if trained else []
        for name, a, b in zip(trained, slopes, own_slopes, strict=True):
            np.testing.assert_allclose(a.data[k], b.data, rtol=1e-9, atol=1e-11, err_msg=name)
        expected = set(layer.buffers) if training else set()
        assert set(updates or ()) == set(own_updates or ()) == expected
        for name in own_updates or ():
            np.testing.assert_allclose(updates[name][k], own_updates[name], rtol=1e-10)


@pytest.mark.parametrize("name", nn.MODELS)
def test_the_papers_models_at_full_size_on_the_seed_axis_in_float32(name):
    model = nn.model(name)
    inits = [model.init(np.random.RandomState(s)) for s in range(SEEDS)]
    stacked = {n: Tensor(np.stack([p[n] for p in inits])) for n in inits[0]}
    x, labels = rand(20, 40).astype(np.float32), np.arange(20) % 10
    losses = nn.cross_entropy(model(stacked, x), labels)
    assert losses.shape == (SEEDS,) and losses.dtype == np.float32
    slopes = grad(losses, stacked.values(), np.ones(SEEDS))
    for k, init in enumerate(inits):
        own = {n: Tensor(p) for n, p in init.items()}
        loss = nn.cross_entropy(model(own, x), labels)
        np.testing.assert_allclose(losses.data[k], loss.data, rtol=1e-5)
        for n, a, b in zip(own, slopes, grad(loss, own.values()), strict=True):
            np.testing.assert_allclose(a.data[k], b.data, rtol=1e-3, atol=2e-6, err_msg=n)


def test_the_papers_parameter_counts():
    counts = {name: nn.count_parameters(nn.model(name).init(np.random.RandomState(0)))
              for name in nn.MODELS}
    assert counts == {"logistic": 410, "mlp": 15_210, "cnn": 5_210, "gru": 5_134}
    assert nn.count_parameters(nn.mlp(hidden=500).init(np.random.RandomState(0))) == 276_010


# ---------------------------------------------------------------------------- naive twins


def test_linear_is_a_loop():
    layer = nn.Linear(3, 2)
    p, x = fresh(layer), rand(4, 3)
    expected = [[sum(x[i, k] * p["weight"][j, k] for k in range(3)) + p["bias"][j]
                 for j in range(2)] for i in range(4)]
    np.testing.assert_allclose(layer(p, x).data, expected)


@pytest.mark.parametrize("kernel, stride, padding",
                         [*itertools.product((1, 2, 3, 5), (1, 2, 3), (0, 1, 2))])
def test_conv1d_is_a_loop(kernel, stride, padding):
    layer = nn.Conv1d(2, 3, kernel, stride, padding)
    p, x = fresh(layer), rand(2, 2, 8)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
    positions = (8 + 2 * padding - kernel) // stride + 1
    expected = np.zeros((2, 3, positions))
    for n, o, at in np.ndindex(expected.shape):
        window = padded[n, :, at * stride:at * stride + kernel]
        expected[n, o, at] = (window * p["weight"][o]).sum() + p["bias"][o]
    np.testing.assert_allclose(layer(p, x).data, expected, rtol=1e-12, atol=1e-14)


def gru_states(x, weight_ih, weight_hh, bias_ih, bias_hh):
    """The states for one sequence x (T, inputs), one step after the other."""
    h, states = np.zeros(weight_hh.shape[1]), []
    for value in x:
        (ir, iz, ic), (hr, hz, hc) = (np.split(a, 3) for a in (
            weight_ih @ value + bias_ih, weight_hh @ h + bias_hh))
        r, z = 1 / (1 + np.exp(-(ir + hr))), 1 / (1 + np.exp(-(iz + hz)))
        h = (1 - z) * np.tanh(ic + r * hc) + z * h
        states.append(h)
    return np.array(states)


@pytest.mark.parametrize("both", [False, True])
def test_gru_is_a_loop(both):
    layer = nn.GRU(2, 3, bidirectional=both)
    p, x = fresh(layer), rand(4, 6, 2)
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    expected = np.array([gru_states(row, *(p[n] for n in names)) for row in x])
    if both:
        back = np.array([gru_states(row[::-1], *(p[f"{n}_reverse"] for n in names))[::-1]
                         for row in x])
        expected = np.concatenate([expected, back], axis=-1)
    np.testing.assert_allclose(layer(p, x).data, expected, rtol=1e-11, atol=1e-13)


POOLS = [(nn.MaxPool1d, (), max), (nn.AvgPool1d, (), lambda w: sum(w) / len(w)),
         (nn.LPPool1d, (2,), lambda w: math.sqrt(sum(a * a for a in w))),
         (nn.LPPool1d, (4,), lambda w: sum(a**4 for a in w) ** 0.25)]


@pytest.mark.parametrize("pool, first, reduce", POOLS)
@pytest.mark.parametrize("kernel, stride", [(1, None), (2, None), (3, None), (3, 1), (2, 3)])
def test_pools_are_loops(pool, first, reduce, kernel, stride):
    x = rand(2, 3, 8)
    step = kernel if stride is None else stride
    positions = (8 - kernel) // step + 1
    expected = np.array([[[reduce([*x[n, c, p * step:p * step + kernel]]) for p in range(positions)]
                          for c in range(3)] for n in range(2)])
    layer = pool(*first, kernel, stride)
    np.testing.assert_allclose(layer({}, x).data, expected, rtol=1e-12)
    check_gradients(lambda x: layer({}, x), x, order=2)


def test_lp_pool_of_zeros_is_zero_and_so_is_its_gradient():
    x = Tensor(np.zeros((1, 1, 4)))
    out = nn.LPPool1d(2, 2)({}, x)
    np.testing.assert_array_equal(out.data, 0)
    np.testing.assert_array_equal(grad(out.sum(), [x])[0].data, 0)


@pytest.mark.parametrize("shape", [(6, 3), (6, 3, 4)])
def test_batch_norm_standardises_each_feature_and_leaves_its_statistics(shape):
    layer = nn.BatchNorm1d(3, momentum=0.2)
    p, x, updates = fresh(layer), rand(*shape) * 3 + 1, {}
    out = layer(p, x, updates).data
    for c in range(3):
        values = x[:, c].ravel()
        mean, var = values.mean(), values.var()
        expected = (x[:, c] - mean) / np.sqrt(var + 1e-5) * p["weight"][c] + p["bias"][c]
        np.testing.assert_allclose(out[:, c], expected, rtol=1e-10, atol=1e-12)
        assert updates["running_mean"][c] == pytest.approx(
            0.8 * p["running_mean"][c] + 0.2 * mean)
        assert updates["running_var"][c] == pytest.approx(
            0.8 * p["running_var"][c] + 0.2 * values.var(ddof=1))


def test_batch_norm_in_evaluation_uses_the_running_statistics_and_keeps_them():
    layer = nn.BatchNorm1d(3)
    p, x = fresh(layer), rand(4, 3)
    kept = {name: value.copy() for name, value in p.items()}
    expected = (x - p["running_mean"]) / np.sqrt(p["running_var"] + 1e-5) * p["weight"] + p["bias"]
    np.testing.assert_allclose(layer(p, x).data, expected)
    one_by_one = np.concatenate([layer(p, x[i:i + 1]).data for i in range(4)])
    np.testing.assert_allclose(one_by_one, expected)
    for name in p:
        np.testing.assert_array_equal(p[name], kept[name])


def test_batch_norm_inside_others_leaves_its_statistics_under_its_full_name():
    net = nn.Sequential(a=nn.Linear(4, 3), block=nn.Residual(nn.Sequential(nn.BatchNorm1d(3))))
    updates = {}
    net(fresh(net), rand(5, 4), updates)
    assert set(updates) == set(net.buffers) == {
        "block.layer.0.running_mean", "block.layer.0.running_var"}


def test_sequential_residual_and_flatten_are_what_they_say():
    linear = nn.Linear(3, 3)
    p, x = fresh(linear), rand(4, 3)
    inner = linear(p, x).data
    net = nn.Sequential(nn.Residual(linear), nn.tanh)
    out = net({f"0.layer.{name}": value for name, value in p.items()}, x)
    np.testing.assert_allclose(out.data, np.tanh(x + inner))
    cube = rand(2, 3, 4)
    np.testing.assert_array_equal(nn.Flatten()({}, cube).data, [c.ravel() for c in cube])
    np.testing.assert_array_equal(nn.Flatten()({}, cube[0]).data, cube[0].ravel())


def test_mlp_is_the_papers_formula():
    model = nn.mlp(hidden=5)
    p, x = fresh(model), rand(3, 40)

    def dense(name, v):
        return v @ p[f"{name}.weight"].T + p[f"{name}.bias"]
    h = np.maximum(dense("linear1", x), 0)
    h = h + np.maximum(dense("linear2", h), 0)
    np.testing.assert_allclose(model(p, x).data, dense("linear3", h), rtol=1e-10)


# ---------------------------------------------------------------------------- activations

ACTIVATIONS = {
    "relu": lambda a: max(a, 0.0), "tanh": math.tanh, "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "elu": lambda a: a if a > 0 else math.expm1(a), "silu": lambda a: a / (1 + math.exp(-a)),
    "softplus": lambda a: math.log1p(math.exp(a)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_their_formulas(name):
    f = getattr(nn, name)
    x = np.array([-3.0, -1.2, -0.4, 0.3, 0.9, 2.5])
    np.testing.assert_allclose(f(Tensor(x)).data, [ACTIVATIONS[name](a) for a in x], rtol=1e-12)
    check_gradients(f, x, order=2)
    single = Tensor(x.astype(np.float32))
    assert f(single).dtype == grad(f(single).sum(), [single])[0].dtype == np.float32


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_of_large_numbers_do_not_overflow(name):
    x = Tensor([-1e4, 1e4])
    with np.errstate(over="raise", invalid="raise"):
        y = getattr(nn, name)(x)
        slope = grad(y.sum(), [x])[0]
    assert np.isfinite(y.data).all() and np.isfinite(slope.data).all()


@pytest.mark.parametrize("name, slopes", [("softplus", (0.5, 0.25)), ("silu", (0.5, 0.5)),
                                          ("elu", (1.0, None)), ("sigmoid", (0.25, 0.0)),
                                          ("tanh", (1.0, 0.0))])
def test_smooth_activations_have_their_derivatives_at_zero_too(name, slopes):
    x = Tensor(0.0)
    first = grad(getattr(nn, name)(x), [x], create_graph=True)[0]
    assert float(first) == slopes[0]
    if slopes[1] is not None:
        assert float(grad(first, [x])[0]) == slopes[1]


def test_prelu_and_elu_take_their_slopes():
    x = Tensor([-2.0, 0.0, 3.0])
    np.testing.assert_allclose(nn.prelu(x, 0.1).data, [-0.2, 0, 3])
    np.testing.assert_allclose(nn.elu(x, 2.0).data, [2 * math.expm1(-2), 0, 3])
    check_gradients(nn.prelu, np.array([-2.0, 0.5, 3.0]), 0.1, order=2)


# ---------------------------------------------------------------------------- losses


def test_cross_entropy_is_the_mean_of_minus_log_probabilities():
    logits, labels = rand(5, 4) * 3, np.array([3, 0, 1, 1, 2])
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    expected = -np.log(p[np.arange(5), labels]).mean()
    for given in (labels, labels.tolist(), labels.astype(np.uint8)):
        assert float(nn.cross_entropy(logits, given)) == pytest.approx(expected, rel=1e-12)
    assert nn.cross_entropy(logits, labels).shape == ()
    own = np.stack([labels, labels[::-1]])
    both = nn.cross_entropy(np.stack([logits, logits]), own)
    assert float(both.data[1]) == pytest.approx(float(nn.cross_entropy(logits, own[1])))


def test_mse_is_the_mean_square_also_against_one_hot_labels():
    outputs, targets = rand(5, 4), rand(5, 4, seed=3)
    assert float(nn.mse(outputs, targets)) == pytest.approx(((outputs - targets) ** 2).mean())
    labels = np.array([3, 0, 1, 1, 2])
    hot = np.eye(4)[labels]
    assert float(nn.mse(outputs, labels)) == pytest.approx(((outputs - hot) ** 2).mean())
    stacked = nn.mse(np.stack([outputs, 2 * outputs]), labels)
    np.testing.assert_allclose(stacked.data, [((k * outputs - hot) ** 2).mean() for k in (1, 2)])
    assert nn.mse(Tensor(outputs.astype(np.float32)), labels).dtype == np.float32
    check_gradients(lambda x: nn.mse(x, targets), outputs, order=2)


# ---------------------------------------------------------------------------- initialisers

FAN_IN, FAN_OUT, SHAPE = 50, 30, (400, 500)


@pytest.mark.parametrize("initialiser, variance, bound", [
    (nn.torch_default, 1 / (3 * FAN_IN), FAN_IN ** -0.5),
    (nn.he, 2 / FAN_IN, None),
    (nn.he_uniform, 2 / FAN_IN, (6 / FAN_IN) ** 0.5),
    (nn.glorot, 2 / (FAN_IN + FAN_OUT), (6 / (FAN_IN + FAN_OUT)) ** 0.5),
])
def test_initialisers_have_their_moments_and_bounds(initialiser, variance, bound):
    values = initialiser(np.random.RandomState(0), SHAPE, FAN_IN, FAN_OUT)
    assert values.dtype == np.float32 and values.shape == SHAPE
    n = values.size
    assert abs(values.mean()) < 5 * (variance / n) ** 0.5
    assert values.var() == pytest.approx(variance, rel=0.02)
    kurtosis = (values.astype(float)**4).mean() / variance**2
    assert kurtosis == pytest.approx(3 if bound is None else 1.8, rel=0.05)
    if bound is not None:
        assert 0.999 * bound < np.abs(values).max() <= np.float32(bound)


@pytest.mark.parametrize("layer, fan_in, fan_out", [
    (lambda i: nn.Linear(50, 3000, i), 50, 3000),
    (lambda i: nn.Conv1d(5, 900, 7, initialiser=i), 35, 6300)])
def test_layers_tell_the_initialiser_their_fans_and_zero_the_bias(layer, fan_in, fan_out):
    seen = []

    def spy(rng, shape, given_in, given_out):
        seen.append((given_in, given_out))
        return np.ones(shape, np.float32)
    params = layer(spy).init(np.random.RandomState(0))
    assert seen == [(fan_in, fan_out)]
    np.testing.assert_array_equal(params["weight"], 1)
    np.testing.assert_array_equal(params["bias"], 0)
    default = layer(nn.torch_default).init(np.random.RandomState(0))
    for value in default.values():
        assert 0.97 * fan_in ** -0.5 < np.abs(value).max() <= np.float32(fan_in ** -0.5)


def test_he_keeps_the_variance_through_ten_relus_and_glorot_halves_it_each_time():
    x = np.random.RandomState(1).standard_normal((200, 300)).astype(np.float32)
    moments = {}
    for initialiser in (nn.he, nn.he_uniform, nn.glorot):
        layer, h = nn.Linear(300, 300, initialiser), x
        for seed in range(10):
            h = nn.relu(layer(layer.init(np.random.RandomState(seed)), h))
        moments[initialiser] = float((h * h).mean())
    assert 0.25 < moments[nn.he] < 4 and 0.25 < moments[nn.he_uniform] < 4
    assert 0.25 < moments[nn.glorot] * 2**10 < 4


# ---------------------------------------------------------------------------- bad input


def apply(layer, *shape, dtype=np.float32):
    return lambda: layer(layer.init(np.random.RandomState(0)), np.zeros(shape, dtype))


LOGITS = np.zeros((4, 10))
BAD = [
    (lambda: nn.Linear(0, 3), ValueError, "in_features must be an integer of at least 1; got 0"),
    (lambda: nn.Linear(3, 2.0), TypeError, "out_features must be .*got 2.0"),
    (lambda: nn.Conv1d(-1, 3, 2), ValueError, "in_channels must be .*got -1"),
    (lambda: nn.Conv1d(1, 0, 2), ValueError, "out_channels must be .*got 0"),
    (lambda: nn.Conv1d(1, 3, 0), ValueError, "kernel_size must be .*got 0"),
    (lambda: nn.Conv1d(1, 3, 2, stride=0), ValueError, "stride must be .*got 0"),
    (lambda: nn.Conv1d(1, 3, 2, padding=-1), ValueError, "padding must be .*got -1"),
    (lambda: nn.GRU(0, 3), ValueError, "input_size must be .*got 0"),
    (lambda: nn.GRU(1, "6"), TypeError, "hidden_size must be .*got '6'"),
    (lambda: nn.BatchNorm1d(0), ValueError, "features must be .*got 0"),
    (lambda: nn.BatchNorm1d(2, eps=0), ValueError, "eps must be .*got 0"),
    (lambda: nn.BatchNorm1d(2, momentum=2), ValueError, "momentum must be .*got 2"),
    (lambda: nn.MaxPool1d(0), ValueError, "kernel_size must be .*got 0"),
    (lambda: nn.AvgPool1d(2, stride=0), ValueError, "stride must be .*got 0"),
    (lambda: nn.LPPool1d(0, 2), ValueError, "norm_type must be a finite number above 0; got 0"),
    (lambda: nn.mlp(hidden=0), ValueError, "must be an integer of at least 1; got 0"),
    (lambda: nn.model("mpl"), ValueError, r"name must be one of .* got 'mpl' .did you mean 'mlp'"),
    (apply(nn.Linear(4, 3), 5, 3), ValueError, r"x must have shape .* = 4; got \(5, 3\)"),
    (apply(nn.Linear(4, 3), 4), ValueError, r"Linear: x must .* got \(4,\)"),
    (apply(nn.Conv1d(2, 3, 2), 5, 3, 8), ValueError, r"Conv1d: x must .* got \(5, 3, 8\)"),
    (apply(nn.Conv1d(2, 3, 2), 2, 8), ValueError, r"Conv1d: x must .* got \(2, 8\)"),
    (apply(nn.Conv1d(2, 3, 9), 5, 2, 8), ValueError, "kernel_size must be at most .* got 9"),
    (apply(nn.GRU(2, 3), 5, 7, 1), ValueError, r"GRU: x must .* = 2; got \(5, 7, 1\)"),
    (apply(nn.GRU(2, 3), 5, 2), ValueError, r"GRU: x must .* got \(5, 2\)"),
    (apply(nn.BatchNorm1d(3), 5, 4), ValueError, r"BatchNorm1d: x must .* got \(5, 4\)"),
    (apply(nn.BatchNorm1d(3), 3), ValueError, r"BatchNorm1d: x must .* got \(3,\)"),
    (apply(nn.BatchNorm1d(3), 1, 2, 3, 4), ValueError, "BatchNorm1d: x must have shape"),
    (apply(nn.MaxPool1d(9), 5, 2, 8), ValueError, "kernel_size must be at most .* got 9"),
    (apply(nn.MaxPool1d(2), 8), ValueError, r"x must .* got \(8,\)"),
    (apply(nn.Flatten(), 8), ValueError, r"x must .* got \(8,\)"),
    (apply(nn.mlp(), 5, 39), ValueError, r"Linear: x must .* got \(5, 39\)"),
    (apply(nn.cnn(), 5, 30), ValueError, "x must have shape"),
    (lambda: nn.cross_entropy(LOGITS, [0, 1, 2]), ValueError,
     r"labels must be one integer for each row of logits, .*\(4, 10\); got shape \(3,\)"),
    (lambda: nn.cross_entropy(LOGITS, np.zeros((2, 4), int)), ValueError,
     r"labels must be one .* got shape \(2, 4\)"),
    (lambda: nn.cross_entropy(np.zeros((3, 4, 10)), np.zeros((2, 4), int)), ValueError,
     r"labels must be one .* got shape \(2, 4\)"),
    (lambda: nn.cross_entropy(LOGITS, np.zeros((4, 1), int)), ValueError, "labels must be one"),
    (lambda: nn.cross_entropy(LOGITS, [0, 1, 2, 10]), ValueError,
     "labels must be integers from 0 to 9; got 10"),
    (lambda: nn.cross_entropy(LOGITS, [0, -1, 2, 3]), ValueError, "got -1"),
    (lambda: nn.cross_entropy(LOGITS, np.zeros(4)), TypeError,
     "labels must be integers; got dtype float64"),
    (lambda: nn.cross_entropy(LOGITS, [True] * 4), TypeError, "got dtype bool"),
    (lambda: nn.cross_entropy(np.zeros(10), 3), ValueError, "shape"),
    (lambda: nn.mse(LOGITS, np.zeros((4, 9))), ValueError, r"targets must .* got \(4, 9\)"),
    (lambda: nn.mse(LOGITS, [0, 1, 2]), ValueError, "targets must have the shape of outputs"),
    (lambda: nn.mse(LOGITS, [0, 1, 2, 10]), ValueError, "got 10"),
    (lambda: nn.Layer()({}, LOGITS), TypeError, "Layer does not say how to apply it"),
]


@pytest.mark.parametrize("wrong, error, message", BAD, ids=range(len(BAD)))
def test_errors_name_the_argument_and_what_is_allowed(wrong, error, message):
    with pytest.raises(error, match=message) as caught:
        wrong()
    assert "\n" not in str(caught.value)


def test_labels_of_every_class_and_integer_type_pass():
    for dtype in (np.int8, np.uint8, np.int32, np.uint64):
        nn.check_labels(np.arange(10, dtype=dtype), classes=10)
    nn.check_labels(np.zeros(0, int), classes=10)


def test_layers_and_models_show_their_settings():
    assert repr(nn.Conv1d(1, 2, 3, padding=1)) == (
        "Conv1d(in_channels=1, out_channels=2, kernel_size=3, stride=1, padding=1, "
        "initialiser=torch_default)")
    assert "hidden=Linear(in_features=4" in repr(nn.Sequential(hidden=nn.Linear(4, 2), a=nn.relu))
    assert repr(nn.mlp()) != repr(nn.mlp(hidden=50))
    assert fused.relu is nn.relu
