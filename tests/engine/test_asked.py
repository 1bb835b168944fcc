"""What a reader asks for: who answers, within which ranges, and without which rivals."""

import pytest

from ratecheck import Axis, Claim, Rate, Without
from ratecheck.claim.catalogue import Entry
from ratecheck.engine.plan import CheckItem, Override, Settings, plan, planned
from ratecheck.errors import RequestError

SETTINGS = Settings(workers=0, store=None)
SLOWER = {"slower": "n**(-r/2)"}


def entry(tmp_path, **more):
    """A claim of two experiments: both take r, one alone beta; beta is 2 in the other's range."""
    claim = Claim(
        title="A title", source="Author, Venue 2020, Theorem 1", statement="x", not_shown=["more"],
        real=["all"], proxied=[], free={"c": 1.0}, unmoved={"r": "-", "beta": "-"},
        ranges={"r": "0 < r <= 1", "beta": "beta > 1"}, **more,
    )  # fmt: skip

    def declare(name, case, formula, **given):
        def simulate(n, c, *, replicates, rng, **case): ...

        simulate.__name__ = name
        check = Rate("risk", formula, margin=0.1, rivals=SLOWER, fails=[Without("care", "bad")])
        axis = Axis.geometric("n", quick=(16, 256))
        return claim.experiment(axis, cases=[case], checks=[check], **given)(simulate)

    declare("spectral", {"r": 0.5, "beta": 2.0}, "n**(-r)")
    declare("network", {"r": 0.5, "beta": 2.0}, "n**(-r)", ranges={"beta": [2.0]})
    declare("width", {"r": 0.5}, "n**(-r)")
    return Entry("half", "claims", tmp_path / "half.py", claim, "")


def asked(tmp_path, **override):
    found = planned([entry(tmp_path)], SETTINGS, Override(**override))
    return [item for item in found.items if isinstance(item, CheckItem)], found.refused


def names(items):
    return [item.experiment.name for item in items]


def test_only_experiments_with_every_parameter_of_the_case_answer(tmp_path):
    items, refused = asked(tmp_path, case={"r": 0.75})
    assert (names(items), refused) == (["spectral", "network", "width"], ())
    items, refused = asked(tmp_path, case={"r": 0.75, "beta": 2})
    assert (names(items), refused) == (["spectral", "network"], ())


def test_where_no_check_says_anything_is_told_with_where_they_do(tmp_path):
    one = entry(tmp_path)

    @one.claim.experiment(
        Axis.geometric("n", quick=(16, 256)), cases=[{"r": 0.5}],
        checks=[Rate("risk", "n**(-r)", margin=0.1, when="r <= 0.5", name="rough",
                     fails=[Without("care", "bad")]),
                Rate("risk", "n**(-r)", margin=0.1, when="r > 0.9", name="smooth")],
    )  # fmt: skip
    def ends(n, c, *, r, replicates, rng): ...

    silent = r"ends, as asked: no check says anything there, but where r <= 0.5 or where r > 0.9"
    with pytest.raises(RequestError, match=silent):
        planned([one], SETTINGS, Override(case={"r": 0.75}, experiments=("ends",)))
    found = planned([one], SETTINGS, Override(case={"r": 0.75}))
    assert {item.experiment.name for item in found.items} == {"spectral", "network", "width"}
    assert len(found.refused) == 1


def test_one_experiment_that_cannot_answer_does_not_keep_the_others_back(tmp_path):
    items, refused = asked(tmp_path, case={"beta": 3.0})
    assert names(items) == ["spectral"]
    assert refused == (
        "half.py, experiment network, as asked: beta: 3 is not in the range 2; "
        "choose beta within it",
    )


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            {"case": {"r": 1.5}},
            r"width, as asked: r: 1.5 is not in the range 0 < r <= 1; choose r within it",
        ),
        (
            {"case": {"beta": 3.0}, "experiments": ("network",)},
            "beta: 3 is not in the range 2; choose",
        ),
        ({"case": {"beta": 3.0}, "experiments": ("width",)}, "no experiment has the parameters"),
        ({"experiments": ("widht",)}, "'widht' is no experiment of these claims; there are: net"),
    ],
)
def test_where_none_can_answer_the_range_is_said(tmp_path, override, message):
    with pytest.raises(RequestError, match=message):
        asked(tmp_path, **override)


def test_a_selection_changes_nothing_else(tmp_path):
    items, _ = asked(tmp_path, experiments=("width",))
    every = plan([entry(tmp_path)], SETTINGS)
    assert [item.id for item in items] == [
        item.id for item in every if isinstance(item, CheckItem) and item.experiment.name == "width"
    ]


def test_a_rival_within_the_margin_is_left_out_and_said(tmp_path):
    (far, *_), _ = asked(tmp_path, case={"r": 0.5})
    assert (far.check.rivals, far.warnings) == (SLOWER, ())
    (near, *_), _ = asked(tmp_path, case={"r": 0.125})
    assert near.check.rivals == {}
    assert near.warnings == (
        "the rival 'slower' is left out: n**(-r/2) is within the margin 0.1 of the claim here",
    )
    assert near.asked.warnings == near.warnings


def test_numbers_have_the_type_of_the_listed_ones_so_that_they_are_the_same_blocks(tmp_path):
    (item, *_), _ = asked(tmp_path, case={"beta": 2}, constants={"c": 3})
    assert [type(item.params[name]) for name in ("beta", "c")] == [float, float]


@pytest.mark.parametrize(
    ("items", "words", "kept"),
    [
        (("half",), (), ["network", "network", "spectral", "spectral", "width", "width"]),
        (("half/width",), (), ["width", "width"]),
        (("half/width/risk", "half/spectral"), (), ["spectral", "spectral", "width", "width"]),
        (("half/width/risk[n][r=0.5]",), (), ["width", "width"]),
        ((), ("wid",), ["width", "width"]),
        (("half/width",), ("half",), ["width", "width"]),
        (("half/width/falsifier-risk-without-care",), (), ["width", "width"]),
    ],
)
def test_what_a_run_prints_selects(tmp_path, items, words, kept):
    found = plan([entry(tmp_path)], SETTINGS, Override(items=items, words=words))
    assert sorted(item.experiment.name for item in found) == kept
    assert [isinstance(item, CheckItem) for item in found] == [True, False] * (len(kept) // 2)
    every = {item.id for item in plan([entry(tmp_path)], SETTINGS)}
    assert {item.id for item in found} <= every


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"items": ("half/wid",)}, "nothing is called 'half/wid'; did you mean half/width?"),
        ({"items": ("half/width/risky",)}, "did you mean half/width/risk"),
        ({"words": ("width", "network")}, "no check or falsifier has 'width' and 'network' in its"),
    ],
)
def test_a_selection_of_nothing_is_refused(tmp_path, wanted, message):
    with pytest.raises(RequestError, match=message):
        plan([entry(tmp_path)], SETTINGS, Override(**wanted))
