"""The page in a real browser: layout, day and night, print, silence, and accessibility."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ratecheck.report.page import render

from . import documents
from .chromium import CHROMIUM, Browser, browser

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium or chrome on the PATH (apt-get install chromium)"
)
WIDTHS = (1280, 760, 390)
SCHEMES = ("light", "dark")

FACTS = """
(() => {
  const width = innerWidth, all = selector => [...document.querySelectorAll(selector)];
  const size = element => element.getBoundingClientRect();
  const beyond = all('body *').filter(element =>
    !element.closest('.scroll, .statement, .bibtex pre, .hidden, .skip, svg svg, nav')
    && size(element).width && size(element).right > width + 1);
  const clipped = all('svg.picture text').filter(text => {
    const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal;
    return box.x < -0.5 || box.x + box.width > view.width + 1
      || box.y < -1 || box.y + box.height > view.height + 2;
  });
  const covered = all('svg.picture').filter(picture => {
    const boxes = [...picture.querySelectorAll('text')].map(text => text.getBBox());
    return boxes.some((a, i) => boxes.slice(i + 1).some(b =>
      a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1
      && a.y + 3 < b.y + b.height - 3 && b.y + 3 < a.y + a.height - 3));
  });
  return {
    scroll: document.documentElement.scrollWidth,
    beyond: beyond.slice(0, 5).map(element => element.outerHTML.slice(0, 120)),
    clipped: clipped.map(text => text.textContent),
    covered: covered.map(picture => picture.ariaLabel),
    flat: all('math, figure svg, svg.forest').filter(e => !size(e).width || !size(e).height).length,
    figures: all('figure').length,
    mathFont: getComputedStyle(document.querySelector('math')).fontFamily.split(',').length,
  };
})()
"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def site(varied: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("site") / "index.html"
    page = render(varied, documents.changed(varied), documents.calibration())
    file.write_text(page, encoding="utf-8")
    return file


@pytest.mark.parametrize("width", WIDTHS)
def test_layout(tab: Browser, site: Path, width: int) -> None:
    tab.open(site, width)
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    facts = tab.evaluate(FACTS)
    assert facts["scroll"] <= width, facts["beyond"]
    assert facts["beyond"] == []
    assert facts["clipped"] == []
    assert facts["covered"] == []
    assert facts["flat"] == 0
    assert facts["figures"] == 26
    assert facts["mathFont"] > 1


@pytest.mark.parametrize("width", WIDTHS)
def test_it_is_seen_by_day_and_by_night(tab: Browser, site: Path, width: int) -> None:
    shots = []
    for scheme in SCHEMES:
        tab.open(site, width, scheme=scheme)
        shots.append(tab.screenshot())
        background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, background[4:-1].split(","))) > 382) == (scheme == "light")
    assert min(map(len, shots)) > 15_000
    assert shots[0] != shots[1]


def test_the_page_is_silent_and_still(tab: Browser, site: Path) -> None:
    """No message on the console, no error, no request but for the page, no jump of the layout."""
    tab.open(site, 1280)
    shift = tab.evaluate(
        "new Promise(done => { let sum = 0; new PerformanceObserver(list => "
        "list.getEntries().forEach(e => sum += e.value))"
        ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 300); })"
    )
    names = [event["method"] for event in tab.events]
    loud = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
    assert [name for name in names if name in loud] == []
    requests = [
        event["params"]["request"]["url"]
        for event in tab.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert requests == [site.as_uri()]
    assert shift == 0


@pytest.mark.parametrize("width", [1440, 390])
def test_the_first_screen_says_what_to_doubt(tab: Browser, site: Path, width: int) -> None:
    tab.open(site, width)
    top = tab.evaluate("document.querySelector('#look li').getBoundingClientRect().top")
    assert top < 700
    assert tab.evaluate("document.querySelectorAll('details.claim[open]').length") == 0


def test_a_link_opens_what_it_points_at(tab: Browser, site: Path) -> None:
    tab.open(site, 1280)
    seen = tab.evaluate(
        "new Promise(done => { const link = document.querySelector('#look a'); link.click();"
        " setTimeout(() => { const at = document.getElementById(link.hash.slice(1));"
        " const box = at.getBoundingClientRect(); done([box.height, box.top]); }, 900); })"
    )
    assert seen[0] > 100
    assert 0 < seen[1] < 900


def test_the_catalogue_is_searched_filtered_and_sorted(tab: Browser, site: Path) -> None:
    tab.open(site, 1280)
    shown = """(() => { const rows = [...document.querySelectorAll('tr[data-verdicts]')];
        return rows.filter(row => row.offsetHeight).map(row => [
            row.dataset.verdicts, +row.dataset.reach]); })()"""

    def enter(name: str, value: str) -> list[Any]:
        tab.evaluate(
            f"(() => {{ const e = document.getElementById('{name}'); e.value = '{value}';"
            " e.dispatchEvent(new Event('input')); })()"
        )
        found: list[Any] = tab.evaluate(shown)
        return found

    every = tab.evaluate(shown)
    failed = enter("only", "FAIL")
    assert 0 < len(failed) < len(every)
    assert all("FAIL" in verdicts for verdicts, _ in failed)
    assert len(enter("only", "")) == len(every)
    assert enter("find", "no such words") == []
    enter("find", "")
    reaches = [reach for _, reach in enter("order", "near")]
    assert len(reaches) == len(every)
    assert reaches == sorted(reaches, reverse=True)
    assert enter("order", "") == every


def test_print(tab: Browser, site: Path) -> None:
    """Every figure and every formula is whole on one sheet of A4."""
    tab.open(site, 673, scheme="dark", media="print")  # the width of the text on A4
    tall = tab.evaluate(
        "[...document.querySelectorAll('figure, .statement')].filter(e =>"
        " e.getBoundingClientRect().height > 986 || getComputedStyle(e).breakInside != 'avoid')"
        ".length"
    )
    assert tall == 0
    folded = "[...document.querySelectorAll('details.claim .folded')]"
    assert tab.evaluate(f"{folded}.every(e => e.getBoundingClientRect().height > 100)")
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"
    sheets = tab.pdf()
    assert sheets.startswith(b"%PDF")
    assert len(sheets) > 50_000


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(1280, "light"), (390, "dark")]
    + [pytest.param(*one, marks=pytest.mark.slow) for one in ((1280, "dark"), (390, "light"))],
)
def test_axe_finds_no_violation(tab: Browser, site: Path, width: int, scheme: str) -> None:
    spec = find_spec("axe_core_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe-core-python is not installed (pip install -e .[test])")
    tab.open(site, width, scheme=scheme)
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    tab.evaluate(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    found = tab.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(all => all.violations.map(v =>"
        " ({id: v.id, impact: v.impact, first: v.nodes[0].html.slice(0, 200)})))"
    )
    assert found == [], json.dumps(found, indent=1)


KEYS = {"Tab": 9, "Enter": 13, "End": 35, "Home": 36, "ArrowUp": 38, "ArrowDown": 40}


def press(tab: Browser, *keys: str) -> None:
    for key in keys:
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            tab.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=KEYS[key], **text,
            )  # fmt: skip


def test_the_first_key_leads_past_the_head(tab: Browser, site: Path) -> None:
    tab.open(site, 1280)
    press(tab, "Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"


def test_the_catalogue_is_one_stop_of_the_tabulator(tab: Browser, site: Path) -> None:
    """Arrow keys go through its lines; Enter opens one, and the next stop is within it."""
    tab.open(site, 1280)
    text = "document.activeElement.textContent"
    lines = tab.evaluate(
        "[...document.querySelectorAll('.catalogue a')].map(link => link.textContent)"
    )
    tab.evaluate("document.getElementById('order').focus()")
    press(tab, "Tab")
    assert tab.evaluate(text) == lines[0]
    press(tab, "ArrowDown", "ArrowDown", "ArrowUp")
    assert tab.evaluate(text) == lines[1]
    press(tab, "End", "ArrowDown")
    assert tab.evaluate(text) == lines[-1]
    press(tab, "Tab")
    assert not tab.evaluate("document.activeElement.closest('.catalogue')")
    tab.evaluate("document.getElementById('order').focus()")
    press(tab, "Tab", "Home", "Enter", "Tab")
    first = "document.querySelector('.catalogue a').hash.slice(1)"
    assert tab.evaluate(f"document.getElementById({first}).contains(document.activeElement)")


def test_the_stop_of_the_catalogue_is_among_the_lines_that_are_found(
    tab: Browser, site: Path
) -> None:
    tab.open(site, 1280)
    tab.evaluate(
        "(() => { const e = document.getElementById('only'); e.value = 'FAIL';"
        " e.dispatchEvent(new Event('input')); })()"
    )
    stops = tab.evaluate(
        "[...document.querySelectorAll('.catalogue a')].filter(a => a.tabIndex >= 0)"
        ".map(a => a.offsetHeight > 0)"
    )
    assert stops == [True]


def test_a_whole_field_is_small_and_light_to_paint(tab: Browser, tmp_path: Path) -> None:
    """40 claims with 400 checks: under 6 MB, with few elements, not nested deeply.

    That is what a first paint waits for; its time would say how busy this machine is.
    """
    file = tmp_path / "index.html"
    file.write_text(render(documents.field(40, 10)), encoding="utf-8")
    assert file.stat().st_size < 6_000_000
    tab.open(file, 1280)
    assert tab.evaluate("performance.getEntriesByType('paint').length") > 0
    count, depth = tab.evaluate(
        "(() => { const depth = e => e ? 1 + depth(e.parentElement) : 0,"
        " all = [...document.querySelectorAll('*')];"
        " return [all.length, all.reduce((most, e) => Math.max(most, depth(e)), 0)]; })()"
    )
    assert count < 400 * 130
    assert depth < 20
