"""Counts with their Clopper-Pearson limits."""

from __future__ import annotations

from dataclasses import dataclass


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
        How far the limit of the promise's side may lie beyond it, for the finite count.
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
    def holds(self) -> bool | None:
        """Whether the promise is kept: the share is within it, and so is its limit."""
        if self.least is None and self.most is None:
            return None
        low = self.least is None or (
            self.rate >= self.least and self.low >= self.least - self.allowance
        )
        high = self.most is None or (
            self.rate <= self.most and self.high <= self.most + self.allowance
        )
        return low and high


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
