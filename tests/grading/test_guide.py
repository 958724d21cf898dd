"""The instructor's guide, the exam questions and `mnist1d-edu mistakes` say what is so."""

from __future__ import annotations

import argparse
import re
import types
from pathlib import Path

import pytest

from mnist1d_edu import cli
from mnist1d_edu.course import notebooks, registry
from mnist1d_edu.course.verdict import judge
from mnist1d_edu.grading import lessons

ROOT = Path(cli.__file__).parents[1]
GUIDE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
QUESTION = re.compile(r"^\*\*(\d\d)\.(\d)\*\* ", re.MULTILINE)


def labels(path: Path) -> list[tuple[str, str]]:
    return QUESTION.findall(path.read_text(encoding="utf-8"))


def test_every_lesson_has_two_questions_and_every_question_an_answer():
    questions = labels(ROOT / "docs" / "exam-questions.md")
    assert questions == sorted(set(questions))
    assert questions == labels(ROOT / "solutions" / "exam-answers.md")
    for number in registry.lesson_numbers():
        assert [q for n, q in questions if n == number] == ["1", "2"]


def test_the_table_of_lessons_has_their_numbers():
    rows = {cells[1][:2]: cells for cells in (
        [cell.strip() for cell in line.split("|")] for line in GUIDE.splitlines()
        if re.match(r"\| \d\d [A-Z]", line))}
    assert rows.keys() >= set(registry.lesson_numbers()) and len(rows) == 21
    for number in registry.lesson_numbers():
        found = registry.exercises(number).values()
        assert rows[number][4:6] == [str(len(found)), str(sum(e.points for e in found))]


def test_the_guides_exercise_works_as_it_stands():
    """Every mistake gets its own sentence, and the variant is accepted."""
    [code] = [c for c in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "Exercise(" in c]
    module = types.ModuleType("example")
    exec(compile(code, "example", "exec"), module.__dict__)
    exercise = module.EXERCISE
    assert judge(exercise, exercise.reference).state == "ok"
    for _, answer in exercise.variants:
        assert judge(exercise, answer).state == "ok"
    for sentence, answer in exercise.mistakes:
        assert judge(exercise, answer).sentence == sentence


def test_the_commands_of_the_guide_exist(monkeypatch):
    known: list[str] = []
    add = argparse._SubParsersAction.add_parser
    monkeypatch.setattr(argparse._SubParsersAction, "add_parser", lambda self, name, **options: (
        known.append(name), add(self, name, **options))[1])
    cli.main([])
    used = set(re.findall(r"mnist1d-edu ([a-z]+)", GUIDE))
    assert used <= set(known) and {"export", "grade", "mistakes", "build"} <= used


def test_mistakes_prints_every_sentence(capsys):
    assert cli.main(["mistakes"]) == 0
    text = capsys.readouterr().out
    for number in registry.lesson_numbers():
        for exercise in registry.exercises(number).values():
            assert f"**`{exercise.name}`** {exercise.title}" in text
            assert all(f"* {sentence}\n" in text for sentence, _ in exercise.mistakes)
    assert cli.main(["mistakes", "04", "04_backpropagation_by_hand"]) == 0
    one = capsys.readouterr().out
    assert one.startswith("## 04 Backpropagation by hand\n\nExercises: 6. Points: 12.\n")
    assert one.count("## ") == 1 and len(one) < len(text) / 5
    assert cli.main(["mistakes", "77"]) == 2
    assert "lesson must be one of 00, " in capsys.readouterr().err


@pytest.mark.parametrize("path", lessons.chosen([], notebooks.lessons_dir()),
                         ids=lambda p: p.stem[:2])
def test_every_lesson_says_its_hours_and_what_it_needs(path):
    first = notebooks.read(path).cells[0].source
    assert "**Time:**" in first and "**Before:**" in first
