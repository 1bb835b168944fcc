"""Freeze the run anew."""

from . import write

write()
