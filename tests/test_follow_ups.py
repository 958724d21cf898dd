"""The experiments that ask what the paper leaves open: shift, recurrent, tickets, threshold."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from mnist1d_edu import engine, experiments, nn, optim, train
from mnist1d_edu.experiments import double_descent, lottery, recurrent, shift, threshold, tickets

SHORT = {"shift": {"steps": 6}, "recurrent": {"steps": 6, "eval_every": 3},
         "tickets": {"hidden": 20, "rounds": 2, "steps": 45, "long_steps": 45},
         "threshold": {"steps": 6}}
MODULES = {"shift": shift, "recurrent": recurrent, "tickets": tickets, "threshold": threshold}


def computed(name: str, scale: str = "quick") -> list[dict]:
    module = MODULES[name]
    records = []
    for run in module.runs(scale, 2):
        arguments = {**run.arguments, **SHORT[name]}
        result = json.loads(json.dumps(module.run(arguments), allow_nan=False))
        records.append({"arguments": arguments, "result": result})
    return records


@pytest.fixture(scope="module", params=list(MODULES))
def reported(request):
    report = MODULES[request.param].report(computed(request.param), "quick")
    json.dumps(report.summary, allow_nan=False)
    return request.param, report


def test_each_reports_a_table_and_its_figure(reported):
    name, report = reported
    assert list(report.figures) == [name] and report.table.count("\n") > 3


@pytest.mark.parametrize("name", list(MODULES))
@pytest.mark.parametrize("scale", experiments.SCALES)
def test_each_seed_is_trained_once(name, scale):
    found: dict[str, list] = {}
    for run in MODULES[name].runs(scale, 4):
        arguments = dict(run.arguments)
        seeds = arguments.pop("seeds", None) or [arguments.pop("trial")]
        found.setdefault(json.dumps(arguments), []).extend(seeds)
    assert all(sorted(seeds) == [0, 1, 2, 3] for seeds in found.values())


# ------------------------------------------------------------------ shift


def test_a_locally_connected_layer_with_one_kernel_everywhere_is_a_convolution():
    rng = np.random.RandomState(0)
    conv = nn.Conv1d(3, 4, 5, 2, 1)
    local = shift.LocallyConnected(3, 4, 5, 2, 1, 19)
    kernels = conv.init(rng)
    x = rng.standard_normal((2, 3, 19)).astype(np.float32)
    shared = kernels["weight"].transpose(2, 1, 0).reshape(15, 4)  # taps, then channels within
    params = {"weight": np.tile(shared, (local.positions, 1, 1)),
              "bias": np.tile(kernels["bias"], (local.positions, 1, 1))}
    np.testing.assert_allclose(local(params, x).data, conv(kernels, x).data, atol=1e-5)


def test_the_locally_connected_net_is_the_cnn_without_sharing():
    x = np.zeros((3, 40), np.float32)
    net, cnn = shift.net("local"), nn.cnn()
    params = net.init(np.random.RandomState(0))
    assert net(params, x).shape == (3, 10)
    shapes = {name: value.shape for name, value in cnn.init(np.random.RandomState(0)).items()}
    for number in (1, 2, 3):
        out, inputs, taps = shapes[f"conv{number}.weight"]
        assert params[f"conv{number}.weight"].shape[1:] == (inputs * taps, out)


def test_the_net_with_a_global_mean_hardly_sees_a_shift_inside_the_signal():
    """Only zeros at the edges tell places apart, and a stride of 2 keeps even shifts."""
    net = shift.net("global")
    params = net.init(np.random.RandomState(0))
    x = np.zeros((1, 40), np.float32)
    x[0, 16:22] = 1
    moved = np.roll(x, 4, axis=1)
    seen = np.abs(net(params, moved).data - net(params, x).data).max()
    cnn = nn.cnn()
    params = cnn.init(np.random.RandomState(0))
    assert seen < 0.02 * np.abs(cnn(params, moved).data - cnn(params, x).data).max()


# ------------------------------------------------------------------ recurrent


def test_the_plain_net_is_the_loop_of_its_formula():
    layer = recurrent.PlainRNN(3)
    params = layer.init(np.random.RandomState(1))
    x = np.random.RandomState(2).standard_normal((2, 5, 1)).astype(np.float32)
    wanted = np.zeros((2, 5, 6))
    for way, order in ((0, range(5)), (1, range(4, -1, -1))):
        h = np.zeros((2, 3))
        for t in order:
            h = np.tanh(x[:, t] @ params["weight_ih"][way].T + h @ params["weight_hh"][way].T
                        + params["bias"][way])
            wanted[:, t, 3 * way:3 * way + 3] = h
    np.testing.assert_allclose(layer(params, x).data, wanted, atol=1e-6)


def test_a_rotation_keeps_lengths():
    weights = recurrent.PlainRNN(6, rotation=True).init(np.random.RandomState(0))["weight_hh"]
    for matrix in weights:
        np.testing.assert_allclose(matrix @ matrix.T, np.eye(6), atol=1e-6)


def test_the_ends_are_where_each_direction_has_read_all():
    states = np.arange(2 * 5 * 4).reshape(2, 5, 4).astype(float)
    np.testing.assert_array_equal(recurrent.ends(engine.Tensor(states)).data,
                                  np.concatenate([states[:, -1, :2], states[:, 0, 2:]], axis=1))


@pytest.mark.parametrize("name", list(recurrent.TITLES))
def test_replicas_of_a_recurrent_net_are_lone_runs(name):
    data = {"x": np.random.RandomState(0).standard_normal((20, 40)), "y": np.arange(20) % 10}
    settings = {"steps": 3, "batch_size": 10, "progress": False}
    both = train.fit(recurrent.net(name), data, optim.adam(1e-2), seeds=[0, 1], **settings)
    alone = train.fit(recurrent.net(name), data, optim.adam(1e-2), seeds=[1], **settings)
    np.testing.assert_allclose(both.train_loss[-1, 1], alone.train_loss[-1, 0], rtol=1e-4)


def test_the_rate_is_chosen_by_the_training_accuracy():
    def record(name, rate, trained, tested):
        return {"arguments": {"net": name, "learning_rate": rate, "seeds": [0]},
                "result": {"parameters": 1, "steps": [0, 1], "train_accuracy": [[0.0], [trained]],
                           "test_accuracy": [[0.0], [tested]]}}

    records = [record(name, *result) for name in recurrent.TITLES
               for result in ((0.003, 80.0, 40.0), (0.01, 70.0, 60.0))]
    summary = recurrent.summarise(records)
    found = summary["nets"]["gru, ends"]
    assert found["rate"] == 0.003 and found["test_accuracy"][-1] == [40.0]
    assert found["at_rates"] == {"0.003": [40.0], "0.01": [60.0]}


# ------------------------------------------------------------------ tickets


def test_each_round_keeps_the_same_part_of_what_is_left():
    left = 1 - tickets.schedule(7)
    assert left[-1] == pytest.approx(1 - tickets.SPARSITY)
    np.testing.assert_allclose(left[1:] / left[:-1], left[0])


def test_a_ticket_has_its_sparsity_and_lies_within_the_one_before(monkeypatch):
    model = nn.MLP(20)
    first = model.init(np.random.RandomState(0))
    arguments = {"trial": 0, "steps": 20, "batch_size": 100}
    dataset = tickets.examples(0)
    found, true = [], lottery.magnitude_masks
    monkeypatch.setattr(lottery, "magnitude_masks",
                        lambda *given: found.append(true(*given)) or found[-1])
    ticket = tickets.find_ticket(model, first, dataset, {**arguments, "rounds": 3})
    assert len(found) == 3 and ticket is found[-1]
    at_once = tickets.find_ticket(model, first, dataset, {**arguments, "rounds": 1})
    assert any((at_once[name] != ticket[name]).any() for name in ticket)  # pruned nets are trained
    del found[3:]
    for before, after in pairwise(found):
        assert all((after[name] <= before[name]).all() for name in after)
        assert any((after[name] < before[name]).any() for name in after)
    share = np.mean([1 - ticket[name].mean() for name in ticket if name.endswith("weight")])
    assert share == pytest.approx(tickets.SPARSITY, abs=0.03)


def test_the_held_out_signals_are_no_training_or_test_signals():
    found = tickets.examples(3)
    everything = np.concatenate([found["x"], found["x_test"]])
    assert found["x_val"].shape == (1000, 40)
    nearest = np.abs(found["x_val"][:50, None] - everything).max(axis=2).min(axis=1)
    assert nearest.min() > 0.01
    assert (found["x_val"] != tickets.examples(4)["x_val"]).any()


def test_the_best_step_is_chosen_on_held_out_signals():
    curves = {"train": [0, 0, 90.0], "val": [10.0, 70.0, 60.0], "test": [11.0, 50.0, 80.0]}
    records = [{"arguments": {"trial": trial, "hidden": 5, "steps": 100},
                "result": {"steps": [0, 100, 300], "curves": {
                    arm: {str(rate): curves for rate in tickets.RATES} for arm in tickets.ARMS}}}
               for trial in (0, 1)]
    found = tickets.summarise(records)["found"]["dense"]["0.02"]
    assert found["best"] == [50.0, 50.0] and found["best_step"] == [100, 100]
    assert found["searched"] == [50.0, 50.0] and found["last"] == [80.0, 80.0]


def test_random_masks_are_those_of_the_lottery():
    masks = lottery.magnitude_masks(lottery.random_scores(nn.MLP(20), 0), tickets.SPARSITY)
    assert np.mean(masks["linear1.weight"]) == pytest.approx(1 - tickets.SPARSITY, abs=0.01)


# ------------------------------------------------------------------ threshold


def test_the_grid_is_in_steps_of_ten_percent_to_the_nearest_width():
    for name, setup in threshold.SETUPS.items():
        model = "mlp" if setup["layers"] == 2 else "one layer"
        widths = threshold.widths(name)
        counts = [nn.count_parameters(double_descent.net(model, width).init(
            np.random.RandomState(0))) for width in widths]
        steps = np.divide(counts[1:], counts[:-1])
        assert steps.max() < 1.25 and np.median(steps) == pytest.approx(1.1, abs=0.03)
        low, high = np.array(setup["grid"]) * setup["n"]
        assert counts[0] == pytest.approx(low, rel=0.1)
        assert counts[-1] == pytest.approx(high, rel=0.15)
        assert low < threshold.CLAIMED[setup["loss"]] * setup["n"] < high


def test_a_peak_is_clear_if_every_seed_is_higher_there_than_at_both_ends():
    ratios = np.array([0.5, 1.0, 2.0])
    def found(*seeds):
        return threshold.peak(ratios, np.array(seeds).T)
    assert found([1.0, 3.0, 2.0], [2.0, 3.0, 1.0]) == {"ratio": 1.0, "clear": True}
    assert found([1.0, 3.0, 2.0], [1.0, 2.0, 2.5]) == {"ratio": 1.0, "clear": False}
    assert found([1.0, 3.0, 2.0], [2.5, 2.0, 1.0]) == {"ratio": 1.0, "clear": False}
    assert found([1.0, 2.0, 3.0]) == {"ratio": 2.0, "clear": False}


def test_nets_fit_from_the_point_behind_the_last_that_does_not():
    ratios = np.array([0.5, 1.0, 2.0, 4.0])
    assert threshold.threshold(ratios, np.array([9.0, 0.5, 3.0, 0.1])) == 4.0
    assert threshold.threshold(ratios, np.array([9.0, 0.5, 0.2, 0.1])) == 1.0
    assert threshold.threshold(ratios, np.array([9.0, 5.0, 3.0, 2.0])) is None


def test_about_a_seventh_of_the_labels_is_wrong():
    found = threshold.examples(8000)
    clean = threshold.data.make_dataset({"num_samples": 12_000, "train_split": 2 / 3},
                                        rng=np.random.RandomState(42))
    assert found["x"].shape == (8000, 40) and found["x_test"].shape == (4000, 40)
    assert np.mean(found["y"] != clean["y"]) == pytest.approx(0.9 * threshold.NOISE, abs=0.02)
    np.testing.assert_array_equal(threshold.examples(1000)["y"], found["y"][:1000])


# ------------------------------------------------------------------ the stored results


def stored(name: str) -> dict:
    result = experiments.load_result(name)
    assert result["scale"] == "paper" and result["experiment"] == name
    return result["summary"]


def effect(summary: dict, what: str) -> dict:
    return next(row for row in summary["effects"] if row["what"] == what)


def test_stored_shift_says_what_each_part_of_the_prior_is_worth():
    summary = stored("shift")
    assert summary["seeds"] >= 10
    for shifted in (0, shift.COMPARED_AT):
        for pair in ("locally connected − MLP", "CNN − locally connected"):
            row = effect(summary, f"signals as they are, shift {shifted}: {pair}")
            assert row["clear"] and row["low"] > 0
    lead = effect(summary, "signals as they are, shift 8: CNN, global mean − CNN")
    assert lead["clear"] and lead["low"] > 5


def test_stored_shift_no_net_is_indifferent_and_moved_signals_close_most_of_it():
    found = stored("shift")["found"]
    for model in shift.TITLES:
        plain, moved = (np.mean(found[training][model]["shifted"], axis=1)
                        for training in shift.TRAINING)
        assert plain[0] - plain[8] > 10 and moved[0] - moved[8] < 0.5 * (plain[0] - plain[8])


def test_a_sample_of_the_stored_shifts_trained_anew():
    summary = stored("shift")
    recorded = next(run["arguments"] for run in experiments.load_result("shift")["runs"]
                    if run["arguments"]["model"] == "mlp"
                    and run["arguments"]["training"] == "moved" and 1 in run["arguments"]["seeds"])
    result = shift.run({**recorded, "seeds": [1]})
    wanted = np.array(summary["found"]["moved"]["mlp"]["shifted"])[:, 1]
    np.testing.assert_allclose(np.array(result["shifted"])[:, 0], wanted, atol=5)


def test_the_point_from_which_nets_fit_is_one_of_the_grid_however_it_is_rounded():
    """Python and NumPy round such a number to different sides."""
    ratios = np.array([901, 905, 909, 913]) / 4000
    assert round(float(ratios[0]), 4) != ratios.round(4)[0]
    for first in range(4):
        error = np.where(np.arange(4) < first, 50.0, 0.0)
        assert threshold.threshold(ratios, error) in ratios.round(4).tolist()
        loss = -np.abs(np.arange(4) - first)[:, None]
        assert threshold.peak(ratios, loss)["ratio"] in ratios.round(4).tolist()


# ------------------------------------------------------------------ the stored results


def stored_effects(name: str) -> dict[str, dict]:
    result = experiments.load_result(name)
    assert result["scale"] == "paper"
    return {row["what"]: row for row in result["summary"]["effects"]}


def test_stored_gates_help_with_every_way_to_read_the_states():
    rows = stored_effects("recurrent")
    assert len(rows) == 6 and all(row["clear"] and row["low"] > 0 for row in rows.values())


def test_stored_tickets_are_better_at_the_large_rate_and_not_clearly_at_the_small():
    rows = stored_effects("tickets")
    for when in ("after 1,500 steps", "after 4,500 steps", "best step"):
        assert rows[f"ticket − dense net, rate 0.02, {when}"]["low"] > 0
        assert rows[f"ticket − dense net, each at its better rate, {when}"]["low"] > 0
        assert not rows[f"ticket − dense net, rate 0.002, {when}"]["clear"]
        assert rows[f"ticket − random mask, each at its better rate, {when}"]["low"] > 0


def test_stored_losses_peak_clearly_only_where_they_are_nlls_and_beyond_one_parameter_an_example():
    setups = experiments.load_result("threshold")["summary"]["setups"]
    clear = [setup for setup in setups.values() if setup["peak"][1]["clear"]]
    assert len(clear) >= 3 and all(setup["loss"] == "nll" for setup in clear)
    for setup in clear:
        assert min(setup["peaks"][1]) > 1.2 and setup["threshold"][1] > 1.2
