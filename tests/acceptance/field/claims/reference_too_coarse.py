"""Errors against the finest grid: 1/N - 1/256."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="Errors against the finest grid",
    source="FE-Project issue 7, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)


@claim.experiment(
    Axis("N", quick=[8, 16, 32, 64, 128, 192]),
    data="exact",
    checks=[
        Rate("value", "1/N", margin=0.5, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "N**-2", margin=0.5, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": 1 / N - 1 / 256, "flat": 1.0}
