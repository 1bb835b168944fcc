"""A file that does not load: it states nothing."""

from ratecheck import Claim

claim = Claim(
    title="Nothing",
    source="Nobody, 1900, Theorem 1",
    statement="",
    real=["nothing"],
    proxied=[],
    not_shown=["all"],
)
