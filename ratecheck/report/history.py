"""A line a check over published runs: what was measured, on which machine, and what it cost.

The runs are the results documents of a folder, by the time at which they started. Cost is seconds
of simulation a replicate: verdicts may ask for more or fewer of them, a kernel does not get slower
by that. Times of two machines, or of two efforts, are never compared. What all checks of the last
run share, such as a busy machine, is told once, and taken out before a kernel is called slower.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ratecheck.errors import RatecheckError, RequestError
from ratecheck.report import svg
from ratecheck.report.notation import Interval
from ratecheck.report.results import Document, read_json
from ratecheck.report.scale import Scale

SLOWER = 1 / 3  # by more than this a slow-down is named
SHORTEST = 1.0  # seconds of simulation below which a time says nothing
_WIDTH, _HEIGHT = 150, 44


@dataclass(frozen=True)
class Entry:
    """A check in one run; ``cost`` is seconds a replicate."""

    started: str
    commit: str
    machine: str
    effort: str
    verdict: str
    predicted: float | None
    measured: float | None
    interval: Interval | None
    seconds: float
    replicates: int

    @property
    def cost(self) -> float | None:
        """Seconds a replicate; None where there are too few to say."""
        if self.seconds < SHORTEST or not self.replicates:
            return None
        return self.seconds / self.replicates


@dataclass(frozen=True)
class Line:
    """A check over the runs that have it, oldest first."""

    id: str
    entries: tuple[Entry, ...]

    @property
    def factor(self) -> float | None:
        """How many times longer a replicate takes in the last run; None where that is not known.

        Compared with the median of the earlier runs of the same effort on the same machine.
        """
        last = self.entries[-1]
        before = [
            entry.cost
            for entry in self.entries[:-1]
            if (entry.machine, entry.effort) == (last.machine, last.effort)
        ]
        known = [cost for cost in before if cost is not None]
        if last.cost is None or not known:
            return None
        return last.cost / statistics.median(known)


def runs_in(folder: Path) -> list[Document]:
    """The results documents below a folder, oldest first; other files are passed over.

    Raises
    ------
    RequestError
        If there is none.
    """
    found: dict[str, Document] = {}
    for path in sorted(folder.rglob("*.json")):
        try:
            document = read_json(path)
        except RatecheckError:  # of something else, or of another version
            continue
        found.setdefault(str(document["provenance"]["started"]), document)
    if not found:
        raise RequestError(
            f"{folder}: holds no results.json; keep one there of each run, under any name"
        )
    return [found[started] for started in sorted(found)]


def lines(documents: Iterable[Document]) -> list[Line]:
    """The checks of the runs, in the order of the last run that has them."""
    seen: dict[str, list[Entry]] = {}
    for document in documents:
        for claim in document["claims"]:
            for row in claim["checks"]:
                seen.setdefault(row["id"], []).append(_entry(document, row))
    return [Line(name, tuple(entries)) for name, entries in seen.items()]


def shared(found: Iterable[Line]) -> float:
    """How many times longer the last run takes as a whole: the median over its checks."""
    return statistics.median([f for line in found if (f := line.factor) is not None] or [1.0])


def slower(line: Line, whole: float) -> float | None:
    """How much slower a check is than the run as a whole, where it is by more than a third."""
    factor = (line.factor or 0.0) / max(1.0, whole)
    return factor if factor > 1 + SLOWER else None


def slowdowns(found: Sequence[Line]) -> list[str]:
    """A sentence for the run, and for each experiment, that is slower by more than a third.

    Checks of an experiment share their simulations: the worst one is told.
    """
    worst: dict[str, tuple[float, Line]] = {}
    whole = shared(found)
    for line in found:
        experiment, factor = "/".join(line.id.split("/")[:2]), slower(line, whole)
        if factor is not None and factor > worst.get(experiment, (0.0, line))[0]:
            worst[experiment] = factor, line
    busy = whole > 1 + SLOWER
    told = f"the last run as a whole takes {whole:.2g} times what runs before it took: its machine "
    told += "was busy, or what all simulations share became slower"
    beside = " beside that," if busy else ""
    return [told] * busy + [
        f"{experiment}:{beside} a replicate takes {factor:.2g} times what it took before on "
        f"{line.entries[-1].machine} (since {line.entries[-1].commit})"
        for experiment, (factor, line) in worst.items()
    ]


def view(folder: Path) -> dict[str, Any]:
    """What the page of a folder's runs shows."""
    documents = runs_in(folder)
    found = lines(documents)
    whole = shared(found)
    rows = [
        {
            "id": line.id, "number": number, "entries": reversed(line.entries),
            "drift": _drift(line), "spent": _spent(line), "slower": slower(line, whole),
        }
        for number, line in enumerate(found)
    ]  # fmt: skip
    return {"runs": len(documents), "rows": rows, "slowdowns": slowdowns(found)}


def _drift(line: Line) -> Markup:
    """Intervals around the predicted value, run by run, in units of the widest of them."""
    off = [
        (_x(line, at), *(value - entry.predicted for value in (entry.measured, *_ends(entry))))
        for at, entry in enumerate(line.entries)
        if entry.measured is not None and entry.predicted is not None
    ]
    most = max((abs(value) for _, *values in off for value in values), default=0.0) or 1.0
    y = Scale(-most, most, _HEIGHT - 4, 4)
    parts = [
        svg.strokes([((0.0, y(0.0)), (float(_WIDTH), y(0.0)))], "claimed"),
        svg.strokes([((x, y(low)), (x, y(high))) for x, _, low, high in off], "bar"),
        svg.dots([(x, y(value)) for x, value, _, _ in off], "dot"),
    ]  # fmt: skip
    told = f"Measured minus predicted in {len(line.entries)} runs, at most {most:.3g}"
    return _picture(line, told, parts)


def _spent(line: Line) -> Markup:
    """Seconds a replicate, run by run, from 0 on."""
    cost = [(at, entry.cost) for at, entry in enumerate(line.entries) if entry.cost is not None]
    most = max((value for _, value in cost), default=1.0)
    y = Scale(0.0, most, _HEIGHT - 4, 4)
    points = [(_x(line, at), y(value)) for at, value in cost]
    told = f"Seconds a replicate in {len(cost)} runs, at most {most:.3g}"
    parts = [
        svg.strokes([((0.0, y(0.0)), (float(_WIDTH), y(0.0)))], "axis"),
        svg.polyline(points, "thread"),
        svg.dots(points, "dot"),
    ]
    return _picture(line, told, parts)


def _ends(entry: Entry) -> tuple[float, float]:
    """The interval, where an open side ends at the measured value."""
    low, high = entry.interval or (None, None)
    middle = float(entry.measured or 0.0)
    return middle if low is None else low, middle if high is None else high


def _x(line: Line, at: int) -> float:
    return 8 + (_WIDTH - 16) * (at / (len(line.entries) - 1) if len(line.entries) > 1 else 0.5)


def _picture(line: Line, told: str, parts: Sequence[str]) -> Markup:
    return Markup(svg.picture(_WIDTH, _HEIGHT, line.id, told, parts))  # escaped


def _entry(document: Document, row: Mapping[str, Any]) -> Entry:
    made = document["provenance"]
    name = made["device_name"] or made["device"]
    ends = row["interval"]
    return Entry(
        started=str(made["started"]),
        commit=str(made["commit"] or "no commit")[:9],
        machine=f"{name}, {made['cores']} cores",
        effort=document["effort"],
        verdict=row["verdict"],
        predicted=row["predicted"],
        measured=row["measured"],
        interval=None if ends is None else (ends[0], ends[1]),
        seconds=float(row["seconds"]),
        replicates=int(row["replicates"]),
    )
