"""Other seeds: how many verdicts of the catalogue held there, and which did not.

The document is the one that ``make seeds`` writes. A claim that has changed since is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ratecheck.errors import RequestError
from ratecheck.report.notation import plural

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


def lines(claims: Mapping[str, Seeds]) -> Iterator[str]:
    """A line for each claim that was run on other seeds, with each item that did not hold."""
    for name, seen in claims.items():
        seeds = seen["seeds"]
        if not seeds:
            continue
        others: dict[str, list[str]] = {}
        for seed, items in seeds.items():
            for item, outcome in items.items():
                others.setdefault(item, []).append(f"{outcome} at {seed}")
        items = seen["checks"] + seen["falsifiers"]
        yield f"{name}: {plural(len(seeds), 'seed')}, {items - len(others)} of {items} hold on all"
        for item, outcomes in others.items():
            yield f"    {item}: {len(seeds) - len(outcomes)} of {len(seeds)}: {', '.join(outcomes)}"
