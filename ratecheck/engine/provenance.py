"""Where numbers come from: versions, device and commit of a run, and nothing about its owner.

No host name, no user and no path is recorded: a published run tells how to repeat it, not whose
machine it was.
"""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck import __version__
from ratecheck.errors import RatecheckError

if TYPE_CHECKING:
    from ratecheck.engine.plan import Settings

LIBRARIES = ("torch", "numpy", "scipy", "numba")
_CPUINFO = Path("/proc/cpuinfo")


def provenance(
    settings: Settings, workers: int, started: datetime | float, seconds: float
) -> dict[str, Any]:
    """The provenance of a run, as it stands in its results document.

    Parameters
    ----------
    settings : Settings
        Of the run.
    workers : int
        Worker processes (0: the simulations ran in the driver).
    started : datetime or float
        When the run began; a float is seconds since 1970.
    seconds : float
        How long it took.
    """
    if not isinstance(started, datetime):
        started = datetime.fromtimestamp(started, UTC)
    return {
        "ratecheck": __version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
        "platform": f"{platform.system()} {platform.machine()}",
        "device": settings.device,
        "device_name": _device_name(settings.device),
        "cores": cores(),
        "workers": workers,
        "commit": commit(),
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "seconds": round(max(0.0, seconds), 3),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def cores() -> int | None:
    """Cores that this process may use; all of them where the system does not tell."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _device_name(device: str) -> str | None:
    """The make of the processor or of the GPU."""
    if device.startswith("cuda"):
        import torch

        return str(torch.cuda.get_device_name(device)) if torch.cuda.is_available() else None
    try:
        lines = _CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or None
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or None)


def commit() -> str | None:
    """The commit that is checked out here, marked where tracked files were changed since."""
    try:
        head = _git(Path.cwd(), "rev-parse", "HEAD")
        changed = _git(Path.cwd(), "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError, RatecheckError):
        return None
    return f"{head}+changes" if changed else head


def _git(folder: Path, *arguments: str) -> str:
    run = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10
    )
    if run.returncode:
        raise RatecheckError("no repository here")
    return run.stdout.strip()
