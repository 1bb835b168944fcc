import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratecheck.errors import FormulaError
from ratecheck.formula import Formula


def test_value_agrees_with_python():
    rate = Formula("T**(-2*r*beta/(2*r*beta+1))")
    assert rate(T=1024, r=0.75, beta=2) == pytest.approx(1024 ** (-3 / 4))
    assert rate.names == {"T", "r", "beta"}


@pytest.mark.parametrize("name", ["beta", "gamma", "N", "S", "E", "I", "Q", "zeta", "lambda_"])
def test_every_name_is_a_plain_symbol(name):
    formula = Formula(f"2*{name}")
    assert formula.names == {name}
    assert formula(**{name: 3}) == 6
    assert formula.latex().startswith("2 ")


@given(a=st.floats(0.1, 10), b=st.floats(0.1, 10), n=st.integers(2, 10**6), k=st.integers(-3, 3))
def test_arithmetic_against_sympy(a, b, n, k):
    import sympy

    text = f"(a + b*n)**({k}/2) / log(n + 1) - sqrt(a*b)"
    value = Formula(text)(a=a, b=b, n=n)
    expected = sympy.sympify(text).subs({"a": a, "b": b, "n": n})
    assert value == pytest.approx(float(expected), rel=1e-9, abs=1e-9)


def test_conditions():
    condition = Formula("r > 1/2 and not (beta == 2)")
    assert condition(r=0.75, beta=1.5)
    assert not condition(r=0.5, beta=1.5)
    assert not condition(r=0.75, beta=2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "non-empty"),
        ("n**", "does not parse"),
        ("n^2", "power is written"),
        ("lambda*n", "lambda_"),
        ("__import__('os').system('true')", "unknown function"),
        ("n.real", "not arithmetic"),
        ("[1][0]", "not arithmetic"),
        ("'a'*3", "not a number"),
        ("True", "not a number"),
        ("sqrt(x=2)", "plain arguments"),
        ("sqrt()", "plain arguments"),
        ("gamma(n)", "unknown function"),
        ("n // 2", r"only \+ - \* / \*\*"),
        ("n if n else 1", "not arithmetic"),
        ("(lambda x: x)(1)", "unknown function"),
        ("n" + "+n" * 400, "longer than"),
        ("(" * 300 + "n" + ")" * 300, "longer than|does not parse"),
    ],
)
def test_what_does_not_parse_is_one_sentence(text, message):
    with pytest.raises(FormulaError, match=message) as caught:
        Formula(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1/n", {"n": 0}),
        ("log(n)", {"n": -1}),
        ("n**(1/2)", {"n": -4}),
        ("exp(n)", {"n": 1e9}),
        ("n", {}),
        ("n", {"n": "many"}),
        ("9**9**9**9", {}),
    ],
)
def test_no_value_is_one_sentence(text, values):
    with pytest.raises(FormulaError):
        Formula(text)(**values)


def test_latex_is_typeset():
    assert Formula("m**2/n").latex() == r"\frac{m^{2}}{n}"
    assert (
        Formula("lambda_*eta").latex() == r"\lambda \eta" or "lambda" in Formula("lambda_").latex()
    )
    assert r"\log" in Formula("log(1/eps)/eps").latex()


def test_whole_powers_stay_exact():
    assert Formula("n**3")(n=2**17) == 2**51
    assert math.isclose(Formula("pi")(), math.pi)
