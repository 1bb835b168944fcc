import numpy as np
import torch
from scipy.stats import kstest

from ratecheck import lab


def stream(seed):
    return torch.Generator().manual_seed(seed)


def test_the_stream_follows_from_the_generator():
    one, two = (lab.randomness.numpy_generator(stream(3)).random(8) for _ in range(2))
    assert np.array_equal(one, two)
    torch.manual_seed(7)
    assert np.array_equal(lab.randomness.numpy_generator(stream(3)).random(8), one)


def test_calls_and_seeds_give_streams_of_their_own():
    rng = stream(3)
    streams = [lab.randomness.numpy_generator(rng) for _ in range(2)]
    streams += [lab.randomness.numpy_generator(stream(seed)) for seed in (4, 5)]
    firsts = np.stack([generator.random(4) for generator in streams])
    assert len(np.unique(firsts)) == firsts.size


def test_first_draws_over_many_seeds_are_uniform():
    draws = [lab.randomness.numpy_generator(stream(seed)).random() for seed in range(500)]
    assert kstest(draws, "uniform").pvalue > 1e-3
