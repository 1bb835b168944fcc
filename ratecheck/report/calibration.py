"""The calibration on the page: how often verdicts were wrong where the truth was known.

The document is the one that ``ratecheck calibrate`` writes. What it lacks is left out and what it
has besides is not looked at, so that a page can show a calibration of another version.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ratecheck.errors import RequestError
from ratecheck.report.notation import NONE, THIN, number, plural, signed

Calibration = Mapping[str, Any]


def read_calibration(path: Path | str) -> Calibration | None:
    """A calibration document, or None where there is no such file.

    Raises
    ------
    RequestError
        If the file cannot be read or holds something else.
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else f"damaged or no JSON: {error}"
        raise RequestError(
            f"{path} cannot be read ({cause}); write it anew with ratecheck calibrate"
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("cells"), list):
        raise RequestError(f"{path} is no calibration; write it anew with ratecheck calibrate")
    return document


def view(document: Calibration) -> dict[str, Any]:
    """What pages show: a sentence, the worst rates, broken promises, and every rate by cell."""
    cells = [cell for cell in document["cells"] if isinstance(cell, Mapping)]
    promised = [rate for cell in cells for rate in _rates(cell) if rate["promise"] != NONE]
    groups: dict[str, list[dict[str, Any]]] = {}
    for cell in cells:
        shown = {
            "name": str(cell.get("name", "")),
            "held_out": bool(cell.get("held_out")),
            "why": str(cell.get("why") or ""),
            "rates": list(_rates(cell)),
        }
        groups.setdefault(str(cell.get("group") or cell.get("kind") or "cells"), []).append(shown)
    exceptions = [
        {**rate, "cell": f"{name}, {cell['name']}", "why": cell["why"] or ""}
        for name, members in groups.items()
        for cell in members
        for rate in cell["rates"]
        if rate["holds"] is False
    ]
    return {
        "sentence": _sentence(document, cells, promised),
        "worst": _worst(document),
        "promises": len(promised),
        "rates": sum(len(cell["rates"]) for members in groups.values() for cell in members),
        "exceptions": exceptions,
        "reasons": [
            (why, [one for one in exceptions if one["why"] == why])
            for why in dict.fromkeys(one["why"] for one in exceptions)
        ],
        "groups": [
            {
                "name": name,
                "cells": members,
                "count": plural(len(members), "cell"),
                "broken": sum(r["holds"] is False for c in members for r in c["rates"]),
            }
            for name, members in groups.items()
        ],
    }


def _sentence(
    document: Calibration, cells: Sequence[Mapping[str, Any]], promised: Sequence[Any]
) -> str:
    broken = sum(rate["holds"] is False for rate in promised)
    experiments = sum(int(cell.get("experiments") or 0) for cell in cells)
    untold = sum(rate["holds"] is None for rate in promised)
    kept = (
        f"{number(len(promised) - broken - untold)} of {plural(len(promised), 'promise')} on them "
        f"are kept{f', {number(untold)} cannot be told from so few' if untold else ''}"
        if broken or untold
        else f"every one of {plural(len(promised), 'promise')} on them is kept"
    )
    seed = document.get("seed")
    where = "" if seed is None else f" (seed {seed})"
    return (
        f"{plural(experiments, 'experiment')} with a known truth went through the very code that "
        f"judges claims, in {plural(len(cells), 'cell')}{where}; {kept}."
    )


def _worst(document: Calibration) -> list[tuple[str, str, str]]:
    summary = document.get("summary")
    rows = summary.get("worst") if isinstance(summary, Mapping) else None
    if not isinstance(rows, Mapping):
        return []
    return [
        (str(what), _percent(row.get("rate")), f"{row.get('cell', '')}, {row.get('at', '')}")
        for what, row in rows.items()
        if isinstance(row, Mapping)
    ]


def _rates(cell: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for rate in cell.get("rates") or ():
        if not isinstance(rate, Mapping):
            continue
        most, least = rate.get("most"), rate.get("least")
        bounds = [f"at most {_percent(most)}"] if most is not None else []
        bounds += [f"at least {_percent(least)}"] if least is not None else []
        holds = rate.get("holds")
        yield {
            "name": str(rate.get("name", "")),
            "count": f"{number(rate.get('count'))} of {number(rate.get('of'))}",
            "rate": _percent(rate.get("rate")),
            "interval": f"[{_percent(rate.get('low'))}, {_percent(rate.get('high'))}]",
            "promise": ", ".join(bounds) or NONE,
            "holds": holds if isinstance(holds, bool) else None,
        }


def _percent(share: Any) -> str:
    if not isinstance(share, int | float):
        return NONE
    return signed(f"{100 * share:.2f}") + f"{THIN}%"
