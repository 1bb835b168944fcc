"""All cells of a calibration, in the order of the report."""

from __future__ import annotations

from ratecheck.calibrate import noise as laws
from ratecheck.calibrate import rivals as _rivals  # noqa: F401
from ratecheck.calibrate import tables as _tables  # noqa: F401
from ratecheck.calibrate.cell import FAMILIES, Cell, ramp
from ratecheck.calibrate.curves import alternating, curves_cell, other_shapes, shapes
from ratecheck.calibrate.floors import FLOORS, floor_cell
from ratecheck.calibrate.kinds import engine_cells, ratio_cell
from ratecheck.calibrate.power_laws import (
    autoregressive,
    coverage_cell,
    difference_cell,
    quick_cell,
    random_walk,
    sequential_cell,
    trajectory_cell,
)
from ratecheck.calibrate.sequences import UNEVEN, families, sequence_cell, uneven_cell


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
    sequences += [uneven_cell(kind) for kind in UNEVEN]
    sequences += [floor_cell(one) for one in FLOORS]
    registered = [cell for cells in FAMILIES for cell in cells()]
    return [*known, *held_out, *fixed, *curves, *sequences, *kinds, *registered]
