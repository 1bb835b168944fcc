"""A check of ratios: their values with the band in which they agree with the theorem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ratecheck.report.pictures.agreement import band, band_parts
from ratecheck.report.pictures.frame import BOTTOM, TOP
from ratecheck.report.pictures.marks import Datum, panel
from ratecheck.report.scale import (
    Scale,
    Tick,
    decade_ticks,
    linear,
    linear_ticks,
    logarithmic,
)


def ratio_panel(
    check: Mapping[str, Any],
    data: Sequence[Datum],
    others: Sequence[Sequence[Datum]],
    x: Scale,
) -> list[str]:
    """The upper panel of a check of ratios."""
    y, ticks = _y_scale(check, data, others)
    return panel(check, data, others, (x, y, ticks), band_parts(check, y))


def _y_scale(
    check: Mapping[str, Any], data: Sequence[Datum], others: Sequence[Sequence[Datum]]
) -> tuple[Scale, list[Tick]]:
    """Linear, or a log scale where ratios differ much; falsifiers may stretch it threefold."""
    values = [v for datum in data for v in (datum.y, datum.low, datum.high) if v is not None]
    values += [end for end in band(check) if end is not None]
    values.append(float(check["predicted"] or 0.0))
    low, high = min(values), max(values)
    rest = [datum.y for other in others for datum in other]
    if low > 0 and max(values + rest) > 5 * low:
        rest = [min(max(value, low**2 / high), high**2 / low) for value in rest if value > 0]
        y = logarithmic([*values, *rest], BOTTOM, TOP)
        return y, decade_ticks(y)
    reach = 2 * (high - low)
    rest = [min(max(value, low - reach), high + reach) for value in rest]
    y = linear([*values, *rest], BOTTOM, TOP)
    return y, linear_ticks(y)
