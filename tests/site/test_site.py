"""The site is built once and read as its readers do: every link followed, every figure and formula
drawn, in a browser as wide as a phone and as a desk, light and dark. Needs the extra "docs"; the
browser's part needs Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("sphinx")
pytest.importorskip("myst_nb")

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


class Page(HTMLParser):
    """The links, sources, ids and pictures of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.pictures: list[dict] = []
        self.folded = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if attributes.get("id"):
            self.ids.add(attributes["id"])
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        for name in ("src", "href") if tag != "a" else ():
            if attributes.get(name) and attributes.get("rel") != "canonical":
                self.loads.append(attributes[name])
        if tag == "img":
            self.pictures.append(attributes)
        self.folded += tag == "details" and "hide" in attributes.get("class", "")


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The site, built by its one command, which takes Sphinx's warnings for errors."""
    folder = tmp_path_factory.mktemp("site") / "html"
    done = subprocess.run([sys.executable, str(ROOT / "docs" / "site" / "build.py"), str(folder)],
                          capture_output=True, text=True, check=False, cwd=folder.parent,
                          env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return folder


@pytest.fixture(scope="session")
def pages(site) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in site.rglob("*.html")}


def test_every_lesson_has_a_page_and_a_notebook_to_download(site):
    for notebook in (ROOT / "solutions").glob("*.ipynb"):
        assert (site / "lessons" / f"{notebook.stem}.html").is_file()
        copies = list((site / "_downloads").rglob(notebook.name))
        assert [copy.read_bytes() for copy in copies] == [
            (ROOT / "lessons" / notebook.name).read_bytes()]
        page = (site / "lessons" / f"{notebook.stem}.html").read_text(encoding="utf-8")
        assert "find_spec" not in page      # who reads has nothing to install


def test_every_link_inside_the_site_leads_somewhere(site, pages):
    broken = []
    for page in pages.values():
        for link in {*page.links, *page.loads}:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc or link == "#":
                continue
            target = page.path if not parts.path else (
                page.path.parent / urllib.parse.unquote(parts.path)).resolve()
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                broken.append(f"{page.path.relative_to(site)}: {link}")
            elif parts.fragment and target.suffix == ".html" and urllib.parse.unquote(
                    parts.fragment) not in pages[target.resolve()].ids:
                broken.append(f"{page.path.relative_to(site)}: {link} (no such place)")
    assert broken == []


def test_no_page_loads_anything_from_another_host(pages):
    others = {load for page in pages.values() for load in page.loads
              if urllib.parse.urlsplit(load).netloc}
    assert others == set()


def test_every_figure_has_a_text_for_those_who_cannot_see_it(site, pages):
    silent = [page.path.name for page in pages.values() for picture in page.pictures
              if page.path.parent.name == "lessons" and (
                  len(picture.get("alt", "")) < 20 or picture["alt"].endswith(".png"))]
    assert silent == []
    assert sum(len(page.pictures) for page in pages.values()) > 50


def test_answers_are_folded(site, pages):
    for notebook in (ROOT / "solutions").glob("*.ipynb"):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        answers = sum("### BEGIN SOLUTION" in "".join(cell["source"]) for cell in cells)
        page = pages[(site / "lessons" / f"{notebook.stem}.html").resolve()]
        assert page.folded == answers > 0
        assert "BEGIN SOLUTION" not in page.path.read_text(encoding="utf-8")


# ------------------------------------------------------------------ in a browser

FRAME = """<title></title><iframe src="{file}" style="width: {width}px; height: 900px; border: 0">
</iframe><script>
document.querySelector("iframe").onload = () => {{
  const inside = document.querySelector("iframe").contentDocument, body = inside.body;
  body.dataset.theme = "{theme}";
  const seen = [...inside.querySelectorAll("article math")].map(m => m.getBoundingClientRect());
  const images = [...inside.querySelectorAll("article img")];
  images.forEach(i => i.loading = "eager");
  const back = getComputedStyle(body).backgroundColor.match(/\\d+/g).map(Number);
  document.title = JSON.stringify({{
    wide: inside.documentElement.scrollWidth, formulas: seen.length,
    undrawn: seen.filter(r => r.width < 2 || r.height < 2).length, images: images.length,
    missing: images.filter(i => i.complete && !i.naturalWidth).length,
    light: (back[0] + back[1] + back[2]) / 3,
  }});
}};
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["index", "lessons/04_backpropagation_by_hand",
                                  "lessons/14_double_descent", "results",
                                  "api/mnist1d_edu.engine"])
def test_a_browser_draws_the_page(site, tmp_path, name, width, theme):
    (tmp_path / "frame.html").write_text(FRAME.format(
        file=(site / f"{name}.html").as_uri(), width=width, theme=theme), encoding="utf-8")
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={profile}", "--allow-file-access-from-files",
             "--enable-logging=stderr", "--window-size=1400,1000",
             "--virtual-time-budget=20000", "--dump-dom", (tmp_path / "frame.html").as_uri()],
            capture_output=True, text=True, timeout=120, check=False)
    facts = json.loads(re.search(r"<title>(.*?)</title>", done.stdout).group(1))
    assert "CONSOLE" not in done.stderr, done.stderr
    assert facts["wide"] <= width
    assert facts["undrawn"] == 0 and facts["missing"] == 0
    assert facts["formulas"] > 10 or "lessons/04" not in name
    assert facts["images"] > 0 or not name.startswith("lessons/")
    assert facts["light"] > 200 if theme == "light" else facts["light"] < 60


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_the_search_finds_a_word(site):
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={profile}", "--virtual-time-budget=20000",
             "--dump-dom", (site / "search.html").as_uri() + "?q=backpropagation"],
            capture_output=True, text=True, timeout=120, check=False)
    assert "04_backpropagation_by_hand" in done.stdout
