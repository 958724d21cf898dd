"""Plain recurrent net and GRU at equal steps: every state read, or only where each direction ends.

The benchmark's GRU reads the signal in both directions, and its linear layer sees the states at all
forty places, so it has little to remember. Here the GRU stands beside a plain recurrent net
(h' = tanh(W x + U h + b)) of as many units, and both are read in two ways: all states, or the last
state of each direction, which must carry all that the net knows. The plain net also starts from
recurrent weights that are a rotation, through which cotangents neither fade nor grow. Each is
trained at two learning rates, of which the one with the higher training accuracy counts.
Lessons 08 and 09.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu import data, engine, nn, optim
from mnist1d_edu.arguments import one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, fit, seed_groups, spread
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.nn.initialisers import uniform

TITLES = {"rnn, all": "plain, all states", "gru, all": "GRU, all states",
          "rnn, ends": "plain, ends", "rotation, ends": "plain, ends, rotation",
          "gru, ends": "GRU, ends"}
RATES = (0.003, 0.01)
UNITS = 6  # in each direction, as in the paper's GRU

_SCALES = {"quick": {"steps": 500, "seeds": 3}, "paper": {"steps": 2000, "seeds": 10}}
_COST = {"rnn": 1.5, "rotation": 1.5, "gru": 2.5}  # ms a step and seed
_SEEDS_AT_ONCE = 5


def runs(scale: str, seeds: int | None) -> list[Run]:
    """Each net at each learning rate, with the seeds in groups."""
    check_request(scale, seeds)
    plan = _SCALES[scale]
    seeds = plan["seeds"] if seeds is None else seeds
    return [Run("recurrent", {"net": name, "seeds": some, "steps": plan["steps"],
                              "learning_rate": rate, "batch_size": 100,
                              "eval_every": plan["steps"] // 20},
                _COST[name.split(",")[0]] * plan["steps"] * len(some))
            for name in TITLES for rate in RATES for some in seed_groups(seeds, _SEEDS_AT_ONCE)]


def run(arguments: dict) -> dict:
    """Train one net: its number of parameters, the steps (E,), and the accuracies in percent by
    step and seed (E, S)."""
    history = fit(net(arguments["net"]), data.make_dataset(),
                  optim.adam(arguments["learning_rate"]), steps=arguments["steps"],
                  batch_size=arguments["batch_size"], seeds=arguments["seeds"],
                  eval_every=arguments["eval_every"], progress=False)
    return {"parameters": nn.count_parameters(history.replica(0)), "steps": history.steps.tolist(),
            **{name: getattr(history, name).astype(float).round(2).tolist()
               for name in ("train_accuracy", "test_accuracy")}}


class PlainRNN(nn.Layer):
    """h' = tanh(W x + U h + b) over the time axis, in both directions. x: (..., N, T, 1) ->
    (..., N, T, 2 hidden_size), left to right first. Lesson 08.

    weight_ih: (2, hidden_size, 1), weight_hh: (2, hidden_size, hidden_size), bias: (2, hidden_size)
    of the two directions. rotation: the recurrent weights start as orthogonal matrices.
    """

    names = ("weight_ih", "weight_hh", "bias")

    def __init__(self, hidden_size: int, rotation: bool = False):
        self.hidden_size, self.rotation = hidden_size, rotation

    def init(self, rng: np.random.RandomState) -> dict[str, np.ndarray]:
        size, bound = self.hidden_size, self.hidden_size ** -0.5
        shapes = {"weight_ih": (2, size, 1), "weight_hh": (2, size, size), "bias": (2, size)}
        drawn = {name: uniform(rng, shape, bound) for name, shape in shapes.items()}
        if self.rotation:
            turned = np.linalg.qr(rng.standard_normal((2, size, size)))[0]
            drawn["weight_hh"] = turned.astype(np.float32)
        return drawn

    def __call__(self, params, x, updates=None):
        x = engine.as_tensor(x)
        both = engine.stack([x, x[..., ::-1, :]], axis=-4)  # (..., 2, N, T, 1)
        w_ih, w_hh = (engine.swapaxes(params[name], -1, -2) for name in ("weight_ih", "weight_hh"))
        seen = both @ w_ih[..., None, :, :] + engine.as_tensor(params["bias"])[..., None, None, :]
        h, states = 0.0, []
        for t in range(x.shape[-2]):
            h = engine.tanh(seen[..., t, :] + (h @ w_hh if t else 0.0))
            states.append(h)
        states = engine.stack(states, axis=-2)
        return engine.concatenate([states[..., 0, :, :, :], states[..., 1, :, ::-1, :]], axis=-1)


def net(name: str) -> nn.Sequential:
    """One of the nets of `TITLES`: (..., N, 40) -> logits (..., N, 10)."""
    kind, read = one_of("net", name, TITLES).split(", ")
    layer = nn.GRU(1, UNITS, bidirectional=True) if kind == "gru" else PlainRNN(
        UNITS, rotation=kind == "rotation")
    if read == "all":
        head = {"flat": nn.Flatten(), "linear": nn.Linear(2 * UNITS * 40, 10)}
    else:
        head = {"ends": ends, "linear": nn.Linear(2 * UNITS, 10)}
    return nn.Sequential(values=one_value_a_step, recurrent=layer, **head)


def one_value_a_step(x):
    """Signals (..., N, T) as (..., N, T, 1)."""
    return engine.as_tensor(x)[..., None]


def ends(states):
    """(..., T, 2 units) -> (..., 2 units): the last state of each direction, where all is read."""
    half = states.shape[-1] // 2
    return engine.concatenate([states[..., -1, :half], states[..., 0, half:]], axis=-1)


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """Accuracies of the five nets, their differences, and the learning curves."""
    from mnist1d_edu import plots
    summary = summarise(records)
    return Report(table(summary), {"recurrent": plots.recurrent(summary)}, summary)


def summarise(records: list[dict]) -> dict:
    """By net: its parameters, the last test accuracies at each rate, and at the rate that counts
    the accuracies by step and seed; the differences."""
    nets = {}
    for name in TITLES:
        by_rate = {rate: _joined([record["result"] for record in records
                                  if (record["arguments"]["net"],
                                      record["arguments"]["learning_rate"]) == (name, rate)])
                   for rate in RATES}
        rate = max(RATES, key=lambda rate: np.mean(by_rate[rate]["train_accuracy"][-1]))
        nets[name] = {"title": TITLES[name], "rate": rate, **by_rate[rate],
                      "at_rates": {str(each): found["test_accuracy"][-1]
                                   for each, found in by_rate.items()}}
    last = {name: np.array(found["test_accuracy"][-1]) for name, found in nets.items()}
    pairs = {f"{TITLES[one]} − {TITLES[other]}": last[one] - last[other]
             for one, other in (("gru, all", "rnn, all"), ("gru, ends", "rnn, ends"),
                                ("gru, ends", "rotation, ends"), ("rotation, ends", "rnn, ends"),
                                ("rnn, all", "rnn, ends"), ("gru, all", "gru, ends"))}
    return {"nets": nets, "seeds": len(last["gru, all"]), "effects": effects(pairs),
            "comparison": []}


def _joined(results: list[dict]) -> dict:
    """The results of groups of seeds as one."""
    return {**results[0], **{measure: np.concatenate([result[measure] for result in results],
                                                     axis=1).tolist()
                             for measure in ("train_accuracy", "test_accuracy")}}


def table(summary: dict) -> str:
    """Each net's accuracies, and the differences."""
    heads = ("parameters", "rate", "training", "last step", "at the other rate")
    lines = [f"Test accuracy in %: mean ± standard deviation over {summary['seeds']} seeds", "",
             f"{'':26}{heads[0]:>11}{heads[1]:>8}" + "".join(f"{head:>19}" for head in heads[2:])]
    for found in summary["nets"].values():
        other = next(each for each in RATES if each != found["rate"])
        lines.append(f"{found['title']:26}{found['parameters']:>11,}{found['rate']:>8}"
                     f"{spread(found['train_accuracy'][-1]):>19}"
                     f"{spread(found['test_accuracy'][-1]):>19}"
                     f"{spread(found['at_rates'][str(other)]):>19}")
    steps = summary["nets"]["gru, all"]["steps"][-1]
    return "\n".join([*lines, "", f"last step: after {steps:,} steps. rate: of "
                      f"{' and '.join(map(str, RATES))} the one with the higher training accuracy.",
                      "", effects_table(summary["effects"], summary["seeds"])])


explain_all(globals(), besides=("run",))
