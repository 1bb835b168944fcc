"""What a run computes on: its device, and how many workers share it."""

from __future__ import annotations

from ratecheck.engine.executors import SERIAL
from ratecheck.engine.plan import Settings
from ratecheck.engine.provenance import cores
from ratecheck.errors import RequestError


def worker_count(settings: Settings) -> int:
    """Worker processes of a run: as asked for, or one a core (one on a GPU)."""
    if settings.workers is not None:
        return settings.workers
    if settings.executor == SERIAL:
        return 0
    return 1 if settings.device.startswith("cuda") else cores() or 1


def require_device(device: str) -> None:
    """Raise `RequestError` unless the device exists here."""
    if device == "cpu":
        return
    import torch

    if not device.startswith("cuda"):
        raise RequestError(f"unknown device '{device}'; use cpu, cuda or cuda:0")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    number = device.partition(":")[2] or "0"
    if not number.isdigit() or int(number) >= count:
        have = f"{count} GPU{'s' * (count != 1)}" if count else "no GPU that torch can use"
        raise RequestError(
            f"device '{device}' was asked for, but there is {have}; use --device cpu"
        )
