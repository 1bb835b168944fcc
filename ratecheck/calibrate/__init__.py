"""Known truths through the very code that judges claims: how often verdicts are wrong.

`calibrate` runs a battery of cells (`ratecheck.calibrate.battery`): sequential runs, fixed designs,
curves, trajectories, differences, noise-free sequences and every kind of check, each with a known
truth, and counts. Its result is plain data for JSON and for a page. The functions are those of
`ratecheck.inference`; many experiments are done at once, and tests prove that each of them ends as
`ratecheck.engine.sampling` would end it.
"""

from __future__ import annotations

import json
import re
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ratecheck.calibrate.proportions import Rate
from ratecheck.errors import RequestError
from ratecheck.inference.sequential import PILOT

SCHEMA = "ratecheck/calibration/1"
LARGE, QUICK = 10_000, 2_000


@dataclass(frozen=True)
class CellResult:
    """What one cell yielded.

    Attributes
    ----------
    name, group : str
    held_out : bool
    experiments : int
    rates : tuple of Rate
    numbers : mapping of str to float
        Other results, such as the mean work.
    seconds : float
        Time of the processor.
    why : str
        Where a promise is known not to hold: the reason.
    """

    name: str
    group: str
    held_out: bool
    experiments: int
    rates: tuple[Rate, ...]
    numbers: dict[str, float]
    seconds: float
    why: str = ""

    @property
    def broken(self) -> tuple[Rate, ...]:
        """The rates whose promise is not kept."""
        return tuple(rate for rate in self.rates if rate.holds is False)

    @property
    def untold(self) -> tuple[Rate, ...]:
        """The rates of which too few experiments were made to tell."""
        return tuple(rate for rate in self.rates if rate.promised and rate.holds is None)


@dataclass(frozen=True)
class Calibration:
    """The result of a calibration."""

    seed: int
    experiments: int
    alpha: float
    cells: tuple[CellResult, ...]

    @property
    def holds(self) -> bool:
        """Whether no promise is broken, but in cells that say why theirs cannot be kept."""
        return not any(cell.broken and not cell.why for cell in self.cells)

    def document(self) -> dict[str, Any]:
        """Plain data: what the JSON file holds and a page shows."""
        return {
            "schema": SCHEMA,
            "seed": self.seed,
            "experiments": self.experiments,
            "alpha": self.alpha,
            "summary": {
                "cells": len(self.cells),
                "promises": sum(r.promised for c in self.cells for r in c.rates),
                "broken": [
                    {"cell": c.name, "rate": r.name, "count": r.count, "of": r.of, "why": c.why}
                    for c in self.cells
                    for r in c.broken
                ],
                "worst": _worst(self.cells),
                "work": _work(self.cells),
            },
            "cells": [
                {
                    "name": c.name,
                    "group": c.group,
                    "held_out": c.held_out,
                    "why": c.why,
                    "experiments": c.experiments,
                    "rates": [{**asdict(r), "rate": r.rate, "holds": r.holds} for r in c.rates],
                    "numbers": c.numbers,
                    "seconds": round(c.seconds, 2),
                }
                for c in self.cells
            ],
        }


def _worst(cells: tuple[CellResult, ...]) -> dict[str, Any]:
    """The worst rate of the sequential cells for each kind of false verdict."""
    rows: dict[str, Any] = {}
    for held_out in (False, True):
        for what in ("false PASS", "false FAIL", "falsely killed"):
            found = [
                (r.rate, c.name, r.name)
                for c in cells
                for r in c.rates
                if c.group == "sequential" and c.held_out is held_out and r.name.startswith(what)
            ]
            if found:
                worst = max(found)
                key = f"{what}, {'held out' if held_out else 'known cells'}"
                rows[key] = {"rate": worst[0], "cell": worst[1], "at": worst[2]}
    return rows


def _work(cells: tuple[CellResult, ...]) -> dict[str, float]:
    """Mean work over a fixed equal design of the same power, where that is more than a pilot."""
    rows = {}
    for held_out in (False, True):
        found = [
            c.numbers["work"]
            for c in cells
            if c.held_out is held_out
            and c.numbers.get("fixed replicates a point", 0.0) > PILOT  # else the pilot is all
        ]
        if found:
            rows["held out" if held_out else "known cells"] = sum(found) / len(found)
    return rows


def calibrate(
    *,
    quick: bool = False,
    cells: str | None = None,
    seed: int = 0,
    experiments: int | None = None,
    workers: int = 1,
    on_cell: Callable[[CellResult], object] | None = None,
) -> Calibration:
    """Count how often verdicts are wrong where the truth is known.

    Parameters
    ----------
    quick : bool
        2,000 experiments a cell instead of 10,000.
    cells : str, optional
        A regular expression: only cells whose "group: name" it matches somewhere.
    seed : int
        Each cell has its own stream, made from the seed and the cell's name.
    experiments : int, optional
        Another number of experiments a cell.
    workers : int
        Processes that share the cells; the numbers do not depend on it.
    on_cell : callable, optional
        Called with the result of each cell, in the order of the battery.

    Raises
    ------
    RequestError
        If no cell matches, or the expression is none.
    """
    from ratecheck.calibrate.battery import battery

    count = experiments or (QUICK if quick else LARGE)
    try:
        wanted = re.compile(cells or "", re.IGNORECASE)
    except re.error as error:
        raise RequestError(f"'{cells}' is no regular expression: {error}") from None
    names = [f"{cell.group}: {cell.name}" for cell in battery()]
    chosen = [(i, seed, count) for i, name in enumerate(names) if wanted.search(name)]
    if not chosen:
        groups = ", ".join(dict.fromkeys(name.split(":")[0] for name in names))
        raise RequestError(f"no cell matches '{cells}'; the groups are: {groups}")
    results = []
    for result in _results(chosen, workers):
        results.append(result)
        if on_cell is not None:
            on_cell(result)
    return Calibration(seed, count, 0.01, tuple(results))


Task = tuple[int, int, int]


def _results(tasks: list[Task], workers: int) -> Iterator[CellResult]:
    if workers <= 1:
        yield from map(_simulate, tasks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        yield from pool.map(_simulate, tasks)


def _simulate(task: Task) -> CellResult:
    """One cell: its place in the battery, the seed, and the experiments asked for."""
    import numpy as np

    from ratecheck.calibrate.battery import battery

    index, seed, count = task
    cell = battery()[index]
    entropy = [seed, zlib.crc32(f"{cell.group}: {cell.name}".encode())]
    rng = np.random.default_rng(np.random.SeedSequence(entropy))
    size = max(1, round(count * cell.share))
    start = time.process_time()
    rates, numbers = cell.simulate(rng, size)
    return CellResult(
        cell.name, cell.group, cell.held_out, size, tuple(rates), numbers,
        time.process_time() - start, cell.why,
    )  # fmt: skip


def main(
    *,
    quick: bool = False,
    cells: str | None = None,
    seed: int = 0,
    out: Path | None = None,
    experiments: int | None = None,
    workers: int = 1,
    commit: str | None = None,
    echo: Callable[[str], object] = print,
) -> int:
    """What the command ``ratecheck calibrate`` does: calibrate, print a line a cell, write JSON.

    Parameters
    ----------
    quick, cells, seed, experiments, workers
        See `calibrate`.
    out : Path, optional
        Where to write the JSON document.
    commit : str, optional
        Commit of the code, noted in the document.
    echo : callable
        Takes each line of the report.

    Returns
    -------
    int
        0 if no promise is broken (but in cells that say why theirs cannot be kept), 1 if one is.
    """
    from ratecheck.report.files import require_writable, write_text

    def line(cell: CellResult) -> None:
        state = "few  " if cell.untold else "ok   "
        if cell.broken:
            state = "known" if cell.why else "NOT  "
        echo(f"{state} {cell.group}: {cell.name} ({cell.experiments} experiments)")
        for rate in cell.broken:
            echo(
                f"      {rate.name}: {rate.count} of {rate.of} = {100 * rate.rate:.2f} % "
                f"[{100 * rate.low:.2f}, {100 * rate.high:.2f}]"
            )

    if out is not None:
        require_writable(out, "--out")
    result = calibrate(
        quick=quick, cells=cells, seed=seed, experiments=experiments, workers=workers, on_cell=line
    )
    document = result.document()
    if out is not None:
        document = {**document, "commit": commit}
        write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", out, "--out")
    echo(_closing(result))
    return 0 if result.holds else 1


def _closing(result: Calibration) -> str:
    promises = sum(rate.promised for cell in result.cells for rate in cell.rates)
    broken = sum(len(cell.broken) for cell in result.cells)
    untold = sum(len(cell.untold) for cell in result.cells)
    kept = promises - broken - untold
    if not untold:
        return f"{kept} of {promises} promises are kept."
    return (
        f"{kept} of {promises} promises are kept, {broken} broken, and {untold} cannot be told "
        f"from {result.experiments} experiments a cell."
    )
