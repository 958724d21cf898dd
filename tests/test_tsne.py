"""t-SNE: its gradient against finite differences, its fast halves against their meaning, the search
for a perplexity, its start, and whether it draws what it should."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from mnist1d_edu import tsne as module
from mnist1d_edu import tsne_forces
from mnist1d_edu.probes import knn_accuracy
from mnist1d_edu.tsne import affinities, conditional, gradient, pca_start, tsne


def some_affinities(n: int, rng) -> np.ndarray:
    """Symmetric affinities (n, n) with sum 1, some of them 0."""
    p = rng.rand(n, n) * (rng.rand(n, n) > 0.4)
    p = p + p.T
    np.fill_diagonal(p, 0)
    return p / p.sum()


def spots(rng, n: int = 60, spots: int = 3, apart: float = 12.0) -> tuple[np.ndarray, np.ndarray]:
    """n points in 8 dimensions around `spots` centres far apart, and the number of each's."""
    labels = rng.randint(0, spots, n)
    return rng.randn(n, 8) + apart * rng.randn(spots, 8)[labels], labels


# ---------------------------------------------------------------- the gradient and its halves


def test_gradient_against_finite_differences():
    rng = np.random.RandomState(0)
    p, y, h = some_affinities(9, rng), rng.randn(9, 2), 1e-6
    slope, _ = gradient(p, y)
    for i, axis in np.ndindex(9, 2):
        step = np.zeros_like(y)
        step[i, axis] = h
        measured = (gradient(p, y + step)[1] - gradient(p, y - step)[1]) / (2 * h)
        assert slope[i, axis] == pytest.approx(measured, rel=1e-6, abs=1e-8)


def test_the_divergence_is_its_definition():
    rng = np.random.RandomState(1)
    p, y = some_affinities(6, rng), rng.randn(6, 2)
    total, kl = 0.0, 0.0
    for i, j in np.ndindex(6, 6):
        total += (i != j) / (1 + ((y[i] - y[j]) ** 2).sum())
    for i, j in np.ndindex(6, 6):
        if p[i, j] > 0:
            q = 1 / (1 + ((y[i] - y[j]) ** 2).sum()) / total
            kl += p[i, j] * np.log(p[i, j] / q)
    assert gradient(p, y)[1] == pytest.approx(kl, rel=1e-12)


@pytest.mark.parametrize("size", [1e-4, 1.0, 30.0])
def test_fast_halves_make_the_gradient(size, monkeypatch):
    monkeypatch.setattr(tsne_forces, "_BLOCK", 200)  # several blocks of rows
    rng = np.random.RandomState(2)
    p, y = some_affinities(40, rng), size * rng.randn(40, 2) + 3
    pull = tsne_forces.Attraction(sparse.csr_array(p))
    force, z = tsne_forces.repulsion(y)
    slope, kl = gradient(p, y)
    np.testing.assert_allclose(4 * (pull(y) - force / z), slope, rtol=2e-4,
                               atol=1e-5 * np.abs(slope).max())
    assert pull.divergence(y, z) == pytest.approx(kl, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("size, within", [(1e-4, 1e-5), (1.0, 1e-4), (8.0, 0.03), (25.0, 0.06)])
def test_repulsion_on_the_grid_is_that_of_all_pairs(size, within):
    """Pictures as they are at the start, in the exaggerated phase and at the end."""
    rng = np.random.RandomState(3)
    y = size * (rng.randn(6, 2)[rng.randint(0, 6, 1500)] + 0.3 * rng.randn(1500, 2))
    (exact, z), (got, got_z) = tsne_forces.repulsion(y), tsne_forces.interpolated_repulsion(y)
    error = np.sqrt(((got - exact) ** 2).mean() / (exact**2).mean())
    assert error < within
    assert got_z == pytest.approx(z, rel=2e-3)


def test_a_finer_grid_is_nearer_to_all_pairs(monkeypatch):
    rng = np.random.RandomState(4)
    y = 15 * rng.randn(800, 2)
    exact, _ = tsne_forces.repulsion(y)
    errors = []
    for cell in (1.0, 0.5, 0.25):
        monkeypatch.setattr(tsne_forces, "CELL", cell)
        errors.append(np.abs(tsne_forces.interpolated_repulsion(y)[0] - exact).max())
    assert errors[0] > 4 * errors[1] > 16 * errors[2]


def test_a_charge_is_shared_out_whole_and_a_lone_pair_repels_along_its_line():
    t = np.linspace(0, 1, 11)
    np.testing.assert_allclose(tsne_forces._spline(t).sum(axis=-1), 1)
    np.testing.assert_allclose(tsne_forces._spline(t) @ [-1, 0, 1, 2], t, atol=1e-12)
    y = np.array([[0.0, 0.0], [6.0, 8.0]])
    force, z = tsne_forces.interpolated_repulsion(y)
    np.testing.assert_allclose(force, np.array([[-6, -8], [6, 8]]) / 101**2, rtol=0.3, atol=2e-5)
    assert z == pytest.approx(2 / 101, rel=0.3)


# ---------------------------------------------------------------- affinities


@pytest.mark.parametrize("perplexity", [2, 7.5, 18])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5])
def test_each_row_has_the_perplexity_asked_for(perplexity, scale):
    rng = np.random.RandomState(0)
    squares = scale * (rng.rand(5, 30) + 3) * 10.0 ** np.arange(5)[:, None]
    p = conditional(squares, perplexity)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    entropy = -(p * np.log2(np.maximum(p, 1e-300))).sum(axis=1)
    np.testing.assert_allclose(2**entropy, perplexity, rtol=1e-6)
    # normal weights: log p is a straight line over the squared distance
    slopes = np.diff(np.log(p), axis=1) / np.diff(squares, axis=1)
    np.testing.assert_allclose(slopes, slopes[:, :1].repeat(29, axis=1), rtol=1e-4)


def test_a_row_of_equal_distances_has_equal_probabilities():
    np.testing.assert_allclose(conditional(np.full((2, 4), 3.0), 2.0), 0.25)
    np.testing.assert_allclose(conditional(np.zeros((2, 4)), 2.0), 0.25)


def test_affinities_are_symmetric_sum_to_one_and_have_no_own_pairs():
    x, _ = spots(np.random.RandomState(0))
    p = affinities(x, 5)
    assert p.shape == (60, 60) and p.sum() == pytest.approx(1)
    assert abs(p - p.T).max() == 0 and (p.diagonal() == 0).all()
    assert (np.diff(p.indptr) >= 10).all() and np.diff(p.indptr).mean() > 15


def test_affinities_of_all_neighbours_are_the_definition():
    x, _ = spots(np.random.RandomState(1), n=20)
    squares = ((x[:, None] - x) ** 2).sum(axis=-1)
    others = squares[~np.eye(20, dtype=bool)].reshape(20, 19)
    expected = np.zeros((20, 20))
    expected[~np.eye(20, dtype=bool)] = conditional(others, 4).ravel()
    expected = (expected + expected.T) / 40
    np.testing.assert_allclose(affinities(x, 4, neighbours=19).toarray(), expected, atol=1e-12)
    # three times the perplexity is nearly all of it
    assert abs(affinities(x, 4).toarray() - expected).sum() < 0.05


# ---------------------------------------------------------------- the whole


def test_the_start_is_the_plane_of_largest_variance():
    rng = np.random.RandomState(0)
    x = rng.randn(200, 5) * [1, 5, 1, 3, 1] + 7
    y = pca_start(x)
    assert y[:, 0].std() == pytest.approx(1e-4) and y.shape == (200, 2)
    assert abs(np.corrcoef(y[:, 0], x[:, 1])[0, 1]) > 0.99
    assert abs(np.corrcoef(y[:, 1], x[:, 3])[0, 1]) > 0.99
    np.testing.assert_allclose(pca_start(x), y)
    one = pca_start(x[:, :1])
    assert one.shape == (200, 2) and (one[:, 1] == 0).all()


@pytest.mark.parametrize("method", ["exact", "interpolated"])
def test_spots_stay_apart_and_the_divergence_falls(method):
    x, labels = spots(np.random.RandomState(0), n=150)
    found = tsne(x, 10, steps=300, early=100, method=method, progress=False)
    assert knn_accuracy(found.y, labels, k=5) == 100
    assert found.steps.tolist() == [0, 50, 100, 150, 200, 250, 300]
    assert found.kl[-1] < 0.5 * found.kl[0] and found.kl[-1] < found.kl[-2] + 0.01
    np.testing.assert_allclose(found.y.mean(axis=0), 0, atol=1e-9)
    # what is recorded is the divergence of the picture that is returned
    exact = gradient(affinities(x, 10).toarray(), found.y)[1]
    assert found.kl[-1] == pytest.approx(exact, abs=1e-5 if method == "exact" else 0.01)


def test_the_grid_draws_as_well_as_all_pairs():
    x, _ = spots(np.random.RandomState(5), n=400, spots=8, apart=1.0)
    ends = [tsne(x, 20, steps=500, early=150, method=method, progress=False).kl[-1]
            for method in ("exact", "interpolated")]
    assert abs(ends[0] / ends[1] - 1) < 0.08


def test_auto_is_exact_for_few_points(monkeypatch):
    x, _ = spots(np.random.RandomState(0))
    exact = tsne(x, 5, steps=3, method="exact", progress=False).y
    assert np.array_equal(tsne(x, 5, steps=3, progress=False).y, exact)
    monkeypatch.setattr(module, "EXACT_UP_TO", 10)
    assert not np.array_equal(tsne(x, 5, steps=3, progress=False).y, exact)


def test_exaggeration_ends_with_the_early_steps_and_a_start_is_used():
    x, _ = spots(np.random.RandomState(0))
    start = np.random.RandomState(1).randn(60, 2)
    plain = tsne(x, 5, steps=1, early=0, start=start, progress=False)
    early = tsne(x, 5, steps=1, early=1, start=start, progress=False)
    p = affinities(x, 5).toarray()
    slope, _ = gradient(p, start)
    moved = plain.y - (start - start.mean(axis=0))
    cosine = -(moved * slope).sum() / np.linalg.norm(moved) / np.linalg.norm(slope)
    assert cosine > 0.9  # a first step downhill, but for the gains and the longest step
    assert not np.allclose(early.y, plain.y)
    assert np.array_equal(tsne(x, 5, steps=0, start=start, progress=False).y, start)


def test_no_point_moves_farther_than_the_longest_step():
    x, _ = spots(np.random.RandomState(0))
    start = np.random.RandomState(1).randn(60, 2)
    moved = tsne(x, 5, steps=1, learning_rate=1e9, start=start, progress=False).y - start
    assert np.linalg.norm(moved - moved.mean(axis=0), axis=1).max() < 3 * module.LONGEST_STEP


@pytest.mark.parametrize("options, message", [
    ({"perplexity": 0.5}, "perplexity must be a finite number of at least 1; got 0.5"),
    ({"perplexity": 30}, "perplexity must be less than the number of neighbours, 19; got 30"),
    ({"steps": -1}, "steps must be an integer of at least 0; got -1"),
    ({"method": "barnes-hut"}, "method must be one of 'auto', 'exact', 'interpolated'; got "
                               "'barnes-hut'"),
    ({"learning_rate": 0}, "learning_rate must be a finite number above 0; got 0"),
    ({"start": np.zeros((3, 2))}, "start must have shape (20, 2); got (3, 2)"),
    ({"x": np.zeros((3, 2))}, "x must be an array (N, D) of at least 4 points; got shape (3, 2)"),
    ({"x": np.full((20, 2), np.nan)}, "x must be finite; got nan at index (0, 0)"),
])
def test_tsne_refuses(options, message):
    arguments = {"x": np.random.RandomState(0).randn(20, 3), "perplexity": 5, **options}
    with pytest.raises(ValueError) as error:
        tsne(**arguments, progress=False)
    assert str(error.value) == message


def test_affinities_refuse_more_neighbours_than_there_are():
    with pytest.raises(ValueError, match="neighbours must be an integer from 2 to 19; got 20"):
        affinities(np.random.RandomState(0).randn(20, 3), 5, neighbours=20)
