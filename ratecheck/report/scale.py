"""Scales of a picture: where a value lies, and which values are worth a tick."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ratecheck.report import notation

_LARGEST = 280.0  # power of ten beyond which values lie at the edge: doubles end soon after


@dataclass(frozen=True)
class Tick:
    """A tick: its value, and its label ('' for a small one)."""

    value: float
    label: str = ""


@dataclass(frozen=True)
class Scale:
    """A linear or logarithmic map from [low, high] onto pixels [start, end].

    Pixels may run backwards, as they do up the page.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Pixel of a value; of a value that is not positive on a log scale, far below."""
        low, high = self._ends
        share = (self._inner(value) - low) / (high - low)
        return self.start + max(-50.0, min(50.0, share)) * (self.end - self.start)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return self._inner(self.low), self._inner(self.high)

    def _inner(self, value: float) -> float:
        if not self.log:
            return value
        return math.log10(value) if value > 0 else -1e4

    def clipped(self, value: float) -> float:
        """The pixel of a value, held inside the picture."""
        return self(min(max(value, self.low), self.high))

    def inside(self, value: float) -> bool:
        """Whether a value lies in the picture."""
        return self.low <= value <= self.high

    @property
    def decades(self) -> float:
        """Length of a log scale in powers of ten."""
        return math.log10(self.high / self.low)


def logarithmic(values: Iterable[float], start: float, end: float, pad: float = 0.06) -> Scale:
    """A log scale around positive values, with a margin of a share of its length at each end."""
    logs = [math.log10(value) for value in values if value > 0 and math.isfinite(value)] or [0.0]
    low, high = (max(-_LARGEST, min(_LARGEST, end)) for end in (min(logs), max(logs)))
    if high - low < 0.15:  # less than a factor of 1.4: leave room around a constant
        middle = (low + high) / 2
        low, high = middle - 0.15, middle + 0.15
    room = pad * (high - low)
    low, high = max(-300.0, low - room), min(300.0, high + room)
    return Scale(10**low, 10**high, start, end, log=True)


def linear(values: Iterable[float], start: float, end: float, pad: float = 0.06) -> Scale:
    """A linear scale around values, with a margin of a share of its length at each end."""
    most = 10**_LARGEST
    finite = [max(-most, min(most, v)) for v in values if math.isfinite(v)] or [0.0]
    low, high = min(finite), max(finite)
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    room = pad * (high - low)
    return Scale(low - room, high + room, start, end)


def decade_ticks(scale: Scale, most: int = 5) -> list[Tick]:
    """Ticks of a log scale at powers of ten, or at 1, 2, 5 where it is short."""
    first, last = math.ceil(math.log10(scale.low)), math.floor(math.log10(scale.high))
    if last > first and scale.decades > 1.2:
        step = max(1, math.ceil((last - first + 1) / most))
        ticks = [Tick(10.0**k, decade(k) if k % step == 0 else "") for k in range(first, last + 1)]
        if step == 1:
            ticks += _minor(scale, range(first - 1, last + 1), range(2, 10))
        return ticks
    near = range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)
    labelled = [Tick(m * 10.0**k, plain(m * 10.0**k)) for k in near for m in (1, 2, 5)]
    labelled = [tick for tick in labelled if scale.inside(tick.value)]
    if len(labelled) < 2:
        return linear_ticks(scale)
    return labelled + _minor(scale, near, (3, 4, 6, 7, 8, 9))


def _count(scale: Scale, step: float) -> int:
    return math.floor(scale.high / step + 1e-9) - math.ceil(scale.low / step - 1e-9) + 1


def _minor(scale: Scale, powers: Iterable[int], multiples: Iterable[int]) -> list[Tick]:
    values = [m * 10.0**k for k in powers for m in multiples]
    return [Tick(value) for value in values if scale.inside(value)]


def linear_ticks(scale: Scale) -> list[Tick]:
    """Ticks at round numbers: three to seven of them."""
    size = 10.0 ** math.ceil(math.log10(scale.high - scale.low))
    steps = [size * m for m in (1, 0.5, 0.2, 0.1, 0.05, 0.02)]  # the last one always has three
    step = next((one for one in steps if _count(scale, one) >= 3), steps[-1])
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(scale.low / step - 1e-9)
    last = math.floor(scale.high / step + 1e-9)
    if decimals > 4 or abs(scale.high) >= 1e5:
        return [Tick(k * step, plain(k * step)) for k in range(first, last + 1)]
    return [Tick(k * step, notation.fixed(k * step, decimals)) for k in range(first, last + 1)]


def point_ticks(scale: Scale, points: Sequence[float], room: float = 30.0) -> list[Tick]:
    """Ticks at the points of the grid themselves, labelled as far as there is room.

    Powers of two and of ten are written as powers when all points are such.
    """
    if not points:
        return []
    label: Callable[[float], str] = plain
    for base in (10, 2):
        exponents = [_exponent(point, base) for point in points]
        if all(k is not None for k in exponents) and max(map(abs, points)) > base**4:
            label = _power_label(base)
            break
    longest = max(len(label(point)) for point in points)
    gap = max(14.0, min(room, 6.0 + 5.4 * longest))
    chosen: list[float] = []
    for point in sorted(points, reverse=True):  # the far end, where the theorem speaks, is named
        if not chosen or abs(scale(point) - scale(chosen[-1])) >= gap:
            chosen.append(point)
    return [Tick(point, label(point) if point in chosen else "") for point in points]


def thinned(scale: Scale, ticks: Sequence[Tick]) -> list[Tick]:
    """Ticks along the page, without the labels that would run into one further out."""
    kept: list[Tick] = []
    free = math.inf
    for tick in sorted(ticks, key=lambda tick: -tick.value):
        half = 2.7 * len(tick.label)
        fits = scale(tick.value) + half <= free
        kept.append(tick if fits else Tick(tick.value))
        free = scale(tick.value) - half - 6 if fits and tick.label else free
    return kept


def _exponent(value: float, base: int) -> int | None:
    if value <= 0:
        return None
    k = round(math.log(value, base))
    return k if math.isclose(float(base) ** k, value, rel_tol=1e-12) else None


def _power_label(base: int) -> Callable[[float], str]:
    return lambda value: notation.power(base, _exponent(value, base) or 0)


def decade(k: int) -> str:
    """A power of ten as a label."""
    return {0: "1", 1: "10"}.get(k) or notation.power(10, k)


def plain(value: float) -> str:
    """A number as a label."""
    k = _exponent(value, 10)
    if k is not None and abs(k) >= 4:
        return notation.power(10, k)
    if value and (abs(value) >= 1e5 or abs(value) < 1e-3):
        mantissa, exponent = f"{value:.1e}".split("e")
        ten = notation.power(10, int(exponent))
        return f"{notation.signed(mantissa.removesuffix('.0'))}·{ten}"
    return notation.number(value, 3)
