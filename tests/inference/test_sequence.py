"""Noise-free sequences: where the local exponents are heading."""

import numpy as np
import pytest

from ratecheck.inference import sequence


def tail(values, points=None, formula=None):
    x = np.log(2.0 ** np.arange(len(values)) if points is None else points)
    ratio = np.asarray(values) / (1 if formula is None else formula)
    return sequence.tail_exponent(x, ratio, np.asarray(values))


def from_slopes(slopes):
    return np.exp(-np.cumsum([0.0, *slopes]) * np.log(2))


def test_linear_finite_elements_are_of_order_two():
    """P1 elements: 1.904, 1.974, 1.993 head for 2, and the design note's interval is met."""
    found = tail(from_slopes([1.904, 1.974, 1.993]))
    assert found.low <= -2 <= found.high
    assert found.high - found.low == pytest.approx(0.024, abs=0.01)


def test_a_measured_order_of_three_and_a_quarter_is_not_three():
    found = tail(from_slopes([3.21, 3.228, 3.2300, 3.2301, 3.2301, 3.2301]))
    assert found.state == "settled"
    assert found.high < -3.1


def solver_errors(steps):
    """The midpoint rule on y' = y over [0, 1]: order 2, from the scheme itself."""
    return np.array([abs((1 + 1 / n + 0.5 / n**2) ** n - np.e) for n in steps])


def test_a_real_solver():
    steps = 2 ** np.arange(2, 11)
    found = tail(solver_errors(steps), steps)
    assert found.low <= -2 <= found.high
    assert found.high - found.low < 0.02


def test_round_off_is_cut():
    steps = 2.0 ** np.arange(1, 30)
    values = steps**-2.0
    noisy = values + 1e-15 * values[0] * np.abs(np.sin(np.arange(29)))
    found = tail(noisy, steps)
    assert found.kept < 29
    assert found.low <= -2 <= found.high
    assert found.high - found.low < 0.01


def trapezoid(n):
    return abs(np.trapezoid(np.exp(np.linspace(0, 1, n + 1)), dx=1 / n) - (np.e - 1))


def simpson(n):
    y = np.exp(np.linspace(0, 1, n + 1))
    inner = 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum()
    return abs((y[0] + inner + y[-1]) / (3 * n) - (np.e - 1))


def runge_kutta(n):
    """The classical method on y' = y over [0, 1]."""
    y, h = 1.0, 1 / n
    for _ in range(n):
        a = y
        b = y + h / 2 * a
        c = y + h / 2 * b
        y += h / 6 * (a + 2 * b + 2 * c + (y + h * c))
    return abs(y - np.e)


@pytest.mark.parametrize(("rule", "order"), [(trapezoid, 2), (simpson, 4), (runge_kutta, 4)])
@pytest.mark.parametrize("start", [2, 4, 6, 8, 10])
@pytest.mark.parametrize("points", [7, 9, 11])
def test_true_orders_in_double_precision_on_long_grids(rule, order, start, points):
    """Simpson's rule ends with errors of 6e-16, and of 0."""
    n = start * 2 ** np.arange(points)
    found = tail(np.array([rule(int(k)) for k in n]), n)
    assert -order - 0.1 < found.low <= found.high < -order + 0.1


def test_a_plateau_of_round_off_has_no_exponent():
    """Gauss' rule is exact almost at once: what follows is not a rate of order 0."""
    n = 2.0 ** np.arange(8)
    assert tail(np.full(8, 4.4408920985006262e-16), n).state == "too short"
    assert tail(np.array([2e-10, 3e-12, 5e-14, *[2.0**-52] * 5]), n).kept <= 4
    assert tail(np.array([*2.0 ** (-4.0 * np.arange(6)), 0.0, 0.0]), n).kept == 6


@pytest.mark.parametrize("unit", [1.0, 1e-6, 1e-12, 1e-20])
@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("size", [-0.9, -0.3, 0.5, 6.0])
def test_a_smooth_sequence_is_not_cut_whatever_its_unit(unit, order, size):
    n = 3.0 * 2.0 ** np.arange(10)
    values = unit * n**-order * (1 + size / n)
    assert tail(values, n).kept == len(n)
    assert tail(unit * np.exp(-2 * n[:4]), n[:4]).kept >= 3


@pytest.mark.parametrize("order", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("size", [-0.5, 0.5, 3.0])
@pytest.mark.parametrize("k", [6, 8, 12])
def test_one_correction_is_covered(order, size, k):
    n = 2.0 ** np.arange(k)
    found = tail(n**-1.0 * (1 + size * n**-order), n, formula=1 / n)
    assert found.low <= 0 <= found.high


def test_states():
    n = 2.0 ** np.arange(8)
    assert tail(n**-1.0).state == "settled"
    assert tail(n[:3] ** -1.0).state == "too short"
    assert tail(np.exp(-0.1 * n)).state == "drifting"
    assert tail(n**-1.0 * (1 + 0.1 * (-1.0) ** np.arange(8))).state == "irregular"
    assert tail(n**-1.0 * (1 + n**-0.5)).state == "converging"
    drifting = tail(np.exp(-0.1 * n))
    assert drifting.low == -np.inf


def grid(kind, k, rng):
    """Points as people take them, even in log n or not."""
    if kind == "dense":
        return 16.0 * 1.25 ** np.arange(k)
    if kind == "arithmetic":
        return 10.0 * np.arange(1, k + 1)
    if kind == "random":
        gaps = rng.dirichlet(np.ones(k - 1)) + 0.05
        return 8.0 * np.exp(np.cumsum([0, *gaps / gaps.sum() * np.log(2.0 ** (k - 1))]))
    half = 8.0 * 2.0 ** np.arange((k + 1) // 2)
    if kind == "doubled":
        return np.sort([*half, *1.5 * half])[:k]
    return np.sort([*half, *half[-1] * np.linspace(1.1, 2, k - len(half))])  # clustered


@pytest.mark.parametrize("kind", ["dense", "arithmetic", "random", "doubled", "clustered"])
@pytest.mark.parametrize("order", [0.5, 1.0, 2.0])
def test_one_correction_is_covered_on_uneven_grids(kind, order):
    """Exponents are means over their steps; taken for even ones, 7 to 68 % of these were missed."""
    rng = np.random.default_rng(7)
    for k in (6, 8, 10, 12):
        for size in (-0.5, 0.3, 3.0):
            n = grid(kind, k, rng)
            found = tail(n**-2.0 * (1 + size * n**-order), n, formula=n**-2.0)
            assert found.low <= 0 <= found.high, (k, size)


@pytest.mark.parametrize("kind", ["dense", "arithmetic", "random", "doubled", "clustered"])
def test_two_corrections_are_nearly_always_covered_on_uneven_grids(kind):
    rng = np.random.default_rng(8)
    missed = passed = 0
    for _ in range(200):
        n, sign = grid(kind, int(rng.integers(6, 13)), rng), rng.choice([-1, 1], 2)
        size, orders = rng.uniform(0.1, 0.9, 2) * sign, rng.uniform([0.5, 1.5], [1.5, 3.0])
        found = tail(n**-2.0 * (1 + size @ n ** -orders[:, None]), n, formula=n**-2.0)
        missed += not found.low <= 0 <= found.high
        passed += found.low > -0.25 and found.high < 0.25
    assert missed <= 10
    assert passed >= 180


def test_close_points_that_still_move_are_not_settled():
    """Between points this close the exponents hardly differ, however far they have to go."""
    n = 1000 * 1.01 ** np.arange(8)
    found = tail(n**-1.0 * (1 + 3 * n**-0.5), n, formula=1 / n)
    assert found.state != "settled"
    assert found.low <= 0 <= found.high


def test_a_field_case_on_six_uneven_meshes():
    """libCEED pull request 900: N^-2 (1 + 3/N) on 10, 20, 40, 80, 90, 100."""
    n = np.array([10.0, 20, 40, 80, 90, 100])
    found = tail(n**-2 * (1 + 3 / n), n)
    assert found.low <= -2 <= found.high
    assert found.high - found.low < 0.1


def test_a_drift_that_rounding_explains_is_no_drift():
    """DOP853 on y' = y cos t: the last of six errors, 1.6e-13, is known to a percent at best."""
    n = np.array([3.0, 4, 6, 8, 12, 16])
    errors = np.array(
        [
            1.1741236338735916e-07,
            1.1127816890166287e-08,
            4.175877421630503e-10,
            4.1165737485471254e-11,
            1.581845765485923e-12,
            1.5765166949677223e-13,
        ]
    )
    found = tail(errors, n)
    assert (found.state, found.kept) == ("converging", 6)
    assert -8.1 < found.low <= -8 <= found.high < -7.9
    # where rounding cannot explain it, a sequence that does not slow down stays open
    assert tail(np.exp(-0.1 * n) * 1e-3, n).state == "drifting"
