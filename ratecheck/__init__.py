"""ratecheck: checks theorems about rates by simulation."""

__version__ = "0.1.0"
