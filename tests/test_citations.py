"""Every lesson that the package, the documents or a notebook sends its reader to is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LESSONS = {path.name[:2] for path in (ROOT / "lessons").glob("[0-9][0-9]_*.ipynb")}
READ = sorted(path for pattern in ("*.md", "docs/*.md", "mnist1d_edu/**/*.py",
                                   "mnist1d_edu/**/*.md", "benchmarks/*.py", "lessons/*.ipynb",
                                   "solutions/*.ipynb") for path in ROOT.glob(pattern))
JOINT = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|to)\s+|\s*[-–]\s*)"
CITATION = re.compile(rf"\blessons?\s+(\d\d\b(?:{JOINT}\d\d\b)*)", re.IGNORECASE)
LINK = re.compile(r"\b(?:lessons|solutions)/(\d\d_\w+\.ipynb)")


def text_of(path: Path) -> str:
    """A file's text; of a notebook, the text of its cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


def cited(text: str) -> set[str]:
    """The numbers of the lessons that a text names; "10 to 12" and "10-12" name three."""
    found = set()
    for match in CITATION.finditer(text):
        numbers = re.findall(r"\d\d", match[1])
        joints = re.split(r"\d\d", match[1])[1:-1]
        found |= set(numbers)
        for first, joint, last in zip(numbers, joints, numbers[1:], strict=False):
            if joint.strip() in ("to", "-", "–"):
                found |= {f"{number:02}" for number in range(int(first), int(last))}
    return found


@pytest.mark.parametrize("path", READ, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_lesson_that_is_cited_is_there(path):
    text = text_of(path)
    assert cited(text) <= LESSONS, f"these lessons are not there: {cited(text) - LESSONS}"
    links = {name for name in LINK.findall(text) if not name.endswith("_topic.ipynb")}
    assert all((ROOT / "lessons" / name).exists() for name in links), links


@pytest.mark.parametrize(("text", "numbers"), [
    ("Lesson 05 builds it", "05"), ("lessons 02 (linear), 06", "02"), ("Lessons 02, 03.", "02 03"),
    ("lessons 10 to 12", "10 11 12"), ("Lessons 14–15", "14 15"), ("Lesson 02 and 04.", "02 04"),
    ("lessons\n07, 08 and 10", "07 08 10"), ("UDL 10.2, lesson 1", ""), ("lesson 100", ""),
])
def test_the_reader_of_citations(text, numbers):
    assert cited(text) == set(numbers.split())
