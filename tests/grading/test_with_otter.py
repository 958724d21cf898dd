"""The real `otter run` on exported autograders: the same submissions, the same scores."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

pytest.importorskip("otter", reason="otter-grader (extra 'gradescope') is not installed")

from cases import CASES, LESSONS, POINTS, STEMS, hand_in

import mnist1d_edu
from mnist1d_edu import cli
from mnist1d_edu.course import notebooks

ROOT = os.pathsep.join(filter(None, [str(Path(mnist1d_edu.__file__).parents[1]),
                                     os.environ.get("PYTHONPATH", "")]))


@pytest.fixture(scope="module", autouse=True)
def importable():
    """The course, in the kernels that otter starts and in its plugins."""
    os.environ["PYTHONPATH"], before = ROOT, os.environ.get("PYTHONPATH")
    yield
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


def otter_run(autograder: Path, notebook: Path, out: Path) -> list[dict]:
    """The tests in the results of otter's function behind `otter run`."""
    from otter.run import main
    out.mkdir()
    main(str(notebook), autograder=str(autograder), output_dir=str(out), no_logo=True)
    return json.loads((out / "results.json").read_text(encoding="utf-8"))["tests"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("otter") / "course"
    assert cli.main(["export", "otter", str(folder), *LESSONS]) == 0
    return folder


@pytest.fixture(scope="module")
def results(course, tmp_path_factory):
    """(student, lesson) -> the tests' results."""
    work = tmp_path_factory.mktemp("runs")
    hand_in(work, lambda student, stem: f"{student}/{stem}.ipynb")
    keys = [(student, lesson) for student in CASES for lesson in LESSONS]
    tasks = [(course / STEMS[lesson] / "autograder.zip", work / student / f"{STEMS[lesson]}.ipynb",
              work / f"{student}-{lesson}") for student, lesson in keys]
    # Python's own start and otter's imports take longer than the grading.
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        return dict(zip(keys, pool.map(otter_run, *zip(*tasks, strict=True)), strict=True))


def test_the_scores_are_those_of_nbgrader(results):
    found = {key: (sum(t.get("score", 0) for t in tests), sum(t.get("max_score", 0) for t in tests))
             for key, tests in results.items()}
    assert found == {(student, lesson): (score, POINTS[lesson])
                     for student, case in CASES.items() for lesson, score in case.scores.items()}


def test_the_command_itself_gives_the_same(course, results, tmp_path):
    hand_in(tmp_path, lambda student, stem: f"{stem}.ipynb", ["wrong"])
    stem = STEMS["04"]
    ran = subprocess.run([sys.executable, "-m", "otter", "run", "-a", f"{stem}/autograder.zip",
                          "-o", str(tmp_path), str(tmp_path / f"{stem}.ipynb")], cwd=course,
                         env={**os.environ, "PYTHONPATH": ROOT}, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["tests"]
    assert [t.get("score") for t in found] == [t.get("score") for t in results["wrong", "04"]]


def test_a_student_sees_the_sentence(results):
    for student, case in CASES.items():
        for exercise, text in case.says.items():
            [test] = [t for t in results[student, exercise[:2]] if t["name"] == exercise]
            assert test["visibility"] == "visible"
            if not text.startswith("[ok]"):
                assert text in test["output"], (student, exercise)


def test_what_is_handed_out_has_no_secret_and_the_zip_no_date(course, capsys):
    secret = (course / "secret.txt").read_text().strip()
    for stem in STEMS.values():
        handed_out = (course / stem / f"{stem}.ipynb").read_text(encoding="utf-8")
        lesson = notebooks.read(notebooks.lessons_dir() / f"{stem}.ipynb")
        assert [c.source for c in notebooks.read(course / stem / f"{stem}.ipynb").cells] == [
            c.source for c in lesson.cells]
        assert secret not in handed_out
        with zipfile.ZipFile(course / stem / "autograder.zip") as file:
            assert secret in file.read("otter_config.json").decode()
            assert f"mnist1d-edu=={mnist1d_edu.__version__}" in file.read(
                "environment.yml").decode()
    capsys.readouterr()
    assert cli.main(["export", "otter", str(course), *LESSONS]) == 0
    assert {line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines()} == {
        "as it was"}
    readme = (course / "README.md").read_text(encoding="utf-8")
    assert "Three clicks" in readme and "Configure Autograder" in readme


def test_a_wheel_goes_into_the_zip(tmp_path):
    wheel = tmp_path / "mnist1d_edu-9.9-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    assert cli.main(["export", "otter", str(tmp_path / "out"), "00", "--package", str(wheel)]) == 0
    with zipfile.ZipFile(tmp_path / "out" / STEMS["00"] / "autograder.zip") as file:
        assert file.read(f"files/{wheel.name}") == b"a wheel"
        assert f"file:///autograder/source/files/{wheel.name}" in file.read(
            "environment.yml").decode()
