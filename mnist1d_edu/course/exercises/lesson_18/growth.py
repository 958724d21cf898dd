"""18.growth: how fast two nearby runs come apart."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def growth(step, w, d, steps):
    return walk(step, w, d, steps)


def walk(step, w, d, steps, *, back=lambda new, length: new * length / np.linalg.norm(new),
         measure=lambda new, length: np.linalg.norm(new) / length, number=lambda t: t,
         length=np.linalg.norm, late=False):
    """The reference, with places where a mistake can sit."""
    first, factors = length(d), []
    for t in range(steps):
        moved = step(w, number(t))
        other = step((moved if late else w) + d, number(t))
        factors.append(measure(other - moved, first))
        w, d = moved, back(other - moved, first)
    return np.array(factors)


def runs(rng: np.random.RandomState) -> list[tuple]:
    """step, w, d, steps: a stretching to read, then steps that bend space, each in its own way; the
    distances are small, but not so small that a wrong one would not show."""
    def bending(n, steps):
        matrices = rng.randn(steps, n, n) * 1.2
        return lambda w, t: np.tanh(matrices[t] @ w) + 0.3 * np.sin(3 * w)

    return [(lambda w, t: w * np.array([2.0, 1.0]), np.array([1.0, 1.0]), np.array([0.3, 0.4]), 2),
            *((bending(n, steps), rng.randn(n), 0.4 * rng.randn(n), steps)
              for n, steps in ((3, 3), (4, 5), (2, 7)))]


# ---- what students write
def varied(**changes):
    return lambda *given: walk(*given, **changes)


def over_the_first(step, w, d, steps):
    other, first, factors = w + d, np.linalg.norm(d), []
    for t in range(steps):
        other, w = step(other, t), step(w, t)
        factors.append(np.linalg.norm(other - w) / first)
    return np.array(factors)


def not_put_back(step, w, d, steps):
    found = over_the_first(step, w, d, steps)
    return found / np.append(1.0, found[:-1])


def same_direction(step, w, d, steps):
    factors = []
    for t in range(steps):
        other, w = step(w + d, t), step(w, t)
        factors.append(np.linalg.norm(other - w) / np.linalg.norm(d))
    return np.array(factors)


def second_run_leads(step, w, d, steps):
    length, other, factors = np.linalg.norm(d), w + d, []
    for t in range(steps):
        other, w = step(other, t), step(w, t)
        factors.append(np.linalg.norm(other - w) / length)
        w = other + (w - other) / factors[-1]
    return np.array(factors)


# ---- other right answers
def two_runs(step, w, d, steps):
    length, first, second = np.sqrt((d**2).sum()), w, w + d
    factors = np.empty(steps)
    for t in range(steps):
        first, second = step(first, t), step(second, t)
        factors[t] = np.sqrt(((second - first)**2).sum()) / length
        second = first + (second - first) / factors[t]
    return factors


def unit_vector(step, w, d, steps):
    length = np.linalg.norm(d)
    unit, factors = d / length, []
    for t in range(steps):
        new = step(w, t)
        unit = (step(w + length * unit, t) - new) / length
        factors.append(np.linalg.norm(unit))
        unit, w = unit / factors[-1], new
    return factors


EXERCISE = Exercise(
    "18.growth", "How fast two runs come apart", growth, probes=runs, points=2,
    drive=lambda answer, step, w, d, steps: np.asarray(answer(step, w, d, steps)),
    hints=(
        "In each step both runs move, by the same t: other = step(w + d, t), and w = step(w, t). "
        "The new distance over the old one is the factor.",
        "Then put the second run back: the new d has the direction of other - w and the length of "
        "the first d, which you keep from the beginning.",
        "`length = np.linalg.norm(d)` before the loop; in it `factor = np.linalg.norm(other - w) / "
        "length` and `d = (other - w) / factor`.",
    ),
    mistakes={
        "the second run is never put back, and the distance does not stay small: after each step, "
        "move it along the line to the first, to the distance of the beginning": not_put_back,
        "these are the distances after each step over that of the beginning: put the second run "
        "back after each step, and measure one step at a time": over_the_first,
        "your second run begins each step in the direction of the first d: it should keep the "
        "direction in which the last step left it": same_direction,
        "these are distances: asked for is the factor, the distance after the step over the one "
        "before it": varied(measure=lambda new, length: np.linalg.norm(new)),
        "these are the squares of the factors: the distance is the root of the sum of squares":
            varied(measure=lambda new, length: (np.linalg.norm(new) / length)**2),
        "upside down: the factor is the distance after the step over that before it":
            varied(measure=lambda new, length: length / np.linalg.norm(new)),
        "you put the second run back at the distance 1: its distance should be that of the "
        "beginning, the length of d": varied(back=lambda new, length: new / np.linalg.norm(new)),
        "you move the first run, and then start the second one beside where it came out: both take "
        "the step from before it": varied(late=True),
        "all your steps have the number 0: step t is step(w, t)": varied(number=lambda t: 0),
        "your steps are numbered from 1: the first one is step(w, 0)":
            lambda step, w, d, steps: walk(
                lambda v, t: step(v, min(t + 1, steps - 1)), w, d, steps),
        "asked for is the factor of each step: you took the mean":
            lambda *given: np.mean(walk(*given)),
        "asked for are the factors themselves: you took their logarithms":
            lambda *given: np.log(walk(*given)),
        "your factors are multiplied up: asked for is that of each step alone":
            lambda *given: np.cumprod(walk(*given)),
        "it is the second run that is put back: you moved the first one": second_run_leads,
        "one factor is missing: there is one for each step": codings(
            lambda *given: walk(*given)[1:], lambda *given: walk(*given)[:-1]),
    },
    variants={
        "two runs kept": two_runs,
        "a unit vector, a list": unit_vector,
    },
)
