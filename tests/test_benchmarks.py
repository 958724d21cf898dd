"""The benchmarks' command on its quickest row, with and without the peer, and its arithmetic."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist1d_edu import nn
from mnist1d_edu.experiments import pooling
from mnist1d_edu.optim import adam
from mnist1d_edu.train import fit

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # `benchmarks` is run from the checkout and never installed

from benchmarks import __main__ as command  # noqa: E402
from benchmarks import by_hand, contest, ours, rows, tsne_quality, where  # noqa: E402
from benchmarks.tasks import few_examples  # noqa: E402


@pytest.fixture
def without_peers(monkeypatch):
    """As if nothing but NumPy and mnist1d_edu were installed."""
    find = importlib.util.find_spec
    peers = {"torch", "jax", "autograd", "mnist1d", "sklearn", "openTSNE"}
    monkeypatch.setattr(importlib.util, "find_spec",
                        lambda name, *rest: None if name in peers else find(name, *rest))


def test_absent_peers_are_named_and_the_rest_is_measured(without_peers, capsys, tmp_path):
    out = tmp_path / "table.txt"
    assert command.main(["chain", "--quick", "--rounds", "1", "--out", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "autograd: not installed, skipped" in printed.splitlines()
    line, = (line for line in printed.splitlines() if line.startswith("chain"))
    assert line.split()[:2] == ["chain", "ours"]
    assert float(line.split()[2]) > 0
    assert out.read_text(encoding="utf-8") == printed


def test_every_row_misses_its_peers_alone(without_peers):
    missing = {name: command.split(row)[1] for name, row in rows.ROWS.items()}
    assert missing["mlp"] == ["torch", "jax", "jax"]
    assert all(command.split(row)[0] for row in rows.ROWS.values())
    assert set().union(*missing.values()) == {
        "torch", "jax", "autograd", "mnist1d", "sklearn", "openTSNE"}


def test_a_contestant_that_fails_is_reported_and_the_others_go_on():
    results, failed = contest.compete("no such row", ["ours", "sgemm"], 1, 1)
    assert list(results) == ["sgemm"]
    assert list(failed) == ["ours"] and "no such row" in failed["ours"]


def test_an_unknown_row_is_one_line_and_exit_status_2(capsys):
    with pytest.raises(SystemExit) as error:
        command.main(["mpl"])
    assert error.value.code == 2
    assert "did you mean 'mlp'?" in capsys.readouterr().err.splitlines()[-1]


def test_ratio_is_the_median_of_the_rounds_and_the_goal_is_inclusive():
    peer, ours = contest.Result([3.0, 8.0, 30.0]), contest.Result([1.0, 2.0, 3.0])
    assert command.speedup(peer, ours) == 4
    assert command.verdict(4.0, 4) == "4x: met"
    assert command.verdict(3.99, 4) == "4x: not met"
    assert command.verdict(3.99, None) == ""


def test_a_peer_is_compared_with_each_of_ours_that_ran():
    row = rows.ROWS["descent-mlp"]
    results = {"PyTorch": contest.Result([9e-4, 9e-4], peak=1.0),
               "ours": contest.Result([3e-4, 3e-4]), "ours, 10 seeds": contest.Result([1e-4, 1e-4])}
    one, ten, *_ = command.table("descent-mlp", row, results)
    assert one[-2:] == ("3.00x (ours)", "4x: not met")
    assert ten[:8] == ("",) * 8 and ten[-2:] == ("9.00x (ours, 10 seeds)", "8x: met")
    del results["ours"]
    alone, other, *_ = command.table("descent-mlp", row, results)
    assert alone[-2:] == ("9.00x (ours, 10 seeds)", "8x: met") and other[0] == "descent-mlp"


def test_flops_of_a_step_by_hand():
    """Logistic regression: forward and weight gradient, and 20 examples' worth of evaluation."""
    assert rows.ROWS["logistic"].flops == 2 * 400 * (100 + 100 + 20)
    assert rows.ROWS["mlp"].flops == 2 * (100 * (3 * 15_000 - 4_000) + 20 * 15_000)
    # a round of the lottery evaluates 5,000 examples every 100 steps; a CNN's products by layer
    assert rows.ROWS["lottery"].flops == 2 * (100 * (3 * 275_000 - 20_000) + 50 * 275_000)
    layers = 19 * 25 * 5, 10 * 25 * 75, 5 * 25 * 75, 125 * 10
    assert rows.cnn_products(25) == (sum(layers), layers[0])
    # two views of 100 signals through the CNN and 125 - 16 - 16; 200 x 200 similarities, thrice
    projected = sum(layers[:3]) + 125 * 16 + 16 * 16
    assert rows.contrast_flops(25, (16, 16)) == 2 * (200 * (3 * projected - layers[0])
                                                     + 3 * 200**2 * 16)
    assert rows.pooling_products(20) == (pooling.multiplications(20, pool="max"), 3 * 20 * 40)


@pytest.mark.parametrize("row", ["pooling", "regularized", "descent-mlp", "descent-cnn",
                                 "lottery", "metalearn-lr", "self-supervised"])
@pytest.mark.parametrize("seeds", [1, 2])
def test_the_rows_of_the_sweeps_train(row, seeds):
    assert ours.prepare(row, 10, seeds)() > 0


def test_the_row_of_tsne_draws_and_may_take_twice_and_four_times_as_long():
    assert ours.prepare("tsne", 100, 1)() > 0
    assert rows.ROWS["tsne"].rivals == {"scikit-learn": {"ours": 0.5}, "openTSNE": {"ours": 0.25}}


def test_the_quality_of_pictures_is_measured_for_all(monkeypatch, capsys):
    monkeypatch.setattr(tsne_quality, "CONTESTANTS", {"ours": "ours", "other": "no_such_peer"})
    tsne_quality.main(120)
    head, _, own, missing = capsys.readouterr().out.splitlines()
    assert head.startswith("120 signals") and own.split()[0] == "ours"
    assert 0 < float(own.split()[1]) < 5 and 10 < float(own.split()[2]) < 100
    assert missing.startswith("other: No module named") and missing.endswith("skipped")


def test_table_has_times_ratio_verdict_and_the_machines_rate():
    row = rows.ROWS["logistic"]
    results = {"PyTorch": contest.Result([6e-4, 4e-4, 5e-4], peak=300.0),
               "ours": contest.Result([1e-4, 1e-4, 1e-4], peak=50.0),
               "sgemm": contest.Result([1e-11, 2e-11, 1e-11])}
    peer, ours, machine = command.table("logistic", row, results)
    assert peer[:6] == ("logistic", "PyTorch", "500", "400", "600", "µs a step")
    assert peer[7:] == ("300", "5.00x (ours)", "5x: met")
    assert ours[7:] == ("50", "", "")
    assert machine[1:6] == ("sgemm", "100", "50", "100", "GFLOP/s")


def test_ours_is_compared_with_ours_at_ten_seeds():
    row = rows.ROWS["lottery"]
    assert row.contestants == ["PyTorch", "ours", "ours, 10 seeds", "sgemm"]
    results = {"ours": contest.Result([3e-3]), "ours, 10 seeds": contest.Result([4e-3])}
    one, ten = command.table("lottery", row, results)
    assert one[-2:] == ("0.75x (ours, 10 seeds)", "1x: not met") and ten[-2:] == ("", "")


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_step_by_hand_is_the_step_of_fit(seeds):
    data, steps = few_examples(), 23
    net = by_hand.ByHand(data, seeds)
    losses = [net.step() for _ in range(steps)]
    history = fit(nn.mlp(), data, adam(1e-2), steps=steps, seeds=seeds, progress=False)
    for name, value in history.params.items():
        found = net.params[name].reshape(value.shape)
        np.testing.assert_allclose(found, value, rtol=2e-3, atol=2e-4, err_msg=name)
    first = [nn.mlp().init(np.random.RandomState(seed)) for seed in range(seeds)]
    expected = [nn.cross_entropy(nn.mlp()(params, data["x"][:100].astype(np.float32)),
                                 data["y"][:100]).data for params in first]
    np.testing.assert_allclose(np.ravel(losses[0]), np.ravel(expected), rtol=1e-5)


def test_the_step_by_hand_stops_where_fit_does():
    data = few_examples()
    data["x"][0, 0] = np.inf
    with pytest.raises(FloatingPointError, match="loss of step 0"), np.errstate(all="ignore"):
        by_hand.ByHand(data).step()


def test_the_outer_step_is_that_of_pytorch():
    pytest.importorskip("torch")
    from benchmarks import torch_activation
    loss, slopes = torch_activation.activation_outer_steps()(4)
    ours_loss, _, expected = ours.activation_outer_steps()(4)
    assert loss == pytest.approx(ours_loss, rel=1e-5)
    for slope, value in zip(slopes, expected.values(), strict=True):
        np.testing.assert_allclose(slope, value, rtol=1e-3, atol=1e-4 * np.abs(value).max())


def imported(path: Path) -> set[str]:
    """The modules of `benchmarks` that a file imports, at its head or inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found |= {node.module} if node.module else {alias.name for alias in node.names}
    return found


def test_the_benchmarks_imports_have_no_circle():
    graph = {path.stem: imported(path) for path in (ROOT / "benchmarks").glob("*.py")}
    assert "rows" in graph["torch_models"] and "torch_models" in graph["torch_sweeps"]
    while graph:
        leaves = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert leaves, f"these import one another: {graph}"
        graph = {name: needs for name, needs in graph.items() if name not in leaves}


def test_fraction_of_sgemm_counts_only_the_rows_own_work():
    row = rows.ROWS["logistic"]
    results = {"sgemm": contest.Result([1e-11, 1e-11])}
    reached = command.fraction(row, contest.Result([row.flops * 1e-10] * 2), results)
    assert reached == "10.0 %"


# ---------------------------------------------------------------------------- where the time goes


@pytest.mark.parametrize("seeds", [1, 3])
def test_the_parts_of_a_step_are_the_whole_and_its_products_are_counted(seeds, monkeypatch):
    monkeypatch.setattr(where, "REPEATS", 3)
    monkeypatch.setattr(where, "STEPS", 20)
    spent, calls, floor = where.step(nn.mlp(), seeds, 1e-11)
    assert set(spent) == set(where.KINDS) and calls > 30
    assert all(spent[kind] > 0 for kind in where.KINDS if kind != "around them")
    forward = 2 * 100 * (40 * 100 + 100 * 100 + 100 * 10)  # a batch of 100; backward twice, but
    first = 2 * 100 * 40 * 100                             # for the first layer's inputs
    sums = 2 * 100 * 210  # the biases' slopes are products with ones
    assert floor == pytest.approx(1e6 * 1e-11 * (3 * forward - first + sums))


def test_where_prints_a_line_a_model_and_refuses_others(capsys, monkeypatch):
    monkeypatch.setattr(where, "REPEATS", 2)
    monkeypatch.setattr(where, "STEPS", 20)
    assert where.main(["logistic", "cnn"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["µs", "logistic", "cnn"]
    with pytest.raises(SystemExit):
        where.main(["mpl"])
    assert "did you mean 'mlp'?" in capsys.readouterr().err


def test_the_documented_table_has_every_row():
    text = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    table = text.split("```text\n")[1].split("```")[0].splitlines()
    assert set(rows.ROWS) <= {line.split()[0] for line in table if line}
