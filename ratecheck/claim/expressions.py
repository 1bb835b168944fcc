"""Every expression of a claim has a value wherever it is used: at every effort, case and point.

The loader and the engine agree on where that is by `Experiment.judged`.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ratecheck.claim import fields
from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import EFFORTS, Axis, Effort, Experiment
from ratecheck.claim.falsifier import Params, Value
from ratecheck.claim.formula import Formula
from ratecheck.claim.question import Question
from ratecheck.errors import ClaimError, FormulaError


def formula(where: str, name: str, text: str) -> Formula:
    """The parsed formula of a field."""
    try:
        return Formula(text)
    except FormulaError as error:
        raise ClaimError(where, name, str(error), "correct the formula") from None


def names(check: Check) -> frozenset[str]:
    """The symbols of a check's formula."""
    return Formula(check.formula).names


def validate(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` for the first expression that has no value where it is used."""
    _validate_cost(experiment, where)
    for index, check in enumerate(experiment.checks):
        at = f"checks[{index}]"
        _validate_names(experiment, where, at, check)
        _validate_formula(experiment, where, at, check)
        _validate_rivals(experiment, where, at, check)
        _validate_falsifiers(experiment, where, at, check)


def require_moved(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` for a parameter of a prediction that no falsifier moves, without a reason.

    It is asked of what a file lists: a reader's own case is judged with the falsifiers that it has.
    """
    for index, check in enumerate(experiment.checks):
        for name in unmoved(experiment, check):
            if name not in experiment.unmoved:
                raise ClaimError(
                    where, f"checks[{index}].fails", f"does not move '{name}', on which the "
                    f"prediction '{check.formula}' depends",
                    f"add Moved('{name}', ...), or say why not: unmoved={{'{name}': '...'}}",
                )  # fmt: skip


def unmoved(experiment: Experiment, check: Check) -> dict[str, str]:
    """The parameters on which a prediction depends and that no falsifier moves in nature.

    With the reason that the claim gives. An axis moves by itself.
    """
    axes = {axis.name for axis in experiment.axes}
    moved = {name for falsifier in check.fails for name in falsifier.nature}
    return {
        name: experiment.unmoved.get(name, "no falsifier was written for this case")
        for name in sorted(names(check) - axes - moved)
        if any(
            Question(check, axis.name, axis.points("quick", params), params).depends(name)
            for _, _, axis, params in experiment.judged("quick", check)
        )
    }


def _validate_names(experiment: Experiment, where: str, at: str, check: Check) -> None:
    texts = {"formula": check.formula, **{f"rivals[{k!r}]": v for k, v in check.rivals.items()}}
    for name, text in texts.items():
        parsed = formula(where, f"{at}.{name}", text)
        _require_names(where, f"{at}.{name}", parsed, experiment.names)
        if isinstance(ast.parse(parsed.text, mode="eval").body, ast.Compare | ast.BoolOp):
            raise ClaimError(where, f"{at}.{name}", f"'{text}' is a condition", "write a rate")
    _validate_condition(experiment, where, f"{at}.when", check.when, check)
    for number, falsifier in enumerate(check.fails):
        name = f"{at}.fails[{number}].when"
        _validate_condition(experiment, where, name, falsifier.when, check)


def _validate_condition(
    experiment: Experiment, where: str, name: str, when: str | None, check: Check
) -> None:
    """A condition names parameters that stand still along every axis of its check."""
    if when is None:
        return
    condition = formula(where, name, when)
    _require_names(where, name, condition, experiment.names)
    for axis in experiment.axes_of(check):
        for case in experiment.cases_at("full"):  # with every free constant varied
            params = experiment.params(axis, case)
            moving = condition.names - set(params)
            if moving:
                raise ClaimError(
                    where, name, f"'{when}' names '{sorted(moving)[0]}', which moves",
                    "name parameters of the case only",
                )  # fmt: skip
            try:
                condition(**params)
            except FormulaError as error:
                raise ClaimError(where, name, str(error), "correct the condition") from None


def _require_names(where: str, name: str, parsed: Formula, known: frozenset[str]) -> None:
    unknown = parsed.names - known
    if unknown:
        raise ClaimError(
            where, name, f"'{parsed.text}' names the unknown symbol '{sorted(unknown)[0]}'",
            f"known are {', '.join(sorted(known))}",
        )  # fmt: skip


def _validate_formula(experiment: Experiment, where: str, at: str, check: Check) -> None:
    """The formula, and each rival, is positive wherever the check is judged."""
    for _, axis, params, points in _grids(experiment, check):
        _require_positive(where, f"{at}.formula", check.formula, axis, points, params)
        for name, rival in check.rivals.items():
            _require_positive(where, f"{at}.rivals[{name!r}]", rival, axis, points, params)
        wrong = check.validate_on(Question(check, axis.name, points, params))
        if wrong is not None:
            raise ClaimError(where, f"{at}.formula", *wrong)


def _grids(
    experiment: Experiment, check: Check
) -> Iterator[tuple[Effort, Axis, Params, tuple[float, ...]]]:
    """Effort, axis, parameters and points wherever a check is judged, at every effort."""
    for effort in EFFORTS:
        for _, _, axis, params in experiment.judged(effort, check):
            yield effort, axis, params, axis.points(effort, params)


def _require_positive(
    where: str, name: str, text: str, axis: Axis, points: tuple[float, ...], params: Params
) -> None:
    used = Formula(text).names
    fault = _fault(text, axis.name, points, tuple((k, v) for k, v in params.items() if k in used))
    if fault is not None:
        raise ClaimError(where, name, *fault)


@lru_cache(maxsize=4096)  # efforts, checks and cases often ask the same
def _fault(
    text: str, axis: str, points: tuple[float, ...], params: tuple[tuple[str, Value], ...]
) -> tuple[str, str] | None:
    """What is wrong with a rate on a grid, and how to mend it."""
    prediction = Formula(text)
    for x in points:
        values = {**dict(params), axis: x}
        try:
            value = prediction(**values)
        except FormulaError as error:
            return str(error), "start the grid later"
        if not (math.isfinite(value) and value > 0):
            return (
                f"'{text}' is {value:g} at {_at(prediction, values)}",
                "a rate is positive on its whole grid: start the grid later",
            )
    return None


def _at(prediction: Formula, values: Mapping[str, Value]) -> str:
    shown = (f"{name}={values[name]:g}" for name in sorted(prediction.names))
    return ", ".join(shown) or "every point"


def _validate_rivals(experiment: Experiment, where: str, at: str, check: Check) -> None:
    """A rival must be farther than the margin somewhere, or no data could exclude it."""
    for name, text in check.rivals.items():
        gaps = [
            Question(check, axis.name, axis.points("quick", params), params).distance(text)
            for _, _, axis, params in experiment.judged("quick", check)
        ]
        if gaps and max(gaps) <= check.margin:
            raise ClaimError(
                where, f"{at}.rivals[{name!r}]",
                f"is within the margin {check.margin:g} of the claim wherever it is tested",
                "reduce the margin, add an axis that separates them, or drop the rival",
            )  # fmt: skip


def _validate_falsifiers(experiment: Experiment, where: str, at: str, check: Check) -> None:
    """What each changes has a value, and so has the formula at its own points."""
    places = {id(one): f"{at}.fails[{index}]" for index, one in enumerate(check.fails)}
    for effort, axis, params, _ in _grids(experiment, check):
        for falsifier in experiment.falsified(check, axis, params):
            place = places[id(falsifier)]
            try:
                changed = experiment.varied(falsifier, params)
            except FormulaError as error:
                raise ClaimError(
                    where, f"{place}.nature", str(error),
                    "write a formula in the case's parameters and the free constants",
                ) from None  # fmt: skip
            for name, value in changed.items():
                fields.scalar(where, f"{place}.{name}", value)
            own = axis.points(effort, params, falsifier.points)
            _require_positive(where, place, check.formula, axis, own, changed)


def _validate_cost(experiment: Experiment, where: str) -> None:
    """A cost is a positive number wherever one replicate has one."""
    cost = experiment.cost
    if cost is None:
        return
    _require_names(where, "cost", cost, experiment.names)
    if experiment.form.whole:
        return
    for effort in EFFORTS:
        for case in experiment.cases_at(effort):
            for axis in experiment.axes:
                params = experiment.params(axis, case)
                for x in axis.points(effort, params):
                    _require_cost(where, cost, {**params, axis.name: x})


def _require_cost(where: str, cost: Formula, values: Mapping[str, Value]) -> None:
    try:
        value = float(cost(**values))
    except FormulaError as error:
        raise ClaimError(where, "cost", str(error), "correct the formula") from None
    if not (math.isfinite(value) and value > 0):
        raise ClaimError(
            where, "cost", f"'{cost.text}' is {value:g} at {_at(cost, values)}",
            "a cost is positive",
        )  # fmt: skip
