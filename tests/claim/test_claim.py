"""The claim API: what it accepts, and that each malformed field is one sentence with a fix."""

import numpy as np
import pytest

from ratecheck import (
    Additive,
    Agrees,
    AtMost,
    Axis,
    Below,
    Claim,
    Decay,
    Falsifier,
    Faster,
    Flat,
    Moved,
    Rate,
)
from ratecheck.claim import validation
from ratecheck.claim.expressions import unmoved
from ratecheck.claim.question import Question
from ratecheck.errors import ClaimError

BAD = Falsifier("bad", quantity="bad")


def rate(formula="n**(-1/2)", margin=0.1, fails=(BAD,), **more):
    return Rate("risk", formula, margin=margin, fails=fails, **more)


def failing(*arguments, **more):
    """A check whose one falsifier is as given."""
    return [rate(fails=[Falsifier(*arguments, **more)])]


GOOD = {
    "axis": Axis.geometric("n", quick=(16, 256)),
    "checks": [rate(rivals={"fast": "1/n"})],
    "real": ["everything"],
    "proxied": [],
}


def new_claim(**changes):
    fields = {
        "title": "A title",
        "source": "Author & Author, Venue 2020, Theorem 1",
        "statement": "x",
        "not_shown": ["more"],
    }
    return Claim(**{**fields, **changes})


def declare(simulate=None, claim=None, **changes):
    if simulate is None:

        def simulate(n, *, replicates, rng):
            return {}

    claim = claim or new_claim()
    claim.experiment(**{**GOOD, **changes})(simulate)
    return claim.experiments[simulate.__name__]


def test_a_good_experiment():
    experiment = declare()
    assert experiment.axis("n").points("quick") == (16, 32, 64, 128, 256)
    assert experiment.replicates == {"quick": 256, "standard": 1024, "full": 4096}
    assert experiment.form.name == "errors"
    assert [axis.name for axis in experiment.axes_of(experiment.checks[0])] == ["n"]


def test_the_decorated_function_stays_what_it_was():
    def simulate(n, *, replicates, rng):
        return {"risk": n}

    decorated = new_claim().experiment(**GOOD)(simulate)
    assert decorated is simulate


def test_axes_grids_and_efforts():
    axis = Axis.geometric("eta", quick=(0.025, 0.4), full=(0.0125, 0.4), to=float("inf"))
    assert axis.points("quick") == pytest.approx((0.025, 0.05, 0.1, 0.2, 0.4))
    assert axis.points("standard") == axis.points("quick")
    assert len(axis.points("full")) == 6
    numpy_axis = Axis("n", np.array([16, 32, 64, 128]))
    assert all(type(x) is int for x in numpy_axis.points("quick"))
    assert Axis.geometric("n", quick=(4**3, 4**6), ratio=4).points("full") == (64, 256, 1024, 4096)


def test_constants_vary_from_standard_effort_on():
    def simulate(n, sigma, *, replicates, rng):
        return {}

    experiment = declare(simulate, free={"sigma": [1.0, 0.5, 2.0]})
    assert experiment.cases_at("quick") == ({},)
    assert experiment.cases_at("standard") == ({}, {"sigma": 0.5}, {"sigma": 2.0})


def test_ends_that_fall_go_to_zero():
    axis = Axis.geometric("h", quick=(0.5, 0.0625), full=(0.5, 0.015625))
    assert axis.points("quick") == (0.5, 0.25, 0.125, 0.0625)
    assert axis.points("full")[-1] == 0.015625
    assert (axis.to, axis.shown) == (0, "1/h")


def test_predicted_slope_of_logs_and_sums_is_taken_on_the_grid():
    axis = Axis.geometric("n", quick=(16, 4096))
    x = np.log(np.array(axis.points("quick"), dtype=float))
    for text in ("log(n)/n", "1/n + 1/n**2", "n**(-2/3)"):
        check = Rate("q", text, margin=0.1)
        f = np.array([eval(text, {"log": np.log, "n": n}) for n in axis.points("quick")])
        question = Question(check, "n", axis.points("quick"), {})
        assert question.predicted == pytest.approx(np.polyfit(x, np.log(f), 1)[0])
        assert question.slope() == pytest.approx(question.predicted, rel=1e-12)


def test_predicted_slope_of_a_decay_is_semi_log():
    question = Question(Decay("gap", "5*exp(-2*t)", margin=0.1), "t", (1, 2, 3, 4), {})
    assert question.predicted == pytest.approx(-2)
    assert question.slope() == pytest.approx(-2)


def test_labels_of_the_kinds():
    assert Rate("a", "n", margin=1).label == "a"
    assert AtMost("a", "n", margin=1, name="b").label == "b"
    assert Flat("a", margin=1).label == "a-flat"
    assert Agrees("a", "n", margin=1).label == "a-agrees"
    assert Faster("a", than="b", by="n", margin=1).quantities == ("a", "b")
    assert Below("a", than="b").label == "a-below-b"
    assert Additive("c", parts=("a", "b"), neither="z", margin=1).quantities == ("c", "a", "b", "z")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"source": " "}, "source"),
        ({"source": "Somebody, somewhere"}, "source"),
        ({"statement": ""}, "statement"),
        ({"statement": r"\frac{1}"}, "statement"),
        ({"statement": r"a \lessthan b"}, "statement"),
        ({"not_shown": []}, "not_shown"),
        ({"not_shown": "a text"}, "not_shown"),
        ({"not_shown": [3]}, "not_shown"),
    ],
)
def test_malformed_claims(changes, field):
    with pytest.raises(ClaimError) as caught:
        new_claim(**changes)
    assert caught.value.field == field
    assert "test_claim.py" in str(caught.value)


def test_latex_that_does_not_convert_is_named_with_its_place():
    with pytest.raises(
        ClaimError, match=r"statement: LaTeX at character 3, 'a \\lessthan b': "
    ) as e:
        new_claim(statement=r"a \lessthan b")
    assert "correct the LaTeX" in str(e.value)


def takes_too_much(n, extra, *, replicates, rng):
    return {}


def takes_too_little(*, replicates, rng):
    return {}


def takes_no_rng(n):
    return {}


def with_sigma(n, sigma, *, replicates, rng):
    return {}


def with_two_axes(n, m, *, replicates, rng):
    return {}


def takes_a_problem(problem, n, *, replicates, rng):
    return {}


MALFORMED = [
    ({"axis": ()}, "axis"),
    ({"axis": "n"}, "axis"),
    ({"axis": Axis("n", [1, 2, 3])}, "axis n, quick"),
    ({"axis": Axis("n", [])}, "axis n, quick"),
    ({"axis": Axis.geometric("n", quick=(16, 16))}, "axis n, quick"),
    ({"axis": Axis("n", [1, 2, 4, 3])}, "axis n, quick"),
    ({"axis": Axis("n", [0, 1, 2, 3])}, "axis n, quick"),
    ({"axis": Axis("n", [1, 2, 3, float("nan")])}, "axis n, quick"),
    ({"axis": Axis("n", [1, 2, 3, "4"])}, "axis n, quick"),
    ({"axis": Axis("n", [1, 2, 3, 4], full=[1, 2])}, "axis n, full"),
    ({"axis": [Axis("n", [1, 2, 3, 4])] * 2}, "axis"),
    ({"axis": Axis("n", [1, 2, 3, 4], at={"m": 2})}, "axis n"),
    ({"axis": Axis("n", [1, 2, 3, 4], at={"n": 2})}, "axis n"),
    ({"axis": [Axis("n", [1, 2, 3, 4]), Axis("m", [1, 2, 3, 4], at={"n": 1})],
      "simulate": with_two_axes}, "axis n"),
    ({"checks": []}, "checks"),
    ({"checks": ["risk"]}, "checks[0]"),
    ({"checks": [rate("n**", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [rate("1/k", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [rate("-1/n", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [rate("1/(n-16)", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [rate("1/n", margin=0)]}, "checks[0].margin"),
    ({"checks": [rate("1/n", margin=float("inf"))]}, "checks[0].margin"),
    ({"checks": [rate("1/n", margin="wide")]}, "checks[0].margin"),
    ({"checks": [rate("1/n", margin=0.1, axis="m")]}, "checks[0].axis"),
    ({"checks": [rate("1/n", margin=0.1, when="q > 1")]}, "checks[0].when"),
    ({"checks": [rate("1/n", margin=0.1, rivals={"same": "2/n"})]},
     "checks[0].rivals['same']"),
    ({"checks": [rate("1/n", margin=0.1, rivals={"odd": "1/w"})]},
     "checks[0].rivals['odd']"),
    ({"checks": [rate("1/n", margin=0.1)] * 2}, "checks[1]"),
    ({"checks": [rate(fails=[])]}, "fails"),
    ({"checks": [rate(fails="bad")]}, "checks[0].fails"),
    ({"checks": [rate(fails=["bad"])]}, "checks[0].fails[0]"),
    ({"checks": failing("bad")}, "checks[0].fails[0]"),
    ({"checks": failing("bad", "risk")}, "checks[0].fails[0].quantity"),
    ({"checks": failing("bad", told={"k": 1})}, "checks[0].fails[0].told"),
    ({"checks": failing("bad", told={"n": 1})}, "checks[0].fails[0].told"),
    ({"checks": failing("bad", nature={"n": 1})}, "checks[0].fails[0].nature"),
    ({"checks": failing("bad", "x", axis="m")}, "checks[0].fails[0].axis"),
    ({"checks": failing("bad", "x", points=[1, 2])}, "checks[0].fails[0].points"),
    ({"checks": failing("bad", "x", when="w")}, "checks[0].fails[0].when"),
    ({"checks": failing("", "x")}, "checks[0].fails[0].name"),
    ({"checks": [rate("n**(-sigma)")], "free": {"sigma": 1.0}, "simulate": with_sigma},
     "checks[0].fails"),
    ({"checks": [rate("n**(-sigma)", fails=[Falsifier("bad", told={"sigma": 2.0})])],
      "free": {"sigma": 1.0}, "simulate": with_sigma}, "checks[0].fails[0].told"),
    ({"checks": [rate("1/(n*sigma)")], "free": {"sigma": [1.0, -2.0]}, "simulate": with_sigma},
     "checks[0].formula"),
    ({"checks": [rate(when="1/sigma > 0")], "free": {"sigma": [1.0, 0.0]},
      "simulate": with_sigma}, "checks[0].when"),
    ({"unmoved": {"tau": "no such parameter"}}, "unmoved"),
    ({"unmoved": ["sigma"]}, "unmoved"),
    ({"problem": with_sigma}, "problem"),
    ({"simulate": takes_a_problem}, "problem"),
    ({"real": []}, "real"),
    ({"real": "all"}, "real"),
    ({"proxied": [""]}, "proxied"),
    ({"cases": [{"s": 1}, {"t": 1}]}, "cases"),
    ({"cases": [{"n": 1}]}, "cases"),
    ({"cases": [{"sigma": 1}], "free": {"sigma": 1}, "simulate": with_sigma}, "free"),
    ({"free": {"n": 1}}, "free"),
    ({"free": {"sigma": None}, "simulate": with_sigma}, "free['sigma']"),
    ({"free": {"sigma": float("nan")}, "simulate": with_sigma}, "free['sigma']"),
    ({"free": {"sigma": []}, "simulate": with_sigma}, "free['sigma']"),
    ({"free": {"tau": 1.0}}, "signature"),
    ({"simulate": takes_too_much}, "signature"),
    ({"simulate": takes_too_little}, "signature"),
    ({"simulate": takes_no_rng}, "signature"),
    ({"data": "exact"}, "signature"),
    ({"data": "numbers"}, "data"),
    ({"floor": 1e-7}, "floor"),
    ({"replicates": 0}, "replicates"),
    ({"replicates": {"standard": 3}}, "replicates"),
    ({"replicates": {"quick": 3, "slow": 4}}, "replicates"),
    ({"replicates": 2.5}, "replicates"),
    ({"block": 10}, "block"),
    ({"timeout": 0}, "timeout"),
    ({"cost": "n**"}, "cost"),
]  # fmt: skip


@pytest.mark.parametrize("floor", ["float8", 0, -1.0, float("nan"), True, [1e-7]])
def test_a_floor_is_a_size_or_a_word(floor):
    with pytest.raises(ClaimError, match="give the size of the floor, or one of 'float64'"):
        validation.form("a.py", "exact", floor)


def test_a_declared_floor_belongs_to_its_experiment():
    assert validation.form("a.py", "exact", "float32").floor == "float32"
    assert validation.form("a.py", "exact").floor is None


@pytest.mark.parametrize(("changes", "field"), MALFORMED)
def test_malformed_experiments(changes, field):
    changes = dict(changes)
    with pytest.raises(ClaimError) as caught:
        declare(changes.pop("simulate", None), **changes)
    assert caught.value.field == field
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("test_claim.py, experiment ")
    assert caught.value.fix


def test_two_experiments_need_two_names():
    claim = new_claim()
    declare(claim=claim)
    with pytest.raises(ClaimError, match="used twice"):
        declare(claim=claim)


def test_points_may_be_larger_than_a_machine_s_whole_numbers():
    axis = Axis.geometric("n", quick=(2**28, 2**88), ratio=2**20)
    assert declare(axis=axis).axis("n").points("quick") == (2**28, 2**48, 2**68, 2**88)


def test_nature_is_moved_and_the_method_is_told_what_is_claimed():
    claim = new_claim()

    @claim.problem
    def nature(r, sigma, n):
        return {"r": r, "sigma": sigma, "n": n}

    @claim.experiment(
        Axis.geometric("n", quick=(16, 256)),
        cases=[{"r": 0.5}],
        free={"sigma": 1.0, "c": 0.3},
        checks=[
            Rate("risk", "n**(-r)", margin=0.1, fails=[
                Moved("r", "r - 1/4", "a rougher truth"),
                Falsifier("noise that the method is not told", told={"sigma": 2.0}),
                Falsifier("another constant", told={"c": 1.0}),
            ])
        ],
        data="exact", real=["all"], proxied=[],
    )  # fmt: skip
    def simulate(problem, n, r, sigma, c):
        return {"problem": problem, "told": (n, r, sigma, c)}

    experiment = claim.experiments["simulate"]
    axis, check = experiment.axes[0], experiment.checks[0]
    params = experiment.params(axis, experiment.cases[0])
    plain, *moved = (
        experiment.run({**one, "n": 16}, {})
        for one in [params, *(experiment.varied(f, params) for f in check.fails)]
    )
    assert plain == {"problem": {"r": 0.5, "sigma": 1.0, "n": 16}, "told": (16, 0.5, 1.0, 0.3)}
    assert moved[0] == {"problem": {"r": 0.25, "sigma": 1.0, "n": 16}, "told": plain["told"]}
    assert moved[1] == {"problem": plain["problem"], "told": (16, 0.5, 2.0, 0.3)}
    assert moved[2] == {"problem": plain["problem"], "told": (16, 0.5, 1.0, 1.0)}
    # what only the method is told keeps the names, so that its seeds stay what they were
    assert experiment.varied(check.fails[2], params) == {**params, "c": 1.0}


def test_dear_cases_wait_for_standard_effort():
    claim = new_claim()

    @claim.experiment(**GOOD, cases=[{"r": 0.5}], later=[{"r": 1.0}])
    def simulate(n, r, *, replicates, rng):
        return {}

    experiment = claim.experiments["simulate"]
    assert experiment.cases_at("quick") == ({"r": 0.5},)
    assert experiment.cases_at("standard") == ({"r": 0.5}, {"r": 1.0})
    with pytest.raises(ClaimError, match="list what quick effort judges"):
        declare(later=[{"r": 1.0}])


def test_a_double_star_takes_what_the_problem_does_not():
    claim = new_claim()

    @claim.problem
    def nature(sigma, replicates, rng):
        return sigma, replicates, rng

    @claim.experiment(
        Axis.geometric("n", quick=(16, 256)),
        free={"sigma": 1.0, "c": 0.3},
        checks=[rate()],
        real=["all"],
        proxied=[],
    )
    def simulate(problem, n, **draw):
        return {"problem": problem, "draw": draw}

    ran = claim.experiments["simulate"].run(
        {"n": 16, "sigma": 1.0, "c": 0.3}, {"replicates": 4, "rng": "stream"}
    )
    assert ran["problem"] == (1.0, 4, "stream")
    assert ran["draw"] == {"c": 0.3, "replicates": 4, "rng": "stream"}


def test_parameters_that_nothing_moves_are_known_with_their_reasons():
    def simulate(n, s, sigma, *, replicates, rng):
        return {}

    experiment = declare(
        simulate,
        cases=[{"s": 1.0}],
        free={"sigma": 1.0},
        checks=[rate("sigma**2*n**(-s)")],
        unmoved={"s": "the class is its own"},
    )
    # sigma is a constant factor: no slope depends on it
    assert unmoved(experiment, experiment.checks[0]) == {"s": "the class is its own"}
    ratio = Agrees("risk", "sigma**2*n**(-s)", margin=0.1, fails=[BAD])
    with pytest.raises(ClaimError, match="does not move 'sigma', on which the prediction"):
        declare(simulate, cases=[{"s": 1.0}], free={"sigma": 1.0}, checks=[ratio],
                unmoved={"s": "the class is its own"})  # fmt: skip


@pytest.mark.parametrize("check", [
    rate("(c + 1)/n"), rate("1/n", when="1/(c + 2) > 0"), rate("1/n", rivals={"r": "(c + 1)/n"}),
])  # fmt: skip
def test_what_standard_effort_will_judge_is_looked_at_when_a_claim_loads(check):
    def simulate(n, c, *, replicates, rng):
        return {}

    with pytest.raises(ClaimError, match=r"checks\[0\]"):
        declare(simulate, checks=[check], free={"c": [1.0, -2.0]})


def test_a_whole_number_that_is_moved_stays_whole():
    claim = new_claim()

    @claim.problem
    def nature(rank, s):
        return rank, s

    @claim.experiment(
        Axis.geometric("n", quick=(16, 256)),
        cases=[{"rank": 2, "s": 1.0}],
        checks=[rate(fails=[
            Moved("rank", "2*rank", "a rank of 4"), Moved("rank", "rank + 1/2", "no whole one"),
            Moved("s", "2*s", "smoother"),
        ])],
        data="exact", real=["all"], proxied=[],
    )  # fmt: skip
    def simulate(problem, n, rank, s):
        return {}

    experiment = claim.experiments["simulate"]
    params = experiment.params(experiment.axes[0], experiment.cases[0])
    moved = [experiment.varied(one, params) for one in experiment.checks[0].fails]
    values = [moved[0]["nature.rank"], moved[1]["nature.rank"], moved[2]["nature.s"]]
    assert values == [4, 2.5, 2.0]
    assert [type(value) for value in values] == [int, float, float]


def test_a_problem_names_what_it_is_built_from():
    with pytest.raises(ClaimError, match="problem nature: signature: 'more' stands for any"):

        @new_claim().problem
        def nature(s, **more):
            return s
