"""Whether verdicts hold over other seeds: ``python -m tests.seeds [CLAIM]`` (or ``make seeds``).

Every seed is another, independent run at quick effort. What has been seen of a claim is kept in
``reports/seeds.json`` until its simulation, its replicates or a question change, so the table may
be filled bit by bit; Ctrl-C loses the seeds that are being run.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from ratecheck.claim.catalogue import Entry
from ratecheck.engine.fingerprint import fingerprint
from ratecheck.engine.judged import asked_of
from ratecheck.engine.plan import CheckItem, Settings, plan
from ratecheck.report.files import write_text
from ratecheck.report.seeds import SCHEMA, differing, read_seeds
from tests.judged import BAD, ROOT, catalogue, judged
from tests.preloaded import CONTEXT

OUT = ROOT / "reports" / "seeds.json"
Seen = dict[str, Any]


def begun(entries: Iterable[Entry], before: Mapping[str, Seen]) -> dict[str, Seen]:
    """What is known of every claim as it stands; what was seen of another version is dropped."""
    known = {}
    for entry in entries:
        items = plan([entry], Settings(store=None))
        checks = sum(isinstance(item, CheckItem) for item in items)
        codes = [fingerprint(entry, experiment) for experiment in entry.claim.experiments]
        most = [dict(one.replicates) for one in entry.claim.experiments.values()]
        asked = asked_of({"fingerprints": codes, "most": most}, [item.asked for item in items])
        old = before.get(entry.id, {})
        same = asked is not None and old.get("asked") == asked
        known[entry.id] = {
            "asked": asked, "fingerprints": sorted(codes), "checks": checks,
            "falsifiers": len(items) - checks, "seeds": old["seeds"] if same else {},
        }  # fmt: skip
    return known


def main() -> int:
    """Run what is missing, print the table; 1 if a check failed on some seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.seeds", description=__doc__)
    parser.add_argument("claims", nargs="*", help="claims by name; all")
    parser.add_argument("-n", "--seeds", type=int, default=20, help="seeds 1 to N; 0: only show")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="so many at a time")
    parser.add_argument("--out", type=Path, default=OUT, help="where the table is kept")
    asked = parser.parse_args()
    entries = catalogue(parser, asked.claims)
    known = begun(entries.values(), (read_seeds(asked.out) or {"claims": {}})["claims"])
    missing = [
        (name, seed)
        for name in asked.claims or known
        for seed in range(1, asked.seeds + 1)
        if str(seed) not in known[name]["seeds"]
    ]
    with ProcessPoolExecutor(asked.jobs, CONTEXT) as pool:
        futures = {
            pool.submit(judged, entries[name].path, seed=seed): (name, seed)
            for name, seed in missing
        }
        try:
            for future in as_completed(futures):
                name, seed = futures[future]
                seconds, _, found = future.result()
                others = {item: outcome for item, (outcome, _) in found.items()}
                known[name]["seeds"][str(seed)] = others
                print(f"{name}, seed {seed}: {seconds:.0f} s; {others or 'all hold'}", flush=True)
                _keep(known, asked.out)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
    _keep(known, asked.out)
    return _table(known)


def _keep(known: Mapping[str, Seen], out: Path) -> None:
    run = {
        name: seen | {"seeds": dict(sorted(seen["seeds"].items(), key=lambda one: int(one[0])))}
        for name, seen in known.items()
        if seen["seeds"]
    }
    document = {"schema": SCHEMA, "effort": "quick", "claims": run}
    write_text(json.dumps(document, indent=1) + "\n", out, "--out")


def _table(known: Mapping[str, Seen]) -> int:
    """A line for every claim that was run, and each item that did not hold; 1 if one failed."""
    failed = False
    for name, seen in known.items():
        if seen["seeds"]:
            others, items = differing(seen), seen["checks"] + seen["falsifiers"]
            print(f"{name:32} {len(seen['seeds']):3} seeds: {items - len(others)} of {items} hold")
            for item, outcomes in others:
                failed |= any(bad in outcomes for bad in BAD)
                print(f"    {item}: {outcomes}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
