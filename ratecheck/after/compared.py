"""Published results beside the same derived again: what may be compared, and field by field."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ratecheck.after.consistent import contradictions
from ratecheck.after.elsewhere import Elsewhere
from ratecheck.after.published import Row, key, key_of, one_file, rows_of
from ratecheck.report.results import Document, summary

_IN_PRINT = ("torch", "numpy", "numba")
_MACHINE = ("device", "device_name", "platform", "python", *_IN_PRINT)
_CLOCKS = frozenset({"seconds"})
_WITHOUT_BITS = frozenset({
    "id", "experiment", "label", "name", "case", "axis", "quantity", "quantities", "kind", "kills",
    "relation", "bound", "scale", "formula", "params", "set", "margin", "random", "told", "nature",
    "unmoved", "phrase", "noun", "inverse",
})  # fmt: skip
_UNSIMULATED = _CLOCKS | {"stands"}  # what stands follows from all numbers of the document
_CLOSE = 1e-6


@dataclass(frozen=True)
class Context:
    """What may be compared with what.

    ``same_numbers`` are the items whose blocks have the certified digests, ``elsewhere`` the series
    of the judged items as another machine might have had them.
    """

    same_machine: bool
    exact: bool
    same_numbers: frozenset[str]
    elsewhere: Mapping[str, Elsewhere]
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def machine_changed(told: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """What the provenance of a run says of its machine that is not so here."""
    return [n for n in _MACHINE if told.get(n) is not None and told[n] != here.get(n)]


def context_of(published: Document, derived: Document, series: Sequence[Elsewhere]) -> Context:
    """What may be compared, from the provenance and the certificates of both.

    ``series`` are those of the judged items as they were derived again.
    """
    told, here = published["provenance"], derived["provenance"]
    changed = machine_changed(told, here)
    notes = []
    if changed:
        what = ", ".join(f"{n.replace('_', ' ')} {told[n]} (here {here.get(n)})" for n in changed)
        notes.append(
            f"the run was made with {what}: bits may differ, so that every number was simulated "
            "anew and compared at its noise"
        )
    other_version = next((n for n in _IN_PRINT if told.get(n) != here.get(n)), None)
    by_key = {key_of(one.series): one for one in series}
    pairs, differences = _certified(published, derived)
    same = set()
    for old, row in pairs:
        if old["digests"] == row["digests"]:
            same.add(key(row))
        differences += _fields(_series_name(row), old, row,
                               skip={"fingerprint", "digests", "blocks"})  # fmt: skip
        differences += _simulated_alike(old, row, other_version, here)
        if changed:
            differences += _as_many(old, row, by_key.get(key(row)))
        elif other_version is None and old["fingerprint"] == row["fingerprint"]:
            differences += _fields(_series_name(row), old, row, skip={"fingerprint"})
    prints_differ = any(old["fingerprint"] != row["fingerprint"] for old, row in pairs)
    keys = {item.id: key for key, one in by_key.items() for item in one.items}
    return Context(
        same_machine=not changed,
        exact=not changed and not prints_differ,
        same_numbers=frozenset(name for name, one in keys.items() if one in same),
        elsewhere={name: by_key[one] for name, one in keys.items()},
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
    told, here = ({claim["id"] for claim in whole["claims"]} for whole in (published, derived))
    alone += [
        f"{_series_name(row)}: belongs to no item of the results"
        for row in superfluous
        if row["claim"] not in told - here  # a claim without a file is named by itself
    ]
    return pairs, alone


def _simulated_alike(
    old: Row, row: Row, other_version: str | None, here: Mapping[str, Any]
) -> Iterator[str]:
    """What the fingerprints say against the versions: a fingerprint holds them."""
    same = old["fingerprint"] == row["fingerprint"]
    if other_version is None and not same:
        name = _series_name(row)
        yield f"{name}.fingerprint: the simulation's source is not that of the run"
    if other_version is not None and same:
        yield (
            f"provenance.{other_version}: the fingerprints are those of version "
            f"{here.get(other_version)}"
        )


def _as_many(old: Row, row: Row, elsewhere: Elsewhere | None) -> Iterator[str]:
    """Whether another machine could have taken so many blocks, one digest a point."""
    name, told, true = _series_name(row), old["blocks"], row["blocks"]
    if len(old["digests"]) != len(true):
        yield f"{name}.digests: the results list {len(old['digests'])} of {len(true)} points"
    if told != true and not (
        elsewhere is not None and elsewhere.finished and elsewhere.blocks(told, true)
    ):
        yield f"{name}.blocks: the results say {told}, simulated anew {true}"


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
    yield from _standing(published)
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
        else:
            yield from _elsewhere(row, other, context)
    known = [row["id"] for row in told if row["id"] in others]
    if known != [row["id"] for row in again if row["id"] in known] and len(set(known)) == len(
        known
    ):
        yield f"{known[0].partition('/')[0]}: the rows are not in the order of the plan"


def _elsewhere(row: Mapping[str, Any], other: Mapping[str, Any], context: Context) -> Iterator[str]:
    """What no other machine would have said, given what was simulated here."""
    name, series = row["id"], context.elsewhere.get(row["id"])
    if series is None or not series.finished or "ERROR" in (answer_of(row), answer_of(other)):
        yield from _fields(name, row, other, skip=_CLOCKS)
        return
    from_bits = {*row, *other} - _WITHOUT_BITS
    yield from _fields(name, row, other, skip=from_bits, close=_CLOSE)
    if not series.repeatable:
        return
    for place, told, here in series.differing(row, other, _WITHOUT_BITS | _UNSIMULATED):
        yield (
            f"{name}.{place}: the results say {_short(told)}, simulated anew {_short(here)}: "
            "farther apart than the noise of both"
        )
    item = next(item for item in series.items if item.id == name)
    for words in contradictions(row, item):
        yield f"{name}.{words} is said, and the numbers of the same row say otherwise"


def answer_of(row: Mapping[str, Any]) -> str:
    """The verdict of a check, the outcome of a falsifier."""
    return str(row["verdict"] if "verdict" in row else row["outcome"])


def near_margin(
    published: Document, derived: Document, differences: Iterable[str]
) -> Iterator[str]:
    """Verdicts that are others here, and that the noise of the numbers explains."""
    again = {row["id"]: row for row in rows_of(derived)}
    wrong = {line.partition(": ")[0] for line in differences}
    for row in rows_of(published):
        other = again.get(row["id"], row)
        told, here = answer_of(row), answer_of(other)
        field = "verdict" if "verdict" in row else "outcome"
        if told != here and not any(line.startswith(f"{row['id']}.{field}") for line in wrong):
            yield (
                f"{row['id']}: {told} in the results, {here} here: near the margin, within the "
                "noise of both"
            )


def _standing(published: Document) -> Iterator[str]:
    """Checks that are said to stand against their own numbers."""
    claims = copy.deepcopy(published["claims"])
    summary(claims, published["alpha"])
    for claim, counted in zip(published["claims"], claims, strict=True):
        for row, true in zip(claim["checks"], counted["checks"], strict=True):
            yield from _fields(f"{row['id']}.stands", row.get("stands"), true["stands"], skip=())


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
