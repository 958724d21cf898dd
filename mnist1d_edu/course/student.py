"""A student's folder: `mnist1d-edu start`, `lab` and `check`. Nothing in it that she wrote is ever
overwritten, and there is no progress file: progress is what her notebooks say when they run."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from tqdm.auto import tqdm

from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.files import write_whole

MARK = "mnist1d_edu"
VERDICT = re.compile(r"^\[( |x|ok)\] (\d\d\.\w+)(?:: (.*))?$", re.MULTILINE)
CELL_SECONDS, LESSON_SECONDS = 60, 180


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


def start(folder: Path) -> list[str]:
    """Put the lessons into `folder`, without outputs; a line on each file.

    A file that is there stays as it is. Where the course has a newer version of it, that is written
    beside it as NAME.new.ipynb.
    """
    source = notebooks.lessons_dir()
    folder = Path(folder)
    if folder.resolve() == source.resolve():
        raise ValueError(f"folder is {folder}, where the course itself lies; give another one")
    return [_start_one(path, folder) for path in notebooks.lesson_files(source)]


def lab(folder: Path, run=subprocess.call) -> int:
    """`start`, then JupyterLab in the folder, until it is closed; returns its exit status."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise ValueError('JupyterLab is not installed: pip install "mnist1d-edu[course]"')
    for line in start(folder):
        print(line)
    return run([sys.executable, "-m", "jupyterlab"], cwd=folder)


def check(folder: Path, lesson: str | None = None) -> list[Report]:
    """Run a student's notebooks, in a copy of her folder, and collect what `check` says."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"folder is {folder}, which is not there; `mnist1d-edu start {folder}` "
                         f"makes it")
    files = notebooks.lesson_files(folder)
    if lesson is not None:
        stem = Path(lesson).name.removesuffix(".ipynb")
        files = [p for p in files if stem in (p.stem, p.stem[:2])]
    if not files:
        raise ValueError(f"no lesson {lesson or ''} in {folder}".replace("  ", " "))
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "lessons"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".*"))
        bar = tqdm(files, desc="running your lessons", unit="lesson", delay=2, leave=False)
        return [_report(copy / path.name) for path in bar]


def table(reports: list[Report], encoding: str | None = "utf-8") -> str:
    """The progress table: a line on each lesson, then the sentence for each unsolved exercise."""
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


def _start_one(source: Path, folder: Path) -> str:
    released = _released(source)
    version = released.metadata[MARK]["version"]
    target = folder / source.name
    if not target.exists():
        write_whole(target, notebooks.written(released))
        return f"{target.name}: new"
    if _version_of(target) == version:
        return f"{target.name}: yours, kept"
    number = 1
    while True:
        beside = target.with_name(f"{target.stem}.new{'' if number == 1 else number}.ipynb")
        if not beside.exists():
            write_whole(beside, notebooks.written(released))
            return f"{target.name}: yours, kept; the course's newer version is {beside.name}"
        if _version_of(beside) == version:
            return f"{target.name}: yours, kept; the course's newer version is still {beside.name}"
        number += 1


def _released(source: Path) -> NotebookNode:
    """A lesson as a student gets it: no outputs, and a mark by which a later version is told."""
    notebook = notebooks.cleared(notebooks.read(source))
    text = notebooks.written(notebook)
    notebook.metadata[MARK] = {"version": hashlib.sha256(text.encode()).hexdigest()[:16]}
    return notebook


def _version_of(path: Path) -> str | None:
    """The version of the course's lesson that a file of hers began as; None if it does not say."""
    try:
        return notebooks.read(path).metadata.get(MARK, {}).get("version")
    except ValueError:
        return None


def _report(path: Path) -> Report:
    report = Report(path.stem[:2] + " " + path.stem[3:].replace("_", " ").capitalize())
    exercises = registry.exercises(path.stem[:2]) \
        if path.stem[:2] in registry.lesson_numbers() else {}
    report.exercises = len(exercises)
    report.possible = sum(e.points for e in exercises.values())
    said = _verdicts(path, report)
    for name, exercise in exercises.items():
        report.verdicts[name] = said.get(name, (" ", "no check of it ran"))
        if report.verdicts[name][0] == "ok":
            report.solved += 1
            report.points += exercise.points
    return report


def _verdicts(path: Path, report: Report) -> dict[str, tuple[str, str]]:
    """Run a notebook; the last verdict on each exercise, and a note on a cell that fails."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    try:
        notebook = notebooks.cleared(notebooks.read(path))
    except ValueError:
        report.notes.append(f"{path.name} is not a notebook that can be read")
        return {}
    try:
        notebooks.run(notebook, path.parent, cell_seconds=CELL_SECONDS,
                      total_seconds=LESSON_SECONDS, allow_errors=True)
    except CellTimeoutError:
        report.notes.append("a cell takes too long; what stands below it was not run")
    except DeadKernelError:
        report.notes.append("the kernel died; what stands below that cell was not run")
    found, failed = {}, []
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            for mark, name, sentence in VERDICT.findall(output.get("text", "")):
                found[name] = (mark, sentence)
            if output.output_type == "error":
                failed.append(f"cell {number} fails: {output.ename}: "
                              f"{' '.join(output.evalue.split())[:100]}")
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        report.notes.append(failed[0] + more)
    return found
