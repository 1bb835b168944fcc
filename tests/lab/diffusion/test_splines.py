"""B-spline scores against scipy's splines, plain EM, and the risk they are said to minimise."""

import math

import numpy as np
import pytest
import torch
from scipy.interpolate import BSpline

from ratecheck.lab.diffusion import densities as rd
from ratecheck.lab.diffusion import splines as ss
from ratecheck.lab.diffusion.cells import centres
from ratecheck.lab.diffusion.counts import split_counts

TINY = 1e-25


def generator(seed):
    return torch.Generator().manual_seed(seed)


def drawn(s, cells, n, rows, seed):
    """Numbers of data from random densities."""
    truth = rd.rough_density(s, cells, replicates=rows, rng=generator(seed))
    return truth.draw(n, generator(seed + 1))


def scipy_masses(size, order, cells):
    """Masses of every spline in every cell, by scipy's antiderivatives."""
    knots = np.linspace(-1, 1, size - order + 2)
    clamped = np.concatenate([[-1.0] * (order - 1), knots, [1.0] * (order - 1)])
    edges = np.linspace(-1, 1, cells + 1)
    columns = []
    for k in range(size):
        one = BSpline(clamped, np.eye(size)[k], order - 1)
        integral = one.antiderivative()(edges)
        columns.append(np.diff(integral) / (integral[-1] - integral[0]))
    return np.stack(columns, 1)


def dense(splines):
    matrix = np.zeros((len(splines.first), splines.size + 1))
    for g, (f, row) in enumerate(zip(splines.first, splines.mass, strict=True)):
        for j, value in enumerate(row):
            if f + j < splines.size:
                matrix[g, f + j] += value
            else:
                assert value == pytest.approx(0, abs=1e-14)
    return matrix[:, : splines.size]


@pytest.mark.parametrize(
    ("size", "order"), [(2, 2), (5, 2), (11, 2), (33, 2), (4, 4), (9, 4), (20, 4)]
)
def test_masses_are_those_of_scipy(size, order):
    got = dense(ss.basis(size, order, 32))
    assert np.allclose(got, scipy_masses(size, order, 32), atol=1e-12)


def test_density_is_the_weighted_sum():
    splines = ss.basis(9, 4, 40)
    weights = torch.rand(3, 9, generator=generator(0), dtype=torch.float64)
    assert np.allclose(splines.density(weights), weights.numpy() @ dense(splines).T, atol=1e-15)


def plain_em(counts, matrix, steps=20000):
    """The textbook iteration for a mixture with known components."""
    counts, matrix = counts[counts > 0], matrix[counts > 0]
    a = np.full(matrix.shape[1], 1 / matrix.shape[1])
    for _ in range(steps):
        a = a * (matrix.T @ (counts / (matrix @ a))) / counts.sum()
    return a


@pytest.mark.parametrize(
    ("size", "order", "n"),
    [pytest.param(6, 2, 500, marks=pytest.mark.slow), (8, 4, 3000), (12, 2, 40)],
)
def test_fit_is_the_maximum_of_the_likelihood(size, order, n):
    truth = rd.rough_density(1.0, 64, replicates=4, rng=generator(1))
    counts = truth.draw(n, generator(2))
    splines = ss.basis(size, order, 64)
    got = splines.density(ss.fit(counts, splines)).numpy()
    matrix = dense(splines)
    for row, density in zip(counts.numpy(), got, strict=True):
        best = matrix @ plain_em(row, matrix)
        assert best.sum() == pytest.approx(1)
        gap = row[row > 0] @ np.log(best[row > 0] / density[row > 0])
        assert abs(gap) < 0.02 * size  # what the barrier may cost, in log-likelihood
        assert np.abs(best - density).sum() / 2 < 0.02 * math.sqrt(size / n)


def test_fit_satisfies_its_optimality_conditions():
    counts = drawn(0.5, 128, 900, 3, 3)
    splines = ss.basis(17, 2, 128)
    raw, _ = ss._fit_rows(counts.numpy(), splines.first, splines.mass, 17)
    matrix = dense(splines)
    for row, a in zip(counts.numpy(), raw, strict=True):
        slope = -matrix.T @ (row / (matrix @ a)) / 900 + 1 - ss.BARRIER / 900 / a
        assert np.abs(slope * a).max() < 1e-5


@pytest.mark.parametrize(("size", "order"), [(13, 2), (10, 4)])
def test_all_replicates_at_once_give_the_same_fit(size, order):
    counts = drawn(1.0, 96, 400, 5, 5)
    splines = ss.basis(size, order, 96)
    rows, worst = ss._fit_rows(counts.numpy(), splines.first, splines.mass, size)
    batched, worst_batched = ss._fit_batched(counts, splines)
    assert max(worst, worst_batched) <= ss.TOLERANCE
    assert np.allclose(rows, batched, rtol=1e-4, atol=1e-7)


def test_a_fit_that_does_not_converge_is_an_error(monkeypatch):
    monkeypatch.setattr(ss, "TOLERANCE", -1.0)
    counts = torch.ones(1, 16, dtype=torch.float64)
    with pytest.raises(ss.NotConverged, match="decrement"):
        ss.fit(counts, ss.basis(4, 2, 16))


def test_impossible_bases_are_refused():
    with pytest.raises(ValueError, match="at least 4"):
        ss.basis(3, 4, 64)
    with pytest.raises(ValueError, match="closer than"):
        ss.basis(100, 2, 64)


def test_the_number_of_splines_is_the_best_on_held_out_data():
    truth = rd.rough_density(1.0, 256, replicates=6, rng=generator(7))
    counts = truth.draw(2000, generator(8))
    sizes = ss.sizes_to_try(2000, 2, 256)
    density, chosen = ss.fit_validated(counts, 2, sizes, generator(9))
    train, held_out = split_counts(counts, 0.5, generator(9))
    for row in range(6):
        scores = []
        for size in sizes:
            splines = ss.basis(size, 2, 256)
            fitted = splines.density(ss.fit(train[row : row + 1], splines))
            scores.append(float((held_out[row] * fitted[0].log()).sum()))
        # the search stops after three numbers in a row that were no better
        best, since = 0, 0
        for i in range(1, len(scores)):
            best, since = (i, 0) if scores[i] > scores[best] else (best, since + 1)
            if since == ss.PATIENCE:
                break
        assert int(chosen[row]) == sizes[best]
        splines = ss.basis(sizes[best], 2, 256)
        assert torch.allclose(
            density[row], splines.density(ss.fit(counts[row : row + 1], splines))[0]
        )


def mixture(masses, x, t):
    """Density and score at time t of a law with atoms at the centres of cells."""
    m, sd = math.exp(-t), math.sqrt(-math.expm1(-2 * t))
    x = np.clip(x, -m - 12 * sd, m + 12 * sd)  # where it does not underflow
    z = (x[:, None] - m * centres(len(masses)).numpy()) / sd
    bell = np.exp(-0.5 * z**2) / (sd * math.sqrt(2 * math.pi))
    density = bell @ masses
    return density, -(bell * z / sd) @ masses / density


def divergence(p, q, x, t):
    (a, _), (b, _) = mixture(p, x, t), mixture(q, x, t)
    seen = a > TINY
    return np.trapezoid(a[seen] * np.log(a[seen] / b[seen]), x[seen])


def test_the_score_matching_risk_is_a_difference_of_divergences():
    """int E|s_a - grad log p_t|^2 dt = KL(p || q) at T_low less the same at T_high."""
    truth = rd.rough_density(1.0, 64, replicates=1, rng=generator(10))
    counts = truth.draw(300, generator(11))
    splines = ss.basis(8, 2, 64)
    p = (counts / 300)[0].numpy()
    q = splines.density(ss.fit(counts, splines))[0].numpy()
    x = np.linspace(-8, 8, 4001)
    t_low, t_high = 1e-3, 4.0
    moments = np.geomspace(t_low, t_high, 121)
    risk = []
    for t in moments:
        (density, own), (_, other) = mixture(p, x, t), mixture(q, x, t)
        seen = density > TINY
        risk.append(np.trapezoid((density * (own - other) ** 2)[seen], x[seen]))
    integral = np.trapezoid(np.array(risk) * moments, np.log(moments))
    gap = divergence(p, q, x, t_low) - divergence(p, q, x, t_high)
    assert integral == pytest.approx(gap, rel=2e-3)


def test_no_other_weights_have_a_smaller_risk():
    """The fit against random changes of it, by the divergence that the risk is."""
    truth = rd.rough_density(1.0, 64, replicates=1, rng=generator(12))
    counts = truth.draw(1000, generator(13))
    splines = ss.basis(6, 2, 64)
    a = ss.fit(counts, splines)
    draws = np.random.default_rng(0).normal(size=(200, 6))
    here = float((counts * splines.density(a).log()).sum())
    for draw in draws:
        b = a * torch.from_numpy(np.exp(0.05 * draw))[None]
        there = float((counts * splines.density(b / b.sum()).log()).sum())
        assert there < here + 0.01
