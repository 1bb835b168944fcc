"""The training loop against torch's own, and the snapshots against a plain search."""

import itertools

import pytest
import torch

from ratecheck.lab.networks import training


def quadratics(rows=4):
    """Losses sum (x - centre)^2 with their minimum in another place for each row."""
    rng = torch.Generator().manual_seed(1)
    return torch.randn(rows, 3, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_the_loop_is_adam_with_autograd(decay):
    centre, steps = quadratics(), 40
    mine = torch.zeros_like(centre)

    def gradient(_):
        mine.grad = 2 * (mine - centre)

    training.train([mine], gradient, steps=steps, rate=0.1, decay=decay)
    plain = torch.zeros_like(centre).requires_grad_()
    kind = torch.optim.AdamW if decay else torch.optim.Adam
    adam = kind([plain], lr=0.1, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps, eta_min=0.1e-3)
    for _ in range(steps):
        adam.zero_grad()
        (plain - centre).square().sum().backward()
        adam.step()
        schedule.step()
    assert torch.allclose(mine, plain.detach(), rtol=1e-10, atol=1e-12)


def test_each_network_keeps_its_own_best_snapshot():
    rng = torch.Generator().manual_seed(2)
    loss = torch.rand(9, 5, generator=rng)
    weights, bias = torch.zeros(5, 2, 3), torch.zeros(5, 1)
    best = training.Best([weights, bias])
    for step in range(9):
        weights.fill_(step)
        bias.fill_(-step)
        best.offer(loss[step])
    assert torch.equal(best.loss, loss.min(0).values)
    chosen = loss.argmin(0).float()
    assert torch.equal(best.parameters[0], chosen.view(5, 1, 1).expand(5, 2, 3))
    assert torch.equal(best.parameters[1], -chosen.view(5, 1))


def test_what_comes_after_a_step_sees_its_result():
    x, seen = torch.ones(1), []

    def gradient(_):
        x.grad = torch.ones(1)

    training.train(
        [x], gradient, steps=3, rate=0.5, after=lambda step: seen.append((step, x.item()))
    )
    assert [step for step, _ in seen] == [0, 1, 2]
    assert seen[0][1] == pytest.approx(0.5)  # the first step of Adam has the length of the rate
    assert seen[2][1] == x.item()


def test_the_rate_falls_along_half_a_cosine():
    rates = [training.cosine_rate(step, 100, 0.5) for step in range(101)]
    assert rates[0] == 0.5
    assert rates[-1] == pytest.approx(0.5e-3)
    assert rates[50] == pytest.approx(0.5 * (1 + 1e-3) / 2)
    assert all(b < a for a, b in itertools.pairwise(rates))
