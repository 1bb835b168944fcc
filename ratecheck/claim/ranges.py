"""Ranges: for which values of its parameters a theorem, and its simulation, say something.

A range is a condition, written as formulas are, on one parameter or on several (``"0 < r <= 1"``,
``"s > d/p"``, ``"d >= 3 and d == floor(d)"``), or a list of the only values.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from ratecheck.claim import fields
from ratecheck.claim.experiment import EFFORTS, Experiment
from ratecheck.claim.falsifier import Params, Range, Value
from ratecheck.claim.formula import Formula
from ratecheck.errors import ClaimError, FormulaError


def declared(where: str, ranges: object) -> dict[str, Range]:
    """The ranges of a file, each a condition that names its parameter, or a list of values.

    Raises
    ------
    ClaimError
        For the first that is neither.
    """
    return {
        name: _condition(where, name, given) if isinstance(given, str) else _values(where, given)
        for name, given in fields.mapping(where, "ranges", ranges).items()
    }


def concerning(names: set[str], ranges: Mapping[str, Range]) -> dict[str, Range]:
    """The ranges of these parameters, in terms of these parameters."""
    return {
        name: given
        for name, given in ranges.items()
        if name in names and (not isinstance(given, str) or Formula(given).names <= names)
    }


def shown(given: Range) -> str:
    """A range in words: ``0 < r <= 1``, or ``squared or logistic``."""
    return given if isinstance(given, str) else " or ".join(map(_number, given))


def validate(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` for the first value, listed or asked for, that is out of its range."""
    for values in _everywhere(experiment):
        for name, given in experiment.ranges.items():
            if not _inside(given, name, values):
                raise ClaimError(
                    where, name, f"{_number(values[name])} is not in the range {shown(given)}"
                    f"{_others(given, name, values)}", f"choose {name} within it",
                )  # fmt: skip


def _condition(where: str, name: str, text: str) -> str:
    at = f"ranges[{name!r}]"
    try:
        condition = Formula(text)
    except FormulaError as error:
        raise ClaimError(where, at, str(error), "correct the condition") from None
    body = ast.parse(condition.text, mode="eval").body
    if name not in condition.names or not isinstance(body, ast.Compare | ast.BoolOp):
        raise ClaimError(where, at, f"'{text}' is no condition on {name}", f"write '0 < {name}'")
    return condition.text


def _values(where: str, given: object) -> tuple[Value, ...]:
    values = fields.listed(where, "ranges", given)
    for value in values:
        fields.scalar(where, "ranges", value)
    return values


def _everywhere(experiment: Experiment) -> Iterator[Params]:
    """All parameters wherever something is simulated; along an axis only where a range names it."""
    named = set(experiment.ranges)
    for given in experiment.ranges.values():
        named |= Formula(given).names if isinstance(given, str) else set()
    for axis in experiment.axes:
        # of efforts with the same points the last: it tries the other free constants as well
        grids = {axis.multiples(effort): effort for effort in EFFORTS}
        for effort in grids.values():
            for case in experiment.cases_at(effort):
                params = experiment.params(axis, case)
                points = axis.points(effort, params)
                for x in points if axis.name in named else points[:1]:
                    yield {**params, axis.name: x}


def _inside(given: Range, name: str, values: Params) -> bool:
    if not isinstance(given, str):
        return values[name] in given
    try:
        return bool(Formula(given)(**values))
    except FormulaError:
        return False


def _others(given: Range, name: str, values: Params) -> str:
    others = sorted(Formula(given).names - {name}) if isinstance(given, str) else []
    return f" at {', '.join(f'{one}={_number(values[one])}' for one in others)}" if others else ""


def _number(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.10g}"
