"""Exact power laws: sequential runs, trajectories, paired differences, and fixed designs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ratecheck.calibrate import noise as laws
from ratecheck.calibrate import paths
from ratecheck.calibrate.cell import Cell, Result, Rng, grid, in_batches
from ratecheck.calibrate.noise import Noise
from ratecheck.calibrate.paths import Design, Errors, Pairs, Trajectories
from ratecheck.calibrate.proportions import Rate, rate
from ratecheck.inference import cells, curvature, loglog, rates, sequential
from ratecheck.inference.cells import Array
from ratecheck.inference.curvature import Relation

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
        ends = in_batches(
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
    kind = "rate" if relation == "equal" else relation
    return Cell(name, "sequential", simulate, held_out, share=share, judges=(kind, "errors"))


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
        ends = in_batches(
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
        ends = in_batches(
            lambda size: paths.run(
                Trajectories(draw, size, k, rng), size, design, [t * margin for t in TRUTHS]
            ),
            experiments,
        )
        row = TRUTHS.index(0.0)
        return _power_law_rates(ends, TRUTHS), {
            "mean replicates, truth on the claim": float(ends.work[row].mean())
        }

    return Cell(f"trajectories, {name}", "sequential", simulate, held_out,
                judges=("rate", "trajectories"))  # fmt: skip


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
        ends = in_batches(
            lambda size: paths.run(
                Pairs(draw, size, k, rng), size, design, [t * margin for t in truths]
            ),
            experiments,
        )
        mirrored = [-t for t in truths]
        used = float(ends.work[0].mean()) / k
        return _power_law_rates(ends, mirrored), {"mean replicates a point": used}

    return Cell(f"difference of exponents, {noise.name}, shared {rho:g}", "sequential", simulate,
                held_out, judges=("faster", "errors"))  # fmt: skip


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
