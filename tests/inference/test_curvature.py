"""What bent curves say: tests on nearly noise-free cells, where the answer is plain."""

import numpy as np
import pytest
from scipy import optimize, stats

from ratecheck.inference import cells, curvature, loglog, misfit, rates, sequential, trajectory
from ratecheck.inference.sequential import Level

X = np.log(2.0 ** np.arange(8))
U = np.exp(-X)
ZERO = np.zeros(8)


def summary(curve, cv=0.05, size=400, seed=0, shape=()):
    rng = np.random.default_rng(seed)
    s = np.sqrt(np.log1p(cv**2))
    y = curve[:, None] * np.exp(s * rng.standard_normal((*shape, len(curve), size)) - s**2 / 2)
    return cells.summarise(y)


def read(curve, margin=0.1, relation="equal", level=None, **more):
    level = level or sequential.single(0.0045)
    seen = rates.read(summary(curve, **more), X, ZERO, margin, relation, level)
    return int(seen.outcome), curvature.REASONS[int(seen.reason)]


@pytest.mark.parametrize(
    ("curve", "expected"),
    [
        (np.ones(8), (1, "inside the margin")),
        (U**0.3, (-1, "outside the margin")),
        (1 + 3 * U**0.5, (0, "pre-asymptotic")),
        (1 - 0.9 * U**0.5, (0, "pre-asymptotic")),
        (np.cosh(0.5 * (X - X.mean())), (-1, "converges elsewhere")),
        (U**-0.3 * (1 + 3 * U), (-1, "converges elsewhere")),
        (1 + 10 * U[-1] / U, (-1, "outside the margin")),
    ],
)
def test_plain_cases(curve, expected):
    assert read(curve) == expected


def test_a_plateau_is_one_of_the_quantity():
    """The claim is 1/n and the quantity runs onto a floor: its own far-end slope is 0."""
    flat = U + 1.0
    seen = rates.read(summary(flat, cv=0.5), X, -X, 0.1, "equal", sequential.single(0.0045))
    assert (int(seen.outcome), int(seen.reason)) == (-1, curvature.PLATEAU)


@pytest.mark.parametrize("points", [11, 14])
def test_a_floor_under_the_last_point_keeps_a_pass_back(points):
    """Many points before it hide it: the far half's slope and the bend hardly move."""
    x = np.log(2.0) * np.arange(3, 3 + points)
    between = np.exp(np.maximum(0, x - x[-2] + np.log(1.4)))  # a floor from between two points on
    floor = np.exp(np.maximum(0, x - x[-2]))  # over 1/n: the last step does not fall
    for curve, expected in (
        (np.ones(points), "inside the margin"), (between, "bends away"), (floor, "bends away"),
    ):  # fmt: skip
        data = summary(curve, cv=0.2, size=60)
        seen = rates.read(data, x, 0 * x, 0.25, "equal", sequential.single(0.0045))
        assert curvature.REASONS[int(seen.reason)] == expected
    assert curvature.place(seen.bend.far.low, seen.bend.far.high, 0.25, "equal") != curvature.ABOVE
    above = rates.read(data, x, 0 * x, 0.25, "at least", sequential.single(0.0045))
    assert curvature.REASONS[int(above.reason)] == "inside the margin"


def test_a_noisy_far_end_keeps_a_pass_back():
    """Eight points whose slope is known, and whose far end is not."""
    curve = np.ones(8)
    sharp, blunt = read(curve, cv=0.1, size=100), read(curve, cv=0.5, size=100, seed=4)
    assert sharp == (1, "inside the margin")
    data = summary(curve, cv=0.5, size=100, seed=4)
    bend = rates.read(data, X, ZERO, 0.1, "equal", sequential.single(0.0045)).bend
    assert bend.end_high - bend.end_low > bend.far.se  # the end is what is asked about
    assert blunt[0] != -1


def test_what_is_held_is_not_asked_again():
    inside = Level(1e-90, 0.0045, 1.0, curvature.WITHIN)
    assert read(np.ones(8), level=inside) == (1, "inside the margin")
    outside = Level(1e-90, 0.0045, 1.0, curvature.BELOW)
    assert read(U**0.3, level=outside) == (-1, "outside the margin")


def test_the_two_term_fit_is_scipy_s():
    curve = 2 * (1 + 3 * U)
    data = summary(curve, cv=0.3, size=100, seed=2)
    fit = curvature.two_term_fit(data, X, ZERO)
    sd = np.sqrt(np.exp(0) * data.variance)

    def residual(b):
        return (np.log(data.mean) - np.log(b[0] + b[1] * U ** float(fit.order))) / sd

    best = optimize.least_squares(residual, [2.0, 1.0])
    assert float(fit.a) == pytest.approx(best.x[0], rel=0.02)
    assert float(fit.c) == pytest.approx(best.x[1], rel=0.05)


@pytest.mark.parametrize("curve", [1 + 2 * U, np.exp(-1.5 * U**0.5)], ids=["sum", "exponential"])
@pytest.mark.parametrize("size", [16, 200])
def test_the_fit_s_level_is_kept_with_estimated_weights(size, curve):
    """A curve of the family is rejected at 1 % about once in a hundred, not three times."""
    data = summary(curve, cv=0.5, size=size, seed=7, shape=(4000,))
    p = curvature.two_term_fit(data, X, ZERO).p
    assert (p < 0.01).mean() < 0.013


def test_the_exponential_fit_is_a_weighted_line_through_the_logs():
    import statsmodels.api as sm

    data = summary(2 * np.exp(-3 * U**0.5), cv=0.2, size=400, seed=4)
    fit = curvature.two_term_fit(data, X, ZERO)
    assert bool(fit.exponential)
    design = np.stack([np.ones(8), U ** float(fit.order)], axis=1)
    line = sm.WLS(np.log(data.mean), design, 1 / loglog.shrunken_cv2(data)).fit().params
    assert float(fit.a) == pytest.approx(np.exp(line[0]))
    assert float(fit.c) == pytest.approx(line[1])


def test_corrections_that_alternate_are_early_not_wrong():
    """exp(-1.5 n^-1/2) FAILed in one run of twenty before it was among the fitted curves."""
    rng = np.random.default_rng(8)
    level = sequential.single(0.0045)
    y = np.exp(-1.5 * U**0.5)[:, None] * rng.gamma(4.0, 0.25, (200, 8, 400))
    seen = rates.read(cells.summarise(y), X, ZERO, 0.1, "equal", level)
    assert (seen.outcome == -1).sum() == 0
    common = 0.2 * rng.standard_normal((200, 1)) + 0.02 * rng.standard_normal((200, 8))
    paths = trajectory.summarise(np.exp(-1.5 * U**0.5) * np.exp(common))
    assert int(rates.read(paths, X, ZERO, 0.1, "equal", level).outcome) == 0


def test_johansen_is_the_chi_square_for_known_weights():
    q = np.array([1.0, 5.0, 20.0])
    assert curvature.johansen(q, 6, np.zeros(3)) == pytest.approx(stats.chi2.sf(q, 6))
    assert np.all(curvature.johansen(q, 6, np.full(3, 0.5)) > stats.chi2.sf(q, 6))


def test_trajectories_have_the_same_curves():
    rng = np.random.default_rng(1)
    common = 0.2 * rng.standard_normal((200, 1)) + 0.02 * rng.standard_normal((200, 8))
    level = sequential.single(0.0045)
    for curve, expected in ((np.ones(8), 1), (U**0.3, -1), (1 + 3 * U**0.5, 0)):
        data = trajectory.summarise(curve * np.exp(common))
        seen = rates.read(data, X, ZERO, 0.1, "equal", level)
        assert int(seen.outcome) == expected
    few = trajectory.summarise((U**0.3 * np.exp(common))[:7])
    assert float(curvature.FIT_LEVEL) < float(trajectory.two_term_fit(few, X, ZERO).p)


def test_where_it_settles():
    """A + C/n with its local exponent half a margin off."""
    n = curvature.settles_at(1.0, 3.0, 1.0, 0.1)
    assert 3 / n / (1 + 3 / n) == pytest.approx(0.05, rel=1e-6)
    n = curvature.settles_at(2.0, -1.0, 0.5, 0.1)
    assert 0.5 * n**-0.5 / (2 - n**-0.5) == pytest.approx(0.05, rel=1e-6)
    n = curvature.settles_at(2.0, -1.5, 0.5, 0.1, exponential=True)
    assert 0.5 * 1.5 * n**-0.5 == pytest.approx(0.05, rel=1e-6)


def test_jaggedness_is_the_residual_after_a_parabola():
    bump = 1 + 0.3 * (-1.0) ** np.arange(8)
    for curve, expected in ((bump, True), (np.exp(0.1 * X**2), False)):
        data = summary(curve, cv=0.1)
        theta = rates.read(data, X, ZERO, 0.1, "equal", sequential.single(0.0045)).theta
        jagged, _ = misfit.jagged_half_width(data.logs, data.variance, X, theta, 0.0045)
        assert bool(jagged) is expected


def test_hopeless_only_when_more_would_not_help():
    data = summary(1 + 3 * U**0.5, cv=0.5, size=100, seed=3)
    seen = rates.read(data, X, ZERO, 0.1, "equal", sequential.single(0.0045))
    assert int(seen.reason) == curvature.EARLY
    assert bool(rates.hopeless(seen, 0.1, "equal", 1.5))
    wrong = rates.read(summary(U**-0.2, cv=1.0, size=60, seed=5), X, ZERO, 0.1, "equal",
                       sequential.single(0.0045))  # fmt: skip
    assert (
        not bool(rates.hopeless(wrong, 0.1, "equal", 1e4)) or int(wrong.outcome) != curvature.OPEN
    )


@pytest.mark.parametrize(
    ("value", "relation", "more", "reached"),
    [
        (0.00, "equal", 2.0, {curvature.WITHIN}),
        (0.05, "equal", 2.0, {curvature.WITHIN}),
        (0.10, "equal", 2.0, set()),  # on the margin: neither side clears it
        (0.10, "equal", 16.0, {curvature.WITHIN, curvature.ABOVE}),
        (-0.15, "equal", 2.0, {curvature.BELOW}),
        (-0.15, "at most", 2.0, {curvature.WITHIN}),
        (0.15, "at most", 2.0, {curvature.ABOVE}),
    ],
)
def test_where_more_may_place_a_slope(value, relation, more, reached):
    """Margin .1, standard error .03 and arms of 2.6 of these."""
    usable, *numbers = np.asarray(True), *map(np.asarray, (value - 0.08, value + 0.08, 0.03))
    at, zero = np.asarray(value), np.asarray(0.0)
    theta = loglog.Estimate(at, at, *numbers, zero, zero, zero, usable)
    found = curvature.places_within_reach(theta, 0.1, relation, more)
    assert set(found.tolist()) - {curvature.UNKNOWN} == reached


@pytest.mark.parametrize("off", [0.5, 0.75, 1.0, 1.5, 2.0])
def test_a_pure_power_law_is_no_curve_towards_the_claim(off):
    """Decay faster than claimed by exactly one of the fitted orders: a limit of 0 excuses nothing.

    (A fit with any positive limit, however small, let half of these end pre-asymptotic.)
    """
    x = np.log(np.geomspace(16, 2048, 8))
    rng = np.random.default_rng(5)
    scale = np.exp(-(0.5 + off) * x)[:, None]
    y = scale * rng.gamma(1 / 0.36, 0.36, (60, 8, 128))
    data = cells.summarise(y)
    fit = curvature.two_term_fit(data, x, -0.5 * x)
    assert (fit.p > curvature.FIT_LEVEL).mean() <= 0.1


def test_a_limit_that_is_there_is_seen():
    """1 + 3 n^-1/2 at n = 1 ... 128: the claim's own curve, mostly limit at the far end."""
    x = np.log(np.geomspace(1, 128, 8))
    rng = np.random.default_rng(6)
    scale = (np.exp(-0.5 * x) * (1 + 3 * np.exp(-0.5 * x)))[:, None]
    data = cells.summarise(scale * rng.gamma(1 / 0.36, 0.36, (60, 8, 128)))
    fit = curvature.two_term_fit(data, x, -0.5 * x)
    assert (fit.p > curvature.FIT_LEVEL).mean() >= 0.95
