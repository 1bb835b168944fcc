"""A part of a run: its checks with their falsifiers, and what stands of the whole run."""

from __future__ import annotations

import pytest

from ratecheck.errors import RequestError
from ratecheck.report.page import render
from ratecheck.report.selected import selected
from ratecheck.report.wording import headline, honesty
from tests.report.documents import varied


def test_a_part_has_its_checks_and_their_falsifiers():
    whole = varied()
    first = whole["claims"][0]["checks"][0]["id"]
    part = selected(whole, [first])
    assert [check["id"] for claim in part["claims"] for check in claim["checks"]] == [first]
    assert {one["kills"] for claim in part["claims"] for one in claim["falsifiers"]} <= {first}
    counted = sum(part["summary"][v] for v in ("pass", "fail", "inconclusive", "error"))
    assert counted == 1
    assert headline(part).startswith("1 of ")
    assert "of a run is shown." in headline(part)
    assert honesty(part) == honesty(whole)  # which checks are looked at changes no error rate
    assert "of a run is shown." in render(part, valid=True)


def test_all_of_it_is_the_whole():
    whole = varied()
    part = selected(whole, [claim["id"] for claim in whole["claims"] if claim["checks"]])
    assert part["summary"] == whole["summary"]


def test_what_is_not_there_is_refused():
    with pytest.raises(RequestError, match="no check with the words 'so called'"):
        selected(varied(), [], ["so", "called"])
