"""A folder for an experiment of your own: `mnist1d-edu project DIR`. Lesson 20.

It holds an experiment that runs (`my_experiment.py`, to be changed), a template of the one-page
report (`report.ipynb`), the rubric by which such a report is marked, and ten open questions.
"""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path

from mnist1d_edu.files import write_whole

FILES = ("my_experiment.py", "report.ipynb", "rubric.md", "questions.md")


def text(name: str) -> str:
    """One of the files, as it comes with the package."""
    return (importlib.resources.files(__name__) / name).read_text(encoding="utf-8")


def start(folder: str | os.PathLike) -> list[str]:
    """Put the files into `folder`, and return a line on each. What is there stays as it is."""
    lines = []
    for name in FILES:
        path = Path(folder) / name
        if os.path.lexists(path):
            lines.append(f"{path}: is there already, left as it is")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            lines.append(f"{write_whole(path, text(name).encode('utf-8'))}: new")
    return [*lines, f"next: mnist1d-edu reproduce {Path(folder) / FILES[0]} --out "
                    f"{Path(folder) / 'out'}"]
