"""statsmodels on the numbers of a table: nothing of it is shared with `ratecheck.inference`.

Repeated values: a generalised linear model with logarithmic link, robust to unequal variances.
Single values: least squares on logs with the HC3 covariance. Means with standard errors: a
Gaussian model with logarithmic link and their inverse variances as weights.

statsmodels is imported only when an opinion is asked for.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ratecheck.tables.data import Data


@dataclass(frozen=True)
class Opinion:
    """The exponent by statsmodels.

    Attributes
    ----------
    method : str
        The model, in a few words.
    exponent : float
        Of the axis as it is.
    interval : pair of float
    """

    method: str
    exponent: float
    interval: tuple[float, float]

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.exponent:.4g} [{low:.4g}, {high:.4g}]"


def of(data: Data, form: str, alpha: float) -> Opinion | None:
    """An opinion of level 1 - alpha; None where there are no three positive means."""
    import numpy as np

    if len(data.x) < 3 or form == "times":
        return None
    x = np.array(data.x)
    if form in ("errors", "signed"):
        if any((y <= 0).any() for y in data.values):
            return None
        from ratecheck.after.second_opinion import log_slope

        exponent, ends = log_slope(data.x, list(data.values), np.ones(len(x)), alpha)
        return Opinion("GLM, log link, HC0", exponent, ends)
    means = np.array([float(y.mean()) for y in data.values])
    if form == "means":
        return _weighted(np.log(x), means, np.array(data.errors), alpha)
    import statsmodels.api as sm

    logs = np.log(np.concatenate(data.values))
    at = np.repeat(np.log(x), [len(y) for y in data.values])
    fitted = sm.OLS(logs, sm.add_constant(at)).fit(cov_type="HC3", use_t=True)
    low, high = fitted.conf_int(alpha)[1]
    return Opinion("OLS of logs, HC3", float(fitted.params[1]), (float(low), float(high)))


def _weighted(log_x, means, errors, alpha: float) -> Opinion | None:  # type: ignore[no-untyped-def]
    import numpy as np
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import DomainWarning

    if (means <= 0).sum() > len(means) - 3:
        return None
    seen = means > 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DomainWarning)  # a log link does not keep means positive
        model = sm.GLM(
            means,
            sm.add_constant(log_x),
            family=sm.families.Gaussian(sm.families.links.Log()),
            var_weights=1 / errors**2,
        )
        start = np.polyfit(log_x[seen], np.log(means[seen]), 1)[::-1]
        fitted = model.fit(start_params=start, scale=1.0)
    low, high = fitted.conf_int(alpha)[1]
    if not np.isfinite([fitted.params[1], low, high]).all():
        return None
    return Opinion(
        "GLM, log link, given errors", float(fitted.params[1]), (float(low), float(high))
    )
