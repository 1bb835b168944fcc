"""Every kind of check on every form of data: right on a true law, right on a wrong one."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ratecheck import Additive, Agrees, AtLeast, AtMost, Below, Decay, Faster, Flat, Rate
from ratecheck.claim.form import FORMS
from ratecheck.claim.form import Sample as FormedSample
from ratecheck.claim.question import Question
from ratecheck.inference.sequential import Level
from ratecheck.judge.judge import judge, judge_falsifier

ALPHA = 0.01
N = tuple(2**j for j in range(4, 12))


def noise(rng, shape, cv=0.5):
    s = np.sqrt(np.log1p(cv**2))
    return np.exp(s * rng.standard_normal(shape) - s**2 / 2)


def question(check, points=N, axis="n"):
    return Question(check, axis, points, {})


def Sample(points, form, values):
    return FormedSample(points, FORMS[form], values)


def sample(laws, points=N, form="errors", replicates=200, seed=0, cv=0.5):
    """Replicates of laws name -> mean function; all share their noise, as one simulation would."""
    rng = np.random.default_rng(seed)
    values = {name: [] for name in laws}
    for x in points:
        shared = noise(rng, replicates, cv)
        for name, law in laws.items():
            values[name].append(law(x) * shared * noise(rng, replicates, 0.1))
    return Sample(points, form, values)


def exact(laws, points=N):
    return Sample(
        points, "exact", {k: [np.array([law(x)]) for x in points] for k, law in laws.items()}
    )


def outcome(check, data, axis="n"):
    return judge(question(check, data.points, axis), data, ALPHA)


def kill_of(check, data, quantity=None, name="without it"):
    """The answer on a falsifier with a quantity of its own."""
    own = check if quantity is None else replace(check, quantity=quantity)
    return judge_falsifier(question(own, data.points), name, data, ALPHA)


@pytest.mark.parametrize(
    ("check", "law", "expected"),
    [
        (Rate("q", "1/n", margin=0.1), lambda n: 3 / n, "PASS"),
        (Rate("q", "1/n", margin=0.1), lambda n: n**-0.7, "FAIL"),
        (Rate("q", "1/n", margin=0.1), lambda n: n**-1.3, "FAIL"),
        (Rate("q", "log(n)/n", margin=0.1), lambda n: np.log(n) / n, "PASS"),
        (Rate("q", "1", margin=0.1), lambda n: 7.0, "PASS"),
        (Flat("q", margin=0.1), lambda n: 7.0, "PASS"),
        (Flat("q", margin=0.1), lambda n: n**0.3, "FAIL"),
        (AtMost("q", "1/n", margin=0.1), lambda n: n**-1.5, "PASS"),
        (AtMost("q", "1/n", margin=0.1), lambda n: n**-1.0, "PASS"),
        (AtMost("q", "1/n", margin=0.1), lambda n: n**-0.7, "FAIL"),
        (AtLeast("q", "1/n", margin=0.1), lambda n: n**-0.7, "PASS"),
        (AtLeast("q", "1/n", margin=0.1), lambda n: n**-1.4, "FAIL"),
        (Agrees("q", "2/n", margin=0.2), lambda n: 2 / n, "PASS"),
        (Agrees("q", "2/n", margin=0.2), lambda n: 3 / n, "FAIL"),
        (Agrees("q", "2/n", margin=0.2), lambda n: 2 / n * (3 if n == 64 else 1), "FAIL"),
    ],
)
def test_random_errors(check, law, expected):
    verdict = outcome(check, sample({"q": law}, replicates=400))
    assert verdict.outcome == expected
    assert str(check.margin) in verdict.sentence
    assert len(verdict.points) == len(N)


@pytest.mark.parametrize(
    ("than", "expected"), [(lambda n: 1.0, "PASS"), (lambda n: n**-0.8, "FAIL")]
)
def test_faster_is_paired(than, expected):
    data = sample({"q": lambda n: 1 / n, "r": than}, cv=1.0)
    verdict = outcome(Faster("q", than="r", by="n**0.9", margin=0.1), data)
    assert verdict.outcome == expected
    alone = outcome(Rate("q", "1/n", margin=0.1), data)
    paired = verdict.interval[1] - verdict.interval[0]
    assert paired < (alone.interval[1] - alone.interval[0]) / 2


@pytest.mark.parametrize(("factor", "expected"), [(0.8, "PASS"), (1.2, "FAIL")])
def test_below_is_paired(factor, expected):
    data = sample({"q": lambda n: factor / n, "r": lambda n: 1 / n}, cv=1.0)
    assert outcome(Below("q", than="r"), data).outcome == expected


@pytest.mark.parametrize(
    ("check", "law", "expected"),
    [
        (Rate("q", "1/n", margin=0.05), lambda n: 1 / n, "PASS"),
        (Rate("q", "n**-2", margin=0.05), lambda n: n**-2 * (1 + 3 / n), "PASS"),
        (Rate("q", "n**-3", margin=0.1), lambda n: n**-3.23, "FAIL"),
        (Rate("q", "1/n", margin=0.05), lambda n: np.log(n) / n, "INCONCLUSIVE"),
        # off by far more than the exponents move, though they never settle
        (Rate("q", "1/n", margin=0.4), lambda n: n**-2 * (1 + 3 / n), "FAIL"),
        (AtMost("q", "n**-3", margin=0.4), lambda n: n**-2 * (1 + 3 / n), "FAIL"),
        (AtMost("q", "1/n", margin=0.4), lambda n: n**-2 * (1 + 3 / n), "PASS"),
        (AtLeast("q", "1/n", margin=0.4), lambda n: n**-2 * (1 + 3 / n), "FAIL"),
        (AtMost("q", "sqrt(n)", margin=0.05), lambda n: n**0.4, "PASS"),
        (Agrees("q", "1/n", margin=0.05), lambda n: 1.02 / n, "PASS"),
        (Agrees("q", "1/n", margin=0.05), lambda n: 1.08 / n, "FAIL"),
    ],
)
def test_noise_free_values(check, law, expected):
    assert outcome(check, exact({"q": law})).outcome == expected


def test_an_open_end_has_a_round_bracket():
    verdict = outcome(Rate("q", "1/n", margin=0.4), exact({"q": lambda n: np.exp(-n / 900) / n}))
    assert verdict.interval[0] is None
    assert verdict.sentence.startswith(f"Exponent {verdict.measured:.3f} (-inf, ")


def test_what_has_not_settled_is_told_what_to_do():
    sentence = outcome(
        Rate("q", "1/n", margin=0.05), exact({"q": lambda n: np.log(n) / n})
    ).sentence
    assert "take a longer grid, or a formula with the slower term" in sentence


def ending_in(*ends):
    """Errors of order 2 whose last values are replaced."""
    values = [2.0 * n**-2.0 for n in N]
    values[len(N) - len(ends) :] = ends
    return Sample(N, "exact", {"q": [np.array([v]) for v in values]})


def test_a_zero_after_erratic_values_is_round_off_too():
    """Simpson's rule for exp on [0, 1]: N = 512 is cut at 1e-13 already, N = 4096 is exact."""
    grid = tuple(4.0 * 2**k for k in range(11))
    values = []
    for n in map(int, grid):
        y = np.exp(np.linspace(0, 1, n + 1))
        rule = (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum()) / (3 * n)
        values.append(abs(rule - (np.e - 1)))
    values[-1] = 0.0  # whatever this processor's sum makes of it
    verdict = outcome(
        Rate("q", "n**-4", margin=0.1),
        Sample(grid, "exact", {"q": [np.array([value]) for value in values]}),
    )
    assert verdict.outcome == "PASS"


def test_errors_of_0_at_the_end_are_round_off():
    check = Rate("q", "n**-2", margin=0.1)
    verdict = outcome(check, ending_in(0.0, 0.0))
    assert verdict.outcome == "PASS"
    assert verdict.warnings == (
        "round-off rules from point 7 (n = 1024) on; those values are left out",
    )
    assert kill_of(Rate("r", "1/n", margin=0.1), ending_in(0.0, 0.0), "q").outcome == "KILLED"


@pytest.mark.parametrize(
    ("check", "ends", "words"),
    [
        (Rate("q", "n**-2", margin=0.1), (0.0, 1e-6), "'q' is 0 at n = 1024; an exact error must"),
        (Rate("q", "n**-2", margin=0.1), (0.0,) * 5, "which is round-off, and only 3 values"),
        (Rate("q", "n**-2", margin=0.1), (0.0,) * 8, "0 values are above it; shorten the grid"),
        (Agrees("q", "2/n**2", margin=0.1), (0.0,), "'q' is 0 at n = 2048; an exact error must be"),
    ],
)  # fmt: skip
def test_errors_of_0_elsewhere_are_an_error(check, ends, words):
    verdict = outcome(check, ending_in(*ends))
    assert verdict.outcome == "ERROR"
    assert words in verdict.sentence
    assert kill_of(check, ending_in(*ends)).outcome == "ERROR"


def test_zeros_within_a_declared_floor_are_no_error():
    """In single precision an error may be 0 by chance, anywhere below the floor."""
    data = ending_in(3e-7, 0.0, 2e-7)
    check = Rate("q", "n**-2", margin=0.2)
    assert outcome(check, data).outcome == "ERROR"
    declared = FormedSample(data.points, data.form.above("float32"), data.values)
    verdict = judge(question(check), declared, ALPHA)
    assert verdict.outcome == "PASS"
    assert verdict.warnings[0].startswith("a floor rules from point ")
    clean = exact({"q": lambda n: 1 / n})
    nothing = FormedSample(clean.points, clean.form.above(10.0), clean.values)
    assert "above round-off or a declared floor" in judge(question(check), nothing, ALPHA).sentence


def test_the_finest_grid_may_be_the_reference_itself():
    values = [n**-2.0 - N[-1] ** -2.0 for n in N]
    data = Sample(N, "exact", {"q": [np.array([v]) for v in values]})
    declared = FormedSample(data.points, data.form.above("reference"), data.values)
    for formula, expected in (("n**-2", "PASS"), ("1/n", "FAIL")):
        asked = question(Rate("q", formula, margin=0.2))
        assert judge(asked, declared, ALPHA).outcome == expected
    assert outcome(Rate("q", "n**-2", margin=0.2), data).outcome == "INCONCLUSIVE"


def test_linear_finite_elements_come_out_as_two():
    """P1 elements with local slopes 1.90, 1.97, 1.99: order 2, not less."""
    h = (1.0, 2.0, 4.0, 8.0)
    e = np.exp(-np.cumsum([0, 1.904, 1.974, 1.993]) * np.log(2))
    data = Sample(h, "exact", {"q": [np.array([v]) for v in e]})
    assert outcome(Rate("q", "n**-2", margin=0.05), data).outcome == "PASS"
    assert outcome(Rate("q", "n**-1.9", margin=0.05), data).outcome != "PASS"


def test_noise_free_faster_and_below():
    laws = {"q": lambda n: 1 / n, "r": lambda n: n**-0.5}
    assert outcome(Faster("q", than="r", by="sqrt(n)", margin=0.05), exact(laws)).outcome == "PASS"
    assert outcome(Faster("q", than="r", by="n", margin=0.05), exact(laws)).outcome == "FAIL"
    assert outcome(Below("q", than="r"), exact(laws)).outcome == "PASS"
    assert outcome(Below("r", than="q"), exact(laws)).outcome == "FAIL"


def paths(law, replicates=200, spread=0.5, seed=1):
    """Trajectories whose points share most of their noise."""
    rng = np.random.default_rng(seed)
    common = noise(rng, (replicates, 1), spread)
    own = noise(rng, (replicates, len(N)), 0.1)
    mean = np.array([law(n) for n in N])
    return Sample(N, "trajectories", {"q": [mean * common * own]})


def test_trajectories():
    check = Rate("q", "1/n", margin=0.05)
    right, wrong = outcome(check, paths(lambda n: 1 / n)), outcome(check, paths(lambda n: n**-0.8))
    assert (right.outcome, wrong.outcome) == ("PASS", "FAIL")
    assert len(right.points) == len(N)
    independent = outcome(check, sample({"q": lambda n: 1 / n}))
    width = right.interval[1] - right.interval[0]
    assert width < (independent.interval[1] - independent.interval[0]) / 2


T = tuple(float(t) for t in range(1, 9))


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (lambda t: np.exp(-0.5 * t), "PASS"),
        (lambda t: np.exp(-0.3 * t), "FAIL"),
        (lambda t: np.exp(-0.8 * t), "FAIL"),
        (lambda t: np.exp(-0.5 * t) + 0.05, "PASS"),
    ],
)
def test_decay_with_and_without_a_floor(law, expected):
    data = sample({"q": law}, T, replicates=2000, cv=0.2)
    check = Decay("q", "exp(-0.5*t)", margin=0.15)
    verdict = outcome(check, data, axis="t")
    assert verdict.outcome == expected
    assert verdict.predicted == pytest.approx(-0.5)


def test_decay_as_a_bound_and_noise_free():
    check = Decay("q", "exp(-0.5*t)", margin=0.1, bound=True)
    faster = sample({"q": lambda t: np.exp(-0.8 * t)}, T, cv=0.2)
    assert outcome(check, faster, axis="t").outcome == "PASS"
    for rate, expected in ((0.5, "PASS"), (0.9, "PASS"), (0.3, "FAIL")):
        data = exact({"q": lambda t, rate=rate: 2 * np.exp(-rate * t)}, T)
        assert outcome(check, data, axis="t").outcome == expected


def signed(law, replicates=400, sd=1.0, seed=2):
    rng = np.random.default_rng(seed)
    return Sample(N, "signed", {"q": [law(n) + sd * rng.standard_normal(replicates) for n in N]})


def test_signed_biases():
    check = Rate("q", "1/n", margin=0.2)
    assert outcome(check, signed(lambda n: -20 / n, 20_000, 0.2)).outcome == "PASS"
    assert outcome(check, signed(lambda n: -20 / n**0.5, 20_000, 0.2)).outcome == "FAIL"
    floor = outcome(check, signed(lambda n: 0.001 / n))
    assert floor.outcome == "INCONCLUSIVE"
    assert "Monte Carlo floor" in floor.sentence


def formed(form, runs, points):
    """Runs of shape (replicates, points) in one of the forms of random data."""
    return Sample(points, form, {"q": [runs] if form == "trajectories" else list(runs.T)})


@pytest.mark.parametrize("form", ["errors", "trajectories", "times", "signed"])
@pytest.mark.parametrize("seed", range(3))
def test_a_curve_that_leaves_the_claim_passes_in_no_form_of_data(form, seed):
    """Its mean slope is within the margin, that of its far half is not."""
    n, sign = np.array(N), -1 if form == "signed" else 1
    means = sign * n**-0.5 * np.maximum(1.0, n / N[3]) ** 0.25
    runs = means * noise(np.random.default_rng(seed), (400, len(N)), 0.1)
    data = formed(form, runs, N)
    verdict = outcome(Rate("q", "n**(-1/2)", margin=0.2), data)
    assert verdict.interval[1] < -0.3
    assert verdict.outcome != "PASS"
    assert outcome(Rate("q", "n**(-1/2)", margin=0.4), data).outcome == "PASS"


@pytest.mark.parametrize("form", ["errors", "trajectories"])
def test_a_power_law_is_no_exponential_decay(form):
    """Its mean rate is within the margin; it slows down all the way."""
    t = np.array(T)
    wobble = noise(np.random.default_rng(0), (400, len(T)), 0.1)
    check = Decay("q", "exp(-t/2)", margin=0.2)
    assert outcome(check, formed(form, t**-1.9 * wobble, T), axis="t").outcome == "FAIL"
    early = np.exp(-t / 2) * (1 + 4 * np.exp(-t / 2)) * wobble
    verdict = outcome(replace(check, margin=0.03), formed(form, early, T), axis="t")
    assert (verdict.outcome, verdict.reason) == ("INCONCLUSIVE", "pre-asymptotic")
    assert verdict.settles == pytest.approx(2 * np.log(4 * 0.985 / 0.015), rel=0.1)


def test_censored_times():
    rng = np.random.default_rng(3)

    def times(power, budget):
        raw = [n**power * rng.exponential(size=400) for n in N]
        return Sample(N, "times", {"q": [np.where(t < budget, t, np.inf) for t in raw]})

    check = Rate("q", "n", margin=0.25)
    assert outcome(check, times(1.0, 2 * N[-1])).outcome == "PASS"
    assert outcome(check, times(0.5, 2 * N[-1])).outcome == "FAIL"
    never = outcome(check, times(1.0, N[-1] / 500))
    assert never.outcome == "INCONCLUSIVE"
    assert "too rarely" in never.sentence


def test_additivity_from_corners():
    check = Additive("both", parts=("eta", "batch"), neither="none", margin=0.1)
    rng = np.random.default_rng(4)

    def corners(interaction):
        rows = {"both": [], "eta": [], "batch": [], "none": []}
        for n in N:
            z = noise(rng, 500, 0.3)
            a, b, c = 1 / n, 2 / n, 0.1 / n
            rows["eta"].append((a + c) * z)
            rows["batch"].append((b + c) * z)
            rows["none"].append(c * z)
            rows["both"].append((a + b + c) * (1 + interaction) * z * noise(rng, 500, 0.1))
        return Sample(N, "errors", rows)

    assert outcome(check, corners(0.0)).outcome == "PASS"
    assert outcome(check, corners(0.4)).outcome == "FAIL"


def test_a_window_that_bends_towards_the_claim_is_not_a_failure():
    law = sample({"q": lambda n: (1 + 30 * n**-0.5) / n}, replicates=2000, cv=0.3)
    verdict = outcome(Rate("q", "1/n", margin=0.1), law)
    assert (verdict.outcome, verdict.reason) == ("INCONCLUSIVE", "pre-asymptotic")
    assert verdict.settles > N[-1]
    assert "settle near n =" in verdict.sentence


def test_a_far_end_that_keeps_a_pass_back_is_told_with_its_interval():
    """Eight seeds give either reason; each has the far end's interval and a remedy."""
    told = {}
    for seed in range(8):
        law = sample({"q": lambda n: (1 + n / 4000) / n}, replicates=80, cv=0.8, seed=seed)
        verdict = outcome(Rate("q", "1/n", margin=0.15), law)
        told.setdefault(verdict.reason, verdict.sentence)
    number = r"-?\d\.\d{3}"
    assert re.search(
        rf"but its far end [\[(]{number}, {number}[\])] may still leave it: take more replicates, "
        "above all at the far half, or a longer grid", told["far end unknown"],
    )  # fmt: skip
    assert re.search(rf"far end \[{number}, {number}\] is heading away", told["bends away"])


def test_a_plateau_is_named():
    law = sample({"q": lambda n: 1 / n + 0.5}, replicates=2000, cv=0.3)
    verdict = outcome(Rate("q", "1/n", margin=0.1), law)
    assert (verdict.outcome, verdict.reason) == ("FAIL", "plateau")


def test_jagged_points_widen_the_interval():
    bumps = dict(zip(N, (1, 1.4, 0.8, 1.3, 0.7, 1.2, 0.9, 1.4), strict=True))
    smooth = sample({"q": lambda n: 1 / n}, replicates=4000, cv=0.1)
    jagged = sample({"q": lambda n: bumps[n] / n}, replicates=4000, cv=0.1)
    check = Rate("q", "1/n", margin=0.1)
    wide, narrow = outcome(check, jagged), outcome(check, smooth)
    assert any("jagged" in w for w in wide.warnings)
    assert not narrow.warnings
    assert np.diff(wide.interval) > 10 * np.diff(narrow.interval)


def test_rivals_are_excluded_or_named():
    check = Rate("q", "1/n", margin=0.3, rivals={"slow": "n**-0.65", "near": "n**-0.9"})
    sharp = outcome(check, sample({"q": lambda n: 1 / n}))
    assert [(r.name, r.separable, r.excluded) for r in sharp.rivals] == [
        ("slow", True, True),
        ("near", False, False),
    ]
    assert "Excluded: slow." in sharp.sentence
    blunt = outcome(check, sample({"q": lambda n: 1 / n}, replicates=8, cv=4.0, seed=3))
    assert not blunt.rivals[0].excluded
    assert "Not excluded: slow." in blunt.sentence


def test_a_vacuous_bound_does_not_pass():
    check = AtMost("q", "log(n)**9/n", margin=0.1)
    verdict = outcome(check, sample({"q": lambda n: 1 / n}))
    assert (verdict.outcome, verdict.reason) == ("INCONCLUSIVE", "vacuous")
    assert outcome(AtMost("q", "log(n)/n", margin=0.1), sample({"q": lambda n: 1 / n})).outcome == (
        "PASS"
    )


def test_power_is_reported():
    few = outcome(Rate("q", "1/n", margin=0.1), sample({"q": lambda n: 1 / n}, replicates=16))
    assert few.outcome == "INCONCLUSIVE"
    assert few.gap > 0.1
    assert few.needed >= 2 * 16
    told = re.search(r"Between (\d+) and (\d+) replicates a point would decide", few.sentence)
    assert int(told[1]) == few.needed
    enough = sample({"q": lambda n: 1 / n}, replicates=int(told[2]))
    decided = outcome(Rate("q", "1/n", margin=0.1), enough)
    assert decided.outcome == "PASS"
    assert decided.gap < few.gap
    assert decided.needed == 0


def test_nothing_seen_is_no_verdict():
    data = Sample(N, "errors", {"q": [np.zeros(64)] * len(N)})
    verdict = outcome(Rate("q", "1/n", margin=0.1), data)
    assert verdict.outcome == "INCONCLUSIVE"
    assert verdict.measured is None
    assert (
        "all values of 'q' are 0 at n = 16, 32, 64, 128 and 4 more; leave out" in verdict.sentence
    )
    thin = sample({"q": lambda n: 1 / n}, replicates=4)
    assert "fewer than 8" in outcome(Rate("q", "1/n", margin=0.1), thin).sentence


@pytest.mark.parametrize(
    ("form", "check"),
    [
        ("errors", Rate("q", "1/n", margin=0.1)),
        ("errors", Faster("r", than="q", by="n", margin=0.1)),
        ("errors", Agrees("q", "1/n", margin=0.1)),
        ("trajectories", Rate("q", "1/n", margin=0.1)),
    ],
)
def test_the_point_where_nothing_was_seen_is_named(form, check):
    rows = [np.full(64, 0.0 if n == 512 else 1 / n) for n in N]
    rows = rows if form == "errors" else [np.array(rows).T]
    data = Sample(N, form, {"q": rows, "r": [np.ones(64)] * len(N)})
    assert "all values of 'q' are 0 at n = 512; leave out" in outcome(check, data).sentence


def test_a_single_value_above_0_has_no_interval():
    rows = [np.full(64, 1 / n) for n in N]
    rows[2] = np.where(np.arange(64) == 3, 1.0, 0.0)
    sentence = outcome(Rate("q", "1/n", margin=0.1), Sample(N, "errors", {"q": rows})).sentence
    assert "all values but one of 'q' are 0 at n = 64; leave out" in sentence


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("form", ["errors", "trajectories"])
def test_errors_of_0_everywhere_raise_no_warning(form):
    rows = [np.zeros(64)] * len(N)
    data = Sample(N, form, {"q": rows if form == "errors" else [np.array(rows).T]})
    nothing = Level(0.0, 0.005, 0.0)  # what a look without information may spend
    verdict = judge(question(Rate("q", "1/n", margin=0.1)), data, ALPHA, nothing)
    assert verdict.outcome == "INCONCLUSIVE"


def test_a_missing_quantity_is_an_error():
    verdict = outcome(Rate("other", "1/n", margin=0.1), sample({"q": lambda n: 1 / n}))
    assert verdict.outcome == "ERROR"
    assert verdict.sentence == "The simulation returns no quantity 'other'; it returns q."
    data = sample({"risk": lambda n: 1 / n, "bad": lambda n: 1.0})
    kill = kill_of(Rate("risk", "1/n", margin=0.1), data, "rsk")
    assert kill.outcome == "ERROR"
    told = "no quantity 'rsk' (did you mean 'risk'?); it returns risk, bad."
    assert kill.sentence.endswith(told)


@pytest.mark.parametrize(
    ("check", "law", "expected"),
    [
        (Rate("q", "1/n", margin=0.1), lambda n: 1.0, "KILLED"),
        (Rate("q", "1/n", margin=0.1), lambda n: 1 / n, "SURVIVED"),
        (AtMost("q", "1/n", margin=0.1), lambda n: n**-2, "SURVIVED"),
        (AtMost("q", "1/n", margin=0.1), lambda n: n**-0.5, "KILLED"),
        (Agrees("q", "1/n", margin=0.1), lambda n: 2 / n, "KILLED"),
    ],
)
def test_falsifiers(check, law, expected):
    data = sample({"q": lambda n: 1 / n, "bad": law})
    kill = kill_of(check, data, "bad")
    assert kill.outcome == expected
    assert kill.sentence.startswith("'without it' has ")
    assert f"{check.relation} ".removeprefix("equal ") + f"{kill.predicted:.3f}" in kill.sentence
    assert f"with margin {check.margin:g}." in kill.sentence
    stance = "contradicts the claim" if expected == "KILLED" else "agrees with the claim"
    assert f"It {stance}" in kill.sentence


@pytest.mark.parametrize(
    ("law", "replicates"), [(lambda n: n**-0.9, 16), (lambda n: 0 * n, 64)], ids=["wide", "unseen"]
)
def test_an_undecided_falsifier_says_so(law, replicates):
    """Nor does it read as if it had agreed with the claim."""
    data = sample({"bad": law}, replicates=replicates)
    kill = kill_of(AtMost("q", "1/n", margin=0.1), data, "bad")
    assert kill.outcome == "UNDECIDED"
    assert "is undecided: " in kill.sentence
    assert "agrees" not in kill.sentence
