"""A published run, to be audited and tampered with."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ratecheck.after.audit import audit
from ratecheck.claim.catalogue import load_all
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.provenance import provenance
from ratecheck.engine.run import Run
from ratecheck.report.results import document
from tests.conftest import CLAIM

BROKEN = "from ratecheck import Claim\n"
SMALL = {
    "quick=(16, 256)": "quick=(16, 128)",
    "replicates=256": "replicates=48",
    "margin=0.25,": 'margin=0.6, rivals={"fast": "n**-2", "slow": "1"},',
    '    free={"sigma": 1.0},': '    cases=[{"sigma": 1.0}, {"sigma": 2.0}],',
}
FAILING = "    assert n != 64\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with two claims, a broken file, a store, and the results of a run."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "claims").mkdir()
    text = CLAIM
    for old, new in SMALL.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "claims" / "half.py").write_text(text)
    error = text.replace("    import torch\n", "    import torch\n" + FAILING)
    (folder / "claims" / "failing.py").write_text(error)
    (folder / "claims" / "broken.py").write_text(BROKEN)
    (folder / "results.json").write_text(json.dumps(results_of(folder)))
    shutil.copy(folder / "store.sqlite", folder / "pristine.sqlite")
    return folder


def results_of(folder, override=None, **changes):
    settings = replace(Settings(workers=0, store=folder / "store.sqlite"), **changes)
    entries, failures = load_all([folder / "claims"])
    with Run(plan(entries, settings, override), settings) as run:
        return document(entries, failures, run.all(), settings, provenance(settings, 0, 0.0, 1.5),
                        ["a note"], override=override, certificate=run.certificate())  # fmt: skip


def audited(folder, whole, **changes):
    entries, failures = load_all([folder / "claims"])
    options = {"store": folder / "store.sqlite", "workers": 0, "catch": 0.3, **changes}
    return audit(whole, entries, failures, **options)


def read(folder):
    return json.loads((folder / "results.json").read_text())


@pytest.fixture
def copied(published, tmp_path):
    """The published folder, to be tampered with."""
    copy = Path(shutil.copytree(published, tmp_path / "copy"))
    for path in copy.glob("store.*"):  # audits of forged results have added blocks
        path.unlink()
    (copy / "pristine.sqlite").rename(copy / "store.sqlite")
    return copy
