"""Local exponents below a curve, on the same axis: whether it still bends."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ratecheck import words
from ratecheck.report import svg
from ratecheck.report.pictures.agreement import band_parts, framed
from ratecheck.report.pictures.frame import LEFT, RIGHT, clamped_scale, y_axis
from ratecheck.report.pictures.marks import whiskers
from ratecheck.report.scale import Scale, linear_ticks

_TOP = 214.0
LOCAL_BOTTOM = 286.0


def local_panel(
    check: Mapping[str, Any], local: Sequence[Mapping[str, Any]], x: Scale
) -> list[str]:
    """Local exponents on the axis of the panel above, with the formula's own and the margin."""
    frame, reach = framed(check)
    claimed = _claimed(check, x)
    y = clamped_scale(
        [*(one["exponent"] for one in local), *(slope for _, slope in claimed)],
        [end for one in local for end in one["interval"] or () if end is not None],
        frame,
        reach,
        (LOCAL_BOTTOM, _TOP),
    )
    line = _to_edges(claimed, float(check["predicted"] or 0.0))
    return [
        *band_parts(check, y, line=False),
        svg.polyline([(at, y.clipped(slope)) for at, slope in line], "claimed"),
        *y_axis(y, linear_ticks(y)),
        *whiskers(((x(one["x"]), one["exponent"], one["interval"]) for one in local), y),
        svg.text(2, _TOP - 9, f"local {words.noun_of(check)}", "name"),
    ]


def _claimed(check: Mapping[str, Any], x: Scale) -> list[tuple[float, float]]:
    """The formula's own local exponents by pixel: constant for a power, a curve with a log."""
    values = [
        (point["x"], point["formula"])
        for point in check["points"]
        if point["formula"] and point["formula"] > 0 and (not x.log or point["x"] > 0)
    ]
    line = []
    for (x1, f1), (x2, f2) in pairwise(values):
        run = math.log(x2 / x1) if x.log else x2 - x1
        if run:
            middle = math.sqrt(x1 * x2) if x.log else (x1 + x2) / 2
            line.append((x(middle), math.log(f2 / f1) / run))
    return line


def _to_edges(line: list[tuple[float, float]], level: float) -> list[tuple[float, float]]:
    """A line carried on to both edges of the panel; at a level where there is none."""
    if not line:
        return [(LEFT, level), (RIGHT, level)]
    return [(LEFT, line[0][1]), *line, (RIGHT, line[-1][1])]
