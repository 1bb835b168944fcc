"""Finite elements in the L2 norm: six meshes, order 2."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="Finite elements in the L2 norm",
    source="usual practice, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)

VALUES = {
    2: 0.202511,
    4: 0.0510494,
    8: 0.0128262,
    16: 0.00321117,
    32: 0.00080309,
    64: 0.000200791,
}


@claim.experiment(
    Axis("N", quick=list(VALUES)),
    data="exact",
    checks=[
        Rate("value", "N**-2", margin=0.25, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "1/N", margin=0.25, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": VALUES[N], "flat": 1.0}
