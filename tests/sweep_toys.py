"""A toy experiment for the tests of the sweep; worker processes import it by its name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from mnist1d_edu.experiments import Report, Run, compared


def runs(scale: str, seeds: int | None) -> list[Run]:
    """As many runs as seeds."""
    return [Run("toy", {"do": "square", "value": value}) for value in range(seeds or 3)]


def run(arguments: dict) -> dict:
    """Square the value; or fail, die and so on, as "do" says. TOY_LOG: a file that gets a line for
    each run; TOY_SECONDS: how long it sleeps."""
    log = os.environ.get("TOY_LOG")
    if log:
        with open(log, "a") as file:
            file.write(f"{arguments['value']} {os.getpid()}\n")
    time.sleep(float(os.environ.get("TOY_SECONDS", "0")))
    return globals()[f"_{arguments['do']}"](arguments)


def report(records: list[dict], scale: str) -> Report:
    from matplotlib import pyplot
    squares = [record["result"]["square"] for record in records]
    figure, ax = pyplot.subplots()
    ax.plot(squares)
    return Report(f"toy: {os.environ.get('TOY_TABLE', squares)}", {"toy": figure},
                  {"squares": squares, "comparison": [compared("sum", squares, (0, 1), "nobody")]})


def _square(arguments):
    return {"square": arguments["value"] ** 2}


def _fail(arguments):
    raise RuntimeError("two\nlines")


def _unsorted(arguments):
    return {"square": 0, "input": 1, "conv1": 2, "a layer": {"second": 2, "first": 1}}


def _nan(arguments):
    return {"square": float("nan")}


def _die(arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def _slow(arguments):
    time.sleep(0.6)
    return _square(arguments)


def _die_once(arguments):
    mark = Path(arguments["mark"])
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return _square(arguments)


def _threads(arguments):
    from threadpoolctl import threadpool_info
    pools = [pool for pool in threadpool_info() if pool.get("user_api") == "blas"]
    return {"square": [pool["num_threads"] for pool in pools]}


def _fit(arguments):
    """A training of several seconds; it says what it went through."""
    import numpy as np

    from mnist1d_edu import data, nn, optim
    from mnist1d_edu.experiments import fit
    history = fit(nn.mlp(), data.make_dataset({"num_samples": 1000}, rng=np.random.RandomState(0)),
                  optim.adam(0.001), steps=arguments["value"], eval_every=50, progress=False)
    return {"square": history.train_loss[-1].tolist(), "steps": history.steps.tolist()}
