"""An exponent above a floor that nobody knows (`Rate(..., floor="fit")`), in any noisy form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ratecheck.claim.question import Question

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding
    from ratecheck.inference.sequential import Level

HIDDEN = "floor and rate cannot be told apart"
FLAT = 1e-9


def finding(
    question: Question, logs: Array, variance: Array | None, level: Level, advice: str = ""
) -> Finding:
    """Theta of the part above the floor, with the profile's interval.

    Parameters
    ----------
    question : Question
    logs : array of shape (k,)
        Of what was seen at the points.
    variance : array of shape (k,), or None
        Of each log; None where only the residuals show the noise.
    level : Level
    advice : str
        As of `Finding`.
    """
    import numpy as np

    from ratecheck.inference import unknown_floor
    from ratecheck.inference.finding import no_interval, window

    check, claimed = question.check, question.predicted
    if len(logs) < unknown_floor.FEWEST:
        return no_interval(f"an unknown floor needs {unknown_floor.FEWEST} points or more")
    if abs(claimed) < FLAT:
        return no_interval("a claim of no dependence and a floor are one and the same")
    x, sign = question.abscissa, float(np.sign(claimed))
    tail = float(level.tail)
    fit = unknown_floor.profile(x, logs, question.log_formula, sign, tail, variance=variance)
    theta, low, high = (float(v) - claimed for v in (fit.exponent, fit.low, fit.high))
    found = window(theta, low, high, check.margin, check.side)
    told = (f"the floor that fits best is {float(fit.floor):.4g}",)
    found = replace(found, warnings=told, advice=advice)
    if found.outcome == "INCONCLUSIVE" and not np.isfinite(fit.low if sign < 0 else fit.high):
        return replace(found, reason=HIDDEN)
    return found
