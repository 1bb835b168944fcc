"""A fit in a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ratecheck import words
from ratecheck.report import notation, wording
from ratecheck.tables import fit

if TYPE_CHECKING:
    from ratecheck.tables.found import Found

_FORMS = {
    "exact": "free of noise",
    "measured": "noisy",
    "means": "means with standard errors",
    "errors": "repeated",
    "signed": "repeated, of both signs",
    "times": "times to a goal, inf where it was not reached, by a quantile",
}
_MOST_LOCAL = 12


def lines(found: Found, *, verbose: bool = False) -> Iterator[str]:
    """What was read, the exponent, its local values, the verdict, and what would say more."""
    yield _head(found)
    yield f"  exponent   {_exponent(found)}{_meaning(found)}"
    if found.estimate.local:
        yield f"  local      {_local(found)}"
    enough = len(found.data.x) >= fit.FEWEST_TO_JUDGE
    if enough and found.models is not None and not found.floored:
        yield f"  besides    {_models(found)}"
    if found.verdict is not None:
        yield f"  {wording.SIGNS[found.verdict.outcome]} {found.verdict.outcome}  {_claim(found)}"
        yield f"    {wording.prose(found.verdict.sentence)}"
    for advice in found.advice:
        yield f"  {advice}"
    for note in found.notes:
        yield f"  note: {wording.prose(note)}"
    if verbose:
        yield from _more(found)


def verdict_line(found: Found) -> str:
    """One line, for an assertion: the verdict with its numbers."""
    assert found.verdict is not None
    name = f"{found.data.quantity}[{found.data.axis}]"
    sentence = found.verdict.sentence.replace("--at-most", 'relation="at most"')
    return f"{name} {found.verdict.outcome}: claimed {_claim(found)}. {sentence}"


def _head(found: Found) -> str:
    data = found.data
    low, high = sorted((data.x[0], data.x[-1]))
    parts = ", ".join(f"{name} = {value}" for name, value in (data.group or {}).items())
    from_ = ", ".join(part for part in (data.source, parts) if part)
    count = notation.plural(len(data.x), "point")
    values = "" if data.replicates == len(data.x) else f", {data.replicates} values"
    return (
        f"{data.quantity} against {data.axis}" + (f" ({from_})" if from_ else "")
        + f": {count}{values}, {data.axis} from {low:g} to {high:g}{_noise(found)}"
    )  # fmt: skip


def _noise(found: Found) -> str:
    """What the values look like; of three nobody can tell."""
    few = len(found.data.x) < fit.FEWEST_TO_JUDGE and found.data.errors is None
    return "" if few else f", {_FORMS[found.form.name]}"


def _exponent(found: Found) -> str:
    ends = found.interval
    value = notation.measured(found.exponent, ends)
    return value if ends is None else f"{value}  {notation.interval_text(ends)}"


def _meaning(found: Found) -> str:
    if found.exponent is None:
        return ""
    if len(found.data.x) < fit.FEWEST_TO_JUDGE and not found.floored:
        return "  (an estimate: so few points cannot show whether the curve bends)"
    if found.form.name == "exact":
        return "  (where the local exponents are heading)"
    return f"  ({100 * (1 - found.alpha):g} % interval)"


def _local(found: Found) -> str:
    shown = [notation.fixed(one.exponent, 3) for one in found.estimate.local]
    if len(shown) > _MOST_LOCAL:
        half = _MOST_LOCAL // 2
        shown = [*shown[:half], "…", *shown[-half:]]
    return "  ".join(shown)


def _models(found: Found) -> str:
    """What is visible beside a power of the axis."""
    models = found.models
    assert models is not None
    states = {"a logarithm": models.logarithm, "a floor": models.floor, "an offset": models.offset}
    if set(states.values()) == {"cannot tell"}:
        return "a logarithm, a floor or an offset: cannot tell"
    if set(states.values()) == {"not visible"}:
        return "no logarithm, floor or offset is visible"
    told = []
    for name, state in states.items():
        more = ""
        if state == "visible" and name == "a logarithm" and models.power_of_log is not None:
            more = f" (to the power {notation.fixed(models.power_of_log, 2)})"
        elif state == "visible" and models.constant is not None and models.exponent is not None:
            sign = -1 if found.data.inverse else 1
            exponent = notation.fixed(sign * models.exponent, 3)
            more = f" ({models.constant:.4g}, and the exponent beside it {exponent})"
        told.append(f"{name}: {state}{more}")
    return ", ".join(told)


def _claim(found: Found) -> str:
    assert found.question is not None
    check = found.question.check
    sign = words.SIGNS[check.relation]
    chosen = "" if found.margin_given else ", as none was given"
    return f"{sign}{check.formula} (margin {check.margin:g}{chosen})"


def _more(found: Found) -> Iterator[str]:
    yield "  points"
    for point in found.estimate.points:
        ends = (
            ""
            if point.interval is None
            else f"  {point.interval[0]:.4g} to {point.interval[1]:.4g}"
        )
        count = "" if point.replicates == 1 else f"  ({point.replicates} values)"
        mean = "nothing" if point.mean is None else f"{point.mean:.6g}"
        yield f"    {found.data.axis} = {point.x:<12.6g} {mean}{ends}{count}"
    opinion = found.second_opinion
    if opinion is not None:
        yield f"  statsmodels ({opinion.method}): {opinion}"
