"""`mnist1d-edu grade DIR`: a folder of submissions in; a CSV, a feedback page for each student and
a page on the class out.

Submissions are worked on side by side, each in a process of the grader's; nothing of a student's is
run in these (`apart.py`). Whatever is wrong with one submission becomes a reason in its row.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tqdm.auto import tqdm

from mnist1d_edu import arguments
from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.files import check_regular
from mnist1d_edu.grading import lessons, marking, pages
from mnist1d_edu.grading.folders import Folder

LARGEST = 20_000_000    # bytes of a submission: the course's own have at most 0.4 million
IGNORED = {"__MACOSX", "__pycache__"}
LESSON = re.compile(r"(?<!\d)(\d\d)_[a-z]\w*")
CHECKED = re.compile(r"""\bcheck\(\s*["'](\d\d)\.\w+["']""")


@dataclass(frozen=True)
class Submission:
    """A file that a student handed in. reason: why it gets no marks without being looked at."""

    student: str
    path: Path
    lesson: str | None = None
    reason: str = ""


@dataclass
class Graded:
    """A student's lesson: the marks, or why there are none. answers: exercise -> code."""

    student: str
    lesson: str
    file: str
    marks: list[marking.Mark] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    reason: str = ""

    @property
    def score(self) -> int:
        return sum(mark.score for mark in self.marks)

    @property
    def possible(self) -> int:
        return sum(e.points for e in registry.exercises(self.lesson).values()) if self.lesson else 0


def grade(folder: str, out: str | None = None, names: list[str] | None = None,
          jobs: int | None = None, personal: bool = False) -> list[str]:
    """Grade what is in `folder`, and write to `out` (default: the folder's name with "-grades");
    returns what to tell the person. names: the lessons that were asked for (none: all there are).

    The secret of the hidden probes is MNIST1D_EDU_SECRET, or one that is kept in `out`.
    """
    source = Path(folder)
    if not source.is_dir():
        raise ValueError(f"folder must be a folder of submissions; got {folder}, which is none")
    jobs = os.cpu_count() or 1 if jobs is None else arguments.integer("jobs", jobs, 1)
    asked = [p.name[:2] for p in lessons.chosen(names or [], notebooks.lessons_dir())]
    target = Path(out) if out else source.with_name(source.resolve().name + "-grades")
    if target.resolve().is_relative_to(source.resolve()):
        raise ValueError(f"out must be outside of the submissions; got {target}")
    found = [s for s in submissions(source) if s.lesson is None or s.lesson in asked]
    if not found:
        raise ValueError(f"no submission in {folder}")
    written = Folder(target, "grade")
    secret = os.environ.get("MNIST1D_EDU_SECRET") or written.secret()
    graded = _all_graded(found, secret, jobs, personal)
    if names:
        graded += _missing(graded, asked)
    graded.sort(key=lambda g: (g.student, g.lesson, g.file))
    return pages.write(graded, written)


def submissions(folder: Path) -> list[Submission]:
    """What students handed in: a folder for each student, or files that bear their names."""
    found = []
    for entry in sorted(folder.iterdir()):
        if entry.name in IGNORED or entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            files = [_submission(entry.name, path) for path in _files(entry)]
            books = [s for s in files if s.path.suffix == ".ipynb"]
            found += _latest(books) or [Submission(entry.name, entry, reason="there is no notebook "
                                                   "in the folder")]
        else:
            found.append(_submission(_name_of(entry), entry))
    return found


def _files(folder: Path) -> Iterator[Path]:
    for place, names, files in os.walk(folder):
        names[:] = sorted(n for n in names if n not in IGNORED and not n.startswith("."))
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


def _submission(student: str, path: Path) -> Submission:
    try:
        if path.is_symlink():
            raise OSError("it is a link, which is not followed")
        check_regular(path)
        size = path.stat().st_size
        if size > LARGEST:
            raise OSError(f"it has {size / 1e6:.0f} MB, and may have {LARGEST / 1e6:.0f}: clear "
                          "its outputs")
        if size == 0:
            raise OSError("it is empty")
        cells = notebooks.code_cells(path)
    except (OSError, ValueError, MemoryError) as error:
        reason = "it is not a notebook that can be read" if isinstance(error, ValueError) \
            else str(error) or "it needs too much memory"
        return Submission(student, path, _lesson_of(path.name), reason)
    checked = CHECKED.search("\n".join(source for _, source in cells))
    lesson = _lesson_of(path.name) or (checked[1] if checked else None)
    if lesson not in registry.lesson_numbers():
        return Submission(student, path, None, "nothing in it says which lesson it is")
    return Submission(student, path, lesson)


def _lesson_of(name: str) -> str | None:
    known = {p.stem: p.stem[:2] for p in lessons.chosen([], notebooks.lessons_dir())}
    for stem, number in known.items():
        if stem in name:
            return number
    match = LESSON.search(name)
    return match[1] if match and match[1] in known.values() else None


def _name_of(path: Path) -> str:
    """Who handed in a file that lies in no folder: its name without the lesson's."""
    name = path.name.removesuffix(".ipynb")
    for known in lessons.chosen([], notebooks.lessons_dir()):
        name = name.replace(known.stem, "")
    return name.strip(" _-.") or path.name


def _latest(found: list[Submission]) -> list[Submission]:
    """One submission a lesson: the one that was changed last, and of the same time the last."""
    by_lesson: dict[str | None, Submission] = {}
    for submission in sorted(found, key=lambda s: s.path.lstat().st_mtime):
        by_lesson[submission.lesson or str(submission.path)] = submission
    return list(by_lesson.values())


def _all_graded(found: list[Submission], secret: str, jobs: int, personal: bool) -> list[Graded]:
    graded = [Graded(s.student, s.lesson or "", s.path.name, reason=s.reason)
              for s in found if s.reason]
    todo = [s for s in found if not s.reason]
    with ProcessPoolExecutor(min(jobs, len(todo)) or 1, multiprocessing.get_context("spawn")) \
            as pool, tqdm(total=len(todo), desc="grading", unit="notebook", delay=1,
                          leave=False) as bar:
        work = {pool.submit(_graded, s, secret, personal): s for s in todo}
        for done in as_completed(work):
            submission = work[done]
            try:
                graded.append(done.result())
            except Exception as error:      # of the grader's own: it must not stop the others
                graded.append(Graded(submission.student, submission.lesson or "",
                                     submission.path.name, reason="the grader failed on it "
                                     f"({arguments.one_line(error)}): look at it yourself"))
            bar.update()
    return graded


def _graded(submission: Submission, secret: str, personal: bool) -> Graded:
    lesson = submission.lesson or ""
    result = Graded(submission.student, lesson, submission.path.name)
    try:
        cells = notebooks.code_cells(submission.path)
        result.marks = marking.marks(lesson, cells, secret,
                                     submission.student if personal else None)
    except (OSError, ValueError) as error:
        result.reason = str(error)
        return result
    for name, expression in marking.expressions(lesson).items():
        binds = re.compile(rf"^\s*(?:def|class)\s+{expression}\b|^{expression}\s*=", re.MULTILINE)
        written = [source for _, source in cells if binds.search(source)]
        result.answers[name] = written[-1] if written else ""
    return result


def _missing(graded: list[Graded], asked: list[str]) -> list[Graded]:
    """Rows for the lessons that were asked for and that a student did not hand in."""
    there = {(g.student, g.lesson) for g in graded}
    return [Graded(student, lesson, "", reason="nothing was handed in")
            for student in sorted({g.student for g in graded}) for lesson in asked
            if (student, lesson) not in there]
