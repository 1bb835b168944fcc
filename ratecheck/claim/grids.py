"""Validation of axes: where the points of a grid stand, at every effort and in every case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ratecheck.claim import fields
from ratecheck.claim.experiment import EFFORTS, Axis, Experiment
from ratecheck.claim.expressions import formula
from ratecheck.errors import ClaimError, FormulaError

MIN_POINTS = 4


def validate(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` for the first fault of an experiment's axes and of their points."""
    if not experiment.axes or not all(isinstance(axis, Axis) for axis in experiment.axes):
        raise ClaimError(where, "axis", "is missing", "write axis=Axis.geometric('n', quick=(...))")
    names = [axis.name for axis in experiment.axes]
    if len(set(names)) < len(names):
        raise ClaimError(where, "axis", "two axes have one name", "rename or merge them")
    for axis in experiment.axes:
        for effort in EFFORTS:
            validate_points(where, f"axis {axis.name}, {effort}", axis.multiples(effort))
        missing = set(names) - {axis.name} - set(axis.at)
        if missing:
            other = sorted(missing)[0]
            raise ClaimError(
                where, f"axis {axis.name}", f"does not say where '{other}' stands",
                f"add at={{'{other}': ...}}",
            )  # fmt: skip
        stray = set(axis.at) & {axis.name}
        if stray:
            raise ClaimError(where, f"axis {axis.name}", "fixes its own value", "remove it from at")
        if axis.unit is not None:
            _validate_unit(experiment, where, axis, axis.unit)


def _validate_unit(experiment: Experiment, where: str, axis: Axis, unit: str) -> None:
    """A unit is a formula in what stands still along its axis, and positive."""
    name = f"axis {axis.name}.unit"
    parsed = formula(where, name, unit)
    for effort in EFFORTS:
        for case in experiment.cases_at(effort):
            params = experiment.params(axis, case)
            unknown = sorted(parsed.names - set(params))
            if unknown:
                raise ClaimError(
                    where, name, f"names '{unknown[0]}', which does not stand still along the axis",
                    "name parameters of the cases or constants",
                )  # fmt: skip
            try:
                points = axis.points(effort, params)
            except FormulaError as error:
                raise ClaimError(where, name, str(error), "correct the unit") from None
            at = ", ".join(f"{key}={params[key]}" for key in sorted(parsed.names))
            validate_points(where, f"axis {axis.name} at {at}", points)


def validate_points(where: str, name: str, points: Sequence[float]) -> None:
    """Raise `ClaimError` unless these are four or more positive numbers in order."""
    if any(isinstance(x, bool) or not isinstance(x, int | float) for x in points):
        raise ClaimError(where, name, "holds something that is not a number", "list numbers")
    if len(points) < MIN_POINTS:
        raise ClaimError(
            where, name, f"has {len(points)} point{'s' * (len(points) != 1)}",
            f"give at least {MIN_POINTS}: fewer show neither a slope nor its curvature",
        )  # fmt: skip
    if not all(fields.is_finite(x) and x > 0 for x in points):
        raise ClaimError(
            where, name, "has a point that is not positive, or too large", "rates need 0 < x < inf"
        )
    if not any(all(a < b for a, b in pairwise(way)) for way in (points, points[::-1])):
        raise ClaimError(where, name, "is not in order", "sort the points and drop doubles")
