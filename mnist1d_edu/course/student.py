"""A student's folder: `mnist1d-edu start`, `lab` and `check`. Nothing in it that she wrote is ever
overwritten, and there is no progress file: progress is what her notebooks say when they run."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import importlib.util
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm.auto import tqdm

from mnist1d_edu.arguments import boolean, function, one_line, path, shown, string
from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.files import read_whole, write_json, write_whole

if TYPE_CHECKING:
    from nbformat import NotebookNode

MARK = "mnist1d_edu"
CELL_SECONDS, LESSON_SECONDS = 60, 180
FOLDER_BYTES, TOLD_BYTES = 2**29, 2**20     # that a lesson may write, and that it may tell
LAB = {     # JupyterLab's defaults under `lab`: it asks nothing at its first start, and code wraps
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineWrap": True}},
}
START = ("import sys; sys.path.append(sys.argv.pop(1)); from mnist1d_edu.course import runner; "
         "runner.main(*sys.argv[1:])")


@dataclass
class Report:
    """How a student's lesson ran: verdicts by exercise ("ok", "x", " " and the sentence)."""

    title: str
    verdicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    solved: int = 0
    exercises: int = 0
    points: int = 0
    possible: int = 0
    notes: list[str] = field(default_factory=list)


def start(folder: Path, update: bool = False) -> list[str]:
    """Put the lessons into `folder`, without outputs; a line on each file.

    A file that is there stays as it is. Where the course has a newer version of it, that is written
    beside it as NAME.new.ipynb; with `update` her answers are in it, exercise by exercise.
    """
    update = boolean("update", update)
    source = notebooks.lessons_dir()
    folder = path("folder", folder)
    if folder.resolve() == source.resolve():
        raise ValueError(f"folder is {folder}, where the course itself lies; give another one")
    return [_start_one(path, folder, update) for path in notebooks.lesson_files(source)]


def lab(folder: Path, run=subprocess.call) -> int:
    """`start`, then JupyterLab in the folder, until it is closed; returns its exit status."""
    folder, run = path("folder", folder), function("run", run)
    if importlib.util.find_spec("jupyterlab") is None:
        raise ValueError('JupyterLab is not installed: pip install "mnist1d-edu[course]"')
    for line in start(folder):
        print(line)
    with tempfile.TemporaryDirectory() as temporary:
        return run([sys.executable, "-m", "jupyterlab"], cwd=folder,
                   env=_lab_environment(Path(temporary)))


def _lab_environment(settings: Path) -> dict[str, str]:
    """An environment in which JupyterLab finds our defaults, in the folder `settings`; a person's
    own settings stay where they are, and go before them."""
    (settings / "labconfig").mkdir()
    write_json(settings / "labconfig" / "default_setting_overrides.json", LAB)
    paths = [str(settings), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}


def check(folder: Path, lesson: str | None = None) -> list[Report]:
    """Run what the checks in a student's notebooks need, each notebook in a process and a folder of
    its own, and collect what `check` says. Nothing in her folder is changed."""
    folder = path("folder", folder)
    if not folder.is_dir():
        said = one_line(folder)
        raise ValueError(f"folder is {said}, which is not there; `mnist1d-edu start {said}` makes "
                         "it")
    files = [_current(file) for file in notebooks.lesson_files(folder)]
    if lesson is not None:
        stem = Path(string("lesson", lesson)).name.removesuffix(".ipynb")
        files = [p for p in files if stem in (p.stem, _name(p), p.stem[:2])]
    if not files:
        raise ValueError(f"folder has no lesson {one_line(lesson or '')} in it; got {folder}"
                         .replace("  ", " "))
    stop = threading.Event()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary, \
            ThreadPoolExecutor(os.cpu_count() or 1) as pool, \
            tqdm(total=len(files), desc="checking", unit="lesson", delay=1, leave=False) as bar:
        try:
            reports = [pool.submit(_report, path, Path(temporary), stop) for path in files]
            for _ in as_completed(reports):
                bar.update()
        finally:
            stop.set()
        return [report.result() for report in reports]


def table(reports: list[Report], encoding: str | None = "utf-8") -> str:
    """The progress table: a line on each lesson, then the sentence for each unsolved exercise."""
    if not isinstance(reports, (list, tuple)) or not reports or not all(
            isinstance(report, Report) for report in reports):
        raise TypeError(f"reports must be a list of what `check` found; got {shown(reports)}")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except Exception:
            raise ValueError(f"encoding must be a name such as 'utf-8'; got {shown(encoding)}"
                             ) from None
    full, empty = "█░"
    try:
        full.encode(encoding or "ascii")
    except UnicodeEncodeError:
        full, empty = "#."
    width = max(len(r.title) for r in reports)
    lines = []
    for r in reports:
        bar = full * r.solved + empty * (r.exercises - r.solved)
        counts = f"{r.solved} of {r.exercises}" if r.exercises else "nothing to solve"
        points = f"   {r.points}/{r.possible} points" if r.exercises else ""
        lines.append(f"{r.title:<{width}}  {bar:<6}  {counts:>6}{points}")
        lines += [f"    [{mark}] {name}: {sentence}"
                  for name, (mark, sentence) in r.verdicts.items() if mark != "ok"]
        lines += [f"    {note}" for note in r.notes]
    solved, exercises, points, possible = (
        sum(getattr(r, name) for r in reports)
        for name in ("solved", "exercises", "points", "possible"))
    lines.append(f"{'together':<{width}}  {'':<6}  {solved} of {exercises}   "
                 f"{points}/{possible} points")
    text = "\n".join(lines)
    return text.encode(encoding or "ascii", "replace").decode(encoding or "ascii")


def _start_one(source: Path, folder: Path, update: bool) -> str:
    released = _released(source)
    version = released.metadata[MARK]["version"]
    target = folder / source.name
    if not target.exists():
        write_whole(target, notebooks.written(released))
        return f"{target.name}: new"
    if _version_of(target) == version:
        return f"{target.name}: yours, kept"
    told = "the course's newer version"
    if update:
        try:
            carried = _carried(notebooks.read(_current(target)), released)
        except (ValueError, OSError) as error:
            return f"{target.name}: yours, kept; no answers can be taken from it: {error}"
        released.metadata[MARK]["answers"] = carried
        told += f" with {carried} answer{'' if carried == 1 else 's'} of yours"
    for beside in _beside(target):
        if not beside.exists():
            write_whole(beside, notebooks.written(released))
            return f"{target.name}: yours, kept; {told} is {beside.name}"
        if _version_of(beside) == version and (not update or "answers" in _mark_of(beside)):
            return f"{target.name}: yours, kept; {told} is still {beside.name}"
    raise AssertionError("there is always another name")


def _beside(target: Path) -> Iterator[Path]:
    """The names of files beside a lesson of hers: NAME.new.ipynb, NAME.new2.ipynb, ..."""
    yield target.with_name(f"{target.stem}.new.ipynb")
    for number in itertools.count(2):
        yield target.with_name(f"{target.stem}.new{number}.ipynb")


def _carried(hers: NotebookNode, released: NotebookNode) -> int:
    """Put her answers into the newer version of a lesson; how many. Those to exercises that it no
    longer has stand at its end, as text."""
    answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in hers.cells
               if cell.cell_type == "code" and cell.source.strip()
               and str(cell.metadata.get("nbgrader", {}).get("grade_id", "")).endswith("-answer")
               and notebooks.STUB not in cell.source}
    carried = 0
    for cell in released.cells:
        answer = answers.pop(cell.metadata.get("nbgrader", {}).get("grade_id"), None)
        if answer is not None and cell.source != answer:
            cell.source, carried = answer, carried + 1
    if answers:
        import nbformat
        released.cells.append(nbformat.v4.new_markdown_cell("\n\n".join([
            "Your answers to exercises that this lesson no longer has:",
            *(f"```python\n{answer}\n```" for answer in answers.values())])))
    return carried


def _current(file: Path) -> Path:
    """The file that a lesson of hers lives in: the newest version that took her answers along, or
    the one that she began with."""
    newest = file
    for beside in _beside(file):
        if not beside.exists():
            return newest
        if "answers" in _mark_of(beside):
            newest = beside
    return newest


def _name(file: Path) -> str:
    """04_backpropagation_by_hand, also of its newer versions."""
    return file.name.partition(".")[0]


def _released(source: Path) -> NotebookNode:
    """A lesson as a student gets it: no outputs, and a mark by which a later version is told."""
    notebook = notebooks.cleared(notebooks.read(source))
    text = notebooks.written(notebook)
    notebook.metadata[MARK] = {"version": hashlib.sha256(text.encode()).hexdigest()[:16]}
    return notebook


def _version_of(path: Path) -> str | None:
    """The version of the course's lesson that a file of hers began as; None if it does not say."""
    return _mark_of(path).get("version")


def _mark_of(path: Path) -> dict:
    """What a file says of itself; empty if it says nothing, or is no notebook."""
    try:
        mark = json.loads(read_whole(path, notebooks.LARGEST))["metadata"][MARK]
        return mark if isinstance(mark, dict) else {}
    except (ValueError, OSError, TypeError, KeyError, RecursionError):
        return {}


def _report(path: Path, temporary: Path, stop: threading.Event) -> Report:
    name = _name(path)
    report = Report(name[:2] + " " + name[3:].replace("_", " ").capitalize())
    if path.stem != name:
        report.notes.append(f"checked: {path.name}")
    exercises = registry.exercises(path.stem[:2]) \
        if path.stem[:2] in registry.lesson_numbers() else {}
    report.exercises = len(exercises)
    report.possible = sum(e.points for e in exercises.values())
    told = _told(path, temporary / path.stem, "needed", stop)
    if any("more" in message for message in told):
        told = _told(path, temporary / f"{path.stem} whole", "whole", stop)
    said = {name: (mark, sentence) for mark, name, sentence in _all(told, "said")}
    failed = sorted(_all(told, "failed"))
    report.notes += [f"cell {number} fails: {kind}: {text}" for number, kind, text in failed[:1]]
    if len(failed) > 1:
        report.notes[-1] += f" (and {len(failed) - 1} more)"
    report.notes += _all(told, "note")
    for name, exercise in exercises.items():
        report.verdicts[name] = said.get(name, (" ", "no check of it ran"))
        if report.verdicts[name][0] == "ok":
            report.solved += 1
            report.points += exercise.points
    return report


def _all(told: list[dict], key: str) -> list:
    return [message[key] for message in told if key in message]


def _told(path: Path, work: Path, mode: str, stop: threading.Event) -> list[dict]:
    """What `runner.py` tells about a notebook that it runs in the folder `work`; if it had to be
    ended, the last message is a note on why."""
    work.mkdir()
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(root), str(path.absolute()), str(work), mode],
        cwd=work.parent, env=_environment(work), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    watch = _Watch(process, work, stop)
    told = []
    for line in iter(lambda: process.stdout.readline(TOLD_BYTES), b""):
        told += _message(line)
        watch.heard(len(line))
    note = watch.end()
    if note is None and "done" not in (told[-1] if told else {}):
        cell = (_all(told, "cell") or ["the first"])[-1]
        note = f"Python died in cell {cell}; what stands below it was not run"
    return told if note is None else [*told, {"note": note}]


def _message(line: bytes) -> list[dict]:
    """A line that a runner tells, in a list; an empty one if a cell has written something else."""
    shapes = {"said": [str] * 3, "failed": [int, str, str]}
    try:
        message = json.loads(line)
        right = all(list(map(type, message[key])) == shape for key, shape in shapes.items()
                    if key in message)
        return [message] if right else []
    except (ValueError, TypeError, RecursionError):
        return []


class _Watch(threading.Thread):
    """Ends a runner, and whatever it has started, when it takes too long, writes too much or is
    no longer wanted."""

    def __init__(self, process: subprocess.Popen, work: Path, stop: threading.Event):
        super().__init__(daemon=True)
        self.process, self.work, self.stop = process, work, stop
        self.begin = self.last = time.monotonic()
        self.bytes, self.over, self.note = 0, threading.Event(), None
        self.start()

    def heard(self, size: int) -> None:
        self.last = time.monotonic()
        self.bytes += size

    def end(self) -> str | None:
        """Make sure that the runner has ended; why it had to be made to, in words."""
        self.over.set()
        self.join()
        self._kill()
        self.process.wait()
        self.process.stdout.close()
        return self.note

    def run(self) -> None:
        while not self.over.wait(0.1) and self.note is None:
            self.note = self._fault()
        if self.note:
            self._kill()

    def _fault(self) -> str | None:
        now = time.monotonic()
        if now - self.last > CELL_SECONDS or now - self.begin > LESSON_SECONDS:
            return "a cell takes too long; what stands below it was not run"
        if self.bytes > TOLD_BYTES:
            return "a cell prints verdicts without end; what stands below it was not run"
        if _size(self.work) > FOLDER_BYTES:
            return (f"a cell writes more than {FOLDER_BYTES >> 20} MB; what stands below it was "
                    "not run")
        return "stopped" if self.stop.is_set() else None

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()


def _environment(work: Path) -> dict[str, str]:
    """The environment of a runner: its own places for settings and temporary files."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return {**os.environ, **notebooks.ENVIRONMENT, "MPLBACKEND": "agg", "TMPDIR": str(work),
            "IPYTHONDIR": str(work / ".ipython"),
            "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in paths if path)}


def _size(folder: Path) -> int:
    """The bytes that a folder's files take, as far as they can be seen while it changes."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += max(os.lstat(os.path.join(place, name)).st_size, 4096)
    return total
