"""A scaling law with an irreducible loss: 1.69 + 406.4 N^-0.34."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A scaling law with an irreducible loss",
    source="minimind issue 786, Section 1",
    statement=r"L(N) = E + A N^{-\alpha}",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)


@claim.experiment(
    Axis("N", quick=[round(10 ** (k / 2)) for k in range(12, 21)]),
    data="exact",
    checks=[
        Rate(
            "value",
            "1.69+406.4*N**-0.34",
            margin=0.02,
            fails=[Without("decay", "flat")],
            name="first",
        ),
        Rate("value", "1.69+406.4*N**-0.28", margin=0.02, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": 1.69 + 406.4 * N**-0.34, "flat": 1.0}
