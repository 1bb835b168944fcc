"""What several forms of data share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ratecheck.claim.form import Sample
from ratecheck.claim.question import Question

if TYPE_CHECKING:
    from ratecheck.claim.checks import Check
    from ratecheck.inference.cells import Array, Cells
    from ratecheck.inference.curvature import Fit
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.rates import Data
    from ratecheck.inference.sequential import Level
    from ratecheck.inference.simultaneous import Ratios

FEWEST_REPLICATES = 8
MOST_NAMED = 4

DARK = "leave out such points, or take more replicates"


def too_few(sample: Sample) -> str:
    """Why there is no interval: hardly any replicates at some point."""
    smallest = min(len(y) for ys in sample.values.values() for y in ys)
    return (
        f"fewer than {FEWEST_REPLICATES} replicates at a point"
        if smallest < FEWEST_REPLICATES
        else ""
    )


def unseen(question: Question, sample: Sample) -> str:
    """Where a mean has no logarithm: all values are 0, or all but one."""
    import numpy as np

    for fewest, words in ((0, "all values"), (1, "all values but one")):
        for name in question.check.quantities:
            columns = np.concatenate(
                [np.atleast_2d(y.T) for y in map(np.asarray, sample.values[name])]
            )
            seen = [np.count_nonzero(column) for column in columns]
            dark = [f"{x:g}" for x, n in zip(sample.points, seen, strict=True) if n <= fewest]
            if dark:
                more = f" and {len(dark) - MOST_NAMED} more" if len(dark) > MOST_NAMED else ""
                where = f"{question.axis} = {', '.join(dark[:MOST_NAMED])}{more}"
                return f"{words} of '{name}' are 0 at {where}; {DARK}"
    return f"nothing was seen at some point; {DARK}"


def intervals_of_means(
    question: Question, sample: Sample, tail: float
) -> list[tuple[float, float] | None]:
    """Interval of the mean of positive replicates at each point; None where nothing varies."""
    import numpy as np

    from ratecheck.inference import cells, loglog

    alone = cells.stack([cells_of(question, sample)])  # each point for itself
    each = loglog.contrast(alone, np.ones(1), np.zeros(1), tail)
    ends = zip(np.exp(each.low).tolist(), np.exp(each.high).tolist(), strict=True)
    return [both if usable else None for both, usable in zip(ends, each.usable, strict=True)]


def slope(question: Question, data: Data, level: Level) -> Finding:
    """The slope of logs, with its curvature."""
    return line(question.check, data, question.abscissa, question.log_formula, level)


def line(check: Check, data: Data, x: Array, offset: Array, level: Level) -> Finding:
    """The slope of logs minus an offset along x, with its curvature."""
    from ratecheck.inference import rates
    from ratecheck.inference.finding import slope_read

    seen = rates.read(data, x, offset, check.margin, check.side, level)
    return slope_read(seen, check.margin, float(rates.arm(data, x, offset, level.veto)))


def at(question: Question, values: Array, i: int) -> str:
    """A point of a table, with its value."""
    return f"{question.axis} = {question.points[i]:g} ({values[i]:.3g})"


def rising(question: Question, values: Array, up: int) -> str:
    """From where values that have fallen rise again (`inference.floors.turns_up`)."""
    return f"From {at(question, values, up)} on the values rise."


def in_rates(question: Question) -> Array:
    """The axis in units of the predicted rate: u, where the claim is exp(-u).

    Modes that die sooner correct exp(-u) by a factor like A + C exp(-d u), as powers of n correct a
    power: curves are read as there, with u in the place of log n.
    """
    return question.abscissa * -question.predicted


def early_decay(question: Question, found: Finding, curve: Fit) -> Finding:
    """Undecided, because this curve, which decays as claimed in the end, fits."""
    from ratecheck.inference.finding import settling

    end = settling(curve, question.check.margin)
    settles = None if end is None else math.log(end) / -question.predicted
    return replace(found, outcome="INCONCLUSIVE", reason="pre-asymptotic", settles=settles)


def local_slopes(question: Question, seen: Callable[[], Data], tail: float) -> tuple[Local, ...]:
    """Exponents between neighbouring points, of checks of slopes."""
    import numpy as np

    from ratecheck.inference.curvature import local_weights
    from ratecheck.inference.finding import Local
    from ratecheck.inference.rates import contrast_of

    if not question.check.coordinates.slopes:
        return ()
    rows, x, contrast = [], question.abscissa, contrast_of(seen())
    zero = np.zeros(len(x))
    for middle, weight in zip(middles(question), local_weights(x), strict=True):
        each = contrast(weight, zero, tail)
        if not each.usable:
            return ()
        rows.append(Local(float(middle), float(each.value), (float(each.low), float(each.high))))
    return tuple(rows)


def middles(question: Question) -> Array:
    """Values of the axis half-way between its points, in the check's coordinates."""
    x = question.abscissa
    places = question.check.coordinates.place((x[1:] + x[:-1]) / 2)
    return 1 / places if question.inverse else places


def limits(question: Question) -> tuple[float, float]:
    """The values of theta that the check admits."""
    check = question.check
    return check.coordinates.limits(check.margin, check.side)


def ratios(question: Question, sample: Sample, cells: Cells, level: Level) -> Finding:
    """The ratio of cells to the formula at every point; points may depend on each other."""
    from ratecheck.inference import simultaneous
    from ratecheck.inference.finding import no_interval

    few = too_few(sample)
    if few or not cells.usable.all():
        return no_interval(few or unseen(question, sample))
    each = simultaneous.log_ratios(cells, question.log_formula, float(level.tail))
    return everywhere(question, each)


def ratio_points(question: Question, cells: Cells, tail: float) -> tuple[Point, ...]:
    """Ratios of means with intervals."""
    import numpy as np

    from ratecheck.inference import simultaneous
    from ratecheck.inference.finding import Point

    each = simultaneous.log_ratios(cells, np.zeros(len(question.points)), tail)
    return tuple(
        Point(
            float(x),
            float(cells.mean[i]),
            (float(np.exp(each.low[i])), float(np.exp(each.high[i])))
            if np.isfinite(each.low[i])
            else None,
            float(f),
            int(cells.count[i]),
        )
        for i, (x, f) in enumerate(zip(question.points, question.values(), strict=True))
    )


def everywhere(question: Question, each: Ratios) -> Finding:
    """What ratios say at every point, with the worst one named."""
    from ratecheck.inference.finding import at_every_point

    return at_every_point(
        each, limits(question), [f"{question.axis} = {x:g}" for x in question.points]
    )


def corners(question: Question, sample: Sample, tail: float) -> Finding:
    """Additivity at every point, from the four corners of a two-source design."""
    import numpy as np

    from ratecheck.inference import additive, simultaneous
    from ratecheck.inference.finding import at_every_point

    k = len(sample.points)
    names = question.check.quantities

    def intervals(level: float) -> Array:
        rows = []
        for i in range(k):
            both, first, second, *rest = (np.asarray(sample.values[name][i]) for name in names)
            neither = rest[0] if rest else None
            rows.append(additive.log_ratio(both, first, second, neither, level))
        return np.array(rows).T

    value, low, high = intervals(tail)
    _, low_joint, high_joint = intervals(tail / k)
    each = simultaneous.Ratios(value, low, high, low_joint, high_joint)
    return at_every_point(each, limits(question), [])


def columns(sample: Sample, quantity: str) -> Sequence[Array]:
    """The replicates of a quantity at each point."""
    values = sample.values[quantity]
    return list(values[0].T) if sample.form.whole else values


def cells_of(question: Question, sample: Sample) -> Cells:
    """Cell summaries of the quantity, or of the paired ratio that the check is about."""
    from ratecheck.inference import cells

    check = question.check

    def summarised() -> Cells:
        if check.ratio is not None:
            first, second = check.ratio
            pairs = zip(columns(sample, first), columns(sample, second), strict=True)
            return cells.stack([cells.log_ratio(a, b) for a, b in pairs])
        return cells.stack([cells.summarise(y) for y in columns(sample, check.quantity)])

    return sample.once(("cells", check.ratio or check.quantity), summarised)
