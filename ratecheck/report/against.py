"""What changed between two runs: verdicts, exponents, time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ratecheck.report.notation import (
    Interval,
    duration,
    interval_text,
    measured,
    moment,
    number,
    plural,
)
from ratecheck.report.results import Document


@dataclass(frozen=True)
class Change:
    """A check of both runs; times are seconds of simulation."""

    id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def verdict_changed(self) -> bool:
        """Whether the two runs answer differently."""
        return bool(self.before["verdict"] != self.after["verdict"])

    @property
    def apart(self) -> bool:
        """Whether the two intervals have no value in common."""
        return _apart(self.before["interval"], self.after["interval"])

    @property
    def shift(self) -> float | None:
        """Change of the measured value."""
        if self.before["measured"] is None or self.after["measured"] is None:
            return None
        return float(self.after["measured"]) - float(self.before["measured"])

    @property
    def texts(self) -> tuple[str, str]:
        """Measured value and interval in the two runs."""
        return _shown(self.before), _shown(self.after)


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side.

    Attributes
    ----------
    verdicts : tuple of Change
        Checks whose verdict changed.
    moved : tuple of Change
        Checks with the same verdict whose intervals have no value in common.
    same : int
        Checks that are in neither list.
    identical : int
        Of those, the checks with exactly the same measured value.
    appeared, vanished : tuple of str
        Ids of checks that only one run has.
    falsifiers : tuple of (id, outcome before, outcome after)
        Falsifiers whose outcome changed.
    seconds : pair of float
        Wall time of the two runs.
    runs : pair of str
        Effort, seed and start of the two runs.
    """

    verdicts: tuple[Change, ...]
    moved: tuple[Change, ...]
    same: int
    identical: int
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    falsifiers: tuple[tuple[str, str, str], ...]
    seconds: tuple[float, float]
    runs: tuple[str, str]

    @property
    def sentence(self) -> str:
        """The comparison in one sentence."""
        first, second = self.seconds
        times = f"the run took {duration(second)}, before {duration(first)}"
        text = (
            f"{_none(len(self.verdicts), 'verdict')} changed, "
            f"{_none(len(self.moved), 'measured value')} moved out of reach of both intervals, "
            f"{plural(self.same, 'check')} stayed ({number(self.identical)} with the very same "
            f"number); {times}."
        )
        return text[0].upper() + text[1:]


def compare(before: Document, after: Document) -> Comparison:
    """Compare two documents check by check."""
    old, new = _checks(before), _checks(after)
    both = [Change(name, old[name], new[name]) for name in new if name in old]
    kept = [change for change in both if not change.verdict_changed]
    rest = [change for change in kept if not change.apart]
    return Comparison(
        tuple(change for change in both if change.verdict_changed),
        tuple(change for change in kept if change.apart),
        len(rest),
        sum(change.shift == 0 for change in rest),
        tuple(name for name in new if name not in old),
        tuple(name for name in old if name not in new),
        _turned(_outcomes(before), _outcomes(after)),
        (before["provenance"]["seconds"], after["provenance"]["seconds"]),
        (_run(before), _run(after)),
    )


def _turned(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Falsifiers of both runs whose outcome changed."""
    return tuple(
        (name, before[name], now) for name, now in after.items() if before.get(name, now) != now
    )


def text(comparison: Comparison) -> str:
    """The comparison as plain lines."""
    lines = [
        f"before: {comparison.runs[0]}",
        f"after:  {comparison.runs[1]}",
        comparison.sentence,
    ]
    for change in comparison.verdicts:
        was, now = change.texts
        words = f"{change.before['verdict']} -> {change.after['verdict']}"
        lines.append(f"  {change.id}: {words} (measured {was}, now {now})")
    for change in comparison.moved:
        was, now = change.texts
        lines.append(f"  {change.id}: moved from {was} to {now}")
    lines += [f"  {name}: {was} -> {now}" for name, was, now in comparison.falsifiers]
    lines += [f"  {name}: new" for name in comparison.appeared]
    lines += [f"  {name}: no longer there" for name in comparison.vanished]
    return "\n".join(lines)


def _checks(document: Document) -> dict[str, Mapping[str, Any]]:
    return {check["id"]: check for claim in document["claims"] for check in claim["checks"]}


def _outcomes(document: Document) -> dict[str, str]:
    return {
        falsifier["id"]: falsifier["outcome"]
        for claim in document["claims"]
        for falsifier in claim["falsifiers"]
    }


def _run(document: Document) -> str:
    started = moment(document["provenance"]["started"])
    return f"{document['effort']} effort, seed {document['seed']}, started {started}"


def _shown(check: Mapping[str, Any]) -> str:
    value = measured(check["measured"], check["interval"])
    return f"{value} {interval_text(check['interval'])}" if check["interval"] else value


def _apart(first: Interval | None, second: Interval | None) -> bool:
    if first is None or second is None:
        return False
    return _below(first, second) or _below(second, first)


def _none(count: int, noun: str) -> str:
    return plural(count, noun) if count else f"no {noun}"


def _below(first: Interval, second: Interval) -> bool:
    return first[1] is not None and second[0] is not None and first[1] < second[0]
