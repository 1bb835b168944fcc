"""Diffusion models: densities, reverse process, splines, waves."""

from ratecheck.lab import lazy

__getattr__, __all__ = lazy(__name__, __path__)
