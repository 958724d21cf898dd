"""Where the time of a training step goes: `python -m benchmarks.where mlp cnn gru`.

A step of `fit` is a recorded list of NumPy calls (mnist1d_edu/replay.py) and the update of the
optimiser. Each call is timed by itself, many times, and the medians are added up by kind. What the
products would take at the rate of one large product, `sgemm`, is the arithmetic floor. "around
them" is the rest of a step as `fit` has it: batches, the loop, the checks, and what timing call by
call hides.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from statistics import median

import numpy as np

from mnist1d_edu import nn
from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.experiments import pooling, regularization
from mnist1d_edu.layout import Layout
from mnist1d_edu.optim import adam
from mnist1d_edu.program import Call, Program
from mnist1d_edu.threads import one_thread
from mnist1d_edu.train import _gradients, fit

from . import sgemm
from .rows import BATCH, POOLED_CHANNELS, REGULARIZED_CHANNELS
from .tasks import few_examples, steps_timed

MODELS = {"logistic": nn.logistic, "mlp": nn.mlp, "cnn": nn.cnn, "gru": nn.gru,
          "pooling": lambda: pooling.net(POOLED_CHANNELS, pool="max"),
          "regularized": lambda: regularization.net("cnn", REGULARIZED_CHANNELS, prelu=True)}
KINDS = ("products", "elementwise", "sums, maxima", "copies", "optimiser", "around them")
REPEATS, STEPS = 200, 300


def main(arguments: list[str] | None = None) -> int:
    """Print the table, microseconds a step and seed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.where",
                                     description=__doc__.split("\n")[0])
    parser.add_argument("models", nargs="*", metavar="MODEL",
                        help=f"of {', '.join(MODELS)}; default mlp cnn gru")
    parser.add_argument("--seeds", type=int, default=1, help="replicas in a step (default 1)")
    options = parser.parse_args(arguments)
    try:
        names = [one_of("MODEL", name, MODELS) for name in options.models] or ["mlp", "cnn", "gru"]
        seeds = integer("--seeds", options.seeds, 1, 100)
    except (TypeError, ValueError) as error:
        parser.error(str(error))
    cost = sgemm.prepare("sgemm", 20, 1)()
    print("".join(f"{head:>14}" for head in ("µs", "step", "floor", "calls", *KINDS)))
    for name in names:
        spent, calls, floor = step(MODELS[name](), seeds, cost)
        print("".join(f"{cell:>14}" for cell in (
            name, f"{sum(spent.values()):.0f}", f"{floor:.0f}", calls,
            *(f"{spent[kind]:.0f}" for kind in KINDS))))
    return 0


def step(model, seeds: int, cost: float) -> tuple[Counter, int, float]:
    """Of a step of one seed: microseconds by kind, the number of calls (of all seeds), and the
    microseconds of its products where an operation takes `cost` seconds."""
    data, optimizer = few_examples(), adam(1e-2)
    layout = Layout(model, list(range(seeds)))
    gradients = _gradients(model, nn.cross_entropy, layout, (False, False))
    batch = data["x"][:BATCH].astype(np.float32), data["y"][:BATCH]
    spent: Counter = Counter()
    with one_thread():
        for _ in range(2):
            gradients(*batch)
        programs = [replay.program for _, replay in gradients.parts if replay.program]
        for program in programs:
            for kind, seconds in timed(program):
                spent[kind] += seconds
        state, scratch = optimizer.flat_state(layout.theta), np.empty_like(layout.theta)
        spent["optimiser"] = repeated(lambda: optimizer.step_flat(
            5, layout.theta, layout.gradient, state, scratch))

    def train(steps):
        fit(model, data, optimizer, steps=steps, batch_size=BATCH, seeds=seeds, eval_every=steps,
            progress=False)
    whole = steps_timed(train, STEPS, seeds)() * seeds
    spent["around them"] = whole - spent.total()
    flops = sum(operations(call) for program in programs for call in program.calls)
    return (Counter({kind: 1e6 * seconds / seeds for kind, seconds in spent.items()}),
            sum(len(program.calls) for program in programs), 1e6 * flops * cost / seeds)


def timed(program: Program) -> list[tuple[str, float]]:
    """The kind and the median time of each call, in the order in which a step makes them."""
    times: list[list[float]] = [[] for _ in program.ready]
    for _ in range(REPEATS):
        for (function, arguments), own in zip(program.ready, times, strict=True):
            start = time.perf_counter()
            function(*arguments)
            own.append(time.perf_counter() - start)
    return [(kind(call), median(own)) for call, own in zip(program.calls, times, strict=True)]


def repeated(f) -> float:
    """The median time of a call of f."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        f()
        times.append(time.perf_counter() - start)
    return median(times)


def kind(call: Call) -> str:
    """What a call of the recorded step does."""
    if call.function is np.matmul:
        return "products"
    if isinstance(call.function, np.ufunc):
        return "elementwise"
    name = getattr(call.function, "__name__", "")
    return "sums, maxima" if name == "reduce" else "elementwise" if name == "clip" else "copies"


def operations(call: Call) -> float:
    """The additions and multiplications of a product; 0 for other calls."""
    return 2.0 * call.writes[0].size * call.reads[0].shape[-1] if kind(call) == "products" else 0.0


if __name__ == "__main__":
    raise SystemExit(main())
