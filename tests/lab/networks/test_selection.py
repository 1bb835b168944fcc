"""Selectors trained below networks: what they find, and which start is kept."""

import torch

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.networks.selection import Search, choose


def seen(selectors, x):
    """Products of weights (R, S, d) with inputs (R, m, d): (R, S, m)."""
    return selectors[0] @ x.mT


def test_the_input_that_matters_is_found():
    rng = torch.Generator().manual_seed(0)
    x = 2 * uniform(3, 400, 4, rng=rng, dtype=torch.float32) - 1
    y = (4 * x[..., 2]).sin() + 0.1 * normal(3, 400, rng=rng)
    start = normal(3, 6, 4, rng=rng, dtype=torch.float32)
    (found,) = choose(seen, [start], x, y, Search(rate=0.1), 100, rng=rng)
    others = found[:, [0, 1, 3]].norm(dim=1)
    assert (found[:, 2].abs() > 5 * others).all()


def test_without_steps_one_of_the_starts_is_kept():
    rng = torch.Generator().manual_seed(0)
    x, y = uniform(3, 40, 4, rng=rng, dtype=torch.float32), normal(3, 40, rng=rng)
    start = normal(3, 5, 4, rng=rng, dtype=torch.float32)
    (kept,) = choose(seen, [start], x, y, Search(), 0, rng=rng)
    assert (start == kept[:, None]).all(2).sum(1).eq(1).all()
