"""The experiment pooling: its nets and controls, its runs, its report and its stored result."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mnist1d_edu import experiments, nn, train
from mnist1d_edu.experiments import pooling

PLAIN = {"steps": 4, "learning_rate": 0.01, "batch_size": 100, "eval_every": 2}


def size(arm: str) -> int:
    return nn.count_parameters(pooling.net(**pooling.ARMS[arm]).init(np.random.RandomState(0)))


def test_the_nets_have_the_notebooks_sizes():
    assert {arm: size(arm) for arm in pooling.STORED} == {
        "none": 9310, "stride": 3310, "max": 3310, "mean": 3310, "l2": 3310}


def test_the_controls_have_the_parameters_or_the_arithmetic_of_max_pooling():
    work = {arm: pooling.multiplications(**settings) for arm, settings in pooling.ARMS.items()}
    assert size("none, parameters") / size("max") == pytest.approx(1, abs=0.05)
    for arm in ("none, arithmetic", "stride, arithmetic"):
        assert work[arm] / work["max"] == pytest.approx(1, abs=0.05)
    assert work["none"] > 2 * work["max"] and work["stride"] < 0.6 * work["max"]


def test_the_multiplications_are_those_of_the_layers():
    """Counted from the shapes that pass through the net."""
    for settings in pooling.ARMS.values():
        net = pooling.net(**settings)
        params = net.init(np.random.RandomState(0))
        x = np.zeros((1, 40), np.float32)
        total = 0
        for name, layer in net.layers.items():
            own = {key.split(".")[1]: value for key, value in params.items()
                   if key.split(".")[0] == name}
            x = layer(own, x).data if isinstance(layer, nn.Layer) else layer(x).data
            if "weight" in own:
                positions = x.shape[-1] if own["weight"].ndim == 3 else 1
                total += own["weight"].size * positions
        assert pooling.multiplications(**settings) == total


def test_each_size_has_a_dataset_of_its_own_with_1000_test_examples():
    for n in pooling.SIZES[:4]:
        made = pooling.dataset(n)
        assert made["x"].shape == (n, 40) and made["x_test"].shape == (1000, 40)


def test_a_shift_moves_signals_to_both_sides():
    seen = []

    class Watch(nn.Layer):
        def __call__(self, params, x, updates=None):
            seen.append(np.array(train.engine.as_tensor(x).data))
            return train.engine.as_tensor(np.eye(10)[np.zeros(len(seen[-1]), int)])

    x = np.arange(40.0)[None] + np.zeros((3, 1))
    found = pooling.shifted_accuracy(Watch(), {}, {"x_test": x, "y_test": np.array([0, 0, 1])}, 3)
    assert found == pytest.approx(200 / 3)
    assert [list(batch[0, :3]) for batch in seen] == [[37, 38, 39], [3, 4, 5]]


def test_every_net_and_seed_is_trained_once():
    for scale, seeds in (("quick", None), ("paper", None), ("paper", 7)):
        found = {}
        for run in pooling.runs(scale, seeds):
            key = run.arguments["arm"], run.arguments["n"]
            found.setdefault(key, []).extend(run.arguments["seeds"])
        wanted = list(range(seeds or {"quick": 3, "paper": 10}[scale]))
        assert all(sorted(some) == wanted for some in found.values())
    assert {n for arm, n in found if arm == "max"} == set(pooling.SIZES)


@pytest.fixture(scope="module")
def summary() -> dict:
    records = []
    for run in pooling.runs("paper", 2):
        if run.arguments["n"] in (1000, 5000):
            arguments = {**run.arguments, **PLAIN}
            records.append({"arguments": arguments,
                            "result": json.loads(json.dumps(pooling.run(arguments)))})
    report = pooling.report(records, "paper")
    assert list(report.figures) == ["pooling"] and "stored notebook" in report.table
    json.dumps(report.summary, allow_nan=False)
    return report.summary


def test_the_summary_has_every_net_by_size_and_seed(summary):
    assert set(summary["arms"]) == set(pooling.ARMS)
    for found in summary["arms"].values():
        assert np.shape(found["test_accuracy"]) == (2, 2)
        assert np.shape(found["shifted"]) == (2, len(pooling.SHIFTS), 2)
        np.testing.assert_allclose(np.array(found["shifted"])[:, 0], found["test_accuracy"],
                                   atol=0.01)


def test_an_effect_is_the_difference_of_its_two_nets(summary):
    row = next(row for row in summary["effects"] if row["what"] == (
        "max pooling − no pooling, parameters of max, 5,000 examples"))
    expected = (pooling.accuracies(summary, "max", 5000)
                - pooling.accuracies(summary, "none, parameters", 5000)).mean()
    assert row["mean"] == pytest.approx(expected, abs=1e-3)


def test_the_comparison_has_the_stored_values(summary):
    rows = {row["what"]: row["published"] for row in summary["comparison"]}
    assert rows["max pooling, 1,000 examples"] == [78.2, 78.2]
    assert rows["stride 2, 5,000 examples"] == [89.9, 89.9]
    assert len(rows) == 10


# ------------------------------------------------------------------ the stored result
# What it must show was written down before it was computed.


@pytest.fixture(scope="module")
def stored() -> dict:
    return experiments.load_result("pooling")


def lead(stored: dict, other: str, n: int) -> dict:
    return next(row for row in stored["summary"]["effects"]
                if row["what"] == f"max pooling − {pooling.TITLES[other]}, {n:,} examples")


def test_stored_pooling_is_of_paper_scale(stored):
    assert stored["scale"] == "paper" and stored["summary"]["steps"] == 6000
    for arm, found in stored["summary"]["arms"].items():
        assert found["sizes"] == (pooling.SIZES if arm in pooling.STORED else [1000, 5000, 50_000])
        assert all(len(values) >= 5 for values in found["test_accuracy"])


def test_stored_pooling_helps_and_striding_does_not(stored):
    for other in ("none", "stride"):
        row = lead(stored, other, 1000)
        assert row["clear"] and row["low"] > 10
    none, stride = (np.mean(pooling.accuracies(stored["summary"], arm, 1000))
                    for arm in ("none", "stride"))
    assert stride < none + 2


def test_stored_lead_of_pooling_closes_with_more_data(stored):
    few, many = lead(stored, "none", 1000), lead(stored, "none", 50_000)
    assert few["mean"] > 12 and abs(many["mean"]) < 4


def test_stored_lead_of_pooling_is_not_one_of_size_or_work(stored):
    for other in ("none, parameters", "none, arithmetic", "stride, arithmetic"):
        assert lead(stored, other, 1000)["clear"] and lead(stored, other, 1000)["low"] > 8


def test_stored_pooled_nets_are_not_invariant_to_shifts(stored):
    for arm in ("none", "max", "mean", "l2"):
        found = stored["summary"]["arms"][arm]
        values = np.mean(found["shifted"][found["sizes"].index(5000)], axis=1)
        assert (np.diff(values) < 0).all() and values[0] - values[-1] > 20


def test_a_sample_of_the_stored_nets_trained_anew(stored):
    recorded = next(run["arguments"] for run in stored["runs"]
                    if run["arguments"]["arm"] == "none, parameters"
                    and run["arguments"]["n"] == 1000 and 1 in run["arguments"]["seeds"])
    result = pooling.run({**recorded, "seeds": [1]})
    found = stored["summary"]["arms"]["none, parameters"]
    assert result["parameters"] == found["parameters"]
    assert result["test_accuracy"][-1][0] == pytest.approx(found["test_accuracy"][0][1], abs=5)
