from __future__ import annotations

import itertools
import math
import random

import pytest

from ratecheck.report import scale


def test_a_log_scale_turns_equal_ratios_into_equal_steps() -> None:
    one = scale.logarithmic([1, 1000], 0, 300, pad=0)
    assert [one(x) for x in (1, 10, 100, 1000)] == pytest.approx([0, 100, 200, 300])
    assert one.decades == pytest.approx(3)


def test_a_linear_scale_may_run_up_the_page() -> None:
    one = scale.linear([-1, 1], 200, 100, pad=0)
    assert [one(x) for x in (-1, 0, 1)] == pytest.approx([200, 150, 100])
    assert one.clipped(7) == pytest.approx(100)


@pytest.mark.parametrize("values", [[], [0.0, -1.0], [5.0], [1e-320, 1e300], [math.inf, 1.0]])
def test_degenerate_values_still_give_a_scale(values: list[float]) -> None:
    for one in (scale.logarithmic(values, 0, 100), scale.linear(values, 0, 100)):
        assert one.low < one.high
        assert math.isfinite(one(1.0))
        assert math.isfinite(one(-1.0))
        assert math.isfinite(one(0.0))


def test_linear_ticks_are_round_few_and_inside() -> None:
    rng = random.Random(0)
    for _ in range(500):
        low = rng.uniform(-5, 5)
        one = scale.Scale(low, low + 10 ** rng.uniform(-2, 2), 0, 100)
        ticks = scale.linear_ticks(one)
        assert 3 <= len(ticks) <= 8
        assert len({tick.label for tick in ticks}) == len(ticks)
        for tick in ticks:
            assert one.low - 1e-9 <= tick.value <= one.high + 1e-9
            assert float(tick.label.replace("−", "-")) == pytest.approx(tick.value, abs=1e-9)


def test_log_ticks_are_powers_over_decades_and_1_2_5_within_one() -> None:
    wide = scale.decade_ticks(scale.Scale(0.5e-4, 20, 0, 100, log=True))
    assert [t.label for t in wide if t.label] == ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1", "10"] or all(
        math.log10(t.value).is_integer() for t in wide if t.label
    )
    short = scale.decade_ticks(scale.Scale(0.018, 0.3, 0, 100, log=True))
    assert [t.label for t in short if t.label] == ["0.02", "0.05", "0.1", "0.2"]
    tiny = scale.decade_ticks(scale.Scale(0.51, 0.55, 0, 100, log=True))
    assert len([t for t in tiny if t.label]) >= 3


def test_points_are_the_ticks_of_their_axis() -> None:
    points = [2.0**k for k in range(8, 14)]
    one = scale.logarithmic(points, 0, 300)
    ticks = scale.point_ticks(one, points)
    assert [tick.value for tick in ticks] == points
    assert [tick.label for tick in ticks] == ["2⁸", "2⁹", "2¹⁰", "2¹¹", "2¹²", "2¹³"]
    thousands = scale.point_ticks(scale.logarithmic([10, 1e5], 0, 300), [10, 1e3, 1e5])
    assert [tick.label for tick in thousands] == ["10¹", "10³", "10⁵"]
    plain = scale.point_ticks(scale.logarithmic([100, 1600], 0, 300), [100, 400, 1600])
    assert [tick.label for tick in plain] == ["100", "400", "1600"]


def test_crowded_labels_give_way_from_the_far_end() -> None:
    points = [float(k) for k in range(1001, 1041)]
    ticks = scale.point_ticks(scale.linear(points, 0, 290), points)
    labelled = [tick for tick in ticks if tick.label]
    assert labelled[-1].value == 1040
    assert 5 <= len(labelled) <= 15


def test_large_numbers_are_short_labels() -> None:
    labels = [scale.plain(value) for value in (2e6, 5_000_000, 1.25e-7, -3e5, 1e6)]
    assert labels == ["2·10⁶", "5·10⁶", "1.2·10⁻⁷", "−3·10⁵", "10⁶"]


def test_labels_that_would_run_into_others_are_left_out() -> None:
    one = scale.logarithmic([5.6e7, 1.8e8], 44, 336)
    ticks = scale.thinned(one, scale.decade_ticks(one, 4))
    named = sorted((one(tick.value), len(tick.label)) for tick in ticks if tick.label)
    assert 4 <= len(named) < sum(bool(tick.label) for tick in scale.decade_ticks(one, 4))
    assert all(b - a > 2.7 * (m + n) for (a, m), (b, n) in itertools.pairwise(named))
