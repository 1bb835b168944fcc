import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from ratecheck import lab
from ratecheck.lab import draws
from ratecheck.lab.draws import in_parts


def stream(seed):
    return torch.Generator().manual_seed(seed)


def test_the_stream_follows_from_the_generator():
    one, two = (lab.draws.numpy_generator(stream(3)).random(8) for _ in range(2))
    assert np.array_equal(one, two)
    torch.manual_seed(7)
    assert np.array_equal(lab.draws.numpy_generator(stream(3)).random(8), one)


def test_calls_and_seeds_give_streams_of_their_own():
    rng = stream(3)
    streams = [lab.draws.numpy_generator(rng) for _ in range(2)]
    streams += [lab.draws.numpy_generator(stream(seed)) for seed in (4, 5)]
    firsts = np.stack([generator.random(4) for generator in streams])
    assert len(np.unique(firsts)) == firsts.size


def test_first_draws_over_many_seeds_are_uniform():
    draws = [lab.draws.numpy_generator(stream(seed)).random() for seed in range(500)]
    assert kstest(draws, "uniform").pvalue > 1e-3


def test_draws_have_their_laws_and_follow_from_the_generator():
    z, u, s = (f(20_000, rng=stream(1)) for f in (draws.normal, draws.uniform, draws.signs))
    assert kstest(z.numpy(), "norm").pvalue > 1e-4
    assert kstest(u.numpy(), "uniform").pvalue > 1e-4
    assert set(s.tolist()) == {-1, 1}
    assert abs(float(s.double().mean())) < 4 / len(s) ** 0.5
    assert torch.equal(draws.normal(2, 3, rng=stream(1)), draws.normal(2, 3, rng=stream(1)))
    assert draws.uniform(3, rng=stream(1), dtype=torch.float32).dtype == torch.float32


@given(st.integers(1, 70), st.integers(1, 80))
def test_parts_make_up_the_whole(count, rows):
    x = torch.rand(count, 5, dtype=torch.float64)
    y = torch.rand(count, dtype=torch.float64)
    seen = []

    def function(a, b):
        seen.append(len(a))
        return (a.sin() * b[:, None]).sum(1)

    assert torch.equal(in_parts(function, x, y, rows=rows), (x.sin() * y[:, None]).sum(1))
    assert max(seen) <= rows
    assert sum(seen) == count


def test_what_does_not_fit_together_is_refused():
    x, y = torch.zeros(3), torch.zeros(4)
    with pytest.raises(ValueError, match="same number"):
        in_parts(torch.add, x, y, rows=2)
    with pytest.raises(ValueError, match="computes nothing"):
        in_parts(torch.neg, x, rows=0)
