from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from ratecheck.claim.latex import formula_mathml, mathml
from ratecheck.errors import FormulaError


def parsed(markup: str) -> ElementTree.Element:
    """The markup as a tree; it is well-formed XML."""
    return ElementTree.fromstring(f"<root>{markup}</root>")


def words(markup: str) -> str:
    return "".join(parsed(markup).itertext())


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\mathbb{E}\|f\|^2 \le C", "𝔼‖f‖2≤C"),
        (r"a < b \leqslant c", "a<b⩽c"),
        (r"\mathcal{F}, \mathbb R, \boldsymbol{\beta}", "ℱ,ℝ,𝜷"),
        (r"\bigl\| x \bigr\|", "‖x‖"),
        (r"x \sim p", "x∼p"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a=bc=d"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}", "{1x>00x≤0"),
        (r"\widetilde O(n^{-1/2})", "O~(n−1/2)"),
    ],
)
def test_latex_becomes_the_letters_of_its_display(latex: str, text: str) -> None:
    assert words(mathml(latex)) == text


def test_limits_stand_under_their_operator() -> None:
    tree = parsed(mathml(r"\inf_{\hat f} \sup_{f} R"))
    assert len(tree.findall(".//munder")) == 2
    assert [mo.text for mo in tree.findall(".//munder/mo")] == ["inf", "sup"]


def test_upright_letters_stay_upright() -> None:
    assert parsed(mathml(r"\mathrm{W}_2")).find(".//mi[@mathvariant='normal']") is not None
    assert parsed(mathml(r"W_2")).find(".//mi[@mathvariant='normal']") is None


@pytest.mark.parametrize(
    ("latex", "lines"),
    [
        (r"a = b, \qquad c = d", [["a", "=b,"], ["c", "=d"]]),
        (r"\frac{a \qquad b}{c}", [["abc"]]),
        (r"a \quad b", [["a", "b"]]),
        (r"-a \le -b - c, -d", [["-a", "≤-b", "−c,", "−d"]]),
        (r"f(a + b) + c \text{ for } d", [["f(a+b)", "+c", " for ", "d"]]),
        (r"O \Bigl( a + \frac{b}{c} \Bigr) = d", [["O(a", "+bc)", "=d"]]),
        (r"O \bigl( a + b \bigr)", [["O(a+b)"]]),
        (r"(a + b)^2 - c", [["(a+b)2", "−c"]]),
        (r"\| (a) - b \|^2 = K(p \| q) = |c - d|", [["‖(a)−b‖2", "=K(p‖q)", "=|c−d|"]]),
    ],
)
def test_a_line_may_end_where_a_reader_pauses(latex: str, lines: list[list[str]]) -> None:
    pieces = parsed(mathml(latex)).findall("span")
    shown = [["".join(line.itertext()) for line in piece] for piece in pieces]
    assert [[line.replace("−", "-").replace("\xa0", " ") for line in one] for one in shown] == [
        [line.replace("−", "-") for line in one] for one in lines
    ]
    assert mathml(latex, block=False).count("<math") == 1


def test_a_sign_that_begins_a_line_keeps_its_space() -> None:
    first, second = parsed(mathml(r"-a - b")).findall("span/math")
    assert first[0].get("form") is None
    assert second[0].get("form") == "infix"
    forms = [mo.get("form") for mo in parsed(mathml("[-1, 1 - x]")).iter("mo") if mo.text == "−"]
    assert forms == ["prefix", None]


@pytest.mark.parametrize(
    ("latex", "place"),
    [
        (r"n^{-1} \foo{a}", r"character 8, '.*foo.*': \\foo is not known"),
        (r"\frac{a", "character 6, .*never closed"),
        (r"a}b", "character 2, .*closes nothing"),
        (r"\left( x", r"\\left lacks its \\right"),
        (r"x^", r"nothing follows a \^"),
        (r"x_1_2", "two subscripts"),
        (r"50 % of", r"character 4, .*write \\%"),
        (r"$x$", "leave out the dollar signs"),
        (r"a & b", "an & outside"),
        (r"\begin{foo} a \end{foo}", "unknown environment 'foo'"),
        (r"\begin{cases} a", r"lacks its \\end"),
        (r"\begin{cases} a \end{matrix}", "ends nothing"),
        (r"\begin x", "lacks its name"),
        (r"\href{javascript:alert(1)}{x}", "not admitted"),
        (r"\style{color:red}{x}", "not admitted"),
        (r"\newcommand{\x}{1}", "not admitted"),
        (r"\mathop{x}", "lacks one of its parts|browsers"),
        ("   ", "empty"),
        ("{" * 3000 + "}" * 3000, "nested too deeply"),
    ],
)
def test_what_does_not_convert_is_an_error_with_its_place(latex: str, place: str) -> None:
    with pytest.raises(FormulaError, match=place) as error:
        mathml(latex)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    "latex", [r"\text{<script>alert(1)</script>}", r"\text{\&lt;b\&gt;}", "<b>"]
)
def test_nothing_in_latex_becomes_markup(latex: str) -> None:
    markup = mathml(latex)
    tags = set(re.findall(r"</?([a-z]+)", markup))
    assert tags <= {"span", "math", "mrow", "mtext", "mi", "mo"}


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("exp(-2*alpha*t)", "e−2αt"),
        ("m**2/n", "m2n"),
        ("sqrt(lambda_)", "λ"),
        ("steps*n_train", "stepsntrain"),
        ("1", "1"),
    ],
)
def test_formula(formula: str, text: str) -> None:
    assert words(formula_mathml(formula)) == text


def test_fractions_in_exponents_lie_on_a_line() -> None:
    tree = parsed(formula_mathml("T**(-2*r*beta/(2*r*beta+1))"))
    assert tree.find(".//mfrac") is None
    exponent = "".join(tree.find(".//msup")[1].itertext())
    assert exponent == "−2rβ/(2rβ+1)"
    assert parsed(formula_mathml("m/n")).find(".//mfrac") is not None


def test_a_text_that_is_no_formula_is_an_error() -> None:
    with pytest.raises(FormulaError):
        formula_mathml("import os")


def test_the_exponent_of_a_large_fence_is_that_of_all_in_it():
    (root,) = ElementTree.fromstring(mathml(r"c \Bigl( 1 - \frac{\mu}{K} \Bigr)^k")).iter("msup")
    fenced, exponent = root
    assert exponent.text == "k"
    assert (fenced.tag, fenced[0].text, fenced[-1].text) == ("mrow", "(", ")")


def test_of_fences_within_fences_each_exponent_has_its_own():
    root = ElementTree.fromstring(
        mathml(r"\Bigl( \Bigl( \frac{a}{b} \Bigr)^j + \Bigl( c \Bigr) \Bigr)^k")
    )
    outer, inner = root.iter("msup")
    assert [child.text for child in outer[0]][:: len(outer[0]) - 1] == ["(", ")"]
    assert outer[1].text == "k"
    assert inner in list(outer[0])
    assert inner[1].text == "j"
