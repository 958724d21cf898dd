"""The quiz of lesson 09: labels in a list, and labels by clicking."""

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
