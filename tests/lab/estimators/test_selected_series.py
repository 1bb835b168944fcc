"""Selected series against numpy's least squares and risks by quadrature."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.estimators.selected_series import Series, energies, waves
from ratecheck.lab.targets.mixed_smooth import Prior, Smoothness, features

SMOOTHNESS = Smoothness(1.0, 1.0)


def draw(n, inputs, seed=0, replicates=2):
    rng = torch.Generator().manual_seed(seed)
    target = Prior(SMOOTHNESS, inputs).draw(replicates=replicates, rng=rng)
    x = uniform(replicates, n, inputs, rng=rng)
    return target, x, target(x) + 0.3 * normal(replicates, n, rng=rng), rng


def test_correlations_are_those_of_cosines_and_sines():
    _, x, y, _ = draw(50, 4)
    x, y = x[0].numpy(), y[0].numpy()
    expected = np.zeros(4)
    for k in (1, 2, 3):
        for wave in (np.cos, np.sin):
            expected += (math.sqrt(2) * wave(2 * np.pi * k * x) * y[:, None]).mean(0) ** 2
    found = energies(waves(torch.from_numpy(x), 3), torch.from_numpy(y))
    assert found.numpy() == pytest.approx(expected)


@pytest.mark.parametrize("search", [True, False])
def test_risk_is_the_mean_square_over_fresh_points(search):
    """Fit by numpy in the places that were found; Monte Carlo at 3000 points, error 4 %."""
    target, x, y, rng = draw(300, 9)
    series = Series(SMOOTHNESS, 5.0, search=search)
    risks = series.risk(x, y, target)
    modes = SMOOTHNESS.modes(5.0)[0]
    for row in range(2):
        places = series._places(x[row], y[row], modes)
        columns = features(x[row][:, places], modes).numpy()
        fitted = np.linalg.lstsq(columns, y[row].numpy(), rcond=None)[0]
        at = uniform(2, 3000, 9, rng=rng)
        values = features(at[row][:, places], modes).numpy() @ fitted
        mean = np.mean((values - target(at)[row].numpy()) ** 2)
        assert risks[row].item() == pytest.approx(mean, rel=0.15)


def test_strong_inputs_are_found():
    target, x, y, _ = draw(2000, 50, replicates=4)
    modes = SMOOTHNESS.modes(5.0)[0]
    for row in range(4):
        found = Series(SMOOTHNESS, 5.0)._places(x[row], y[row], modes)
        assert found[0] == target.positions[row, 0]
        assert len(set(found)) == len(found)


def test_modes_of_missing_inputs_are_left_out():
    target, x, y, _ = draw(200, 2)
    assert Series(SMOOTHNESS, 5.0).risk(x, y, target).max() < 0.5
