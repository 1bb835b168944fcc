"""How much faster the batched wavelet transform is than PyWavelets in a loop over replicates."""

import numpy as np
import pytest
import pywt
import torch

from ratecheck.lab.estimators import wavelets


def loop(signals: np.ndarray, levels: int) -> list[np.ndarray]:
    """All levels of each signal, one signal after the other."""
    rows = [pywt.wavedec(row, "db2", mode="periodization", level=levels) for row in signals]
    return [np.stack(level) for level in zip(*rows, strict=True)]


@pytest.mark.parametrize(("n", "levels", "seen"), [(512, 7, 1.6), (8192, 11, 0.8)])
def test_transform_loop(faster, n, levels, seen):
    """On long signals the loop in C has little overhead to save."""
    signals = torch.randn(64, n, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def fast():
        return wavelets.transform(signals, 2, 4)

    for mine, theirs in zip(fast(), loop(signals.numpy(), levels), strict=True):
        assert np.allclose(mine.numpy(), theirs, atol=1e-10)
    faster(lambda: loop(signals.numpy(), levels), fast, seen)
