"""Intervals for differences, and Holm's rule for many of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mnist1d_edu.experiments.intervals import effects, effects_table, holm, interval


def test_the_interval_is_students():
    values = np.random.RandomState(0).normal(1.0, 2.0, 8)
    found = interval(values)
    low, high = stats.t.interval(0.95, 7, values.mean(), stats.sem(values))
    assert [found["low"], found["high"]] == pytest.approx([low, high], abs=1e-3)
    assert found["p"] == pytest.approx(stats.ttest_1samp(values, 0).pvalue, rel=0.06)


def test_one_value_and_equal_values_have_a_p_value():
    assert interval([3.0]) == {"mean": 3.0, "low": 3.0, "high": 3.0, "p": 1.0}
    assert interval([0.0, 0.0])["p"] == 1
    assert interval([2.0, 2.0])["p"] == 0


def test_holm_steps_down_and_stops_at_the_first_that_fails():
    # 0.05/4, 0.05/3, 0.05/2, 0.05: the third fails, so the fourth is not clear either
    assert holm([0.001, 0.049, 0.016, 0.03]).tolist() == [True, False, True, False]
    assert holm([0.02, 0.03]).tolist() == [True, True]
    assert holm([0.03, 0.03]).tolist() == [False, False]


def test_of_many_true_zeros_hardly_a_table_has_one_that_is_called_clear():
    rng = np.random.RandomState(1)
    tables = [[interval(values)["p"] for values in rng.normal(size=(20, 10))] for _ in range(200)]
    alone = np.mean([(np.array(p) <= 0.05).any() for p in tables])
    together = np.mean([holm(p).any() for p in tables])
    assert alone > 0.5 and together < 0.1


def test_effects_say_which_are_clear():
    rows = effects({"large": [5.0, 5.5, 4.5, 5.2], "none": [-1.0, 1.0, 0.5, -0.4]})
    assert [row["clear"] for row in rows] == [True, False]
    text = effects_table(rows, 4)
    assert "not clear" in text.splitlines()[3] and "not clear" not in text.splitlines()[2]
    assert "5.0 [4.4, 5.7]" in text
