"""The quiz of lesson 09: labels in a list, and labels by clicking."""

import json
import sys

import numpy as np
import pytest

from mnist1d_edu.course import quiz


def test_a_list_of_labels_is_read_and_odd_ones_are_named(capsys):
    places, digits = quiz.read([None, 3, "x", 12, 0, True, 2.0, None, 9], 8)
    assert places.tolist() == [1, 4] and digits.tolist() == [3, 0]
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "2 of 8 signals labelled"
    assert [line.split(" at ")[0] for line in lines[:-1]] == [
        "left out: 'x'", "left out: 12", "left out: True", "left out: 2.0", "left out: 9"]
    assert "belongs to none of the 8 signals" in lines[-2]


def test_no_labels_are_no_error(capsys):
    for labels in ([None] * 20, []):
        places, digits = quiz.read(labels, 20)
        assert places.shape == digits.shape == (0,) and digits.dtype.kind == "i"
        assert capsys.readouterr().out == "no labels yet\n"


def test_clicks_write_into_the_list_and_the_end_shows_it():
    pytest.importorskip("ipywidgets")
    signals = np.random.RandomState(0).randn(3, 40)
    labels = [7, None]                                            # one too few: filled up
    box = quiz.buttons(signals, labels)
    text, picture, upper, lower = box.children
    keys, back = (*upper.children, *lower.children[:-1]), lower.children[-1]
    assert [key.description for key in keys] == list("0123456789")
    assert text.value == "signal 1 of 3: which digit is it?"      # goes on where there is none
    first = bytes(picture.value)
    assert first.startswith(b"\x89PNG")
    keys[4].click()
    assert labels == [7, 4, None] and bytes(picture.value) != first
    back.click()
    keys[5].click()
    keys[0].click()
    assert labels == [7, 5, 0] and "my_labels = [7, 5, 0]" in text.value
    keys[1].click()                                               # after the end: nothing
    assert labels == [7, 5, 0]
    back.click()
    assert text.value.startswith("signal 2")


def test_without_ipywidgets_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(RuntimeError, match="into the list"):
        quiz.buttons(np.zeros((1, 40)), [None])


def test_answers_are_kept_and_loaded_and_no_file_is_written_over(tmp_path, capsys):
    path = tmp_path / "answers.json"
    quiz.save_answers(path, np.array([341, 340]), np.array([3, 0]))
    index, labels = quiz.load_answers(path)
    assert index.tolist() == [341, 340] and labels.tolist() == [3, 0]
    assert index.dtype == labels.dtype == np.int64
    assert capsys.readouterr().out == f"2 answers are kept in {path}\n"
    before = path.read_bytes()
    quiz.save_answers(path, [1], [1])
    assert path.read_bytes() == before and "left as it is" in capsys.readouterr().out
    assert [file.name for file in tmp_path.iterdir()] == ["answers.json"]


def test_answers_that_could_not_be_loaded_are_not_kept(tmp_path):
    for index, labels in (([], []), ([1, 1], [2, 3]), ([1], [2, 3]), ([1000], [1]), ([1], [10]),
                          ([1.5], [1]), ([True], [1])):
        with pytest.raises(ValueError, match=r"(test_index|labels) .* (must be|a signal twice)"):
            quiz.save_answers(tmp_path / "a.json", index, labels)
    assert not list(tmp_path.iterdir())


GOOD = {"format": quiz.FORMAT, "version": 1, "test_index": [1, 2], "labels": [3, 4]}


@pytest.mark.parametrize("content", [
    b"", b"{", b"[" * 200_000, b"\xff\xfe", b"[1, 2]", b"null", b"{}",
    *(json.dumps(GOOD | change).encode() for change in (
        {"format": "other"}, {"version": 2}, {"version": True}, {"version": None},
        {"labels": None}, {"labels": "34"}, {"labels": [3]}, {"labels": [3, 10]},
        {"labels": [3, -1]}, {"labels": [3, True]}, {"labels": [3, 4.0]}, {"labels": [3, [4]]},
        {"test_index": [1, 1]}, {"test_index": [1, 1000]}, {"test_index": [], "labels": []}))])
def test_a_bad_file_of_answers_is_told_in_one_line(tmp_path, content):
    path = tmp_path / "answers.json"
    path.write_bytes(content)
    with pytest.raises(ValueError) as told:
        quiz.load_answers(path)
    assert "\n" not in str(told.value) and "answers.json" in str(told.value)


def test_a_large_file_or_none_is_no_file_of_answers(tmp_path):
    with pytest.raises(OSError):
        quiz.load_answers(tmp_path / "none.json")
    (tmp_path / "large.json").write_bytes(b" " * 2**21)
    with pytest.raises(ValueError, match="bytes"):
        quiz.load_answers(tmp_path / "large.json")
