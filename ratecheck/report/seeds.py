"""Other seeds: how many verdicts of the claims held there, and which did not.

The document is the one that ``make seeds`` writes. Claims that were simulated otherwise in the run
that a page shows are left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ratecheck.errors import RequestError
from ratecheck.report.notation import number, plural

SCHEMA = "ratecheck/seeds/1"
HELD = ("PASS", "KILLED")
Seeds = Mapping[str, Any]


def read_seeds(path: Path) -> Seeds | None:
    """What was seen over other seeds, or None where there is no such file.

    Raises
    ------
    RequestError
        If the file cannot be read or holds something else.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        document = None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise RequestError(f"{path} is no table of seeds; delete it or write it with make seeds")
    return document


def view(document: Seeds, results: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the page of results shows: a sentence, and each item that did not hold everywhere.

    None where no claim was run as it was simulated there.
    """
    codes: dict[str, set[str]] = {}
    for series in results.get("certificate", {}).get("series", ()):
        codes.setdefault(series["claim"], set()).add(series["fingerprint"])
    known = {
        name: seen for name, seen in document["claims"].items()
        if seen["seeds"] and codes.get(name) == set(seen["fingerprints"])
    }  # fmt: skip
    if not known:
        return None
    counts = {len(seen["seeds"]) for seen in known.values()}
    exceptions = [one for seen in known.values() for one in differing(seen)]
    items = sum(seen["checks"] + seen["falsifiers"] for seen in known.values())
    seeds = f"{'up to ' * (len(counts) > 1)}{plural(max(counts), 'other seed')}"
    return {
        "sentence": f"Of {plural(len(known), 'claim')} that were run on {seeds}, "
        f"{number(items - len(exceptions))} of {number(items)} checks and falsifiers hold on "
        "each of them.",
        "exceptions": exceptions,
    }


def differing(seen: Seeds) -> list[tuple[str, str]]:
    """Each item of a claim that did not hold on every seed, with what it was there."""
    others: dict[str, list[str]] = {}
    for seed, items in seen["seeds"].items():
        for item, outcome in items.items():
            others.setdefault(item, []).append(f"{outcome} at seed {seed}")
    of = len(seen["seeds"])
    return [
        (item, f"{of - len(outcomes)} of {of}; {', '.join(outcomes)}")
        for item, outcomes in others.items()
    ]
