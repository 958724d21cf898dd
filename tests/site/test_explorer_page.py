"""The explorer in a browser, as wide as a phone and as a desk, light and dark, by keyboard."""

from __future__ import annotations

import threading

import pytest
from chromium import PROGRAM, Browser

from mnist1d_edu.explorer import answers, controls
from mnist1d_edu.explorer.server import Server

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium")
SETTLED = "now && defaults && document.querySelectorAll('.card').length === 10"
LINES = "[...document.querySelectorAll('.noisy')].map(l => l.getAttribute('points')).join()"
FOCUS = "document.activeElement.id"


@pytest.fixture(scope="module")
def address():
    server = Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.address
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module", params=[(360, False), (360, True), (1280, False), (1280, True)],
                ids=lambda p: f"{p[0]}-{'dark' if p[1] else 'light'}")
def page(address, request):
    width, dark = request.param
    with Browser(address, width, dark) as browser:
        browser.width, browser.dark = width, dark
        browser.until(SETTLED)
        yield browser
        assert browser.errors == []


def test_it_fits_its_width_in_the_colours_that_are_asked_for(page):
    assert page.js("document.documentElement.scrollWidth") <= page.width
    back = page.js("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (sum(back) / 3 < 60) is page.dark
    ratio = page.js("""(() => {
      const light = text => text.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255).map(
        v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce(
        (sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const back = light(getComputedStyle(document.body).backgroundColor);
      return Math.min(...[...document.querySelectorAll("p, th, td, small, .says, label, .value b")]
        .filter(e => e.textContent.trim() && !e.hidden).map(e => light(getComputedStyle(e).color))
        .map(text => (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05)));
    })()""")
    assert ratio >= 4.5, "text that is hard to read"


def test_every_control_has_a_name_and_what_it_does(page):
    for name in controls.CONTROLS:
        label, says = page.js(f"""(i => [i.labels[0].textContent, document.getElementById(
            i.getAttribute("aria-describedby")).textContent])($({name!r}))""")
        assert label == name and len(says) > 5
    assert page.js("[...document.querySelectorAll('button, select')].every("
                   "b => b.labels?.length || b.ariaLabel || b.textContent)")
    assert page.js("[...document.querySelectorAll('.card, #curve')].every("
                   "c => c.role === 'img' && c.ariaLabel.length > 40)")


def test_tab_reaches_every_control_and_shows_where_it_is(page):
    page.js("document.activeElement.blur(), scrollTo(0, 0)")
    seen = []
    for _ in range(40):
        page.press("Tab")
        seen.append(page.js(FOCUS))
        if seen[-1] in controls.CONTROLS:
            hidden, outline = page.js("""(e => { const r = e.getBoundingClientRect();
              const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
              return [top !== e, parseFloat(getComputedStyle(e).outlineWidth)]; }
              )(document.activeElement)""")
            assert not hidden, f"{seen[-1]} has the focus and is out of sight"
            assert outline >= 2
    assert {*controls.CONTROLS, "reset", "model", "train"} <= set(seen)


@pytest.mark.parametrize("name", controls.CONTROLS)
def test_a_key_moves_a_slider_and_the_signals_change(page, name):
    page.js("reset()")
    page.until("isDefault() && $('python').textContent.endsWith('make_dataset()')")
    before, made = page.js(LINES), page.js("$('made').textContent")
    page.js(f"$({name!r}).focus()")
    page.press("Space" if name == "shuffle_seq" else "ArrowRight")
    page.until(f"$('python').textContent.includes({name.partition('[')[0]!r})")
    assert page.js("$('made').textContent") != made
    if name != "train_split":
        assert page.js(LINES) != before
    assert name == "shuffle_seq" or page.js(
        f"$({name!r}).parentElement.querySelector('.value').textContent").startswith("default ")
    page.until("JSON.stringify(settings()) === scored")
    page.js("$('reset').focus()")
    page.press("Enter")
    page.until(f"{LINES} === {before!r}")


def test_the_least_padding_pushes_the_most(page):
    page.js("reset(), $('padding[0]').focus()")
    page.press("End")
    assert page.js("[$('padding[0]').value, $('padding[1]').value]") == ["96", "96"]
    page.js("$('padding[1]').focus()")
    page.press("Home")
    assert page.js("[$('padding[0]').value, $('padding[1]').value]") == ["0", "0"]
    page.until("$('python').textContent.includes('[0, 0]')")
    assert page.js("$('trouble').textContent") == ""


def test_training_shows_its_numbers_beside_those_of_the_default_data(page):
    page.js("reset(), $('corr_noise_scale').focus()")
    page.press("Home")
    page.js("$('model').value = 'mlp', $('train').focus()")
    page.press("Enter")
    page.until("$('progress').value === 1 && $('stop').disabled")
    model = page.js("trained")
    assert model["ours"]["accuracy"] > model["theirs"]["accuracy"] + 5
    assert model["theirs"] == [*answers.training("mlp", {})][-1]
    said = page.js("$('outcome').textContent").replace("\u00a0", " ")
    for side in ("ours", "theirs"):
        one = model[side]
        assert f"{one['accuracy']:.1f} % ({one['low']:.1f} to {one['high']:.1f})" in said
    points = page.js("document.querySelector('#curve .ours').points.numberOfItems")
    assert points == answers.STEPS // answers.PIECE + 1
    assert "MLP, trained" in page.js("$('numbers').textContent")
    page.js("reset()")
    assert "train again" in page.js("$('outcome').textContent")


def test_stop_ends_a_training_by_keyboard(page):
    page.js("reset(), $('model').value = 'cnn', $('num_samples').focus()")
    page.press("End")
    page.js("$('train').focus()")
    page.press("Enter", "Tab")
    assert page.js(FOCUS) == "stop"
    page.press("Space")
    page.until("$('stop').disabled")
    assert page.js(FOCUS) == "train"
    assert page.js("$('outcome').textContent") == "Stopped before its end."
    assert page.js("$('trouble').textContent") == ""


def test_an_answer_that_comes_too_late_is_not_drawn(page):
    page.js("reset()")
    page.until("JSON.stringify(settings()) === scored")
    before = page.js("$('summary').textContent")
    page.js("drawScores({...now, linear: {accuracy: 1, low: 0, high: 2}}, {seed: 1})")
    assert page.js("$('summary').textContent") == before


def test_it_says_when_the_server_has_ended():
    server = Server()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with Browser(server.address) as browser:
        browser.until(SETTLED)
        server.shutdown()
        server.server_close()
        thread.join()
        browser.js("$('seed').focus()")
        browser.press("ArrowRight")
        browser.until("$('trouble').textContent.includes('mnist1d-edu explore')")
