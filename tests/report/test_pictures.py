from __future__ import annotations

import copy
import itertools
import math
import random
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from ratecheck.report import forest, pictures, svg
from ratecheck.report.pictures.frame import y_axis
from ratecheck.report.scale import Tick, linear

from . import documents

Values = dict[str, Any]


def drawn(check: Values, falsifiers: list[Values] | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(pictures.check_picture(check, falsifiers or []))


def path(tree: ElementTree.Element, style: str, lower: bool = False) -> list[tuple[float, float]]:
    """The coordinates of the path that has this class, in the upper panel or in the one below."""
    (d,) = [p.get("d", "") for p in tree.iter("path") if p.get("class") == style]
    places = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d)
    return [(float(x), float(y)) for x, y in places if (float(y) > 200) == lower]


@pytest.fixture
def check() -> Values:
    """An exact power law of slope -1, with a rival and no intervals."""
    return documents.check("contraction/steps/error[N]")


@pytest.fixture
def sampled() -> Values:
    """A check of sampled data, with intervals and looks."""
    return documents.check("averages/means/risk[n][beta=1]")


def falsifier(name: str) -> Values:
    return {**documents.falsifiers("contraction/steps/error[N]")[0], "name": name}


def shaken(check: Values, rng: random.Random) -> Values:
    """A check with other slopes, claimed and measured, and with noise of any size."""
    shaken = copy.deepcopy(check)
    noise, tilt, other = 10 ** rng.uniform(-3, 0.5), rng.uniform(-3, 3), rng.uniform(-3, 3)
    middle = math.sqrt(check["points"][0]["x"] * check["points"][-1]["x"])
    for point in shaken["points"]:
        factor = (point["x"] / middle) ** tilt * math.exp(noise * rng.gauss(0, 1))
        point["mean"] *= factor
        point["interval"] = [
            end * factor * math.exp(sign * noise)
            for end, sign in zip(point["interval"], (-3, 3), strict=True)
        ]
        point["formula"] *= (point["x"] / middle) ** other
    for one in [shaken, *shaken["looks"], *shaken["local"]]:
        name = "exponent" if "exponent" in one else "measured"
        one[name] += tilt + noise * rng.gauss(0, 1)
        one["interval"] = [one[name] - 3 * noise, one[name] + 3 * noise]
    return {**shaken, "predicted": check["predicted"] + other}


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
        point["formula"] = 77 * point["x"] ** -2.0
    tree = drawn(wrong)
    data, claimed = path(tree, "dot"), path(tree, "claimed")
    centre = sum(y for _, y in data) / len(data)
    assert sum(y for _, y in claimed) / len(claimed) == pytest.approx(centre, abs=0.1)
    falls = [(line[-1][1] - line[0][1]) / (line[-1][0] - line[0][0]) for line in (claimed, data)]
    assert falls[0] / falls[1] == pytest.approx(2.0, rel=0.01)  # slopes -2 and -1 on one scale


def test_the_fan_pivots_at_the_centre_and_spans_the_interval(check: Values) -> None:
    check["interval"] = [-1.1, -0.9]
    fan = path(drawn(check), "fan")
    data = path(drawn(check), "dot")
    unit = data[-1][1] - data[0][1]  # pixels over the grid for a slope of 1
    assert fan[3][1] - fan[2][1] == pytest.approx(-0.2 * unit / 2, abs=0.3)


@pytest.mark.parametrize(("low", "high"), [(-1.1, -0.9), (-9.0, 5.0), (-9.0, -1.0)])
def test_lines_and_the_fan_end_where_they_leave_the_panel(
    check: Values, low: float, high: float
) -> None:
    tree = drawn(check | {"interval": [low, high], "measured": low})
    fan, fit, data = path(tree, "fan"), path(tree, "fit"), path(tree, "dot")
    (left, start), (right, end) = data[0], data[-1]
    unit = (end - start) / (right - left)  # downwards for each pixel, at slope -1
    assert all(20 <= y <= 186 for _, y in [*fan, *fit])
    assert (fit[1][1] - fit[0][1]) / (fit[1][0] - fit[0][0]) == pytest.approx(-low * unit, rel=0.05)
    rise = [slope * unit * (right - left) / 2 for slope in (low, high)]
    for side, x in ((1, left), (-1, right)):
        ends = [min(max((start + end) / 2 + side * one, 20), 186) for one in rise]
        edge = [y for at, y in fan if at == x]
        assert [min(edge), max(edge)] == pytest.approx(sorted(ends), abs=0.2)


def test_falsifiers_and_rivals_are_keyed_apart(check: Values) -> None:
    falsifiers = [falsifier("one"), falsifier("two")]
    keys = [t for t in drawn(check, falsifiers).iter("text") if "key" in (t.get("class") or "")]
    assert sorted(t.text or "" for t in keys) == ["1", "2", "a"]
    heights = sorted(float(t.get("y", "nan")) for t in keys)
    assert all(b - a >= 10.9 for a, b in itertools.pairwise(heights))


def test_a_falsifier_far_away_is_an_arrow_at_the_edge(check: Values) -> None:
    away = falsifier("explodes")
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


def test_signed_biases_are_drawn_by_their_size(sampled: Values) -> None:
    before = path(drawn(sampled), "dot")
    for point in sampled["points"]:
        point["mean"] = -point["mean"]
        point["interval"] = [-end for end in reversed(point["interval"])]
    assert path(drawn(sampled), "dot") == before


def test_points_without_a_value_are_left_out(check: Values) -> None:
    check["points"][2]["mean"] = None
    assert len(path(drawn(check), "dot")) == len(check["points"]) - 1
    for point in check["points"]:
        point["mean"] = None
    assert not pictures.drawable(check)


@pytest.mark.parametrize(
    "identifier",
    [
        "averages/means/fast-faster-than-risk[n][beta=1]",
        "averages/means/frozen-flat[n][beta=1]",
        "contraction/paths/path[k]",
        "contraction/scalar_map/gap[t][alpha=2]",
        "equalities/biases/bias[eta]",
        "equalities/corners/both-additive[eta]",
        "equalities/squares/half-below-square[d]",
        "equalities/squares/square-agrees[d]",
        "equalities/curves/within[d]",
    ],
)
def test_other_kinds_are_drawn(identifier: str) -> None:
    check = documents.check(identifier)
    tree = drawn(check)
    assert len(path(tree, "dot")) == len(check["points"])
    assert check["id"] in tree.get("aria-label", "")


def test_a_formula_with_a_logarithm_has_a_bent_local_exponent(check: Values) -> None:
    for point in check["points"]:
        point["formula"] = point["x"] ** -0.5 * math.log(point["x"]) ** 2
    heights = [y for _, y in path(drawn(check), "claimed", lower=True)]
    assert max(heights) - min(heights) > 2


def test_every_mark_stays_in_the_picture(sampled: Values) -> None:
    for seed in range(20):
        check = shaken(sampled, random.Random(seed))
        for markup in (
            pictures.check_picture(check, []),
            pictures.looks_picture(check),
        ):
            tree = ElementTree.fromstring(markup)
            width, height = map(float, tree.get("viewBox", "").split()[2:])
            for element in tree.iter("path"):
                if not element.get("class", "").startswith("arrow"):
                    for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
                        assert 0 <= float(x) <= width
                        assert 0 <= float(y) <= height


def test_powers_in_a_picture_are_raised_and_indices_lowered() -> None:
    assert svg.words(2, 12, "risk over n^(-1/2) <= B_F", "name") == (
        '<text class="name" x="2" y="12"><tspan dy="0">risk over n</tspan>'
        '<tspan dy="-3.6" font-size="75%">−1/2</tspan><tspan dy="3.6"> ≤ B</tspan>'
        '<tspan dy="2.2" font-size="75%">F</tspan></text>'
    )
    assert svg.words(0, 0, "1 < beta", "", "e") == '<text class="e" x="0" y="0">1 &lt; β</text>'


def test_an_axis_has_its_meaning_beside_its_letter(check: Values) -> None:
    drawn = pictures.check_picture({**check, "symbols": {check["axis"]: "number of data"}}, [])
    assert f">{check['axis']}: number of data</text>" in drawn
    over = {**check, "axis": "1/eta", "symbols": {"eta": "step"}}
    assert ">1/η, η: step</text>" in pictures.check_picture(over, [])
    assert ">1/η</text>" in pictures.check_picture({**over, "symbols": {}}, [])


def test_a_name_that_is_too_long_ends_at_a_pause(check: Values) -> None:
    long = "of every component: smoothness over the strong convexity of each"
    at_most = {"symbols": {check["axis"]: long, check["quantity"]: f"risk {long}"}}
    names = [text for text in drawn({**check, **at_most}).itertext() if "component" in text]
    assert f"{check['axis']}: of every component" in names
    assert f"{check['quantity']}: risk of every component" in names
    alike = {"axis": "inv_eps", "symbols": {"inv_eps": "1/eps"}}
    assert "1/ε" in list(drawn({**check, **alike}).itertext())
    endless = {"symbols": {check["quantity"]: "x" * 80}}
    assert any(text.endswith("x…") for text in drawn({**check, **endless}).itertext())
    fits = {"symbols": {check["quantity"]: "x" * 54}}
    assert "x" * 54 in list(drawn({**check, **fits}).itertext())


def test_a_tick_with_six_signs_is_whole() -> None:
    """A minus sign that the edge cuts off is another number; a sign is 0.64 of 10.5 pixels wide."""
    *_, label = y_axis(linear([-0.65, -0.64], 10, 90), [Tick(-0.65, "−0.650")])
    at = re.search(r'class="e" x="([\d.]+)"[^>]*>−0.650<', label)
    assert at is not None
    assert float(at[1]) > 6 * 0.64 * 10.5


def test_looks_need_two(sampled: Values) -> None:
    looks = sampled["looks"]
    assert pictures.looks_picture({**sampled, "looks": looks[:1]}) == ""
    assert "<svg" in pictures.looks_picture({**sampled, "looks": looks[:2]})


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
    below = documents.check("equalities/squares/half-below-square[d]")
    assert forest.deviation(below, 0.7) == pytest.approx(-0.3)


def test_forest_row_says_its_numbers_aloud_and_marks_what_lies_beyond(check: Values) -> None:
    check["interval"] = [check["measured"] - 100, check["measured"] + 100]
    tree = ElementTree.fromstring(forest.rows_svg([check]))
    title = tree.find("title")
    assert title is not None
    assert "claimed −1" in (title.text or "")
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
