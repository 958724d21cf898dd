"""Submissions for the tests with the real graders: what students and cheats hand in for lessons 00
and 04, the points that each must get, and what the feedback must say.

The answers are put into the student's version of the lesson, as a student would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from mnist1d_edu.course import build, evidence, notebooks, registry
from mnist1d_edu.course.borrowed import SENTENCE
from mnist1d_edu.grading import lessons, marking

LESSONS = ("00", "04")
STEMS = {p.name[:2]: p.stem for p in lessons.chosen(list(LESSONS), notebooks.solutions_dir())}
POINTS = {lesson: sum(e.points for e in registry.exercises(lesson).values())
          for lesson in LESSONS}
FIRST = {"00": ["row_means", "standardise"],
         "04": ["slopes_along", "linear_backward", "relu_backward"]}
ALL = {lesson: [name[3:] for name in marking.expressions(lesson)] for lesson in LESSONS}


@dataclass
class Case:
    """answers: exercise -> code, in place of the answer's cell; before: code of a cell of its own
    above all others; tampered: whether the checks are rewritten too."""

    scores: dict[str, int]
    answers: dict[str, str] = field(default_factory=dict)
    before: str = ""
    tampered: bool = False
    says: dict[str, str] = field(default_factory=dict)


def _right(names=None) -> dict[str, str]:
    """The solutions' own code for these exercises (none: all)."""
    return {name: code for lesson in LESSONS for name, code in solved(lesson).items()
            if names is None or name in names}


def solved(lesson: str) -> dict[str, str]:
    """Exercise -> the code of its answer, from the solution."""
    notebook = notebooks.read(notebooks.solutions_dir() / f"{STEMS[lesson]}.ipynb")
    answers = [c.source for c in notebook.cells if build.BEGIN in c.source]
    plain = [re.sub(r"\n *### (?:BEGIN|END) SOLUTION", "", code) for code in answers]
    return dict(zip(ALL[lesson], plain, strict=True))


def _each(code: str) -> dict[str, str]:
    """The same trick for every exercise; {name} and {lesson} stand for its name."""
    return {name: code.format(name=name, lesson=lesson)
            for lesson in LESSONS for name in ALL[lesson]}


def _loud() -> dict[str, str]:
    """Right answers that warn, print to both streams and log, when defined and when called."""
    noise = ("import warnings, sys, logging; warnings.warn('careful'); print(1); "
             "print('here', file=sys.stderr); logging.warning('so')")
    return {name: f"{noise}\n" + re.sub(r'(\n    """(?:[^"]|"(?!""))*""")', rf"\1\n    {noise}",
                                        code, count=1) + "\n0.5"
            for name, code in _right().items()}


def _by_heart() -> str:
    """An answer that knows what every visible input gives, and nothing else."""
    exercise = registry.find("00.row_means")
    known = {repr(x.tolist()): exercise.reference(x).tolist()
             for (x,) in evidence.probes(exercise)}
    return (f"known = {known!r}\n"
            "def row_means(x):\n    return np.array(known[repr(x.tolist())])")


def _of(lesson: str, *names: str) -> int:
    """The points of these exercises."""
    return sum(registry.find(f"{lesson}.{name}").points for name in names)


NONE = {"00": 0, "04": 0}
BORROWED = {"00.row_means": SENTENCE, "04.relu_backward": SENTENCE}
TRICKS = "import mnist1d_edu.course as course\n"
CASES = {
    "all-right": Case(POINTS, _right(), says={"00.row_means": "[ok] 00.row_means"}),
    "half-right": Case({n: _of(n, *FIRST[n]) for n in LESSONS}, _right(
        [*FIRST["00"], *FIRST["04"]]), says={
        "00.squared_distances": "not attempted yet", "04.mlp_backward": "not attempted yet"}),
    "wrong": Case({"00": 0, "04": POINTS["04"] - _of(
        "04", "relu_backward", "linear_backward")}, _right() | {
        "row_means": "def row_means(x):\n    return x.mean(axis=0)",
        "standardise": "def standardise(x):\n    return x - x.mean(axis=1, keepdims=True)",
        "squared_distances": "def squared_distances(a, b):\n"
                             "    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2))",
        "relu_backward": "def relu_backward(g, a):\n    return g * (a < 0)",
        "linear_backward": "def linear_backward(g, x, weight):\n"
                           "    return g @ weight, g.T @ x, g.sum()"}, says={
        "00.row_means": "you averaged over the signals: axis 0 is gone",
        "00.standardise": "your signals have mean 0, but you did not divide them by their standard",
        "00.squared_distances": "these are the distances themselves: leave the square root out",
        "04.relu_backward": "it is the other way round",
        "04.linear_backward": "g_bias is a single number"}),
    "loud": Case(POINTS, _loud(), says={"04.mlp_backward": "[ok] 04.mlp_backward"}),
    "tampered-tests": Case(NONE, tampered=True, says={"00.row_means": "not attempted yet"}),
    "redefined-check": Case(NONE, _each("def {name}(*args):\n    return 0"), before=TRICKS + (
        "from mnist1d_edu.course import apart, verdict\n"
        "right = lambda *_: verdict.Verdict('ok')\n"
        "course.judged = apart.judged = apart.judge = verdict.judge = right\n"
        "course.is_borrowed = lambda *_: False\n"
        "check = course.check = lambda *_: print('[ok]')\n"), says={
            "04.relu_backward": "[x] 04.relu_backward"}),
    "environment-removed": Case(NONE, _each(
        "{name} = use('{lesson}.{name}', None)"), before=TRICKS + (
        "import os\nfor name in ('NBGRADER_EXECUTION', 'MNIST1D_EDU_STRICT'):\n"
        "    os.environ.pop(name, None)\ncourse.GRADED = False"), says=BORROWED),
    "use": Case(NONE, _each("{name} = use('{lesson}.{name}', None)"), says=BORROWED),
    "registry": Case(NONE, _each(
        "from mnist1d_edu.course import registry\n"
        "{name} = registry.find('{lesson}.{name}').reference"), says=BORROWED),
    "use-in-a-lambda": Case(NONE, _each(
        "{name} = lambda *args: use('{lesson}.{name}', None)(*args)"), says=BORROWED),
    "registry-in-a-lambda": Case(NONE, _each(
        "from mnist1d_edu.course import registry\n"
        "{name} = lambda *args: registry.find('{lesson}.{name}').reference(*args)"),
        says=BORROWED),
    "by-heart": Case(NONE, {"row_means": _by_heart()}, says={
        "00.row_means": "it raises KeyError"}),
    "endless": Case({"00": POINTS["00"] - _of("00", "standardise"),
                     "04": POINTS["04"] - _of("04", "relu_backward")}, _right() | {
        "standardise": "def standardise(x):\n    while True:\n        try:\n            x + 1\n"
                       "        except BaseException:\n            pass",
        "relu_backward": "def relu_backward(g, a):\n    return sum(range(10**12))"}, says={
        "00.standardise": "it does not come to an end",
        "04.relu_backward": "it does not come to an end"}),
}


def notebook(lesson: str, case: Case):
    """The student's version of a lesson with her answers, as she would hand it in."""
    source = notebooks.read(notebooks.solutions_dir() / f"{STEMS[lesson]}.ipynb")
    mine = build.student_version(source, f"{STEMS[lesson]}.ipynb")
    for cell in mine.cells:
        about = cell.metadata.get("nbgrader", {})
        name = about.get("grade_id", "")[3:].removesuffix("-answer")
        if about.get("solution") and name in case.answers:
            cell.source = case.answers[name]
        if about.get("grade") and case.tampered:
            cell.source = f'print("[ok] {lesson}.{name}")'
            about.update(points=100, locked=False)
    if case.before:
        first = next(c for c in mine.cells if c.cell_type == "code")
        first.source = f"{case.before}\n{first.source}"
    return mine


def hand_in(folder: Path, path_of, names=None) -> None:
    """Write the submissions of these cases (none: all) below `folder`; path_of(student, stem)."""
    for student in names or CASES:
        for lesson, stem in STEMS.items():
            path = folder / path_of(student, stem)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(notebooks.written(notebook(lesson, CASES[student])), encoding="utf-8")
