"""Texts that would do harm if they were markup."""

from ratecheck import Axis, Claim, Falsifier, Rate

HOSTILE = "<script>alert('x')</script> & \"quoted\" {{ 7*7 }} <img src=http://evil.example/x>"

claim = Claim(
    title=HOSTILE,
    source=f"{HOSTILE}, 1900, Theorem 1",
    statement=r"\text{<script>alert(1)</script>} < 1",
    symbols={"<b>": HOSTILE},
    free={"rule": ["right", "wrong"]},
    real=[HOSTILE],
    proxied=[HOSTILE],
    not_shown=[HOSTILE],
    history=[HOSTILE],
    unmoved={"a": HOSTILE},
)


@claim.experiment(
    Axis.geometric("n", quick=(2, 16)),
    cases=[{"a": 1}],
    checks=[
        Rate("error", "n**(-a)", margin=0.25, rivals={HOSTILE: "n**(-2*a)"},
             fails=[Falsifier(HOSTILE, told={"rule": "wrong"})]),
    ],
    data="exact",
)  # fmt: skip
def words(n, a, rule):
    return {"error": n**-a if rule == "right" else 1.0}


words.__doc__ = HOSTILE
