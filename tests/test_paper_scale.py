"""The paper-scale result on double descent that comes with the package: what it shows, how it was
made, and a sample of it computed anew."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mnist1d_edu import experiments
from mnist1d_edu.experiments import double_descent


@pytest.fixture(scope="module")
def descent() -> dict:
    return experiments.load_result("double-descent")


def half_width(values) -> float:
    """Half of Student's 95 % interval for the mean."""
    return stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5


# ------------------------------------------------------------------ double descent


def test_double_descent_is_of_paper_scale_with_at_least_five_seeds(descent):
    assert descent["scale"] == "paper"
    assert set(descent["summary"]["setups"]) == set(double_descent.SETUPS)
    for name, setup in descent["summary"]["setups"].items():
        planned = double_descent.SETUPS[name]
        assert setup["widths"] == planned["widths"] and setup["steps"] == planned["steps"]
        assert len(setup["seeds"]) >= 5
        assert np.shape(setup["test_error"]) == (len(setup["widths"]), len(setup["seeds"]))
    assert all(run["made"]["processor"] and run["made"]["seconds"] for run in descent["runs"])


@pytest.mark.parametrize("name", ["mlp-noise", "cnn-noise", "book"])
def test_with_noisy_labels_the_error_peaks_near_the_threshold(descent, name):
    setup = descent["summary"]["setups"][name]
    found = setup["peaks"]["test_error"]
    for change in ("rise", "fall"):
        assert np.mean(found[change]) > half_width(found[change]) + 3
    assert 0.5 < found["top"] / setup["threshold"] < 1.5


@pytest.mark.parametrize("name", ["mlp-clean", "mlp-noise", "cnn-noise", "book"])
def test_the_loss_peaks_with_and_without_noise(descent, name):
    found = descent["summary"]["setups"][name]["peaks"]["test_loss"]
    for change in ("rise", "fall"):
        assert np.mean(found[change]) > half_width(found[change])
        assert min(found[change]) > 0


def test_without_noise_the_error_has_no_such_peak(descent):
    clean, noisy = (descent["summary"]["setups"][name]["peaks"]["test_error"]
                    for name in ("mlp-clean", "mlp-noise"))
    assert np.mean(clean["rise"]) < 0.5 * np.mean(noisy["rise"])


@pytest.mark.parametrize("name, width, seed, tolerance", [
    ("mlp-noise", 7, 0, 5), ("mlp-clean", 61, 4, 3), ("nll-1000", 20, 1, 4),
    ("mse-1000", 98, 2, 4), ("cnn-noise", 4, 3, 6)])
def test_a_sample_of_the_widths_computed_anew(descent, name, width, seed, tolerance):
    """From the recorded arguments, one seed alone. Rounding differs by processor, and by how many
    seeds train at once; over 20,000 steps that moves a net by some points, as another seed would.
    """
    recorded = next(run["arguments"] for run in descent["runs"]
                    if (run["arguments"]["setup"], run["arguments"]["width"]) == (name, width)
                    and seed in run["arguments"]["seeds"])
    result = double_descent.run({**recorded, "seeds": [seed]})
    setup = descent["summary"]["setups"][name]
    place = setup["widths"].index(width), setup["seeds"].index(seed)
    assert result["parameters"] == setup["parameters"][place[0]]
    for measure in ("train_error", "test_error"):
        assert result[measure][-1][0] == pytest.approx(np.array(setup[measure])[place],
                                                       abs=tolerance)
