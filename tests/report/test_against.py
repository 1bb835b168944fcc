from __future__ import annotations

import copy
from typing import Any

from ratecheck.report.against import compare, text
from ratecheck.report.page import render

from . import documents

Values = dict[str, Any]


def test_a_run_is_the_same_as_itself(varied: Values) -> None:
    same = compare(varied, varied)
    assert same.verdicts == same.moved == same.falsifiers == same.appeared == same.vanished == ()
    assert same.same == 26
    assert same.identical == 25  # the check in error has no number
    assert same.sentence.startswith("No verdict changed, no measured value moved")


def test_changes_are_found(varied: Values) -> None:
    result = compare(varied, documents.changed(varied))
    assert [c.id for c in result.verdicts] == ["averages/means/risk[n][beta=1]"]
    assert [c.id for c in result.moved] == ["averages/means/too-good-a-rate[n][beta=1]"]
    assert result.moved[0].apart
    assert result.appeared == ("averages/means/slower-bound[m]",)
    assert result.vanished == ("equalities/curves/within[d]",)
    assert [f[1:] for f in result.falsifiers] == [("KILLED", "SURVIVED")]
    assert result.seconds == (varied["provenance"]["seconds"], 100.0)


def test_changes_are_told_in_text_and_on_the_page(varied: Values) -> None:
    later = documents.changed(varied)
    told = text(compare(varied, later))
    assert "PASS -> FAIL" in told
    assert "moved from −0.9" in told
    assert "slower-bound[m]: new" in told
    assert "within[d]: no longer there" in told
    page = render(later, varied)
    section = page[page.index('id="against"') :]
    section = section[: section.index("</section>")]
    assert "1 verdict changed" in section
    assert "is no longer there" in section
    assert 'id="against"' not in render(later)


def test_intervals_that_touch_have_not_moved(varied: Values) -> None:
    later = copy.deepcopy(varied)
    check = later["claims"][0]["checks"][0]
    low, high = check["interval"]
    check |= {"measured": high + 0.01, "interval": [high, 2 * high - low]}
    assert compare(varied, later).moved == ()
    check["interval"] = [None, high + 1]
    assert compare(varied, later).moved == ()
