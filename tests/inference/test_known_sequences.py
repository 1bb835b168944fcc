"""Sequences whose limit is known: none FAILs a claim of it, and other limits do FAIL."""

import numpy as np
import pytest

from ratecheck.inference import sequence

N = 4.0 * 2.0 ** np.arange(8)
U = N[0] / N
SIGNS = (-1.0) ** np.arange(len(N))
KNOWN = {
    **{f"1 + {c} u^{q}": 1 + c * U**q for q in (0.25, 0.5, 1, 2) for c in (-0.5, 0.3, 3)},
    **{f"1 + u^{q} - {c} u^{2 * q}": 1 + U**q - c * U ** (2 * q)
       for q in (0.5, 1) for c in (0.3, 0.9)},
    **{f"log^{p}": np.log(N) ** p for p in (-2, -1, -0.5, 0.5, 1, 2, 3)},
    **{f"1 + {c}/log": 1 + c / np.log(N) for c in (-0.5, 1, 3)},
    **{f"log log^{p}": np.log(np.log(N) + 1) ** p for p in (-1, 1, 2)},
    **{f"1 + {c} (-1)^k u^{q}": 1 + c * SIGNS * U**q for q in (0, 0.5, 1) for c in (0.1, 0.5)},
    **{f"1/(1 + {c} u^.5)": 1 / (1 + c * U**0.5) for c in (0.5, 2, 5)},
    **{f"exp({c} u^.5)": np.exp(c * U**0.5) for c in (-1.5, -0.5, 1, 2)},
    **{f"1 + {c} exp(-{r} n)": 1 + c * np.exp(-r * N) for r in (0.02, 0.1, 0.5) for c in (0.3, 3)},
    **{f"1 + .1 cos({w} log n) u^.3": 1 + 0.1 * np.cos(w * np.log(N)) * U**0.3 for w in (1, 2, 3)},
}  # fmt: skip


def test_there_are_enough_of_them():
    assert len(KNOWN) >= 40


@pytest.mark.parametrize("points", [5, 6, 8])
def test_no_known_limit_fails(points):
    """At margins from a fiftieth to a half, on five, six and eight of the points."""
    x = np.log(N[:points])
    wrong = [
        (name, margin)
        for name, ratio in KNOWN.items()
        for margin in (0.02, 0.05, 0.1, 0.25, 0.5)
        if sequence.tail_exponent(x, ratio[:points]).elsewhere(-margin, margin)
    ]
    assert not wrong


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("size", [-0.5, 0.3])
def test_other_limits_fail(order, size):
    """An order that is off by three margins FAILs once the correction has mostly died."""
    for off in (-0.75, 0.75):
        ratio = KNOWN[f"1 + {size} u^{order}"] * N**off
        assert sequence.tail_exponent(np.log(N), ratio).elsewhere(-0.25, 0.25)


def test_an_interval_that_decides_nothing_reaches_into_the_margin():
    """What is said with INCONCLUSIVE never lies outside: that would be a contradiction."""
    rng = np.random.default_rng(4)
    undecided = 0
    for _ in range(300):
        name = rng.choice(sorted(KNOWN))
        k, off = int(rng.integers(4, 9)), rng.uniform(-0.6, 0.6)
        found = sequence.tail_exponent(np.log(N[:k]), (KNOWN[name] * N**off)[:k])
        if not found.elsewhere(-0.1, 0.1):
            low, high = found.reach(-0.1, 0.1)
            assert low <= 0.1
            assert high >= -0.1
            undecided += found.low > 0.1 or found.high < -0.1
    assert undecided
