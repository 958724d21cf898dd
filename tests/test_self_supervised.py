"""The experiment self-supervised: nets, views, layers, labels, report and stored result."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mnist1d_edu import engine, experiments, nn, train
from mnist1d_edu.experiments import self_supervised as experiment


def test_the_nets_are_the_papers_cnn_and_a_projector():
    params = experiment.net([16, 16]).init(np.random.RandomState(0))
    cnn = nn.cnn().init(np.random.RandomState(0))
    assert sum(value.size for name, value in params.items() if name.startswith("conv")) == sum(
        value.size for name, value in cnn.items() if name.startswith("conv"))
    assert params["hidden1.0.weight"].shape == (16, 125) and params["out.weight"].shape == (16, 16)
    assert not any(name.startswith(("hidden", "out")) for name in experiment.net([]).init(
        np.random.RandomState(0)))


def test_a_layers_representation_is_what_the_net_computes():
    x = experiment.dataset()["x"][:7]
    for arm, settings in experiment.ARMS.items():
        model = experiment.net(settings["projector"], settings["rectified"])
        params = model.init(np.random.RandomState(1))
        found = experiment.representations(model, params, x)
        expected = train.predict(model, params, x)
        np.testing.assert_allclose(list(found.values())[-1], expected, atol=1e-6)
        np.testing.assert_array_equal(found["input"], x)
        assert found["conv1"].shape == (7, 25 * 19) and found["conv2"].shape == (7, 250)
        for name, rows in list(found.items())[1:]:
            last = name == list(found)[-1]
            assert (rows.min() < 0) == (last and not settings["rectified"]), (arm, name)


def test_the_views_of_a_signal_are_neighbouring_rows():
    model, x = experiment.net([16, 16]), experiment.dataset()["x"]
    pairs = np.stack([x[:5], x[5:10]], axis=1)
    of_pairs = experiment.OfPairs(model)
    params = of_pairs.init(np.random.RandomState(0))
    own = {name.removeprefix("net."): value for name, value in params.items()}
    rows = train.predict(of_pairs, params, pairs)
    np.testing.assert_allclose(rows[0::2], train.predict(model, own, x[:5]), atol=1e-6)
    np.testing.assert_allclose(rows[1::2], train.predict(model, own, x[5:10]), atol=1e-6)
    both = {name: np.stack([value, 2 * value]) for name, value in params.items()}
    stacked = of_pairs(both, engine.Tensor(np.stack([pairs, pairs]))).data
    np.testing.assert_allclose(stacked[0], rows, atol=1e-5)


def changed(names: list[str], seed: int = 3, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.RandomState(0).randn(n, 40).astype(np.float32)
    pairs = np.repeat(x[:, None], 2, axis=1)
    return pairs, experiment.views(names)(pairs, np.random.default_rng([seed, 0]))


def test_a_shift_is_a_roll_by_0_to_9_places():
    pairs, found = changed(["shift"])
    shifts = [[next(by for by in range(40) if np.allclose(np.roll(x, by), view, atol=1e-6))
               for x, view in zip(*both, strict=True)] for both in zip(pairs, found, strict=True)]
    assert set(np.ravel(shifts)) == set(range(10))
    first, second = np.transpose(shifts)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.2


def test_lines_and_constants_have_the_published_deviations():
    pairs, found = changed(["slope"])
    lines = found - pairs
    np.testing.assert_allclose(np.diff(lines, n=2, axis=-1), 0, atol=1e-5)
    np.testing.assert_allclose(lines[..., :20], -lines[..., :19:-1], atol=1e-5)
    assert np.diff(lines, axis=-1)[..., 0].std() == pytest.approx(0.04, rel=0.1)
    pairs, found = changed(["offset"])
    constants = found - pairs
    np.testing.assert_allclose(np.diff(constants, axis=-1), 0, atol=1e-5)
    assert constants[..., 0].std() == pytest.approx(0.3, rel=0.1)


def test_fewer_augmentations_leave_the_others_as_they_were():
    pairs, every = changed(["shift", "slope", "offset"])
    _, some = changed(["shift", "offset"])
    line = every - some
    np.testing.assert_allclose(np.diff(line, n=2, axis=-1), 0, atol=1e-5)
    assert np.array_equal(changed([])[1], pairs)
    with pytest.raises(ValueError, match="augment must be one of"):
        experiment.views(["shear"])


def test_the_labels_are_as_many_of_each_digit_and_training_examples_all_different():
    for n in experiment.LABELS:
        some = experiment.labelled(n, 3)
        assert len(set(some)) == n
        assert (np.bincount(experiment.dataset()["y"][some]) == n // 10).all()
    assert set(experiment.labelled(10, 0)) != set(experiment.labelled(10, 1))
    assert set(experiment.labelled(10, 0)) < set(experiment.labelled(100, 0))


def test_training_goes_on_from_the_given_convolutions():
    _, [params] = experiment.pretrain([16, 16], False, ["shift"], 0.5, 2, [0])
    steps = (0, 0)
    scores = [experiment.trained_on_few(10, 0, step, True, start)[0]
              for step, start in zip(steps, (None, params), strict=True)]
    model, start = nn.cnn(), nn.cnn().init(np.random.RandomState(0))
    moved = {**start, **{name: params[name.replace(".", ".0.")] for name in start
                         if name.startswith("conv")}}
    given = experiment.dataset()
    expected = [train.accuracy(model, each, given["x_test"], given["y_test"])
                for each in (start, moved)]
    assert scores == pytest.approx(expected, abs=0.01)


def test_labels_play_no_part_before_the_probes(monkeypatch):
    plain = experiment.pretrain([16, 16], False, ["shift"], 0.5, 3, [0])[1][0]
    wrong = {**experiment.dataset(), "y": np.zeros(4000, int)}
    monkeypatch.setattr(experiment, "dataset", lambda: wrong)
    again = experiment.pretrain([16, 16], False, ["shift"], 0.5, 3, [0])[1][0]
    assert all(np.array_equal(plain[name], again[name]) for name in plain)


def test_every_net_and_seed_is_trained_once():
    for scale, seeds in (("quick", None), ("paper", None), ("paper", 2)):
        found: dict = {}
        for run in experiment.runs(scale, seeds):
            key = run.arguments["arm"], run.arguments["part"] == "scratch" and run.arguments[
                "labels"]
            found.setdefault(key, []).extend(run.arguments["seeds"])
        assert all(some == list(range(len(some))) for some in found.values())
        if seeds:
            assert all(len(some) == seeds for some in found.values())
    assert len(experiment.STORED["deep"]) == 4 + len(experiment.ARMS["deep"]["projector"])


@pytest.fixture(scope="module")
def report() -> experiments.Report:
    whole, records = experiment.dataset(), []
    few = {name: value[:400 if "test" in name else 3000] for name, value in whole.items()}
    few["x"], few["y"] = few["x"][::2], few["y"][::2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "dataset", lambda: few)
        for run in experiment.runs("quick", 2):
            arguments = {**run.arguments, "steps": min(run.arguments["steps"], 4)}
            if "pretraining_steps" in arguments:
                arguments["pretraining_steps"] = 4
            result = json.loads(json.dumps(experiment.run(arguments), sort_keys=True))
            records.append({"arguments": arguments, "result": result})  # in whatever order
    return experiment.report(records, "quick")


def test_the_report_has_every_layer_and_way(report):
    summary = report.summary
    json.dumps(summary, allow_nan=False)
    assert set(report.figures) == {"self-supervised", "few-labels"}
    assert "stored" in report.table and "Few labels" in report.table
    for arm, stored in experiment.STORED.items():
        found = summary["arms"][arm]
        assert np.shape(found["linear"]) == np.shape(found["neighbours"]) == (len(stored), 2)
    for way in ("probe", "untrained", "tuned", "scratch", "scratch, augmented"):
        assert np.shape(summary["few"][way]) == (len(experiment.LABELS), 2)


def test_an_effect_is_the_difference_of_its_two_layers(report):
    summary = report.summary
    row = next(row for row in summary["effects"]
               if row["what"] == "deep projector: convolution 2 − output")
    expected = (experiment.accuracies(summary, "deep", "conv2")
                - experiment.accuracies(summary, "deep", "out")).mean()
    assert row["mean"] == pytest.approx(expected, abs=1e-3)


def test_the_layers_are_told_by_depth(report):
    layers = list(experiment.LAYERS)
    for arm, found in report.summary["arms"].items():
        assert found["layers"] == sorted(found["layers"], key=layers.index), arm
    first, *_ = report.summary["comparison"]
    assert first["what"] == "default projector, input"
    assert all(abs(value - first["published"][0]) < 25 for value in first["ours"])


def test_the_comparison_has_the_stored_values(report):
    rows = {row["what"]: row["published"] for row in report.summary["comparison"]}
    assert rows["default projector, convolution 3"] == [82.1, 82.1]
    assert rows["no projector, convolution 1"] == [82.2, 82.2]
    assert rows["deep projector, convolution 2"] == [82.4, 82.4]
    assert rows["default projector, output, ten nearest neighbours"] == [74.1, 74.1]
    assert len(rows) == 6 + 4 + 8 + 1


# ------------------------------------------------------------------ the stored result


@pytest.fixture(scope="module")
def stored() -> dict:
    return experiments.load_result("self-supervised")["summary"]


def test_stored_projectors_have_ten_seeds_and_the_inputs_are_the_published_ones(stored):
    for arm in ("default", "none", "deep"):
        assert np.shape(experiment.accuracies(stored, arm, "conv1")) == (10,)
        inputs = experiment.accuracies(stored, arm, "input")
        assert np.ptp(inputs) == 0 and abs(inputs[0] - 32.8) < 0.25


def test_stored_accuracy_peaks_before_the_output(stored):
    """The guillotine: with each projector a layer before the output is better, clear of zero."""
    rows = {row["what"]: row for row in stored["effects"]}
    for what in ("default projector: convolution 3 − output",
                 "no projector: convolution 1 − output", "deep projector: convolution 2 − output"):
        assert rows[what]["clear"] and rows[what]["low"] > 0


def test_stored_training_that_goes_on_beats_training_from_scratch_where_labels_are_few(stored):
    rows = {row["what"]: row for row in stored["effects"]}
    for labels, clear in (("10", True), ("100", True), ("1,000", False)):
        row = rows[f"{labels} labels: training goes on − from scratch, augmented"]
        assert row["clear"] == clear and (row["low"] > 0) == clear


def test_stored_without_the_last_relu_most_of_the_loss_is_gone(stored):
    """Of what the third convolution loses without a projector; lesson 17 says so."""
    lost, kept = (experiment.accuracies(stored, "default", "conv3")[:3]
                  - experiment.accuracies(stored, arm, "conv3")[:3]
                  for arm in ("none", "none, linear"))
    assert min(lost) > 5 and max(kept / lost) < 0.5
