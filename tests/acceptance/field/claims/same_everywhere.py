"""A convergence test that ignores its mesh: one and the same error."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="A convergence test that ignores its mesh",
    source="Trixi.jl pull request 1962, Section 1",
    statement=r"e_N = O(N^{-p})",
    not_shown=["more than the values"],
    real=["the values"],
    proxied=["a computation by the table of its values"],
)


@claim.experiment(
    Axis("N", quick=[8, 16, 32, 64]),
    data="exact",
    checks=[
        Rate("value", "N**-8", margin=0.25, fails=[Without("decay", "flat")], name="first"),
        Rate("value", "1", margin=0.25, name="second"),
    ],
)
def table(N):
    """One value a point."""
    return {"value": 0.0699, "flat": 1.0}
