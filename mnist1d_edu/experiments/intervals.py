"""How well a measured difference is known: Student's interval, and Holm's correction for many.

A table of twenty differences that are all 0 calls one of them clear of zero, on average, by its
95 % interval alone. Holm's step-down rule takes that into account: a difference is called clear
only if its p-value is small enough for its rank among all of the table. Lesson 06; UDL 8.3.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu.arguments import finite_array, mapping
from mnist1d_edu.boundary import explain_all

CONFIDENCE = 0.95


def interval(values) -> dict[str, float]:
    """The mean of independent values, the ends of Student's 95 % interval for it, and the p-value
    of the mean's being 0 (one value: no interval, p 1)."""
    from scipy import stats
    values = finite_array("values", values).astype(float)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"values must have shape (n,), with n at least 1; got {values.shape}")
    mean, n = values.mean(), len(values)
    error = values.std(ddof=1) / n**0.5 if n > 1 else 0.0
    margin = stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * error if n > 1 else 0.0
    if n == 1:
        p = 1.0
    elif error == 0:
        p = float(mean == 0)
    else:
        p = 2 * stats.t.sf(abs(mean) / error, n - 1)
    return {"mean": round(float(mean), 3), "low": round(float(mean - margin), 3),
            "high": round(float(mean + margin), 3), "p": float(f"{p:.2g}")}


def holm(p_values) -> np.ndarray:
    """Which of the p-values are significant together at 1 - CONFIDENCE by Holm's rule: the k-th
    smallest of m (from 0) must be at most that divided by m - k, and so must all smaller ones.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [True, False, False]
    """
    p_values = finite_array("p_values", p_values).astype(float)
    if p_values.ndim != 1 or ((p_values < 0) | (p_values > 1)).any():
        raise ValueError(f"p_values must be numbers from 0 to 1 in one list; got shape "
                         f"{p_values.shape}")
    order = np.argsort(p_values, kind="stable")
    small = p_values[order] <= (1 - CONFIDENCE) / np.arange(len(order), 0, -1)
    clear = np.empty(len(order), bool)
    clear[order] = np.logical_and.accumulate(small)
    return clear


def effects(pairs: dict) -> list[dict]:
    """For each difference, what -> its values (one a seed): {"what", "mean", "low", "high", "p",
    "clear"}; clear: of zero, by Holm's rule over all of them."""
    found = [{"what": what, **interval(values)} for what, values in mapping("pairs", pairs).items()]
    for row, clear in zip(found, holm([row["p"] for row in found]), strict=True):
        row["clear"] = bool(clear)
    return found


def effects_table(rows: list[dict], seeds: int | str,
                  what: str = "Differences in percentage points", digits: int = 1) -> str:
    """The differences as lines, each with its interval and whether it is clear of zero. what: what
    they are, and in which unit; digits: after the point, at most 3."""
    width = max(len(row["what"]) for row in rows) + 2
    lines = [f"{what}: mean [95 % interval over {seeds} seeds]", ""]
    lines += [f"{row['what']:{width}}{row['mean']:>7.{digits}f} "
              f"[{row['low']:.{digits}f}, {row['high']:.{digits}f}]"
              f"{'' if row['clear'] else '  not clear'}" for row in rows]
    return "\n".join([*lines, "", f"not clear: not clear of zero by Holm's rule over all "
                                  f"{len(rows)} differences of the table"])


def wilson(right: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a proportion of which `right` of n were found: (low, high).

    >>> [round(end, 3) for end in wilson(383, 400)]
    [0.933, 0.973]
    """
    from scipy import stats
    z = stats.norm.ppf((1 + CONFIDENCE) / 2)
    p, shrink = right / n, 1 + z**2 / n
    middle = (p + z**2 / (2 * n)) / shrink
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / shrink
    return float(middle - half), float(middle + half)


explain_all(globals())
