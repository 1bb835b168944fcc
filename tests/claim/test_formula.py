import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratecheck.claim.formula import Formula
from ratecheck.errors import FormulaError


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


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("m**2/n", r"\frac{m^{2}}{n}"),
        ("3*sqrt(n) - 2", r"3 \sqrt{n} - 2"),
        ("n**(-1/2)", r"n^{-\frac{1}{2}}"),
        ("-2*r*beta/(2*r*beta + 1)", r"-\frac{2 r \beta}{2 r \beta + 1}"),
        ("lambda_*eta", r"\lambda \eta"),
        ("log(1/eps)/eps", r"\frac{\log{\left( \frac{1}{\varepsilon} \right)}}{\varepsilon}"),
        ("r > 1/2 and n <= 3", r"r > \frac{1}{2} \wedge n \le 3"),
        ("2*3*n_train", r"2 \cdot 3 n_{train}"),
        ("4*lam*inv_eps", r"4 \lambda \varepsilon^{-1}"),
        ("inv_eps**2/d", r"\frac{\varepsilon^{-2}}{d}"),
        ("1/inv_zeta", r"\zeta"),
    ],
)
def test_latex_keeps_the_order_that_was_written(text, latex):
    assert Formula(text).latex() == latex


def python(latex):
    """Display arithmetic read back, by precedence alone: braces, then products, then sums."""
    text = latex.replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\cdot", "*")
    brace = r"\{([^{}]*)\}"
    while "{" in text:
        text, changed = re.subn(r"\\frac" + brace + brace, r"((\1)/(\2))", text)
        text, more = re.subn(r"\\sqrt" + brace, r"sqrt(\1)", text)
        text, roots = re.subn(r"\^" + brace, r"**(\1)", text)
        text, calls = re.subn(r"\\log" + brace, r"log(\1)", text)
        assert changed or more or roots or calls, text
    spaced = re.sub(r"(?<=[\w)]) +(?=[\w(])", " * ", text)
    return re.sub(r"(?<=[\w)])(?=\()(?<!sqrt)(?<!log)", "*", spaced)


LEAVES = st.sampled_from(["a", "b", "n", "2", "0.5", "sqrt(n)", "log(n)"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
        inner.map(lambda t: f"-({t})"),
        st.tuples(inner, st.sampled_from(["2", "-1", "1/2"])).map(lambda t: f"({t[0]})**({t[1]})"),
    ),
    max_leaves=8,
)


@given(TREES)
def test_what_is_shown_is_what_is_tested(text):
    """The typeset formula, read with the usual precedence, has the value of the text."""
    at = {"a": 1.3, "b": 0.7, "n": 5}
    formula = Formula(text)
    try:
        value = formula(**at)
    except FormulaError:
        return
    shown = eval(python(formula.latex()), {"sqrt": math.sqrt, "log": math.log}, at)
    assert shown == pytest.approx(value, rel=1e-9)


def test_whole_powers_stay_exact():
    assert Formula("n**3")(n=2**17) == 2**51
    assert math.isclose(Formula("pi")(), math.pi)
