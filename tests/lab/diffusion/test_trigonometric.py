"""Trigonometric scores against a general optimiser, plain Fourier sums and a search by hand."""

import numpy as np
import pytest
import torch
from scipy import optimize

from ratecheck.lab.diffusion import torus as tr
from ratecheck.lab.diffusion import trigonometric as tg
from ratecheck.lab.diffusion.counts import split_counts
from ratecheck.lab.diffusion.splines import NotConverged


def generator(seed):
    return torch.Generator().manual_seed(seed)


def drawn(cells, dimension, n, rows, seed):
    density = tr.Border(1.0, dimension).on_grid(cells, replicates=rows, rng=generator(seed))
    return density.draw(n, generator(seed + 1))


def frequencies(cells, dimension):
    """Integer vectors k, of shape (cells, ..., cells, d), in the order of numpy's fftn."""
    line = np.fft.fftfreq(cells, 1 / cells).round()
    return np.stack(np.meshgrid(*[line] * dimension, indexing="ij"), -1)


@pytest.mark.parametrize(("cells", "dimension"), [(10, 3), (11, 2)])
def test_the_lowest_waves_are_so_many_and_come_in_pairs(cells, dimension):
    k = frequencies(cells, dimension)
    square = (k**2).sum(-1)
    before = None
    for count in (7.3, 20, 33, 60):
        half = tg.lowest(count, cells, dimension)
        noise = torch.randn(1, *[cells] * dimension, generator=generator(0), dtype=torch.float64)
        seen = np.fft.fftn(tg.project(noise, half)[0].numpy())
        whole = np.abs(seen) > 1e-9 * np.abs(seen).max()
        mirrored = np.roll(np.flip(whole), 1, tuple(range(dimension)))
        assert np.array_equal(whole, mirrored)
        assert count - 2 <= whole.sum() <= count
        assert np.allclose(seen[whole], np.fft.fftn(noise[0].numpy())[whole])
        outside = (square > 0) & ~whole & (square < (cells / 2) ** 2)
        assert 0 < square[whole].max() <= square[outside].min()
        assert before is None or (whole >= before).all()
        before = whole


def test_a_ball_holds_as_many_waves_as_its_volume():
    square = (frequencies(24, 3) ** 2).sum(-1)
    assert tg.waves(9.5, 3) == pytest.approx((square < 9.5**2).sum(), rel=0.03)


@pytest.mark.parametrize(("cells", "dimension", "count", "n"), [(16, 1, 6, 300), (6, 2, 8, 600)])
def test_the_fit_is_the_maximum_of_the_likelihood(monkeypatch, cells, dimension, count, n):
    """scipy over the coefficients of cosines and sines, the density positive by its logarithm."""
    monkeypatch.setattr(tg, "MISSING", 1e-9)
    counts = drawn(cells, dimension, n, 3, 2)
    got = tg.fitted(counts, count)
    x = np.stack(np.meshgrid(*[2 * np.pi * np.arange(cells) / cells] * dimension, indexing="ij"))
    # a random field filtered by the mask spans all its waves
    mask = tg.lowest(count, cells, dimension)
    basis = tg.project(torch.randn(count, *x.shape[1:], generator=generator(9)).double(), mask)
    basis = np.linalg.qr(basis.flatten(1).numpy().T)[0] * np.sqrt(cells**dimension)
    for row in range(3):
        share = (counts[row] / counts[row].sum()).numpy().ravel()

        def missing(a, share=share):
            p = 1 + basis @ a
            if (p <= 0).any():
                return np.inf, a
            return -share @ np.log(p), -basis.T @ (share / p)

        best = optimize.minimize(missing, np.zeros(basis.shape[1]), jac=True, method="BFGS",
                                 options={"gtol": 1e-9})  # fmt: skip
        assert missing(best.x)[0] < missing(np.zeros(basis.shape[1]))[0] - 1e-3
        assert np.allclose(got[row].numpy().ravel(), 1 + basis @ best.x, atol=1e-4)


def test_few_data_leave_a_positive_density_with_no_slope_left(monkeypatch):
    monkeypatch.setattr(tg, "MISSING", 1e-10)
    counts = drawn(8, 3, 600, 4, 4)
    fitted = tg.fitted(counts, 20)
    assert 0 < float(fitted.min()) < 0.5
    assert torch.allclose(fitted.mean((1, 2, 3)), torch.ones(4, dtype=torch.float64))
    share = counts / counts.mean((1, 2, 3), keepdim=True)
    slope = tg.project(share / fitted, tg.lowest(20, 8, 3))
    assert float(slope.abs().max()) < 1e-4


def test_replicates_do_not_meet():
    """A replicate that is done early stays as it is while others go on."""
    counts = drawn(8, 3, 800, 4, 6)
    counts[0] *= 1000
    together = tg.fitted(counts, 20)
    alone = torch.cat([tg.fitted(counts[i : i + 1], 20) for i in range(4)])
    assert torch.allclose(together, alone, atol=1e-12)


def test_a_fit_that_does_not_converge_is_an_error(monkeypatch):
    monkeypatch.setattr(tg, "LONGEST", 1)
    with pytest.raises(NotConverged, match="missing"):
        tg.fitted(drawn(8, 3, 800, 2, 8), 20)


def test_the_number_of_waves_is_the_best_on_held_out_data():
    """Every number is tried by hand on the same halves; the parabola comes close to the best."""
    counts = drawn(32, 2, 40000, 2, 10)
    density, chosen = tg.validated(counts, generator(12))
    train, held_out = split_counts(counts, 0.5, generator(12))

    def score(size):
        return torch.xlogy(held_out, tg.fitted(train, size)).flatten(1).sum(1)

    sizes = np.arange(40, 240, 20)
    scores = torch.stack([score(float(size)) for size in sizes], 1)
    for row in range(2):
        mine = float(score(float(chosen[row]))[row])
        assert mine > float(scores[row].max()) - 8
        assert mine > float(score(16.0)[row]) + 20
        again = tg.fitted(counts[row : row + 1], float(chosen[row]))
        assert torch.allclose(density[row : row + 1], again, atol=1e-12)


def test_a_grid_of_few_waves_is_refused():
    with pytest.raises(ValueError, match="fewer than 256 waves"):
        tg.validated(drawn(8, 2, 400, 1, 14), generator(0))
