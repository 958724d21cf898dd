"""`mnist1d-edu grade`: the submissions of `cases.py` and those that are none."""

from __future__ import annotations

import csv
import json
import os

import pytest
from cases import CASES, POINTS, STEMS, hand_in

from mnist1d_edu import cli
from mnist1d_edu.grading import submissions


def table(path) -> list[dict]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class whose members hand in a folder each, and some that hand in nothing of use."""
    folder = tmp_path_factory.mktemp("class")
    hand_in(folder, lambda student, stem: f"{student}/{stem}.ipynb")
    bad = {"empty": b"", "no-notebook": b"%PDF-1.7", "list": b"[1, 2]", "deep": b"[" * 100_000,
           "large": b" " * 50_000_000}
    for student, content in bad.items():
        (folder / student).mkdir()
        (folder / student / f"{STEMS['00']}.ipynb").write_bytes(content)
    (folder / "link").mkdir()
    os.symlink("/etc/passwd", folder / "link" / f"{STEMS['00']}.ipynb")
    (folder / "nothing").mkdir()
    (folder / "nothing" / "answers.docx").write_text("see attached")
    os.environ["MNIST1D_EDU_SECRET"] = "between us"
    try:
        assert cli.main(["grade", str(folder), "--out", str(folder.with_name("out"))]) == 0
    finally:
        del os.environ["MNIST1D_EDU_SECRET"]
    return folder.with_name("out")


def test_every_submission_gets_its_points(graded):
    found = {(r["student"], r["lesson"]): int(r["points"]) for r in table(graded / "grades.csv")}
    wanted = {(student, lesson): score for student, case in CASES.items()
              for lesson, score in case.scores.items()}
    assert {key: found[key] for key in wanted} == wanted
    assert {int(r["possible"]) for r in table(graded / "grades.csv") if r["lesson"] == "04"} == {
        POINTS["04"]}


@pytest.mark.parametrize(("student", "reason"), [
    ("empty", "it is empty"), ("no-notebook", "not a notebook"), ("list", "not a notebook"),
    ("deep", "not a notebook"), ("large", "it has 50 MB, and may have 20"),
    ("link", "it is a link, which is not followed"), ("nothing", "there is no notebook"),
])
def test_what_is_no_submission_gets_nothing_with_a_reason(graded, student, reason):
    [row] = [r for r in table(graded / "grades.csv") if r["student"] == student]
    assert row["points"] == "0" and reason in row["reason"]
    assert reason in (graded / "feedback" / f"{student}.html").read_text(encoding="utf-8")


def test_the_feedback_says_what_is_wrong(graded):
    said = {(r["student"], r["exercise"]): f"[{r['verdict']}] {r['exercise']}: {r['sentence']}"
            for r in table(graded / "exercises.csv")}
    for student, case in CASES.items():
        page = (graded / "feedback" / f"{student}.html").read_text(encoding="utf-8")
        for exercise, text in case.says.items():
            if text.startswith("["):
                state = text[1:].partition("]")[0].replace("x", "wrong")
                assert said[student, exercise].startswith(f"[{state}]")
            else:
                assert text in said[student, exercise] and text.split("'")[0] in page


def test_the_page_on_the_class_counts_the_mistakes(graded):
    page = (graded / "class.html").read_text(encoding="utf-8")
    assert "What to teach next week" in page
    assert "<td class=n>1<td>04.relu_backward<td>you let g through where a was negative" in page
    right = sum(case.scores["00"] in (2, 3, 4) for case in CASES.values())
    assert f"<td>00.row_means<td class=n>{right}<td" in page
    assert "<script" not in page and "http" not in page


def small(folder, student="ada", answer="return x.mean(axis=1)", name=None):
    path = folder / (name or f"{student}_{STEMS['00']}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = ["import numpy as np", f"def row_means(x):\n    {answer}",
             'check("00.row_means", row_means)']
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
        {"cell_type": "code", "source": source} for source in cells]}))
    return path


def test_files_that_bear_names_and_a_second_run(tmp_path, capsys):
    folder = tmp_path / "in"
    small(folder, "ada")
    small(folder, name="bob.ipynb", answer="return x")
    small(folder, "=cmd()", name=f"=cmd()_{STEMS['00']}.ipynb")
    before = {p: p.read_bytes() for p in folder.iterdir()}
    assert cli.main(["grade", str(folder)]) == 0
    rows = table(tmp_path / "in-grades" / "grades.csv")
    assert [(r["student"], r["points"]) for r in rows] == [("'=cmd()", "1"), ("ada", "1"),
                                                          ("bob", "0")]
    assert {p: p.read_bytes() for p in folder.iterdir()} == before
    secret = (tmp_path / "in-grades" / "secret.txt").read_text()
    capsys.readouterr()
    small(folder, name="bob.ipynb")
    assert cli.main(["grade", str(folder), "00", "04", "--jobs", "1"]) == 0
    assert (tmp_path / "in-grades" / "secret.txt").read_text() == secret
    rows = table(tmp_path / "in-grades" / "grades.csv")
    assert [r["points"] for r in rows] == ["1", "0"] * 3
    assert {r["reason"] for r in rows if r["lesson"] == "04"} == {"nothing was handed in"}


def test_the_newest_of_two_notebooks_of_a_lesson_counts(tmp_path):
    old, new = small(tmp_path / "ada", name="b.ipynb"), small(tmp_path / "ada", name="a.ipynb")
    os.utime(old, (1, 1))
    assert [s.path for s in submissions.submissions(tmp_path)] == [new]


@pytest.mark.parametrize(("arguments", "said"), [
    (["grade", "{}/none"], "must be a folder of submissions"), (["grade", "{}"], "no submission"),
    (["grade", "{}", "77"], "lesson must be one of 00, "),
    (["grade", "{}/a", "--out", "{}/other"], "was not made by `mnist1d-edu grade`"),
    (["grade", "{}/a", "--out", "{}/a/b"], "must be outside of the submissions"),
    (["grade", "{}/a", "--jobs", "0"], "jobs must be an integer of at least 1"),
])
def test_a_wrong_request_is_one_line_and_status_2(arguments, said, tmp_path, capsys):
    if "a" in arguments[1][-1]:
        small(tmp_path / "a")
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "hers.txt").write_text("mine")
    assert cli.main([a.format(tmp_path) for a in arguments]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
