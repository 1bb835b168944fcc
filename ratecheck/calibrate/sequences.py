"""Noise-free sequences: where local exponents are heading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ratecheck.calibrate.cell import Cell, Result, Rng, grid
from ratecheck.calibrate.proportions import rate
from ratecheck.inference import curvature, sequence
from ratecheck.inference.cells import Array


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

    def slow(rng: Rng, x: Array) -> Array:
        size = rng.choice([rng.uniform(-0.8, -0.1), rng.uniform(0.1, 6)])
        return np.asarray(np.log1p(size * np.exp(-rng.uniform(0.2, 0.5) * (x - x[0]))))

    def signs(rng: Rng, x: Array) -> Array:
        waves = rng.choice([np.cos(np.pi * np.arange(len(x))), np.cos(rng.uniform(0.5, 4) * x)])
        dies = np.exp(-rng.uniform(0, 1.5) * (x - x[0]))
        return np.asarray(np.log1p(rng.uniform(0.02, 0.5) * waves * dies))

    def opposed(rng: Rng, x: Array) -> Array:
        size, order = rng.uniform(0.3, 4), rng.uniform(0.5, 1.5)
        u = np.exp(-(x - x[0]))
        less = rng.uniform(0.3, 1) * size * u ** (order + rng.uniform(0.3, 1.5))
        return np.asarray(np.log(np.maximum(1 + size * u**order - less, 1e-3)))

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
            why="until it dies it looks like a slower rate of its own; nearly all "
            "verdicts stay INCONCLUSIVE then",
        ),
        Family("two corrections of different order", two, covered=False),
        Family("one correction of order 0.2 to 0.5", slow),
        Family("corrections that alternate or swing", signs, covered=False),
        Family("two corrections of opposite signs", opposed, covered=False),
    )


def sequence_cell(family: Family, margin: float = 0.1) -> Cell:
    """Noise-free sequences of 4 to 10 points: coverage of the limit, and false FAILs."""

    def simulate(rng: Rng, experiments: int) -> Result:
        covered = failed = settled = passed = wrong = 0
        for _ in range(experiments):
            k = int(rng.choice([4, 5, 6, 8, 10]))
            x = grid(k, float(rng.choice([1.5, 2.0, 3.0])), float(rng.choice([2.0, 8.0, 32.0])))
            tail = sequence.tail_exponent(x, np.exp(family.log_ratio(rng, x)))
            covered += tail.low <= 0 <= tail.high
            settled += tail.state == "settled"
            place = curvature.place(tail.low, tail.high, margin, "equal")
            failed += tail.elsewhere(-margin, margin)
            passed += bool(place == curvature.WITHIN)
            wrong += tail.elsewhere(2 * margin, 4 * margin)
        least = 0.95 if family.covered else None
        return [
            rate("interval covers the limit", covered, experiments, least=least),
            rate("false FAIL", failed, experiments, most=0.01),
            rate("PASS", passed, experiments),
            rate("FAIL of an order three margins off", wrong, experiments),
        ], {"settled": settled / experiments}

    return Cell(f"noise-free, {family.name}", "noise-free", simulate, why=family.why,
                judges=("rate", "exact"))  # fmt: skip


UNEVEN = ("arithmetic", "random", "doubled", "clustered")


def uneven_grid(kind: str, k: int, rng: Rng) -> Array:
    """Logs of k points that are not even in log n, as people take them."""
    half = 8.0 * 2.0 ** np.arange((k + 1) // 2)
    if kind == "arithmetic":
        points = 10.0 * np.arange(1, k + 1)
    elif kind == "random":
        gaps = rng.dirichlet(np.ones(k - 1)) + 0.05
        points = 8.0 * 2.0 ** ((k - 1) * np.cumsum([0.0, *(gaps / gaps.sum())]))
    elif kind == "doubled":
        points = np.sort([*half, *1.5 * half])[:k]
    else:
        points = np.sort([*half, *half[-1] * np.linspace(1.1, 2, k - len(half))])
    return np.asarray(np.log(points))


def uneven_cell(kind: str, margin: float = 0.25) -> Cell:
    """Noise-free sequences with one or two corrections on uneven grids of 6 to 12 points."""

    def simulate(rng: Rng, experiments: int) -> Result:
        covered = failed = passed = wrong = 0
        for _ in range(experiments):
            x = uneven_grid(kind, int(rng.integers(6, 13)), rng)
            sizes = rng.uniform(0.1, 0.9, 2) * rng.choice([-1, 1], 2) * [1, rng.integers(2)]
            orders = rng.uniform([0.5, 1.5], [1.5, 3.0])
            ratio = 1 + sizes @ np.exp(-orders[:, None] * x)
            tail = sequence.tail_exponent(x, ratio)
            covered += tail.low <= 0 <= tail.high
            failed += tail.elsewhere(-margin, margin)
            passed += -margin < tail.low and tail.high < margin
            off = margin * rng.choice([-1.0, 1.0])
            wrong += -margin < tail.low + off and tail.high + off < margin
        return [
            rate("interval covers the limit", covered, experiments, least=0.95),
            rate("false FAIL", failed, experiments, most=0.01),
            rate("false PASS", wrong, experiments, most=0.01),
            rate("PASS", passed, experiments),
        ], {}

    return Cell(f"noise-free, {kind} grid", "noise-free", simulate, held_out=True)
