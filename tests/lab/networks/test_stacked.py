"""Batched training against one network at a time, by autograd and torch's own layers."""

import math
from itertools import pairwise

import pytest
import torch

from ratecheck.lab.networks import stacked as networks
from ratecheck.lab.networks.stacked import Networks, Recipe
from ratecheck.lab.networks.training import cosine_rate


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def data(replicates: int, n: int, inputs: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    rng = generator(seed)
    x = torch.rand(replicates, n, inputs, generator=rng, dtype=torch.float64)
    noise = torch.randn(replicates, n, generator=rng, dtype=torch.float64)
    return x, (6 * x).sin().sum(-1) + 0.1 * noise


def module(stack: Networks, index: int) -> torch.nn.Sequential:
    """One network of a stack as torch builds it."""
    parts: list[torch.nn.Module] = []
    for (a, b), (weights, biases) in zip(pairwise(stack.sizes), stack.layers, strict=True):
        layer = torch.nn.Linear(a, b).to(stack.flat.dtype)
        with torch.no_grad():
            layer.weight.copy_(weights[index].mT)
            layer.bias.copy_(biases[index, 0])
        parts += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def off_the_data(stack: Networks) -> Networks:
    """Kinks beside the inputs: on one, round-off decides which side it lies on."""
    stack.layers[0][1].add_(1e-3)
    return stack


def train_alone(stack, index, x, y, recipe, draws, decay=0.0):
    """The same training with autograd, the default Adam and the same minibatches."""
    model = module(stack, index)
    held = round(recipe.held_out * len(x))
    x_check, y_check = x[-held:], y[-held:]
    adam = torch.optim.Adam(model.parameters(), lr=recipe.rate)
    every = max(1, recipe.steps // networks.SNAPSHOTS)
    best, lowest = None, math.inf
    for step, rows in enumerate(draws):
        adam.param_groups[0]["lr"] = cosine_rate(step, recipe.steps, recipe.rate)
        adam.zero_grad()
        squares = sum(p.square().sum() for p in model.parameters() if p.ndim == 2)
        ((model(x[rows])[:, 0] - y[rows]).square().mean() + decay * squares).backward()
        adam.step()
        if (recipe.steps - 1 - step) % every == 0:
            loss = float((model(x_check)[:, 0] - y_check).square().mean().detach())
            if loss < lowest:
                lowest = loss
                best = {key: value.clone() for key, value in model.state_dict().items()}
    model.load_state_dict(best)
    return model, lowest


@pytest.fixture(params=[{"cpu"}, set()], ids=["compiled", "stacked"])
def way(request, monkeypatch):
    """One network after another, or all at once as on a GPU."""
    monkeypatch.setattr(networks, "COMPILED", request.param)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(("inputs", "hidden"), [(1, (8, 8, 8)), (3, (16,)), (2, (8, 4))])
def test_training_is_that_of_each_network_alone(inputs, hidden):
    """Two replicates with two networks each, 70 steps, in double precision."""
    x, y = data(2, 40, inputs)
    recipe = Recipe(hidden, steps=70, batch=16, restarts=2, held_out=0.25, rate=1e-2)
    stack = off_the_data(networks.initialise(x.repeat_interleave(2, 0), hidden, 4.0, generator(1)))
    trained, loss = networks.train(stack, x, y, recipe, rng=generator(2))
    rng = generator(2)
    draws = [torch.randint(30, (4, 16), generator=rng) for _ in range(recipe.steps)]
    grid = torch.linspace(0, 1, 11, dtype=torch.float64)[:, None].expand(-1, inputs)
    for index in range(4):
        mine = [rows[index] for rows in draws]
        model, lowest = train_alone(stack, index, x[index // 2], y[index // 2], recipe, mine)
        assert float(loss[index]) == pytest.approx(lowest, rel=1e-9)
        assert torch.allclose(trained(grid)[index], model(grid)[:, 0], rtol=0, atol=1e-9)


@pytest.mark.usefixtures("way")
def test_weights_decay_and_biases_do_not():
    x, y = data(2, 40, 3)
    recipe = Recipe((8, 4), steps=70, batch=16, rate=1e-2)
    stack = off_the_data(networks.initialise(x.repeat_interleave(2, 0), (8, 4), 4.0, generator(1)))
    decay = torch.tensor([0.0, 0.3, 0.01, 0.1], dtype=torch.float64)
    trained, loss = networks.train(stack, x, y, recipe, decay, rng=generator(2))
    rng = generator(2)
    draws = [torch.randint(30, (4, 16), generator=rng) for _ in range(recipe.steps)]
    for index in range(4):
        mine = [rows[index] for rows in draws]
        data_of = (x[index // 2], y[index // 2])
        model, lowest = train_alone(stack, index, *data_of, recipe, mine, float(decay[index]))
        assert float(loss[index]) == pytest.approx(lowest, rel=1e-9)
        assert torch.allclose(trained(x[0])[index], model(x[0])[:, 0], rtol=0, atol=1e-9)


def test_decay_is_chosen_by_held_out_data():
    """Two restarts with each of three penalties; the same stack trained by hand."""
    x, y = (part.float() for part in data(4, 64, 1))
    recipe = Recipe((8,), steps=40, batch=32, restarts=2, decays=(0.0, 0.1, 1.0))
    chosen = networks.fit(x, y, recipe, rng=generator(12))
    rng = generator(12)
    stack = networks.initialise(x.repeat_interleave(6, 0), (8,), 4.0, rng)
    decay = torch.tensor([0.0, 0.1, 1.0]).repeat(8)
    _, loss = networks.train(stack, x, y, recipe, decay, rng=rng)
    own = (chosen(x[:, 48:]) - y[:, 48:]).square().mean(1)
    assert torch.allclose(own, loss.view(4, 6).min(1).values, rtol=1e-5)


def test_initial_networks():
    x, _ = data(3, 50, 2)
    stack = networks.initialise(x, (400, 300), 4.0, generator(3))
    (first, kinks), (second, zero), (last, _) = stack.layers
    assert torch.allclose(first.norm(dim=1), torch.full((3, 400), 4.0, dtype=torch.float64))
    # every kink runs through some input of its own replicate
    distance = (x @ first + kinks).abs().min(1).values
    assert float(distance.max()) < 1e-12
    assert float(zero.abs().max()) == 0
    assert float(second.std()) == pytest.approx(math.sqrt(2 / 400) / 4, rel=0.01)
    assert float(last.std()) == pytest.approx(math.sqrt(2 / 300), rel=0.1)


def test_snapshot_is_the_best_on_held_out_data():
    """The loss that is returned is the network's own; with pure noise it is not the last one."""
    rng = generator(4)
    x, y = torch.rand(4, 64, 1, generator=rng), torch.randn(4, 64, generator=rng)
    recipe = Recipe((32, 32), steps=320, batch=32, restarts=1, held_out=0.25, rate=1e-2)
    stack = networks.initialise(x, recipe.hidden, 4.0, generator(5))
    trained, loss = networks.train(stack, x, y, recipe, rng=generator(6))
    own = (trained(x[:, 48:]) - y[:, 48:]).square().mean(1)
    assert torch.allclose(own, loss, rtol=1e-5)
    short = Recipe((32, 32), steps=320, batch=32, restarts=1, held_out=0.25, rate=1e-2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(networks, "SNAPSHOTS", 1)
        _, at_the_end = networks.train(stack, x, y, short, rng=generator(6))
    assert bool((loss < at_the_end).all())


def test_fit_keeps_replicates_apart():
    x, y = data(3, 64, 1)
    recipe = Recipe((16, 16), steps=60, batch=32, restarts=2)
    grid = torch.linspace(0, 1, 9)[:, None]
    before = networks.fit(x, y, recipe, rng=generator(7))(grid)
    y[1] += 1.0
    after = networks.fit(x, y, recipe, rng=generator(7))(grid)
    assert torch.equal(before[[0, 2]], after[[0, 2]])
    assert float((before[1] - after[1]).abs().min()) > 0


def test_restarts_are_chosen_by_held_out_data():
    x, y = data(5, 64, 1)
    recipe = Recipe((8, 8), steps=40, batch=32, restarts=4)
    chosen = networks.fit(x, y, recipe, rng=generator(8))
    x32, y32 = x.float(), y.float()
    rng = generator(8)
    stack = networks.initialise(x32.repeat_interleave(4, 0), (8, 8), 4.0, rng)
    trained, loss = networks.train(stack, x32, y32, recipe, rng=rng)
    values = trained(x32.repeat_interleave(4, 0)[:, 48:])
    assert torch.allclose((values - y32.repeat_interleave(4, 0)[:, 48:]).square().mean(1), loss)
    own = (chosen(x32[:, 48:]) - y32[:, 48:]).square().mean(1)
    assert torch.allclose(own, loss.view(5, 4).min(1).values)


def test_chunks_do_not_change_values(monkeypatch):
    """Evaluation and training in many pieces; each replicate still gets its own network."""
    x, y = data(5, 64, 2)
    recipe = Recipe((16, 16), steps=200, batch=32, restarts=2, rate=1e-2)
    monkeypatch.setitem(networks.ACTIVATION_BYTES, "cpu", 2 * 2 * 32 * 35 * 4 * 2)  # 2 replicates
    chosen = networks.fit(x, y, recipe, rng=generator(9))
    assert chosen.count == 5
    error = (chosen(x) - y).square().mean(1)
    assert float(error.max()) < 0.5 * float(y.var(1).min())
    pieces = chosen(x[0])
    monkeypatch.setitem(networks.ACTIVATION_BYTES, "cpu", 2**30)
    assert torch.equal(pieces, chosen(x[0])) or torch.allclose(pieces, chosen(x[0]), atol=1e-6)
    alone = torch.stack([module(chosen, r)(x[0].float())[:, 0] for r in range(5)])
    assert torch.allclose(pieces, alone, atol=1e-5)


def test_learns_a_smooth_function():
    """Noise-free sine: the network ends far below the variance of 1/2."""
    x = torch.rand(2, 512, 1, generator=generator(10))
    y = (2 * math.pi * x[..., 0]).sin()
    trained = networks.fit(x, y, Recipe((24, 24, 24), steps=600, restarts=1), rng=generator(11))
    grid = torch.linspace(0, 1, 257)[:, None]
    error = (trained(grid) - (2 * math.pi * grid[:, 0]).sin()).square().mean(1)
    assert float(error.max()) < 1e-3
