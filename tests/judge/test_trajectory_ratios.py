"""Ratios at every point of trajectories: points depend on each other, verdicts are as of errors."""

import numpy as np
import pytest

from ratecheck import Above, Agrees, Below, Decay, Faster
from ratecheck.claim.form import FORMS, Sample
from tests.judge.test_judge import N, outcome


def both(**laws):
    """The same numbers as trajectories and as errors at every point."""
    rng = np.random.default_rng(4)
    shared = np.exp(0.3 * rng.standard_normal((200, 1)))
    own = np.exp(0.1 * rng.standard_normal((200, len(N))))
    runs = {name: np.array([law(n) for n in N]) * shared * own for name, law in laws.items()}
    yield Sample(N, FORMS["trajectories"], {name: [y] for name, y in runs.items()})
    yield Sample(N, FORMS["errors"], {name: list(y.T) for name, y in runs.items()})


@pytest.mark.parametrize(
    ("check", "expected"),
    [(Below("q", "2/n"), "PASS"), (Below("q", "0.5/n"), "FAIL"), (Above("q", "0.5/n"), "PASS"),
     (Agrees("q", "1.05/n", margin=0.2), "PASS"), (Below("q", than="r"), "PASS"),
     (Above("q", than="r", margin=0.1), "FAIL"), (Below("q", "0.2", than="r"), "FAIL")],
)  # fmt: skip
def test_the_answer_is_that_of_errors(check, expected):
    runs, errors = (outcome(check, one) for one in both(q=lambda n: 1 / n, r=lambda n: 3 / n))
    assert runs.outcome == errors.outcome == expected
    assert (runs.measured, runs.interval, runs.points) == (
        errors.measured, errors.interval, errors.points)  # fmt: skip


def test_slopes_and_rates_of_pairs_are_still_refused():
    form = FORMS["trajectories"]
    assert form.reads(Below.coordinates, paired=True)
    assert not form.reads(Faster.coordinates, paired=True)
    assert form.reads(Decay.coordinates)
    assert not form.reads(Decay.coordinates, paired=True)
