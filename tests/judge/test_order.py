"""Below and above a formula, at every point."""

import numpy as np
import pytest

from ratecheck import Above, Below
from ratecheck.claim.form import FORMS, Sample
from ratecheck.claim.question import Question
from ratecheck.judge.judge import judge, judge_falsifier

N = tuple(2**j for j in range(4, 10))


def sample(factor, form="errors", other=1.0):
    rng = np.random.default_rng(1)
    size = 1 if form == "exact" else 400
    spread = 0.0 if form == "exact" else 0.3
    draws = [np.exp(spread * rng.standard_normal(size) - spread**2 / 2) for _ in N]
    values = {
        "q": [factor * 4 / n * y for n, y in zip(N, draws, strict=True)],
        "r": [other * 2 / n * y for n, y in zip(N, draws, strict=True)],
    }
    return Sample(N, FORMS[form], values)


def judged(check, data):
    return judge(Question(check, "n", N, {"c": 4}), data, 0.01)


@pytest.mark.parametrize("form", ["errors", "exact"])
@pytest.mark.parametrize(("kind", "sign"), [(Below, 1), (Above, -1)])
def test_a_formula_is_a_limit_at_every_point(kind, sign, form):
    check = kind("q", "c/n")
    assert judged(check, sample(0.7**sign, form)).outcome == "PASS"
    far = judged(check, sample(1.4**sign, form))
    assert far.outcome == "FAIL"
    assert far.measured == pytest.approx(1.4**sign, rel=0.1)
    question = Question(check, "n", N, {"c": 4})
    assert judge_falsifier(question, "x", sample(1.4**sign, form), 0.01).outcome == "KILLED"
    assert judged(kind("q", "c/n", margin=0.6), sample(1.2**sign, form)).outcome == "PASS"


def test_the_interval_is_that_of_a_mean():
    """Oracle: the ratio at the worst point with Student's interval of its mean."""
    from scipy import stats

    data = sample(0.7)
    verdict = judged(Below("q", "c/n"), data)
    ends = []
    for n, y in zip(N, data.values["q"], strict=True):
        ratio = y / (4 / n)
        half = stats.t.ppf(1 - 0.0045, len(y) - 1) * ratio.std(ddof=1) / np.sqrt(len(y))
        ends.append((ratio.mean() - half, ratio.mean() + half))
    assert verdict.interval == pytest.approx(max(ends, key=lambda pair: pair[1]), rel=0.01)


def test_a_formula_and_another_quantity():
    """q is twice r: below three times it, and not below one and a half times it."""
    assert judged(Below("q", "3", than="r"), sample(1.0)).outcome == "PASS"
    assert judged(Below("q", "3/2", than="r"), sample(1.0)).outcome == "FAIL"
    assert judged(Above("q", "3/2", than="r"), sample(1.0)).outcome == "PASS"


def test_labels_and_words():
    assert Below("q", than="r").label == "q-below-r"
    assert Above("q", "4*lam").label == "q-above"
    assert Below("q", than="r").phrase.formula is False
    assert Above("q", "4*lam").phrase.before == "is above"
    both = Below("q", "3", than="r").phrase
    assert both.filled(both.before, ["q", "r"]) == "is below r times"
