"""Axes that go to 0 are drawn, and their exponents told, in one over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def upright(row: Mapping[str, Any]) -> dict[str, Any]:
    """A check or falsifier whose axis goes to 0 with one over it as its axis."""
    new = {**row, "axis": f"1/{row['axis']}"}
    for name in ("points", "local"):
        new[name] = [{**one, "x": 1 / one["x"]} for one in row.get(name) or ()]
    if row.get("settles"):
        new["settles"] = 1 / row["settles"]
    return new
