"""The queue: a series asks for its blocks as there is room, however many they are."""

import pytest

from ratecheck.claim.catalogue import load
from ratecheck.engine import run as module
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from tests.engine.test_run import answers, simulated

SMALL = {"replicates=256": "replicates=96, block=16"}


def judged(path, fixed, store=None):
    """The results, and how long the queue was at most."""
    settings, lengths = Settings(workers=0, store=store, fixed=fixed), []
    with Run(
        plan([load(path)], settings), settings, lambda: lengths.append(len(run._queue))
    ) as run:
        return run.all(), max(lengths, default=0)


@pytest.mark.parametrize("fixed", [True, False])
def test_a_short_queue_changes_no_number(claim_file, monkeypatch, tmp_path, fixed):
    path, store = claim_file(replace=SMALL), tmp_path / "s.sqlite"
    expected, longest = judged(path, fixed)
    monkeypatch.setattr(module, "_QUEUED", 3)
    seen = simulated(monkeypatch)
    found, short = judged(path, fixed, store)
    assert answers(found) == answers(expected)
    assert short < 6 <= longest if fixed else short <= longest
    assert len(seen) == len(set(seen))
    seen.clear()
    assert answers(judged(path, fixed, store)[0]) == answers(expected)
    assert not seen


def test_a_series_that_failed_asks_for_nothing_more(claim_file, monkeypatch):
    broken = {**SMALL, "import torch\n": "import torch\n    assert n < 100, 'broken'\n"}
    path = claim_file(replace=broken)
    monkeypatch.setattr(module, "_QUEUED", 3)
    seen = simulated(monkeypatch)
    results, _ = judged(path, fixed=True)
    assert {result.answer.outcome for result in results} == {"ERROR"}
    assert len(seen) == 1
