"""The periodic transform against PyWavelets, SureShrink against level by level by hand."""

import math

import numpy as np
import pytest
import pywt
import torch

from ratecheck.lab.estimators import wavelets


def signals(replicates: int, n: int, seed: int = 0) -> torch.Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(replicates, n, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize("moments", [1, 2, 3, 4, 6])
def test_filters(moments):
    taps = np.array(wavelets.daubechies(moments))
    expected = np.array(pywt.Wavelet(f"db{moments}").rec_lo)
    assert np.allclose(taps, expected, atol=1e-10)


@pytest.mark.parametrize("moments", [1, 2, 4])
@pytest.mark.parametrize("n", [16, 64])
def test_transform(moments, n):
    """The same coefficients as PyWavelets."""
    x = signals(3, n)
    found = wavelets.transform(x, moments, 8)
    levels = int(math.log2(n // 8))
    expected = pywt.wavedec(x.numpy(), f"db{moments}", mode="periodization", level=levels)
    assert [f.shape[1] for f in found] == [e.shape[1] for e in expected]
    for mine, theirs in zip(found, expected, strict=True):
        assert np.allclose(mine.numpy(), theirs, atol=1e-10)


@pytest.mark.parametrize("moments", [1, 2, 4])
def test_transform_is_orthonormal(moments):
    x = signals(3, 64, 1)
    levels = wavelets.transform(x, moments, 2)
    assert torch.allclose(sum(level.square().sum(1) for level in levels), x.square().sum(1))
    assert torch.allclose(wavelets.inverse(levels, moments), x, atol=1e-12)


@pytest.mark.parametrize("moments", [2, 4])
def test_vanishing_moments(moments):
    """Away from where the circle closes, polynomials have no details."""
    t = torch.arange(256, dtype=torch.float64)
    details = wavelets.transform((t[None] / 256) ** (moments - 1), moments, 64)[1:]
    for detail in details:
        assert float(detail[:, 2 * moments : -2 * moments].abs().max()) < 1e-10


def test_sure_shrink_level_by_level():
    x = signals(2, 256, 3)
    x[0] += 5 * (torch.arange(256) > 100)
    found = wavelets.sure_shrink(x, 2)
    for row, estimate in zip(x.numpy(), found.numpy(), strict=True):
        scaling, *details = (part[0].numpy() for part in wavelets.transform(
            torch.from_numpy(row)[None], 2, 4))  # fmt: skip
        noise = np.sort(np.abs(details[-1]))[len(details[-1]) // 2 - 1] / 0.6744897501960817
        kept = [torch.from_numpy(scaling)[None]]
        for detail in details:
            y, size = detail / noise, len(detail)
            if (y**2).mean() - 1 <= math.log2(size) ** 1.5 / math.sqrt(size):
                t = math.sqrt(2 * math.log(size))
            else:
                allowed = [0.0, *(v for v in np.abs(y) if v <= math.sqrt(2 * math.log(size)))]
                t = min(
                    allowed,
                    key=lambda t: (
                        size
                        - 2 * (np.abs(y) <= t).sum() * (t > 0)
                        + np.minimum(np.abs(y), t).__pow__(2).sum()
                    ),
                )
            kept.append(torch.from_numpy(pywt.threshold(y, t, "soft") * noise)[None])
        assert np.allclose(wavelets.inverse(kept, 2)[0].numpy(), estimate, atol=1e-10)


def test_sure_shrink_leaves_little_of_noise():
    x = signals(8, 1024, 4)
    left = wavelets.sure_shrink(x, 2).square().mean()
    assert float(left) < 0.03  # the 4 scaling coefficients alone are 4/1024
