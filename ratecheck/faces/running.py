"""A run from claims to its document, for the command line and for Python."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck.claim.catalogue import Entry
from ratecheck.errors import RatecheckError

if TYPE_CHECKING:
    from rich.console import Console

    from ratecheck.engine.plan import Override, Settings


@dataclass(frozen=True)
class Ran:
    """The document of a run, and what happened on the way."""

    document: dict[str, Any]
    notes: list[str]


def run(
    entries: Sequence[Entry],
    failures: Sequence[tuple[Path, RatecheckError]],
    settings: Settings,
    override: Override,
    named: Sequence[str] = (),
    console: Console | None = None,
) -> Ran:
    """Simulate and judge; progress is shown on a console, if one is given.

    ``named`` are the names of the claims that were asked for, none for the whole folder.
    """
    from ratecheck.engine.plan import planned
    from ratecheck.engine.provenance import provenance
    from ratecheck.engine.run import Run
    from ratecheck.report.progress import Progress
    from ratecheck.report.results import document

    started = time.time()
    found = planned(entries, settings, override)
    answering = {item.entry.id for item in found.items}
    if override:
        entries = [entry for entry in entries if entry.id in answering]
        named = named or sorted(answering)
    progress = None if console is None else Progress(console)
    with Run(found.items, settings, progress) as under_way:
        if progress is None:
            results = under_way.all()
        else:
            with progress.watching(under_way):
                results = under_way.all()
        workers = under_way.workers
        certificate, notes = under_way.certificate(), [*found.refused, *under_way.notes]
        certificate["asked"] = [Path(name).name for name in named]
    whole = document(
        entries, failures, results, settings,
        provenance(settings, workers, started, time.time() - started), notes,
        override=override or None, certificate=certificate,
    )  # fmt: skip
    return Ran(whole, notes)
