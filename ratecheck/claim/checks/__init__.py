"""What a theorem asserts of a quantity: the kinds of check, one class each.

==========  ===============================================  ===========================
kind        the theorem says                                 measured
==========  ===============================================  ===========================
`Rate`      quantity behaves like the formula                log-log slope, two-sided
`AtMost`    quantity = O(formula)                            log-log slope, from above
`AtLeast`   quantity = Omega(formula)                        log-log slope, from below
`Flat`      quantity does not depend on the axis             log-log slope 0, two-sided
`Faster`    ``than``/quantity grows at least like ``by``     paired difference of slopes
`Reaches`   the n at which it reaches a goal is like it      log-log slope of thresholds
`Decay`     quantity behaves like exp(-c t)                  semi-log slope, relative
`Agrees`    quantity / formula is 1                          ratio, at every point
`Below`     quantity < ``than``, or < formula                ratio, at every point
`Above`     quantity > ``than``, or > formula                ratio, at every point
`Additive`  joint error = sum of the parts                   ratio from the corners
==========  ===============================================  ===========================
"""

from ratecheck.claim.checks.additive import Additive
from ratecheck.claim.checks.agrees import Agrees
from ratecheck.claim.checks.base import KINDS, Check
from ratecheck.claim.checks.bounds import AtLeast, AtMost
from ratecheck.claim.checks.decay import Decay
from ratecheck.claim.checks.faster import Faster
from ratecheck.claim.checks.flat import Flat
from ratecheck.claim.checks.order import Above, Below
from ratecheck.claim.checks.rate import Rate
from ratecheck.claim.checks.reaches import Reaches, ReachesWithin

__all__ = [
    "KINDS",
    "Above",
    "Additive",
    "Agrees",
    "AtLeast",
    "AtMost",
    "Below",
    "Check",
    "Decay",
    "Faster",
    "Flat",
    "Rate",
    "Reaches",
    "ReachesWithin",
]
