"""A check of slopes: the quantity on a log scale with claimed curve, measured slope and rivals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import fmean
from typing import Any

from ratecheck.report import svg
from ratecheck.report.pictures.frame import BOTTOM, TOP, Key, key_of
from ratecheck.report.pictures.marks import Datum, panel
from ratecheck.report.scale import Scale, decade_ticks, logarithmic

_HEIGHT = BOTTOM - TOP
_LARGEST_LOG = 690.0
_HAIR = 1e-6


def curve_panel(
    check: Mapping[str, Any],
    data: Sequence[Datum],
    others: Sequence[Sequence[Datum]],
    x: Scale,
) -> list[str]:
    """The upper panel of a check of slopes; of the corners of a design, without lines."""
    y = _y_scale(data, others)
    ground: list[str] = []
    keys: list[Key] = []
    if check["scale"] != "corners":
        lines = _Lines(check, data, x, y)
        # falsifiers may have points of their own outside of the window
        left, right = x(data[0].x), x(data[-1].x)
        ground = [svg.rectangle(left, TOP, right - left, _HEIGHT, "window"), *lines.drawn()]
        keys = lines.keys()
    return panel(check, data, others, (x, y, decade_ticks(y)), ground, keys)


@dataclass(frozen=True)
class _Lines:
    """Claimed curve, measured slope with its fan, and rivals, all through the data's centre."""

    check: Mapping[str, Any]
    data: Sequence[Datum]
    x: Scale
    y: Scale

    @cached_property
    def inner(self) -> list[float]:
        """The coordinates of the points in which a slope is a line."""
        coordinate: Callable[[float], float] = math.log if self.x.log else float
        return [coordinate(datum.x) for datum in self.data]

    @cached_property
    def centre(self) -> tuple[float, float]:
        """The mean of the points' coordinates."""
        return fmean(self.inner), fmean(math.log(datum.y) for datum in self.data)

    def drawn(self) -> list[str]:
        """The lines, cut off at the edges of the panel."""
        return [
            *self._measured(),
            *(svg.polylines(_inside(line), "rival") for _, line in self._rivals()),
            svg.polylines(_inside(self._claimed()), "claimed"),
        ]

    def keys(self) -> list[Key]:
        """The keys of the rivals, at the right ends of their lines."""
        return [(*line[1], key_of(index, rival=True)) for index, line in self._rivals()]

    def _place(self, u: float) -> float:
        return self.x(math.exp(u) if self.x.log else u)

    def _at(self, u: float, slope: float) -> svg.Point:
        """Pixel of the line of a slope through the centre, at an inner coordinate."""
        cx, cy = self.centre
        return self._place(u), self.y(_exp(cy + slope * (u - cx)))

    def _line(self, slope: float) -> list[svg.Point]:
        return [self._at(u, slope) for u in (min(self.inner), max(self.inner))]

    def _measured(self) -> list[str]:
        parts = []
        low, high = self.check["interval"] or (None, None)
        if low is not None and high is not None:
            lows, highs = self._line(low), self._line(high)
            pivot = self._place(self.centre[0]), self.y(math.exp(self.centre[1]))
            fan = [lows[0], pivot, lows[1], highs[1], pivot, highs[0]]
            held = [(at, min(max(y, TOP), BOTTOM)) for at, y in _crossed(fan)]
            parts.append(svg.polyline(held, "fan", close=True))
        if self.check["measured"] is not None:
            line = self._line(self.check["measured"])
            parts.append(svg.polylines(_inside(line), "fit"))
        return parts

    def _rivals(self) -> list[tuple[int, list[svg.Point]]]:
        return [
            (index, self._line(rival["predicted"]))
            for index, rival in enumerate(self.check["rivals"])
            if rival["predicted"] is not None
        ]

    def _claimed(self) -> list[svg.Point]:
        """The formula's curve, multiplied by the constant that puts it through the centre."""
        drawn = {datum.x for datum in self.data}
        values = [
            (point["x"], math.log(point["formula"]))
            for point in self.check["points"]
            if point["x"] in drawn and point["formula"] and point["formula"] > 0
        ]
        if not values:
            return []
        shift = self.centre[1] - fmean(value for _, value in values)
        return [(self.x(at), self.y(_exp(value + shift))) for at, value in values]


def _crossed(line: Sequence[svg.Point]) -> list[svg.Point]:
    """A line with points added where it crosses the upper and the lower edge of the panel."""
    points = list(line[:1])
    for (x1, y1), (x2, y2) in pairwise(line):
        cuts = [(edge - y1) / (y2 - y1) for edge in (TOP, BOTTOM) if (y1 < edge) != (y2 < edge)]
        points += [(x1 + cut * (x2 - x1), y1 + cut * (y2 - y1)) for cut in sorted(cuts)]
        points.append((x2, y2))
    return points


def _inside(line: Sequence[svg.Point]) -> list[list[svg.Point]]:
    """The pieces of a line that lie in the panel."""
    pieces: list[list[svg.Point]] = [[]]
    for x, y in _crossed(line):
        if TOP - _HAIR <= y <= BOTTOM + _HAIR:
            pieces[-1].append((x, y))
        elif pieces[-1]:
            pieces.append([])
    return pieces


def _exp(value: float) -> float:
    return math.exp(max(-_LARGEST_LOG, min(_LARGEST_LOG, value)))


def _y_scale(data: Sequence[Datum], others: Sequence[Sequence[Datum]]) -> Scale:
    """A log scale that holds the check's points; falsifiers may stretch it to three times that."""
    own = [v for datum in data for v in (datum.y, datum.low, datum.high) if v and v > 0]
    floor = min(datum.y for datum in data) / 10  # an interval that reaches down to 0 has an arrow
    own = [max(value, floor) for value in own]
    low, high = math.log10(min(own)), math.log10(max(own))
    reach = max(1.0, 2 * (high - low))
    rest = [math.log10(datum.y) for other in others for datum in other]
    rest = [min(max(value, low - reach), high + reach) for value in rest]
    return logarithmic([10**value for value in (low, high, *rest)], BOTTOM, TOP)
