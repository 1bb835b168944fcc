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
    Rate,
)
from ratecheck.claim.prediction import predicted_slope
from ratecheck.errors import ClaimError

GOOD = {
    "axis": Axis.geometric("n", quick=(16, 256)),
    "checks": [Rate("risk", "n**(-1/2)", margin=0.1, rivals={"fast": "1/n"})],
    "falsifiers": [Falsifier("bad", quantity="bad", kills="risk")],
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
    assert experiment.form == "errors"
    assert [axis.name for axis in experiment.axes_of(experiment.checks[0])] == ["n"]


def test_the_decorated_function_stays_what_it_was():
    def simulate(n, *, replicates, rng):
        return {"risk": n}

    decorated = new_claim().experiment(**GOOD)(simulate)
    assert decorated is simulate


def test_axes_grids_and_efforts():
    axis = Axis.geometric("eta", quick=(0.025, 0.4), full=(0.0125, 0.4))
    assert axis.points("quick") == pytest.approx((0.025, 0.05, 0.1, 0.2, 0.4))
    assert axis.points("standard") == axis.points("quick")
    assert len(axis.points("full")) == 6
    numpy_axis = Axis("n", np.array([16, 32, 64, 128]))
    assert all(type(x) is int for x in numpy_axis.points("quick"))
    assert Axis.geometric("n", quick=(4**3, 4**6), ratio=4).points("full") == (64, 256, 1024, 4096)


def test_constants_vary_from_standard_effort_on():
    def simulate(n, sigma, *, replicates, rng):
        return {}

    experiment = declare(simulate, constants={"sigma": 1.0}, vary={"sigma": [0.5, 2.0]})
    assert experiment.cases_at("quick") == ({},)
    assert experiment.cases_at("standard") == ({}, {"sigma": 0.5}, {"sigma": 2.0})


def test_ends_that_are_reversed_are_called_so():
    with pytest.raises(ClaimError, match="quick: the ends are reversed: 1024 is above 16; write"):
        Axis.geometric("n", quick=(1024, 16))


def test_a_misspelt_check_is_named_beside_its_falsifier():
    check = Rate("eror", "1/n", margin=0.1)
    with pytest.raises(ClaimError, match=r"or correct 'eror' in checks\[0\] if that is misspelt"):
        declare(checks=[check], falsifiers=[Falsifier("bad", kills="error", quantity="x")])


def test_predicted_slope_of_logs_and_sums_is_taken_on_the_grid():
    axis = Axis.geometric("n", quick=(16, 4096))
    x = np.log(np.array(axis.points("quick"), dtype=float))
    for text in ("log(n)/n", "1/n + 1/n**2", "n**(-2/3)"):
        check = Rate("q", text, margin=0.1)
        f = np.array([eval(text, {"log": np.log, "n": n}) for n in axis.points("quick")])
        assert predicted_slope(check, text, axis, {}) == pytest.approx(
            np.polyfit(x, np.log(f), 1)[0]
        )


def test_predicted_slope_of_a_decay_is_semi_log():
    axis = Axis("t", [1, 2, 3, 4])
    check = Decay("gap", "5*exp(-2*t)", margin=0.1)
    assert predicted_slope(check, check.formula, axis, {}) == pytest.approx(-2)


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
    ({"checks": [Rate("risk", "n**", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [Rate("risk", "1/k", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [Rate("risk", "-1/n", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [Rate("risk", "1/(n-16)", margin=0.1)]}, "checks[0].formula"),
    ({"checks": [Rate("risk", "1/n", margin=0)]}, "checks[0].margin"),
    ({"checks": [Rate("risk", "1/n", margin=float("inf"))]}, "checks[0].margin"),
    ({"checks": [Rate("risk", "1/n", margin="wide")]}, "checks[0].margin"),
    ({"checks": [Rate("risk", "1/n", margin=0.1, axis="m")]}, "checks[0].axis"),
    ({"checks": [Rate("risk", "1/n", margin=0.1, when="q > 1")]}, "checks[0].when"),
    ({"checks": [Rate("risk", "1/n", margin=0.1, rivals={"same": "2/n"})]},
     "checks[0].rivals['same']"),
    ({"checks": [Rate("risk", "1/n", margin=0.1, rivals={"odd": "1/w"})]},
     "checks[0].rivals['odd']"),
    ({"checks": [Rate("risk", "1/n", margin=0.1)] * 2}, "checks[1]"),
    ({"falsifiers": []}, "falsifiers"),
    ({"falsifiers": ["bad"]}, "falsifiers[0]"),
    ({"falsifiers": [Falsifier("bad", kills="nobody", quantity="x")]}, "falsifiers[0].kills"),
    ({"falsifiers": [Falsifier("bad", kills="risk")]}, "falsifiers[0]"),
    ({"falsifiers": [Falsifier("bad", kills="risk", quantity="risk")]}, "falsifiers[0].quantity"),
    ({"falsifiers": [Falsifier("bad", kills="risk", set={"k": 1})]}, "falsifiers[0].set"),
    ({"falsifiers": [Falsifier("bad", kills="risk", quantity="x", axis="m")]},
     "falsifiers[0].axis"),
    ({"falsifiers": [Falsifier("bad", kills="risk", quantity="x", points=[1, 2])]},
     "falsifiers[0].points"),
    ({"falsifiers": [Falsifier("bad", kills="risk", quantity="x", when="w")]},
     "falsifiers[0].when"),
    ({"falsifiers": [Falsifier("", kills="risk", quantity="x")]}, "falsifiers[0].name"),
    ({"real": []}, "real"),
    ({"real": "all"}, "real"),
    ({"proxied": [""]}, "proxied"),
    ({"cases": [{"s": 1}, {"t": 1}]}, "cases"),
    ({"cases": [{"n": 1}]}, "cases"),
    ({"cases": [{"sigma": 1}], "constants": {"sigma": 1}, "simulate": with_sigma}, "constants"),
    ({"constants": {"n": 1}}, "constants"),
    ({"constants": {"sigma": None}, "simulate": with_sigma}, "sigma"),
    ({"constants": {"sigma": float("nan")}, "simulate": with_sigma}, "sigma"),
    ({"vary": {"sigma": [1]}}, "vary"),
    ({"simulate": takes_too_much}, "signature"),
    ({"simulate": takes_too_little}, "signature"),
    ({"simulate": takes_no_rng}, "signature"),
    ({"data": "exact"}, "signature"),
    ({"data": "numbers"}, "data"),
    ({"replicates": 0}, "replicates"),
    ({"replicates": {"standard": 3}}, "replicates"),
    ({"replicates": {"quick": 3, "slow": 4}}, "replicates"),
    ({"replicates": 2.5}, "replicates"),
    ({"block": 10}, "block"),
    ({"timeout": 0}, "timeout"),
    ({"cost": "n**"}, "cost"),
]  # fmt: skip


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
