"""The grader's side of `answering.py`: start that process for one answer, hear what came out, and
judge it here, where the references are and no student's code ever runs."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from mnist1d_edu.course import diagnosis, evidence, notebooks
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.guard import Outcome, TimeLimit
from mnist1d_edu.course.recorded import Recorded
from mnist1d_edu.course.verdict import OPEN, Verdict, judge
from mnist1d_edu.grading import wire

START_SECONDS = 60.0    # for the process to start and to run the cells that the answer needs
GRACE = 2.0             # seconds that a batch may take longer than its limit until it is ended
LONGEST = 2**26         # bytes that the process may tell
PASSED_ON = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "VIRTUAL_ENV",
             "OPENBLAS_CORETYPE")
START = ("import sys; sys.path[:0] = [sys.argv.pop(1)]; from mnist1d_edu.grading import answering; "
         "answering.main(sys.argv[1])")


def verdict(exercise: Exercise, expression: str, cells: list[tuple[int, str]], right: list[str],
            secret: str | None) -> Verdict:
    """The verdict on the answer that `expression` names in a notebook's code cells.

    right: the exercises of the lesson whose answers are known to be right, which `use` gives back.
    secret: probes of the grader's own come from it; the visible ones are tried too.
    """
    with evidence.hidden(secret):
        lists = {str(more): evidence.seeds(exercise, more) for more in (0, diagnosis.MORE)}
        # The time is for the visible probes; there may be twice as many.
        timed = copy.copy(exercise)
        timed.seconds = exercise.seconds * len(lists["0"])
        task = {"exercise": exercise.name, "expression": expression, "cells": cells,
                "seeds": lists, "seconds": timed.seconds, "right": right}
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work, \
                _Answering(Path(work), task) as process:
            return _heard(timed, process)


def _heard(exercise: Exercise, process: _Answering) -> Verdict:
    """Listen until the verdict is clear: for a right answer, a check's probes are enough."""
    message = process.next(START_SECONDS)
    if said := message.get("said"):
        state, sentence = str(said[0]), " ".join(str(said[1]).split())[:600]
        return Verdict("open", OPEN.sentence) if state == "open" and not sentence else \
            Verdict("open" if state == "open" else "wrong", sentence, "form")
    if "ready" not in message:
        return Verdict("wrong", process.fate(START_SECONDS), "error")
    batches: dict[str, list[Outcome]] = {}
    for name in ("0", str(diagnosis.MORE), *(name for name, _ in exercise.stages)):
        message = process.next(exercise.seconds + GRACE)
        if said := message.get("said"):
            return Verdict("wrong", " ".join(str(said[1]).split())[:600], "form")
        try:
            told, outcomes = message["batch"]
            batches[name] = [wire.decoded_outcome(o) for o in outcomes] if told == name else []
        except (KeyError, TypeError, ValueError):
            batches[name] = []
        if name == "0":
            count = len(evidence.probes(exercise))
            found = batches[name]
            if not found or len(found) > count or (
                    len(found) < count and not found[-1].timed_out):
                return Verdict("wrong", process.fate(exercise.seconds), "error")
            if not evidence.collect(exercise, Recorded(batches)).wrong or found[-1].timed_out:
                break
    _fill(exercise, batches)
    return judge(exercise, Recorded(batches))


def _fill(exercise: Exercise, batches: dict[str, list[Outcome]]) -> None:
    """Where a batch came to no end, its outcomes are those of a loop."""
    late = Outcome(None, TimeLimit())
    count = len(evidence.probes(exercise, diagnosis.MORE))
    names = [name for name, _ in exercise.stages]
    for name in (str(diagnosis.MORE), *names):
        found = batches.get(name, [])[:count]
        if len(found) < count and (name in names or not (found and found[-1].timed_out)):
            found = found + [late] * (count - len(found))
        batches[name] = found


class _Answering:
    """The process of one answer; ended, with all that it has started, at the end of the context."""

    def __init__(self, work: Path, task: dict):
        root = Path(__file__).parents[2]
        process = self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(root), str(work)], cwd=work,
            env=_environment(work), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True)
        assert process.stdin is not None and process.stdout is not None
        self.stdin, self.stdout = process.stdin, process.stdout
        self.lines: queue.Queue[bytes] = queue.Queue(100)
        self.late = False
        threading.Thread(target=self._give, args=(task,), daemon=True).start()
        threading.Thread(target=self._take, daemon=True).start()

    def __enter__(self) -> _Answering:
        return self

    def __exit__(self, *_) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()

    def next(self, seconds: float) -> dict:
        """The next message within that time; an empty one if there is none, or no message."""
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            self.late = True
            return {}
        try:
            message = json.loads(line)
            return message if isinstance(message, dict) else {}
        except (ValueError, RecursionError):
            return {}

    def fate(self, seconds: float) -> str:
        """What became of a process that told nothing."""
        if self.late:
            return f"it does not come to an end: stopped after {seconds:g} s"
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self.process.wait(1)
            if status < 0:
                return f"it makes Python itself end ({signal.Signals(-status).name})"
        return "it makes Python itself end"

    def _give(self, task: dict) -> None:
        with contextlib.suppress(OSError, ValueError), self.stdin as pipe:
            pipe.write(json.dumps(task).encode() + b"\n")

    def _take(self) -> None:
        left, end = LONGEST, time.monotonic() + 600
        while left > 0 and time.monotonic() < end:
            line = self.stdout.readline(left)
            left -= len(line)
            self.lines.put(line)
            if not line:
                return


def _environment(work: Path) -> dict[str, str]:
    """An environment with nothing of the grader's in it."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | \
        notebooks.ENVIRONMENT | {
            "MPLBACKEND": "agg", "TMPDIR": str(work), "HOME": str(work),
            "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in paths if path)}
