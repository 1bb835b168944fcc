"""Laws of inputs and labels, against their moments."""

import torch

from ratecheck.lab.regression.decaying import Decaying


def draw(b=2.0, noise=False, replicates=4):
    rng = torch.Generator().manual_seed(5)
    teachers = Decaying(b, 6, noise).draw(replicates=replicates, rng=rng)
    return teachers, *teachers.data(20000, rng=rng)


def test_variances_of_inputs_decay_and_add_up_to_the_dimension():
    _, x, _ = draw()
    powers = torch.arange(1, 7, dtype=torch.float64) ** -2.0
    wanted = (6 * powers / powers.sum()).expand(4, -1)
    torch.testing.assert_close(x.var(1), wanted, rtol=0.05, atol=0)
    assert torch.corrcoef(x[0].T).fill_diagonal_(0).abs().max() < 0.04


def test_labels_are_the_function_of_their_inputs_and_have_its_variance():
    teachers, x, y = draw(0.0, replicates=200)
    own = torch.einsum("k,k->", teachers.outer[3, :, 0], (x[3, 7] @ teachers.inner[3]).tanh())
    torch.testing.assert_close(y[3, 7], own)
    g = torch.randn(10**6, generator=torch.Generator().manual_seed(1)).double()
    torch.testing.assert_close(y.square().mean(), 4 * g.tanh().square().mean(), rtol=0.15, atol=0)


def test_noise_knows_nothing_of_the_inputs():
    teachers, x, y = draw(noise=True)
    assert abs(torch.corrcoef(torch.stack([teachers(x)[0], y[0]]))[0, 1]) < 0.03
    torch.testing.assert_close(y.var(1), torch.ones(4).double(), rtol=0.05, atol=0)
