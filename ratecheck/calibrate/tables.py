"""Tables of measured numbers: few noisy values a point, means with standard errors, floors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ratecheck.calibrate.cell import TAIL, Cell, Result, Rng, family, grid
from ratecheck.calibrate.proportions import Rate, rate
from ratecheck.inference import curvature, means, measured, tabulated, unknown_floor
from ratecheck.inference.cells import Array
from ratecheck.inference.residuals import Table
from ratecheck.inference.sequential import single

GROUP = "tables"
BATCH, FEW = 2000, 250
MARGIN = 0.25
LEVEL = single(TAIL)
AT_MOST = {"most": 0.01, "allowance": 0.005}
DRIFT = (
    "a drift over several points looks like a curve, and a table shows either only in part; "
    "measure the points in a random order"
)
Draw = Callable[[Rng, tuple[int, ...]], Array]


@dataclass(frozen=True)
class Law:
    """Noise of log values, of shape (..., k) and about unit size.

    Attributes
    ----------
    covered : bool
        Coverage is promised, too: the noise is independent from point to point.
    why : str
        Why a promise cannot be kept.
    """

    name: str
    draw: Draw
    covered: bool = True
    why: str = ""


def _normal(rng: Rng, shape: tuple[int, ...]) -> Array:
    return rng.standard_normal(shape)


def _student(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.standard_t(3, shape) / np.sqrt(3))


def _one_sided(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Slow-downs only: the log of a log-normal delay on top of the true time."""
    return np.asarray(np.log1p(np.exp(rng.standard_normal(shape))))


def _contaminated(rng: Rng, shape: tuple[int, ...]) -> Array:
    return np.asarray(rng.standard_normal(shape) * np.where(rng.random(shape) < 0.1, 4.0, 1.0))


def _growing(rng: Rng, shape: tuple[int, ...]) -> Array:
    ends = np.geomspace(1 / np.sqrt(3), np.sqrt(3), shape[-1])
    return np.asarray(rng.standard_normal(shape) * ends)


def _outlier(rng: Rng, shape: tuple[int, ...]) -> Array:
    """One point, anywhere, is off by eight standard deviations."""
    where = rng.integers(shape[-1], size=shape[:-1])[..., None]
    off = 8.0 * rng.choice([-1.0, 1.0], shape[:-1])[..., None] * (np.arange(shape[-1]) == where)
    return np.asarray(rng.standard_normal(shape) + off)


def _drifting(rho: float) -> Draw:
    def draw(rng: Rng, shape: tuple[int, ...]) -> Array:
        noise = rng.standard_normal(shape)
        for i in range(1, shape[-1]):
            noise[..., i] = rho * noise[..., i - 1] + np.sqrt(1 - rho**2) * noise[..., i]
        return noise

    return draw


def _laplace(rng: Rng, shape: tuple[int, ...]) -> Array:
    return rng.laplace(size=shape)


NORMAL = Law("normal", _normal)
LAWS = (
    NORMAL,
    Law("Student's t with 3 degrees", _student),
    Law("slow-downs only", _one_sided),
    Law("one in ten fourfold", _contaminated),
    Law("three times noisier at the far end", _growing),
    Law("one outlier", _outlier, covered=False),
    Law("drifting, .3", _drifting(0.3), covered=False),
    Law("drifting, .6", _drifting(0.6), covered=False, why=DRIFT),
)
SIZES = ((4, 0.03), (5, 0.04), (6, 0.06), (8, 0.1), (12, 0.2), (20, 0.4))


def _table(
    rng: Rng, law: Law, size: int, k: int, replicates: int, noise: float, own: float
) -> Table:
    """Noise of tables of k points with so many values each, and ``own`` noise of the points."""
    values = np.stack([law.draw(rng, (size, k)) for _ in range(replicates)], axis=-1) * noise
    logs = values.mean(-1)
    within = ((values - logs[..., None]) ** 2).sum((-1, -2))
    logs = logs + own * rng.standard_normal((size, k))
    return Table(logs, np.full(k, replicates), within, k * (replicates - 1))


def _judged(table: Table, x: Array, truth: Array) -> tuple[Array, Array, Array]:
    """Outcomes of a claim of no dependence on these true logs, and the ends of the intervals."""
    moved = Table(table.logs + truth, table.count, table.within, table.spare)
    seen, _ = measured.read(moved, x, 0 * x, MARGIN, "equal", LEVEL)
    return seen.outcome, seen.theta.low, seen.theta.high


def _batches(experiments: int, size: int = BATCH) -> Iterator[int]:
    for start in range(0, experiments, size):
        yield min(size, experiments - start)


class Tally:
    """Outcomes where the truth is the claim, on its margin, and two margins off; and coverage."""

    def __init__(self) -> None:
        self.counts = np.zeros((3, 2), dtype=int)
        self.covered = self.of = 0

    def add(self, row: int, outcome: Array) -> None:
        """Count PASS and FAIL."""
        self.counts[row] += int((outcome > 0).sum()), int((outcome < 0).sum())

    def cover(self, low: Array, high: Array) -> None:
        """Count intervals of a true claim that hold 0."""
        self.covered += int(((low <= 0) & (high >= 0)).sum())
        self.of += len(low)

    def rates(self, covered: float | None, most: float | None = None) -> list[Rate]:
        """With the promises; of coverage at least so much, and at most."""
        (true, wrong), (near, off), (far, failed) = self.counts
        of = self.of
        return [
            rate("coverage at 99.1 %", self.covered, of, least=covered, most=most),
            rate("PASS, true", true, of),
            rate("false FAIL, true", wrong, of, **AT_MOST),
            rate("false PASS, on the margin", near, of, **AT_MOST),
            rate("false FAIL, on the margin", off, of, **AT_MOST),
            rate("false PASS, two margins off", far, of, **AT_MOST),
            rate("FAIL, two margins off", failed, of),
        ]


def power_law_cell(
    law: Law, k: int, noise: float, *, replicates: int = 1, own: float = 0.0, held_out: bool = False
) -> Cell:
    """A power law, true, on the margin and two margins off."""

    def simulate(rng: Rng, experiments: int) -> Result:
        x, tally = grid(k), Tally()
        for size in _batches(experiments):
            table = _table(rng, law, size, k, replicates, noise, own)
            sign = rng.choice([-1.0, 1.0], size)[:, None]
            for row, off in enumerate((0.0, MARGIN, 2 * MARGIN)):
                outcome, low, high = _judged(table, x, sign * off * x)
                tally.add(row, outcome)
                if row == 0:
                    tally.cover(low, high)
        promised = law.covered and not own
        return tally.rates(0.985 if promised else None, 0.9985 if promised else None), {}

    several = f", {replicates} values a point" if replicates > 1 else ""
    several += f", points {own:g} noisier" if own else ""
    name = f"{law.name}, {k} points{several}, noise {noise:g}"
    return Cell(name, GROUP, simulate, held_out, why=law.why, judges=("rate", "measured"))


@dataclass(frozen=True)
class Curve:
    """A curve over the claimed formula: its log, on a grid that begins at n = 1.

    ``limit``: it agrees with the claim in the limit, and must not FAIL; else its far end is off by
    two margins, and it must not PASS.
    """

    name: str
    log_ratio: Callable[[Array], Array]
    limit: bool


CURVES = (
    Curve("an offset, A n + 3", lambda x: np.log1p(3 * np.exp(-x)), True),
    Curve("1 + 3 n^-1/2", lambda x: np.log1p(3 * np.exp(-x / 2)), True),
    Curve("1 - .9 n^-1/2", lambda x: np.log1p(-0.9 * np.exp(-x / 2)), True),
    Curve("1 + 10/n", lambda x: np.log1p(10 * np.exp(-x)), True),
    Curve("a floor ten times the last value", lambda x: np.log1p(10 * np.exp(x - x[-1])), False),
    Curve("n^-1 turning to n^-.2", lambda x: np.log1p(np.exp(0.8 * (x - 1))), False),
)
OTHERS = (
    Curve("exp(2 n^-1/2)", lambda x: 2 * np.exp(-x / 2), True),
    Curve("1 - .7 n^-1", lambda x: np.log1p(-0.7 * np.exp(-x)), True),
    Curve("1 + 5 n^-.7", lambda x: np.log1p(5 * np.exp(-0.7 * x)), True),
)


def curve_cell(curve: Curve, k: int, noise: float, *, held_out: bool = False) -> Cell:
    """One value a point around a curve."""

    def simulate(rng: Rng, experiments: int) -> Result:
        x, tally = grid(k), Tally()
        for size in _batches(experiments):
            outcome, _, _ = _judged(
                _table(rng, NORMAL, size, k, 1, noise, 0), x, curve.log_ratio(x)
            )
            tally.add(0, outcome)
        passed, failed = tally.counts[0]
        limits: dict[str, Any] = {"most": 0.01, "allowance": 0.005}
        names = ("PASS", "false FAIL") if curve.limit else ("false PASS", "FAIL")
        return [
            rate(names[0], passed, experiments, **({} if curve.limit else limits)),
            rate(names[1], failed, experiments, **(limits if curve.limit else {})),
        ], {}

    return Cell(f"{curve.name}, {k} points, noise {noise:g}", GROUP, simulate, held_out)


# -- means with standard errors --------------------------------------------------------------------


def means_cell(k: int, ratio: float, wrong: float = 1.0, *, held_out: bool = False) -> Cell:
    """Means n^-1 with one standard error, ``ratio`` of the middle mean, too small by ``wrong``."""

    def simulate(rng: Rng, experiments: int) -> Result:
        x, tally = grid(k), Tally()
        for size in _batches(experiments, FEW):
            sign = rng.choice([-1.0, 1.0], size)
            for row, off in enumerate((0.0, MARGIN, 2 * MARGIN)):
                for side in (-1.0, 1.0):
                    mean = np.exp(-x + side * off * x)
                    se = np.full(k, ratio * mean[k // 2])
                    y = mean + wrong * se * rng.standard_normal((int((sign == side).sum()), k))
                    seen, outcome, _ = means.decide(y, se, x, -x, MARGIN, "equal", TAIL)
                    tally.add(row, outcome)
                    if row == 0:
                        low = np.where(seen.seen, seen.low, -np.inf)
                        tally.cover(low, np.where(seen.seen, seen.high, np.inf))
        return tally.rates(0.985 if wrong == 1 else None), {}

    off = "right" if wrong == 1 else f"{wrong:g} times too small"
    name = f"means, {k} points, standard errors {off}, {ratio:g} of the middle mean"
    return Cell(name, GROUP, simulate, held_out, share=0.3, judges=("rate", "means"))


# -- unknown floors --------------------------------------------------------------------------------


def floor_cell(
    k: int, noise: float, floor: float, power: float, given: bool, *, held_out: bool = False
) -> Cell:
    """E + n^-a with noise that is read off the residuals, or given."""

    def simulate(rng: Rng, experiments: int) -> Result:
        x, tally, endless = grid(k), Tally(), 0
        variance = np.full(k, noise**2) if given else None
        for size in _batches(experiments, FEW):
            logs = np.log(floor + np.exp(-power * x)) + noise * rng.standard_normal((size, k))
            fit = unknown_floor.profile(x, logs, 0 * x, -1.0, TAIL, variance=variance)
            endless += int(np.isinf(fit.low).sum())
            sign = rng.choice([-1.0, 1.0], size)
            for row, off in enumerate((0.0, MARGIN, 2 * MARGIN)):
                low, high = fit.low + power + sign * off, fit.high + power + sign * off
                at = curvature.place(low, high, MARGIN, "equal")
                out = (at == curvature.ABOVE) | (at == curvature.BELOW)
                tally.add(row, np.where(at == curvature.WITHIN, 1, np.where(out, -1, 0)))
                if row == 0:
                    tally.cover(low, high)
        return tally.rates(0.985), {"no end": endless / experiments}

    how = "given" if given else "unknown"
    name = f"a floor of {floor:g}, n^-{power:g}, {k} points, {how} noise {noise:g}"
    return Cell(name, GROUP, simulate, held_out, share=0.2)


# -- what a bare table shows -----------------------------------------------------------------------


def smooth_cell(k: int, noise: float) -> Cell:
    """How often a noisy power law looks free of noise."""

    def simulate(rng: Rng, experiments: int) -> Result:
        logs = -grid(k) + noise * rng.standard_normal((experiments, k))
        seen = int(tabulated.smooth(grid(k), logs).sum())
        most = 0.02 if k == tabulated.FEWEST_SMOOTH else 0.01
        return [rate("looks exact", seen, experiments, most=most)], {}

    return Cell(f"looks exact, {k} points, noise {noise:g}", GROUP, simulate)


HEAVY = "an outlier at the far end of a long table looks like the beginning of a constant"


def visible_cell(law: Law, k: int, noise: float) -> Cell:
    """How often a power law shows a term that it does not have."""

    def simulate(rng: Rng, experiments: int) -> Result:
        x, counts = grid(k, first=8.0), {"logarithm": 0, "constant": 0}
        for size in _batches(experiments, FEW):
            logs = -0.5 * x + noise * law.draw(rng, (size, k))
            found, (slope, _, _) = tabulated.misfits(x, logs, np.ones(k))
            for name, state in tabulated.visible(found, slope, k).items():
                counts[name] += int((state == "visible").sum())
        return [
            rate(f"a {name} falsely visible", count, experiments, most=0.01)
            for name, count in counts.items()
        ], {}

    why = HEAVY if law is LAWS[1] and k == 40 else ""
    name = f"terms, {law.name}, {k} points, noise {noise:g}"
    return Cell(name, GROUP, simulate, share=0.5, why=why)


@family
def tables() -> list[Cell]:
    """Every cell of measured tables."""
    cells = [power_law_cell(law, k, noise) for law in LAWS for k, noise in SIZES]
    cells += [
        power_law_cell(NORMAL, k, 0.1, replicates=r, own=own)
        for k in (4, 8)
        for r in (2, 4)
        for own in (0.0, 0.05)
    ]
    cells += [
        power_law_cell(Law("Laplace", _laplace), 7, 0.08, held_out=True),
        power_law_cell(Law("Laplace", _laplace), 15, 0.2, held_out=True),
        power_law_cell(Law("drifting, .2", _drifting(0.2), covered=False), 10, 0.15, held_out=True),
        power_law_cell(Law("Laplace", _laplace), 6, 0.1, replicates=3, held_out=True),
    ]
    cells += [
        curve_cell(curve, k, noise)
        for curve in CURVES
        for k, noise in ((5, 0.02), (8, 0.05), (12, 0.1))
    ]
    cells += [curve_cell(curve, k, 0.04, held_out=True) for curve in OTHERS for k in (7, 10)]
    cells += [
        means_cell(k, ratio, wrong)
        for k in (5, 7, 10)
        for ratio in (0.03, 0.3)
        for wrong in (1.0, 2.0)
    ]
    cells += [means_cell(6, 0.1, held_out=True), means_cell(8, 0.1, 3.0, held_out=True)]
    cells += [
        floor_cell(k, noise, floor, power, given)
        for k, noise, floor, power in (
            (6, 0.02, 0.05, 1.0), (9, 0.02, 0.3, 0.5), (12, 0.05, 0.0, 1.0), (8, 0.2, 0.3, 0.5),
        )
        for given in (False, True)
    ]  # fmt: skip
    cells += [floor_cell(15, 0.03, 0.5, 0.7, False, held_out=True)]
    cells += [smooth_cell(k, noise) for k in (5, 6, 8) for noise in (0.03, 0.1)]
    cells += [
        visible_cell(law, k, noise)
        for law in (NORMAL, LAWS[1])
        for k, noise in ((6, 0.05), (12, 0.1), (40, 0.3))
    ]
    return cells
