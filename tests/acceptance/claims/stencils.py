"""Finite-difference stencils of accuracy p have an error of order h^p."""

from ratecheck import Axis, Claim, Falsifier, Rate

claim = Claim(
    title="Central stencils of accuracy p converge with order p",
    source="Fornberg, Math. Comp. 51 (1988) 699-706, Table 1",
    statement=r"\max_i | D_h f(x_i) - f'(x_i) | = O( N^{-p} )",
    symbols={"N": "intervals of the grid, of size 1/N", "p": "accuracy of the stencil"},
    not_shown=["derivatives of higher order"],
)


@claim.experiment(
    Axis("N", quick=[12, 16, 24, 32, 48, 64]),
    cases=[{"p": 2}, {"p": 4}, {"p": 6}],
    unmoved={"p": "a stencil is of its own accuracy: there is no nature that could be of another"},
    checks=[
        Rate(
            "error",
            "N**(-p)",
            margin=0.5,
            fails=[Falsifier("a root of the derivative", quantity="rough")],
        ),
        Rate("error", "N**(1 - p)", margin=0.5, name="wrong-an-order-too-few"),
    ],
    data="exact",
    real=["the stencils of findiff, one-sided at the ends"],
    proxied=["a general smooth function by exp(2 x)"],
)
def first_derivative(N, p):
    """Largest error of the first derivative on a grid."""
    import numpy as np
    from findiff import Diff

    x = np.linspace(0, 1, N + 1)
    difference = Diff(0, 1 / N, acc=p)
    return {
        "error": np.abs(difference(np.exp(2 * x)) - 2 * np.exp(2 * x)).max(),
        "rough": np.abs(difference(x**1.25) - 1.25 * x**0.25).max(),
    }
