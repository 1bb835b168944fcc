"""Stacked classifiers against torch's own layers; their training against the truth."""

import pytest
import torch
import torch.nn.functional as F

from ratecheck import lab
from ratecheck.lab.networks import classifiers
from ratecheck.lab.networks.classifiers import Classifiers, Images


def stream(seed=3):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def images():
    return Images.digits(300, replicates=2, rng=stream())


def untrained(images, layers):
    return classifiers.train(images, layers, steps=1, rng=stream())


def test_splits_are_of_the_whole_set(images):
    x, y = lab.bundled.bundled("digits")
    both = torch.cat([images.x, images.held_out[0]], 1)
    assert both.shape == (2, 1797, 64)
    for own in both:
        torch.testing.assert_close(own.sum(0).double() * 16, x.sum(0))
    assert torch.cat([images.y, images.held_out[1]], 1)[0].bincount().equal(y.bincount())
    assert not images.y[0].equal(images.y[1])


def test_dense_networks_are_those_of_torch(images):
    net = untrained(images, classifiers.dense(64, (7, 5)))
    for r in range(2):
        here = images.x[r]
        for layer in range(3):
            here = F.linear(here, net.weights[layer][r].mT, net.biases[layer][r, 0])
            here = here.relu() if layer < 2 else here
        torch.testing.assert_close(net(images.x)[r], here, atol=1e-5, rtol=1e-5)


def test_convolutions_are_those_of_torch(images):
    net = untrained(images, classifiers.convolutional(8, (3, 4)))
    for r in range(2):
        here = images.x[r].view(-1, 1, 8, 8)
        for layer, below in ((0, 1), (1, 3)):
            kernel = net.weights[layer][r].view(3, 3, below, -1).permute(3, 2, 0, 1)
            here = F.conv2d(here, kernel, net.biases[layer][r, 0], stride=2, padding=1)
            torch.testing.assert_close(
                net.values(images.x)[layer][r].permute(0, 2, 1), here.flatten(2),
                atol=1e-5, rtol=1e-5)  # fmt: skip
            here = here.relu()
        flat = here.flatten(2).permute(0, 2, 1).flatten(1)
        says = F.linear(flat, net.weights[2][r].mT, net.biases[2][r, 0])
        torch.testing.assert_close(net(images.x)[r], says, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("conv", [False, True])
def test_a_layer_reads_what_replaces_its_nodes(images, conv):
    layers = classifiers.convolutional(8, (3, 4)) if conv else classifiers.dense(64, (3, 4))
    net = untrained(images, layers)
    same = net.reading(1, torch.eye(4).expand(2, 4, 4))
    torch.testing.assert_close(same(images.x), net(images.x))
    maps = torch.zeros(2, 4, 4)
    maps[:, 0, 0] = maps[:, 1, 1] = maps[:, 2, 2] = 1
    maps[:, 2, 3] = 0.5  # the last node is replaced by half of the one before
    *_, before, _ = net.values(images.x)
    phi = before.relu()
    phi = torch.cat([phi[..., :3], 0.5 * phi[..., 2:3]], -1)
    above = torch.baddbmm(net.biases[2], layers[2].patches(phi), net.weights[2])
    torch.testing.assert_close(net.reading(1, maps)(images.x), above, atol=1e-5, rtol=1e-5)


def test_networks_learn_and_never_mix(images):
    net = classifiers.train(images, classifiers.dense(64, (32,)), steps=80, rate=0.02, rng=stream())
    accuracy = net.accuracy(images)
    assert (accuracy > 0.8).all()
    x, y = images.held_out
    alone = Classifiers(net.layers, [w[:1] for w in net.weights], [b[:1] for b in net.biases])
    right = alone(x[:1]).argmax(-1) == y[:1]
    assert right.double().mean() == accuracy[0]


def test_a_layer_that_does_not_fit_is_refused():
    layer = classifiers.dense(64, (3,))[1]
    with pytest.raises(ValueError, match="1 taps sees 4 positions"):
        layer.patches(torch.zeros(1, 2, 4, 3))
