"""Networks of neurons in a Hilbert space, against derivatives, closed forms and plain draws."""

import math
from dataclasses import replace

import pytest
import torch

from ratecheck.lab.langevin import functional
from ratecheck.lab.langevin.functional import Langevin


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def test_the_gradient_is_that_of_automatic_differentiation():
    o = functional.curves(5, 6, 0, p=2.0, c=3.0)
    w = torch.randn(4, 2, 6, generator=rng(), dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(o.loss(w).sum(), w)
    assert torch.allclose(o.gradient(w.detach()), gradient)
    assert torch.allclose(o.loss(w.flip(-2)), o.loss(w))
    assert o.loss(o.teacher) == 0


def test_curves_on_fewer_modes_are_cut_off():
    few, many = (functional.curves(5, modes, 3, p=2.0, c=1.0) for modes in (4, 9))
    assert torch.equal(few.x, many.x[:, :4])


def test_means_of_gaussians_are_those_of_draws():
    o = functional.curves(5, 3, 0, p=1.5, c=1.0)
    variances = torch.tensor([1.0, 0.5, 0.2], dtype=torch.float64)
    w = torch.randn(200_000, 2, 3, generator=rng(), dtype=torch.float64) * variances.sqrt()
    assert functional.mean_near(o, variances).item() == pytest.approx(
        functional.near(o, w).mean().item(), rel=0.005
    )


def test_what_inputs_do_not_see_is_an_infinite_product():
    """prod (1 + a^2/(pi k)^2) = sinh(a)/a at a = pi/2, and its first two factors."""
    o = functional.curves(5, 2, 0, p=2.0, c=1.0)
    expected = math.sinh(math.pi / 2) / (math.pi / 2) / (1 + 1 / 4) / (1 + 1 / 16)
    assert functional.unseen(o, 0.0) == pytest.approx(1 / expected, rel=1e-9)
    assert functional.unseen(o, 1e-3) > functional.unseen(o, 0.0)
    with pytest.raises(ValueError, match="step"):
        functional.unseen(o, 1e-9)


def test_the_limit_is_a_ratio_of_means_under_the_prior():
    o = functional.curves(6, 3, 0, p=2.0, c=6.0)
    found = functional.limit(o, 50, replicates=64, rng=rng())
    w = torch.randn(400_000, 2, 3, generator=rng(2), dtype=torch.float64)
    w *= Langevin(0.0).alone(o).sqrt()
    weight = (-o.loss(w)).exp()
    expected = ((functional.near(o, w) * weight).mean() / weight.mean()).item()
    assert found.mean.mean().item() == pytest.approx(expected, rel=0.005)
    assert functional.near(o, found.draws).mean().item() == pytest.approx(expected, rel=0.03)


def test_without_a_loss_chains_are_off_by_what_is_known():
    o = functional.curves(6, 3, 0, p=2.0, c=0.0)
    found = functional.bias(o, Langevin(0.1), burn=0, time=1, chains=4, replicates=3, rng=rng())
    assert (found.alone - found.alone[0]).abs().max() < 1e-12 < found.alone.min()
    o = replace(o, c=1e-9)
    long = functional.bias(o, Langevin(0.1), burn=4, time=8, chains=64, replicates=16, rng=rng())
    assert long.chain.mean().item() == pytest.approx(long.alone.mean().item(), abs=0.005)


def test_variances_that_inputs_do_not_see_are_a_hyperbolic_cotangent():
    """sum 1/(1 + c^2 k^2) = (pi/c coth(pi/c) - 1)/2, less its first two terms."""
    o, eta = functional.curves(5, 2, 0, p=2.0, c=1.0), 0.1
    c = math.sqrt(eta / 2)
    terms = (math.pi / c / math.tanh(math.pi / c) - 1) / 2 - 1 / (1 + c**2) - 1 / (1 + 4 * c**2)
    assert functional.unseen_variance(o, eta) == pytest.approx(-eta * terms, rel=1e-6)


@pytest.mark.parametrize("c", [0.0, 6.0])
def test_the_trace_is_that_of_the_prior_but_for_the_step_whatever_the_loss(c):
    o, chain = functional.curves(6, 3, 0, p=2.0, c=c), Langevin(0.1)
    found = functional.bias(o, chain, burn=1, time=3, chains=500, replicates=32, rng=rng())
    off = 2 * (chain.alone(o) - Langevin(0.0).alone(o))[1:].sum().item()
    expected = off + functional.unseen_variance(o, 0.1)
    assert found.trace.mean().item() == pytest.approx(expected, abs=0.01)
    assert off < -0.1


@pytest.mark.parametrize("implicit", [True, False])
def test_without_a_loss_a_difference_shrinks_as_each_neuron_does(implicit):
    """tanh of a Gaussian coordinate by quadrature; the explicit step is at most 1/a_N."""
    o = functional.curves(4, 3, 0, p=2.0, c=0.0)
    found = functional.difference(
        o, Langevin(0.2, implicit), 5, chains=4000, replicates=8, rng=rng()
    )
    step, shrink = (0.2, 1 / 1.2) if implicit else (1 / 9, 8 / 9)
    each = 2 * step * (shrink**2 if implicit else 1.0)
    variance = each * (1 - shrink**10) / (1 - shrink**2)
    z = torch.linspace(-8, 8, 4001, dtype=torch.float64)
    weight = (-(z**2) / 2).exp() / math.sqrt(2 * math.pi) * 16 / 4000
    mean = 2 * (weight * (shrink**5 + math.sqrt(variance) * z).tanh()).sum().item()
    assert found.mean().item() == pytest.approx(mean, abs=0.015)
