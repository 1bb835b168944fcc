"""Power laws, Fourier bases and recursions in eigen-coordinates."""

from ratecheck.lab import lazy

__getattr__, __all__ = lazy(__name__, __path__)
