"""The results page: every published number beside ours, in one HTML file that needs nothing else.

`write(file)` makes it of the results stored in the package; `write(file, out)` puts what
`mnist1d-edu reproduce` left in the folder `out` in front of them. No script, no content from
elsewhere: figures and styles are in the file, links lead to places on the page or hold what they
offer. `page.css` has the style, for screens of any width and for paper.
"""

from __future__ import annotations

import base64
import csv
import html
import importlib.resources
import io
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

import mnist1d_edu
from mnist1d_edu import experiments
from mnist1d_edu.experiments import people, verdicts
from mnist1d_edu.files import read_whole, write_whole

MARK = "<!-- made by mnist1d-edu results -->"  # only a file with it is written over
MOST_BYTES = 2**27
_SIGNS = {"agrees": "✓ agrees", "above": "▲ ours is above", "below": "▼ ours is below",
          "one seed": "one seed: no verdict", "": "no paper-scale run yet"}


@dataclass
class Section:
    """What the page has of one experiment: its result at paper scale and at quick scale, each as
    its JSON file has it or None, where they come from, and figures (name, PNG, alternative text).
    """

    name: str
    paper: dict | None
    quick: dict | None
    figures: list[tuple[str, bytes, str]]

    @property
    def shown(self) -> dict:
        """The result that the figures are of."""
        return self.quick or self.paper or {}


def write(file: str | os.PathLike, out: str | os.PathLike | None = None,
          answers: dict[str, tuple[np.ndarray, np.ndarray]] | None = None) -> Path:
    """Write the page to `file` and return its path.

    out: a folder of `reproduce`, whose results come first. answers: name -> (test_index, labels),
    to be shown beside the expert's. ValueError if `file` is there and is not such a page, or `out`
    holds no result.
    """
    file = Path(file)
    if file.exists() and MARK.encode() not in file.read_bytes()[:300]:
        raise ValueError(f"{file} is there already and not a page of ours; choose another name")
    text = page(sections(out), people.everyone(answers or {}))
    return write_whole(file, text.encode("utf-8"))


# --------------------------------------------------------------------------- what is shown


def sections(out: str | os.PathLike | None = None) -> list[Section]:
    """A section for each experiment of which there is a result, in `out` or in the package."""
    found = {name: (_stored(name), _made(name, out)) for name in experiments.EXPERIMENTS}
    if out is not None and not any(made for _, made in found.values()):
        raise ValueError(f"{out} has no result of an experiment; make one with mnist1d-edu "
                         f"reproduce NAME --out {out}")
    with tqdm(found.items(), "figures", delay=2, leave=False) as bar:
        return [_section(name, stored, made, out) for name, (stored, made) in bar
                if stored or made]


def _section(name: str, stored: dict | None, made: dict | None, out) -> Section:
    quick = made if made and made["scale"] == "quick" else None
    paper = made if made and made["scale"] == "paper" else stored
    figures = _saved(made, Path(out)) if made else _drawn(name, paper)
    return Section(name, paper, quick, figures)


def _stored(name: str) -> dict | None:
    try:
        return experiments.load_result(name)
    except ValueError:
        return None


def _made(name: str, out) -> dict | None:
    """The result in the folder `out`, None if there is none; ValueError if it is broken."""
    path = None if out is None else Path(out) / f"{name}.json"
    if path is None or not path.exists():
        return None
    try:
        result = json.loads(read_whole(path, MOST_BYTES))
        if not {"scale", "summary", "runs"} <= set(result):
            raise ValueError
    except (ValueError, TypeError):
        raise ValueError(f"{path} is no result of reproduce; run it again, or move the file away"
                         ) from None
    return result


def _saved(result: dict, out: Path) -> list[tuple[str, bytes, str]]:
    """The figures that were saved beside a result."""
    return [(name, read_whole(out / f"{name}.png", MOST_BYTES), alternative)
            for name, alternative in result.get("figures", {}).items()
            if (out / f"{name}.png").exists()]


def off_screen() -> None:
    """Let matplotlib draw for files alone, without a window."""
    import matplotlib
    if matplotlib.get_backend().lower() != "agg":  # a change closes the figures that are open
        matplotlib.use("Agg")


def _drawn(name: str, result: dict | None) -> list[tuple[str, bytes, str]]:
    """The figures of a stored result, drawn from its summary."""
    off_screen()
    from matplotlib import pyplot

    from mnist1d_edu import plots
    drawn = []
    for title, figure in experiments.figures(name, result["summary"]).items() if result else ():
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=110, bbox_inches="tight",
                       metadata={"Software": None})
        drawn.append((title, image.getvalue(), plots.alternative_text(figure)))
        pyplot.close(figure)
    return drawn


# --------------------------------------------------------------------------- the page


def page(found: list[Section], persons: list[people.Person]) -> str:
    """The whole page as HTML."""
    style = (importlib.resources.files("mnist1d_edu.experiments") / "page.css").read_text("utf-8")
    rows = [row for section in found for row in _rows(section)]
    quick = any(section.quick for section in found)
    return "\n".join([
        "<!DOCTYPE html>", MARK, '<html lang="en">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<link rel="icon" href="data:,">', "<title>MNIST-1D: published numbers and ours</title>",
        f"<style>\n{style}</style>", "</head>", "<body>",
        '<a class="skip" href="#results">To the results</a>',
        "<header>", "<h1>MNIST-1D: every published number beside ours</h1>",
        _lead(found, rows), "</header>", _contents(found), '<main id="results">',
        _overview(rows), _human(persons), *(_experiment(section, quick) for section in found),
        _reading(rows), "</main>", "<footer>", _data_link(found),
        f"<p>mnist1d_edu {html.escape(mnist1d_edu.__version__)}, "
        f"{datetime.now(timezone.utc):%Y-%m-%d}. The dataset and the published numbers are by Sam "
        "Greydanus and Dmitry Kobak, “Scaling Down Deep Learning with MNIST-1D” (arXiv 2011.14439; "
        "ICML 2024), its notebooks and its review; those marked <i>book</i> by Simon Prince, "
        "<i>Understanding Deep Learning</i>.</p>", "</footer>", "</body>", "</html>", ""])


@dataclass(frozen=True)
class _Row:
    """A published number: judged at paper scale and at quick scale, each if it was computed."""

    paper: verdicts.Judged | None
    quick: verdicts.Judged | None

    @property
    def either(self) -> verdicts.Judged:
        row = self.paper or self.quick
        assert row is not None
        return row

    @property
    def verdict(self) -> str:
        return self.paper.verdict if self.paper else ""


def _rows(section: Section) -> list[_Row]:
    """The comparison of a section; a number that was computed at one scale only has one half."""
    paper, quick = ({(row["what"], row["source"]): verdicts.judge(row)
                     for row in result["summary"].get("comparison", [])} if result else {}
                    for result in (section.paper, section.quick))
    return [_Row(paper.get(key), quick.get(key)) for key in dict.fromkeys([*paper, *quick])]


def _lead(found: list[Section], rows: list[_Row]) -> str:
    count = {verdict: sum(row.verdict == verdict for row in rows) for verdict in _SIGNS}
    differ = count["above"] + count["below"]
    rest = len(rows) - count["agrees"] - differ
    return (f"<p>{len(rows)} published numbers in {len(found)} experiments: <b>{count['agrees']} "
            f"agree</b> with ours at paper scale, <b>{differ} do not</b>"
            + (f", {rest} have no verdict" if rest else "") + ". Nothing here is typed in: each "
            "number of ours comes from runs whose arguments are kept, and can be made again by "
            "the command beside it.</p>")


def _contents(found: list[Section]) -> str:
    items = [("overview", "Overview"), ("human", "Human"),
             *((_anchor(section), section.name) for section in found),
             ("reading", "How to read it")]
    links = "".join(f'<li><a href="#{anchor}">{html.escape(text)}</a></li>'
                    for anchor, text in items)
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>'


def _overview(rows: list[_Row]) -> str:
    """The disagreements, all in one place."""
    lines = [f"<li><b>{html.escape(row.either.what)}</b>: {html.escape(row.either.ours)}, "
             f"published {html.escape(row.either.published)} ({html.escape(row.either.source)}); "
             f"{row.verdict} by {row.either.gap:.{row.either.digits}f} beyond the error bars</li>"
             for row in rows if row.verdict in ("above", "below")]
    return ('<section id="overview"><h2>Overview: where ours differs</h2>'
            + (f"<ul>{''.join(lines)}</ul>" if lines else "<p>Nowhere beyond the error bars.</p>")
            + "</section>")


def _experiment(section: Section, quick: bool) -> str:
    from mnist1d_edu.experiments.reproduce import title
    parts = [f'<section id="{_anchor(section)}">', f"<h2>{html.escape(section.name)}</h2>",
             f"<p>{html.escape(title(section.name))}</p>"]
    parts += [_how(result) for result in (section.quick, section.paper) if result]
    parts.append(_table(section, quick))
    scale = section.shown["scale"]
    for name, image, alternative in section.figures:
        parts.append(
            f'<figure><div class="wide" tabindex="0" role="group" aria-label="figure {name}">'
            f'<img alt="{html.escape(alternative)}" src="data:image/png;base64,'
            f'{base64.b64encode(image).decode()}"></div><figcaption>{html.escape(name)}, at '
            f"{scale} scale</figcaption></figure>")
    parts.append(_effects(section.shown))
    if text := section.shown.get("table"):
        parts.append(f'<details><summary>The table as the command prints it</summary><div '
                     f'class="wide"><pre>{html.escape(text)}</pre></div></details>')
    return "\n".join([*parts, "</section>"])


def _how(result: dict) -> str:
    """How a result was made: command, seeds, processor time, versions, processors, dates."""
    made = [run["made"] for run in result["runs"]]
    seeds = f" --seeds {result['seeds']}" if result.get("seeds") else ""
    command = f"mnist1d-edu reproduce {result['experiment']} --scale {result['scale']}{seeds}"
    days = sorted({each["date"][:10] for each in made})
    facts = {
        "seeds": _seeds(result["runs"]), "runs": f"{len(made)}",
        "processor time": f"{sum(each['seconds'] for each in made) / 60:.1f} min of one core",
        "made": days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}",
        "versions": _each(f"mnist1d_edu {m['mnist1d_edu']}, NumPy {m['numpy']}, Python "
                          f"{m['python']}" for m in made),
        "processor": _each(f"{m['processor']} ({m['system']}, {m['blas']})" for m in made)}
    listed = "".join(f"<div><dt>{name}</dt><dd>{html.escape(fact)}</dd></div>"
                     for name, fact in facts.items())
    return (f'<div class="how"><p><b>{result["scale"]} scale</b> <code>{html.escape(command)}'
            f"</code></p><dl>{listed}</dl></div>")


def _each(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))


def _seeds(runs: list[dict]) -> str:
    """The seeds of all runs, in words."""
    seeds: set[int] = set()
    for run in runs:
        for name in ("seeds", "seed", "trials", "trial"):
            value = run["arguments"].get(name, [])
            seeds.update(value if isinstance(value, list) else [value])
    if not seeds:
        return "–"
    whole = sorted(seeds) == list(range(min(seeds), max(seeds) + 1))
    return (f"{min(seeds)} to {max(seeds)}" if whole and len(seeds) > 1
            else ", ".join(map(str, sorted(seeds))))


def _table(section: Section, quick: bool) -> str:
    heads = ["", "published", *(["ours, quick scale"] if quick else []), "ours, paper scale",
             "verdict"]
    lines = []
    for row in _rows(section):
        cells = [f"{html.escape(row.either.published)} <small>{html.escape(row.either.source)}"
                 "</small>", *([_ours(row.quick)] if quick else []), _ours(row.paper),
                 _SIGNS[row.verdict] + (f" by {row.either.gap:.{row.either.digits}f}"
                                        if row.verdict in ("above", "below") else "")]
        kind = {"agrees": "good", "above": "bad", "below": "bad"}.get(row.verdict, "open")
        tds = "".join(f'<td data-label="{head}">{cell}</td>'
                      for head, cell in zip(heads[1:], cells, strict=True))
        lines.append(f'<tr class="{kind}"><th scope="row">{html.escape(row.either.what)}</th>'
                     f"{tds}</tr>")
    if not lines:
        return "<p>No published number belongs to this experiment.</p>"
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return (f"<table><caption>{html.escape(section.name)}: published and ours</caption><thead><tr>"
            f"{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>")


def _effects(result: dict) -> str:
    """The differences that an experiment reports of its own, with their intervals."""
    effects = result["summary"].get("effects")
    if not isinstance(effects, list) or not effects:
        return ""
    heads = ("mean", "95 % interval", "by Holm’s rule over all")
    lines = []
    for row in effects:
        cells = (f"{row['mean']:.4g}", f"{row['low']:.4g} to {row['high']:.4g}",
                 "clear of zero" if row["clear"] else "not clear")
        tds = "".join(f'<td data-label="{head}">{cell}</td>'
                      for head, cell in zip(heads, cells, strict=True))
        lines.append(f'<tr><th scope="row">{html.escape(row["what"])}</th>{tds}</tr>')
    head = "".join(f'<th scope="col">{text}</th>' for text in ("", *heads))
    return (f"<table><caption>{html.escape(result['experiment'])}: differences of ours, at "
            f"{result['scale']} scale</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(lines)}</tbody></table>")


def _ours(judged: verdicts.Judged | None) -> str:
    if judged is None:
        return "–"
    interval = f" <small>mean within {judged.interval}</small>" if judged.interval else ""
    return f"{html.escape(judged.ours)}{interval}"


def _human(persons: list[people.Person]) -> str:
    rows = []
    for person in persons:
        mistakes = ", ".join(f"{digit} taken for {answer}" + (f" ({n})" if n > 1 else "")
                             for digit, answer, n in person.mistakes[:5])
        mistakes += f" and {more} more" if (more := sum(
            n for _, _, n in person.mistakes[5:])) else ""
        same = "–" if person.expert is None else f"{person.expert[0]} of {person.expert[1]}"
        cells = {"right": f"{person.right} of {person.answered}",
                 "accuracy": f"{person.accuracy:.4g} % <small>95 % interval {person.low:.1f} to "
                             f"{person.high:.1f}</small>",
                 "the expert on the same signals": same, "mistakes": mistakes or "none"}
        tds = "".join(f'<td data-label="{head}">{cell}</td>' for head, cell in cells.items())
        rows.append(f'<tr><th scope="row">{html.escape(person.name)}</th>{tds}</tr>')
    head = "".join(f'<th scope="col">{text}</th>' for text in ("", *cells))
    return (f'<section id="human"><h2>Human</h2><p>The published {people.PUBLISHED} % of one '
            "expert counts 500 answers, of which 100 appear twice; here are the 400 different ones."
            " Take the quiz of lesson 09, keep your answers in a file, and <code>mnist1d-edu "
            "results --answers FILE</code> adds your row.</p><table><caption>Labels by people, on "
            "signals of the default test set</caption><thead><tr>"
            f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></section>")


def _reading(rows: list[_Row]) -> str:
    judged = sum(row.verdict in ("agrees", "above", "below") for row in rows)
    return f"""<section id="reading"><h2>How to read it</h2>
<p><b>Ours</b>: mean ± one standard deviation over the seeds, their number in brackets; below it
Student's 95 % interval of the mean.</p>
<p><b>Verdict</b>: most published numbers are one run, or a mean of a few, so the question is
whether they could be one of our runs. A published range and ours disagree when ours, widened to two
standard deviations (where 95 % of single runs fall), does not touch it. By how much: the gap that
is then left. One run of ours has no spread, so it gives no verdict. Some rows compare unlike setups
(4,000 digits with 60,000, say); their source says so, and a difference is expected.</p>
<p><b>Many comparisons</b>: {judged} numbers have a verdict. If every published number were a run of
ours, some {judged * 0.05:.0f} of them would still be called different by chance.</p>
<p><b>Differences of ours</b> are paired by seed; one is called clear of zero by Holm’s rule over
all differences of its table.</p>
<p><b>Quick scale</b> has fewer steps, seeds and settings than was published; it shows that things
work, and gives no verdict.</p></section>"""


def _anchor(section: Section) -> str:
    return f"experiment-{section.name}"


def _data_link(found: list[Section]) -> str:
    """A link that holds all rows as CSV."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["experiment", "number", "published", "source", "ours, quick scale",
                    "ours, paper scale", "interval of the mean, paper scale", "verdict"])
    for section in found:
        for row in _rows(section):
            table.writerow([section.name, row.either.what, row.either.published,
                            row.either.source, row.quick.ours if row.quick else "",
                            row.paper.ours if row.paper else "",
                            row.paper.interval if row.paper else "", row.verdict])
    content = base64.b64encode(text.getvalue().encode("utf-8-sig")).decode()
    return ('<p><a download="mnist1d-results.csv" href="data:text/csv;base64,'
            f'{content}">All rows as a table (CSV)</a></p>')
