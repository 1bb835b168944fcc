"""Validation of claim files: the first malformed field becomes one sentence with a fix."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

from ratecheck.claim import expressions, fields, grids, ranges
from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import EFFORTS, Effort, Experiment
from ratecheck.claim.expressions import formula
from ratecheck.claim.falsifier import Falsifier
from ratecheck.claim.form import FORMS, Form
from ratecheck.errors import ClaimError, FormulaError

__all__ = ["formula", "latex", "replicates", "slug", "validate", "validate_builder"]

WIDEST_MARGIN = 1000  # of exponents, and of rates and ratios as a fraction
MOST_REPLICATES = 10**9
LARGEST_BLOCK = 2**20
LONGEST_BLOCK = 10**7


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


def replay(where: str, asked: object) -> bool:
    """Whether a simulation can be repeated."""
    if not isinstance(asked, bool):
        raise ClaimError(where, "replay", f"is {asked!r}", "write replay=False for a clock")
    return asked


FLOORS = ("float64", "float32", "float16", "bfloat16", "reference")


def form(where: str, name: object, floor: Any = None) -> Form:
    """The form of data of this name, with its declared floor."""
    found = FORMS.get(name) if isinstance(name, str) else None
    if found is None:
        raise ClaimError(where, "data", f"{name!r} is unknown", f"choose one of {', '.join(FORMS)}")
    if floor is None:
        return found
    if not found.floors:
        able = ", ".join(f"data='{one.name}'" for one in FORMS.values() if one.floors)
        raise ClaimError(
            where, "floor", f"is given with data='{found.name}'", f"leave it out; it is for {able}"
        )
    sized = fields.is_number(floor) and fields.is_finite(floor) and floor > 0
    if not (floor in FLOORS if isinstance(floor, str) else sized):
        raise ClaimError(
            where, "floor", f"is {floor!r}",
            f"give the size of the floor, or one of {', '.join(map(repr, FLOORS))}",
        )  # fmt: skip
    return found.above(floor)


def validate(experiment: Experiment, where: str) -> None:
    """Raise `ClaimError` for the first field of an experiment that is malformed."""
    _validate_sizes(experiment, where)
    grids.validate(experiment, where)
    _validate_parameters(experiment, where)
    ranges.validate(experiment, where)
    _validate_checks(experiment, where)
    expressions.validate(experiment, where)


def slug(name: str) -> str:
    """A name as it stands in ids."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def latex(where: str, name: str, text: str) -> None:
    """Raise `ClaimError` with the place in the text unless its LaTeX can be drawn."""
    from ratecheck.claim.latex import mathml

    try:
        mathml(text)
    except FormulaError as error:
        raise ClaimError(where, name, str(error), "correct the LaTeX") from None


def _validate_sizes(experiment: Experiment, where: str) -> None:
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
    for name, values in (("cases", in_cases), ("free", set(experiment.free))):
        clash = values & axes
        if clash:
            raise ClaimError(
                where, name, f"'{sorted(clash)[0]}' is an axis", "an axis is not also a parameter"
            )
    both = in_cases & set(experiment.free)
    if both:
        raise ClaimError(
            where, "free", f"'{sorted(both)[0]}' is in the cases, too", "keep one of them"
        )
    if "problem" in experiment.names:
        raise ClaimError(where, "problem", "is no parameter's name", "rename the parameter")
    for mapping in (*experiment.cases, *(a.at for a in experiment.axes)):
        for name, value in mapping.items():
            fields.scalar(where, name, value)
    for axis in experiment.axes:
        for name in axis.at:
            if name not in experiment.names:
                raise ClaimError(
                    where, f"axis {axis.name}", f"sets '{name}', which is no parameter",
                    "name an axis, a case's parameter or a constant",
                )  # fmt: skip
    _validate_signature(experiment, where)


def validate_builder(where: str, build: Callable[..., object]) -> None:
    """A function that is called with its parameters by name, once a block."""
    if not inspect.isfunction(build) or _is_odd(build) or not build.__name__.isidentifier():
        raise ClaimError(where, "signature", "is no plain function", "write a def that returns")
    _require_named(where, build)
    for name, parameter in inspect.signature(build).parameters.items():
        if parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            raise ClaimError(
                where, "signature", f"'{name}' stands for any parameters",
                "name those that the problem is built from, and replicates and rng if it is drawn",
            )  # fmt: skip


def _require_named(where: str, function: Callable[..., object]) -> None:
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise ClaimError(
                where, "signature", f"parameter '{name}' cannot be given by name",
                "write the def without the slash",
            )  # fmt: skip


def _is_odd(function: Callable[..., object]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function)


def _validate_signature(experiment: Experiment, where: str) -> None:
    if _is_odd(experiment.simulate):
        raise ClaimError(
            where, "signature", "the simulation is no plain function", "return a dict from a def"
        )
    _require_named(where, experiment.simulate)
    random = experiment.form.random
    expected = set(experiment.names) | (set(_WITH_REPLICATES) if random else set())
    taken: set[str] = set()
    for function in (experiment.simulate, experiment.problem):
        if function is not None:
            taken |= _require_given(function, expected | {"problem"}, where, experiment.form)
    unused = expected - taken
    if unused and _REST not in taken:
        name = sorted(unused)[0]
        raise ClaimError(
            where, "signature", f"the simulation does not take '{name}'",
            f"write def {experiment.name}(..., {name}, ...)" if name not in _WITH_REPLICATES
            else f"write def {experiment.name}(..., *, replicates, rng)",
        )  # fmt: skip


_REST = "**"


def _require_given(
    function: Callable[..., object], known: set[str], where: str, form: Form
) -> set[str]:
    """The parameters that a function takes, all of which must be given a value."""
    parameters = inspect.signature(function).parameters
    required = {
        name for name, p in parameters.items()
        if p.default is p.empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    }  # fmt: skip
    unknown = required - known
    if unknown:
        name = sorted(unknown)[0]
        fix = (
            f"with data='{form.name}' a simulation takes no replicates and no rng"
            if name in _WITH_REPLICATES
            else "add it to the axis, the cases or the free constants"
        )
        raise ClaimError(where, "signature", f"parameter '{name}' is given no value", fix)
    rest = {_REST} if any(p.kind is p.VAR_KEYWORD for p in parameters.values()) else set()
    return set(parameters) | rest


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
        if not fields.is_number(check.margin) or not fields.is_finite(check.margin) or (
            check.margin <= 0 if check.needs_margin else check.margin < 0
        ):  # fmt: skip
            raise ClaimError(where, f"{at}.margin", f"is {check.margin!r}", "use a positive number")
        if check.margin > WIDEST_MARGIN:
            raise ClaimError(
                where, f"{at}.margin", f"is {check.margin:.3g}, so wide that nothing could fail",
                f"write the distance to the nearest rival, at most {WIDEST_MARGIN}",
            )  # fmt: skip
        if check.axis is not None and check.axis not in {a.name for a in experiment.axes}:
            raise ClaimError(
                where, f"{at}.axis", f"'{check.axis}' is no axis of this experiment",
                f"choose one of {', '.join(a.name for a in experiment.axes)}",
            )  # fmt: skip
        _validate_reading(experiment.form, where, at, check)
        formula(where, f"{at}.formula", check.formula)
        _validate_falsifiers(experiment, where, at, check)
    if not any(check.fails for check in experiment.checks):
        raise ClaimError(
            where, "fails", "is empty in every check",
            "add a variant without the theorem's mechanism, fails=[Without('...', 'quantity')]: a "
            "check that cannot fail shows nothing",
        )  # fmt: skip


def _validate_reading(form: Form, where: str, at: str, check: Check) -> None:
    """The form of data yields what the check is about."""
    paired = check.ratio is not None
    if not hasattr(form, check.reading) and hasattr(form, check.coordinates.reading):
        able = [
            f"'{one.name}'"
            for one in FORMS.values()
            if hasattr(one, check.reading) and one.reads(check.coordinates)
        ]
        raise ClaimError(
            where, f"{at}.floor", f"cannot be fitted with data='{form.name}'",
            f"only {', '.join(able)} can; a floor that is known may stand in the formula",
        )  # fmt: skip
    if form.reads(check.coordinates, paired=paired):
        return
    what = f"{check.coordinates.noun}s of paired quantities" if paired else (
        f"the {check.coordinates.noun} of a check of kind '{check.kind}'"
    )  # fmt: skip
    able = [
        f"'{one.name}'" for one in FORMS.values() if one.reads(check.coordinates, paired=paired)
    ]
    raise ClaimError(
        where, at, f"data='{form.name}' does not yield {what}", f"only {', '.join(able)} do"
    )


def _validate_texts(where: str, at: str, check: Check) -> None:
    """The names in a check are texts, and its rivals a mapping."""
    check.validate(where, at)
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


def _validate_falsifiers(experiment: Experiment, where: str, at: str, check: Check) -> None:
    if not isinstance(check.fails, list | tuple):
        raise ClaimError(where, f"{at}.fails", "is not a list", "write fails=[Without(...), ...]")
    seen: set[str] = set()
    for index, falsifier in enumerate(check.fails):
        here = f"{at}.fails[{index}]"
        if not isinstance(falsifier, Falsifier):
            raise ClaimError(
                where, here, f"is {falsifier!r}", "use Without(...), Moved(...) or Falsifier(...)"
            )
        fields.text(where, f"{here}.name", falsifier.name)
        name = slug(falsifier.name)
        if name in seen or not name:
            raise ClaimError(where, f"{here}.name", "is empty or used twice", "name it by itself")
        seen.add(name)
        _validate_change(experiment, where, here, check, falsifier)
        axes = {axis.name for axis in experiment.axes_of(check)}
        if falsifier.axis is not None and falsifier.axis not in axes:
            raise ClaimError(
                where, f"{here}.axis", f"'{falsifier.axis}' is no axis of the check it kills",
                "name one of the check's axes",
            )  # fmt: skip
        if falsifier.points is not None:
            points = fields.listed(where, f"{here}.points", falsifier.points, fields.MOST_POINTS)
            grids.validate_points(where, f"{here}.points", points)


def _validate_change(
    experiment: Experiment, where: str, at: str, check: Check, falsifier: Falsifier
) -> None:
    """What a falsifier changes exists, and does not move the claim with the data."""
    told = fields.mapping(where, f"{at}.told", falsifier.told)
    nature = fields.mapping(where, f"{at}.nature", falsifier.nature)
    if falsifier.quantity is None and not told and not nature:
        raise ClaimError(
            where, at, "changes nothing", "give it a quantity=, told={...} or nature={...}"
        )
    if falsifier.quantity == check.quantity and not told and not nature:
        raise ClaimError(where, f"{at}.quantity", "is the check's own", "name the variant's")
    if falsifier.quantity is not None:
        fields.text(where, f"{at}.quantity", falsifier.quantity)
    moving = {axis.name for axis in experiment.axes_of(check)}
    for name, value in told.items():
        _require_parameter(experiment, where, f"{at}.told", name)
        fields.scalar(where, f"{at}.told", value)
        if moving == {name} or falsifier.axis == name:
            raise ClaimError(where, f"{at}.told", f"'{name}' is the axis", "change another one")
        if name in expressions.names(check):
            raise ClaimError(
                where, f"{at}.told", f"'{name}' stands in the check's formula, so that the claim "
                "moves with the data", f"move nature instead: Moved('{name}', ...)",
            )  # fmt: skip
    if nature and experiment.problem is None:
        raise ClaimError(
            where, f"{at}.nature", "moves nature, but the simulation takes no problem",
            "build nature by a function under @claim.problem, and take problem",
        )  # fmt: skip
    for name, value in nature.items():
        _require_parameter(experiment, where, f"{at}.nature", name)
        if not isinstance(value, str):
            fields.scalar(where, f"{at}.nature", value)
        if experiment.problem and name not in inspect.signature(experiment.problem).parameters:
            raise ClaimError(
                where, f"{at}.nature", f"the problem does not take '{name}'",
                f"write def {experiment.problem.__name__}(..., {name})",
            )  # fmt: skip


def _require_parameter(experiment: Experiment, where: str, at: str, name: str) -> None:
    if name not in experiment.names:
        raise ClaimError(
            where, at, f"'{name}' is no parameter of the simulation",
            f"known are {', '.join(sorted(experiment.names))}",
        )  # fmt: skip
