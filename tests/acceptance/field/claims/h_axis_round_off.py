"""A high order in h down to round-off: h^6 and rounding."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A high order in h down to round-off",
    source="usual practice, Section 1",
    statement=r"e_h = O(h^p)",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)


@claim.experiment(
    Axis("h", quick=[2.0**-k for k in range(10, 0, -1)]),
    data="exact",
    checks=[
        Rate("value", "h**6", margin=0.5, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "h**5", margin=0.5, name="second"),
    ],
)
def table(h):
    """One value a point."""
    return {"value": h**6 + 1e-16 * (3 + int(1 / h) % 3), "flat": 1.0}
