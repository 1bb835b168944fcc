"""The law of a sampler that switches, against dense matrices and against one model."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from ratecheck.lab.diffusion import pieces, torus, trigonometric


def generator(seed):
    return torch.Generator().manual_seed(seed)


def drawn(cells, dimension, n, seed):
    density = torus.Border(1.0, dimension).on_grid(cells, replicates=2, rng=generator(seed))
    return density.draw(n, generator(seed + 1))


def test_models_change_when_fewer_waves_are_left():
    assert pieces.switches(4.0, 2.0, 0.01, 3.0) == pytest.approx([0.01, 0.5, 1.0, 2.0, 3.0])
    assert pieces.switches(4.0, 0.5, 0.01, 3.0)[:3] == pytest.approx([0.01, 0.125, 0.25])
    assert pieces.switches(4.0, 100.0, 0.01, 3.0) == [0.01, 3.0]


def test_the_law_is_that_of_bayes_rule_in_each_piece():
    """Transition matrices of the heat equation on a circle, the models fitted piece by piece."""
    cells, radius, reach, t_low, t_high = 32, 5.0, 2.0, 0.01, 4.0
    counts = drawn(cells, 1, 4000, 1)
    density = trigonometric.fitted(counts, trigonometric.waves(radius, 1))
    got = pieces.switched_law(counts, density, radius, reach, t_low, t_high).numpy()
    k2 = np.fft.fftfreq(cells, 1 / cells) ** 2

    def kernel(t):
        waves = np.exp(-k2 * t)[:, None] * np.fft.fft(np.eye(cells), axis=0)
        return np.fft.ifft(waves, axis=0).real

    def fitted(data, start):
        """The model of a piece; waves on the circle of |k| < reach / sqrt(t) come in pairs."""
        size = 2 * reach / math.sqrt(start)
        blurred = torch.from_numpy(kernel(start) @ data)[None]
        return trigonometric.fitted(blurred, size)[0].numpy() if size >= 2 else np.ones(cells)

    doubling = [2 / radius**2 * 2**j for j in range(6)]  # 0.08, ..., 2.56
    ends = [t_low, *(t for t in doubling if reach / math.sqrt(t) < radius), t_high]
    for row in range(2):
        law = np.ones(cells)
        for start, end in zip(ends[-2::-1], ends[:0:-1], strict=True):
            one_model = kernel(start) @ density[row].numpy()
            model = one_model if start == t_low else fitted(counts[row].numpy(), start)
            joint = model[:, None] * kernel(end - start)  # of the start and the end of a piece
            law = joint / joint.sum(0) @ law
        assert np.allclose(got[row], law, atol=1e-10)


def test_one_model_is_its_own_law_after_a_long_time():
    counts = drawn(12, 3, 40000, 3)
    density = trigonometric.fitted(counts, trigonometric.waves(3.0, 3))
    law = pieces.switched_law(counts, density, 3.0, 50.0, 0.02, 12.0)
    assert torch.allclose(law, torus.heated(density, 0.02), atol=1e-8)
    short = pieces.switched_law(counts, density, 3.0, 50.0, 0.02, 0.1)
    assert float((short - law).abs().max()) > 1e-3


def test_more_waves_a_piece_come_closer_to_one_model():
    counts = drawn(12, 3, 10**6, 5)
    density = trigonometric.fitted(counts, trigonometric.waves(3.0, 3))
    one = torus.heated(density, 0.01)
    gaps = [
        float((pieces.switched_law(counts, density, 3.0, reach, 0.01, 5.0) - one).abs().mean())
        for reach in (0.7, 1.0, 1.5, 2.5)
    ]
    assert all(after < before / 1.5 for before, after in pairwise(gaps))
