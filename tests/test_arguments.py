"""Each error at a boundary is one line: the argument, what it must be, what it was."""

from __future__ import annotations

import re

import numpy as np
import pytest

from mnist1d_edu.arguments import finite_array, integer, one_of, real


@pytest.mark.parametrize("value", [3, np.int64(3), np.int8(3), np.uint8(3)])
def test_integer_takes_every_whole_number(value):
    result = integer("n", value, low=3, high=3)
    assert result == 3 and type(result) is int


@pytest.mark.parametrize("value, error", [
    (2, ValueError), (6, ValueError), (-1, ValueError), (np.int64(9), ValueError),
    (3.0, TypeError), (np.float64(3), TypeError), ("3", TypeError), (None, TypeError),
    (True, TypeError), (np.True_, TypeError), ([3], TypeError), (np.array([3, 4]), TypeError),
])
def test_integer_refuses_the_rest(value, error):
    with pytest.raises(error, match=r"^width must be an integer from 3 to 5; got .*$"):
        integer("width", value, low=3, high=5)


@pytest.mark.parametrize("bounds, text", [
    ({}, "an integer"), ({"low": 1}, "an integer of at least 1"),
    ({"high": 4}, "an integer of at most 4"), ({"low": 0, "high": 4}, "an integer from 0 to 4")])
def test_integer_tells_the_bounds(bounds, text):
    with pytest.raises(TypeError, match=f" must be {text}; got "):
        integer("n", "x", **bounds)


@pytest.mark.parametrize("value", [0.5, 1, np.float32(0.5), np.float64(0.25), np.int64(1)])
def test_real_takes_every_finite_number(value):
    result = real("rate", value, low=0, high=1, above=0)
    assert result == value and type(result) is float


@pytest.mark.parametrize("value, error", [
    (0, ValueError), (-0.1, ValueError), (1.5, ValueError), (np.inf, ValueError),
    (-np.inf, ValueError), (np.nan, ValueError), (np.float32("nan"), ValueError),
    ("0.5", TypeError), (None, TypeError), (True, TypeError), (1j, TypeError),
    ([0.5], TypeError), (np.array([0.5]), TypeError), (np.complex128(1), TypeError),
])
def test_real_refuses_the_rest(value, error):
    allowed = "a finite number from 0 to 1 above 0"
    with pytest.raises(error, match=f"^rate must be {allowed}; got "):
        real("rate", value, low=0, high=1, above=0)


def test_one_of_gives_the_value_back_or_the_nearest_name():
    assert one_of("scale", "quick", ("quick", "paper")) == "quick"
    assert one_of("n", 2, {1: "a", 2: "b"}) == 2
    with pytest.raises(ValueError, match=r"^scale must be one of 'quick', 'paper'; got 'qick' "
                                         r"\(did you mean 'quick'\?\)$"):
        one_of("scale", "qick", ("quick", "paper"))
    with pytest.raises(ValueError, match=r"^scale must be one of 'quick', 'paper'; got 'zzz'$"):
        one_of("scale", "zzz", iter(["quick", "paper"]))
    with pytest.raises(ValueError, match=r"^scale must be one of 'quick'; got None \(NoneType\)$"):
        one_of("scale", None, ["quick"])
    with pytest.raises(ValueError, match=r"^scale must be one of 'quick'; got \['quick'\]"):
        one_of("scale", ["quick"], {"quick": 1})


@pytest.mark.parametrize("value, dtype", [
    ([1, 2], np.float64), ([True], np.float64), (np.ones(2, np.float32), np.float32),
    (np.ones(2, np.float16), np.float64), (3, np.float64), (np.empty((0, 3)), np.float64)])
def test_finite_array_has_a_floating_dtype(value, dtype):
    result = finite_array("x", value)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, value)


def test_finite_array_does_not_copy_floats():
    x = np.ones(3)
    assert finite_array("x", x) is x


@pytest.mark.parametrize("value, error, message", [
    ([1.0, np.nan], ValueError, r"^x must be finite; got nan at index \(1,\)$"),
    (np.array([[0, 1], [-np.inf, 0]]), ValueError, r"finite; got -inf at index \(1, 0\)"),
    (np.inf, ValueError, r"^x must be finite; got inf at index \(\)"),
    (["a"], TypeError, r"^x must be an array of numbers; got \['a'\] \(list\)$"),
    (None, (TypeError, ValueError), "^x "), ([[1.0], [1.0, 2.0]], TypeError, "must be an array"),
    ([1j], TypeError, "must be an array of numbers"),
    (["1.5"], TypeError, "must be an array of numbers"),
])
def test_finite_array_refuses_the_rest(value, error, message):
    with pytest.raises(error, match=message):
        finite_array("x", value)


@pytest.mark.parametrize("check", [integer, real, finite_array])
def test_a_long_value_is_cut_to_one_line(check):
    with pytest.raises(TypeError) as caught:
        check("x", ["line\n" * 50] * 9)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 150
    assert re.search(r"\.\.\. \(list\)", text)
