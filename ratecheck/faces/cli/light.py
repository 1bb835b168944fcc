"""A quicker start: parts of numpy that scipy loads along come when something asks for them.

`scipy.special` copies numpy's whole namespace when it is imported, and so loads numpy's Fortran
compiler, its masked arrays and its helpers for tests, a quarter of what a short command costs.
"""

from __future__ import annotations

import importlib.util
import sys

ALONG = ("f2py", "testing", "polynomial", "ctypeslib", "random", "ma", "fft")


def spare() -> None:
    """Let those of numpy's parts that are not loaded yet load at their first use."""
    import numpy

    for part in ALONG:
        name = f"numpy.{part}"
        spec = None if name in sys.modules else importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            continue
        loader = importlib.util.LazyLoader(spec.loader)
        spec.loader = loader
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
        sys.modules[name] = module
        setattr(numpy, part, module)
