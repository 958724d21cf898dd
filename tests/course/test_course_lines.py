"""The course's lines: HTML in a notebook with the plain line beside it, printed everywhere else."""

import subprocess
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from mnist1d_edu.course import lines, notebooks

SAID = """
from mnist1d_edu.course import check, hint, use
print = display = None
check("00.row_means", lambda x: x.mean(axis=0))
use("00.row_means", None)
hint("00.row_means", 2)
check("00.row_means", None)
check("00.row_means", lambda x: x.mean(axis=1))
"""
MARKS = ["[x] 00.row_means: you averaged over the signals", "using the course's 00.row_means until",
         "hint 2 of 2: Of shape (N, L)", "[ ] 00.row_means: not attempted yet", "[ok] 00.row_means"]


def test_a_notebook_shows_each_line_once(tmp_path):
    notebook = new_notebook(cells=[new_code_cell(SAID)])
    notebooks.run(notebook, tmp_path)
    outputs = notebook.cells[0].outputs
    assert [set(output.data) for output in outputs] == [{"text/plain", "text/html"}] * len(MARKS)
    for output, mark, sign in zip(outputs, MARKS, "✗→→○✓", strict=True):
        assert output.data["text/plain"].startswith(mark)
        assert "\n" not in output.data["text/plain"] and f">{sign}</b>" in output.data["text/html"]
    assert "<code>x.mean(axis=...)</code>" in outputs[2].data["text/html"]


@pytest.mark.parametrize(("before", "imported"), [
    ("", False), ("from IPython.core.interactiveshell import InteractiveShell as Shell; "
                  "Shell.instance()", True)], ids=["Python", "IPython"])
def test_a_terminal_has_the_plain_lines(before, imported):
    code = f"{before}{SAID}\nimport sys\nsys.stdout.write(str('IPython' in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *said, last = ran.stdout.splitlines()
    assert last == str(imported)
    assert all(line.startswith(mark) for line, mark in zip(said, MARKS, strict=True))


def test_what_a_student_wrote_is_no_html():
    shown = lines.html("wrong", "00.x: it raises E: <script>&amp; (line 1: `a < b`)")
    assert "&lt;script&gt;&amp;amp; (line 1: <code>a &lt; b</code>)" in shown


@pytest.mark.parametrize("kind", lines.SIGNS)
def test_a_line_is_told_without_colour_and_to_who_cannot_see(kind):
    sign, name, _ = lines.SIGNS[kind]
    shown = lines.html(kind, "00.x")
    assert f'aria-label="{name}"' in shown and f">{sign}</b> 00.x</div>" in shown
    assert shown.startswith(f'<div role="{"alert" if kind == "wrong" else "status"}"')


def brightness(colour):
    """Relative luminance of "#rrggbb", from 0 to 1 (WCAG 2)."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055)**2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", sorted({colour for _, _, colour in lines.SIGNS.values()}))
def test_signs_stand_out_in_light_and_dark_themes(colour):
    """3 to 1, which WCAG 2 asks of signs: on JupyterLab's white and on its #111111."""
    light, own, dark = (b + 0.05 for b in map(brightness, ("#ffffff", colour, "#111111")))
    assert light / own > 3 and own / dark > 3
