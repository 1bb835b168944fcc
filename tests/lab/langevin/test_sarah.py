"""SARAH-LD by ensembles, against real chains on the components."""

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums.snapshots import Snapshots
from ratecheck.lab.langevin.density import langevin_steps
from ratecheck.lab.langevin.double_well import EDGE, DoubleWell
from ratecheck.lab.langevin.sarah import sarah_steps
from tests.lab.langevin.real_chains import GAMMA, C, chains

WELL = DoubleWell(16, C, GAMMA)
SNAPSHOTS = Snapshots(batch=4, inner=4)


def binned(x, grid, bins=16):
    edges = np.linspace(-EDGE, EDGE, bins + 1)
    p = np.histogram(np.clip(x, edges[0], edges[-1]), edges)[0] / len(x)
    q = np.histogram(grid.x, edges, weights=WELL.target(grid))[0]
    seen = p > 0
    return (p[seen] * np.log(p[seen] / q[seen])).sum() - (bins - 1) / (2 * len(x))


def test_sarah_hits_when_real_chains_do():
    step, n, inner, eps, count = 0.05, 16, 4, 0.06, 6000
    rng = torch.Generator().manual_seed(3)
    steps = sarah_steps(
        WELL, step, eps, SNAPSHOTS, chains=count, longest=400, replicates=8, rng=rng
    )
    assert steps.shape == (8,)
    grid = WELL.grid(1e-4)
    middle = round(float(steps.median()))
    early, late = (
        binned(chains(k, step, n, 4, inner, count, seed=k, sarah=True), grid)
        for k in (round(0.7 * middle), round(1.3 * middle))
    )
    assert late < eps < early


def test_sarah_gives_up_and_refuses_an_accuracy_under_its_noise():
    rng = torch.Generator().manual_seed(0)
    kwargs = {"chains": 2000, "longest": 3, "replicates": 2, "rng": rng}
    gave_up = sarah_steps(WELL, 0.01, 0.1, SNAPSHOTS, **kwargs)
    assert gave_up.isinf().all()
    with pytest.raises(ValueError, match="ten times the histogram's bias"):
        sarah_steps(WELL, 0.01, 0.01, SNAPSHOTS, **kwargs)


def test_independent_coordinates_take_as_long_as_one_that_must_come_nearer():
    # components that are alike leave Langevin dynamics, whose coordinates know nothing of batches
    alike, eps, step = {"n": 16, "c": 0.0, "gamma": GAMMA}, 0.3, 0.02
    rng = torch.Generator().manual_seed(5)
    steps = sarah_steps(
        DoubleWell(**alike, d=3), step, eps, SNAPSHOTS, chains=3000, longest=900, replicates=8,
        rng=rng,
    )  # fmt: skip
    nearer = langevin_steps(DoubleWell(**alike), step, eps / 3)
    assert steps.mean().item() == pytest.approx(nearer, rel=0.06)  # bins of half a unit
    assert langevin_steps(DoubleWell(**alike), step, eps) < 0.8 * nearer
