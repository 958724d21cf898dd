"""13.permute_labels: some of the labels dealt out anew among themselves (UDL 20.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def permute_labels(y, proportion, rng):
    chosen = rng.permutation(len(y))[:round(proportion * len(y))]
    changed = y.copy()
    changed[chosen] = y[rng.permutation(chosen)]
    return changed


def labels(rng: np.random.RandomState) -> list[tuple]:
    """y (N,), proportion, and the seed of a stream: none, all, some; then labels of which one is
    rare, in order."""
    rare = np.repeat([0, 1, 2, 3], [100, 400, 700, 800])
    return [*((rng.randint(0, 10, n), p, int(rng.randint(10_000)))
              for n, p in ((6, 0.0), (2000, 1.0), (2000, 0.4), (3000, 0.1))),
            (rare, 0.5, int(rng.randint(10_000))), (rare, 1.0, int(rng.randint(10_000)))]


def drawn(answer, y, proportion, seed):
    """The labels, and whether the same seed gives the same ones and another seed others."""
    given = y.copy(), y.copy()
    one = answer(y, proportion, np.random.RandomState(seed))
    again, other = (answer(spare, proportion, np.random.RandomState(s))
                    for spare, s in zip(given, (seed, seed + 1), strict=True))
    return one, np.array_equal(one, again), proportion == 0 or not np.array_equal(one, other)


def labels_again(got, want) -> bool:
    """Any draw will do; whether it is the right kind of draw, the properties say."""
    return (isinstance(got[0], np.ndarray) and got[0].shape == want[0].shape
            and got[0].dtype.kind in "iu")


# ---- what students write
def drawn_anew(y, proportion, rng):
    chosen = rng.permutation(len(y))[:round(proportion * len(y))]
    changed = y.copy()
    changed[chosen] = rng.randint(0, 10, len(chosen))
    return changed


def first_labels(y, proportion, rng):
    count = round(proportion * len(y))
    return np.concatenate([rng.permutation(y[:count]), y[count:]])


def with_copies(y, proportion, rng):
    chosen = rng.permutation(len(y))[:round(proportion * len(y))]
    changed = y.copy()
    changed[chosen] = y[rng.choice(chosen, len(chosen))] if len(chosen) else y[chosen]
    return changed


def from_everywhere(y, proportion, rng):
    chosen = rng.permutation(len(y))[:round(proportion * len(y))]
    changed = y.copy()
    changed[chosen] = rng.permutation(y)[:len(chosen)]
    return changed


def all_moved_by_one(y, proportion, rng):
    chosen = rng.permutation(len(y))[:round(proportion * len(y))]
    changed = y.copy()
    changed[chosen] = (y[chosen] + 1) % 10
    return changed


# ---- what must hold
def as_often(result, y, proportion, seed):
    return np.array_equal(np.sort(result[0]), np.sort(y))


def moved(result, y):
    """The proportion of the labels that differ, and how large it is if all are dealt out."""
    often = np.bincount(y) / len(y)
    return np.mean(result[0] != y), 1 - (often**2).sum()


def as_many(result, y, proportion, seed):
    changed, of_all = moved(result, y)
    return len(y) < 100 or abs(changed - proportion * of_all) < 0.06


def spread_over_the_array(result, y, proportion, seed):
    half, changed = len(y) // 2, result[0] != y
    if len(y) < 100 or len(np.unique(y)) < 10:
        return True
    return abs(changed[:half].mean() - changed[half:].mean()) < 0.1


# ---- other right answers
def a_mask(y, proportion, rng):
    places = np.arange(len(y))
    rng.shuffle(places)
    mask = np.zeros(len(y), bool)
    mask[places[:int(proportion * len(y) + 0.5)]] = True
    changed = np.array(y)
    changed[mask] = rng.permutation(y[mask])
    return changed


def choice(y, proportion, rng):
    chosen = rng.choice(len(y), round(proportion * len(y)), replace=False)
    changed, some = y.copy(), y[chosen]
    rng.shuffle(some)
    changed[chosen] = some
    return changed


def each_by_chance(y, proportion, rng):
    chosen = rng.random_sample(len(y)) < proportion
    changed = y.copy()
    changed[chosen] = rng.permutation(y[chosen])
    return changed


EXERCISE = Exercise(
    "13.permute_labels", "Labels dealt out anew", permute_labels, probes=labels, drive=drawn,
    same=labels_again,
    hints=(
        "Choose some of the places 0 to N - 1 at random, then give their labels to one another in "
        "another order. The labels at all other places stay.",
        "`chosen = rng.permutation(len(y))[:round(proportion * len(y))]`; a second permutation "
        "deals out their labels.",
        "On a copy: `changed[chosen] = y[rng.permutation(chosen)]`",
    ),
    mistakes={
        "you drew new digits: deal out the labels that are there, so that each digit stays as "
        "frequent as it was": drawn_anew,
        "you permuted the first labels of the array: choose places anywhere": first_labels,
        "you permuted all labels, whatever the proportion":
            lambda y, proportion, rng: rng.permutation(y),
        "you permuted the labels that should stay: `proportion` of them are to move":
            lambda y, proportion, rng: permute_labels(y, 1 - proportion, rng),
        "you drew the labels with replacement, so that some come twice and others are lost: "
        "permute them": with_copies,
        "you took labels from all examples for the chosen ones, so that some come twice: permute "
        "the labels of the chosen ones among themselves": from_everywhere,
        "you moved each chosen label to the next digit, a rule that a net can learn: deal them out "
        "at random": all_moved_by_one,
        "nothing changes: rng.shuffle works in place on what it is given, and y[chosen] is a copy":
            lambda y, proportion, rng: y.copy(),
        "you draw from NumPy's global stream: draw from the `rng` you are given, so that the same "
        "seed gives the same labels again":
            lambda y, proportion, rng: permute_labels(y, proportion, np.random),
        "you made a stream of your own: draw from the `rng` you are given, so that another seed "
        "gives other labels":
            codings(lambda y, p, rng: permute_labels(y, p, np.random.RandomState(0)),
                    lambda y, p, rng: permute_labels(y, p, np.random.RandomState(42))),
    },
    musts={
        "with a proportion of 0 no label may change":
            lambda result, y, proportion, seed: proportion > 0 or (result[0] == y).all(),
        "the same rng must give the same labels again, and another rng other ones: draw from the "
        "`rng` you are given, and from nothing else":
            lambda result, y, proportion, seed: result[1] and result[2],
        "each digit must stay as frequent as it was: permute the labels that are there": as_often,
        "the number of labels that really change does not fit the proportion": as_many,
        "the labels that change must be spread over the whole array": spread_over_the_array,
    },
    variants={"a mask": a_mask, "rng.choice without replacement": choice,
              "each place by chance": each_by_chance},
)
