"""The README says only what is so: its tables are the stored results, its code runs, its map of the
course is the course."""

import doctest
import json
import re
from pathlib import Path

import pytest

from mnist1d_edu import experiments
from mnist1d_edu.course import registry
from mnist1d_edu.experiments import benchmark

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LESSONS = sorted((ROOT / "solutions").glob("*.ipynb"))


@pytest.mark.parametrize("name", ["benchmark", "shuffled"])
def test_the_tables_are_the_stored_results_as_printed(name):
    summary = experiments.load_result(name)["summary"]
    printed = benchmark.table(summary)
    lines = [line.rstrip() for line in printed.splitlines()]
    assert "\n".join(lines) in README


def test_the_code_runs_and_prints_what_it_says():
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 8 and failed == 0


def _row(path: Path) -> str:
    """A lesson's row of the map: its title, and the exercises that its solution checks."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    number = path.name[:2]
    title = "".join(cells[0]["source"]).splitlines()[0].removeprefix(f"# {number} ")
    return f"| [{number} {title}](lessons/{path.name}) |"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_map_has_each_lesson_with_its_exercises(path):
    rows = [line for line in README.splitlines() if line.startswith(_row(path))]
    assert len(rows) == 1, f"the README's map needs a row that begins with {_row(path)}"
    named = re.findall(r"`(\w+)`", rows[0].split("|")[3])
    assert named == [name.split(".")[1] for name in registry.exercises(path.name[:2])]


def test_the_commands_are_there():
    first, second = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert "reproduce benchmark shuffled" in first and "pytest" in second
