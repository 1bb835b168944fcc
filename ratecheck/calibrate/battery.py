"""The experiments of a calibration: which truths, which noise, and what is promised of them.

Cells named ``held out`` played no part in the choice of any constant of the inference. A cell says
how to simulate it and which of its rates are promised; it is simulated by the same functions that
judge a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ratecheck.calibrate import noise as laws
from ratecheck.calibrate import paths, single
from ratecheck.calibrate.noise import Noise
from ratecheck.calibrate.paths import Design, Errors, Pairs, Trajectories
from ratecheck.calibrate.proportions import Rate, rate
from ratecheck.claim.checks import Above, Additive, Agrees, Below, Check, Decay
from ratecheck.claim.checks import Rate as RateCheck
from ratecheck.claim.coordinates import RATIO
from ratecheck.inference import cells, curvature, loglog, rates, sequence, sequential, simultaneous
from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import Relation

TAIL = 0.0045
CURVES_SHARE = 0.3
ALTERNATING = (
    "large corrections whose terms alternate in sign cancel where n is small: neither A + C n^-d "
    "nor A exp(C n^-d) fits 1/(1 + 2 n^-1/2)"
)
POINTS = tuple(float(2**j) for j in range(4, 12))
TIMES = tuple(float(t) for t in range(1, 9))
Rng = np.random.Generator
Result = tuple[list[Rate], dict[str, float]]


@dataclass(frozen=True)
class Cell:
    """One cell of the calibration.

    Attributes
    ----------
    name, group : str
    simulate : callable (rng, experiments) -> (rates, numbers)
    held_out : bool
        It played no part in choosing any constant.
    why : str
        Where a promise is known not to hold: the reason.
    share : float
        Experiments relative to the number asked for (slow cells get fewer).
    """

    name: str
    group: str
    simulate: Callable[[Rng, int], Result] = field(repr=False)
    held_out: bool = False
    share: float = 1.0
    why: str = ""


FAMILIES: list[Callable[[], list[Cell]]] = []


def family(cells: Callable[[], list[Cell]]) -> Callable[[], list[Cell]]:
    """Register a function that gives the cells of a kind of check or of a form of data."""
    FAMILIES.append(cells)
    return cells


def grid(k: int = 8, ratio: float = 2.0, first: float = 1.0) -> Array:
    """Logs of k points in a constant ratio."""
    return np.asarray(np.log(first) + np.arange(k) * np.log(ratio))


# -- sequential runs of exact power laws ----------------------------------------------------------

TRUTHS = (0.0, 0.5, 1.0, -1.0, 2.0, 3.0)


def sequential_cell(
    noise: Noise,
    *,
    k: int = 8,
    margin: float = 0.1,
    ratio: float = 2.0,
    cost: float = 0.0,
    relation: Relation = "equal",
    held_out: bool = False,
    note: str = "",
    share: float = 1.0,
) -> Cell:
    """A sequential run on an exact power law, the truth at several distances from the claim."""
    x = grid(k, ratio)
    design = Design(x, margin, relation, np.exp(cost * x))

    def simulate(rng: Rng, experiments: int) -> Result:
        truths = TRUTHS if relation == "equal" else tuple(t for t in TRUTHS if t >= 0)
        ends = _in_batches(
            lambda size: paths.run(
                Errors(noise.draw, size, k, rng), size, design, [t * margin for t in truths]
            ),
            experiments,
        )
        found = _power_law_rates(ends, truths)
        return found, _work(ends, truths, noise, design, rng)

    shown = [noise.name, f"{k} points" * (k != 8), f"margin {margin:g}" * (margin != 0.1)]
    shown += [f"cost n^{cost:g}" * (cost > 0), note, "one-sided" * (relation != "equal")]
    name = ", ".join(part for part in shown if part)
    return Cell(name, "sequential", simulate, held_out, share)


def _in_batches(run: Callable[[int], paths.Ends], experiments: int) -> paths.Ends:
    sizes = [min(paths.BATCH, experiments - i) for i in range(0, experiments, paths.BATCH)]
    parts = [run(size) for size in sizes]
    return paths.Ends(
        *(
            np.concatenate([getattr(part, name) for part in parts], axis=1)
            for name in paths.Ends.__dataclass_fields__
        )
    )


def _power_law_rates(ends: paths.Ends, truths: Sequence[float]) -> list[Rate]:
    of = ends.outcome.shape[1]
    row = {truth: i for i, truth in enumerate(truths)}

    def counted(truth: float, outcome: int) -> int:
        return int((ends.outcome[row[truth]] == outcome).sum())

    found = [
        rate("PASS, truth on the claim", counted(0.0, curvature.PASS), of),
        rate("false FAIL, truth on the claim", counted(0.0, curvature.FAIL), of,
             most=0.01, allowance=0.005),
        rate("PASS, truth half a margin off", counted(0.5, curvature.PASS), of),
    ]  # fmt: skip
    for truth in (1.0, -1.0):
        if truth in row:
            at = f"truth {truth:+g} margin off"
            found += [
                rate(f"false PASS, {at}", counted(truth, curvature.PASS), of,
                     most=0.01, allowance=0.005),
                rate(f"false FAIL, {at}", counted(truth, curvature.FAIL), of,
                     most=0.01, allowance=0.005),
                rate(f"falsely killed, {at}", ends.killed[row[truth]].sum(), of,
                     most=0.01, allowance=0.005),
            ]  # fmt: skip
    for truth in (2.0, 3.0):
        if truth in row:
            at = f"truth {truth:+g} margins off"
            found += [
                rate(f"FAIL, {at}", counted(truth, curvature.FAIL), of),
                rate(f"killed, {at}", ends.killed[row[truth]].sum(), of),
                rate(f"PASS, {at}", counted(truth, curvature.PASS), of, most=0.01, allowance=0.005),
            ]
    return found


def _work(
    ends: paths.Ends, truths: Sequence[float], noise: Noise, design: Design, rng: Rng
) -> dict[str, float]:
    """Mean work over that of a fixed equal design with 95 % PASS at the claim."""
    replicates = equal_design(noise, design, rng)
    whole = replicates * float(design.costs.sum())
    row = {truth: i for i, truth in enumerate(truths)}
    numbers = {
        "fixed replicates a point": float(replicates),
        "work, truth on the claim": float(ends.work[row[0.0]].mean()) / whole,
        "work, rival 2 margins off": float(ends.kill_work[row[2.0]].mean()) / whole,
        "work, rival 3 margins off": float(ends.kill_work[row[3.0]].mean()) / whole,
        "work of a FAIL, 2 margins off": float(ends.work[row[2.0]].mean()) / whole,
        "looks, truth on the claim": float(ends.looks[row[0.0]].mean()),
    }
    numbers["work"] = float(
        np.mean([v for name, v in numbers.items() if name.startswith("work, ")])
    )
    return numbers


def equal_design(noise: Noise, design: Design, rng: Rng, experiments: int = 1000) -> int:
    """Replicates a point of the fixed equal design that PASSes a true claim in 95 % of its runs.

    Found by bisection on simulated experiments, knowing the noise: no one could plan better.
    """
    k = len(design.x)
    zero = np.zeros(k)
    level = sequential.single(design.tail)

    def passes(replicates: int) -> float:
        count = 0
        size = max(1, min(experiments, 400_000 // (replicates * k)))
        for start in range(0, experiments, size):
            now = min(size, experiments - start)
            point = np.broadcast_to(np.arange(k)[:, None], (now, k, replicates))
            y = noise.draw(rng, point.ravel()).reshape(point.shape)
            seen = rates.read(
                cells.summarise(y), design.x, zero, design.margin, design.relation, level
            )
            count += int((seen.outcome == curvature.PASS).sum())
        return count / experiments

    low, high = 8, 16
    while passes(high) < 0.95 and high < 16384:
        low, high = high, 2 * high
    while high - low > max(1, 0.03 * low):
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) >= 0.95 else (middle, high)
    return high


def quick_cell() -> Cell:
    """The promise to a user: what a true claim gets at quick effort."""
    noise, k = laws.lognormal(0.5), 7
    design = Design(grid(k), 0.05, cap=256)

    def simulate(rng: Rng, experiments: int) -> Result:
        ends = _in_batches(
            lambda size: paths.run(Errors(noise.draw, size, k, rng), size, design, [0.0]),
            experiments,
        )
        passed = int((ends.outcome[0] == curvature.PASS).sum())
        used = float(ends.work[0].mean()) / k
        return [rate("PASS, truth on the claim", passed, ends.outcome.shape[1], least=0.95)], {
            "mean replicates a point": used
        }

    return Cell(
        "margin 0.05, CV 0.5, 7 points over a factor 64, at most 256 replicates", "sequential",
        simulate, held_out=True,
    )  # fmt: skip


# -- trajectories, differences --------------------------------------------------------------------


def autoregressive(spread: Sequence[float], rho: float) -> paths.Draw:
    """Trajectories with log-normal points of the given CVs, autoregressive in the log."""
    s = np.sqrt(np.log1p(np.square(spread)))

    def draw(rng: Rng, size: Array) -> Array:
        z = rng.standard_normal((*size, len(s)))
        for i in range(1, len(s)):
            z[..., i] = rho * z[..., i - 1] + np.sqrt(1 - rho**2) * z[..., i]
        return np.asarray(np.exp(s * z - s**2 / 2))

    return draw


def random_walk(spread: Sequence[float]) -> paths.Draw:
    """Trajectories whose log is a random walk: smooth paths that share most of their noise."""

    def draw(rng: Rng, size: Array) -> Array:
        steps = np.asarray(spread) * rng.standard_normal((*size, len(spread)))
        variance = np.cumsum(np.square(spread))
        return np.asarray(np.exp(np.cumsum(steps, -1) - variance / 2))

    return draw


def trajectory_cell(
    name: str, draw: paths.Draw, k: int = 8, margin: float = 0.1, held_out: bool = False
) -> Cell:
    """Sequential runs on trajectories."""
    design = Design(grid(k), margin)

    def simulate(rng: Rng, experiments: int) -> Result:
        ends = _in_batches(
            lambda size: paths.run(
                Trajectories(draw, size, k, rng), size, design, [t * margin for t in TRUTHS]
            ),
            experiments,
        )
        row = TRUTHS.index(0.0)
        return _power_law_rates(ends, TRUTHS), {
            "mean replicates, truth on the claim": float(ends.work[row].mean())
        }

    return Cell(f"trajectories, {name}", "sequential", simulate, held_out)


def difference_cell(noise: Noise, rho: float, margin: float = 0.1, held_out: bool = False) -> Cell:
    """A one-sided difference of exponents between two paired quantities (`Faster`)."""
    k = 8
    design = Design(grid(k), margin, "at least")

    def draw(rng: Rng, point: Array) -> Array:
        shared = noise.draw(rng, point)
        one, other = noise.draw(rng, point), noise.draw(rng, point)
        return np.stack([shared**rho * one ** (1 - rho), shared**rho * other ** (1 - rho)])

    truths = tuple(-t for t in TRUTHS if t >= 0)

    def simulate(rng: Rng, experiments: int) -> Result:
        ends = _in_batches(
            lambda size: paths.run(
                Pairs(draw, size, k, rng), size, design, [t * margin for t in truths]
            ),
            experiments,
        )
        mirrored = [-t for t in truths]
        used = float(ends.work[0].mean()) / k
        return _power_law_rates(ends, mirrored), {"mean replicates a point": used}

    return Cell(f"difference of exponents, {noise.name}, shared {rho:g}", "sequential", simulate,
                held_out)  # fmt: skip


# -- fixed designs: coverage ----------------------------------------------------------------------


def coverage_cell(
    noise: Noise, replicates: int | Sequence[int], k: int = 8, held_out: bool = False
) -> Cell:
    """How often the slope's interval covers, with a fixed number of replicates a point."""
    counts = np.broadcast_to(np.asarray(replicates), (k,))
    x = grid(k)

    def simulate(rng: Rng, experiments: int) -> Result:
        missed = np.zeros(4, dtype=int)
        of = 0
        batch = max(1, min(2000, 2_000_000 // int(counts.sum())))
        for start in range(0, experiments, batch):
            size = min(batch, experiments - start)
            stacked = []
            for i, count in enumerate(counts):
                point = np.full((size, int(count)), i)
                stacked.append(cells.summarise(noise.draw(rng, point.ravel()).reshape(point.shape)))
            summary = cells.stack(stacked)
            for j, tail in enumerate((0.025, 0.005)):
                seen = loglog.contrast(summary, loglog.slope_weights(x), np.zeros(k), tail)
                seen_at = seen.usable
                missed[2 * j] += int(((seen.low > 0) & seen_at).sum())
                missed[2 * j + 1] += int(((seen.high < 0) & seen_at).sum())
            of += int(seen_at.sum())
        return [
            rate("95 % interval covers", of - missed[0] - missed[1], of, least=0.94, most=0.98),
            rate("99 % interval covers", of - missed[2] - missed[3], of, least=0.985),
            rate("99 % interval lies above", missed[2], of, most=0.01),
            rate("99 % interval lies below", missed[3], of, most=0.01),
        ], {}

    shown = f"{replicates}" if isinstance(replicates, int) else f"{counts[0]} to {counts[-1]}"
    points = "" if k == 8 else f", {k} points"
    return Cell(f"{noise.name}, {shown} replicates{points}", "fixed", simulate, held_out)


# -- curves ---------------------------------------------------------------------------------------

Curve = Callable[[Array], Array]


@dataclass(frozen=True)
class Shape:
    """A curve against the claim n^-1: what E y n is, with n in units of the first point.

    Attributes
    ----------
    name : str
    ratio : callable
        u = 1/n to E y n.
    true : bool
        The claim holds in the limit.
    promised : bool
        Part of the promise (one correction that dies like n^(-1/2) or faster).
    """

    name: str
    ratio: Curve
    true: bool
    promised: bool = True


def shapes() -> tuple[Shape, ...]:
    """The curves of the design note."""
    return (
        Shape("exact", lambda u: np.ones_like(u), True),
        Shape("1 + .3 n^-1/2", lambda u: 1 + 0.3 * u**0.5, True),
        Shape("1 + 3 n^-1/2", lambda u: 1 + 3 * u**0.5, True),
        Shape("1 + 10 n^-1/2", lambda u: 1 + 10 * u**0.5, True),
        Shape("1 + 1/n", lambda u: 1 + u, True),
        Shape("1 + 3/n", lambda u: 1 + 3 * u, True),
        Shape("1 - .5 n^-1/2", lambda u: 1 - 0.5 * u**0.5, True),
        Shape("1 - .9 n^-1/2", lambda u: 1 - 0.9 * u**0.5, True),
        Shape("1 + 10 n^-1/4", lambda u: 1 + 10 * u**0.25, True, promised=False),
        Shape("1 + 6 n^-.6 - 3 n^-1.2", lambda u: 1 + 6 * u**0.6 - 3 * u**1.2, True,
              promised=False),
        Shape("n^.2", lambda u: u**-0.2, False),
        Shape("n^.3", lambda u: u**-0.3, False),
        Shape("n^-.2", lambda u: u**0.2, False),
        Shape("n^-.3", lambda u: u**0.3, False),
        Shape("n^-.5 + n^.5", lambda u: (u**0.5 + u**-0.5) / 2, False),
        Shape("n^.3 (1 + 3/n)", lambda u: u**-0.3 * (1 + 3 * u), False),
        Shape("floor as large as the last value", lambda u: 1 + u.min() / u, False),
        Shape("floor 10 times the last value", lambda u: 1 + 10 * u.min() / u, False),
        Shape("floor of a tenth of the last value", lambda u: 1 + 0.1 * u.min() / u, False),
        Shape("crossing n^-.2 + n^.2", lambda u: (u**0.2 + u**-0.2) / 2, False),
        Shape("log n, left out", lambda u: np.log(4 / u), False),
    )  # fmt: skip


def other_shapes() -> tuple[Shape, ...]:
    """Held-out curves."""
    return (
        Shape("1 + 2 n^-.55", lambda u: 1 + 2 * u**0.55, True),
        Shape("1 + 4 n^-.8", lambda u: 1 + 4 * u**0.8, True),
        Shape("1 - .8 n^-.6", lambda u: 1 - 0.8 * u**0.6, True),
        Shape("exp(-2 n^-.7)", lambda u: np.exp(-2 * u**0.7), True),
        Shape("(1 + 5/n)^(1/2)", lambda u: (1 + 5 * u) ** 0.5, True),
        Shape("1/(1 + 1.5 n^-.6)", lambda u: 1 / (1 + 1.5 * u**0.6), True),
        Shape("(1 + 2 n^-1/2)^(-1/2)", lambda u: (1 + 2 * u**0.5) ** -0.5, True),
        Shape("coth n^1/2", lambda u: 1 / np.tanh(u**-0.5), True),
        Shape("1 + 4 n^-2", lambda u: 1 + 4 * u**2, True),
        Shape("1 + n^-1/2 + 2/n", lambda u: 1 + u**0.5 + 2 * u, True, promised=False),
        Shape("1 + 2 n^-1/2 - 2/n", lambda u: 1 + 2 * u**0.5 - 2 * u, True, promised=False),
        Shape("1 + 5 n^-.3", lambda u: 1 + 5 * u**0.3, True, promised=False),
        Shape("n^.25 + 2", lambda u: u**-0.25 + 2, False),
        Shape("n^.4/(1 + n^.1)", lambda u: u**-0.4 / (1 + u**-0.1), False),
        Shape("n^-.25 (1 - .5 n^-1/2)", lambda u: u**0.25 * (1 - 0.5 * u**0.5), False),
        Shape("1 + (n/n_last)^1/2", lambda u: 1 + (u.min() / u) ** 0.5, False),
        Shape("(log n)^2, left out", lambda u: np.log(8 / u) ** 2, False),
    )  # fmt: skip


def alternating() -> tuple[Shape, ...]:
    """Curves whose corrections alternate in sign.

    The first two were held out until A exp(C n^-d) joined the curves that are fitted.
    """
    return (
        Shape("exp(-1.5 n^-1/2)", lambda u: np.exp(-1.5 * u**0.5), True),
        Shape("1/(1 + 2 n^-1/2)", lambda u: 1 / (1 + 2 * u**0.5), True),
        Shape("1/(1 + n^-1/2)", lambda u: 1 / (1 + u**0.5), True),
        Shape("1/(1 + 4/n)", lambda u: 1 / (1 + 4 * u), True),
        Shape("1/(1 + 5 n^-1/2)", lambda u: 1 / (1 + 5 * u**0.5), True, promised=False),
        Shape("1/(1 + 10/n)", lambda u: 1 / (1 + 10 * u), True, promised=False),
    )


def far_offset(shape: Shape, x: Array) -> float:
    """The far-end exponent of a curve minus the claimed one."""
    return float(curvature.far_weights(x) @ np.log(shape.ratio(np.exp(-x))))


def curves_cell(
    curves: Sequence[Shape],
    noise: Noise,
    k: int,
    precision: float | None = None,
    margin: float = 0.1,
    held_out: bool = False,
    kind: str = "",
) -> Cell:
    """Verdicts on curves, sequentially or at a fixed precision (standard error margin/4.7/it)."""
    x = grid(k)
    shifts = [np.log(shape.ratio(np.exp(-x))) for shape in curves]
    design = Design(x, margin, cap=2048)

    def simulate(rng: Rng, experiments: int) -> Result:
        if precision is None:
            ends = _in_batches(
                lambda size: paths.run(Errors(noise.draw, size, k, rng), size, design, shifts),
                experiments,
            )
            outcome, work = ends.outcome, float(ends.work.mean()) / k
        else:
            outcome, work = _fixed_curves(shifts, noise, x, precision, margin, rng, experiments)
        found = []
        for shape, row in zip(curves, outcome, strict=True):
            passed, failed = (row == curvature.PASS).sum(), (row == curvature.FAIL).sum()
            far = far_offset(shape, x)
            if shape.true:
                most = 0.015 if shape.promised else None
                found.append(rate(f"false FAIL, {shape.name}", failed, row.size, most=most))
                found.append(rate(f"PASS, {shape.name}", passed, row.size))
            else:
                most = 0.02 if abs(far) >= 2 * margin else None
                label = f"PASS, {shape.name} (far end off by {far / margin:+.1f} margins)"
                found.append(rate(label, passed, row.size, most=most))
                found.append(rate(f"FAIL, {shape.name}", failed, row.size))
        return found, {"mean replicates a point": work}

    how = "sequential" if precision is None else f"fixed, standard error margin/{4.7 * precision:g}"
    return Cell(f"{kind}{k} points, {noise.name}, {how}", "curves", simulate, held_out,
                CURVES_SHARE, ALTERNATING if held_out or kind else "")  # fmt: skip


def _fixed_curves(
    shifts: Sequence[Array], noise: Noise, x: Array, precision: float, margin: float, rng: Rng,
    experiments: int,
) -> tuple[Array, float]:  # fmt: skip
    k = len(x)
    cv2 = float(np.var(noise.draw(rng, np.zeros(100_000, dtype=int))))
    scatter = float(((x - x.mean()) ** 2).sum())
    replicates = int(np.ceil(cv2 * (4.7 * precision / margin) ** 2 / scatter))
    rows: list[list[Array]] = [[] for _ in shifts]
    batch = max(1, min(2000, 2_000_000 // (replicates * k)))
    level = sequential.single(TAIL)
    for start in range(0, experiments, batch):
        size = min(batch, experiments - start)
        point = np.broadcast_to(np.arange(k)[:, None], (size, k, replicates))
        summary = cells.summarise(noise.draw(rng, point.ravel()).reshape(point.shape))
        for row, shift in zip(rows, shifts, strict=True):
            row.append(rates.read(summary, x, -shift, margin, "equal", level).outcome)
    return np.stack([np.concatenate(row) for row in rows]), float(replicates)


# -- noise-free sequences -------------------------------------------------------------------------


@dataclass(frozen=True)
class Family:
    """A family of noise-free sequences n^-a times a correction, whose parameters are drawn."""

    name: str
    log_ratio: Callable[[Rng, Array], Array]
    covered: bool = True
    why: str = ""


def families() -> tuple[Family, ...]:
    """Families whose parameters are drawn anew."""

    def one(rng: Rng, x: Array) -> Array:
        order, size = (
            rng.uniform(0.5, 2.0),
            rng.choice([rng.uniform(-0.8, -0.1), rng.uniform(0.1, 6)]),
        )
        return np.asarray(np.log1p(size * np.exp(-order * (x - x[0]))))

    def logs(rng: Rng, x: Array) -> Array:
        return np.asarray(rng.choice([-2.0, -1.0, 0.5, 1.0, 1.5, 2.0, 3.0]) * np.log(x + 1.0))

    def exponential(rng: Rng, x: Array) -> Array:
        size = rng.uniform(0.1, 3)
        return np.asarray(np.log1p(size * np.exp(-rng.uniform(0.05, 1) * np.exp(x - x[0]))))

    def two(rng: Rng, x: Array) -> Array:
        first = rng.uniform(0.4, 1.0)
        u = np.exp(-(x - x[0]))
        total = 1 + rng.uniform(0.2, 3) * u**first + rng.uniform(-0.9, 3) * u ** (first + 0.6)
        return np.asarray(np.log(np.maximum(total, 1e-3)))

    return (
        Family("one correction of order 0.5 to 2", one),
        Family(
            "powers of the logarithm",
            logs,
            why="squares and cubes of log n drift too slowly to be extrapolated from few points; "
            "write the logarithm into the formula",
        ),
        Family(
            "a correction that dies exponentially",
            exponential,
            why="until it dies it looks like a slower rate of its own; verdicts stay "
            "INCONCLUSIVE, not FAIL",
        ),
        Family("two corrections of different order", two, covered=False),
    )


def sequence_cell(family: Family, margin: float = 0.1) -> Cell:
    """Noise-free sequences of 4 to 10 points: coverage of the limit, and false FAILs."""

    def simulate(rng: Rng, experiments: int) -> Result:
        covered = failed = settled = passed = 0
        for _ in range(experiments):
            k = int(rng.choice([4, 5, 6, 8, 10]))
            x = grid(k, float(rng.choice([1.5, 2.0, 3.0])), float(rng.choice([2.0, 8.0, 32.0])))
            tail = sequence.tail_exponent(x, np.exp(family.log_ratio(rng, x)))
            covered += tail.low <= 0 <= tail.high
            settled += tail.state == "settled"
            place = curvature.place(tail.low, tail.high, margin, "equal")
            failed += tail.elsewhere(-margin, margin)
            passed += bool(place == curvature.WITHIN)
        least = 0.95 if family.covered else None
        most = 0.02 if family.covered else None
        return [
            rate("interval covers the limit", covered, experiments, least=least),
            rate("false FAIL", failed, experiments, most=most),
            rate("PASS", passed, experiments),
        ], {"settled": settled / experiments}

    return Cell(f"noise-free, {family.name}", "noise-free", simulate, held_out=True, why=family.why)


# -- ratios at every point ------------------------------------------------------------------------


def ratio_cell(kind: str, noise: Noise, replicates: int, margin: float, held_out: bool) -> Cell:
    """`Agrees` and `Below` with a fixed number of replicates: one point, or all, on the margin."""
    k = 8
    limits = RATIO.limits(margin, "equal") if kind == "Agrees" else (-np.inf, 0.0)

    def simulate(rng: Rng, experiments: int) -> Result:
        edge = limits[1]
        inside = 0.0 if kind == "Agrees" else -0.3
        at_one, at_all, true = np.full(k, inside), np.full(k, edge), np.full(k, inside)
        at_one[-1] = edge
        counts = np.zeros((3, 2), dtype=int)
        batch = max(1, min(2000, 1_000_000 // (replicates * k)))
        for start in range(0, experiments, batch):
            size = min(batch, experiments - start)
            point = np.broadcast_to(np.arange(k)[:, None], (size, k, replicates))
            shape = point.shape
            if kind == "Agrees":
                summary = cells.summarise(noise.draw(rng, point.ravel()).reshape(shape))
            else:
                shared = noise.draw(rng, point.ravel())
                own = [shared * laws.lognormal(0.3).draw(rng, point.ravel()) for _ in range(2)]
                summary = cells.log_ratio(*(y.reshape(shape) for y in own))
            for row, truth in enumerate((true, at_one, at_all)):
                each = simultaneous.log_ratios(summary, -truth, TAIL)
                inside_all, outside = simultaneous.decide(each, *limits)
                counts[row] += int(inside_all.sum()), int(outside.sum())
        of = experiments
        return [
            rate("PASS, true", counts[0, 0], of),
            rate("false FAIL, true", counts[0, 1], of, most=0.01, allowance=0.005),
            rate("false PASS, one point on the margin", counts[1, 0], of, most=0.01,
                 allowance=0.005),
            rate("false FAIL, one point on the margin", counts[1, 1], of, most=0.01,
                 allowance=0.005),
            rate("false PASS, all points on the margin", counts[2, 0], of, most=0.01,
                 allowance=0.005),
            rate("false FAIL, all points on the margin", counts[2, 1], of, most=0.01,
                 allowance=0.005),
        ], {}  # fmt: skip

    return Cell(f"{kind}, {noise.name}, {replicates} replicates", "kinds", simulate, held_out)


# -- kinds that the engine judges one by one ------------------------------------------------------

Draw = Callable[[Rng, int, int], Mapping[str, Array]]


def engine_cell(
    name: str,
    check: Check,
    truths: Mapping[str, Draw],
    *,
    form: str = "errors",
    points: tuple[float, ...] = POINTS,
    axis: str = "n",
    cap: int = 256,
    share: float = 0.02,
    promised: Sequence[str] = (),
) -> Cell:
    """Sequential runs through the engine's own sampling and judging, one by one."""

    def simulate(rng: Rng, experiments: int) -> Result:
        found: list[Rate] = []
        planned = single.design(check, points, form=form, axis=axis, cap=cap)
        for label, draw in truths.items():
            outcomes = [
                single.verdict(planned, single.draws(rng, draw)).outcome for _ in range(experiments)
            ]
            for outcome in ("PASS", "FAIL"):
                name = f"{outcome}, {label}"
                most = 0.01 if name in promised else None
                # few experiments: the limit is judged more coarsely
                found.append(rate(name, outcomes.count(outcome), experiments, most=most,
                                  allowance=0.02))  # fmt: skip
        return found, {}

    return Cell(name, "kinds", simulate, share=share)


def _means(means: Array, noise: Noise) -> Draw:
    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        return {"q": means[cell] * noise.draw(rng, np.full(size, cell))}

    return draw


def _signed(means: Array, sd: float) -> Draw:
    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        return {"q": means[cell] + sd * rng.standard_normal(size)}

    return draw


def _times(power: float, budget: float) -> Draw:
    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        t = POINTS[cell] ** power * rng.standard_gamma(2.0, size)
        return {"q": np.where(t < budget, t, np.inf)}

    return draw


def _corners(interaction: float) -> Draw:
    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        a, b, c = 1 / POINTS[cell], 2 / POINTS[cell], 0.1 / POINTS[cell]
        z = [laws.lognormal(0.4).draw(rng, np.zeros(size, dtype=int)) for _ in range(4)]
        return {"both": (a + b + c) * interaction * z[0], "one": (a + c) * z[1],
                "two": (b + c) * z[2], "none": c * z[3]}  # fmt: skip

    return draw


def engine_cells() -> list[Cell]:
    """The kinds and forms that are judged one by one, each at the claim, on its margin and off."""
    n, t = np.array(POINTS), np.array(TIMES)
    law = laws.lognormal(0.4)
    edge = ["PASS, on the margin", "FAIL, on the margin", "FAIL, true", "PASS, two margins off"]
    return [
        engine_cell("Agrees, sequential", Agrees("q", "1/n", margin=0.15), {
            "true": _means(1 / n, law),
            "on the margin": _means(1.15 / n, law),
            "two margins off": _means(1.3 / n, law),
        }, promised=edge),
        engine_cell("Additive, sequential", Additive("both", parts=("one", "two"), neither="none",
                                                     margin=0.2), {
            "true": _corners(1.0),
            "on the margin": _corners(1 / 1.2),
            "two margins off": _corners(1 / 1.4),
        }, promised=edge),
        engine_cell("Decay without a floor, sequential", Decay("q", "exp(-0.5*t)", margin=0.1), {
            "true": _means(np.exp(-0.5 * t), law),
            "on the margin": _means(np.exp(-0.45 * t), law),
            "two margins off": _means(np.exp(-0.4 * t), law),
        }, points=TIMES, axis="t", promised=edge),
        engine_cell("Decay onto a floor of 1 %, sequential", Decay("q", "exp(-0.5*t)", margin=.2), {
            "true": _means(np.exp(-0.5 * t) + 0.01, law),
            "on the margin": _means(np.exp(-0.4 * t) + 0.01, law),
            "two margins off": _means(np.exp(-0.3 * t) + 0.01, law),
        }, points=TIMES, axis="t", cap=1024, promised=edge),
        engine_cell("signed bias, sequential", RateCheck("q", "1/n", margin=0.3), {
            "true": _signed(16 / n, 0.05),
            "on the margin": _signed(16**0.7 / n**0.7, 0.05),
            "two margins off": _signed(16**0.4 / n**0.4, 0.05),
        }, form="signed", cap=2048, promised=edge),
        engine_cell("censored times, sequential", RateCheck("q", "n", margin=0.15), {
            "true": _times(1.0, 2.5 * POINTS[-1]),
            "on the margin": _times(0.85, 2.5 * POINTS[-1] ** 0.85),
            "two margins off": _times(0.7, 2.5 * POINTS[-1] ** 0.7),
        }, form="times", cap=1024, promised=edge),
    ]  # fmt: skip


@family
def orders() -> list[Cell]:
    """`Below` and `Above` a formula: at the limit, at it everywhere, and off."""
    n, law = np.array(POINTS), laws.lognormal(0.4)
    edge = ["FAIL, true", "PASS, at the limit", "FAIL, at the limit", "PASS, a fifth off"]
    return [
        engine_cell(f"{check.__name__} a formula, sequential", check("q", "2/n"), {
            "true": _means(2 * 0.8**sign / n, law),
            "at the limit": _means(2 / n, law),
            "a fifth off": _means(2 * 1.2**sign / n, law),
        }, promised=edge)
        for check, sign in ((Below, 1), (Above, -1))
    ]  # fmt: skip


# -- all ------------------------------------------------------------------------------------------


def battery() -> list[Cell]:
    """Every cell, in the order of the report."""
    one = laws.lognormal(1.0)
    known = [
        sequential_cell(laws.lognormal(0.1)),
        sequential_cell(laws.lognormal(0.6)),
        sequential_cell(one),
        sequential_cell(laws.lognormal(1.5)),
        sequential_cell(laws.gamma(1.0)),
        sequential_cell(laws.contaminated(0.05, 10)),
        sequential_cell(laws.lomax(3.0)),
        sequential_cell(laws.bernoulli(0.8, 0.1, 8)),
        sequential_cell(laws.contaminated(0.02, 25), margin=0.2),
        sequential_cell(laws.lognormal(*ramp(0.2, 1.5))),
        sequential_cell(laws.lognormal(*ramp(1.5, 0.2))),
        sequential_cell(one, k=4, margin=0.2),
        sequential_cell(one, k=5),
        sequential_cell(laws.lognormal(0.6), k=12),
        sequential_cell(one, cost=1.0),
        sequential_cell(one, cost=3.0),
        sequential_cell(one, relation="at most"),
        trajectory_cell("CV 1.2, autoregressive .9", autoregressive([1.2] * 8, 0.9)),
        trajectory_cell("CV .1 to 1.2, autoregressive .9", autoregressive(ramp(0.1, 1.2), 0.9)),
        difference_cell(laws.lognormal(1.0), 0.8),
    ]
    held_out = [
        sequential_cell(laws.inverse_gaussian(0.9), held_out=True),
        sequential_cell(laws.chi_square(3), held_out=True),
        sequential_cell(laws.shifted_exponential(0.2), k=6, held_out=True),
        sequential_cell(laws.mixture(0.3, 8), held_out=True),
        sequential_cell(laws.weibull(0.8), k=9, ratio=1.6, held_out=True),
        sequential_cell(laws.gamma(*ramp(1.3, 0.3)), held_out=True),
        sequential_cell(laws.two_point(0.1, 12), margin=0.15, held_out=True),
        sequential_cell(laws.inverse_gamma(3.5), cost=2.0, held_out=True),
        sequential_cell(laws.beta(0.5, 1.5), k=10, held_out=True),
        sequential_cell(laws.lognormal(*ramp(0.3, 1.2, 7)), k=7, ratio=3.0, margin=0.08, cost=1.0,
                        held_out=True),
        sequential_cell(laws.weibull(*ramp(0.7, 1.8)), held_out=True),
        sequential_cell(laws.gamma(0.7), relation="at most", margin=0.15, held_out=True),
        trajectory_cell("random walk in the log", random_walk([0.25] * 8), held_out=True),
        trajectory_cell("CV .8, autoregressive .5", autoregressive([0.8] * 6, 0.5), k=6,
                        margin=0.15, held_out=True),
        trajectory_cell("CV .9 to .2, autoregressive .7", autoregressive(ramp(0.9, 0.2, 7), 0.7),
                        k=7, held_out=True),
        difference_cell(laws.gamma(0.8), 0.5, held_out=True),
        quick_cell(),
    ]  # fmt: skip
    noises = [laws.lognormal(0.6), one, laws.lognormal(1.5), laws.gamma(1.0),
              laws.contaminated(0.05, 10), laws.lomax(3.0)]  # fmt: skip
    fixed = [coverage_cell(noise, r) for noise in noises for r in (8, 16, 64, 512)]
    fixed += [
        coverage_cell(laws.lognormal(0.1), 16),
        coverage_cell(laws.lognormal(*ramp(0.2, 1.5)), 64),
        coverage_cell(laws.lognormal(*ramp(0.3, 1.2)), (128, 96, 64, 48, 32, 24, 16, 8)),
        coverage_cell(laws.lognormal(0.6), 16, k=4),
        coverage_cell(laws.lognormal(0.6), 16, k=12),
        coverage_cell(laws.inverse_gaussian(0.9), 32, held_out=True),
        coverage_cell(laws.chi_square(3), 16, held_out=True),
        coverage_cell(laws.mixture(0.3, 8), 24, k=6, held_out=True),
        coverage_cell(laws.inverse_gamma(3.5), 64, held_out=True),
        coverage_cell(laws.beta(0.5, 1.5), 16, k=10, held_out=True),
        coverage_cell(laws.weibull(0.8), 48, k=5, held_out=True),
    ]
    curves = [
        curves_cell(shapes(), laws.lognormal(0.6), k, precision)
        for k in (5, 8, 12)
        for precision in (None, 1.0, 2.0)
    ]
    curves += [
        curves_cell(shapes(), laws.lognormal(1.0), 8),
        *(
            curves_cell(alternating(), noise, k, precision, kind="alternating corrections, ")
            for noise, k, precision in (
                (laws.gamma(0.7), 7, None),
                (laws.inverse_gaussian(0.9), 10, None),
                (laws.lognormal(0.6), 5, None),
                (laws.gamma(0.7), 7, 2.0),
            )
        ),
        curves_cell(other_shapes(), laws.gamma(0.7), 7, held_out=True),
        curves_cell(other_shapes(), laws.inverse_gaussian(0.9), 10, held_out=True),
        curves_cell(other_shapes(), laws.gamma(0.7), 7, 1.0, held_out=True),
        curves_cell(other_shapes(), laws.gamma(0.7), 7, 2.0, held_out=True),
    ]
    kinds = [
        ratio_cell("Agrees", laws.lognormal(0.5), 64, 0.3, False),
        ratio_cell("Agrees", laws.weibull(0.8), 192, 0.4, True),
        ratio_cell("Below", laws.lognormal(0.5), 64, 0.0, False),
        ratio_cell("Below", laws.gamma(0.8), 48, 0.0, True),
        *engine_cells(),
    ]
    sequences = [sequence_cell(one) for one in families()]
    registered = [cell for cells in FAMILIES for cell in cells()]
    return [*known, *held_out, *fixed, *curves, *sequences, *kinds, *registered]


def ramp(low: float, high: float, k: int = 8) -> tuple[float, ...]:
    """k values in geometric progression."""
    return tuple(float(v) for v in np.geomspace(low, high, k))
