"""An answer that got [ok] breaks no later cell, and neither does one that is open or wrong.

Each lesson is run from its solution with one exercise answered otherwise: by a registered variant
(which must get [ok]), by the stub, or by a registered mistake. A run takes as long as the lesson,
so by default only a variant of each exercise of lesson 00 is tried. MNIST1D_EDU_LESSONS=07 tries
all of lesson 07 (several: 07,08), and MNIST1D_EDU_LESSONS=all everything, which takes hours.
"""

import os
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from mnist1d_edu.course import build, notebooks, registry

SOLUTIONS = Path(__file__).parents[2] / "solutions"
CHECKED = re.compile(r"^check\(\s*[\"']([^\"']+)[\"'],\s*(\w+)\)", re.MULTILINE)
WHICH = os.environ.get("MNIST1D_EDU_LESSONS", "")


def cases():
    """(notebook, exercise, how, which of them), as pytest parameters with readable ids."""
    found = []
    for path in notebooks.lesson_files(SOLUTIONS):
        number = path.name[:2]
        if WHICH != "all" and number not in (WHICH or "00").split(","):
            continue
        for exercise in registry.exercises(number).values():
            ways = [("variant", 0)]
            if WHICH:
                ways = [("variant", i) for i in range(len(exercise.variants))]
                ways += [("open", 0), ("mistake", 0)]
            found += [pytest.param(path, exercise.name, how, i, id=f"{exercise.name}-{how}-{i}")
                      for how, i in ways]
    return found


@pytest.mark.parametrize(("path", "name", "how", "i"), cases())
def test_a_lesson_runs_with_one_exercise_answered_otherwise(path, name, how, i):
    run = subprocess.run([sys.executable, __file__, str(path), name, how, str(i)], timeout=600,
                         env={**os.environ, **notebooks.ENVIRONMENT, "MPLBACKEND": "agg"},
                         capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-3000:]
    mark = {"variant": "[ok]", "open": "[ ]", "mistake": "[x]"}[how]
    assert f"{mark} {name}" in run.stdout
    others = [other for other in registry.exercises(name[:2]) if other != name]
    assert all(f"[ok] {other}\n" in run.stdout for other in others)


def run_cells(path: Path, name: str, how: str, i: int) -> None:
    """Run a solution's code cells in one namespace, with one exercise answered otherwise."""
    sources = [cell.source for cell in notebooks.read(path).cells if cell.cell_type == "code"]
    checked = {found[1]: found[2] for source in sources if (found := CHECKED.search(source))}
    replaced = checked[name]
    namespace = {"__name__": "__main__"}
    for number, source in enumerate(sources):
        answers = build.BEGIN in source and re.search(rf"^(def |class |)\s*{replaced}\b", source,
                                                      re.MULTILINE)
        if answers and how == "open":
            source = build.stubbed(source)
        exec(compile(source, f"<code cell {number}>", "exec"), namespace)
        if answers and how != "open":
            table = getattr(registry.find(name), f"{how}s")
            namespace[replaced] = table[i][1]


if __name__ == "__main__":
    try:
        run_cells(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
    except Exception:
        traceback.print_exc()
        sys.exit(1)
