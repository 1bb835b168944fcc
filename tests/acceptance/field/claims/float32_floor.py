"""A midpoint rule in single precision: order 2 up to N = 128, then round-off."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A midpoint rule in single precision",
    source="OrdinaryDiffEq.jl pull request 2488, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)

VALUES = {
    8: 2.812e-3,
    16: 9.318e-4,
    32: 2.678e-4,
    64: 7.160e-5,
    128: 1.819e-5,
    256: 5.556e-6,
    512: 3.649e-6,
    1024: 5.496e-7,
    2048: 5.496e-7,
    4096: 2.457e-6,
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
