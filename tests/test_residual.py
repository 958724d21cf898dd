"""The experiment residual: its nets, variances, autocorrelations, runs, report, stored result."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mnist1d_edu import engine, experiments, nn
from mnist1d_edu.experiments import residual


def start(model: str, kind: str, depth: int = 3, width: int = 6) -> tuple[nn.Sequential, dict]:
    net = residual.net(model, kind, depth, width)
    return net, net.init(np.random.RandomState(0))


@pytest.mark.parametrize("model", ["mlp", "cnn"])
@pytest.mark.parametrize("kind", residual.KINDS)
def test_nets_of_every_kind_have_their_parts(model, kind):
    net, params = start(model, kind)
    x = np.random.RandomState(1).standard_normal((5, 40)).astype(np.float32)
    assert net(params, x).shape == (5, 10)
    assert bool(net.buffers) == (kind in ("norm", "both"))
    biases = [value for name, value in params.items()
              if name.endswith("bias") and value.shape != (10,)]
    drawn = any(bias.any() for bias in biases)
    assert drawn == (kind == "default")  # He's initialisation leaves biases at 0


def test_without_its_blocks_weights_a_residual_net_is_a_shallow_one():
    x = np.random.RandomState(1).standard_normal((5, 40)).astype(np.float32)
    for kind in ("residual", "both"):
        deep, params = start("mlp", kind)
        params = {name: np.zeros_like(value) if "block" in name and value.ndim == 2 else value
                  for name, value in params.items()}
        shallow = residual.net("mlp", "residual", 0, 6)
        ends = {name: value for name, value in params.items() if "block" not in name}
        np.testing.assert_allclose(deep(params, x).data, shallow(ends, x).data, atol=1e-6)


def test_a_tap_sees_every_block_and_changes_nothing():
    x = np.random.RandomState(1).standard_normal((5, 40)).astype(np.float32)
    seen = []
    net = residual.net("mlp", "he", 3, 6, tap=lambda h: seen.append(h) or h)
    plain, params = start("mlp", "he")
    np.testing.assert_array_equal(net(params, x).data, plain(params, x).data)
    assert [h.shape for h in seen] == [(5, 6)] * 4
    expected = params["first.weight"] @ x[0] + params["first.bias"]
    np.testing.assert_allclose(seen[0].data[0], expected, atol=1e-5)


def test_the_variances_are_those_of_activations_and_gradients():
    params = residual.net("mlp", "residual", 1, 100).init(np.random.RandomState(0))
    found = residual.signals("residual", 1, params)
    examples = residual.dataset()
    x, y = examples["x"][:200].astype(float), examples["y"][:200]
    first = x @ params["first.weight"].T
    block = first + np.maximum(first, 0) @ params["block0.layer.1.weight"].T
    np.testing.assert_allclose(found["activations"], np.log10([first.var(), block.var()]),
                               atol=1e-3)
    logits = np.maximum(block, 0) @ params["linear.weight"].T
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(200), y] -= 1
    slope = (shares @ params["linear.weight"]) * (block > 0)
    assert found["gradients"][1] == pytest.approx(np.log10(slope.var()), abs=1e-3)


def test_the_input_gradient_is_that_of_the_first_logit():
    net, params = start("mlp", "residual")
    params = {name: value.astype(float) for name, value in params.items()}
    x = np.random.RandomState(1).standard_normal((4, 40))
    slopes = residual.input_gradient(net, params, x)
    step = 1e-6 * np.eye(40)[7]
    with engine.no_grad():
        difference = (net(params, x + step).data - net(params, x - step).data)[:, 0] / 2e-6
    np.testing.assert_allclose(slopes[:, 7], difference, rtol=1e-4, atol=1e-6)


def test_the_autocorrelation_of_a_shallow_net_reaches_further_than_that_of_a_deep_one():
    shallow, deep = (residual.autocorrelation("he", depth, 0) for depth in (1, 30))
    assert shallow[0] == deep[0] == 1
    assert np.abs(shallow).max() <= 1.3
    assert deep[16:].mean() < shallow[16:].mean() - 0.2


def test_every_part_is_computed_once():
    for scale, seeds in (("quick", None), ("paper", None), ("paper", 7)):
        seen = {}
        for run in residual.runs(scale, seeds):
            key = json.dumps({k: v for k, v in run.arguments.items() if k != "seeds"})
            seen.setdefault(key, []).extend(run.arguments["seeds"])
        assert all(some == list(range(len(some))) for some in seen.values())


def test_a_net_that_diverges_is_one_that_does_not_train():
    records = [{"arguments": {"depth": 3, "learning_rate": rate, "seeds": [0, 1]},
                "result": {name: values for name in ("train_accuracy", "test_accuracy",
                                                     "train_loss")}}
               for rate, values in ((0.003, None), (0.0003, [60.0, 70.0]))]
    found = residual._depths(records)
    assert found["by_depth"]["3"]["rate"] == 0.0003 and found["deepest"] == 3
    assert residual._depths(records[:1])["by_depth"]["3"]["train_accuracy"] == [10.0, 10.0]
    assert residual._depths(records[:1])["deepest"] == 0


@pytest.fixture(scope="module")
def summary() -> dict:
    records = []
    for run in residual.runs("quick", 2):
        arguments = dict(run.arguments)
        if "steps" in arguments:
            arguments["steps"] = 3
        if "depth" in arguments:  # shallower ones, different as before
            arguments["depth"] = {3: 3, 10: 4, 30: 5}.get(arguments["depth"], 6)
        records.append({"arguments": arguments,
                        "result": json.loads(json.dumps(residual.run(arguments)))})
    report = residual.report(records, "quick")
    assert set(report.figures) == {"residual-variances", "residual-gradients", "residual-depth"}
    assert "Distance in input space" in report.table
    json.dumps(report.summary, allow_nan=False)
    return report.summary


def test_the_summary_has_every_kind(summary):
    assert list(summary["kinds"]) == ["he", "residual", "both"]
    for found in summary["kinds"].values():
        assert np.shape(found["variance"]["before"]["activations"]) == (2, 7)
        assert set(found["lines"]) == {"1", "24"}
    assert summary["comparison"][0]["published"] == [2, 2]
    assert np.mean(summary["comparison"][0]["ours"]) == pytest.approx(2, abs=0.25)


# ------------------------------------------------------------------ the stored result
# What it must show was written down before it was computed.


@pytest.fixture(scope="module")
def stored() -> dict:
    return experiments.load_result("residual")["summary"]


def change(stored: dict, kind: str, what: str) -> float:
    """The mean decimal logarithm of the last block's variance over the first's."""
    logs = np.array(stored["kinds"][kind]["variance"]["before"][what])
    return float((logs[:, -1] - logs[:, 0]).mean())


def test_stored_residual_is_of_paper_scale(stored):
    assert set(stored["kinds"]) == set(residual.KINDS)
    assert stored["seeds"]["variance"] >= 10 and stored["seeds"]["lines"] >= 10
    assert stored["seeds"]["depth"] >= 3


def test_stored_variances_double_with_a_residual_block_and_grow_linearly_with_batch_norm(stored):
    doubling, linear = (np.mean(row["ours"]) for row in stored["comparison"])
    assert doubling == pytest.approx(2, abs=0.1)
    assert linear == pytest.approx(1, abs=0.25)


def test_stored_gradients_vanish_by_default_and_explode_with_batch_norm_alone(stored):
    assert change(stored, "default", "gradients") > 15  # far smaller at the first block
    assert abs(change(stored, "he", "activations")) < 2
    assert change(stored, "norm", "gradients") < -4
    assert abs(change(stored, "both", "gradients")) < 3


def test_stored_gradients_are_shattered_in_deep_plain_nets(stored):
    half = {kind: {depth: np.mean(each["half"]) for depth, each in found["lines"].items()}
            for kind, found in stored["kinds"].items()}
    assert half["he"]["50"] < half["he"]["24"] < half["he"]["1"]
    assert half["both"]["50"] > 2 * half["he"]["50"]


def test_stored_distances_differ_clearly_from_hes_and_accuracies_of_three_seeds_not_all(stored):
    rows = {row["what"]: row for row in stored["effects"]}
    distances = {what: row for what, row in rows.items() if what.startswith("distance")}
    assert len(distances) == 4 and len(rows) == 12
    assert all(row["clear"] for row in distances.values())
    assert [row["mean"] < 0 for what, row in distances.items()] == [
        residual.KINDS["norm"] + " −" in what for what in distances]
    both = [row for what, row in rows.items() if f"{residual.KINDS['both']} −" in what]
    assert all(row["mean"] > 0 for row in both) and not all(row["clear"] for row in both)


def test_stored_deepest_nets_are_those_with_residual_connections_and_batch_norm(stored):
    for model in ("mlp", "cnn"):
        deepest = {kind: found["depth"][model]["deepest"]
                   for kind, found in stored["kinds"].items()}
        assert deepest["both"] == max(deepest.values())
        assert deepest["default"] <= 10
        last = {kind: np.mean(list(found["depth"][model]["by_depth"].values())[-1]
                              ["train_accuracy"]) for kind, found in stored["kinds"].items()}
        assert last["both"] == max(last.values())


def test_a_sample_of_the_stored_nets_computed_anew():
    result = experiments.load_result("residual")
    recorded = {run["arguments"]["part"]: run["arguments"] for run in result["runs"]
                if run["arguments"]["kind"] == "he" and run["arguments"].get("model") != "cnn"
                and run["arguments"].get("depth") in (None, 3, 50)
                and run["arguments"].get("learning_rate") != 0.003}
    kind = result["summary"]["kinds"]["he"]
    params = residual.net("mlp", "he", 50, residual.WIDTHS["variance"]).init(
        np.random.RandomState(0))
    logs = residual.signals("he", 50, params)["activations"]
    np.testing.assert_allclose(logs, kind["variance"]["before"]["activations"][0], atol=0.02)
    curve = residual.autocorrelation("he", 1, 0)
    first_below = residual.line_distances()[np.append(curve < 0.5, True).argmax() - 1]
    assert kind["lines"]["1"]["half"][0] == pytest.approx(first_below, abs=0.05)
    found = kind["depth"]["mlp"]["by_depth"]["3"]
    again = residual.run({**recorded["depth"], "seeds": [0], "learning_rate": found["rate"]})
    assert again["train_accuracy"][0] == pytest.approx(found["train_accuracy"][0], abs=5)
