"""09.shuffle_within: disorder by degrees (UDL 10.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def shuffle_within(length, block, rng):
    return np.concatenate([start + rng.permutation(min(block, length - start))
                           for start in range(0, length, block)])


def sizes(rng: np.random.RandomState) -> list[tuple]:
    """Lengths and blocks, which divide the length or do not, and a seed."""
    return [(length, block, rng.randint(1000))
            for length, block in ((6, 3), (40, 8), (23, 5), (30, 17), (9, 1))]


def drawn(answer, length, block, seed):
    """The order; a string in its place where the stream does not decide it."""
    first, again, other = (answer(length, block, np.random.RandomState(s))
                           for s in (seed, seed, seed + 1))
    if not isinstance(first, (np.ndarray, list, tuple)):
        return first
    if not np.array_equal(first, again):
        return "another order for the same rng"
    if block > 4 and np.array_equal(first, other):
        return "the same order for another rng"
    return np.asarray(first)


def same_form(got, want) -> bool:
    """Any draw will do; the properties say whether it is an order."""
    return np.shape(got) == np.shape(want) and got.dtype.kind in "iu"


# ---- what students write
def rows_moved(length, block, rng):
    order, whole = np.arange(length), length // block * block
    rows = order[:whole].reshape(-1, block)
    rng.shuffle(rows)
    return np.concatenate([rows.ravel(), order[whole:]])


def global_stream(length, block, rng):
    return shuffle_within(length, block, np.random)


def everything(length, block, rng):
    return rng.permutation(length)


def offset_forgotten(length, block, rng):
    return np.concatenate([rng.permutation(min(block, length - start))
                           for start in range(0, length, block)])


def one_pattern(length, block, rng):
    order = rng.permutation(block)
    return np.concatenate([start + order[order < length - start]
                           for start in range(0, length, block)])


def blocks_moved(length, block, rng):
    blocks = [np.arange(start, min(start + block, length)) for start in range(0, length, block)]
    return np.concatenate([blocks[k] for k in rng.permutation(len(blocks))])


def rest_left_out(length, block, rng):
    return np.concatenate([start + rng.permutation(block)
                           for start in range(0, length - block + 1, block)])


def rest_in_order(length, block, rng):
    order = np.arange(length)
    for start in range(0, length - block + 1, block):
        order[start:start + block] = start + rng.permutation(block)
    return order


def past_the_end(length, block, rng):
    return np.concatenate([start + rng.permutation(block) for start in range(0, length, block)])


def drawn_anew(length, block, rng):
    return np.concatenate([rng.randint(start, min(start + block, length),
                                       min(block, length - start))
                           for start in range(0, length, block)])


def number_for_size(length, block, rng):
    return np.concatenate([rng.permutation(part)
                           for part in np.array_split(np.arange(length), block)])


def windows_that_overlap(length, block, rng):
    order = np.arange(length)
    for start in range(length):
        order[start:start + block] = rng.permutation(order[start:start + block])
    return order


# ---- other right answers
def slices_shuffled_in_place(length, block, rng):
    order = np.arange(length)
    for start in range(0, length, block):
        rng.shuffle(order[start:start + block])
    return order


def sorted_by_block_and_chance(length, block, rng):
    return np.lexsort((rng.rand(length), np.arange(length) // block))


def as_a_list(length, block, rng):
    order = []
    for start in range(0, length, block):
        order.extend(rng.permutation(np.arange(start, min(start + block, length))).tolist())
    return order


EXERCISE = Exercise(
    "09.shuffle_within", "Disorder by degrees", shuffle_within, probes=sizes, points=2,
    drive=drawn, same=same_form,
    hints=(
        "`rng.permutation(block)` is an order of 0 to block − 1. What has to be added to it for "
        "the block that begins at position `start`?",
        "The blocks begin at range(0, length, block). The last may be shorter: it has "
        "min(block, length - start) positions.",
        "Collect `start + rng.permutation(min(block, length - start))` for all blocks, and "
        "`np.concatenate` them.",
    ),
    mistakes={
        "you shuffled all positions: each may only change places within its own block": everything,
        "each block begins again at 0: add the position at which it begins": offset_forgotten,
        "every block is shuffled in the same way: draw anew for each of them": codings(
            one_pattern, lambda length, block, rng: np.concatenate(
                [start + np.random.RandomState(0).permutation(min(block, length - start))
                 for start in range(0, length, block)])),
        "you shuffled the blocks and left each as it is in itself: it is the other way round":
            codings(blocks_moved, rows_moved),
        "nothing changes places: have you shuffled a copy, or left out what was drawn?":
            lambda length, block, rng: np.arange(length),
        "you draw from NumPy's global stream: draw from the `rng` that you are given":
            global_stream,
        "the positions after the last whole block are missing: they are a shorter block":
            rest_left_out,
        "the positions after the last whole block are still in order: they are a shorter block, "
        "which is shuffled, too": rest_in_order,
        "the last block goes past the end: it has min(block, length - start) positions":
            past_the_end,
        "you drew random positions, some of them twice and others never: a permutation has each "
        "exactly once": drawn_anew,
        "`block` is the number of positions in a block, not the number of blocks": number_for_size,
        "your blocks overlap, so that a position can wander far: the next one begins where the "
        "last one ends": windows_that_overlap,
    },
    musts={
        "the same rng must give the same order, and another rng another one: draw from the `rng` "
        "that you are given": lambda result, *_: not isinstance(result, str),
        "there must be one number for each position":
            lambda result, length, *_: np.shape(result) == (length,),
        "the order must have each position from 0 to length − 1 exactly once":
            lambda result, length, *_: np.array_equal(np.sort(result), np.arange(length)),
        "no position may leave its block: positions 0 to block − 1 are the first":
            lambda result, length, block, _: np.array_equal(
                result // block, np.arange(length) // block),
        "the positions must change places: they are still in order":
            lambda result, length, block, _: block < 5 or (np.diff(result) != 1).any(),
        "each block must be shuffled in a way of its own":
            lambda result, length, block, _: length < 3 * block or block < 5 or len(
                {tuple(result[s:s + block] - s)
                 for s in range(0, length - block + 1, block)}) > 1,
        "the last block, which is shorter, must be shuffled, too":
            lambda result, length, block, _: length % block < 10 or (
                np.diff(result[-(length % block):]) != 1).any(),
    },
    variants={
        "slices shuffled in place": slices_shuffled_in_place,
        "sorted by block, then by chance": sorted_by_block_and_chance,
        "a list, block by block": as_a_list,
    },
)
