"""Ranges of parameters: what a theorem says nothing about is refused when it is asked for."""

import pytest

from ratecheck import Axis
from ratecheck.claim.catalogue import Entry
from ratecheck.engine.plan import Override, Settings, plan
from ratecheck.errors import ClaimError, RequestError
from tests.claim.test_claim import declare, new_claim, rate


def smooth(n, s, c, *, replicates, rng):
    return {}


def declared(ranges, s=1.0, c=1.0, **more):
    claim = new_claim(ranges=ranges)
    return declare(smooth, claim, cases=[{"s": s}], free={"c": c}, checks=[rate()], **more), claim


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ({"s": "0 < s and s <= 1/2"}, r"s: 1 is not in the range 0 < s and s <= 1/2; choose s"),
        ({"c": "c < 2"}, r"c: 3 is not in the range c < 2"),
        ({"n": "n < 200"}, r"n: 256 is not in the range n < 200"),
        ({"s": "s > 2*c"}, r"s: 1 is not in the range s > 2\*c at c=1; choose s within it"),
        ({"s": "c > 0"}, r"ranges\['s'\]: 'c > 0' is no condition on s; write '0 < s'"),
        ({"s": "s + 1"}, r"'s \+ 1' is no condition on s"),
        ({"s": [2.0, 3.0]}, r"s: 1 is not in the range 2 or 3; choose s within it"),
        ({"s": "s <"}, r"ranges\['s'\]"),
        ({"s": 3}, "ranges"),
    ],
)
def test_what_is_out_of_its_range_is_one_sentence(ranges, words):
    with pytest.raises(ClaimError, match=words):
        declared(ranges, c=[1.0, 3.0])


def test_an_experiment_keeps_the_ranges_of_its_own_parameters():
    experiment, _ = declared({"s": "0 < s <= 1", "elsewhere": "elsewhere > 0"})
    assert experiment.ranges == {"s": "0 < s <= 1"}


def test_a_request_out_of_range_is_refused(tmp_path):
    path = tmp_path / "smooth.py"
    _, claim = declared({"s": "0 < s <= 1", "n": "n >= 8", "c": "c > 0"})
    entry = Entry("smooth", "chapter", path, claim, "")
    assert plan([entry], Settings(), Override(case={"s": 0.3}, constants={"c": 2.0}))
    for override, words in (
        (Override(case={"s": 1.5}), r"smooth, as asked: s: 1\.5 is not in the range 0 < s <= 1"),
        (Override(constants={"c": 0.0}), r"c: 0 is not in the range"),
        (Override(points={"n": (4, 8, 16, 32)}), "n: 4 is not in the range"),
    ):
        with pytest.raises(RequestError, match=words):
            plan([entry], Settings(), override)


def test_a_list_of_points_may_lie_outside_of_no_range():
    experiment, _ = declared({"n": "n > 1"}, axis=Axis("n", quick=[2, 4, 8, 16]))
    assert experiment.ranges == {"n": "n > 1"}
