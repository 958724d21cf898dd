"""Runs the contestants of a row in turns, each in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from .rows import CONTESTANTS

ROOT = Path(__file__).parents[1]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
              "VECLIB_MAXIMUM_THREADS": "1", "JAX_PLATFORMS": "cpu",
              "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}


@dataclass
class Result:
    """Seconds of a unit of work in each round, and the peak memory in MB."""

    seconds: list[float] = field(default_factory=list)
    peak: float = 0.0


class Failed(Exception):
    """A contestant's process ended before it answered; the message is its last line."""


class Contestant:
    """The process of one contestant, waiting for its turn."""

    def __init__(self, name: str, row: str, size: int):
        self.errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115, see close
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", name, row, str(size)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            env={**os.environ, **ONE_THREAD})
        try:
            self.answer()
        except Failed:
            self.close()
            raise

    def run(self) -> dict:
        """One round: {"seconds": of a unit, "peak": MB}."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise Failed((self.errors.read().strip() or "no message").splitlines()[-1])
        return json.loads(line)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()


def missing_package(name: str) -> str | None:
    """The package that contestant `name` needs, if it is not installed."""
    package = CONTESTANTS[name][1]
    return None if importlib.util.find_spec(package) else package


def compete(row_name: str, names: list[str], size: int, rounds: int):
    """Let the contestants take turns; return ({name: Result}, {name: why it failed})."""
    running, failed = {}, {}
    try:
        for name in names:
            try:
                running[name] = Contestant(name, row_name, size)
            except Failed as error:
                failed[name] = str(error)
        results = {name: Result() for name in running}
        for number in range(rounds):
            order = list(running)
            for name in order if number % 2 == 0 else reversed(order):
                take_turn(name, running, results, failed)
    finally:
        for contestant in running.values():
            contestant.close()
    return {name: result for name, result in results.items() if name not in failed}, failed


def take_turn(name: str, running: dict, results: dict, failed: dict) -> None:
    """One round of `name`; a contestant that fails takes no further part."""
    try:
        answer = running[name].run()
    except Failed as error:
        failed[name] = str(error)
        running.pop(name).close()
        return
    results[name].seconds.append(answer["seconds"])
    results[name].peak = answer["peak"]
