"""Numbers of people who check convergence, from public threads: each gets its right answer.

The changed table and the changed package of the same origin are in `tests.engine.test_reads`.
"""

from pathlib import Path

import pytest

from ratecheck.claim.catalogue import files, load
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.results import CheckResult
from ratecheck.engine.run import Run

CLAIMS = Path(__file__).parent / "claims"
PASS, FAIL, OPEN = {"PASS"}, {"FAIL"}, {"INCONCLUSIVE"}
NOT_PASS, NOT_FAIL = FAIL | OPEN, PASS | OPEN
ANSWERS = {
    "declared_floor": (NOT_FAIL, OPEN),
    "declared_reference": (PASS, NOT_PASS),
    "fem_h1": (PASS, FAIL),
    "fem_l2": (PASS, FAIL),
    "fem_order_2_5": (PASS, FAIL),
    "fem_settling": (PASS, FAIL),
    "float32_floor": (NOT_FAIL, NOT_PASS),
    "floor_display": (PASS, NOT_PASS),
    "h_axis_heat": (PASS, FAIL),
    "h_axis_pass": (NOT_FAIL, NOT_PASS),
    "h_axis_round_off": (PASS, FAIL),
    "reference_too_coarse": (NOT_FAIL, NOT_PASS),
    "round_off_grows": (OPEN, OPEN),
    "same_everywhere": (FAIL, PASS),
    "uneven_interval": (PASS, FAIL),
}


def judged(name):
    """Results of a claim's checks by label, and its kills."""
    settings = Settings(workers=0, store=None)
    with Run(plan([load(CLAIMS / f"{name}.py")], settings), settings) as run:
        results = run.all()
    checks = [one for one in results if isinstance(one, CheckResult)]
    verdicts = {(one.item.experiment.name, one.item.check.label): one.verdict for one in checks}
    return verdicts, [one.kill for one in results if not isinstance(one, CheckResult)]


@pytest.mark.parametrize("name", ANSWERS)
def test_the_right_answer(name):
    verdicts, kills = judged(name)
    for (_, label), verdict in verdicts.items():
        allowed = ANSWERS[name][("first", "second").index(label)]
        assert verdict.outcome in allowed, verdict.sentence
        assert not verdict.needed  # more replicates of an exact number are the same number
        low, high = verdict.interval or (None, None)
        beyond = (low is not None and low > verdict.predicted + verdict.margin) or (
            high is not None and high < verdict.predicted - verdict.margin
        )
        assert beyond == (verdict.outcome == "FAIL"), verdict.sentence
    assert [kill.outcome for kill in kills] == ["KILLED"]


def test_every_claim_has_its_answer():
    assert {path.stem for path in files([CLAIMS])} == {*ANSWERS, "sobol"}


@pytest.mark.parametrize(
    ("name", "label", "words"),
    [
        ("float32_floor", "first", "From N = 256 (5.56e-06) on a floor rules: shorten the grid"),
        ("declared_floor", "first", "Above the floor nothing has settled: begin the grid earlier"),
        ("reference_too_coarse", "first", "a reference that is too coarse does that (refine it,"),
        ("round_off_grows", "first", "nothing but round-off, which grows"),
        ("same_everywhere", "first", "one and the same value at every point"),
    ],
)
def test_floors_are_named_and_the_grid_is_to_be_shortened(name, label, words):
    sentence = judged(name)[0]["table", label].sentence
    assert words in sentence
    assert "longer grid" not in sentence


def test_the_printed_exponent_is_that_of_the_numbers():
    """A constant has exponent 0, whatever the formula; what passes is off by nothing."""
    verdicts, (constant,) = judged("floor_display")
    first = verdicts["table", "first"]
    assert abs(constant.measured) < 1e-12
    last = first.local[-1].exponent
    assert first.measured == pytest.approx(last, abs=1e-12)
    assert first.predicted == pytest.approx(last, abs=1e-12)
    assert "both at the last step: off by 0.000 [-0.00" in first.sentence


@pytest.mark.slow
def test_scrambled_points():
    """Owen 1997: n^-3 at powers of two; no theorem at other n, where it is n^-2."""
    verdicts, kills = judged("sobol")
    assert verdicts["powers", "fast"].outcome in NOT_FAIL
    assert verdicts["powers", "slow"].outcome in NOT_PASS
    assert verdicts["others", "slow"].outcome == "PASS"
    assert all(kill.outcome == "KILLED" for kill in kills)
    for verdict in verdicts.values():
        used = max(point.replicates for point in verdict.points)
        assert not verdict.needed or verdict.needed >= 2 * used
