from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import itertools
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ratecheck.errors import RequestError
from ratecheck.report.page import render
from ratecheck.report.publish import publish
from ratecheck.report.results import read_json

from . import documents

Values = dict[str, Any]
VOID = {"meta", "br", "img", "input", "link", "hr"}


class Page(HTMLParser):
    """Every element with its attributes, and whether they are well nested."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def parsed(page: str) -> Page:
    return Page(page)


def test_the_page_is_well_nested(parsed: Page) -> None:
    assert parsed.open == []


def test_nothing_is_requested_from_outside(parsed: Page, page: str) -> None:
    for tag, attributes in parsed.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "srcset", "data", "action", "poster", "background"):
                pytest.fail(f"{tag} has {name}={value}")
            if name.endswith("href"):
                assert tag == "a"
                assert value.startswith(("#", "data:application/gzip", "https://"))
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style.replace("url(#", "")
    assert "@import" not in style
    policy = parsed.all("meta")[1]["content"]
    assert "default-src 'none'" in policy
    assert parsed.all("script") == [{}]
    script = page[page.index("<script>") + len("<script>") : page.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert not re.search(r"innerHTML|eval|fetch|import|XMLHttp|document\.write", script)


def test_text_of_claim_files_stays_text(parsed: Page, page: str) -> None:
    assert page.count("<script") == 1
    assert "<img" not in page
    assert documents.HOSTILE in parsed.text
    assert "49" not in [text.strip() for text in parsed.text]  # a template in a title is not run


def test_every_reference_has_its_target_and_ids_are_unique(parsed: Page) -> None:
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in parsed.elements:
        if tag == "a" and attributes["href"].startswith("#"):
            assert attributes["href"][1:] in ids
        for name in attributes.get("aria-labelledby", "").split():
            assert name in ids


def test_headings_do_not_skip_a_level(parsed: Page) -> None:
    levels = [int(tag[1]) for tag, _ in parsed.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


def test_tables_and_pictures_speak(parsed: Page) -> None:
    assert all("scope" in attributes for attributes in parsed.all("th"))
    outer = [a for a in parsed.all("svg") if "class" in a and "mark" not in a["class"]]
    assert outer
    assert all(a.get("role") == "img" or a.get("aria-hidden") == "true" for a in outer)
    assert all(a["aria-label"] for a in outer if "picture" in a["class"])
    assert parsed.all("html")[0]["lang"] == "en"
    assert parsed.elements[parsed.elements.index(("body", {})) + 1][1]["class"] == "skip"


def test_what_scrolls_can_be_reached_by_keyboard(parsed: Page) -> None:
    scrolling = [a for _, a in parsed.elements if a.get("class") in ("scroll", "statement")]
    assert scrolling
    assert all(a.get("tabindex") == "0" and a.get("aria-label") for a in scrolling)


def test_statements_and_formulas_are_mathml(parsed: Page, varied: Values) -> None:
    assert len(parsed.all("math")) > 10
    assert sum(a.get("display") == "block" for a in parsed.all("math")) >= len(varied["claims"])


def test_sources_are_links(parsed: Page) -> None:
    links = {a["href"] for a in parsed.all("a")}
    assert "https://arxiv.org/abs/1602.05419" in links
    assert "https://doi.org/10.1080/01621459.1963.10500830" in links


def test_every_verdict_and_its_reasons_are_told(parsed: Page, varied: Values) -> None:
    text = " ".join(" ".join(parsed.text).split())
    for part in (
        "In 20 of 26 checks of 4 claims the simulation agrees with the theorem; 1 contradicts it, "
        "4 are undecided and 1 could not be run. 22 of 26 falsifiers are killed.",
        "survived",
        "too near the claim to tell",
        "excluded",
        "The simulation failed at contraction/fails_midway[k=64,start=2]#0: ValueError: nan in",
        "ratecheck replay 'contraction/fails_midway[k=64,start=2]#0'",
        "ratecheck check equalities --effort quick --seed 0",
        "draws without a variance",
        "dependent draws by one normal variable of the variance of their mean",
        "unreadable.py: statement: is missing",
        "this allows 0.2 false verdicts on average",
        "jagged: the points scatter more than their replicates allow",
        "claims/sequences/unreadable.py",
        "2.13.0",
    ):
        assert part in text, part
    for claim in varied["claims"]:
        assert claim["title"].partition("^")[0] in parsed.text


def test_what_needs_a_look_stands_first_the_worst_before_the_rest(
    parsed: Page, page: str, varied: Values
) -> None:
    look = page[page.index('<section id="look"') : page.index("</header>")]
    doubted = re.findall(r'<li><span class="verdict (\w+)"', look)
    checks = [check for claim in varied["claims"] for check in claim["checks"]]
    falsifiers = [one for claim in varied["claims"] for one in claim["falsifiers"]]
    assert len(doubted) == (
        sum(check["verdict"] != "PASS" for check in checks)
        + sum(not one["killed"] for one in falsifiers)
        + len(varied["errors"])
    )
    assert doubted == sorted(doubted, key=["error", "fail", "inconclusive"].index)


def test_nothing_to_doubt_is_said() -> None:
    document = {**documents.field(claims=1, checks=4), "errors": [], "asserted": []}
    for claim in document["claims"]:
        claim["checks"] = [check for check in claim["checks"] if check["verdict"] == "PASS"]
        claim["falsifiers"] = []
    assert "Nothing needs a look" in render(document)


def test_nature_history_and_free_constants_are_shown(parsed: Page, page: str) -> None:
    text = " ".join(" ".join(parsed.text).split())
    assert text.count("which the theorem leaves open: σ = 1 (also 0.5, 2).") == 1
    assert "which the theorem leaves open: twin = 0, β = 1." in text  # of one experiment alone
    assert "Changed after slopes had been seen (1 change)" in text
    assert "the margin was 0.2 until a rival at a distance of 1/2 was found" in text
    assert text.count("Not moved in nature by any falsifier") == 2
    assert "Not moved in nature by any falsifier γ: an exponent of the bound alone" in text
    assert f"Not moved in nature by any falsifier a: {documents.HOSTILE}" in text
    assert (
        "more dependence than the method is told (in nature β − 1/2 in place of β): exponent"
        in text
    )
    assert "the same mean again (the method is told twin = 1): exponent" in text
    assert "without averaging: exponent" in text
    assert '<details class="history"><summary>' in page


def test_quantities_have_names_for_people() -> None:
    whole = documents.varied()
    claim = whole["claims"][0]
    quantity = claim["checks"][0]["quantity"]
    assert "what is left" not in render(whole)
    claim["symbols"][quantity] = "what is left"
    assert f'<span class="named">{quantity}: what is left</span>' in render(whole)


def test_a_document_of_before_nature_and_history_is_shown() -> None:
    whole = documents.varied()
    for claim in whole["claims"]:
        del claim["free"], claim["history"]
        for check in claim["checks"]:
            del check["unmoved"]
        for falsifier in claim["falsifiers"]:
            del falsifier["told"], falsifier["nature"]
    page = render(whole)
    text = " ".join(" ".join(Page(page).text).split())
    assert "which the theorem leaves open: σ = 1." in text
    for gone in ("Changed after slopes", "Not moved in nature", "in nature", "is told twin"):
        assert gone not in text


def downloads(parsed: Page, ending: str) -> list[str]:
    return [
        gzip.decompress(base64.b64decode(attributes["href"].partition(",")[2])).decode()
        for attributes in parsed.all("a")
        if (attributes.get("download") or "").endswith(ending)
    ]


def test_numbers_can_be_saved_from_the_page(parsed: Page, varied: Values) -> None:
    tables, objects = downloads(parsed, ".csv.gz"), downloads(parsed, ".json.gz")
    assert len(tables) == len(objects) == len(varied["claims"])
    for claim, table, text in zip(varied["claims"], tables, objects, strict=True):
        rows = list(csv.DictReader(io.StringIO(table)))
        both = [*claim["checks"], *claim["falsifiers"]]
        assert len(rows) == sum(len(one["points"]) for one in both)
        for row, point in zip(rows, (p for one in both for p in one["points"]), strict=True):
            assert float(row["mean"]) == pytest.approx(point["mean"], rel=1e-6)
        saved = json.loads(text)
        assert saved["title"] == claim["title"]
        for one, other in zip(saved["checks"], claim["checks"], strict=True):
            assert one["verdict"] == other["verdict"]
            measured = [one["measured"] or 0.0, other["measured"] or 0.0]
            assert measured[0] == pytest.approx(measured[1], rel=1e-6)


def test_no_spreadsheet_takes_a_name_for_a_formula() -> None:
    from ratecheck.report.download import points_csv

    whole = documents.varied()
    whole["claims"][0]["checks"][0]["id"] = "=cmd()/x/y[T]"
    assert "\n'=cmd()" in points_csv(whole["claims"][0])


def test_an_empty_catalogue_is_a_page() -> None:
    page = Page(render(documents.empty()))
    assert "Nothing was judged: the catalogue is empty." in page.text
    assert page.open == []


def test_errors_alone_are_a_page() -> None:
    whole = documents.empty(errors=[{"file": "a.py", "message": "a.py: title: is missing"}])
    text = render(whole)
    assert "Nothing was judged: 1 claim file did not load." in text
    assert "a.py: title: is missing" in text


def test_mathematics_that_does_not_convert_stands_as_it_was_written() -> None:
    odd = {**documents.varied()["claims"][0], "id": "odd", "statement": r"n^{-1} \foo<b>"}
    text = render(documents.empty(claims=[odd]))
    assert r"<code>n^{-1} \foo&lt;b&gt;</code>" in text
    assert "The statement cannot be drawn (LaTeX at character 8" in text


def with_points(mean: float) -> Values:
    whole = documents.varied()
    for row in whole["claims"][0]["checks"]:
        for point in row["points"]:
            point |= {"mean": mean, "interval": [mean, mean]}
    return whole


@pytest.mark.parametrize("mean", [5e-324, 1e-310, 1e308, -1e308])
def test_values_at_the_ends_of_the_numbers_are_drawn(mean: float) -> None:
    whole = with_points(mean)
    expected = render(with_points(1.0)).count("<svg") if mean > 0 else 0
    text = render(whole)
    assert "cannot be drawn" not in text
    assert text.count("<svg") >= expected


def test_a_picture_that_cannot_be_drawn_leaves_a_sentence(monkeypatch, tmp_path) -> None:
    def fails(*_: Any) -> str:
        raise ZeroDivisionError("float <division>")

    for name in ("check_picture", "looks_picture"):
        monkeypatch.setattr(f"ratecheck.report.pictures.{name}", fails)
    monkeypatch.setattr("ratecheck.report.page.formula_mathml", fails)
    text = publish(documents.varied(), tmp_path).read_text(encoding="utf-8")
    assert "The picture cannot be drawn (float &lt;division&gt;)." in text
    assert "The formula cannot be drawn" in text
    Page(text)


def test_results_are_written_before_a_page_is_tried(monkeypatch, tmp_path) -> None:
    def fails(*_: Any) -> str:
        raise RecursionError("too deep")

    monkeypatch.setattr("ratecheck.report.publish.render", fails)
    whole = documents.varied()
    with pytest.raises(RequestError, match=r"results.json is written, but no page"):
        publish(whole, tmp_path)
    assert read_json(tmp_path / "results.json") == whole
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("title", "half \ud800 a letter"), ("seconds", 10**400), ("history", ["\udfff"])],
)
def test_what_no_file_can_hold_is_refused(name: str, value: Any) -> None:
    whole = documents.varied()
    claim = whole["claims"][0]
    (claim if name in claim else claim["checks"][0])[name] = value
    with pytest.raises(RequestError, match="altered or damaged"):
        render(whole)


def test_an_invalid_document_is_refused() -> None:
    with pytest.raises(RequestError):
        render({"schema": "ratecheck/results/1"})


def test_a_whole_field_stays_small() -> None:
    text = render(documents.field(claims=40, checks=8))
    assert len(text.encode()) < 6_000_000
    assert text.count("<figure") == 320


def test_forty_claims_like_the_published_ones_stay_small() -> None:
    """They are denser than the made-up ones: a dozen checks and as many pictures each."""
    whole = json.loads((Path(__file__).parents[2] / "reports" / "results.json").read_text())
    claims = json.dumps(whole["claims"])
    ids = [claim["id"] for claim in whole["claims"]]
    for copy in range(1, -(-40 // len(ids))):
        renamed = claims
        for name in ids:
            renamed = renamed.replace(name, f"{name}_{copy}")
        whole["claims"] += json.loads(renamed)
    whole["claims"] = whole["claims"][:40]
    assert len(whole["claims"]) == 40
    assert len(render(whole).encode()) < 6_000_000


def test_the_same_document_gives_the_same_page(varied: Values, page: str) -> None:
    assert render(varied, documents.changed(varied)) == page


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_has_contrast_by_day_and_by_night(page: str) -> None:
    roots = re.findall(r":root \{(.*?)\}", page, re.DOTALL)
    light, dark = colours(roots[0]), colours(roots[1])
    for scheme in (light, dark):
        paper = luminance(scheme["paper"])
        for name in ("ink", "quiet", "link", "pass", "fail", "inconclusive", "error", "rival"):
            other = luminance(scheme[name])
            ratio = (max(paper, other) + 0.05) / (min(paper, other) + 0.05)
            assert ratio >= 4.5, (name, scheme[name], ratio)


def test_importing_the_report_is_light() -> None:
    code = (
        "import sys, ratecheck.report\n"
        "heavy = {'torch', 'numpy', 'scipy', 'statsmodels', 'sympy', 'jinja2', 'jsonschema',"
        " 'jsonschema_rs', 'matplotlib', 'latex2mathml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_paper_is_white_also_by_night() -> None:
    """Every colour that the dark scheme sets is set back for print."""
    style = (Path(render.__code__.co_filename).parent / "page.css").read_text(encoding="utf-8")
    heads = ("@media (prefers-color-scheme: dark)", "@media print and (prefers-color-scheme: dark)")
    night, paper = (
        set(re.findall(r"(--\w+):", style[style.index(head) :].partition("}")[0])) for head in heads
    )
    assert night
    assert night == paper


def test_the_name_of_another_claim_is_a_link_to_it() -> None:
    document = documents.field(2, 1)
    first, second = document["claims"]
    first["not_shown"] = [f"what `{second['id']}` shows, and {second['id']}_besides <b>"]
    page = render(document)
    shown = second["id"].replace("_", " ")
    anchor = re.search(rf'what <a href="#([\w-]+)">{shown}</a> shows, and ', page)
    assert anchor
    assert f'id="{anchor[1]}"' in page
    assert f"{second['id']}_besides &lt;b&gt;" in page
