"""What statsmodels says of known rates, of our own exponents, and of a wrong published one."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from ratecheck.after.second_opinion import Opinion, log_slope, second_opinions
from ratecheck.claim.catalogue import load
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.report.results import document

POINTS = tuple(2.0**k for k in range(4, 10))
SETTINGS = Settings(workers=0, store=None)


def errors_of(rng, exponent, counts, shape=1.0):
    """Gamma errors about a power law, at each point as many as asked for."""
    return [
        x**exponent * rng.gamma(shape, 1 / shape, count)
        for x, count in zip(POINTS, counts, strict=True)
    ]


def sandwich(cells, offset, runs=False):
    """Slope and standard error by the formula of White, or of Liang and Zeger, written out."""
    means = np.array([cell.mean() for cell in cells])
    t = np.log(POINTS) - np.log(POINTS).mean()
    X, b = np.column_stack([np.ones_like(t), t]), np.polyfit(t, np.log(means / offset), 1)[::-1]
    for _ in range(200):
        b = b + np.linalg.solve(X.T @ X, X.T @ (means / (offset * np.exp(X @ b)) - 1))
    mu = offset * np.exp(X @ b)
    bread = np.linalg.inv(X.T @ (X * (means / mu)[:, None]))
    scores = [
        (cell / m - 1)[:, None] * row / cell.size for cell, m, row in zip(cells, mu, X, strict=True)
    ]
    scores = [np.sum(scores, axis=0)] if runs else scores
    meat = sum(score.T @ score for score in scores)
    return b[1], math.sqrt((bread @ meat @ bread)[1, 1])


@pytest.mark.parametrize("counts", [[64] * 6, [64, 128, 64, 300, 64, 80]])
@pytest.mark.parametrize("offset", [0.0, -0.5, 300.0])
def test_errors_agree_with_the_formula_written_out(counts, offset):
    cells = errors_of(np.random.default_rng(1), -0.8, counts)
    formula = np.array(POINTS) ** -0.5 * math.exp(offset)
    slope, (low, high) = log_slope(POINTS, cells, formula, 0.05)
    expected, error = sandwich(cells, formula)
    assert slope == pytest.approx(expected - 0.5, abs=1e-6)
    assert high - slope == pytest.approx(1.959964 * error, rel=1e-4)
    assert slope - low == pytest.approx(high - slope, rel=1e-9)


def test_trajectories_agree_with_the_formula_written_out():
    rng = np.random.default_rng(2)
    steps = rng.normal(size=(200, 6)).cumsum(1)
    runs = np.array(POINTS) ** -0.5 * np.exp(0.3 * steps)
    slope, (_, high) = log_slope(POINTS, runs, np.ones(6), 0.05)
    expected, error = sandwich(list(runs.T), np.ones(6), runs=True)
    assert slope == pytest.approx(expected, abs=1e-6)
    sizes = 200 / 199 * 1199 / 1198  # the usual correction for few clusters
    assert high - slope == pytest.approx(1.959964 * error * math.sqrt(sizes), rel=1e-3)


def test_a_known_rate_is_covered_as_often_as_promised():
    """With the offset of a formula with a logarithm, which a plain slope would miss."""
    rng = np.random.default_rng(3)
    formula = np.log(POINTS) / np.array(POINTS)
    own = np.polyfit(np.log(POINTS), np.log(formula), 1)[0]
    covered = 0
    for _ in range(200):
        cells = [f * rng.gamma(2.0, 0.5, 200) for f in formula]
        _, (low, high) = log_slope(POINTS, cells, formula, 0.05)
        covered += low <= own <= high
    assert 180 <= covered <= 199


@pytest.fixture
def judged(claim_file):
    """A judged claim: its items, rows and blocks."""

    def judge(replace=None):
        entry = load(claim_file(replace=replace))
        with Run(plan([entry], SETTINGS), SETTINGS) as run:
            results = run.all()
            whole = document([entry], [], results, SETTINGS, {}, certificate=run.certificate())
            rows = {row["id"]: row for row in whole["claims"][0]["checks"]}
            return run.items, rows, list(run.blocks())

    return judge


def test_it_agrees_with_our_exponent_and_flags_a_wrong_one(judged):
    items, rows, blocks = judged()
    [opinion] = second_opinions(items, rows, blocks, 0.01)
    [(name, row)] = rows.items()
    assert opinion.id == name
    assert opinion.agrees
    assert opinion.theirs == pytest.approx(row["measured"], abs=0.03)
    width = row["interval"][1] - row["interval"][0]
    assert 0.5 < (opinion.their_interval[1] - opinion.their_interval[0]) / width < 1.2
    shift = 0.4
    row["measured"] += shift
    row["interval"] = [end + shift for end in row["interval"]]
    [opinion] = second_opinions(items, rows, blocks, 0.01)
    assert not opinion.agrees
    assert str(opinion).startswith(f"{name}: -0.")
    assert "by statsmodels -1." in str(opinion) or "by statsmodels -0.9" in str(opinion)


TRAJECTORY = {
    'free={"sigma": 1.0},': 'free={"sigma": 1.0}, data="trajectories",',
    "    draws = torch.rand(replicates, n, generator=rng, device=rng.device, dtype=torch.float64)\n"
    "    error = sigma * (draws.mean(1) - 0.5)\n":
    "    draws = torch.rand(replicates, max(n), generator=rng, dtype=torch.float64) - 0.5\n"
    "    at = torch.tensor(n).long()\n"
    "    error = sigma * draws.cumsum(1)[:, at - 1] / at\n",
}  # fmt: skip


def test_trajectories_have_one_too(judged):
    items, rows, blocks = judged(TRAJECTORY)
    [opinion] = second_opinions(items, rows, blocks, 0.01)
    assert opinion.agrees
    assert opinion.theirs == pytest.approx(opinion.ours, abs=0.05)


ZEROS = {"error = sigma * (draws.mean(1) - 0.5)": "error = 0 * draws.mean(1)"}
RATIO = {
    'Rate("risk", "1/n", margin=0.25,': 'Agrees("risk", "1/(12*n)", margin=0.5, name="risk",',
    "import Axis, ": "import Agrees, Axis, ",
}


@pytest.mark.parametrize("replace", [ZEROS, RATIO], ids=["zeros", "a ratio"])
def test_of_what_it_cannot_judge_it_has_no_opinion(judged, replace):
    items, rows, blocks = judged(replace)
    assert list(second_opinions(items, rows, blocks, 0.01)) == []


@pytest.mark.parametrize(
    ("ours", "interval", "agrees"),
    [
        (-1.0, (-1.1, -0.9), True),
        (-1.3, (-1.4, -1.0), True),  # ours holds theirs
        (-1.15, (-1.16, -1.14), True),  # theirs holds ours
        (-1.3, (-1.4, -1.1), False),  # they overlap, yet neither holds the other's exponent
        (-1.3, (-math.inf, -1.0), True),
    ],
)
def test_when_two_opinions_agree(ours, interval, agrees):
    assert Opinion("a", ours, interval, -1.05, (-1.2, -0.9)).agrees is agrees


def test_statsmodels_is_imported_only_for_an_opinion():
    code = (
        "import sys, ratecheck.after.audit\n"
        "print([m for m in ('statsmodels', 'scipy.stats') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
