"""15.find_tickets: prune, rewind, train again (UDL 20.2.7)."""

from __future__ import annotations

from functools import partial

import numpy as np

from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.exercises.lesson_15.magnitude_mask import magnitude_mask


def find_tickets(train, prune, first, shares):
    judged, all_masks, all_trained = first, [], []
    for share in shares:
        masks = prune(judged, share)
        judged = train(first, masks)
        all_masks.append(masks)
        all_trained.append(judged)
    return all_masks, all_trained


def toy_train(params, masks):
    """Stands for training: what comes out depends on the first weights and on the mask."""
    masks = masks or {}
    out = {}
    for name, value in params.items():
        mask = np.asarray(masks.get(name, np.ones(value.shape)))
        kept = mask * value
        out[name] = mask * (0.6 * kept + 0.9 * np.roll(kept, 1) - 0.7 * np.roll(kept, 3) + 0.05)
    return out


def toy_prune(params, share):
    """Stands for the mask by magnitude, of each layer."""
    return {name: magnitude_mask(value, share) for name, value in params.items()}


def searches(rng: np.random.RandomState) -> list[tuple]:
    """train, prune, first parameters and shares: one layer and two rounds first."""
    def first(**shapes):
        return {name: rng.randn(*shape) for name, shape in shapes.items()}
    return [(toy_train, toy_prune, first(a=(2, 4)), [0.0, 0.5]),
            (toy_train, toy_prune, first(a=(6, 5), b=(4, 6)), [0.0, 0.3, 0.55, 0.7]),
            (toy_train, toy_prune, first(a=(7, 8), b=(3, 7)), [0.0, 0.25, 0.5, 0.75, 0.9])]


# ---- what students write
def search(train, prune, first, shares, *, begin=lambda first, judged, masks: first,
           judge=lambda first, judged, dense: judged, given=lambda masks: masks):
    """The reference, with places where a mistake can sit."""
    judged, dense, all_masks, all_trained = first, None, [], []
    for share in shares:
        masks = prune(judge(first, judged, dense), share)
        judged = train(begin(first, judged, masks), given(masks))
        dense = judged if dense is None else dense
        all_masks.append(masks)
        all_trained.append(judged)
    return all_masks, all_trained


def masked_first_only(train, prune, first, shares):
    def masked(first, judged, masks):
        return {name: value * masks[name] for name, value in first.items()}
    return search(train, prune, first, shares, begin=masked, given=lambda masks: {})


def trained_before_pruning(train, prune, first, shares):
    masks, all_masks, all_trained = {}, [], []
    for share in shares:
        trained = train(first, masks)
        masks = prune(trained, share)
        all_masks.append(masks)
        all_trained.append(trained)
    return all_masks, all_trained


def last_round_only(train, prune, first, shares):
    masks, trained = find_tickets(train, prune, first, shares)
    return masks[-1], trained[-1]


# ---- other right answers
def dense_net_before_the_loop(train, prune, first, shares):
    masks = [prune(first, shares[0])]
    trained = [train(first, masks[0])]
    for share in shares[1:]:
        masks.append(prune(trained[-1], share))
        trained.append(train(first, masks[-1]))
    return masks, trained


def first_masked_and_copied(train, prune, first, shares):
    judged, found = {name: value.copy() for name, value in first.items()}, []
    for share in shares:
        masks = prune(judged, share)
        judged = train({name: value * masks.get(name, 1) for name, value in first.items()}, masks)
        found.append((masks, judged))
    return [masks for masks, _ in found], [judged for _, judged in found]


EXERCISE = Exercise(
    "15.find_tickets", "Prune, rewind, train again", find_tickets, probes=searches, points=2,
    parts=("list of masks", "list of trained params"),
    hints=(
        "One round is: masks from the weights that the last training left; then train from "
        "`first`, under these masks; then note both. Which weights are judged in the first round?",
        "You need one name for the weights that are judged, say `judged`. It begins as `first` "
        "(share 0 keeps all of them anyway), and each round ends with `judged = train(...)`.",
        "`masks = prune(judged, share)`, then `judged = train(first, masks)`: always `first`. "
        "Append both to their lists.",
    ),
    mistakes={
        "you trained on from where the last round ended: rewind, that is, give train the first "
        "parameters again in each round":
            partial(search, begin=lambda first, judged, masks: judged),
        "you judged the weights by what they were before training: prune must see the weights that "
        "the last training left":
            partial(search, judge=lambda first, judged, dense: first),
        "you took all masks from the first, dense training: that is pruning in one shot; here each "
        "round judges the weights of the round before":
            partial(search, judge=lambda first, judged, dense: judged if dense is None else dense),
        "you set the first parameters to 0 where they are pruned but did not hand the masks to "
        "train, so the pruned weights come back: give train the masks":
            masked_first_only,
        "you trained without the masks, so every round trains the dense net: give train the masks":
            partial(search, given=lambda masks: {}),
        "you trained first and pruned afterwards, so no masks you noted were ever trained with: in "
        "each round prune, then train, then note both":
            trained_before_pruning,
        "your two lists are the wrong way round: the masks first, then the trained parameters":
            lambda *given: find_tickets(*given)[::-1],
        "you returned one list of pairs: return two lists, one of masks and "
        "one of trained parameters":
            lambda *given: list(zip(*find_tickets(*given), strict=True)),
        "you returned the last round only: append each round's masks and trained "
        "parameters to two lists":
            last_round_only,
    },
    variants={
        "the dense net before the loop": dense_net_before_the_loop,
        "first parameters masked as well, and copied": first_masked_and_copied,
    },
)
