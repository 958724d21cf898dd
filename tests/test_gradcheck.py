"""Tests of the tester: a gradient that is wrong in any known way does not pass."""

from __future__ import annotations

import numpy as np
import pytest

from mnist1d_edu import engine
from mnist1d_edu.engine import Tensor, record, stop_gradient
from mnist1d_edu.gradcheck import check_gradients, numeric_gradient

X = np.array([[0.7, -1.2, 2.0], [0.4, 0.9, -0.3]])


def square(x, factor=2.0, change=None):
    """x^2, its rule multiplied by an array `change`; 2 is the right factor."""
    change = np.ones(x.shape) if change is None else change
    return record(x.data**2, (x, lambda g, out: g * x * (factor * change)))


def with_one_wrong(index):
    change = np.ones(X.shape)
    change[index] = 1.001
    return change


def test_right_gradients_pass():
    check_gradients(square, X, order=2)
    check_gradients(lambda a, b: a @ b, X, X.T, order=2)


@pytest.mark.parametrize("factor", [2 * 1.001, 2 * 0.999, -2.0, 0.0, 1.0])
def test_a_wrong_factor_fails(factor):
    with pytest.raises(AssertionError, match="gradient of input 0"):
        check_gradients(lambda x: square(x, factor), X)


@pytest.mark.parametrize("index", [(0, 2), (0, 1), (0, 0)])
def test_one_element_wrong_by_a_thousandth_fails_and_is_named(index):
    with pytest.raises(AssertionError, match=rf"input 0 at \({index[0]}, {index[1]}\): the engine"):
        check_gradients(lambda x: square(x, change=with_one_wrong(index)), X)


def test_a_small_gradient_wrong_by_a_thousandth_fails():
    """As of a loss that is a mean over a batch: there a weight's gradient is about 0.01."""
    check_gradients(lambda x: square(x) * 1e-3, X)
    with pytest.raises(AssertionError, match="gradient of input 0"):
        check_gradients(lambda x: square(x, 2.002) * 1e-3, X)


def test_the_message_has_both_values():
    with pytest.raises(AssertionError, match=r"the engine says [-\d.]+, finite differences say "):
        check_gradients(lambda x: square(x, 3.0), X)


def test_a_forgotten_broadcast_sum_fails():
    def add_row(x, row):  # the rule of row hands on one row of g, instead of their sum
        return record(x.data + row.data, (x, lambda g, out: g), (row, lambda g, out: g[0]))
    check_gradients(lambda x, row: x + row, X, X[0])
    with pytest.raises(AssertionError, match="gradient of input 1"):
        check_gradients(add_row, X, X[0])


def test_a_walker_that_forgets_the_broadcast_sum_fails(monkeypatch):
    monkeypatch.setattr(engine, "unbroadcast", lambda g, shape: (
        g if g.shape == shape else g[0].reshape(shape)))
    with pytest.raises(AssertionError, match="gradient of input 1"):
        check_gradients(lambda x, row: x + row, X, X[0])


def test_a_wrong_second_derivative_passes_at_first_order_and_fails_at_second():
    def once_only(x):
        return record(x.data**2, (x, lambda g, out: g * stop_gradient(x) * 2))

    def slightly_wrong(x):  # the values of 2x, with a slope that is 0.1 % too large
        twice = record(2 * x.data, (x, lambda g, out: g * 2.002))
        return record(x.data**2, (x, lambda g, out: g * twice))
    for wrong in (once_only, slightly_wrong):
        check_gradients(wrong, X)
        with pytest.raises(AssertionError, match="second gradient of input 0"):
            check_gradients(wrong, X, order=2)


def test_a_wrong_mixed_derivative_fails_at_second_order():
    def product(a, b):  # d2/da db is forgotten: the rule of a takes b for a constant
        return record(a.data * b.data, (a, lambda g, out: g * stop_gradient(b)),
                      (b, lambda g, out: g * a))
    check_gradients(product, X, X + 1)
    with pytest.raises(AssertionError, match="second gradient"):
        check_gradients(product, X, X + 1, order=2)


@pytest.mark.parametrize("place", ["rule", "value"])
def test_nan_fails(place):
    bad = np.where(X > 1, np.nan, 1.0)

    def f(x):
        if place == "value":
            return x * bad
        return record(x.data, (x, lambda g, out: g * bad))
    with pytest.raises(AssertionError, match="gradient of input 0"):
        check_gradients(f, X)


def test_the_wrong_one_of_several_inputs_is_named():
    with pytest.raises(AssertionError, match="input 2"):
        check_gradients(lambda a, b, c: a * b + square(c, 2.01), X, X, X)


def test_arrays_are_made_float64_and_left_as_they_are():
    array = X.astype(np.float32)
    before = array.copy()
    seen = []

    def f(x):
        seen.append(x.dtype)
        return x * x
    check_gradients(f, array)
    assert set(seen) == {np.dtype(np.float64)}
    np.testing.assert_array_equal(array, before)
    check_gradients(lambda x: x * x, [1, 2, 3])


def test_shapes_without_axes_and_without_elements():
    check_gradients(lambda x: x ** 3, 2.0, order=2)
    check_gradients(lambda x: x * 2.0, np.zeros((0, 3)))


def test_numeric_gradient_of_a_known_function():
    a, b = np.array([1.0, 2.0]), np.array([[3.0], [4.0]])
    numeric = numeric_gradient(lambda a, b: (a**3).sum() * b.sum(), [a, b], 0)
    np.testing.assert_allclose(numeric, 3 * a**2 * 7, rtol=1e-8)
    assert numeric_gradient(lambda a, b: (a**3).sum() * b.sum(), [a, b], 1) == pytest.approx(9.0)


def test_a_function_that_ignores_an_input_is_told_so():
    with pytest.raises(ValueError, match=r"xs\[1\].*no influence"):
        check_gradients(lambda a, b: a * a, X, X)
    with pytest.raises(ValueError, match="no influence"):
        check_gradients(lambda a: Tensor(a.data), X)
