"""`mnist1d-edu reproduce` killed at any moment, interrupted, and asked for what cannot be."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from campaign import SCALE

from mnist1d_edu import experiments
from mnist1d_edu.experiments import Run, sweep

TESTS = Path(__file__).parents[1]
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
COMMAND = """
import sys
from mnist1d_edu import experiments
experiments.EXPERIMENTS["toy"] = "sweep_toys"
from mnist1d_edu.cli import command
print("on", file=sys.stderr, flush=True)
sys.exit(command())
"""


def start(out, *words, flags=(), **environment) -> subprocess.Popen:
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, *flags, "-c", COMMAND, "reproduce", *words, "--out", str(out)],
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def finish(*args, **kwargs) -> tuple[int, str, str]:
    """Status, output, and what was said after the start."""
    process = start(*args, **kwargs)
    out, err = process.communicate(timeout=240)
    return process.returncode, out.decode(), err.decode().partition("on\n")[2]


def test_an_out_that_cannot_be_is_told_before_anything_is_computed(tmp_path):
    (tmp_path / "file").touch()
    for out, why in ((tmp_path / "file", "file is a file"),
                     (tmp_path / "file" / "deep", "file is a file"),
                     ("/proc/out", "") if Path("/proc").exists() else (tmp_path / "file", ""),
                     (tmp_path / ("n" * 300), "")):
        status, said, err = finish(out, "toy", TOY_LOG=str(tmp_path / "log"))
        assert (status, said, err.count("\n")) == (2, "", 1), err
        assert "out must be a folder that can be written to; got" in err and why in err
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(("words", "said"), [
    (["--seeds", "1000000000"], "seeds must be an integer from 1 to 1000; got 1000000000"),
    (["--jobs", "1000000000"], "jobs must be an integer from 1 to 1000; got 1000000000"),
    (["--seeds", "9" * 400], "seeds must be an integer from 1 to 1000; got 9")])
def test_numbers_beyond_reason_are_told_at_once(tmp_path, words, said):
    status, out, err = finish(tmp_path / "out", "toy", *words)
    assert (status, out, err.count("\n")) == (2, "", 1) and said in err and len(err) < 600
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("flags", [(), ("-OO",)])
def test_a_poor_console_and_no_docstrings(tmp_path, flags):
    poor = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    status, out, err = finish(tmp_path / "out", "toy", flags=flags, TOY_TABLE="1.0 ± 0.5 – “x”",
                              **poor)
    assert (status, err.count("\n")) == (0, 1) and "cannot print the plus-minus sign" in err
    assert "toy: 1.0 +/- 0.5 - ?x?" in out
    status, out, _ = finish(tmp_path / "out", flags=flags, **poor)
    assert status == 0 and "benchmark" in out and len(out.splitlines()) > 4
    status, out, err = finish(tmp_path / "utf8", "toy", TOY_TABLE="1.0 ± 0.5",
                              PYTHONIOENCODING="utf-8")
    assert (status, err) == (0, "") and "toy: 1.0 ± 0.5" in out


@posix
def test_kills_at_any_moment_lose_nothing(tmp_path):
    """A sweep of 12 runs of 0.2 s each is killed again and again, with all its processes or alone,
    until it ends: every run is there, whole, and none that was finished is computed again."""
    chance, out, log = random.Random(1), tmp_path / "out", tmp_path / "log"
    records, kills = {}, 5 * SCALE
    for kill in range(kills + 1):
        process = start(out, "toy", "--seeds", "12", "--jobs", "2", TOY_SECONDS="0.2",
                        TOY_LOG=str(log))
        if kill == kills:
            assert process.wait(120) == 0
        elif chance.random() < 0.6:     # in the midst of things; otherwise while it is starting
            while len(list(out.glob("runs/toy/*.json"))) == len(records) and process.poll() is None:
                time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.5))
        if process.poll() is None:
            (os.killpg if chance.random() < 0.5 else os.kill)(process.pid, signal.SIGKILL)
        process.communicate()
        now = {path: path.read_bytes() for path in out.glob("runs/toy/*.json")}
        assert records.items() <= now.items() and all(map(json.loads, now.values()))
        records = now
    assert len(records) == 12
    assert len(log.read_text().splitlines()) <= 12 + 2 * kills
    assert not [path for path in out.rglob("*") if path.suffix != ".json" and path.is_file()
                and path.suffix not in (".png", ".pdf")], "something is left over"
    assert json.loads((out / "toy.json").read_text())["summary"]["squares"] == [
        value**2 for value in range(12)]


@posix
def test_a_run_that_is_killed_again_and_again_still_ends(tmp_path, monkeypatch):
    """A training that takes longer than it is ever left alone: it goes on from its checkpoint, to
    the result of an undisturbed one."""
    monkeypatch.setitem(experiments.EXPERIMENTS, "toy", "sweep_toys")
    monkeypatch.syspath_prepend(str(TESTS))
    most = 5 * SCALE // 2   # kills; the training must outlast them
    run = Run("toy", {"do": "fit", "value": 1500 * most})
    path = sweep.record_path(run, tmp_path / "runs")
    checkpoint = path.with_suffix(".checkpoint.npz")
    code = ("import sys; sys.path.insert(0, {!r})\nfrom mnist1d_edu import experiments\n"
            "from mnist1d_edu.experiments import Run, sweep\n"
            "experiments.EXPERIMENTS['toy'] = 'sweep_toys'\n"
            "if __name__ == '__main__':\n    sweep.sweep([{!r}], {!r})\n"
            ).format(str(TESTS), run, str(tmp_path / "runs"))
    script, kills, steps = tmp_path / "script.py", 0, [0]
    script.write_text(code)
    while not path.exists():
        process = subprocess.Popen([sys.executable, str(script)], start_new_session=True,
                                   stderr=subprocess.DEVNULL)
        before = checkpoint.stat().st_mtime_ns if checkpoint.exists() else 0
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end and kills < most:
            if checkpoint.exists() and checkpoint.stat().st_mtime_ns > before:
                break       # it has gone on: enough
            time.sleep(0.01)
        if kills < most and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait(240)
        if checkpoint.exists():
            import numpy as np
            with np.load(checkpoint) as file:
                steps.append(int(file["step"]))
    assert kills == most and steps == sorted(steps) and steps[-1] > 0
    assert not checkpoint.exists()
    found = sweep.read_record(path, run)["result"]
    undisturbed = experiments.load("toy").run(run.arguments)
    assert found["square"] == undisturbed["square"] and found["steps"] == undisturbed["steps"]


@posix
def test_a_broken_checkpoint_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setitem(experiments.EXPERIMENTS, "toy", "sweep_toys")
    monkeypatch.syspath_prepend(str(TESTS))
    run = Run("toy", {"do": "fit", "value": 100})
    path = sweep.record_path(run, tmp_path)
    path.parent.mkdir(parents=True)
    path.with_suffix(".checkpoint.npz").write_bytes(b"PK rubbish")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), os.environ["PYTHONPATH"]])
                       if os.environ.get("PYTHONPATH") else str(TESTS))
    assert sweep.sweep([run], tmp_path).failures == []
    assert [file.suffix for file in path.parent.iterdir()] == [".json"]


@posix
def test_ctrl_c_at_any_moment_prints_nothing_but_its_line(tmp_path):
    chance = random.Random(2)
    for number in range(6 * SCALE):
        process = start(tmp_path / str(number), "toy", "--seeds", "6", "--jobs", "2",
                        TOY_SECONDS="0.3")
        process.stderr.readline()       # it is on
        time.sleep(chance.uniform(0, 2.5))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
        lines = [line for line in re.split(r"[\r\n]+", err.decode()) if line.strip()
                 and "runs" not in line.partition("|")[2]]      # the bar
        assert process.returncode in (0, 130)
        assert len(lines) == (process.returncode == 130), lines
        assert all(line.startswith("stopped") for line in lines), lines


@posix
@pytest.mark.parametrize("what", ["pipe", "deep", "folder"])
def test_a_record_that_is_no_record(tmp_path, what, monkeypatch):
    monkeypatch.setitem(experiments.EXPERIMENTS, "toy", "sweep_toys")
    monkeypatch.syspath_prepend(str(TESTS))
    path = sweep.record_path(Run("toy", {"do": "square", "value": 0}), tmp_path / "out" / "runs")
    path.parent.mkdir(parents=True)
    if what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.write_text("[" * 200_000)
    status, _, err = finish(tmp_path / "out", "toy")
    assert "Traceback" not in err and len(err.splitlines()) == 1
    assert (status, "set aside" in err) == ((0, True) if what == "deep" else (1, False))
