"""Numbers that people had: each table is answered as it should be, typed as its owner would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faces.cli.conftest import ratecheck  # noqa: F401 is a fixture

DATA = Path(__file__).with_name("data")
CODES = {0: "PASS", 1: "FAIL", 3: "INCONCLUSIVE"}


@pytest.mark.parametrize(
    ("table", "claimed", "verdict"),
    [
        # run times of a graph construction: linear with an offset, one noisy number a size
        ("timings_linear", ["--formula", "N"], "PASS"),
        ("timings_linear", ["--formula", "N**1.5"], "FAIL"),
        ("timings_linear", ["--formula", "1"], "FAIL"),
        # quadratic elements whose order was hoped to be 3
        ("fem_order_2_5", ["--formula", "N**-3", "--margin", "0.25"], "FAIL"),
        ("fem_order_2_5", ["--formula", "N**-2.5", "--margin", "0.25"], "PASS"),
        # local orders 1.776, 1.956, 1.991, 1.998
        ("fem_settling", ["--order", "2"], "PASS"),
        ("fem_settling", ["--order", "1.5", "--margin", "0.25"], "FAIL"),
        # six meshes, of order 2 in L2 and of order 1 in H1
        ("fem_l2", ["--order", "2"], "PASS"),
        ("fem_l2", ["--order", "1"], "FAIL"),
        ("fem_l2", ["--order", "1", "--at-most"], "PASS"),
        ("fem_h1", ["--order", "1"], "PASS"),
        ("fem_h1", ["--order", "2"], "FAIL"),
        # three errors of order 2
        ("three_meshes", ["--order", "2"], "INCONCLUSIVE"),
        ("three_meshes", ["--order", "1"], "INCONCLUSIVE"),
        # a weak order 2 scheme near its Monte Carlo floor
        ("weak_order", ["--order", "3"], "FAIL"),
    ],
)
def test_verdicts(ratecheck, table, claimed, verdict):  # noqa: F811
    done = ratecheck("fit", DATA / f"{table}.csv", *claimed)
    assert CODES[done.code] == verdict
    assert f" {verdict}  " in done.out
    assert "\nTraceback" not in done.out


def test_faster_than_claimed_is_said(ratecheck):  # noqa: F811
    done = ratecheck("fit", DATA / "fem_l2.csv", "--order", "1")
    assert "Faster than claimed: --at-most if that is welcome." in done.out
    assert "margin 0.25, as none was given" in done.out


def test_three_points_are_an_estimate(ratecheck):  # noqa: F811
    done = ratecheck("fit", DATA / "three_meshes.csv")
    assert done.code == 0
    assert "−2.00  (an estimate: so few points cannot show whether the curve bends)" in done.out
    done = ratecheck("fit", DATA / "three_meshes.csv", "--order", "2")
    assert "no verdict is possible" in done.out


def test_a_weak_order_is_not_refuted_by_noise_and_says_what_would_decide(ratecheck):  # noqa: F811
    done = ratecheck("fit", DATA / "weak_order.csv", "--order", "2", "--margin", "0.1")
    assert done.code == 3
    assert "times as many replicates behind each mean would decide" in done.out


def test_a_linear_time_with_an_offset_is_not_mistaken_for_a_logarithm(ratecheck):  # noqa: F811
    done = ratecheck("fit", DATA / "timings_linear.csv")
    assert "noisy" in done.out
    assert "a logarithm: visible" not in done.out
