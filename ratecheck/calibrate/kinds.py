"""Kinds of check and forms of data besides the slope of independent errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from ratecheck.calibrate import noise as laws
from ratecheck.calibrate import single
from ratecheck.calibrate.cell import POINTS, TAIL, TIMES, Cell, Result, Rng, family
from ratecheck.calibrate.noise import Noise
from ratecheck.calibrate.proportions import Rate, rate
from ratecheck.claim.checks import (
    Above,
    Additive,
    Agrees,
    AtLeast,
    Below,
    Check,
    Decay,
    Flat,
    Reaches,
    ReachesWithin,
)
from ratecheck.claim.checks import Rate as RateCheck
from ratecheck.claim.coordinates import RATIO
from ratecheck.inference import cells, simultaneous
from ratecheck.inference.cells import Array


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

    return Cell(f"{kind}, {noise.name}, {replicates} replicates", "kinds", simulate, held_out,
                judges=(kind.lower(), "errors"))  # fmt: skip


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
    share: float = 0.1,
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
                # fewer experiments: the limit is judged more coarsely
                found.append(rate(name, outcomes.count(outcome), experiments, most=most,
                                  allowance=0.01))  # fmt: skip
        return found, {}

    return Cell(name, "kinds", simulate, share=share, judges=(check.kind, form))


def drawn_about(means: Array, noise: Noise) -> Draw:
    """Positive values with these means at the points, times noise of mean 1."""

    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        return {"q": means[cell] * noise.draw(rng, np.full(size, cell))}

    return draw


def _signed(means: Array, sd: float) -> Draw:
    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        return {"q": means[cell] + sd * rng.standard_normal(size)}

    return draw


def _times(scale: Array) -> Draw:
    """Times of these sizes, with a budget that cuts off 29 % of the last ones."""

    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        t = scale[cell] * rng.standard_gamma(2.0, size)
        return {"q": np.where(t < 2.5 * scale[-1], t, np.inf)}

    return draw


def _runs(means: Array) -> Draw:
    """Trajectories with these means, whose points share most of their noise."""

    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        shared, own = 0.4 * rng.standard_normal((size, 1)), rng.standard_normal((size, len(means)))
        return {"q": means * np.exp(shared + 0.1 * own - 0.085)}

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
    curved = ["PASS, leaves the claim half-way", "FAIL, on the way to the claim"]
    leaving = np.maximum(1.0, n / n[4])
    return [
        engine_cell("Agrees, sequential", Agrees("q", "1/n", margin=0.15), {
            "true": drawn_about(1 / n, law),
            "on the margin": drawn_about(1.15 / n, law),
            "two margins off": drawn_about(1.3 / n, law),
        }, promised=edge),
        engine_cell("Agrees of trajectories, sequential", Agrees("q", "1/n", margin=0.15), {
            "true": _runs(1 / n),
            "on the margin": _runs(1.15 / n),
            "two margins off": _runs(1.3 / n),
        }, form="trajectories", promised=edge),
        engine_cell("Additive, sequential", Additive("both", parts=("one", "two"), neither="none",
                                                     margin=0.2), {
            "true": _corners(1.0),
            "on the margin": _corners(1 / 1.2),
            "two margins off": _corners(1 / 1.4),
        }, promised=edge),
        engine_cell("Decay without a floor, sequential", Decay("q", "exp(-0.5*t)", margin=0.1), {
            "true": drawn_about(np.exp(-0.5 * t), law),
            "on the margin": drawn_about(np.exp(-0.45 * t), law),
            "two margins off": drawn_about(np.exp(-0.4 * t), law),
            "on the way to the claim": drawn_about(np.exp(-t / 2) + 3 * np.exp(-t), law),
        }, points=TIMES, axis="t", promised=[*edge, *curved]),
        engine_cell("Decay onto a floor of 1 %, sequential", Decay("q", "exp(-0.5*t)", margin=.2), {
            "true": drawn_about(np.exp(-0.5 * t) + 0.01, law),
            "on the margin": drawn_about(np.exp(-0.4 * t) + 0.01, law),
            "two margins off": drawn_about(np.exp(-0.3 * t) + 0.01, law),
        }, points=TIMES, axis="t", cap=1024, promised=edge),
        engine_cell("Decay of trajectories, sequential", Decay("q", "exp(-0.5*t)", margin=0.1), {
            "true": _runs(np.exp(-0.5 * t)),
            "on the margin": _runs(np.exp(-0.45 * t)),
            "two margins off": _runs(np.exp(-0.4 * t)),
            "leaves the claim half-way": _runs(np.exp(-0.5 * t + 0.15 * np.maximum(0, t - 4))),
            "on the way to the claim": _runs(np.exp(-0.5 * t) * (1 + 3 * np.exp(-0.5 * t))),
        }, form="trajectories", points=TIMES, axis="t", promised=[*edge, *curved]),
        engine_cell("signed bias, sequential", RateCheck("q", "1/n", margin=0.3), {
            "true": _signed(16 / n, 0.05),
            "on the margin": _signed(16**0.7 / n**0.7, 0.05),
            "two margins off": _signed(16**0.4 / n**0.4, 0.05),
            "leaves the claim half-way": _signed(16 / n * leaving**0.9, 0.05),
            "on the way to the claim": _signed(16 / n * (1 + 48 / n), 0.05),
        }, form="signed", cap=2048, promised=[*edge, *curved]),
        engine_cell("censored times, sequential", RateCheck("q", "n", margin=0.15), {
            "true": _times(n),
            "on the margin": _times(n**0.85),
            "two margins off": _times(n**0.7),
            "leaves the claim half-way": _times(n * leaving**0.4),
            "on the way to the claim": _times(n + 24 * n**0.5),
        }, form="times", cap=1024, promised=[*edge, *curved]),
    ]  # fmt: skip


@family
def other_slopes() -> list[Cell]:
    """`AtLeast` and `Flat`: at the claim, on the margin, and off."""
    n, law = np.array(POINTS), laws.lognormal(0.4)
    edge = ["FAIL, true", "PASS, on the margin", "FAIL, on the margin", "PASS, two margins off"]
    return [
        engine_cell(f"{type(check).__name__}, sequential", check, {
            "true": drawn_about(n**power, law),
            "on the margin": drawn_about(n ** (power - 0.1), law),
            "two margins off": drawn_about(n ** (power - 0.2), law),
        }, promised=edge)
        for check, power in ((AtLeast("q", "1/n", margin=0.1), -1), (Flat("q", margin=0.1), 0))
    ]  # fmt: skip


def _curves(power: float, order: float, law: Noise) -> Draw:
    """Risks (n / n*)^-order, n* = point^power, along grids of n that follow the points as the
    claim has it: where n* lies in its grid moves with the point."""
    ratios = 2.0 ** np.arange(-5, 9)

    def draw(rng: Rng, cell: int, size: int) -> Mapping[str, Array]:
        n = POINTS[cell] * ratios
        mean = (n / POINTS[cell] ** power) ** -order
        noise = law.draw(rng, np.zeros((size, len(n)), dtype=int).ravel()).reshape(size, -1)
        return {"q": mean * noise, "n": np.broadcast_to(n, (size, len(n)))}

    return draw


@family
def thresholds() -> list[Cell]:
    """`Reaches` and its bound: thresholds like the points, on the margin, and two margins off."""
    edge = ["FAIL, true", "PASS, on the margin", "FAIL, on the margin", "PASS, two margins off"]
    cells = []
    for kind, law, order in (
        (Reaches, laws.lognormal(0.6), 1.0),
        (Reaches, laws.gamma(1.0), 0.5),
        (ReachesWithin, laws.lognormal(0.6), 1.0),
    ):
        check = kind("q", "n", along="n", goal=1.0, margin=0.1)
        name = f"{kind.__name__}, {law.name}, risks of order {order:g}, sequential"
        cells.append(
            engine_cell(name, check, {
                "true": _curves(1.0, order, law),
                "on the margin": _curves(1.1, order, law),
                "two margins off": _curves(1.2, order, law),
            }, form="curves", promised=edge)
        )  # fmt: skip
    return cells


@family
def orders() -> list[Cell]:
    """`Below` and `Above` a formula: at the limit, at it everywhere, and off."""
    n, law = np.array(POINTS), laws.lognormal(0.4)
    edge = ["FAIL, true", "PASS, at the limit", "FAIL, at the limit", "PASS, a fifth off"]
    return [
        engine_cell(f"{check.__name__} a formula, sequential", check("q", "2/n"), {
            "true": drawn_about(2 * 0.8**sign / n, law),
            "at the limit": drawn_about(2 / n, law),
            "a fifth off": drawn_about(2 * 1.2**sign / n, law),
        }, promised=edge)
        for check, sign in ((Below, 1), (Above, -1))
    ]  # fmt: skip
