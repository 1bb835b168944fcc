from __future__ import annotations

import copy
import itertools
import math
import random
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from ratecheck.report import forest, pictures

from . import documents

Values = dict[str, Any]


def drawn(check: Values, falsifiers: list[Values] | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(pictures.check_picture(check, falsifiers or [], "p"))


def path(tree: ElementTree.Element, style: str, index: int = 0) -> list[tuple[float, float]]:
    """The coordinates of a path that has this class."""
    d = [p.get("d", "") for p in tree.iter("path") if p.get("class") == style][index]
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d)]


@pytest.fixture
def check() -> Values:
    return documents.check("c/e/risk[T]", random.Random(0), truth=-0.5, noise=1e-9)


def test_points_of_a_power_law_lie_on_a_line_of_its_slope(check: Values) -> None:
    tree = drawn(check)
    points = path(tree, "dot")
    assert len(points) == len(check["points"])
    steps = [b[0] - a[0] for a, b in itertools.pairwise(points)]
    rises = [b[1] - a[1] for a, b in itertools.pairwise(points)]
    assert max(steps) - min(steps) < 0.2
    assert max(rises) - min(rises) < 0.2
    assert min(rises) > 0  # down the page: the risk falls


def test_claimed_curve_goes_through_the_centre_of_the_data(check: Values) -> None:
    wrong = copy.deepcopy(check)
    for point in wrong["points"]:
        point["formula"] = 77 * point["x"] ** -1.0
    tree = drawn(wrong)
    data, claimed = path(tree, "dot"), path(tree, "claimed")
    centre = sum(y for _, y in data) / len(data)
    assert sum(y for _, y in claimed) / len(claimed) == pytest.approx(centre, abs=0.1)
    fall = (claimed[-1][1] - claimed[0][1]) / (data[-1][1] - data[0][1])
    assert fall == pytest.approx(2.0, rel=0.01)  # slopes -1 and -1/2 on one scale


def test_the_fan_pivots_at_the_centre_and_spans_the_interval(check: Values) -> None:
    check["interval"] = [-0.7, -0.3]
    fan = path(drawn(check), "fan")
    data = path(drawn(check), "dot")
    unit = (data[-1][1] - data[0][1]) / 0.5  # pixels over the grid for a slope of 1
    assert fan[3][1] - fan[2][1] == pytest.approx(-0.4 * unit / 2, abs=0.3)


def test_falsifiers_and_rivals_are_keyed_apart(check: Values) -> None:
    rng = random.Random(1)
    falsifiers = [documents.falsifier(check, rng, name, 0.0) for name in ("one", "two")]
    keys = [t for t in drawn(check, falsifiers).iter("text") if "key" in (t.get("class") or "")]
    assert sorted(t.text or "" for t in keys) == ["1", "2", "a"]
    heights = sorted(float(t.get("y", "nan")) for t in keys)
    assert all(b - a >= 10.9 for a, b in itertools.pairwise(heights))


def test_a_falsifier_far_away_is_an_arrow_at_the_edge(check: Values) -> None:
    away = documents.falsifier(check, random.Random(1), "explodes", 0.0)
    for point in away["points"]:
        point["mean"] = 1e30
    tree = drawn(check, [away])
    assert any(p.get("class") == "arrow other" for p in tree.iter("path"))
    data = path(tree, "dot")
    assert data[-1][1] - data[0][1] > 20  # the check's own points keep a part of the height


def test_an_interval_that_reaches_zero_is_open_below(check: Values) -> None:
    check["points"][0]["interval"] = [None, check["points"][0]["mean"] * 2]
    check["points"][1]["interval"] = [0.0, check["points"][1]["mean"] * 2]
    arrows = [p for p in drawn(check).iter("path") if p.get("class") == "arrow"]
    assert arrows[0].get("d", "").count("M") >= 2


def test_signed_biases_are_drawn_by_their_size(check: Values) -> None:
    before = path(drawn(check), "dot")
    for point in check["points"]:
        point["mean"] = -point["mean"]
        point["interval"] = [-end for end in reversed(point["interval"])]
    assert path(drawn(check), "dot") == before


def test_points_without_a_value_are_left_out(check: Values) -> None:
    check["points"][2]["mean"] = None
    assert len(path(drawn(check), "dot")) == len(check["points"]) - 1
    for point in check["points"]:
        point["mean"] = None
    assert not pictures.drawable(check)


@pytest.mark.parametrize("make", [documents.ratio, documents.decay])
def test_other_kinds_are_drawn(make: Any) -> None:
    check = make("c/e/q[t]", random.Random(0))
    tree = drawn(check)
    assert len(path(tree, "dot")) == len(check["points"])
    assert tree.find("{*}title") is not None or tree.find("title") is not None


def test_a_formula_with_a_logarithm_has_a_bent_local_exponent(check: Values) -> None:
    for point in check["points"]:
        point["formula"] = point["x"] ** -0.5 * math.log(point["x"]) ** 2
    heights = [y for _, y in path(drawn(check), "claimed", 1)]
    assert max(heights) - min(heights) > 2


def test_every_mark_stays_in_the_picture() -> None:
    rng = random.Random(5)
    for seed in range(20):
        check = documents.check(
            "c/e/risk[T]", random.Random(seed), noise=10 ** rng.uniform(-3, 0.5), looks=4,
            truth=rng.uniform(-3, 3), claimed=rng.uniform(-3, 3),
        )  # fmt: skip
        for markup in (
            pictures.check_picture(check, [], "p"),
            pictures.looks_picture(check, "p"),
        ):
            tree = ElementTree.fromstring(markup)
            width, height = map(float, tree.get("viewBox", "").split()[2:])
            for element in tree.iter("path"):
                if element.get("class") in ("dot", "dot small", "bar", "axis"):
                    for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
                        assert 0 <= float(x) <= width
                        assert 0 <= float(y) <= height


def test_looks_need_two() -> None:
    assert pictures.looks_picture(documents.check("c/e/q[T]", random.Random(0), looks=1), "p") == ""
    assert "<svg" in pictures.looks_picture(
        documents.check("c/e/q[T]", random.Random(0), looks=2), "p"
    )


@pytest.mark.parametrize(
    ("relation", "bound", "predicted", "scale", "expected"),
    [
        ("equal", False, -1.0, "log-log", (-1.1, -0.9)),
        ("at most", False, -1.0, "log-log", (None, -0.9)),
        ("at least", False, 1.0, "log-log", (0.9, None)),
        ("equal", False, -2.0, "semi-log", (-2.2, -1.8)),
        ("equal", True, -2.0, "semi-log", (None, -1.8)),
    ],
)
def test_band(
    relation: str, bound: bool, predicted: float, scale: str, expected: tuple[Any, Any]
) -> None:
    check = {"relation": relation, "bound": bound, "predicted": predicted, "scale": scale,
             "margin": 0.1}  # fmt: skip
    for got, want in zip(pictures.band(check), expected, strict=True):
        assert got == (None if want is None else pytest.approx(want))


def test_forest_counts_in_margins(check: Values) -> None:
    assert forest.deviation(check, check["predicted"] + 2 * check["margin"]) == pytest.approx(2)
    below = documents.ratio("c/e/q[d]", random.Random(0), kind="below")
    assert forest.deviation(below, 0.7) == pytest.approx(-0.3)


def test_forest_row_says_its_numbers_aloud_and_marks_what_lies_beyond(check: Values) -> None:
    check["interval"] = [check["measured"] - 100, check["measured"] + 100]
    tree = ElementTree.fromstring(forest.rows_svg([check]))
    title = tree.find("title")
    assert title is not None
    assert "claimed −0.5" in (title.text or "")
    assert "PASS" in (title.text or "")
    whisker = next(x for x in tree.iter("line") if "whisker" in (x.get("class") or ""))
    assert (whisker.get("x1"), whisker.get("x2")) == ("0.00%", "100.00%")
    assert sum(p.get("class") == "cross" for p in tree.iter("path")) >= 2


@pytest.mark.parametrize("verdict", ["ERROR", "INCONCLUSIVE"])
def test_forest_draws_no_mark_where_nothing_was_measured(check: Values, verdict: str) -> None:
    """In the band, at the claimed value, it would look like an agreement."""
    nothing = {**check, "verdict": verdict, "measured": None, "interval": None, "rivals": []}
    svg = forest.rows_svg([nothing])
    assert "mark" not in svg
    assert verdict in svg  # in words
