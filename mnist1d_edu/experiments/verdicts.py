"""Ours beside a published number: the rule by which they agree or do not.

A published range and ours disagree when ours, widened to two standard deviations (where 95 % of
single runs fall), does not touch it: most published numbers are one run, or the mean of a few. One
run of ours has no spread, so it gives no verdict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mnist1d_edu.experiments import intervals


@dataclass(frozen=True)
class Judged:
    """A row of a comparison in words and numbers.

    ours: "93.5 ± 1.0 (10)", mean ± standard deviation (seeds). interval: the 95 % interval of the
    mean, "92.8 to 94.2", or "" for one seed. published: the range. digits: how many after the
    point. verdict: "agrees", "above" or "below" (ours), or "one seed". gap: by how much more than
    the error bars, rounded.
    """

    what: str
    ours: str
    interval: str
    published: str
    source: str
    digits: int
    verdict: str
    gap: float


def judge(row: dict) -> Judged:
    """Judge a row of a summary's comparison (what `experiments.compared` returns)."""
    ours, (low, high) = np.array(row["ours"]), row["published"]
    mean, deviation = ours.mean(), ours.std(ddof=1) if len(ours) > 1 else 0.0
    digits = max(1, 2 - math.floor(math.log10(abs(mean)))) if mean else 1  # 94.0, 4.41, 0.624
    spread = f" ± {deviation:.{digits}f}" if len(ours) > 1 else ""
    gap = round(float(max(low - (mean + 2 * deviation), mean - 2 * deviation - high)), digits)
    ends = intervals.interval(ours) if len(ours) > 1 else None
    return Judged(
        what=row["what"], source=row["source"], digits=digits,
        ours=f"{mean:.{digits}f}{spread} ({len(ours)})",
        interval=f"{ends['low']:.{digits}f} to {ends['high']:.{digits}f}" if ends else "",
        published=f"{low:g}" if low == high else f"{low:g} to {high:g}",
        verdict=_verdict(len(ours), mean, low, gap), gap=max(gap, 0.0))


def _verdict(seeds: int, mean: float, low: float, gap: float) -> str:
    if seeds == 1:
        return "one seed"
    if gap <= 0:
        return "agrees"
    return "below" if mean < low else "above"
