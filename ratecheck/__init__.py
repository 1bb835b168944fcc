"""ratecheck: checks theorems about rates by simulation, with both error rates under control.

What a claim file needs stands here, and what asks about numbers that are there already (`fit`,
`assert_rate`), simulates (`check`) or reads results (`load_results`). Each name is imported when it
is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
_PLACES = {
    "claim.claim": {"Claim"},
    "claim.experiment": {"Axis", "Experiment"},
    "claim.falsifier": {"Falsifier", "Moved", "Without"},
    "faces.door": {"Fit", "Results", "assert_rate", "check", "fit", "load_results"},
}  # of names; the others are kinds of check


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ratecheck' has no attribute '{name}'")
    if name == "lab":
        return import_module("ratecheck.lab")
    import_module("ratecheck.forms")  # makes them known by name
    place = next((place for place, names in _PLACES.items() if name in names), "claim.checks")
    found = getattr(import_module(f"ratecheck.{place}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
