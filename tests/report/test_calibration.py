from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ratecheck.errors import RequestError
from ratecheck.report.calibration import read_calibration, view
from ratecheck.report.page import render, render_calibration
from ratecheck.report.publish import publish
from ratecheck.report.typeset import powers

from . import documents


def test_counts_come_with_their_denominators() -> None:
    shown = view(documents.calibration())
    assert shown["sentence"].startswith("4000 experiments with a known truth")
    assert "1 of 2 promises on them are kept" in shown["sentence"]
    assert [(g["name"], g["broken"]) for g in shown["groups"]] == [("sequential", 0), ("curves", 1)]
    rate = shown["groups"][0]["cells"][0]["rates"][1]
    assert (rate["count"], rate["rate"], rate["promise"]) == (
        "13 of 2000", "0.65\u202f%", "at most 1.00\u202f%",
    )  # fmt: skip
    assert shown["worst"][0][1] == "0.65\u202f%"


def test_too_few_experiments_are_neither_kept_nor_broken(varied: dict[str, Any]) -> None:
    document = documents.calibration()
    document["cells"][0]["rates"][1]["holds"] = None
    sentence = view(document)["sentence"]
    assert "0 of 2 promises on them are kept, 1 cannot be told from so few" in sentence
    assert render_calibration(document, "index.html").count("too few to tell") == 1


@pytest.mark.parametrize(
    "document",
    [
        {"cells": []},
        {"cells": [{}], "summary": 3},
        {"cells": [3, {"name": "a", "rates": [None, {"name": "b"}]}], "more": 1},
        {"cells": [{"kind": "exact", "rates": None}], "summary": {"worst": {"x": None}}},
    ],
)
def test_what_is_missing_is_left_out(varied: dict[str, Any], document: dict[str, Any]) -> None:
    assert 'id="calibration"' in render(varied, None, document)


def test_its_words_stay_text(varied: dict[str, Any]) -> None:
    for page, scripts in (
        (render(varied, None, documents.calibration()), 1),
        (render_calibration(documents.calibration(), "index.html"), 0),
    ):
        assert page.count("<script") == scripts
        assert "<img" not in page


def test_a_calibration_beside_the_report_is_shown(varied: dict[str, Any], tmp_path: Path) -> None:
    assert read_calibration(tmp_path / "calibration.json") is None
    assert 'id="calibration"' not in publish(varied, tmp_path).read_text(encoding="utf-8")
    (tmp_path / "calibration.json").write_text(json.dumps(documents.calibration()))
    page = publish(varied, tmp_path).read_text(encoding="utf-8")
    assert 'id="calibration"' in page
    assert '<a href="calibration.html">' in page
    assert '<a href="index.html">' in (tmp_path / "calibration.html").read_text(encoding="utf-8")


def test_broken_promises_are_told_where_the_promise_is_made(varied: dict[str, Any]) -> None:
    shown = view(documents.calibration())["exceptions"]
    page = render(varied, None, documents.calibration())
    assert len(shown) == 1
    assert "1 promise of 2 did not hold there" in page[: page.index("</header>")]
    section = page[page.index('<section id="calibration"') :]
    assert powers(shown[0]["cell"]) in section


@pytest.mark.parametrize("text", ["{", "[]", '{"cells": 3}', "nan"])
def test_something_else_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "calibration.json"
    path.write_text(text)
    with pytest.raises(RequestError, match=r"ratecheck calibrate$"):
        read_calibration(path)
