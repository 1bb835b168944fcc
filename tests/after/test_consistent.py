"""Words of a row against its numbers: what `judge` says of rivals is what an audit expects."""

import copy

import pytest

from ratecheck.after.consistent import contradictions
from ratecheck.claim.catalogue import load
from ratecheck.engine.plan import CheckItem, Settings, plan
from ratecheck.engine.run import Run
from ratecheck.report.results import row_of

BENT = {"sigma * (draws": "sigma * (1 + 10 * n**-0.5) ** 0.5 * (draws"}


def judged(path):
    """The row of the file's one check, and its item."""
    (item,) = [i for i in plan([load(path)], Settings()) if isinstance(i, CheckItem)]
    with Run([item], Settings(workers=0, store=None)) as run:
        (result,) = run.all()
    return row_of(result), item


@pytest.mark.parametrize(
    ("formula", "rival", "more", "excluded"),
    [("n**(-1.7)", "1/n", BENT, False), ("1/n", "n**(-2)", {}, True)],
)
def test_what_is_said_of_rivals_follows(claim_file, formula, rival, more, excluded):
    """Data outside of a rival's exponent exclude it where they do not bend towards it."""
    claimed = {'"1/n", margin=0.25': f'"{formula}", margin=0.1, rivals={{"rival": "{rival}"}}'}
    row, item = judged(claim_file(replace={**more, **claimed, "replicates=256": "replicates=4096"}))
    low, high = row["interval"]
    assert not low <= row["rivals"][0]["predicted"] <= high
    assert row["rivals"][0]["excluded"] == excluded
    assert list(contradictions(row, item)) == []


def test_a_pass_that_does_not_exclude_what_it_denies_is_a_contradiction(claim_file):
    claimed = {"margin=0.25": 'margin=0.25, rivals={"rival": "n**(-2)"}'}
    row, item = judged(claim_file(replace=claimed))
    assert row["verdict"] == "PASS"
    for change in ({"excluded": False}, {"separable": False}):
        forged = copy.deepcopy(row)
        forged["rivals"][0] |= change
        assert any("rivals[rival]" in said for said in contradictions(forged, item))
    forged = copy.deepcopy(row)
    forged["rivals"][0]["predicted"] = row["measured"]
    assert any("rivals[rival]" in said for said in contradictions(forged, item))
