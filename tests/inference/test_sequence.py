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
