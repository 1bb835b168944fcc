"""Losses of mean-field networks, by autograd."""

import numpy as np
import pytest
import torch

from ratecheck.lab.mean_field.network import line

LOSSES = ["squared", "logistic"]


@pytest.mark.parametrize("loss", LOSSES)
def test_slopes_and_curvatures_are_derivatives_of_the_loss(loss):
    network = line(loss)
    f = torch.linspace(-2, 2, 16, dtype=torch.float64, requires_grad=True)
    y = torch.as_tensor(network.labels)
    plain = (f - y) ** 2 / 2 if loss == "squared" else torch.log1p(torch.exp(-y * f))
    (first,) = torch.autograd.grad(plain.sum(), f, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), f)
    at = f.detach().numpy()
    np.testing.assert_allclose(network.losses(at), plain.detach(), rtol=1e-12)
    np.testing.assert_allclose(network.slopes(at), first.detach(), rtol=1e-12)
    np.testing.assert_allclose(network.curvatures(at), second, rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_bregman_divergence_is_the_gap_to_the_tangent(loss):
    network = line(loss)
    rng = np.random.default_rng(0)
    f, centre = rng.normal(size=(5, 16)), rng.normal(size=16)
    tangent = network.losses(centre).mean() + (f - centre) @ network.slopes(centre) / 16
    np.testing.assert_allclose(network.bregman(f, centre), network.losses(f).mean(1) - tangent)
    assert (network.bregman(f, centre) > 0).all()
    assert network.bregman(centre, centre) == pytest.approx(0, abs=1e-15)


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="unknown loss 'hinge'"):
        line("hinge")
