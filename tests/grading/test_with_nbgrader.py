"""The real nbgrader on an exported course: released, handed in, autograded, feedback, CSV."""

from __future__ import annotations

import csv
import html
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="nbgrader (extra 'grade') is not installed")

from cases import CASES, LESSONS, POINTS, STEMS, hand_in

from mnist1d_edu import cli
from mnist1d_edu.course import evidence, notebooks, registry
from mnist1d_edu.grading import lessons

SECONDS = 20    # that a student and lesson may take


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
    for stem in STEMS.values():
        begin = time.monotonic()
        nbgrader(folder, "autograde", stem)
        assert time.monotonic() - begin < SECONDS * len(CASES)
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
             for r in rows}
    assert found == {(student, lesson): (score, POINTS[lesson])
                     for student, case in CASES.items() for lesson, score in case.scores.items()}


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


def test_an_answer_by_heart_falls_to_the_hidden_inputs():
    """The same submission is right without them: it knows what every visible input gives."""
    from mnist1d_edu.grading import marking
    exercise = registry.find("00.row_means")
    known = {repr(x.tolist()): exercise.reference(x).tolist()
             for (x,) in evidence.probes(exercise)}
    cells = [(1, "import numpy as np"), (2, f"known = {known!r}"),
             (3, "def row_means(x):\n    return np.array(known[repr(x.tolist())])")]
    assert marking.marks("00", cells)[0].score == 1
    [mark] = marking.marks("00", cells, "between us")[:1]
    assert mark.score == 0


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
