"""ratecheck: checks theorems about rates by simulation, with both error rates under control.

What a claim file needs stands here, and what asks about numbers that are there already (`fit`,
`assert_rate`), simulates (`check`) or reads results (`load_results`), which is imported when it is
first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ratecheck import forms as _forms  # noqa: F401 makes them known by name
from ratecheck import lab
from ratecheck.claim.checks import (
    Above,
    Additive,
    Agrees,
    AtLeast,
    AtMost,
    Below,
    Check,
    Decay,
    Faster,
    Flat,
    Rate,
    Reaches,
    ReachesWithin,
)
from ratecheck.claim.claim import Claim
from ratecheck.claim.experiment import Axis, Experiment
from ratecheck.claim.falsifier import Falsifier, Moved, Without

if TYPE_CHECKING:
    from ratecheck.faces.door import Fit, Results, assert_rate, check, fit, load_results

__version__ = "0.1.0"

__all__ = [
    "Above",
    "Additive",
    "Agrees",
    "AtLeast",
    "AtMost",
    "Axis",
    "Below",
    "Check",
    "Claim",
    "Decay",
    "Experiment",
    "Falsifier",
    "Faster",
    "Fit",
    "Flat",
    "Moved",
    "Rate",
    "Reaches",
    "ReachesWithin",
    "Results",
    "Without",
    "assert_rate",
    "check",
    "fit",
    "lab",
    "load_results",
]
_LATER = frozenset({"Fit", "Results", "assert_rate", "check", "fit", "load_results"})


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module 'ratecheck' has no attribute '{name}'")
    from ratecheck.faces import door

    return getattr(door, name)


def __dir__() -> list[str]:
    return [*globals(), *_LATER]
