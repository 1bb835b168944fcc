"""A simulation that reads a clock: the store keeps its numbers, and nobody asks for them again."""

import json

import pytest

from ratecheck.after.replay import replay
from ratecheck.claim.catalogue import load_all
from ratecheck.engine.plan import Settings
from ratecheck.errors import ClaimError
from tests.after.conftest import audited, read, results_of
from tests.claim.test_claim import declare

CLOCK = '''"""A clock."""
from ratecheck import Axis, Claim, Falsifier, Rate
claim = Claim(title="A clock", source="Nobody, Section 1", statement="t", not_shown=["more"])
@claim.experiment(Axis.geometric("n", quick=(16, 512)), data="measured", replay=False,
    checks=[Rate("t", "n", margin=0.25, fails=[Falsifier("nothing", quantity="flat")])],
    real=["a clock"], proxied=[])
def reads_it(n):
    """Three readings, whose last digits no run repeats."""
    import time
    readings = [1 + 1e-3 * (time.perf_counter_ns() % 1009) / 1009 for _ in range(3)]
    return {"t": [n * r for r in readings], "flat": readings}
'''


@pytest.fixture
def clock(tmp_path):
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "clock.py").write_text(CLOCK)
    (tmp_path / "results.json").write_text(json.dumps(results_of(tmp_path)))
    return tmp_path


def test_an_audit_names_a_clock_and_does_not_ask_it_again(clock):
    whole = read(clock)
    [check] = whole["claims"][0]["checks"]
    assert check["verdict"] == "PASS"
    assert check["random"]
    found = audited(clock, whole)
    assert found.clean
    assert (found.blocks, found.simulated, found.clocks) == (6, 0, 6)
    assert "clock/reads_it: a clock: not replayed" in found.notes
    assert "all but 6 that read a clock" in str(found)


def test_a_run_goes_on_from_what_was_measured(clock):
    """The store is not asked to prove what cannot be repeated."""
    again = results_of(clock)
    assert again["claims"][0]["checks"] == read(clock)["claims"][0]["checks"]


def test_a_replayed_block_is_said_to_be_of_a_clock(clock):
    entries, _ = load_all([clock / "claims"])
    settings = Settings(workers=0, store=clock / "store.sqlite")
    assert replay("clock/reads_it[n=64]#0", entries, settings).stored == "clock"


def test_replay_is_a_yes_or_a_no():
    with pytest.raises(ClaimError, match="replay: is 'never'; write replay=False for a clock"):
        declare(replay="never")
