"""A head of attention against torch's, and what it learns."""

import torch

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.networks import attention
from ratecheck.lab.networks.selection import Search
from ratecheck.lab.targets.ranked_tokens import problem, split


def test_attention_is_torchs():
    rng = torch.Generator().manual_seed(0)
    values, keys = uniform(2, 3, 5, rng=rng), normal(2, 3, 5, 4, rng=rng)
    queries = normal(2, 6, 4, rng=rng)
    expected = torch.nn.functional.scaled_dot_product_attention(
        queries[:, None], keys, values[..., None], scale=1.0
    )
    assert torch.allclose(attention.attend(values, keys, queries), expected[..., 0].mT)


def test_sharpest_is_the_limit_of_attention():
    rng = torch.Generator().manual_seed(0)
    values, keys = uniform(2, 3, 5, rng=rng), normal(2, 3, 5, 4, rng=rng)
    query = normal(2, 4, rng=rng)
    limit = attention.attend(values, keys, 1e4 * query[:, None])[:, 0]
    assert torch.allclose(attention.sharpest(values, keys, query)[..., 0], limit)


def test_the_direction_of_importance_is_learnt():
    rng = torch.Generator().manual_seed(1)
    data = problem(1.0, 0.3, 8, replicates=4, rng=rng).data(400, replicates=4, rng=rng)
    search = Search(rate=0.1)
    query = attention.find(*split(data.x), data.y, search, rng=rng).double()
    aligned = (query * data.target.direction).sum(1) / query.norm(dim=1)
    assert aligned.min() > 0.9
    untrained = attention.find(*split(data.x), data.y, Search(steps=0), rng=rng).double()
    assert ((untrained * data.target.direction).sum(1) / untrained.norm(dim=1)).min() < 0.9
