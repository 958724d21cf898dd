"""The bench: wrong and right answers as ordinary students write them, given to the checks.

    python tests/bench/bench.py [LESSON ...] [--show]

prints for each lesson how many wrong answers were rejected, how many were told what is wrong (by a
mistake's own sentence or by a relation), and how many right ones were refused; with --show also
every line that an answer got. The longest check of a lesson stands beside it, in seconds, and at
the end how many took over 0.3. A lesson's answers are in lesson_NN.txt:

    given                       what the notebook has in front of the exercises
        import numpy as np
    # 02.parameter_gradients(x, g)
    - what is wrong with it
        return x.T @ g, g.sum(axis=0)
    + another right one
        return (x.T @ g).T, g.sum(axis=0)

They were written from the lessons' texts alone, not from the mistakes that the exercises know.
"""

from __future__ import annotations

import linecache
import sys
import textwrap
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mnist1d_edu.course import registry
from mnist1d_edu.course.verdict import Verdict, judge

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    """One student's answer: right or wrong, what it does, and the function or class itself."""

    exercise: str
    right: bool
    description: str
    value: object


def lessons() -> list[str]:
    """The numbers of the lessons that have a bench."""
    return sorted(path.stem[-2:] for path in FOLDER.glob("lesson_*.txt"))


def answers(number: str) -> list[Answer]:
    """All answers of one lesson."""
    blocks = _blocks((FOLDER / f"lesson_{number}.txt").read_text(encoding="utf-8"))
    given = textwrap.dedent("".join(body for head, body in blocks if head == "given"))
    found, exercise = [], ""
    for head, body in blocks:
        if head.startswith("# "):
            exercise = head[2:]
        elif head[:2] in ("- ", "+ "):
            found.append(_answer(given, exercise, head, body))
    return found


@cache
def timed(number: str) -> list[tuple[Answer, Verdict, float]]:
    """What every answer of one lesson is told, and the seconds that it took."""
    found = []
    for answer in answers(number):
        exercise, began = registry.find(answer.exercise), time.perf_counter()
        verdict = judge(exercise, answer.value)
        found.append((answer, verdict, time.perf_counter() - began))
    return found


def verdicts(number: str) -> list[tuple[Answer, Verdict]]:
    """What every answer of one lesson is told."""
    return [(answer, verdict) for answer, verdict, _ in timed(number)]


def rates(number: str) -> Counter:
    """Counts of wrong answers, of those rejected and told, of right ones and those refused."""
    counts: Counter = Counter()
    for answer, verdict in verdicts(number):
        counts["right" if answer.right else "wrong"] += 1
        if answer.right:
            counts["refused"] += verdict.state != "ok"
        else:
            counts["rejected"] += verdict.state == "wrong"
            counts["told"] += is_told(verdict)
            counts[verdict.told or "accepted"] += 1
    return counts


def is_told(verdict: Verdict) -> bool:
    """Whether the student learns what is wrong, not only that something is."""
    return verdict.told in ("mistake", "relation")


def _blocks(text: str) -> list[tuple[str, str]]:
    """(head, body) of every block; a head begins in the first column."""
    blocks: list[tuple[str, str]] = []
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.startswith(" "):
            blocks.append((line.strip(), ""))
        elif blocks:
            head, body = blocks[-1]
            blocks[-1] = (head, body + line)
    return blocks


def _answer(given: str, exercise: str, head: str, body: str) -> Answer:
    """Run an answer's code as a cell of its own notebook would."""
    name = exercise.split("(")[0].split(" ")[0]
    function = name.partition(".")[2]
    kind = "class " if " class(" in exercise else "def "
    signature = exercise[exercise.index("("):]
    body = textwrap.indent(textwrap.dedent(body), "    ")
    source = f"{given}\n{kind}{function}{signature}:\n{body}"
    file = f"<bench {name} {head}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(compile(source, file, "exec"), namespace)
    return Answer(name, head[0] == "+", head[2:], namespace[function])


def main(arguments: list[str]) -> None:
    show = "--show" in arguments
    total = Counter()
    for number in [a for a in arguments if a != "--show"] or lessons():
        for answer, verdict in verdicts(number) if show else ():
            print(f"{'+' if answer.right else '-'} {answer.exercise}  {answer.description}\n    "
                  f"[{verdict.told or verdict.state}] {verdict.sentence}")
        counts = rates(number)
        total += counts
        slow = max(timed(number), key=lambda one: one[2])
        total["over 0.3 s"] += sum(seconds > 0.3 for *_, seconds in timed(number))
        print(f"{_line(number, counts)}; {slow[2]:.2f} s: {slow[0].exercise}, "
              f"{slow[0].description}")
    print(_line("all", total))
    print(dict(total))


def _line(name: str, counts: Counter) -> str:
    wrong = max(counts["wrong"], 1)
    return (f"{name:>3}: {counts['wrong']:3} wrong, {100 * counts['rejected'] / wrong:5.1f} % "
            f"rejected, {100 * counts['told'] / wrong:5.1f} % told; {counts['right']:3} right, "
            f"{counts['refused']} refused")


if __name__ == "__main__":
    main(sys.argv[1:])
