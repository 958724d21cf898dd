"""The experiments: each reproduces a published result, with several seeds, from one command.

An experiment is a module with a line in the table `EXPERIMENTS` below. The first line of its
docstring is what `mnist1d-edu reproduce` says of it, and it has three functions:

* ``runs(scale, seeds) -> list[Run]``: what to compute, at the scale "quick" or "paper"; `seeds` is
  how many seeds, or None for the experiment's own number. The runs are independent of each
  other. A run may belong to another experiment (`shuffled` compares with the runs of `benchmark`);
  it is computed once for both.
* ``run(arguments) -> dict``: compute one run. A module-level function, for it is called in another
  process, perhaps on another machine. Arguments and result are what JSON can hold: numbers,
  strings, lists, dicts; neither NaN nor NumPy's types.
* ``report(records, scale) -> Report``: the table, the figures and the summary, of all the records
  of `runs(scale, seeds)`, in that order. A record is a dict with "experiment", "arguments",
  "result" and "made" (versions, processor, seconds of processor time, date).

It may have two more names. ``figures(summary) -> {name: figure}`` draws the figures of a stored
summary for the results page; one whose only figure is `plots.NAME(summary)` needs none. And
``REQUIRES`` are optional packages without which it cannot run.

`sweep.py` computes the runs and keeps their records, `reproduce.py` is the command, and `store.py`
puts the summaries of paper-scale runs under version control, where `load_result` finds them.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import importlib
import importlib.resources
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from mnist1d_edu.arguments import finite_array, integer, one_of, path, shown, string

EXPERIMENTS = {
    "benchmark": "mnist1d_edu.experiments.benchmark",
    "shuffled": "mnist1d_edu.experiments.shuffled",
    "mnist": "mnist1d_edu.experiments.mnist",
    "double-descent": "mnist1d_edu.experiments.double_descent",
    "lottery": "mnist1d_edu.experiments.lottery",
    "pooling": "mnist1d_edu.experiments.pooling",
    "residual": "mnist1d_edu.experiments.residual",
    "regularization": "mnist1d_edu.experiments.regularization",
    "random-data": "mnist1d_edu.experiments.random_data",
    "metalearn-lr": "mnist1d_edu.experiments.metalearn_lr",
    "shift": "mnist1d_edu.experiments.shift",
    "recurrent": "mnist1d_edu.experiments.recurrent",
    "tickets": "mnist1d_edu.experiments.tickets",
    "threshold": "mnist1d_edu.experiments.threshold",
}
SCALES = ("quick", "paper")
MOST_SEEDS = 1000


@dataclasses.dataclass(frozen=True)
class Run:
    """One independent computation: `run(arguments)` of the named experiment.

    cost: how long it takes beside the others, in any unit: the longest are started first.
    """

    experiment: str
    arguments: dict
    cost: float = 1.0


@dataclasses.dataclass(frozen=True)
class Report:
    """What an experiment has to show.

    table: the text to print. figures: name -> matplotlib figure. summary: all that figures and
    lessons need, as JSON, kept small; its "comparison" is a list of rows, each the arguments of
    `compared`.
    """

    table: str
    figures: dict
    summary: dict


def check_request(scale: str, seeds: int | None) -> None:
    """What an experiment may be asked for: one of SCALES, and at most MOST_SEEDS seeds or None."""
    one_of("scale", scale, SCALES)
    if seeds is not None:
        integer("seeds", seeds, 1, MOST_SEEDS)


def seed_groups(seeds: int, at_once: int) -> list[list[int]]:
    """The seeds 0 to seeds - 1 in groups, each trained at once.

    >>> seed_groups(5, 2)
    [[0, 1], [2, 3], [4]]
    """
    seeds, at_once = integer("seeds", seeds, 0, MOST_SEEDS), integer("at_once", at_once, low=1)
    return [list(range(i, min(i + at_once, seeds))) for i in range(0, seeds, at_once)]


def compared(what: str, ours: list[float], published: tuple[float, float], source: str) -> dict:
    """A row of a summary's comparison: what was measured, our values (one a seed), the published
    range (low, high) and who published it."""
    string("what", what)
    string("source", source)
    return {"what": what, "ours": ours, "published": list(_pair("published", published)),
            "source": source}


def _pair(name: str, value) -> tuple:
    """Two numbers, the lower first."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise TypeError(f"{name} must be two numbers (low, high); got {shown(value)}")
    finite_array(name, value)
    return tuple(value)


def spread(values, digits: int = 1) -> str:
    """Mean ± standard deviation in words (of one value: the value).

    >>> spread([1.0, 2.0, 3.0])
    '2.0 ± 1.0'
    """
    values, digits = finite_array("values", values), integer("digits", digits, 0, 20)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"values must have shape (n,), with n at least 1; got {values.shape}")
    deviation = f" ± {values.std(ddof=1):.{digits}f}" if len(values) > 1 else ""
    return f"{values.mean():.{digits}f}{deviation}"


def span(pair) -> str:
    """A published range (low, high) in words, a single number if both are the same."""
    low, high = _pair("pair", pair)
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


_checkpoint = contextvars.ContextVar("checkpoint", default=None)


@contextlib.contextmanager
def going_on_from(checkpoint: Path | None) -> Iterator[None]:
    """For what is done within: the file in which `fit` keeps how far it is, if any."""
    token = _checkpoint.set(None if checkpoint is None else path("checkpoint", checkpoint))
    try:
        yield
    finally:
        _checkpoint.reset(token)


def fit(*arguments, **options):
    """`train.fit` for a run that trains once: in a sweep it goes on from where a killed one was. A
    checkpoint that is broken or of another version of the experiment is not used."""
    from mnist1d_edu import train
    file = _checkpoint.get()
    if file is None:
        return train.fit(*arguments, **options)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        return train.fit(*arguments, checkpoint=file, **options)
    except ValueError as error:
        if not str(error).startswith(f"checkpoint {file}"):
            raise
    file.unlink(missing_ok=True)
    return train.fit(*arguments, checkpoint=file, **options)


def load(name: str):
    """The module of the experiment `name`."""
    return importlib.import_module(EXPERIMENTS[one_of("name of an experiment", name, EXPERIMENTS)])


def own_file(path: str) -> str:
    """Enter the file `path` with an experiment into `EXPERIMENTS`; return its name, the file's own
    without .py. ValueError if that is no name, is taken, or the file lacks one of the three
    functions; OSError if it cannot be read."""
    file = Path(path).resolve()
    name = file.stem
    if not file.is_file():
        raise FileNotFoundError(f"{path} is not a file; it must be one with runs, run and report")
    again = EXPERIMENTS.get(name) == name  # entered before: the file may have changed
    if again:
        sys.modules.pop(name, None)
    if not name.isidentifier() or name in sys.modules or (name in EXPERIMENTS and not again):
        raise ValueError(f"the name of {path} must be one that no module has, of letters, digits "
                         f"and _; got {name!r}")
    sys.path.insert(0, str(file.parent))  # worker processes get this path too
    importlib.invalidate_caches()
    EXPERIMENTS[name] = name
    try:
        module = load(name)
    except Exception as error:
        raise ValueError(f"{path} cannot be imported: {type(error).__name__}: {error}") from None
    lacking = [each for each in ("runs", "run", "report") if not hasattr(module, each)]
    if lacking:
        raise ValueError(f"{path} must have the functions runs, run and report; "
                         f"{', '.join(lacking)} missing")
    return name


def figures(name: str, summary: dict) -> dict:
    """The figures of the experiment `name` from a summary of it; {} if it cannot draw them."""
    from mnist1d_edu import plots
    draw = getattr(load(name), "figures", None)
    if draw is not None:
        return draw(summary)
    draw = getattr(plots, name.replace("-", "_"), None)
    return {} if draw is None else {name: draw(summary)}


def missing(name: str) -> list[str]:
    """The optional packages that the experiment `name` requires and that are not installed."""
    return [package for package in getattr(load(name), "REQUIRES", ())
            if importlib.util.find_spec(package) is None]


def load_result(name: str) -> dict:
    """The paper-scale result of the experiment `name` that comes with the package: its "summary",
    and how it was made ("scale", "runs"; "seeds", if they were not the experiment's own number).
    ValueError if there is none."""
    folder = importlib.resources.files("mnist1d_edu") / "results"
    names = sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".json"))
    file = folder / f"{one_of('name of a result', name, names)}.json"
    return json.loads(file.read_text(encoding="utf-8"))
