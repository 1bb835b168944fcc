import pytest

from ratecheck.report.typeset import powers, typeset


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rate n^(-2s/(2s+d)) on balls", "rate n<sup>−2s/(2s+d)</sup> on balls"),
        ("n^(-alpha/(alpha+1)), beyond n^(-1/2)",
         "n<sup>−α/(α+1)</sup>, beyond n<sup>−1/2</sup>"),
        ("T_low = n^-2 and eta^2", "T<sub>low</sub> = n<sup>−2</sup> and η<sup>2</sup>"),
        ("zeta^0.75.", "ζ<sup>0.75</sup>."),
        ("best_linear and beta_max(x)", "best_linear and beta_max(x)"),
        ("Sigma_X^(-a) x_i < E_nu F",
         "Σ<sub>X</sub><sup>−a</sup> x<sub>i</sub> &lt; E<sub>ν</sub> F"),
        ("Theta(sqrt N), the beta-test", "Θ(√N), the β-test"),
        ("KL <= eps", "KL ≤ ε"),
        ("(log n)^3", "(log n)<sup>3</sup>"),
        ("sqrt(n)/eps", "√n/ε"),
        ("sqrt(eta/N)", "√(η/N)"),
        ("x^(y^(2))", "x<sup>y<sup>2</sup></sup>"),
        ("n^(not closed", "n^(not closed"),
        ("^alone and ^^", "^alone and ^^"),
        ("2^(<b>)", "2<sup>&lt;b&gt;</sup>"),
        ("P_{>1} f^* of f*", "P<sub>&gt;1</sub> f<sup>*</sup> of f*"),
        ("exp(-beta t), of order 1e-5, at -0.5", "exp(−β t), of order 10⁻⁵, at −0.5"),
        ("all but 2 %", "all but 2\u202f%"),
        ("plain beta & <i>", "plain β &amp; &lt;i&gt;"),
        ("a hat^", "a hat^"),
    ],
)  # fmt: skip
def test_powers_are_raised_and_everything_is_escaped(text, shown):
    assert typeset(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1/(1 + 2 n^-1/2), gamma, CV .7", "1/(1 + 2 n<sup>−1/2</sup>), gamma, CV .7"),
        ("1 - .5 n^-.6 + n^(-1/2)", "1 − .5 n<sup>−.6</sup> + n<sup>−1/2</sup>"),
        ("A exp(C n^-d), cost n^1", "A exp(C n<sup>−d</sup>), cost n<sup>1</sup>"),
        ("n^.4/(1 + n^.1) <b>", "n<sup>.4</sup>/(1 + n<sup>.1</sup>) &lt;b&gt;"),
    ],
)
def test_exponents_of_cells_may_be_fractions(text, shown):
    assert powers(text) == shown
