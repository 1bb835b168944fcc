"""Networks of any scaling, against autograd and a scalar model in closed form."""

import math

import numpy as np
import pytest
import torch

from ratecheck.lab.networks import scalings


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def networks(power=0.5, width=6, seed=0, paired=True, task=scalings.interaction):
    return scalings.Networks(
        task(5, 4, power), width, replicates=3, rng=generator(seed), paired=paired
    )


def plain(power, inner, outer, inputs):
    """f at the inputs for one network."""
    return len(outer) ** -power * outer @ (inner @ inputs.mT).tanh()


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("power", [0.5, 0.75, 1.0])
def test_steps_and_gram_matrices_are_those_of_autograd(power, paired):
    nets = networks(power, paired=paired)
    x, y = nets.inputs, nets.labels
    rate = torch.tensor([0.3, 0.0, 0.7], dtype=torch.float64)
    inner, outer, gram = nets.inner.clone(), nets.outer.clone(), nets.gram()
    t = nets.tanh()
    f = nets.outputs(t)
    nets.descend(t, f - y, rate)
    for r in range(3):
        w, a = inner[r].requires_grad_(), outer[r].clone().requires_grad_()
        w = inner[r].detach().clone().requires_grad_()
        out = plain(power, w, a, x)
        np.testing.assert_allclose(f[r], out.detach(), atol=1e-14)
        rows = []
        for value in out:
            parts = torch.autograd.grad(value, (w, a), retain_graph=True)
            rows.append(torch.cat([part.flatten() for part in parts]))
        jacobian = torch.stack(rows)
        np.testing.assert_allclose(gram[r], jacobian @ jacobian.mT, atol=1e-13)
        dw, da = torch.autograd.grad((out - y).square().sum() / 2, (w, a))
        np.testing.assert_allclose(nets.inner[r], w.detach() - rate[r] * dw, atol=1e-13)
        np.testing.assert_allclose(nets.outer[r], a.detach() - rate[r] * da, atol=1e-13)
    assert (f.abs().max() < 1e-14) == paired


def test_the_step_is_half_of_the_reciprocal_of_the_norm():
    gram = networks(paired=False).gram()
    norms = torch.linalg.matrix_norm(gram, 2)
    np.testing.assert_allclose(scalings.step_of(gram), 0.5 / norms)


def test_training_ends_at_the_share_and_says_what_it_changed():
    nets, again = networks(width=40), networks(width=40)
    seen = scalings.fit(nets, 0.2, 10**4)
    step, gram, start = scalings.step_of(again.gram()), again.gram(), again.inner
    first = again.labels.square().mean()
    for r in range(3):
        alone = networks(width=40)
        while True:
            off = alone.outputs(alone.tanh()) - alone.labels
            if off[r].square().mean() <= 0.2 * first:
                break
            alone.descend(alone.tanh(), off, step)
        assert float(seen.loss[r]) == pytest.approx(float(off[r].square().mean() / first))
        moved = (alone.inner[r] - start[r]).norm() / math.sqrt(40)
        assert float(seen.movement[r]) == pytest.approx(float(moved))
        drift = (alone.gram()[r] - gram[r]).norm() / gram[r].norm()
        assert float(seen.drift[r]) == pytest.approx(float(drift))
    stopped = scalings.fit(networks(width=40), 1e-9, 3)
    assert (stopped.loss > 1e-3).all()


def test_a_wide_network_follows_its_tangent_model():
    """Errors of linear regression on the Gram matrix, (I - step K)^k off; width 2^14."""
    task, steps = scalings.interaction(5, 4, 0.5), 30
    nets = scalings.Networks(task, 2**14, replicates=2, rng=generator())
    gram, y = nets.gram(), nets.labels
    step = scalings.step_of(gram)
    for _ in range(steps):
        t = nets.tanh()
        nets.descend(t, nets.outputs(t) - y, step)
    turn = torch.linalg.matrix_power(torch.eye(5) - step[:, None, None] * gram, steps)
    np.testing.assert_allclose(nets.outputs(nets.tanh()) - y, -(turn @ y), atol=5e-3)


def test_logistic_descent_is_that_of_autograd():
    nets, steps = networks(width=4, paired=False, task=scalings.coins), 7
    step, inner, outer = 4 * scalings.step_of(nets.gram()), nets.inner.clone(), nets.outer.clone()
    seen = scalings.logistic_path(nets, (0, steps))
    for r in range(3):
        w, a = inner[r].clone().requires_grad_(), outer[r].clone().requires_grad_()
        for _ in range(steps):
            out = plain(0.5, w, a, nets.inputs)
            loss = torch.log1p(torch.exp(-nets.labels * out)).sum()
            dw, da = torch.autograd.grad(loss, (w, a))
            w = (w - step[r] * dw).detach().requires_grad_()
            a = (a - step[r] * da).detach().requires_grad_()
        out = plain(0.5, w, a, nets.inputs).detach()
        wrong = 1 / (1 + torch.exp(nets.labels * out))
        assert float(seen[r, 1]) == pytest.approx(float(wrong.mean()))


@pytest.mark.parametrize("task", [scalings.interaction, scalings.coins])
def test_inputs_are_on_the_sphere_and_labels_of_mean_square_one(task):
    made = task(12, 5, 1.0, sample=3)
    np.testing.assert_allclose(np.linalg.norm(made.inputs, axis=1), 1)
    assert (made.labels**2).mean() == pytest.approx(1)
    assert not np.array_equal(made.inputs, task(12, 5, 1.0, sample=4).inputs)


def test_contradictions_are_pairs():
    made = scalings.coins(6, 3, 0.5, twice=True)
    np.testing.assert_array_equal(made.inputs[::2], made.inputs[1::2])
    np.testing.assert_array_equal(made.labels[::2], -made.labels[1::2])


def test_an_interaction_is_its_formula():
    made = scalings.interaction(8, 4, 0.5, sample=2)
    x = made.inputs
    ratio = made.labels / (2 * x[:, 0] * x[:, 1] + x[:, 2])
    np.testing.assert_allclose(ratio, ratio[0])
