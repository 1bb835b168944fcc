"""The audit on another machine: every number at its noise, nothing invented gets through."""

from __future__ import annotations

import copy
import random

import pytest

from ratecheck.after import elsewhere
from ratecheck.after.compared import compared, context_of, near_margin
from ratecheck.after.published import left_out, missing, rows_of
from ratecheck.claim.catalogue import load_all
from ratecheck.engine.blocks import Block
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.provenance import provenance
from ratecheck.engine.run import Run
from ratecheck.errors import RequestError
from ratecheck.report.results import document, seals, summary
from tests.after.conftest import SMALL, audited, read
from tests.after.forgery import CLOCK, all_leaves, far, forged, shown
from tests.conftest import CLAIM

ELSEWHERE = {"device_name": "an abacus"}
EXACT = '''"""A midpoint rule."""
from ratecheck import Axis, Claim, Falsifier, Rate
claim = Claim(title="Midpoints", source="Nobody, Section 1", statement="t", not_shown=["more"])
@claim.experiment(Axis.geometric("n", quick=(16, 512)), data="exact",
    checks=[Rate("e", "n**-2", margin=0.1, rivals={"slow": "1/n"},
                 fails=[Falsifier("no midpoint", quantity="left")])],
    real=["all"], proxied=[])
def rule(n):
    """Errors of the integral of exp over (0, 1)."""
    import math
    true = math.e - 1
    rule = lambda at: abs(sum(math.exp((i + at) / n) for i in range(n)) / n - true)
    return {"e": rule(0.5), "left": rule(0.0)}
'''


class Here:
    """A run of a folder's claims, as an audit elsewhere derives it."""

    def __init__(self, folder, seed=0, **changes):
        self.entries, self.failures = load_all([folder / "claims"])
        settings = Settings(workers=0, store=None, **changes)
        self.items = plan(self.entries, settings)
        moved = Block.entropy.fget
        patch = pytest.MonkeyPatch()
        patch.setattr(Block, "entropy", property(lambda block: moved(block) + seed))
        with patch.context(), Run(self.items, settings) as run:
            told = provenance(settings, 0, 0.0, 1.5)
            self.document = document(self.entries, self.failures, run.all(), settings, told,
                                     certificate=run.certificate())  # fmt: skip
            numbers = elsewhere.numbers_in(self.document["claims"])
            self.series = [elsewhere.Elsewhere(one, numbers) for one in run.samplings]
        patch.undo()

    def told(self, whole):
        """What the audit of other results says of these numbers: differences and notes."""
        whole = copy.deepcopy(whole)
        whole["provenance"] |= ELSEWHERE
        context = context_of(whole, self.document, self.series)
        lines = [
            *left_out(whole, self.items, self.entries, self.failures), *missing(whole, self.items),
            *context.differences, *compared(whole, self.document, context),
        ]  # fmt: skip
        return lines, list(near_margin(whole, self.document, lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A claim of random errors and one of exact ones."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "claims").mkdir()
    text = CLAIM
    for old, new in SMALL.items():
        text = text.replace(old, new)
    (folder / "claims" / "half.py").write_text(text.replace("replicates=48", "replicates=128"))
    (folder / "claims" / "rule.py").write_text(EXACT)
    return folder


@pytest.fixture(scope="module")
def foreign(folder):
    """What somebody foreign, with other draws than those here, as chaos makes them."""
    return Here(folder, seed=1).document


@pytest.fixture(scope="module")
def here(folder, pytestconfig):
    """The same on this machine; with fewer resamples than an audit takes, unless all is forged."""
    with pytest.MonkeyPatch.context() as patch:
        if not pytestconfig.getoption("--forge-all"):
            patch.setattr(elsewhere, "MANY", 12)
            patch.setattr(elsewhere, "MOST", 16)
        yield Here(folder)


def test_other_draws_and_other_rounding_are_confirmed(here, foreign):
    row = next(row for row in rows_of(foreign) if row["id"].startswith("half/mean/risk"))
    mine = next(one for one in rows_of(here.document) if one["id"] == row["id"])
    assert row["measured"] != pytest.approx(mine["measured"], rel=1e-6)
    assert here.told(foreign)[0] == []
    rounded = copy.deepcopy(here.document)
    chance = random.Random(0)
    for one in rows_of(rounded):
        for point in one["points"]:
            point["mean"] *= 1 + 1e-7 * chance.uniform(-1, 1)
    for series in rounded["certificate"]["series"]:
        series["digests"] = ["0" * 64 for _ in series["digests"]]
    assert here.told(rounded)[0] == []


UNSEEN = ("digests", "fingerprint")  # bits, which another machine has not


def test_whatever_is_forged_beyond_the_noise_is_caught_elsewhere(here, foreign, pytestconfig):
    """One leaf of each kind (all of them with --forge-all), sealed anew, under another device."""
    places = [
        way for way in all_leaves(foreign)
        if way[0] in ("claims", "certificate", "summary") and CLOCK not in way
        and not set(UNSEEN) & set(way) and not {"looks", "interval"} <= set(way)
    ]  # fmt: skip
    if not pytestconfig.getoption("--forge-all"):
        chance, by_kind = random.Random(0), {}
        for way in places:
            by_kind.setdefault(tuple(s for s in way if isinstance(s, str)), []).append(way)
        places = [chance.choice(ways) for ways in by_kind.values()]
    missed = [shown(way) for way in places if not here.told(forged(foreign, way, far))[0]]
    assert missed == []
    print(f"{len(places)} forged leaves caught")


def test_invented_means_replicates_and_intervals_are_caught(here, foreign):
    def lines(change):
        changed = copy.deepcopy(foreign)
        for row in rows_of(changed):
            if row["id"].startswith("half/"):
                change(row)
        changed["summary"] = summary(changed["claims"], changed["alpha"])
        return here.told(changed)[0]

    def exact_means(row):
        for point in row["points"]:
            point["mean"] = 1 / point["x"]

    def narrow(row):
        row["interval"] = [row["measured"] - 5e-4, row["measured"] + 5e-4]

    assert any(".points" in line for line in lines(exact_means))
    assert any(".interval" in line for line in lines(narrow))
    assert any(".replicates" in line for line in lines(lambda row: row.update(replicates=10**6)))
    turned = {"PASS": "FAIL", "KILLED": "SURVIVED"}

    def turn(row):
        field = "verdict" if "verdict" in row else "outcome"
        row[field] = turned[row[field]]

    assert any(".verdict" in line for line in lines(turn))
    assert any(".outcome" in line for line in lines(turn))


def test_what_a_run_elsewhere_may_say_more_is_listed_as_unchecked(here, foreign):
    listed = foreign["certificate"]["unchecked"]["on another machine"]
    assert "warnings of tails of random data, more than here" in listed
    warned = copy.deepcopy(foreign)
    rows = [row for row in rows_of(warned) if row["id"].startswith("half/") and "warnings" in row]
    for row in rows:
        row["warnings"] += [sign for sign in elsewhere.SIGNS if sign not in row["warnings"]]
    assert here.told(warned)[0] == []
    rows[0]["warnings"].append("nothing of this was ever seen")
    assert here.told(warned)[0]


@pytest.mark.slow
def test_honest_pairs_are_rejected_at_most_at_the_level(folder):
    """Thirty runs with other draws each, at the constants of an audit, of eight items together."""
    ours = Here(folder, seed=1000)
    rejected = [seed for seed in range(30) if ours.told(Here(folder, seed=seed).document)[0]]
    assert len(rejected) <= 2, rejected  # at 1 % more happens in three tries of a thousand


def test_exact_values_are_compared_at_a_stated_tolerance(here):
    def lines(factor):
        changed = copy.deepcopy(here.document)
        row = next(row for row in rows_of(changed) if row["id"].startswith("rule/rule/e"))
        row["points"][0]["mean"] *= factor
        for series in changed["certificate"]["series"]:
            series["digests"] = ["0" * 64 for _ in series["digests"]]
        return here.told(changed)[0]

    assert lines(1 + 5e-7) == []
    [line] = lines(1 + 1e-4)
    assert "points.0.mean" in line


@pytest.mark.parametrize(("end", "width"), [(1 + 4e-16, 0.0), (1 + 1e-9, 1e-9)])
def test_a_width_of_round_off_is_none(end, width):
    """Seen where replicates are equal on one processor, and off by a bit on another."""
    [found] = [
        leaf for place, leaf in elsewhere.leaves_of({"interval": [1.0, end]}, frozenset()).items()
        if place[-1] == "width"
    ]  # fmt: skip
    assert found == pytest.approx(width, rel=1e-6, abs=0)


def test_a_device_that_is_not_here_is_replaced_by_the_processor(copied):
    """The numbers of the store prove nothing then: all is simulated anew."""
    whole = read(copied)
    for device in ("cuda:7", "an abacus"):
        whole["provenance"]["device"] = device
        whole["certificate"]["seals"] = seals(whole)
        found = audited(copied, whole, catch=1.0)
        assert any("simulated on the processor instead" in note for note in found.notes)
        assert not found.exact
        wrong = () if device == "cuda:7" else ("provenance.device: 'an abacus' is none",)
        assert len(found.differences) == len(wrong)
        assert all(map(str.startswith, found.differences, wrong))


def test_results_without_a_certificate_are_refused(foreign, folder):
    whole = copy.deepcopy(foreign)
    del whole["certificate"]
    with pytest.raises(RequestError, match="no certificate"):
        audited(folder, whole)
