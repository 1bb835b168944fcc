"""Where a measured value agrees with the theorem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ratecheck.report import svg
from ratecheck.report.pictures.frame import LEFT, RIGHT
from ratecheck.report.scale import Scale

Check = Mapping[str, Any]


def tolerance(check: Check) -> float:
    """The margin in the units of the measured value (of a decay it is a fraction of the rate)."""
    margin = float(check["margin"])
    if check["scale"] == "semi-log" and check["predicted"]:
        return margin * abs(float(check["predicted"]))
    return margin


def band(check: Check) -> tuple[float | None, float | None]:
    """Where a measured value agrees with the theorem; an open side is None."""
    predicted, margin = float(check["predicted"] or 0.0), tolerance(check)
    relation = check["relation"]
    if check.get("bound"):  # a decay that may be faster: its slope at most the negative rate
        relation = "at most" if predicted < 0 else "at least"
    low = None if relation == "at most" else predicted - margin
    high = None if relation == "at least" else predicted + margin
    return low, high


def framed(check: Check) -> tuple[list[float], float]:
    """What a scale of measured values has to show (band and claim), and how far it reaches."""
    shown = [end for end in (*band(check), float(check["predicted"] or 0.0)) if end is not None]
    return shown, 4 * (tolerance(check) or 0.25)


def band_parts(check: Check, y: Scale, line: bool = True) -> list[str]:
    """The band over the whole width, and the claimed value as a line in it."""
    low, high = band(check)
    top = y.clipped(y.high if high is None else high)
    bottom = y.clipped(y.low if low is None else low)
    parts = [svg.rectangle(LEFT, top, RIGHT - LEFT, bottom - top, "band")]
    if line and check["predicted"] is not None and y.inside(check["predicted"]):
        level = y(check["predicted"])
        parts.append(svg.strokes([((LEFT, level), (RIGHT, level))], "claimed"))
    return parts
