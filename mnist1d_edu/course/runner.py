"""The process in which `mnist1d-edu check` runs one notebook: nothing that a cell does can hang or
fill more than this process and its folder, and `student.py` ends both.

It runs what the checks need (`needed.py`), in plain Python; or, asked for, the whole notebook in
IPython. It reads nothing that is not in the student's folder, works on a copy of the few files that
the notebook names, and tells what happens in lines of JSON, each as it happens:

    {"cell": 4}                                     a cell is begun
    {"said": ["x", "04.relu_backward", "..."]}      a check's verdict
    {"failed": [4, "NameError", "..."]}             a cell raised
    {"note": "..."}                                 something to tell about the lesson
    {"more": true}                                  this needs the whole notebook
    {"done": true}                                  the end is reached
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import linecache
import os
import re
import shutil
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

from mnist1d_edu.arguments import one_line
from mnist1d_edu.course import needed, notebooks
from mnist1d_edu.files import check_regular

VERDICT = re.compile(r"\[( |x|ok)\] (\d\d\.\w+)(?:: (.*))?")
LONGEST_LINE = 4000
MEMORY, WRITTEN_FILE = 6 * 2**30, 2**28
FILES, FILE_BYTES, ALL_BYTES = 1000, 2**26, 2**28      # of the student's own, to be copied
IMPORTED = re.compile(r"^\s*(?:from\s+(\w+)|import\s+(\w[\w., ]*))", re.MULTILINE)
QUOTED = re.compile(r"""["']([^"'\n]{1,200})["']""")
BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError)


def main(path: str, work: str, mode: str) -> None:
    """Run the notebook at `path` in the folder `work`; mode is "needed" or "whole"."""
    tell = teller()
    source = Path(path)
    try:
        cells = notebooks.code_cells(_inside(source))
        for note in copy_named(cells, source.parent, Path(work)):
            tell(note=note)
    except (OSError, ValueError) as error:
        tell(note=one_line(error), done=True)
        os._exit(0)
    os.chdir(work)
    limit(MEMORY, WRITTEN_FILE)
    try:
        (run_whole if mode == "whole" else run_needed)(cells, tell)
    finally:
        tell(done=True)
        os._exit(0)     # whatever threads a cell has left running


def run_needed(cells: list[tuple[int, str]], tell: Callable) -> None:
    """Run the statements that the checks need, one after the other."""
    everything, opaque = [], False
    for number, source in cells:
        name = f"<ipython-cell-{number}>"
        try:
            found, magic = statements_of(source, number, name)
        except BROKEN as error:
            tell(failed=(number, type(error).__name__, one_line(error, 100)))
            continue
        opaque |= magic
        everything += found
        linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    chosen = needed.needed(everything)
    bound = set().union(*(s.binds for s in everything))

    def elsewhere(name: str) -> bool:
        """Whether a name that is missing may be bound by what is not run here."""
        return opaque or name in bound

    def said(*verdict) -> None:
        tell(said=verdict)
        missing = re.match(r"it raises NameError: name '(\w+)'", verdict[2])
        if missing and elsewhere(missing[1]):
            tell(more=True)

    sys.stdout = sys.stderr = Lines(said)
    module = types.ModuleType("__main__")
    module.display = lambda *_, **__: None
    sys.modules["__main__"] = module
    begun = failed = None
    for statement in chosen:
        if statement.cell == failed:
            continue
        if statement.cell != begun:
            begun = statement.cell
            tell(cell=begun)
        if "get_ipython" in statement.uses or statement.code.co_flags & inspect.CO_COROUTINE:
            return tell(more=True)
        try:
            exec(statement.code, module.__dict__)
        except BaseException as error:
            failed = begun
            if _failed(error, begun, tell) and (
                    not isinstance(error, NameError) or elsewhere(error.name)):
                tell(more=True)
    return None


def run_whole(cells: list[tuple[int, str]], tell: Callable) -> None:
    """Run every cell in IPython, as Jupyter does."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config
    sys.stdout = sys.stderr = Lines(lambda *said: tell(said=said))
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    for number, source in cells:
        tell(cell=number)
        result = shell.run_cell(source)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            _failed(error, number, tell)
        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.close("all")


class Lines(io.TextIOBase):
    """A stream that passes on the verdicts printed to it and forgets the rest."""

    def __init__(self, said: Callable):
        self.said, self.line = said, ""

    def write(self, text: str) -> int:
        start = 0
        while (end := text.find("\n", start)) >= 0:
            self._add(text, start, end)
            match = VERDICT.fullmatch(self.line)
            if match:
                self.said(match[1], match[2], match[3] or "")
            self.line, start = "", end + 1
        self._add(text, start, len(text))
        return len(text)

    def _add(self, text: str, start: int, end: int) -> None:
        self.line += text[start:min(end, start + LONGEST_LINE - len(self.line))]

    def writable(self) -> bool:
        return True


def copy_named(cells: list[tuple[int, str]], folder: Path, work: Path) -> list[str]:
    """Copy to `work` the files of `folder` that the cells name: in quotes, or by importing them.

    No link is followed out of the folder. Returns a note on each file that is left out because
    it, or all together, are too large.
    """
    notes, todo, seen, left = [], ["\n".join(source for _, source in cells)], set(), ALL_BYTES
    root = folder.resolve()
    while todo:
        text = todo.pop()
        for path in _named(text, folder, root):
            if path in seen:
                continue
            seen.add(path)
            size = path.stat().st_size
            if len(seen) > FILES or size > min(FILE_BYTES, left):
                notes.append(f"{path.relative_to(root)} is not used: `check` takes at most "
                             f"{FILES:,} files, of {FILE_BYTES >> 20} MB each and "
                             f"{ALL_BYTES >> 20} MB together")
                if len(seen) > FILES:
                    return notes
                continue
            left -= size
            target = work / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            if path.suffix == ".py":
                todo.append(path.read_text(encoding="utf-8", errors="replace"))
    return notes


def _named(text: str, folder: Path, root: Path) -> Iterator[Path]:
    """The regular files in `folder` whose names (or whose folders' names) stand in a source."""
    names = {match[1] for match in QUOTED.finditer(text)}
    for match in IMPORTED.finditer(text):
        for module in re.findall(r"\w+", match[1] or match[2]):
            names |= {f"{module}.py", module}
    for name in sorted(names):
        with contextlib.suppress(OSError, ValueError, RuntimeError):    # a loop of links
            path = (folder / name).resolve(strict=True)
            if path == root or not path.is_relative_to(root):
                continue
            if path.is_file():
                yield path
            elif path.is_dir():
                yield from _files_below(path)


def _files_below(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _inside(path: Path) -> Path:
    """`path`, if it is a regular file of its folder; OSError otherwise."""
    try:
        real = path.resolve(strict=True)
        check_regular(path)
    except FileNotFoundError:
        raise OSError(f"{path.name} is a link to nothing") from None
    except (OSError, RuntimeError) as error:    # RuntimeError: a loop of links
        text = getattr(error, "strerror", None) or one_line(error)
        raise OSError(f"{path.name} cannot be read: {text}") from None
    if not real.is_relative_to(path.parent.resolve()):
        raise OSError(f"{path.name} is a link out of the folder, which is not followed")
    return path


def statements_of(source: str, number: int, name: str) -> tuple[list[needed.Statement], bool]:
    """The statements of a cell, and whether some of it can only be seen by running it."""
    try:
        found, magic = needed.statements(source, number, name), False
    except SyntaxError:
        try:
            from IPython.core.inputtransformer2 import TransformerManager
        except ImportError:
            raise
        plain = TransformerManager().transform_cell(source)
        found, magic = needed.statements(plain, number, name), True
    hidden = {"exec", "eval", "globals", "locals", "vars", "setattr", "get_ipython"}
    return found, magic or any(s.uses & hidden or s.stars for s in found)


def _failed(error: BaseException, cell: int, tell: Callable) -> bool:
    """Tell of an error; False if it is a verdict, which a grader's `check` raises."""
    match = VERDICT.fullmatch(_text(error))
    if match:
        tell(said=(match[1], match[2], match[3] or ""))
        return False
    tell(failed=(cell, type(error).__name__, one_line(_text(error), 100)))
    return True


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(an error that cannot be shown)"


def teller() -> Callable:
    """What writes a line of JSON to the process's output; the output itself, input and errors then
    lead nowhere, for cells and for the processes that they start."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)

    def tell(**message) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    return tell


def limit(memory: int, file: int) -> None:
    """Hold the process to so many bytes of memory, and to files of so many bytes."""
    try:
        import resource
    except ImportError:     # Windows
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, file)):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, hard))
