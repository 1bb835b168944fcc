import pytest

from ratecheck.report.typeset import typeset


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
        ("plain beta & <i>", "plain β &amp; &lt;i&gt;"),
        ("a hat^", "a hat^"),
    ],
)  # fmt: skip
def test_powers_are_raised_and_everything_is_escaped(text, shown):
    assert typeset(text) == shown
