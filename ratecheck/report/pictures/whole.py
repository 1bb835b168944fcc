"""A check's picture: its upper panel, local exponents where slopes are judged, and their axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ratecheck.report import notation, svg
from ratecheck.report.pictures.curve import curve_panel
from ratecheck.report.pictures.frame import (
    BOTTOM,
    LEFT,
    RIGHT,
    WIDTH,
    axis_of,
    quantity,
    x_axis,
)
from ratecheck.report.pictures.local import LOCAL_BOTTOM, local_panel
from ratecheck.report.pictures.marks import Datum, data_of
from ratecheck.report.pictures.ratios import ratio_panel
from ratecheck.report.scale import Scale, linear, logarithmic, point_ticks

Check = Mapping[str, Any]
_SHORT = 3  # a longer name of the axis would run into the last tick's label


def drawable(check: Check) -> bool:
    """Whether a check has anything to draw."""
    return len(data_of(check["points"], check)) > 0


def check_picture(check: Check, falsifiers: Sequence[Mapping[str, Any]]) -> str:
    """The quantity against the axis and, for slopes, its local exponents below on the same axis.

    Parameters
    ----------
    check : mapping
        A check of the document with at least one point.
    falsifiers : sequence of mapping
        The falsifiers of this check, drawn lighter.
    """
    data = data_of(check["points"], check)
    others = [data_of(falsifier["points"], check) for falsifier in falsifiers]
    x = _x_scale(check, [data, *others])
    upper = (
        ratio_panel(check, data, others, x)
        if check["scale"] == "ratio"
        else curve_panel(check, data, others, x)
    )
    local = _local_exponents(check)
    lower = local_panel(check, local, x) if local else []
    bottom = LOCAL_BOTTOM if local else BOTTOM
    ticks = point_ticks(x, [datum.x for datum in data])
    axis_name = axis_of(check)
    short = len(axis_name) <= _SHORT
    axis = [
        *x_axis(x, ticks, bottom),
        svg.words(WIDTH - 2, bottom + (19 if short else 31), axis_name, "name", "e"),
    ]
    return svg.picture(
        WIDTH, bottom + (26 if short else 37),
        f"{quantity(check)} against {axis_name}, {check['id']}",
        _description(check, data), [*upper, *lower, *axis],
    )  # fmt: skip


def _local_exponents(check: Check) -> list[Mapping[str, Any]]:
    if check["scale"] not in ("log-log", "semi-log"):
        return []
    return [one for one in check["local"] if one["exponent"] is not None]


def _x_scale(check: Check, series: Sequence[Sequence[Datum]]) -> Scale:
    """That of the check's coordinates; of ratios, a log scale where the axis is long."""
    values = [datum.x for data in series for datum in data]
    spread = min(values) > 0 and max(values) / min(values) >= 8
    if check["scale"] == "log-log" or (check["scale"] != "semi-log" and spread):
        return logarithmic(values, LEFT, RIGHT, pad=0.03)
    return linear(values, LEFT, RIGHT, pad=0.03)


def _description(check: Check, data: Sequence[Datum]) -> str:
    ends = f"{notation.number(data[0].x)} to {notation.number(data[-1].x)}"
    return (
        f"{notation.plural(len(data), 'point')}, {check['axis']} from {ends}; values from "
        f"{notation.number(data[0].y)} to {notation.number(data[-1].y)}. Claimed "
        f"{notation.slope(check['predicted'])}, measured "
        f"{notation.measured(check['measured'], check['interval'])}, interval "
        f"{notation.interval_text(check['interval'])}: {check['verdict']}."
    )
