"""Dual averaging, against plain loops, Gibbs laws by definition and simulated expectations."""

import numpy as np
import pytest
import torch

from ratecheck.lab.mean_field import averaging
from ratecheck.lab.mean_field.averaging import Averaging, Laws, Neurons, expected, gaps

CPU = torch.device("cpu")


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def small(loss="squared", points=7, n=4):
    return averaging.on_lattice(averaging.plane(loss, n=n, bias=False), points)


def value(best, law):
    """L of probabilities on the lattice."""
    net = best.network
    fit = net.losses(law @ best.features).mean() + net.ridge / 2 * law @ (best.x**2).sum(1)
    return fit + net.lam * (law * np.log(law)).sum()


def gibbs_law(best, c, a, heat=1.0):
    energy = best.features @ c + a * best.network.ridge / 2 * (best.x**2).sum(1)
    weight = np.exp((energy.min() - energy) / (heat * best.network.lam))
    return weight / weight.sum()


@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_the_minimum_is_the_least_value_and_that_of_its_own_slopes(loss):
    best = small(loss)
    star = np.append(best.network.slopes(best.f) / 4, 1.0)
    f, gap = Laws(best, CPU)(torch.as_tensor(star)[None])
    np.testing.assert_allclose(f[0], best.f, atol=1e-9)
    assert float(gap) == pytest.approx(0, abs=1e-12)
    rng = np.random.default_rng(1)
    for _ in range(5):
        other = best.law * np.exp(0.1 * rng.standard_normal(len(best.law)))
        assert value(best, other / other.sum()) > value(best, best.law)


@pytest.mark.parametrize(
    ("loss", "method"),
    [
        ("squared", Averaging()),
        ("logistic", Averaging()),
        ("squared", Averaging(alone=True, heat=2.0)),
        ("squared", Averaging(whole=True)),
    ],
)
def test_laws_are_those_of_the_definition(loss, method):
    """All slopes are kept and summed anew at each t, laws and L are computed on the lattice."""
    best, rng, seen, weighted = small(loss), generator(3), [], 0.0
    net, least = best.network, value(best, best.law)
    for t in range(1, 8):
        scale = 2 / ((t + 1) * t)  # of what was seen before: (s + 2)(s + 1) with s = t - 1
        c = scale * sum((s * g for s, g in seen), np.zeros(4))
        a = scale * sum(s for s, _ in seen) if seen else 1.0
        law = gibbs_law(best, c, a, method.heat)
        weighted += t * (value(best, law) - least)
        slopes = net.slopes(np.zeros(4) if method.alone else law @ best.features)
        i = None if method.whole else int(torch.randint(4, (1, 1), generator=rng))
        seen.append((t, slopes / 4 if method.whole else slopes * (np.arange(4) == i)))
    found = gaps(Laws(best, CPU), method, (3, 7), replicates=1, rng=generator(3))
    assert float(found[0, 1]) == pytest.approx(2 * weighted / (7 * 8), rel=1e-9)


def test_shares_of_equal_weights_and_of_the_latest():
    """1/(t+1) in a mean that the first law begins; a floor; and the latest alone."""
    assert [Averaging(1.0).share(t) for t in (1, 3)] == [1 / 2, 1 / 4]
    assert Averaging(latest=0.1).share(100) == 0.1
    assert Averaging(latest=1.0).share(100) == 1


def test_linear_theory_is_what_simulations_near_the_minimum_show():
    """At T = 256 what is not linear is a few percent."""
    best = small(points=9, n=16)
    found = gaps(Laws(best, CPU), Averaging(), (256,), replicates=1024, rng=generator(4))
    share = found[:, 0] / expected(best, 256)
    assert float(share.std()) / 1024**0.5 < 0.02
    assert float(share.mean()) == pytest.approx(1, abs=0.08)


def test_neurons_come_to_rest_at_the_law_that_they_follow():
    """Many small steps under fixed coefficients: outputs are those of the Gibbs law."""
    net = averaging.plane("squared", n=4, bias=False)
    best = averaging.on_lattice(net, 25)
    c = torch.tensor([[0.3, -0.2, 0.1, -0.4, 0.8]], dtype=torch.float64).expand(4, -1)
    some = Neurons(net, 256, step=0.05, inner=200, replicates=4, rng=generator(5))
    seen = torch.stack([some.follow(c) for _ in range(8)]).mean((0, 1))
    exact = gibbs_law(best, c[0, :-1].numpy(), 0.8) @ best.features
    np.testing.assert_allclose(seen, exact, atol=0.03)
    assert np.abs(exact).max() > 0.3


def test_neurons_start_at_the_regularisers_law_and_stay_without_steps():
    net = averaging.plane("squared", n=4)
    some = Neurons(net, 4096, step=0.2, inner=0, replicates=2, rng=generator(6))
    start = some.x.clone()
    assert some.follow(Laws(averaging.on_lattice(net, 5), CPU).prior(2)).shape == (2, 4)
    assert torch.equal(some.x, start)
    assert float(start.var()) == pytest.approx(net.lam / net.ridge, rel=0.05)


def test_with_neurons_the_outputs_are_theirs():
    """Neurons that never move give slopes of fixed outputs; until t = 32 L is seen each time."""
    best = small()
    some = Neurons(best.network, 8, step=0.2, inner=0, replicates=1, rng=generator(7))
    f = some.follow(Laws(best, CPU).prior(1))[0].numpy()
    found = gaps(Laws(best, CPU), Averaging(whole=True), (2, 3), neurons=some, replicates=1,
                 rng=generator(7))  # fmt: skip
    c, least = best.network.slopes(f) / 4, value(best, best.law)
    values = [value(best, gibbs_law(best, share * c, a)) - least
              for share, a in ((0.0, 1.0), (1 / 3, 1 / 3), (1 / 2, 1 / 2))]  # fmt: skip
    assert float(found[0, 0]) == pytest.approx((values[0] + 2 * values[1]) / 3)
    assert float(found[0, 1]) == pytest.approx((values[0] + 2 * values[1] + 3 * values[2]) / 6)
