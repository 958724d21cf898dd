"""A notebook's marks: what its lesson asks for, the answers in its cells, a verdict on each.

Nothing of a student's check cells counts, nor which exercises she says she did: the lesson's own
checks say which answers are looked for, and by what name.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass

from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.course.verdict import Verdict
from mnist1d_edu.grading import apart, personal

MOST_CELLS, MOST_SOURCE = 2000, 2**21     # of code, and characters, in one notebook


@dataclass(frozen=True)
class Mark:
    """One exercise's mark: its points if the verdict is ok."""

    name: str
    points: int
    verdict: Verdict

    @property
    def score(self) -> int:
        return self.points if self.verdict.state == "ok" else 0

    @property
    def line(self) -> str:
        return self.verdict.line(self.name)


def marks(lesson: str, cells: list[tuple[int, str]], secret: str | None = None,
          student: str | None = None, done: Callable = lambda mark: None) -> list[Mark]:
    """The marks of a notebook's code cells (number, source) in a lesson such as "04", in its order.

    student: where each student has probes of her own. `done` is called with each mark. Raises
    ValueError if there are more cells, or longer ones, than anybody would write.
    """
    if len(cells) > MOST_CELLS or sum(len(source) for _, source in cells) > MOST_SOURCE:
        raise ValueError(f"it has more code than {MOST_SOURCE:,} characters in {MOST_CELLS:,} "
                         "cells")
    found: list[Mark] = []
    for name, exercise in registry.exercises(lesson).items():
        right = [mark.name for mark in found if mark.score]
        expression = expressions(lesson)[name]
        verdict = apart.verdict(exercise, expression, _before_check(cells, name, expression), right,
                                personal.secret_of(secret, student))
        found.append(Mark(name, exercise.points, verdict))
        done(found[-1])
    return found


@functools.cache
def expressions(lesson: str) -> dict[str, str]:
    """What each check of a lesson is given: exercise -> name of the answer."""
    [path] = [p for p in notebooks.lesson_files(notebooks.lessons_dir()) if p.name[:2] == lesson]
    found = {}
    for _, source in notebooks.code_cells(path):
        if re.search(r"^check\(", source, re.MULTILINE):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "check":
                    found[ast.literal_eval(node.args[0])] = ast.unparse(node.args[1])
    return found


def _before_check(cells: list[tuple[int, str]], name: str, expression: str
                  ) -> list[tuple[int, str]]:
    """The cells down to the exercise's last check, which a run from the top would have run by then;
    all of them if that check is gone, or if the answer stands below it."""
    check = re.compile(rf"""\bcheck\(\s*["']{re.escape(name)}["']""")
    ends = [i for i, (_, source) in enumerate(cells) if check.search(source)]
    above = cells[:ends[-1] + 1] if ends else cells
    bound = re.compile(rf"\b{re.escape(expression)}\b")
    return above if any(bound.search(check.sub("", source)) for _, source in above[:-1]) else cells
