"""Weight decay against the trained network, and the risk against its definition."""

import torch

from ratecheck.lab.estimators.soft_spectrum import edge, observe
from ratecheck.lab.networks.deep_linear import train_deep_linear


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def test_a_trained_network_of_full_width_has_the_risk_of_the_soft_threshold():
    truth = torch.arange(1, 9, dtype=torch.float64) ** -1.0
    seen = observe(8, 1.0, 50, 0.3, replicates=4, rng=generator())
    noise = torch.randn(4, 8, 8, generator=generator(), dtype=torch.float64) * 0.3 / 50**0.5
    noisy = torch.diag(truth) + noise
    torch.testing.assert_close(seen.values, torch.linalg.svdvals(noisy))
    gram = torch.eye(8, dtype=torch.float64).expand(4, 8, 8)
    trained = train_deep_linear(gram, noisy, [8], steps=600, decay=0.2, rng=generator())
    direct = (trained - torch.diag(truth)).square().sum((1, 2))
    torch.testing.assert_close(seen.risk(seen.decayed(0.2)), direct, rtol=1e-4, atol=0)


def test_all_singular_values_leave_the_noise_itself():
    seen = observe(64, 1.0, 100, 0.5, replicates=400, rng=generator())
    risk = seen.risk(seen.truncated(64)).mean()
    torch.testing.assert_close(risk, torch.tensor(0.25 * 64**2 / 100).to(risk), rtol=0.01, atol=0)


def test_the_edge_is_the_largest_singular_value_of_noise():
    seen = observe(256, 99.0, 7, 2000.0, replicates=4, rng=generator())
    assert abs(seen.values[:, 0].mean() / edge(256, 7, 2000.0) - 1) < 0.03
