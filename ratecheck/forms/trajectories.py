"""Trajectories: one run yields all points of the axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from ratecheck.claim.coordinates import RATIO, Coordinates
from ratecheck.claim.form import Form, Sample
from ratecheck.claim.question import Question
from ratecheck.forms import common

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array
    from ratecheck.inference.finding import Finding, Local, Point
    from ratecheck.inference.sequential import Level
    from ratecheck.inference.trajectory import Paths


class Trajectories(Form):
    """The axis arrives as the tuple of all points; results have shape (replicates, points)."""

    name: ClassVar[str] = "trajectories"
    about: ClassVar[str] = "one run yields all points of the axis"
    whole: ClassVar[bool] = True
    foresees: ClassVar[bool] = True

    def slope(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The jackknife over whole runs."""
        from ratecheck.inference.finding import no_interval

        if len(self._runs(question, sample)) < common.FEWEST_REPLICATES:
            return no_interval(f"fewer than {common.FEWEST_REPLICATES} replicates")
        data = self._paths(question, sample)
        if not data.usable.all():
            return no_interval(common.unseen(question, sample))
        return common.slope(question, data, level)

    def decay(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The semi-log slope, relative to the predicted one, with its curvature."""
        from ratecheck.inference.finding import no_interval

        few = common.too_few(sample)
        if few:
            return no_interval(few)
        data, u = self._paths(question, sample), common.in_rates(question)
        if not data.usable:
            return no_interval(common.unseen(question, sample))
        found = common.line(question.check, data, u, -u, level)
        if found.reason != "pre-asymptotic" or found.reading is None:
            return found
        return common.early_decay(question, found, found.reading.bend.fit)

    def reads(self, coordinates: Coordinates, *, paired: bool = False) -> bool:
        """Ratios may be those of paired quantities; slopes are those of one."""
        return super().reads(coordinates) and (not paired or coordinates is RATIO)

    def ratios(self, question: Question, sample: Sample, level: Level) -> Finding:
        """The ratio to the formula, or of paired quantities, at every point."""
        return common.ratios(question, sample, common.cells_of(question, sample), level)

    def points(self, question: Question, sample: Sample, tail: float) -> tuple[Point, ...]:
        """Means with intervals; ratios of means where the check is about a ratio."""
        if question.check.ratio is None:
            return super().points(question, sample, tail)
        return common.ratio_points(question, common.cells_of(question, sample), tail)

    def columns(self, question: Question, sample: Sample) -> list[Array]:
        """The replicates of the check's quantity at each point."""
        return list(common.columns(sample, question.check.quantity))

    def intervals(
        self, question: Question, sample: Sample, tail: float
    ) -> Sequence[tuple[float, float] | None]:
        """Interval of the mean at each point."""
        return common.intervals_of_means(question, sample, tail)

    def local(self, question: Question, sample: Sample, tail: float) -> tuple[Local, ...]:
        """Exponents between neighbouring points, with intervals."""
        return common.local_slopes(question, lambda: self._paths(question, sample), tail)

    def standard_error(
        self, question: Question, sample: Sample, replicates: int, tail: float
    ) -> float | None:
        """Of a slope, from the noise of a pilot."""
        import numpy as np

        from ratecheck.inference import loglog, trajectory

        weights = loglog.slope_weights(question.abscissa)
        paths = self._paths(question, sample)
        seen = trajectory.contrast(paths, weights, np.zeros(len(weights)), tail)
        return float(float(seen.se) * np.sqrt(paths.u.shape[-2] / replicates))

    def _runs(self, question: Question, sample: Sample) -> Array:
        """Replicates of the quantity, shape (R, k)."""
        import numpy as np

        return np.asarray(sample.values[question.check.quantity][0])

    def _paths(self, question: Question, sample: Sample) -> Paths:
        from ratecheck.inference import trajectory

        key = ("paths", question.check.quantity)
        return sample.once(key, lambda: trajectory.summarise(self._runs(question, sample)))
