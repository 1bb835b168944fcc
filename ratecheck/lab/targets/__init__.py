"""What is to be learnt: functions and their classes, with draws and covariances."""

from ratecheck.lab import lazy

__getattr__, __all__ = lazy(__name__, __path__)
