"""A reference solution that the scheme meets exactly: nothing but round-off."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A reference solution that the scheme meets exactly",
    source="MOOSE pull request 24241, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)

VALUES = {
    4: 3.1e-16,
    8: 6.6e-16,
    16: 1.9e-15,
    32: 7.1e-15,
    64: 3.0e-14,
    128: 1.2e-13,
}


@claim.experiment(
    Axis("N", quick=list(VALUES)),
    data="exact",
    checks=[
        Rate("value", "N**-2", margin=0.5, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "1/N", margin=0.5, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": VALUES[N], "flat": 1.0}
