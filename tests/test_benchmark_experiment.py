"""The benchmark and its shuffled twin: what they compute, show and keep."""

from __future__ import annotations

import importlib.util
import json
import re

import numpy as np
import pytest

from mnist1d_edu import experiments, nn, train
from mnist1d_edu.experiments import benchmark, shuffled, store

MODELS = ("logistic", "mlp", "cnn", "gru")


@pytest.fixture(scope="module")
def records() -> list[dict]:
    """The records of both experiments after very few steps."""
    runs = shuffled.runs("quick", 2)
    for run in runs:
        run.arguments.update(steps=20, eval_every=10)
    made = {"numpy": "x", "processor": "y", "blas": "z", "seconds": 6.0,
            "date": "2026-11-21T00:00:00+00:00"}
    return [{"experiment": run.experiment, "arguments": run.arguments, "made": made,
             "result": json.loads(json.dumps(benchmark.run(run.arguments)))} for run in runs]


@pytest.mark.parametrize("scale, seeds, steps", [("quick", 3, 4000), ("paper", 10, 6000)])
def test_each_model_gets_every_seed_once_at_the_papers_settings(scale, seeds, steps):
    runs = benchmark.runs(scale, None)
    for model in MODELS:
        mine = [run.arguments for run in runs if run.arguments["model"] == model]
        assert sorted(s for arguments in mine for s in arguments["seeds"]) == list(range(seeds))
        assert all((a["steps"], a["learning_rate"], a["batch_size"], a["eval_every"], a["order"])
                   == (steps, 0.01, 100, 250, "ordered") for a in mine)


def test_shuffled_shares_the_ordered_runs_with_the_benchmark():
    both = shuffled.runs("quick", None)
    ordered = benchmark.runs("quick", None)
    assert both[:len(ordered)] == ordered
    assert {run.experiment for run in both[len(ordered):]} == {"shuffled"}


def test_shuffling_is_one_permutation_of_the_inputs():
    ordered, mixed = benchmark.inputs("ordered"), benchmark.inputs("shuffled")
    permutation = np.random.RandomState(42).permutation(40)
    for name in ("x", "x_test"):
        np.testing.assert_array_equal(mixed[name], ordered[name][:, permutation])
    assert not (permutation == np.arange(40)).all()
    for name in ("y", "y_test"):
        np.testing.assert_array_equal(mixed[name], ordered[name])


def test_seeds_in_several_runs_are_what_they_are_in_one(records):
    alone = [record["result"] for record in records if record["arguments"]["model"] == "gru"
             and record["arguments"]["order"] == "ordered"]
    arguments = {**records[0]["arguments"], "model": "gru", "order": "ordered", "seeds": [0, 1]}
    together = benchmark.run(arguments)
    joined = np.concatenate([result["train_loss"] for result in alone], axis=1)
    np.testing.assert_allclose(joined, together["train_loss"], atol=2e-3)


def test_tables_and_summaries_hold_all_models_and_published_numbers(records):
    ordered = records[:len(benchmark.runs("quick", 2))]
    for module, some, paper in ((benchmark, ordered, "94 ± 2"), (shuffled, records, "30 ± 10")):
        report = module.report(some, "quick")
        for title in ("logistic", "MLP", "CNN", "GRU", "human", "64.2–65.1", paper):
            assert title in report.table or (title == "64.2–65.1" and module is shuffled)
        assert "over 2 seeds, 20 steps" in report.table
        for model, parameters in zip(MODELS, (410, 15210, 5210, 5134), strict=True):
            result = report.summary["models"][model]
            assert result["parameters"] == parameters and result["seeds"] == [0, 1]
            assert np.shape(result["test_accuracy"]) == (3, 2)
        assert report.summary["steps"] == [0, 10, 20]
        assert len(report.summary["comparison"]) == 8
        json.dumps(report.summary, allow_nan=False)
        figure, = report.figures.values()
        assert {text.get_text() for text in figure.axes[0].texts} >= {"CNN", "GRU", "MLP"}


def test_the_table_says_what_the_records_say(records):
    summary = benchmark.summarise(records, "ordered")
    summary["models"]["cnn"].update(train_accuracy=[[9, 9], [9, 9], [97, 99]],
                                    test_accuracy=[[10, 10], [90, 92], [50, 54]])
    row, = (line for line in benchmark.table(summary).splitlines() if line.startswith("CNN"))
    assert row.split("  ")[-1].strip() == "94 ± 2"
    assert re.findall(r"[\d.]+ ± [\d.]+", row)[:3] == ["98.0 ± 1.4", "52.0 ± 2.8", "91.0 ± 1.4"]
    one = {**summary, "models": {name: {**result, "seeds": [0], "test_accuracy":
                                        [row[:1] for row in result["test_accuracy"]]}
                                 for name, result in summary["models"].items()}}
    assert "one seed" in benchmark.table(one)


def test_the_models_learn_apart_within_a_few_hundred_steps():
    """The order of the paper's table shows early: CNN above MLP above logistic regression."""
    reached = {}
    for model in ("logistic", "mlp", "cnn"):
        result = benchmark.run({"model": model, "order": "ordered", "steps": 500, "seeds": [0, 1],
                                "learning_rate": 0.01, "batch_size": 100, "eval_every": 250})
        reached[model] = np.mean(result["test_accuracy"][-1])
    assert 25 < reached["logistic"] < 38 < 50 < reached["mlp"] < 70 < 75 < reached["cnn"]


def test_a_diverging_run_says_where():
    with pytest.raises(train.Diverged, match="step"):
        benchmark.run({"model": "mlp", "order": "ordered", "steps": 50, "seeds": [0],
                       "learning_rate": 1e30, "batch_size": 100, "eval_every": 25})


# ------------------------------------------------------------------- results kept in the package


@pytest.mark.parametrize("name", ["benchmark", "shuffled"])
def test_kept_results_are_of_paper_scale_and_say_how_they_were_made(name):
    result = experiments.load_result(name)
    assert result["scale"] == "paper" and result["summary"]["steps"][-1] == 6000
    for model in MODELS:
        kept = result["summary"]["models"][model]
        assert kept["seeds"] == list(range(10))
        assert np.shape(kept["test_accuracy"]) == (25, 10)
    assert {run["arguments"]["model"] for run in result["runs"]} == set(MODELS)
    assert all(run["made"]["processor"] and run["made"]["numpy"] for run in result["runs"])


def test_kept_results_show_what_the_paper_says():
    last = {(name, model): np.mean(kept["test_accuracy"][-1])
            for name in ("benchmark", "shuffled")
            for model, kept in experiments.load_result(name)["summary"]["models"].items()}
    ordered = [last["benchmark", model] for model in ("gru", "cnn", "mlp", "logistic")]
    assert abs(ordered[0] - ordered[1]) < 6 and ordered[0] > ordered[2] + 20 > ordered[3] + 40
    for model, cost in {"logistic": 0, "mlp": 0, "cnn": 35, "gru": 35}.items():
        assert last["benchmark", model] - last["shuffled", model] == pytest.approx(cost, abs=6)
    assert max(last["shuffled", "cnn"], last["shuffled", "gru"]) < last["shuffled", "mlp"]


@pytest.mark.parametrize("name, model, steps, tolerance", [
    ("benchmark", "logistic", 6000, 1.5), ("shuffled", "logistic", 2000, 1.5),
    ("benchmark", "mlp", 500, 5), ("shuffled", "mlp", 500, 5),
    ("benchmark", "cnn", 250, 12), ("shuffled", "cnn", 250, 8), ("benchmark", "gru", 250, 12)])
def test_a_sample_of_the_kept_results_computed_anew(name, model, steps, tolerance):
    """From their recorded arguments, with fewer steps and seeds: what rounding, which differs by
    processor, does to a short run stays within the tolerance (percentage points)."""
    kept = experiments.load_result(name)
    recorded = next(run["arguments"] for run in kept["runs"] if run["experiment"] == name
                    and run["arguments"]["model"] == model)
    result = benchmark.run({**recorded, "steps": steps, "seeds": recorded["seeds"][:1]})
    curve = np.array(kept["summary"]["models"][model]["test_accuracy"])[:, 0]
    at = kept["summary"]["steps"].index(steps)
    new = np.array(result["test_accuracy"])[:, 0]
    assert new[0] == pytest.approx(curve[0], abs=0.3)  # untrained: the same initial weights
    assert new[-1] == pytest.approx(curve[at], abs=tolerance)


def test_unknown_results_are_named():
    with pytest.raises(ValueError, match="did you mean 'benchmark'"):
        experiments.load_result("benchmrk")


def summary_at(scale: str) -> dict:
    rows = [experiments.compared("inside", [1.0, 2.0, 3.0], (3.5, 4.0), "paper"),
            experiments.compared("outside", [1.0, 1.1, 1.2], (3.5, 3.5), "notebooks")]
    made = {"numpy": "2", "processor": "p", "blas": "b", "seconds": 60.0, "date": "2026-11-21T00"}
    return {"experiment": "benchmark", "scale": scale, "summary": {"comparison": rows},
            "runs": [{"made": made}]}


def test_store_keeps_paper_results_and_names_disagreements(tmp_path):
    out, kept = tmp_path / "out", tmp_path / "results"
    out.mkdir()
    (out / "benchmark.json").write_text(json.dumps(summary_at("paper")))
    store.store(out, kept)
    assert json.loads((kept / "benchmark.json").read_text()) == summary_at("paper")
    text = (kept / "README.md").read_text()
    assert "| inside | 2.00 ± 1.00 (3) | 3.5 to 4 | paper |" in text
    assert "`mnist1d-edu reproduce benchmark --scale paper`: 1 runs" in text
    named = [line for line in text.splitlines() if line.startswith("* ")]
    assert len(named) == 1 and "**outside**" in named[0] and "below the published 3.5" in named[0]
    assert "by 2.20 beyond" in named[0]


def test_a_number_of_seeds_that_was_asked_for_is_told():
    text = store.readme({"benchmark": {**summary_at("paper"), "seeds": 4}})
    assert "`mnist1d-edu reproduce benchmark --scale paper --seeds 4`: 1 runs" in text


def test_store_refuses_what_is_not_of_paper_scale(tmp_path, capsys):
    assert store.main([str(tmp_path)]) == 2
    (tmp_path / "benchmark.json").write_text(json.dumps(summary_at("quick")))
    assert store.main([str(tmp_path)]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "must have a summary" in first and "'quick'" in second


def test_the_readme_of_the_results_is_what_store_writes():
    results = {name: json.loads((store.RESULTS / f"{name}.json").read_text())
               for name in experiments.EXPERIMENTS if (store.RESULTS / f"{name}.json").exists()}
    assert (store.RESULTS / "README.md").read_text(encoding="utf-8") == store.readme(results)


def test_every_experiment_keeps_the_contract():
    for name, module in experiments.EXPERIMENTS.items():
        assert importlib.util.find_spec(module)
        loaded = experiments.load(name)
        assert loaded.__doc__ and all(callable(getattr(loaded, f)) for f in
                                      ("runs", "run", "report"))
        for scale in experiments.SCALES:
            runs = loaded.runs(scale, 2)
            assert runs and {run.experiment for run in runs} <= set(experiments.EXPERIMENTS)
            json.dumps([run.arguments for run in runs], allow_nan=False)


def test_models_are_the_papers():
    assert set(benchmark.TITLES) == set(nn.MODELS)
