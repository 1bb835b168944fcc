"""``ratecheck doctor``: is this machine ready, and what will be used?"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ratecheck.errors import RatecheckError
from ratecheck.faces.cli import options

Finding = tuple[bool, str, str]


def doctor(store: options.Store = options.STORE_DEFAULT, claims: options.Claims = None) -> None:
    """Check the installation, the devices, the store and the claim files.

    Exit code 0 when all is well, 1 when something needs mending.
    """
    console = options.console()
    findings = [*_python(), *_devices(), *_workers(), *_store(store), *_claims(claims)]
    for well, what, text in findings:
        console.print(f"{'ok  ' if well else 'MEND'} {what}: {text}", markup=False)
    raise SystemExit(0 if all(well for well, _, _ in findings) else 1)


def _python() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    yield sys.version_info >= (3, 11), "python", sys.version.split()[0]
    for text in requires("ratecheck") or ():
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            yield False, requirement.name, "is missing; pip install ratecheck again"
            continue
        fits = requirement.specifier.contains(found, prereleases=True)
        needs = "" if fits else f", but {requirement.specifier} is needed"
        yield fits, requirement.name, f"{found}{needs}"


def _devices() -> Iterator[Finding]:
    import torch

    from ratecheck.engine.device import worker_count
    from ratecheck.engine.plan import Settings

    yield True, "cpu", f"{worker_count(Settings())} cores: as many workers by default"
    if not torch.cuda.is_available():
        yield True, "gpu", "none that torch can use; quick and standard effort need none"
        return
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        size = properties.total_memory / 2**30
        yield True, f"cuda:{index}", f"{properties.name}, {size:.0f} GiB; use --device cuda:{index}"


def _workers() -> Iterator[Finding]:
    """A worker process really starts and answers."""
    from ratecheck.engine.executors import Processes

    start = time.monotonic()
    try:
        Processes(1).close()
    except RatecheckError as error:
        yield False, "workers", str(error)
        return
    yield True, "workers", f"a process starts in {time.monotonic() - start:.1f} s"


def _store(place: str) -> Iterator[Finding]:
    from ratecheck.engine.store import Store

    if place == "none":
        return
    path = Path(place)
    if not path.exists():
        yield True, "store", f"{path} does not exist yet"
        return
    try:
        with Store(path) as store:
            count, notes = store.count(), list(store.notes)
    except RatecheckError as error:
        yield False, "store", str(error)
        return
    free = shutil.disk_usage(path.parent).free / 2**30
    size = path.stat().st_size / 2**20
    yield (
        not notes,
        "store",
        "; ".join(notes) or (f"{path}: {count} blocks, {size:.1f} MiB, {free:.0f} GiB free"),
    )


def _claims(folder: Path | None) -> Iterator[Finding]:
    try:
        entries, failures = options.find(None, folder)
    except RatecheckError as error:
        yield False, "claims", str(error)
        return
    yield True, "claims", f"{len(entries)} load"
    for _, failure in failures:
        yield False, "claims", str(failure)
