"""What the process that runs a student's answer may not do: use the course's answer to the same
exercise, read it from the course's files, or reach beyond its own folder.

Python's audit hooks tell of every file that is opened, every process and every connection, and
cannot be taken away again. They hold a student who tries; against an attacker they are no wall
(docs/instructors.md says what is), which is why the verdict is not made in this process.
"""

from __future__ import annotations

import os
import sys
import tempfile
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnist1d_edu.course import registry
from mnist1d_edu.course.borrowed import EXERCISES, SENTENCE
from mnist1d_edu.course.exercise import Exercise

PACKAGE = Path(__file__).parents[1]
FORBIDDEN = ("code.__new__", "ctypes.", "ftplib.", "gc.", "http.", "os.chmod", "os.chown",
             "os.exec", "os.fork", "os.kill", "os.link", "os.posix_spawn", "os.putenv",
             "os.startfile", "os.symlink", "os.system", "pty.", "shutil.", "signal.pthread_kill",
             "smtplib.", "socket.", "sqlite3.", "subprocess.", "urllib.", "webbrowser.", "winreg.")
PATHS = {"os.listdir": 0, "os.scandir": 0, "os.remove": 0, "os.rmdir": 0, "os.mkdir": 0,
         "os.rename": 1, "os.truncate": 0}
MOST_WRITTEN = 200      # files that an answer may open to write


class Borrowed(Exception):
    """Raised where an answer calls the course's own."""


def seal_reference(exercise: Exercise) -> None:
    """Make the course's answers to this exercise unusable in this process, wherever they are held;
    the exercise keeps what it needs to be tried: the drive."""
    for function in _functions(exercise.reference):
        if function.__closure__:
            for cell in function.__closure__:
                cell.cell_contents = None
        else:
            function.__code__ = _refuse.__code__
            function.__defaults__ = function.__kwdefaults__ = None
    kept = _needed_by(exercise.drive) if exercise.drive else set()
    module = sys.modules.get(getattr(exercise.reference, "__module__", ""), None)
    if module is not None and module.__name__.startswith(EXERCISES):
        for name, value in list(vars(module).items()):
            if name not in kept and isinstance(value, types.FunctionType) \
                    and value.__module__ == module.__name__:
                setattr(module, name, _refuse)
    exercise.variants, exercise.mistakes, exercise.musts = [], [], []
    exercise.stages = ()


def stand_in(exercise: Exercise):
    """What `use` gives for the exercise that is being graded, if there is no answer to it."""
    if exercise.kind != "class":
        return _refuse
    return type("Refused", (), {"__init__": _refuse, "__init_subclass__": classmethod(_refuse)})


def is_refusal(error: BaseException | None) -> bool:
    """Whether an answer ended because it called the course's own."""
    return error is not None and SENTENCE in map(str, error.args)


def close(work: Path) -> None:
    """From now on: read only Python, its packages and `work`, write only `work`, start nothing.

    Refusals are PermissionErrors, which libraries that look for a file expect.
    """
    readable = [*_roots(), str(work)]
    secret = [str(registry.FOLDERS), str(PACKAGE / "grading"),
              *(str(PACKAGE.parent / name) for name in ("solutions", "tests", ".git"))]
    realpath: Any = os.path.realpath
    written = [0]
    inside = [False]

    def below(path: str, folders: list[str]) -> bool:
        return any(path == f or path.startswith(f + os.sep) for f in folders)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if inside[0] or event in ("gc.collect", "import", "compile", "exec"):
            return
        if event.startswith(FORBIDDEN) and not event.startswith("ctypes.dlsym"):
            raise PermissionError(f"an answer may not use {event}")
        path: Any
        mode: Any
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, int):
                return
        elif event in PATHS:
            path, mode, flags = arguments[PATHS[event]], None, 0
            if isinstance(path, int):
                raise PermissionError("an answer may not use folders by number")
        else:
            return
        inside[0] = True
        try:
            real = str(realpath(os.fsdecode(path or ".")))
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (
                mode is None and isinstance(flags, int)
                and flags & (os.O_WRONLY | os.O_RDWR)) or event not in (
                "open", "os.listdir", "os.scandir")
            folder = event == "open" and mode is None and os.path.isdir(real)
        finally:
            inside[0] = False
        if real in (os.devnull, "/dev/urandom"):
            return
        written[0] += bool(writes)
        if (folder or below(real, secret) or written[0] > MOST_WRITTEN
                or not below(real, [str(work)] if writes else readable)):
            raise PermissionError(f"an answer may not open {real}")

    sys.addaudithook(hook)


def _roots() -> list[str]:
    """The folders of Python and of the packages that are installed."""
    folders = [sys.prefix, sys.base_prefix, PACKAGE, *sys.path, "/usr", "/lib", "/etc/ssl",
               "/etc/localtime", "/etc/fonts", "/var/cache/fontconfig",
               Path.home() / ".cache" / "matplotlib", Path.home() / ".config" / "matplotlib"]
    found = {os.path.realpath(f) for f in map(str, folders) if f}
    outside = {os.path.realpath(f) for f in (str(PACKAGE.parent), tempfile.gettempdir(), os.sep)}
    return sorted(found - outside)


def _refuse(*_, **__):
    """Its code is put into functions of other modules, so it imports what it needs itself."""
    from mnist1d_edu.course.borrowed import SENTENCE
    from mnist1d_edu.grading.sealed import Borrowed
    raise Borrowed(SENTENCE)


def _functions(answer) -> Iterator[types.FunctionType]:
    """The function that an answer is, or the methods of the class."""
    if isinstance(answer, types.FunctionType):
        yield answer
    elif isinstance(answer, type):
        for member in vars(answer).values():
            member = getattr(member, "fget", None) or getattr(member, "__func__", member)
            if isinstance(member, types.FunctionType):
                yield member


def _needed_by(function) -> set[str]:
    """The global names that a function uses, and those that they use in turn."""
    found: set[str] = set()
    todo = [function]
    while todo:
        function = todo.pop()
        codes, names = [getattr(function, "__code__", None)], set()
        for code in filter(None, codes):
            names |= set(code.co_names)
            codes += [c for c in code.co_consts if isinstance(c, types.CodeType)]
        for cell in getattr(function, "__closure__", None) or ():
            todo.append(cell.cell_contents)
        for name in names - found:
            if name in getattr(function, "__globals__", {}):
                found.add(name)
                todo.append(function.__globals__[name])
    return found
