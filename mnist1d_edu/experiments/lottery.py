"""Lottery tickets: prune, rewind, train again; and what the mask that is left is worth alone.

An MLP with 500 hidden units is trained a hundred times (Adam at 2e-2, batches of 100 in file order,
1,501 steps). Before each round more of every layer's parameters, those of least magnitude after the
last round, are set to zero for good, and the rest go back to their first values. Random masks of
the same sizes stand beside. Then the tickets with about 92 % zeros are trained on new data, under
five conditions, beside dense nets and random masks. After Frankle and Carbin, arXiv 1803.03635, and
"Scaling down deep learning with MNIST-1D", arXiv 2011.14439. Lesson 15; UDL 20.2.7.

Where the notebook of the paper's code does otherwise than it says, this does what it says:

* It prunes by the weights at its checkpoint of step 1,000 and reports the accuracy at step 1,500;
  here the weights that are judged are those whose accuracy is reported, the last.
* Its random masks are drawn anew in each round; here each is a part of the one before, as the
  tickets' masks are.
* It means to train the tickets from their own first weights and, in one ablation, from new ones.
  But its seed does not reach PyTorch, so all of its ablations start from new weights.
* Its statistic of four neighbours looks the fourth up in the random mask (`adjacency_as_coded`).
"""

from __future__ import annotations

import base64

import numpy as np

from mnist1d_edu import data, nn, optim, train
from mnist1d_edu.experiments import Report, Run, compared

LAYERS = ("linear1", "linear2", "linear3")
TICKET_SPARSITY = 91 / 99  # the paper's "92 % sparse": round 92 of 100
RUNS_OF = (2, 3, 4)  # lengths of runs of neighbouring weights that are counted
CHUNK_ORDER = (1, 3, 0, 2)  # of the four pieces of ten inputs: no two neighbours stay neighbours
CONDITIONS = ("own weights", "new weights", "flipped", "shuffled", "chunks")
ARMS = ("dense", "lottery", "random")

# Last test accuracies in percent, stored with the paper's code: two trials, dense (round 1),
# lottery and random at sparsities; and the ablations' means of two trials.
SEARCH_STORED = {("lottery", 0.00): (64.8, 66.4), ("lottery", 0.92): (74.4, 75.6),
                 ("lottery", 0.95): (69.2, 70.5), ("lottery", 0.98): (63.0, 63.8),
                 ("random", 0.92): (60.6, 61.8)}
ABLATIONS_STORED = {"own weights": (64.2, 65.9, 60.0), "new weights": (63.8, 65.5, 60.5),
                    "flipped": (63.1, 62.8, 60.3), "shuffled": (63.8, 62.8, 60.7),
                    "chunks": (64.1, 61.9, 59.2)}  # dense, lottery, random
ADJACENCY_STORED = {2: (0.0056, 0.0093), 3: (0.00015, 0.0023), 4: (0.0, 0.0003)}

_SIZES = {
    "quick": {"seeds": 3, "at_once": 3, "hidden": 200, "rounds": 20, "steps": 500,
              "ablation_steps": 400, "block": 20},
    "paper": {"seeds": 10, "at_once": 1, "hidden": 500, "rounds": 100, "steps": 1501,
              "ablation_steps": 6000, "block": 10},
}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """For each trial the search with the ticket's ablations, the random masks in blocks of rounds,
    and the ablations of dense nets and random masks one by one."""
    size = _SIZES[scale]
    seeds = size["seeds"] if seeds is None else seeds
    common = {"hidden": size["hidden"], "learning_rate": 0.02}
    search = {"rounds": size["rounds"], "steps": size["steps"], "batch_size": 100}
    ablation = {"ablation_steps": size["ablation_steps"], "ablation_batch_size": 500}
    plan = []
    for first in range(0, seeds, size["at_once"]):
        trials = list(range(first, min(first + size["at_once"], seeds)))
        rounds_cost = size["steps"] * len(trials)
        ablation_cost = 4 * size["ablation_steps"] * len(trials)
        plan.append(Run("lottery", {"part": "tickets", "trials": trials, **common, **search,
                                    **ablation},
                        size["rounds"] * rounds_cost + len(CONDITIONS) * ablation_cost))
        for start in range(0, size["rounds"], size["block"]):
            block = list(range(start, min(start + size["block"], size["rounds"])))
            plan.append(Run("lottery", {"part": "random masks", "trials": trials, "block": block,
                                        **common, **search}, len(block) * rounds_cost))
        for arm in ("dense", "random"):
            for condition in CONDITIONS:
                plan.append(Run("lottery", {"part": "ablation", "arm": arm, "condition": condition,
                                            "trials": trials, "rounds": size["rounds"], **common,
                                            **ablation}, ablation_cost))
    return plan


def run(arguments: dict) -> dict:
    """Compute one part, with the trials on the seed axis."""
    part = {"tickets": _tickets, "random masks": _random_masks, "ablation": _ablation}
    return part[arguments["part"]](arguments)


# --------------------------------------------------------------------------- masks


def magnitude_masks(params: dict, sparsity: float) -> dict[str, np.ndarray]:
    """Ones for the parameters to keep: in each layer, weights and biases together, the share
    `sparsity` of least magnitude gets zeros. params: one replica's, or anything that scores them.
    """
    masks = {}
    for layer in LAYERS:
        names = [f"{layer}.weight", f"{layer}.bias"]
        scores = np.concatenate([np.abs(params[name]).reshape(-1) for name in names])
        flat = np.ones(scores.size, np.uint8)
        flat[np.argsort(scores, kind="stable")[:int(sparsity * scores.size)]] = 0
        size = params[names[0]].size
        masks[names[0]] = flat[:size].reshape(params[names[0]].shape)
        masks[names[1]] = flat[size:]
    return masks


def random_scores(model, trial: int) -> dict[str, np.ndarray]:
    """Scores for `magnitude_masks` that have nothing to do with the weights: one order for all
    sparsities, so that a sparser mask is a part of a denser one."""
    rng = np.random.default_rng([trial, 1])
    return {name: rng.random(value.shape)
            for name, value in model.init(np.random.RandomState(trial)).items()}


def adjacency(mask: np.ndarray, length: int) -> float:
    """How often `length` neighbouring inputs are all connected to a hidden unit: the share of the
    places where they could be. mask: (hidden, inputs), of the first layer."""
    places = mask.shape[1] - length + 1
    return float(np.prod([mask[:, i:i + places] for i in range(length)], axis=0).mean())


def adjacency_as_coded(mask: np.ndarray, random_mask: np.ndarray) -> float:
    """The paper's statistic of four neighbours as its code has it: the fourth is looked up in the
    random mask."""
    places = mask.shape[1] - 3
    return float((mask[:, :places] * mask[:, 1:places + 1] * mask[:, 2:places + 2]
                  * random_mask[:, 3:]).mean())


def sorted_by_adjacency(mask: np.ndarray) -> np.ndarray:
    """The hidden units of a first-layer mask (hidden, inputs) in order of how many pairs of
    neighbouring inputs they keep, then of how many inputs, from the most."""
    mask = np.asarray(mask, int)
    return mask[np.lexsort((-mask.sum(1), -(mask[:, :-1] * mask[:, 1:]).sum(1)))]


def pack(mask: np.ndarray) -> dict:
    """An array of zeros and ones as a shape and a short text, for JSON; `unpack` undoes it."""
    bits = np.packbits(np.asarray(mask, np.uint8).reshape(-1))
    return {"shape": list(mask.shape), "bits": base64.b64encode(bits.tobytes()).decode()}


def unpack(packed: dict) -> np.ndarray:
    """The array of zeros and ones that `pack` was given."""
    bits = np.frombuffer(base64.b64decode(packed["bits"]), np.uint8)
    return np.unpackbits(bits)[:int(np.prod(packed["shape"]))].reshape(packed["shape"])


# --------------------------------------------------------------------------- training


def schedule(rounds: int) -> np.ndarray:
    """The share of zeros in each round: from 0 to 1 in equal steps."""
    return np.linspace(0.0, 1.0, rounds)


def ticket_round(rounds: int) -> int:
    """The round whose sparsity is nearest to the paper's 92 %."""
    return int(np.abs(schedule(rounds) - TICKET_SPARSITY).argmin())


def _tickets(arguments: dict) -> dict:
    """Prune, rewind, train, a hundred times; then train each ticket on new data."""
    model, trials = nn.MLP(arguments["hidden"]), arguments["trials"]
    first = _initial(model, trials)
    scores, curves, tickets = first, [], None
    for i, sparsity in enumerate(schedule(arguments["rounds"])):
        masks = _each(magnitude_masks, scores, sparsity)
        history = _fit(model, data.make_dataset(), arguments, "", trials, first, masks)
        scores = history.params
        curves.append(_last(history))
        if i == ticket_round(arguments["rounds"]):
            tickets = masks
    ablations = {condition: _condition(model, arguments, condition, tickets)
                 for condition in CONDITIONS}
    return {**_by_round(curves), "ablations": ablations,
            "masks": [{name: pack(mask[k]) for name, mask in tickets.items()}
                      for k in range(len(trials))]}


def _random_masks(arguments: dict) -> dict:
    """Train under random masks, in the rounds of the block."""
    model, trials = nn.MLP(arguments["hidden"]), arguments["trials"]
    first, scores = _initial(model, trials), _stack([random_scores(model, t) for t in trials])
    sparsities = schedule(arguments["rounds"])[arguments["block"]]
    return _by_round([_last(_fit(model, data.make_dataset(), arguments, "", trials, first,
                                 _each(magnitude_masks, scores, sparsity)))
                      for sparsity in sparsities])


def _ablation(arguments: dict) -> dict:
    """Train dense nets, or random masks of the tickets' sparsity, under one condition."""
    model, masks = nn.MLP(arguments["hidden"]), None
    if arguments["arm"] == "random":
        scores = _stack([random_scores(model, trial) for trial in arguments["trials"]])
        rounds = arguments["rounds"]
        masks = _each(magnitude_masks, scores, schedule(rounds)[ticket_round(rounds)])
    return _condition(model, arguments, arguments["condition"], masks)


def _condition(model, arguments: dict, condition: str, masks) -> dict:
    """Train on new data, a set of its own for each trial. "own weights": the trial's first weights;
    all other conditions start from the same new ones, so each differs in one thing from another.
    """
    results = []
    for k, trial in enumerate(arguments["trials"]):
        weights = _initial(model, [trial if condition == "own weights" else 1000 + trial])
        mask = None if masks is None else {name: value[k:k + 1] for name, value in masks.items()}
        history = _fit(model, new_data(condition, trial), arguments, "ablation_", [trial], weights,
                       mask)
        results.append(_last(history))
    return {name: [result[name][0] for result in results] for name in results[0]}


def new_data(condition: str, trial: int) -> dict:
    """A dataset that no ticket has seen (seed 43 + trial), its 40 inputs in the condition's order.
    """
    dataset = data.make_dataset({"seed": 43 + trial}, rng=np.random.RandomState(43 + trial))
    order = {"flipped": np.arange(40)[::-1],
             "shuffled": np.random.RandomState(trial).permutation(40),
             "chunks": np.arange(40).reshape(4, 10)[list(CHUNK_ORDER)].reshape(-1)}
    if condition in order:
        dataset = {**dataset, "x": dataset["x"][:, order[condition]],
                   "x_test": dataset["x_test"][:, order[condition]]}
    return dataset


def _fit(model, dataset: dict, arguments: dict, prefix: str, trials: list[int], params: dict,
         masks: dict | None) -> train.History:
    """Train all trials at once from `params`, under `masks`, both with a leading axis of trials."""
    if len(trials) == 1:  # fit wants no axis for one seed
        params = {name: value[0] for name, value in params.items()}
    masks = masks and {name: mask.reshape(params[name].shape) for name, mask in masks.items()}
    steps = arguments[f"{prefix}steps"]
    return train.fit(model, dataset, optim.adam(arguments["learning_rate"]), steps=steps,
                     batch_size=arguments[f"{prefix}batch_size"], seeds=trials, eval_every=steps,
                     masks=masks, params=params, progress=False)


def _initial(model, seeds: list[int]) -> dict[str, np.ndarray]:
    return _stack([model.init(np.random.RandomState(seed)) for seed in seeds])


def _stack(each: list[dict]) -> dict[str, np.ndarray]:
    return {name: np.stack([one[name] for one in each]) for name in each[0]}


def _each(function, params: dict, *arguments) -> dict[str, np.ndarray]:
    """Apply a function of one replica's parameters to each replica."""
    count = len(next(iter(params.values())))
    return _stack([function({name: value[k] for name, value in params.items()}, *arguments)
                   for k in range(count)])


_MEASURES = {"train_loss": 4, "train_accuracy": 2, "test_loss": 4, "test_accuracy": 2}


def _last(history: train.History) -> dict[str, list[float]]:
    """The last value of each measure, by trial."""
    return {name: getattr(history, name)[-1].astype(float).round(digits).tolist()
            for name, digits in _MEASURES.items()}


def _by_round(results: list[dict]) -> dict[str, list]:
    """Each measure by round and trial, (rounds, trials)."""
    return {name: [result[name] for result in results] for name in _MEASURES}
