"""A learning rate learned by gradients through training, from two starts, and where that ends.

The notebook "Metalearning a learning rate" of the paper's code (arXiv 2011.14439): a net with one
hidden layer of 50 tanh units, 200 steps of plain SGD on batches of 50 in file order; the mean of
the 200 losses is differentiated with respect to the rate, and 50 steps of gradient descent on the
rate, at an outer rate of 0.3, lead from 1.5 and from 0.15 to the same place. One seed.

Here also: the mean loss and its gradient over all rates, and how fast two nearby runs come apart
there, which is where gradients through training end to be of use (Metz et al. 2019, arXiv
1810.10180); and the rate at which a *truncated* gradient is 0, one that forgets after so many steps
how the parameters came about (Wu et al. 2018, arXiv 1803.02021). Lesson 18.
"""

from __future__ import annotations

import functools

import numpy as np

from mnist1d_edu import data, engine, nn, optim
from mnist1d_edu.arguments import one_of
from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import Report, Run, check_request, compared, spread
from mnist1d_edu.experiments.intervals import effects, effects_table
from mnist1d_edu.unroll import Unrolled

STARTS = [1.5, 0.15]
STORED = {"1.5": 0.624, "0.15": 0.620}  # the rates that the notebook ends with
STORED_LOSS = 1.716
RATES = np.geomspace(0.02, 8, 27).round(4).tolist()
WINDOWS = [2, 5, 10, 25, 50, 100, 200]

_SETTINGS = {"hidden": 50, "steps": 200, "batch_size": 50}
_OUTER = {"outer_rate": 0.3, "outer_steps": 50}
_SCALES = {"quick": {"seeds": 3, "rates": RATES[::2], "windows": [2, 10, 50, 200]},
           "paper": {"seeds": 20, "rates": RATES, "windows": WINDOWS}}
_BRACKET, _HALVINGS = (0.05, 1.5), 10  # where truncated gradients are 0, found to 0.3 %
_APART = 1e-8  # how far apart two runs are held while the growth of their distance is measured


def runs(scale: str, seeds: int | None) -> list[Run]:
    """For each seed: descent on the rate from both starts, the landscape, truncated gradients."""
    check_request(scale, seeds)
    plan = _SCALES[scale]
    count = plan["seeds"] if seeds is None else seeds
    return [Run("metalearn-lr", {"part": part, "seed": seed, **more, **_SETTINGS}, cost)
            for seed in range(count) for part, more, cost in (
                *(("descent", {"start": start, **_OUTER}, 50) for start in STARTS),
                ("landscape", {"rates": plan["rates"]}, 6 * len(plan["rates"])),
                ("truncated", {"windows": plan["windows"]}, 12 * len(plan["windows"])))]


def run(arguments: dict) -> dict:
    """One of the parts: "descent", "landscape" or "truncated"."""
    part = {"descent": descent, "landscape": landscape, "truncated": truncated}
    return part[one_of("part", arguments["part"], part)](arguments)


# --------------------------------------------------------------------------- the setup


def net(hidden: int) -> nn.Sequential:
    """One hidden layer of tanh units: (..., N, 40) -> logits (..., N, 10)."""
    return nn.Sequential(linear1=nn.Linear(40, hidden), tanh=engine.tanh,
                         linear2=nn.Linear(hidden, 10))


@functools.lru_cache(maxsize=4)
def training(hidden: int) -> Unrolled:
    """Training of that net by SGD, as a function of its rate, meta["lr"]."""
    model = net(hidden)
    return Unrolled(lambda params, meta, x, y: nn.cross_entropy(model(params, x), y),
                    lambda meta: optim.sgd(meta["lr"]))


def begun(arguments: dict, dtype=np.float32) -> dict[str, np.ndarray]:
    """The parameters before the first step."""
    start = net(arguments["hidden"]).init(np.random.RandomState(arguments["seed"]))
    return {name: value.astype(dtype) for name, value in start.items()}


def batches(arguments: dict, dtype=np.float32) -> list[tuple[np.ndarray, np.ndarray]]:
    """The inputs and the labels of each step, in file order, from the beginning again at the end.
    """
    x, y = _dataset()["x"].astype(dtype), _dataset()["y"]
    size = arguments["batch_size"]
    starts = [size * step % len(x) for step in range(arguments["steps"])]
    return [(x[i:i + size], y[i:i + size]) for i in starts]


@functools.lru_cache(maxsize=1)
def _dataset() -> dict[str, np.ndarray]:
    return data.make_dataset()


# --------------------------------------------------------------------------- the three parts


def descent(arguments: dict) -> dict:
    """Gradient descent on the rate: the rate before each step and after the last, the mean of the
    losses at each. It ends early where a loss or a rate is no number any more, or not positive."""
    through, start, given = training(arguments["hidden"]), begun(arguments), batches(arguments)
    rates, means = [arguments["start"]], []
    for _ in range(arguments["outer_steps"]):
        losses, slope = through.gradient(start, {"lr": np.array(rates[-1], np.float32)}, given)
        after = rates[-1] - arguments["outer_rate"] * float(slope["lr"])
        if not (np.isfinite(losses).all() and np.isfinite(after) and after > 0):
            break
        means.append(float(losses.mean()))
        rates.append(after)
    return {"rates": np.round(rates, 5).tolist(), "losses": np.round(means, 5).tolist()}


def landscape(arguments: dict) -> dict:
    """At each rate: the mean of the losses, its slope by the gradient through training, the test
    accuracy in percent after the last step, and `growth`. In double precision."""
    through, model = training(arguments["hidden"]), net(arguments["hidden"])
    start, given = begun(arguments, float), batches(arguments, float)
    x_test, y_test = (_dataset()[name] for name in ("x_test", "y_test"))
    found: dict[str, list] = {"losses": [], "slopes": [], "test_accuracy": [], "growth": []}
    for rate in arguments["rates"]:
        losses, slope = through.gradient(start, {"lr": np.array(rate)}, given)
        grows, end = growth(model, start, given, rate)
        right = model(end, x_test).data.argmax(axis=-1) == y_test
        for name, value in zip(found, (losses.mean(), slope["lr"], 100 * right.mean(), grows),
                               strict=True):
            found[name].append(float(f"{value:.5g}"))
    return found


def growth(model: nn.Sequential, params: dict, given: list, rate: float) -> tuple[float, dict]:
    """The factor by which a small distance between two runs grows in a step, the geometric mean
    over all steps (the logarithm is the largest Lyapunov exponent); the parameters at the end.

    After each step the second run is moved back along the line to the first, so that their
    distance stays small."""
    slopes = engine.value_and_grad(lambda p, x, y: nn.cross_entropy(model(p, x), y))
    rng = np.random.RandomState(0)
    apart = {name: rng.standard_normal(value.shape) for name, value in params.items()}
    logarithm = 0.0
    for step, (x, y) in enumerate(given):
        length = np.sqrt(sum((value**2).sum() for value in apart.values()))
        logarithm += np.log(length / _APART) if step else 0.0
        other = {name: params[name] + apart[name] * (_APART / length) for name in params}
        params, other = ({name: p[name] - rate * g for name, g in slopes(p, x, y)[1].items()}
                         for p in (params, other))
        apart = {name: other[name] - params[name] for name in params}
    length = np.sqrt(sum((value**2).sum() for value in apart.values()))
    return float(np.exp((logarithm + np.log(length / _APART)) / len(given))), params


def truncated(arguments: dict) -> dict:
    """For each window, the rate at which the truncated gradient of the mean loss is 0: between
    windows of so many steps nothing is carried back (halving an interval, in double precision)."""
    through, start = training(arguments["hidden"]), begun(arguments, float)
    given, zeros = batches(arguments, float), []
    for window in arguments["windows"]:
        low, high = _BRACKET
        for _ in range(_HALVINGS):
            middle = (low * high) ** 0.5
            if truncated_slope(through, start, given, middle, window) > 0:
                high = middle
            else:
                low = middle
        zeros.append(round(float((low * high) ** 0.5), 4))
    return {"zeros": zeros}


def truncated_slope(through: Unrolled, params: dict, given: list, rate: float, window: int
                    ) -> float:
    """The truncated gradient of the mean loss with respect to the rate: the sum of the gradients
    within windows of so many steps."""
    meta, total = {"lr": np.array(rate)}, 0.0
    for begin in range(0, len(given), window):
        some = given[begin:begin + window]
        total += float(through.gradient(params, meta, some, np.ones(len(some)))[1]["lr"])
        params = through.trained(params, meta, some)
    return total / len(given)


# --------------------------------------------------------------------------- report


def report(records: list[dict], scale: str) -> Report:
    """Where both starts end, the landscape, truncated gradients, and the figures."""
    summary = summarise(records)
    return Report(table(summary), figures(summary), summary)


def figures(summary: dict) -> dict:
    """The figures of a summary, by name."""
    from mnist1d_edu import plots
    return {"metalearn-lr": plots.metalearned_rate(summary),
            "metalearn-lr-landscape": plots.rate_landscape(summary)}


def summarise(records: list[dict]) -> dict:
    """By part, with a row for each seed; differences by seed; the comparison."""
    parts = {part: [r for r in records if r["arguments"]["part"] == part]
             for part in ("descent", "landscape", "truncated")}
    first = {part: some[0]["arguments"] for part, some in parts.items()}
    descents = {}
    for start in STARTS:
        own = [r for r in parts["descent"] if r["arguments"]["start"] == start]
        descents[str(start)] = {name: [r["result"][name] for r in own]
                                for name in ("rates", "losses")}
    summary = {
        "seeds": [r["arguments"]["seed"] for r in parts["landscape"]],
        "steps": first["descent"]["steps"], "outer_steps": first["descent"]["outer_steps"],
        "descents": descents,
        "landscape": {"rates": first["landscape"]["rates"],
                      **{name: np.transpose([r["result"][name] for r in parts["landscape"]]
                                            ).tolist()
                         for name in ("losses", "slopes", "test_accuracy", "growth")}},
        "truncated": {"windows": first["truncated"]["windows"],
                      "zeros": np.transpose([r["result"]["zeros"] for r in parts["truncated"]]
                                            ).tolist()}}
    summary["effects"] = effects(_differences(summary))
    summary["comparison"] = _compare(summary)
    return summary


def _compare(summary: dict) -> list[dict]:
    """The rates that the descents arrived at, and the mean loss there, beside the notebook's."""
    rows = [(f"learning rate after {summary['outer_steps']} outer steps from {start}",
             ends(summary, start), STORED[start]) for start in summary["descents"]]
    rows.append(("mean loss over the steps at the learned rate",
                 [losses[-1] for losses in _arrived(summary, "0.15", "losses")], STORED_LOSS))
    return [compared(what, ours, (value, value), "stored notebook, one seed")
            for what, ours, value in rows if ours]


def _arrived(summary: dict, start: str, name: str) -> list[list[float]]:
    """The courses of the descents that did not end early."""
    found = summary["descents"][start]
    return [course for rates, course in zip(found["rates"], found[name], strict=True)
            if len(rates) == summary["outer_steps"] + 1]


def ends(summary: dict, start: str) -> list[float]:
    """The rates after the last outer step, of the descents from `start` that did not end early."""
    return [rates[-1] for rates in _arrived(summary, start, "rates")]


def _differences(summary: dict) -> dict[str, np.ndarray]:
    """Differences by seed: between both starts, from the best of the grid, by the window. Seeds of
    which a descent ended early are left out."""
    found, outer = summary["descents"], summary["outer_steps"]
    whole = [k for k in range(len(summary["seeds"]))
             if all(len(found[start]["rates"][k]) == outer + 1 for start in found)]
    if not whole:
        return {}
    last = {start: np.array([found[start]["rates"][k][-1] for k in whole]) for start in found}
    grid = np.array(summary["landscape"]["losses"])[:, whole]
    reached = np.array([found["0.15"]["losses"][k][-1] for k in whole])
    pairs = {"learned rate: from 1.5 − from 0.15": last["1.5"] - last["0.15"],
             "mean loss: learned rate − best of the grid": reached - grid.min(axis=0)}
    zeros = dict(zip(summary["truncated"]["windows"],
                     np.array(summary["truncated"]["zeros"])[:, whole], strict=True))
    pairs |= {f"rate: truncated after {window} − all {summary['steps']} steps":
              each - zeros[summary["steps"]]
              for window, each in zeros.items() if window != summary["steps"]}
    return pairs


def table(summary: dict) -> str:
    """Both descents beside the notebook's, the landscape, the truncated gradients."""
    count = len(summary["seeds"])
    lines = [f"A learning rate learned by gradients through {summary['steps']} steps, "
             f"{summary['outer_steps']} outer steps: mean ± standard deviation over {count} seeds",
             "", f"{'':12}{'learned rate':>18}{'notebook':>10}{'mean loss':>18}{'notebook':>10}"
             f"{'ended early':>14}"]
    for start, found in summary["descents"].items():
        arrived = _arrived(summary, start, "losses")
        early = len(found["rates"]) - len(arrived)
        cells = (spread(ends(summary, start), 3), spread([each[-1] for each in arrived], 3)
                 ) if arrived else ("", "")
        lines.append(f"{'from ' + start:12}{cells[0]:>18}{STORED[start]:>10}{cells[1]:>18}"
                     f"{STORED_LOSS:>10}{early:>14}")
    lines += ["", f"{'rate':>8}{'mean loss':>18}{'slope, median':>16}{'largest':>10}"
                  f"{'test accuracy':>18}{'growth a step':>18}"]
    scape = summary["landscape"]
    for i, rate in enumerate(scape["rates"]):
        slopes = np.array(scape["slopes"][i])
        lines.append(f"{rate:>8.3g}{spread(scape['losses'][i], 3):>18}{np.median(slopes):>16.2g}"
                     f"{np.abs(slopes).max():>10.1g}{spread(scape['test_accuracy'][i]):>18}"
                     f"{spread(scape['growth'][i], 3):>18}")
    lines += ["", "growth: the factor by which the distance of two nearby runs grows in a step", "",
              f"The rate at which the gradient is 0 if it is truncated after so many of the "
              f"{summary['steps']} steps", ""]
    lines += [f"{window:>8}{spread(zeros, 3):>18}" for window, zeros in zip(
        summary["truncated"]["windows"], summary["truncated"]["zeros"], strict=True)]
    if summary["effects"]:
        lines += ["", effects_table(summary["effects"], count, "Differences", digits=3)]
    return "\n".join(lines)


explain_all(globals(), besides=("run",))
