"""The builder, and that the lessons are what it makes of the solutions."""

import base64
import io
import shutil
import subprocess

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from mnist1d_edu import plots
from mnist1d_edu.course import build, notebooks, registry

LESSONS = notebooks.PACKAGE.parent / "lessons"
SOLUTIONS = notebooks.PACKAGE.parent / "solutions"
NAMES = [p.name for p in notebooks.lesson_files(SOLUTIONS)]
FIRST = "00_how_this_course_works.ipynb"


def said(notebook):
    """All that a notebook's cells have printed or shown, as plain text."""
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    return "\n".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)


def test_no_lesson_has_drifted_from_its_solution():
    assert build.drifted([], LESSONS, SOLUTIONS) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_leaks_into_its_lesson(name):
    lesson = notebooks.read(LESSONS / name)
    for theirs, given in zip(notebooks.read(SOLUTIONS / name).cells, lesson.cells, strict=True):
        assert build.BEGIN not in given.source and build.END not in given.source
        if build.BEGIN in theirs.source:
            assert "your code here" in given.source or "your answer here" in given.source
            region = theirs.source.split(build.BEGIN)[1].split(build.END)[0]
            leaked = {line.strip() for line in region.split("\n") if len(line.strip()) > 12}
            assert not leaked & {line.strip() for line in given.source.split("\n")}
    assert "[ok]" not in said(lesson)


@pytest.mark.parametrize("name", NAMES)
def test_every_registered_exercise_is_checked_and_solved(name):
    lines = said(notebooks.read(SOLUTIONS / name)).splitlines()
    for exercise in registry.exercises(name[:2]):
        assert f"[ok] {exercise}" in lines


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", [LESSONS, SOLUTIONS], ids=["lesson", "solution"])
def test_a_notebook_is_executed_and_small(folder, name):
    notebook = notebooks.read(folder / name)
    assert all(c.execution_count for c in notebook.cells if c.cell_type == "code")
    assert (folder / name).stat().st_size <= build.LARGEST


def test_every_lesson_of_exercises_has_its_notebook():
    assert {n[:2] for n in NAMES} >= set(registry.lesson_numbers())


def notebook_of(*sources):
    return new_notebook(cells=[new_markdown_cell("# A lesson"), *map(new_code_cell, sources)])


ANSWERS = [(f"def {name[3:]}(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION",
            f"{build.CHECK_IMPORT}\ncheck(\"{name}\", {name[3:]})")
           for name in registry.exercises("00")]


def test_cells_are_marked_for_graders():
    cells = build.prepared(notebook_of(*sum(ANSWERS, ())), "00_x.ipynb").cells
    assert [c.id for c in cells] == [f"00-{i:03d}" for i in range(8)]
    assert cells[6].metadata == {"nbgrader": {
        "grade": False, "grade_id": "00-squared_distances-answer", "locked": False,
        "schema_version": 3, "solution": True, "task": False}}
    assert cells[7].metadata == {"nbgrader": {
        "grade": True, "grade_id": "00-squared_distances", "locked": True, "points": 2,
        "schema_version": 3, "solution": False, "task": False}}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("folder", [LESSONS, SOLUTIONS], ids=["lesson", "solution"])
def test_a_notebook_installs_the_course_before_it_needs_it(folder, name):
    first, *others = [c for c in notebooks.read(folder / name).cells if c.cell_type == "code"]
    assert first.source == notebooks.INSTALL and notebooks.installs(first) and not first.outputs
    assert not any(map(notebooks.installs, others))


def test_an_older_cell_that_installs_is_replaced():
    lesson = build.prepared(notebook_of("import mnist1d_edu"), "99_x.ipynb")
    lesson.cells[1].source = "%pip install something else"
    again = build.prepared(lesson, "99_x.ipynb")
    assert [c.source for c in again.cells] == ["# A lesson", notebooks.INSTALL,
                                               "import mnist1d_edu"]


@pytest.mark.parametrize("there", [True, False])
def test_the_course_is_installed_only_where_it_is_missing(there, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name if there else None)
    monkeypatch.setattr("subprocess.run", lambda command, check: (
        ran.append(command[1:]), subprocess.CompletedProcess(command, 0))[1])
    exec(notebooks.INSTALL, {})
    assert ran == ([] if there else [["-m", "pip", "install", "-q", "mnist1d-edu[course]"]])
    assert ("installing the course" in capsys.readouterr().out) == (not there)


def test_a_course_that_pip_does_not_find_is_told_with_what_to_do(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("subprocess.run", lambda command, check: subprocess.CompletedProcess(
        command, 1))
    with pytest.raises(RuntimeError, match=r"pip could not install .*FOLDER\[course\]"):
        exec(notebooks.INSTALL, {})


@pytest.mark.parametrize(("change", "said"), [
    (lambda c: c[:-1], "no check follows the solution"),
    (lambda c: c[:-2], "exercise 00.squared_distances has no check cell"),
    (lambda c: [*c, c[-1]], "00.squared_distances is checked twice"),
    (lambda c: [*c[:-1], c[-1] + "\n1"], "must stand alone"),
    (lambda c: [*c[:-1], c[-1].split("\n")[1]], "must stand alone"),
    (lambda c: [*c, c[-1].replace("00.sq", "00.cub")], "is no exercise of its lesson"),
])
def test_a_solution_that_is_not_in_order_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        build.prepared(notebook_of(*change(list(sum(ANSWERS, ())))), "00_x.ipynb")


@pytest.mark.parametrize(("source", "stub"), [
    ("### BEGIN SOLUTION\na, b = 1, 2\nc = 3\n### END SOLUTION",
     "a = ...  # your answer here\nb = ...  # your answer here\nc = ...  # your answer here"),
    ("if x:\n  ### BEGIN SOLUTION\n  y\n  ### END SOLUTION\nz", f"if x:\n  {notebooks.STUB}\nz"),
])
def test_stubs(source, stub):
    assert build.stubbed(source) == stub


@pytest.mark.parametrize("source", [
    "### BEGIN SOLUTION\nx = 1", "### END SOLUTION", "### BEGIN SOLUTION\nprint(1)\n"
    "### END SOLUTION", "### BEGIN SOLUTION\n### BEGIN SOLUTION"])
def test_marks_that_do_not_match_are_refused(source):
    with pytest.raises(ValueError, match=r"SOLUTION|indent 0"):
        build.stubbed(source)


@pytest.fixture
def course(tmp_path):
    for folder in (LESSONS, SOLUTIONS):
        (tmp_path / folder.name).mkdir()
        shutil.copy(folder / FIRST, tmp_path / folder.name)
    return tmp_path / "lessons", tmp_path / "solutions"


def test_drift_is_seen(course):
    lessons = course[0]
    assert build.drifted([], *course) == []
    text = (lessons / FIRST).read_text(encoding="utf-8")
    (lessons / FIRST).write_text(text.replace("Which axis", "What axis"), encoding="utf-8")
    assert "has drifted" in build.drifted(["00"], *course)[0]
    (lessons / FIRST).rename(lessons / "33_other.ipynb")
    assert ["is missing" in line or "has no solution" in line
            for line in build.drifted([], *course)] == [True, True]


def test_a_second_build_changes_no_byte(course):
    before = [(folder / FIRST).read_bytes() for folder in course]
    assert build.build(["00"], *course) == [f"{FIRST[:-6]}: unchanged"]
    assert [(folder / FIRST).read_bytes() for folder in course] == before


def test_a_cell_on_stderr_or_in_error_is_refused(course):
    for source in ("import sys; print(1, file=sys.stderr)", "1 / 0"):
        notebook = notebooks.read(course[1] / FIRST)
        notebook.cells.append(new_code_cell(source))
        (course[1] / FIRST).write_text(notebooks.written(notebook), encoding="utf-8")
        with pytest.raises(ValueError, match=r"prints to stderr|a cell fails"):
            build.build([], *course)


def test_only_measured_differences_keep_the_old_output():
    def run(text, image, source="s", alt="a curve that ends at \u2248 3"):
        cell = new_code_cell(source, outputs=[
            new_output("stream", name="stdout", text=text),
            new_output("display_data", {"image/png": image, "text/plain": "<Figure>"},
                       metadata={"image/png": {"alt": alt}} if alt else {})])
        return new_notebook(cells=[cell])

    said = "accuracy \u2248 2\nend\n"
    old = run("accuracy \u2248 1\nend\n", "AAAA")
    kept = build.keep_measured(run(said, "BBBB", alt="a curve that ends at \u2248 4"), old)
    assert kept.cells[0].outputs == old.cells[0].outputs
    for new in (run("accuracy \u2248 2\nEND\n", "BBBB"), run(said, "B", "t"),
                run(said, "BBBB", alt="two curves"), run(said, "BBBB", alt=None)):
        assert build.keep_measured(new, old).cells[0].outputs != old.cells[0].outputs


def test_a_picture_has_its_alternative_text_and_nothing_else_of_the_run(tmp_path):
    notebook = notebook_of(
        "from mnist1d_edu import plots\n_ = plots.confusion([[80, 20], [0, 100]], 'percent')",
        "from matplotlib import pyplot\n_ = pyplot.figure(facecolor='none')")
    notebook = build.prepared(notebook, "99_lesson.ipynb")
    build._run(notebook, tmp_path / "99_lesson.ipynb")
    ours, other = ([output.metadata for output in cell.outputs] for cell in notebook.cells[2:])
    assert ours == [{"image/png": {"alt": "Confusion matrix, percent. On the diagonal: "
                                          "0 \u2248 80, 1 \u2248 100."}}]
    assert other == [{}]


def test_pictures_become_smaller_and_look_the_same():
    figure = plots.runs(np.arange(9), {"loss": {"one": np.eye(9), "two": np.tri(9)}})
    file = io.BytesIO()
    figure.savefig(file, format="png")
    text = base64.b64encode(file.getvalue()).decode()
    small = build.smaller(text)
    assert len(small) < 0.5 * len(text)
    before, after = (np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"), float)
                     for png in (text, small))
    assert before.shape == after.shape
    assert np.abs(before - after).mean() < 0.5      # of 255
    moving = plots.moving_stages({"a": np.zeros(5), "b": np.ones(5)})
    assert build.smaller(moving_text := base64.b64encode(moving.data).decode()) == moving_text
