"""Layers, losses, models and optimisers against numbers that PyTorch computed.

`reference/make_torch_reference.py` made them; PyTorch itself is not needed here. Inputs and weights
come from the formula in `reference/formula.py`.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from reference.formula import assert_agrees, digest, labels, parameter, parameters, wave
from scipy import stats

from mnist1d_edu import nn, optim
from mnist1d_edu.engine import Tensor, grad

PATH = Path(__file__).parent / "reference" / "torch_reference.json"
REFERENCE = json.loads(PATH.read_text(encoding="utf-8"))
RUNNING = ("running_mean", "running_var")


def identify(case) -> str:
    name = next(case[key] for key in ("layer", "model", "optimizer", "loss") if key in case)
    arguments = case.get("arguments", {}).items()
    return "-".join([name, *(f"{key}={value}" for key, value in arguments),
                     *(["training"] if case.get("training") else [])])


def each(section):
    return pytest.mark.parametrize("case", REFERENCE[section], ids=identify)


# BatchNorm1d and PReLU are told by their input's axes, so it must have the seed axis itself.
REPLICATED = [(case, shared) for case in REFERENCE["layers"] if case["parameters"]
              for shared in ([False, True] if case["layer"] in ("Linear", "Conv1d", "GRU")
                             else [False])]


def build(case):
    if case["layer"] == "BatchNorm1d":  # PyTorch's num_features is ours called features
        return nn.BatchNorm1d(case["arguments"]["num_features"])
    return getattr(nn, case["layer"])(**case["arguments"])


def tensors(arrays, dtype=np.float64):
    return {name: Tensor(array.astype(dtype)) for name, array in arrays.items()}


def compare_gradients(case, y, params, x, cotangent=None, tolerance=1e-10):
    """The gradients of y to the input and to every parameter that PyTorch trains."""
    named = {"input": x, **{k: v for k, v in params.items() if k.split(".")[-1] not in RUNNING}}
    assert set(named) == set(case["gradients"])
    for name, gradient in zip(named, grad(y, list(named.values()), cotangent), strict=True):
        assert gradient.dtype == x.dtype, name
        assert_agrees(f"gradient of {name}", gradient.data, case["gradients"][name], tolerance)


@each("layers")
@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-10), (np.float32, 2e-5)])
def test_layer_gives_pytorchs_output_and_gradients(case, dtype, tolerance):
    layer = build(case)
    params = tensors(parameters(case["parameters"]), dtype)
    x = Tensor(wave(case["input"]).astype(dtype))
    updates = {} if case["training"] else None
    out = layer(params, x, updates=updates)
    assert out.dtype == dtype
    assert_agrees("output", out.data, case["output"], tolerance)
    compare_gradients(case, out, params, x, Tensor(wave(out.shape, 0.5).astype(dtype)), tolerance)
    for name, stored in case.get("updates", {}).items():
        assert_agrees(name, updates[name], stored, tolerance)


@each("layers")
def test_layer_has_pytorchs_parameter_names_and_shapes(case):
    params = build(case).init(np.random.RandomState(0))
    assert {name: list(array.shape) for name, array in params.items()} == case["parameters"]
    assert all(array.dtype == np.float32 for array in params.values())


@pytest.mark.parametrize("case, shared", REPLICATED, ids=lambda value: (
    identify(value) if isinstance(value, dict) else "shared" if value else "own"))
def test_replicas_on_the_seed_axis_are_independent(case, shared):
    """Replica 1 has PyTorch's weights; replica 0 others; they see their own input or the same."""
    layer = build(case)
    ours = parameters(case["parameters"])
    stacked = {name: Tensor(np.stack([0.5 * array, array])) for name, array in ours.items()}
    x = wave(case["input"])
    x = Tensor(x if shared else np.stack([0.5 * x, x]))
    updates = {} if case["training"] else None
    out = layer(stacked, x, updates=updates)
    assert_agrees("output of replica 1", out.data[1], case["output"])
    cotangent = np.stack([np.zeros(out.shape[1:]), wave(out.shape[1:], 0.5)])
    trained = [name for name in ours if name not in RUNNING]
    gradients = grad(out, [stacked[name] for name in trained], Tensor(cotangent))
    for name, gradient in zip(trained, gradients, strict=True):
        assert_agrees(f"gradient of {name}", gradient.data[1], case["gradients"][name])
        np.testing.assert_array_equal(gradient.data[0], 0, err_msg=f"{name} of replica 0")
    for name, stored in case.get("updates", {}).items():
        assert_agrees(name, updates[name][1], stored)


@pytest.mark.parametrize("name", REFERENCE["activations"])
def test_activation_gives_pytorchs_values_and_gradients(name):
    stored = REFERENCE["activations"][name]
    x = Tensor(wave(stored["input"]))
    out = getattr(nn, name)(3 * x)
    assert_agrees(name, out.data, stored["output"])
    gradient, = grad(out, [x], Tensor(wave(out.shape, 0.5)))
    assert_agrees(f"gradient of {name}", gradient.data, stored["gradient"])


@each("losses")
def test_loss_gives_pytorchs_value_and_gradient(case):
    x = Tensor(case["scale"] * wave(case["input"]))
    if case["loss"] == "cross_entropy":
        loss = nn.cross_entropy(x, labels(case["input"][0]))
    else:
        loss = nn.mse(x, wave(case["input"], 1.0))
    assert loss.shape == ()
    assert float(loss.data) == pytest.approx(case["value"], rel=1e-12)
    assert_agrees("gradient", grad(loss, [x])[0].data, case["gradient"])


@each("models")
def test_model_gives_pytorchs_logits_loss_and_gradients(case):
    model = getattr(nn, case["model"])(**case["arguments"])
    shapes = {name: list(a.shape) for name, a in model.init(np.random.RandomState(0)).items()}
    assert shapes == case["parameters"]
    params = tensors(parameters(case["parameters"]))
    x = Tensor(wave(case["input"]))
    logits = model(params, x)
    assert_agrees("logits", logits.data, case["output"])
    loss = nn.cross_entropy(logits, labels(case["input"][0]))
    assert float(loss.data) == pytest.approx(case["loss"], rel=1e-12)
    compare_gradients(case, loss, params, x)


@pytest.mark.parametrize("kind", ["arrays", "tensors"])
@each("optimizers")
def test_optimizer_takes_pytorchs_steps(case, kind):
    optimizer = getattr(optim, case["optimizer"])(**case["arguments"])
    wrap = Tensor if kind == "tensors" else np.array
    params = {name: wrap(array) for name, array in parameters(case["parameters"]).items()}
    state = optimizer.init(params)
    for step, stored in enumerate(case["steps"]):
        grads = {name: wrap(wave(shape, 100.0 + 10 * step + k))
                 for k, (name, shape) in enumerate(case["parameters"].items())}
        params, state = optimizer.update(params, grads, state)
        for name, expected in stored.items():
            assert_agrees(f"{name} after step {step}", getattr(params[name], "data", params[name]),
                          expected)


@each("initialisation")
def test_initialisation_is_uniform_within_pytorchs_bound(case):
    layer = build(case)
    rng = np.random.RandomState(0)
    draws = [layer.init(rng) for _ in range(300)]
    assert set(draws[0]) == set(case["largest"])
    for name, largest in case["largest"].items():
        values = np.concatenate([draw[name].ravel() for draw in draws])
        bound = 1 / math.sqrt(fan_in(case))
        # PyTorch's own largest value, of as many draws, shows that this is its bound.
        assert bound * 0.97 < largest <= bound, name
        assert np.abs(values).max() <= np.float32(bound), name
        uniform = stats.uniform(-bound, 2 * bound)
        assert stats.kstest(values, uniform.cdf).pvalue > 1e-4, name


def fan_in(case) -> int:
    """Inputs of one output; for a GRU PyTorch takes its hidden size."""
    arguments = case["arguments"]
    if case["layer"] == "Conv1d":
        return arguments["in_channels"] * arguments["kernel_size"]
    return arguments["hidden_size" if case["layer"] == "GRU" else "in_features"]


def test_digest_sees_a_small_error_in_any_one_entry():
    array = parameter((10, 20), 1.0)
    stored = digest(array)
    assert_agrees("array", array, stored)
    for index in range(array.size):
        wrong = array.copy()
        wrong.flat[index] += 1e-6
        with pytest.raises(AssertionError, match="array"):
            assert_agrees("array", wrong, stored)
