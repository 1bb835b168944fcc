from __future__ import annotations

import pytest

from ratecheck.report.bibliography import bibtex, links

from . import documents


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        (
            "Nitanda & Suzuki, ICLR 2021, Theorem 1 (arXiv:2006.12297)",
            ["@misc{nitanda2021,", "{Nitanda and Suzuki}", "year = {2021}", "{2006.12297}"],
        ),
        (
            "Bunea, She & Wegkamp, Ann. Statist. 39 (2011) 1282-1309, Theorem 5; Izenman, J. "
            "Multivariate Anal. 5 (1975), Section 2; slide 1",
            ["@misc{bunea2011,", "{Bunea and She and Wegkamp}", "@misc{izenman1975,"],
        ),
        (
            "Suzuki et al., AISTATS 2018, Theorem 2 (doi:10.1214/18-AOS1727)",
            ["{Suzuki and others}", "doi = {10.1214/18-AOS1727}"],
        ),
        (
            "Bienaymé & Co, C. R. 37 (1853), 100 % of p. 309",
            ["@misc{bienayme1853,", r"Bienaymé \& Co, C. R. 37 (1853), 100 \% of"],
        ),
        ("A & B, X 2020, Theorem 1; A & B, X 2020, Theorem 2", ["@misc{a2020,", "@misc{a2020b,"]),
    ],
)
def test_entries(source: str, parts: list[str]) -> None:
    text = bibtex(source)
    for part in parts:
        assert part in text
    assert text.count("@misc") == text.count("\n}")
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("source", ["slide 1", "1984, Section 2", "", documents.HOSTILE])
def test_a_source_without_author_or_year_has_no_entry(source: str) -> None:
    assert bibtex(source) == ""


def test_the_pieces_of_a_source_are_its_text() -> None:
    source = "A, 2020 (arXiv:2006.12297v2, doi:10.1000/x.1), and arXiv:math.ST/0101001"
    pieces = links(source)
    assert "".join(text for text, _ in pieces) == source
    assert [address for _, address in pieces if address] == [
        "https://arxiv.org/abs/2006.12297v2",
        "https://doi.org/10.1000/x.1",
        "https://arxiv.org/abs/math.ST/0101001",
    ]
