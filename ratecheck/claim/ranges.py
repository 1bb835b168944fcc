"""The range of a parameter: the values for which the theorem, and its simulation, say something."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ratecheck.claim.experiment import EFFORTS, Experiment
from ratecheck.claim.expressions import formula
from ratecheck.errors import ClaimError


def validate(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` for the first value, listed or asked for, that is out of its range."""
    for name, text in experiment.ranges.items():
        field = f"ranges[{name!r}]"
        condition = formula(where, field, text)
        body = ast.parse(condition.text, mode="eval").body
        if condition.names != {name} or not isinstance(body, ast.Compare | ast.BoolOp):
            wrong = f"'{text}' is no condition on {name} alone"
            raise ClaimError(where, field, wrong, f"write '0 < {name} <= 1'")
        for value in _values(experiment, name):
            if isinstance(value, str) or not condition(**{name: value}):
                raise ClaimError(
                    where, name, f"{value!s} is not in the range {text}", f"choose {name} within it"
                )


def _values(experiment: Experiment, name: str) -> Iterator[int | float | str]:
    """Every value that a parameter takes, in a case, as a constant or along its axis."""
    for axis in experiment.axes:
        if axis.name == name:
            for effort in EFFORTS:
                yield from axis.points(effort)
        else:
            cases = (experiment.params(axis, case) for case in experiment.cases_at("full"))
            yield from (params[name] for params in cases if name in params)
