"""The figures of lesson 19, learning the activation function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mnist1d_edu.plots.style import BLUE, RED, bare, described, listed, subplots

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def learned_curves(xs: np.ndarray, path: Mapping[str, np.ndarray],
                   stored: Mapping[str, np.ndarray]) -> Figure:
    """A function at several outer steps, label -> values (E,) at xs (E,), from pale to dark, and
    stored ones, dashed. Lesson 19."""
    figure, [[ax]] = subplots(figsize=(6.4, 3.8), dpi=80)
    for (label, values), alpha in zip(path.items(), np.linspace(0.3, 1, len(path)), strict=True):
        bare(ax).plot(xs, values, color=BLUE, alpha=alpha, label=label)
    for label, values in stored.items():
        ax.plot(xs, values, color=RED, linestyle="--", label=label)
    for line in (ax.axhline, ax.axvline):
        line(0, color="0.85", linewidth=0.8, zorder=0)
    ax.set(xlabel="input z", ylabel="activation f(z)", xlim=(-5, 5), ylim=(-2, 4))
    ax.legend(frameon=False, fontsize="small")
    lows = listed(f"≈ {np.min(values):.2f} at z ≈ {xs[np.argmin(values)]:.2f} ({label})"
                  for label, values in {**path, **stored}.items())
    return described(figure, f"Activation functions from z = -5 to 5; the lowest points: {lows}.")
