"""A second opinion on published exponents: the same numbers, judged by statsmodels.

A generalised linear model with logarithmic link and the variance function of the Gamma law (by its
estimating equations: no more than the mean is assumed), regressed on log x with the check's formula
as offset, every point with the same weight. Its covariance is robust: to unequal variances, and in
trajectories, whose points share a run, to dependence within the run. Nothing of it is shared with
`ratecheck.inference` but the numbers.

It speaks where the check is of one quantity's log-log slope and its numbers are positive, finite
and repeated; of exact sequences, signed biases near zero and censored times it has no opinion.

statsmodels, and with it scipy.stats, is imported only when an opinion is asked for.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ratecheck.claim.coordinates import LOG_LOG
from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.plan import CheckItem, Item, Series

Array = npt.NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Opinion:
    """Two measurements of one exponent.

    Attributes
    ----------
    id : str
        The check's item.
    ours, theirs : float
        The published exponent, and that of statsmodels.
    interval, their_interval : pair of float
        Ends of their confidence intervals; an open end is infinite.
    """

    id: str
    ours: float
    interval: Interval
    theirs: float
    their_interval: Interval

    @property
    def agrees(self) -> bool:
        """Whether one of the intervals holds the other's exponent."""
        return _holds(self.interval, self.theirs) or _holds(self.their_interval, self.ours)

    def __str__(self) -> str:
        return (
            f"{self.id}: {_shown(self.ours, self.interval)}, "
            f"by statsmodels {_shown(self.theirs, self.their_interval)}"
        )


def second_opinions(
    items: Iterable[Item],
    published: Mapping[str, Mapping[str, Any]],
    blocks: Iterable[tuple[Block, Numbers]],
    alpha: float,
) -> Iterator[Opinion]:
    """An opinion on every published exponent that statsmodels can judge.

    Parameters
    ----------
    items
        The judged items.
    published
        Rows of the results by the item's name, with ``measured`` and ``interval``.
    blocks
        All that was simulated for the items.
    alpha : float
        The intervals of statsmodels are of level 1 - alpha.
    """
    by_series = _by_series(blocks)
    for item in items:
        row = published.get(item.id, {})
        if not _is_slope(item) or row.get("measured") is None or row.get("interval") is None:
            continue
        replicates = _replicates(item.series, item.check.quantity, by_series)
        if replicates is None:
            continue
        low, high = row["interval"]
        ends = (-math.inf if low is None else low, math.inf if high is None else high)
        question = item.question
        formula = np.array(question.values())
        theirs, their_interval = log_slope(question.places, replicates, formula, alpha)
        yield Opinion(item.id, row["measured"], ends, theirs, their_interval)


def log_slope(
    points: Sequence[float], replicates: Sequence[Array] | Array, formula: Array, alpha: float
) -> tuple[float, Interval]:
    """The log-log slope of the mean, and its interval of level 1 - alpha.

    Parameters
    ----------
    points : sequence of float
        Values x of the axis.
    replicates : sequence of arrays, or array of shape (replicates, points)
        Independent replicates at each point; or one row a run, whose points depend on each other.
    formula : array of shape (points,)
        The offset: a slope is fitted to what the formula leaves over.
    """
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import SpecificationWarning

    together = isinstance(replicates, np.ndarray)
    cells = list(replicates.T) if isinstance(replicates, np.ndarray) else list(replicates)
    counts = np.array([cell.size for cell in cells])
    values, at = np.concatenate(cells), np.repeat(np.arange(counts.size), counts)
    log_x, log_f = np.log(points), np.log(formula)
    model = sm.GLM(
        values,
        sm.add_constant((log_x - log_x.mean())[at]),
        family=sm.families.Gamma(sm.families.links.Log()),
        offset=log_f[at],
        var_weights=(1 / counts)[at],
    )
    robust: dict[str, Any] = {"cov_type": "HC0"}
    if together:
        runs = np.concatenate([np.arange(count) for count in counts])
        robust = {"cov_type": "cluster", "cov_kwds": {"groups": runs}}
    with warnings.catch_warnings():
        # of robust covariances with weights; the tests compare them with their formula
        warnings.simplefilter("ignore", SpecificationWarning)
        fit = model.fit(**robust)
    own = float(np.polyfit(log_x, log_f, 1)[0])
    low, high = fit.conf_int(alpha)[1]
    return own + float(fit.params[1]), (own + float(low), own + float(high))


def _is_slope(item: Item) -> bool:
    check = item.check
    return (
        isinstance(item, CheckItem)
        and check.coordinates is LOG_LOG
        and check.reading == LOG_LOG.reading
        and len(check.quantities) == 1
    )


def _by_series(
    blocks: Iterable[tuple[Block, Numbers]],
) -> dict[tuple[object, ...], list[tuple[Block, Numbers]]]:
    """The blocks of each assignment of all parameters, in their order."""
    found: dict[tuple[object, ...], list[tuple[Block, Numbers]]] = {}
    for block, numbers in sorted(blocks, key=lambda pair: pair[0].index):
        found.setdefault((block.claim, block.experiment, block.params), []).append((block, numbers))
    return found


def _replicates(
    series: Series,
    quantity: str,
    blocks: Mapping[tuple[object, ...], Sequence[tuple[Block, Numbers]]],
) -> Sequence[Array] | Array | None:
    """The replicates of a quantity, as `log_slope` takes them; None where it has no opinion."""

    def at(value: float | tuple[float, ...]) -> Array | None:
        params = tuple(sorted({**dict(series.params), series.axis: value}.items()))
        rows = blocks.get((series.claim, series.experiment, params))
        if rows is None or any(quantity not in numbers.values for _, numbers in rows):
            return None
        return np.concatenate([numbers.values[quantity] for _, numbers in rows])

    whole = at(series.points)
    cells = [at(x) for x in series.points] if whole is None else [whole]
    known = [cell for cell in cells if cell is not None and _fits(cell)]
    if len(known) < len(cells):
        return None
    return known if whole is None else known[0]


def _fits(cell: Array) -> bool:
    return len(cell) > 1 and bool(np.isfinite(cell).all() and (cell > 0).all())


def _holds(interval: Interval, value: float) -> bool:
    return interval[0] <= value <= interval[1]


def _shown(value: float, interval: Interval) -> str:
    return f"{value:.4g} [{interval[0]:.4g}, {interval[1]:.4g}]"
