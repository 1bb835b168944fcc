"""The audit of a finished run: does a published verdict follow from numbers that really came out?

Four questions, answered from the results file, the claim files and the store:

1. Is the file as it was written? Every part of it carries a seal.
2. Do the numbers lead to the file? Everything is derived again from the stored numbers (what is
   not stored is simulated again) and compared with the file field by field.
3. Are the stored numbers those of the simulation? A random sample of blocks is simulated again.
4. Are the claim files those of the run? Their formulas, margins, cases and sources are part of
   what is derived again.

Whoever edits the file can seal it anew; then questions 2 to 4 remain, and they cover every number,
verdict, formula, margin and seed. What follows from nothing (clocks, commit, number of workers,
notes) is protected by the seals alone.

Where bit-identity ends: numbers are the same bit for bit on one make of processor or GPU with one
version of torch, numpy and numba. Elsewhere the audit still asks everything that does not depend
on bits: formulas, margins, cases and texts must be the same, every verdict must be the same, and
intervals of the same exponent must overlap. It says that it did so. Where other draws decide what
was undecided, or the other way round, that verdict is named: it could not be confirmed.
"""

from __future__ import annotations

import copy
import math
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from ratecheck.after.replay import UNSTEADY, find, steady
from ratecheck.claim.catalogue import Entry
from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.executors import executor
from ratecheck.engine.plan import CheckItem, FalsifierItem, Item, Override, Series, Settings, plan
from ratecheck.engine.provenance import provenance
from ratecheck.engine.run import Run, require_device
from ratecheck.engine.sampling import failed
from ratecheck.engine.worker import Failure
from ratecheck.errors import RatecheckError, RequestError
from ratecheck.report.results import (
    Document,
    document,
    seals,
    shown_path,
    summary,
    validate,
)

_Row = Mapping[str, Any]
_SETTINGS = ("effort", "seed", "alpha", "fixed", "override", "provenance.device")
_IN_PRINT = ("torch", "numpy", "numba")
_MACHINE = ("device", "device_name", "platform", "python", *_IN_PRINT)
_CLOCKS = frozenset({"seconds"})
_WITHOUT_BITS = frozenset({
    "id", "experiment", "label", "name", "case", "axis", "quantity", "quantities", "kind", "kills",
    "relation", "bound", "scale", "formula", "params", "set", "margin", "verdict", "outcome",
    "killed", "predicted", "random",
})  # fmt: skip
_CLOSE = 1e-6
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    differences : tuple of str
        One line for each thing that is not as the file says; empty for a clean audit.
    items, blocks, simulated : int
        Judged items, blocks behind them, and blocks that were simulated once more.
    exact : bool
        Whether all was compared bit for bit: the same sources, versions and make of device.
    catches : float
        Share of forged blocks that the sample meets with probability 95 %; 0 if all were taken.
    notes : tuple of str
        What a reader of the audit should know.
    """

    differences: tuple[str, ...]
    items: int
    blocks: int
    simulated: int
    exact: bool
    catches: float
    notes: tuple[str, ...]

    @property
    def clean(self) -> bool:
        """Whether everything is as the file says."""
        return not self.differences

    def __str__(self) -> str:
        if not self.clean:
            count = len(self.differences)
            return f"{count} thing{'s' * (count != 1)} in these results cannot be confirmed."
        how = "bit for bit" if self.exact else "in verdicts and intervals (another machine)"
        sample = (
            "all of them"
            if self.simulated == self.blocks
            else f"a forgery of {self.catches:.1%} of them would be met with probability 95 %"
        )
        return (
            f"{self.items} items follow from {self.blocks} blocks, {how}; {self.simulated} blocks "
            f"were simulated again ({sample})."
        )


def sample_size(share: float, confidence: float = 0.95) -> int:
    """Blocks to simulate again so that a forged share of them is met with this confidence.

    Raises
    ------
    RequestError
        If the share is none.
    """
    if not 0 < share <= 1:
        raise RequestError(f"the share {share:g} to catch is not between 0 and 1")
    return 1 if share == 1 else math.ceil(math.log(1 - confidence) / math.log(1 - share))


def audit(
    published: Document,
    entries: Sequence[Entry],
    failures: Sequence[tuple[Path, RatecheckError]] = (),
    *,
    store: Path | None,
    catch: float = 0.05,
    workers: int | None = None,
    chance: random.Random | None = None,
    on_progress: Callable[[], object] | None = None,
) -> Audit:
    """Audit published results.

    Parameters
    ----------
    published : dict
        A results document, from `report.read_json`.
    entries, failures
        The claims as they are now, from `catalogue.load_all`; claims that the results do not name
        are left out.
    store : Path or None
        The run's store; None simulates everything again.
    catch : float
        Share of forged blocks that the sample shall meet with probability 95 %.
    workers : int, optional
        As in `Settings`.
    chance : random.Random, optional
        Which blocks are sampled; by default unpredictable.
    on_progress : callable, optional
        Called after every block that was simulated.

    Raises
    ------
    RequestError
        If the file is no results document, or carries no certificate.
    """
    validate(published)
    sample_size(catch)
    if "certificate" not in published:
        raise RequestError(
            "the results carry no certificate; write them anew with ratecheck check --report"
        )
    differences = list(_broken_seals(published))
    if any(line.startswith(f"{name}: ") for line in differences for name in _SETTINGS):
        edited = "how the run was carried out was edited, so that nothing was derived again"
        return Audit(tuple(differences), 0, 0, 0, False, 1.0, (edited,))
    settings, on_device = _settings(published, workers, store)
    override = _override(published.get("override"))
    mine = [entry for entry in entries if entry.id in {c["id"] for c in published["claims"]}]
    try:
        planned = plan(mine, settings, override)
    except RequestError as error:
        return Audit((*differences, f"override: {error}"), 0, 0, 0, False, 1.0, on_device)
    judged, items = _judged(published, planned)
    differences += _left_out(published, planned, mine, failures)
    missing, notes = list(_missing(published, planned)), list(on_device)
    (notes if _partial(published) else differences).extend(missing)
    with Run(items, settings, on_progress) as run:
        results = [run.result(item) for item in judged]
        derived = document(
            mine, (), results, settings,
            provenance(settings, run.workers, datetime.now(UTC), 0.0), override=override,
            certificate=_of_judged(run.certificate(), judged, items),
        )  # fmt: skip
        blocks, processes = list(run.blocks()), run.workers
        notes += run.notes
    by_id = {item.id: item for item in judged}
    for told, again in _errors(published, derived):
        if told["replay"] != again["replay"]:
            _confirm(told, again, by_id[told["id"]], mine, settings, override, processes)
        if _without_addresses(told["sentence"]) == _without_addresses(again["sentence"]):
            again["sentence"] = told["sentence"]
    context = _context(published, derived, {item.id: item.series for item in judged})
    notes += context.notes
    differences += context.differences
    differences += _compared(published, derived, context)
    size = min(len(blocks), sample_size(catch))
    chosen = (chance or random.SystemRandom()).sample(blocks, size)
    for line in _simulated_again(chosen, processes, on_progress):
        if context.same_machine:
            differences.append(line)
        else:
            notes.append(f"{line} (on another make of device that need not be a forgery)")
    return Audit(
        tuple(dict.fromkeys(differences)), len(judged), len(blocks), size, context.exact,
        0.0 if size == len(blocks) else 1 - 0.05 ** (1 / size), tuple(notes),
    )  # fmt: skip


# -- the run that the file speaks of --------------------------------------------------------------


def _broken_seals(published: Document) -> Iterator[str]:
    told = published["certificate"]["seals"]
    true = seals(published)
    for name in sorted({*told, *true}):
        if told.get(name) != true.get(name):
            yield f"{name}: does not fit its seal, so one of the two was edited after the run"


def _settings(
    published: Document, workers: int | None, store: Path | None
) -> tuple[Settings, tuple[str, ...]]:
    """The settings of the run; on the processor where its device does not exist here."""
    settings = Settings(
        effort=published["effort"],
        seed=published["seed"],
        alpha=published["alpha"],
        device=published["provenance"]["device"],
        fixed=published.get("fixed", False),
        workers=workers,
        store=store,
    )
    try:
        require_device(settings.device)
    except RequestError as error:
        return replace(settings, device="cpu"), (f"{error}; simulated on the processor instead",)
    return settings, ()


def _override(recorded: Mapping[str, Any] | None) -> Override | None:
    if recorded is None:
        return None
    return Override(
        case=recorded["case"],
        points={name: tuple(points) for name, points in recorded["points"].items()},
        margin=recorded["margin"],
        constants=recorded["constants"],
    )


def _rows(whole: Document) -> Iterator[dict[str, Any]]:
    for claim in whole["claims"]:
        yield from claim["checks"]
        yield from claim["falsifiers"]


def _partial(published: Document) -> bool:
    """Whether the run says of itself that it judged only a part of its claims."""
    return bool(published["certificate"].get("selection") == "part")


def _judged(
    published: Document, planned: Sequence[CheckItem | FalsifierItem]
) -> tuple[list[CheckItem | FalsifierItem], list[CheckItem | FalsifierItem]]:
    """The items of the results, and these with what shared their data but was not judged.

    Where a series is sampled next depends on all of its items that are open.
    """
    shown = {row["id"] for row in _rows(published)}
    judged = [item for item in planned if item.id in shown]
    asked = shown.union(published["certificate"].get("unjudged", ()))
    series = {item.series for item in judged}
    return judged, [item for item in planned if item.id in asked and item.series in series]


def _of_judged(
    certificate: dict[str, Any], judged: Sequence[Item], items: Sequence[Item]
) -> dict[str, Any]:
    """A certificate of the series all of whose items are judged: the others have no fixed end."""
    ids = {item.id for item in judged}
    unfinished = {_key_of(item.series) for item in items if item.id not in ids}
    series = [row for row in certificate["series"] if _key(row) not in unfinished]
    return {**certificate, "series": series}


def _missing(published: Document, planned: Sequence[Item]) -> Iterator[str]:
    """What the claims that the results list plan, and the results do not hold."""
    shown = {row["id"] for row in _rows(published)}
    for claim in published["claims"]:
        mine = [item.id for item in planned if item.entry.id == claim["id"]]
        missing = [name for name in mine if name not in shown]
        if missing and missing == mine:
            yield f"claims[{claim['id']}]: is listed, but nothing of it was judged"
        elif missing and _partial(published):
            yield f"claims[{claim['id']}]: only a part was judged, not {', '.join(missing)}"
        else:
            yield from (f"{name}: is planned by the claim file, but not in the results"
                        for name in missing)  # fmt: skip


def _left_out(
    published: Document,
    planned: Sequence[Item],
    mine: Sequence[Entry],
    failures: Iterable[tuple[Path, RatecheckError]],
) -> Iterator[str]:
    """What is in one of results, certificate and claim files, and not in the others."""
    here = {entry.id for entry in mine}
    broken = {shown_path(path): str(error) for path, error in failures}
    for claim in published["claims"]:
        if claim["id"] not in here:
            file = PurePosixPath(claim["file"]).name
            why = _message(file, broken) or (
                "there is no such claim file here; name its folder with --claims FOLDER"
            )
            yield f"claims[{claim['id']}]: is in the results, but {why}"
    shown = [row["id"] for row in _rows(published)]
    for name in sorted({name for name in shown if shown.count(name) > 1}):
        yield f"{name}: is in the results more than once"
    plans = {item.id for item in planned}
    certified = set(published["certificate"]["items"])
    for name in shown:
        if name.partition("/")[0] in here and name not in plans:
            yield f"{name}: is in the results, but no claim file plans it"
        if name not in certified:
            yield f"{name}: is in the results, but not in the certificate"
    for name in sorted(certified - set(shown)):
        yield f"{name}: is in the certificate, but not in the results"
    for name in published["certificate"].get("unjudged", ()):
        if name.partition("/")[0] in here and name not in plans:
            yield f"certificate.unjudged: no claim file plans {name}"
    for error in published["errors"]:
        now = _message(error["file"], broken) or "nothing of the kind"
        if now != error["message"]:
            yield (
                f"errors[{error['file']}].message: the results say {error['message']!r}, the file "
                f"says {now!r}"
            )


def _message(file: str, broken: Mapping[str, str]) -> str | None:
    """What is wrong with a claim file that does not load."""
    return next((message for path, message in broken.items() if _one_file(file, path)), None)


@dataclass(frozen=True)
class _Context:
    """What may be compared with what.

    ``same_numbers`` are the items whose blocks have the certified digests.
    """

    same_machine: bool
    exact: bool
    same_numbers: frozenset[str]
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def _context(published: Document, derived: Document, series: Mapping[str, Series]) -> _Context:
    differences, notes = [], []
    told, here = published["provenance"], derived["provenance"]
    changed = [n for n in _MACHINE if told.get(n) is not None and told[n] != here.get(n)]
    if changed:
        what = ", ".join(f"{n.replace('_', ' ')} {told[n]} (here {here.get(n)})" for n in changed)
        notes.append(f"the run was made with {what}: bits may differ, verdicts must not")
    certified, again = (whole["certificate"]["series"] for whole in (published, derived))
    same_versions = all(told.get(name) == here.get(name) for name in _IN_PRINT)
    prints_differ = False
    same = set()
    pairs, missing, superfluous = _paired(certified, again)
    differences += [
        f"{_series_name(row)}: is planned with {row['params']} at {row['points']}, but not in the "
        "certificate"
        for row in missing
    ]
    differences += [f"{_series_name(row)}: belongs to no item of the results"
                    for row in superfluous]  # fmt: skip
    for old, row in pairs:
        name = _series_name(row)
        differences += _fields(name, old, row, skip={"fingerprint", "digests", "blocks"})
        if old["digests"] == row["digests"]:
            same.add(_key(row))
        if old["fingerprint"] != row["fingerprint"]:
            prints_differ = True
            if same_versions:
                differences.append(f"{name}.fingerprint: the simulation's source is not that of "
                                   "the run")  # fmt: skip
        elif not same_versions:
            wrong = next(n for n in _IN_PRINT if told.get(n) != here.get(n))
            differences.append(f"provenance.{wrong}: the fingerprints are those of version "
                               f"{here.get(wrong)}, not of {told.get(wrong)}")  # fmt: skip
        elif not changed:
            differences += _fields(name, old, row, skip={"fingerprint"})
    by_series = {name: _key_of(one) for name, one in series.items()}
    return _Context(
        same_machine=not changed,
        exact=not changed and not prints_differ,
        same_numbers=frozenset(n for n, key in by_series.items() if key in same),
        differences=tuple(differences),
        notes=tuple(notes),
    )


def _paired(
    certified: Sequence[_Row], again: Sequence[_Row]
) -> tuple[list[tuple[_Row, _Row]], list[_Row], list[_Row]]:
    """Certified series with themselves as derived again; those not certified; those not derived.

    They are paired by what they name, in whichever order the claims were given. Where only what a
    series names was edited, what is left on both sides belongs together by its place.
    """
    before: dict[tuple[object, ...], list[_Row]] = {}
    for row in certified:
        before.setdefault(_key(row), []).append(row)
    pairs, missing = [], []
    for row in again:
        partners = before.get(_key(row))
        if partners:
            pairs.append((partners.pop(0), row))
        else:
            missing.append(row)
    superfluous = [row for rows in before.values() for row in rows]
    if len(superfluous) == len(missing):
        return pairs + list(zip(superfluous, missing, strict=True)), [], []
    return pairs, missing, superfluous


def _series_name(row: _Row) -> str:
    return f"certificate.series[{row['claim']}/{row['experiment']}[{row['axis']}]]"


def _key(row: _Row) -> tuple[object, ...]:
    params = tuple(sorted(row["params"].items()))
    return row["claim"], row["experiment"], row["axis"], tuple(row["points"]), params


def _key_of(series: Series) -> tuple[object, ...]:
    return series.claim, series.experiment, series.axis, series.points, series.params


# -- field by field -------------------------------------------------------------------------------


def _compared(published: Document, derived: Document, context: _Context) -> Iterator[str]:
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
        if not _one_file(claim["file"], other["file"]):
            yield f"{name}.file: the results say {claim['file']!r}, it is {other['file']!r}"
        for kind in ("checks", "falsifiers"):
            yield from _rows_compared(claim[kind], other[kind], context, close)


def _rows_compared(
    told: Sequence[Mapping[str, Any]],
    again: Sequence[Mapping[str, Any]],
    context: _Context,
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


def _one_file(a: str, b: str) -> bool:
    """Whether two paths, seen from different folders, may be one file."""
    first, second = PurePosixPath(a).parts, PurePosixPath(b).parts
    shorter = min(len(first), len(second))
    return shorter > 0 and first[-shorter:] == second[-shorter:]


def _overlap(a: Sequence[float | None] | None, b: Sequence[float | None] | None) -> bool:
    if a is None or b is None:
        return a == b
    low = [-math.inf if end[0] is None else end[0] for end in (a, b)]
    high = [math.inf if end[1] is None else end[1] for end in (a, b)]
    return max(low) <= min(high)


# -- errors ----------------------------------------------------------------------------------------


def _errors(
    published: Document, derived: Document
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows that are an ERROR in both."""
    rows = {row["id"]: row for row in _rows(derived)}
    for told in _rows(published):
        again = rows.get(told["id"])
        if again is not None and told.get("replay") and again.get("replay"):
            yield told, again


def _without_addresses(sentence: str) -> str:
    """A sentence without the addresses of objects, which are others in every process."""
    return _ADDRESS.sub("0x", sentence)


def _confirm(
    told: Mapping[str, Any],
    again: dict[str, Any],
    item: Item,
    entries: Sequence[Entry],
    settings: Settings,
    override: Override | None,
    workers: int,
) -> None:
    """Take over the block that the results name where it really fails like that.

    Which of several failing blocks fails first depends on the machine.
    """
    name = told["replay"].partition("'")[2].partition("'")[0]
    try:
        block = find(name, entries, settings, override)
    except RequestError:
        return
    pool = executor(workers)
    try:
        pool.submit(block)
        [(_, outcome)] = pool.wait()
    finally:
        pool.close()
    if isinstance(outcome, Failure):
        answer = failed(item, block, outcome)
        same = _without_addresses(answer.sentence) == _without_addresses(told["sentence"])
        if same and answer.replay == told["replay"]:
            again |= {"sentence": answer.sentence, "replay": answer.replay}


# -- the sample -----------------------------------------------------------------------------------


def _simulated_again(
    chosen: Sequence[tuple[Block, Numbers]],
    workers: int,
    on_progress: Callable[[], object] | None,
) -> Iterator[str]:
    """What is wrong with the numbers of the sampled blocks.

    A block that comes out otherwise is simulated once more: what differs from itself shows no
    forgery, but a simulation with randomness of its own.
    """
    expected = {block.digest: numbers for block, numbers in chosen}
    others: dict[str, Numbers] = {}
    for block, outcome in _outcomes([block for block, _ in chosen], workers, on_progress):
        if not isinstance(outcome, Numbers):
            yield f"{block.name}: could not be simulated again: {outcome.message}"
        elif not outcome.same_as(expected[block.digest]):
            others[block.digest] = outcome
    differing = [block for block, _ in chosen if block.digest in others]
    for block, outcome in _outcomes(differing, workers, on_progress):
        forged = "the stored numbers are not those of the simulation"
        yield f"{block.name}: {forged if steady(others[block.digest], outcome) else UNSTEADY}"


def _outcomes(
    blocks: Sequence[Block], workers: int, on_progress: Callable[[], object] | None
) -> Iterator[tuple[Block, Numbers | Failure]]:
    """The blocks as they are simulated, in whichever order they finish."""
    if not blocks:
        return
    pool, queue, left = executor(workers), list(blocks), len(blocks)
    try:
        while left:
            while queue and pool.free:
                pool.submit(queue.pop())
            for block, outcome in pool.wait():
                left -= 1
                yield block, outcome
                if on_progress is not None:
                    on_progress()
    finally:
        pool.close()
