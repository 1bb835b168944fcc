"""The looks of a sequential run: the interval after each, against the work so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ratecheck.report import notation, svg
from ratecheck.report.pictures.agreement import band_parts, framed
from ratecheck.report.pictures.frame import (
    LEFT,
    RIGHT,
    WIDTH,
    clamped_scale,
    fitting,
    x_axis,
    y_axis,
)
from ratecheck.report.pictures.marks import whiskers
from ratecheck.report.scale import decade_ticks, linear_ticks, logarithmic, thinned

_TOP, _BOTTOM = 20.0, 92.0


def looks_picture(check: Mapping[str, Any]) -> str:
    """The interval after each look of a sequential run, against the work so far."""
    looks = [look for look in check["looks"] if look["measured"] is not None and look["work"] > 0]
    if len(looks) < 2:
        return ""
    y = clamped_scale(
        [look["measured"] for look in looks],
        [end for look in looks for end in look["interval"] or () if end is not None],
        *framed(check),
        (_BOTTOM, _TOP),
    )
    x = logarithmic([look["work"] for look in looks], LEFT, RIGHT)
    parts = [
        *band_parts(check, y),
        *y_axis(y, linear_ticks(y)),
        *whiskers(((x(look["work"]), look["measured"], look["interval"]) for look in looks), y),
        svg.words(2, 12, _name(check), "name"),
        *x_axis(x, thinned(x, decade_ticks(x, 4)), _BOTTOM),
    ]
    first, last = looks[0], looks[-1]
    description = (
        f"{len(looks)} looks. First interval {notation.interval_text(first['interval'])}, "
        f"last {notation.interval_text(last['interval'])}."
    )
    return svg.picture(
        WIDTH, _BOTTOM + 26, f"Interval against work, {check['id']}", description, parts
    )


def _name(check: Mapping[str, Any]) -> str:
    """What is drawn, against work: replicates of all points, times their declared cost."""
    cost = check.get("cost")
    unit = f"replicates times {notation.product(cost)}" if cost else "replicates"
    return fitting(*(f"interval after each look, against {work}" for work in (unit, "work")))
