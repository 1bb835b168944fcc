"""A small real run, frozen: what the tests of the report are made from.

The claims beside have every kind of check, every form of data, every verdict, every outcome of a
falsifier, a file that does not load, and texts that would do harm if they were markup. After a
change of the results document, make the frozen run anew with::

    python -m tests.report.gallery
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

CLAIMS = Path(__file__).with_name("claims")
FROZEN = Path(__file__).with_name("results.json")


def make() -> dict[str, Any]:
    """Run the claims beside, as ``ratecheck check`` would, and describe the run."""
    from ratecheck.claim.catalogue import load_all
    from ratecheck.engine.plan import Settings, plan
    from ratecheck.engine.provenance import provenance
    from ratecheck.engine.run import Run
    from ratecheck.report.results import document

    settings, started = Settings(workers=0, store=None), time.time()
    entries, failures = load_all([CLAIMS])
    with Run(plan(entries, settings), settings) as run:
        results = run.all()
    known = provenance(settings, 0, started, time.time() - started)
    return document(entries, failures, results, settings, known)


def write() -> None:
    """Freeze the run of today, a claim a line."""
    whole = make()
    claims = whole.pop("claims")
    head = json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False)[:-2]
    rows = (json.dumps(claim, ensure_ascii=False, allow_nan=False) for claim in claims)
    body = ",\n".join(rows)
    FROZEN.write_text(f'{head},\n "claims": [\n{body}\n ]\n}}\n', encoding="utf-8")
