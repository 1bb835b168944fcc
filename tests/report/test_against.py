from __future__ import annotations

import copy
from typing import Any

from ratecheck.report import compare, render
from ratecheck.report.against import text

Values = dict[str, Any]


def changed(document: Values) -> Values:
    """A later run: one verdict, one exponent and one falsifier differ; one check is new."""
    later = copy.deepcopy(document)
    checks = later["claims"][0]["checks"]
    checks[0]["verdict"] = "FAIL"
    checks[1] |= {"measured": -0.5, "interval": [-0.52, -0.48]}
    later["claims"][0]["falsifiers"][0] |= {"killed": False, "outcome": "SURVIVED"}
    new = copy.deepcopy(checks[2])
    new["id"] = "ntk_averaged_sgd/trained_network/risk[M]"
    checks.append(new)
    later["claims"][1]["checks"].pop()
    later["provenance"]["seconds"] = 100.0
    return later


def test_a_run_is_the_same_as_itself(varied: Values) -> None:
    same = compare(varied, varied)
    assert same.verdicts == same.moved == same.falsifiers == same.appeared == same.vanished == ()
    assert same.same == 12
    assert same.identical == 11  # the check in error has no number
    assert same.sentence.startswith("No verdict changed, no measured value moved")


def test_changes_are_found(varied: Values) -> None:
    result = compare(varied, changed(varied))
    assert [c.id for c in result.verdicts] == [
        "ntk_averaged_sgd/spectral_model/averaged[T][r=0.5,beta=2]"
    ]
    assert [c.id for c in result.moved] == [
        "ntk_averaged_sgd/spectral_model/averaged[T][r=0.75,beta=1.5]"
    ]
    assert result.moved[0].apart
    assert result.appeared == ("ntk_averaged_sgd/trained_network/risk[M]",)
    assert result.vanished == ("reduced_rank/regression/full[m]",)
    assert [f[1:] for f in result.falsifiers] == [("KILLED", "SURVIVED")]
    assert result.seconds == (412.5, 100.0)


def test_changes_are_told_in_text_and_on_the_page(varied: Values) -> None:
    later = changed(varied)
    told = text(compare(varied, later))
    assert "PASS -> FAIL" in told
    assert "moved from −0.6" in told
    assert "risk[M]: new" in told
    assert "full[m]: no longer there" in told
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
