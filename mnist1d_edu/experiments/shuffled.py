"""The four models after shuffling the 40 inputs: what is lost without spatial order.

The same permutation for every signal leaves all the information and takes away what is next to
what. arXiv 2011.14439, table 1. Lesson 09.
"""

from __future__ import annotations

import numpy as np

from mnist1d_edu.boundary import explain_all
from mnist1d_edu.experiments import (
    Report,
    Run,
    benchmark,
    check_request,
    load_result,
    spread,
)

run = benchmark.run


def runs(scale: str, seeds: int | None) -> list[Run]:
    """The runs of `benchmark`, to compare with, and the same on the shuffled inputs."""
    check_request(scale, seeds)
    return benchmark.runs(scale, seeds) + benchmark.runs_on("shuffled", scale, seeds)


def report(records: list[dict], scale: str) -> Report:
    """The table, what shuffling costs each model, and both accuracies beside the paper's."""
    from mnist1d_edu import plots
    ordered = benchmark.summarise(records, "ordered")
    summary = benchmark.summarise(records, "shuffled")
    text = f"{benchmark.table(summary)}\n\n{_losses(ordered, summary)}"
    return Report(text, {"shuffled": plots.shuffled(ordered, summary)}, summary)


def figures(summary: dict) -> dict:
    """The figures of a stored summary, beside that of `benchmark`."""
    from mnist1d_edu import plots
    ordered = load_result("benchmark")["summary"]
    return {"shuffled": plots.shuffled(ordered, summary)}


def _losses(ordered: dict, shuffled: dict) -> str:
    """What shuffling costs each model at the last step, seed by seed."""
    lines = ["Shuffling the inputs changes the last step's test accuracy by (percentage points):"]
    for model, title in benchmark.TITLES.items():
        last = [np.array(summary["models"][model]["test_accuracy"][-1])
                for summary in (ordered, shuffled)]
        lines.append(f"{title:10}{spread(last[1] - last[0]):>12}")
    return "\n".join(lines)


explain_all(globals(), besides=("run",))
