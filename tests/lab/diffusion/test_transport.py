"""The two certificates of W_1 against exact distances on the line and optimal transport by POT."""

import numpy as np
import ot
import pytest
import torch
from scipy import stats

from ratecheck.lab.diffusion import transport as tb


def random_masses(cells, dimension, rows, seed):
    rng = np.random.default_rng(seed)
    mass = rng.random((rows, *[cells] * dimension)) ** 3
    mass /= mass.sum(tuple(range(1, dimension + 1)), keepdims=True)
    return torch.from_numpy(mass)


def bounds(p, q, width):
    return tb.wasserstein_lower(p, q, width), tb.wasserstein_upper(p, q, width)


def refined(mass, factor):
    """Each cell as factor^d cells of the same density."""
    for axis in range(1, mass.dim()):
        mass = mass.repeat_interleave(factor, axis) / factor
    return mass


def atoms(cells, dimension, width):
    grids = np.meshgrid(*[(np.arange(cells) + 0.5) * width] * dimension, indexing="ij")
    return np.stack([grid.ravel() for grid in grids], 1)


def test_on_the_line_the_upper_bound_is_exact_but_for_one_inequality():
    p, q = random_masses(40, 1, 5, 0), random_masses(40, 1, 5, 1)
    fine = (np.arange(40 * 500) + 0.5) / 500 * 0.05
    lower, upper = bounds(p, q, 0.05)
    for row in range(5):
        spread = [np.repeat(m[row].numpy() / 500, 500) for m in (p, q)]
        exact = stats.wasserstein_distance(fine, fine, *spread)
        assert float(lower[row]) <= exact * (1 + 1e-6)
        assert exact * (1 - 1e-6) <= float(upper[row]) < 1.1 * exact


def test_on_the_line_a_flow_of_one_sign_makes_both_bounds_exact():
    """A linear excess moved one way: its potential has its steepest slope in the middle only."""
    p = torch.zeros(1, 60, dtype=torch.float64)
    q = p.clone()
    p[0, 20:30], q[0, 30:40] = 0.1, 0.1
    lower, upper = bounds(p, q, 0.1)
    assert float(upper) == pytest.approx(1.0, rel=0.01)
    assert 0.5 < float(lower) <= 1.0


@pytest.mark.parametrize(("cells", "dimension", "factor"), [(4, 3, 2), (6, 2, 4)])
def test_optimal_transport_lies_in_the_bracket(cells, dimension, factor):
    """W_1 of the laws with constant density on cells, by atoms in the middle of finer cells."""
    p, q = random_masses(cells, dimension, 3, 2), random_masses(cells, dimension, 3, 3)
    width = 2 / cells
    lower, upper = bounds(p, q, width)
    places = atoms(cells * factor, dimension, width / factor)
    cost = ot.dist(places, places, metric="euclidean")
    for row in range(3):
        a, b = (refined(m, factor)[row].numpy().ravel() for m in (p, q))
        exact = ot.emd2(a / a.sum(), b / b.sum(), cost)
        assert float(lower[row]) <= exact * 1.0001
        # atoms overstate the distance of the cells by less than it changes from cell to cell
        coarse = atoms(cells, dimension, width)
        rough = ot.emd2(
            p[row].numpy().ravel(), q[row].numpy().ravel(),
            ot.dist(coarse, coarse, metric="euclidean"),
        )  # fmt: skip
        assert exact <= rough * 1.0001
        assert exact - (rough - exact) < float(upper[row])
        assert float(upper[row]) < 4 * float(lower[row])


def test_the_bounds_are_homogeneous_and_vanish_together():
    p, q = random_masses(6, 3, 2, 4), random_masses(6, 3, 2, 5)
    lower, upper = bounds(p, q, 0.1)
    twice = bounds(p, q, 0.2)
    assert torch.allclose(twice[0], 2 * lower)
    assert torch.allclose(twice[1], 2 * upper)
    halfway = bounds((p + q) / 2, q, 0.1)
    assert torch.allclose(halfway[0], lower / 2)
    assert torch.allclose(halfway[1], upper / 2)
    zero = bounds(p, p, 0.1)
    assert not any(part.any() for part in zero)


def test_a_change_along_one_axis_costs_what_it_costs_on_the_line():
    line_p, line_q = random_masses(8, 1, 2, 6), random_masses(8, 1, 2, 7)
    cube = [m[:, None, :, None].expand(-1, 8, -1, 8) / 64 for m in (line_p, line_q)]
    for on_line, in_cube in zip(
        bounds(line_p, line_q, 0.25),
        bounds(*(m.contiguous() for m in cube), 0.25),
        strict=True,
    ):
        assert torch.allclose(on_line, in_cube, rtol=1e-6)


def test_the_flow_balances_the_masses():
    excess = random_masses(5, 3, 1, 8) - random_masses(5, 3, 1, 9)
    u = tb.synthesis(tb.spectrum(excess)[0])
    out = torch.zeros_like(u)
    for axis in range(1, 4):
        flow = -torch.diff(u, dim=axis)
        out.narrow(axis, 0, 4).add_(flow)
        out.narrow(axis, 1, 4).sub_(flow)
    assert torch.allclose(out, excess, atol=1e-14)


def test_chunks_do_not_change_the_bounds(monkeypatch):
    p, q = random_masses(6, 3, 5, 10), random_masses(6, 3, 5, 11)
    whole = bounds(p, q, 0.1)
    monkeypatch.setattr(tb, "CHUNK", 500)
    for a, b in zip(whole, bounds(p, q, 0.1), strict=True):
        assert torch.allclose(a, b, rtol=1e-12)
