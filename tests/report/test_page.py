from __future__ import annotations

import base64
import csv
import gzip
import io
import itertools
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from ratecheck.errors import RequestError
from ratecheck.report import render, write_page

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
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "base", "form")
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "srcset", "data", "action", "poster", "background"):
                pytest.fail(f"{tag} has {name}={value}")
            if name.endswith("href"):
                assert tag == "a"
                assert value.startswith(("#", "data:text/csv", "data:application/gzip", "https://"))
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style.replace("url(#", "")
    assert "@import" not in style
    assert "default-src 'none'" in parsed.all("meta")[1]["content"]


def test_text_of_claim_files_stays_text(parsed: Page, page: str) -> None:
    assert "<script" not in page
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
    assert all(
        "aria-labelledby" in a for a in outer if "picture" in a["class"] and a["role"] == "img"
    )
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
    assert "https://arxiv.org/abs/2006.12297" in links
    assert "https://doi.org/10.1214/18-AOS1727" in links


def test_every_verdict_and_its_reasons_are_told(parsed: Page, varied: Values) -> None:
    text = " ".join(" ".join(parsed.text).split())
    for part in (
        "In 8 of 12 checks of 3 claims the simulation agrees with the theorem; 1 contradicts it, "
        "2 are undecided and 1 could not be run. 4 of 5 falsifiers are killed.",
        "survived",
        "too near the claim to tell",
        "excluded",
        "Block 3 at k=64 raised ValueError",
        "ratecheck replay 'svrg_langevin/chain' --point k=64 --block 3 --seed 0",
        "ratecheck check reduced_rank --effort quick --seed 0",
        "minimax optimality",
        "the kernel's eigenbasis in place of a network",
        "broken.py: statement: is missing",
        "this allows 0.11 false verdicts on average",
        "one end of the grid carries the interval's width",
        "claims/kernel_regime/broken.py",
        "2.13.0",
    ):
        assert part in text, part
    for claim in varied["claims"]:
        assert claim["title"] in parsed.text


def test_nature_history_and_free_constants_are_shown() -> None:
    whole = documents.varied()
    claim = whole["claims"][0]
    claim["free"] = {"sigma": [1.0, 0.5, 2.0], "c": [0.3]}
    claim["history"] = ["the margin was 0.1 until the rival was found", documents.HOSTILE]
    claim["experiments"][0]["constants"] = {"sigma": 1.0, "c": 0.3, "M": 64}
    claim["checks"][0]["unmoved"] = {"beta": "the kernel's own", "r": ""}
    claim["checks"][1]["unmoved"] = {"beta": "the kernel's own"}
    claim["falsifiers"][0] |= {"told": {"power": 0.5}, "nature": {"beta": "r - 1/4"}}
    page = render(whole)
    assert "<img" not in page
    text = " ".join(" ".join(Page(page).text).split())
    assert text.count("which the theorem leaves open: σ = 1 (also 0.5, 2); c = 0.3.") == 1
    assert "which the theorem leaves open: M = 64." in text
    assert "Changed after slopes had been seen (2 changes)" in text
    assert "the margin was 0.1 until the rival was found" in text
    assert "Not moved in nature by any falsifier β: the kernel's own r " in text
    assert text.count("Not moved in nature") == 1
    assert "(the method is told power = 0.5; in nature β = r - 1/4): exponent" in text
    assert "Changed after" not in render(documents.varied())


def downloads(parsed: Page, kind: str) -> list[str]:
    texts = []
    for attributes in parsed.all("a"):
        address = attributes["href"]
        if address.startswith(f"data:{kind}"):
            head, _, body = address.partition(",")
            data = base64.b64decode(body) if head.endswith("base64") else unquote(body).encode()
            texts.append((gzip.decompress(data) if kind.endswith("gzip") else data).decode())
    return texts


def test_numbers_can_be_saved_from_the_page(parsed: Page, varied: Values) -> None:
    tables, objects = downloads(parsed, "text/csv"), downloads(parsed, "application/gzip")
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
    page = Page(render(documents.document([])))
    assert "Nothing was judged: the catalogue is empty." in page.text
    assert page.open == []


def test_errors_alone_are_a_page() -> None:
    whole = documents.document([], errors=[{"file": "a.py", "message": "a.py: title: is missing"}])
    text = render(whole)
    assert "Nothing was judged: 1 claim file did not load." in text
    assert "a.py: title: is missing" in text


def test_mathematics_that_does_not_convert_is_an_error_and_no_page(tmp_path: Path) -> None:
    whole = documents.document([documents.claim("odd", [], [], statement=r"n^{-1} \foo")])
    with pytest.raises(RequestError, match=r"odd: statement: LaTeX at character 8.*\\foo"):
        write_page(whole, tmp_path / "index.html")
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_document_is_refused() -> None:
    with pytest.raises(RequestError):
        render({"schema": "ratecheck/results/1"})


def test_a_whole_field_stays_small() -> None:
    text = render(documents.large(claims=40, checks=8))
    assert len(text.encode()) < 6_000_000
    assert text.count("<figure") == 320


def test_four_catalogues_like_the_published_one_stay_small() -> None:
    """Its ten claims are denser than the made-up ones: 16 checks and as many pictures each."""
    whole = json.loads((Path(__file__).parents[2] / "reports" / "results.json").read_text())
    claims = json.dumps(whole["claims"])
    ids = [claim["id"] for claim in whole["claims"]]
    for copy in range(1, 4):
        renamed = claims
        for name in ids:
            renamed = renamed.replace(name, f"{name}_{copy}")
        whole["claims"] += json.loads(renamed)
    assert len(whole["claims"]) >= 40
    assert len(render(whole).encode()) < 6_000_000


def test_the_same_document_gives_the_same_page(varied: Values, page: str) -> None:
    assert render(varied, documents.varied(3)) == page


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
        " 'matplotlib', 'latex2mathml'}\n"
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
