"""What held over other seeds, on the page and between two fillings of the table."""

from __future__ import annotations

import json

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.errors import RequestError
from ratecheck.report.page import render
from ratecheck.report.publish import read_beside
from ratecheck.report.seeds import SCHEMA, view
from tests.conftest import CLAIM
from tests.report import documents
from tests.seeds import begun

ITEM = "half/mean/risk[n]"


def table(**seeds):
    claims = {
        "half": {"fingerprints": ["a", "b"], "checks": 2, "falsifiers": 1, "seeds": seeds},
        "old": {"fingerprints": ["c"], "checks": 9, "falsifiers": 9, "seeds": {"1": {}}},
    }
    return {"schema": SCHEMA, "claims": claims}


def results(*fingerprints):
    series = [{"claim": "half", "fingerprint": one} for one in fingerprints]
    return {"certificate": {"series": series}}


def test_an_item_is_named_with_the_seeds_on_which_it_did_not_hold():
    seen = view(table(**{"1": {}, "2": {ITEM: "INCONCLUSIVE"}, "3": {}}), results("a", "b", "a"))
    assert "on 3 other seeds, 2 of 3 checks" in seen["sentence"]
    assert seen["exceptions"] == [(ITEM, "2 of 3; INCONCLUSIVE at seed 2")]


@pytest.mark.parametrize("codes", [(), ("a",), ("a", "b", "c")])
def test_nothing_is_said_of_a_claim_that_was_simulated_otherwise(codes):
    assert view(table(**{"1": {}}), results(*codes)) is None
    assert view(table(), results("a", "b")) is None


def test_the_page_has_a_section_of_them_where_there_are_some():
    whole = documents.empty()
    row = {"claim": "half", "experiment": "mean", "axis": "n", "points": [1.0], "params": {},
           "size": 1, "blocks": [1], "digests": ["0"]}  # fmt: skip
    whole["certificate"] = {"items": [], "seals": {}, "series": [
        row | {"fingerprint": one} for one in "ab"
    ]}  # fmt: skip
    page = render(whole, seen=table(**{"1": {ITEM: "FAIL"}}))
    assert 'id="seeds"' in page
    assert "0 of 1; FAIL at seed 1" in page
    assert 'id="seeds"' not in render(documents.empty(), seen=table(**{"1": {}}))


def test_what_is_no_table_is_a_sentence(tmp_path):
    assert read_beside(tmp_path) == (None, None)
    for text in ("[]", "{", json.dumps({"schema": "other"})):
        (tmp_path / "seeds.json").write_text(text)
        with pytest.raises(RequestError, match="is no table of seeds"):
            read_beside(tmp_path)


def test_what_was_seen_is_kept_until_the_claim_changes(tmp_path):
    file = tmp_path / "half.py"
    file.write_text(CLAIM)
    known = begun([load(file)], {})
    known["half"]["seeds"]["1"] = {}
    assert begun([load(file)], known)["half"]["seeds"] == {"1": {}}
    for old, new in (("margin=0.25", "margin=0.2"), ("error**2", "2 * error**2")):
        assert CLAIM.count(old)
        other = tmp_path / f"changed{len(new)}"
        other.mkdir()
        (other / "half.py").write_text(CLAIM.replace(old, new))
        assert begun([load(other / "half.py")], known)["half"]["seeds"] == {}
