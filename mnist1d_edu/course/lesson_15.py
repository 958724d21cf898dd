"""Lesson 15: lottery tickets, pruning and rewinding, and what a mask is worth (UDL 20.2.7)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import exercise


def _as_numbers(answer, weight, share):
    """What the answer gives; True and False count as 1 and 0."""
    result = answer(weight, share)
    is_bool = isinstance(result, np.ndarray) and result.dtype == bool
    return result.astype(float) if is_bool else result


# ---------------------------------------------------------------------------- by magnitude


def _weights(rng: np.random.RandomState) -> list[tuple]:
    """Weights (H, D) and shares of them that are whole numbers; one has zeros already."""
    pruned = rng.randn(6, 4) * (rng.permutation(24).reshape(6, 4) >= 8)
    return [(np.array([[3.0, -1.0], [0.5, -2.0]]), 0.25), (rng.randn(8, 4), 0.0),
            (rng.randn(8, 4) + 0.3, 0.75), (pruned, 0.5), (rng.randn(3, 5, 4), 0.25)]


def _keep(weight, scores, count):
    """Zeros for the `count` smallest scores."""
    mask = np.ones(weight.size)
    mask[np.argsort(scores, axis=None, kind="stable")[:count]] = 0
    return mask.reshape(weight.shape)


@exercise(
    "15.magnitude_mask", "Which weights to keep", probes=_weights, drive=_as_numbers,
    hints=(
        "Forget the shape for a moment: `np.abs(weight).ravel()` is one long row of sizes. Which "
        "places of it hold the smallest?",
        "`np.argsort` of that row gives the places from the smallest size to the largest; the "
        "first `int(share * weight.size)` of them are to go.",
        "Begin with `np.ones(weight.size)`, set those places to 0, and give the result "
        "the shape of weight with `.reshape(weight.shape)`.",
    ))
def magnitude_mask(weight, share):
    return _keep(weight, np.abs(weight), int(share * weight.size))


@magnitude_mask.mistake("you pruned the most negative weights: size is what counts, and -3 is a "
                        "large weight, so compare np.abs(weight)")
def _(weight, share):
    return _keep(weight, weight, int(share * weight.size))


@magnitude_mask.mistake("your mask has its ones where the weights are to go: 1 means that a weight "
                        "stays")
def _(weight, share):
    return 1 - _keep(weight, np.abs(weight), int(share * weight.size))


@magnitude_mask.mistake("you pruned the largest weights: it is the smallest that the net will miss "
                        "least")
def _(weight, share):
    return _keep(weight, -np.abs(weight), int(share * weight.size))


@magnitude_mask.mistake("share is how much goes, not how much stays")
def _(weight, share):
    return _keep(weight, np.abs(weight), weight.size - int(share * weight.size))


@magnitude_mask.mistake("these are the pruned weights: return the mask, a 1 for each weight that "
                        "stays and a 0 for each that goes")
def _(weight, share):
    return weight * magnitude_mask(weight, share)


@magnitude_mask.mistake("you compared with a share of the largest weight, and how many fall below "
                        "that is left to chance: share is a share of the *number* of weights, so "
                        "sort them")
def _(weight, share):
    return (np.abs(weight) >= share * np.abs(weight).max()).astype(float)


@magnitude_mask.mistake("you pruned the same share of each row: compare all weights of the layer "
                        "with each other, so that a unit may keep many or lose all")
def _(weight, share):
    rows = weight.reshape(-1, weight.shape[-1])
    return np.stack([magnitude_mask(row, share) for row in rows]).reshape(weight.shape)


@magnitude_mask.mistake("you took a share of the weights that are not 0 yet: share counts all "
                        "weights of the layer, those pruned before among them")
def _(weight, share):
    zeros = (weight == 0).sum()
    return _keep(weight, np.abs(weight), zeros + int(share * (weight.size - zeros)))


@magnitude_mask.mistake("you keep only what is larger than the threshold, and the weight at the "
                        "threshold goes as well, one too many: keep it with >=")
def _(weight, share):
    return np.abs(weight) > np.sort(np.abs(weight), axis=None)[int(share * weight.size)]


@magnitude_mask.mistake("with share 0 your mask drops the smallest weight, which is the threshold "
                        "itself: keep it with >=")
def _(weight, share):
    return np.abs(weight) > np.quantile(np.abs(weight), share)


@magnitude_mask.mistake("you wrote zeros into the weights you were given: they are to stay as they "
                        "are, so build the mask in an array of its own")
def _(weight, share):
    mask = magnitude_mask(weight, share)
    weight *= mask
    return mask


@magnitude_mask.mistake("your mask is one long row: give it the shape of weight")
def _(weight, share):
    return magnitude_mask(weight, share).ravel()


@magnitude_mask.must("the mask must have the shape of weight, and nothing but zeros and ones")
def _(result, weight, share):
    return result.shape == weight.shape and np.isin(result, (0, 1)).all()


@magnitude_mask.must("int(share * weight.size) weights must go")
def _(result, weight, share):
    return (result == 0).sum() == int(share * weight.size)


@magnitude_mask.variant("a threshold, and True for what stays")
def _(weight, share):
    return np.abs(weight) >= np.sort(np.abs(weight), axis=None)[int(share * weight.size)]


@magnitude_mask.variant("a quantile")
def _(weight, share):
    return np.where(np.abs(weight) < np.quantile(np.abs(weight), share), 0, 1)


@magnitude_mask.variant("the ranks")
def _(weight, share):
    ranks = np.abs(weight).ravel().argsort().argsort()
    return (ranks >= int(share * weight.size)).reshape(weight.shape).astype(np.float32)


@magnitude_mask.variant("a loop")
def _(weight, share):
    mask = np.ones_like(weight)
    sizes = sorted((abs(weight[place]), place) for place in np.ndindex(weight.shape))
    for _, place in sizes[:int(share * weight.size)]:
        mask[place] = 0
    return mask


# ---------------------------------------------------------------------------- by chance


def _masks(rng: np.random.RandomState) -> list[tuple]:
    """A mask (H, D), and the seed of a stream: whole rows and whole columns, then a scattered one.
    """
    rows, columns = np.zeros((30, 20)), np.zeros((20, 30))
    rows[:12], columns[:, 21:] = 1, 1
    scattered = (rng.permutation(600) < 60).reshape(30, 20) * 1.0
    return [(mask, int(rng.randint(10_000))) for mask in (rows, columns, scattered)]


def _random_masks(answer, mask, seed):
    """The mask, and whether the same seed gives the same one and another seed another."""
    spare = mask.copy(), mask.copy()
    drawn, again, other = (_as_numbers(answer, given, np.random.RandomState(s))
                           for given, s in zip((mask, *spare), (seed, seed, seed + 1), strict=True))
    return drawn, np.array_equal(drawn, again), not np.array_equal(drawn, other)


def _any_mask(got, want) -> bool:
    """Any draw will do; whether it is the right kind of draw, the properties say."""
    mask = got[0]
    return (isinstance(mask, np.ndarray) and mask.shape == want[0].shape
            and mask.dtype.kind in "fiu")


@exercise(
    "15.random_mask", "The same number, at random", probes=_masks, drive=_random_masks,
    same=_any_mask,
    hints=(
        "The number of ones is to stay exactly what it is; only their places are to be random. "
        "That is a shuffle, not a coin for each weight.",
        "`rng.permutation(a)` of an array with two axes shuffles its rows and leaves each row as "
        "it is. What if the array had one axis only?",
        "`rng.permutation(mask.ravel())` is a shuffled long row; reshape it to `mask.shape`.",
    ))
def random_mask(mask, rng):
    return rng.permutation(mask.ravel()).reshape(mask.shape)


@random_mask.mistake("you shuffled the rows, and each row is still what it was: permutation moves "
                     "along the first axis only, so make the mask one long row first")
def _(mask, rng):
    return rng.permutation(mask)


@random_mask.mistake("you shuffled the columns, and each column is still what it was: make the "
                     "mask one long row, shuffle that, and reshape")
def _(mask, rng):
    return rng.permutation(mask.T).T


@random_mask.mistake("you shuffled each row by itself, so each unit keeps as many weights as "
                     "before: shuffle all places of the layer together, as one long row")
def _(mask, rng):
    return np.array([rng.permutation(row) for row in mask])


@random_mask.mistake("you threw a coin for each weight, so the number of ones is right only on "
                     "average: keep it exactly, by shuffling the mask that you are given")
def _(mask, rng):
    return (rng.random_sample(mask.shape) < mask.mean()).astype(float)


@random_mask.mistake("you shuffled the mask that you were given, and the ticket itself is lost: "
                     "shuffle a copy")
def _(mask, rng):
    flat = mask.reshape(-1)
    rng.shuffle(flat)
    return mask


@random_mask.mistake("you returned the mask as it is: put its ones at random places")
def _(mask, rng):
    return mask.copy()


@random_mask.mistake("you draw from NumPy's global stream: draw from the `rng` you are given, so "
                     "that the same seed gives the same mask again")
def _(mask, rng):
    return np.random.permutation(mask.ravel()).reshape(mask.shape)


@random_mask.mistake("your mask is one long row: give it the shape of the other")
def _(mask, rng):
    return rng.permutation(mask.ravel())


@random_mask.must("there must be nothing but zeros and ones")
def _(result, mask, seed):
    return np.isin(result[0], (0, 1)).all()


@random_mask.must("the number of ones must be exactly that of the mask you were given")
def _(result, mask, seed):
    return result[0].sum() == mask.sum()


@random_mask.must("all places must have the same chance of a 1: here whole rows or columns stayed "
                  "together")
def _(result, mask, seed):
    return not any((result[0].mean(axis) == 1).any() for axis in (0, 1))


@random_mask.must("all places must have the same chance of a 1: some rows or columns got far too "
                  "many")
def _(result, mask, seed):
    return all(result[0].mean(axis).max() < mask.mean() + 0.5 for axis in (0, 1))


@random_mask.must("the same rng must give the same mask again, and another rng another one: draw "
                  "from the `rng` you are given, and from nothing else")
def _(result, mask, seed):
    return result[1] and result[2]


@random_mask.variant("places drawn without repetition")
def _(mask, rng):
    out = np.zeros(mask.size)
    out[rng.choice(mask.size, int(mask.sum()), replace=False)] = 1
    return out.reshape(mask.shape)


@random_mask.variant("random scores, the best of them kept, as True")
def _(mask, rng):
    scores = rng.standard_normal(mask.size)
    return (scores.argsort().argsort() < mask.sum()).reshape(mask.shape)


@random_mask.variant("shuffled in place, on a copy")
def _(mask, rng):
    flat = mask.flatten()
    rng.shuffle(flat)
    return flat.reshape(mask.shape).astype(np.float32)


# ---------------------------------------------------------------------------- the search


def _toy_train(params, masks):
    """Stands for training: what comes out hangs on the first weights and on the mask."""
    masks = masks or {}
    out = {}
    for name, value in params.items():
        mask = np.asarray(masks.get(name, np.ones(value.shape)))
        kept = mask * value
        out[name] = mask * (0.6 * kept + 0.9 * np.roll(kept, 1) - 0.7 * np.roll(kept, 3) + 0.05)
    return out


def _toy_prune(params, share):
    """Stands for the mask by magnitude, of each layer."""
    return {name: magnitude_mask(value, share) for name, value in params.items()}


def _searches(rng: np.random.RandomState) -> list[tuple]:
    """train, prune, first parameters and shares: one layer and two rounds first."""
    def first(**shapes):
        return {name: rng.randn(*shape) for name, shape in shapes.items()}
    return [(_toy_train, _toy_prune, first(a=(2, 4)), [0.0, 0.5]),
            (_toy_train, _toy_prune, first(a=(6, 5), b=(4, 6)), [0.0, 0.3, 0.55, 0.7]),
            (_toy_train, _toy_prune, first(a=(7, 8), b=(3, 7)), [0.0, 0.25, 0.5, 0.75, 0.9])]


@exercise(
    "15.find_tickets", "Prune, rewind, train again", points=2, probes=_searches,
    hints=(
        "One round is: masks from the weights that the last training left; then train from "
        "`first`, under these masks; then note both. Which weights are judged in the first round?",
        "You need one name for the weights that are judged, say `judged`. It begins as `first` "
        "(share 0 keeps all of them anyway), and each round ends with `judged = train(...)`.",
        "`masks = prune(judged, share)`, then `judged = train(first, masks)`: always `first`. "
        "Append both to their lists.",
    ))
def find_tickets(train, prune, first, shares):
    return _search(train, prune, first, shares)


def _search(train, prune, first, shares, begin=lambda first, judged, masks: first,
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


@find_tickets.mistake("you trained on from where the last round ended: rewind, that is, give train "
                      "the first parameters again in each round")
def _(train, prune, first, shares):
    return _search(train, prune, first, shares, begin=lambda first, judged, masks: judged)


@find_tickets.mistake("you judged the weights by what they were before training: prune is to see "
                      "the weights that the last training left")
def _(train, prune, first, shares):
    return _search(train, prune, first, shares, judge=lambda first, judged, dense: first)


@find_tickets.mistake("you took all masks from the first, dense training: that is pruning in one "
                      "shot; here each round judges the weights of the round before")
def _(train, prune, first, shares):
    return _search(train, prune, first, shares,
                   judge=lambda first, judged, dense: judged if dense is None else dense)


@find_tickets.mistake("you set the first parameters to 0 where they are pruned but did not hand "
                      "the masks to train, so the pruned weights come back: give train the masks")
def _(train, prune, first, shares):
    return _search(train, prune, first, shares, given=lambda masks: {},
                   begin=lambda first, judged, masks: {name: first[name] * masks[name]
                                                       for name in first})


@find_tickets.mistake("you trained without the masks, so every round trains the dense net: give "
                      "train the masks")
def _(train, prune, first, shares):
    return _search(train, prune, first, shares, given=lambda masks: {})


@find_tickets.mistake("you trained first and pruned afterwards, so no masks you noted were ever "
                      "trained with: in each round prune, then train, then note both")
def _(train, prune, first, shares):
    masks, all_masks, all_trained = {}, [], []
    for share in shares:
        trained = train(first, masks)
        masks = prune(trained, share)
        all_masks.append(masks)
        all_trained.append(trained)
    return all_masks, all_trained


@find_tickets.mistake("your two lists are the wrong way round: the masks first, then the trained "
                      "parameters")
def _(train, prune, first, shares):
    return _search(train, prune, first, shares)[::-1]


@find_tickets.mistake("you returned one list of pairs: return two lists, one of masks and one of "
                      "trained parameters")
def _(train, prune, first, shares):
    return list(zip(*_search(train, prune, first, shares), strict=True))


@find_tickets.mistake("you returned the last round only: append each round's masks and trained "
                      "parameters to two lists")
def _(train, prune, first, shares):
    masks, trained = _search(train, prune, first, shares)
    return masks[-1], trained[-1]


@find_tickets.variant("the dense net before the loop")
def _(train, prune, first, shares):
    masks = [prune(first, shares[0])]
    trained = [train(first, masks[0])]
    for share in shares[1:]:
        masks.append(prune(trained[-1], share))
        trained.append(train(first, masks[-1]))
    return masks, trained


@find_tickets.variant("first parameters masked as well, and copied")
def _(train, prune, first, shares):
    judged, found = {name: value.copy() for name, value in first.items()}, []
    for share in shares:
        masks = prune(judged, share)
        judged = train({name: value * masks.get(name, 1) for name, value in first.items()}, masks)
        found.append((masks, judged))
    return [masks for masks, _ in found], [judged for _, judged in found]


# ---------------------------------------------------------------------------- neighbours


def _first_layers(rng: np.random.RandomState) -> list[tuple]:
    """Masks (H, D), never square."""
    return [(np.array([[1.0, 1, 0, 1], [0, 0, 1, 1]]),),
            (np.array([[0.0, 1, 1, 1, 0], [1, 0, 1, 1, 1]]),),
            ((rng.random_sample((12, 7)) < 0.4) * 1.0,),
            ((rng.random_sample((30, 9)) < 0.6) * 1.0,)]


@exercise(
    "15.neighbour_share", "Do neighbours survive together?", probes=_first_layers,
    hints=(
        "Input d and input d+1 are neighbours, for d from 0 to D-2. So each unit has D-1 pairs. "
        "Two slices of the mask hold the left and the right partners.",
        "`mask[:, :-1]` are the left partners, `mask[:, 1:]` the right ones. A product of "
        "zeros and ones is 1 only where both are 1; then take the mean.",
    ))
def neighbour_share(mask):
    return (mask[:, :-1] * mask[:, 1:]).mean()


@neighbour_share.mistake("you paired each unit with the next unit: neighbours are inputs here, "
                         "along the last axis")
def _(mask):
    return (mask[:-1] * mask[1:]).mean()


@neighbour_share.mistake("you paired the last input with the first (np.roll goes round in a "
                         "circle): a unit has D - 1 pairs of neighbours, so use two slices")
def _(mask):
    return (mask * np.roll(mask, 1, axis=1)).mean()


@neighbour_share.mistake("you counted the pairs: divide by how many there could be, D - 1 for each "
                         "unit")
def _(mask):
    return (mask[:, :-1] * mask[:, 1:]).sum()


@neighbour_share.mistake("you divided by the number of inputs, D: a unit has only D - 1 pairs of "
                         "neighbours")
def _(mask):
    return (mask[:, :-1] * mask[:, 1:]).sum() / mask.size


@neighbour_share.mistake("you counted pairs of which at least one survives: both have to")
def _(mask):
    return np.maximum(mask[:, :-1], mask[:, 1:]).mean()


@neighbour_share.mistake("you counted pairs that are equal, and two zeros are equal too: count "
                         "those where both are 1")
def _(mask):
    return (mask[:, :-1] == mask[:, 1:]).mean()


@neighbour_share.mistake("you divided by the number of inputs that survive: the share is one of "
                         "*all* pairs, those that lost a partner among them")
def _(mask):
    return (mask[:, :-1] * mask[:, 1:]).sum() / mask.sum()


@neighbour_share.mistake("you divided by the number of pairs whose left partner survives: the "
                         "share is one of *all* pairs")
def _(mask):
    return (mask[:, :-1] * mask[:, 1:]).sum() / mask[:, :-1].sum()


@neighbour_share.mistake("you gave one share for each unit: average over the units too")
def _(mask):
    return (mask[:, :-1] * mask[:, 1:]).mean(axis=1)


@neighbour_share.must("the share must lie between 0 and 1")
def _(result, mask):
    return 0 <= result <= 1


@neighbour_share.variant("two loops")
def _(mask):
    units, inputs = mask.shape
    both = sum(1 for h in range(units) for d in range(inputs - 1) if mask[h, d] and mask[h, d + 1])
    return both / (units * (inputs - 1))


@neighbour_share.variant("einsum")
def _(mask):
    return np.einsum("hd,hd->", mask[:, 1:], mask[:, :-1]) / mask[:, 1:].size


@neighbour_share.variant("a minimum, in single precision")
def _(mask):
    return np.minimum(mask[:, 1:], mask[:, :-1]).astype(np.float32).mean()


@neighbour_share.variant("logical and")
def _(mask):
    kept = mask.astype(bool)
    return (kept[:, 1:] & kept[:, :-1]).mean()


# ---------------------------------------------------------------------------- shuffled inputs


def _datasets(rng: np.random.RandomState) -> list[tuple]:
    """A dataset and an order of its inputs that is not its own inverse."""
    def make(n, m, inputs):
        return {"x": rng.randint(-9, 10, (n, inputs)) * 1.0, "y": rng.randint(0, 10, n),
                "x_test": rng.randint(-9, 10, (m, inputs)) * 1.0, "y_test": rng.randint(0, 10, m)}
    return [(make(4, 3, 3), np.array([1, 2, 0])),
            (make(9, 6, 5), np.array([3, 0, 4, 1, 2])), (make(20, 12, 8), rng.permutation(8))]


@exercise(
    "15.reorder_inputs", "The same shuffle for all", probes=_datasets,
    hints=(
        "Each column of x is one input. Place i of every new signal is to hold input `order[i]` of "
        "the old one, in training and in test. What does `x[:, order]` do?",
        "`x[order]` picks rows (signals), `x[:, order]` picks columns (inputs). The labels stay.",
        "Make a new dict: `{**data, \"x\": ..., \"x_test\": ...}` leaves the old one alone.",
    ))
def reorder_inputs(data, order):
    return {**data, "x": data["x"][:, order], "x_test": data["x_test"][:, order]}


def _reordered(data, **changes):
    return {**data, **changes}


@reorder_inputs.mistake("you left the test signals in their old order: a net that learned one "
                        "order is then asked in another one")
def _(data, order):
    return _reordered(data, x=data["x"][:, order])


@reorder_inputs.mistake("you reordered the signals, not the inputs: the first axis counts "
                        "examples, the second runs along a signal")
def _(data, order):
    return _reordered(data, x=data["x"][order], x_test=data["x_test"][order])


@reorder_inputs.mistake("you moved input i to place order[i]; asked is the other direction, place "
                        "i takes input order[i]: x[:, order]")
def _(data, order):
    back = np.argsort(order)
    return _reordered(data, x=data["x"][:, back], x_test=data["x_test"][:, back])


@reorder_inputs.mistake("you changed the dict that you were given, and the old order is lost: make "
                        "a new dict")
def _(data, order):
    data["x"], data["x_test"] = data["x"][:, order], data["x_test"][:, order]
    return data


@reorder_inputs.mistake("the labels are gone: the new dict needs y and y_test as well; "
                        "{**data, ...} takes them over")
def _(data, order):
    return {"x": data["x"][:, order], "x_test": data["x_test"][:, order]}


@reorder_inputs.mistake("you reversed the signals: use the order that you are given")
def _(data, order):
    return _reordered(data, x=data["x"][:, ::-1], x_test=data["x_test"][:, ::-1])


@reorder_inputs.mistake("you returned the arrays only: return a dict like data")
def _(data, order):
    return data["x"][:, order], data["x_test"][:, order]


@reorder_inputs.must("each signal must keep its own 40 values, in another order")
def _(result, data, order):
    return all((np.sort(result[name], 1) == np.sort(data[name], 1)).all()
               for name in ("x", "x_test"))


@reorder_inputs.must("the labels must stay as they are")
def _(result, data, order):
    return all((result[name] == data[name]).all() for name in ("y", "y_test"))


@reorder_inputs.variant("np.take, and a dict written out")
def _(data, order):
    return {"x": np.take(data["x"], order, axis=1), "y": data["y"],
            "x_test": np.take(data["x_test"], order, axis=-1), "y_test": data["y_test"]}


@reorder_inputs.variant("signal by signal, on a copy")
def _(data, order):
    new = dict(data)
    for name in ("x", "x_test"):
        new[name] = np.stack([signal[list(order)] for signal in data[name]])
    return new


@reorder_inputs.variant("a product with a permutation matrix")
def _(data, order):
    matrix = np.eye(len(order))[order].T
    return {**data, "x": data["x"] @ matrix, "x_test": data["x_test"] @ matrix}
