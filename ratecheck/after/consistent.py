"""Whether the words of a published row follow from the numbers that stand beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ratecheck.claim.checks import Check
from ratecheck.engine.plan import Item


def contradictions(told: Mapping[str, Any], item: Item) -> Iterator[str]:
    """Words of a row that do not follow from its own numbers, whichever machine had them."""
    check, claimed, ends = item.question.check, told["predicted"], told["interval"]
    place = _place(check, claimed, ends)
    places = {place, *(_place(check, claimed, look["interval"]) for look in told.get("looks", ()))}
    words = told.get("verdict", told.get("outcome"))
    for last in (told.get("looks") or [told])[-1:]:
        if any(last[name] != told[name] for name in ("measured", "interval")):
            yield "looks: the last one"
    sampled = item.experiment.form.random and check.coordinates.slopes
    if words in ("PASS", "SURVIVED") and "inside" not in places:
        yield f"{'verdict' if words == 'PASS' else 'outcome'}: {words}"
    elif words == "FAIL" and told.get("reason") == "outside the margin" and sampled:
        if "outside" not in places:
            yield "verdict: FAIL"
    elif words == "KILLED" and check.coordinates.slopes and place != "outside":
        yield "outcome: KILLED"
    elif told.get("reason") == "too wide" and sampled and place == "inside":
        yield "reason: too wide"
    least, most = check.coordinates.limits(check.margin, check.side)
    for rival in told.get("rivals", ()) if ends is not None else ():
        away = _theta(check, claimed, rival["predicted"])
        low, high = _thetas(check, claimed, ends)
        separable = abs(away) > check.coordinates.scale(check.margin)
        if rival["separable"] != separable:
            yield f"rivals[{rival['name']}].separable: {rival['separable']}"
        # as `judge` has it: a PASS excludes what it denies, other data what they FAIL as a claim
        denied = words == "PASS" and separable and not least <= away <= most
        if denied > rival["excluded"] or rival["excluded"] > (
            separable and not low <= away <= high
        ):
            yield f"rivals[{rival['name']}].excluded: {rival['excluded']}"
    for one in told.get("siblings", ()) if sampled else ():
        where = _place(check, one["predicted"], ends)
        moved = one["name"] not in check.rivals  # a rival may bend, and be excluded for it
        if one["killed"] != (where == "outside") and (moved or where == "inside"):
            yield f"siblings[{one['name']}].killed: {one['killed']}"


def _place(check: Check, claimed: float | None, ends: Sequence[float | None] | None) -> str:
    """Where an interval lies: inside the margin, outside, across its border, or nowhere."""
    if claimed is None or ends is None:
        return "nowhere"
    low, high = _thetas(check, claimed, ends)
    least, most = check.coordinates.limits(check.margin, check.side)
    if least < low and high < most:
        return "inside"
    return "outside" if low > most or high < least else "across"


def _thetas(check: Check, claimed: float, ends: Sequence[float | None]) -> tuple[float, float]:
    """Both ends of an interval as off-ness from the claim."""
    low, high = ends
    theta_low = -math.inf if low is None else _theta(check, claimed, low)
    theta_high = math.inf if high is None else _theta(check, claimed, high)
    if _theta(check, claimed, claimed + 1) < 0:  # a rate that falls as theta grows
        theta_low = -math.inf if high is None else _theta(check, claimed, high)
        theta_high = math.inf if low is None else _theta(check, claimed, low)
    return theta_low, theta_high


def _theta(check: Check, claimed: float, value: float) -> float:
    try:
        with np.errstate(all="ignore"):
            return check.coordinates.theta(claimed, value)
    except (ValueError, ZeroDivisionError):  # a ratio that is none
        return math.nan
