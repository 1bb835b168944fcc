"""How much faster networks are trained together than one after the other."""

import pytest
import torch

from ratecheck.lab.networks import deep_linear as training

STEPS = 40


@pytest.mark.parametrize(("size", "seen"), [(16, 67), (32, 51)])
def test_deep_linear_networks(faster, size, seen):
    """Beside a loop over 32 replicates with autograd and Adam."""
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(32, 4 * size, size, generator=rng)
    gram, cross = x.mT @ x / (4 * size), torch.randn(32, size, size, generator=rng)

    def loop():
        for g, c in zip(gram, cross, strict=True):
            draws = torch.Generator().manual_seed(0)
            layers = [
                (0.3 * torch.randn(b, a, generator=draws) / a**0.5).requires_grad_()
                for a, b in ((size, 2), (2, size))
            ]
            adam = torch.optim.Adam(layers, lr=0.02)
            for _ in range(STEPS):
                product = layers[1] @ layers[0]
                loss = (product @ g * product).sum() / 2 - (product * c).sum()
                adam.zero_grad()
                loss.backward()
                adam.step()

    def fast():
        draws = torch.Generator().manual_seed(0)
        return training.train_deep_linear(gram, cross, [2], steps=STEPS, rng=draws)

    faster(loop, fast, seen)
