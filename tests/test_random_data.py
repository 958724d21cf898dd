"""The experiment random-data: data, nets, anatomy, time to fit, report, stored result."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mnist1d_edu import experiments, nn
from mnist1d_edu.experiments import random_data


def test_permuted_labels_are_the_same_labels_in_other_places():
    labels = random_data.dataset()["y"]
    for proportion in (0.0, 0.3, 1.0):
        changed = random_data.permuted(labels, proportion, np.random.RandomState(0))
        np.testing.assert_array_equal(np.bincount(changed), np.bincount(labels))
        assert (changed != labels).mean() == pytest.approx(0.9 * proportion, abs=0.02)


def test_random_inputs_have_the_mean_and_the_deviation_of_the_true_ones():
    true, noise = random_data.examples("true", 0), random_data.examples("inputs", 0)
    np.testing.assert_array_equal(true["y"], noise["y"])
    assert noise["x"].mean() == pytest.approx(true["x"].mean(), abs=0.01)
    assert noise["x"].std() == pytest.approx(true["x"].std(), rel=0.01)
    neighbours = np.corrcoef(noise["x"][:, :-1].ravel(), noise["x"][:, 1:].ravel())[0, 1]
    assert abs(neighbours) < 0.02  # nothing is smooth
    np.testing.assert_array_equal(noise["x_test"], true["x_test"])


def test_nets_of_every_depth_have_about_as_many_parameters():
    sizes = {layers: nn.count_parameters(random_data.net(layers, units).init(
        np.random.RandomState(0))) for layers, units in random_data.LAYERS.items()}
    assert sizes == {1: 15_208, 2: 15_210, 3: 15_235, 4: 15_319}


def test_the_anatomy_of_a_net_that_is_known():
    net = nn.Sequential(linear=nn.Linear(40, 10))
    params = {"linear.weight": np.zeros((10, 40), np.float32),
              "linear.bias": np.zeros(10, np.float32)}
    params["linear.weight"][[0, 1], [0, 1]] = 2, 4
    x = np.zeros((3, 40))
    x[0, 0], x[1, 1], x[2, 1] = 3, 1, 1
    found = random_data.anatomy(net, net.init(np.random.RandomState(0)), params, x,
                                np.array([0, 1, 0]))
    assert [found["margins"][0], found["margins"][3], found["margins"][-1]] == [-4, 4, 6]
    assert found["relative"][-1] == 1.5 and found["norms"] == [pytest.approx(20**0.5, abs=1e-3)]
    assert random_data.anatomy(net, params, params, x, np.array([0, 1, 0]))["moved"] == [0]


def test_the_first_fit_is_the_first_step_without_an_error():
    accuracy = [[10, 10, 10], [100, 99.9, 50], [99, 100, 60], [100, 100, 70]]
    assert random_data.first_fit([0, 5, 10, 15], accuracy) == [5, 10, None]


def test_every_part_is_computed_once():
    for scale, seeds in (("quick", None), ("paper", None), ("paper", 7)):
        seen = {}
        for run in random_data.runs(scale, seeds):
            key = json.dumps({k: v for k, v in run.arguments.items() if k != "seeds"})
            seen.setdefault(key, []).extend(run.arguments["seeds"])
        assert all(some == list(range(len(some))) for some in seen.values())


def test_full_batch_descent_sees_all_examples_in_each_step():
    result = random_data.full_batch({"layers": 2, "units": 20, "n": 60, "learning_rate": 0.3,
                                     "steps": 400, "seeds": [0, 1]})
    losses = np.array(result["train_loss"])
    assert (np.diff(losses, axis=0) < 0.01).all()  # no noise of batches
    assert min(result["train_accuracy"][-1]) == 100


@pytest.fixture(scope="module")
def summary() -> dict:
    records = []
    for run in random_data.runs("quick", 2):
        arguments = {**run.arguments, "steps": 100 if run.arguments["part"] == "shares" else 80}
        records.append({"arguments": arguments,
                        "result": json.loads(json.dumps(random_data.run(arguments)))})
    report = random_data.report(records, "quick")
    assert set(report.figures) == {"random-data", "random-data-margins", "full-batch"}
    assert "permuted labels" in report.table and "not yet" in report.table
    json.dumps(report.summary, allow_nan=False)
    return report.summary


def test_the_summary_has_every_part(summary):
    assert set(summary["kinds"]) == set(random_data.KINDS)
    for found in summary["kinds"].values():
        assert np.shape(found["anatomy"]["margins"]) == (2, len(random_data.QUANTILES))
        assert found["fits"] == [None, None]
    assert len(summary["comparison"]) == 5
    assert all(row["published"] == [0, 0] for row in summary["comparison"])


# ------------------------------------------------------------------ the stored result
# What it must show was written down before it was computed.


@pytest.fixture(scope="module")
def stored() -> dict:
    return experiments.load_result("random-data")["summary"]


def test_stored_random_data_is_of_paper_scale(stored):
    assert set(stored["kinds"]) == set(random_data.KINDS)
    assert [float(share) for share in stored["shares"]] == random_data.PROPORTIONS
    assert list(stored["batch"]) == ["1", "2", "3", "4"]
    assert all(len(found["seeds"]) >= least
               for part, least in (("kinds", 10), ("shares", 10), ("batch", 3))
               for found in stored[part].values())


def test_stored_nets_fit_every_kind_of_data(stored):
    for found in stored["kinds"].values():
        assert min(found["last_train_accuracy"]) > 99.5
    assert np.mean(stored["kinds"]["labels"]["last_test_accuracy"]) < 15  # and learn nothing


def test_stored_permuted_labels_take_longest(stored):
    waits = {kind: np.mean([step or np.inf for step in found["fits"]])
             for kind, found in stored["kinds"].items()}
    assert waits["labels"] == max(waits.values())


def test_stored_time_to_fit_grows_with_the_proportion_of_permuted_labels(stored):
    waits = [np.mean([step or np.inf for step in found["fits"]])
             for found in stored["shares"].values()]
    assert waits[-1] > 1.5 * waits[0] and waits[2] > waits[0]


def test_stored_memorised_labels_leave_smaller_relative_margins(stored):
    middle = stored["quantiles"].index(0.5)
    medians = {kind: np.array(found["anatomy"]["relative"])[:, middle]
               for kind, found in stored["kinds"].items()}
    assert medians["labels"].max() < medians["true"].min()


def test_stored_full_batch_descent_fits_and_deeper_nets_sooner(stored):
    for layers in ("2", "3", "4"):
        assert min(stored["batch"][layers]["last_train_accuracy"]) > 99
    losses = [np.mean(stored["batch"][layers]["last_train_accuracy"]) for layers in ("1", "4")]
    assert losses[1] >= losses[0]
    fits = {layers: np.mean([step or np.inf for step in found["fits"]])
            for layers, found in stored["batch"].items()}
    assert fits["4"] < fits["2"] < fits["1"]


def test_a_sample_of_the_stored_nets_trained_anew():
    result = experiments.load_result("random-data")
    recorded = next(run["arguments"] for run in result["runs"]
                    if run["arguments"]["part"] == "batch" and run["arguments"]["layers"] == 4)
    found = result["summary"]["batch"]["4"]
    again = random_data.run({**recorded, "seeds": recorded["seeds"][:1]})
    assert again["train_accuracy"][-1] == [100.0] == found["last_train_accuracy"][:1]
    fit = random_data.first_fit(again["steps"], again["train_accuracy"])[0]
    assert fit == pytest.approx(found["fits"][0], rel=0.3)
    assert again["test_accuracy"][-1][0] == pytest.approx(found["last_test_accuracy"][0], abs=5)
