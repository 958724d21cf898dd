"""Nearest neighbours and linear probes against naive twins, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from mnist1d_edu import data, neighbours
from mnist1d_edu.neighbours import nearest
from mnist1d_edu.probes import knn_accuracy, linear_probe, logistic_regression


def all_by_loops(points, k, queries, alone):
    """Distances and numbers of the k nearest, one query after the other."""
    found = []
    for i, query in enumerate(queries):
        distances = np.sqrt(((points - query) ** 2).sum(axis=1))
        if alone:
            distances[i] = np.inf
        order = np.argsort(distances)[:k]
        found.append((distances[order], order))
    return tuple(np.array(part) for part in zip(*found, strict=True))


@pytest.mark.parametrize("dimensions", [2, neighbours.TREE_DIMENSIONS + 5])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("k", [1, 7])
def test_nearest_is_what_loops_find(dimensions, alone, k, monkeypatch):
    monkeypatch.setattr(neighbours, "_BLOCK", 100)  # several blocks of three queries
    rng = np.random.RandomState(0)
    points, queries = rng.randn(30, dimensions), rng.randn(11, dimensions)
    expected = all_by_loops(points, k, points if alone else queries, alone)
    got = nearest(points, k, None if alone else queries)
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-12)
    np.testing.assert_array_equal(got[1], expected[1])


@pytest.mark.parametrize("dimensions", [2, neighbours.TREE_DIMENSIONS + 5])
def test_no_point_is_its_own_neighbour_also_among_twins(dimensions):
    points = np.zeros((6, dimensions))
    points[5] = 1
    distances, found = nearest(points, 2)
    assert (found != np.arange(6)[:, None]).all()
    assert (distances[:5] == 0).all() and (distances[5] > 0).all()


def test_far_from_the_origin_no_digits_are_lost():
    """|a|² - 2 a·b + |b|² alone would be wrong in the fourth digit here."""
    points = 1e6 + np.random.RandomState(0).randn(40, 20)
    expected = all_by_loops(points, 3, points, True)
    np.testing.assert_allclose(nearest(points, 3)[0], expected[0], rtol=1e-6)


@pytest.mark.parametrize("points, k, queries, message", [
    (np.zeros((4, 2)), 4, None, "k must be an integer from 1 to 3; got 4"),
    (np.zeros((4, 2)), 5, np.zeros((1, 2)), "k must be an integer from 1 to 4; got 5"),
    (np.zeros(4), 1, None, "points must be an array (N, D) of at least one row and column; got "
                           "shape (4,)"),
    (np.zeros((4, 2)), 1, np.zeros((1, 3)), "queries must have the points' 2 columns; got 3"),
    (np.array([[1.0], [np.nan]]), 1, None, "points must be finite; got nan at index (1, 0)"),
])
def test_nearest_refuses(points, k, queries, message):
    with pytest.raises(ValueError) as error:
        nearest(points, k, queries)
    assert str(error.value) == message


def test_knn_accuracy_by_hand():
    x, y = np.array([[0.0], [1.0], [2.0], [10.0]]), np.array([1, 1, 0, 0])
    test, truth = np.array([[0.4], [9.0]]), np.array([1, 0])
    assert knn_accuracy(x, y, test, truth, k=1) == 100
    assert knn_accuracy(x, y, test, truth, k=3) == 100
    # of two votes each the smaller label wins; each example without itself: 1, 1, 1, 0
    assert knn_accuracy(x, y, test, truth, k=4) == 50
    assert knn_accuracy(x, y, k=1) == 75


def test_mnist1d_is_as_hard_as_published():
    """SCIENCE: 59.6 and 32.8 % on the raw inputs (of L-BFGS stopped early, on another machine)."""
    d = data.make_dataset()
    sets = d["x"], d["y"], d["x_test"], d["y_test"]
    assert round(knn_accuracy(*sets), 1) == 59.6
    assert abs(linear_probe(*sets) - 32.8) < 0.25


def test_the_loss_is_least_where_the_probe_stops():
    rng = np.random.RandomState(0)
    x, y, penalty = rng.randn(60, 3), rng.randint(0, 3, 60), 2.0

    def loss(weight, bias):
        scores = x @ weight.T + bias
        each = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(60), y]
        return each.sum() + penalty / 2 * (weight**2).sum()

    weight, bias = logistic_regression(x, y, penalty)
    assert weight.shape == (3, 3) and bias.shape == (3,)
    least = loss(weight, bias)
    for _ in range(50):
        other = loss(weight + 1e-2 * rng.randn(3, 3), bias + 1e-2 * rng.randn(3))
        assert other > least
    h = 1e-5
    for i in range(3):
        for j in range(3):
            step = np.zeros((3, 3))
            step[i, j] = h
            slope = (loss(weight + step, bias) - loss(weight - step, bias)) / (2 * h)
            assert abs(slope) < 1e-3


def test_a_probe_reads_separable_classes_and_ignores_scale_and_constants():
    rng = np.random.RandomState(0)
    y = rng.randint(0, 3, 90)
    x = np.eye(3)[y] * 4 + rng.randn(90, 3) * 0.3
    odd = np.concatenate([x * [1, 1000, 1e-3] + 5, np.full((90, 1), 7.0)], axis=1)
    assert linear_probe(odd[:60], y[:60], odd[60:], y[60:]) == 100
    assert linear_probe(odd[:60], y[:60], odd[60:], (y[60:] + 1) % 3) == 0


@pytest.mark.parametrize("call, error, message", [
    (lambda x, y: linear_probe(x, y[:-1], x, y), ValueError,
     "y must be 6 integers of at least 0, one for each row of x; got int64 of shape (5,)"),
    (lambda x, y: linear_probe(x, y, x, y - 1), ValueError,
     "y_test must be 6 integers of at least 0, one for each row of x_test; got int64 of shape "
     "(6,), the least -1"),
    (lambda x, y: knn_accuracy(x, y * 1.0), ValueError,
     "y must be 6 integers of at least 0, one for each row of x; got float64 of shape (6,)"),
    (lambda x, y: knn_accuracy(x, y, x), ValueError,
     "x_test and y_test must be given both or not at all; got one"),
    (lambda x, y: logistic_regression(x, y, -1), ValueError,
     "penalty must be a finite number of at least 0; got -1"),
    (lambda x, y: logistic_regression(x[0], y), ValueError,
     "x must be an array (N, D) of at least one row and column; got shape (2,)"),
])
def test_probes_refuse(call, error, message):
    with pytest.raises(error) as caught:
        call(np.zeros((6, 2)), np.arange(6) % 2)
    assert str(caught.value).removesuffix(", the least 0") == message
