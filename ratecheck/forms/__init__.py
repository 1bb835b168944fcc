"""The forms of data that come with the package: importing this makes them known by name."""

from ratecheck.forms.curves import Curves
from ratecheck.forms.errors import Errors
from ratecheck.forms.exact import Exact
from ratecheck.forms.means import Means
from ratecheck.forms.measured import Measured
from ratecheck.forms.signed import Signed
from ratecheck.forms.times import Times
from ratecheck.forms.trajectories import Trajectories

__all__ = ["Curves", "Errors", "Exact", "Means", "Measured", "Signed", "Times", "Trajectories"]
