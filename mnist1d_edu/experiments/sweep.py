"""A sweep: independent runs on any `concurrent.futures.Executor`, each kept the moment it ends.

`sweep(runs, folder)` computes what is not in `folder` yet. This process alone writes records
there, a whole file a run, so whatever kills the sweep loses at most the runs in flight, and the
same call resumes from there. A run that trains by `experiments.fit` keeps a checkpoint beside its
record to be, and loses no more than the steps since. A record is trusted only if its checksum
and its arguments are right.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime
import functools
import hashlib
import json
import multiprocessing
import os
import platform
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    ProcessPoolExecutor,
    wait,
)
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info
from tqdm.auto import tqdm

import mnist1d_edu
from mnist1d_edu import experiments
from mnist1d_edu.arguments import integer, one_line, shown, string
from mnist1d_edu.arguments import path as checked_path
from mnist1d_edu.experiments import Run, estimate
from mnist1d_edu.files import read_whole, write_whole
from mnist1d_edu.threads import one_thread

SCHEMA = 1
CONNECT_SECONDS = 10  # how long a cluster may take to answer


@dataclasses.dataclass
class Outcome:
    """What became of a list of runs: a record each, in their order (None if it failed), and a line
    for each failure."""

    records: list[dict | None]
    failures: list[str]


def sweep(runs: Sequence[Run], folder: str | os.PathLike, jobs: int = 1,
          cluster: str | None = None) -> Outcome:
    """Compute each of `runs` that `folder` does not hold, in `jobs` processes here or on the Dask
    cluster at the address `cluster`, and write its record there when it ends.

    A run that raises, or whose process dies twice, is reported and does not stop the others.
    A record that is broken, or of another run, is renamed and computed anew. Raises OSError when a
    record cannot be written (a full disk) and KeyboardInterrupt at Ctrl-C, both after ending
    the workers: what was finished is in `folder`.
    """
    jobs, folder = integer("jobs", jobs, low=1), checked_path("folder", folder)
    runs = _checked_runs(runs)
    if cluster is not None:
        string("cluster", cluster)
    keeper = _Keeper(Path(folder), runs)
    todo = sorted(keeper.missing(), key=lambda run: -keeper.expected(run))
    if todo:
        if cluster is None:
            open_executor, width = functools.partial(_processes, min(jobs, len(todo))), jobs
        else:
            open_executor, width = functools.partial(_cluster, cluster), len(todo)
            keeper.checkpoints = False  # another machine may not have the folder
        keeper.width = None if cluster else width
        with keeper.bar():
            _compute(collections.deque(todo), open_executor, width, keeper)
    return Outcome([keeper.found.get(record_path(run, folder)) for run in runs], keeper.failures)


def record_path(run: Run, folder: str | os.PathLike) -> Path:
    """Where the record of a run is kept: folder/experiment/readable-arguments-hash.json."""
    folder, [run] = checked_path("folder", folder), _checked_runs([run], "run")
    words, length = [], 0
    for name, value in run.arguments.items():
        word = re.sub(r"[^\w.,=+-]+", "", f"{name}={_short(value)}")
        length += len(word) + 1
        if length > 60:
            break
        words.append(word)
    digest = hashlib.sha256(_canonical(run.arguments).encode()).hexdigest()[:10]
    return Path(folder) / run.experiment / f"{'_'.join([*words, digest])}.json"


def read_record(path: Path, run: Run) -> dict:
    """The record in the file `path`; ValueError, saying why, if it is not a whole one of `run`."""
    path, [run] = checked_path("path", path), _checked_runs([run], "run")
    try:
        record = json.loads(read_whole(path))
    except (ValueError, RecursionError):
        raise ValueError("is not whole (not JSON)") from None
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise ValueError(f"is not a record of schema {SCHEMA}")
    if record.get("sha256") != _checksum(record):
        raise ValueError("does not have the checksum that it states")
    same = (record.get("experiment") == run.experiment
            and _canonical(record.get("arguments")) == _canonical(run.arguments))
    if not same:
        raise ValueError("is of another run (other arguments)")
    return record


def to_json(value) -> str:
    """Indented JSON with each list of numbers on one line; ValueError for NaN and infinity."""
    try:
        text = json.dumps(value, indent=1, allow_nan=False)
    except Exception as error:
        raise ValueError("value must be what JSON can hold, without NaN; got "
                         f"{shown(value)} ({one_line(error, 100)})") from None
    numbers = re.compile(r"\[\n\s*(-?\d[-+.\deE]*(?:,\s*-?\d[-+.\deE]*)*)\n\s*\]")
    return numbers.sub(lambda match: "[" + " ".join(match[1].split()) + "]", text) + "\n"


def _checked_runs(runs, name: str = "runs") -> list[Run]:
    if isinstance(runs, (str, dict)) or not isinstance(runs, Sequence):
        raise TypeError(f"{name} must be a list of Run; got {shown(runs)}")
    for run in runs:
        if not isinstance(run, Run) or not isinstance(run.arguments, dict):
            raise TypeError(f"{name} must be a Run, of a dictionary of arguments; got {shown(run)}")
    return list(runs)


def _checkpoint(record: Path) -> Path:
    """Where a run on this machine keeps how far it is: beside its record to be."""
    return record.with_suffix(".checkpoint.npz")


def _short(value) -> str:
    """A value as part of a file's name: [0, 1, 2] as 0-2."""
    if isinstance(value, list) and all(isinstance(v, int) for v in value) and len(value) > 1:
        if value == list(range(value[0], value[-1] + 1)):
            return f"{value[0]}-{value[-1]}"
        return ",".join(map(str, value))
    return str(value)


def _canonical(value) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _checksum(record: dict) -> str:
    content = {key: value for key, value in record.items() if key != "sha256"}
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


class _Keeper:
    """The records of a sweep: found in the folder, written to it, or failed; and the bar.

    width: how many runs are computed at once, if that is known; the bar then says what is left.
    """

    def __init__(self, folder: Path, runs: Sequence[Run]):
        self.runs = {record_path(run, folder): run for run in runs}
        self.folder = folder
        self.clock = estimate.Clock(self.runs.values())
        self.width: int | None = None
        self.found: dict[Path, dict] = {}
        self.failures: list[str] = []
        self.progress = None
        self.checkpoints = True
        for path, run in self.runs.items():
            if path.exists():
                self._read(path, run)

    def missing(self) -> list[Run]:
        return [run for path, run in self.runs.items() if path not in self.found]

    def expected(self, run: Run) -> float:
        """Seconds that a run takes, or its cost where nothing is known of them."""
        seconds = self.clock.seconds(run)
        return run.cost if seconds is None else seconds

    @contextlib.contextmanager
    def bar(self) -> Iterator[None]:
        """Show a bar over all runs, each with the weight of the time it takes, if they take over
        2 s."""
        self.weights = {path: self.expected(run) for path, run in self.runs.items()}
        with tqdm(total=sum(self.weights.values()),
                  initial=sum(self.weights[path] for path in self.found), delay=2, miniters=0,
                  smoothing=0, bar_format="{percentage:3.0f}%|{bar}| {elapsed}{postfix}") as bar:
            self.progress = bar
            self.tick(self.missing(), [])
            yield

    def checkpoint(self, run: Run) -> Path | None:
        """The file from which the run may go on, if it can have one."""
        return _checkpoint(record_path(run, self.folder)) if self.checkpoints else None

    def keep(self, run: Run, answer: dict, waited: float) -> None:
        """Write a finished run, for which we `waited` seconds, or note that it failed."""
        path = record_path(run, self.folder)
        traceback_path = path.with_suffix(".failed.txt")
        if "error" in answer:
            write_whole(traceback_path, answer["traceback"])
            _checkpoint(path).unlink(missing_ok=True)
            return self.fail(run, f"{answer['error']} (traceback in {traceback_path})")
        record = {"schema": SCHEMA, "experiment": run.experiment, "arguments": run.arguments,
                  "result": answer["result"], "made": answer["made"]}
        record["sha256"] = _checksum(record)
        write_whole(path, to_json(record))
        for leftover in (traceback_path, _checkpoint(path)):
            leftover.unlink(missing_ok=True)
        self.found[path] = record
        self.clock.saw(run, record["made"]["seconds"], waited)
        self._count(path)

    def fail(self, run: Run, why: str) -> None:
        line = f"failed: {run.experiment} {_canonical(run.arguments)}: {why}"
        self.failures.append(line)
        self._say(line)
        self._count(record_path(run, self.folder))

    def tick(self, waiting: Sequence[Run], flying: Sequence[tuple[Run, float]]) -> None:
        """Keep the bar's clock going, and say how many runs are done and how long the others take.
        waiting: runs in no process yet; flying: those in one, with the seconds since then."""
        done = f"{len(self.found)} of {len(self.runs)} runs"
        if self.width and (left := estimate.told(self.clock, [*waiting], self.width, [*flying])):
            done += f", {left} left"
        self.progress.set_postfix_str(done, refresh=False)
        self.progress.update(0)

    def _count(self, path: Path) -> None:
        # weights are fractions: their sum, in another order, may pass the total by a rounding error
        self.progress.update(min(self.weights[path], self.progress.total - self.progress.n))

    def _read(self, path: Path, run: Run) -> None:
        try:
            self.found[path] = read_record(path, run)
            self.clock.saw(run, self.found[path]["made"]["seconds"])
        except ValueError as error:
            number = 1
            while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
                number += 1
            path.rename(aside)
            self._say(f"set aside: {path} {error}; it is now {aside.name}, and computed anew")

    @staticmethod
    def _say(line: str) -> None:
        tqdm.write(line, file=sys.stderr)


# -------------------------------------------------------------------------- handing out the runs


def _compute(queue: collections.deque[Run], open_executor: Callable, width: int,
             keeper: _Keeper) -> None:
    """Compute the queue, at most `width` runs at once. When a worker dies, it takes its pool with
    it: the runs in flight are tried again one by one, so that the one that kills is found."""
    suspects: collections.deque[Run] = collections.deque()
    while queue or suspects:
        alone = bool(suspects)
        with open_executor() as executor:
            lost = _attempt(executor, suspects if alone else queue, 1 if alone else width, keeper)
        if alone:
            for run in lost:
                keeper.fail(run, "its worker process died twice (killed, or out of memory?)")
        else:
            suspects.extend(lost)


def _attempt(executor: Executor, queue: collections.deque[Run], width: int,
             keeper: _Keeper) -> list[Run]:
    """Empty the queue; or, if the executor breaks, return the runs that were in flight."""
    flying, lost = {}, []
    begun: dict[int, float] = {}  # id of a run -> when it was handed out
    try:
        while flying or (queue and not lost):
            while queue and len(flying) < width and not lost:
                run = queue.popleft()
                begun[id(run)] = time.monotonic()
                try:
                    flying[_submit(executor, run, keeper.checkpoint(run))] = run
                except BrokenExecutor:
                    lost.append(run)
            done, _ = wait(flying, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                run = flying.pop(future)
                lost += _settle(future, run, keeper, time.monotonic() - begun[id(run)])
            keeper.tick([*queue], [(run, time.monotonic() - begun[id(run)])
                                   for run in flying.values()])
    except KeyboardInterrupt:  # what has finished is kept, whenever the key was pressed
        for future in [future for future in flying if future.done()]:
            run = flying[future]
            _settle(future, run, keeper, time.monotonic() - begun[id(run)])
        raise
    return lost


def _settle(future, run: Run, keeper: _Keeper, waited: float) -> list[Run]:
    """Keep what a future brought after so many seconds; return [run] if it was lost with its
    worker."""
    try:
        answer = future.result()
    except BrokenExecutor:
        return [run]
    except Exception as error:  # of the executor: a run's own are in its answer
        keeper.fail(run, f"{type(error).__name__} {error}".strip())
    else:
        keeper.keep(run, answer, waited)
    return []


def _submit(executor: Executor, run: Run, checkpoint: Path | None):
    """Hand out one run. A worker process that is started by this ignores Ctrl-C from its birth, for
    it inherits the signals that are blocked here."""
    function = experiments.load(run.experiment).run
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        return executor.submit(_execute, function, run.arguments, checkpoint)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return executor.submit(_execute, function, run.arguments, checkpoint)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def _processes(jobs: int) -> Iterator[Executor]:
    """A pool of fresh processes, which are ended at once if the sweep is."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin_worker)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    pool.shutdown()


@contextlib.contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    """A Dask cluster, which by itself hands the runs of a dead worker to the others."""
    try:
        from distributed import Client
    except ImportError:
        raise ValueError("cluster needs the package distributed, which is not installed: "
                         "pip install 'mnist1d-edu[cluster]'") from None
    with Client(address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
        executor = client.get_executor(pure=False)
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False)
            raise


# --------------------------------------------------------------------------- in a worker process

_one_run_at_a_time = threading.Lock()  # BLAS's threads and the legacy random stream are global


def _begin_worker() -> None:
    """Leave Ctrl-C to the parent, and end when the parent does, however it ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # for Windows, where it is not blocked from birth

    def end_with_parent():
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _execute(function: Callable[[dict], dict], arguments: dict,
             checkpoint: Path | None = None) -> dict:
    """Run one run, which may go on from `checkpoint`: its result and how it was made, or its error
    and traceback, in plain values (an exception of a foreign class might not survive the journey
    between processes)."""
    with _one_run_at_a_time, one_thread():
        start = time.process_time()  # a run may be paused, or share its core
        try:
            with experiments.going_on_from(checkpoint):
                result = json.loads(json.dumps(function(arguments), allow_nan=False))
        except (Exception, SystemExit) as error:
            message = " ".join(str(error).split())
            return {"error": f"{type(error).__name__}: {message}",
                    "traceback": traceback.format_exc()}
        return {"result": result, "made": _provenance(time.process_time() - start)}


def _provenance(seconds: float) -> dict:
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"mnist1d_edu": mnist1d_edu.__version__, "numpy": np.__version__,
            "python": platform.python_version(), "system": platform.system(),
            "processor": _processor(), "blas": _blas(), "seconds": round(seconds, 2),
            "date": now.isoformat(timespec="seconds")}


@functools.cache
def _processor() -> str:
    """The processor's name, as far as the system tells."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


@functools.cache
def _blas() -> str:
    """The BLAS in use and the kernel that it chose for this processor."""
    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    parts = ("internal_api", "version", "architecture")
    return ", ".join(" ".join(pool.get(part) or "" for part in parts).strip() for pool in pools)
