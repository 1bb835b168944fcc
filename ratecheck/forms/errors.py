"""Independent positive errors at every point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.coordinates import CORNERS
from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array, Cells
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.sequential import Level


class Errors(Form):
    """``f(n, ..., *, replicates, rng)`` returns positive vectors of shape (replicates,)."""

    name: ClassVar[str] = "errors"
    about: ClassVar[str] = "independent errors at every point"
    below: ClassVar[str] = (
        "an error is not; where noise takes an estimate below 0, data='signed' checks the exponent "
        "of its mean (cut off at 0, the estimate would be biased)"
    )
    paired: ClassVar[bool] = True
    foresees: ClassVar[bool] = True

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of log means, with its curvature."""
        from ratecheck.inference.finding import no_interval

        few = common.too_few(sample)
        if few:
            return no_interval(few)
        data = self._cells(question, sample)
        if not data.usable.all():
            return no_interval(self._unseen(question, sample, data))
        return common.slope(question, data, level)

    def floored(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The slope of what is above an unknown floor."""
        from ratecheck.forms import floored
        from ratecheck.inference.finding import no_interval

        few = common.too_few(sample)
        data = self._cells(question, sample)
        if few or not data.usable.all():
            return no_interval(few or common.unseen(question, sample))
        logs = data.logs - (data.count - 1) * data.loo
        return floored.finding(question, logs, data.variance, level)

    def decay(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The semi-log slope, relative to the predicted one, with or without a floor.

        A rate that is off is no failure while a curve on its way to the claim fits.
        """
        from ratecheck.inference import curvature, semilog
        from ratecheck.inference.finding import estimated, no_interval

        few = common.too_few(sample)
        if few:
            return no_interval(few)
        data, u = self._cells(question, sample), common.in_rates(question)
        theta = semilog.rate(data, u, float(level.tail))
        if not theta.usable:
            return no_interval(common.unseen(question, sample))
        found = estimated(theta, question.check.margin, question.check.side)
        if found.outcome != "FAIL":
            return found
        curve = curvature.two_term_fit(data, u, -u)
        early = curve.p > curvature.FIT_LEVEL * level.share
        return common.early_decay(question, found, curve) if early else found

    def ratios(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The ratio to the formula, or of paired quantities, at every point."""
        return common.ratios(question, sample, self._cells(question, sample), level)

    def corners(self, question: Question, sample: Sample, level: Level) -> Finding:
        """Additivity, from the four corners of a two-source design."""
        from ratecheck.inference.finding import no_interval

        few = common.too_few(sample)
        return no_interval(few) if few else common.corners(question, sample, float(level.tail))

    def points(self, question: Question, sample: Sample, tail: float) -> tuple[Point, ...]:
        """Means with intervals; ratios of means where the check is about a ratio."""
        if not self._joint(question):
            return super().points(question, sample, tail)
        return common.ratio_points(question, self._cells(question, sample), tail)

    def intervals(
        self, question: Question, sample: Sample, tail: float
    ) -> Sequence[tuple[float, float] | None]:
        """Interval of the mean at each point."""
        return common.intervals_of_means(question, sample, tail)

    def local(self, question: Question, sample: Sample, tail: float) -> tuple[Local, ...]:
        """Exponents between neighbouring points, with intervals."""
        return common.local_slopes(question, lambda: self._cells(question, sample), tail)

    def demand(self, question: Question, sample: Sample, cost: Array) -> Array:
        """Slopes: c-optimal. Ratios at every point: equal arms. Corners: equal growth."""
        import numpy as np

        from ratecheck.inference import loglog, sequential

        coordinates = question.check.coordinates
        if coordinates.slopes:
            weights = loglog.slope_weights(question.abscissa)
            return sequential.demand(self._cells(question, sample), weights, cost)
        if coordinates is CORNERS:
            return super().demand(question, sample, cost)
        need = loglog.shrunken_cv2(self._cells(question, sample))
        return need / need.max() if need.max() > 0 else np.ones(len(need))

    def standard_error(
        self, question: Question, sample: Sample, replicates: int, tail: float
    ) -> float | None:
        """Of a slope, from the noise of a pilot."""
        import numpy as np

        from ratecheck.inference import loglog

        weights = loglog.slope_weights(question.abscissa)
        noise = loglog.shrunken_cv2(self._cells(question, sample))
        return float(np.sqrt((weights**2 * noise).sum() / replicates))

    def _cells(self, question: Question, sample: Sample) -> Cells:
        """Summaries of what the check is about, shape (k,)."""
        return common.cells_of(question, sample)

    def _joint(self, question: Question) -> bool:
        """Whether that is no mean of one quantity, but made of several."""
        return question.check.ratio is not None

    def _unseen(self, question: Question, sample: Sample, data: Cells) -> str:
        """Why some of the summaries are of no use."""
        return common.unseen(question, sample)
