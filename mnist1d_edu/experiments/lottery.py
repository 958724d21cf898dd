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

from mnist1d_edu import checkpoints, data, nn, optim, train
from mnist1d_edu.arguments import any_array, integer
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import (
    Report,
    Run,
    check_request,
    compared,
    intervals,
    keep,
    kept,
    span,
    spread,
)

LAYERS = ("linear1", "linear2", "linear3")
TICKET_SPARSITY = 91 / 99  # the paper's "92 % sparse": round 92 of 100
RUNS_OF = (2, 3, 4)  # lengths of runs of neighbouring weights that are counted
DISTANCES = tuple(range(1, 13))  # of the pairs of inputs that are counted
CHUNK_ORDER = (1, 3, 0, 2)  # of the four pieces of ten inputs: no two neighbours stay neighbours
REORDERED = ("flipped", "shuffled", "chunks")  # the inputs' order
CONDITIONS = ("own weights", "new weights", *REORDERED)
ARMS = ("dense", "lottery", "random")

# Last test accuracies in percent, stored with the paper's code: two trials, dense (round 1),
# lottery and random at sparsities; and the ablations' means of two trials.
SEARCH_STORED = {("dense", 0.00): (64.8, 66.4), ("lottery", 0.92): (74.4, 75.6),
                 ("lottery", 0.95): (69.2, 70.5), ("lottery", 0.98): (63.0, 63.8),
                 ("random", 0.92): (60.6, 61.8)}
ABLATIONS_STORED = {"own weights": (64.2, 65.9, 60.0), "new weights": (63.8, 65.5, 60.5),
                    "flipped": (63.1, 62.8, 60.3), "shuffled": (63.8, 62.8, 60.7),
                    "chunks": (64.1, 61.9, 59.2)}  # dense, lottery, random
ADJACENCY_STORED = {2: (0.0056, 0.0093), 3: (0.00015, 0.0023), 4: (0.0, 0.0003)}

_SIZES = {
    "quick": {"seeds": 3, "at_once": 3, "hidden": 200, "rounds": 20,
              "steps": 500, "ablation_steps": 400, "block": 20},
    "paper": {"seeds": 10, "at_once": 1, "hidden": 500, "rounds": 100,
              "steps": 1501, "ablation_steps": 6000, "block": 10},
}


def runs(scale: str, seeds: int | None) -> list[Run]:
    """For each trial the search with the ticket's ablations, the random masks in blocks of rounds,
    and the ablations of dense nets and random masks one by one."""
    check_request(scale, seeds)
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


def _first_layer(mask) -> np.ndarray:
    """A mask (hidden, inputs), checked."""
    mask = any_array("mask", mask)
    if mask.ndim != 2 or len(mask) < 1 or mask.shape[1] < 2 or mask.dtype.kind not in "biuf":
        raise ValueError("mask must be zeros and ones of shape (hidden, inputs), with at least two "
                         f"inputs; got shape {mask.shape} and dtype {mask.dtype}")
    return mask


def adjacency(mask: np.ndarray, length: int) -> float:
    """How often `length` neighbouring inputs are all connected to a hidden unit: the share of the
    places where they could be. mask: (hidden, inputs), of the first layer."""
    mask = _first_layer(mask)
    places = mask.shape[1] - integer("length in mask", length, 1, mask.shape[1]) + 1
    return float(np.prod([mask[:, i:i + places] for i in range(length)], axis=0).mean())


def adjacency_as_coded(mask: np.ndarray, random_mask: np.ndarray) -> float:
    """The paper's statistic of four neighbours as its code has it: the fourth is looked up in the
    random mask."""
    places = mask.shape[1] - 3
    return float((mask[:, :places] * mask[:, 1:places + 1] * mask[:, 2:places + 2]
                  * random_mask[:, 3:]).mean())


def pairs_apart(mask: np.ndarray, distance: int) -> float:
    """How often two inputs `distance` apart are both connected to a hidden unit: the share of the
    places where they could be. mask: (hidden, inputs), of the first layer."""
    mask = _first_layer(mask)
    integer("distance in mask", distance, 1, mask.shape[1] - 1)
    return float((mask[:, :-distance].astype(int) * mask[:, distance:]).mean())


def expected_apart(mask: np.ndarray, distance: int) -> float:
    """What `pairs_apart` would be if the mask had nothing but how many inputs each unit keeps and
    how popular each input is: all its pairs, spread over the pairs of inputs in proportion to the
    product of their popularities. Lesson 15."""
    mask = _first_layer(mask)
    integer("distance in mask", distance, 1, mask.shape[1] - 1)
    units, inputs = mask.sum(axis=1, dtype=float), mask.sum(axis=0, dtype=float)
    shares = np.outer(inputs, inputs)
    np.fill_diagonal(shares, 0)  # an input is no pair with itself
    if not shares.any():
        return 0.0
    both = (units * (units - 1)).sum() * shares / shares.sum()
    return float(np.trace(both, distance) / (len(mask) * (len(inputs) - distance)))


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
    return np.linspace(0.0, 1.0, integer("rounds", rounds, 1, 1000))


def ticket_round(rounds: int) -> int:
    """The round whose sparsity is nearest to the paper's 92 %."""
    return int(np.abs(schedule(rounds) - TICKET_SPARSITY).argmin())


def _tickets(arguments: dict) -> dict:
    """Prune, rewind, train, a hundred times, from where it was left; then train each ticket on new
    data."""
    model, trials = nn.MLP(arguments["hidden"]), arguments["trials"]
    first, recipe = _initial(model, trials), checkpoints.fingerprint(arguments=arguments)
    done = kept(recipe, arguments["rounds"])
    scores, tickets = (_named(done, name) or otherwise
                       for name, otherwise in (("scores", first), ("tickets", None)))
    curves = [dict(zip(_MEASURES, each, strict=True)) for each in done.get("curves", np.empty(0)
                                                                         ).tolist()]
    for i, sparsity in list(enumerate(schedule(arguments["rounds"])))[len(curves):]:
        masks = _each(magnitude_masks, scores, sparsity)
        history = _fit(model, data.make_dataset(), arguments, "", trials, first, masks)
        scores = history.params
        curves.append(_last(history))
        if i == ticket_round(arguments["rounds"]):
            tickets = masks
        keep({"step": i + 1, "curves": [[each[name] for name in _MEASURES] for each in curves],
              **{f"scores/{name}": value for name, value in scores.items()},
              **{f"tickets/{name}": value for name, value in (tickets or {}).items()}}, recipe)
    ablations = {condition: _condition(model, arguments, condition, tickets)
                 for condition in CONDITIONS}
    return {**_by_round(curves), "ablations": ablations,
            "masks": [{name: pack(mask[k]) for name, mask in tickets.items()}
                      for k in range(len(trials))]}


def _named(arrays: dict, group: str) -> dict[str, np.ndarray]:
    """Those of the arrays whose names begin with the group's and a slash, by the rest."""
    return {name.partition("/")[2]: value for name, value in arrays.items()
            if name.startswith(f"{group}/")}


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


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """The search, the ablations with their intervals, and the tickets' neighbours, beside the
    published numbers; the figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """The search, the ablations, and the tickets' first layers."""
    from mnist1d_edu import plots
    masks = {f"ticket {trial}": unpack(packed)
             for trial, packed in list(zip(summary["trials"], summary["masks"], strict=True))[:2]}
    masks["a random mask of the same size"] = random_first_layer(summary, summary["trials"][0])
    return {"lottery": plots.lottery(summary),
            "lottery-ablations": plots.lottery_ablations(summary),
            "lottery-adjacency": plots.lottery_adjacency(summary),
            "lottery-pairs": plots.lottery_pairs(summary),
            "lottery-masks": plots.lottery_masks(
                {title: sorted_by_adjacency(mask) for title, mask in masks.items()})}


def summarise(records: list[dict]) -> dict:
    """The curves (rounds, trials), the ablations by trial, paired differences with their intervals,
    the tickets' first layers and their neighbours, one whole ticket, and the comparison."""
    tickets = [record for record in records if record["arguments"]["part"] == "tickets"]
    settings = tickets[0]["arguments"]
    sparsity = schedule(settings["rounds"])
    place = ticket_round(settings["rounds"])
    summary = {
        "trials": [trial for record in tickets for trial in record["arguments"]["trials"]],
        "hidden": settings["hidden"], "sparsity": sparsity.round(6).tolist(),
        "ticket_round": place,
        "lottery": {name: np.concatenate([record["result"][name] for record in tickets],
                                         axis=1).tolist() for name in _MEASURES},
        "random": _join_blocks(records, settings["rounds"])}
    summary["accuracies"] = _ablation_accuracies(records, tickets)
    summary["ablations"] = {
        condition: {arm: {**_mean(values), "published": stored}
                    for (arm, values), stored in zip(arms.items(), ABLATIONS_STORED[condition],
                                                     strict=True)}
        for condition, arms in summary["accuracies"].items()}
    summary["effects"] = effects(summary)
    summary["above_dense"] = above_dense(summary)
    whole = [mask for record in tickets for mask in record["result"]["masks"]]
    summary["masks"] = [mask["linear1.weight"] for mask in whole]
    summary["ticket"] = whole[0]
    summary.update(_neighbours(summary))
    summary["pairs"] = pairs(summary)
    summary["search_stored"] = [{"arm": arm, "sparsity": at, "published": list(stored)}
                                for (arm, at), stored in SEARCH_STORED.items()]
    summary["comparison"] = _compare(summary)
    return summary


def _join_blocks(records: list[dict], rounds: int) -> dict[str, list]:
    """The random masks' measures, (rounds, trials), from runs of a block of rounds each."""
    by_trial = {}
    for record in records:
        if record["arguments"]["part"] == "random masks":
            for k, trial in enumerate(record["arguments"]["trials"]):
                column = by_trial.setdefault(trial, {name: [None] * rounds for name in _MEASURES})
                for name in _MEASURES:
                    for i, values in zip(record["arguments"]["block"], record["result"][name],
                                         strict=True):
                        column[name][i] = values[k]
    return {name: [[column[name][i] for column in by_trial.values()] for i in range(rounds)]
            for name in _MEASURES}


def _ablation_accuracies(records: list[dict], tickets: list[dict]) -> dict:
    """Condition -> arm -> test accuracies by trial."""
    found = {condition: {arm: [] for arm in ARMS} for condition in CONDITIONS}
    for record in tickets:
        for condition, result in record["result"]["ablations"].items():
            found[condition]["lottery"] += result["test_accuracy"]
    for record in records:
        arguments = record["arguments"]
        if arguments["part"] == "ablation":
            found[arguments["condition"]][arguments["arm"]] += record["result"]["test_accuracy"]
    return found


def effects(summary: dict) -> list[dict]:
    """Differences in test accuracy in points, paired by trial: what, mean, Student's interval low
    to high, p, and whether it is clear of 0 by Holm's rule over all of them."""
    place, found = summary["ticket_round"], summary["accuracies"]
    ticket, mask = (np.array(summary[arm]["test_accuracy"]) for arm in ("lottery", "random"))
    pairs = {"search: ticket − dense": ticket[place] - ticket[0],
             "search: ticket − random mask": ticket[place, :mask.shape[1]] - mask[place]}
    for condition in CONDITIONS:
        lottery, dense, random = (np.array(found[condition][arm])
                                  for arm in ("lottery", "dense", "random"))
        pairs[f"{condition}: ticket − dense"] = lottery - dense
        pairs[f"{condition}: ticket − random mask"] = lottery - random
    for arm, title in (("lottery", "ticket"), ("dense", "dense"), ("random", "random mask")):
        new = np.array(found["new weights"][arm])
        pairs[f"{title}: own − new weights"] = np.array(found["own weights"][arm]) - new
        for condition in REORDERED:
            pairs[f"{title}: {condition} − in order"] = np.array(found[condition][arm]) - new
    for condition in REORDERED:
        lead, left = (np.subtract(found[data]["lottery"], found[data]["dense"])
                      for data in ("new weights", condition))
        pairs[f"ticket − dense: {condition} − in order"] = left - lead
    return intervals.effects(pairs)


def _mean(values) -> dict[str, float]:
    """The mean of independent values, and Student's interval for it, mean ± margin."""
    found = intervals.interval(values)
    mean, low, high = (found[name] for name in ("mean", "low", "high"))
    return {"mean": mean, "low": low, "high": high, "margin": round(high - mean, 3)}


def above_dense(summary: dict) -> list[float]:
    """The sparsities at which the tickets' accuracy is clear of the dense nets' and above it, by
    the paired differences and Holm's rule over all rounds but the first, the dense net itself."""
    accuracy = np.array(summary["lottery"]["test_accuracy"])
    lead = intervals.effects(dict(zip(summary["sparsity"][1:], accuracy[1:] - accuracy[0],
                                      strict=True)))
    return [row["what"] for row in lead if row["clear"] and row["mean"] > 0]


def random_first_layer(summary: dict, trial: int) -> np.ndarray:
    """The first layer of the trial's random mask of the tickets' sparsity, (hidden, inputs)."""
    scores = random_scores(nn.MLP(summary["hidden"]), trial)
    sparsity = schedule(len(summary["sparsity"]))[summary["ticket_round"]]
    return magnitude_masks(scores, sparsity)["linear1.weight"]


def _neighbours(summary: dict) -> dict:
    """The adjacency statistics of tickets and random masks by trial, and as the paper's code has
    them."""
    masks = {"lottery": [unpack(packed) for packed in summary["masks"]],
             "random": [random_first_layer(summary, trial) for trial in summary["trials"]]}
    return {
        "adjacency": {arm: {str(length): [round(adjacency(mask, length), 6) for mask in each]
                            for length in RUNS_OF} for arm, each in masks.items()},
        "four_as_coded": [round(adjacency_as_coded(*pair), 6)
                          for pair in zip(masks["lottery"], masks["random"], strict=True)],
        "adjacency_stored": {arm: {str(length): ADJACENCY_STORED[length][i] for length in RUNS_OF}
                             for i, arm in enumerate(("random", "lottery"))}}


def pairs(summary: dict) -> dict:
    """The pairs of inputs that tickets keep, by distance (distances, trials): found, and expected
    from units' numbers and inputs' popularity; how many times more, with intervals, and whether
    that is clear of 1 by Holm's rule over all distances."""
    masks = [unpack(packed) for packed in summary["masks"]]
    found, expected = (np.array([[count(mask, distance) for mask in masks]
                                 for distance in DISTANCES]).round(6)
                       for count in (pairs_apart, expected_apart))
    # where nothing is expected nothing can be found: as much as expected
    ratios = np.divide(found, expected, out=np.ones_like(found), where=expected > 0)
    more = intervals.effects(dict(enumerate(ratios - 1)))
    return {"distances": list(DISTANCES), "found": found.tolist(), "expected": expected.tolist(),
            "ratios": [{**_mean(row), "p": excess["p"], "clear": excess["clear"]}
                       for row, excess in zip(ratios, more, strict=True)]}


def _compare(summary: dict) -> list[dict]:
    """The published numbers beside ours."""
    rows = []
    for (arm, at), stored in SEARCH_STORED.items():
        distance = np.abs(np.array(summary["sparsity"]) - at)
        place = int(distance.argmin())
        if distance[place] > 0.01:
            continue  # few rounds: none at this sparsity
        ours = summary["random" if arm == "random" else "lottery"]["test_accuracy"][place]
        name = {"dense": "dense nets", "lottery": f"tickets, {at:.0%} zeros",
                "random": f"random masks, {at:.0%} zeros"}[arm]
        rows.append(compared(f"Search, test accuracy: {name}", ours, stored, "stored notebook"))
    for condition, arms in summary["accuracies"].items():
        for (arm, values), stored in zip(arms.items(), ABLATIONS_STORED[condition], strict=True):
            rows.append(compared(f"New data, test accuracy, {condition}: {arm}", values,
                                 (stored, stored), "stored notebook"))
    for arm, each in summary["adjacency"].items():
        for length, values in each.items():
            stored = summary["adjacency_stored"][arm][length]
            rows.append(compared(f"{length} neighbours, in 1,000 places: {arm}",
                                 [1000 * value for value in values], (1000 * stored,) * 2,
                                 "figure of the paper"))
    return rows


def table(summary: dict) -> str:
    """The comparison, the effects with their intervals, and which are clear of zero."""
    trials = len(summary["trials"])
    above = summary["above_dense"]
    where = f", from {above[0]:.0%} to {above[-1]:.0%} zeros" if above else ""
    coded = np.mean(summary["four_as_coded"])
    lines = [f"{'':52}{'ours':>14}{'published':>16}",
             *(f"{row['what']:52}{spread(row['ours']):>14}{span(row['published']):>16}"
               for row in summary["comparison"]), "",
             f"ours: mean ± standard deviation over {trials} trials (random masks in the search: "
             f"{len(summary['random']['test_loss'][0])}).", "Four neighbours of tickets as "
             f"the paper's code counts them: {1000 * coded:.2f} in 1,000 places. Published for",
             "own weights: new ones in fact, for its seed does not reach PyTorch.", "",
             "Differences in test accuracy, points, paired by trial", ""]
    for effect in summary["effects"]:
        lines.append(f"{effect['what']:40}{effect['mean']:+7.2f}   [{effect['low']:+.2f}, "
                     f"{effect['high']:+.2f}]   {_said(effect['clear'], 0)}")
    found = summary["pairs"]
    lines += ["", "Pairs of inputs that tickets keep: times what units' numbers and inputs' "
              "popularity explain", ""]
    for distance, ratio in zip(found["distances"], found["ratios"], strict=True):
        lines.append(f"{f'{distance} apart':40}{ratio['mean']:7.2f}   [{ratio['low']:5.2f}, "
                     f"{ratio['high']:5.2f}]   {_said(ratio['clear'], 1)}")
    lines += ["", f"[ ]: {intervals.CONFIDENCE:.0%} interval of one mean alone (Student's t, "
              f"{trials} trials). clear: by Holm's rule over all",
              f"{len(summary['effects'])} differences, all {len(found['ratios'])} distances and "
              f"all {len(summary['sparsity']) - 1} sparse rounds of the search, each by itself.",
              f"In the search the tickets lie clearly above the dense nets at {len(above)} of "
              f"{len(summary['sparsity']) - 1} sparsities{where}."]
    return "\n".join(lines)


def _said(clear: bool, level: int) -> str:
    return f"clear of {level}" if clear else f"not clear of {level}"


explain_all(globals(), besides=("run",))
