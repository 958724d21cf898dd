"""Build the site: `python docs/site/build.py [DIR]`, in a source checkout, with the extra "docs".

Everything comes from this checkout and nothing from other hosts: the lessons from `solutions/` as
reading copies, with their answers folded; the students' versions for download; the interface from
the docstrings; the results from `mnist1d_edu/results`. The site is DIR (default build/site), and
opens from the disk: build/site/index.html.
"""

from __future__ import annotations

import argparse
import json
import pkgutil
import re
import shutil
import sys
from pathlib import Path

import mnist1d_edu
from mnist1d_edu.course import notebooks

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# tables of answers; data; what runs inside another tool
NOT_SHOWN = ("course.exercises", "course.project", "lessons", "results", "grading.for_otter",
             "grading.for_nbgrader", "__main__")


def main(argv: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python docs/site/build.py",
                                     description="Build the site from this checkout.")
    parser.add_argument("dir", nargs="?", metavar="DIR", default=ROOT / "build" / "site",
                        type=Path, help="where to (default build/site)")
    arguments = parser.parse_args(argv)
    try:
        from sphinx.cmd.build import main as sphinx
    except ImportError:
        print('the site needs Sphinx: pip install -e ".[docs]"', file=sys.stderr)
        return 2
    source = arguments.dir.with_name(arguments.dir.name + "-source")
    collect(source)
    return sphinx(["-b", "html", "-q", "-W", "--keep-going", "-j", "auto",
                   "-d", str(source / ".doctrees"), str(source), str(arguments.dir)])


def collect(source: Path) -> None:
    """Make the folder `source` anew, with all that Sphinx reads."""
    shutil.rmtree(source, ignore_errors=True)
    (source / "_static").mkdir(parents=True)
    for name in ("conf.py", "mathml.py", "index.md"):
        shutil.copy(HERE / name, source)
    shutil.copy(HERE / "site.css", source / "_static")
    for page in (ROOT / "docs").glob("*.md"):
        _write(source / page.name, _within(page.read_text(encoding="utf-8")))
    _lessons(source)
    _results(source)
    _interface(source / "api")


# ---------------------------------------------------------------------------- lessons


def _lessons(source: Path) -> None:
    """A page for each lesson, the students' versions for download, and the list of both."""
    (source / "lessons").mkdir()
    (source / "open").mkdir()
    table = _table_of_lessons()
    for notebook in sorted((ROOT / "solutions").glob("*.ipynb")):
        page = reading_copy(json.loads(notebook.read_text(encoding="utf-8")))
        _write(source / "lessons" / notebook.name, json.dumps(page))
        shutil.copy(ROOT / "lessons" / notebook.name, source / "open")
    names = [notebook.stem for notebook in sorted((ROOT / "solutions").glob("*.ipynb"))]
    _write(source / "lessons.md", "\n".join([
        "# The lessons", "",
        "Each page is a lesson with its answers folded: think first, then open them. *Open* is the "
        "notebook as students get it; `mnist1d-edu lab my-course` gives you all of them.", "",
        table, "", "```{toctree}", ":hidden:", "", *(f"lessons/{name}" for name in names), "```",
        ""]))


def _table_of_lessons() -> str:
    """The README's table of lessons, its links leading to the site's pages."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.search(r"^\| lesson \|.*?(?=^\s*$)", readme, re.MULTILINE | re.DOTALL)[0]
    lines = lines.strip().splitlines()
    found = [f"{lines[0]} open |", f"{lines[1]}---|"]
    for line in lines[2:]:
        notebook = re.search(r"\(lessons/([\w.]+\.ipynb)\)", line)[1]
        found.append(f"{line} {{download}}`notebook <open/{notebook}>` |")
    return "\n".join(found)


def reading_copy(notebook: dict) -> dict:
    """A lesson to read: the answers folded, pictures with their alternative texts, no marks for
    graders and nothing to install."""
    cells = []
    for cell in notebook["cells"]:
        if notebooks.installs(cell):
            continue
        cell = {**cell, "metadata": {}}
        text = "".join(cell["source"])
        if "### BEGIN SOLUTION" in text:
            cell["metadata"]["tags"] = ["hide-input"]
            cell["metadata"]["mystnb"] = {"code_prompt_show": "Show an answer"}
            cell["source"] = "\n".join(line for line in text.splitlines() if line.strip() not in (
                "### BEGIN SOLUTION", "### END SOLUTION"))
        texts = [picture["metadata"]["image/png"]["alt"] for picture in cell.get("outputs", ())
                 if picture.get("metadata", {}).get("image/png", {}).get("alt")]
        if texts:
            cell["metadata"].setdefault("mystnb", {})["image"] = {"alt": " ".join(texts)}
        cells.append(cell)
    return {**notebook, "cells": cells}


# ---------------------------------------------------------------------------- results


def _results(source: Path) -> None:
    """The tables of all paper-scale results, with the pictures that docs/ has."""
    text = (ROOT / "mnist1d_edu" / "results" / "README.md").read_text(encoding="utf-8")
    pictures = sorted((ROOT / "docs").glob("*.png"))
    shown = []
    for picture in pictures:
        shutil.copy(picture, source)
        shown += [f"![{picture.stem.replace('-', ' ')}]({picture.name})", ""]
    _write(source / "results.md", text + "\n## Figures\n\n" + "\n".join(shown))


# ---------------------------------------------------------------------------- the interface


def _interface(folder: Path) -> None:
    """A page for each public module, from its docstrings."""
    folder.mkdir()
    names = [name for _, name, _ in pkgutil.walk_packages(mnist1d_edu.__path__, "mnist1d_edu.")]
    names = [name for name in names if not any(part.startswith("_") for part in name.split("."))
             and not name.startswith(tuple(f"mnist1d_edu.{hidden}" for hidden in NOT_SHOWN))]
    for name in names:
        _write(folder / f"{name}.rst", f"{name}\n{'=' * len(name)}\n\n.. automodule:: {name}\n"
                                       "   :members:\n   :show-inheritance:\n")
    _write(folder / "index.md", "\n".join([
        "# The interface", "", "From the docstrings, module by module. Begin with "
        "[engine](mnist1d_edu.engine.rst), [nn](mnist1d_edu.nn.layers.rst) and "
        "[train](mnist1d_edu.train.rst).", "", "```{toctree}", *names, "```", ""]))


# ---------------------------------------------------------------------------- pages


def _within(text: str) -> str:
    """A page of docs/: its links to lessons lead to their pages, those to other files of the
    checkout are plain text."""
    text = text.replace("](../lessons/", "](lessons/")
    return re.sub(r"\[([^\]]+)\]\(\.\./[^)]*\)", r"`\1`", text)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
