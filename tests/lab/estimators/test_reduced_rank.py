"""Matrices from sufficient statistics against numpy and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, Ridge

from ratecheck.lab.estimators import reduced_rank as regress

RNG = np.random.default_rng(5)


def data(n=60, rows=3, columns=5, rank=2, sigma=0.3):
    """Raw data and their statistics, as one replicate."""
    w = RNG.normal(size=(rows, rank)) @ RNG.normal(size=(rank, columns))
    x = RNG.normal(size=(n, columns))
    y = x @ w.T + sigma * RNG.normal(size=(n, rows))
    root = np.linalg.cholesky(x.T @ x)
    statistics = regress.Statistics(n, torch.tensor(root)[None], torch.tensor(y.T @ x)[None])
    return x, y, w, statistics


def test_least_squares_and_ridge_are_those_of_scikit_learn():
    x, y, _, statistics = data()
    ols = LinearRegression(fit_intercept=False).fit(x, y).coef_
    assert np.allclose(regress.least_squares(statistics)[0], ols, rtol=1e-9)
    ridge = Ridge(alpha=3.7, fit_intercept=False).fit(x, y).coef_
    assert np.allclose(regress.ridge(statistics, 3.7)[0], ridge, rtol=1e-9)


@pytest.mark.parametrize("rank", [1, 2])
def test_reduced_rank_is_the_minimum_over_matrices_of_that_rank(rank):
    """Against alternating least squares on the raw data, from many starts."""
    x, y, _, statistics = data()
    found = regress.reduced_rank(statistics, rank)[0].numpy()
    assert np.linalg.matrix_rank(found, tol=1e-9) == rank
    best = np.inf
    for _ in range(5):
        right = RNG.normal(size=(rank, x.shape[1]))
        for _ in range(300):
            features = x @ right.T
            left = np.linalg.lstsq(features, y, rcond=None)[0].T
            right = np.linalg.lstsq(left, np.linalg.lstsq(x, y, rcond=None)[0].T, rcond=None)[0]
            target = np.linalg.pinv(left) @ y.T
            right = np.linalg.lstsq(x, target.T, rcond=None)[0].T
        best = min(best, np.square(y - x @ right.T @ left.T).sum())
    assert np.square(y - x @ found.T).sum() == pytest.approx(best, rel=1e-6)


def test_full_rank_changes_nothing():
    _, _, _, statistics = data()
    full = regress.reduced_rank(statistics, 3)
    assert torch.allclose(full, regress.least_squares(statistics), rtol=1e-9)


def test_validation_picks_the_rank_with_the_smallest_held_out_error():
    _x, _y, _, fit = data(n=40)
    x2, y2, _, held_out = data(n=30)
    errors = [
        np.square(y2 - x2 @ regress.reduced_rank(fit, k)[0].numpy().T).sum() for k in (1, 2, 3)
    ]
    expected = regress.reduced_rank(regress.pooled(fit, held_out), 1 + int(np.argmin(errors)))
    assert torch.allclose(regress.validated_rank(fit, held_out), expected, rtol=1e-9)


def test_pooled_statistics_are_those_of_all_data():
    x, y, _, first = data(n=40)
    x2, y2, _, second = data(n=30)
    both = regress.pooled(first, second)
    assert both.n == 70
    assert np.allclose(both.gram[0], x.T @ x + x2.T @ x2)
    assert np.allclose(both.cross[0], y.T @ x + y2.T @ x2)
