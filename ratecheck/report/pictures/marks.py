"""Points with their intervals, and arrow heads for what lies beyond a panel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ratecheck.report import svg
from ratecheck.report.pictures.frame import (
    BOTTOM,
    TOP,
    Key,
    key_of,
    key_texts,
    quantity,
    y_axis,
)
from ratecheck.report.scale import Scale, Tick

Ends = Sequence[float | None]


@dataclass(frozen=True)
class Datum:
    """A point as drawn: x, y, and its interval with open sides as None."""

    x: float
    y: float
    low: float | None
    high: float | None


def data_of(points: Sequence[Mapping[str, Any]], check: Mapping[str, Any]) -> list[Datum]:
    """The points that can be drawn; ratios are taken to the formula (of a pair it is 1)."""
    ratio, positive = check["scale"] == "ratio", check["scale"] == "log-log"
    data = []
    for point in points:
        mean, formula = point["mean"], point["formula"]
        if not mean or (ratio and not formula) or (positive and point["x"] <= 0):
            continue
        unit = float(formula) if ratio else 1.0
        if mean < 0:  # a signed bias is judged, and drawn, by its size
            unit = -unit
        ends = point["interval"] or (mean, mean)
        scaled = [None if end is None else float(end) / unit for end in ends]
        scaled = scaled[::-1] if unit < 0 else scaled
        data.append(Datum(float(point["x"]), float(mean) / unit, *scaled))
    return data


def panel(
    check: Mapping[str, Any],
    data: Sequence[Datum],
    others: Sequence[Sequence[Datum]],
    axes: tuple[Scale, Scale, Sequence[Tick]],
    ground: Iterable[str],
    keys: Iterable[Key] = (),
) -> list[str]:
    """The upper panel: what lies on the ground, falsifiers, the check's own points, the frame.

    Parameters
    ----------
    check : mapping
    data, others : sequence of Datum
        The points of the check and of each falsifier.
    axes : (x, y, ticks of y)
    ground : iterable of str
        What lies below the points.
    keys : iterable of (x, y, key)
        Of the lines on the ground.
    """
    x, y, ticks = axes
    parts, named = list(ground), list(keys)
    parts += _series(others, x, y, "other")
    named += [
        (x(other[-1].x), y.clipped(other[-1].y), key_of(index, rival=False))
        for index, other in enumerate(others) if other
    ]  # fmt: skip
    parts += _series([data], x, y, "")
    parts += y_axis(y, ticks)
    parts += key_texts(named)
    parts.append(svg.words(2, 12, quantity(check), "name"))
    return parts


def _series(several: Sequence[Sequence[Datum]], x: Scale, y: Scale, style: str) -> list[str]:
    """Points with their intervals; falsifiers also with a thin line through each one's.

    One element for all of a kind: a page holds hundreds of pictures.
    """
    bars: list[tuple[svg.Point, svg.Point]] = []
    arrows: list[tuple[float, float, int]] = []
    marks: list[list[svg.Point]] = [[] for _ in several]
    for series, own in zip(several, marks, strict=True):
        for datum in series:
            at = x(datum.x)
            if not y.inside(datum.y):
                arrows.append((at, TOP, -1) if datum.y > y.high else (at, BOTTOM, 1))
                continue
            own.append((at, y(datum.y)))
            foot = BOTTOM if datum.low is None or datum.low < y.low else y(datum.low)
            head = TOP if datum.high is None or datum.high > y.high else y(datum.high)
            bars += [((at, foot), (at, head))] if foot != head else []
            arrows += [(at, BOTTOM, 1)] if foot == BOTTOM else []
            arrows += [(at, TOP, -1)] if head == TOP else []
    return [
        svg.polylines(marks, "thread") if style else "",
        svg.strokes(bars, f"bar {style}".strip()),
        svg.triangles(arrows, f"arrow {style}".strip()),
        svg.dots([mark for own in marks for mark in own], f"dot {style}".strip()),
    ]


def whiskers(rows: Iterable[tuple[float, float, Ends | None]], y: Scale) -> list[str]:
    """Small dots with their intervals, of rows (pixel, value, interval), on a clamped scale."""
    bottom, top = y.start, y.end
    bars: list[tuple[svg.Point, svg.Point]] = []
    arrows: list[tuple[float, float, int]] = []
    marks: list[svg.Point] = []
    for at, value, interval in rows:
        low, high = interval or (value, value)
        bars.append((
            (at, bottom if low is None else y.clipped(low)),
            (at, top if high is None else y.clipped(high)),
        ))  # fmt: skip
        arrows += [(at, bottom, 1)] if low is None or low < y.low else []
        arrows += [(at, top, -1)] if high is None or high > y.high else []
        if y.inside(value):
            marks.append((at, y(value)))
    return [
        svg.strokes(bars, "bar"),
        svg.triangles(arrows, "arrow"),
        svg.dots(marks, "dot small"),
    ]
