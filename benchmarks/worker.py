"""One contestant in a process of its own: `python -m benchmarks.worker CONTESTANT ROW SIZE`.

It prints a line of JSON when it is ready, then one for each line it reads: the seconds that one
unit of work took in this round, and the peak of the process's memory so far.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys

from .rows import CONTESTANTS


def main(contestant: str, row: str, size: int) -> None:
    reply, sys.stdout = sys.stdout, sys.stderr  # what the contestant prints is not an answer
    hold_to_one_processor()
    module, _, seeds = CONTESTANTS[contestant]
    run = importlib.import_module(f"benchmarks.{module}").prepare(row, size, seeds)
    print(json.dumps({"ready": True}), file=reply, flush=True)
    for _ in sys.stdin:
        answer = {"seconds": run(), "peak": peak_memory()}
        print(json.dumps(answer), file=reply, flush=True)


def hold_to_one_processor() -> None:
    """The same one for all; a thread pool that counts processors then has one thread."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def peak_memory() -> float:
    """The largest resident size of this process so far, in MB (Linux counts in kB)."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
