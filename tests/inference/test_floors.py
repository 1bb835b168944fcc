"""Floors: where exact values are no longer the quantity's own."""

import numpy as np
import pytest

from ratecheck.inference import floors, sequence

N = 4.0 * 2.0 ** np.arange(10)
X = np.log(N)
CLEAN = N**-2.0 * (1 + 0.5 / N)


def single(n):
    """The midpoint rule for exp on [0, 1], summed in single precision."""
    middles = (np.arange(n, dtype=np.float32) + np.float32(0.5)) / np.float32(n)
    total = np.float32(0)
    for value in np.exp(middles):
        total += value
    return abs(float(total / np.float32(n)) - (np.e - 1))


def test_a_midpoint_rule_in_single_precision():
    n = 4 * 2 ** np.arange(9)
    values = np.array([single(int(k)) for k in n])
    found, above = floors.tail(np.log(n), values, values, "float32")
    assert above.cause == "declared"
    assert 5 <= above.kept <= 7
    assert -2.5 < found.low <= -2 <= found.high < -1.5


def test_a_difference_quotient():
    """(sin(1 + h) - sin(1 - h)) / 2h in double precision: h^2/6, then 1e-16/h."""
    h = 2.0 ** -np.arange(2, 30)
    values = np.abs((np.sin(1 + h) - np.sin(1 - h)) / (2 * h) - np.cos(1))
    found, above = floors.tail(-np.log(h), values, values)
    assert above.kept < 20
    assert found.low <= -2 <= found.high
    assert found.high - found.low < 0.2


@pytest.mark.parametrize("place", [5, 6, 7])
def test_a_turn_up_is_found_where_it_begins(place):
    noise = CLEAN[place] * np.array([0, 0, 0, 0, 0, 0.9, -0.7, 1.1, 0.6, 2])
    values = np.abs(np.where(np.arange(10) < place, CLEAN, CLEAN + noise))
    above = floors.clean(X, values)
    assert above.cause == "turn-up"
    assert above.kept in (place, place + 1)  # one more, where the first is hardly off
    assert above.level > 0


@pytest.mark.parametrize("order", [0.5, 1, 2, 4])
@pytest.mark.parametrize("size", [-0.9, -0.3, 0.5, 6.0])
def test_what_falls_has_no_floor(order, size):
    assert floors.clean(X, N**-order * (1 + size / N)).kept == len(N)
    assert floors.clean(X, N**-order * (1 + size / N), 1e-14).kept <= len(N)
    assert floors.turns_up(N**-order * (1 + size / N)) is None


def test_a_plateau_is_not_a_floor_unless_it_is_declared():
    """Whether a bias that stays is the theorem's or the computation's, numbers cannot tell."""
    values = CLEAN + CLEAN[7]
    assert floors.clean(X, values).kept == len(N)
    declared = floors.clean(X, values, float(CLEAN[7]))
    assert (declared.kept, declared.cause) == (6, "declared")


def test_a_reference_drops_out():
    """Errors against N = 4096: C (N^-2 - 4096^-2), as steep as one likes at the end."""
    n = N[:9]
    values = n**-2.0 - 4096.0**-2
    assert sequence.tail_exponent(np.log(n), values * n**2).state == "drifting"
    found, _ = floors.tail(*floors.against_reference(np.log(n), values, n**-2.0))
    assert found.state == "settled"
    assert found.low < 0 < found.high
    wrong, _ = floors.tail(*floors.against_reference(np.log(n), values, n**-1.0))
    assert wrong.elsewhere(-0.25, 0.25)
    assert floors.against_reference(np.log(n), values[::-1], n**-2.0) is None


def test_rounding_that_grows_is_no_rate():
    assert floors.grows(np.array([3.1e-16, 6.6e-16, 1.9e-15, 7.1e-15, 3.0e-14, 1.2e-13]))
    assert not floors.grows(1e-20 * N**-1.0)
    assert not floors.grows(1e-3 * N)


def test_a_constant_is_off_a_formula_by_its_exponents():
    constant, formula = np.full(len(N), 0.0699), N**-8.0
    found, _ = floors.tail(X, constant / formula, constant)
    assert found.state == "settled"
    assert found.low == pytest.approx(8, abs=0.01)
    assert floors.same(constant)
