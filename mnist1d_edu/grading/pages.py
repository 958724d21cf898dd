"""What `mnist1d-edu grade` writes: grades.csv, exercises.csv, a page for each student, and one on
the class that shows which mistakes it made."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.grading import lessons, mistakes
from mnist1d_edu.grading.folders import Folder

if TYPE_CHECKING:
    from mnist1d_edu.grading.marking import Mark
    from mnist1d_edu.grading.submissions import Graded

SYMBOL = {"ok": "✓", "wrong": "✗", "open": "○"}
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
       color: #1a1a1a; background: #fff; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem;
       border-bottom: 1px solid #ccc; vertical-align: top; } td.n { text-align: right; }
pre { background: #f4f4f4; padding: .6rem; overflow-x: auto; }
.ok { color: #1b6e3c; } .wrong { color: #a61c1c; } .open { color: #555; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #181818; }
       pre { background: #262626; } .ok { color: #7fd6a0; } .wrong { color: #ff9a9a; }
       .open { color: #bbb; } th, td { border-color: #444; } }
"""


def write(graded: list[Graded], folder: Folder) -> list[str]:
    """Write all of them; a line on each kind."""
    said = [folder.write("grades.csv", _grades(graded)),
            folder.write("exercises.csv", _exercises(graded))]
    students: dict[str, list[Graded]] = defaultdict(list)
    for one in graded:
        students[one.student].append(one)
    names = _file_names(students)
    for student, theirs in students.items():
        folder.write(f"feedback/{names[student]}.html", _feedback(student, theirs))
    said += [f"feedback/: {len(students)} page{'s' if len(students) != 1 else ''}",
             folder.write("class.html", _class(graded))]
    without = [g for g in graded if g.reason]
    said += [f"{g.student} {g.lesson or '--'}: no marks, {g.reason}" for g in without]
    return [f"{folder.path}/", *said]


def _grades(graded: list[Graded]) -> str:
    rows = [[g.student, g.lesson, g.score, g.possible, sum(bool(m.score) for m in g.marks),
             len(g.marks), g.reason] for g in graded]
    return _csv(["student", "lesson", "points", "possible", "right", "exercises", "reason"], rows)


def _exercises(graded: list[Graded]) -> str:
    rows = [[g.student, m.name, m.score, m.points, m.verdict.state, m.verdict.sentence]
            for g in graded for m in g.marks]
    return _csv(["student", "exercise", "points", "possible", "verdict", "sentence"], rows)


def _csv(head: list[str], rows: Iterable[list]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head)
    # A spreadsheet would run a name that begins like a formula.
    writer.writerows([f"'{v}" if isinstance(v, str) and v[:1] in tuple("=+-@\t\r") and v else v
                      for v in row] for row in rows)
    return file.getvalue()


def _file_names(students: Iterable[str]) -> dict[str, str]:
    """A file name for each student: of letters and digits, and another one for each."""
    names: dict[str, str] = {}
    for student in students:
        base = name = re.sub(r"[^\w.@-]+", "_", student).strip(".")[:80] or "student"
        number = 1
        while name.casefold() in (n.casefold() for n in names.values()):
            number += 1
            name = f"{base}-{number}"
        names[student] = name
    return names


def _feedback(student: str, graded: list[Graded]) -> str:
    body = [f"<h1>{escape(student)}</h1>"]
    for one in graded:
        body.append(f"<h2>{escape(_title(one.lesson))}: {one.score} of {one.possible} points</h2>")
        if one.reason:
            body.append(f"<p class=wrong>No marks for {escape(one.file or 'this lesson')}: "
                        f"{escape(one.reason)}.</p>")
        for mark in one.marks:
            body.append(_one_mark(mark, one.answers.get(mark.name, "")))
    return _page(f"Feedback for {student}", body)


def _one_mark(mark: Mark, answer: str) -> str:
    state = mark.verdict.state
    sentence = f": {escape(mark.verdict.sentence)}" if mark.verdict.sentence else ""
    code = f"<details><summary>your answer</summary><pre>{escape(answer)}</pre></details>" \
        if answer else ""
    return (f"<p class={state}>{SYMBOL[state]} <b>{escape(mark.name)}</b> "
            f"({mark.score} of {mark.points}){sentence}</p>{code}")


def _class(graded: list[Graded]) -> str:
    """How many solved each exercise, and which mistakes were made, the most frequent first."""
    body = ["<h1>The class</h1>"]
    for number in sorted({g.lesson for g in graded if g.lesson}):
        theirs = [g for g in graded if g.lesson == number]
        marks = [(g.student, mark) for g in theirs for mark in g.marks]
        body += [f"<h2>{escape(_title(number))}</h2>",
                 f"<p>{len(theirs)} submissions, {sum(bool(g.reason) for g in theirs)} of them "
                 "without marks.</p>", "<table><tr><th>exercise<th>right<th>wrong<th>open</tr>"]
        for name in registry.exercises(number):
            states = Counter(mark.verdict.state for _, mark in marks if mark.name == name)
            body.append(f"<tr><td>{name}" + "".join(
                f"<td class=n>{states[state]}" for state in SYMBOL) + "</tr>")
        body.append("</table>")
        body += _mistakes(marks)
    return _page("The class", body)


def _mistakes(marks: list[tuple[str, Mark]]) -> list[str]:
    made: dict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for student, mark in marks:
        if mark.verdict.state == "wrong":
            sentence, known = _registered(mark)
            made[mark.name, sentence, known].append(student)
    if not made:
        return []
    lines = ["<h3>What to teach next week</h3>",
             "<table><tr><th>students<th>exercise<th>mistake<th>made by</tr>"]
    for (name, sentence, known), students in sorted(
            made.items(), key=lambda entry: (-len(entry[1]), not entry[0][2], entry[0][0])):
        note = "" if known else " <i>(no registered mistake)</i>"
        lines.append(f"<tr><td class=n>{len(students)}<td>{name}<td>{escape(sentence)}{note}"
                     f"<td>{escape(', '.join(students))}</tr>")
    return [*lines, "</table>"]


def _registered(mark: Mark) -> tuple[str, bool]:
    """The registered sentence that a verdict has in it, and True; else its own, and False."""
    told = mark.verdict.sentence
    for sentence in mistakes.sentences(registry.find(mark.name)):
        if sentence in told:
            return sentence, True
    return told, False


def _title(lesson: str) -> str:
    for path in lessons.chosen([], notebooks.lessons_dir()):
        if path.name[:2] == lesson:
            return lessons.title(path)
    return "No lesson"


def _page(title: str, body: list[str]) -> str:
    return (f"<!doctype html>\n<html lang=en><meta charset=utf-8>"
            f"<meta name=viewport content='width=device-width, initial-scale=1'>"
            f"<title>{escape(title)}</title><style>{STYLE}</style>\n"
            + "\n".join(body) + "\n</html>\n")
