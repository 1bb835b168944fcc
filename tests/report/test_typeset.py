import pytest

from ratecheck.report.typeset import typeset


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rate n^(-2s/(2s+d)) on balls", "rate n<sup>−2s/(2s+d)</sup> on balls"),
        ("n^(-alpha/(alpha+1)), beyond n^(-1/2)",
         "n<sup>−α/(α+1)</sup>, beyond n<sup>−1/2</sup>"),
        ("T_low = n^-2 and eta^2", "T_low = n<sup>−2</sup> and eta<sup>2</sup>"),
        ("zeta^0.75.", "zeta<sup>0.75</sup>."),
        ("(log n)^3", "(log n)<sup>3</sup>"),
        ("sqrt(n)/eps", "√n/eps"),
        ("sqrt(eta/N)", "√(η/N)"),
        ("x^(y^(2))", "x<sup>y<sup>2</sup></sup>"),
        ("n^(not closed", "n^(not closed"),
        ("^alone and ^^", "^alone and ^^"),
        ("2^(<b>)", "2<sup>&lt;b&gt;</sup>"),
        ("plain beta & <i>", "plain beta &amp; &lt;i&gt;"),
        ("a hat^", "a hat^"),
    ],
)  # fmt: skip
def test_powers_are_raised_and_everything_is_escaped(text, shown):
    assert typeset(text) == shown
