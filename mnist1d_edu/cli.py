"""The command `mnist1d-edu`. Each subcommand is one function here: it declares its arguments,
and calls the module that does the work, imported only then."""

from __future__ import annotations

import argparse
import sys


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit status (2 for a wrong request, told in one line)."""
    parser = _Parser(
        prog="mnist1d-edu", description="Learn deep learning by building it, on MNIST-1D.")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for add in (_add_data, _add_reproduce,):
        add(commands)
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 0
    try:
        return args.run(args) or 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    except (ValueError, TypeError, OSError) as error:
        print(f"mnist1d-edu {args.command}: {error}", file=sys.stderr)
        return 2


class _Parser(argparse.ArgumentParser):
    """A parser that tells what is wrong with a command line in one line."""

    def error(self, message: str):
        self.exit(2, f"{self.prog}: {message}\n")


def _add_data(commands) -> None:
    parser = commands.add_parser("data", help="write a variant of the dataset to a file")
    parser.add_argument("--out", required=True, metavar="FILE", help="a .npz or .csv file to make")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="a dataset argument, such as seed=7 or num_samples=10000")
    parser.set_defaults(run=_data)


def _data(args) -> int:
    from mnist1d_edu import data
    print(data.write_variant(args.out, args.set))
    return 0


def _add_reproduce(commands) -> None:
    parser = commands.add_parser("reproduce", help="redo published experiments; list them")
    parser.add_argument("names", nargs="*", metavar="NAME", help="an experiment (none: list them)")
    parser.add_argument("--scale", default="quick",
                        help="quick (default): a minute or two; paper: all steps, more seeds")
    parser.add_argument("--seeds", type=int, metavar="N", help="how many seeds, other than usual")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes at once (default: cores)")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler to compute on")
    parser.add_argument("--out", default="out", metavar="DIR",
                        help="where runs, figures and summaries go (default: out); a stopped sweep "
                             "goes on from what is there")
    parser.set_defaults(run=_reproduce)


def _reproduce(args) -> int:
    from mnist1d_edu.experiments import reproduce
    if not args.names:
        print(reproduce.listing())
        return 0
    return reproduce.reproduce(args.names, args.scale, args.seeds, args.jobs, args.cluster,
                               args.out)
