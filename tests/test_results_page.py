"""The results page: what is on it, that it needs nothing else, and that a browser shows it."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from mnist1d_edu import data, experiments
from mnist1d_edu.cli import main
from mnist1d_edu.course import quiz
from mnist1d_edu.experiments import people, store, verdicts

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
VOID = {"meta", "link", "img", "br"}
STORED = [name for name in experiments.EXPERIMENTS if (store.RESULTS / f"{name}.json").exists()]


class Reader(HTMLParser):
    """Elements of a page: (tag, attributes); whether every tag is closed; tables as texts."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += text

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """The page of all stored results, with one reader's answers."""
    folder = tmp_path_factory.mktemp("page")
    index = np.arange(340, 360)
    labels = data.make_dataset()["y_test"][index]
    labels[0] = (labels[0] + 1) % 10
    quiz.save_answers(folder / "anna.json", index, labels)
    assert main(["results", "--out", str(folder / "results.html"),
                 "--answers", str(folder / "anna.json")]) == 0
    return folder / "results.html"


@pytest.fixture(scope="module")
def read(written) -> Reader:
    return Reader(written.read_text(encoding="utf-8"))


def test_every_published_number_is_there_with_its_verdict(written, read):
    text = written.read_text(encoding="utf-8")
    for name in STORED:
        stored = experiments.load_result(name)
        [table] = [table for table in read.tables if any(
            row[0] == stored["summary"]["comparison"][0]["what"] for row in table)]
        found = {(row[0], row[1].split(" ", 1)[0]): row for row in table[1:]}
        assert len(table) == 1 + len(stored["summary"]["comparison"])
        for row in stored["summary"]["comparison"]:
            judged = verdicts.judge(row)
            cells = found[row["what"], judged.published.split(" ")[0]]
            assert judged.source in cells[1] and judged.ours in cells[2]
            assert judged.interval in cells[2] and judged.verdict in cells[3]
        assert f"mnist1d-edu reproduce {name} --scale paper" in text
        seconds = sum(run["made"]["seconds"] for run in stored["runs"])
        assert f"{seconds / 60:.1f} min of one core" in text


def test_the_counts_are_those_of_the_rows(written):
    rows = [verdicts.judge(row) for name in STORED
            for row in experiments.load_result(name)["summary"]["comparison"]]
    lead = re.search(r"<p>(\d+) published .*?<b>(\d+) agree.*?<b>(\d+) do not",
                     written.read_text(encoding="utf-8"), re.S)
    agree = sum(row.verdict == "agrees" for row in rows)
    differ = sum(row.verdict in ("above", "below") for row in rows)
    assert [int(n) for n in lead.groups()] == [len(rows), agree, differ]


def test_figures_are_pictures_with_alternative_text(read):
    images = read.all("img")
    assert len(images) >= len(STORED)
    for image in images:
        kind, content = image["src"].split(",", 1)
        assert kind == "data:image/png;base64"
        assert base64.b64decode(content, validate=True).startswith(b"\x89PNG")
        assert len(image["alt"]) > 60


def test_every_stored_experiment_has_its_figures(read):
    labels = {attributes["aria-label"] for attributes in read.all("div")
              if attributes.get("role") == "group"}
    for name in STORED:
        assert any(label.startswith("figure ") for label in labels)
        drawn = experiments.figures(name, experiments.load_result(name)["summary"])
        assert drawn and {f"figure {figure}" for figure in drawn} <= labels


def test_the_page_needs_nothing_else(written, read):
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in read.elements:
        assert tag not in ("script", "iframe", "object")
        for name in ("href", "src"):
            link = attributes.get(name)
            if link is not None:
                assert link.startswith("data:") or (link[0] == "#" and link[1:] in ids)
    assert "url(" not in written.read_text(encoding="utf-8").replace("data:", "")


def test_the_page_is_built_for_readers_of_all_kinds(written, read):
    text = written.read_text(encoding="utf-8")
    assert "@media print" in text and "width=device-width" in text
    assert read.all("html") == [{"lang": "en"}]
    assert len(read.all("h1")) == 1 and len(read.all("caption")) == len(read.tables)
    for table in read.tables:
        assert len({len(row) for row in table}) == 1
    assert {each["scope"] for each in read.all("th")} == {"col", "row"}


def test_all_rows_can_be_had_as_a_table(read):
    [link] = [each for each in read.all("a") if "download" in each]
    content = base64.b64decode(link["href"].split(",", 1)[1]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert len(rows) == sum(len(experiments.load_result(name)["summary"]["comparison"])
                            for name in STORED)
    assert {row["experiment"] for row in rows} <= set(STORED)
    assert {row["verdict"] for row in rows} <= {"agrees", "above", "below", "one seed"}


# --------------------------------------------------------------------------- people


def test_the_expert_and_a_reader_stand_side_by_side(read):
    [table] = [table for table in read.tables if table[1][0] == "the expert"]
    assert table[1][1] == "383 of 400" and table[1][2].startswith("95.75 %")
    assert "93.3 to 97.3" in table[1][2]
    assert table[2][0] == "anna" and table[2][1] == "19 of 20"
    index, labels = data.human_labels()
    truth = data.make_dataset()["y_test"]
    right = sum(labels[np.flatnonzero(index == k)[0]] == truth[k] for k in range(340, 360))
    assert table[2][3] == f"{right} of 20"


def test_a_person_who_shares_no_signal_with_the_expert_is_not_compared():
    truth = data.make_dataset()["y_test"]
    index = np.array([150, 151])
    _, person = people.everyone({"she": (index, (truth[index] + [0, 1]) % 10)})
    assert (person.right, person.answered, person.expert) == (1, 2, None)
    assert person.mistakes == [(truth[151], (truth[151] + 1) % 10, 1)]


# --------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize("ours, published, verdict", [
    ([10.0, 12.0], (11, 11), "agrees"), ([10.0, 10.2], (12, 13), "below"),
    ([10.0, 10.2], (1, 9), "above"), ([10.0], (1, 9), "one seed"), ([0.0, 0.0], (0, 0), "agrees")])
def test_a_verdict_follows_the_rule_of_two_standard_deviations(ours, published, verdict):
    judged = verdicts.judge(experiments.compared("it", ours, published, "them"))
    assert judged.verdict == verdict
    assert (judged.interval == "") == (len(ours) == 1)


def test_the_gap_is_what_is_left_beyond_the_error_bars():
    judged = verdicts.judge(experiments.compared("it", [10.0, 12.0], (15, 16), "them"))
    assert judged.gap == pytest.approx(15 - (11 + 2 * 2**0.5), abs=0.06)


# --------------------------------------------------------------------------- what reproduce left


TOYS = """
import sys
from mnist1d_edu import experiments
experiments.EXPERIMENTS.clear()
experiments.EXPERIMENTS["toy"] = "sweep_toys"
from mnist1d_edu.cli import main
sys.exit(main())
"""


def toys(*words, cwd: Path) -> subprocess.CompletedProcess:
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    return subprocess.run([sys.executable, "-c", TOYS, *words], cwd=cwd, capture_output=True,
                          text=True, timeout=120, check=False,
                          env={**os.environ, "PYTHONPATH": path, "TOY_SECONDS": "0"})


def test_reproduce_all_ends_in_a_page_that_results_makes_again(tmp_path):
    done = toys("reproduce", "all", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    file = tmp_path / "out" / "results.html"
    assert done.stdout.splitlines()[-1] == "the results page: out/results.html"
    text = file.read_text(encoding="utf-8")
    found = Reader(text)
    assert "mnist1d-edu reproduce toy --scale quick" in text and "toy: [0, 1, 4]" in text
    assert len(found.all("img")) == 1
    [table] = [table for table in found.tables if "published and ours" not in table[0]
               and table[0][2:3] == ["ours, quick scale"]]
    assert table[1][0] == "sum" and table[1][3] == "–" and "no paper-scale" in table[1][4]
    again = toys("results", "out", "--out", "again.html", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == text


def test_a_file_that_is_no_page_of_ours_is_left_alone(tmp_path):
    (tmp_path / "results.html").write_text("<p>mine</p>")
    done = toys("results", cwd=tmp_path)
    assert done.returncode == 2 and "is there already" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "results.html").read_text() == "<p>mine</p>"


def test_a_folder_without_results_is_told_in_one_line(tmp_path):
    done = toys("results", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2 and "has no result of an experiment" in done.stderr


def test_a_broken_result_is_told_in_one_line(tmp_path):
    (tmp_path / "toy.json").write_text(json.dumps([1]))
    done = toys("results", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2 and "is no result of reproduce" in done.stderr


def test_answers_that_are_none_are_told_in_one_line(tmp_path):
    (tmp_path / "a.json").write_text("{}")
    done = toys("results", "--answers", "a.json", cwd=tmp_path)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1


# --------------------------------------------------------------------------- in a browser

FRAME = """<!DOCTYPE html><title>waiting</title>
<iframe id="page" src="{file}" style="width: {width}px; height: 900px; border: 0"></iframe>
<script>
const frame = document.getElementById("page");
frame.onload = () => {{
  const inside = frame.contentDocument, images = [...inside.images];
  document.title = JSON.stringify({{
    width: frame.contentWindow.innerWidth, wide: inside.documentElement.scrollWidth,
    images: images.length, missing: images.filter(i => !i.complete || !i.naturalWidth).length,
    sections: inside.querySelectorAll("section").length,
    head: getComputedStyle(inside.querySelector("thead")).position,
  }});
}};
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("width", [360, 1280])
def test_a_browser_shows_the_page_whole_on_a_phone_and_a_desk(written, read, tmp_path, width):
    (tmp_path / "frame.html").write_text(FRAME.format(file=written.as_uri(), width=width))
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={profile}", "--allow-file-access-from-files",
             "--enable-logging=stderr", "--window-size=1400,1000", "--virtual-time-budget=20000",
             "--dump-dom", (tmp_path / "frame.html").as_uri()],
            capture_output=True, text=True, timeout=120, check=False)
    facts = json.loads(re.search(r"<title>(.*?)</title>", done.stdout).group(1))
    assert "CONSOLE" not in done.stderr
    assert facts["width"] == width and facts["wide"] <= width
    assert facts["images"] == len(read.all("img")) and facts["missing"] == 0
    assert facts["sections"] == len(read.all("section"))
    assert facts["head"] == ("absolute" if width < 600 else "static")  # rows become cards
