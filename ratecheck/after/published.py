"""The run that a results file speaks of: its settings, its items, and what is none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from ratecheck.claim.catalogue import Entry
from ratecheck.engine.device import require_device
from ratecheck.engine.plan import CheckItem, FalsifierItem, Item, Override, Series, Settings
from ratecheck.errors import RatecheckError, RequestError
from ratecheck.report.results import UNCHECKED, Document, seals, shown_path

Row = Mapping[str, Any]
_DEVICE = re.compile(r"cpu|cuda(:\d+)?", re.ASCII)


def broken_seals(published: Document) -> Iterator[str]:
    """The parts of the results that were edited after they had been sealed."""
    told = published["certificate"]["seals"]
    true = seals(published)
    for name in sorted({*told, *true}):
        if told.get(name) != true.get(name):
            yield f"{name}: does not fit its seal, so one of the two was edited after the run"


def no_device(published: Document) -> Iterator[str]:
    """A device that no run can have had, so that nobody could have it at hand."""
    device = published["provenance"]["device"]
    if not _DEVICE.fullmatch(device):
        yield f"provenance.device: {device!r} is none on which a run can be; it is cpu or cuda"


def settings_of(
    published: Document, workers: int | None, executor: str | None, store: Path | None
) -> tuple[Settings, tuple[str, ...]]:
    """The settings of the run; on the processor where its device does not exist here."""
    settings = Settings(
        effort=published["effort"],
        seed=published["seed"],
        alpha=published["alpha"],
        device=published["provenance"]["device"],
        fixed=published.get("fixed", False),
        workers=workers,
        executor=executor,
        store=store,
    )
    try:
        require_device(settings.device)
    except RequestError as error:
        return replace(settings, device="cpu"), (f"{error}; simulated on the processor instead",)
    return settings, ()


def override_of(recorded: Mapping[str, Any] | None) -> Override | None:
    """What the run was asked for that its claim files do not list."""
    if recorded is None:
        return None
    return Override(
        case=recorded["case"],
        points={name: tuple(points) for name, points in recorded["points"].items()},
        margin=recorded["margin"],
        constants=recorded["constants"],
        experiments=tuple(recorded.get("experiments", ())),
        items=tuple(recorded.get("items", ())),
        words=tuple(recorded.get("words", ())),
    )


def rows_of(whole: Document) -> Iterator[dict[str, Any]]:
    """Every check and falsifier of the results."""
    for claim in whole["claims"]:
        yield from claim["checks"]
        yield from claim["falsifiers"]


def partial(published: Document) -> bool:
    """Whether the run says of itself that it judged only a part of its claims."""
    return bool(published["certificate"].get("selection") == "part")


def judged_of(
    published: Document, planned: Sequence[CheckItem | FalsifierItem]
) -> tuple[list[CheckItem | FalsifierItem], list[CheckItem | FalsifierItem]]:
    """The items of the results, and these with what shared their data but was not judged.

    Where a series is sampled next depends on all of its items that are open.
    """
    shown = {row["id"] for row in rows_of(published)}
    judged = [item for item in planned if item.id in shown]
    asked = shown.union(published["certificate"].get("unjudged", ()))
    series = {item.series for item in judged}
    return judged, [item for item in planned if item.id in asked and item.series in series]


def of_judged(
    certificate: dict[str, Any], judged: Sequence[Item], items: Sequence[Item]
) -> dict[str, Any]:
    """A certificate of the series all of whose items are judged: the others have no fixed end."""
    ids = {item.id for item in judged}
    unfinished = {key_of(item.series) for item in items if item.id not in ids}
    series = [row for row in certificate["series"] if key(row) not in unfinished]
    return {**certificate, "series": series}


def missing(published: Document, planned: Sequence[Item]) -> Iterator[str]:
    """What the claims that the results list plan, and the results do not hold."""
    shown = {row["id"] for row in rows_of(published)}
    for claim in published["claims"]:
        mine = [item.id for item in planned if item.entry.id == claim["id"]]
        missing = [name for name in mine if name not in shown]
        if missing and missing == mine:
            yield f"claims[{claim['id']}]: is listed, but nothing of it was judged"
        elif missing and partial(published):
            yield f"claims[{claim['id']}]: only a part was judged, not {', '.join(missing)}"
        else:
            yield from (f"{name}: is planned by the claim file, but not in the results"
                        for name in missing)  # fmt: skip


def left_out(
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
    certified = published["certificate"].get("claims")
    listed = [claim["id"] for claim in published["claims"]]
    if certified is not None and certified != listed:
        for name in sorted({*certified} ^ {*listed}) or ["their order"]:
            yield f"claims[{name}]: is in one of results and certificate, and not in the other"
    unchecked = published["certificate"].get("unchecked", UNCHECKED)
    for where in sorted({*unchecked, *UNCHECKED}):
        if unchecked.get(where) != UNCHECKED.get(where):
            yield f"certificate.unchecked.{where}: is not what an audit leaves unchecked"
    yield from _unplanned(published, {item.id for item in planned}, here)
    for error in published["errors"]:
        now = _message(error["file"], broken) or "nothing of the kind"
        if now != error["message"]:
            yield (
                f"errors[{error['file']}].message: the results say {error['message']!r}, the file "
                f"says {now!r}"
            )


def beside(
    published: Document,
    entries: Iterable[Entry],
    failures: Iterable[tuple[Path, RatecheckError]],
) -> Iterator[str]:
    """Claims of the folder that the results do not hold.

    They may have been written since; that somebody dropped them nobody can rule out.
    """
    asked = published["certificate"].get("asked")
    listed = {claim["id"] for claim in published["claims"]}
    told = [error["file"] for error in published["errors"]]
    absent = [entry.id for entry in entries if entry.id not in listed]
    absent += [
        path.stem
        for path, _ in failures
        if path.stem not in listed and not any(one_file(file, shown_path(path)) for file in told)
    ]
    if absent:
        run = "the run does not say of which claims it was"
        if asked is not None:
            run = f"the run says that it was of {', '.join(asked) or 'all there were'}"
        yield f"not in the results, but in the folder of claims: {', '.join(absent)} ({run})"


def _unplanned(published: Document, plans: set[str], here: set[str]) -> Iterator[str]:
    """Items of results and certificate that the other, or no claim file, knows."""

    def is_lost(name: str) -> bool:
        return name.partition("/")[0] in here and name not in plans

    shown = [row["id"] for row in rows_of(published)]
    certified = set(published["certificate"]["items"])
    for name in sorted({name for name in shown if shown.count(name) > 1}):
        yield f"{name}: is in the results more than once"
    for name in shown:
        if is_lost(name):
            yield f"{name}: is in the results, but no claim file plans it"
        if name not in certified:
            yield f"{name}: is in the results, but not in the certificate"
    for name in sorted(certified - set(shown)):
        yield f"{name}: is in the certificate, but not in the results"
    for name in published["certificate"].get("unjudged", ()):
        if is_lost(name):
            yield f"certificate.unjudged: no claim file plans {name}"


def _message(file: str, broken: Mapping[str, str]) -> str | None:
    """What is wrong with a claim file that does not load."""
    return next((message for path, message in broken.items() if one_file(file, path)), None)


def one_file(a: str, b: str) -> bool:
    """Whether two paths, seen from different folders, may be one file."""
    first, second = PurePosixPath(a).parts, PurePosixPath(b).parts
    shorter = min(len(first), len(second))
    return shorter > 0 and first[-shorter:] == second[-shorter:]


def key(row: Row) -> tuple[object, ...]:
    """What tells the series of a certificate apart."""
    params = tuple(sorted(row["params"].items()))
    return row["claim"], row["experiment"], row["axis"], tuple(row["points"]), params


def key_of(series: Series) -> tuple[object, ...]:
    """The same of a series of the plan."""
    return series.claim, series.experiment, series.axis, series.points, series.params
