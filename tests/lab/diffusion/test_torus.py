"""Densities on the torus against quadrature, plain sums and optimal transport by POT."""

import math

import numpy as np
import ot
import pytest
import torch
from scipy import integrate, special

from ratecheck.lab.diffusion import torus as tr


def generator(seed):
    return torch.Generator().manual_seed(seed)


def places(cells, dimension):
    """Coordinates of the grid, each of shape (cells, ..., cells)."""
    return np.meshgrid(*[2 * np.pi * np.arange(cells) / cells] * dimension, indexing="ij")


@pytest.mark.parametrize("cells", [8, 9])
def test_heat_damps_each_wave_by_its_square(cells):
    x, y, z = places(cells, 3)
    waves = {2: np.cos(x - z), 5: np.sin(2 * x + y), 9: np.cos(3 * z)}
    field = 1 + sum(0.1 * wave for wave in waves.values())
    after = 1 + sum(0.1 * math.exp(-0.3 * k2) * wave for k2, wave in waves.items())
    got = tr.heated(torch.from_numpy(field)[None], 0.3)[0].numpy()
    assert np.allclose(got, after, atol=1e-14)


@pytest.mark.parametrize(("s", "dimension"), [(0.5, 3), (1.3, 3), (1.0, 2), (1.0, 4)])
def test_the_amplitude_has_the_mean_square_it_says(s, dimension):
    sphere = 2 * math.pi ** (dimension / 2) / special.gamma(dimension / 2)
    power = integrate.quad(lambda k: k ** (-2 * s - 1), tr.LOWEST, np.inf)[0]
    assert tr.amplitude(s, dimension) ** 2 * sphere * power == pytest.approx(tr.RMS**2)


def test_the_border_has_its_spectrum_and_nothing_else():
    """Mean squares of coefficients over 400 densities, each known to 7 %, against A^2 |k|^(-5)."""
    cells, rows = 12, 400
    density = tr.Border(1.0, 3).on_grid(cells, replicates=rows, rng=generator(1)).field.numpy()
    assert density.min() > tr.FLOOR
    assert np.allclose(density.mean((1, 2, 3)), 1)
    power = (np.abs(np.fft.fftn(density, axes=(1, 2, 3)) / cells**3) ** 2).mean(0)
    k = np.meshgrid(*[np.fft.fftfreq(cells, 1 / cells)] * 3, indexing="ij")
    square = sum(one**2 for one in k)
    inside = (square >= 4) & (square < 36)
    ratio = power[inside] / (tr.amplitude(1.0, 3) ** 2 * square[inside] ** -2.5)
    assert abs(ratio - 1).max() < 0.3
    assert ratio.mean() == pytest.approx(1, abs=0.01)
    assert power[~inside & (square > 0)].max() < 1e-30


def test_data_are_poisson_numbers():
    density = tr.Border(1.0, 3).on_grid(12, replicates=4, rng=generator(2))
    n = 5e5
    counts = density.draw(n, generator(3)).numpy()
    mean = density.field.numpy() * n / 12**3
    assert np.array_equal(counts, counts.round())
    scaled = (counts - mean) ** 2 / mean
    assert scaled.mean() == pytest.approx(1, abs=5 * math.sqrt(2 / scaled.size))


def random_pair(cells, dimension, seed):
    one, two = (tr.Border(1.0, dimension).on_grid(cells, replicates=3, rng=generator(seed + i))
                for i in range(2))  # fmt: skip
    return one, two.field


def test_total_variation_is_half_the_integral():
    density, law = random_pair(8, 3, 4)
    plain = np.abs(law.numpy() - density.field.numpy()).mean((1, 2, 3)) / 2
    assert np.allclose(density.tv(law).numpy(), plain)


def test_w1_of_one_wave_is_known():
    """cos(k x) is moved by a flow sin(k x)/k along x: no other way is shorter."""
    cells, k = 101, 3
    x = places(cells, 2)[0]
    law = torch.from_numpy(1 + 0.5 * np.cos(k * x))[None]
    flat = tr.Density(torch.ones_like(law))
    assert float(flat.w1(law)) == pytest.approx(0.5 / k * 2 / math.pi, rel=2e-3)


def test_on_the_circle_only_a_constant_flow_is_missing():
    """There W_1 is int |F - G - c| with c the median; the potential's flow has the mean."""
    density, law = random_pair(400, 1, 6)
    gap = (law - density.field).numpy().cumsum(1) * 2 * np.pi / 400 / (2 * np.pi)
    exact = 2 * np.pi * np.abs(gap - np.median(gap, 1, keepdims=True)).mean(1)
    ratio = density.w1(law).numpy() / exact
    assert (ratio > 1 - 1e-3).all()
    assert (ratio < 1.1).all()


@pytest.mark.parametrize(("cells", "dimension"), [(24, 2), (10, 3)])
def test_optimal_transport_is_at_most_a_fifth_below(cells, dimension):
    density, law = random_pair(cells, dimension, 8)
    # waves that the grid resolves: atoms are then as far apart as densities
    density, law = tr.Density(tr.heated(density.field, 0.1)), tr.heated(law, 0.1)
    at = np.stack([x.ravel() for x in places(cells, dimension)], 1)
    gaps = np.abs(at[:, None] - at)
    cost = np.sqrt((np.minimum(gaps, 2 * np.pi - gaps) ** 2).sum(-1))
    bound = density.w1(law).numpy()
    for row in range(2):
        p, q = (field[row].numpy().ravel() / cells**dimension for field in (density.field, law))
        exact = ot.emd2(p / p.sum(), q / q.sum(), cost)
        assert 0.8 * bound[row] < exact < 1.02 * bound[row]


def test_an_error_at_low_frequency_has_the_same_square():
    density, law = random_pair(12, 3, 10)
    low = density.at_low_frequency(law)
    error, moved = law - density.field, low - density.field
    assert torch.allclose(moved.square().mean((1, 2, 3)), error.square().mean((1, 2, 3)))
    spectrum = tr.transform(moved).abs()
    spectrum[:, [1, -1], 0, 0] = 0
    assert float(spectrum.max()) < 1e-15
    assert bool((density.w1(low) > 1.5 * density.w1(law)).all())
