"""Boltzmann machines that can be enumerated, and differences of convex functions on them."""

from ratecheck.lab import lazy

__getattr__, __all__ = lazy(__name__, __path__)
