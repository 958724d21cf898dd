"""The experiment metalearn-lr: the setup, its gradients, truncation, report, stored result."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mnist1d_edu import experiments, nn
from mnist1d_edu.experiments import metalearn_lr

SMALL = {"hidden": 8, "steps": 20, "batch_size": 25, "seed": 1}


def mean_loss(arguments: dict, rate: float) -> float:
    """By plain descent, without a derivative of anything but the loss."""
    params, total = metalearn_lr.begun(arguments, float), 0.0
    through = metalearn_lr.training(arguments["hidden"])
    for batch in metalearn_lr.batches(arguments, float):
        loss = nn.cross_entropy(metalearn_lr.net(arguments["hidden"])(params, batch[0]), batch[1])
        total += loss.item() / arguments["steps"]
        params = through.trained(params, {"lr": np.array(rate)}, [batch])
    return total


def slope_of(arguments: dict, rate: float) -> float:
    through = metalearn_lr.training(arguments["hidden"])
    _, slopes = through.gradient(metalearn_lr.begun(arguments, float), {"lr": np.array(rate)},
                                 metalearn_lr.batches(arguments, float))
    return float(slopes["lr"])


def test_batches_are_in_file_order_and_begin_again():
    x = metalearn_lr._dataset()["x"]
    given = metalearn_lr.batches({"steps": 100, "batch_size": 50})
    np.testing.assert_array_equal(given[3][0], x[150:200].astype(np.float32))
    np.testing.assert_array_equal(given[80][0], given[0][0])


def test_the_net_has_the_notebooks_size():
    params = metalearn_lr.net(50).init(np.random.RandomState(0))
    assert nn.count_parameters(params) == 40 * 50 + 50 + 50 * 10 + 10


def test_the_slope_is_that_of_the_mean_loss():
    numeric = (mean_loss(SMALL, 0.3001) - mean_loss(SMALL, 0.2999)) / 2e-4
    assert slope_of(SMALL, 0.3) == pytest.approx(numeric, rel=1e-5)


def test_descent_on_the_rate_goes_downhill():
    found = metalearn_lr.descent({**SMALL, "start": 0.15, "outer_rate": 0.3, "outer_steps": 4})
    assert len(found["rates"]) == 5 and len(found["losses"]) == 4
    assert (np.diff(found["losses"]) < 0).all()
    first = found["rates"][0] - 0.3 * slope_of(SMALL, 0.15)
    assert found["rates"][1] == pytest.approx(first, rel=1e-3)


def test_a_descent_that_flies_off_ends_early():
    found = metalearn_lr.descent({**SMALL, "start": 0.15, "outer_rate": -100.0, "outer_steps": 4})
    assert len(found["rates"]) == 1 + len(found["losses"]) < 5
    assert min(found["rates"]) > 0 and np.isfinite(found["losses"]).all()


def test_truncation_within_a_single_window_is_the_gradient_and_of_one_step_it_is_0():
    through = metalearn_lr.training(SMALL["hidden"])
    given = metalearn_lr.begun(SMALL, float), metalearn_lr.batches(SMALL, float), 0.4
    assert metalearn_lr.truncated_slope(through, *given, 20) == pytest.approx(slope_of(SMALL, 0.4))
    assert metalearn_lr.truncated_slope(through, *given, 1) == 0
    middle = metalearn_lr.truncated_slope(through, *given, 7)  # the last window is shorter
    assert middle != pytest.approx(slope_of(SMALL, 0.4), rel=0.05)


def test_growth_is_1_where_nothing_moves():
    """Far out, where the softmax is certain and every gradient is 0, nothing moves: growth 1."""
    model = metalearn_lr.net(8)
    params = metalearn_lr.begun(SMALL, float)
    params["linear2.bias"] = np.where(np.arange(10) == 3, 1e4, 0.0)
    batches = [(x, np.full(len(y), 3)) for x, y in metalearn_lr.batches(SMALL, float)]
    factor, end = metalearn_lr.growth(model, params, batches, 0.5)
    assert factor == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(end["linear2.bias"], params["linear2.bias"], atol=1e-12)


def test_growth_is_that_of_two_runs_side_by_side():
    """While their distance is small, moving the second run back changes nothing."""
    model, given = metalearn_lr.net(8), metalearn_lr.batches(SMALL, float)
    start, rng = metalearn_lr.begun(SMALL, float), np.random.RandomState(0)
    apart = {name: rng.standard_normal(value.shape) for name, value in start.items()}
    length = np.sqrt(sum((value**2).sum() for value in apart.values()))
    through = metalearn_lr.training(8)
    ends = [through.trained({name: value + shift * apart[name] for name, value in start.items()},
                            {"lr": np.array(0.8)}, given) for shift in (0.0, 1e-7 / length)]
    distance = np.sqrt(sum(((ends[1][name] - value)**2).sum() for name, value in ends[0].items()))
    factor, end = metalearn_lr.growth(model, start, given, 0.8)
    assert factor ** len(given) == pytest.approx(distance / 1e-7, rel=1e-3)
    np.testing.assert_allclose(end["linear1.weight"], ends[0]["linear1.weight"], rtol=1e-9)


def test_large_rates_are_chaotic_and_small_ones_are_not():
    arguments = {**SMALL, "hidden": 20, "steps": 60, "rates": [0.1, 4.0]}
    growth = metalearn_lr.landscape(arguments)["growth"]
    assert growth[0] < 1.05 < 1.15 < growth[1]


def test_every_part_is_computed_for_every_seed():
    for scale, seeds in (("quick", None), ("paper", None), ("paper", 2)):
        seen = {}
        for run in metalearn_lr.runs(scale, seeds):
            key = json.dumps({k: v for k, v in run.arguments.items() if k != "seed"})
            seen.setdefault(key, []).append(run.arguments["seed"])
        assert len(seen) == 4 and all(each == list(range(len(each))) for each in seen.values())


@pytest.fixture(scope="module")
def report():
    records = []
    for run in metalearn_lr.runs("quick", 2):
        arguments = {**run.arguments, "hidden": 10, "steps": 20, "batch_size": 25}
        if arguments["part"] == "descent":
            arguments["outer_steps"] = 3
        if arguments["part"] == "truncated":
            arguments["windows"] = [2, 20]
        records.append({"arguments": arguments,
                        "result": json.loads(json.dumps(metalearn_lr.run(arguments)))})
    return metalearn_lr.report(records, "quick"), records


def test_the_report(report):
    found, _ = report
    assert set(found.figures) == {"metalearn-lr", "metalearn-lr-landscape"}
    assert "0.624" in found.table and "truncated" in found.table
    json.dumps(found.summary, allow_nan=False)
    assert np.shape(found.summary["truncated"]["zeros"]) == (2, 2)
    assert len(found.summary["comparison"]) == 3


def test_a_seed_whose_descent_ended_early_is_counted_and_left_out(report):
    _, records = report
    broken = json.loads(json.dumps(records))
    for record in broken:
        if record["arguments"].get("start") == 1.5 and record["arguments"]["seed"] == 0:
            record["result"] = {"rates": [1.5, 0.9], "losses": [2.0]}
    found = metalearn_lr.report(broken, "quick")
    assert len(metalearn_lr.ends(found.summary, "1.5")) == 1
    line, = (line for line in found.table.splitlines() if line.startswith("from 1.5"))
    assert line.split()[-1] == "1"
    for record in broken:
        if record["arguments"]["part"] == "descent":
            record["result"] = {"rates": [1.5], "losses": []}
    nothing = metalearn_lr.report(broken, "quick")
    assert nothing.summary["comparison"] == [] and nothing.summary["effects"] == []


# ------------------------------------------------------------------ the stored result


@pytest.fixture(scope="module")
def stored() -> dict:
    return experiments.load_result("metalearn-lr")["summary"]


def test_stored_result_is_of_paper_scale(stored):
    assert stored["steps"] == 200 and stored["outer_steps"] == 50 and len(stored["seeds"]) >= 10
    assert stored["landscape"]["rates"] == metalearn_lr.RATES
    assert stored["truncated"]["windows"] == metalearn_lr.WINDOWS


def test_stored_both_starts_meet(stored):
    ends = [metalearn_lr.ends(stored, start) for start in ("1.5", "0.15")]
    assert all(len(each) == len(stored["seeds"]) for each in ends)
    gaps = np.abs(np.subtract(*ends))
    assert (gaps < 0.03).sum() >= len(gaps) - 1  # for one seed there is a local minimum at 0.93
    assert all(0.55 < np.mean(each) < 0.75 for each in ends)


def test_stored_learned_rate_is_as_good_as_the_best_of_the_grid(stored):
    row = next(row for row in stored["effects"] if "best of the grid" in row["what"])
    assert row["high"] < 0.002


def test_stored_gradients_are_useless_where_runs_come_apart(stored):
    found = stored["landscape"]
    rates, growth = np.array(found["rates"]), np.array(found["growth"])
    slopes, losses = np.abs(found["slopes"]), np.array(found["losses"])
    assert growth[rates < 1].max() < 1.02 and growth[rates > 2].min() > 1.03
    assert slopes[(rates > 0.1) & (rates < 1.2)].max() < 2 and slopes[rates > 3].min() > 1e10
    assert losses[(rates > 3) & (rates < 3.5)].max() < 4


def test_stored_truncated_gradients_are_biased_towards_small_rates(stored):
    means = np.mean(stored["truncated"]["zeros"], axis=1)
    assert (np.diff(means[1:]) > 0).all() and means[2] < 0.5 * means[-1]


def test_a_sample_of_the_stored_result_computed_anew():
    result = experiments.load_result("metalearn-lr")
    recorded = [run["arguments"] for run in result["runs"] if run["arguments"]["seed"] == 3]
    descent = next(a for a in recorded if a.get("start") == 0.15)
    again = metalearn_lr.run({**descent, "outer_steps": 10})
    kept = result["summary"]["descents"]["0.15"]
    place = result["summary"]["seeds"].index(3)
    np.testing.assert_allclose(again["rates"], kept["rates"][place][:11], rtol=2e-3)
    np.testing.assert_allclose(again["losses"], kept["losses"][place][:10], rtol=1e-3)
    landscape = next(a for a in recorded if a["part"] == "landscape")
    calm = [rate for rate in landscape["rates"] if rate < 1][::4]
    again = metalearn_lr.run({**landscape, "rates": calm})
    places = [landscape["rates"].index(rate) for rate in calm]
    for name in ("losses", "slopes", "growth"):
        np.testing.assert_allclose(
            again[name], np.array(result["summary"]["landscape"][name])[places, place], rtol=1e-3)
