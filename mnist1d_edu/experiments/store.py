"""Keep paper-scale results: `python -m mnist1d_edu.experiments.store OUT`, in a source checkout.

Copies the summaries that `mnist1d-edu reproduce --scale paper --out OUT` wrote to `results/` in the
package, and writes `results/README.md` from all that is there: our numbers beside the published
ones, with each disagreement named.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import mnist1d_edu
from mnist1d_edu import experiments
from mnist1d_edu.arguments import one_line, path
from mnist1d_edu.boundary import explained
from mnist1d_edu.experiments import sweep
from mnist1d_edu.experiments.verdicts import judge
from mnist1d_edu.files import write_whole

RESULTS = Path(mnist1d_edu.__file__).parent / "results"


def store(out: str | os.PathLike, results: str | os.PathLike = RESULTS) -> list[Path]:
    """Copy the paper-scale summaries in the folder `out` to `results` and renew its README; return
    the files written. ValueError if there is none, or one was made at another scale."""
    out, results = path("out", out), path("results", results)
    files = [out / f"{name}.json" for name in experiments.EXPERIMENTS]
    found = {file.stem: _read(file) for file in files if file.exists()}
    if not found:
        raise ValueError(f"out must have a summary of an experiment: make one with mnist1d-edu "
                         f"reproduce NAME --scale paper --out DIR; got {one_line(out)}")
    written = [write_whole(Path(results) / f"{name}.json", sweep.to_json(summary))
               for name, summary in found.items()]
    kept = {name: _read(Path(results) / f"{name}.json") for name in experiments.EXPERIMENTS
            if (Path(results) / f"{name}.json").exists()}
    return [*written, write_whole(Path(results) / "README.md", readme(kept))]


@explained
def readme(results: dict[str, dict]) -> str:
    """The text of `results/README.md`: for each result (name -> content of its file) how it was
    made, a table of ours beside the published numbers, and the disagreements."""
    parts = ["# Paper-scale results\n\n"
             "Written by `python -m mnist1d_edu.experiments.store OUT`; do not edit. *Ours* is the "
             "mean ± one standard deviation over the seeds (their number in brackets). A published "
             "range and ours disagree when ours, widened to two standard deviations (where 95 % of "
             "single runs fall), does not touch it; gaps that round to 0 are not counted.\n"]
    for name, result in results.items():
        told = _compared if result["summary"]["comparison"] else _differences
        parts.append("\n".join([f"## {name}\n", _made(result), "", *told(result["summary"]), ""]))
    return "\n".join(parts)


def _compared(summary: dict) -> list[str]:
    """Our numbers beside the published ones, and the disagreements."""
    rows = [_row(row) for row in summary["comparison"]]
    disagreements = [sentence for _, sentence in rows if sentence]
    return ["| | ours | published | by |", "|---|---|---|---|", *(line for line, _ in rows), "",
            *(disagreements or ["No disagreement beyond the error bars."])]


def _differences(summary: dict) -> list[str]:
    """What is not published: the differences measured, in points."""
    return ["There are no published numbers to compare with. Differences in percentage points, "
            "with 95 % intervals; *not clear*: not clear of zero by Holm's rule over the table.",
            "",
            "| | difference | |", "|---|---|---|",
            *(f"| {row['what']} | {row['mean']:.1f} [{row['low']:.1f}, {row['high']:.1f}] | "
              f"{'' if row['clear'] else 'not clear'} |" for row in summary["effects"])]


def _row(row: dict) -> tuple[str, str]:
    """A row of a comparison as a line of the table, and its disagreement in words ("" if none)."""
    judged = judge(row)
    line = f"| {judged.what} | {judged.ours} | {judged.published} | {judged.source} |"
    if judged.verdict not in ("above", "below"):
        return line, ""
    return line, (f"* **{judged.what}**: ours, {judged.ours}, lies {judged.verdict} the published "
                  f"{judged.published} ({judged.source}), by {judged.gap:.{judged.digits}f} beyond "
                  "the error bars.")


def _made(result: dict) -> str:
    """How a result was made, in a sentence."""
    made = [run["made"] for run in result["runs"]]
    seconds = sum(each["seconds"] for each in made)
    machines = sorted({f"{each['processor']}, NumPy {each['numpy']}, {each['blas']}"
                       for each in made})
    days = sorted({each["date"][:10] for each in made})
    seeds = f" --seeds {result['seeds']}" if result.get("seeds") else ""
    return (f"`mnist1d-edu reproduce {result['experiment']} --scale {result['scale']}{seeds}`: "
            f"{len(made)} runs, {seconds / 60:.1f} minutes of one core in all, "
            f"{' to '.join(sorted({days[0], days[-1]}))}; {'; '.join(machines)}.")


def _read(file: Path) -> dict:
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{file} is not JSON") from None
    if summary.get("scale") != "paper":
        raise ValueError(f"{file} was made at the scale {summary.get('scale')!r}; only results at "
                         "the scale 'paper' are kept")
    return summary


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m mnist1d_edu.experiments.store",
                                     description="Keep paper-scale results in the package.")
    parser.add_argument("out", metavar="OUT", help="the folder given to reproduce as --out")
    try:
        print("\n".join(map(str, store(parser.parse_args(argv).out))))
    except (ValueError, OSError) as error:
        print(f"store: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
