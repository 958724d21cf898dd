"""Lottery tickets: masks, pruning and rewinding, the ablations, intervals and the report."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mnist1d_edu import data, experiments, nn, optim, train
from mnist1d_edu.experiments import lottery

MADE = {"numpy": "x", "processor": "y", "blas": "z", "seconds": 1.0, "date": "2026-11-21"}
TINY = {"hidden": 12, "learning_rate": 0.02, "rounds": 6, "steps": 30, "batch_size": 100,
        "ablation_steps": 10, "ablation_batch_size": 500}
BITS = hnp.arrays(np.uint8, hnp.array_shapes(max_dims=3, max_side=9), elements=st.integers(0, 1))


def params(seed: int = 0, hidden: int = 12) -> dict:
    return nn.MLP(hidden).init(np.random.RandomState(seed))


# ------------------------------------------------------------------ masks


@pytest.mark.parametrize("sparsity", [0.0, 0.31, 0.9, 1.0])
def test_each_layer_loses_its_share_of_least_magnitude_biases_too(sparsity):
    values = params()
    masks = lottery.magnitude_masks(values, sparsity)
    assert {name: mask.shape for name, mask in masks.items()} == {
        name: value.shape for name, value in values.items()}
    for layer in lottery.LAYERS:
        size = np.concatenate([np.abs(values[f"{layer}.{w}"]).ravel() for w in ("weight", "bias")])
        kept = np.concatenate([masks[f"{layer}.{w}"].ravel() for w in ("weight", "bias")])
        assert (kept == 0).sum() == int(sparsity * size.size)
        if 0 < sparsity < 1:
            assert size[kept == 0].max() <= size[kept == 1].min()


def test_what_was_pruned_stays_pruned():
    values = params()
    first = lottery.magnitude_masks(values, 0.4)
    pruned = {name: value * first[name] for name, value in values.items()}
    second = lottery.magnitude_masks(pruned, 0.7)
    assert all((second[name] <= first[name]).all() for name in first)


def test_random_masks_are_nested_and_have_nothing_to_do_with_the_weights():
    scores = lottery.random_scores(nn.MLP(100), 3)
    loose, tight = (lottery.magnitude_masks(scores, s) for s in (0.5, 0.9))
    assert all((tight[name] <= loose[name]).all() for name in loose)
    weights = np.abs(params(3, 100)["linear2.weight"])
    kept = loose["linear2.weight"] == 1
    assert abs(weights[kept].mean() / weights[~kept].mean() - 1) < 0.05
    other = lottery.magnitude_masks(lottery.random_scores(nn.MLP(100), 4), 0.9)
    assert (other["linear2.weight"] != tight["linear2.weight"]).any()


@given(hnp.arrays(np.uint8, (5, 9), elements=st.integers(0, 1)), st.sampled_from([2, 3, 4]))
def test_adjacency_counts_runs(mask, length):
    runs = [mask[unit, i:i + length].all() for unit in range(5) for i in range(9 - length + 1)]
    assert lottery.adjacency(mask, length) == pytest.approx(np.mean(runs))


@given(hnp.arrays(np.uint8, (5, 9), elements=st.integers(0, 1)), st.integers(1, 4))
def test_pairs_apart_counts_pairs(mask, distance):
    pairs = [mask[unit, i] and mask[unit, i + distance] for unit in range(5)
             for i in range(9 - distance)]
    assert lottery.pairs_apart(mask, distance) == pytest.approx(np.mean(pairs))
    assert 0 <= lottery.expected_apart(mask, distance) <= 1
    assert lottery.expected_apart(np.zeros_like(mask), distance) == 0


def test_numbers_and_popularity_explain_masks_that_have_nothing_else():
    """Units with different numbers of inputs, and inputs of different popularity, drawn
    independently: no distance stands out. Two inputs that are always kept together do."""
    rng = np.random.default_rng(0)
    chance = np.outer(rng.uniform(0.02, 0.3, 20_000), rng.uniform(0.2, 1.5, 40))
    mask = (rng.random(chance.shape) < chance).astype(np.uint8)
    for distance in lottery.DISTANCES:
        ratio = lottery.pairs_apart(mask, distance) / lottery.expected_apart(mask, distance)
        assert ratio == pytest.approx(1, abs=0.05)
    assert lottery.pairs_apart(mask, 1) > 1.1 * mask.mean() ** 2  # plain chance is too low
    together = mask[:, np.arange(40) - np.arange(40) % 3 // 2 * 2]  # input 3k + 2 copies 3k
    ratios = [lottery.pairs_apart(together, d) / lottery.expected_apart(together, d)
              for d in (1, 2, 4)]
    assert ratios[1] > 2 and max(ratios[0], ratios[2]) < 1.1


def test_pairs_are_compared_with_what_is_expected_mask_by_mask():
    rng = np.random.default_rng(1)
    masks = [(rng.random((50, 40)) < share).astype(np.uint8) for share in (0.2, 0.4)]
    found = lottery.pairs({"masks": [lottery.pack(mask) for mask in masks]})
    place = found["distances"].index(3)
    own = [lottery.pairs_apart(mask, 3) for mask in masks]
    expected = [lottery.expected_apart(mask, 3) for mask in masks]
    assert found["found"][place] == pytest.approx(own, abs=1e-6)
    assert found["expected"][place] == pytest.approx(expected, abs=1e-6)
    assert found["ratios"][place]["mean"] == pytest.approx(np.divide(own, expected).mean(),
                                                           abs=1e-3)
    empty = lottery.pairs({"masks": [lottery.pack(np.zeros((50, 40)))]})
    assert all(ratio["mean"] == 1 for ratio in empty["ratios"])


def test_the_papers_four_neighbours_mix_two_masks():
    mask, other = np.ones((3, 40), int), np.zeros((3, 40), int)
    assert lottery.adjacency(mask, 4) == 1
    assert lottery.adjacency_as_coded(mask, other) == 0
    assert lottery.adjacency_as_coded(mask, mask) == 1


def test_units_with_more_neighbours_come_first():
    mask = np.array([[1, 0, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 0, 0, 0]])
    np.testing.assert_array_equal(lottery.sorted_by_adjacency(mask), mask[[2, 3, 0, 1]])


@given(BITS)
def test_masks_survive_json(mask):
    packed = json.loads(json.dumps(lottery.pack(mask)))
    np.testing.assert_array_equal(lottery.unpack(packed), mask)


def test_the_papers_ticket_is_round_92_of_100():
    assert lottery.ticket_round(100) == 91
    assert lottery.schedule(100)[[0, 91, 99]] == pytest.approx([0, 0.9191919, 1])


# ------------------------------------------------------------------ training


def by_hand(trial: int, rounds: int) -> tuple[list[float], list[dict]]:
    """Prune and rewind, round by round, written out: test accuracies and masks."""
    model, dataset, first = nn.MLP(12), data.make_dataset(), params(trial)
    accuracies, masks, last = [], [], None
    for share in np.linspace(0, 1, TINY["rounds"])[:rounds]:
        mask = {name: np.ones_like(value) for name, value in first.items()}
        if last is not None:
            for layer in ("linear1", "linear2", "linear3"):
                pair = [last[f"{layer}.{w}"] for w in ("weight", "bias")]
                sizes = np.abs(np.concatenate([p.ravel() for p in pair]))
                drop = np.argsort(sizes, kind="stable")[:int(share * sizes.size)]
                flat = np.ones(sizes.size)
                flat[drop] = 0
                mask[f"{layer}.weight"] = flat[:pair[0].size].reshape(pair[0].shape)
                mask[f"{layer}.bias"] = flat[pair[0].size:]
        history = train.fit(model, dataset, optim.adam(0.02), steps=30, masks=mask, params=first,
                            seeds=[trial], progress=False)
        last = history.replica(0)
        accuracies.append(history.test_accuracy[-1, 0])
        masks.append(mask)
    return accuracies, masks


def test_tickets_are_found_by_pruning_and_rewinding():
    result = lottery.run({"part": "tickets", "trials": [5], **TINY})
    accuracies, masks = by_hand(5, TINY["rounds"])
    np.testing.assert_allclose(np.array(result["test_accuracy"])[:, 0], accuracies, atol=0.01)
    place = lottery.ticket_round(TINY["rounds"])
    for name, packed in result["masks"][0].items():
        np.testing.assert_array_equal(lottery.unpack(packed), masks[place][name])
    assert result["test_accuracy"][-1][0] < 15  # nothing is left in the last round


@pytest.mark.parametrize("trials", [[2], [0, 1]])
@pytest.mark.parametrize("rounds_before", [1, 5])
def test_a_search_goes_on_from_the_round_in_which_it_was_killed(tmp_path, monkeypatch, trials,
                                                                rounds_before):
    arguments = {"part": "tickets", "trials": trials, **TINY}
    whole, calls, true = lottery.run(arguments), [], lottery._fit

    def killed(*given):
        calls.append(given)
        if len(calls) == rounds_before + 1:
            raise KeyboardInterrupt
        return true(*given)

    monkeypatch.setattr(lottery, "_fit", killed)
    with experiments.going_on_from(tmp_path / "run.checkpoint.npz"):
        with pytest.raises(KeyboardInterrupt):
            lottery.run(arguments)
        again = lottery.run(arguments)
    assert again == whole
    ablations = len(lottery.CONDITIONS) * len(trials)
    assert len(calls) == TINY["rounds"] + 1 + ablations    # the round that was killed, twice


def test_trials_together_are_what_they_are_alone():
    both = lottery.run({"part": "tickets", "trials": [0, 1], **TINY})
    alone = lottery.run({"part": "tickets", "trials": [1], **TINY})
    np.testing.assert_allclose(np.array(both["train_loss"])[:3, 1],
                               np.array(alone["train_loss"])[:3, 0], rtol=1e-2)
    for condition, result in alone["ablations"].items():
        assert both["ablations"][condition]["test_accuracy"][1] == pytest.approx(
            result["test_accuracy"][0], abs=3)


def test_the_first_round_of_random_masks_is_the_dense_net():
    dense = lottery.run({"part": "tickets", "trials": [2], **TINY})
    mask = lottery.run({"part": "random masks", "trials": [2], "block": [0, 4], **TINY})
    assert mask["test_accuracy"][0] == dense["test_accuracy"][0]
    assert mask["test_accuracy"][1] != dense["test_accuracy"][4]


@pytest.mark.parametrize("condition", lottery.CONDITIONS)
def test_new_data_are_new_and_in_the_conditions_order(condition):
    plain = data.make_dataset({"seed": 43})
    found = lottery.new_data(condition, 0)
    np.testing.assert_array_equal(found["y"], plain["y"])
    order = [int(np.flatnonzero((plain["x"] == column[:, None]).all(axis=0))[0])
             for column in found["x"].T]
    assert sorted(order) == list(range(40))
    np.testing.assert_array_equal(found["x_test"], plain["x_test"][:, order])
    pairs = (np.diff(order) == 1).sum()
    if condition in ("own weights", "new weights"):
        assert order == list(range(40))
    elif condition == "flipped":
        assert order == list(range(40))[::-1]
    elif condition == "chunks":  # within chunks all neighbours stay, between them none
        assert pairs == 36 and [order[i] // 10 for i in range(0, 40, 10)] == [1, 3, 0, 2]
    else:
        assert pairs < 8
    assert (lottery.new_data(condition, 1)["y"] != found["y"]).any()
    assert not np.array_equal(found["x"], data.make_dataset()["x"])


@pytest.mark.parametrize("arm", ["dense", "random"])
@pytest.mark.parametrize("condition", lottery.CONDITIONS)
def test_only_own_weights_start_from_the_trials_first_weights(monkeypatch, arm, condition):
    seen = {}

    def fit(model, dataset, optimizer, **settings):
        seen.update(settings)
        return original(model, dataset, optimizer, **{**settings, "steps": 1, "eval_every": 1})

    original = train.fit
    monkeypatch.setattr(train, "fit", fit)
    lottery.run({"part": "ablation", "arm": arm, "condition": condition, "trials": [7], **TINY})
    seed = 7 if condition == "own weights" else 1007
    for name, value in params(seed).items():
        np.testing.assert_array_equal(seen["params"][name], value)
    assert (seen["steps"], seen["batch_size"]) == (10, 500)
    if arm == "dense":
        assert seen["masks"] is None
    else:
        share = lottery.schedule(6)[lottery.ticket_round(6)]
        expected = lottery.magnitude_masks(lottery.random_scores(nn.MLP(12), 7), share)
        for name, mask in expected.items():
            np.testing.assert_array_equal(seen["masks"][name], mask)


# ------------------------------------------------------------------ runs and report


def test_more_trials_leave_the_runs_of_fewer_as_they_are():
    few, many = (lottery.runs("paper", seeds) for seeds in (4, 10))
    assert all(run in many for run in few)
    kinds = [run.arguments["part"] for run in many]
    assert (kinds.count("tickets"), kinds.count("random masks"), kinds.count("ablation")) == (
        10, 100, 100)  # random masks: ten blocks for each trial
    blocks = [run.arguments["block"] for run in many if run.arguments["part"] == "random masks"
              and run.arguments["trials"] == [3]]
    assert sorted(i for block in blocks for i in block) == list(range(100))


def test_paper_scale_is_the_papers_setup():
    arguments = lottery.runs("paper", None)[0].arguments
    assert {key: arguments[key] for key in ("hidden", "learning_rate", "rounds", "steps",
                                            "batch_size", "ablation_steps", "ablation_batch_size")
            } == {"hidden": 500, "learning_rate": 0.02, "rounds": 100, "steps": 1501,
                  "batch_size": 100, "ablation_steps": 6000, "ablation_batch_size": 500}


@pytest.fixture(scope="module")
def summary() -> dict:
    """A report's records after very few steps, two trials."""
    records = []
    for run in lottery.runs("quick", 2):
        for trial in run.arguments["trials"]:
            blocks = [[3, 4, 5], [0, 1, 2]] if "block" in run.arguments else [None]
            for block in blocks:
                arguments = {**run.arguments, **{key: value for key, value in TINY.items()
                                                 if key in run.arguments}, "trials": [trial]}
                arguments.update({} if block is None else {"block": block})
                result = json.loads(json.dumps(lottery.run(arguments)))
                records.append({"experiment": "lottery", "arguments": arguments, "made": MADE,
                                "result": result})
    return {"records": records, "report": lottery.report(records, "quick")}


def test_the_report_has_all_curves_and_figures(summary):
    report = summary["report"]
    assert set(report.figures) == {"lottery", "lottery-ablations", "lottery-adjacency",
                                   "lottery-pairs", "lottery-masks"}
    json.dumps(report.summary, allow_nan=False)
    for arm in ("lottery", "random"):
        assert np.shape(report.summary[arm]["test_loss"]) == (6, 2)
    # blocks of rounds that came in another order are in theirs
    assert report.summary["random"]["test_loss"][0] == report.summary["lottery"]["test_loss"][0]


def test_random_masks_of_fewer_trials_are_compared_with_the_tickets_of_these(summary):
    records = [record for record in summary["records"]
               if record["arguments"]["part"] != "random masks"
               or record["arguments"]["trials"] == [0]]
    report = lottery.report(records, "quick")
    assert np.shape(report.summary["random"]["test_loss"]) == (6, 1)
    assert "over 2 trials (random masks in the search: 1)" in report.table
    assert "over 2 trials (random masks 1)" in report.figures["lottery"].get_supxlabel()
    ticket, mask = (report.summary[arm]["test_accuracy"][report.summary["ticket_round"]][0]
                    for arm in ("lottery", "random"))
    [effect] = [effect for effect in report.summary["effects"]
                if effect["what"] == "search: ticket − random mask"]
    assert effect["mean"] == pytest.approx(ticket - mask, abs=1e-3)


def test_ablations_are_paired_by_trial(summary):
    found = summary["report"].summary["accuracies"]
    for record in summary["records"]:
        arguments = record["arguments"]
        if arguments["part"] == "ablation":
            own = found[arguments["condition"]][arguments["arm"]][arguments["trials"][0]]
            assert own == record["result"]["test_accuracy"][0]
    effects = {effect["what"]: effect for effect in summary["report"].summary["effects"]}
    pairs = np.subtract(found["flipped"]["lottery"], found["new weights"]["lottery"])
    assert effects["ticket: flipped − in order"]["mean"] == pytest.approx(pairs.mean(), abs=1e-3)


def test_what_is_clear_is_clear_together_by_holms_rule(summary):
    found = summary["report"].summary
    for rows, level in ((found["effects"], 0), (found["pairs"]["ratios"], 1)):
        ordered = sorted(rows, key=lambda row: row["p"])
        clear = [row["clear"] for row in ordered]
        assert clear == sorted(clear, reverse=True)  # the least probable ones, no others
        limits = 0.05 / np.arange(len(rows), 0, -1)
        assert all(row["p"] <= limit for row, limit in zip(ordered, limits, strict=True)
                   if row["clear"])
        assert all(not row["low"] <= level <= row["high"] for row in rows if row["clear"])


def test_a_table_of_nothing_calls_nothing_clear():
    """Thirty rounds in which ten tickets are dense nets again: by their own intervals one or two
    in twenty would be clear, by Holm's rule in most tables none."""
    rng = np.random.default_rng(0)
    counts = []
    for _ in range(40):
        accuracy = 65 + rng.normal(0, 2, (30, 10))
        summary = {"sparsity": np.arange(30) / 30, "lottery": {"test_accuracy": accuracy}}
        counts.append(len(lottery.above_dense(summary)))
    assert np.mean(np.array(counts) > 0) < 0.2
    summary["lottery"]["test_accuracy"] = accuracy + 9 * (np.arange(30)[:, None] > 20)
    assert lottery.above_dense(summary) == pytest.approx(np.arange(21, 30) / 30)


def test_the_table_says_which_effects_are_clear_of_zero(summary):
    table = summary["report"].table
    for effect in summary["report"].summary["effects"]:
        line = next(line for line in table.splitlines() if line.startswith(effect["what"]))
        assert line.endswith("   clear of 0" if effect["clear"] else "not clear of 0")


def test_adjacency_in_the_summary_is_that_of_the_tickets(summary):
    found = summary["report"].summary
    mask = lottery.unpack(found["masks"][1])
    assert found["adjacency"]["lottery"]["2"][1] == pytest.approx(lottery.adjacency(mask, 2),
                                                                  abs=1e-6)
    np.testing.assert_array_equal(lottery.unpack(found["ticket"]["linear1.weight"]),
                                  lottery.unpack(found["masks"][0]))
