"""What `import ratecheck` offers beside the words of a claim: fit, assert_rate, check, results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ratecheck.claim.coordinates import Relation
from ratecheck.claim.formula import Formula
from ratecheck.report.loaded import Results, load_results
from ratecheck.tables.fit import MARGIN
from ratecheck.tables.result import Fit

__all__ = ["Fit", "Results", "assert_rate", "check", "fit", "load_results"]


def fit(
    x: Any,
    y: Any,
    formula: str | None = None,
    *,
    se: Any = None,
    order: float | None = None,
    margin: float | None = None,
    relation: Relation = "equal",
    floor: float | str | None = None,
    to: float | None = None,
    data: str | None = None,
    axis: str | None = None,
    quantity: str | None = None,
) -> Fit:
    """The exponent of numbers along an axis and, against a formula, the verdict on it.

    Parameters
    ----------
    x : array of shape (k,)
        The axis: a list, or an array of numpy, pandas, torch, jax or of any other library with the
        array protocol; in any order, equal values are repeated measurements.
    y : array of shape (k,) or (k, r), or k sequences
        What was measured there, once or r times.
    formula : str, optional
        What is claimed, such as ``"h**2"``: its name is that of the axis.
    se : array of shape (k,), optional
        Standard errors of y.
    order : float, optional
        In place of a formula: h**order, or N**-order.
    margin : float, optional
        How far the exponent may lie off; 0.25 where none is given.
    relation : {"equal", "at most", "at least"}
        "at most" where faster is welcome.
    floor : float or "fit", optional
        What y tends to: a known value, or one that is fitted.
    to : 0 or inf, optional
        Where the axis goes, where neither its name nor its values say so.
    data : {"exact", "measured", "means", "errors", "signed", "times"}, optional
        The form of data, where looking at the numbers is not to decide.
    axis, quantity : str, optional
        Names; by default those of a pandas series, or of the formula.

    Raises
    ------
    RequestError
        If the numbers cannot be read: one sentence.
    """
    from ratecheck.tables.data import of_arrays
    from ratecheck.tables.result import fitted

    if axis is None and formula is not None:
        names = Formula(formula).names
        axis = next(iter(names)) if len(names) == 1 else None
    numbers = of_arrays(x, y, se, axis=axis, quantity=quantity, to=to)
    return fitted(
        numbers, formula, order=order, margin=margin, relation=relation, form=data, floor=floor
    )


def assert_rate(
    x: Any,
    y: Any,
    formula: str,
    *,
    margin: float = MARGIN,
    allow_inconclusive: bool = False,
    **more: Any,
) -> Fit:
    """Assert that numbers behave like a formula; for your own test suite.

    Parameters
    ----------
    x, y, formula, margin, more
        See `fit`.
    allow_inconclusive : bool
        Whether numbers that do not decide are let through.

    Raises
    ------
    AssertionError
        With the verdict's own words, on a FAIL, and on an INCONCLUSIVE unless it is allowed.
    """
    __tracebackhide__ = True
    found = fit(x, y, formula, margin=margin, **more)
    require(found, allow_inconclusive=allow_inconclusive)
    return found


def require(found: Fit, *, allow_inconclusive: bool = False) -> None:
    """Raise `AssertionError` with the verdict's words unless it is a PASS."""
    from ratecheck.tables.telling import verdict_line

    __tracebackhide__ = True
    allowed = {"PASS", "INCONCLUSIVE"} if allow_inconclusive else {"PASS"}
    if found.outcome not in allowed:
        raise AssertionError(verdict_line(found))


def check(
    *names: str,
    effort: str = "quick",
    seed: int = 0,
    device: str = "cpu",
    workers: int | None = None,
    store: str | None = None,
    claims: Path | str | None = None,
    case: Mapping[str, float] | None = None,
    points: Mapping[str, Sequence[float]] | None = None,
    margin: float | None = None,
    free: Mapping[str, float] | None = None,
    experiments: Sequence[str] = (),
) -> Results:
    """Simulate claims and judge them, as the command ``ratecheck check`` does.

    Parameters
    ----------
    names : str
        Claims by name, claim files or folders, or items of one, ``claim/experiment/check``; all
        claims where none is given.
    effort, seed, device, workers, store, claims
        As of the command.
    case, points, margin, free
        What the files do not list: a case, points of an axis, a margin, free constants.
    experiments : sequence of str
        The only experiments that are asked for, by name; all where it is empty.

    Raises
    ------
    RatecheckError
        If the request cannot be met.
    """
    from ratecheck.engine.plan import Override
    from ratecheck.faces import asked
    from ratecheck.faces.cli import options
    from ratecheck.faces.running import run

    settings = options.settings(
        effort, seed, device, workers, options.STORE_DEFAULT if store is None else store, None
    )
    folder = None if claims is None else Path(claims)
    entries, failures, items = options.find_items(names, folder)
    override = Override(
        case=None if case is None else dict(case),
        points={name: tuple(values) for name, values in (points or {}).items()},
        margin=margin,
        constants=dict(free or {}),
        experiments=tuple(experiments),
        items=items,
    )
    asked.require_numbers(entries, override)
    return Results(run(entries, failures, settings, override, names).document)
