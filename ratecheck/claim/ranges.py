"""Ranges: for which values of its parameters a theorem holds and can be simulated.

A range is a condition, as formulas are written, on one parameter or on several (``"0 < r <= 1"``,
``"s > d/p"``, ``"d >= 3 and d == floor(d)"``), or a list of the only values.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ratecheck.claim import fields
from ratecheck.claim.falsifier import Params, Value
from ratecheck.claim.formula import Formula
from ratecheck.errors import ClaimError, FormulaError

if TYPE_CHECKING:
    from ratecheck.claim.experiment import Experiment

Range = str | Sequence[Value]


def declared(where: str, ranges: Mapping[str, Range]) -> dict[str, Range]:
    """The ranges of a file, each a condition that names its parameter, or a list of values.

    Raises
    ------
    ClaimError
        For the first that is neither.
    """
    found: dict[str, Range] = {}
    for name, given in fields.mapping(where, "ranges", ranges).items():
        at = f"ranges[{name!r}]"
        if not isinstance(given, str):
            found[name] = fields.listed(where, at, given)
            for value in found[name]:
                fields.scalar(where, at, value)
            continue
        try:
            condition = Formula(given)
        except FormulaError as error:
            raise ClaimError(where, at, str(error), "correct the condition") from None
        tree = ast.parse(condition.text, mode="eval").body
        if not isinstance(tree, ast.Compare | ast.BoolOp) or name not in condition.names:
            raise ClaimError(
                where, at, f"'{given}' is no condition on '{name}'", f"write '0 < {name} <= 1'"
            )
        found[name] = condition.text
    return found


def shown(given: Range) -> str:
    """A range in words: ``0 < r <= 1``, or ``squared or logistic``."""
    return given if isinstance(given, str) else " or ".join(map(str, given))


def of(experiment: Experiment) -> dict[str, Range]:
    """The ranges that concern an experiment: of its parameters, in terms of its parameters."""
    return {
        name: given
        for name, given in experiment.ranges.items()
        if name in experiment.names
        and (not isinstance(given, str) or Formula(given).names <= experiment.names)
    }


def outside(experiment: Experiment) -> str | None:
    """The first value of an experiment that is outside of its range, in a few words."""
    ranges = of(experiment)
    named = {name for one in ranges.values() if isinstance(one, str) for name in Formula(one).names}
    for effort in ("quick", "standard", "full"):
        for case in experiment.cases_at(effort):
            for axis in experiment.axes:
                params = experiment.params(axis, case)
                points = axis.points(effort)
                for x in points if axis.name in named else points[:1]:
                    values = {**params, axis.name: x}
                    for name, given in ranges.items():
                        if not _inside(given, name, values):
                            return _told(name, given, values)
    return None


def require_inside(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` unless all that a file lists is within its own ranges."""
    found = outside(experiment)
    if found is not None:
        raise ClaimError(where, "ranges", found, "correct the range, or the value")


def _inside(given: Range, name: str, values: Params) -> bool:
    if not isinstance(given, str):
        return values[name] in given
    try:
        return bool(Formula(given)(**values))
    except FormulaError:
        return False


def _told(name: str, given: Range, values: Mapping[str, Any]) -> str:
    others = Formula(given).names - {name} if isinstance(given, str) else ()
    at = ", ".join(f"{other} = {_number(values[other])}" for other in sorted(others))
    return f"{name} = {_number(values[name])} is outside of its range, {shown(given)}" + (
        f" (here {at})" if at else ""
    )


def _number(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.10g}"
