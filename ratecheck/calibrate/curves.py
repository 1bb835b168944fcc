"""Curves that bend: what is said of a window whose far end goes elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ratecheck.calibrate import paths
from ratecheck.calibrate.cell import TAIL, Cell, Result, Rng, grid, in_batches
from ratecheck.calibrate.noise import Noise
from ratecheck.calibrate.paths import Design, Errors
from ratecheck.calibrate.proportions import rate
from ratecheck.inference import cells, curvature, rates, sequential
from ratecheck.inference.cells import Array

CURVES_SHARE = 0.3
ALTERNATING = (
    "large corrections whose terms alternate in sign cancel where n is small: neither A + C n^-d "
    "nor A exp(C n^-d) fits 1/(1 + 2 n^-1/2)"
)


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
            ends = in_batches(
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
