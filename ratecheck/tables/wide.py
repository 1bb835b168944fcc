"""Runs that stand side by side, one column each, put below each other."""

from __future__ import annotations

import re

from ratecheck.tables.numbers import is_numeric
from ratecheck.tables.text import Table, is_missing

_RUN = re.compile(r"(?:rep|replicate|run|seed|trial|repeat|fold)s?[ _-]?\d+", re.IGNORECASE)


def stacked(table: Table) -> Table:
    """A row for each value of columns such as seed0, seed1, ...; other tables as they are.

    Empty cells are runs that were not made at that point.
    """
    runs = [
        i
        for i, name in enumerate(table.names)
        if _RUN.fullmatch(name.strip()) and is_numeric(table, i)
    ]
    if len(runs) < 2:
        return table
    others = [i for i in range(len(table.names)) if i not in runs]
    places = [
        (row, run)
        for row in range(len(table))
        for run in runs
        if not is_missing(table.columns[run][row])
    ]
    return Table(
        table.source,
        (*(table.names[i] for i in others), "value"),
        (
            *([table.columns[i][row] for row, _ in places] for i in others),
            [table.columns[run][row] for row, run in places],
        ),
        [table.lines[row] for row, _ in places],
        table.unit,
        table.headed,
    )
