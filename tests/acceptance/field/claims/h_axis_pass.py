"""An order in h with a remainder of first order: h + 1000 h^2."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="An order in h with a remainder of first order",
    source="usual practice, Section 1",
    statement=r"e_h = O(h^p)",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)


@claim.experiment(
    Axis("h", quick=[2.0**-k for k in range(12, 3, -1)]),
    data="exact",
    checks=[
        Rate("value", "h", margin=0.5, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "h**2", margin=0.5, name="second"),
    ],
)
def table(h):
    """One value a point."""
    return {"value": h + 1000 * h * h, "flat": 1.0}
