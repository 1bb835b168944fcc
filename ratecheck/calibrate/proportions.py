"""Counts with their Clopper-Pearson limits."""

from __future__ import annotations

from dataclasses import dataclass

_NARROW = 0.005


@dataclass(frozen=True)
class Rate:
    """How often something happened.

    Attributes
    ----------
    name : str
    count, of : int
    low, high : float
        One-sided 95 % Clopper-Pearson limits.
    least, most : float or None
        What is promised of the rate.
    allowance : float
        Where positive, the limit on the promise's side must lie within the promise and this much
        more (at most 1 % is shown by a limit under 1.5 %); where 0, the share itself is compared.
    """

    name: str
    count: int
    of: int
    low: float
    high: float
    least: float | None = None
    most: float | None = None
    allowance: float = 0.0

    @property
    def rate(self) -> float:
        """The share."""
        return self.count / self.of if self.of else float("nan")

    @property
    def promised(self) -> bool:
        """Whether anything is promised of the rate."""
        return self.least is not None or self.most is not None

    @property
    def holds(self) -> bool | None:
        """Whether the promise is kept; None where nothing is promised.

        None, too, where so few experiments were made that the limits are wide and lie on both sides
        of the promise.
        """
        if not self.promised:
            return None
        low, high = (self.low, self.high) if self.allowance else (self.rate, self.rate)
        if self._within(low, high):
            return True
        few = self.high - self.low > 2 * max(self.allowance, _NARROW)
        return None if few and self._within(self.high, self.low) else False

    def _within(self, low: float, high: float) -> bool:
        """Whether the promise admits all from low to high; turned around: any of it."""
        return (self.least is None or low >= self.least - self.allowance) and (
            self.most is None or high <= self.most + self.allowance
        )


def rate(
    name: str,
    count: int,
    of: int,
    *,
    least: float | None = None,
    most: float | None = None,
    allowance: float = 0.0,
) -> Rate:
    """A rate with its limits (Clopper & Pearson, Biometrika 26, 1934)."""
    from scipy.special import betaincinv

    count, of = int(count), int(of)
    low = float(betaincinv(count, of - count + 1, 0.05)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 0.95)) if count < of else 1.0
    return Rate(name, count, of, low, high, least, most, allowance)
