"""Risks against Monte Carlo and against sums by hand; energies against the ball."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.estimators import thresholding
from ratecheck.lab.targets import besov_sequences
from ratecheck.lab.targets.besov_sequences import Sequence


@pytest.mark.parametrize(("s", "p", "d"), [(1, 1, 1), (2, 1, 2), (2, 1.5, 2), (1, 4, 1)])
def test_ball(s, p, d):
    """Each part's p-norm on a level is that of the unit ball's border."""
    for j in (0.0, 3.0, 7.5):
        values, counts = Sequence(s, p, d).level(j)
        norms = (counts * values**p) ** (1 / p)
        assert norms == pytest.approx(2 ** (-j * (s + d / 2 - d / p)))


def test_energy():
    sequence = Sequence(1, 1, 1)
    # spikes 2^-j, dense part 2^(-2j): energies 2^-j + 4^-j
    assert sequence.energy(3) == pytest.approx(2**-3 + 4**-3)
    assert sequence.energy_beyond(2) == pytest.approx(sum(2.0**-j + 4.0**-j for j in range(2, 80)))


def levels(start: float) -> np.ndarray:
    return start + np.arange(90)


def test_linear_risk():
    n = 2.0**14
    total = 0.0
    for start in np.arange(8) / 8:
        j = levels(start)
        energy, noise = 2.0**-j + 4.0**-j, 2.0**j / n
        total += (energy * noise / (energy + noise)).sum() / 8
    assert besov_sequences.linear_risk(Sequence(1, 1, 1), n) == pytest.approx(total, rel=1e-4)


def test_universal_risk():
    n, sequence = 2.0**12, Sequence(1, 1, 1)
    t = math.sqrt(2 * math.log(n))
    total = 0.0
    for start in np.arange(32) / 32:
        for j in levels(start):
            spike, dense, places = 2.0 ** (-j / 2), 2.0 ** (-1.5 * j), 2.0**j
            if places > n:
                total += (spike**2 + places * dense**2) / 32
            else:
                risks = thresholding.hard_risk(np.array([spike, dense]) * math.sqrt(n), t)
                total += float(risks[0] + places * risks[1]) / n / 32
    assert besov_sequences.universal_risk(sequence, n) == pytest.approx(total, rel=1e-6)


def test_projection_risk():
    """The best cut-off is worse than the best linear estimator, by at most a factor of 2."""
    n, sequence = 2.0**16, Sequence(1, 1, 1)
    linear = besov_sequences.linear_risk(sequence, n)
    risks = [besov_sequences.projection_risk(sequence, n, x) for x in np.arange(0.1, 1, 0.02)]
    assert linear < min(risks) < 2 * linear
    # nothing kept but level 0: 1/n and all other energy, where level 0 is one of the dilation
    starts = np.arange(1, 8) / 8
    energy = [sum(2.0**-j + 4.0**-j for j in x + np.arange(60)) for x in [1.0, *starts]]
    expected = 1 / 8 / n + sum(energy) / 8
    assert besov_sequences.projection_risk(sequence, n, 0.0) == pytest.approx(expected)


def test_threshold_risk_by_simulation():
    """Real noise on every level of one dilation; the threshold that is best on average."""
    n, sequence = 2.0**12, Sequence(1, 1, 1)
    rng = torch.Generator().manual_seed(1)
    total, exact = 0.0, 0.0
    for j in range(13):
        values, counts = sequence.level(float(j))
        exact += thresholding.best_soft_risk(values[None] * math.sqrt(n), counts[None])[0] / n
        replicates = max(64, 4096 >> j)
        mu = torch.full((replicates, 2**j + 1), float(values[1]), dtype=torch.float64)
        mu[:, 0] = float(values[0])
        y = mu * math.sqrt(n) + torch.randn(mu.shape, generator=rng, dtype=torch.float64)
        errors = [
            (thresholding.soft(y, t) / math.sqrt(n) - mu).square().sum(1).mean()
            for t in np.append(np.linspace(0, 5, 26), np.inf)
        ]
        total += float(min(errors))
    assert total == pytest.approx(exact, rel=0.03)


def test_ordering():
    """Linear estimators lose where spikes are; the ideal threshold beats the universal one."""
    for n in (2.0**12, 2.0**20, 2.0**30):
        sequence = Sequence(1, 1, 1)
        threshold = besov_sequences.threshold_risk(sequence, n)
        assert threshold < besov_sequences.universal_risk(sequence, n)
        assert threshold < besov_sequences.linear_risk(sequence, n)


def test_dilations_take_the_wobble_away():
    """Doubling n by small steps, the local exponent of the linear risk stays put."""
    n = 2.0 ** np.arange(30, 36, 0.5)
    risk = [besov_sequences.linear_risk(Sequence(2, 1, 2), x) for x in n]
    exponents = np.diff(np.log(risk)) / np.diff(np.log(n))
    assert np.ptp(exponents) < 2e-3


@pytest.mark.parametrize(("s", "p", "d"), [(0.5, 1, 1), (1, 1, 2), (0, 2, 1)])
def test_needs_a_finite_sum_of_squares(s, p, d):
    with pytest.raises(ValueError, match="finite sum of squares"):
        Sequence(s, p, d)
