"""Gradients through training: against finite differences, the tape of all steps, and each other."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from mnist1d_edu import engine, nn, optim
from mnist1d_edu.engine import Tensor, grad
from mnist1d_edu.unroll import Unrolled

OPTIMIZERS = {
    "sgd": lambda meta: optim.sgd(meta["lr"]),
    "momentum": lambda meta: optim.sgd(meta["lr"], momentum=0.7, weight_decay=0.01),
    "rmsprop": lambda meta: optim.rmsprop(meta["lr"], momentum=0.4),
    "adam": lambda meta: optim.adam(meta["lr"]),
    "schedule": lambda meta: optim.sgd(lambda step: meta["lr"] * 0.9 ** step),
}


def net(params, meta, x, y):
    """A small net whose activation function is a metaparameter."""
    hidden = engine.tanh(nn.Linear(4, 5)({"weight": params["a"], "bias": params["b"]}, x))
    hidden = hidden + meta["bend"] * hidden * hidden
    return nn.cross_entropy(engine.linear(hidden, params["c"], params["d"]), y)


@pytest.fixture
def setup():
    rng = np.random.RandomState(0)
    params = {"a": rng.randn(5, 4), "b": rng.randn(5), "c": rng.randn(3, 5), "d": rng.randn(3)}
    batches = [(rng.randn(8, 4), rng.randint(3, size=8)) for _ in range(6)]
    return params, {"lr": np.array(0.1), "bend": np.array(0.3)}, batches


def by_tape(run, params, meta, batches, weights):
    leaves = {name: Tensor(value) for name, value in meta.items()}
    losses = run.losses(params, leaves, batches)
    slopes = grad(engine.sum(losses * weights), list(leaves.values()))
    return losses.data, dict(zip(meta, [slope.data for slope in slopes], strict=True))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_both_forms_and_finite_differences_agree(name, setup):
    params, meta, batches = setup
    run, weights = Unrolled(net, OPTIMIZERS[name]), np.linspace(0, 1, 6)
    losses, slopes = run.gradient(params, meta, batches, weights)
    taped, expected = by_tape(run, params, meta, batches, weights)
    np.testing.assert_allclose(losses, taped, rtol=1e-12)
    for key in meta:
        assert slopes[key] == pytest.approx(expected[key], rel=1e-9)
        moved = [by_tape(run, params, {**meta, key: meta[key] + h}, batches, weights)[0] @ weights
                 for h in (1e-6, -1e-6)]
        assert slopes[key] == pytest.approx((moved[0] - moved[1]) / 2e-6, rel=1e-5)
    for _ in range(3):  # recorded, compared, replayed
        again, repeated = run.gradient(params, meta, batches, weights)
        np.testing.assert_array_equal(again, losses)
        assert repeated == slopes


def test_weights_choose_the_steps_and_the_default_is_the_mean(setup):
    params, meta, batches = setup
    run = Unrolled(net, OPTIMIZERS["sgd"])
    first = run.gradient(params, meta, batches, [1, 0, 0, 0, 0, 0])[1]
    assert first["lr"] == 0 and first["bend"] != 0  # the first loss comes before any update
    mean = run.gradient(params, meta, batches)[1]
    assert mean == run.gradient(params, meta, batches, np.full(6, 1 / 6))[1]


def test_metaparameters_of_any_shape(setup):
    """A rate for each parameter: the gradient by its name and shape."""
    params, meta, batches = setup
    meta = {"bend": meta["bend"], "rates": np.array([0.1, 0.2, 0.0, 0.3])}

    class by_parameter(optim.sgd):
        def formula(self, step, p, g, *memory):
            return p - g * self.lr[(3, 1, 0, 2)[p.size % 4]], []
    run = Unrolled(net, lambda meta: by_parameter(engine.as_tensor(meta["rates"])))
    slopes = run.gradient(params, meta, batches, np.ones(6))[1]
    expected = by_tape(run, params, meta, batches, np.ones(6))[1]
    np.testing.assert_allclose(slopes["rates"], expected["rates"], rtol=1e-9)
    assert slopes["rates"].shape == (4,)


def test_replicas_along_a_seed_axis_add_up(setup):
    params, meta, batches = setup
    run = Unrolled(net, OPTIMIZERS["rmsprop"])
    alone = [{name: p * scale for name, p in params.items()} for scale in (1.0, 0.5)]
    both = {name: np.stack([one[name] for one in alone]) for name in params}
    losses, slopes = run.gradient(both, meta, batches)
    each = [run.gradient(one, meta, batches) for one in alone]
    np.testing.assert_allclose(losses, np.stack([one[0] for one in each], axis=1), rtol=1e-12)
    for name in meta:
        assert slopes[name] == pytest.approx(each[0][1][name] + each[1][1][name], rel=1e-9)


def test_float32_stays_float32(setup):
    params, meta, batches = setup

    def single(arrays):
        return {name: a.astype(np.float32) for name, a in arrays.items()}
    batches = [(x.astype(np.float32), y) for x, y in batches]
    losses, slopes = Unrolled(net, OPTIMIZERS["sgd"]).gradient(
        single(params), single(meta), batches)
    assert losses.dtype == slopes["lr"].dtype == np.float32
    expected = Unrolled(net, OPTIMIZERS["sgd"]).gradient(params, meta, batches)[1]
    assert slopes["lr"] == pytest.approx(expected["lr"], rel=1e-3)


def test_memory_does_not_grow_with_the_tape_of_every_step(setup):
    params, meta, batches = setup
    rng = np.random.RandomState(0)
    batches = [(rng.randn(200, 4), rng.randint(3, size=200)) for _ in range(40)]
    run, peaks = Unrolled(net, OPTIMIZERS["sgd"]), []
    for compute in (run.gradient, lambda *given: by_tape(run, *given, np.ones(40))):
        tracemalloc.start()
        compute(params, meta, batches)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < peaks[1] / 5


def test_the_parameters_after_the_last_step(setup):
    params, meta, batches = setup
    run, now = Unrolled(net, OPTIMIZERS["sgd"]), {n: Tensor(p) for n, p in params.items()}
    for batch in batches:
        slopes = grad(net(now, meta, *batch), list(now.values()))
        now = {name: Tensor(p.data - meta["lr"] * g.data)
               for (name, p), g in zip(now.items(), slopes, strict=True)}
    for name, value in run.trained(params, meta, batches).items():
        np.testing.assert_allclose(value, now[name].data, rtol=1e-12)


@pytest.mark.parametrize("change, message", [
    ({"batches": []}, "batches must hold a batch for each step; got none"),
    ({"weights": [1.0]}, r"weights must have shape \(steps,\) = \(6,\); got \(1,\)"),
    ({"meta": {"lr": 0.1, "bend": np.array(0.3)}},
     r"meta\['lr'\] must be an array of the params' dtype, float64; got float"),
    ({"meta": {"lr": np.array(0.1, np.float32), "bend": np.array(0.3)}},
     r"meta\['lr'\] must be an array of the params' dtype, float64; got float32"),
])
def test_bad_input(change, message, setup):
    params, meta, batches = setup
    given = {"params": params, "meta": meta, "batches": batches, **change}
    with pytest.raises(ValueError, match=message):
        Unrolled(net, OPTIMIZERS["sgd"]).gradient(**given)
