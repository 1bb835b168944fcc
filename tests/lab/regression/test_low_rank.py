"""Linear regression from sufficient statistics against known laws."""

import numpy as np
import pytest
import torch
from scipy import stats

from ratecheck.lab.estimators.reduced_rank import least_squares
from ratecheck.lab.regression import low_rank


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def test_the_matrix_has_unit_uncorrelated_entries_at_every_rank():
    for rank in (1, 4):
        w = low_rank.low_rank_matrix(3, 4, rank, replicates=40_000, rng=rng()).flatten(1)
        assert np.linalg.matrix_rank(w[0].reshape(3, 4)) == min(rank, 3)
        assert torch.allclose(w.T @ w / len(w), torch.eye(12, dtype=w.dtype), atol=0.06)


def test_drawn_statistics_follow_the_law_of_raw_data():
    """Gram matrices are Wishart; least squares has risk sigma^2 M N / (n - N - 1) exactly."""
    n, rows, columns, sigma = 20, 3, 4, 0.5
    w = low_rank.low_rank_matrix(rows, columns, 2, replicates=20_000, rng=rng())
    drawn = low_rank.draw_statistics(w, n, sigma, rng(2))
    logdet = torch.logdet(drawn.gram).numpy()
    wishart = stats.wishart(n, np.eye(columns)).rvs(5000, random_state=3)
    assert stats.ks_2samp(logdet, np.linalg.slogdet(wishart)[1]).pvalue > 1e-3
    risk = (least_squares(drawn) - w).square().sum((1, 2)).numpy()
    exact = sigma**2 * rows * columns / (n - columns - 1)
    assert abs(risk.mean() - exact) < 4 * risk.std() / len(risk) ** 0.5


def test_too_few_data_are_refused():
    w = low_rank.low_rank_matrix(2, 5, 1, replicates=1, rng=rng())
    with pytest.raises(ValueError, match="4 data do not determine 5 columns"):
        low_rank.draw_statistics(w, 4, 1.0, rng())


def test_moments_are_those_of_the_data():
    data = low_rank.Problem(3, 4, 2, 0.5).data(40, replicates=2, rng=rng())
    gram, cross = data.all.moments
    assert gram.dtype == cross.dtype == torch.float32
    assert np.allclose(40 * gram, data.all.gram, rtol=1e-5)
    assert np.allclose(40 * cross, data.all.cross, rtol=1e-5)


def test_a_problem_holds_data_out():
    """Both parts follow the same matrix, and the whole has the risk that its size promises."""
    data = low_rank.Problem(3, 4, 2, 0.5).data(24, held_out=6, replicates=20_000, rng=rng())
    assert (data.all.n, data.fit.n, data.held_out.n) == (24, 18, 6)
    assert torch.linalg.matrix_rank(data.w[:50]).eq(2).all()
    assert torch.allclose(data.all.cross, data.fit.cross + data.held_out.cross)
    zero = data.risks(zero=torch.zeros_like(data.w))["zero"]
    assert torch.allclose(zero, torch.linalg.matrix_norm(data.w).square())
    for part, n in ((data.all, 24), (data.fit, 18), (data.held_out, 6)):
        risk = data.risk(least_squares(part))
        error = 4 * float(risk.std()) / len(risk) ** 0.5
        assert float(risk.mean()) == pytest.approx(0.25 * 12 / (n - 5), abs=error)
