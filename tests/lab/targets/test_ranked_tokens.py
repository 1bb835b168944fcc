"""Windows of tokens, against what is written out."""

import math

import pytest
import torch

from ratecheck.lab.targets.ranked_tokens import problem, split


def windows(length=6, rank=1):
    rng = torch.Generator().manual_seed(0)
    data = problem(1.0, 0.0, length, rank, replicates=3, rng=rng).data(50, replicates=3, rng=rng)
    return data, data.target


def test_one_token_is_well_separated_and_anywhere():
    data, target = windows()
    _, keys = split(data.x)
    importance = torch.einsum("rnlk,rk->rnl", keys, target.direction)
    ranked, places = importance.sort(2, descending=True)
    assert ranked[..., 0].min() >= 1.5
    assert ranked[..., 0].max() <= 2
    assert ranked[..., 1:].abs().max() <= 1
    assert set(places[..., 0].flatten().tolist()) == set(range(6))


def test_keys_are_normal_across_the_direction():
    data, target = windows(40)
    _, keys = split(data.x)
    along = torch.einsum("rnlk,rk->rnl", keys, target.direction)
    across = keys.square().sum(3) - along.square()  # chi squared with 3 degrees: 3 +- 0.03
    assert abs(across.mean().item() - 3) < 0.15


@pytest.mark.parametrize("rank", [1, 2, 6])
def test_function_is_that_of_the_ranked_value(rank):
    data, target = windows(rank=rank)
    values, keys = split(data.x)
    for row in range(3):
        for at in range(5):
            order = sorted(range(6), key=lambda j: -float(keys[row, at, j] @ target.direction[row]))
            value = float(values[row, at, order[rank - 1]])
            terms = enumerate(target.inner.coefficients[row].tolist(), start=1)
            expected = sum(c * math.sqrt(2) * math.cos(math.pi * k * value) for k, c in terms)
            assert data.y[row, at].item() == pytest.approx(expected)


def test_order_of_the_tokens_does_not_matter():
    data, target = windows()
    values, keys = split(data.x)
    order = torch.randperm(6, generator=torch.Generator().manual_seed(1))
    shuffled = torch.cat([values[..., order], keys[:, :, order].flatten(2)], 2)
    assert torch.allclose(target(shuffled), data.y)
