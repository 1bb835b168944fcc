"""Denoising against incidence matrices, closed forms, scipy, brute force and the dense method."""

from itertools import product

import numpy as np
import pytest
import torch
from scipy.optimize import minimize, minimize_scalar

from ratecheck.lab.finite_sums import denoising, sdca_admm
from ratecheck.lab.finite_sums.denoising import Absolute, Grid, Noisy
from ratecheck.lab.finite_sums.fused import Penalty
from ratecheck.lab.finite_sums.losses import Squared
from ratecheck.lab.images import photograph


def rng(seed=1):
    return torch.Generator().manual_seed(seed)


def draw(*shape, seed=1):
    return torch.randn(*shape, generator=rng(seed), dtype=torch.float64)


def incidence(side):
    """Differences along rows, then along columns, by Kronecker products."""
    eye, step = np.eye(side), np.diff(np.eye(side), axis=0)
    return np.concatenate([np.kron(eye, step), np.kron(step, eye)])


def problem(y, size, ridge, loss=None):
    """Of an image of shape (side, side), with the penalty of a sum over pixels."""
    n = y.numel()
    penalty = Grid(size / n, ridge / n, side=len(y))
    return Noisy(y.flatten(), penalty, Squared() if loss is None else loss)


def test_parts_are_differences_and_are_joined_by_the_transposed_map():
    grid, matrix, x, u = Grid(1.0, side=4), torch.tensor(incidence(4)), draw(3, 16), draw(3, 24)
    assert torch.allclose(grid.split(x), x @ matrix.T)
    assert torch.allclose(grid.join(u), u @ matrix)
    assert 6 < np.linalg.eigvalsh(incidence(4).T @ incidence(4)).max() < grid.largest


def test_the_penalty_is_that_of_its_definition():
    image = draw(3, 3)
    sides = [image[:, 1:] - image[:, :-1], image[1:] - image[:-1]]
    expected = sum(0.3 * each.abs().sum() + 0.25 * each.square().sum() for each in sides)
    grid = Grid(0.3, 0.5, side=3)
    assert float(grid(grid.split(image.flatten()))) == pytest.approx(float(expected))


@pytest.mark.parametrize("ridge", [0.0, 0.7])
def test_the_proximal_step_is_that_of_the_chain(ridge):
    u = draw(24)
    found = Grid(0.4, ridge, side=4).prox(u, 1.7)
    assert bool((found == 0).any())
    assert torch.allclose(found, Penalty(0.4, ridge).prox(u, 1.7))


@pytest.mark.parametrize("c", [0.1, 3.0])
@pytest.mark.parametrize("p", [-9.0, -0.2, 0.4, 9.0])
def test_the_absolute_loss_has_the_dual_step_of_moreaus_identity(p, c):
    """prox of f^*/c at p is p - s/c, where s minimises f + (s - c p)^2/(2 c)."""
    s = minimize_scalar(lambda s: abs(s - 0.6) + (s - c * p) ** 2 / (2 * c), tol=1e-12).x
    p, c, t = (torch.tensor(each, dtype=torch.float64) for each in (p, c, 0.6))
    assert float(Absolute().dual_prox(p, c, t)) == pytest.approx(float(p) - s / float(c), abs=1e-6)


@pytest.mark.parametrize("ridge", [0.0, 0.5])
@pytest.mark.parametrize("step", [0.3, 1.0])
def test_two_columns_have_the_minimum_of_two_pixels(step, ridge):
    """Their mean stays, their distance is shrunk by 2 size, then divided by 1 + 2 ridge."""
    o = problem(torch.tensor([[0.2, 0.2 + step]] * 2, dtype=torch.float64), 0.25, ridge)
    apart = max(step - 0.5, 0) / (1 + 2 * ridge)
    lost = (step - apart) ** 2 / 4 + 0.25 * apart + ridge / 2 * apart**2
    assert o.lowest == pytest.approx(lost / 2, abs=1e-10)


def test_a_large_penalty_leaves_the_mean_or_the_median():
    y = draw(5, 5)
    assert problem(y, 50.0, 0.1).lowest == pytest.approx(float(y.var(correction=0)) / 2)
    median = float((y - y.median()).abs().mean())
    assert problem(y, 50.0, 0.0, Absolute()).lowest == pytest.approx(median)


@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_the_minimum_is_that_of_scipy_on_the_dual(ridge):
    y, matrix = draw(6, 6).flatten().numpy(), incidence(6)
    size = 0.7

    def dual(v):
        w, over = y - matrix.T @ v, np.maximum(abs(v) - size, 0)
        bent = over / ridge if ridge else 0 * v
        return w @ w / 2 + over @ bent / 2, bent * np.sign(v) - matrix @ w

    box = None if ridge else [(-size, size)] * len(matrix)
    found = minimize(dual, np.zeros(len(matrix)), jac=True, method="L-BFGS-B", bounds=box,
                     options={"ftol": 1e-16, "gtol": 1e-10, "maxiter": 10**4})  # fmt: skip
    o = problem(torch.tensor(y).view(6, 6), size, ridge)
    assert o.lowest == pytest.approx((y @ y / 2 - found.fun) / 36, abs=1e-10)
    w = torch.tensor(y - matrix.T @ found.x)
    assert o.lowest == pytest.approx(float(o.value(w)), abs=1e-6)
    assert o.lowest <= float(o.value(w)) + 1e-12


@pytest.mark.parametrize("size", [0.1, 0.3, 0.6])
def test_absolute_losses_have_a_minimum_among_the_levels_of_the_image(size):
    y = draw(2, 2)
    o = problem(y, size, 0.0, Absolute())
    every = torch.tensor(list(product(y.flatten().tolist(), repeat=4)), dtype=torch.float64)
    assert o.lowest == pytest.approx(float(o.value(every).min()), abs=1e-10)


def test_a_minimum_that_is_not_certain_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="without a ridge"):
        _ = problem(draw(2, 2), 0.1, 0.1, Absolute()).lowest
    monkeypatch.setattr(denoising, "LONGEST", 100)
    monkeypatch.setattr(denoising, "CERTAIN", 0.0)
    with pytest.raises(ArithmeticError, match="come to rest"):
        _ = problem(draw(9, 9), 2.0, 0.1).lowest


@pytest.mark.parametrize("batch", [4, 8, 16])
def test_images_are_as_data_that_are_unit_vectors(batch):
    """The dense method on the identity matrix: the same blocks, minimum and passes."""
    o = problem(draw(4, 4), 0.3, 0.2)
    dense = sdca_admm.FiniteSum(torch.eye(16).double(), o.y, o.penalty, o.loss)
    w = draw(3, 16, seed=2)
    assert torch.allclose(o.value(w), dense.value(w))
    assert o.lowest == pytest.approx(dense.lowest, abs=1e-10)
    same = {"batch": batch, "longest": 300, "replicates": 3}
    found = denoising.passes(o, [0.1, 1e-3, 1e-5], rng=rng(), **same)
    expected = sdca_admm.passes(dense, [0.1, 1e-3, 1e-5], rng=rng(), rho=1.0, **same)
    assert found.isfinite().all()
    assert torch.allclose(found, expected, rtol=1e-4)


def test_blocks_drawn_online_have_the_gradient_of_the_sum_and_are_slower():
    o = denoising.patch(64, 0, 0.1, 0.1)
    x = draw(64)
    one = o.slope(x.expand(50_000, -1), rng()).mean(0)
    assert torch.allclose(one, (x - o.y) / 64, atol=0.002)
    assert set((o.slope(x[None], rng()) != 0).sum(1).tolist()) <= set(range(1, 9))
    few = {"longest": 60, "replicates": 2}
    online = denoising.online_passes(o, [0.5, 0.05], rng=rng(), **few)
    dual = denoising.passes(o, [0.5, 0.05], batch=8, rng=rng(), **few)
    assert (online[:, 0] < online[:, 1]).all()
    assert (online[:, 1] / online[:, 0] > 1.5 * dual[:, 1] / dual[:, 0]).all()


def test_a_patch_is_a_corner_of_a_larger_one_with_noise_and_its_penalty():
    few, many = (denoising.patch(n, 1, 0.2, 0.1) for n in (16, 1600))
    assert torch.equal(few.y.view(4, 4), many.y.view(40, 40)[:4, :4])
    noise = many.y.view(40, 40) - photograph("flower")[213:253, 320:360]
    assert float(noise.std()) == pytest.approx(0.2, rel=0.05)
    assert many.penalty.size * 1600 == pytest.approx(0.2)
    assert many.penalty.ridge * 1600 == pytest.approx(0.1)
    assert isinstance(denoising.patch(16, 0, 0.1, 0.0, True).loss, Absolute)
