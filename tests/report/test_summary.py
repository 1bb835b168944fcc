from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from ratecheck.report.summary import markdown, terminal_table
from ratecheck.report.wording import headline, honesty, label, prose, relation

from . import documents

Values = dict[str, Any]


def printed(document: Values, width: int, **options: Any) -> str:
    out = io.StringIO()
    Console(file=out, width=width, **options).print(terminal_table(document))
    return out.getvalue()


@pytest.mark.parametrize("width", [140, 100, 80, 50, 30])
def test_no_line_is_wider_than_the_terminal(varied: Values, width: int) -> None:
    lines = printed(varied, width).splitlines()
    assert max(map(len, lines)) <= width
    for verdict in ("PASS", "FAIL", "INCONCLUSIVE", "ERROR"):
        assert any(verdict in line for line in lines)


def test_columns_go_as_the_terminal_narrows(varied: Values) -> None:
    for width, present, absent in [
        (120, ("margin", "killed", "interval"), ()),
        (80, ("interval",), ("margin",)),
        (50, ("measured",), ("claimed",)),
    ]:
        head = printed(varied, width).splitlines()[0].split()
        assert set(present) <= set(head)
        assert not set(absent) & set(head)


def test_words_carry_the_verdict_without_colour(
    varied: Values, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in printed(varied, 100, force_terminal=True)
    monkeypatch.delenv("NO_COLOR")
    coloured = printed(varied, 100, force_terminal=True, color_system="standard")
    assert "\x1b[3" in coloured


def test_a_terminal_that_knows_ascii_only_gets_ascii(varied: Values) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    Console(file=out, width=100).print(terminal_table(varied))
    out.flush()
    assert b"-0.954" in raw.getvalue()


def test_markup_in_a_name_is_not_obeyed() -> None:
    whole = documents.empty(errors=[{"file": "a", "message": "[bold]x[/bold] [/]"}])
    assert "[bold]x[/bold] [/]" in printed(whole, 100)


def test_troubles_are_told_in_sentences(varied: Values) -> None:
    text = printed(varied, 200)
    assert "The simulation failed at contraction/fails_midway[k=64,start=2]#0: ValueError" in text
    assert "ratecheck replay 'contraction/fails_midway[k=64" in text
    assert "SURVIVED" in text
    assert "unreadable.py: statement: is missing" in text


def test_a_far_end_of_round_off_is_told_of_a_pass_too() -> None:
    whole = documents.varied()
    check = next(c for c in whole["claims"][0]["checks"] if c["verdict"] == "PASS")
    check["warnings"] = ["round-off rules from point 7 on; those values are left out", "a trifle"]
    text = printed(whole, 200)
    assert f"note {check['id']}: round-off rules from point 7 on" in text
    assert "trifle" not in text


def test_markdown(varied: Values) -> None:
    text = markdown(varied)
    assert text.startswith("**In 20 of 26 checks of 4 claims")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(varied["claims"])
    assert all(row.replace(r"\|", "").count("|") == 7 for row in rows)
    assert "<script>alert" not in text.replace("`claims/<script>.py`", "")
    assert "**FAIL** `averages/means/too-good-a-rate[n][beta=1]`" in text


def test_markdown_of_nothing() -> None:
    assert "Nothing was judged" in markdown(documents.empty())


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ((1, 0, 0, 0, 1, 1), "The simulation agrees with the theorem in the one check that was "
         "made of 1 claim. The one falsifier is killed."),
        ((3, 0, 0, 0, 2, 2), "The simulations agree with the theorems in every one of 3 checks of "
         "1 claim. All 2 falsifiers are killed."),
        ((0, 1, 0, 0, 0, 0), "The one check of 1 claim contradicts the theorem. No falsifier was "
         "run."),
        ((0, 0, 1, 0, 0, 1), "The one check of 1 claim is undecided. The one falsifier is not "
         "killed."),
        ((0, 0, 0, 1, 0, 2), "The one check of 1 claim could not be run. 0 of 2 falsifiers are "
         "killed."),
        ((1, 2, 1, 0, 1, 3), "In 1 of 4 checks of 1 claim the simulation agrees with the theorem; "
         "2 contradict it and 1 is undecided. 1 of 3 falsifiers is killed."),
    ],
)  # fmt: skip
def test_headline(counts: tuple[int, ...], sentence: str) -> None:
    names = ("pass", "fail", "inconclusive", "error", "killed", "falsifiers")
    whole = {"summary": dict(zip(names, counts, strict=True)), "errors": [],
             "claims": [{"checks": [1]}]}  # fmt: skip
    assert headline(whole) == sentence


def test_honesty_counts_the_decided_checks() -> None:
    summary = {"pass": 90, "fail": 5, "inconclusive": 5, "error": 7}
    text = honesty({"summary": summary, "alpha": 0.01})
    assert "100 checks" in text
    assert "allows 1 false verdicts on average" in text
    assert "63 %" in text  # 1 - 0.99^100
    assert "at most 1 %" in honesty({"summary": dict.fromkeys(summary, 0), "alpha": 0.01})


def test_honesty_leaves_out_what_is_exact() -> None:
    summary = {"pass": 9, "fail": 0, "inconclusive": 1, "error": 0}
    family = {"judged": 4, "decided": 3, "stand": 3, "allowed": 0.04}
    text = honesty({"summary": {**summary, "family": family}, "alpha": 0.01})
    assert "Over the 4 checks of sampled data judged here this allows 0.04 false verdicts" in text
    only = honesty({"summary": {**summary, "family": {**family, "judged": 0}}, "alpha": 0.01})
    assert "Over the" not in only


def test_prose_sets_minus_signs_and_leaves_names_alone() -> None:
    assert prose("Exponent -0.5 (-inf, inf), claimed -1; see two-layer x-1") == (
        "Exponent −0.5 (−∞, ∞), claimed −1; see two-layer x-1"
    )
    assert prose("info at -inf") == "info at −∞"
    assert prose("Ratio inf [2.000, inf)") == "Ratio ∞ [2.000, ∞)"


def test_prose_leaves_ids_alone() -> None:
    words = "inf: inf/mc[inf,c=-1]#0, inf, inf.py; only data='times' may hold inf"
    assert prose(words) == words


def test_labels_and_relations_are_words() -> None:
    check = {"label": "deep_net-faster-than-ridge", "quantity": "deep_net", "kind": "faster",
             "quantities": ["deep_net", "ridge"], "axis": "n"}  # fmt: skip
    assert label(check) == "deep net faster than ridge"
    assert label({"label": "rank-r risk", "quantity": "risk"}) == "rank-r risk"
    assert relation(check) == ("deep net", "beats ridge by at least the factor", "")
    for kind in ("rate", "at most", "at least", "flat", "decay", "agrees", "below", "additive"):
        assert all(isinstance(part, str) for part in relation({**check, "kind": kind}))
