"""20.holm: which of many differences are clear of zero (UDL 8.3; Holm, 1979)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def holm(p, alpha):
    order = np.argsort(p, kind="stable")
    clear = np.zeros(len(p), bool)
    for place, k in enumerate(order):
        if p[k] > alpha / (len(p) - place):
            break
        clear[k] = True
    return clear


def p_values(rng: np.random.RandomState) -> list[tuple]:
    """p (K,), alpha: two to read, one alone, then sets in which the rules differ: a small one
    after one that fails, none that passes, one exactly at its limit."""
    return [(np.array([0.04, 0.01]), 0.05), (np.array([0.03]), 0.05),
            (np.array([0.2, 0.011, 0.03, 0.001]), 0.05), (np.array([0.04, 0.012, 0.026]), 0.05),
            (np.array([0.03, 0.03, 0.03]), 0.05), (np.array([0.02, 0.3, 0.018, 0.9, 0.45]), 0.1),
            (np.array([0.25, 0.125, 0.5]), 0.5), (rng.rand(12) ** 6, 0.05),
            (rng.rand(9) ** 5, 0.1), (np.array([0.5, 0.015, 0.6, 0.013, 0.7, 0.001]), 0.05)]


def as_an_array(answer, p, alpha):
    """A list will do."""
    verdicts = answer(p, alpha)
    return np.asarray(verdicts) if isinstance(verdicts, (list, tuple)) else verdicts


# ---- what students write
def largest_first(p, alpha):
    clear = np.zeros(len(p), bool)
    for place, k in enumerate(np.argsort(p)[::-1]):
        if p[k] > alpha / (len(p) - place):
            break
        clear[k] = True
    return clear


def bonferroni(p, alpha):
    return p <= alpha / len(p)


def limits_in_the_wrong_order(p, alpha):
    clear = np.zeros(len(p), bool)
    for place, k in enumerate(np.argsort(p, kind="stable")):
        if p[k] > alpha / (place + 1):
            break
        clear[k] = True
    return clear


def each_by_itself(p, alpha):
    order = np.argsort(p, kind="stable")
    clear = np.zeros(len(p), bool)
    clear[order] = p[order] <= alpha / (len(p) - np.arange(len(p)))
    return clear


def left_sorted(p, alpha):
    return holm(np.sort(p), alpha)


def given_order_for_rank(p, alpha):
    return np.logical_and.accumulate(p <= alpha / (len(p) - np.arange(len(p))))


def order_for_rank(p, alpha):
    order = np.argsort(p, kind="stable")
    return holm(p, alpha)[order]


def hochberg(p, alpha):
    order = np.argsort(p, kind="stable")
    small = p[order] <= alpha / (len(p) - np.arange(len(p)))
    clear = np.zeros(len(p), bool)
    if small.any():
        clear[order[:np.flatnonzero(small)[-1] + 1]] = True
    return clear


def benjamini_hochberg(p, alpha):
    order = np.argsort(p, kind="stable")
    small = p[order] <= alpha * (np.arange(len(p)) + 1) / len(p)
    clear = np.zeros(len(p), bool)
    if small.any():
        clear[order[:np.flatnonzero(small)[-1] + 1]] = True
    return clear


def off_by_one(p, alpha):
    clear = np.zeros(len(p), bool)
    for place, k in enumerate(np.argsort(p, kind="stable")):
        if p[k] > alpha / (len(p) + 1 - place):
            break
        clear[k] = True
    return clear


def smaller_only(p, alpha):
    clear = np.zeros(len(p), bool)
    for place, k in enumerate(np.argsort(p, kind="stable")):
        if p[k] >= alpha / (len(p) - place):
            break
        clear[k] = True
    return clear


# ---- other right answers
def counted(p, alpha):
    """A value's limit from the number of smaller ones."""
    k = len(p)
    fails = [value for place, value in enumerate(sorted(p)) if value > alpha / (k - place)]
    return np.array([not fails or value < min(fails) for value in p])


def adjusted(p, alpha):
    """By p-values that are multiplied, as statistics packages do it."""
    p = np.asarray(p)
    order = np.argsort(p)
    factors = len(p) - np.arange(len(p))
    made = np.empty(len(p))
    made[order] = np.maximum.accumulate(p[order] * factors)
    return made <= alpha * (1 + 1e-12)


EXERCISE = Exercise(
    "20.holm", "Many differences at once", holm, probes=p_values, drive=as_an_array,
    points=2,
    hints=(
        "Sort first. The smallest of K has to pass the strictest limit, alpha / K; the next "
        "alpha / (K - 1), and so on. At the first that fails, stop.",
        "`order = np.argsort(p)` has the places in the order of the p-values: walk along it, and "
        "write True at `clear[k]`, so that each verdict stands at its own place.",
        "`for place, k in enumerate(order): if p[k] > alpha / (len(p) - place): break`, else "
        "`clear[k] = True`.",
    ),
    mistakes={
        "you compared each with alpha itself: of twenty differences that are 0, one would be "
        "called clear":
            lambda p, alpha: p <= alpha,
        "you gave all the strictest limit, alpha / K (that is Bonferroni's rule): the second "
        "smallest needs alpha / (K - 1) only, and so on":
            bonferroni,
        "your limits begin at alpha and get stricter: the *smallest* p-value has the strictest, "
        "alpha / K":
            limits_in_the_wrong_order,
        "you began with the largest p-value: begin with the smallest": largest_first,
        "you went on after one that failed: no larger p-value may be called clear then":
            each_by_itself,
        "your verdicts are in the order of the sorted p-values: put each back at its own place":
            codings(left_sorted, order_for_rank),
        "you took the place in the list for the rank: sort first": given_order_for_rank,
        "you began with the largest p-value and kept all below the first that passes (Hochberg's "
        "rule): begin with the smallest and stop at the first that fails":
            hochberg,
        "your limits grow by alpha / K for each rank (that is the rule of Benjamini and Hochberg, "
        "which promises less): the limits are alpha / K, alpha / (K - 1), ..., alpha":
            benjamini_hochberg,
        "your limits are one rank too strict: the smallest of K has alpha / K":
            off_by_one,
        "a p-value that is exactly at its limit passes": smaller_only,
        "these are the ones that are *not* clear": lambda p, alpha: ~holm(p, alpha),
        "this is how many are clear: say it for each, in the order of p":
            lambda p, alpha: int(holm(p, alpha).sum()),
        "these are the places of those that are clear: return True or False for each":
            lambda p, alpha: np.flatnonzero(holm(p, alpha)),
    },
    variants={"a list": lambda p, alpha: [bool(clear) for clear in holm(p, alpha)],
              "counted from the sorted values": counted,
              "adjusted p-values": adjusted},
)
