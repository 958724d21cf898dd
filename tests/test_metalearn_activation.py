"""The experiment metalearn-activation: the table, the gradient through training, tests, report."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from mnist1d_edu import engine, experiments, nn, optim
from mnist1d_edu.engine import Tensor
from mnist1d_edu.experiments import lookup, unrolled_mlp
from mnist1d_edu.experiments import metalearn_activation as metalearn
from mnist1d_edu.gradcheck import check_gradients
from mnist1d_edu.unroll import Unrolled

INNER = {"outer": 3, "inner": 9, "seeds": 2}


def some_curve(scale: float = 3.0) -> dict:
    """Parameters of the inner net's activation, larger than at the start: the curve bends more."""
    return {name: scale * value
            for name, value in metalearn.CURVE.init(np.random.RandomState(0)).items()}


# ------------------------------------------------------------------ the table


def test_the_table_is_the_function_to_a_few_millionths():
    params = some_curve()
    x = np.random.RandomState(1).uniform(-40, 40, (50, 40)).astype(np.float32)
    exact = metalearn.CURVE(params, x.reshape(-1, 1)).data.reshape(x.shape) * metalearn.OFFSET
    found = lookup.lookup(metalearn.pieces(params), x).data
    assert np.abs(found - exact).max() < 5e-6 < np.ptp(exact) / 1000


def test_a_cubic_through_the_nodes_is_exact_for_parabolas():
    nodes = lookup.nodes(np.float64)
    x = np.array([-3.3, -1 / 64, 0.0, 0.01, 2.123])
    found = lookup.lookup(lookup.cubics(0.5 * nodes**2 - nodes + 1), x).data
    np.testing.assert_allclose(found, 0.5 * x**2 - x + 1, rtol=1e-10)


def test_beyond_its_reach_the_table_is_constant():
    pieces = lookup.cubics(np.sin(lookup.nodes(np.float64)))
    x = Tensor(np.array([-1000.0, -64.0, 63.999, 64.0, 70.0]))
    y = lookup.lookup(pieces, x)
    np.testing.assert_allclose(y.data[:2], np.sin(-64), atol=1e-12)
    np.testing.assert_allclose(y.data[2:], np.sin(64), atol=1 / 64)
    np.testing.assert_array_equal(engine.grad(engine.sum(y), [x])[0].data, 0)


def test_lookup_has_gradients_of_the_first_and_the_second_order():
    """With respect to the inputs and to the values, at inputs that share intervals."""
    few = 40
    begin = lookup.PIECES // 2 - few // 2
    rest = np.random.RandomState(2).randn(lookup.PIECES + 3)
    x = np.array([[0.003, 0.005, -0.1], [0.1, 0.0031, 0.2]])

    def looked_up(x, values):
        table = engine.concatenate([rest[:begin], values, rest[begin + few:]])
        return lookup.lookup(lookup.cubics(table), x)

    check_gradients(looked_up, x, rest[begin:begin + few], order=2)


def test_values_of_another_number_than_nodes_are_refused():
    with pytest.raises(ValueError, match=r"values must have shape .* one for each of nodes"):
        lookup.cubics(np.zeros(10))


# ------------------------------------------------------------------ the gradient


@pytest.mark.parametrize("steps", [1, 2, 12])
def test_the_gradient_by_hand_is_that_of_the_unrolled_run(steps):
    """The same losses and gradient as the engine's, which computes the curve at each unit."""
    params = some_curve()
    start, batches = metalearn.training(0, steps, metalearn.dataset())
    loss, _, slopes = metalearn.outer_step(params, start, batches)
    run = Unrolled(metalearn.inner_loss,
                   lambda meta: metalearn.warm_rmsprop(metalearn.RATE, alpha=metalearn.ALPHA))
    weights = metalearn.last_steps(steps)
    losses, expected = run.gradient(start, params, batches, weights)
    assert loss == pytest.approx(losses @ weights, rel=1e-5)
    for name, slope in expected.items():
        np.testing.assert_allclose(slopes[name], slope, rtol=1e-3, atol=1e-4 * np.abs(slope).max())


def test_the_gradient_by_hand_against_finite_differences():
    """In float64, with respect to one number that is added to the activation at each step."""
    rng = np.random.RandomState(3)
    params = [rng.randn(*shape) for shape in ((6, 4), (6,), (3, 6), (3,))]
    batches = [(rng.randn(5, 4), rng.randint(0, 3, 5), rng.randn(6)) for _ in range(4)]
    values, weights = np.sin(lookup.nodes(np.float64)), np.array([0, 0.2, 0.3, 0.5])

    def run(values, shifts):
        activation = unrolled_mlp.Activation(metalearn.elu, lookup.cubics(values).data)
        shifted = [(x, y, noise + shift)
                   for (x, y, noise), shift in zip(batches, shifts, strict=True)]
        return unrolled_mlp.gradient(activation, params, shifted, 0.05, 0.4, weights)

    _, _, to_pieces, to_shifts = run(values, np.zeros(4))
    step = 1e-5
    for k, slope in enumerate(to_shifts):
        ends = [run(values, way * step * np.eye(4)[k])[0] @ weights for way in (1, -1)]
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5, abs=1e-9)
    direction = np.cos(2 * lookup.nodes(np.float64))
    ends = [run(values + way * step * direction, np.zeros(4))[0] @ weights for way in (1, -1)]
    along = np.sum(to_pieces * lookup.cubics(direction).data)
    assert along == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5)
    assert (to_shifts != 0).all()


def test_an_outer_step_of_the_papers_size_needs_little_memory():
    """On one tape it would be more than 10 GB."""
    params = metalearn.CURVE.init(np.random.RandomState(0))
    start, batches = metalearn.training(0, 301, metalearn.dataset())
    tracemalloc.start()
    metalearn.outer_step(params, start, batches)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_a_unit_that_never_acts_gives_no_nan():
    params = [np.full((2, 3), -1.0), np.full(2, -200.0), np.ones((2, 2)), np.zeros(2)]
    batch = np.ones((4, 3)), np.array([0, 1, 1, 1]), np.zeros(2)
    activation = unrolled_mlp.Activation(
        lambda z: [0 * z, 0 * z, 0 * z], np.zeros((4, lookup.PIECES)))
    found = unrolled_mlp.gradient(activation, params, [batch] * 900, 0.01, 0.4, np.ones(900))
    assert all(np.isfinite(part).all() for part in (found[0], *found[1], *found[2:]))


def test_warm_rmsprop_starts_at_one_in_both_of_its_forms():
    optimizer, params = metalearn.warm_rmsprop(0.1, alpha=0.4), {"w": np.array([1.0, -2.0])}
    new, _ = optimizer.update(params, {"w": np.array([0.5, 0.5])}, optimizer.init(params))
    flat, scratch = params["w"].copy(), np.empty(2)
    optimizer.step_flat(0, flat, np.array([0.5, 0.5]), optimizer.flat_state(flat), scratch)
    np.testing.assert_allclose(new["w"], flat)
    np.testing.assert_allclose(params["w"] - flat, 0.1 * 0.5 / np.sqrt(0.4 + 0.6 * 0.25))
    cold, _ = optim.rmsprop(0.1, alpha=0.4).update(params, {"w": np.array([0.5, 0.5])},
                                                   optim.rmsprop(0.1, alpha=0.4).init(params))
    assert (np.abs(params["w"] - cold["w"]) > 1.2 * np.abs(params["w"] - flat)).all()


# ------------------------------------------------------------------ functions


def test_elu_on_arrays_is_that_of_the_layers():
    z = np.array([-3.0, -0.5, 0.0, 2.0])
    value, slope, curvature = metalearn.elu(z)
    x = Tensor(z)
    y = nn.elu(x)
    [expected] = engine.grad(engine.sum(y), [x])
    np.testing.assert_allclose(value, y.data)
    np.testing.assert_allclose(slope, expected.data)
    np.testing.assert_allclose(curvature, np.where(z <= 0, np.exp(z), 0))


def test_the_learned_function_in_a_layer_is_what_it_means():
    function, table = metalearn.learned(some_curve()), metalearn.pieces(some_curve()).data
    x = np.random.RandomState(4).randn(2, 5, 3).astype(np.float32)
    z, same = Tensor(x), Tensor(x)
    fast, slow = function(z), nn.elu(same) + lookup.lookup(table, same)
    np.testing.assert_allclose(fast.data, slow.data, rtol=1e-5, atol=1e-6)
    g = np.cos(x)
    [found], [expected] = engine.grad(fast, [z], g), engine.grad(slow, [same], g)
    np.testing.assert_allclose(found.data, expected.data, rtol=1e-4, atol=1e-5)


def test_six_lines_are_found_again():
    x = metalearn.XS[::2]
    knots, lines = metalearn.PUBLISHED_FIT
    y = metalearn.straight(knots, lines)(x).data
    found, fitted = metalearn.fitted_lines(x, y, 6)
    np.testing.assert_allclose(found, knots, atol=0.11)  # between two points of the grid
    np.testing.assert_allclose(fitted, lines, atol=0.02)
    np.testing.assert_allclose(metalearn.straight(found, fitted)(x).data, y, atol=0.02)


def test_fewer_lines_fit_worse():
    x = np.linspace(-2, 2, 41)
    y = np.sin(2 * x)
    worst = [np.abs(metalearn.straight(*metalearn.fitted_lines(x, y, lines))(x).data - y).max()
             for lines in (1, 3, 6)]
    assert worst[0] > worst[1] > worst[2]


def test_extrema_of_a_curve_and_none_of_its_ripples():
    x = np.linspace(-5, 5, 201)
    assert metalearn.extrema(x, np.tanh(x)) == []
    assert metalearn.extrema(x, x + 0.02 * np.sin(20 * x)) == []
    found = metalearn.extrema(x, np.cos(x))
    np.testing.assert_allclose([place for place, _ in found], [-np.pi, 0, np.pi], atol=0.03)
    np.testing.assert_allclose([height for _, height in found], [-1, 1, -1], atol=0.01)


# ------------------------------------------------------------------ the runs


def test_each_function_is_learned_and_tested_once():
    for scale, seeds in (("quick", None), ("paper", None), ("paper", 4)):
        arguments = [run.arguments for run in metalearn.runs(scale, seeds)]
        keys = [json.dumps(each, sort_keys=True) for each in arguments]
        assert len(set(keys)) == len(keys)
        assert {each.get("function") for each in arguments} == {*metalearn.TITLES, None}
        assert {each.get("kind") for each in arguments} == {
            None, "same", "full" if scale == "paper" else "fresh"}


def test_the_paper_scale_is_the_notebooks():
    first = metalearn.runs("paper", None)[0].arguments
    assert (first["outer"], first["inner"]) == (301, 301)
    assert metalearn.last_steps(301).sum() == pytest.approx(1)
    assert np.count_nonzero(metalearn.last_steps(301)) == 200
    assert metalearn.dataset()["x"].shape == (8000, 40)
    assert nn.count_parameters(metalearn.CURVE.init(np.random.RandomState(0))) == 301


def test_fresh_starts_differ_and_the_same_does_not(monkeypatch):
    begun = []
    original = metalearn.training
    monkeypatch.setattr(metalearn, "training",
                        lambda seed, *rest: begun.append(seed) or original(seed, *rest))
    for kind in ("same", "fresh"):
        metalearn._learned({"kind": kind, "seed": 1, **INNER})
    assert begun == [2000, 2000, 2000, 2000, 2001, 2002]


def test_learning_goes_on_from_where_it_was_left(tmp_path, monkeypatch):
    arguments = {"kind": "fresh", "seed": 0, **INNER, "outer": 12}
    whole = metalearn._learned(arguments)
    steps = []
    original = metalearn.outer_step

    def interrupted(*given):
        steps.append(1)
        if len(steps) == 11:
            raise KeyboardInterrupt
        return original(*given)
    monkeypatch.setattr(metalearn, "outer_step", interrupted)
    with experiments.going_on_from(tmp_path / "run.checkpoint.npz"):
        with pytest.raises(KeyboardInterrupt):
            metalearn._learned(arguments)
        again = metalearn._learned(arguments)
    assert len(steps) == 11 + 2  # ten were kept
    np.testing.assert_array_equal(whole["theta"], again["theta"])
    np.testing.assert_array_equal(whole["curves"], again["curves"])
    assert whole["losses"].tolist() == again["losses"].tolist()


def test_a_broken_checkpoint_is_not_used(tmp_path):
    path = tmp_path / "run.checkpoint.npz"
    path.write_bytes(b"nothing")
    with experiments.going_on_from(path):
        assert experiments.kept("some run", 10) == {}
        experiments.keep({"step": 3, "x": np.ones(2)}, "some run")
        assert experiments.kept("some run", 10)["x"].tolist() == [1, 1]
        assert experiments.kept("another run", 10) == {} == experiments.kept("some run", 2)


def test_a_rate_at_which_training_diverges_scores_nothing():
    square = metalearn.trained(lambda z: z * z * 1e9, "mlp", 1e9, 30, [0, 1], metalearn.dataset())
    assert square == [0.0, 0.0]


@pytest.fixture(scope="module")
def summary() -> dict:
    records = []
    for run in metalearn.runs("quick", 2):
        arguments = {**run.arguments, **INNER}
        records.append({"arguments": arguments,
                        "result": json.loads(json.dumps(metalearn.run(arguments)))})
    report = metalearn.report(records, "quick")
    assert set(report.figures) == {"metalearn-activation", "metalearn-activation-tests"}
    assert "ReLU" in report.table and "the notebook's six lines" in report.table
    json.dumps(report.summary, allow_nan=False)
    return report.summary


def test_learning_lowers_the_loss(summary):
    found = summary["learned"]["same"]
    assert all(last < first for first, last in zip(found["first_losses"], found["last_losses"],
                                                   strict=True))
    assert len(found["losses"]) == 3 and len(found["curves"]) == 2


def test_the_summary_has_every_test_and_comparison(summary):
    assert set(summary["learned"]["fresh"]["tests"]) == {"mlp", "unseen"}
    assert len(summary["comparison"]) == 4 + len(metalearn.HAND_MADE)
    assert all(len(found["mlp"]["accuracy"]) == 2 for found in summary["hand_made"].values())
    assert {row["what"].split(":")[0] for row in summary["effects"]} == {"MLP", "MLP, unseen data"}


# ------------------------------------------------------------------ the stored result
# What it must show was written down before it was computed.


@pytest.fixture(scope="module")
def stored() -> dict:
    return experiments.load_result("metalearn-activation")["summary"]


def test_stored_metalearning_is_of_the_notebooks_size(stored):
    full = stored["learned"]["full"]
    assert (full["outer"], stored["inner"], full["seeds"]) == (301, 301, [0])
    assert len(stored["learned"]["same"]["seeds"]) >= 3
    assert set(stored["hand_made"]) == set(metalearn.TITLES)


def test_stored_losses_fall_as_the_notebooks_do(stored):
    losses = stored["learned"]["full"]["losses"]
    assert losses[0] == pytest.approx(metalearn.PUBLISHED_LOSS[0], abs=0.06)
    assert losses[-1] < 0.95 and losses[-1] < losses[60] < losses[10] < losses[0]


def test_stored_functions_beat_those_made_by_hand_where_they_were_learned(stored):
    hand = max(np.mean(stored["hand_made"][name]["mlp"]["accuracy"])
               for name in metalearn.HAND_MADE)
    for found in stored["learned"].values():
        assert min(found["tests"]["mlp"]) > hand + 2


def test_stored_functions_are_not_monotonic(stored):
    assert all(len(each) >= 1 for found in stored["learned"].values() for each in found["extrema"])


def test_stored_functions_are_nearer_to_each_other_than_to_elu(stored):
    shape = {what: np.mean(values) for what, values in stored["shape"].items()}
    assert shape["between seeds, same start, 61 steps"] < shape["all to ELU"] / 2


def test_a_sample_of_the_stored_result_computed_anew(stored):
    """The first outer steps of the full run, and one net with ReLU."""
    found = stored["learned"]["full"]
    again = metalearn._learned({"kind": "full", "seed": 0, "outer": 2, "inner": 301, "seeds": 5})
    np.testing.assert_allclose(again["losses"], found["losses"][:2], atol=2e-3)
    np.testing.assert_allclose(again["curves"][0], found["path"][0], atol=1e-3)
    relu = stored["hand_made"]["relu"]["mlp"]
    accuracy = metalearn.trained(nn.relu, "mlp", relu["rate"], 301, [0], metalearn.dataset())
    assert accuracy[0] == pytest.approx(relu["accuracy"][0], abs=4)
