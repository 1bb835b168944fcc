"""Quadratic elements half an order short: order 2.5 where 3 was hoped for."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="Quadratic elements half an order short",
    source="usual practice, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)

VALUES = {
    4: 1.0,
    6: 0.37245161994711024,
    8: 0.18367045176317548,
    10: 0.10589183513100654,
    12: 0.06744338030608198,
}


@claim.experiment(
    Axis("N", quick=list(VALUES)),
    data="exact",
    checks=[
        Rate("value", "N**-2.5", margin=0.25, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "N**-3", margin=0.25, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": VALUES[N], "flat": 1.0}
