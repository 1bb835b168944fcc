"""Alias tables, against the law that they stand for."""

import numpy as np
import pytest
import torch

from ratecheck.lab.finite_sums.alias import Alias
from ratecheck.lab.finite_sums.laws import mean_sign_law


@pytest.mark.parametrize(
    "law",
    [
        mean_sign_law(400, 20),
        (np.arange(3.0), np.array([0.0, 1.0, 0.0])),
        (np.arange(5.0), np.array([0.5, 0.1, 0.2, 0.15, 0.05])),
    ],
)
def test_each_value_is_picked_on_its_probability_of_the_interval(law):
    values, probabilities = law
    cells = 2**20
    middles = (torch.arange(cells, dtype=torch.float64) + 0.5) / cells
    picked = Alias.of(values, probabilities.copy(), torch.device("cpu")).pick(middles.float())
    seen = [(picked == np.float32(value)).double().mean().item() for value in values]
    # each cell may be wrong by one of the middles at either end
    np.testing.assert_allclose(seen, probabilities, atol=4 * len(values) / cells)


def test_the_largest_uniform_number_is_in_the_last_cell():
    last = torch.tensor([1 - 2.0**-24])
    for size in range(1, 600):
        table = Alias.of(np.arange(size), np.full(size, 1 / size), torch.device("cpu"))
        assert table.pick(last).item() == size - 1
