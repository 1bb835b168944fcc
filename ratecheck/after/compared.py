"""Published results beside the same derived again: what may be compared, and field by field."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ratecheck.after.published import Row, key, key_of, one_file
from ratecheck.engine.plan import Series
from ratecheck.report.results import Document, summary

_IN_PRINT = ("torch", "numpy", "numba")
_MACHINE = ("device", "device_name", "platform", "python", *_IN_PRINT)
_CLOCKS = frozenset({"seconds"})
_WITHOUT_BITS = frozenset({
    "id", "experiment", "label", "name", "case", "axis", "quantity", "quantities", "kind", "kills",
    "relation", "bound", "scale", "formula", "params", "set", "margin", "verdict", "outcome",
    "killed", "predicted", "random", "told", "nature", "unmoved", "phrase", "noun", "inverse",
})  # fmt: skip
_CLOSE = 1e-6


@dataclass(frozen=True)
class Context:
    """What may be compared with what.

    ``same_numbers`` are the items whose blocks have the certified digests.
    """

    same_machine: bool
    exact: bool
    same_numbers: frozenset[str]
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def context_of(published: Document, derived: Document, series: Mapping[str, Series]) -> Context:
    """What may be compared, from the provenance and the certificates of both.

    ``series`` are those of the judged items, by the item's name.
    """
    told, here = published["provenance"], derived["provenance"]
    changed = [n for n in _MACHINE if told.get(n) is not None and told[n] != here.get(n)]
    notes = []
    if changed:
        what = ", ".join(f"{n.replace('_', ' ')} {told[n]} (here {here.get(n)})" for n in changed)
        notes.append(f"the run was made with {what}: bits may differ, verdicts must not")
    other_version = next((n for n in _IN_PRINT if told.get(n) != here.get(n)), None)
    pairs, differences = _certified(published, derived)
    same = set()
    for old, row in pairs:
        if old["digests"] == row["digests"]:
            same.add(key(row))
        differences += _fields(_series_name(row), old, row,
                               skip={"fingerprint", "digests", "blocks"})  # fmt: skip
        if other_version is None:
            differences += _simulated_alike(old, row, bits=not changed)
        elif old["fingerprint"] == row["fingerprint"]:
            differences.append(
                f"provenance.{other_version}: the fingerprints are those of version "
                f"{here.get(other_version)}, not of {told.get(other_version)}"
            )
    prints_differ = any(old["fingerprint"] != row["fingerprint"] for old, row in pairs)
    return Context(
        same_machine=not changed,
        exact=not changed and not prints_differ,
        same_numbers=frozenset(name for name, one in series.items() if key_of(one) in same),
        differences=tuple(differences),
        notes=tuple(notes),
    )


def _certified(published: Document, derived: Document) -> tuple[list[tuple[Row, Row]], list[str]]:
    """Certified series with themselves as derived again, and those without a partner."""
    certified, again = (whole["certificate"]["series"] for whole in (published, derived))
    pairs, missing, superfluous = _paired(certified, again)
    alone = [
        f"{_series_name(row)}: is planned with {row['params']} at {row['points']}, but not in the "
        "certificate"
        for row in missing
    ]
    alone += [f"{_series_name(row)}: belongs to no item of the results" for row in superfluous]
    return pairs, alone


def _simulated_alike(old: Row, row: Row, *, bits: bool) -> Iterator[str]:
    """What differs in a series that the same versions simulated."""
    name = _series_name(row)
    if old["fingerprint"] != row["fingerprint"]:
        yield f"{name}.fingerprint: the simulation's source is not that of the run"
    elif bits:
        yield from _fields(name, old, row, skip={"fingerprint"})


def _paired(
    certified: Sequence[Row], again: Sequence[Row]
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Certified series with themselves as derived again; those not certified; those not derived.

    They are paired by what they name, in whichever order the claims were given. Where only what a
    series names was edited, what is left on both sides belongs together by its place.
    """
    before: dict[tuple[object, ...], list[Row]] = {}
    for row in certified:
        before.setdefault(key(row), []).append(row)
    pairs, missing = [], []
    for row in again:
        partners = before.get(key(row))
        if partners:
            pairs.append((partners.pop(0), row))
        else:
            missing.append(row)
    superfluous = [row for rows in before.values() for row in rows]
    if len(superfluous) == len(missing):
        return pairs + list(zip(superfluous, missing, strict=True)), [], []
    return pairs, missing, superfluous


def _series_name(row: Row) -> str:
    return f"certificate.series[{row['claim']}/{row['experiment']}[{row['axis']}]]"


def compared(published: Document, derived: Document, context: Context) -> Iterator[str]:
    """What the results say otherwise than what was derived again."""
    close = 0.0 if context.exact else _CLOSE
    top = {"claims", "certificate", "provenance", "notes", "errors", "summary"}
    yield from _fields("", published, derived, skip=top)
    counted = summary(copy.deepcopy(published["claims"]), published["alpha"])
    yield from _fields("summary", published["summary"], counted, skip=())
    again = {claim["id"]: claim for claim in derived["claims"]}
    for claim in published["claims"]:
        other, name = again.get(claim["id"]), f"claims[{claim['id']}]"
        if other is None:
            continue
        yield from _fields(name, claim, other, skip={"checks", "falsifiers", "file"})
        if not one_file(claim["file"], other["file"]):
            yield f"{name}.file: the results say {claim['file']!r}, it is {other['file']!r}"
        for kind in ("checks", "falsifiers"):
            yield from _rows_compared(claim[kind], other[kind], context, close)


def _rows_compared(
    told: Sequence[Mapping[str, Any]],
    again: Sequence[Mapping[str, Any]],
    context: Context,
    close: float,
) -> Iterator[str]:
    others = {row["id"]: row for row in again}
    for row in told:
        other = others.get(row["id"])
        if other is None:
            continue
        if row["id"] in context.same_numbers or context.exact:
            yield from _fields(row["id"], row, other, skip=_CLOCKS, close=close)
            continue
        from_bits = {*row, *other} - _WITHOUT_BITS
        yield from _fields(row["id"], row, other, skip=from_bits, close=_CLOSE)
        if not _overlap(row["interval"], other["interval"]):
            yield (
                f"{row['id']}.interval: the results say {row['interval']}, simulated anew "
                f"{other['interval']}, and the two do not overlap"
            )
    known = [row["id"] for row in told if row["id"] in others]
    if known != [row["id"] for row in again if row["id"] in known] and len(set(known)) == len(
        known
    ):
        yield f"{known[0].partition('/')[0]}: the rows are not in the order of the plan"


def _fields(
    place: str, told: Any, true: Any, *, skip: Iterable[str], close: float = 0.0
) -> Iterator[str]:
    """Each field that differs, by its place; rows are named by their id or name."""
    if isinstance(told, Mapping) and isinstance(true, Mapping):
        for key in sorted({*told, *true} - set(skip)):
            here = f"{place}.{key}" if place else key
            if key not in true:
                yield f"{here}: is in the results, and follows from nothing"
            elif key not in told:
                yield f"{here}: is missing from the results"
            else:
                yield from _fields(here, told[key], true[key], skip=(), close=close)
    elif isinstance(told, list) and isinstance(true, list):
        if len(told) != len(true):
            yield f"{place}: the results list {len(told)}, derived again {len(true)}"
            return
        for index, (a, b) in enumerate(zip(told, true, strict=True)):
            name = b.get("name", b.get("x", index)) if isinstance(b, Mapping) else index
            yield from _fields(f"{place}[{name}]", a, b, skip=(), close=close)
    elif not _equal(told, true, close):
        yield f"{place}: the results say {_short(told)}, derived again {_short(true)}"


def _equal(told: Any, true: Any, close: float) -> bool:
    if type(told) is not type(true):
        return False
    if isinstance(told, float) and close:
        return math.isclose(told, true, rel_tol=close, abs_tol=close**2)
    return bool(told == true)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:60]} … {text[-30:]}"


def _overlap(a: Sequence[float | None] | None, b: Sequence[float | None] | None) -> bool:
    if a is None or b is None:
        return a == b
    low = [-math.inf if end[0] is None else end[0] for end in (a, b)]
    high = [math.inf if end[1] is None else end[1] for end in (a, b)]
    return max(low) <= min(high)
