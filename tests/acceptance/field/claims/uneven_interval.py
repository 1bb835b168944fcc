"""A grid that is uneven in log N: N^-2 (1 + 3/N)."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A grid that is uneven in log N",
    source="libCEED pull request 900, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)


@claim.experiment(
    Axis("N", quick=[10, 20, 40, 80, 90, 100]),
    data="exact",
    checks=[
        Rate("value", "N**-2", margin=0.25, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "1/N", margin=0.25, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": (1 + 3 / N) / N**2, "flat": 1.0}
