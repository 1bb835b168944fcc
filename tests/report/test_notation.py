from __future__ import annotations

import math

import pytest

from ratecheck.report import notation


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (3, "3"),
        (65536, "65\u202f536"),
        (-65536.0, "−65\u202f536"),
        (0.12, "0.12"),
        (-0.6666, "−0.667"),
        (1234.5, "1234"),
        (0.00012345, "1.23 × 10⁻⁴"),
        (-1e-5, "−1 × 10⁻⁵"),
        (1e-5, "10⁻⁵"),
        (2.5e12, "2.5 × 10¹²"),
        (None, "—"),
        (math.inf, "—"),
        (math.nan, "—"),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert notation.number(value) == text


def test_number_can_be_read_back() -> None:
    for exponent in range(-12, 13):
        for mantissa in (-1.25, 3.7, 9.994):
            value = mantissa * 10.0**exponent
            text = notation.plain(notation.number(value)).replace(" x 10", "e").replace(" ", "")
            assert float(text) == pytest.approx(value, rel=6e-3)


def test_slope_hides_round_off_but_no_small_number() -> None:
    assert notation.slope(-3.3e-16) == "0"
    assert notation.slope(-2 / 3) == "−0.667"
    assert notation.slope(-1.0) == "−1"
    assert notation.slope(0.0001) == "10⁻⁴"


def test_measured_shows_what_the_interval_warrants() -> None:
    assert notation.measured(-0.66666, [-0.7, -0.62]) == "−0.667"
    assert notation.measured(-0.66666, [-1.7, 0.6]) == "−0.67"
    assert notation.measured(-0.6666666, [-0.6667, -0.6666]) == "−0.66667"
    assert notation.measured(-0.66666, None) == "−0.67"
    assert notation.measured(None, None) == "—"


def test_interval_with_open_sides() -> None:
    assert notation.interval_text([-0.7, -0.6]) == "[−0.70, −0.60]"
    assert notation.interval_text([None, -0.6]) == "(−∞, −0.60]"
    assert notation.interval_text([0.1, None]) == "[0.10, ∞)"
    assert notation.interval_text(None) == "—"


def test_case_takes_the_symbols_of_the_formulas() -> None:
    assert (
        notation.case_text({"r": 0.5, "beta": 2.0, "rule": "adam"}) == "r = 0.5, β = 2, rule = adam"
    )
    assert notation.symbol("lambda_") == "λ"
    assert notation.symbol("inv_lam") == "1/λ"
    assert notation.symbols_in("inv_eps**2") == "(1/ε)**2"
    assert notation.within("beta", "1 <= beta <= 2 and n >= 16") == "1 ≤ β ≤ 2 and n ≥ 16"
    assert notation.within("loss", "squared or logistic") == "loss = squared or logistic"
    assert notation.symbol("n_train") == "n_train"
    assert notation.symbol("1/eta") == "1/η"


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        ("d", "d >= 2 and d == floor(d)", "d ≥ 2 and d whole"),
        ("inv_eps", "inv_eps >= 4", "1/ε ≥ 4"),
        ("n", "n >= 4*N", "n ≥ 4N"),
        ("n", "n == 8*floor(n/8)", "n = 8·floor(n/8)"),
        ("r", "(1 + r)**2 + (1 - alpha)**2 > 0.01", "(1 + r)² + (1 − α)² > 0.01"),
        ("alpha", "-1 <= alpha <= 2", "−1 ≤ α ≤ 2"),
        ("d", "d**k >= 1000", "d^k ≥ 1000"),
        ("level", "1e-6 <= level", "1e-6 ≤ level"),
    ],
)
def test_ranges_are_read_as_on_paper(name: str, given: str, shown: str) -> None:
    assert notation.within(name, given) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.012, "12 ms"), (2.44, "2.4 s"), (9.96, "10 s"), (99.6, "2 min"), (3000, "50 min"),
     (7260, "2 h 1 min"), (None, "—")],
)  # fmt: skip
def test_duration(seconds: float | None, text: str) -> None:
    assert notation.duration(seconds).replace("\u202f", " ") == text


def test_moment_keeps_what_is_no_time() -> None:
    assert notation.moment("2025-01-31T12:00:00+00:00") == "31 January 2025, 12:00 UTC"
    assert notation.moment("yesterday") == "yesterday"


def test_plain_is_ascii() -> None:
    text = notation.plain("● ≤ −1.2 × 10⁻³ [−∞, ∞) — β")
    assert text.isascii()
    assert text == "+ <= -1.2 x 10-3 [-inf, inf) - ?"


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("n * m**2", "n·m²"),
        ("n + d", "(n + d)"),
        ("eta**(-1/2)", "η^(−1/2)"),
        ("n*(n-1)", "n·(n−1)"),
    ],
)
def test_products_are_read_as_on_paper(formula: str, shown: str) -> None:
    assert notation.product(formula) == shown
