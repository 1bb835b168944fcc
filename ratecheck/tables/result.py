"""What a fit found, as one small object that knows how it is shown."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck.claim.coordinates import Relation
from ratecheck.claim.form import Form
from ratecheck.claim.question import Question
from ratecheck.errors import RequestError
from ratecheck.judge.verdict import Verdict
from ratecheck.tables import advice, fit
from ratecheck.tables.data import Data
from ratecheck.tables.fit import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from ratecheck.inference.finding import Interval
    from ratecheck.tables.second_opinion import Opinion

SCHEMA = "ratecheck/fit/1"


@dataclass(frozen=True)
class Fit:
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
    notes : tuple of str
        How the numbers were read, and what a reader should know about them.
    """

    data: Data
    form: Form = field(repr=False)
    estimate: Estimate
    question: Question | None = field(repr=False)
    verdict: Verdict | None
    margin_given: bool = True
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
        return (*self.data.notes, *told)

    @cached_property
    def advice(self) -> tuple[str, ...]:
        """What more points or replicates would resolve."""
        return advice.more(self.data, self.form.name, self.estimate)

    @cached_property
    def second_opinion(self) -> Opinion | None:
        """What statsmodels makes of the same numbers; None where it has no opinion."""
        from ratecheck.tables import second_opinion

        return second_opinion.of(self.data, self.form.name, self.alpha)

    # -- shown -----------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return self.text()

    def text(self, *, verbose: bool = False) -> str:
        """The answer in a few lines."""
        from ratecheck.tables import telling

        return "\n".join(telling.lines(self, verbose=verbose))

    def _repr_html_(self) -> str:
        """A picture and the answer, complete in themselves: for a notebook."""
        from ratecheck.report import standalone

        lines = "".join(f"<div>{html.escape(line)}</div>" for line in self.text().splitlines())
        return standalone.figure(self.row, lines)

    def to_frame(self) -> DataFrame:
        """One row a point, as a pandas data frame: x, value, interval, formula, local exponent."""
        from ratecheck.report.frames import frame

        points = self.row["points"]
        local = [None, *(one["exponent"] for one in self.row["local"])]
        padded = [*local, *[None] * len(points)][: len(points)]
        return frame(
            {
                self.data.axis: point["x"],
                self.data.quantity: point["mean"],
                "low": (point["interval"] or (None, None))[0],
                "high": (point["interval"] or (None, None))[1],
                "values": point["replicates"],
                "formula": point["formula"] if self.question is not None else None,
                "local exponent": one,
            }
            for point, one in zip(points, padded, strict=True)
        )

    def plot(self, path: Path | str | None = None, *, width: str = "column") -> Figure:
        """A figure of matplotlib, written to a file if one is named (.pdf, .pgf, .png, .svg).

        Raises
        ------
        RequestError
            If matplotlib is not installed, or the file cannot be written.
        """
        from ratecheck.report import figures

        figure = figures.drawn([self.row], width=width)
        if path is not None:
            figures.write(figure, path)
        return figure

    # -- as data ---------------------------------------------------------------------------------

    @cached_property
    def row(self) -> dict[str, Any]:
        """As a check of a results document: what pictures and tables are made from."""
        return _row(self)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data, with the second opinion."""
        from ratecheck.report.results import plain

        opinion = self.second_opinion
        told: dict[str, Any] = plain(
            {
                "schema": SCHEMA,
                "source": self.data.source,
                "group": self.data.group,
                "data": self.form.name,
                "exponent": self.exponent,
                "exponent_interval": self.interval,
                "alpha": self.alpha,
                "margin_given": self.margin_given,
                "advice": self.advice,
                "notes": self.notes,
                "second_opinion": None if opinion is None else asdict(opinion),
                **self.row,
            }
        )
        return told


def fitted(
    data: Data,
    formula: str | None = None,
    *,
    order: float | None = None,
    margin: float | None = None,
    relation: Relation = "equal",
    form: str | None = None,
    floor: float | str | None = None,
    alpha: float = fit.ALPHA,
) -> Fit:
    """The fit of some data; see `ratecheck.tables.fit.judged`.

    ``floor`` is what the values tend to: a number.
    """
    if floor is not None:
        data = data.above(_known(floor))
    chosen, estimate, question, verdict = fit.judged(
        data, formula, order=order, margin=margin, relation=relation, form=form, alpha=alpha
    )
    return Fit(data, chosen, estimate, question, verdict, margin is not None, alpha)


def _known(floor: float | str) -> float:
    try:
        return float(floor)
    except ValueError:
        raise RequestError(f"the floor is {floor!r}; give a number") from None


def _row(found: Fit) -> dict[str, Any]:
    """As `ratecheck.report.results` writes a check; without a claim its verdict is none."""
    from ratecheck.claim.checks import Rate

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
            "warnings": estimate.warnings, "points": [asdict(one) for one in estimate.points],
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
