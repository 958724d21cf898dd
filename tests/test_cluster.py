"""A sweep on a real Dask cluster: a scheduler and two workers on loopback, one of them killed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mnist1d_edu import experiments
from mnist1d_edu.experiments import Run, sweep

pytest.importorskip("distributed", reason="distributed (extra 'cluster') is not installed")


def start(tmp_path, *words) -> subprocess.Popen:
    """Start a part of the cluster in the folder tmp_path."""
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, "TOY_LOG": str(tmp_path / "log"),
           "TOY_SECONDS": "0.3", "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}
    return subprocess.Popen([sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
                            env=env, cwd=tmp_path, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def wait_for(condition, seconds=40):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers of one thread; yields the address and the workers."""
    file = tmp_path / "scheduler.json"
    with contextlib.ExitStack() as stack:
        def part(*words):
            process = start(tmp_path, *words)
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process
        part("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
             "--scheduler-file", str(file))
        wait_for(file.exists)
        workers = [part("dask_worker", "--scheduler-file", str(file), "--nthreads", "1",
                        "--no-nanny", "--no-dashboard", "--host", "127.0.0.1") for _ in range(2)]
        from distributed import Client
        with Client(scheduler_file=str(file), set_as_default=False) as client:
            client.wait_for_workers(2, timeout=40)
            address = client.scheduler.address
        yield address, workers


@pytest.fixture(autouse=True)
def toy(monkeypatch):
    monkeypatch.setitem(experiments.EXPERIMENTS, "toy", "sweep_toys")


def test_a_sweep_outlives_a_worker_and_equals_the_run_in_one_process(tmp_path, cluster):
    address, workers = cluster
    runs = [Run("toy", {"do": "square", "value": value}) for value in range(12)]
    runs.append(Run("toy", {"do": "fail", "value": 12}))

    def kill_one():
        wait_for(lambda: len(list(tmp_path.glob("far/toy/*.json"))) >= 2)
        workers[0].kill()

    killer = threading.Thread(target=kill_one)
    killer.start()
    far = sweep.sweep(runs, tmp_path / "far", cluster=address)
    killer.join()
    pids = {line.split()[1] for line in (tmp_path / "log").read_text().splitlines()}
    assert pids == {str(worker.pid) for worker in workers}  # both had computed
    near = sweep.sweep(runs, tmp_path / "near", jobs=1)
    assert len(far.failures) == len(near.failures) == 1
    assert [record and record["result"] for record in far.records] \
        == [record and record["result"] for record in near.records]
    assert far.records[3]["result"] == {"square": 9}


def test_a_benchmark_run_on_the_cluster_equals_the_one_here(tmp_path, cluster):
    arguments = {"model": "mlp", "order": "shuffled", "steps": 20, "seeds": [0, 1],
                 "learning_rate": 0.01, "batch_size": 100, "eval_every": 10}
    run = Run("shuffled", arguments)
    far = sweep.sweep([run], tmp_path / "far", cluster=cluster[0])
    near = sweep.sweep([run], tmp_path / "near")
    assert far.records[0]["result"] == near.records[0]["result"]


def test_no_scheduler_at_the_address_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "CONNECT_SECONDS", 1)
    with pytest.raises(OSError, match=r"127\.0\.0\.1:9"):
        sweep.sweep([Run("toy", {"do": "square", "value": 1})], tmp_path,
                    cluster="tcp://127.0.0.1:9")
