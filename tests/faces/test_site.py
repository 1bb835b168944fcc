"""The documentation as pages: links lead to pages, and nothing is fetched from elsewhere."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from ratecheck.errors import RequestError
from ratecheck.faces import site

ROOT = Path(__file__).parents[2]


def test_links_between_texts_lead_to_their_pages():
    text = "[a](../README.md) [b](https://x.org/c.md) [c](#below) [d](x.py) [e](README.md#part)"
    assert site._relinked(text, "claims/README.md") == (
        "[a](index.html) [b](https://x.org/c.md) [c](#below) d [e](claims.html)"
    )


def test_every_text_of_the_clone_has_a_page():
    """A README that is written later is not forgotten."""
    texts = {path.relative_to(ROOT).as_posix() for folder in ("claims", "ratecheck")
             for path in (ROOT / folder).rglob("README.md")}  # fmt: skip
    assert texts <= set(site.TEXTS)


def test_without_pdoc_there_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pdoc", None)
    with pytest.raises(RequestError, match=r"ratecheck\[docs\]"):
        site.build(ROOT, tmp_path)


@pytest.mark.slow
def test_the_pages_open_offline(tmp_path):
    first, *_ = site.build(ROOT, tmp_path)
    assert first.name == "index.html"
    pages = list(tmp_path.rglob("*.html"))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r'<(script|link|img)[^>]+(src|href)="(https?:)?//', text), page
        for target in re.findall(r'href="([^"#:]+\.html)', text):
            assert (page.parent / target).is_file(), (page, target)
    assert "How to choose a margin" in (tmp_path / "claims.html").read_text(encoding="utf-8")
    assert "Rate" in (tmp_path / "ratecheck/claim/checks.html").read_text(encoding="utf-8")
