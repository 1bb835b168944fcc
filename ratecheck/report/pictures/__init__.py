"""The pictures of a check: the quantity against the axis, local exponents, and the looks of a run.

The claimed curve and the measured slope both go through the centre of the data (the mean of the
points' coordinates), which is where a theorem up to a constant leaves them free to be put; no
curve is fitted to an end. Rivals are drawn by their slopes through the same centre. A mark beyond
the picture is an arrow head at its edge, never left out.

One file a panel: `curve` (slopes), `ratios`, `local` (exponents below), `looks`; `frame` holds
what surrounds them, `marks` the points, `agreement` where a value agrees with the theorem, `whole`
puts them together.
"""

from ratecheck.report.pictures.agreement import band, tolerance
from ratecheck.report.pictures.frame import key_of
from ratecheck.report.pictures.looks import looks_picture
from ratecheck.report.pictures.whole import check_picture, drawable

__all__ = ["band", "check_picture", "drawable", "key_of", "looks_picture", "tolerance"]
