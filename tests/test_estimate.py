"""How long a sweep still takes: learned from finished runs and from stored ones."""

from __future__ import annotations

import pytest

from mnist1d_edu import experiments
from mnist1d_edu.experiments import Run, estimate


def runs(experiment: str, *costs: float) -> list[Run]:
    return [Run(experiment, {"n": n}, cost) for n, cost in enumerate(costs)]


@pytest.fixture
def clock(monkeypatch) -> estimate.Clock:
    """A clock that knows stored seconds for "a" (2 for a unit of cost) and "b" (10), not "c"."""
    monkeypatch.setattr(estimate, "stored_rate", {"a": 2.0, "b": 10.0, "c": None}.get)
    return estimate.Clock([*runs("a", 6), *runs("b", 1), *runs("c", 2, 2)])


def test_stored_times_serve_until_there_are_own(clock):
    [run] = runs("a", 3)
    assert clock.seconds(run) == 6
    clock.saw(run, 12)
    assert clock.seconds(run) == 12 and clock.seconds(runs("a", 1)[0]) == 4


def test_a_machine_that_was_slower_in_one_experiment_is_expected_so_in_the_others(clock):
    clock.saw(runs("a", 3)[0], 12)  # twice as slow as stored
    assert clock.slower() == 2 and clock.seconds(runs("b", 1)[0]) == 20


def test_an_experiment_that_was_never_timed_is_guessed_like_the_others_until_its_first_run(clock):
    [run] = runs("c", 2)
    assert clock.seconds(run) == (6 * 2 + 1 * 10) / 2 / 2  # half of the mean of a and b
    assert clock.guesses([run]) and estimate.told(clock, [run], 1).startswith("perhaps ")
    clock.saw(runs("c", 1)[0], 7)
    assert clock.seconds(run) == 14 and not clock.guesses([run])
    assert estimate.told(clock, runs("c", 60), 1) == "about 7 min"


def test_where_nothing_was_timed_nothing_is_said(monkeypatch):
    monkeypatch.setattr(estimate, "stored_rate", {}.get)
    clock = estimate.Clock(runs("c", 1, 1))
    assert clock.left(runs("c", 1), 1) is None and clock.left([], 1, [(runs("c", 1)[0], 1)]) is None
    assert estimate.told(clock, runs("c", 1), 1) == ""


def test_what_is_left_is_when_the_last_process_ends(clock):
    assert clock.left(runs("a", 3, 2, 1), 1) == 12
    assert clock.left(runs("a", 3, 2, 1), 2) == 6
    assert clock.left(runs("a", 3, 2, 1), 5) == 6
    assert clock.left([], 2) == 0


def test_a_run_in_flight_counts_with_what_it_still_takes(clock):
    [run, other] = runs("a", 5, 1)
    assert clock.left([], 2, [(run, 4.0)]) == 6
    assert clock.left([other], 1, [(run, 4.0)]) == 8
    assert clock.left([other], 2, [(run, 4.0)]) == 6
    assert clock.left([], 1, [(run, 40.0)]) == 0  # longer than expected: any moment now


def test_shared_cores_make_the_rest_longer(clock):
    clock.saw(runs("a", 1)[0], 2, waited=6)
    assert clock.left(runs("a", 1, 1), 1) == 12
    clock.saw(runs("a", 1)[0], 2)  # of another day: says nothing of how long one waits now
    assert clock.left(runs("a", 1, 1), 1) == 12


def test_the_stored_rates_are_those_of_the_stored_runs():
    for name in ("benchmark", "lottery", "double-descent"):
        stored, module = experiments.load_result(name), experiments.load(name)
        planned = [run for run in module.runs("paper", stored.get("seeds"))
                   if run.experiment == name]
        seconds = sum(run["made"]["seconds"] for run in stored["runs"])
        cost = sum(run.cost for run in planned)
        assert estimate.stored_rate(name) == pytest.approx(seconds / cost, rel=0.3)


def test_an_experiment_without_a_stored_result_has_no_rate(monkeypatch):
    monkeypatch.setitem(experiments.EXPERIMENTS, "toy", "sweep_toys")
    assert estimate.stored_rate("toy") is None


@pytest.mark.parametrize("scale, minutes", [("quick", 60), ("paper", 3000)])
def test_all_is_estimated_before_anything_has_run(scale, minutes):
    plan = [run for name in experiments.EXPERIMENTS
            for run in experiments.load(name).runs(scale, None) if run.experiment == name
            and estimate.stored_rate(name)]
    left = estimate.Clock(plan).left(plan, 2)
    assert left is not None and 60 < left < 60 * minutes
