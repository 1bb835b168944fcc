"""ratecheck: checks theorems about rates by simulation, with both error rates under control.

What a claim file needs stands here; everything else is reached through the command line, the
pytest plugin or the named modules.
"""

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
    "Flat",
    "Moved",
    "Rate",
    "Reaches",
    "ReachesWithin",
    "Without",
    "lab",
]
