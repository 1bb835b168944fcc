"""What a fit found, as plain data with what follows from it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ratecheck.claim.checks import Rate
from ratecheck.claim.form import Form
from ratecheck.claim.question import Question
from ratecheck.judge.verdict import Verdict
from ratecheck.tables import advice, fit
from ratecheck.tables.data import Data
from ratecheck.tables.fit import Estimate

if TYPE_CHECKING:
    from ratecheck.inference.finding import Interval
    from ratecheck.inference.tabulated import Models
    from ratecheck.tables.second_opinion import Opinion


@dataclass(frozen=True, eq=False)
class Found:
    """The exponent of numbers along an axis and, where a formula was given, the verdict on it.

    Attributes
    ----------
    data : Data
        The numbers, in the order in which they approach the limit.
    estimate : Estimate
    verdict : Verdict or None
        None where nothing was claimed.
    formula : str or None
        What was claimed.
    margin_given : bool
        Whether the margin was chosen, or is the one that is taken where none is.
    floored : bool
        Whether a floor was fitted along with the exponent.
    notes : tuple of str
        How the numbers were read, and what a reader should know about them.
    """

    data: Data
    form: Form = field(repr=False)
    estimate: Estimate
    question: Question | None = field(repr=False)
    verdict: Verdict | None
    margin_given: bool = True
    floored: bool = False
    alpha: float = field(default=fit.ALPHA, repr=False)

    @property
    def exponent(self) -> float | None:
        """Of the axis as it is: 2 for errors of h**2, -2 for errors of N**-2."""
        return self.estimate.exponent

    @property
    def interval(self) -> Interval | None:
        """Of the exponent; an open side is None."""
        return self.estimate.interval

    @property
    def outcome(self) -> str | None:
        """PASS, FAIL or INCONCLUSIVE; None where nothing was claimed."""
        return None if self.verdict is None else self.verdict.outcome

    @property
    def formula(self) -> str | None:
        """What was claimed."""
        return None if self.question is None else self.question.check.formula

    @property
    def notes(self) -> tuple[str, ...]:
        """How the numbers were read, and what a reader should know about them."""
        told = self.estimate.warnings if self.verdict is None else self.verdict.warnings
        unclear = (
            "four points cannot show whether they are free of noise, and are taken as noisy; "
            "--data exact if they are not",
        )
        single = self.data.replicates == len(self.data.x) == fit.FEWEST_TO_JUDGE
        asked = unclear if single and self.form.name == "measured" and not self.floored else ()
        return (*self.data.notes, *asked, *told)

    @cached_property
    def models(self) -> Models | None:
        """Whether a logarithm, a floor or an offset is visible; None where a mean is not positive.

        Its exponents are those of the axis, or of one over it where it goes to 0.
        """
        from ratecheck.inference import tabulated

        means = [float(y.mean()) for y in self.data.values]
        if min(means) <= 0 or max(means) == math.inf:
            return None
        places = [1 / x for x in self.data.x] if self.data.inverse else self.data.x
        return tabulated.compare(places, means, self.data.errors)

    @cached_property
    def advice(self) -> tuple[str, ...]:
        """What more points or replicates would resolve."""
        if self.floored:
            return ()
        return advice.more(self.data, self.form.name, self.estimate)

    @cached_property
    def second_opinion(self) -> Opinion | None:
        """What statsmodels makes of the same numbers; None where it has no opinion."""
        from ratecheck.tables import second_opinion

        return second_opinion.of(self.data, self.form.name, self.alpha)

    @cached_property
    def row(self) -> dict[str, Any]:
        """As a check of a results document: what pictures and tables are made from."""
        return _row(self)


def _row(found: Found) -> dict[str, Any]:
    """As `ratecheck.report.results` writes a check; without a claim its verdict is none."""
    data, question, verdict, estimate = found.data, found.question, found.verdict, found.estimate
    sign = -1 if data.inverse else 1
    if question is None:
        question = Question(Rate(data.quantity, "1", margin=fit.MARGIN), data.axis, data.x, {})
    check = question.check
    told: dict[str, Any]
    if verdict is not None:
        told = asdict(verdict)
        told["verdict"] = told.pop("outcome")
    else:
        exponent = None if estimate.exponent is None else sign * estimate.exponent
        told = {
            "predicted": None, "measured": exponent,
            "interval": fit.turned(estimate.interval, sign),
            "margin": 0.0, "verdict": None, "reason": "", "sentence": "", "gap": None,
            "needed": None, "settles": None, "rivals": (), "looks": (), "replay": None,
            "warnings": estimate.warnings,
            "points": [{**asdict(one), "formula": None} for one in estimate.points],
            "local": [
                {**asdict(one), "exponent": sign * one.exponent,
                 "interval": fit.turned(one.interval, sign)}
                for one in estimate.local
            ],
        }  # fmt: skip
    parts = ", ".join(f"{name}={value}" for name, value in (data.group or {}).items())
    place = data.source or "numbers"
    return {
        "id": f"{place}/{data.quantity}[{data.axis}]" + (f"[{parts}]" if parts else ""),
        "experiment": place,
        "label": data.quantity,
        "case": dict(data.group or {}),
        "axis": data.axis,
        "inverse": data.inverse,
        "quantity": data.quantity,
        "quantities": check.quantities,
        "kind": check.kind,
        "phrase": {"before": check.phrase.before, "order": check.phrase.order},
        "noun": check.coordinates.noun,
        "relation": check.relation,
        "bound": False,
        "scale": check.coordinates.name,
        "formula": check.formula,
        "params": dict(question.params),
        "random": found.form.name != "exact",
        **told,
        "replicates": data.replicates,
        "seconds": 0.0,
    }
