"""A table judged as a claim's check is: exponent, interval and, against a formula, a verdict."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ratecheck import forms as _forms  # noqa: F401 makes them known by name
from ratecheck.claim.checks import AtLeast, AtMost, Check, Rate
from ratecheck.claim.coordinates import Relation
from ratecheck.claim.form import FORMS, Form, Sample
from ratecheck.claim.formula import Formula
from ratecheck.claim.question import Question
from ratecheck.errors import RequestError
from ratecheck.judge import judge as judging
from ratecheck.judge.verdict import Verdict
from ratecheck.tables import floored

if TYPE_CHECKING:
    from ratecheck.inference.finding import Interval, Local, Point
    from ratecheck.tables.data import Data

KINDS: Mapping[Relation, type[Check]] = {"equal": Rate, "at most": AtMost, "at least": AtLeast}
MARGIN = 0.25  # where none is given: half of the distance between two orders that differ by 1/2
ALPHA = 0.01
FEWEST_TO_JUDGE = 4
REPEATED = 8  # values a point from which their spread is known well enough to weigh means


@dataclass(frozen=True)
class Estimate:
    """The exponent that numbers have by themselves.

    Attributes
    ----------
    exponent : float or None
        Of the axis as it is: 2 for errors of h**2, -2 for errors of N**-2.
    interval : pair of float or None
        At the level 1 - alpha where numbers are noisy; where local exponents are heading, where
        they are not. An open side is None.
    local : tuple of Local
        Exponents between neighbouring points.
    points : tuple of Point
    warnings : tuple of str
    """

    exponent: float | None
    interval: Interval | None
    local: tuple[Local, ...]
    points: tuple[Point, ...]
    warnings: tuple[str, ...] = ()


def judged(
    data: Data,
    formula: str | None = None,
    *,
    order: float | None = None,
    margin: float | None = None,
    relation: Relation = "equal",
    form: str | None = None,
    floor: str | None = None,
    alpha: float = ALPHA,
) -> tuple[Form, Estimate, Question | None, Verdict | None]:
    """The form of data, the exponent and, of a formula or an order, the question and its verdict.

    Parameters
    ----------
    data : Data
    formula : str, optional
        In the names of the axis and of the data's parameters.
    order : float, optional
        In place of a formula: h**order on an axis that goes to 0, N**-order on one that grows.
    margin : float, optional
        `MARGIN` where none is given.
    relation : {"equal", "at most", "at least"}
    form : str, optional
        A form of data by name, where looking at the numbers is not to decide.
    floor : "fit", optional
        What the values tend to is fitted, too.
    alpha : float
        Promised bound on each error rate.

    Raises
    ------
    RequestError, FormulaError
        If the formula names something unknown, or has no value on the axis.
    """
    if margin is not None and not 0 < margin < math.inf:
        raise RequestError(f"the margin is {margin:g}; a margin is above 0")
    if relation not in KINDS:
        raise RequestError(f"the relation is {relation!r}; write one of {', '.join(KINDS)}")
    chosen = _form(data, form)
    if floor is not None and chosen.name == "exact":
        chosen = FORMS["measured"]  # whose floors are fitted, by what residuals there are
    if floor is not None and not hasattr(chosen, "floored"):
        raise RequestError(
            f"no floor is fitted to --data {chosen.name}; give its value, or means with --se"
        )
    sample = Sample(data.x, chosen, {data.quantity: _values(data, chosen)})
    estimate = estimated(data, sample, alpha, floor)
    text = _formula(data, formula, order)
    if text is None:
        return chosen, estimate, None, None
    unknown = sorted(Formula(text).names - {data.axis, *(data.params or {})})
    if unknown:
        raise RequestError(f"'{unknown[0]}' of '{text}' is unknown here; the axis is '{data.axis}'")
    check = _check(data.quantity, text, MARGIN if margin is None else margin, relation, floor)
    question = Question(check, data.axis, data.x, dict(data.params or {}))
    _ = question.slope()  # refuses a formula that is not positive here
    if len(data.x) < FEWEST_TO_JUDGE:
        return chosen, estimate, question, _unjudged(data, question, estimate)
    verdict = judging.judge(question, sample, alpha)
    return chosen, estimate, question, _with_advice(data, question, verdict)


def _check(quantity: str, text: str, margin: float, relation: Relation, floor: str | None) -> Check:
    if floor is not None:
        return floored.check(quantity, text, margin, relation)
    return KINDS[relation](quantity, text, margin=margin)


def estimated(data: Data, sample: Sample, alpha: float, floor: str | None = None) -> Estimate:
    """The exponent without any claim; above a fitted floor, if asked."""
    import numpy as np

    from ratecheck.inference.sequential import single

    sign = -1 if data.inverse else 1
    dying = data.values[-1].mean() < data.values[0].mean()
    text = "1" if floor is None else f"{data.axis}**{-sign if dying else sign}"
    check = _check(data.quantity, text, MARGIN, "equal", floor)
    question = Question(check, data.axis, data.x, {})
    if len(data.x) < FEWEST_TO_JUDGE:
        return _short(data, question)
    level = single(judging.tail_of(alpha))
    found = sample.form.find(question, sample, level)
    claimed = question.predicted
    ends = check.coordinates.interval(claimed, found.low, found.high)
    exponent = None if found.theta is None else claimed + found.theta
    if exponent is None and floor is None and all(0 < y.mean() < math.inf for y in data.values):
        logs = [np.log(y.mean()) for y in data.values]
        exponent = float(np.polyfit(question.abscissa, logs, 1)[0])
    local = () if floor is not None else sample.form.local(question, sample, level.veto)
    return Estimate(
        None if exponent is None else sign * exponent,
        turned(ends, sign),
        tuple(replace(one, exponent=sign * one.exponent, interval=turned(one.interval, sign))
              for one in local),
        sample.form.points(question, sample, level.veto),
        found.warnings if found.theta is not None else (found.reason, *found.warnings),
    )  # fmt: skip


def form_of(data: Data) -> str:
    """The form of data that numbers have, by looking at them.

    Given standard errors make means; eight values or more at every point, errors, signed ones, or
    times where some are inf; one value a point is exact where it looks free of noise, else
    measured, as a few values are.
    """
    import numpy as np

    if data.errors is not None:
        return "means"
    if min(len(y) for y in data.values) >= REPEATED:
        if any(np.isinf(y).any() for y in data.values):
            return "times"
        return "signed" if any((y < 0).any() for y in data.values) else "errors"
    if all(len(y) == 1 for y in data.values) and _is_smooth(data):
        return "exact"
    return "measured"


# -- parts ----------------------------------------------------------------------------------------


def _form(data: Data, name: str | None) -> Form:
    if name is None:
        return FORMS[form_of(data)]
    possible = ("exact", "measured", "errors", "signed", "times", "means")
    if name not in possible:
        raise RequestError(f"--data {name}: write one of {', '.join(possible)}")
    if name == "means" and data.errors is None:
        raise RequestError("--data means needs the standard errors; name their column with --se")
    if name == "exact" and any(len(y) > 1 for y in data.values):
        raise RequestError("--data exact takes one value a point; here are several at some point")
    lowest, highest = (extreme(extreme(y) for y in data.values) for extreme in (min, max))
    if name not in ("signed", "means") and lowest < 0:
        raise RequestError(f"--data {name} takes positive values, not {lowest:g}; see signed")
    if name != "times" and highest == math.inf:
        raise RequestError(f"--data {name} takes finite values, not inf; see times")
    if name in ("errors", "signed", "times") and min(len(y) for y in data.values) < REPEATED:
        raise RequestError(f"--data {name} takes at least {REPEATED} values at every point")
    return FORMS[name]


def _values(data: Data, form: Form) -> list:  # type: ignore[type-arg]
    import numpy as np

    if form.name == "means" and data.errors is not None:
        return [np.array([y[0], e]) for y, e in zip(data.values, data.errors, strict=True)]
    return list(data.values)


def _is_smooth(data: Data) -> bool:
    """Whether one value a point looks free of noise; of few points nobody can tell."""
    import numpy as np

    from ratecheck.inference import tabulated

    logs = np.log([float(y[0]) for y in data.values])
    return tabulated.noise(np.log(data.x), logs) == "exact"


def _formula(data: Data, formula: str | None, order: float | None) -> str | None:
    if formula is not None and order is not None:
        raise RequestError("--formula and --order are both given; give one of them")
    if order is None:
        return formula
    return f"{data.axis}**{order:g}" if data.inverse else f"{data.axis}**({-order:g})"


def turned(ends: Interval | None, sign: int) -> Interval | None:
    """An interval of exponents in one over the axis, or of the axis, where the sign is -1."""
    if ends is None or sign > 0:
        return ends
    low, high = ends
    return None if high is None else -high, None if low is None else -low


def _short(data: Data, question: Question) -> Estimate:
    """A slope through two or three points."""
    import numpy as np

    from ratecheck.inference.finding import Local, Point

    means = [float(y.mean()) for y in data.values]
    points = tuple(
        Point(x, m, None, 1.0, len(y)) for x, m, y in zip(data.x, means, data.values, strict=True)
    )
    if min(means) <= 0:
        return Estimate(None, None, (), points, ("a mean is not positive",))
    x, logs = np.log(data.x), np.log(means)
    slopes = np.diff(logs) / np.diff(x)
    middles = np.exp((x[1:] + x[:-1]) / 2)
    local = tuple(Local(float(m), float(s), None) for m, s in zip(middles, slopes, strict=True))
    return Estimate(float(np.polyfit(x, logs, 1)[0]), None, local, points)


def _unjudged(data: Data, question: Question, estimate: Estimate) -> Verdict:
    """Why two or three points get no verdict."""
    check, sign = question.check, -1 if data.inverse else 1
    measured = None if estimate.exponent is None else sign * estimate.exponent
    count = {2: "Two", 3: "Three"}[len(data.x)]
    return Verdict(
        "INCONCLUSIVE",
        "too few points",
        f"{count} points cannot show whether the curve bends: the exponent is an estimate, and no "
        "verdict is possible. Add points: four can agree with a claim, six can contradict it.",
        question.predicted,
        measured,
        None,
        check.margin,
        points=tuple(
            replace(point, formula=value)
            for point, value in zip(estimate.points, question.values(), strict=True)
        ),
    )


def _with_advice(data: Data, question: Question, verdict: Verdict) -> Verdict:
    """A verdict whose sentence also says when it FAILs for being better than claimed."""
    sentence = re.sub(r" \([^()]*replicates= in the file[^()]*\)", "", verdict.sentence)
    off = (verdict.measured or 0.0) - (verdict.predicted or 0.0)
    if verdict.outcome == "FAIL" and question.check.relation == "equal" and off < 0:
        way = "Faster" if (verdict.predicted or 0.0) < 0 else "Less"
        sentence += f" {way} than claimed: --at-most if that is welcome."
    return replace(verdict, sentence=sentence)
