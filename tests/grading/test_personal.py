"""`--personal`: each student her own data and probes, and lessons that run with them."""

from __future__ import annotations

import ast

import pytest

from mnist1d_edu import make_dataset
from mnist1d_edu.course import build, evidence, notebooks, registry
from mnist1d_edu.course.personal import OPEN, holds, seed_of
from mnist1d_edu.grading import lessons, marking, personal

PATHS = lessons.chosen([], notebooks.solutions_dir())


def mine(path, student=None):
    """A lesson's solution with a student's own data."""
    notebook = personal.personalised(build.prepared(notebooks.read(path), path.name),
                                     path.name[:2])
    if student:
        for cell in notebook.cells:
            cell.source = cell.source.replace(OPEN, student)
    return notebook


def test_seeds_are_apart_stable_and_never_the_courses_own(capsys):
    found = {seed_of(f"student{i}") for i in range(500)}
    assert len(found) >= 499 and min(found) >= 1000    # one pair in 8 classes of 500 shares one
    assert seed_of("Ada") == seed_of(" ada ") != seed_of("bob") and not capsys.readouterr().out
    assert isinstance(seed_of(OPEN), int) and "put your student id" in capsys.readouterr().out
    for wrong in ("", "  ", 7, None):
        with pytest.raises(ValueError, match="student must be an id"):
            seed_of(wrong)


def test_a_claim_that_fails_is_told(capsys):
    holds(True, "a > b")
    assert capsys.readouterr().out == ""
    holds(False, "a > b")
    assert capsys.readouterr().out == "with your data this does not hold: a > b\n"


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem[:2])
def test_a_personal_lesson_has_every_default_dataset_replaced(path):
    plain, own = build.prepared(notebooks.read(path), path.name), mine(path)
    uses = any("make_dataset()" in c.source for c in plain.cells if c.cell_type == "code")
    assert (len(own.cells) == len(plain.cells) + 1) == (uses and path.name[:2] != "01")
    for cell in own.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)
            assert len(own.cells) == len(plain.cells) or "make_dataset()" not in cell.source
    checks = [c for c in own.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert len(checks) == len(registry.exercises(path.name[:2]))


def test_asserts_become_claims_and_those_in_functions_stay():
    source = ("for i in range(2):\n    assert i < 9, 'so'\nassert (1 <\n        2)\n"
              "def f(x):\n    assert x\n")
    assert personal._told(source) == (
        "for i in range(2):\n    holds(i < 9, 'i < 9')\nholds(1 < 2, '1 < 2')\n"
        "def f(x):\n    assert x\n")


def test_two_students_run_a_lesson_with_data_of_their_own(tmp_path):
    printed = []
    for student in ("ada", "bob"):
        notebook = mine(PATHS[0], student)
        notebook.cells.append(notebooks.read(PATHS[0]).cells[1].copy())
        notebook.cells[-1].source = "print(mnist1d.make_dataset(MY_DATA)['x'][0, :3].tolist())"
        notebooks.run(notebook, tmp_path)
        printed.append(notebook.cells[-1].outputs[0].text)
    assert printed[0] != printed[1]
    assert printed[0].strip() == str(make_dataset({"seed": seed_of("ada")})["x"][0, :3].tolist())


def test_probes_are_each_students_own_and_a_right_answer_is_right_for_all():
    exercise = registry.find("00.row_means")
    seeds = set()
    for student in ("ada", "bob"):
        with evidence.hidden(personal.secret_of("between us", student)):
            seeds.add(evidence.seeds(exercise)[1])
    assert len(seeds) == 2
    cells = [(1, "def row_means(x):\n    return x.mean(axis=1)")]
    for student in ("ada", "bob"):
        assert marking.marks("00", cells, "between us", student)[0].score == 1
