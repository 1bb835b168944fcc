"""A whole run: ``python -m tests.faults.driver FOLDER WORKERS STORE [jump] [unix-none]``.

Reads the claims of a folder, simulates into a store, writes its results, says when it is done.
With ``jump`` the clock of this process leaps back and forth by years; with ``unix-none``, a file
system of SQLite, its store is as on a disk without shared memory and locks. Says how many blocks
came, and how many of them this process computed itself (where it has no workers).
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
from pathlib import Path

from ratecheck.claim.catalogue import load_all
from ratecheck.engine import store as store_module
from ratecheck.engine.blocks import Block
from ratecheck.engine.executors import Serial
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.provenance import provenance
from ratecheck.engine.run import Run
from ratecheck.errors import RatecheckError
from ratecheck.report.publish import publish
from ratecheck.report.results import document


def main(folder: Path, workers: int, store: Path) -> None:
    """Judge every claim of the folder."""
    settings = Settings(workers=workers, store=store)
    entries, failures = load_all([folder / "claims"])
    items = plan(entries, settings)
    print("started", flush=True)
    simulated: list[None] = []
    computed: list[Block] = []
    submit = Serial.submit

    def counted(self: Serial, block: Block) -> None:
        computed.append(block)
        submit(self, block)

    Serial.submit = counted  # type: ignore[method-assign]
    with Run(items, settings, lambda: simulated.append(None)) as run:
        results = run.all()
        machine = provenance(settings, workers, time.time(), 0.0)
        whole = document(entries, failures, results, settings, machine, run.notes,
                         certificate=run.certificate())  # fmt: skip
    publish(whole, folder / "report")
    print(
        json.dumps({"notes": run.notes, "simulated": len(simulated), "computed": len(computed)}),
        flush=True,
    )


if __name__ == "__main__":
    if "jump" in sys.argv:
        time.time = lambda: random.uniform(0, 4e9)
    if "unix-none" in sys.argv:
        store_module._connected = lambda place, uri=False: sqlite3.connect(
            f"{place if uri else f'file:{place}?mode=rwc'}&vfs=unix-none", uri=True
        )
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
    except RatecheckError as error:
        sys.exit(f"ratecheck: {error}")
