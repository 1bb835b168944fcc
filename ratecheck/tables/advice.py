"""What more points or more replicates would resolve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ratecheck.tables.data import Data
    from ratecheck.tables.fit import Estimate

_STEPS = (0.5, 0.25, 0.1, 0.05)  # what an exponent may want to be known within
_MOST_POINTS = 40
_MOST_TIMES = 100.0


def more(data: Data, form: str, estimate: Estimate) -> tuple[str, ...]:
    """A sentence on what would make the interval of the exponent narrower; none where it is narrow.

    Of repeated values and means, how many more; of single noisy values, more points of the same
    kind; of exact ones, points farther out.
    """
    k = len(data.x)
    if k < 4:
        return (f"to be judged it needs {4 - k} more point{'s' * (4 - k > 1)} at least",)
    if estimate.interval is None:
        return ()
    low, high = estimate.interval
    if low is None or high is None:
        return (_longer(data),) if form == "exact" else ()
    half = (high - low) / 2
    target = next((step for step in _STEPS if step < 0.9 * half), None)
    if target is None:
        return ()
    if form == "exact":
        return (_longer(data),)
    factor = (half / target) ** 2
    if factor > _MOST_TIMES:  # they follow no power, or hardly
        return ()
    if form == "means":
        return (f"to know it within {target:g}, about {_count(factor)} times as many runs behind "
                "each mean",)  # fmt: skip
    if form == "measured":
        return (_points(data, half, target, factor),)
    most = max(len(y) for y in data.values)
    return (f"to know it within {target:g}, about {_count(factor * most)} values a point",)


def _points(data: Data, half: float, target: float, factor: float) -> str:
    """Points carried on in the same ratio; a slope's variance falls with the cube of their number.

    The quantile of the t law with k - 2 degrees of freedom falls as well.
    """
    from scipy.special import stdtrit

    k = len(data.x)

    def arm(count: int) -> float:
        scatter = count * (count**2 - 1)
        return -float(stdtrit(count - 2, 0.005)) / math.sqrt(scatter)

    needed = next((n for n in range(k + 1, _MOST_POINTS) if half * arm(n) / arm(k) < target), None)
    repeated = max(2, math.ceil(factor))
    if needed is None:
        return f"to know it within {target:g}, measure each point about {repeated} times"
    more = needed - k
    return (
        f"to know it within {target:g}, {more} more point{'s' * (more > 1)} in the same ratio, or "
        f"each point about {repeated} times"
    )


def _longer(data: Data) -> str:
    way = "smaller" if data.inverse else "larger"
    return f"to know it better, points at {way} {data.axis}: the local exponents still move"


def _count(number: float) -> str:
    """Two digits of a count, rounded up."""
    if number < 10:
        return str(math.ceil(number))
    unit = 10 ** (math.floor(math.log10(number)) - 1)
    return f"{math.ceil(number / unit) * unit:,}".replace(",", " ")
