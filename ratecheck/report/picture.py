"""The pictures of a check: the quantity against the axis, local exponents, and the looks of a run.

The claimed curve and the measured slope both go through the centre of the data (the mean of the
points' coordinates), which is where a theorem up to a constant leaves them free to be put; no
curve is fitted to an end. Rivals are drawn by their slopes through the same centre. A mark beyond
the picture is an arrow head at its edge, never left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

from ratecheck.report import notation, svg
from ratecheck.report.scale import (
    Scale,
    Tick,
    decade_ticks,
    linear,
    linear_ticks,
    logarithmic,
    point_ticks,
)
from ratecheck.report.wording import spaced

Check = Mapping[str, Any]
Falsifier = Mapping[str, Any]

WIDTH = 360.0
_LEFT, _RIGHT = 44.0, 336.0
_TOP, _BOTTOM = 20.0, 186.0
_LOCAL_TOP, _LOCAL_BOTTOM = 214.0, 286.0
_KEYS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class _Datum:
    """A point as drawn: x, y, and its interval with open sides as None."""

    x: float
    y: float
    low: float | None
    high: float | None


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


def key_of(index: int, *, rival: bool) -> str:
    """The sign by which a rival (a, b, ...) or a falsifier (1, 2, ...) is named in a picture."""
    return _KEYS[index % len(_KEYS)] if rival else str(index + 1)


def noun(check: Check) -> str:
    """What the measured value of a check is."""
    return {"log-log": "exponent", "semi-log": "rate"}.get(check["scale"], "ratio")


def drawable(check: Check) -> bool:
    """Whether a check has anything to draw."""
    return len(_data(check["points"], check)) > 0


def check_picture(check: Check, falsifiers: Sequence[Falsifier], name: str) -> str:
    """The quantity against the axis and, for slopes, its local exponents below on the same axis.

    Parameters
    ----------
    check : mapping
        A check of the document with at least one point.
    falsifiers : sequence of mapping
        The falsifiers of this check, drawn lighter.
    name : str
        Prefix of the ids of this picture, unique on the page.
    """
    data = _data(check["points"], check)
    others = [_data(falsifier["points"], check) for falsifier in falsifiers]
    slopes = check["scale"] in ("log-log", "semi-log")
    x = _x_scale(check, [data, *others])
    ratio = check["scale"] == "ratio"
    upper = _ratios(check, data, others, x) if ratio else _upper(check, data, others, x, name)
    local = [one for one in check["local"] if one["exponent"] is not None] if slopes else []
    bottom = _LOCAL_BOTTOM if local else _BOTTOM
    lower = _local(check, local, x, name) if local else []
    ticks = point_ticks(x, [datum.x for datum in data])
    axis_name = notation.symbol(check["axis"])
    short = len(axis_name) <= 3  # a longer name would run into the last tick's label
    axis = [
        svg.strokes([((_LEFT, bottom + 4), (_RIGHT, bottom + 4))], "axis"),
        svg.strokes([((x(t.value), bottom + 4), (x(t.value), bottom + 8)) for t in ticks], "axis"),
        *(svg.text(x(t.value), bottom + 19, t.label, "", "m") for t in ticks if t.label),
        svg.text(WIDTH - 2, bottom + (19 if short else 31), _name(axis_name, 48), "name", "e"),
    ]
    height = bottom + (26 if short else 37)
    return svg.picture(
        WIDTH, height, name, _title(check), _description(check, data), [*upper, *lower, *axis]
    )


def looks_picture(check: Check, name: str) -> str:
    """The interval after each look of a sequential run, against the work so far."""
    looks = [look for look in check["looks"] if look["measured"] is not None and look["work"] > 0]
    if len(looks) < 2:
        return ""
    top, bottom = 20.0, 92.0
    low_band, high_band = band(check)
    reach = 4 * (tolerance(check) or 0.25)
    centre = float(check["predicted"] or 0.0)
    y = _clamped_scale(
        [look["measured"] for look in looks],
        [end for look in looks for end in look["interval"] or () if end is not None],
        [end for end in (low_band, high_band, centre) if end is not None],
        reach,
        (bottom, top),
    )
    x = logarithmic([look["work"] for look in looks], _LEFT, _RIGHT)
    bars, arrows, marks = [], [], []
    for look in looks:
        at = x(look["work"])
        low, high = look["interval"] or (look["measured"], look["measured"])
        ends = (y.low if low is None else low, y.high if high is None else high)
        bars.append(((at, y.clipped(ends[0])), (at, y.clipped(ends[1]))))
        arrows += [(at, bottom, 1)] if ends[0] < y.low or low is None else []
        arrows += [(at, top, -1)] if ends[1] > y.high or high is None else []
        if y.inside(look["measured"]):
            marks.append((at, y(look["measured"])))
    ticks = decade_ticks(x, 4)
    parts = [
        *_band_parts(check, y, (_LEFT, _RIGHT)),
        *_y_axis(y, linear_ticks(y)),
        svg.strokes(bars, "bar"),
        svg.triangles(arrows, "arrow"),
        svg.dots(marks, "dot small"),
        svg.text(2, 12, "interval after each look, against work", "name"),
        svg.strokes([((_LEFT, bottom + 4), (_RIGHT, bottom + 4))], "axis"),
        svg.strokes([((x(t.value), bottom + 4), (x(t.value), bottom + 8)) for t in ticks], "axis"),
        *(svg.text(x(t.value), bottom + 19, t.label, "", "m") for t in ticks if t.label),
    ]
    first, last = looks[0], looks[-1]
    description = (
        f"{len(looks)} looks. First interval {notation.interval_text(first['interval'])}, "
        f"last {notation.interval_text(last['interval'])}."
    )
    return svg.picture(
        WIDTH, bottom + 26, name, f"Interval against work, {check['id']}", description, parts
    )


# -- the panels -----------------------------------------------------------------------------------


def _data(points: Sequence[Mapping[str, Any]], check: Check) -> list[_Datum]:
    """The points that can be drawn; those of an `Agrees` as a ratio to the formula."""
    ratio = check["kind"] == "agrees"
    data = []
    for point in points:
        mean, formula = point["mean"], point["formula"]
        if not mean or (ratio and not formula) or (_log_x(check) and point["x"] <= 0):
            continue
        unit = float(formula) if ratio else 1.0
        if mean < 0:  # a signed bias is judged, and drawn, by its size
            unit = -unit
        ends = point["interval"] or (mean, mean)
        scaled = [None if end is None else float(end) / unit for end in ends]
        scaled = scaled[::-1] if unit < 0 else scaled
        data.append(_Datum(float(point["x"]), float(mean) / unit, *scaled))
    return data


def _log_x(check: Check) -> bool:
    return bool(check["scale"] == "log-log")


def _x_scale(check: Check, series: Sequence[Sequence[_Datum]]) -> Scale:
    values = [datum.x for data in series for datum in data]
    spread = min(values) > 0 and max(values) / min(values) >= 8
    if _log_x(check) or (check["scale"] != "semi-log" and spread):
        return logarithmic(values, _LEFT, _RIGHT, pad=0.03)
    return linear(values, _LEFT, _RIGHT, pad=0.03)


def _upper(
    check: Check, data: Sequence[_Datum], others: Sequence[Sequence[_Datum]], x: Scale, name: str
) -> list[str]:
    """The quantity on a log scale with claimed curve, measured slope, rivals and falsifiers."""
    y = _y_scale(data, others)
    parts, keys = _lines(check, data, x, y, name) if check["scale"] != "corners" else ([], [])
    if check["scale"] != "corners":  # falsifiers may have points of their own outside of it
        ends = x(data[0].x), x(data[-1].x)
        parts.insert(0, svg.rectangle(ends[0], _TOP, ends[1] - ends[0], 166, "window"))
    for index, other in enumerate(others):
        parts += _series(other, x, y, "other")
        if other:
            keys.append((x(other[-1].x), y.clipped(other[-1].y), key_of(index, rival=False)))
    parts += _series(data, x, y, "")
    parts += _y_axis(y, decade_ticks(y))
    parts += _key_texts(keys)
    parts.append(svg.text(2, 12, _quantity(check), "name"))
    return parts


def _lines(
    check: Check, data: Sequence[_Datum], x: Scale, y: Scale, name: str
) -> tuple[list[str], list[tuple[float, float, str]]]:
    """Claimed curve, measured slope with its fan, and rivals, all through the data's centre."""
    coordinate = math.log if x.log else float
    xs = [coordinate(datum.x) for datum in data]
    cx, cy = fmean(xs), fmean(math.log(datum.y) for datum in data)

    def at(u: float, slope: float) -> svg.Point:
        """Pixel of the line of a slope through the centre, at an inner coordinate."""
        value = cy + slope * (u - cx)
        return x(math.exp(u) if x.log else u), y(math.exp(max(-690.0, min(690.0, value))))

    ends = (min(xs), max(xs))
    parts = [f'<clipPath id="{name}-c">', svg.rectangle(_LEFT, _TOP, _RIGHT - _LEFT, 166, ""),
             f'</clipPath><g clip-path="url(#{name}-c)">']  # fmt: skip
    low, high = check["interval"] or (None, None)
    if low is not None and high is not None:
        fan = [at(ends[0], low), (x(math.exp(cx) if x.log else cx), y(math.exp(cy)))]
        fan += [at(ends[1], low), at(ends[1], high), fan[1], at(ends[0], high)]
        parts.append(svg.polyline(fan, "fan", close=True))
    if check["measured"] is not None:
        parts.append(svg.polyline([at(u, check["measured"]) for u in ends], "fit"))
    keys: list[tuple[float, float, str]] = []
    for index, rival in enumerate(check["rivals"]):
        if rival["predicted"] is None:
            continue
        line = [at(u, rival["predicted"]) for u in ends]
        parts.append(svg.polyline(line, "rival"))
        keys.append((*line[1], key_of(index, rival=True)))
    claimed = _claimed(check, data, x, y, cy)
    parts.append(svg.polyline(claimed, "claimed"))
    parts.append("</g>")
    return parts, keys


def _claimed(
    check: Check, data: Sequence[_Datum], x: Scale, y: Scale, centre: float
) -> list[svg.Point]:
    """The formula's curve, multiplied by the constant that puts it through the data's centre."""
    drawn = {datum.x for datum in data}
    values = [
        (point["x"], math.log(point["formula"]))
        for point in check["points"]
        if point["x"] in drawn and point["formula"] and point["formula"] > 0
    ]
    if not values:
        return []
    shift = centre - fmean(value for _, value in values)
    return [(x(at), y(math.exp(max(-690.0, min(690.0, value + shift))))) for at, value in values]


def _y_scale(data: Sequence[_Datum], others: Sequence[Sequence[_Datum]]) -> Scale:
    """A log scale that holds the check's points; falsifiers may stretch it to three times that."""
    own = [v for datum in data for v in (datum.y, datum.low, datum.high) if v and v > 0]
    floor = min(datum.y for datum in data) / 10  # an interval that reaches down to 0 has an arrow
    own = [max(value, floor) for value in own]
    low, high = math.log10(min(own)), math.log10(max(own))
    reach = max(1.0, 2 * (high - low))
    rest = [math.log10(datum.y) for other in others for datum in other]
    rest = [min(max(value, low - reach), high + reach) for value in rest]
    return logarithmic([10**value for value in (low, high, *rest)], _BOTTOM, _TOP)


def _ratios(
    check: Check, data: Sequence[_Datum], others: Sequence[Sequence[_Datum]], x: Scale
) -> list[str]:
    """Ratios with the band in which they agree with the theorem."""
    low_band, high_band = band(check)
    values = [v for datum in data for v in (datum.y, datum.low, datum.high) if v is not None]
    values += [end for end in (low_band, high_band) if end is not None]
    centre = float(check["predicted"] or 0.0)
    values.append(centre)
    low, high = min(values), max(values)
    rest = [datum.y for other in others for datum in other]
    if low > 0 and max(values + rest) > 5 * low:
        rest = [min(max(value, low**2 / high), high**2 / low) for value in rest if value > 0]
        y = logarithmic([*values, *rest], _BOTTOM, _TOP)
        ticks = decade_ticks(y)
    else:
        reach = 2 * (high - low)
        rest = [min(max(value, low - reach), high + reach) for value in rest]
        y = linear([*values, *rest], _BOTTOM, _TOP)
        ticks = linear_ticks(y)
    parts = _band_parts(check, y, (_LEFT, _RIGHT))
    keys: list[tuple[float, float, str]] = []
    for index, other in enumerate(others):
        parts += _series(other, x, y, "other")
        if other:
            keys.append((x(other[-1].x), y.clipped(other[-1].y), key_of(index, rival=False)))
    parts += _series(data, x, y, "")
    parts += _y_axis(y, ticks)
    parts += _key_texts(keys)
    parts.append(svg.text(2, 12, _quantity(check), "name"))
    return parts


def _local(check: Check, local: Sequence[Mapping[str, Any]], x: Scale, name: str) -> list[str]:
    """Local exponents on the axis of the panel above, with the formula's own and the margin."""
    centre = float(check["predicted"] or 0.0)
    reach = 4 * (tolerance(check) or 0.25)
    low_band, high_band = band(check)
    claimed = _claimed_local(check, x)
    y = _clamped_scale(
        [*(one["exponent"] for one in local), *(slope for _, slope in claimed)],
        [end for one in local for end in one["interval"] or () if end is not None],
        [end for end in (low_band, high_band, centre) if end is not None],
        reach,
        (_LOCAL_BOTTOM, _LOCAL_TOP),
    )
    bars, arrows, marks = [], [], []
    for one in local:
        at = x(one["x"])
        low, high = one["interval"] or (one["exponent"], one["exponent"])
        low, high = y.low - 1 if low is None else low, y.high + 1 if high is None else high
        bars.append(((at, y.clipped(low)), (at, y.clipped(high))))
        arrows += [(at, _LOCAL_BOTTOM, 1)] if low < y.low else []
        arrows += [(at, _LOCAL_TOP, -1)] if high > y.high else []
        if y.inside(one["exponent"]):
            marks.append((at, y(one["exponent"])))
    word = "local exponent" if check["scale"] == "log-log" else "local rate"
    return [
        *_band_parts(check, y, (_LEFT, _RIGHT), line=False),
        svg.polyline(
            [(at, y.clipped(slope)) for at, slope in _to_edges(claimed, centre)], "claimed"
        ),
        *_y_axis(y, linear_ticks(y)),
        svg.strokes(bars, "bar"),
        svg.triangles(arrows, "arrow"),
        svg.dots(marks, "dot small"),
        svg.text(2, _LOCAL_TOP - 9, word, "name"),
    ]


def _claimed_local(check: Check, x: Scale) -> list[tuple[float, float]]:
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
        return [(_LEFT, level), (_RIGHT, level)]
    return [(_LEFT, line[0][1]), *line, (_RIGHT, line[-1][1])]


def _clamped_scale(
    means: Sequence[float],
    ends: Sequence[float],
    frame: Sequence[float],
    reach: float,
    pixels: tuple[float, float],
) -> Scale:
    """A linear scale that shows values and frame, and intervals as far as they stay near."""
    middle = fmean(frame)
    spread = max([reach, *(abs(value - middle) for value in frame)])
    held = [min(max(value, middle - 2 * spread), middle + 2 * spread) for value in means]
    near = [min(max(end, min([*held, middle - spread])), max([*held, middle + spread]))
            for end in ends]  # fmt: skip
    return linear([*held, *near, *frame], *pixels)


def _series(data: Sequence[_Datum], x: Scale, y: Scale, style: str) -> list[str]:
    """Points with their intervals; falsifiers also with a thin line through them."""
    bars, arrows, marks = [], [], []
    bottom, top = max(y.start, y.end), min(y.start, y.end)
    for datum in data:
        at = x(datum.x)
        low, high = datum.low, datum.high
        if not y.inside(datum.y):
            arrows.append((at, top, -1) if datum.y > y.high else (at, bottom, 1))
            continue
        marks.append((at, y(datum.y)))
        foot = bottom if low is None or low < y.low else y(low)
        head = top if high is None or high > y.high else y(high)
        bars += [((at, foot), (at, head))] if foot != head else []
        arrows += [(at, bottom, 1)] if foot == bottom else []
        arrows += [(at, top, -1)] if head == top else []
    path = svg.polyline(marks, "thread") if style else ""
    return [
        path,
        svg.strokes(bars, f"bar {style}".strip()),
        svg.triangles(arrows, f"arrow {style}".strip()),
        svg.dots(marks, f"dot {style}".strip()),
    ]


def _band_parts(check: Check, y: Scale, span: tuple[float, float], line: bool = True) -> list[str]:
    low, high = band(check)
    top = y.clipped(y.high if high is None else high)
    bottom = y.clipped(y.low if low is None else low)
    parts = [svg.rectangle(span[0], top, span[1] - span[0], bottom - top, "band")]
    if line and check["predicted"] is not None and y.inside(check["predicted"]):
        level = y(check["predicted"])
        parts.append(svg.strokes([((span[0], level), (span[1], level))], "claimed"))
    return parts


def _y_axis(y: Scale, ticks: Sequence[Tick]) -> list[str]:
    at = _LEFT - 6
    long = [((at - 4, y(t.value)), (at, y(t.value))) for t in ticks if t.label]
    short = [((at - 2, y(t.value)), (at, y(t.value))) for t in ticks if not t.label]
    return [
        svg.strokes([((at, y.start), (at, y.end)), *long, *short], "axis"),
        *(svg.text(at - 7, y(t.value) + 3.5, t.label, "", "e") for t in ticks if t.label),
    ]


def _key_texts(keys: Sequence[tuple[float, float, str]]) -> list[str]:
    """Keys at the right ends of their lines, moved apart where they would cover each other."""
    texts: list[str] = []
    below = _TOP - 6.0
    for _, y, key in sorted(keys, key=lambda item: item[1]):
        at = max(min(max(y, _TOP), _BOTTOM) + 3.5, below + 11)
        below = at
        style = "key" if key.isdigit() else "key rivalkey"
        texts.append(svg.text(_RIGHT + 6, at, key, style))
    return texts


# -- words ----------------------------------------------------------------------------------------


def _name(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _quantity(check: Check) -> str:
    quantities = [spaced(name) for name in check.get("quantities") or [check["quantity"]]]
    match check["kind"]:
        case "faster":
            words = f"{quantities[-1]} / {quantities[0]}"
        case "below":
            words = f"{quantities[0]} / {quantities[-1]}"
        case "agrees":
            words = f"{quantities[0]} / formula"
        case "additive":
            words = f"sum of parts / {quantities[0]}"
        case _:
            words = quantities[0]
    return _name(words, 48)


def _title(check: Check) -> str:
    return f"{_quantity(check)} against {notation.symbol(check['axis'])}, {check['id']}"


def _description(check: Check, data: Sequence[_Datum]) -> str:
    ends = f"{notation.number(data[0].x)} to {notation.number(data[-1].x)}"
    return (
        f"{notation.plural(len(data), 'point')}, {check['axis']} from {ends}; values from "
        f"{notation.number(data[0].y)} to {notation.number(data[-1].y)}. Claimed "
        f"{notation.slope(check['predicted'])}, measured "
        f"{notation.measured(check['measured'], check['interval'])}, interval "
        f"{notation.interval_text(check['interval'])}: {check['verdict']}."
    )
