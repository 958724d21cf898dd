"""The command `python -m benchmarks`; see the package's docstring."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import sys
from statistics import median

from mnist1d_edu.arguments import integer, one_of
from mnist1d_edu.files import write_whole

from . import __doc__ as description
from .contest import Result, compete, missing_package
from .rows import ROWS, Row

HEADER = ("row", "who", "median", "least", "most", "unit", "of sgemm", "peak MB", "ours faster",
          "to reach")


def main(arguments: list[str] | None = None) -> int:
    """Measure the rows asked for and print the table.

    Returns 0, 1 if a contestant failed, or 2 if the table could not be saved.
    """
    options = parse(arguments)
    lines: list[str] = []

    def show(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    for line in machine():
        show(line)
    show("")
    show(layout(HEADER))
    complaints: list[str] = []
    for name in options.rows:
        row = ROWS[name]
        rounds = min(options.rounds, row.most_rounds)
        present, absent = split(row)
        results, failed = compete(name, present, row.quick_size if options.quick else row.size,
                                  rounds)
        for cells in table(name, row, results):
            show(layout(cells))
        complaints += [f"{package}: not installed, skipped" for package in absent]
        complaints += [f"{name}: {who} failed: {why}" for who, why in failed.items()]
    for line in dict.fromkeys(complaints):
        show(line)
    if options.out:
        try:
            write_whole(options.out, "\n".join(lines) + "\n")
        except OSError as error:
            print(f"--out: {error}", file=sys.stderr)
            return 2
    return int(any(" failed: " in line for line in complaints))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; default all")
    parser.add_argument("--quick", action="store_true", help="less work in a round, two rounds")
    parser.add_argument("--rounds", type=int, help="turns of each contestant (default 5)")
    parser.add_argument("--out", metavar="FILE", help="save the table")
    options = parser.parse_args(arguments)
    try:
        options.rows = [one_of("ROW", name, ROWS) for name in options.rows] or list(ROWS)
        default = 2 if options.quick else 5
        options.rounds = integer("--rounds", default if options.rounds is None else options.rounds,
                                 low=1)
    except ValueError as error:
        parser.error(str(error))
    return options


def split(row: Row) -> tuple[list[str], list[str]]:
    """The contestants that can run, and the packages that the others miss."""
    missing = {name: missing_package(name) for name in row.contestants}
    return ([name for name, package in missing.items() if package is None],
            [package for package in missing.values() if package is not None])


def table(name: str, row: Row, results: dict[str, Result]):
    """One line of cells for each contestant; the machine's is its rate."""
    for who, result in results.items():
        if who == "sgemm":
            rates = [1e-9 / s for s in (median(result.seconds), max(result.seconds),
                                        min(result.seconds))]
            yield (name, who, *map(number, rates), "GFLOP/s", "", "", "", "")
            continue
        times = [row.scale * s for s in (median(result.seconds), min(result.seconds),
                                         max(result.seconds))]
        compared = [(f"{ratio:.2f}x ({ours})", verdict(ratio, goal))
                    for ours, goal in row.rivals.get(who, {}).items() if ours in results
                    for ratio in [speedup(result, results[ours])]]
        first, *others = compared or [("", "")]
        yield (name, who, *map(number, times), row.unit, fraction(row, result, results),
               f"{result.peak:.0f}", *first)
        for more in others:
            yield (*[""] * 8, *more)


def speedup(peer: Result, ours: Result) -> float:
    """How many times longer the peer took: the median of the rounds' ratios."""
    return median(p / o for p, o in zip(peer.seconds, ours.seconds, strict=True))


def fraction(row: Row, result: Result, results: dict[str, Result]) -> str:
    """The part of the machine's sgemm rate that the row's matrix products reached."""
    if row.flops is None or "sgemm" not in results:
        return ""
    pairs = zip(result.seconds, results["sgemm"].seconds, strict=True)
    return f"{100 * median(row.flops * machine / s for s, machine in pairs):.1f} %"


def verdict(ratio: float, goal: float | None) -> str:
    if goal is None:
        return ""
    return f"{goal:g}x: {'met' if ratio >= goal else 'not met'}"


def number(value: float) -> str:
    """Three digits, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def layout(cells: tuple[str, ...]) -> str:
    widths = (12, 17, 7, 7, 7, 13, 8, 7, 22, 0)
    left = (True, True, False, False, False, True, False, False, True, True)
    columns = [cell.ljust(width) if to_left else cell.rjust(width)
               for cell, width, to_left in zip(cells, widths, left, strict=True)]
    return " ".join(columns).rstrip()


def machine() -> list[str]:
    """What the numbers depend on: processor, versions, and whether others are at work."""
    versions = [f"{package} {version(package)}"
                for package in ("numpy", "torch", "jax", "autograd", "mnist1d", "scikit-learn",
                                "openTSNE") if version(package)]
    load = os.getloadavg()[0]
    busy = "; others are at work, so do not rely on these numbers" if load > 0.5 else ""
    return [f"{processor()}, {os.cpu_count()} processors, one thread each contestant",
            f"Python {platform.python_version()}, {', '.join(versions)}",
            f"load average before the start {load:.1f}{busy}"]


def version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor() -> str:
    """The processor's name where the system tells it, else its architecture."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if "model name" in line]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
