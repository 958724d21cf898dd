"""20.power: how often an experiment with so many seeds would see an effect (UDL 8.3)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def power(effect, deviation, seeds, t, repeats, rng):
    differences = rng.normal(effect, deviation, (repeats, seeds))
    half = t * differences.std(axis=1, ddof=1) / np.sqrt(seeds)
    return np.mean(np.abs(differences.mean(axis=1)) > half)


def experiments(rng: np.random.RandomState) -> list[tuple]:
    """effect, deviation, seeds, Student's t for so many, repeats, the seed of a stream: one that is
    easy to see, effects of either sign, none at all."""
    return [(*given, int(rng.randint(10_000))) for given in (
        (3.0, 1.0, 3, 4.303, 20), (1.0, 2.0, 5, 2.776, 300), (-2.0, 2.5, 4, 3.182, 200),
        (0.0, 1.0, 6, 2.571, 400), (0.7, 1.0, 10, 2.262, 300), (-0.5, 1.5, 12, 2.201, 300))]


def with_a_stream(answer, effect, deviation, seeds, t, repeats, seed):
    return answer(effect, deviation, seeds, t, repeats, np.random.RandomState(seed))


# ---- what students write
def _drawn(effect, deviation, seeds, repeats, rng):
    d = rng.normal(effect, deviation, (repeats, seeds))
    return d.mean(axis=1), d.std(axis=1, ddof=1)


def no_root(effect, deviation, seeds, t, repeats, rng):
    mean, spread = _drawn(effect, deviation, seeds, repeats, rng)
    return np.mean(np.abs(mean) > t * spread)


def divided_by_n(effect, deviation, seeds, t, repeats, rng):
    mean, spread = _drawn(effect, deviation, seeds, repeats, rng)
    return np.mean(np.abs(mean) > t * spread / seeds)


def without_t(effect, deviation, seeds, t, repeats, rng):
    mean, spread = _drawn(effect, deviation, seeds, repeats, rng)
    return np.mean(np.abs(mean) > spread / np.sqrt(seeds))


def normal_factor(effect, deviation, seeds, t, repeats, rng):
    return power(effect, deviation, seeds, 1.96, repeats, rng)


def known_deviation(effect, deviation, seeds, t, repeats, rng):
    mean, _ = _drawn(effect, deviation, seeds, repeats, rng)
    return np.mean(np.abs(mean) > t * deviation / np.sqrt(seeds))


def divided_squares_by_n(effect, deviation, seeds, t, repeats, rng):
    d = rng.normal(effect, deviation, (repeats, seeds))
    return np.mean(np.abs(d.mean(axis=1)) > t * d.std(axis=1) / np.sqrt(seeds))


def above_only(effect, deviation, seeds, t, repeats, rng):
    mean, spread = _drawn(effect, deviation, seeds, repeats, rng)
    return np.mean(mean > t * spread / np.sqrt(seeds))


def not_seen(effect, deviation, seeds, t, repeats, rng):
    return 1 - power(effect, deviation, seeds, t, repeats, rng)


def covered(effect, deviation, seeds, t, repeats, rng):
    mean, spread = _drawn(effect, deviation, seeds, repeats, rng)
    return np.mean(np.abs(mean - effect) <= t * spread / np.sqrt(seeds))


def away_from_the_effect(effect, deviation, seeds, t, repeats, rng):
    return 1 - covered(effect, deviation, seeds, t, repeats, rng)


def effect_not_drawn(effect, deviation, seeds, t, repeats, rng):
    return power(0.0, deviation, seeds, t, repeats, rng)


def variance_for_deviation(effect, deviation, seeds, t, repeats, rng):
    return power(effect, deviation**2, seeds, t, repeats, rng)


def over_the_other_axis(effect, deviation, seeds, t, repeats, rng):
    d = rng.normal(effect, deviation, (repeats, seeds))
    half = t * d.std(axis=0, ddof=1) / np.sqrt(seeds)
    return np.mean(np.abs(d.mean(axis=0)) > half)


def one_experiment(effect, deviation, seeds, t, repeats, rng):
    d = rng.normal(effect, deviation, (repeats, seeds))
    return float(abs(d.mean()) > t * d.std(ddof=1) / np.sqrt(d.size))


def drawn_in_columns(effect, deviation, seeds, t, repeats, rng):
    d = rng.normal(effect, deviation, (seeds, repeats))
    half = t * d.std(axis=0, ddof=1) / np.sqrt(seeds)
    return np.mean(np.abs(d.mean(axis=0)) > half)


def counted(effect, deviation, seeds, t, repeats, rng):
    return round(repeats * power(effect, deviation, seeds, t, repeats, rng))


# ---- other right answers
def one_after_the_other(effect, deviation, seeds, t, repeats, rng):
    seen = 0
    for _ in range(repeats):
        d = rng.normal(effect, deviation, seeds)
        half = t * d.std(ddof=1) / seeds**0.5
        seen += not (d.mean() - half <= 0 <= d.mean() + half)
    return seen / repeats


EXERCISE = Exercise(
    "20.power", "How many seeds?", power, probes=experiments, drive=with_a_stream,
    points=2,
    hints=(
        "Play the experiment many times in a world in which you know the effect. One play is "
        "`seeds` differences; make their interval as you did in lesson 15, and see whether 0 lies "
        "outside.",
        "All plays at once: `d = rng.normal(effect, deviation, (repeats, seeds))`, one a row. Mean "
        "and standard deviation (ddof=1) along axis 1.",
        "`half = t * d.std(axis=1, ddof=1) / np.sqrt(seeds)`; clear of zero where the mean is "
        "farther from 0 than half, on either side.",
    ),
    mistakes={
        "you compared the mean with the spread of *single* differences: the mean of n varies √n "
        "times less":
            no_root,
        "you divided by n instead of √n": divided_by_n,
        "you left out t: one standard error on either side is no 95 % interval": without_t,
        "1.96 is the factor for very many seeds: take the t that you are given": normal_factor,
        "you used the true deviation: an experimenter does not know it, she has only that of her "
        "few seeds":
            known_deviation,
        "you divided the squares by n: for a sample it is n - 1, `ddof=1`": divided_squares_by_n,
        "you counted the intervals above 0 only: those below are clear of zero, too": above_only,
        "this is how often the effect is *missed*": not_seen,
        "this is how often the interval holds the true effect: the question is whether it holds 0":
            covered,
        "this is how often the interval misses the middle of what you drew: draw the differences "
        "around `effect`, and ask whether it misses 0":
            codings(away_from_the_effect, effect_not_drawn),
        "`rng.normal` takes the standard deviation, not its square": variance_for_deviation,
        "you averaged over the experiments: a row is one experiment, its seeds lie along axis 1":
            over_the_other_axis,
        "you put all draws into one large experiment: judge each row by itself, and count":
            one_experiment,
        "you drew one experiment a column; draw (repeats, seeds), one a row, so that the same rng "
        "gives the same experiments as ours":
            drawn_in_columns,
        "this is a count: divide it by the number of repeats": counted,
    },
    variants={"one after the other": one_after_the_other},
)
