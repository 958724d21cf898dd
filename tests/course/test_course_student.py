"""A student's folder: nothing of hers is overwritten, and progress is what her notebooks say."""

import json
import socket
import subprocess
import time
import urllib.request

import pytest

from mnist1d_edu import cli
from mnist1d_edu.course import notebooks, student

FIRST = "00_how_this_course_works.ipynb"


@pytest.fixture
def hers(tmp_path):
    student.start(tmp_path / "mine")
    return tmp_path / "mine"


def solve(path, stub_of, line):
    """Write `line` into the body of the function of that name."""
    notebook = notebooks.read(path)
    for cell in notebook.cells:
        if cell.source.startswith(f"def {stub_of}("):
            cell.source = cell.source.replace('raise NotImplementedError("your code here")', line)
    path.write_text(notebooks.written(notebook), encoding="utf-8")


def test_start_copies_without_outputs_and_keeps_what_is_there(hers):
    files = notebooks.lesson_files(hers)
    assert [p.name for p in files] == [p.name for p in
                                       notebooks.lesson_files(notebooks.lessons_dir())]
    assert not any(c.get("outputs") for p in files for c in notebooks.read(p).cells)
    solve(hers / FIRST, "row_means", "return x.mean(axis=1)")
    before = (hers / FIRST).read_bytes()
    assert set(student.start(hers)) == {f"{p.name}: yours, kept" for p in files}
    assert (hers / FIRST).read_bytes() == before


@pytest.mark.parametrize("content", ["", "not a notebook", "{}", '{"cells": []}'])
def test_a_newer_version_goes_beside_hers_and_is_kept_too(hers, content):
    (hers / FIRST).write_text(content)
    assert "newer version is 00_how_this_course_works.new.ipynb" in student.start(hers)[0]
    assert "still 00_how_this_course_works.new.ipynb" in student.start(hers)[0]
    (hers / "00_how_this_course_works.new.ipynb").write_text("hers as well")
    assert "version is 00_how_this_course_works.new2.ipynb" in student.start(hers)[0]
    assert (hers / FIRST).read_text() == content
    assert (hers / "00_how_this_course_works.new.ipynb").read_text() == "hers as well"


def older(path, **renamed):
    """Make of a lesson one of an older version: with a mark of its own, and exercises renamed."""
    notebook = notebooks.read(path)
    notebook.metadata[student.MARK]["version"] = "older"
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        for old, new in renamed.items():
            mark["grade_id"] = mark.get("grade_id", "").replace(old, new)
    path.write_text(notebooks.written(notebook), encoding="utf-8")


def test_an_update_takes_her_answers_along(hers, capsys):
    solve(hers / FIRST, "row_means", "return x.mean(axis=1)  # mine")
    solve(hers / FIRST, "standardise", "return x * 0  # mine too")
    older(hers / FIRST, standardise="gone")
    before = (hers / FIRST).read_bytes()
    assert cli.main(["start", str(hers), "--update"]) == 0
    assert "with 1 answer of yours is 00_how_this_course_works.new.ipynb" in capsys.readouterr().out
    assert (hers / FIRST).read_bytes() == before
    cells = notebooks.read(hers / "00_how_this_course_works.new.ipynb").cells
    code = [cell.source for cell in cells if cell.cell_type == "code"]
    assert sum("# mine" in source for source in code) == 1
    assert sum(notebooks.STUB in source for source in code) == 2  # the renamed one and the third
    assert cells[-1].cell_type == "markdown" and "x * 0  # mine too" in cells[-1].source
    assert "with 1 answer of yours is still" in student.start(hers, update=True)[0]


def test_check_reads_the_version_that_has_her_answers(hers):
    solve(hers / FIRST, "row_means", "return x.mean(axis=1)")
    older(hers / FIRST)
    student.start(hers)
    [report] = student.check(hers, "00")
    assert report.notes == [] and report.solved == 1    # the new file is the course's alone
    student.start(hers, update=True)
    [report] = student.check(hers, "00")
    assert report.notes == ["checked: 00_how_this_course_works.new2.ipynb"]
    assert report.solved == 1 and report.title == "00 How this course works"


def test_what_is_no_notebook_has_no_answers_to_take_along(hers):
    (hers / FIRST).write_text("not a notebook")
    assert "no answers can be taken from it" in student.start(hers, update=True)[0]
    assert len(list(hers.glob("00_*"))) == 1


def test_progress_comes_from_a_run_and_changes_nothing(hers, capsys):
    solve(hers / FIRST, "row_means", "return x.mean(axis=1)")
    solve(hers / FIRST, "standardise", "\n        ".join([
        "while True:", "try:", "    x + 1", "except Exception:", "    pass"]))
    solve(hers / FIRST, "squared_distances",
          "return np.sqrt(((a[:, None] - b[None])**2).sum(axis=2))")
    before = {p: p.read_bytes() for p in hers.iterdir()}
    assert cli.main(["check", str(hers), "00"]) == 0
    assert {p: p.read_bytes() for p in hers.iterdir()} == before
    out = capsys.readouterr().out.split("\n")
    assert "1 of 3   1/4 points" in out[0]
    assert "[x] 00.standardise: it does not come to an end: stopped after 2 s" in out[1]
    assert out[2] == ("    [x] 00.squared_distances: these are the distances themselves: leave the "
                      "square root out")


@pytest.mark.parametrize(("line", "said"), [
    ("1 / 0", "cell 11 fails: ZeroDivisionError: division by zero"),
    ("import os; os._exit(1)", "Python died in cell 11; what stands below it was not run"),
    ("while True: pass", "a cell takes too long; what stands below it was not run"),
    ("broken(:", "cell 11 fails: SyntaxError: "),
])
def test_a_failing_cell_a_dead_process_and_an_endless_one_are_told(hers, monkeypatch, line, said):
    monkeypatch.setattr(student, "CELL_SECONDS", 5)
    solve(hers / FIRST, "row_means", "return np.mean(x, axis=1)")
    notebook = notebooks.read(hers / FIRST)
    assert notebook.cells[10].source.startswith("def row_means(")
    notebook.cells[10].source = f"{line}\n{notebook.cells[10].source}"
    (hers / FIRST).write_text(notebooks.written(notebook), encoding="utf-8")
    (report,) = student.check(hers, "00")
    assert said in report.notes[0]
    assert report.solved == 0 and len(report.verdicts) == 3
    (hers / FIRST).write_text("no notebook")
    assert student.check(hers, "00")[0].notes == [f"{FIRST} is not a notebook that can be read"]


def test_what_the_checks_do_not_need_is_not_run(hers):
    solve(hers / FIRST, "row_means", "return x.mean(axis=1)")
    notebook = notebooks.read(hers / FIRST)
    for cell in notebook.cells:
        if cell.source.startswith("means = use("):
            cell.source += "\nimport os; os._exit(1)"
    assert "_exit" in notebooks.written(notebook)
    (hers / FIRST).write_text(notebooks.written(notebook), encoding="utf-8")
    (report,) = student.check(hers, "00")
    assert report.notes == [] and report.solved == 1


def test_the_table_is_readable_on_any_terminal():
    report = student.Report("00 A", {"00.a": ("x", "say a² ≈ b")}, 1, 2, 1, 3)
    text = student.table([report], "ascii")
    assert "#.  " in text and "1 of 2   1/3 points" in text and "[x] 00.a: say a? ? b" in text
    assert "█░" in student.table([report])


@pytest.mark.parametrize(("arguments", "said"), [
    (["check", "{}/none"], "which is not there"), (["check", "{}"], "has no lesson in it"),
    (["check", "{}", "77"], "has no lesson 77 in it"),
    (["start", "{}/file/deep"], "Not a directory"),
    (["start", str(notebooks.lessons_dir())], "where the course itself lies"),
    (["build", "no_such"], "lesson is 'no_such'; it must be one of"),
])
def test_a_wrong_request_is_one_line_and_status_2(arguments, said, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert cli.main([a.format(tmp_path) for a in arguments]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_lab_starts_and_opens_jupyterlab_there(tmp_path, capsys):
    calls = []
    student.lab(tmp_path / "lab", run=lambda command, cwd, env: calls.append((command[1:], cwd)))
    assert calls == [(["-m", "jupyterlab"], tmp_path / "lab")]
    assert (tmp_path / "lab" / FIRST).exists() and f"{FIRST}: new" in capsys.readouterr().out


def asked(url):
    """What JupyterLab's server answers, once it is up."""
    end = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)
        except OSError:
            assert time.monotonic() < end, "JupyterLab does not answer"
            time.sleep(0.3)


def test_lab_asks_nothing_and_changes_no_settings(tmp_path, monkeypatch):
    """On the real JupyterLab: our defaults are there, below hers and beside those of the site."""
    hers = tmp_path / "hers" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    hers.mkdir(parents=True)
    (hers / "notification.jupyterlab-settings").write_text('{"checkForUpdates": true}')
    site = tmp_path / "site" / "labconfig"
    site.mkdir(parents=True)
    (site / "default_setting_overrides.json").write_text(
        '{"@jupyterlab/apputils-extension:notification": {"doNotDisturbMode": true}}')
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "hers"))
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", str(tmp_path / "site"))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(command, **about):
        command += ["--no-browser", f"--ServerApp.port={port}", "--IdentityProvider.token=",
                    "--allow-root"]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  **about)
        try:
            url = f"http://127.0.0.1:{port}/lab/api/settings/@jupyterlab/"
            return [asked(url + name) for name in ("apputils-extension:notification",
                                                   "notebook-extension:tracker")]
        finally:
            server.terminate()
            server.wait()

    notes, tracker = student.lab(tmp_path / "lab", run=run)
    defaults = {name: about["default"] for name, about in notes["schema"]["properties"].items()}
    assert defaults == {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
    assert notes["settings"] == {"checkForUpdates": True}
    code = tracker["schema"]["properties"]["codeCellConfig"]["default"]
    assert code["lineWrap"] is True and len(code) > 1
    assert {p: p.read_bytes() for p in before} == before
