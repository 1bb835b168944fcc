"""Claims of the catalogue judged once more, for tables of what holds on other seeds and cases."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from ratecheck.claim.catalogue import Entry, load, load_all
from ratecheck.engine.asked import Override
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.report.seeds import HELD

ROOT = Path(__file__).parents[1]
BAD = {"FAIL", "ERROR", "SURVIVED"}
Others = dict[str, tuple[str, str]]


def catalogue(parser: argparse.ArgumentParser, names: Iterable[str]) -> dict[str, Entry]:
    """The claims by name; names of none end the program with a sentence."""
    entries = {entry.id: entry for entry in load_all([ROOT / "claims"])[0]}
    if unknown := sorted({*names} - {*entries}):
        parser.error(f"no claims of the names {', '.join(unknown)}")
    return entries


def judged(
    path: Path, *, seed: int = 0, override: Override | None = None
) -> tuple[float, int, Others]:
    """Seconds of simulation, how many items, and outcome and sentence of those that do not hold."""
    settings = Settings(seed=seed, workers=0, store=None)
    with Run(plan([load(path)], settings, override), settings) as run:
        results = run.all()
        seconds = sum(numbers.seconds for _, numbers in run.blocks())
    said = {one.item.id: (str(one.answer.outcome), one.answer.sentence) for one in results}
    return seconds, len(said), {item: told for item, told in said.items() if told[0] not in HELD}
