"""Score networks against autograd, plain sums, and training one replicate at a time."""

import copy
import math

import numpy as np
import pytest
import torch

from ratecheck.lab.diffusion import densities as rd
from ratecheck.lab.diffusion.cells import centres
from ratecheck.lab.networks import score as sn
from ratecheck.lab.networks.training import cosine_rate

DESIGN = sn.Design(width=6, layers=2, octaves=2)


def generator(seed):
    return torch.Generator().manual_seed(seed)


def drawn(s, cells, n, rows, seed):
    """Numbers of data from random densities."""
    truth = rd.rough_density(s, cells, replicates=rows, rng=generator(seed))
    return truth.draw(n, generator(seed + 1))


@pytest.mark.parametrize("t", [1e-5, 1e-2, 0.7, 4.0])
def test_the_uniform_score_is_a_derivative(t):
    m, sd = math.exp(-t), math.sqrt(-math.expm1(-2 * t))
    x = torch.linspace(-m - 5 * sd, m + 5 * sd, 201, dtype=torch.float64, requires_grad=True)
    # on the left side the upper tails do not cancel; the score is odd
    folded = -x.abs()
    density = torch.special.ndtr((folded + m) / sd) - torch.special.ndtr((folded - m) / sd)
    (slope,) = torch.autograd.grad(density.log().sum(), x)
    got = sn.uniform_score(x.detach(), torch.full((201,), t, dtype=torch.float64))
    assert torch.allclose(got, slope, rtol=1e-6, atol=1e-6)


def test_the_uniform_score_is_finite_far_away():
    x = torch.tensor([-40.0, -5.0, 0.0, 5.0, 40.0], dtype=torch.float64)
    got = sn.uniform_score(x, torch.full_like(x, 1e-4))
    assert bool(got.isfinite().all())
    sd2 = -math.expm1(-2e-4)
    # far out the score is that of the nearest end
    assert float(got[-1]) == pytest.approx(-(40 - math.exp(-1e-4)) / sd2, rel=1e-3)
    assert torch.equal(got, -got.flip(0))


def test_the_empirical_score_is_that_of_the_data():
    counts = drawn(1.0, 64, 20, 2, 0)
    at = sn.nodes(0.01, 2.0, torch.device("cpu"))
    density, score = sn.empirical_score(counts, at)
    places = centres(64).numpy()
    rng = np.random.default_rng(2)
    for i in rng.integers(0, len(at.x), 60):
        x, t = float(at.x[i]), float(at.t[i])
        m, sd = math.exp(-t), math.sqrt(1 - math.exp(-2 * t))
        for row in range(2):
            data = np.repeat(places, counts[row].int().tolist())
            bell = np.exp(-0.5 * ((x - m * data) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
            assert float(density[row, i]) == pytest.approx(bell.mean(), rel=1e-9, abs=1e-30)
            if bell.mean() > 1e-12:
                plain = (bell * (m * data - x)).mean() / sd**2 / bell.mean()
                assert float(score[row, i]) == pytest.approx(plain, rel=1e-8)
    assert bool(score.isfinite().all())


def test_nodes_integrate_the_diffused_data():
    """At every level the density of the diffused data has integral 1, less what lies beyond."""
    counts = drawn(1.0, 4096, 9, 3, 3)
    at = sn.nodes(1e-5, 3.0, torch.device("cpu"))
    density, _ = sn.empirical_score(counts, at)
    for level in range(sn.LEVELS):
        here = at.level == level
        sd2 = -torch.expm1(-2 * at.t[here][0])
        whole = (density[:, here] * at.weight[here]).sum(1) * sn.LEVELS / sd2
        assert torch.allclose(whole, torch.ones(3, dtype=torch.float64), atol=4e-3)


def test_conditional_means_of_the_noisy_target_are_the_empirical_score():
    """Regressing on the score of the diffused data minimises the denoising objective."""
    rng = np.random.default_rng(5)
    data, t = np.array([-0.5, 0.1, 0.7]), 0.2
    m, sd = math.exp(-t), math.sqrt(1 - math.exp(-2 * t))
    x0 = rng.choice(data, 2_000_000)
    noise = rng.normal(size=len(x0))
    x = m * x0 + sd * noise
    near = np.abs(x - 0.3) < 0.01
    bell = np.exp(-0.5 * ((0.3 - m * data) / sd) ** 2)
    exact = (bell * (m * data - 0.3)).sum() / sd**2 / bell.sum()
    sampled = -noise[near] / sd
    assert sampled.mean() == pytest.approx(exact, abs=4 * sampled.std() / near.sum() ** 0.5)


def test_the_gradient_is_that_of_autograd():
    flat = torch.randn(3, sn.initial_parameters(DESIGN, replicates=1, rng=generator(0)).shape[1],
                       generator=generator(6), dtype=torch.float64)  # fmt: skip
    inputs = torch.randn(40, 8, generator=generator(7), dtype=torch.float64)
    weight = torch.rand(3, 40, generator=generator(8), dtype=torch.float64)
    target = torch.randn(3, 40, generator=generator(9), dtype=torch.float64)
    leaf = flat.clone().requires_grad_()
    hidden = inputs
    layers = sn.unflatten(leaf, DESIGN)
    for w, b in layers[:-1]:
        hidden = torch.nn.functional.silu(hidden @ w + b)
    plain = (hidden @ layers[-1][0] + layers[-1][1])[..., 0]
    (weight * (plain - target) ** 2).sum().backward()

    out, cache = sn.forward(inputs, sn.unflatten(flat, DESIGN))
    assert torch.allclose(out, plain)
    gradient = torch.zeros_like(flat)
    slope = 2 * weight * (out - target)
    sn.backward(inputs, sn.unflatten(flat, DESIGN), cache, slope, sn.unflatten(gradient, DESIGN))
    assert torch.allclose(gradient, leaf.grad)


class Plain(torch.nn.Module):
    """One network, as one writes it down."""

    def __init__(self, flat):
        super().__init__()
        self.linear = torch.nn.ModuleList()
        for weight, bias in sn.unflatten(flat[None], DESIGN):
            layer = torch.nn.Linear(*weight.shape[1:])
            layer.weight.data, layer.bias.data = weight[0].T.clone(), bias[0, 0].clone()
            self.linear.append(layer)

    def forward(self, x):
        for layer in self.linear[:-1]:
            x = torch.nn.functional.silu(layer(x))
        return self.linear[-1](x)[:, 0]


def test_training_is_that_of_single_networks(monkeypatch):
    """Adam and autograd on one network after the other, with the best on held-out data kept."""
    monkeypatch.setattr(sn, "CHECK_EVERY", 5)
    rows, steps, t_low, t_high = 3, 18, 0.01, 2.0
    truth = rd.rough_density(1.0, 64, replicates=rows, rng=generator(10))
    training, held_out = (
        truth.draw(60, generator(11)),
        truth.draw(30, generator(12)),
    )
    got = sn.train(training, held_out, t_low, t_high, DESIGN, steps=steps, rng=generator(13))

    at = sn.nodes(t_low, t_high, torch.device("cpu"))
    base = sn.uniform_score(at.x, at.t)
    inputs = sn.features(at.x, at.t, DESIGN.octaves).float()
    start = sn.initial_parameters(DESIGN, replicates=rows, rng=generator(13))
    x = torch.linspace(-1.2, 1.2, 50, dtype=torch.float64)
    for row in range(rows):
        network = Plain(start[row])
        adam = torch.optim.AdamW(network.parameters(), lr=1.0, weight_decay=sn.DECAY)
        best, kept = math.inf, None
        data = [sn.empirical_score(c[row : row + 1], at) for c in (training, held_out)]
        for step in range(steps):
            here = at.level % 6 == step % 6
            density, score = data[0]
            weight = (at.weight * density[0]).float()[here]
            target = (score[0] - base).float()[here]
            loss = 6 * (weight * (network(inputs[here]) - target) ** 2).sum()
            adam.zero_grad()
            loss.backward()
            adam.param_groups[0]["lr"] = cosine_rate(step, steps, 3e-3)
            adam.step()
            if (step + 1) % 5 == 0 or step == steps - 1:
                density, score = data[1]
                with torch.no_grad():
                    error = network(inputs) - (score[0] - base).float()
                risk = float((at.weight * density[0] * error.double() ** 2).sum())
                if risk < best:
                    best, kept = risk, copy.deepcopy(network)
        time = torch.full_like(x, 0.05)
        with torch.no_grad():
            plain = kept(sn.features(x, time, DESIGN.octaves).float()).double()
        plain = plain + sn.uniform_score(x, time)
        assert torch.allclose(got.score(x, 0.05)[row], plain, atol=2e-4)


def test_a_trained_network_is_closer_to_the_score_than_the_start():
    """With many data the network finds the score of the diffused density itself."""
    truth = rd.rough_density(2.0, 4096, replicates=2, rng=generator(14))
    training, held_out = (
        truth.draw(100_000, generator(15)),
        truth.draw(20_000, generator(16)),
    )
    network = sn.train(
        training, held_out, 1e-3, 3.0, sn.Design(24, 2, 3), steps=300, rng=generator(17)
    )
    at = sn.nodes(1e-3, 3.0, torch.device("cpu"))
    density, score = sn.empirical_score(truth.mass, at)
    base = sn.uniform_score(at.x, at.t)
    found = torch.empty_like(score)
    for level in range(sn.LEVELS):
        here = at.level == level
        found[:, here] = network.score(at.x[here], float(at.t[here][0]))
    weight = at.weight * density
    before = (weight * (base - score) ** 2).sum(1)
    after = (weight * (found - score) ** 2).sum(1)
    assert bool((after < 0.25 * before).all())


def test_replicates_do_not_mix():
    counts = drawn(1.0, 64, 50, 2, 18)
    both = sn.train(counts, counts, 0.01, 2.0, DESIGN, steps=6, rng=generator(20))
    changed = counts.clone()
    changed[1] = counts[1].flip(0)
    other = sn.train(changed, changed, 0.01, 2.0, DESIGN, steps=6, rng=generator(20))
    assert torch.allclose(both.parameters[0], other.parameters[0], atol=1e-6)
    assert not torch.allclose(both.parameters[1], other.parameters[1], atol=1e-4)
