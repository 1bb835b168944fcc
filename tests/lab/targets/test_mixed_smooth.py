"""Functions of mixed smoothness against plain loops and orthonormality."""

import itertools
import math

import pytest
import torch

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.targets.mixed_smooth import Prior, Smoothness, features


def plain(x, index):
    """One mode at one point, written out."""
    value = 1.0
    for at, k in zip(x, index, strict=False):
        wave = math.cos if k > 0 else math.sin
        value *= 1.0 if k == 0 else math.sqrt(2) * wave(2 * math.pi * abs(k) * at)
    return value


@pytest.mark.parametrize(
    ("a", "q", "highest"), [(1.0, 1.0, 12.0), (0.75, 1.5, 9.0), (1.0, 2.0, 40.0)]
)
def test_modes_are_all_of_the_weights(a, q, highest):
    modes, weights = Smoothness(a, q).modes(highest)
    most = round(highest ** (1 / a))
    inputs = modes.shape[1]
    assert 2 ** (a * (inputs + 1) ** q) > highest
    ranges = [range(-most, most + 1)] * min(inputs, 2)
    expected = {}
    for index in itertools.product(*ranges):
        weight = math.prod((1 + abs(k)) ** (a * (i + 1) ** q) for i, k in enumerate(index))
        if weight <= highest:
            expected[index] = weight
    first_two = {
        tuple(mode[:2]): weight
        for mode, weight in zip(modes.tolist(), weights.tolist(), strict=True)
        if not any(mode[2:])
    }
    assert first_two == pytest.approx(expected)
    assert len({tuple(mode) for mode in modes.tolist()}) == len(modes)
    assert (weights.diff() >= 0).all()


def test_modes_are_orthonormal():
    """On a regular grid that resolves them, exactly."""
    modes = Smoothness(1.0, 1.0).modes(5.0)[0][:, :2].unique(dim=0)
    side = torch.arange(16, dtype=torch.float64) / 16
    values = features(torch.cartesian_prod(side, side), modes)
    assert torch.allclose(values.mT @ values / len(values), torch.eye(len(modes)).double())


def test_target_is_the_sum_of_its_modes():
    rng = torch.Generator().manual_seed(0)
    target = Prior(Smoothness(1.0, 1.5), 9).draw(replicates=2, rng=rng)
    x = uniform(2, 3, 9, rng=rng)
    values = target(x)
    for row, point in itertools.product(range(2), range(3)):
        at = x[row, point, target.positions[row]].tolist()
        terms = zip(target.modes.tolist(), target.coefficients[row].tolist(), strict=True)
        total = sum(value * plain(at, index) for index, value in terms)
        assert values[row, point].item() == pytest.approx(total, abs=1e-10)


def test_expansion_at_its_places_is_the_target():
    rng = torch.Generator().manual_seed(0)
    target = Prior(Smoothness(1.0, 2.0), 30).draw(replicates=1, rng=rng)
    x = uniform(1, 1, 30, rng=rng)
    total = 0.0
    for mode, value in target.expansion(0).items():
        total += value * math.prod(plain([x[0, 0, place]], [k]) for place, k in mode)
    assert target(x).item() == pytest.approx(total, abs=1e-10)


def test_energy_beyond_a_weight_is_of_the_order_of_the_class():
    modes, energies = Smoothness(1.0, 2.0).border()
    weights = Smoothness(1.0, 2.0).modes(128.0)[1][: len(modes)]
    beyond = [energies[weights > r].sum().item() * r**2 for r in (4, 8, 16)]
    assert max(beyond) / min(beyond) < 1.6


def test_risk_is_that_of_least_squares_on_gaussian_columns():
    """Monte Carlo over 400 fits, error 1.5 %."""
    smoothness, n, sigma = Smoothness(1.0, 2.0), 60, 0.3
    energies = smoothness.border()[1]
    kept = len(smoothness.modes(4.0)[0])
    rng = torch.Generator().manual_seed(0)
    x = normal(400, n, len(energies), rng=rng)
    y = x @ energies.sqrt() + sigma * normal(400, n, rng=rng)
    fitted = torch.linalg.lstsq(x[..., :kept], y[..., None]).solution[..., 0]
    risks = (fitted - energies[:kept].sqrt()).square().sum(1) + energies[kept:].sum()
    assert smoothness.risk(4.0, n, sigma) == pytest.approx(risks.mean().item(), rel=0.06)


def test_no_more_inputs_than_there_are():
    rng = torch.Generator().manual_seed(0)
    target = Prior(Smoothness(1.0, 1.0), 3).draw(replicates=4, rng=rng)
    assert target.modes.shape[1] == 3
    assert (target.positions.sort(1).values == torch.arange(3)).all()
