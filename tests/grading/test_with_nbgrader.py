"""The real nbgrader on an exported course: released, handed in, autograded, feedback, CSV."""

from __future__ import annotations

import csv
import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="nbgrader (extra 'grade') is not installed")

from cases import CASES, LESSONS, POINTS, STEMS, hand_in, notebook

from mnist1d_edu import cli
from mnist1d_edu.course import evidence, notebooks, registry
from mnist1d_edu.grading import lessons, marking

SECONDS = 20    # of the processor, that a student and lesson may take


def with_cells_removed() -> bytes:
    """Right, without the second exercise and its check, and with no mark on the third's check."""
    mine = notebook("00", CASES["all-right"])
    mine.cells = [c for c in mine.cells if "standardise" not in c.metadata.get(
        "nbgrader", {}).get("grade_id", "")]
    for cell in mine.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "00-squared_distances":
            del cell.metadata["nbgrader"]
    return notebooks.written(mine).encode()


OTHERS = {"no-notebook": b"%PDF-1.7", "empty": b"", "large": b" " * 50_000_000,
          "cells-removed": with_cells_removed()}


def nbgrader(folder: Path, *arguments: str) -> str:
    """Run it as the exported README says: in the folder, with its environment on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    ran = subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=folder, text=True,
                         env={**os.environ, "PATH": path}, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded course."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    assert cli.main(["export", "nbgrader", str(folder), *LESSONS]) == 0
    for stem in STEMS.values():
        nbgrader(folder, "generate_assignment", stem)
    hand_in(folder / "submitted", lambda student, stem: f"{student}/{stem}/{stem}.ipynb")
    for student, content in OTHERS.items():
        path = folder / "submitted" / student / STEMS["00"] / f"{STEMS['00']}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    for stem in STEMS.values():
        before = os.times()
        nbgrader(folder, "autograde", stem)
        spent = os.times().children_user - before.children_user
        assert 1 < spent < SECONDS * len(CASES)
        nbgrader(folder, "generate_feedback", stem)
    nbgrader(folder, "export")
    return folder


def test_the_release_is_the_lesson_and_has_no_secret(course):
    secret = (course / "secret.txt").read_text().strip()
    for stem in STEMS.values():
        released = notebooks.read(course / "release" / stem / f"{stem}.ipynb")
        lesson = notebooks.read(notebooks.lessons_dir() / f"{stem}.ipynb")
        assert [c.source for c in released.cells] == [c.source for c in lesson.cells]
        text = (course / "release" / stem / f"{stem}.ipynb").read_text(encoding="utf-8")
        for name, exercise in registry.exercises(stem[:2]).items():
            with evidence.hidden(secret):
                visible, hidden = evidence.seeds(exercise)
            assert str(hidden) not in text and name in text and visible != hidden
        assert secret not in text and "SOLUTION" not in text
    assert not list((course / "release").rglob("secret*"))
    assert os.stat(course / "secret.txt").st_mode & 0o77 == 0


def test_the_exported_csv_has_each_score(course):
    with open(course / "grades.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {(r["student_id"], r["assignment"][:2]): (float(r["score"]), float(r["max_score"]))
             for r in rows if r["student_id"] in CASES}
    assert found == {(student, lesson): (score, POINTS[lesson])
                     for student, case in CASES.items() for lesson, score in case.scores.items()}


def test_what_is_no_notebook_and_what_was_removed(course):
    with open(course / "grades.csv", encoding="utf-8", newline="") as file:
        found = {r["student_id"]: float(r["score"]) for r in csv.DictReader(file)
                 if r["assignment"] == STEMS["00"] and r["student_id"] in OTHERS}
    assert found == {"no-notebook": 0, "empty": 0, "large": 0, "cells-removed": 3}
    for student, reason in (("no-notebook", "it is not a notebook"), ("empty", "it is empty"),
                            ("large", "it has 50 MB, and may have 20")):
        assert reason in feedback(course, student, "00")
    assert "[ ] 00.standardise: not attempted yet" not in feedback(course, "all-right", "00")
    assert "00.standardise" in feedback(course, "cells-removed", "00")


def feedback(course: Path, student: str, lesson: str) -> str:
    """The text of a page of nbgrader's feedback, without marks."""
    page = (course / "feedback" / student / STEMS[lesson] / f"{STEMS[lesson]}.html").read_text(
        encoding="utf-8")
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def test_the_feedback_has_the_sentence(course):
    secret = (course / "secret.txt").read_text().strip()
    for student, case in CASES.items():
        for exercise, text in case.says.items():
            assert text in feedback(course, student, exercise[:2]), (student, exercise)
        for page in (course / "feedback" / student).rglob("*.html"):
            assert secret not in page.read_text(encoding="utf-8")


def test_the_answer_by_heart_falls_to_the_hidden_inputs_alone():
    """Without them the same submission is right."""
    cells = [(i, c.source) for i, c in enumerate(notebook("00", CASES["by-heart"]).cells)
             if c.cell_type == "code"]
    assert marking.marks("00", cells)[0].score == 1
    assert marking.marks("00", cells, "between us")[0].score == 0


def test_an_assignment_of_ones_own_is_executed_as_ever(tmp_path):
    import nbformat
    from nbgrader.preprocessors import Execute

    from mnist1d_edu.grading.for_nbgrader import Judge
    grade = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "points": 1,
             "grade_id": "mine", "task": False}
    cell = nbformat.v4.new_code_cell("print(6 * 7)", metadata={"nbgrader": grade})
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={
        "kernelspec": {"name": "python3", "display_name": "Python 3"}})
    about = {"nbgrader": {"notebook": "04_of_mine", "student": "ada"},
             "metadata": {"path": str(tmp_path)}}
    done, _ = Judge().preprocess(notebook, about)
    assert issubclass(Judge, Execute) and done.cells[0].outputs[0].text == "42\n"


def test_exporting_again_keeps_what_is_hers(course, capsys):
    before = (course / "secret.txt").read_text()
    config = course / "nbgrader_config.py"
    config.write_text(config.read_text() + "\nc.CourseDirectory.course_id = 'mine'\n")
    assert cli.main(["export", "nbgrader", str(course), "00"]) == 0
    out = capsys.readouterr().out
    assert "nbgrader_config.py: yours, kept" in out and f"{STEMS['00']}.ipynb: as it was" in out
    assert "'mine'" in config.read_text() and (course / "secret.txt").read_text() == before


def test_every_lesson_has_points_in_nbgraders_source(tmp_path):
    assert cli.main(["export", "nbgrader", str(tmp_path / "all")]) == 0
    for path in lessons.chosen([], notebooks.solutions_dir()):
        source = notebooks.read(tmp_path / "all" / "source" / path.stem / path.name)
        points = {c.metadata.nbgrader.grade_id.replace("-", ".", 1): c.metadata.nbgrader.points
                  for c in source.cells if c.metadata.get("nbgrader", {}).get("grade")}
        assert points == {n: e.points for n, e in registry.exercises(path.name[:2]).items()}
