"""`mnist1d-edu export`: bad input, and folders that are not its own."""

from __future__ import annotations

import importlib.util
import json

import pytest

from mnist1d_edu import cli
from mnist1d_edu.grading.folders import MARK, Folder


@pytest.fixture
def installed(monkeypatch):
    """As if nbgrader and otter were there."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: (
        True if name in ("nbgrader", "otter") else find(name, package)))


def refused(capsys, *arguments: str) -> str:
    assert cli.main(["export", *arguments]) == 2
    err = capsys.readouterr().err
    assert err.startswith("mnist1d-edu export: ") and err.count("\n") == 1
    return err


@pytest.mark.parametrize(("tool", "extra"), [("nbgrader", "grade"), ("otter", "gradescope")])
def test_a_missing_extra_is_one_line(tool, extra, tmp_path, capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: (
        None if name == tool else find(name, package)))
    assert f'pip install "mnist1d-edu[{extra}]"' in refused(capsys, tool, str(tmp_path / "a"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, package=None: None)
    assert 'pip install "mnist1d-edu[course]"' in refused(capsys, tool, str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_wrong_requests(tmp_path, capsys, installed):
    assert "tool must be one of 'nbgrader', 'otter'" in refused(capsys, "moodle", str(tmp_path))
    said = refused(capsys, "nbgrader", str(tmp_path / "a"), "77")
    assert "lesson must be one of 00, 01, " in said and "got '77'" in said
    assert not (tmp_path / "a").exists()


def test_a_folder_that_it_did_not_write_stays_as_it_is(tmp_path, capsys, installed):
    hers = tmp_path / "hers"
    hers.mkdir()
    (hers / "notes.txt").write_text("mine")
    said = refused(capsys, "nbgrader", str(hers), "00")
    assert "was not made by `mnist1d-edu export nbgrader`; give another one" in said
    assert [p.name for p in hers.iterdir()] == ["notes.txt"]
    (tmp_path / "file").write_text("mine")
    assert "give another one" in refused(capsys, "nbgrader", str(tmp_path / "file"), "00")
    Folder(tmp_path / "graded", "grade")
    assert "give another one" in refused(capsys, "nbgrader", str(tmp_path / "graded"), "00")
    (hers / MARK).write_text("[]")
    assert "give another one" in refused(capsys, "nbgrader", str(hers), "00")


def test_a_file_that_she_changed_is_kept_and_the_others_are_renewed(tmp_path):
    folder = Folder(tmp_path / "ours", "test")
    assert [folder.write(name, "one") for name in ("a", "b/c")] == ["a: written", "b/c: written"]
    (tmp_path / "ours" / "a").write_text("hers")
    (tmp_path / "ours" / "new").write_text("hers too")
    folder = Folder(tmp_path / "ours", "test")
    assert [folder.write(name, "two") for name in ("a", "b/c", "new")] == [
        "a: yours, kept", "b/c: written", "new: yours, kept"]
    assert (tmp_path / "ours" / "a").read_text() == "hers"
    assert set(json.loads((tmp_path / "ours" / MARK).read_text())["files"]) == {"a", "b/c"}


def test_a_secret_is_made_once_and_is_nobody_elses(tmp_path):
    one, other = Folder(tmp_path / "a", "test"), Folder(tmp_path / "b", "test")
    assert len(one.secret()) == 32 and one.secret() == Folder(tmp_path / "a", "test").secret()
    assert one.secret() != other.secret()
    assert (tmp_path / "a" / "secret.txt").stat().st_mode & 0o77 == 0
