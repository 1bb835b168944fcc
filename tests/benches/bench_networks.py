"""How much faster batched training is than the loop over replicates.

The loop is torch as one writes it: `nn.Sequential`, autograd, the default Adam, one network after
the other, on the same minibatches.
"""

import pytest
import torch

from ratecheck.lab.networks import stacked as networks
from ratecheck.lab.networks.stacked import Recipe
from ratecheck.lab.networks.training import cosine_rate
from tests.benches.timing import ceilings
from tests.lab.networks.test_stacked import module, off_the_data

STEPS, DATA = 40, 512


def loop(stack, x, y, draws):
    """Final values on each network's own data."""
    values = []
    for index in range(stack.count):
        model = module(stack, index)
        adam = torch.optim.Adam(model.parameters(), lr=2e-3)
        for step, rows in enumerate(draws):
            adam.param_groups[0]["lr"] = cosine_rate(step, STEPS, 2e-3)
            adam.zero_grad()
            mine = rows[index]
            (model(x[index, mine])[:, 0] - y[index, mine]).square().mean().backward()
            adam.step()
        values.append(model(x[index])[:, 0].detach())
    return torch.stack(values)


@pytest.mark.parametrize(
    ("replicates", "width", "depth", "seen"),
    [(1, 48, 6, 2.0), (16, 48, 6, 4.7), (16, 24, 2, 8.0), (64, 24, 2, 12)],
)
def test_training_loop(faster, benchmark, replicates, width, depth, seen, monkeypatch):
    monkeypatch.setattr(networks, "SNAPSHOTS", 1)
    rng = torch.Generator().manual_seed(0)
    x = torch.rand(replicates, DATA, 1, generator=rng)
    y = (6 * x[..., 0]).sin() + 0.25 * torch.randn(replicates, DATA, generator=rng)
    recipe = Recipe((width,) * depth, steps=STEPS, restarts=1, held_out=0.01)
    stack = off_the_data(networks.initialise(x, recipe.hidden, 4.0, rng))
    rng = torch.Generator().manual_seed(1)
    fitted = DATA - round(0.01 * DATA)
    draws = [torch.randint(fitted, (replicates, 256), generator=rng) for _ in range(STEPS)]

    def fast():
        trained, _ = networks.train(stack, x, y, recipe, rng=torch.Generator().manual_seed(1))
        return trained(x)

    assert torch.allclose(fast(), loop(stack, x, y, draws), atol=2e-3)
    faster(lambda: loop(stack, x, y, draws), fast, seen)
    weights = width + (depth - 1) * width**2 + width
    work = 6 * 256 * weights * STEPS * replicates / 1e9  # forward, and twice that backward
    reached = work / benchmark.stats.stats.min
    benchmark.extra_info["share_of_matmul"] = round(reached / ceilings()["GFLOP/s fp32"], 2)
