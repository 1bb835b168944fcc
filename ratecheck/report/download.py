"""A claim's numbers as files that the page itself carries: CSV and JSON."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from collections.abc import Mapping
from typing import Any

Claim = Mapping[str, Any]
_COLUMNS = ("id", "role", "x", "mean", "low", "high", "formula", "replicates")
_DIGITS = 7


def points_csv(claim: Claim) -> str:
    """Every point of the claim's checks and falsifiers, one a line.

    ``low`` and ``high`` are the ends of the interval of the mean (empty: open, or none).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for role, rows in (("check", claim["checks"]), ("falsifier", claim["falsifiers"])):
        for row in rows:
            for point in row["points"]:
                low, high = point["interval"] or (None, None)
                numbers = (point["x"], point["mean"], low, high, point["formula"])
                writer.writerow(
                    [_inert(row["id"]), role, *map(_short, numbers), point["replicates"]]
                )
    return out.getvalue()


def claim_json(claim: Claim) -> str:
    """The claim's part of the results document, its numbers to seven digits."""
    return json.dumps(_rounded(claim), ensure_ascii=False, separators=(",", ":"))


def gzip_uri(text: str) -> str:
    """A text as a ``data:`` address of a gzip file: a sixth of the plain text; no date inside."""
    packed = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
    return f"data:application/gzip;base64,{packed}"


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.{_DIGITS}g}"


def _inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
