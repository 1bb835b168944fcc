"""Data and distances on the circle against plain Fourier sums."""

import math

import pytest
import torch

from ratecheck.lab.spectra.circle import EVALUATION_ANGLES, Circle, evaluation_angles

FREQUENCIES = 64


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def target():
    draws = torch.randn(3, 2 * FREQUENCIES, generator=generator(2), dtype=torch.float64)
    return draws / draws.norm(dim=1, keepdim=True)


def plain(angles, target):
    kt = angles[..., None] * torch.arange(1, FREQUENCIES + 1)
    phi = math.sqrt(2) * torch.stack([kt.cos(), kt.sin()], -1).flatten(-2)
    return torch.einsum("rti,ri->rt", phi, target)


def test_truth_has_the_coefficients_of_the_target(target):
    values = Circle(target, 1.0).truth()
    assert torch.allclose(values.square().mean(1), torch.ones(3, dtype=torch.float64))
    spectrum = torch.fft.rfft(values).conj() / EVALUATION_ANGLES * math.sqrt(2)
    pairs = target.unflatten(1, (-1, 2))
    assert torch.allclose(spectrum.real[:, 1 : FREQUENCIES + 1], pairs[..., 0], atol=1e-12)
    assert torch.allclose(spectrum.imag[:, 1 : FREQUENCIES + 1], pairs[..., 1], atol=1e-12)


def test_data_are_the_series_and_noise(target):
    angles, clean = Circle(target, 0.0).draw(500, generator(3))
    assert torch.allclose(clean, plain(angles, target), atol=1e-12)
    same, noisy = Circle(target, 2.0).draw(500, generator(3))
    assert torch.equal(same, angles)
    assert float((noisy - clean).std()) == pytest.approx(2.0, rel=0.1)
    assert 0 <= float(angles.min()) < 0.1
    assert 6.2 < float(angles.max()) < 2 * math.pi


def test_the_risk_is_the_distance_in_coefficients(target):
    """Parseval: another series of these frequencies."""
    other = target.flip(0)
    values = plain(evaluation_angles().expand(3, -1), other)
    expected = (target - other).square().sum(1)
    assert torch.allclose(Circle(target, 1.0).risk(values), expected, atol=1e-12)
