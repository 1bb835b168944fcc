"""Exact expectations of methods for finite sums, against all that they may draw."""

from itertools import product

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums import accelerated, moments
from ratecheck.lab.finite_sums.blocks import Blocks
from tests.lab.finite_sums import plain

O = Blocks(n=2, kappa=9.0, scales=2, L=1.3)
F = plain.Written(O)
ENERGIES = [0.2, 0.4, 0.3, 0.15]


def tensor(x):
    return torch.as_tensor(x, dtype=torch.float64)


def test_means_and_variances_are_those_of_the_components():
    mean, variance = O.data(tensor(0))
    assert np.allclose(mean, F.mean[[0, 1, 2, 3]])
    assert np.allclose(variance, F.parts.var(0)[[0, 1, 2, 3]])
    hessians = F.parts + F.mu
    assert hessians.max() == pytest.approx(O.L)
    assert hessians.min() == pytest.approx(O.L / O.kappa)


def test_a_start_has_its_energy_where_it_is_told():
    start = Blocks(4, 9.0, private=0.25, scales=8).start(
        replicates=500, rng=torch.Generator().manual_seed(1)
    )
    assert start[:, 8:].sum(1).mean() == pytest.approx(0.25, rel=0.02)
    assert start.sum(1).mean() == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize("wrong", [{"n": 0}, {"kappa": 1.0}, {"private": 1.2}, {"sigma": -1.0}])
def test_sums_that_are_none_are_refused(wrong):
    with pytest.raises(ValueError, match="Blocks"):
        Blocks(**{"n": 4, "kappa": 9.0, **wrong})


@pytest.mark.parametrize("batch", [1, 2])
def test_katyusha_takes_as_long_as_the_mean_over_all_draws(batch):
    x0, inner, alpha, epochs = F.start(ENERGIES), 2, 1.4, 2
    gap = plain.average(
        lambda drawn: plain.katyusha_gap(F, x0, epochs, inner, batch, alpha, drawn),
        2, epochs * inner * batch,
    )  # fmt: skip
    eps = gap / sum(ENERGIES)
    times = accelerated.katyusha(
        O, tensor([ENERGIES]), eps, tensor([0.3, alpha]), inner=inner, batch=batch
    )
    assert float(times[1, 0]) == pytest.approx(epochs, rel=1e-9)


@pytest.mark.parametrize("batch", [1, 2])
def test_svrg_takes_as_long_as_the_mean_over_all_draws(batch):
    x0, inner, step, epochs = F.start(ENERGIES), 2, 0.7, 2
    gap = plain.average(
        lambda drawn: plain.svrg_gap(F, x0, epochs, inner, batch, step, drawn),
        2, epochs * inner * batch,
    )  # fmt: skip
    eps = gap / sum(ENERGIES)
    times = accelerated.svrg(O, tensor([ENERGIES]), eps, tensor([step]), inner=inner, batch=batch)
    assert float(times[0, 0]) == pytest.approx(epochs, rel=1e-9)


@pytest.mark.parametrize("momentum", [0.0, 0.4])
def test_descent_takes_as_long_as_a_loop(momentum):
    x = before = F.start(ENERGIES)
    curvature = F.mean + F.mu
    for _ in range(7):
        ahead = x + momentum * (x - before)
        x, before = ahead - curvature * ahead / F.L, x
    energy = F.gap(x) + F.L / 2 * ((x - before) ** 2).sum()
    eps = energy / sum(ENERGIES)
    times = accelerated.descent(O, tensor([ENERGIES]), eps, tensor([momentum]))
    assert float(times[0, 0]) == pytest.approx(7, rel=1e-9)


def test_sgd_takes_as_long_as_the_mean_over_components_and_noise():
    noisy, step = Blocks(n=2, kappa=9.0, scales=2, L=1.3, sigma=0.5), 0.2
    x0, size = F.start(ENERGIES), 2 * O.scales
    ends = []
    for drawn in product(range(2), (-1, 1), repeat=3):
        x = x0
        for component, sign in zip(drawn[::2], drawn[1::2], strict=True):
            g = F.parts[component] * x + sign * 0.5 / size**0.5
            x = (x - step * g) / (1 + step * F.mu)
        ends.append((F.mean + F.mu) / 2 * x**2)
    # the energy of a kind of coordinates has the noise of one, not of one a block
    still = [(F.mean + F.mu) / 2 * _noise_free(x0, drawn, step) ** 2 for drawn in
             product(range(2), repeat=3)]  # fmt: skip
    noise = np.mean(ends, axis=0) - np.mean(still, axis=0)
    gap = np.mean(still, axis=0).sum() + noise[:size].sum()
    eps = gap / sum(ENERGIES)
    times = accelerated.sgd(noisy, tensor([ENERGIES]), eps, tensor([step]))
    assert float(times[0, 0]) == pytest.approx(3, rel=1e-9)


def _noise_free(x, drawn, step):
    for component in drawn:
        x = (x - step * F.parts[component] * x) / (1 + step * F.mu)
    return x


def test_a_diverging_step_never_arrives():
    times = accelerated.svrg(O, tensor([ENERGIES]), 1e-3, tensor([9.0]), inner=4)
    assert times.isinf().all()


def test_second_moments_are_kronecker_squares():
    a = tensor(np.arange(6.0).reshape(2, 3))
    assert torch.equal(moments.square(a), torch.kron(a, a))


def test_an_arrival_is_interpolated_in_the_logarithm():
    maps, start = tensor([[[[0.5]]]]), tensor([[[1.0]]])
    times = moments.arrivals(maps, start, tensor([1.0]), tensor([2**-5.25]))
    assert float(times[0, 0]) == pytest.approx(5.25)
