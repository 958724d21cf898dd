"""The folder for an experiment of one's own: its files, its questions' commands, its report."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from mnist1d_edu import cli, experiments
from mnist1d_edu.course import project

QUESTIONS = re.findall(r"^(\d+)\. \*\*(.+?)\*\*.*?`(mnist1d-edu .+?)`$",
                       project.text("questions.md"), re.M | re.S)


def test_a_folder_is_made_and_nothing_in_it_is_written_over(tmp_path, capsys):
    assert cli.main(["project", str(tmp_path / "mine")]) == 0
    assert {path.name for path in (tmp_path / "mine").iterdir()} == set(project.FILES)
    (tmp_path / "mine" / "my_experiment.py").write_text("mine")
    (tmp_path / "mine" / "rubric.md").unlink()
    capsys.readouterr()
    assert cli.main(["project", str(tmp_path / "mine")]) == 0
    told = capsys.readouterr().out
    assert "my_experiment.py: is there already, left as it is" in told and "rubric.md: new" in told
    assert (tmp_path / "mine" / "my_experiment.py").read_text() == "mine"
    assert (tmp_path / "mine" / "rubric.md").read_text("utf-8") == project.text("rubric.md")


def test_there_are_ten_questions_each_with_a_command():
    assert [number for number, _, _ in QUESTIONS] == [str(n) for n in range(1, 11)]
    assert all(title.rstrip().endswith("?") for _, title, _ in QUESTIONS)
    assert len({command for _, _, command in QUESTIONS}) == 10


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A new folder, in which the command line then works; its experiment is forgotten after."""
    monkeypatch.setattr(experiments, "EXPERIMENTS", dict(experiments.EXPERIMENTS))
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "my_experiment", raising=False)
    project.start(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    sys.modules.pop("my_experiment", None)


@pytest.mark.parametrize("command", [command for _, _, command in QUESTIONS])
def test_the_command_of_a_question_works(own, command, monkeypatch, capsys):
    """Those that make data run; of the longer ones, all but the computing."""
    from mnist1d_edu.experiments import page, reproduce, sweep
    planned = []

    def plan_only(runs, folder, jobs, cluster):
        planned.extend(runs)
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep, "sweep", plan_only)
    monkeypatch.setattr(page, "write", lambda file, out, answers: Path(file))
    status = cli.main(shlex.split(command)[1:])
    if " reproduce " in command:
        name = Path(shlex.split(command)[2]).stem
        assert status == 130 and planned
        assert name in {run.experiment for run in planned}
        assert reproduce.title(name)
    else:
        assert status == 0, capsys.readouterr().err
    if " data " in command:
        assert list(own.glob("*.npz"))


def test_the_experiment_runs_and_its_report_can_be_executed(own, monkeypatch, capsys):
    nbclient = pytest.importorskip("nbclient")
    import nbformat
    monkeypatch.syspath_prepend(str(own))
    text = (own / "my_experiment.py").read_text("utf-8")
    (own / "my_experiment.py").write_text(text.replace('"steps": 300, "seeds": 4',
                                                       '"steps": 40, "seeds": 2'), "utf-8")
    assert cli.main(["reproduce", "my_experiment.py", "--jobs", "1"]) == 0
    assert "with noise − plain" in capsys.readouterr().out
    result = json.loads((own / "out" / "my_experiment.json").read_text("utf-8"))
    assert len(result["runs"]) == 2 and "attacked signals" in result["table"]
    assert (own / "out" / "my_experiment.png").exists()
    notebook = nbformat.read(own / "report.ipynb", as_version=4)
    nbformat.validate(notebook)
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(own)}}
                            ).execute()
    printed = "".join(output.get("text", "") for cell in notebook.cells
                      for output in cell.get("outputs", []))
    assert "with noise − plain" in printed
    assert "again: mnist1d-edu reproduce my_experiment.py --scale quick" in printed
    pictures = [output for cell in notebook.cells for output in cell.get("outputs", [])
                if "image/png" in output.get("data", {})]
    assert len(pictures) == 1


def test_the_rubric_adds_up():
    points = re.findall(r"^\| \*\*.+?\*\* \| (\d+) \|", project.text("rubric.md"), re.M)
    assert sum(map(int, points)) == 20 and "20 points" in project.text("rubric.md")


def test_a_file_that_has_changed_is_read_again(own):
    first = experiments.load(experiments.own_file("my_experiment.py"))
    text = (own / "my_experiment.py").read_text("utf-8")
    (own / "my_experiment.py").write_text(text.replace("EPSILON = 0.1", "EPSILON = 0.15"), "utf-8")
    again = experiments.load(experiments.own_file(str(own / "my_experiment.py")))
    assert (first.EPSILON, again.EPSILON) == (0.1, 0.15)
