"""The trapezoidal rule converges with order 2, Simpson's rule with order 4."""

from ratecheck import Axis, Claim, Falsifier, Rate

claim = Claim(
    title="The trapezoidal rule has order 2, Simpson's rule order 4",
    source="Davis & Rabinowitz, Methods of Numerical Integration, Academic Press 1984, Section 2.1 "
    "and Section 2.2",
    statement=r"""
        I - T_N = -\frac{(b - a)^3}{12 N^2} f''(\xi), \qquad
        I - S_N = -\frac{(b - a)^5}{180 N^4} f^{(4)}(\xi)
    """,
    symbols={"N": "number of intervals"},
    not_shown=["periodic integrands, for which the trapezoidal rule is far better"],
)


@claim.experiment(
    Axis.geometric("N", quick=(2**2, 2**9)),
    checks=[
        Rate(
            "trapezoid",
            "N**(-2)",
            margin=0.5,
            fails=[Falsifier("a root at the end", quantity="root_trapezoid")],
        ),
        Rate(
            "simpson",
            "N**(-4)",
            margin=0.5,
            fails=[Falsifier("a root at the end, Simpson", quantity="root_simpson")],
        ),
        Rate("trapezoid", "1/N", margin=0.5, name="wrong-as-a-riemann-sum"),
        Rate("simpson", "N**(-3)", margin=0.5, name="wrong-as-interpolation-suggests"),
    ],
    data="exact",
    real=["scipy's trapezoid and simpson"],
    proxied=["a general smooth integrand by exp"],
)
def scipy_rules(N):
    """Integrals of exp, and of the fourth root, over (0, 1)."""
    import numpy as np
    from scipy.integrate import simpson, trapezoid

    x = np.linspace(0, 1, N + 1)
    return {
        "trapezoid": abs(trapezoid(np.exp(x), x) - (np.e - 1)),
        "simpson": abs(simpson(np.exp(x), x=x) - (np.e - 1)),
        "root_trapezoid": abs(trapezoid(x**0.25, x) - 0.8),
        "root_simpson": abs(simpson(x**0.25, x=x) - 0.8),
    }
