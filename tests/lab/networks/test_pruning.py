"""Information loss, leverage and what replaces nodes, against direct formulas and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from ratecheck.lab.networks import pruning
from ratecheck.lab.networks.pruning import Spectrum


def nodes(replicates=3, data=60, m=12):
    rng = torch.Generator().manual_seed(2)
    mix = torch.randn(replicates, m, m, generator=rng, dtype=torch.float64)
    scale = torch.arange(1, m + 1, dtype=torch.float64) ** -1.0
    values = torch.randn(replicates, data, m, generator=rng, dtype=torch.float64) * scale
    return (values @ mix)[:, :, None]


@pytest.fixture
def values():
    return nodes()


@pytest.fixture
def spectrum(values):
    return Spectrum(pruning.covariance(values))


def test_the_covariance_is_that_of_nodes_after_the_relu(values):
    phi = np.maximum(values[1, :, 0].numpy(), 0)
    own = pruning.covariance(values)[1].numpy()
    np.testing.assert_allclose(own, sum(np.outer(v, v) for v in phi) / len(phi))


def test_leverage_is_its_definition(spectrum):
    lam = 0.1 * spectrum.largest
    for s, at, tau in zip(spectrum.s, lam, spectrum.leverage(lam), strict=True):
        direct = s @ torch.linalg.inv(s + at * torch.eye(len(s), dtype=s.dtype))
        torch.testing.assert_close(tau, direct.diagonal())


def test_the_loss_is_the_largest_of_ridge_regressions(spectrum):
    """sup over z of the minimum over a, by its Schur complement on the drawn nodes alone."""
    lam, size = 0.05 * spectrum.largest, torch.tensor([4.0, 6.0, 9.0])
    tau = spectrum.leverage(lam)
    counts = pruning.drawn(tau, size, rng=torch.Generator().manual_seed(1))
    assert counts.sum(1).tolist() == size.tolist()
    loss = spectrum.loss(lam, pruning.weights(counts, tau, size))
    for r, s in enumerate(spectrum.s):
        drawn = counts[r].nonzero()[:, 0]
        q = tau[r] / tau[r].sum()
        penalty = torch.diag(lam[r] * size[r] * q[drawn] / counts[r, drawn])
        across = s[:, drawn]
        left = s - across @ torch.linalg.solve(s[drawn][:, drawn] + penalty, across.mT)
        direct = torch.linalg.eigvalsh(left)[-1]
        assert direct <= loss[r] * (1 + 1e-12)
        assert loss[r] <= direct + 2e-5 * spectrum.largest[r]


def test_a_node_written_more_than_once_changes_nothing_for_leverage():
    """Its copies divided by the root of their number share its leverage; N stays, and so do the
    losses of draws that count copies together."""
    values = nodes(replicates=1)
    copies = torch.tensor([1] * 11 + [5])
    wide = values.repeat_interleave(copies, 3)
    wide = wide / copies.repeat_interleave(copies).sqrt()
    one, many = (Spectrum(pruning.covariance(v)) for v in (values, wide))
    lam = 0.1 * one.largest
    tau, shared = one.leverage(lam), many.leverage(lam)
    torch.testing.assert_close(shared[:, 11:].sum(1), tau[:, 11])
    torch.testing.assert_close(shared[:, :11], tau[:, :11])
    size = torch.tensor([6.0])
    counts = torch.tensor([[2.0] + [0.0] * 10 + [4.0]], dtype=torch.float64)
    apart = torch.tensor([[2.0] + [0.0] * 10 + [1.0, 0, 2, 1, 0]], dtype=torch.float64)
    uniform = copies[None].double()
    torch.testing.assert_close(
        one.loss(lam, pruning.weights(counts, uniform, size)),
        many.loss(lam, pruning.weights(apart, torch.ones(1, 16, dtype=torch.float64), size)),
    )


def test_draws_have_their_probabilities():
    share = torch.tensor([[1.0, 0.0, 2.0, 5.0]], dtype=torch.float64)
    size = torch.tensor([80_000.0], dtype=torch.float64)
    counts = pruning.drawn(share, size, rng=torch.Generator().manual_seed(4))
    expected = 10_000 * share
    assert counts[0, 1] == 0
    assert ((counts - expected).abs() <= 4 * expected.sqrt()).all()


def test_nodes_as_they_are_lose_those_that_are_out(spectrum):
    kept = torch.arange(12) < 7
    direct = torch.linalg.eigvalsh(spectrum.s[:, 7:, 7:])[:, -1]
    torch.testing.assert_close(spectrum.bare(kept.expand(3, -1)), direct)


def test_what_replaces_nodes_is_ridge_regression(values, spectrum):
    kept = torch.tensor([True, False] * 6)
    maps = spectrum.maps(kept.expand(3, -1))
    phi = values[2, :, 0].relu().numpy()
    penalty = pruning.RIDGE * float(spectrum.norms[2].sum()) * len(phi)
    fit = Ridge(alpha=penalty, fit_intercept=False).fit(phi[:, kept.numpy()], phi)
    np.testing.assert_allclose(maps[2][kept].numpy(), fit.coef_.T, atol=1e-9)
    assert not maps[2][~kept].any()


def test_the_greedy_choice_is_that_of_brute_force(spectrum):
    when = spectrum.greedy()
    assert all(sorted(row.tolist()) == list(range(12)) for row in when)
    for s, row in zip(spectrum.s.numpy(), when.numpy(), strict=True):
        kept = []
        for step in range(5):

            def left(j, kept=kept, s=s):
                on = [*kept, j]
                return np.trace(s - s[:, on] @ np.linalg.solve(s[np.ix_(on, on)], s[on]))

            kept.append(min(set(range(12)) - set(kept), key=left))
            assert row[kept[-1]] == step


def test_the_size_of_the_theorem():
    assert pruning.theorem_size(torch.tensor([2.0])).tolist() == [np.ceil(10 * np.log(160))]
