"""Validation of claim files: the first malformed field becomes one sentence with a fix."""

from __future__ import annotations

import ast
import inspect
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise

from ratecheck.claim import fields
from ratecheck.claim.checks import Additive, Check
from ratecheck.claim.experiment import EFFORTS, FORMS, Axis, Effort, Experiment, Falsifier, Params
from ratecheck.claim.formula import Formula
from ratecheck.claim.prediction import applicable, distance, predicted_slope
from ratecheck.errors import ClaimError, FormulaError

MIN_POINTS = 4
MOST_REPLICATES = 10**9
LARGEST_BLOCK = 2**20
LONGEST_BLOCK = 10**7


def texts(where: str, name: str, values: Sequence[str], *, empty: bool) -> tuple[str, ...]:
    """A list of texts as a tuple."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise ClaimError(where, name, "is not a list", f"write {name}=['...', '...']")
    listed = fields.listed(where, name, values)
    if not listed and not empty:
        raise ClaimError(where, name, "is empty", "list at least one thing, in a few words each")
    if any(not isinstance(text, str) or not text.strip() for text in listed):
        raise ClaimError(where, name, "holds something that is not a text", "list texts only")
    return tuple(fields.text(where, name, text, lines=True) for text in listed)


def replicates(where: str, asked: int | Mapping[Effort, int]) -> dict[Effort, int]:
    """Replicates at each effort; an effort left out gets four times the one before."""
    if not isinstance(asked, Mapping):
        asked = {"quick": asked}
    filled: dict[Effort, int] = {}
    last: int | None = None
    for effort in EFFORTS:
        count = asked.get(effort, None if last is None else 4 * last)
        if not fields.is_number(count) or not isinstance(count, int) or count < 1:
            raise ClaimError(
                where, "replicates", f"has no usable number at {effort} effort",
                "write replicates=64 or replicates={'quick': 64, 'standard': 256, 'full': 1024}",
            )  # fmt: skip
        if count > MOST_REPLICATES:
            raise ClaimError(
                where, "replicates", f"is beyond {MOST_REPLICATES:,} at {effort} effort",
                "ask for fewer",
            )  # fmt: skip
        filled[effort] = last = count
    unknown = [effort for effort in asked if effort not in EFFORTS]
    if unknown:
        raise ClaimError(
            where, "replicates", f"names an unknown effort {unknown[0]!r}",
            f"efforts are {', '.join(EFFORTS)}",
        )  # fmt: skip
    return filled


def validate(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` for the first field of an experiment that is malformed."""
    _validate_sizes(experiment, where)
    _validate_axes(experiment, where)
    _validate_parameters(experiment, where)
    _validate_checks(experiment, where)
    _validate_falsifiers(experiment, where)
    _validate_cost(experiment, where)


def slug(name: str) -> str:
    """A name as it stands in ids."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def formula(where: str, name: str, text: str) -> Formula:
    """The parsed formula of a field."""
    try:
        return Formula(text)
    except FormulaError as error:
        raise ClaimError(where, name, str(error), "correct the formula") from None


def latex(where: str, name: str, text: str) -> None:
    """Raise `ClaimError` with the place in the text unless its LaTeX can be drawn."""
    from ratecheck.claim.latex import mathml

    try:
        mathml(text)
    except FormulaError as error:
        raise ClaimError(where, name, str(error), "correct the LaTeX") from None


def _validate_sizes(experiment: Experiment, where: str) -> None:
    if experiment.form not in FORMS:
        raise ClaimError(
            where, "data", f"{experiment.form!r} is unknown", f"choose one of {', '.join(FORMS)}"
        )
    block, timeout = experiment.block, experiment.timeout
    if not isinstance(block, int) or not 16 <= block <= LARGEST_BLOCK or block % 16:
        raise ClaimError(
            where, "block", f"is {block!r}",
            f"use a multiple of 16 up to {LARGEST_BLOCK}: torch's random streams split "
            "consistently only there",
        )  # fmt: skip
    if timeout is not None and not (fields.is_number(timeout) and 0 < timeout <= LONGEST_BLOCK):
        raise ClaimError(
            where, "timeout", f"is {timeout!r}",
            f"give seconds up to {LONGEST_BLOCK}, or leave it out",
        )  # fmt: skip


def _validate_axes(experiment: Experiment, where: str) -> None:
    if not experiment.axes or not all(isinstance(axis, Axis) for axis in experiment.axes):
        raise ClaimError(where, "axis", "is missing", "write axis=Axis.geometric('n', quick=(...))")
    names = [axis.name for axis in experiment.axes]
    if len(set(names)) < len(names):
        raise ClaimError(where, "axis", "two axes have one name", "rename or merge them")
    for axis in experiment.axes:
        for effort in EFFORTS:
            _validate_points(where, f"axis {axis.name}, {effort}", axis.points(effort))
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


def _validate_points(where: str, name: str, points: Sequence[float]) -> None:
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
    if any(b <= a for a, b in pairwise(points)):
        raise ClaimError(where, name, "is not increasing", "sort the points and drop doubles")


_WITH_REPLICATES = ("replicates", "rng")


def _validate_parameters(experiment: Experiment, where: str) -> None:
    axes = {axis.name for axis in experiment.axes}
    case_names = [frozenset(case) for case in experiment.cases]
    if len(set(case_names)) > 1:
        raise ClaimError(
            where, "cases", "do not all assign the same parameters",
            "give every case the same names",
        )  # fmt: skip
    in_cases = set(case_names[0]) if case_names else set()
    for name, values in (("cases", in_cases), ("constants", set(experiment.constants))):
        clash = values & axes
        if clash:
            raise ClaimError(
                where, name, f"'{sorted(clash)[0]}' is an axis", "an axis is not also a parameter"
            )
    both = in_cases & set(experiment.constants)
    if both:
        raise ClaimError(
            where, "constants", f"'{sorted(both)[0]}' is in the cases, too", "keep one of them"
        )
    for name in experiment.vary:
        if name not in experiment.constants:
            raise ClaimError(
                where, "vary", f"'{name}' is no constant", "declare it under constants"
            )
        for value in experiment.vary[name]:
            fields.value(where, f"vary[{name!r}]", value)
    for mapping in (*experiment.cases, experiment.constants, *(a.at for a in experiment.axes)):
        for name, value in mapping.items():
            fields.value(where, name, value)
    _validate_signature(experiment, where, axes | in_cases | set(experiment.constants))


def _validate_signature(experiment: Experiment, where: str, known: set[str]) -> None:
    if inspect.iscoroutinefunction(experiment.simulate) or inspect.isgeneratorfunction(
        experiment.simulate
    ):
        raise ClaimError(
            where, "signature", "the simulation is no plain function", "return a dict from a def"
        )
    parameters = inspect.signature(experiment.simulate).parameters
    hidden = [name for name, p in parameters.items() if p.kind is p.POSITIONAL_ONLY]
    if hidden:
        raise ClaimError(
            where, "signature", f"parameter '{hidden[0]}' cannot be given by name",
            "write the def without the slash",
        )  # fmt: skip
    random = experiment.form != "exact"
    expected = known | (set(_WITH_REPLICATES) if random else set())
    for axis in experiment.axes:
        for name in axis.at:
            if name not in known:
                raise ClaimError(
                    where, f"axis {axis.name}", f"sets '{name}', which is no parameter",
                    "name an axis, a case's parameter or a constant",
                )  # fmt: skip
    required = {
        name for name, p in parameters.items()
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }  # fmt: skip
    unknown = required - expected
    if unknown:
        name = sorted(unknown)[0]
        fix = (
            "an exact simulation takes no replicates and no rng"
            if name in _WITH_REPLICATES
            else "add it to the axis, the cases or the constants"
        )
        raise ClaimError(where, "signature", f"parameter '{name}' is given no value", fix)
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    unused = expected - set(parameters)
    if unused and not takes_any:
        name = sorted(unused)[0]
        raise ClaimError(
            where, "signature", f"the simulation does not take '{name}'",
            f"write def {experiment.name}(..., {name}, ...)" if name not in _WITH_REPLICATES
            else f"write def {experiment.name}(..., *, replicates, rng)",
        )  # fmt: skip


def _validate_checks(experiment: Experiment, where: str) -> None:
    if not experiment.checks:
        raise ClaimError(
            where, "checks", "is empty", "add one, such as Rate('risk', '1/n', margin=0.1)"
        )
    labels: set[str] = set()
    for index, check in enumerate(experiment.checks):
        at = f"checks[{index}]"
        if not isinstance(check, Check):
            raise ClaimError(where, at, f"is {check!r}", "use Rate, AtMost, AtLeast, ...")
        _validate_texts(where, at, check)
        if check.label in labels:
            raise ClaimError(
                where, at, f"the label '{check.label}' is used twice", "give one of them a name="
            )
        labels.add(check.label)
        needs_margin = check.kind != "below"
        if not fields.is_number(check.margin) or not fields.is_finite(check.margin) or (
            check.margin <= 0 if needs_margin else check.margin < 0
        ):  # fmt: skip
            raise ClaimError(where, f"{at}.margin", f"is {check.margin!r}", "use a positive number")
        if check.axis is not None and check.axis not in {a.name for a in experiment.axes}:
            raise ClaimError(
                where, f"{at}.axis", f"'{check.axis}' is no axis of this experiment",
                f"choose one of {', '.join(a.name for a in experiment.axes)}",
            )  # fmt: skip
        _validate_names(experiment, where, at, check)
        _validate_rivals(experiment, where, at, check)


def _validate_texts(where: str, at: str, check: Check) -> None:
    """The names in a check are texts, and its rivals a mapping."""
    if isinstance(check, Additive):
        parts = fields.listed(where, f"{at}.parts", check.parts)
        if len(parts) != 2:
            raise ClaimError(where, f"{at}.parts", f"has {len(parts)} entries", "name two parts")
        if check.neither is not None:
            fields.text(where, f"{at}.neither", check.neither)
    fields.text(where, f"{at}.quantity", check.quantity)
    for quantity in check.quantities:
        fields.text(where, f"{at}.quantities", quantity)
    if check.name is not None:
        fields.text(where, f"{at}.name", check.name)
    if set("/[]") & set(check.label):
        raise ClaimError(
            where, f"{at}.name", f"'{check.label}' holds a slash or a bracket", "name it in words"
        )
    fields.named(where, f"{at}.rivals", check.rivals)


def _known_names(experiment: Experiment) -> set[str]:
    names = {axis.name for axis in experiment.axes} | set(experiment.constants)
    return names | (set(experiment.cases[0]) if experiment.cases else set())


def _validate_names(experiment: Experiment, where: str, at: str, check: Check) -> None:
    known = _known_names(experiment)
    texts = {"formula": check.formula, **{f"rivals[{k!r}]": v for k, v in check.rivals.items()}}
    for name, text in texts.items():
        _require_names(where, f"{at}.{name}", formula(where, f"{at}.{name}", text), known)
    _validate_condition(experiment, where, f"{at}.when", check.when, check)


def _validate_condition(
    experiment: Experiment, where: str, name: str, when: str | None, check: Check
) -> None:
    """A condition names parameters that stand still along every axis of its check."""
    if when is None:
        return
    condition = formula(where, name, when)
    _require_names(where, name, condition, _known_names(experiment))
    for axis in experiment.axes_of(check):
        for params in applicable(experiment, None, axis):
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


def _require_names(where: str, name: str, formula: Formula, known: set[str]) -> None:
    unknown = formula.names - known
    if unknown:
        raise ClaimError(
            where, name, f"'{formula.text}' names the unknown symbol '{sorted(unknown)[0]}'",
            f"known are {', '.join(sorted(known))}",
        )  # fmt: skip


def _validate_rivals(experiment: Experiment, where: str, at: str, check: Check) -> None:
    """A rival must be farther than the margin somewhere, or no data could exclude it."""
    for name, text in check.rivals.items():
        gaps = [
            distance(check, text, axis, params)
            for axis in experiment.axes_of(check)
            for params in applicable(experiment, check.when, axis)
        ]
        if gaps and max(gaps) <= check.margin:
            raise ClaimError(
                where, f"{at}.rivals[{name!r}]",
                f"is within the margin {check.margin:g} of the claim wherever it is tested",
                "reduce the margin, add an axis that separates them, or drop the rival",
            )  # fmt: skip
    for axis in experiment.axes_of(check):
        for params in applicable(experiment, check.when, axis):
            for effort in EFFORTS:
                _require_positive(where, f"{at}.formula", check, axis, effort, params)


def _require_positive(
    where: str, name: str, check: Check, axis: Axis, effort: Effort, params: Params
) -> None:
    prediction = Formula(check.formula)
    if isinstance(ast.parse(prediction.text, mode="eval").body, ast.Compare | ast.BoolOp):
        raise ClaimError(where, name, f"'{check.formula}' is a condition", "write a rate")
    for x in axis.points(effort):
        try:
            value = prediction(**{**params, axis.name: x})
        except FormulaError as error:
            raise ClaimError(where, name, str(error), "start the grid later") from None
        if not (math.isfinite(value) and value > 0):
            raise ClaimError(
                where, name, f"'{check.formula}' is {value:g} at {axis.name}={x:g}",
                "a rate is positive on its whole grid: start the grid later",
            )  # fmt: skip
    if check.kind == "decay" and abs(predicted_slope(check, check.formula, axis, params)) < 1e-12:
        raise ClaimError(
            where, name, f"'{check.formula}' does not decay in {axis.name}",
            "write an exponential, or use Flat where nothing should depend on it",
        )  # fmt: skip


def _validate_falsifiers(experiment: Experiment, where: str) -> None:
    if not experiment.falsifiers:
        raise ClaimError(
            where, "falsifiers", "is empty",
            "add a variant without the theorem's mechanism: a check that cannot fail shows nothing",
        )  # fmt: skip
    labels = {check.label: check for check in experiment.checks}
    names = [slug(str(getattr(falsifier, "name", ""))) for falsifier in experiment.falsifiers]
    for index, falsifier in enumerate(experiment.falsifiers):
        at = f"falsifiers[{index}]"
        if not isinstance(falsifier, Falsifier):
            raise ClaimError(where, at, f"is {falsifier!r}", "use Falsifier('name', kills='...')")
        if isinstance(falsifier.name, str) and falsifier.name.strip():
            fields.text(where, f"{at}.name", falsifier.name)
        if names.count(slug(str(falsifier.name))) > 1 or not slug(str(falsifier.name)):
            raise ClaimError(where, f"{at}.name", "is empty or used twice", "name it by itself")
        fields.text(where, f"{at}.name", falsifier.name)
        if not isinstance(falsifier.kills, str) or falsifier.kills not in labels:
            raise ClaimError(
                where, f"{at}.kills", f"'{falsifier.kills}' is no check of this experiment",
                f"choose one of {', '.join(labels)}{_misspelt(falsifier.kills, experiment)}",
            )  # fmt: skip
        check = labels[falsifier.kills]
        if falsifier.quantity is None and not falsifier.set:
            raise ClaimError(where, at, "changes nothing", "give it a quantity= or a set=")
        if falsifier.quantity == check.quantity and not falsifier.set:
            raise ClaimError(where, f"{at}.quantity", "is the check's own", "name the variant's")
        if falsifier.quantity is not None:
            fields.text(where, f"{at}.quantity", falsifier.quantity)
        for name, value in fields.mapping(where, f"{at}.set", falsifier.set).items():
            fields.value(where, f"{at}.set", value)
            moving = {axis.name for axis in experiment.axes_of(check)}
            if moving == {name} or falsifier.axis == name:
                raise ClaimError(where, f"{at}.set", f"'{name}' is the axis", "set another one")
        unknown = set(falsifier.set) - _known_names(experiment)
        if unknown:
            raise ClaimError(
                where, f"{at}.set", f"'{sorted(unknown)[0]}' is no parameter of the simulation",
                f"known are {', '.join(sorted(_known_names(experiment)))}",
            )  # fmt: skip
        if falsifier.axis is not None and falsifier.axis not in {
            axis.name for axis in experiment.axes_of(check)
        }:
            raise ClaimError(
                where, f"{at}.axis", f"'{falsifier.axis}' is no axis of the check it kills",
                "name one of the check's axes",
            )  # fmt: skip
        if falsifier.points is not None:
            points = fields.listed(where, f"{at}.points", falsifier.points, fields.MOST_POINTS)
            _validate_points(where, f"{at}.points", points)
        _validate_condition(experiment, where, f"{at}.when", falsifier.when, check)


def _misspelt(kills: object, experiment: Experiment) -> str:
    """A hint that it may be the check that is misspelt, and not the falsifier."""
    for index, check in enumerate(experiment.checks):
        if get_close_matches(str(kills), [check.label], cutoff=0.8):
            return f", or correct '{check.label}' in checks[{index}] if that is misspelt"
    return ""


def _validate_cost(experiment: Experiment, where: str) -> None:
    """A cost is a positive number wherever one replicate has one."""
    cost = experiment.cost
    if cost is None:
        return
    _require_names(where, "cost", cost, _known_names(experiment))
    if experiment.form == "trajectories":
        return
    for axis in experiment.axes:
        for params in applicable(experiment, None, axis):
            for x in (x for effort in EFFORTS for x in axis.points(effort)):
                try:
                    value = float(cost(**{**params, axis.name: x}))
                except FormulaError as error:
                    raise ClaimError(where, "cost", str(error), "correct the formula") from None
                if not (math.isfinite(value) and value > 0):
                    raise ClaimError(
                        where, "cost", f"'{cost.text}' is {value:g} at {axis.name}={x:g}",
                        "a cost is positive",
                    )  # fmt: skip
