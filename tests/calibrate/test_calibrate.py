"""The calibration itself: a small one with a fixed seed, and its document."""

import json
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from ratecheck.calibrate import calibrate, curves, main
from ratecheck.calibrate import noise as laws
from ratecheck.calibrate.proportions import Rate, rate
from ratecheck.errors import RequestError


def results(cells, experiments, seed=0):
    found = calibrate(cells=cells, experiments=experiments, seed=seed)
    return {(c.name, r.name): r for c in found.cells for r in c.rates}, found


@pytest.mark.parametrize("count", [0, 3, 129, 1000])
def test_limits_are_clopper_pearson(count):
    found = rate("x", count, 1000)
    low, high = proportion_confint(count, 1000, alpha=0.10, method="beta")
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)
    assert found.holds is None


def test_promises():
    assert rate("x", 100, 10_000, most=0.01, allowance=0.005).holds
    assert rate("x", 140, 10_000, most=0.01, allowance=0.005).holds is False
    assert rate("x", 960, 1000, least=0.95, allowance=0.01).holds
    assert rate("x", 920, 1000, least=0.95, allowance=0.01).holds is False


@pytest.mark.parametrize(
    ("count", "of", "bound", "holds"),
    [
        (0, 50, {"most": 0.01, "allowance": 0.005}, None),
        (1, 100, {"most": 0.01, "allowance": 0.005}, None),
        (10, 50, {"most": 0.01, "allowance": 0.005}, False),
        (46, 50, {"least": 0.95, "allowance": 0.02}, None),
        (46, 50, {"least": 0.95}, None),
        (20, 50, {"least": 0.95}, False),
        (939, 1000, {"least": 0.94, "most": 0.98}, None),
        (9390, 10_000, {"least": 0.94, "most": 0.98}, False),
    ],
)
def test_too_few_experiments_tell_nothing(count, of, bound, holds):
    found = rate("x", count, of, **bound)
    assert found.promised
    assert found.holds is holds


def test_the_published_promises_are_judged_as_they_are():
    document = json.loads((Path(__file__).parents[2] / "reports/calibration.json").read_text())
    for cell in document["cells"]:
        for row in cell["rates"]:
            again = Rate(*(row[field.name] for field in fields(Rate)))
            assert again.holds is row["holds"], (cell["name"], row["name"])


def test_few_experiments_break_no_promise():
    lines = []
    assert main(cells="^sequential: log-normal, CV 1$", experiments=50, echo=lines.append) == 0
    assert lines[0].startswith("few   sequential: log-normal, CV 1 (50 experiments)")
    told = r"(\d+) of (\d+) promises are kept, 0 broken, and (\d+) cannot be told from 50 exp"
    kept, promises, untold = map(int, re.match(told, lines[-1]).groups())
    assert kept + untold == promises
    assert untold > 0


@pytest.mark.parametrize(
    ("name", "experiments"),
    [
        ("log-normal, CV 1", 500),
        pytest.param("log-normal, CV 1", 1500, marks=pytest.mark.slow),
        pytest.param("gamma, CV 1", 1500, marks=pytest.mark.slow),
    ],
)
def test_error_rates_of_a_sequential_run(name, experiments):
    """Pinned: both error rates with the truth on the margin and beyond."""
    found, _ = results(f"^sequential: {name}$", experiments)
    for (_, what), r in found.items():
        if what.startswith("false"):
            assert r.rate <= 0.012, what
    assert found[name, "PASS, truth on the claim"].rate > 0.95
    assert found[name, "killed, truth +2 margins off"].rate > 0.97
    assert found[name, "false FAIL, truth on the claim"].count <= 2


@pytest.mark.slow
def test_less_work_than_a_fixed_design():
    _, whole = results("^sequential: log-normal, CV 1$", 600)
    numbers = whole.cells[0].numbers
    assert numbers["work"] < 0.5
    assert 100 < numbers["fixed replicates a point"] < 180


@pytest.mark.slow
def test_true_curves_do_not_fail_and_wrong_ones_do_not_pass():
    found, _ = results("^curves: 8 points, log-normal, CV 0.6, sequential", 300)
    shapes = {s.name: s for s in curves.shapes()}
    for (_, what), r in found.items():
        name = what.split(", ", 1)[1].split(" (far end")[0]
        if what.startswith("false FAIL") and shapes[name].promised:
            assert r.rate <= 0.02, what
    off = found[next(k for k in found if k[1].startswith("PASS, n^.3 (1 + 3/n)"))]
    assert off.rate <= 0.03


def test_coverage_of_a_fixed_design():
    found, _ = results("^fixed: log-normal, CV 1, 16 replicates", 4000)
    cell = "log-normal, CV 1, 16 replicates"
    assert 0.94 <= found[cell, "95 % interval covers"].rate <= 0.98
    assert found[cell, "99 % interval covers"].rate >= 0.985


@pytest.mark.parametrize("experiments", [100, pytest.param(300, marks=pytest.mark.slow)])
def test_noise_free_sequences_do_not_fail_falsely(experiments):
    found, _ = results("^noise-free", experiments)
    for (_, what), r in found.items():
        if what == "false FAIL":
            assert r.count <= experiments / 100
    cell = "noise-free, one correction of order 0.5 to 2"
    assert found[cell, "interval covers the limit"].rate > 0.95


@pytest.mark.slow
def test_kinds_run_through_the_engine():
    found, _ = results("^kinds: (Agrees|Decay without).*sequential", 300)
    for (cell, what), r in found.items():
        if what == "PASS, two margins off":
            assert r.count == 0, cell
        if what == "FAIL, two margins off":
            assert r.rate > 0.6, cell


@pytest.mark.parametrize(
    "noise",
    [
        laws.lognormal(0.8), laws.gamma(1.2), laws.lomax(4.0),
        laws.contaminated(0.1, 5), laws.inverse_gamma(4.0),
        laws.weibull(0.8), laws.chi_square(2), laws.two_point(0.2, 5),
        laws.mixture(0.3, 4), laws.beta(0.5, 1.5),
        laws.inverse_gaussian(0.8), laws.shifted_exponential(0.3),
        laws.bernoulli(0.5, 0.5, 2),
    ],
    ids=lambda noise: noise.name,
)  # fmt: skip
def test_noise_has_mean_one(noise):
    y = noise.draw(np.random.default_rng(0), np.zeros(200_000, dtype=int))
    assert (y >= 0).all()
    assert abs(y.mean() - 1) < 5 * y.std() / np.sqrt(y.size)
    assert stats.describe(y).variance > 0


def test_a_seed_makes_a_calibration():
    one, _ = results("^fixed: gamma, CV 1, 16", 200, seed=3)
    two, _ = results("^fixed: gamma, CV 1, 16", 200, seed=3)
    other, _ = results("^fixed: gamma, CV 1, 16", 200, seed=4)
    assert one == two
    assert one != other
    shared = calibrate(cells="^fixed: gamma, CV 1, 16", experiments=200, seed=3, workers=2)
    assert shared.cells[0].rates == tuple(one.values())
    alone, _ = results("^fixed: gamma, CV 1", 200, seed=3)
    assert all(alone[key] == value for key, value in one.items())


def test_the_document_and_the_command(tmp_path):
    lines = []
    out = tmp_path / "calibration.json"
    code = main(cells="^fixed: gamma, CV 1, (8|16)", experiments=1000, out=out, echo=lines.append,
                commit="abc")  # fmt: skip
    document = json.loads(out.read_text())
    assert document["commit"] == "abc"
    assert document["seed"] == 0
    assert len(document["cells"]) == 2
    row = document["cells"][0]["rates"][0]
    assert row["of"] == 1000
    assert row["low"] <= row["rate"] <= row["high"]
    assert code == (1 if document["summary"]["broken"] else 0)
    assert "promises are kept" in lines[-1]
    with pytest.raises(RequestError, match="the groups are: sequential, fixed"):
        calibrate(cells="no such cell")
    with pytest.raises(RequestError, match="regular expression"):
        calibrate(cells="(")
