"""Curves: at every point of the axis a curve along a grid of its own, such as risk against n."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.coordinates import Coordinates
from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common
from ratecheck.forms.errors import Errors

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array, Cells
    from ratecheck.inference.finding import Finding
    from ratecheck.inference.sequential import Level


class Curves(Errors):
    """Each quantity has shape (replicates, m); one of them is the grid, the same in every row."""

    name: ClassVar[str] = "curves"
    about: ClassVar[str] = "a curve at every point, of which it matters where it reaches a goal"
    below: ClassVar[str] = Form.below
    paired: ClassVar[bool] = False

    def shape(self, size: int, points: int) -> tuple[int, ...]:
        """Of any length."""
        return (size, -1)

    def refuse(self, values: Array) -> str | None:
        """What is wrong with the values of a quantity; none is NaN."""
        wrong = super().refuse(values)
        return wrong or ("has one value a curve" if values.shape[1] < 2 else None)

    def reads(self, coordinates: Coordinates, *, paired: bool = False) -> bool:
        """Thresholds, and nothing else."""
        return coordinates.reading == "crossing"

    def crossing(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of the log of the threshold, with its curvature."""
        return self.slope(question, sample, level)

    def spoilt(self, question: Question, sample: Sample) -> str | None:
        """Why the grids of the curves are none."""
        import numpy as np

        curve, along = question.check.quantities
        for x, n, y in zip(sample.points, sample.values[along], sample.values[curve], strict=True):
            where = f"at {question.axis} = {x:g}"
            if n.shape != y.shape:
                return f"'{along}' has other values than '{curve}' {where}"
            if (n != n[0]).any():
                return f"'{along}' differs between replicates {where}"
            if (np.diff(n[0]) <= 0).any() or n[0, 0] <= 0:
                return f"'{along}' is not positive and increasing {where}"
        return None

    def _cells(self, question: Question, sample: Sample) -> Cells:
        from ratecheck.claim.checks import Reaches
        from ratecheck.inference import cells, crossing

        check = question.check
        assert isinstance(check, Reaches)
        pairs = zip(sample.values[check.along], sample.values[check.quantity], strict=True)
        return cells.stack(
            [crossing.summarise(n[0], y, check.goal, check.rising) for n, y in pairs]
        )

    def _joint(self, question: Question) -> bool:
        return True

    def _unseen(self, question: Question, sample: Sample, data: Cells) -> str:
        """Where the goal lies outside of the grid, and on which side."""
        import numpy as np

        curve, along = question.check.quantities
        for what, there in (
            (f"has reached the goal before the first {along}; begin it earlier", data.mean == 0),
            (f"does not reach the goal by the last {along}; go on farther", np.isinf(data.mean)),
            (f"hardly passes the goal within its grid of {along}; make it wider", ~data.usable),
        ):
            dark = [f"{x:g}" for x, bad in zip(sample.points, there, strict=True) if bad]
            if dark:
                more = f" and {len(dark) - 4} more" if len(dark) > common.MOST_NAMED else ""
                at = f"{question.axis} = {', '.join(dark[: common.MOST_NAMED])}{more}"
                return f"at {at} '{curve}' {what}"
        return common.unseen(question, sample)
