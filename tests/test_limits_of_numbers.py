"""No silently wrong number: infinities, NaN, nothing at all, mixed dtypes, small integers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from mnist1d_edu import data, engine, fused, nn, optim, train
from mnist1d_edu.engine import Tensor, grad

INF, NAN = np.inf, np.nan
quiet = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")


def value_and_slope(f, x):
    x = Tensor(np.array(x))
    y = f(x)
    return y.data, grad(y.sum(), [x])[0].data


@quiet
@pytest.mark.parametrize("x, value, slope", [
    ([INF, 0.0], INF, [1, 0]), ([-INF, 0.0], 0.0, [0, 1]), ([INF, INF], INF, [0.5, 0.5]),
    ([-INF, -INF], -INF, [0.5, 0.5]), ([INF, -INF], INF, [1, 0]), ([NAN, 0.0], NAN, [NAN, NAN]),
    ([1000.0, 1000.0], 1000 + np.log(2), [0.5, 0.5])])
def test_logsumexp_of_infinities(x, value, slope):
    found = value_and_slope(engine.logsumexp, x)
    assert_array_equal(found[0], value)
    assert_array_equal(found[1], slope)
    both = engine.logsumexp(np.array([x, [1.0, 1.0]]))      # the row beside it is as it was
    np.testing.assert_allclose(both.data, [value, 1 + np.log(2)])


@quiet
@pytest.mark.parametrize("f, x, value, slope", [
    (nn.softplus, INF, INF, 1), (nn.softplus, -INF, 0, 0), (nn.softplus, NAN, NAN, NAN),
    (lambda x: nn.prelu(x, 0.25), INF, INF, 1), (lambda x: nn.prelu(x, 0.25), -INF, -INF, 0.25),
    (lambda x: nn.prelu(x, 0.25), 0.0, 0, 0.25), (nn.elu, INF, INF, 1), (nn.elu, -INF, -1, 0)])
def test_activations_of_infinities(f, x, value, slope):
    assert_array_equal(np.ravel(value_and_slope(f, [x])), [value, slope])


@quiet
def test_lp_pooling_hides_neither_nan_nor_a_root_of_a_negative_number():
    pool = nn.LPPool1d(2, 2)
    assert_array_equal(pool({}, np.array([[[NAN, 1.0, 3.0, 4.0, 0.0, 0.0]]])).data,
                       [[[NAN, 5.0, 0.0]]])
    assert_array_equal(nn.LPPool1d(3, 2)({}, np.array([[[-2.0, 1.0, 1.0, 0.0]]])).data,
                       [[[NAN, 1.0]]])


@pytest.mark.parametrize("one, other", [("f4", "f8"), ("f8", "f4")])
@pytest.mark.parametrize("o", [engine, fused])
def test_mixed_floats_become_float64(o, one, other):
    a, b = (lambda *s: np.ones(s, one)), (lambda *s: np.ones(s, other))
    for made in (o.linear(a(2, 3), a(4, 3), b(4)), o.conv1d(a(2, 3, 5), b(4, 3, 2), a(4)),
                 o.gru(a(2, 3, 1), b(6, 1), b(6, 2), a(6), b(6))):
        assert made.dtype == np.float64
    x, bias = Tensor(a(2, 3, 1)), Tensor(b(6))
    slopes = grad(o.gru(x, b(6, 1), a(6, 2), bias, a(6)).sum(), [x, bias])
    assert [slope.dtype for slope in slopes] == [x.dtype, bias.dtype]


def test_small_integers_do_not_overflow():
    small = np.int8(100)
    for o in (engine, fused):
        assert o.unfold(np.ones((1, 100)), small, np.int8(1), small).shape == (201, 100)
        assert o.conv1d(np.ones((1, 1, 100)), np.ones((1, 1, 3)), np.ones(1), np.int8(1),
                        small).shape == (1, 1, 298)
    assert nn.count_parameters(nn.cnn(small).init(np.random.RandomState(0))) == nn.count_parameters(
        nn.cnn(100).init(np.random.RandomState(0)))
    made = data.make_dataset({"num_samples": np.uint8(200), "padding": [small, small],
                              "template_len": small}, rng=np.random.RandomState(0))
    assert made["x"].shape == (160, 40)
    state = {"step": np.int8(127), "m": {"w": np.ones(1)}, "v": {"w": np.ones(1)}}
    assert optim.adam(0.1).update({"w": np.ones(1)}, {"w": np.ones(1)}, state)[1]["step"] == 128
    logits = np.zeros((3, 300))
    assert_array_equal(nn.cross_entropy(logits, np.array([255, 1, 2], np.uint8)).data,
                       nn.cross_entropy(logits, np.array([255, 1, 2])).data)


@pytest.mark.parametrize("wrong", [1e39, -1e39, INF, NAN])
def test_predict_and_fit_refuse_what_float32_does_not_hold(wrong):
    x = np.zeros((10, 40))
    x[3, 7] = wrong
    params = nn.logistic().init(np.random.RandomState(0))
    with pytest.raises(ValueError, match=r"x must be finite.*at index \(3, 7\)"):
        train.predict(nn.logistic(), params, x)
    with pytest.raises(ValueError, match=r"data\['x'\] must be finite.*at index \(3, 7\)"):
        train.fit(nn.logistic(), {"x": x, "y": np.arange(10)}, optim.adam(), steps=1)


def test_a_gradient_of_another_shape_is_refused():
    for wrong in (np.ones((2, 3)), np.ones(1), 1.0):
        with pytest.raises(ValueError, match=r"grads\['w'\] must have the shape of params"):
            optim.sgd(0.1).update({"w": np.ones(3)}, {"w": wrong}, {"step": 0})


@pytest.mark.parametrize("o", [engine, fused])
def test_nothing_means_the_same_everywhere(o):
    """No rows in, no rows out; a sum of nothing is 0; a mean or a maximum of nothing is refused."""
    none = np.empty((0, 3))
    assert o.linear(none, np.ones((2, 3)), np.ones(2)).shape == (0, 2)
    assert o.conv1d(np.empty((0, 3, 6)), np.ones((2, 3, 3)), np.ones(2)).shape == (0, 2, 4)
    gru = [np.ones((6, 1)), np.ones((6, 2)), np.ones(6), np.ones(6)]
    assert o.gru(np.empty((0, 3, 1)), *gru).shape == (0, 3, 2)
    assert o.flatten(np.empty((0, 3, 6))).shape == (0, 18)
    assert engine.sum(none).item() == 0 and engine.amax(none, axis=1).shape == (0,)
    assert train.predict(nn.mlp(), nn.mlp().init(np.random.RandomState(0)),
                         np.empty((0, 40))).shape == (0, 10)
    for refused in (lambda: o.softmax_cross_entropy(none, np.empty(0, int)),
                    lambda: o.gru(np.empty((2, 0, 1)), *gru), lambda: engine.mean(none),
                    lambda: nn.mse(none, np.empty((0, 3))), lambda: engine.logsumexp(none.T),
                    lambda: engine.amax(none), lambda: engine.stack([]),
                    lambda: train.accuracy(nn.mlp(), nn.mlp().init(np.random.RandomState(0)),
                                           np.empty((0, 40)), np.empty(0, int))):
        with pytest.raises(ValueError, match=r"must (have|be|fit)"):
            refused()
