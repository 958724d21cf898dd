"""14.add_label_noise: wrong labels, at random (UDL 8.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def add_label_noise(y, p, rng):
    chosen = rng.random_sample(len(y)) < p
    new = rng.randint(0, 10, len(y))
    return np.where(chosen, new, y)


def labels(rng: np.random.RandomState) -> list[tuple]:
    """y (N,), p, and the seed of a stream: no noise first, then all, half and the
    paper's; and one digit only."""
    return [(rng.randint(0, 10, n), p, int(rng.randint(10_000)))
            for n, p in ((6, 0.0), (3000, 1.0), (3000, 0.5), (4000, 0.15))] + [
                (np.full(3000, 3), 0.5, int(rng.randint(10_000)))]


def noisy(answer, y, p, seed):
    """The labels, and whether they were drawn from the stream that was given."""
    rng, untouched = np.random.RandomState(seed), np.random.RandomState(seed)
    result = answer(y, p, rng)
    used = p == 0 or rng.randint(2**31) != untouched.randint(2**31)
    return {"labels": result, "rng is used": used}


def labels_again(got, want) -> bool:
    """Any draw will do; whether it is the right kind of draw, the properties say."""
    mine, right = got["labels"], want["labels"]
    return (got["rng is used"] and isinstance(mine, np.ndarray) and mine.shape == right.shape
            and mine.dtype.kind in "iu")


def of_labels(holds):
    """A property of the labels, as one of all that is known."""
    return lambda result, y, p, seed: holds(result["labels"], y, p, seed)


def moved(result, y):
    """The proportion of the labels that differ."""
    return np.mean(result != y)


# ---- what students write
def written_into_y(y, p, rng):
    y[:] = add_label_noise(y, p, rng)
    return y


def never_the_old_one(y, p, rng):
    chosen = rng.random_sample(len(y)) < p
    return np.where(chosen, (y + rng.randint(1, 10, len(y))) % 10, y)


def first_labels(y, p, rng):
    chosen = np.arange(len(y)) < p * len(y)
    return np.where(chosen, rng.randint(0, 10, len(y)), y)


# ---- what must hold
def spread_over_the_array(result, y, p, seed):
    half = len(y) // 2
    left, right = moved(result[:half], y[:half]), moved(result[half:], y[half:])
    return half < 100 or abs(left - right) < 0.08


def all_digits_equally_often(result, y, p, seed):
    new = result[result != y]
    often = np.bincount(new, minlength=10) / max(len(new), 1)
    return len(new) < 300 or (y == y[0]).all() or abs(often - 0.1).max() < 0.06


# ---- other right answers
def label_after_label(y, p, rng):
    y = y.copy()
    for i in range(len(y)):
        if rng.random_sample() < p:
            y[i] = rng.randint(0, 10)
    return y


def as_many_as_needed(y, p, rng):
    out, chosen = y.copy(), rng.rand(len(y)) < p
    out[chosen] = rng.choice(10, chosen.sum())
    return out


def digits_first(y, p, rng):
    new = rng.randint(0, 10, len(y)).astype(np.int8)
    return np.where(rng.random_sample(len(y)) < p, new, y.astype(np.int8))


EXERCISE = Exercise(
    "14.add_label_noise", "Wrong labels, at random", add_label_noise, probes=labels, drive=noisy,
    same=labels_again,
    hints=(
        "Two draws: N numbers between 0 and 1, which choose the labels to be drawn anew, "
        "and N digits, from which these take their new value. In what proportion of all "
        "cases is a number below p?",
        "`chosen = rng.random_sample(len(y)) < p` and `new = rng.randint(0, 10, len(y))`; the "
        "upper end of randint is not drawn.",
        "`np.where(chosen, new, y)` takes the new label where `chosen` is true, the old one "
        "elsewhere, and leaves y as it is.",
    ),
    mistakes={
        "you wrote the new labels into y itself, and the clean ones are lost: "
        "change a copy, y.copy()":
            written_into_y,
        "you kept what was to be changed: a random number is *below* p with probability p":
            lambda y, p, rng: np.where(rng.rand(len(y)) > p, rng.randint(0, 10, len(y)), y),
        "no label ever becomes 9: the upper end of randint is not drawn, so ask for randint(0, 10)":
            lambda y, p, rng: np.where(rng.rand(len(y)) < p, rng.randint(0, 9, len(y)), y),
        "all labels that you chose become the same digit: draw a new digit for each of them":
            lambda y, p, rng: np.where(rng.rand(len(y)) < p, rng.randint(0, 10), y),
        "you drew one random number for all labels together, so either all of them change or none: "
        "draw one for each label":
            lambda y, p, rng: rng.randint(0, 10, len(y)) if rng.random_sample() < p else y.copy(),
        "you drew from 0 to 9 but added it to the old label: the new label is the digit itself, "
        "whatever stood there before":
            lambda y, p, rng: np.where(rng.rand(len(y)) < p, y + rng.randint(0, 10, len(y)), y),
        "your new label is never the old one: draw among all ten digits, so that some of the "
        "chosen labels stay what they were":
            never_the_old_one,
        "you changed the first labels of the array: choose anywhere, each "
        "label with the same chance":
            first_labels,
    },
    musts={
        "draw from the `rng` that you are given, so that the same seed gives the same noise again":
            lambda result, y, p, seed: result["rng is used"],
        "with p = 0 no label may change":
            of_labels(lambda result, y, p, seed: p > 0 or (result == y).all()),
        "every label must be a digit from 0 to 9":
            of_labels(
                lambda result, y, p, seed: result.min() >= 0 and result.max() <= 9),
        "the new label must be drawn among all ten digits, the old one too: even with p = 1 some "
        "labels stay what they were":
            of_labels(
                lambda result, y, p, seed: p < 1 or moved(result, y) < 0.99),
        "a label must be drawn anew with probability p, and then be any of the ten digits: the "
        "proportion that really changes does not fit that":
            of_labels(
                lambda result, y, p, seed: len(y) < 100 or abs(moved(result, y) - 0.9 * p) < 0.05),
        "the labels that change must be spread over the whole array":
            of_labels(spread_over_the_array),
        "the new labels must be all ten digits, equally often": of_labels(all_digits_equally_often),
    },
    variants={
        "one label after the other, as in the paper's code": label_after_label,
        "only as many digits as are needed": as_many_as_needed,
        "drawn in the other order, small integers": digits_first,
    },
)
