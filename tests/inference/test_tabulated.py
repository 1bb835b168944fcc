"""What a bare table shows, against known tables, statsmodels and scipy's own least squares."""

import numpy as np
import pytest

from ratecheck.inference import tabulated, unknown_floor

N = np.geomspace(1e6, 1e10, 9)
LOSS = 1.69 + 406.4 * N**-0.34  # a published scaling law


def jitter(k, noise, seed=0):
    return np.exp(noise * np.random.default_rng(seed).standard_normal(k))


@pytest.mark.parametrize(
    ("n", "errors"),
    [
        ((2, 4, 8, 16, 32, 64), (0.202511, 0.0510494, 0.0128262, 0.00321117, 0.00080309,
                                 0.000200791)),
        ((2, 4, 8, 16, 32, 64), (1.00388, 0.502255, 0.251625, 0.125888, 0.0629537, 0.0314781)),
        ((4, 6, 8, 10, 12), (1.0, 0.37245161994711024, 0.18367045176317548, 0.10589183513100654,
                             0.06744338030608198)),
        ((4, 8, 16, 32, 64), (1.0, 0.2919281017149376, 0.07522265303232763, 0.018927425501657914,
                              0.004737708004019593)),
    ],
)  # fmt: skip
def test_errors_of_solvers_are_free_of_noise(n, errors):
    assert tabulated.noise(np.log(n), np.log(errors)) == "exact"
    steps = 1 / np.array(n)
    assert tabulated.noise(np.log(steps)[::-1], np.log(errors)[::-1]) == "exact"


def test_round_off_at_the_end_is_not_noise():
    n = 2.0 ** np.arange(2, 16)
    errors = n**-4.0 * (1 + 1 / n)
    errors[-3:] = (3e-16, 5e-16, 2e-16)
    assert tabulated.noise(np.log(n), np.log(errors)) == "exact"


def test_what_turns_up_at_a_floor_is_not_noise():
    """As of difference quotients, whose error falls to the root of the rounding and rises again."""
    h = 10.0 ** -np.arange(1, 13)
    errors = 1.36 * h + 0.45 * h**2 + 1e-16 * (1.5 + np.cos(np.arange(12.0) ** 2)) / h
    assert tabulated.noise(np.log(h), np.log(errors)) == "exact"
    assert tabulated.noise(-np.log(h), np.log(errors)) == "exact"
    jittered = errors * jitter(12, 0.05)
    assert tabulated.noise(np.log(h), np.log(jittered)) == "noisy"


def test_noise_seldom_looks_smooth():
    """The rates that the docstring tells, of 20,000 tables each."""
    rng = np.random.default_rng(0)
    for k, most in ((5, 0.02), (6, 0.002), (8, 0.0005)):
        x = np.log(2) * np.arange(k)
        logs = -x + 0.05 * rng.standard_normal((20_000, k))
        assert tabulated.smooth(x, logs).mean() < most
    assert tabulated.noise(np.log(2) * np.arange(4), -np.arange(4.0)) == "cannot tell"
    times = np.array([12, 36, 88, 196, 419, 881, 1778, 3769, 7289, 14461, 29002])
    assert tabulated.noise(np.log(2) * np.arange(11), np.log(times)) == "noisy"


def test_a_floor_is_visible_and_the_logarithm_is_not():
    found = tabulated.compare(N, LOSS * jitter(9, 0.001))
    assert (found.floor, found.logarithm, found.offset) == (
        "visible", "not visible", "not visible",
    )  # fmt: skip
    assert found.constant == pytest.approx(1.69, abs=0.01)
    assert found.exponent == pytest.approx(-0.34, abs=0.01)


def test_an_offset_is_visible_in_run_times():
    n = 2.0 ** np.arange(1, 15)
    found = tabulated.compare(n, (3 * n + 20) * jitter(14, 0.01))
    assert (found.offset, found.floor, found.logarithm) == (
        "visible", "not visible", "not visible",
    )  # fmt: skip
    assert found.constant == pytest.approx(20, rel=0.1)


def test_a_logarithm_is_visible_over_many_octaves():
    n = 2.0 ** np.arange(1, 31)
    found = tabulated.compare(n, n**-1 * np.log(n) ** 2 * jitter(30, 0.02))
    assert (found.logarithm, found.floor, found.offset) == (
        "visible", "not visible", "not visible",
    )  # fmt: skip
    assert found.power_of_log == pytest.approx(2, abs=0.1)


def test_few_or_rough_points_cannot_tell():
    assert tabulated.compare(N[:5], LOSS[:5]).floor == "cannot tell"
    assert tabulated.compare(N, LOSS * jitter(9, 0.1)).floor == "cannot tell"
    straight = tabulated.compare(N, N**-0.5)
    assert (straight.logarithm, straight.floor) == ("not visible", "not visible")


def test_a_power_law_shows_no_other_term():
    """At most 1 % of 2,000 tables."""
    rng = np.random.default_rng(1)
    x = np.log(2) * np.arange(3, 15)
    logs = -x + 0.1 * rng.standard_normal((2000, 12))
    found, (slope, _, _) = tabulated.misfits(x, logs, np.ones(12))
    states = tabulated.visible(found, slope, 12)
    assert max(np.mean(state == "visible") for state in states.values()) <= 0.01


def test_many_rows_are_looked_at_in_groups():
    n = np.repeat(2.0 ** np.arange(1, 15), 700)
    found = tabulated.compare(n, (3 * n + 20) * jitter(len(n), 0.3))
    assert found.constant == pytest.approx(20, rel=0.2)


# -- floors --------------------------------------------------------------------------------------


def test_the_best_floor_is_that_of_scipy():
    """Nonlinear least squares of the logs."""
    from scipy import optimize

    y = LOSS * jitter(9, 0.01)
    found = unknown_floor.floor_fit(N, y)
    best = optimize.least_squares(
        lambda p: np.log(y) - np.log(p[0] + np.exp(p[1] + p[2] * np.log(N))),
        (1.6, 6.0, -0.3), xtol=1e-15, ftol=1e-15, x_scale=(1, 1, 0.1),
    )  # fmt: skip
    assert found.exponent == pytest.approx(best.x[2], abs=2e-4)
    assert found.floor == pytest.approx(best.x[0], abs=1e-3)
    assert found.scatter == pytest.approx(2 * best.cost, rel=1e-4)
    assert found.low < -0.34 < found.high


def test_the_interval_ends_where_the_misfit_says():
    """At either end the best fit with that slope is worse by the square of Student's t."""
    from scipy import optimize, stats

    y = LOSS * jitter(9, 0.01)
    found = unknown_floor.floor_fit(N, y)
    t2 = stats.t.ppf(1 - 0.0045, 6) ** 2
    for end in (found.low, found.high):
        left = optimize.least_squares(
            lambda p, slope=end: np.log(y) - np.log(p[0] + np.exp(p[1] + slope * np.log(N))),
            (1.69, -end * np.log(N[0])), xtol=1e-15, ftol=1e-15,
        ).cost * 2  # fmt: skip
        assert left == pytest.approx(found.scatter * (1 + t2 / 6), rel=0.01)


def test_a_known_floor_is_known_better():
    y = LOSS * jitter(9, 0.01)
    unknown, known = unknown_floor.floor_fit(N, y), unknown_floor.floor_fit(N, y, floor=1.69)
    assert known.floor == 1.69
    assert known.high - known.low < 0.6 * (unknown.high - unknown.low)


def test_a_floor_that_hides_the_rate_leaves_the_interval_open():
    n = 2.0 ** np.arange(3, 9)
    rough = unknown_floor.floor_fit(n, (1 + 1 / n) * jitter(6, 0.05, seed=3))
    assert rough.low == -np.inf


def test_scale_and_unit_do_not_matter():
    y = LOSS * jitter(9, 0.01)
    one, other = unknown_floor.floor_fit(N, y), unknown_floor.floor_fit(N / 1e6, 1000 * y)
    for name in ("low", "exponent", "high"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-6)
    assert other.floor == pytest.approx(1000 * one.floor)


def test_run_times_above_a_known_or_unknown_overhead():
    n = 2.0 ** np.arange(3, 13)
    found = unknown_floor.floor_fit(n, (n + 50) * jitter(10, 0.02), growing=True)
    assert found.low < 1 < found.high
    assert found.high - found.low < 0.2
