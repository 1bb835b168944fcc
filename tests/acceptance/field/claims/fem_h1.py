"""Finite elements in the H1 norm: six meshes, order 1."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="Finite elements in the H1 norm",
    source="usual practice, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)

VALUES = {
    2: 1.00388,
    4: 0.502255,
    8: 0.251625,
    16: 0.125888,
    32: 0.0629537,
    64: 0.0314781,
}


@claim.experiment(
    Axis("N", quick=list(VALUES)),
    data="exact",
    checks=[
        Rate("value", "1/N", margin=0.25, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "N**-2", margin=0.25, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": VALUES[N], "flat": 1.0}
