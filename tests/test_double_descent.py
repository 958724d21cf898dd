"""Double descent: its data, nets and runs, how peaks are found, and what is shown."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from mnist1d_edu import data, nn
from mnist1d_edu.experiments import double_descent as dd

MADE = {"numpy": "x", "processor": "y", "blas": "z", "seconds": 1.0, "date": "2026-11-21"}


def record(run, **changes) -> dict:
    arguments = {**run.arguments, **changes}
    return {"experiment": "double-descent", "arguments": arguments, "made": MADE,
            "result": json.loads(json.dumps(dd.run(arguments)))}


def setup(error, loss=None, widths=None) -> dict:
    """A setup with these training errors as its own and these test losses, (widths, seeds)."""
    error = np.asarray(error, float)
    widths = list(range(1, len(error) + 1)) if widths is None else widths
    return {"widths": widths, "parameters": [10 * w for w in widths], "n": 10,
            "train_error": error.tolist(), "test_error": error.tolist(),
            "test_loss": (error if loss is None else np.asarray(loss, float)).tolist()}


# ------------------------------------------------------------------ data


def test_label_noise_is_that_of_the_published_vectors():
    published = data.published_vectors()
    clean, noisy = dd.examples("clean")["y"], dd.examples("noise")["y"]
    assert (clean != noisy).sum() == published["ddd2024_label_noise"]["changed"] == 577
    digest = hashlib.sha256(noisy.astype("<i8").tobytes()).hexdigest()
    assert digest == published["ddd2024_label_noise"]["sha256"]


def test_the_books_label_noise_changes_as_many_labels_as_published():
    clean = data.make_dataset({"num_samples": 8000, "train_split": 0.5})
    book = dd.examples("book")
    np.testing.assert_array_equal(book["x"], clean["x"].astype(np.float32))
    changed = (book["y"] != clean["y"]).sum()
    assert changed == data.published_vectors()["udl_label_noise"]["changed"] == 522
    np.testing.assert_array_equal(book["y_test"], clean["y_test"])


def test_noise_leaves_the_signals_and_the_test_labels_alone():
    clean, noisy = dd.examples("clean"), dd.examples("noise")
    for key in ("x", "x_test", "y_test"):
        np.testing.assert_array_equal(clean[key], noisy[key])
    assert (len(clean["x"]), len(clean["x_test"])) == (4000, 12_000)


def test_fewer_examples_are_the_first_ones():
    few, all_of_them = dd.examples("noise", 1000), dd.examples("noise", 4000)
    np.testing.assert_array_equal(few["x"], all_of_them["x"][:1000])
    np.testing.assert_array_equal(few["y"], all_of_them["y"][:1000])
    np.testing.assert_array_equal(few["x_test"], all_of_them["x_test"])


def test_the_data_do_not_touch_the_global_stream():
    dd._examples.cache_clear()
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    dd.examples("noise")
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_unknown_labels_and_models_are_named():
    with pytest.raises(ValueError, match=r"labels must be one of 'clean', 'noise', .*got 'noisy'"):
        dd.examples("noisy")
    with pytest.raises(ValueError, match=r"model must be one of 'mlp', .*got 'rnn'"):
        dd.net("rnn", 3)


# ------------------------------------------------------------------ nets and runs


@pytest.mark.parametrize("model, width, parameters", [
    ("mlp", 45, 4375), ("he mlp", 45, 4375), ("mlp", 300, 105_610), ("one layer", 20, 1030),
    ("cnn", 25, 5210)])
def test_nets_have_the_published_sizes(model, width, parameters):
    params = dd.net(model, width).init(np.random.RandomState(0))
    assert nn.count_parameters(params) == parameters


def test_the_books_net_starts_as_the_book_says():
    params = dd.net("he mlp", 200).init(np.random.RandomState(0))
    assert not params["hidden1.bias"].any()
    bound = (6 / 40) ** 0.5
    assert 0.98 * bound < np.abs(params["hidden1.weight"]).max() <= bound * (1 + 1e-6)


@pytest.mark.parametrize("scale, seeds", [("quick", None), ("paper", None), ("paper", 7)])
def test_each_width_gets_every_seed_once_in_runs_of_at_most_ten_minutes(scale, seeds):
    runs = dd.runs(scale, seeds)
    expected = list(range({"quick": 3, "paper": 5}[scale] if seeds is None else seeds))
    found = {}
    for run in runs:
        key = run.arguments["setup"], run.arguments["width"]
        found.setdefault(key, []).extend(run.arguments["seeds"])
        assert run.cost < 600
    assert all(sorted(some) == expected for some in found.values())
    if scale == "paper":
        assert set(found) == {(name, width) for name, each in dd.SETUPS.items()
                              for width in each["widths"]}


def test_paper_scale_is_the_papers_setup():
    assert dd.SETUPS["mlp-noise"]["widths"] == [2, 3, 4, 5, 7, 9, 12, 16, 21, 27, 36, 47, 61, 80,
                                                104, 135, 177, 230, 300]
    assert dd.SETUPS["cnn-noise"]["widths"] == [*range(2, 29, 2), *range(30, 101, 5)]
    epochs = {name: dd.SETUPS[name]["steps"] / 40 for name in dd.STORED}
    assert epochs == {"mlp-clean": 500, "mlp-noise": 500, "cnn-noise": 500, "book": 1000}


def test_the_claimed_peaks_lie_within_the_widths():
    for loss, factor in dd.CLAIMED.items():
        for n in (1000, 2000, 4000):
            parameters = [51 * width + 10 for width in dd.SETUPS[f"{loss}-{n}"]["widths"]]
            assert parameters == sorted(set(parameters))
            assert parameters[2] < factor * n < parameters[-3]


def test_seeds_in_several_runs_are_what_they_are_in_one():
    run = next(run for run in dd.runs("paper", None) if run.arguments["setup"] == "mlp-noise")
    together = dd.run({**run.arguments, "width": 6, "steps": 80, "seeds": [0, 1, 2]})
    alone = dd.run({**run.arguments, "width": 6, "steps": 80, "seeds": [2]})
    for measure in ("train_error", "test_error", "train_loss", "test_loss"):
        np.testing.assert_allclose(np.array(together[measure])[:, 2:], alone[measure], rtol=1e-2)
    first, second = np.array(together["test_loss"])[-1, :2]
    assert first != second


def test_errors_are_not_rounded_to_whole_percents():
    run = next(run for run in dd.runs("paper", None) if run.arguments["setup"] == "nll-1000")
    result = dd.run({**run.arguments, "steps": 100, "seeds": [0, 1]})
    errors = np.array(result["test_error"])
    assert not np.array_equal(errors, errors.round())
    rights = (100 - errors) * 120  # of 12,000
    np.testing.assert_allclose(rights, rights.round(), atol=0.1)


def test_the_squared_error_peaks_at_examples_times_classes():
    """Ours in a second: 100 noisy examples, so the claim is 1,000 parameters, 19 hidden units."""
    losses = {}
    for width in (4, 19, 120):
        result = dd.run({"setup": "mse", "model": "one layer", "labels": "noise", "n": 100,
                         "optimizer": "adam", "loss": "mse", "steps": 3000, "width": width,
                         "seeds": [0, 1, 2]})
        losses[width] = np.array(result["test_loss"][-1])
        if width > 19:
            assert np.max(result["train_error"][-1]) == 0
    assert (losses[19] > 1.15 * losses[4]).all() and (losses[19] > 1.15 * losses[120]).all()


# ------------------------------------------------------------------ peaks and report


def test_the_threshold_is_where_the_training_error_stays_low():
    found = dd.thresholds(setup([[9, 9], [0.5, 9], [3, 9], [0.9, 9], [0, 9]], widths=[2, 4, 6, 8,
                                                                                     10]))
    assert found == [8, None]
    assert dd.thresholds(setup([[0.0], [0.0]])) == [1]


def test_a_peak_is_the_highest_rise_and_not_the_highest_value():
    curve = [[70, 71], [50, 50], [48, 47], [54, 55], [51, 51], [44, 45]]
    found = dd.peak(setup(curve, widths=[2, 5, 16, 47, 80, 300]), "test_error")
    assert (found["before"], found["top"], found["after"]) == (16, 47, 300)
    assert found["rise"] == [6, 8] and found["fall"] == [10, 10]
    assert found["parameters"] == [470, 470]


def test_a_curve_that_only_falls_has_no_rise():
    found = dd.peak(setup([[5.0], [4.0], [3.0]]), "test_error")
    assert found["rise"] == [0]


@pytest.fixture(scope="module")
def records() -> list[dict]:
    """The paper's setups after very few steps: three widths of each, one split in two runs."""
    some, seen = [], {}
    for run in dd.runs("paper", 2):
        name, width = run.arguments["setup"], run.arguments["width"]
        widths = seen.setdefault(name, set())
        if width in (7, 9, 16, 40, 47, 10, 78, 157, 196, 784, 392) and len(widths | {width}) <= 3:
            widths.add(width)
            some += [record(run, steps=20, seeds=[seed]) for seed in run.arguments["seeds"]]
    assert set(seen) == set(dd.SETUPS)
    return some


def test_the_report_has_every_setup_and_puts_split_seeds_together(records):
    report = dd.report(records, "paper")
    assert set(report.figures) == {"double-descent", "double-descent-parameters",
                                   "double-descent-threshold"}
    json.dumps(report.summary, allow_nan=False)
    for name, found in report.summary["setups"].items():
        assert found["seeds"] == [0, 1] and dd.TITLES[name] in report.table
        for measure in ("train_error", "test_loss"):
            assert np.shape(found[measure]) == (len(found["widths"]), 2)
    first = next(r for r in records if r["arguments"]["setup"] == "mlp-noise")
    second = records[records.index(first) + 1]
    assert report.summary["setups"]["mlp-noise"]["test_error"][0] == [
        first["result"]["test_error"][-1][0], second["result"]["test_error"][-1][0]]


def test_only_widths_that_were_trained_are_compared(records):
    rows = dd.summarise(records)["comparison"]
    errors = [row for row in rows if "test error at width" in row["what"]]
    assert [row["what"].split()[-1] for row in errors if "MLP, noisy" in row["what"]] == ["16"]
    assert all(len(row["ours"]) == 2 for row in errors)
    assert {row["published"][0] for row in rows if "parameters / n" in row["what"]} == {1, 10}
