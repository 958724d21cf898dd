"""`mnist1d-edu reproduce` in its own process: reports, exit statuses, interruptions."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
COMMAND = """
import sys
from mnist1d_edu import experiments
experiments.EXPERIMENTS["toy"] = "sweep_toys"
if {limit}:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from mnist1d_edu.cli import main
sys.exit(main())
"""


def start(out, *words, seconds=0.0, limit=0, names=("toy",)) -> subprocess.Popen:
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND.format(limit=limit), "reproduce", *names, *words,
         "--out", str(out)],
        env={**os.environ, "PYTHONPATH": path, "TOY_SECONDS": str(seconds),
             "TOY_LOG": str(Path(out).parent / "log")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def finish(*args, **kwargs) -> tuple[int, str, str]:
    process = start(*args, **kwargs)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def finished(out) -> set[Path]:
    return set(Path(out).glob("runs/toy/*.json"))


def workers(log) -> set[int]:
    return {int(line.split()[1]) for line in Path(log).read_text().splitlines()}


def alive(process_id) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return False
        return not Path("/proc/self").exists()
    return state != "Z"


def test_a_report_is_printed_and_saved(tmp_path):
    status, out, err = finish(tmp_path / "out")
    assert (status, err) == (0, "")
    assert "toy: [0, 1, 4]" in out
    assert (tmp_path / "out/toy.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "out/toy.pdf").read_bytes().startswith(b"%PDF")
    summary = json.loads((tmp_path / "out/toy.json").read_text())
    assert summary["summary"]["squares"] == [0, 1, 4] and summary["scale"] == "quick"
    assert summary["seeds"] is None
    assert [run["arguments"]["value"] for run in summary["runs"]] == [0, 1, 2]
    assert all(run["made"]["numpy"] for run in summary["runs"])


def test_a_second_call_computes_nothing_and_prints_the_same(tmp_path):
    first = finish(tmp_path / "out")
    log = (tmp_path / "log").read_text()
    assert finish(tmp_path / "out") == first
    assert (tmp_path / "log").read_text() == log


def test_no_name_lists_the_experiments(tmp_path):
    status, out, _ = finish(tmp_path / "out", names=())
    assert status == 0
    assert {"benchmark", "shuffled"} <= {line.split()[0] for line in out.splitlines()}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words, told", [
    (["benchmrk"], "did you mean 'benchmark'"), (["toy", "--scale", "big"], "got 'big'"),
    (["toy", "--seeds", "0"], "seeds must be an integer from 1 to 1000; got 0"),
    (["toy", "--jobs", "-1"], "jobs must be an integer from 1 to 1000; got -1"),
    (["toy", "--seeds", "many"], "--seeds"), (["toy", "--colour"], "--colour")])
def test_a_wrong_request_is_told_in_one_line(tmp_path, words, told):
    status, out, err = finish(tmp_path / "out", names=words)
    assert status == 2 and out == ""
    assert len(err.splitlines()) == 1 and told in err


@posix
def test_ctrl_c_keeps_what_is_finished_and_prints_the_command_that_goes_on(tmp_path):
    process = start(tmp_path / "out", "--seeds", "12", "--jobs", "2", seconds=0.3)
    wait_for(lambda: len(finished(tmp_path / "out")) >= 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    kept = finished(tmp_path / "out")
    assert 2 <= len(kept) < 12
    last = [line for line in re.split(r"[\r\n]+", err) if line][-1]
    assert f"{len(kept)} of 12 runs" in last
    assert f"mnist1d-edu reproduce toy --scale quick --seeds 12 --jobs 2 --out {tmp_path}" in last
    assert "Traceback" not in err
    wait_for(lambda: not any(map(alive, workers(tmp_path / "log"))))
    started = len((tmp_path / "log").read_text().splitlines())
    assert started - len(kept) <= 2
    status, out, _ = finish(tmp_path / "out", "--seeds", "12")
    assert status == 0 and str([v * v for v in range(12)]) in out
    assert json.loads((tmp_path / "out/toy.json").read_text())["seeds"] == 12
    assert len((tmp_path / "log").read_text().splitlines()) == started + 12 - len(kept)


@posix
def test_ctrl_c_does_not_wait_for_long_runs(tmp_path):
    process = start(tmp_path / "out", "--jobs", "2", seconds=60)
    wait_for(lambda: (tmp_path / "log").exists() and len(workers(tmp_path / "log")) == 2)
    os.kill(process.pid, signal.SIGINT)  # to the parent alone
    _, err = process.communicate(timeout=15)
    assert process.returncode == 130 and "0 of 3 runs" in err
    wait_for(lambda: not any(map(alive, workers(tmp_path / "log"))), seconds=10)


@posix
@pytest.mark.parametrize("after", [1, 4])
def test_kill_9_loses_at_most_the_runs_in_flight(tmp_path, after):
    process = start(tmp_path / "out", "--seeds", "10", "--jobs", "2", seconds=0.2)
    wait_for(lambda: len(finished(tmp_path / "out")) >= after)
    process.kill()
    process.communicate(timeout=20)
    wait_for(lambda: not any(map(alive, workers(tmp_path / "log"))))  # no orphans
    kept = len(finished(tmp_path / "out"))
    started = len((tmp_path / "log").read_text().splitlines())
    assert after <= kept < 10 and started - kept <= 2
    status, out, err = finish(tmp_path / "out", "--seeds", "10")
    assert status == 0 and "set aside" not in err
    assert str([v * v for v in range(10)]) in out
    assert len((tmp_path / "log").read_text().splitlines()) == started + 10 - kept


@posix
def test_a_disk_without_room_stops_with_one_line(tmp_path):
    finish(tmp_path / "out", "--seeds", "2")
    status, out, err = finish(tmp_path / "out", "--seeds", "5", limit=100)
    assert status == 1 and out == ""
    assert len(err.splitlines()) == 1
    assert "2 of 5 runs are finished" in err and "To go on: mnist1d-edu reproduce toy" in err
    assert not list((tmp_path / "out").rglob(".*"))  # no half-written file is left
    assert finish(tmp_path / "out", "--seeds", "5")[0] == 0


def test_a_failed_run_makes_the_status_1(tmp_path):
    status, _, err = finish(tmp_path / "out", names=("toy", "failing"))
    assert status == 2 and "failing" in err  # an unknown name computes nothing
    assert not finished(tmp_path / "out")
    with open(tmp_path / "failing_toy.py", "w") as file:
        file.write("'''Fails once.'''\n"
                   "from sweep_toys import run, report\n"
                   "from mnist1d_edu.experiments import Run\n"
                   "def runs(scale, seeds):\n"
                   "    return [Run('toy', {'do': what, 'value': 2})\n"
                   "            for what in ('square', 'fail')]\n")
    command = COMMAND.format(limit=0).replace('"sweep_toys"', '"sweep_toys"\n'
                                              'experiments.EXPERIMENTS["failing"] = "failing_toy"')
    path = os.pathsep.join([str(Path(__file__).parent), str(tmp_path)])
    process = subprocess.run(
        [sys.executable, "-c", command, "reproduce", "failing", "toy", "--out", tmp_path / "out"],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True)
    assert process.returncode == 1
    assert "failing: no table, 1 of its 2 runs failed" in process.stdout
    assert "toy: [0, 1, 4]" in process.stdout
    assert '"do":"fail"' in process.stderr and "RuntimeError: two lines" in process.stderr
    assert "1 of 4 runs failed" in process.stderr  # one run is in both


# --------------------------------------------------------------------------- your own file

OWN = """
from mnist1d_edu.experiments import Report, Run, compared


def runs(scale, seeds):
    return [Run("my_question", {"seed": seed}) for seed in range(seeds or 2)]


def run(arguments):
    return {"twice": 2 * arguments["seed"]}


def report(records, scale):
    values = [record["result"]["twice"] for record in records]
    return Report(f"twice: {values}", {}, {"comparison": []})
"""


def test_a_file_with_an_experiment_of_ones_own_is_reproduced_like_any_other(tmp_path):
    (tmp_path / "my_question.py").write_text(OWN)
    name = str(tmp_path / "my_question.py")
    status, out, err = finish(tmp_path / "out", "--seeds", "3", names=(name,))
    assert (status, err) == (0, "") and "twice: [0, 2, 4]" in out
    assert len(list((tmp_path / "out/runs/my_question").glob("*.json"))) == 3
    assert json.loads((tmp_path / "out/my_question.json").read_text())["seeds"] == 3


@pytest.mark.parametrize("name, text, told", [
    ("nowhere.py", None, "is not a file"), ("2 words.py", OWN, "must be one that no module has"),
    ("json.py", OWN, "must be one that no module has"), ("half.py", "def runs(): 1", "run, report"),
    ("broken.py", "def runs(:", "cannot be imported: SyntaxError")])
def test_a_file_that_is_no_experiment_is_told_in_one_line(tmp_path, name, text, told):
    if text is not None:
        (tmp_path / name).write_text(text)
    status, out, err = finish(tmp_path / "out", names=(str(tmp_path / name),))
    assert status == 2 and out == "" and told in err and len(err.splitlines()) == 1


def test_a_missing_package_is_told_before_anything_is_computed(tmp_path, monkeypatch, capsys):
    import sweep_toys

    from mnist1d_edu import experiments
    from mnist1d_edu.cli import main
    monkeypatch.setitem(experiments.EXPERIMENTS, "toy", "sweep_toys")
    monkeypatch.setattr(sweep_toys, "REQUIRES", ("no_such_package",), raising=False)
    assert main(["reproduce", "toy", "--out", str(tmp_path / "out")]) == 2
    assert "toy needs no_such_package: pip install no_such_package" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
