"""docs/claims.md names, for each claim of a lesson, the cells that hold it: they are there, and can
fail."""

import re
from pathlib import Path

import pytest

from mnist1d_edu.course import notebooks

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
SECTIONS = {part[:2]: part for part in TEXT.split("\n## ")[1:]}
SOLUTIONS = notebooks.lesson_files(ROOT / "solutions")


def test_every_lesson_has_its_claims():
    titles = {}
    for path in SOLUTIONS:
        first = notebooks.read(path).cells[0].source.splitlines()[0]
        titles[path.name[:2]] = first.removeprefix("# ")
    assert {number: part.splitlines()[0] for number, part in SECTIONS.items()} == titles
    assert all(part.count("\n| ") - 1 >= 3 for part in SECTIONS.values())


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.name[:2])
@pytest.mark.parametrize("folder", ["solutions", "lessons"])
def test_the_cells_that_hold_a_claim_assert_something(path, folder):
    cells = {cell.id: cell for cell in notebooks.read(ROOT / folder / path.name).cells}
    rows = [row for row in SECTIONS[path.name[:2]].splitlines() if row.startswith("| ")][1:]
    for row in rows:
        claim, held, control = (part.strip() for part in row.strip("|").split("|"))
        named = re.findall(r"`([^`]+)`", held)
        assert claim.endswith(".") and control and named, row
        for name in named:
            cell = cells[name]
            assert cell.cell_type == "code" and re.search(r"^\s*assert ", cell.source, re.M), row
