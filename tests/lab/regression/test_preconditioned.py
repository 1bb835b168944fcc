"""Where preconditioned descent ends, against its own steps, Monte Carlo and closed forms."""

import numpy as np
import pytest
import torch

from ratecheck.lab.regression.preconditioned import Model


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("power", [0.0, -1.0, 0.5])
def test_the_end_is_that_of_the_steps(power):
    model = Model(2, 4.0, 0.0)
    x = model.draw(12, replicates=2, rng=rng())
    y = torch.randn(2, 12, 1, generator=rng(2), dtype=torch.float64)
    p = (model.spectrum(24) ** power)[:, None]
    step = 1 / torch.linalg.eigvalsh((x * p[:, 0]) @ x.mT)[:, -1, None, None]
    beta = torch.zeros(2, 24, 1, dtype=torch.float64)
    for _ in range(4000):
        beta -= step * p * (x.mT @ (x @ beta - y))
    np.testing.assert_allclose(model.descend(x, power).mT @ y, beta, atol=1e-8)


def test_bias_and_variance_are_means_over_theta_and_noise():
    model = Model(2, 4.0, 0.7)
    x = model.draw(6, replicates=1, rng=rng())
    a, spectrum = model.descend(x, 0.0), model.spectrum(12)
    drawn = torch.randn(200_000, 12, generator=rng(), dtype=torch.float64)
    theta = drawn * (spectrum**0.7 / 12).sqrt()
    off = (theta @ x[0].mT @ a[0] - theta).square() @ spectrum
    assert model.bias(model.profile(a, x)).item() == pytest.approx(off.mean().item(), rel=0.01)
    noise = torch.randn(200_000, 6, generator=rng(), dtype=torch.float64)
    spread = ((noise @ a[0]).square() @ spectrum).mean()
    assert model.variance(a).item() == pytest.approx(spread.item(), rel=0.01)


@pytest.mark.parametrize("law", ["normal", "signs"])
def test_entries_have_the_law_and_the_covariance(law):
    model = Model(2, 4.0, 0.0, law)
    x = model.draw(3000, replicates=1, rng=rng())[0, :, ::2000]
    np.testing.assert_allclose((x**2).mean(0), model.atoms, rtol=0.1)
    assert model.atoms.mean().item() == pytest.approx(1)
    fourth = (x**4).mean(0) / (x**2).mean(0) ** 2
    np.testing.assert_allclose(fourth, {"normal": 3, "signs": 1}[law], rtol=0.15)


def test_limits_of_natural_gradient_and_of_isotropic_inputs_are_closed_forms():
    for gamma in (1.5, 4):
        profile, variance = Model(gamma, 4.0, -1.0).limits(-1)
        assert variance == pytest.approx(1 / (gamma - 1))
        assert Model(gamma, 4.0, -1.0).bias(profile).item() == pytest.approx(1 - 1 / gamma)
        profile, variance = Model(gamma, 1.0, 0.3).limits(0.5)
        assert variance == pytest.approx(1 / (gamma - 1))
        assert profile.sum().item() == pytest.approx(1 - 1 / gamma)


def test_natural_gradient_is_exact_for_every_sample():
    """Bias 1 - n/d where Sigma_theta = 1/Sigma; E variance n/(d - n - 1) (inverse Wishart)."""
    model = Model(3, 4.0, -1.0)
    x = model.draw(20, replicates=4000, rng=rng())
    a = model.descend(x, -1)
    np.testing.assert_allclose(model.bias(model.profile(a[:9], x[:9])), 2 / 3)
    variance = model.variance(a)
    assert abs(variance.mean() - 20 / 39) < 4 * variance.std() / 4000**0.5


@pytest.mark.parametrize("power", [0.0, -0.5])
def test_large_samples_are_at_the_limits(power):
    model = Model(2, 4.0, 0.5)
    x = model.draw(360, replicates=2, rng=rng())
    a = model.descend(x, power)
    profile, variance = model.limits(power)
    np.testing.assert_allclose(model.variance(a), variance, rtol=0.03)
    np.testing.assert_allclose(model.profile(a, x), profile.expand(2, 3), rtol=0.05)
