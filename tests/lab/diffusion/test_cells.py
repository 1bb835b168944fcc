"""Matrices along an axis and cosines against scipy; places and padding against plain counting."""

import numpy as np
import torch
from scipy import fft

from ratecheck.lab.diffusion import cells


def test_cosines_are_those_of_scipy():
    x = np.random.default_rng(0).normal(size=(3, 12))
    assert np.allclose(x @ cells.cosines(12).numpy().T, fft.dct(x, norm="ortho"))


def test_a_matrix_moves_one_axis():
    rng = np.random.default_rng(1)
    x, matrix = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(6, 4))
    got = cells.apply_along(torch.from_numpy(matrix), torch.from_numpy(x), 2)
    assert np.allclose(got, np.einsum("ba,riaj->ribj", matrix, x))
    last = cells.apply_along(torch.from_numpy(matrix), torch.from_numpy(x.swapaxes(2, 3)), 3)
    assert np.allclose(last, np.einsum("ba,rija->rijb", matrix, x.swapaxes(2, 3)))
    assert cells.along_axis(torch.arange(4), 2, 3).shape == (1, 1, 4, 1)


def test_centres_are_the_means_of_edges():
    edges = np.linspace(-1, 1, 8)
    assert np.allclose(cells.centres(7), (edges[1:] + edges[:-1]) / 2)


def test_padding_moves_nothing():
    mass = torch.rand(2, 4, 4, 4, generator=torch.Generator().manual_seed(14))
    padded = cells.padded(mass, 2)
    assert padded.shape == (2, 8, 8, 8)
    assert torch.equal(padded[:, 2:6, 2:6, 2:6], mass)
    assert int(padded.count_nonzero()) == int(mass.count_nonzero())
