"""A heat solver one order short: order 1 where 2 was hoped for."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A heat solver one order short",
    source="mirgecom pull request 112, Section 1",
    statement=r"e_h = O(h^p)",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)

VALUES = {
    0.0078125: 0.03710968141446858,
    0.015625: 0.07483467000993342,
    0.03125: 0.15230421159162905,
    0.0625: 0.31670333794087324,
    0.125: 0.6968572287595005,
    0.25: 1.7834496275775333,
}


@claim.experiment(
    Axis("h", quick=list(VALUES)),
    data="exact",
    checks=[
        Rate("value", "h", margin=0.25, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "h**2", margin=0.25, name="second"),
    ],
)
def table(h):
    """One value a point."""
    return {"value": VALUES[h], "flat": 1.0}
