"""Eigenvalues on the sphere against other quadratures and closed forms."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.special import eval_legendre, iv

from ratecheck.lab.networks import tangent
from ratecheck.lab.spectra.sphere import eigenvalue, relu_tangent


def test_on_the_circle_they_are_fourier_coefficients():
    exact = tangent.kernel_eigenvalues(12)
    mine = [eigenvalue(lambda a: relu_tangent(a, 2), k, 2) for k in range(1, 13)]
    np.testing.assert_allclose(mine, exact, rtol=1e-6)
    angles = np.linspace(0, np.pi, 7)
    for part, inner in (("both layers", True), ("outer layer", False)):
        other = tangent.tangent_kernel(torch.as_tensor(angles), part)
        np.testing.assert_allclose(relu_tangent(angles, 2, inner), other, atol=1e-15)


def test_exponentials_have_bessel_functions():
    for k in (0, 1, 4):
        assert eigenvalue(lambda a: np.exp(np.cos(a)), k, 2) == pytest.approx(iv(k, 1.0))


@pytest.mark.parametrize("k", [0, 3, 8])
def test_on_the_sphere_they_are_integrals_of_legendre_polynomials(k):
    def product(u):
        return relu_tangent(np.arccos(u), 3) * eval_legendre(k, u) / 2

    value, _ = quad(product, -1, 1, epsabs=1e-12, limit=400)
    assert eigenvalue(lambda a: relu_tangent(a, 3), k, 3) == pytest.approx(value, rel=1e-6)


def test_in_four_dimensions_a_product_is_of_degree_one():
    """On S^3 the kernel <x, y> has the eigenvalue 1/4 at degree one and none elsewhere."""
    assert eigenvalue(np.cos, 1, 4) == pytest.approx(1 / 4)
    assert abs(eigenvalue(np.cos, 3, 4)) < 1e-14


def test_the_kernel_is_a_mean_over_random_neurons():
    rng = np.random.default_rng(0)
    b = rng.standard_normal((400_000, 4))
    b /= np.linalg.norm(b, axis=1, keepdims=True)
    angle = 0.9
    x = np.array([1.0, 0.0, 0.0, 1.0]) / np.sqrt(2)
    y = np.array([np.cos(angle), np.sin(angle), 0.0, 1.0]) / np.sqrt(2)
    outer = np.maximum(b @ x, 0) * np.maximum(b @ y, 0)
    inner = (b @ x > 0) * (b @ y > 0) * (x @ y)
    assert relu_tangent(np.array(angle), 3, False) == pytest.approx(outer.mean(), rel=0.01)
    assert relu_tangent(np.array(angle), 3) == pytest.approx((outer + inner).mean(), rel=0.01)
