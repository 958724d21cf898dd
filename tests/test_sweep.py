"""The sweep: what was finished is kept, and believed only if it is whole, whatever happens."""

from __future__ import annotations

import errno
import json
import re

import pytest
import sweep_toys

from mnist1d_edu import experiments
from mnist1d_edu.experiments import Run, sweep


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setitem(experiments.EXPERIMENTS, "toy", "sweep_toys")


def squares(count: int) -> list[Run]:
    return [Run("toy", {"do": "square", "value": value}) for value in range(count)]


def results(outcome: sweep.Outcome) -> list:
    return [record and record["result"]["square"] for record in outcome.records]


def test_records_come_in_the_order_of_the_runs_and_say_how_they_were_made(tmp_path):
    runs = [Run("toy", {"do": "square", "value": v}, cost=v + 1) for v in range(5)]
    outcome = sweep.sweep(runs, tmp_path, jobs=2)
    assert results(outcome) == [0, 1, 4, 9, 16] and outcome.failures == []
    for run, record in zip(runs, outcome.records, strict=True):
        assert record == sweep.read_record(sweep.record_path(run, tmp_path), run)
        assert record["arguments"] == run.arguments
        assert set(record["made"]) >= {"python", "numpy", "mnist1d_edu", "processor", "blas",
                                       "seconds", "date"}


def test_the_longest_run_starts_first(tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_LOG", str(tmp_path / "log"))
    costs = {0: 1.0, 1: 5.0, 2: 3.0}
    sweep.sweep([Run("toy", {"do": "square", "value": v}, c) for v, c in costs.items()],
                tmp_path, jobs=1)
    assert [line.split()[0] for line in (tmp_path / "log").read_text().splitlines()] == list("120")


def test_what_is_there_is_not_computed_again(tmp_path, monkeypatch):
    first = sweep.sweep(squares(3), tmp_path)
    monkeypatch.setenv("TOY_LOG", str(tmp_path / "log"))
    second = sweep.sweep(squares(4), tmp_path)
    assert second.records[:3] == first.records
    assert [line.split()[0] for line in (tmp_path / "log").read_text().splitlines()] == ["3"]


def test_a_run_asked_for_twice_is_computed_once(tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_LOG", str(tmp_path / "log"))
    outcome = sweep.sweep(squares(2) + squares(2), tmp_path)
    assert results(outcome) == [0, 1, 0, 1]
    assert len((tmp_path / "log").read_text().splitlines()) == 2


def half(text):
    return text[:len(text) // 2]


def other_result(text):
    return text.replace('"square": 4', '"square": 5')


def other_arguments(text):
    record = json.loads(text)
    record["arguments"]["value"] = 3
    record["sha256"] = sweep._checksum(record)
    return json.dumps(record)


def other_schema(text):
    record = json.loads(text)
    record["schema"] = 0
    record["sha256"] = sweep._checksum(record)
    return json.dumps(record)


@pytest.mark.parametrize("spoil, told", [
    (half, "is not whole"), (lambda text: "", "is not whole"), (lambda text: "\xff\x00", "is not"),
    (other_result, "checksum"), (other_arguments, "other arguments"), (other_schema, "schema"),
    (lambda text: "[1, 2]", "schema")])
def test_a_spoiled_record_is_set_aside_and_computed_anew(tmp_path, capsys, spoil, told):
    run = squares(3)[2]
    sweep.sweep([run], tmp_path)
    path = sweep.record_path(run, tmp_path)
    spoiled = spoil(path.read_text()).encode("latin-1")
    path.write_bytes(spoiled)
    path.with_name(f"{path.name}.broken-1").write_text("set aside before")
    assert results(sweep.sweep([run], tmp_path)) == [4]
    assert path.with_name(f"{path.name}.broken-1").read_text() == "set aside before"
    assert path.with_name(f"{path.name}.broken-2").read_bytes() == spoiled
    lines = [line for line in capsys.readouterr().err.splitlines() if "set aside" in line]
    assert len(lines) == 1 and told in lines[0] and path.name in lines[0]


def test_a_failed_run_is_reported_with_its_arguments_and_stops_no_other(tmp_path, capsys):
    bad = Run("toy", {"do": "fail", "value": 7}, cost=9)
    outcome = sweep.sweep([*squares(2), bad], tmp_path, jobs=2)
    assert results(outcome) == [0, 1, None]
    assert len(outcome.failures) == 1
    for part in ("toy", '"value":7', "RuntimeError: two lines"):
        assert part in outcome.failures[0]
    assert outcome.failures[0] in capsys.readouterr().err
    path = sweep.record_path(bad, tmp_path)
    assert not path.exists()
    assert "in _fail" in path.with_suffix(".failed.txt").read_text()


def test_a_result_that_json_cannot_hold_is_a_failure(tmp_path):
    outcome = sweep.sweep([Run("toy", {"do": "nan", "value": 1})], tmp_path)
    assert outcome.records == [None] and "ValueError" in outcome.failures[0]


@pytest.mark.skipif(not hasattr(__import__("signal"), "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_worker_takes_only_its_own_run_with_it(tmp_path):
    once = Run("toy", {"do": "die_once", "value": 3, "mark": str(tmp_path / "mark")}, cost=3)
    always = Run("toy", {"do": "die", "value": 4}, cost=2)
    innocent = Run("toy", {"do": "slow", "value": 5}, cost=2)  # in flight when the other dies
    outcome = sweep.sweep([*squares(3), once, innocent, always], tmp_path / "runs", jobs=2)
    assert results(outcome) == [0, 1, 4, 9, 25, None]
    assert len(outcome.failures) == 1
    assert '"do":"die"' in outcome.failures[0] and "died twice" in outcome.failures[0]


def test_a_full_disk_stops_the_sweep_and_spares_what_is_finished(tmp_path, monkeypatch):
    written = []

    def write(path, text):
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        written.append(path)
        return original(path, text)

    original = sweep.write_whole
    monkeypatch.setattr(sweep, "write_whole", write)
    with pytest.raises(OSError, match="No space left"):
        sweep.sweep(squares(6), tmp_path)
    assert len(list(tmp_path.rglob("*.json"))) == 2
    monkeypatch.setattr(sweep, "write_whole", original)
    assert results(sweep.sweep(squares(6), tmp_path)) == [0, 1, 4, 9, 16, 25]


def test_workers_hold_blas_to_one_thread(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "2")
    outcome = sweep.sweep([Run("toy", {"do": "threads", "value": 0})], tmp_path)
    assert set(results(outcome)[0]) == {1}


def test_a_result_keeps_the_order_of_its_names_now_and_from_the_file(tmp_path):
    runs = [Run("toy", {"do": "unsorted", "value": 0})]
    for _ in range(2):
        [record] = sweep.sweep(runs, tmp_path, jobs=1).records
        assert list(record["result"]) == ["square", "input", "conv1", "a layer"]
        assert list(record["result"]["a layer"]) == ["second", "first"]


def test_names_of_records_are_readable_and_told_apart(tmp_path):
    run = Run("toy", {"model": "mlp", "seeds": [0, 1, 2], "path": "a/b c", "long": "x" * 90})
    path = sweep.record_path(run, tmp_path)
    assert path.parent == tmp_path / "toy"
    assert re.fullmatch(r"model=mlp_seeds=0-2_path=abc_[0-9a-f]{10}\.json", path.name)
    other = Run("toy", {**run.arguments, "long": "x" * 91})
    assert sweep.record_path(other, tmp_path) != path


def test_lists_of_numbers_stay_on_one_line():
    value = {"a": [1, -2.5, 3e-7], "b": [[1, 2], [3]], "c": ["x [1,\n 2]"], "d": [], "e": [1e22]}
    text = sweep.to_json(value)
    assert json.loads(text) == value
    assert '"a": [1, -2.5, 3e-07]' in text and '"e": [1e+22]' in text


def test_jobs_are_checked(tmp_path):
    with pytest.raises(ValueError, match=r"jobs must be .*got 0"):
        sweep.sweep(squares(1), tmp_path, jobs=0)


def test_toys_are_seen_by_workers():
    assert sweep_toys.run({"do": "square", "value": 3}) == {"square": 9}
