"""`mnist1d-edu check` on a folder where everything has gone wrong: each lesson has its line, none
hangs, fills the disk, or stops another; and the folder is as it was."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from mnist1d_edu import cli
from mnist1d_edu.course import needed, notebooks, runner, student

FIRST = "00_how_this_course_works.ipynb"
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX files and signals")


@pytest.fixture
def hers(tmp_path):
    """A folder with lesson 00 alone, its first exercise solved."""
    student.start(tmp_path / "mine")
    for path in notebooks.lesson_files(tmp_path / "mine"):
        if path.name != FIRST:
            path.unlink()
    edit(tmp_path / "mine" / FIRST, "def row_means(", 'raise NotImplementedError("your code here")',
         "return x.mean(axis=1)")
    return tmp_path / "mine"


def edit(path: Path, start: str, old: str, new: str) -> None:
    """Replace `old` in the cells whose source starts with `start`."""
    notebook = notebooks.read(path)
    cells = [cell for cell in notebook.cells if cell.source.startswith(start)]
    assert cells and all(old in cell.source for cell in cells)
    for cell in cells:
        cell.source = cell.source.replace(old, new)
    path.write_text(notebooks.written(notebook), encoding="utf-8")


def lesson(path: Path, *sources: str) -> None:
    """A notebook with these code cells."""
    from nbformat.v4 import new_code_cell, new_notebook
    path.write_text(notebooks.written(new_notebook(cells=list(map(new_code_cell, sources)))))


def snapshot(folder: Path) -> dict:
    return {path.name: (os.lstat(path).st_mode, os.lstat(path).st_mtime_ns)
            for path in sorted(folder.rglob("*"))}


def reports(folder: Path) -> dict[str, student.Report]:
    return {report.title[:2]: report for report in student.check(folder)}


@posix
def test_files_of_every_sort_are_one_line_and_stop_no_other(hers, capsys):
    (hers / "01_dangling.ipynb").symlink_to(hers / "nothing")
    os.mkfifo(hers / "02_pipe.ipynb")
    (hers / "03_folder.ipynb").mkdir()
    (hers / "04_broken.ipynb").write_text('{"cells": [')
    (hers / "05_deep.ipynb").write_text("[" * 500_000)
    outside = hers.parent / "outside.ipynb"
    outside.write_bytes((hers / FIRST).read_bytes())
    (hers / "06_outside.ipynb").symlink_to(outside)
    (hers / "07_device.ipynb").symlink_to("/dev/zero")
    with open(hers / "08_sparse.ipynb", "wb") as file:
        file.truncate(2**40)
    for i, content in enumerate(('{"cells": [1], "nbformat": 4}', '{"nbformat": 4}', "null", "",
                                 '{"cells": 3, "nbformat": 4}',
                                 '{"cells": [{"cell_type": "code", "source": [1]}], "nbformat": 4}',
                                 "\ud800".encode("utf-16-le", "surrogatepass").decode("latin-1"))):
        (hers / f"3{i}_shape.ipynb").write_text(content)
    (hers / "40_loop.ipynb").symlink_to(hers / "40_loop.ipynb")
    before = snapshot(hers)
    assert cli.main(["check", str(hers)]) == 0
    out, err = capsys.readouterr()
    notes = {number: note for number, note in re.findall(
        r"^(\d\d) [^\n]*\n(?:    \[[^\n]*\n)*    ([^\n[]*)$", out, re.MULTILINE)}
    for number, said in (("01", "a link to nothing"), ("02", "02_pipe.ipynb is a pipe"),
                         ("03", "03_folder.ipynb is a folder"), ("04", "is not a notebook"),
                         ("05", "is not a notebook"), ("06", "a link out of the folder"),
                         ("07", "is a device"), ("08", "more than 67,108,864 bytes"),
                         *((f"3{i}", "is not a notebook") for i in range(7)),
                         ("40", "cannot be read")):
        assert said in notes[number], (number, notes.get(number))
    assert "1 of 3   1/4 points" in out and "Traceback" not in out + err
    assert snapshot(hers) == before


CELLS = {
    "prints a long line": ('print("y" * 100_000_000)\nf = 1', "no verdict"),
    "prints many lines": ('for _ in range(10**5): print("[ok] 00.x" * 50)\nf = 1', "no verdict"),
    "prints verdicts": ('while True: print("[ok] 00.row_means")', "prints verdicts without end"),
    "loops": ("while True: pass", "a cell takes too long"),
    "loops in C": ("sum(range(10**12))", "a cell takes too long"),
    "catches everything": ("while True:\n    try:\n        while True: pass\n    except: pass",
                           "a cell takes too long"),
    "stops itself": ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
                     "a cell takes too long"),
    "leaves": ("import os; os._exit(3)", "Python died in cell 2"),
    "crashes": ("import ctypes; ctypes.string_at(0)", "Python died in cell 2"),
    "exits": ("raise SystemExit", "cell 2 fails: SystemExit"),
    "interrupts": ("raise KeyboardInterrupt", "cell 2 fails: KeyboardInterrupt"),
    "kills its group": ("import os; os.killpg(0, 9)", "Python died in cell 2"),
    "takes all memory": ("a = bytearray(2**36)", "cell 2 fails: MemoryError"),
    # a limit on one file and one on the folder both end it; which is first depends on the load
    "fills a file": ('with open("full", "wb") as file: file.write(bytes(2**28 + 1))',
                     ("cell 2 fails: OSError", "a cell writes more than 64 MB")),
    "fills the folder": ('i = 0\nwhile True:\n    i += 1\n'
                         '    open(f"{i}", "wb").write(bytes(2**24))',
                         "a cell writes more than 64 MB"),
    "leaves a process": ('import subprocess, sys\nsubprocess.Popen([sys.executable, "-c", '
                         '"import time; time.sleep(977)"])', "no verdict"),
    "leaves a thread": ("import threading, time\n"
                        "threading.Thread(target=time.sleep, args=(977,)).start()", "no verdict"),
    "asks": ("input()", "cell 2 fails: EOFError"),
    "lies to the reader": ("import os\nfor fd in range(3, 30):\n    try:\n        os.write(fd, "
                           "b'rubbish\\n[1]\\n{\"said\": 3}\\n')\n    except OSError:\n        "
                           "pass", "no verdict"),
    "raises what cannot be shown": ("class E(Exception):\n    def __str__(self): 1 / 0\nraise E",
                                    "cell 2 fails: E"),
    "spoils the output": ("import sys\nsys.stdout = sys.stderr = None\nf = 1", "no verdict"),
    "has no text": ("\0", "cell 2 fails: "), "is too deep": ("(" * 100_000, "cell 2 fails: "),
    "hides its code": ("%%time\nf = 1", "no verdict"),
}


@posix
def test_cells_of_every_sort_end_and_stop_no_other(hers, monkeypatch):
    """Each stands in the cell of an answer, which a check needs."""
    monkeypatch.setattr(student, "CELL_SECONDS", 8)
    monkeypatch.setattr(student, "FOLDER_BYTES", 2**26)
    for i, (source, _) in enumerate(CELLS.values(), 20):
        lesson(hers / f"{i}_cell.ipynb", "from mnist1d_edu.course import check",
               f"{source}\nanswer = None", 'check("00.row_means", answer)', "raise ValueError")
    before = snapshot(hers)
    found = reports(hers)
    assert snapshot(hers) == before and found["00"].solved == 1
    for i, (what, (_, said)) in enumerate(CELLS.items(), 20):
        notes = " ".join(found[str(i)].notes)
        expected = said if isinstance(said, tuple) else (said,)
        assert (any(each in notes for each in expected) if said != "no verdict"
                else "ValueError" in notes or not notes), (what, notes)
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline")
                if b"sleep(977)" in read(path)], "a process is left over"


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_only_what_a_notebook_names_is_copied(hers, tmp_path):
    """A data set of a terabyte in the folder, a link to the whole disk, and a few files in use."""
    with open(hers / "unused.bin", "wb") as file:
        file.truncate(2**40)
    with open(hers / "used.bin", "wb") as file:
        file.truncate(2**40)
    (hers / "everything").symlink_to("/")
    (hers / "secret.txt").symlink_to(tmp_path / "outside.txt")
    (tmp_path / "outside.txt").write_text("outside")
    (hers / "tools.py").write_text('from deeper import means\nNAME = "more.txt"\n')
    (hers / "deeper.py").write_text("import numpy as np\n\n\ndef means(x):\n"
                                    "    return np.mean(x, axis=1)\n")
    (hers / "more.txt").write_text("more")
    (hers / "data" / "part").mkdir(parents=True)
    (hers / "data" / "part" / "a1.txt").write_text("a1")
    lesson(hers / FIRST, "from mnist1d_edu.course import check",
           "import os, tools\nassert open(tools.NAME).read() == 'more'\n"
           "k = 1\nassert open(f'data/part/a{k}.txt').read() == 'a1' or 'data/part'\n"
           "assert not os.path.exists('secret.txt') and not os.path.exists('everything/etc')\n"
           "assert not os.path.exists('used.bin')\n"
           "assert sorted(os.listdir()) == ['data', 'deeper.py', 'more.txt', 'tools.py'], "
           "os.listdir()\nrow_means = tools.means",
           'check("00.row_means", row_means)')
    (report,) = student.check(hers)
    assert report.notes == ["used.bin is not used: `check` takes at most 1,000 files, of "
                            "64 MB each and 256 MB together"]
    assert report.solved == 1


@pytest.mark.parametrize(("first", "second", "whole"), [
    ("%%capture\nfactor = 2", "def f(x): return factor * x", True),
    ("exec('factor = 2')", "def f(x): return factor * x", True),
    ("import asyncio\nawait asyncio.sleep(0)\nfactor = 2", "def f(x): return factor * x", False),
    ("factor = await __import__('asyncio').sleep(0, 2)", "def f(x): return factor * x", True),
    ("settings = {}", "settings['factor'] = 2\ndef f(x): return settings['factor'] * x", False),
    ("settings = []\nsettings.append(2)", "def f(x): return settings[0] * x", False),
    ("class A: pass\nA.factor = 2", "f = lambda x: A.factor * x", False),
    ("from numpy import *", "def f(x): return add(x, x)", False),
    ("import math as m, sys\ndef g(x): return helper(x)", "def f(x): return g(x)\n"
     "def helper(x): return m.floor(2) * x", False),
    ("%matplotlib inline\nfactor = 2", "!true\ndef f(x): return factor * x", False),
    ("global factor\nfactor = 2", "try:\n    import nothing\nexcept ImportError:\n"
     "    f = lambda x: factor * x", False),
])
def test_what_an_answer_needs_is_found_or_all_is_run(tmp_path, monkeypatch, first, second, whole):
    modes, told = [], student._told
    monkeypatch.setattr(student, "_told", lambda path, work, mode, stop: (
        modes.append(mode), told(path, work, mode, stop))[1])
    lesson(tmp_path / FIRST, "from mnist1d_edu.course import check\nimport numpy as np", first,
           second, "row_means = lambda x: f(np.array(x)).mean(axis=1) / 2",
           "check('00.row_means', row_means)")
    (report,) = student.check(tmp_path)
    assert report.solved == 1, (report.notes, report.verdicts)
    assert modes == (["needed", "whole"] if whole else ["needed"])


def test_the_experiments_of_the_course_are_not_run():
    """Of each solved lesson, a small part is needed; no part of it trains or draws."""
    for path in notebooks.lesson_files(notebooks.lessons_dir().parent / "solutions"):
        all_of = [s for number, source in notebooks.code_cells(path)
                  for s in needed.statements(source, number, "cell")]
        chosen = needed.needed(all_of)
        used = {name for s in chosen for name in s.code.co_names}
        assert len(chosen) < len(all_of) / 2 and not used & {"plots", "fit", "savefig"}, path.name
        assert {s.cell for s in all_of if s.checks} == {s.cell for s in chosen if s.checks}


def test_lines_keeps_no_more_than_a_line():
    found = []
    lines = runner.Lines(lambda *said: found.append(said))
    for text in ("[ok] 00", ".a\n[x] 00.b: it", " is\n", "x" * 10**6, "[ok] 00.c\n", "y\n" * 9,
                 "[ ] 00.d\n"):
        assert lines.write(text) == len(text) and len(lines.line) <= runner.LONGEST_LINE
    assert found == [("ok", "00.a", ""), ("x", "00.b", "it is"), (" ", "00.d", "")]
