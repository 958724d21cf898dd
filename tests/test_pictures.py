"""What pictures of data are judged by: against naive twins, by hand, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from mnist1d_edu import pictures
from mnist1d_edu.pictures import clusters, neighbours_kept, purity, trustworthiness


def ranks(points) -> np.ndarray:
    """Which neighbour of i is j: 1 for the nearest, 0 for itself. (N, N)"""
    squares = ((points[:, None] - points) ** 2).sum(axis=-1)
    np.fill_diagonal(squares, -1)
    return np.argsort(np.argsort(squares, axis=1), axis=1)


@pytest.mark.parametrize("k", [1, 4])
def test_both_measures_are_their_definitions(k, monkeypatch):
    monkeypatch.setattr(pictures, "_BLOCK", 60)
    rng = np.random.RandomState(0)
    x, y = rng.randn(25, 6), rng.randn(25, 2)
    before, after = ranks(x), ranks(y)
    kept = too_far = 0
    for i, j in np.ndindex(25, 25):
        if i != j and after[i, j] <= k:
            kept += before[i, j] <= k
            too_far += max(0, before[i, j] - k)
    assert neighbours_kept(x, y, k) == pytest.approx(100 * kept / (25 * k))
    expected = 1 - 2 * too_far / (25 * k * (50 - 3 * k - 1))
    assert trustworthiness(x, y, k) == pytest.approx(expected)


def test_trustworthiness_is_scikit_learns():
    manifold = pytest.importorskip("sklearn.manifold")
    rng = np.random.RandomState(1)
    x = rng.randn(120, 9)
    for y in (x[:, :2], rng.randn(120, 2)):
        ours = trustworthiness(x, y, 7)
        assert ours == pytest.approx(manifold.trustworthiness(x, y, n_neighbors=7), abs=1e-12)


def test_a_copy_keeps_all_and_is_trusted_and_a_random_picture_is_not():
    rng = np.random.RandomState(2)
    x = rng.randn(300, 2)
    assert neighbours_kept(x, -3 * x) == 100 and trustworthiness(x, -3 * x) == 1
    assert neighbours_kept(x, rng.randn(300, 2)) < 8
    assert abs(trustworthiness(x, rng.randn(300, 2)) - 0.5) < 0.06


def islands(rng, counts, apart=12.0):
    """Points around places on a circle, so many around each, and the number of each's place."""
    labels = np.repeat(np.arange(len(counts)), counts)
    turn = 2 * np.pi * labels / len(counts)
    return rng.randn(len(labels), 2) + apart * np.column_stack([np.cos(turn), np.sin(turn)]), labels


@pytest.mark.parametrize("seed", range(3))
def test_clusters_are_the_islands_the_largest_first(seed):
    y, labels = islands(np.random.RandomState(seed), [60, 200, 90, 150])
    found = clusters(y)
    assert found.max() == 3 and purity(found, labels) == 100
    assert np.bincount(found).tolist() == [200, 150, 90, 60]


@pytest.mark.parametrize("seed", range(3))
def test_one_cloud_is_one_cluster_and_a_bridge_joins_two(seed):
    rng = np.random.RandomState(seed)
    assert clusters(rng.randn(600, 2), k=60).max() == 0
    y, _ = islands(rng, [300, 300], apart=6.0)
    assert clusters(y, k=60).max() == 1
    bridge = np.column_stack([np.linspace(-6, 6, 1500), rng.randn(1500)])
    y = np.concatenate([y, bridge])
    assert clusters(y, k=60, valley=3).max() == 0
    # a lower threshold sees the two peaks again
    assert clusters(y, k=60, valley=1.02).max() >= 1


def test_small_clusters_do_not_count():
    y, labels = islands(np.random.RandomState(0), [300, 300, 25])
    found = clusters(y, k=20, valley=2.5, least=0.1)
    assert found.max() == 1 and (found[labels == 2] == -1).all()
    assert clusters(y, k=20, valley=2.5, least=0.01).max() == 2


def test_purity_by_hand():
    found, labels = np.array([0, 0, 0, 1, 1, -1]), np.array([3, 3, 4, 5, 5, 3])
    assert purity(found, labels) == pytest.approx(80)


@pytest.mark.parametrize("call, message", [
    (lambda x: neighbours_kept(x, x[:3]), "x and y must be arrays (N, D) and (N, 2) of as many "
                                          "points; got shapes (9, 2) and (3, 2)"),
    (lambda x: trustworthiness(x, x, 5), "k must be an integer from 1 to 4; got 5"),
    (lambda x: clusters(x, k=3, valley=0.5), "valley must be a finite number of at least 1; got "
                                             "0.5"),
    (lambda x: purity(np.array([-1]), np.array([1])),
     "found and labels must be of one length, with a point in some cluster; got shapes (1,) and "
     "(1,)"),
])
def test_pictures_refuse(call, message):
    with pytest.raises(ValueError) as error:
        call(np.random.RandomState(0).randn(9, 2))
    assert str(error.value) == message
