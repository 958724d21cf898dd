"""The command `mnist1d-edu`. Each subcommand is one function here: it declares its arguments,
and calls the module that does the work, imported only then."""

from __future__ import annotations

import argparse
import sys


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit status (2 for a wrong request, told in one line)."""
    parser = argparse.ArgumentParser(
        prog="mnist1d-edu", description="Learn deep learning by building it, on MNIST-1D.")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for add in (_add_data,):
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
