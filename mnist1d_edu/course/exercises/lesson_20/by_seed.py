"""20.by_seed: the records of a sweep, put side by side seed by seed."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def by_seed(records):
    found = {}
    for record in records:
        values = found.setdefault(record["condition"], {})
        values.update(zip(record["seeds"], record["values"], strict=True))
    common = sorted(set.intersection(*(set(values) for values in found.values())))
    return {condition: np.array([values[seed] for seed in common])
            for condition, values in found.items()}


def sweeps(rng: np.random.RandomState) -> list[tuple]:
    """records: one a condition to read; groups in any order; a seed that one condition lacks."""
    def record(condition, *seeds):
        return {"condition": condition, "seeds": list(seeds),
                "values": [round(float(v), 2) for v in 60 + 5 * rng.randn(len(seeds))]}

    return [([record("old", 0, 1), record("new", 0, 1)],),
            ([record("old", 2, 3), record("new", 0, 1), record("old", 0, 1), record("new", 2, 3)],),
            ([record("new", 1, 0, 2), record("old", 2, 0, 1)],),
            ([record("old", 0, 1, 2, 3), record("new", 4, 0), record("new", 2, 3)],),
            ([record("a", 5, 7), record("b", 7, 12), record("c", 12, 5, 7), record("a", 12, 6),
             record("b", 5)],)]


# ---- what students write
def as_they_came(records):
    found = {}
    for record in records:
        found.setdefault(record["condition"], []).extend(record["values"])
    return {condition: np.array(values) for condition, values in found.items()}


def last_group_only(records):
    return {record["condition"]: np.array(record["values"]) for record in records}


def first_group_only(records):
    found = {}
    for record in records:
        found.setdefault(record["condition"], np.array(record["values"]))
    return found


def last_record_of_a_condition(records):
    return by_seed(list({record["condition"]: record for record in records}.values()))


def all_seeds(records):
    found = {}
    for record in records:
        values = found.setdefault(record["condition"], {})
        values.update(zip(record["seeds"], record["values"], strict=True))
    return {condition: np.array([values[seed] for seed in sorted(values)])
            for condition, values in found.items()}


def sorted_values(records):
    return {condition: np.sort(values) for condition, values in by_seed(records).items()}


def cut_to_the_shortest(records):
    found = all_seeds(records)
    shortest = min(map(len, found.values()))
    return {condition: values[:shortest] for condition, values in found.items()}


def cut_as_they_came(records):
    found = as_they_came(records)
    shortest = min(map(len, found.values()))
    return {condition: values[:shortest] for condition, values in found.items()}


def gaps_are_nan(records):
    found, seeds = {}, sorted({seed for record in records for seed in record["seeds"]})
    for record in records:
        values = found.setdefault(record["condition"], dict.fromkeys(seeds, np.nan))
        values.update(zip(record["seeds"], record["values"], strict=True))
    return {condition: np.array([values[seed] for seed in seeds])
            for condition, values in found.items()}


def means(records):
    return {condition: values.mean() for condition, values in by_seed(records).items()}


def groups_sorted_by_their_first_seed(records):
    return as_they_came(sorted(records, key=lambda record: record["seeds"][0]))


def numbers_in_text_order(records):
    found = {}
    for record in records:
        values = found.setdefault(record["condition"], {})
        values.update(zip(map(str, record["seeds"]), record["values"], strict=True))
    common = sorted(set.intersection(*(set(values) for values in found.values())))
    return {condition: np.array([values[seed] for seed in common])
            for condition, values in found.items()}


def the_seeds(records):
    found = {}
    for record in records:
        found.setdefault(record["condition"], set()).update(record["seeds"])
    common = sorted(set.intersection(*found.values()))
    return {condition: np.array(common) for condition in found}


# ---- other right answers
def lists(records):
    conditions = list(dict.fromkeys(record["condition"] for record in records))
    pairs = {c: [] for c in conditions}
    for record in records:
        for seed, value in zip(record["seeds"], record["values"], strict=True):
            pairs[record["condition"]].append((seed, value))
    in_all = [s for s, _ in pairs[conditions[0]]
              if all(s in [t for t, _ in pairs[c]] for c in conditions)]
    return {c: np.array([v for s, v in sorted(pairs[c]) if s in in_all]) for c in conditions}


EXERCISE = Exercise(
    "20.by_seed", "Seed beside seed", by_seed, probes=sweeps,
    hints=(
        "Runs end in any order, and one may be missing. A value belongs to its condition *and* its "
        "seed, so keep both: a dictionary of dictionaries.",
        "`found.setdefault(record[\"condition\"], {})[seed] = value` for each seed and value of a "
        "record (`zip`). Which seeds have all conditions? `set.intersection(*map(set, "
        "found.values()))`.",
        "`{c: np.array([values[s] for s in sorted(common)]) for c, values in found.items()}`.",
    ),
    mistakes={
        "you put the values in the order in which the runs ended: a difference would then compare "
        "one seed with another; order them by seed":
            codings(as_they_came, cut_as_they_came),
        "you sorted the groups, but not the seeds inside a group":
            groups_sorted_by_their_first_seed,
        "of each condition you kept only the last record: there may be several": last_group_only,
        "of each condition you kept only the first record: there may be several":
            first_group_only,
        "you kept seeds that not all conditions have: a pair needs both": all_seeds,
        "where a condition lacks a seed there should be no place at all, and you have a NaN":
            gaps_are_nan,
        "you cut to the shortest, but the seed that is missing need not be the last: keep the "
        "seeds that *all* conditions have":
            cut_to_the_shortest,
        "you sorted the values: they belong to their seeds, so it is the seeds that are sorted":
            sorted_values,
        "you averaged already: return one value for each seed": means,
        "your seeds are in the order of words, 12 before 5: sort them as numbers":
            numbers_in_text_order,
        "these are the seeds: return the values": the_seeds,
        "a condition has several records, and you kept only the last: collect the seeds of all":
            last_record_of_a_condition,
    },
    variants={"with lists": lists},
)
