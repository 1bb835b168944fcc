"""Batched training of deep linear networks against autograd, one network at a time."""

import itertools

import pytest
import torch

from ratecheck.lab.estimators import reduced_rank
from ratecheck.lab.networks import deep_linear
from ratecheck.lab.networks.training import cosine_rate
from ratecheck.lab.regression import low_rank


def problem(replicates=3, size=5, rank=2, n=200):
    rng = torch.Generator().manual_seed(4)
    w = low_rank.low_rank_matrix(size, size, rank, replicates=replicates, rng=rng)
    data = low_rank.draw_statistics(w, n, 0.5, rng)
    return data.gram / n, data.cross / n, data


def by_autograd(gram, cross, start, steps, decay):
    """One network, as one writes it down: the loss, its tape, torch's own Adam."""
    layers = [layer.clone().requires_grad_() for layer in start]
    adam = torch.optim.Adam(layers, lr=0.02)
    for step in range(steps):
        adam.param_groups[0]["lr"] = cosine_rate(step, steps, 0.02)
        product = layers[0]
        for layer in layers[1:]:
            product = layer @ product
        loss = (product @ gram * product).sum() / 2 - (product * cross).sum()
        loss = loss + decay / 2 * sum(layer.square().sum() for layer in layers)
        adam.zero_grad()
        loss.backward()
        adam.step()
    with torch.no_grad():
        product = layers[0]
        for layer in layers[1:]:
            product = layer @ product
    return product


@pytest.mark.parametrize(("widths", "decay"), [([2], 0.0), ([5, 2], 0.0), ([5], 0.1)])
def test_each_replicate_is_trained_as_it_would_be_alone(widths, decay):
    gram, cross, _ = problem()
    together = deep_linear.train_deep_linear(
        gram, cross, widths, steps=60, decay=decay, rng=torch.Generator().manual_seed(8)
    )
    rng = torch.Generator().manual_seed(8)
    sizes = [5, *widths, 5]
    start = [
        torch.randn(3, b, a, generator=rng, dtype=torch.float64) * (0.3 / a**0.5)
        for a, b in itertools.pairwise(sizes)
    ]
    for i in range(3):
        alone = by_autograd(gram[i], cross[i], [layer[i] for layer in start], 60, decay)
        assert torch.allclose(together[i], alone, rtol=1e-8, atol=1e-10)


def test_a_bottleneck_ends_at_the_best_matrix_of_its_rank():
    """The squared loss of a linear network has no bad local minimum (Baldi & Hornik, 1989)."""
    gram, cross, data = problem(replicates=16)
    trained = deep_linear.train_deep_linear(
        gram, cross, [2], steps=2000, rng=torch.Generator().manual_seed(8)
    )
    exact = reduced_rank.reduced_rank(data, 2)
    assert (trained - exact).square().sum((1, 2)).max() < 1e-6
