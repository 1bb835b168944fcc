"""Sentences about rivals: how often the true rate is named as excluded."""

from __future__ import annotations

import numpy as np

from ratecheck.calibrate import noise as laws
from ratecheck.calibrate import single
from ratecheck.calibrate.cell import POINTS, Cell, Result, Rng, family, grid
from ratecheck.calibrate.curves import Shape, alternating, far_offset, shapes
from ratecheck.calibrate.kinds import drawn_about
from ratecheck.calibrate.noise import Noise
from ratecheck.calibrate.proportions import rate
from ratecheck.claim.checks import AtLeast, AtMost, Check
from ratecheck.claim.checks import Rate as RateCheck
from ratecheck.inference.loglog import slope_weights

MARGIN = 0.1
TRUE = "the truth"


def rival_cell(shape: Shape, noise: Noise, kind: type[Check]) -> Cell:
    """The true rate n^-1 as the rival of a claim, on a curve that reaches it in the limit.

    The claim is 2.5 margins off on either side, or what the window shows at first sight. Where a
    claim PASSes, what it denies is excluded: that is promised as far as its PASS is.
    """
    x = grid(len(POINTS))
    ratio = shape.ratio(np.exp(-x))
    seen = float(slope_weights(x) @ np.log(ratio))
    far = far_offset(shape, x)
    means = ratio / np.array(POINTS)
    claims = {"steeper": -2.5 * MARGIN, "slower": 2.5 * MARGIN, "as the window": seen}

    def simulate(rng: Rng, experiments: int) -> Result:
        found = []
        for label, off in claims.items():
            if abs(off) <= MARGIN:  # then nothing is said of the truth
                continue
            check = kind("q", f"n**({off - 1!r})", margin=MARGIN, rivals={TRUE: "1/n"})
            planned = single.design(check, POINTS, cap=1024)
            excluded = sum(
                single.verdict(planned, single.draws(rng, drawn_about(means, noise)))
                .rivals[0]
                .excluded
                for _ in range(experiments)
            )
            # a claim that the far end of the grid bears out may PASS, and a PASS denies the rest
            borne_out = abs(far - off) < 2 * MARGIN
            most = None if borne_out else 0.01
            note = ", which the far end bears out" * borne_out
            found.append(rate(f"truth excluded, claim {label}{note}", excluded, experiments,
                              most=most, allowance=0.005))  # fmt: skip
        return found, {}

    name = f"{kind.__name__}, true rival, {shape.name}, {noise.name}"
    return Cell(name, "rivals", simulate, share=0.1)


def power_cell(noise: Noise, kind: type[Check], off: float) -> Cell:
    """A claim that is true, and a rival that is two margins off and wrong."""
    check = kind("q", "1/n", margin=MARGIN, rivals={"wrong": f"n**({off - 1!r})"})
    planned = single.design(check, POINTS, cap=1024)
    means = 1 / np.array(POINTS)

    def simulate(rng: Rng, experiments: int) -> Result:
        verdicts = [
            single.verdict(planned, single.draws(rng, drawn_about(means, noise)))
            for _ in range(experiments)
        ]
        passed = [one for one in verdicts if one.outcome == "PASS"]
        excluded = sum(one.rivals[0].excluded for one in passed)
        return [rate("wrong rival excluded where the claim passes", excluded, len(passed))], {}

    side = "steeper" if off < 0 else "slower"
    return Cell(f"{kind.__name__}, {side} rival, {noise.name}", "rivals", simulate, share=0.1)


@family
def rivals() -> list[Cell]:
    """The truth as a rival on curves that bend; what a true claim excludes."""
    near, wide = laws.lognormal(0.4), laws.gamma(0.7)
    bent = [shape for shape in shapes() if shape.true and shape.promised]
    cells = [rival_cell(shape, near, RateCheck) for shape in bent]
    cells += [rival_cell(shape, wide, RateCheck) for shape in alternating() if shape.promised]
    cells += [rival_cell(shape, near, kind) for kind in (AtMost, AtLeast) for shape in bent[:4]]
    cells += [power_cell(near, kind, 2 * MARGIN) for kind in (RateCheck, AtMost)]
    return [*cells, power_cell(near, AtLeast, -2 * MARGIN)]
