"""Fits of numbers whose truth is known: exponents, intervals, verdicts, what is seen beside."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pytest

import ratecheck as rc
from ratecheck.errors import FormulaError, RequestError

N = 2.0 ** np.arange(2, 12)
H = 1 / N


def noisy(values, size, seed=1):
    return values * np.exp(size * np.random.default_rng(seed).standard_normal(np.shape(values)))


@pytest.mark.parametrize(
    ("x", "y", "more", "form", "exponent"),
    [
        (N, 3 * N**-2.0, {}, "exact", -2),
        (H, 3 * H**2 + H**3, {"axis": "h"}, "exact", 2),
        (N, noisy(N**-0.5, 0.1), {}, "measured", -0.5),
        (N, noisy(np.outer(N**0.75, np.ones(20)), 0.3), {}, "errors", 0.75),
        (N, noisy(np.outer(N**-1.0, np.ones(3)), 0.1), {}, "measured", -1),
        (N, noisy(1 / N, 0.05), {"se": 0.05 / N}, "means", -1),
    ],
)
def test_the_exponent_is_found_in_every_form_of_data(x, y, more, form, exponent):
    found = rc.fit(x, y, **more)
    low, high = found.interval
    assert found.form.name == form
    assert low <= found.exponent <= high
    assert low - 0.01 <= exponent <= high + 0.01
    assert high - low < 0.5
    assert found.outcome is None
    assert len(found.estimate.points) == len(x)


def test_an_axis_that_goes_to_zero_tells_its_exponent_and_its_verdict_as_it_is():
    found = rc.fit(H, H**2, "h**2")
    assert found.outcome == "PASS"
    assert found.exponent == pytest.approx(2)
    assert found.verdict.predicted == pytest.approx(-2)  # in 1/h, as a claim's check has it
    assert [one.exponent for one in found.estimate.local] == pytest.approx([2] * 9)
    assert rc.fit(H, H**2, "h**3").outcome == "FAIL"
    assert rc.fit(H[::-1], H[::-1] ** 2, "h**2").outcome == "PASS"


def test_relations():
    assert rc.fit(N, N**-2.0, "1/N").outcome == "FAIL"
    assert rc.fit(N, N**-2.0, "1/N", relation="at most").outcome == "PASS"
    assert rc.fit(N, N**-2.0, "1/N", relation="at least").outcome == "FAIL"
    assert rc.fit(N, N**-2.0, order=2, relation="at least", axis="N").outcome == "PASS"


def test_the_margin_is_the_one_that_is_told():
    near = noisy(N**-1.1, 0.001)
    assert rc.fit(N, near, "1/N", margin=0.2).outcome == "PASS"
    assert rc.fit(N, near, "1/N", margin=0.05).outcome == "FAIL"
    assert "margin 0.25, as none was given" in repr(rc.fit(N, near, "1/N"))


def test_differences_down_to_round_off_keep_their_order():
    """They are taken for what they are before the floor; where too few are, nothing is decided."""
    h = 10.0 ** -np.arange(1, 13)
    rounding = 1e-16 * (1.5 + np.cos(np.arange(12.0) ** 2)) / h
    forward = 1.36 * h + 0.45 * h**2 + rounding
    assert rc.fit(h, forward, "h").outcome == "PASS"
    assert rc.fit(h, forward, "h**2").outcome == "FAIL"
    found = rc.fit(h, 0.09 * h**2 + rounding, "h**2")
    assert found.outcome == "INCONCLUSIVE"
    assert "the values rise. A floor such as round-off does that" in found.verdict.sentence


def test_repeated_values_of_both_signs_are_signed():
    rng = np.random.default_rng(3)
    bias = (1 + 0.7 * rng.standard_normal((len(N), 40))) / N[:, None]
    found = rc.fit(N, bias, "1/N")
    assert (found.form.name, found.outcome) == ("signed", "PASS")
    assert rc.fit(N, bias, "N**-1.5").outcome == "FAIL"
    for asked, said in (
        ({"data": "measured"}, "--data measured takes positive values"),
        ({"floor": "fit"}, "no floor is fitted to --data signed"),
    ):
        with pytest.raises(RequestError, match=said):
            rc.fit(N, bias, "1/N", **asked)
    with pytest.raises(RequestError, match="an error is positive"):
        rc.fit(N, bias[:, :7] - 2 / N[:, None])


def test_values_that_are_inf_are_times_that_were_not_reached():
    """Of which a quantile is judged: left out, the slow ones would make the exponent too small."""
    n = 2.0 ** np.arange(3, 9)
    times = n[:, None] ** 2 * np.random.default_rng(5).gamma(4, 0.25, size=(6, 200))
    cut = np.where(times > n[-1] ** 2, np.inf, times)
    assert np.isinf(cut[-1]).mean() > 0.3
    found = rc.fit(n, cut, "n**2")
    assert (found.form.name, found.outcome, found.models) == ("times", "PASS", None)
    assert rc.fit(n, cut, "n").outcome == "FAIL"
    assert "times to a goal" in found.text(verbose=True)
    for asked, said in (
        ({"data": "errors"}, "takes finite values, not inf; see times"),
        ({"floor": "fit"}, "no floor is fitted to --data times"),
    ):
        with pytest.raises(RequestError, match=said):
            rc.fit(n, cut, **asked)
    with pytest.raises(RequestError, match="x = 256: y is inf; take eight values at every point"):
        rc.fit(n, cut[:, :7])


def test_two_points_are_an_estimate():
    found = rc.fit([2, 4], [1, 0.25], "N**-2")
    assert found.exponent == pytest.approx(-2)
    assert found.interval is None
    assert found.outcome == "INCONCLUSIVE"
    assert "Two points cannot show" in found.verdict.sentence


def test_a_known_floor_is_taken_off():
    loss = 1.69 + 406.4 * N**-0.34
    found = rc.fit(N, loss, "N**-0.34", floor=1.69, margin=0.02)
    assert found.outcome == "PASS"
    assert found.exponent == pytest.approx(-0.34)
    with pytest.raises(RequestError, match="is not above the floor 400"):
        rc.fit(N, loss, floor=400)


def test_an_unknown_floor_is_fitted_and_paid_for():
    n = np.geomspace(1e6, 1e10, 9)
    loss = noisy(1.69 + 406.4 * n**-0.34, 0.003)
    known, unknown = rc.fit(n, loss, floor=1.69), rc.fit(n, loss, floor="fit")
    assert unknown.interval[0] < -0.34 < unknown.interval[1]
    assert np.diff(unknown.interval) >= np.diff(known.interval) * 0.9
    assert rc.fit(n, loss, "N**-0.28", floor="fit", margin=0.02).outcome == "FAIL"
    assert rc.fit(n, loss, "N**-0.34", floor="fit", margin=0.02).outcome == "PASS"
    assert rc.fit(n[:4], loss[:4], floor="fit").interval is None


def test_terms_beside_a_power_are_seen():
    assert rc.fit(N, N * np.log(N)).models.logarithm == "visible"
    assert rc.fit(N, 1 / N + 0.01).models.floor == "visible"
    quiet = rc.fit(N, noisy(1 / N, 0.01)).models
    assert "visible" not in (quiet.logarithm, quiet.floor, quiet.offset)


def test_more_is_advised_only_where_it_would_help():
    wide = rc.fit(N[:5], noisy(1 / N[:5], 0.2), data="measured")
    assert re.search("more points? in the same ratio, or each point about", wide.advice[0])
    assert rc.fit(N, N**-2.0).advice == ()
    assert rc.fit(N[:3], N[:3] ** -2.0).advice == ("to be judged it needs 1 more point at least",)


def test_advised_points_are_enough():
    """With as many points more in the same ratio the interval is as narrow as was said."""
    size = 0.2
    n = 2.0 ** np.arange(5)
    first = rc.fit(n, noisy(1 / n, size), data="measured")
    more = int(first.advice[0].split(", ")[1].split()[0])
    target = float(first.advice[0].split("within ")[1].split(",")[0])
    half = np.diff(first.interval)[0] / 2
    longer = 2.0 ** np.arange(5 + more)
    widths = [
        np.diff(rc.fit(longer, noisy(1 / longer, size, seed), data="measured").interval)[0] / 2
        for seed in range(20)
    ]
    assert half > target
    assert np.median(widths) < 2 * target


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"formula": "M**2", "axis": "N"}, "'M' of 'M**2' is unknown here; the axis is 'N'"),
        ({"formula": "1/N", "order": 2}, "both given"),
        ({"data": "trajectories"}, "write one of exact, measured"),
        ({"data": "means"}, "needs the standard errors"),
        ({"data": "errors"}, "takes at least 8 values at every point"),
        ({"floor": "high"}, "the floor is 'high'; give a number, or 'fit'"),
        ({"formula": "1/N", "margin": -1}, "the margin is -1; a margin is above 0"),
        ({"formula": "1/N", "margin": np.nan}, "the margin is nan"),
        ({"formula": "1/N", "relation": "faster"}, "write one of equal, at most, at least"),
        ({"floor": np.nan}, "the floor is nan; give a number, or 'fit'"),
    ],
)
def test_requests_that_cannot_be_met(asked, said):
    with pytest.raises(RequestError) as raised:
        rc.fit(N, 1 / N, **asked)
    assert said in str(raised.value)


def test_formulas_without_a_value_are_refused():
    with pytest.raises(FormulaError):
        rc.fit(N, 1 / N, "log(0*N)")
    with pytest.raises(FormulaError):
        rc.fit(N, 1 / N, "N-8")


# -- in somebody's own tests ----------------------------------------------------------------------


def test_assert_rate_reads_like_a_verdict():
    assert rc.assert_rate(H, H**2, "h**2", margin=0.25).outcome == "PASS"
    with pytest.raises(AssertionError) as raised:
        rc.assert_rate(H, H, "h**2", margin=0.25, quantity="error")
    assert str(raised.value).startswith("error[h] FAIL: claimed h**2 (margin 0.25). Exponent")
    with pytest.raises(AssertionError, match=r'relation="at most" if that is welcome'):
        rc.assert_rate(H, H**3, "h**2")


def test_assert_rate_takes_what_is_undecided_for_an_error_unless_it_is_allowed():
    few = H[:3]
    with pytest.raises(AssertionError, match="INCONCLUSIVE"):
        rc.assert_rate(few, few**2, "h**2")
    found = rc.assert_rate(few, few**2, "h**2", allow_inconclusive=True)
    assert found.outcome == "INCONCLUSIVE"
    with pytest.raises(AssertionError, match="FAIL"):
        rc.assert_rate(H, H, "h**2", allow_inconclusive=True)


# -- shown ----------------------------------------------------------------------------------------


def test_a_fit_shows_itself():
    found = rc.fit(H, noisy(H**2, 0.05), "h**2")
    page = found._repr_html_()
    assert "<svg" in page
    assert "<style>" in page
    assert "PASS" in page
    assert "http" not in page  # nothing is fetched
    assert "h from" in repr(found)
    bare = rc.fit(H, noisy(H**2, 0.05))._repr_html_()
    assert "nothing was claimed" in bare


def test_a_fit_is_a_data_frame():
    frame = rc.fit(
        N, noisy(np.outer(1 / N, np.ones(10)), 0.1), axis="N", quantity="loss"
    ).to_frame()
    assert frame["N"].tolist() == N.tolist()
    assert (frame["low"] < frame["loss"]).all()
    assert frame["local exponent"].isna().tolist() == [True] + [False] * 9


def test_statsmodels_has_its_own_opinion():
    for y, more in (
        (noisy(1 / N, 0.1), {}),
        (noisy(np.outer(1 / N, np.ones(12)), 0.3), {}),
        (noisy(1 / N, 0.02), {"se": 0.02 / N}),
    ):
        found = rc.fit(N, y, **more)
        opinion = found.second_opinion
        assert opinion.interval[0] <= found.exponent <= opinion.interval[1]
    assert rc.fit(N[:2], 1 / N[:2]).second_opinion is None


def test_json_holds_all_of_it():
    told = rc.fit(N, noisy(1 / N, 0.1), "1/N").to_json()
    assert json.loads(json.dumps(told)) == told
    assert told["schema"] == "ratecheck/fit/1"
    assert told["verdict"] == "PASS"
    assert {"models", "second_opinion", "advice", "points", "local"} <= set(told)


def test_nothing_heavy_is_imported():
    code = (
        "import sys, ratecheck\n"
        "heavy = {'torch', 'pandas', 'matplotlib', 'statsmodels', 'numba', 'jinja2'}\n"
        "assert not heavy & set(sys.modules) and 'numpy' not in sys.modules, 'import'\n"
        "n = [4, 8, 16, 32, 64]\n"
        "found = ratecheck.fit(n, [1 / x for x in n], '1/n')\n"
        "repr(found), found._repr_html_()\n"
        "print(sorted((heavy | {'scipy.stats'}) & set(sys.modules)), found.outcome)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[] PASS", done.stderr
