"""Dilated convolutions against torch's, and what they find."""

import pytest
import torch

from ratecheck.lab.draws import normal, uniform
from ratecheck.lab.networks import dilated
from ratecheck.lab.networks.selection import Search


@pytest.mark.parametrize("is_dilated", [True, False])
@pytest.mark.parametrize("inputs", [3, 9, 20, 27])
def test_filter_is_that_of_stacked_convolutions(inputs, is_dilated):
    rng = torch.Generator().manual_seed(0)
    depth = dilated.layers(inputs)
    taps = normal(1, 1, depth, 3, rng=rng)
    x = uniform(1, 4, inputs, rng=rng)
    ways = dilated.paths(inputs, dilated=is_dilated).double()
    seen = x[0] @ dilated.filters(taps, ways)[0, 0]
    values = torch.nn.functional.pad(x[0], (0, 3**depth - inputs))[:, None]
    for layer in reversed(range(depth)):  # the last factor has dilation 1
        step = 3 ** (depth - 1 - layer) if is_dilated else 1
        values = torch.nn.functional.conv1d(values, taps[0, 0, layer][None, None], dilation=step)
    assert torch.allclose(seen, values[:, 0, 0])


def test_layers_are_the_logarithm():
    assert [dilated.layers(inputs) for inputs in (1, 3, 4, 9, 27, 81, 82, 243)] == [
        1, 1, 2, 2, 3, 4, 5, 5]  # fmt: skip


def test_the_input_of_a_wave_is_found():
    rng = torch.Generator().manual_seed(1)
    place = torch.tensor([0, 7, 13, 26])
    x = uniform(4, 400, 27, rng=rng)
    y = (6 * x[torch.arange(4), :, place]).cos() + 0.3 * normal(4, 400, rng=rng)
    assert (dilated.find(x, y, Search(), rng=rng) == place).all()


def test_without_dilation_far_inputs_are_out_of_reach():
    reach = dilated.paths(27, dilated=False).sum(0)
    assert reach.nonzero().max() == 6
    assert dilated.paths(27).sum(0).eq(1).all()
