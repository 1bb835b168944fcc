"""Exact risks against quadrature, SURE against its definition and against the true risk."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from ratecheck.lab.estimators import thresholding


def by_quadrature(rule, mu: float, t: float) -> float:
    """E (rule(mu + z) - mu)^2, in pieces at the rule's kinks."""

    def integrand(y: float) -> float:
        return (rule(y, t) - mu) ** 2 * norm.pdf(y - mu)

    ends = sorted({mu - 12, -t, t, mu, mu + 12, -t - 12, t + 12})
    return sum(quad(integrand, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in pairwise(ends))


def soft_rule(y: float, t: float) -> float:
    return math.copysign(max(abs(y) - t, 0.0), y)


def hard_rule(y: float, t: float) -> float:
    return y if abs(y) > t else 0.0


@pytest.mark.parametrize("t", [0.0, 0.5, 2.0, 5.0])
@pytest.mark.parametrize("mu", [0.0, 0.3, -1.5, 4.0, 9.0])
def test_risks(mu, t):
    soft, hard = thresholding.soft_risk(mu, t), thresholding.hard_risk(mu, t)
    assert float(soft) == pytest.approx(by_quadrature(soft_rule, mu, t), abs=1e-10)
    assert float(hard) == pytest.approx(by_quadrature(hard_rule, mu, t), abs=1e-10)


def test_risks_at_the_ends():
    mu = np.array([0.0, 0.7, 3.0])
    assert thresholding.soft_risk(mu, 0.0) == pytest.approx(1.0)
    assert thresholding.hard_risk(mu, 0.0) == pytest.approx(1.0)
    assert thresholding.soft_risk(mu, np.inf) == pytest.approx(mu**2)
    # at mu = 0 and a large threshold both are about 4 phi(t)/t^3 and 2 t phi(t)
    assert float(thresholding.soft_risk(0.0, 12.0)) == pytest.approx(
        4 * norm.pdf(12) / 12**3, rel=0.06
    )
    assert float(thresholding.hard_risk(0.0, 12.0)) == pytest.approx(
        2 * 12 * norm.pdf(12), rel=0.01
    )


def test_best_soft_risk():
    """On three levels at once, against ten thousand thresholds and keeping nothing on each."""
    mu = np.array([[8.0, 0.0], [0.2, 0.0], [3.0, 1.0]])
    count = np.array([[1.0, 1e4], [50.0, 1.0], [10.0, 90.0]])
    grid = np.concatenate([np.linspace(0, 8, 10001), [np.inf]])
    found = thresholding.best_soft_risk(mu, count)
    for level in range(3):
        brute = (count[level] @ thresholding.soft_risk(mu[level, :, None], grid)).min()
        assert found[level] == pytest.approx(brute, rel=1e-6)


def test_soft():
    y = torch.tensor([-3.0, -0.5, 0.0, 0.5, 3.0])
    assert thresholding.soft(y, 1.0).tolist() == [-2.0, 0.0, 0.0, 0.0, 2.0]


def test_sure_threshold_minimises_sure():
    rng = torch.Generator().manual_seed(1)
    y = 2 * torch.randn(5, 40, generator=rng, dtype=torch.float64)
    found = thresholding.sure_threshold(y)
    limit = math.sqrt(2 * math.log(40))
    for row, t in zip(y, found[:, 0], strict=True):
        candidates = [0.0, *(v for v in row.abs().tolist() if v <= limit)]

        def sure(t, row=row):
            inside = int((row.abs() <= t).sum()) if t > 0 else 0
            return len(row) - 2 * inside + float(row.abs().clamp(max=t).square().sum())

        assert sure(float(t)) == pytest.approx(min(sure(c) for c in candidates))


def test_sure_finds_the_best_threshold_on_a_long_level():
    """With many coefficients the realised risk is the best one of the exact formula."""
    mu, count = np.array([4.0, 0.0]), np.array([5000.0, 95000.0])
    means = torch.from_numpy(np.repeat(mu, count.astype(int)))
    rng = torch.Generator().manual_seed(2)
    y = (means + torch.randn(len(means), generator=rng, dtype=torch.float64))[None]
    t = thresholding.sure_threshold(y)
    risk = float((thresholding.soft(y, t) - means).square().sum())
    best = thresholding.best_soft_risk(mu[None], count[None])[0]
    assert risk == pytest.approx(best, rel=0.03)


def test_hybrid_threshold():
    """The universal one on a level of noise with one spike, SURE's on a dense level."""
    rng = torch.Generator().manual_seed(3)
    y = torch.randn(2, 1024, generator=rng, dtype=torch.float64)
    y[0, 7] += 6.0
    y[1] += 2.0
    found = thresholding.hybrid_threshold(y)
    assert float(found[0]) == pytest.approx(math.sqrt(2 * math.log(1024)))
    assert float(found[1]) == float(thresholding.sure_threshold(y)[1]) < 2
