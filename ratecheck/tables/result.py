"""A fit as one small object that knows how it is shown."""

from __future__ import annotations

import html
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck.claim.checks.rate import FIT
from ratecheck.claim.coordinates import Relation
from ratecheck.errors import RequestError
from ratecheck.tables import fit, telling
from ratecheck.tables.data import Data
from ratecheck.tables.found import Found

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

SCHEMA = "ratecheck/fit/1"


@dataclass(frozen=True, eq=False)
class Fit(Found):
    """The exponent of numbers along an axis and, where a formula was given, the verdict on it.

    Attributes
    ----------
    exponent, interval
        Of the axis as it is: 2 for errors of h**2, -2 for errors of N**-2.
    outcome : {"PASS", "FAIL", "INCONCLUSIVE"} or None
        None where nothing was claimed.
    verdict : Verdict or None
    estimate : Estimate
        The exponent with its local values and points.
    advice, notes : tuple of str
    """

    def __repr__(self) -> str:
        return self.text()

    def text(self, *, verbose: bool = False) -> str:
        """The answer in a few lines."""
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

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data, with the second opinion."""
        from ratecheck.report.plain import plain

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
                "models": None if self.models is None else asdict(self.models),
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

    ``floor`` is what the values tend to: a number, or "fit".
    """
    unknown = FIT if floor == FIT else None
    if floor is not None and unknown is None:
        data = data.above(_known(floor))
    chosen, estimate, question, verdict = fit.judged(
        data,
        formula,
        order=order,
        margin=margin,
        relation=relation,
        form=form,
        floor=unknown,
        alpha=alpha,
    )
    return Fit(
        data, chosen, estimate, question, verdict, margin is not None, unknown is not None, alpha
    )


def _known(floor: float | str) -> float:
    try:
        known = float(floor)
    except ValueError:
        known = math.nan
    if not math.isfinite(known):
        raise RequestError(f"the floor is {floor!r}; give a number, or 'fit'")
    return known
