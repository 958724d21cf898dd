"""03.minibatches: every example once in an epoch, in random order (UDL 6.2)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise


def minibatches(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start:start + batch_size] for start in range(0, n, batch_size)]


def sizes(rng: np.random.RandomState) -> list[tuple]:
    """n, batch_size and a seed: without and with a short last batch, and one batch of all."""
    return [(12, 4, 1), (13, 5, 2), (10, 10, 3), (11, 100, 4), (7, 1, 5)]


def two_epochs(answer, n, batch_size, seed):
    """The batches of two epochs, one after the other from one stream, as lists of arrays; then
    those of the first again, from a stream of the same seed."""
    rng = np.random.RandomState(seed)
    return [[np.asarray(batch) for batch in answer(n, batch_size, stream)]
            for stream in (rng, rng, np.random.RandomState(seed))]


def any_order(got, want) -> bool:
    """Whether `got` is a right draw, though not the reference's: the rest is held by the musts."""
    return (len(got) == len(want)
            and all(all(b.ndim == 1 and b.dtype.kind in "iu" for b in g)
                    and [len(b) for b in g] == [len(b) for b in w]
                    for g, w in zip(got, want, strict=True)))


# ---- what must hold
def every_example_once(result, n, batch_size, seed):
    return all((np.sort(np.concatenate(epoch)) == np.arange(n)).all() for epoch in result)


def shuffled_anew(result, n, batch_size, seed):
    first, second = (np.concatenate(epoch) for epoch in result[:2])
    in_order = np.arange(n)
    return not any((a == b).all() for a, b in ((first, second), (first, in_order),
                                               (second, in_order)))


def same_again_from_the_same_seed(result, n, batch_size, seed):
    return all((a == b).all() for a, b in zip(result[0], result[2], strict=True))


def no_piece_of_the_file(result, n, batch_size, seed):
    batches = [b for epoch in result for b in epoch if len(b) > 1]
    in_order = all((np.diff(np.sort(b)) == 1).all() for b in batches)
    return not batches or not in_order or batch_size >= n


# ---- what students write
def cut(order, batch_size):
    return [order[start:start + batch_size] for start in range(0, len(order), batch_size)]


def each_batch_drawn_by_itself(n, batch_size, rng):
    return [rng.permutation(n)[:len(range(start, min(start + batch_size, n)))]
            for start in range(0, n, batch_size)]


def drawn_with_replacement(n, batch_size, rng):
    return [rng.randint(0, n, min(batch_size, n - start)) for start in range(0, n, batch_size)]


def batches_shuffled(n, batch_size, rng):
    parts = cut(np.arange(n), batch_size)
    return [parts[i] for i in rng.permutation(len(parts))]


def overlapping_pieces(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[start:start + batch_size] for start in range(n)]


def filled_up(n, batch_size, rng):
    order = rng.permutation(n)
    batches = cut(order, batch_size)
    return [*batches[:-1], np.resize(np.append(batches[-1], order), min(batch_size, n))]


# ---- other right answers
def shuffled_in_place(n, batch_size, rng):
    order = np.arange(n)
    rng.shuffle(order)
    return cut(order, batch_size)


def generator(n, batch_size, rng):
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start:start + batch_size]


def split_at_random_numbers(n, batch_size, rng):
    return np.split(rng.rand(n).argsort(), range(batch_size, n, batch_size))


def lists(n, batch_size, rng):
    order, batches = list(rng.choice(n, n, replace=False)), []
    while order:
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


EXERCISE = Exercise(
    "03.minibatches", "Every example once, a hundred at a time", minibatches, points=2,
    probes=sizes, drive=two_epochs, same=any_order,
    parts=("first epoch", "second epoch", "first epoch, drawn again"),
    hints=(
        "`rng.permutation(n)` is the numbers from 0 to n − 1 in random order. Shuffle once, then "
        "cut the list into pieces.",
        "The pieces begin at 0, batch_size, 2·batch_size, ...: `range(0, n, batch_size)`. A slice "
        "that reaches beyond the end stops at the end, so the last batch may be short.",
        "`order = rng.permutation(n)`, and then the list of `order[start:start + batch_size]`.",
    ),
    mistakes={
        "you did not shuffle: the batches come in file order, the same in each epoch":
            lambda n, batch_size, rng: cut(np.arange(n), batch_size),
        "you left out the last, short batch: when batch_size does not divide n, the rest makes a "
        "smaller batch, or some examples are never seen":
            lambda n, batch_size, rng: cut(rng.permutation(n)[:n - n % batch_size], batch_size),
        "you drew each batch separately: some examples come twice in an epoch, and others not at "
        "all. Shuffle once, then cut":
            each_batch_drawn_by_itself,
        "you drew the examples with replacement: some come twice in an epoch, and others not at "
        "all. A permutation has each exactly once":
            drawn_with_replacement,
        "you seed a stream of your own inside, so that every epoch has the same order: draw from "
        "the `rng` that you are given":
            lambda n, batch_size, rng: cut(np.random.RandomState(0).permutation(n), batch_size),
        "you return one batch: return the list of all batches of an epoch":
            lambda n, batch_size, rng: [rng.permutation(n)[:batch_size]],
        "you shuffled the batches, and not the examples: the same examples are always together, "
        "and their neighbours in the file with them":
            batches_shuffled,
        "your batches are of about equal size (np.array_split): all are to have batch_size "
        "examples, and only the last may be shorter":
            lambda n, batch_size, rng: np.array_split(rng.permutation(n), -(-n // batch_size)),
        "your pieces overlap: the next batch begins where the last one ended, so go on by "
        "batch_size, not by 1":
            overlapping_pieces,
        "you filled the last batch up with examples that have had their turn: it may be short, and "
        "every example comes once":
            filled_up,
    },
    musts={
        "in an epoch, every example from 0 to n − 1 must come exactly once": every_example_once,
        "the examples must be shuffled, and anew in each epoch, with the `rng` given":
            shuffled_anew,
        "a stream of the same seed must give the same batches again, or no run can be repeated: "
        "draw from the `rng` that you are given, not from np.random":
            same_again_from_the_same_seed,
        "no batch may be just a piece of the file in order: shuffle the examples, not only the "
        "batches":
            no_piece_of_the_file,
    },
    variants={
        "shuffling in place": shuffled_in_place,
        "a generator": generator,
        "np.split, on the order of random numbers": split_at_random_numbers,
        "lists, taken from a list": lists,
    },
)
