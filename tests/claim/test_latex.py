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


def test_a_display_may_be_broken_at_wide_spaces_only() -> None:
    assert mathml(r"a = b, \qquad c = d").count("<math") == 2
    assert mathml(r"\frac{a \qquad b}{c}").count("<math") == 1
    assert mathml(r"a \quad b").count("<math") == 1
    assert mathml(r"a \qquad b", block=False).count("<math") == 1


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
    assert tags <= {"math", "mrow", "mtext", "mi", "mo"}


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
