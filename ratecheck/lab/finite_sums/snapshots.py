"""What variance reduction by snapshots costs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Snapshots:
    """A full gradient every so many steps, minibatches of gradient differences between them.

    Attributes
    ----------
    batch : int
        B.
    inner : int
        m, the steps from one snapshot to the next.
    """

    batch: int
    inner: int

    @classmethod
    def square_root(cls, n: int) -> Snapshots:
        """B = m = sqrt(n)."""
        return cls(round(n**0.5), round(n**0.5))

    def charge(self, n: int) -> float:
        """Gradients of components a step, each snapshot spread evenly over its m steps.

        n at the snapshot and 2 B at each of the m - 1 steps after it.
        """
        return (n + 2 * self.batch * (self.inner - 1)) / self.inner
