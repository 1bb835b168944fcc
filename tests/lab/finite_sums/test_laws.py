"""The double-well finite sum and the law of its minibatches, against scipy."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from ratecheck.lab.finite_sums import laws as finite_sum


def test_gradient_is_the_derivative_of_the_potential():
    x, h = np.linspace(-3, 3, 41), 1e-5
    slope = (finite_sum.potential(x + h) - finite_sum.potential(x - h)) / (2 * h)
    np.testing.assert_allclose(finite_sum.gradient(x), slope, atol=1e-9)


def test_double_well_has_its_minima_where_the_note_says():
    x = np.sqrt(np.log(4) / 2)  # F'(x) = x (1 - 4 exp(-2 x^2))
    assert finite_sum.gradient(np.array([x, -x])) == pytest.approx(0.0, abs=1e-14)
    assert x == pytest.approx(0.83, abs=0.003)


@pytest.mark.parametrize(("n", "batch"), [(16, 4), (64, 8), (4096, 64), (64, 1), (16, 16), (10, 7)])
def test_mean_sign_has_the_hypergeometric_law(n, batch):
    values, probabilities = finite_sum.mean_sign_law(n, batch)
    j = np.rint((values + 1) * batch / 2)
    # log-gamma of numbers near n loses digits in proportion to n
    np.testing.assert_allclose(
        probabilities, hypergeom(n, n // 2, batch).pmf(j), rtol=1e-10, atol=1e-15
    )


@pytest.mark.parametrize(("n", "batch"), [(64, 8), (1024, 32), (64, 1), (64, 64)])
def test_variance_factor_is_the_variance_of_the_mean_sign(n, batch):
    values, probabilities = finite_sum.mean_sign_law(n, batch)
    assert probabilities @ values == pytest.approx(0.0, abs=1e-13)
    variance = probabilities @ values**2
    assert variance == pytest.approx(finite_sum.variance_factor(n, batch), rel=1e-11, abs=1e-15)


@pytest.mark.parametrize(("n", "batch"), [(1024, 32), (4096, 64), (16384, 128)])
def test_gauss_rule_keeps_seventeen_moments(n, batch):
    values, probabilities = finite_sum.mean_sign_law(n, batch)
    nodes, weights = finite_sum.gauss_rule(values, probabilities)
    assert len(nodes) == 9
    scale = np.abs(nodes).max()
    for power in range(18):
        exact = probabilities @ (values / scale) ** power
        assert weights @ (nodes / scale) ** power == pytest.approx(exact, rel=1e-9, abs=1e-13)
    missed = probabilities @ (values / scale) ** 18
    assert weights @ (nodes / scale) ** 18 != pytest.approx(missed, rel=1e-6)


def test_gauss_rule_leaves_a_short_law_alone():
    values, probabilities = finite_sum.mean_sign_law(16, 4)
    nodes, weights = finite_sum.gauss_rule(values, probabilities)
    assert (nodes == values).all()
    assert (weights == probabilities).all()


def test_gauss_rule_of_the_whole_sum_is_one_point():
    nodes, weights = finite_sum.gauss_rule(*finite_sum.mean_sign_law(16, 16))
    assert nodes == pytest.approx([0.0])
    assert weights == pytest.approx([1.0])


@pytest.mark.parametrize(("n", "batch"), [(15, 3), (16, 0), (16, 17)])
def test_impossible_batches_are_refused(n, batch):
    with pytest.raises(ValueError, match="must be even and hold a batch"):
        finite_sum.mean_sign_law(n, batch)
