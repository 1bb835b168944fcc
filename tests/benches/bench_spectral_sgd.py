"""How much faster the kernels of averaged SGD are than the straightforward loops.

Each is timed beside its baseline, in turn on the same draws, once the two were found to agree.
"""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.networks import tangent as ntk
from ratecheck.lab.spectra.sgd import averaged_sgd
from ratecheck.lab.spectra.source import power_law

STEPS = 128
FREQUENCIES = 128
RATE, PENALTY = 0.25, 0.01


def spectral_numpy(x, noise, eigenvalues, target):
    """Averaged SGD as one writes it down: a loop over steps, vectorised over rows."""
    root, k = np.sqrt(eigenvalues), np.arange(1, FREQUENCIES + 1)
    theta = np.zeros((len(x), len(root)))
    total = np.zeros_like(theta)
    for t in range(x.shape[1]):
        angle = 2 * math.pi * x[:, t, None] * k
        phi = math.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], -1).reshape(len(x), -1)
        z, y = phi * root, phi @ target + noise[:, t]
        error = (z * theta).sum(1) - y
        theta = (1 - RATE * PENALTY) * theta - RATE * error[:, None] * z
        total += theta
    return ((root * total / (x.shape[1] + 1) - target) ** 2).sum(1)


@pytest.mark.parametrize(("rows", "seen"), [(12, 7.4), (96, 6.5), (768, 6.9)])
def test_spectral_loop(faster, rows, seen):
    """Beside numpy."""
    source = power_law(0.75, 2.0, 1.0, frequencies=FREQUENCIES)
    rng = torch.Generator().manual_seed(0)
    x = torch.rand(rows, STEPS, generator=rng, dtype=torch.float64)
    noise = torch.randn(rows, STEPS, generator=rng, dtype=torch.float64)
    arrays = [part.numpy() for part in (x, noise, source.eigenvalues, source.target)]

    def fast():
        rng = torch.Generator().manual_seed(0)
        return averaged_sgd(source, STEPS, RATE, [PENALTY], replicates=rows, rng=rng)[0][0]

    assert np.allclose(fast(), spectral_numpy(*arrays), rtol=1e-10)
    faster(lambda: spectral_numpy(*arrays), fast, seen)


@pytest.mark.parametrize(("rows", "seen"), [(16, 2.7), (96, 3.6)])
def test_network_loop(faster, rows, seen):
    """Beside torch, batched over replicates."""
    rng = torch.Generator().manual_seed(0)
    angles, labels = ntk.source(0.75, 1.0, replicates=rows, rng=rng).draw(STEPS, rng)
    start = ntk.initial_network(1024, replicates=rows, rng=rng)

    def batched():
        return ntk._values(ntk._train_batched(*start, angles, labels, RATE, PENALTY)[0])

    def fast():
        return ntk.train_network(*start, angles, labels, RATE, PENALTY)[0]

    assert torch.allclose(fast(), batched(), rtol=0, atol=1e-10)
    faster(batched, fast, seen)
