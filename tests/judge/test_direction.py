"""An axis has a direction: h and 1/h are the same axis, whichever way its points are written."""

import math

import numpy as np
import pytest

from ratecheck import (
    Additive,
    Agrees,
    AtLeast,
    AtMost,
    Axis,
    Below,
    Decay,
    Falsifier,
    Faster,
    Flat,
    Rate,
)
from ratecheck.claim.form import FORMS, Sample
from ratecheck.claim.question import Question
from ratecheck.errors import ClaimError
from ratecheck.judge.judge import judge, judge_falsifier
from tests.claim.test_claim import declare

N = tuple(2.0**k for k in range(3, 11))
H = tuple(1 / n for n in N)
CHECKS = [
    lambda x: Rate("a", f"{x}**-2", margin=0.2, rivals={"slow": f"{x}**-1"}),
    lambda x: Rate("a", f"{x}**-2 + {x}**-3", margin=0.2),
    lambda x: AtMost("a", f"{x}**-1.5", margin=0.2),
    lambda x: AtLeast("a", f"{x}**-1.5", margin=0.2),
    lambda x: Flat("flat", margin=0.2),
    lambda x: Faster("a", than="b", by=f"{x}", margin=0.2),
    lambda x: Decay("e", f"exp(-{x}/64)", margin=0.2),
    lambda x: Decay("e", f"exp(-{x}/100)", margin=0.2, bound=True),
    lambda x: Agrees("a", f"{x}**-2", margin=0.2),
    lambda x: Below("a", than="b"),
    lambda x: Additive("b", parts=("a", "a"), margin=0.9),
]


def sample_of(form, points):
    """The same numbers for both axes: a falls like n^-2 with a correction, b like n^-1."""
    rng = np.random.default_rng(3)
    n = np.array(N)
    means = {"a": n**-2 * (1 + 1 / n), "b": 1 / n, "e": np.exp(-n / 64), "flat": np.ones(len(n))}
    form = FORMS[form]
    values = {}
    for name, mean in means.items():
        if form.name == "means":
            values[name] = [m * np.array([1.0 + 0.01 * rng.standard_normal(), 0.01]) for m in mean]
        elif form.name == "measured":
            values[name] = [m * rng.gamma(400, 0.0025, 1 + i % 3) for i, m in enumerate(mean)]
        elif not form.random:
            values[name] = [np.array([m]) for m in mean]
        elif form.whole:
            values[name] = [mean * rng.gamma(4, 0.25, (256, len(n)))]
        else:
            values[name] = [m * rng.gamma(4, 0.25, 256) for m in mean]
    return Sample(points, form, values)


def same(text):
    """A sentence with neither the axis's name nor its values."""
    words = text.replace(" in 1/h", "").replace("h =", "n =").split()
    return [word for word in words if not word[0].isdigit() or "." not in word]


def askable():
    """Every check that a form of data can be asked."""
    for form in sorted(FORMS):
        for number, make in enumerate(CHECKS):
            check = make("n")
            if FORMS[form].reads(check.coordinates, paired=check.ratio is not None):
                yield pytest.param(form, number, id=f"{form}-{check.label}")


@pytest.mark.parametrize(("form", "check"), list(askable()))
def test_h_is_one_over_n(form, check):
    """Verdict, exponent, interval, rivals, local exponents and words, to the bit."""
    kinds = [CHECKS[check](name) for name in ("n", "(1/h)")]
    asked = [Question(k, name, x, {}) for k, name, x in zip(kinds, ("n", "h"), (N, H), strict=True)]
    one, two = (judge(q, sample_of(form, q.points), 0.01) for q in asked)
    for name in ("outcome", "reason", "predicted", "measured", "interval", "gap", "needed"):
        assert getattr(one, name) == getattr(two, name), name
    assert [(r.predicted, r.excluded) for r in one.rivals] == [
        (r.predicted, r.excluded) for r in two.rivals
    ]
    assert [s.killed for s in one.siblings] == [s.killed for s in two.siblings]
    assert [a.exponent for a in one.local] == [b.exponent for b in two.local]
    assert [1 / a.x for a in one.local] == pytest.approx([b.x for b in two.local], rel=1e-12)
    assert [p.mean for p in one.points] == [p.mean for p in two.points]
    assert [p.x for p in two.points] == list(H)
    assert same(one.sentence) == same(two.sentence)
    kills = (judge_falsifier(q, "f", sample_of(form, q.points), 0.01) for q in asked)
    assert len({kill.outcome for kill in kills}) == 1


def exact(values, points):
    return Sample(points, FORMS["exact"], {"e": [np.array([v]) for v in values]})


def test_an_order_in_h_is_judged_at_its_fine_end():
    """h + 1000 h^2 looks like order 2 where h is coarse; its order is 1."""
    axis = Axis("h", [2.0**-k for k in range(12, 3, -1)])
    h = axis.points("quick")
    assert h[0] > h[-1]
    values = [x + 1000 * x * x for x in h]
    two = judge(Question(Rate("e", "h**2", margin=0.25), "h", h, {}), exact(values, h), 0.01)
    one = judge(Question(Rate("e", "h", margin=0.25), "h", h, {}), exact(values, h), 0.01)
    assert two.outcome != "PASS"
    assert one.outcome != "FAIL"


def test_round_off_is_at_small_h():
    h = Axis("h", [2.0**-k for k in range(1, 11)]).points("quick")
    values = [x**6 + 1e-16 * (3 + int(1 / x) % 3) for x in h]
    six = judge(Question(Rate("e", "h**6", margin=0.25), "h", h, {}), exact(values, h), 0.01)
    five = judge(Question(Rate("e", "h**5", margin=0.25), "h", h, {}), exact(values, h), 0.01)
    assert (six.outcome, five.outcome) == ("PASS", "FAIL")
    assert six.warnings
    assert six.warnings[0].startswith("round-off rules from point ")
    assert six.sentence.startswith("Exponent in 1/h -")


def test_a_heat_solver_one_order_short():
    """mirgecom pull request 112: errors of order 1 where 2 was hoped for."""
    h = [0.25 / 2**k for k in range(6)]
    errors = [1.7834496275775333, 0.6968572287595005, 0.31670333794087324, 0.15230421159162905,
              0.07483467000993342, 0.03710968141446858]  # fmt: skip
    points = Axis("h", h).points("quick")
    for formula, outcome in (("h", "PASS"), ("h**2", "FAIL")):
        asked = Question(Rate("e", formula, margin=0.25), "h", points, {})
        assert judge(asked, exact(errors, points), 0.01).outcome == outcome


@pytest.mark.parametrize(
    ("axis", "limit"),
    [
        (lambda: Axis("h", [0.1, 0.05, 0.02, 0.01]), 0),
        (lambda: Axis("dt", [0.01, 0.02, 0.05, 0.1]), 0),
        (lambda: Axis("spacing", [8, 4, 2, 1]), 0),
        (lambda: Axis("alpha", [0.1, 0.2, 0.4, 0.8], to=math.inf), math.inf),
        (lambda: Axis("alpha", [0.1, 0.2, 0.4, 0.8], to=0), 0),
        (lambda: Axis("n", [8, 16, 32, 64]), math.inf),
        (lambda: Axis("r", [0.5, 1, 2, 4]), math.inf),
        (lambda: Axis.geometric("h", quick=(2**-2, 2**-9)), 0),
        (lambda: Axis.geometric("h", quick=(2**-9, 2**-2), full=(2**-12, 2**-2)), 0),
    ],
)
def test_where_an_axis_goes(axis, limit):
    axis = axis()
    assert axis.to == limit
    for effort in ("quick", "full"):
        points = axis.points(effort)
        assert (points[0] > points[-1]) == (limit == 0)


@pytest.mark.parametrize(
    ("axis", "told"),
    [
        (
            lambda: Axis("alpha", [0.1, 0.2, 0.4, 0.8]),
            "axis alpha: may go to 0 or grow; write to=0",
        ),
        (lambda: Axis("h", [0.5, 1, 2, 4]), "axis h: may go to 0 or grow; write to=0"),
        (lambda: Axis("n", [8, 16, 32, 64], to=5), "axis n: goes to 5; write to=0 or"),
    ],
)
def test_where_an_axis_goes_is_asked_where_it_is_not_plain(axis, told):
    with pytest.raises(ClaimError, match=told):
        axis()


def test_points_of_a_falsifier_go_where_those_of_its_check_go():
    def simulate(h, *, replicates, rng):
        return {}

    falsifier = Falsifier("bad", "x", points=[0.01, 0.02, 0.04, 0.08])
    experiment = declare(
        simulate,
        axis=Axis("h", [0.4, 0.2, 0.1, 0.05]),
        checks=[Rate("risk", "h**2", margin=0.1, fails=[falsifier])],
    )
    assert experiment.axes[0].towards(falsifier.points) == (0.08, 0.04, 0.02, 0.01)
