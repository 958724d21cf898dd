"""`mnist1d-edu reproduce`: compute the runs of experiments, print their tables, save their figures.
"""

from __future__ import annotations

import ast
import inspect
import io
import os
import shlex
import sys
import tempfile
from pathlib import Path

from mnist1d_edu import experiments
from mnist1d_edu.arguments import integer, one_of, path, shown, string
from mnist1d_edu.experiments import estimate, page, sweep
from mnist1d_edu.files import write_whole

MOST_JOBS = 1000
ALL, PAGE = "all", "results.html"  # the name for every experiment, and the page it ends in

_STYLES = {"png": {"dpi": 150, "metadata": {"Software": None}},
           "pdf": {"metadata": {"CreationDate": None}}}


def listing() -> str:
    """The experiments, a line each: the name, and the first line of the module's docstring."""
    width = max(map(len, experiments.EXPERIMENTS))
    lines = {name: title(name) for name in experiments.EXPERIMENTS}
    lines[ALL] = "All of these, and a page with every published number beside ours."
    return "\n".join(f"{name:{width}}  {line}" for name, line in lines.items())


def reproduce(names: list[str], scale: str = "quick", seeds: int | None = None,
              jobs: int | None = None, cluster: str | None = None,
              out: str | os.PathLike = "out") -> int:
    """Compute the named experiments and print their tables; keep runs, figures (PNG and PDF) and
    summaries (JSON) in the folder `out`. Runs that are there already are not computed again.

    The name "all" stands for every experiment; at the end `out` then has a page of all results. A
    name that ends in .py is a file with an experiment of your own.

    scale: "quick" (a minute or two) or "paper". seeds: how many, or None for the experiment's own
    number. jobs: processes on this machine, or None for one a core; cluster: the address of a Dask
    scheduler instead. Returns the exit status: 0; 1 if a run failed or a file could not be
    written; 130 after Ctrl-C. Raises ValueError for an unknown name or a number out of range, and
    OSError, before anything is computed, if `out` cannot be written to.
    """
    if isinstance(names, (str, dict)) or not isinstance(names, (list, tuple)):
        raise TypeError(f"names must be a list of experiments; got {shown(names)}")
    out = path("out", out)
    if cluster is not None:
        string("cluster", cluster)
    chosen = _chosen(names)
    one_of("scale", scale, experiments.SCALES)
    seeds = None if seeds is None else integer("seeds", seeds, low=1, high=experiments.MOST_SEEDS)
    jobs = _cores() if jobs is None else integer("jobs", jobs, low=1, high=MOST_JOBS)
    _check_out(Path(out))
    if _printable("±") != "±":
        print("this console cannot print the plus-minus sign: +/- stands for it",
              file=sys.stderr)
    plan = {name: module.runs(scale, seeds) for name, module in chosen.items()}
    again = _command(names, scale, seeds, jobs, cluster, out)
    runs = {sweep.record_path(run, _runs(out)): run for each in plan.values() for run in each}
    width = jobs if cluster is None else None
    _say_how_long(runs, width)
    try:
        outcome = sweep.sweep(list(runs.values()), _runs(out), jobs, cluster)
        found = dict(zip(runs, outcome.records, strict=True))
        whole = [_show(name, chosen[name], [found[sweep.record_path(run, _runs(out))]
                                            for run in each], scale, seeds, Path(out))
                 for name, each in plan.items()]
        if ALL in names:
            print(f"the results page: {page.write(Path(out) / PAGE, out)}")
    except KeyboardInterrupt:
        print(f"stopped; {_finished(runs, width)}. To go on: {again}", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"mnist1d-edu reproduce: {error}; {_finished(runs, width)}. To go on: {again}",
              file=sys.stderr)
        return 1
    if not all(whole):
        print(f"{len(outcome.failures)} of {len(runs)} runs failed. To try again: {again}",
              file=sys.stderr)
    return 0 if all(whole) else 1


def _chosen(names: list[str]) -> dict:
    """The modules of the named experiments; ValueError if one cannot run. Of "all" those that
    lack an optional package are left out, and a line says so."""
    chosen = {}
    for name in names:
        if name == ALL:
            for each in experiments.EXPERIMENTS:
                if lacking := experiments.missing(each):
                    print(f"left out: {each}, which needs {_install(lacking)}", file=sys.stderr)
                else:
                    chosen[each] = experiments.load(each)
            continue
        name = experiments.own_file(name) if name.endswith(".py") else name
        chosen[name] = experiments.load(name)
        if lacking := experiments.missing(name):
            raise ValueError(f"{name} needs {_install(lacking)}")
    return chosen


def _install(packages: list[str]) -> str:
    return f"{', '.join(packages)}: pip install {' '.join(packages)}"


def _say_how_long(runs: dict, jobs: int | None) -> None:
    """Say before a long sweep how long it is."""
    if left := _left(runs, jobs):
        print(f"{_finished(runs, None)}; the rest takes {left} with {jobs} "
              f"process{'es' if jobs != 1 else ''}", file=sys.stderr)


def _left(runs: dict, jobs: int | None) -> str:
    """How long the runs without a record still take, in words; "" if that is short or unknown."""
    clock, missing = estimate.Clock(runs.values()), []
    for file, run in runs.items():
        try:
            clock.saw(run, sweep.read_record(file, run)["made"]["seconds"])
        except (OSError, ValueError):
            missing.append(run)
    missing.sort(key=lambda run: -(clock.seconds(run) or 0))
    left = clock.left(missing, jobs) if jobs else None
    return estimate.told(clock, missing, jobs) if jobs and left is not None and left > 60 else ""


def _show(name: str, module, records: list[dict | None], scale: str, seeds: int | None,
          out: Path) -> bool:
    """Print and save an experiment's report, if none of its runs failed."""
    if None in records:
        print(f"{name}: no table, {records.count(None)} of its {len(records)} runs failed")
        return False
    page.off_screen()
    from matplotlib import pyplot

    from mnist1d_edu import plots
    report = module.report(records, scale)
    files, alternatives = [], {}
    for figure_name, figure in report.figures.items():
        for suffix, style in _STYLES.items():
            image = io.BytesIO()
            figure.savefig(image, format=suffix, bbox_inches="tight", **style)
            files.append(write_whole(out / f"{figure_name}.{suffix}", image.getvalue()))
        alternatives[figure_name] = plots.alternative_text(figure)
        pyplot.close(figure)
    made = [{key: record[key] for key in ("experiment", "arguments", "made", "sha256")}
            for record in records]
    summary = {"schema": sweep.SCHEMA, "experiment": name, "scale": scale, "seeds": seeds,
               "summary": report.summary, "table": report.table, "figures": alternatives,
               "runs": made}
    files.append(write_whole(out / f"{name}.json", sweep.to_json(summary)))
    print(_printable(f"{report.table}\n\nsaved: {', '.join(map(str, files))}\n"))
    return True


def _check_out(out: Path) -> None:
    """Make the folder `out`; OSError if it cannot be made or written to."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        file = next((p for p in (out, *out.parents) if os.path.isfile(p)), None)
        why = f"{file} is a file" if file else error.strerror or str(error)
        raise OSError(f"out must be a folder that can be written to; got {out} ({why})") from None


def _printable(text: str) -> str:
    """`text` in the characters that the console has."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
        return text
    except UnicodeEncodeError:
        for sign, plain in (("±", "+/-"), ("–", "-"), ("−", "-"), ("×", "x"), ("≈", "~")):
            text = text.replace(sign, plain)
        return text.encode(encoding, "replace").decode(encoding)


def title(name: str) -> str:
    """The first line of an experiment's docstring, read from its source: with PYTHONOPTIMIZE=2 the
    module itself has none."""
    text = ast.get_docstring(ast.parse(inspect.getsource(experiments.load(name))))
    return (text or name).splitlines()[0]


def _runs(out) -> Path:
    return Path(out) / "runs"


def _finished(runs: dict, jobs: int | None) -> str:
    """How many of the runs are on disk, in words, and how long the others take if that is long."""
    text = f"{sum(path.exists() for path in runs)} of {len(runs)} runs are finished and kept"
    left = _left(runs, jobs)
    return f"{text}, {left} left" if left else text


def _cores() -> int:
    """The processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def _command(names, scale, seeds, jobs, cluster, out) -> str:
    """The command line that resumes this sweep."""
    words = ["mnist1d-edu", "reproduce", *names, "--scale", scale]
    words += [] if seeds is None else ["--seeds", str(seeds)]
    words += ["--jobs", str(jobs)] if cluster is None else ["--cluster", cluster]
    return shlex.join([*words, "--out", str(out)])
