"""Optimisers: the fast form is the formula, an update can be differentiated, schedules."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mnist1d_edu import engine, optim
from mnist1d_edu.engine import Tensor, grad
from mnist1d_edu.optim import adam, adamw, cosine, rmsprop, sgd, step_decay, warmup

SETTINGS = [
    ("sgd", sgd, {"lr": 0.1}), ("sgd momentum", sgd, {"lr": 0.1, "momentum": 0.9}),
    ("sgd decay", sgd, {"lr": 0.1, "weight_decay": 0.01}),
    ("sgd momentum decay", sgd, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}),
    ("rmsprop", rmsprop, {"lr": 0.01}),
    ("rmsprop alpha eps", rmsprop, {"lr": 0.01, "alpha": 0.5, "eps": 1e-3}),
    ("rmsprop momentum", rmsprop, {"lr": 0.01, "momentum": 0.4}),
    ("rmsprop momentum decay", rmsprop, {"lr": 0.01, "momentum": 0.4, "weight_decay": 0.1}),
    ("adam", adam, {"lr": 0.01}),
    ("adam betas eps", adam, {"lr": 0.01, "betas": (0.5, 0.8), "eps": 1e-2}),
    ("adam decay", adam, {"lr": 0.01, "weight_decay": 0.1}),
    ("adam no memory", adam, {"lr": 0.01, "betas": (0, 0)}),
    ("adam schedule", adam, {"lr": step_decay(0.1, every=2)}),
    ("adamw", adamw, {"lr": 0.01, "weight_decay": 0.1}),
    ("adamw schedule", adamw, {"lr": step_decay(0.1, every=2), "betas": (0.5, 0.8)}),
    ("sgd schedule", sgd, {"lr": cosine(0.1, 6), "momentum": 0.5}),
    ("rmsprop schedule", rmsprop, {"lr": warmup(0.1, 4)}),
]
each_setting = pytest.mark.parametrize("make, settings", [s[1:] for s in SETTINGS],
                                       ids=[s[0] for s in SETTINGS])
SHAPES = {"weight": (3, 2), "bias": (3,)}


def arrays(seed, dtype=np.float64):
    rng = np.random.RandomState(seed)
    return {name: rng.standard_normal(shape).astype(dtype) for name, shape in SHAPES.items()}


def flat(named):
    return np.concatenate([value.ravel() for value in named.values()])


def textbook(make, settings, p, gradients):
    """One parameter after each step, by the equations of the papers, in Python numbers."""
    s = {"weight_decay": 0.0, "momentum": 0.0, "alpha": 0.99, "eps": 1e-8, "betas": (0.9, 0.999),
         **settings}
    m = v = 0.0
    for t, g in enumerate(gradients):
        lr = s["lr"](t) if callable(s["lr"]) else s["lr"]
        if make is adamw:
            p = p - lr * settings.get("weight_decay", 0.01) * p
        else:
            g = g + s["weight_decay"] * p
        if make is sgd:
            m = s["momentum"] * m + g
            p = p - lr * m
        elif make is rmsprop:
            v = s["alpha"] * v + (1 - s["alpha"]) * g * g
            m = s["momentum"] * m + g / (math.sqrt(v) + s["eps"])
            p = p - lr * m
        else:
            b1, b2 = s["betas"]
            m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
            m_hat, v_hat = m / (1 - b1 ** (t + 1)), v / (1 - b2 ** (t + 1))
            p = p - lr * m_hat / (math.sqrt(v_hat) + s["eps"])
    return p


@each_setting
def test_updates_are_the_textbooks(make, settings):
    optimizer, params = make(**settings), arrays(0)
    start, state = params, optimizer.init(params)
    gradients = [arrays(seed) for seed in range(1, 7)]
    for g in gradients:
        params, state = optimizer.update(params, g, state)
    assert state["step"] == 6
    for name in SHAPES:
        for at in np.ndindex(SHAPES[name]):
            expected = textbook(make, settings, start[name][at], [g[name][at] for g in gradients])
            assert params[name][at] == pytest.approx(expected, rel=1e-10)


@each_setting
@pytest.mark.parametrize("dtype, tolerance", [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_the_fast_form_is_the_formula(make, settings, dtype, tolerance):
    optimizer, params = make(**settings), arrays(0, dtype)
    state = optimizer.init(params)
    buffer = flat(params)
    fast, scratch = optimizer.flat_state(buffer), np.full_like(buffer, np.nan)
    for step in range(6):
        gradients = arrays(step + 1, dtype)
        params, state = optimizer.update(params, gradients, state)
        optimizer.step_flat(step, buffer, flat(gradients), fast, scratch)
        np.testing.assert_allclose(buffer, flat(params), rtol=tolerance, atol=tolerance)
        for slot in optimizer.slots:
            np.testing.assert_allclose(fast[slot], flat(state[slot]), rtol=tolerance,
                                       atol=tolerance)
    assert buffer.dtype == dtype


def test_weights_that_decay_do_not_stay_subnormal():
    """A weight without any gradient but its own decay halves at each step, and ends at 0."""
    optimizer = sgd(0.5, weight_decay=1.0)
    buffer = np.full(3, np.finfo(np.float32).tiny * 4, np.float32)
    buffer[2] = 1
    for step in range(8):
        optimizer.step_flat(step, buffer, np.zeros_like(buffer), {}, np.empty_like(buffer))
    assert 0 < buffer[0] < np.finfo(np.float32).tiny  # not yet: it is not looked at every step
    for step in range(8, 33):
        optimizer.step_flat(step, buffer, np.zeros_like(buffer), {}, np.empty_like(buffer))
    assert buffer.tolist()[:2] == [0, 0] and buffer[2] == np.float32(0.5) ** 33


@pytest.mark.parametrize("make, settings", [(sgd, {"lr": 0.1, "momentum": 0.9}),
                                            (rmsprop, {"alpha": 0.9, "momentum": 0.9}),
                                            (adam, {"betas": (0.9, 0.9)})])
def test_the_memory_of_a_dead_unit_does_not_stay_subnormal(make, settings):
    optimizer, nothing, tiny = make(**settings), np.zeros(3, np.float32), np.finfo(np.float32).tiny
    buffer = np.array([0.5, 0.5, 0.5], np.float32)
    slow = optimizer.init({"p": buffer})
    fast, scratch = optimizer.flat_state(buffer), np.empty_like(buffer)
    for memory in (*fast.values(), *(slow[slot]["p"] for slot in optimizer.slots)):
        memory[...] = [1, 1e-8, 0]
    params = {"p": buffer.copy()}
    for step in range(700):
        optimizer.step_flat(step, buffer, nothing.copy(), fast, scratch)
        params, slow = optimizer.update(params, {"p": nothing}, slow)
    for slot in optimizer.slots:  # the first is still normal; the second would be subnormal
        assert 0 < slow[slot]["p"][1] < tiny <= fast[slot][0]
        assert fast[slot][0] == pytest.approx(slow[slot]["p"][0], rel=1e-4)
        assert fast[slot][1] == 0 == fast[slot][2]
    np.testing.assert_allclose(buffer, params["p"], rtol=1e-5)


@each_setting
def test_float32_stays_float32_and_inputs_stay_as_they_are(make, settings):
    optimizer, params, gradients = make(**settings), arrays(0, np.float32), arrays(1, np.float32)
    state = optimizer.init(params)
    copies = [{k: v.copy() for k, v in d.items()} for d in (params, gradients)]
    new, new_state = optimizer.update(params, gradients, state)
    assert state["step"] == 0 and new_state["step"] == 1
    for given, copy in zip((params, gradients), copies, strict=True):
        for name in SHAPES:
            np.testing.assert_array_equal(given[name], copy[name])
    for slot in optimizer.slots:
        assert not any(value.any() for value in state[slot].values())
        assert all(value.dtype == np.float32 for value in new_state[slot].values())
    assert all(value.dtype == np.float32 for value in new.values())


@each_setting
def test_arrays_and_tensors_take_the_same_steps(make, settings):
    optimizer, params = make(**settings), arrays(0)
    tensors = {name: Tensor(value) for name, value in params.items()}
    state, tensor_state = optimizer.init(params), optimizer.init(tensors)
    for step in range(4):
        gradients = arrays(step + 1)
        params, state = optimizer.update(params, gradients, state)
        tensors, tensor_state = optimizer.update(
            tensors, {name: Tensor(g) for name, g in gradients.items()}, tensor_state)
    for name in SHAPES:
        assert isinstance(tensors[name], Tensor)
        np.testing.assert_allclose(tensors[name].data, params[name], rtol=1e-12)


# ---------------------------------------------------------------------------- differentiable

RATED = [s for s in SETTINGS if not callable(s[2]["lr"])]


def loss_after(optimizer, start, steps=5):
    """A loss after some steps that each depend on the parameters before."""
    params = {"w": start}
    state = optimizer.init(params)
    target = np.array([0.5, -1.0, 2.0])

    def loss(w):
        return ((engine.tanh(w) - target) ** 2).sum()
    for _ in range(steps):
        slopes = grad(loss(params["w"]), [params["w"]], create_graph=True)
        params, state = optimizer.update(params, {"w": slopes[0]}, state)
    return loss(params["w"])


@pytest.mark.parametrize("make, settings", [s[1:] for s in RATED], ids=[s[0] for s in RATED])
def test_gradients_through_updates_are_finite_differences(make, settings):
    """With respect to the learning rate and to where training began."""
    start = np.array([0.3, -0.2, 0.9])

    def value(rate, begin):
        return loss_after(make(**{**settings, "lr": rate}), begin)
    rate, begin = Tensor(settings["lr"]), Tensor(start)
    by_rate, by_start = grad(value(rate, begin), [rate, begin])
    h = 1e-6
    high, low = (float(value(Tensor(settings["lr"] + d), Tensor(start))) for d in (h, -h))
    assert abs(float(by_rate)) > 1e-3
    assert float(by_rate) == pytest.approx((high - low) / (2 * h), rel=1e-5)
    for i in range(3):
        moved = [start + d * np.eye(3)[i] for d in (h, -h)]
        high, low = (float(value(Tensor(settings["lr"]), Tensor(m))) for m in moved)
        assert by_start.data[i] == pytest.approx((high - low) / (2 * h), rel=1e-4, abs=1e-6)


@each_setting
def test_zero_gradients_give_no_nan_in_values_nor_derivatives(make, settings):
    optimizer, w = make(**settings), Tensor([0.0, 1.0])
    params = {"w": w}
    state = optimizer.init(params)
    with np.errstate(all="raise", under="ignore"):
        for _ in range(3):
            slopes = grad((params["w"] * np.array([0.0, 0.0])).sum(), [params["w"]],
                          create_graph=True)
            params, state = optimizer.update(params, {"w": slopes[0] * w}, state)
        slope = grad(params["w"].sum(), [w])[0]
    assert np.isfinite(params["w"].data).all() and np.isfinite(slope.data).all()


@each_setting
def test_every_optimiser_finds_the_bottom_of_a_bowl(make, settings):
    if callable(settings["lr"]):
        settings = {**settings, "lr": 0.05}  # the schedules above end too early for this
    optimizer, params = make(**settings), {"w": np.array([1.0, -2.0])}
    state = optimizer.init(params)
    for _ in range(600):
        params, state = optimizer.update(params, {"w": 2 * params["w"]}, state)
    assert np.abs(params["w"]).max() < 0.1


# ---------------------------------------------------------------------------- schedules


def test_step_decay_falls_after_each_period():
    assert [step_decay(1.0, 3, 0.1)(t) for t in (0, 2, 3, 5, 6)] == pytest.approx(
        [1, 1, 0.1, 0.1, 0.01])


def test_cosine_falls_from_the_rate_to_the_last_and_stays():
    schedule = cosine(0.5, 100, final=0.1)
    assert [schedule(t) for t in (0, 50, 100, 1000)] == pytest.approx([0.5, 0.3, 0.1, 0.1])
    values = [schedule(t) for t in range(101)]
    assert values == sorted(values, reverse=True)


def test_warmup_rises_linearly_and_stays():
    assert [warmup(0.4, 4)(t) for t in (0, 1, 3, 4, 99)] == pytest.approx([0.1, 0.2, 0.4, 0.4, 0.4])


def test_the_rate_of_a_step():
    assert sgd(0.1).rate(7) == 0.1
    assert sgd(lambda step: step * 2).rate(7) == 14


# ---------------------------------------------------------------------------- bad input

BAD = [
    (lambda: sgd(-0.1), ValueError, "lr must be a finite number of at least 0; got -0.1"),
    (lambda: sgd("0.1"), TypeError, r"lr must be .*got '0.1' \(str\)"),
    (lambda: sgd(np.nan), ValueError, "lr must be .*got nan"),
    (lambda: sgd(0.1, momentum=1.5), ValueError, "momentum must be a .* from 0 to 1; got 1.5"),
    (lambda: sgd(0.1, weight_decay=-1), ValueError, "weight_decay must be .*got -1"),
    (lambda: rmsprop(0.1, alpha=2), ValueError, "alpha must be .*got 2"),
    (lambda: rmsprop(0.1, eps=-1), ValueError, "eps must be .*got -1"),
    (lambda: rmsprop(0.1, momentum=-1), ValueError, "momentum must be .*got -1"),
    (lambda: adam(None), TypeError, "lr must be .*got None"),
    (lambda: adam(0.1, eps="x"), TypeError, "eps must be .*got 'x'"),
    (lambda: adam(0.1, betas=(0.9,)), ValueError, r"betas must be two numbers .*got \(0.9,\)"),
    (lambda: adam(0.1, betas=(0.9, 2)), ValueError, r"betas\[1\] must be .*got 2"),
    (lambda: adam(0.1, betas=(1.0, 0.9)), ValueError, r"betas\[0\] must be .*got 1.0"),
    (lambda: adam(0.1, betas=(0.9, 1.0)), ValueError, r"betas\[1\] must be .*got 1.0"),
    (lambda: adam(0.1, betas=0.9), (TypeError, ValueError), "betas must be two numbers .*got 0.9"),
    (lambda: step_decay(1.0, every=0), ValueError, "every must be an integer .*got 0"),
    (lambda: step_decay(1.0, 2, factor=0), ValueError, "factor must be .*got 0"),
    (lambda: cosine(1.0, 0), ValueError, "steps must be .*got 0"),
    (lambda: cosine(-1, 5), ValueError, "lr must be .*got -1"),
    (lambda: cosine(1.0, 5, final=-1), ValueError, "final must be .*got -1"),
    (lambda: warmup(1.0, 2.5), TypeError, "steps must be .*got 2.5"),
    (lambda: sgd(0.1).update({"w": np.ones(1)}, {"b": np.ones(1)}, {"step": 0}), ValueError,
     r"grads must have the names of params, \['w'\]; got \['b'\]"),
    (lambda: sgd(0.1).update({"w": np.ones(1)}, {}, {"step": 0}), ValueError, "grads must"),
    (lambda: optim.Optimizer(0.1).formula(0, 1, 1), TypeError, "Optimizer has no formula"),
    (lambda: optim.Optimizer(0.1).in_place(0, 1, 1, 1), TypeError, "has no in-place form"),
]


@pytest.mark.parametrize("wrong, error, message", BAD, ids=range(len(BAD)))
def test_errors_name_the_argument_and_what_is_allowed(wrong, error, message):
    with pytest.raises(error, match=message) as caught:
        wrong()
    assert "\n" not in str(caught.value)


def test_repr_shows_the_settings_and_does_not_change_between_two_that_are_alike():
    assert repr(adam(0.1)) != repr(adam(0.2))
    assert "momentum=0.9" in repr(sgd(0.1, momentum=0.9))
    assert repr(adam(step_decay(0.1, 5))) == repr(adam(step_decay(0.1, 5)))
    assert repr(adam(step_decay(0.1, 5))) != repr(adam(step_decay(0.1, 6)))
