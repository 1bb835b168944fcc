"""Elements whose order settles: local orders 1.776, 1.956, 1.991, 1.998."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="Elements whose order settles",
    source="usual practice, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)

VALUES = {
    4: 1.0,
    8: 0.2919281017149376,
    16: 0.07522265303232763,
    32: 0.018927425501657914,
    64: 0.004737708004019593,
}


@claim.experiment(
    Axis("N", quick=list(VALUES)),
    data="exact",
    checks=[
        Rate("value", "N**-2", margin=0.25, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "N**-1.5", margin=0.25, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": VALUES[N], "flat": 1.0}
