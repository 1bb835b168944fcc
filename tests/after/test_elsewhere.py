"""The audit on another machine, without the device of the run, and of results without seals."""

from __future__ import annotations

import copy

import pytest

from ratecheck.after import audit as module
from ratecheck.engine.blocks import Block
from ratecheck.engine.provenance import provenance
from ratecheck.errors import RequestError
from ratecheck.report.results import seals, summary
from tests.after.conftest import audited, read, results_of


def test_on_another_machine_verdicts_are_compared(copied, monkeypatch):
    """Another version draws other numbers: the same verdicts and overlapping intervals."""
    from ratecheck.engine import fingerprint

    path = copied / "claims" / "half.py"
    path.write_text(path.read_text().replace("replicates=48", "replicates=1024"))
    whole, published = results_of(copied), copied
    assert whole["summary"]["pass"] == 2
    assert whole["summary"]["killed"] == 2
    monkeypatch.setattr(fingerprint, "_version", lambda name: "0.0")
    original = provenance

    def elsewhere(*arguments):
        return {**original(*arguments), "torch": "0.0", "numpy": "0.0", "numba": "0.0",
                "device_name": "an abacus"}  # fmt: skip

    monkeypatch.setattr(module, "provenance", elsewhere)
    true = Block.entropy.fget
    monkeypatch.setattr(Block, "entropy", property(lambda block: true(block) + 1))
    found = audited(published, whole, store=None)
    assert found.clean, found.differences
    assert not found.exact
    assert "another machine" in str(found)
    assert any("device name" in note and "abacus" in note for note in found.notes)

    def lines(change):
        changed = copy.deepcopy(whole)
        row = next(c for c in changed["claims"] if c["id"] == "half")["checks"][0]
        change(row)
        changed["summary"] = summary(changed["claims"], changed["alpha"])
        changed["certificate"]["seals"] = seals(changed)
        return audited(published, changed, store=None).differences

    [line] = lines(lambda row: row.update(verdict="FAIL"))
    assert ".verdict" in line
    [line] = lines(lambda row: row.update(margin=0.9))
    assert ".margin" in line
    [line] = lines(lambda row: row.update(interval=[-3.0, -2.9]))
    assert "do not overlap" in line


def test_a_device_that_is_not_here_is_replaced_by_the_processor(published):
    whole = read(published)
    whole["provenance"]["device"] = "cuda:7"
    whole["certificate"]["seals"] = seals(whole)
    found = audited(published, whole)
    assert any("simulated on the processor instead" in note for note in found.notes)
    assert not found.exact
    assert found.clean


def test_results_without_a_certificate_are_refused(published):
    whole = read(published)
    del whole["certificate"]
    with pytest.raises(RequestError, match="no certificate"):
        audited(published, whole)
