"""Directions against numpy's eigenvectors, compression against networks whose nodes lie in few."""

import numpy as np
import torch

from ratecheck.lab.networks.directions import compressed, directions, first, fitted, ranks
from ratecheck.lab.networks.stacked import initialise


def generator():
    return torch.Generator().manual_seed(3)


def networks(x, hidden=(12, 8)):
    return initialise(x, hidden, 1.4, generator())


def data(n=200):
    return torch.randn(3, n, 5, generator=generator(), dtype=torch.float64)


def test_the_leading_directions_carry_the_largest_second_moments():
    x = data()
    net = networks(x)
    (w, c), (v, e), _ = ([part[1].numpy() for part in layer] for layer in net.layers)
    first = np.maximum(x[1].numpy() @ w + c, 0)
    second = np.maximum(first @ v + e, 0)
    for basis, nodes in zip(directions(net, x), (first, second), strict=True):
        along = np.square(nodes @ basis[1].numpy()).mean(0)
        values = np.linalg.eigvalsh(nodes.T @ nodes / len(nodes))[::-1]
        np.testing.assert_allclose(along, values, rtol=1e-8, atol=1e-12)


def test_all_directions_change_nothing_and_fewer_are_projections_before_each_layer():
    x = data(50)
    net = networks(x)
    basis = directions(net, x)
    read = first(net, x)
    torch.testing.assert_close(compressed(net, read, basis, 12), net(x))
    (w, c), (v, e), (u, f) = net.layers
    one, two = (part[..., :3] @ part[..., :3].mT for part in basis)
    inner = ((x @ w + c).relu() @ one @ v + e).relu()
    torch.testing.assert_close(compressed(net, read, basis, 3), ((inner @ two) @ u + f)[..., 0])


def test_copies_of_a_node_are_one_direction():
    x = data()
    net = networks(x, (12,))
    (w, c), _ = net.layers
    w.copy_(w[..., :1].expand_as(w))
    c.copy_(c[..., :1].expand_as(c))
    assert ranks(net, x, x, 1e-9).tolist() == [1.0] * 3


def test_the_rank_is_the_least_that_keeps_the_share():
    x = data()
    net = networks(x)
    basis, full, found = directions(net, x), net(x), ranks(net, x, x, 0.05)
    said = [compressed(net, first(net, x), basis, r) - full for r in range(1, 13)]
    for row, rank in enumerate(found.int().tolist()):
        loss = [gap[row].square().mean() for gap in said]
        kept = [float(one / full[row].var(unbiased=False)) <= 0.05 for one in loss]
        assert kept.index(True) + 1 == rank


def test_a_fitted_network_fits():
    x = data(40).float()
    y = x[..., 0].abs()
    net = fitted(x, y, (16, 16), batch=20, rng=generator())
    assert (net(x) - y).square().mean() < 0.25 * y.var()
