"""Every registered exercise of every lesson: its mistakes are told apart, its variants accepted."""

import ast
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from mnist1d_edu.course import evidence, pace, registry, verdict

EXERCISES = [e for number in registry.lesson_numbers() for e in registry.exercises(number).values()]
IDS = [e.name for e in EXERCISES]
FILES = sorted(registry.FOLDERS.glob("lesson_*/*.py"))


def entries(kind):
    """(exercise, sentence, answer) of all exercises, as pytest parameters with readable ids."""
    return [pytest.param(e, sentence, answer, id=f"{e.name}-{i}") for e in EXERCISES
            for i, (sentence, answer) in enumerate(getattr(e, kind))]


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_an_exercise_has_what_a_student_needs(exercise):
    assert exercise.title and exercise.points >= 1
    mistakes = dict.fromkeys(s for s, _ in exercise.mistakes)  # several codings have one sentence
    assert len(mistakes) >= 3 and len(exercise.hints) >= 2 and exercise.variants
    sentences = [*mistakes, *(s for s, _ in exercise.musts), *exercise.hints]
    assert all(s == " ".join(s.split()) and len(s) <= 400 for s in sentences)
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_is_short_and_its_functions_have_names(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 250
    definitions = (ast.FunctionDef, ast.ClassDef)
    assert "_" not in [n.name for n in ast.walk(ast.parse(text)) if isinstance(n, definitions)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_of_an_exercise_has_its_name_and_begins_with_the_reference(path):
    module = import_module(f"mnist1d_edu.course.exercises.{path.parent.name}.{path.stem}")
    exercise = getattr(module, "EXERCISE", None)
    if exercise is None:
        return
    lesson, name = exercise.name.split(".")
    assert (f"lesson_{lesson}", name.lower()) == (path.parent.name, path.stem)
    assert registry.find(exercise.name) is exercise
    if callable(exercise.reference):
        definitions = [n.name for n in ast.parse(path.read_text(encoding="utf-8")).body
                       if isinstance(n, (ast.FunctionDef, ast.ClassDef))]
        assert definitions[0] == name == exercise.reference.__name__


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_the_reference_is_right(exercise):
    assert verdict.judge(exercise, exercise.reference) == verdict.Verdict("ok")


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_probes_are_the_same_twice_and_other_ones_for_a_secret(exercise, monkeypatch):
    def shown():
        return re.sub(r" at 0x[0-9a-f]+", "", repr(verdict.probes(exercise)))  # of functions
    visible, text = verdict.probes(exercise), shown()
    assert text == shown()
    monkeypatch.setattr(evidence, "SECRET", "between us")
    assert len(verdict.probes(exercise)) == 2 * len(visible)
    assert verdict.judge(exercise, exercise.reference).state == "ok"


@pytest.mark.parametrize(("exercise", "sentence", "mistake"), entries("mistakes"))
def test_a_mistake_is_rejected_and_told_its_own_sentence(exercise, sentence, mistake):
    found = verdict.judge(exercise, mistake)
    assert found.state == "wrong"
    assert found.sentence == sentence


@pytest.mark.parametrize(("exercise", "description", "variant"), entries("variants"))
def test_a_right_variant_is_accepted_and_not_too_slow_to_go_on_with(exercise, description, variant):
    assert pace.judge_with_pace(exercise, variant) == verdict.OK, description


@pytest.mark.parametrize(("exercise", "sentence", "holds"), entries("musts"))
def test_a_property_holds_for_the_reference_and_many_seeds(exercise, sentence, holds):
    for seed in range(10):
        for arguments, again in zip(exercise.probes(np.random.RandomState(seed)),
                                    exercise.probes(np.random.RandomState(seed)), strict=True):
            assert holds(exercise.run(exercise.reference, arguments), *again), sentence


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_nonsense_is_answered_in_one_line(exercise):
    def nonsense(*arguments):
        return {"nonsense": object()}

    def fails(*arguments):
        raise LookupError("nothing\nhere")

    for answer in (nonsense, fails, type("Empty", (), {}), 12345.678, "text"):
        found = verdict.judge(exercise, answer)
        assert found.state == "wrong" and found.sentence
        assert "\n" not in found.line(exercise.name)


def test_the_exercise_that_the_guide_shows_is_in_order():
    guide = Path(__file__).parents[2] / "docs/writing-lessons.md"
    shown = {}
    exec(re.search("```python\n(.*?)```", guide.read_text(encoding="utf-8"), re.DOTALL)[1], shown)
    exercise = shown["EXERCISE"]
    test_an_exercise_has_what_a_student_needs(exercise)
    assert all(verdict.judge(exercise, answer).sentence == sentence
               for sentence, answer in exercise.mistakes)
    assert all(verdict.judge(exercise, answer).state == "ok"
               for answer in (exercise.reference, *(a for _, a in exercise.variants)))
